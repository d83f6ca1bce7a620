#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/fs_probe.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/command.h"
#include "daemon/probe.h"
#include "daemon/token.h"
#include "sync/verbs.h"

typedef enum { CHECK_OK, CHECK_WARNING, CHECK_FAILURE, CHECK_RESULTS } CheckResult;
static const char *const result_names[] = {"ok", "warning", "failure"};

typedef struct {
    const char *name;
    CheckResult result;
    const char *text;
    const char *next; /* NULL: nothing is to do */
} Check;

typedef struct {
    Call *call;
    Arena *arena;
    App *app; /* NULL: the collection could not be opened */
    ARRAY(Check) checks;
} Doctor;

#define MIB ((uint64_t)1 << 20)
enum { LITTLE_MIB = 1024, TOO_LITTLE_MIB = 50, OLDEST_GIT = 30, SKEW_MS = 2000, DAEMON_MS = 3000 };
#define FIRST_MS INT64_C(1735689600000) /* 2025: earlier, the clock was never set */

static void add(Doctor *doctor, const char *name, CheckResult result, const char *text,
                const char *next)
{
    ARRAY_PUSH(doctor->arena, &doctor->checks, (Check){name, result, text, next});
}

static void add_error(Doctor *doctor, const char *name, const Error *err)
{
    add(doctor, name, CHECK_FAILURE, arena_format(doctor->arena, "%s", err->message),
        arena_format(doctor->arena, "%s", error_hint(err)));
}

/* ── this machine ── */

static bool is_old_git(Str version)
{
    Str major = {0}, minor = {0};
    uint64_t first = 0, second = 0;
    if (!str_next(&version, '.', &major) || !str_next(&version, '.', &minor) ||
        !str_to_u64(major, &first) || !str_to_u64(minor, &second))
        return true;
    return first < 2 || (first == 2 && second < OLDEST_GIT);
}

static void check_git(Doctor *doctor)
{
    const ProcessSpec spec = {.argv = (const char *const[]){"git", "--version", NULL},
                              .timeout_ms = 10000};
    ProcessResult result = {0};
    Error err = {0};
    if (!process_run(doctor->arena, &spec, &result, &err) || result.exit_code != 0) {
        add(doctor, "git", CHECK_FAILURE, "git could not be run", "Install git 2.30 or newer.");
        return;
    }
    Str version = str_trim(result.output);
    if (str_starts(version, STR("git version ")))
        version = str_slice(version, sizeof "git version " - 1, version.len);
    bool old = is_old_git(version);
    add(doctor, "git", old ? CHECK_FAILURE : CHECK_OK, text_safe(doctor->arena, version),
        old ? "Install git 2.30 or newer." : NULL);
}

static void check_settings(Doctor *doctor)
{
    App *app = doctor->call->app;
    Error err = {0};
    if (!settings_read(doctor->arena, &app->settings_input, &app->settings, &err)) {
        add_error(doctor, "settings", &err);
        return;
    }
    size_t unknown = app->settings.unknown.count;
    doctor->call->output->options.ascii |= setting_bool(&app->settings, SETTING_ASCII);
    const char *file = text_safe(doctor->arena, str_of(app->settings.file));
    if (unknown)
        add(doctor, "settings", CHECK_WARNING,
            arena_format(doctor->arena, "%s of %s name no setting",
                         text_count(doctor->arena, unknown, "key", "keys"), file),
            "weir config");
    else
        add(doctor, "settings", CHECK_OK, app->settings.file_found ? file : "all at their defaults",
            NULL);
}

static void check_clock(Doctor *doctor)
{
    bool sane = clock_ms() > FIRST_MS;
    add(doctor, "clock", sane ? CHECK_OK : CHECK_FAILURE, clock_format(doctor->arena, clock_ms()),
        sane ? NULL : "Set the clock: times of versions and waiting merges come from it.");
}

/* ── the home ── */

static void check_owner(Doctor *doctor, int home)
{
    const char *path = text_safe(doctor->arena, str_of(doctor->call->app->home));
    struct stat stat;
    if (fstat(home, &stat) != 0)
        return;
    if (stat.st_uid != geteuid())
        add(doctor, "home", CHECK_FAILURE,
            arena_format(doctor->arena, "%s belongs to another user", path),
            "Set WEIR_HOME to a folder of your own.");
    else if (stat.st_mode & 077)
        add(doctor, "home", CHECK_WARNING,
            arena_format(doctor->arena, "%s can be read by others (mode %o)", path,
                         (unsigned)stat.st_mode & 0777),
            arena_format(doctor->arena, "chmod 700 %s", path));
    else
        add(doctor, "home", CHECK_OK, path, NULL);
}

static void check_space(Doctor *doctor, const FsProbe *probe)
{
    uint64_t free_mib = probe->free_bytes / MIB;
    CheckResult result = free_mib < TOO_LITTLE_MIB ? CHECK_FAILURE
                         : free_mib < LITTLE_MIB   ? CHECK_WARNING
                                                   : CHECK_OK;
    add(doctor, "space", result,
        arena_format(doctor->arena, "%s free", text_size(doctor->arena, probe->free_bytes)),
        result ? "Free some space; nothing is lost when it runs out, but nothing is written."
               : NULL);
}

static void check_file_system(Doctor *doctor, const FsProbe *probe)
{
    Arena *arena = doctor->arena;
    add(doctor, "file system", probe->remote ? CHECK_WARNING : CHECK_OK, probe->kind,
        probe->remote ? "Keep weir's home on a local file system such as ext4, xfs or btrfs."
                      : NULL);
    add(doctor, "locks", probe->locks ? CHECK_OK : CHECK_FAILURE,
        probe->locks ? "one weir keeps the others out" : "flock does not work here",
        probe->locks ? NULL : "Keep weir's home where flock works.");
    add(doctor, "exchange", probe->exchange ? CHECK_OK : CHECK_WARNING,
        probe->exchange ? "files change places in one step"
                        : "files cannot change places in one step",
        probe->exchange
            ? NULL
            : "Do not edit a file while it is written; better, use ext4, xfs or btrfs.");
    add(doctor, "nameless files", CHECK_OK,
        probe->nameless ? "there are" : "there are none; not needed", NULL);
    bool skewed = probe->ahead_ms > SKEW_MS || probe->ahead_ms < -SKEW_MS;
    add(doctor, "time stamps", skewed || !probe->fine_times ? CHECK_WARNING : CHECK_OK,
        skewed              ? arena_format(arena, "the file system's clock is %lld ms off",
                                           (long long)probe->ahead_ms)
        : probe->fine_times ? "finer than a second, and in step with the clock"
                            : "whole seconds only: unchanged files are read more often",
        skewed ? "Set the clocks of this machine and the file server by the same source." : NULL);
}

/* What a crash, or a weir at work, has left to do; looked at before anything tidies it up. */
static void check_applies(Doctor *doctor, int home)
{
    SCOPED(fd_close) int txn = -1;
    FsNames names = {0};
    Error none = {0};
    size_t count = 0;
    if (fs_open_folder(home, STR("txn"), &txn, &none) && fs_list(doctor->arena, txn, &names, &none))
        for (size_t i = 0; i < names.count; i++)
            count += names.items[i].kind == FS_FOLDER;
    add(doctor, "applies", count ? CHECK_WARNING : CHECK_OK,
        count ? arena_format(doctor->arena, "%s in flight or interrupted",
                             text_count(doctor->arena, count, "apply", "applies"))
              : "none was interrupted",
        count ? "weir status (every command first finishes or undoes what was begun)" : NULL);
}

/* ── the daemon ── */

static void check_serving(Doctor *doctor, int home)
{
    bool found = false, stale = false;
    ServeHolder holder = {0};
    Error err = {0};
    if (!serve_lock_look(doctor->arena, home, &found, &stale, &holder, &err)) {
        add_error(doctor, "daemon", &err);
        return;
    }
    const char *place =
        text_safe(doctor->arena, holder.address.len ? holder.address : holder.socket);
    if (stale)
        add(doctor, "daemon", CHECK_WARNING,
            arena_format(doctor->arena, "the last one, process %lld, died; its jobs wait",
                         (long long)holder.pid),
            "weir serve");
    else if (!found)
        add(doctor, "daemon", CHECK_OK, "none runs", NULL);
    else if (!daemon_probe(&holder, DAEMON_MS, &err))
        add(doctor, "daemon", CHECK_FAILURE,
            arena_format(doctor->arena, "process %lld at %s: %s", (long long)holder.pid, place,
                         err.message),
            arena_format(doctor->arena, "kill %lld; weir serve", (long long)holder.pid));
    else
        add(doctor, "daemon", CHECK_OK,
            arena_format(doctor->arena, "process %lld answers at %s", (long long)holder.pid, place),
            NULL);
}

static void check_token(Doctor *doctor, int home)
{
    SCOPED(secret_free) Secret *token = NULL;
    Error err = {0};
    if (token_read(home, &token, &err))
        add(doctor, "token", CHECK_OK, "there is one, for this user alone", NULL);
    else if (err.code != ERR_NOT_FOUND)
        add_error(doctor, "token", &err);
}

static void check_home(Doctor *doctor)
{
    SCOPED(fd_close) int home = -1;
    FsProbe probe = {0};
    Error err = {0};
    const char *path = doctor->call->app->home;
    if (!fs_exists(path)) {
        add(doctor, "home", CHECK_WARNING,
            arena_format(doctor->arena, "there is none at %s yet",
                         text_safe(doctor->arena, str_of(path))),
            "weir init");
        return;
    }
    if (!fs_open_root(path, &home, &err)) {
        add_error(doctor, "home", &err);
        return;
    }
    check_owner(doctor, home);
    check_applies(doctor, home);
    check_serving(doctor, home);
    check_token(doctor, home);
    if (!fs_probe(doctor->arena, home, &probe, &err)) {
        add_error(doctor, "file system", &err);
        return;
    }
    check_space(doctor, &probe);
    check_file_system(doctor, &probe);
}

/* ── what is recorded ── */

static void check_records(Doctor *doctor)
{
    ArtifactList list = {0};
    Error err = {0};
    if (!collection_list(&doctor->app->workspace, &list, &err)) {
        add_error(doctor, "records", &err);
        return;
    }
    add(doctor, "records", CHECK_OK,
        arena_format(doctor->arena, "collection %s with %s", doctor->app->workspace.collection_name,
                     text_count(doctor->arena, list.count, "artifact", "artifacts")),
        NULL);
}

static void check_projects(Doctor *doctor)
{
    ProjectInfos projects = {0};
    Error err = {0};
    if (!project_list(&doctor->app->workspace, &projects, &err)) {
        add_error(doctor, "projects", &err);
        return;
    }
    for (size_t i = 0; i < projects.count; i++) {
        const ProjectInfo *project = &projects.items[i];
        const char *path = text_safe(doctor->arena, str_of(project->path));
        if (!project->reachable)
            add(doctor, "project", CHECK_WARNING,
                arena_format(doctor->arena, "%s cannot be read", path),
                arena_format(doctor->arena, "weir project forget %s", path));
    }
    add(doctor, "projects", CHECK_OK,
        text_count(doctor->arena, projects.count, "known project", "known projects"), NULL);
}

static bool check_upstreams(Doctor *doctor, Error *err)
{
    DriftRequest request = {.check_upstream = true, .no_changes = true};
    Drift drift = {0};
    request.artifact = option_value(doctor->call->options, "upstream");
    if (!verb_drift(&doctor->app->workspace, &request, &drift, err))
        return false;
    for (size_t i = 0; i < drift.items.count; i++) {
        const DriftItem *item = &drift.items.items[i];
        if (item->edge != EDGE_UPSTREAM)
            continue;
        const char *id = text_safe(doctor->arena, item->artifact);
        const ErrorNote *error = item->stale.code ? &item->stale : &item->error;
        const char *what = error->code ? error->message : "its upstream answers";
        add(doctor, "upstream", error->code ? CHECK_FAILURE : CHECK_OK,
            arena_format(doctor->arena, "%s: %s", id, what), error->code ? error->hint : NULL);
    }
    return true;
}

/* The collection, when there is one; what stands in the way is a finding. */
static bool check_collection(Doctor *doctor, Error *err)
{
    Call *call = doctor->call;
    const AppOptions options = {.verb = "doctor",
                                .command = call->typed,
                                .trace_id = out_trace_id(call->output),
                                .set = option_values(call->arena, call->options, "set")};
    SCOPED(app_close) App *app = NULL;
    Error closed = {0};
    if (!app_open(call->arena, NEEDS_COLLECTION, &options, &app, &closed)) {
        if (closed.code == ERR_NOT_INITIALIZED)
            add(doctor, "records", CHECK_WARNING, arena_format(doctor->arena, "%s", closed.message),
                "weir init");
        else
            add_error(doctor, "records", &closed);
        return true;
    }
    doctor->app = app;
    check_records(doctor);
    check_projects(doctor);
    bool asks = option_given(call->options, "upstream") || option_given(call->options, "all");
    bool done = !asks || check_upstreams(doctor, err);
    doctor->app = NULL;
    return done;
}

/* ── saying it ── */

static size_t count_results(const Doctor *doctor, CheckResult result)
{
    size_t count = 0;
    for (size_t i = 0; i < doctor->checks.count; i++)
        count += doctor->checks.items[i].result == result;
    return count;
}

static void print_json(const Doctor *doctor)
{
    Output *output = doctor->call->output;
    JsonWriter json = out_json_begin(output);
    json_key(&json, "checks");
    json_begin_array(&json);
    for (size_t i = 0; i < doctor->checks.count; i++) {
        const Check *check = &doctor->checks.items[i];
        json_begin_object(&json);
        json_member_text(&json, "name", check->name);
        json_member_text(&json, "result", result_names[check->result]);
        json_member_text(&json, "message", check->text);
        if (check->next)
            json_member_text(&json, "next", check->next);
        else
            json_member_null(&json, "next");
        json_end_object(&json);
    }
    json_end_array(&json);
    json_member_integer(&json, "warnings", (int64_t)count_results(doctor, CHECK_WARNING));
    json_member_integer(&json, "failures", (int64_t)count_results(doctor, CHECK_FAILURE));
    json_member_text(&json, "trace_id", out_trace_id(output));
    out_json_end(output, &json);
}

static void print_check(Output *output, const Check *check)
{
    const char *marks[] = {glyph(output, "✓", "="), "!", "x"};
    static const Ink inks[] = {INK_GOOD, INK_OUTDATED, INK_BAD};
    out_line(output, "  %s %-14s  %s", ink(output, inks[check->result], marks[check->result]),
             check->name, check->text);
    if (check->next)
        out_line(output, "    %-14s  %s", result_names[check->result], check->next);
}

static void print_text(const Doctor *doctor)
{
    Output *output = doctor->call->output;
    size_t warnings = count_results(doctor, CHECK_WARNING);
    size_t failures = count_results(doctor, CHECK_FAILURE);
    if (!warnings && !failures)
        out_line(output, "All is well: %s.",
                 text_count(doctor->arena, doctor->checks.count, "check", "checks"));
    else
        out_line(output, "%s, %s.", text_count(doctor->arena, failures, "failure", "failures"),
                 text_count(doctor->arena, warnings, "warning", "warnings"));
    for (size_t i = 0; i < doctor->checks.count; i++)
        print_check(output, &doctor->checks.items[i]);
    if (!warnings && !failures)
        out_next(output, "weir status");
}

static bool check_doctor(const Call *call, Error *err)
{
    return !option_given(call->options, "upstream") || !option_given(call->options, "all") ||
           fail(err, ERR_USAGE, "--upstream names one artifact, --all means each; say one");
}

static bool run_doctor(Call *call, Error *err)
{
    Doctor doctor = {.call = call, .arena = call->arena};
    check_git(&doctor);
    check_settings(&doctor);
    check_clock(&doctor);
    check_home(&doctor);
    if (!check_collection(&doctor, err))
        return false;
    if (call->output->options.json)
        print_json(&doctor);
    else
        print_text(&doctor);
    call->exit_code = count_results(&doctor, CHECK_FAILURE) ? 1 : 0;
    return true;
}

static const Option options[] = {
    {.name = "upstream", .value = "TYPE:NAME", .about = "ask this artifact's upstream too"},
    {.name = "all", .about = "ask every upstream"},
    {0},
};

const Command command_doctor = {
    .name = "doctor",
    .summary = "look whether weir can work here, and say what to do where it cannot",
    .usage = (const char *const[]){"[--upstream TYPE:NAME | --all] [--json]", NULL},
    .about = "git, settings, clock, the home with its file system and records, daemon, known "
             "projects. A "
             "probe makes\ntwo small files in the home and removes them. Exit 1 with a failure; "
             "warnings "
             "are no failure.",
    .options = options,
    .examples = (const char *const[]){"weir doctor", "weir doctor --upstream skill:pdf",
                                      "weir doctor --all --json", NULL},
    .needs = NEEDS_PATHS,
    .check = check_doctor,
    .run = run_doctor,
};
