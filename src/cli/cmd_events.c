#include <poll.h>
#include <unistd.h>

#include "base/process.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/rows.h"
#include "cli/words.h"
#include "events/event_record.h"

enum { SHOWN = 50, PAGE = 500, LOOK_MS = 100 };

/* ── what is asked for ── */

typedef struct {
    EventFilter filter;
    bool after_given;
    size_t limit;
} Wanted;

static bool read_number(const Call *call, const char *name, uint64_t standard, uint64_t *out,
                        Error *err)
{
    const char *text = option_value(call->options, name);
    *out = standard;
    return !text || (str_to_u64(str_of(text), out) && *out <= INT32_MAX) ||
           fail(err, ERR_USAGE, "--%s takes a number", name);
}

static bool read_wanted(const Call *call, Wanted *out, Error *err)
{
    uint64_t after = 0, limit = SHOWN;
    Wanted wanted = {.after_given = option_given(call->options, "after")};
    if (!read_number(call, "after", 0, &after, err) ||
        !read_number(call, "limit", SHOWN, &limit, err))
        return false;
    wanted.filter.after = (int64_t)after;
    wanted.filter.kinds = option_values(call->arena, call->options, "kind");
    wanted.filter.artifacts = option_values(call->arena, call->options, "artifact");
    wanted.limit = limit ? (size_t)limit : PAGE;
    for (size_t i = 0; i < wanted.filter.kinds.count; i++)
        if (!event_pattern_is_known(wanted.filter.kinds.items[i]))
            return fail(err, ERR_USAGE, "no event is of the kind '%s'",
                        text_safe(call->arena, wanted.filter.kinds.items[i])) ||
                   fail_hint(err, "Kinds are job.success, job.*, operation.applied and the like.");
    *out = wanted;
    return true;
}

static bool check_events(const Call *call, Error *err)
{
    Wanted ignored;
    return read_wanted(call, &ignored, err);
}

/* Without --after the newest ones: the last numbers there are. */
static bool from_the_end(Db *db, Wanted *wanted, bool follow, Error *err)
{
    int64_t last = 0;
    if (wanted->after_given || wanted->filter.kinds.count || wanted->filter.artifacts.count)
        return true;
    if (!event_last(db, &last, err))
        return false;
    int64_t back = follow ? 0 : (int64_t)wanted->limit;
    wanted->filter.after = last > back ? last - back : 0;
    return true;
}

/* ── showing ── */

static Row event_row(Arena *arena, const Event *event)
{
    return ROW({arena_format(arena, "%lld", (long long)event->seq), INK_FAINT},
               {time_short(arena, event->at_ms), INK_FAINT},
               {text_safe(arena, event->kind), INK_STRONG},
               {event->artifact.len ? text_safe(arena, event->artifact) : "", INK_NONE},
               {text_safe(arena, event->subject), INK_FAINT});
}

static void events_json(Call *call, const Events *events, bool gap)
{
    JsonWriter json = out_json_begin(call->output);
    json_key(&json, "events");
    json_begin_array(&json);
    for (size_t i = 0; i < events->count; i++)
        record_to_json(&json, &event_record, &events->items[i]);
    json_end_array(&json);
    json_member_bool(&json, "gap", gap);
    json_member_text(&json, "trace_id", out_trace_id(call->output));
    out_json_end(call->output, &json);
}

static void events_text(Call *call, const Events *events, bool gap)
{
    Rows rows = {0};
    if (gap)
        out_note(call->output, "note: older events are gone; these are the oldest there are");
    for (size_t i = 0; i < events->count; i++)
        ARRAY_PUSH(call->arena, &rows, event_row(call->arena, &events->items[i]));
    if (!events->count)
        out_line(call->output, "Nothing has happened.");
    rows_print(call->output, &rows, "");
    out_next(call->output, "weir events --follow");
}

/* ── as it happens ── */

static void say_now(Call *call, Arena *arena, const Event *event)
{
    Output *output = call->output;
    Rows rows = {0};
    if (output->options.json) {
        JsonWriter json = json_writer(&output->text, false);
        record_to_json(&json, &event_record, event);
        buf_add_char(&output->text, '\n');
    } else {
        ARRAY_PUSH(arena, &rows, event_row(arena, event));
        rows_print(output, &rows, "");
    }
}

static bool follow_once(Call *call, Wanted *wanted, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Events events = {0};
    bool gap = false;
    if (!event_list(arena, call->app->workspace.db, &wanted->filter, PAGE, &events, &gap, err))
        return false;
    for (size_t i = 0; i < events.count; i++) {
        say_now(call, arena, &events.items[i]);
        wanted->filter.after = events.items[i].seq;
    }
    if (events.count)
        out_flush(call->output);
    return true;
}

/* Rests a moment; false when whoever read this has gone: a pipe tells that before the next write. */
static bool somebody_reads(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO};
    return poll(&out, 1, LOOK_MS) <= 0 || !(out.revents & (POLLERR | POLLNVAL));
}

/* Ends with Ctrl-C, or when nobody reads any more; which is how it is meant to end. */
static bool follow(Call *call, Wanted *wanted, Error *err)
{
    int64_t seen = -1, now = 0;
    do {
        if (call->output->failed)
            break;
        if (!db_data_version(call->app->workspace.db, &now, err))
            return false;
        if (now != seen && !follow_once(call, wanted, err))
            return false;
        seen = now;
    } while (!interrupted() && somebody_reads());
    return true;
}

static bool run_events(Call *call, Error *err)
{
    Wanted wanted;
    Events events = {0};
    bool gap = false, follows = option_given(call->options, "follow");
    Db *db = call->app->workspace.db;
    if (!read_wanted(call, &wanted, err) || !from_the_end(db, &wanted, follows, err))
        return false;
    if (follows)
        return follow(call, &wanted, err);
    if (!event_list(call->arena, db, &wanted.filter, wanted.limit, &events, &gap, err))
        return false;
    if (call->output->options.json)
        events_json(call, &events, gap);
    else
        events_text(call, &events, gap);
    return true;
}

static const Option options[] = {
    {.name = "follow", .letter = 'f', .about = "go on as things happen, until Ctrl-C"},
    {.name = "after", .value = "SEQ", .about = "only what came behind that number"},
    {.name = "kind",
     .value = "KIND",
     .repeated = true,
     .about = "only that kind: job.success, job.*, operation.applied"},
    {.name = "artifact", .value = "TYPE:NAME", .repeated = true, .about = "only about that one"},
    {.name = "limit", .letter = 'n', .value = "N", .about = "how many; 50"},
    {0},
};

const Command command_events = {
    .name = "events",
    .summary = "what has happened, and what happens: jobs and operations, numbered",
    .usage = (const char *const[]){"[--follow] [--after SEQ] [--kind KIND] [--artifact TYPE:NAME] "
                                   "[--limit N] [--json]",
                                   NULL},
    .about =
        "Oldest first. With --follow it begins now, or behind --after, and goes on; with --json "
        "each event is\nthen a line of its own. Works on the store itself, whether or not a "
        "daemon runs.",
    .options = options,
    .examples = (const char *const[]){"weir events", "weir events --follow --kind 'job.*'",
                                      "weir events --after 120 --json", NULL},
    .needs = NEEDS_COLLECTION,
    .check = check_events,
    .run = run_events,
};
