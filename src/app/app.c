#include "app/app.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/ids.h"
#include "base/path.h"
#include "base/text.h"
#include "obs/redact.h"

bool app_cwd(Arena *arena, const char **out, Error *err)
{
    char folder[4096];
    if (!getcwd(folder, sizeof folder))
        return fail_errno(err, "cannot tell the current folder") ||
               fail_hint(err, "cd to a folder that exists.");
    *out = arena_text(arena, str_of(folder));
    return true;
}

/* ── trace id: 00-<32 hex>-<16 hex>-<2 hex>, W3C traceparent ── */

/* All zeros are no id. */
static bool is_id(Str text, size_t digits)
{
    return text.len == digits && str_is_hex(text) &&
           memcmp(text.data, "00000000000000000000000000000000", digits) != 0;
}

typedef struct {
    Str trace, span;
} TraceParent;

static bool read_traceparent(TraceParent *out)
{
    Str rest = str_of(getenv("TRACEPARENT")), version = {0};
    return str_next(&rest, '-', &version) && str_next(&rest, '-', &out->trace) &&
           str_next(&rest, '-', &out->span) && version.len == 2 && !str_is(version, "ff") &&
           is_id(out->trace, 32) && is_id(out->span, 16);
}

const char *app_trace_id(Arena *arena)
{
    TraceParent parent = {0};
    return read_traceparent(&parent) ? arena_text(arena, parent.trace) : trace_id_new(arena);
}

/* The caller's span; NULL when it told none. */
static const char *app_parent_id(Arena *arena)
{
    TraceParent parent = {0};
    return read_traceparent(&parent) ? arena_text(arena, parent.span) : NULL;
}

/* ── the command line ── */

const char *app_command_line(Arena *arena, const char *const *arguments, size_t count)
{
    Buf buf = buf_new(arena);
    buf_add_text(&buf, "weir");
    for (size_t i = 0; i < count; i++) {
        buf_add_char(&buf, ' ');
        text_add_word(&buf, redact(arena, str_of(arguments[i]), NULL));
    }
    return buf_text(&buf);
}

/* ── opening ── */

static const char *absolute_variable(const char *name)
{
    const char *value = getenv(name);
    return value && value[0] == '/' ? value : NULL;
}

static bool find_home(Arena *arena, const char **home, bool *named, Error *err)
{
    const char *value = getenv("WEIR_HOME"), *cwd = NULL;
    *named = value && *value;
    if (*named && *value == '/') {
        *home = path_absolute(arena, "/", value);
        return true;
    }
    if (*named) {
        if (!app_cwd(arena, &cwd, err))
            return false;
        *home = path_absolute(arena, cwd, value);
        return true;
    }
    const char *data = absolute_variable("XDG_DATA_HOME");
    const char *person = absolute_variable("HOME");
    if (!data && !person)
        return fail(err, ERR_CONFIG_INVALID, "neither WEIR_HOME nor HOME is set to a folder") ||
               fail_hint(err, "Set HOME, or WEIR_HOME to where weir may keep its data.");
    *home = data ? path_join(arena, str_of(data), STR("weir"))
                 : path_join(arena, str_of(person), STR(".local/share/weir"));
    return true;
}

static const char *actor_of_process(Arena *arena)
{
    char host[256] = "", space[4096];
    struct passwd entry, *found = NULL;
    (void)getpwuid_r(getuid(), &entry, space, sizeof space, &found);
    if (gethostname(host, sizeof host - 1) != 0 || !host[0])
        memcpy(host, "localhost", sizeof "localhost");
    if (found)
        return arena_format(arena, "%s@%s", found->pw_name, host);
    return arena_format(arena, "uid%lu@%s", (unsigned long)getuid(), host);
}

static MergeStyle marker_style(const Settings *settings)
{
    const char *style = setting_text(settings, SETTING_MARKER_STYLE);
    return strcmp(style, "diff3") == 0    ? MERGE_STYLE_DIFF3
           : strcmp(style, "zdiff3") == 0 ? MERGE_STYLE_ZDIFF3
                                          : MERGE_STYLE_MERGE;
}

/* Several batches of few artifacts, where a test would need hundreds: WEIR_TEST_BATCH. */
static size_t batch_for_tests(void)
{
    const char *text = getenv("WEIR_TEST_BATCH");
    uint64_t count = 0;
    return text && str_to_u64(str_of(text), &count) ? (size_t)count : 0;
}

static void fill_workspace(App *app, const AppOptions *options)
{
    Arena *arena = app->arena;
    const Settings *settings = &app->settings;
    Workspace *ws = &app->workspace;
    ws->arena = arena;
    ws->home = app->home;
    ws->collection_name = setting_text(settings, SETTING_COLLECTION);
    ws->collection_path = arena_format(arena, "%s/collections/%s", app->home, ws->collection_name);
    ws->actor = actor_of_process(arena);
    ws->trace_id = options->trace_id;
    ws->verb = options->verb;
    ws->command = options->command;
    ws->marker_style = marker_style(settings);
    ws->dry_run_only = setting_bool(settings, SETTING_SYNC_FORCE_DRY_RUN);
    ws->auto_merge = setting_bool(settings, SETTING_ENABLE_AUTO_MERGE);
    ws->upstream_check = setting_bool(settings, SETTING_ENABLE_UPSTREAM_CHECK);
    ws->read_threads = (int)setting_number(settings, SETTING_READ_JOBS);
    ws->upstream_threads = (int)setting_number(settings, SETTING_UPSTREAM_JOBS);
    ws->default_host = setting_text(settings, SETTING_DEFAULT_HOST);
    ws->places = &settings->places;
    ws->lock_timeout_ms = (int)setting_number(settings, SETTING_LOCK_TIMEOUT_MS);
    ws->restore = options->restore;
    ws->accept_risk = options->accept_risk;
    ws->notice = options->notice;
    ws->progress = options->progress;
    ws->notice_context = options->notice_context;
    ws->batch_artifacts = batch_for_tests();
}

/* What cannot be looked at may well be there: `weir init` would be the wrong advice. */
static bool find_folder(const char *path, bool *found, Error *err)
{
    FsStat stat;
    *found = fs_stat_path(path, &stat, err);
    return *found || err->code == ERR_NOT_FOUND;
}

static bool open_home(App *app, AppNeeds needs, Error *err)
{
    Workspace *ws = &app->workspace;
    if (needs == NEEDS_NEW_HOME && !fs_exists(app->home) && !workspace_check_writes(ws, err))
        return false;
    if (needs == NEEDS_NEW_HOME)
        return fs_make_root(app->home, 0700, &ws->home_fd, err) ||
               fail_hint(err, "Set WEIR_HOME to a folder that exists or can be made.");
    bool home = false, collection = false;
    if (!find_folder(app->home, &home, err) ||
        (home && !find_folder(ws->collection_path, &collection, err)))
        return false;
    if (!home)
        return fail(err, ERR_NOT_INITIALIZED, "there is no weir home at '%s' yet",
                    text_safe(app->arena, str_of(app->home)));
    if (!collection)
        return fail(err, ERR_NOT_INITIALIZED, "there is no collection '%s' in '%s' yet",
                    ws->collection_name, text_safe(app->arena, str_of(app->home)));
    return fs_open_root(app->home, &ws->home_fd, err);
}

static GitSettings git_settings(const App *app, const AppOptions *options)
{
    const Settings *settings = &app->settings;
    return (GitSettings){
        .may_ask = options->may_ask,
        .offline = options->offline || setting_bool(settings, SETTING_OFFLINE),
        .silence_ms = (int)setting_number(settings, SETTING_UPSTREAM_TIMEOUT_MS),
        .retry_delay_ms = (int)setting_number(settings, SETTING_UPSTREAM_RETRY_MS),
        .delay_ms = (int)setting_number(settings, SETTING_UPSTREAM_DELAY_MS),
    };
}

static bool open_drivers(App *app, const AppOptions *options, Error *err)
{
    Workspace *ws = &app->workspace;
    GitSettings git = git_settings(app, options);
    return db_open(app->arena, app->home, DB_RECORDS, &ws->db, err) &&
           store_open(app->arena, app->home, &ws->store, err) &&
           git_open(app->arena, app->home, &git, &ws->git, err);
}

/* ── what is measured and logged ── */

static void secret_values(Arena *arena, StrArray *out)
{
    for (char **one = environ; *one; one++) {
        Str value = str_of(*one), name = {0};
        if (str_next(&value, '=', &name) && redact_is_secret_name(name))
            ARRAY_PUSH(arena, out, value);
    }
}

static const char *log_path(const App *app, const AppOptions *options)
{
    const char *path = options->log ? options->log : setting_text(&app->settings, SETTING_LOG);
    return strcmp(path, "none") == 0 ? NULL : path;
}

/* Only where somebody will look at it: else there is no tracer, and spans are nothing. */
static void open_log(App *app, const AppOptions *options)
{
    LogOptions log = {.path = log_path(app, options),
                      .notice = options->notice,
                      .context = options->notice_context};
    if (!log.path && !options->timed && !options->span_sink)
        return;
    Tracer *tracer = tracer_new(app->arena, options->trace_id,
                                options->parent_id ? options->parent_id : app_parent_id(app->arena),
                                options->verb);
    if (log.path) {
        secret_values(app->arena, &log.secrets);
        app->log = log_open(app->arena, &log);
        tracer_add_sink(tracer, log_event, app->log);
    }
    if (options->span_sink)
        tracer_add_sink(tracer, options->span_sink, options->span_context);
    tracer_set_job(tracer, options->job_id);
    app->workspace.tracer = tracer;
    span_begin(&app->command, tracer, "command");
    app->command.event.message = options->command;
}

void app_ended(App *app, const Error *err, int exit_code)
{
    LogEvent *event = &app->command.event;
    if (!app->command.tracer)
        return;
    event->result = err ? "error" : exit_code ? "attention" : "ok";
    event->level = err ? LEVEL_ERROR : exit_code ? LEVEL_WARN : LEVEL_INFO;
    if (err) {
        event->error_code = error_name(err->code);
        event->error_message = err->message;
    }
    event->phases = tracer_phases(app->workspace.tracer);
    span_end(&app->command);
}

bool app_open(Arena *arena, AppNeeds needs, const AppOptions *options, App **out, Error *err)
{
    SCOPED(app_close) App *app = ARENA_NEW(arena, App);
    app->arena = arena;
    app->workspace.home_fd = -1;
    bool named = false;
    if (!find_home(arena, &app->home, &named, err))
        return false;
    app->settings_input = (SettingsInput){named ? app->home : NULL, options->set};
    if (needs == NEEDS_PATHS
            ? !settings_file(arena, app->settings_input.home, &app->settings.file, err)
            : !settings_read(arena, &app->settings_input, &app->settings, err))
        return false;
    if (needs >= NEEDS_SETTINGS) {
        fill_workspace(app, options);
        open_log(app, options);
    }
    if (needs >= NEEDS_NEW_HOME &&
        !(open_home(app, needs, err) && open_drivers(app, options, err))) {
        app_ended(app, err, 0);
        return false;
    }
    *out = TAKE(app);
    return true;
}

void app_close(App **app)
{
    if (!*app)
        return;
    Workspace *ws = &(*app)->workspace;
    span_end(&(*app)->command);
    log_close(&(*app)->log);
    git_close(&ws->git);
    store_close(&ws->store);
    db_close(&ws->db);
    fd_close(&ws->home_fd);
    *app = NULL;
}

bool app_in_place(const App *app)
{
    const Workspace *ws = &app->workspace;
    return (!ws->db || db_in_place(ws->db)) && (!ws->store || store_in_place(ws->store));
}
