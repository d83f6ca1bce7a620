#include "obs/log.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"
#include "format/json_write.h"
#include "obs/redact.h"

struct Log {
    LogOptions options;
    int fd;
    bool told; /* that it cannot be written */
};

typedef struct {
    Arena *arena;
    const StrArray *secrets;
    JsonWriter json;
} Line;

static void add_text(Line *line, const char *key, Str text)
{
    if (text.data)
        json_member(&line->json, key, redact(line->arena, text, line->secrets));
    else
        json_member_null(&line->json, key);
}

static void add_time(Line *line)
{
    int64_t now = clock_ms();
    Str seconds = str_of(clock_format(line->arena, now)); /* ...08:00:00Z */
    json_member_text(&line->json, "time",
                     arena_format(line->arena, "%.*s.%03dZ", (int)seconds.len - 1, seconds.data,
                                  (int)(now % 1000)));
}

static void add_milliseconds(Line *line, const char *key, int64_t us)
{
    us = us < 0 ? 0 : us;
    json_key(&line->json, key);
    json_raw(&line->json, str_of(arena_format(line->arena, "%lld.%03lld", (long long)(us / 1000),
                                              (long long)(us % 1000))));
}

static void add_conflict_files(Line *line, const StrArray *files)
{
    json_key(&line->json, "conflict_files");
    json_begin_array(&line->json);
    for (size_t i = 0; i < files->count; i++)
        json_string(&line->json, redact(line->arena, files->items[i], line->secrets));
    json_end_array(&line->json);
}

static void add_error(Line *line, const LogEvent *event)
{
    json_key(&line->json, "error");
    if (!event->error_code) {
        json_null(&line->json);
        return;
    }
    json_begin_object(&line->json);
    json_member_text(&line->json, "code", event->error_code);
    add_text(line, "message", str_of(event->error_message));
    json_end_object(&line->json);
}

static void add_phases(Line *line, const Phases *phases)
{
    json_key(&line->json, "phases");
    json_begin_object(&line->json);
    for (size_t i = 0; i < phases->count; i++)
        add_milliseconds(line, phases->items[i].name, phases->items[i].self_us);
    json_end_object(&line->json);
}

static void add_members(Line *line, const LogEvent *event)
{
    static const char *const levels[] = {"info", "warn", "error"};
    JsonWriter *json = &line->json;
    add_time(line);
    json_member_text(json, "level", levels[event->level]);
    json_member_text(json, "span", event->span);
    add_text(line, "message", str_of(event->message));
    add_text(line, "operation_type", str_of(event->operation_type));
    add_text(line, "artifact_id", event->artifact_id);
    json_member_text(json, "direction", event->direction);
    json_member_text(json, "result", event->result);
    add_milliseconds(line, "duration_ms", event->duration_us);
    if (event->has_merge)
        json_member_bool(json, "auto_merge", event->auto_merge);
    else
        json_member_null(json, "auto_merge");
    add_conflict_files(line, &event->conflict_files);
    add_text(line, "job_id", event->job_id);
    add_text(line, "operation", event->operation);
    json_member_text(json, "trace_id", event->trace_id);
    json_member_text(json, "span_id", event->span_id);
    json_member_text(json, "parent_id", event->parent_id);
    add_error(line, event);
    if (event->request_id)
        json_member_text(json, "request_id", event->request_id);
    if (event->phases)
        add_phases(line, event->phases);
}

Str log_line(Arena *arena, const LogEvent *event, const StrArray *secrets)
{
    Buf buf = buf_new(arena);
    Line line = {.arena = arena, .secrets = secrets, .json = json_writer(&buf, false)};
    json_begin_object(&line.json);
    add_members(&line, event);
    json_end_object(&line.json);
    buf_add_char(&buf, '\n');
    return buf_str(&buf);
}

static void tell(Log *log, const Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    if (!log->told && log->options.notice)
        log->options.notice(
            log->options.context,
            arena_format(arena, "warning: the log is not written: %s", err->message));
    log->told = true;
}

Log *log_open(Arena *arena, const LogOptions *options)
{
    Error err;
    Log *log = ARENA_NEW(arena, Log);
    log->options = *options;
    log->fd = -1;
    if (!fs_open_append(options->path, 0600, &log->fd, &err))
        tell(log, &err);
    return log;
}

void log_close(Log **log)
{
    if (*log)
        fd_close(&(*log)->fd);
    *log = NULL;
}

void log_event(void *opaque, const LogEvent *event)
{
    Log *log = opaque;
    Error err;
    if (log->fd < 0)
        return;
    SCOPED(arena_close) Arena *arena = arena_open();
    if (fs_write_fd(log->fd, log_line(arena, event, &log->options.secrets), &err))
        return;
    tell(log, &err);
    fd_close(&log->fd);
}
