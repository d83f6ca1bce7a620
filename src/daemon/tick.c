/* What the daemon does by the clock: retention, old exports, upstream checks; and reading settings
 * anew. */
#include "base/clock.h"
#include "base/fs.h"
#include "base/ids.h"
#include "base/path.h"
#include "base/text.h"
#include "daemon/daemon_internal.h"
#include "daemon/worker.h"
#include "sync/job_bodies.h"

#define MINUTE_US ((int64_t)60 * 1000000)
#define HOUR_US (60 * MINUTE_US)
#define DAY_MS ((int64_t)24 * 3600 * 1000)

enum { KEEP_DAYS = 30 };

/* ── retention ── */

static void prune(Daemon *daemon)
{
    size_t removed = 0;
    Error err;
    if (!job_prune(daemon->queue, KEEP_DAYS * DAY_MS, &removed, &err))
        daemon_notice(daemon,
                      arena_format(daemon->arena, "old jobs stay for now: %s", err.message));
}

/* Downloads refuse a patch when its time is over; here it goes, and so does what a crash left half
 * written. */
static void prune_exports(Daemon *daemon)
{
    int64_t keep_ms = setting_number(&daemon->app->settings, SETTING_PATCH_KEEP_MINUTES) * 60000;
    SCOPED(arena_close) Arena *arena = arena_open();
    SCOPED(fd_close) int folder = -1;
    FsNames names = {0};
    Error ignored;
    if (!fs_open_folder(daemon->home_fd, STR(JOB_EXPORTS_FOLDER), &folder, &ignored) ||
        !fs_list(arena, folder, &names, &ignored))
        return;
    for (size_t i = 0; i < names.count; i++) {
        FsStat stat;
        bool found = false;
        if (fs_stat_at(folder, names.items[i].name, &found, &stat, &ignored) && found &&
            clock_ms() - stat.mtime_ns / 1000000 > keep_ms)
            (void)!fs_remove_at(folder, names.items[i].name, false, &ignored);
    }
}

/* ── upstream checks ── */

/* From nine to eleven tenths, so that many daemons do not ask at once. */
static int64_t with_jitter(int64_t us)
{
    uint32_t chance;
    random_bytes(&chance, sizeof chance);
    return us - us / 10 + (int64_t)((uint64_t)us / 5 * (chance % 1000) / 1000);
}

static int64_t interval_us(const Daemon *daemon)
{
    const Settings *settings = &daemon->app->settings;
    bool on = setting_bool(settings, SETTING_ENABLE_UPSTREAM_CHECK) &&
              setting_bool(settings, SETTING_SYNC_ASYNC_ENABLED);
    return on ? setting_number(settings, SETTING_UPSTREAM_CHECK_MINUTES) * MINUTE_US : 0;
}

/* A restart is no reason to ask again. */
static int64_t next_check_us(Daemon *daemon)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    int64_t now = clock_monotonic_us(), interval = with_jitter(interval_us(daemon));
    JobFilter filter = {.state = -1, .kind = JOB_KIND_UPSTREAM_CHECK, .limit = 1};
    Jobs jobs = {0};
    bool more;
    Error ignored;
    if (!job_list(daemon->queue, arena, &filter, &jobs, &more, &ignored) || !jobs.count)
        return now + (interval < MINUTE_US ? interval : MINUTE_US);
    int64_t age_us = (clock_ms() - jobs.items[0].created_ms) * 1000;
    age_us = age_us < 0 ? 0 : age_us > interval ? interval : age_us;
    return now + interval - age_us;
}

static bool is_waiting(Daemon *daemon)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Error ignored;
    for (JobState state = JOB_QUEUED; state <= JOB_RUNNING; state++) {
        JobFilter filter = {.state = (int)state, .kind = JOB_KIND_UPSTREAM_CHECK, .limit = 1};
        Jobs jobs = {0};
        bool more;
        if (!job_list(daemon->queue, arena, &filter, &jobs, &more, &ignored) || jobs.count)
            return true;
    }
    return false;
}

static void check_upstreams(Daemon *daemon)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    JobRequest request = job_request_new();
    JobDraft draft = {.actor = STR("weir serve"), .trace_id = str_of(trace_id_new(arena))};
    JobMade made;
    Job job;
    Error err;
    request.collection = str_of(setting_text(&daemon->app->settings, SETTING_COLLECTION));
    if (is_waiting(daemon))
        return;
    if (!job_request_draft(arena, JOB_KIND_UPSTREAM_CHECK, &request, &draft, NULL, &err) ||
        !job_create(daemon->queue, arena, &draft, &made, &job, &err))
        daemon_notice(daemon,
                      arena_format(daemon->arena, "upstreams are not asked now: %s", err.message));
}

/* ── the clock ── */

void daemon_tick_begin(Daemon *daemon)
{
    int64_t now = clock_monotonic_us();
    daemon->prune_us = now + MINUTE_US;
    prune_exports(daemon);
    daemon->exports_us = now + HOUR_US / 4;
    daemon->check_us = interval_us(daemon) ? next_check_us(daemon) : 0;
}

void daemon_tick(Daemon *daemon)
{
    int64_t now = clock_monotonic_us();
    if (now >= daemon->prune_us) {
        prune(daemon);
        daemon->prune_us = now + HOUR_US;
    }
    if (now >= daemon->exports_us) {
        prune_exports(daemon);
        daemon->exports_us = now + HOUR_US / 4;
    }
    if (daemon->check_us && now >= daemon->check_us) {
        check_upstreams(daemon);
        daemon->check_us = now + with_jitter(interval_us(daemon));
    }
}

/* ── SIGHUP ── */

bool daemon_reload(Daemon *daemon, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Settings settings;
    Hash token = daemon->token;
    TokenSource source = daemon->token_source;
    if (!settings_read(arena, &daemon->app->settings_input, &settings, err) ||
        (source != TOKEN_OF_ENVIRONMENT && !token_take(daemon->home_fd, &token, &source, err)))
        return false;
    daemon->token = token;
    api_set_token(daemon->api, &token);
    api_set_settings(daemon->api, &settings);
    daemon->app->settings = settings;
    arena_close(&daemon->settings_arena);
    daemon->settings_arena = TAKE(arena);
    if (!daemon_switch_runner(daemon, err))
        return false;
    daemon->check_us = interval_us(daemon) ? next_check_us(daemon) : 0;
    return true;
}
