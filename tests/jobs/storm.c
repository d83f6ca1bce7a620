/* Processes that make jobs, run them and listen, on one folder, killed and started again at random;
 * writes FOLDER/history.jsonl (README.md beside it). Fails only when it could not do its part: what
 * it means is for check.c to say.
 *
 * storm FOLDER SECONDS SEED owner|several
 *
 * owner: one runner owns the queue and takes back at once what its dead predecessor ran, as the
 * daemon does. several: runners that wait for leases to end; some are stopped for longer than that.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/ids.h"
#include "events/hub.h"
#include "format/json_write.h"
#include "jobs/runner.h"

enum {
    PRODUCERS = 2,
    LISTENERS = 2,
    RUNNERS_MOST = 3,
    CHILDREN = PRODUCERS + LISTENERS + RUNNERS_MOST,
    ARTIFACTS = 12,
    LEASE_MS = 1000,
    DRAIN_S = 90,
};

typedef enum { PRODUCER, LISTENER, RUNNER } Role;

/* What outlives a child, in memory that all share. */
typedef struct {
    _Atomic int64_t next_key; /* of a producer: not acknowledged yet */
    _Atomic int64_t heard;    /* of a listener */
    _Atomic int64_t incarnation;
} Memory;

typedef struct {
    _Atomic bool no_more_jobs, stop;
    _Atomic int64_t kills, stops, acks;
    Memory of[CHILDREN];
} Shared;

typedef struct {
    const char *folder;
    Shared *shared;
    Memory *memory;
    int index, history;
    bool owner;
    char who[32];
    JobQueue *queue;
    Runner *runner;
} Child;

static void die_of(const char *what)
{
    perror(what);
    _exit(3);
}

static uint32_t chance(uint32_t below)
{
    uint32_t value;
    random_bytes(&value, sizeof value);
    return value % below;
}

/* ---- history: a record is one write at the end of the file ---- */

static void tell(const Child *child, Arena *arena, const char *what, const char *format, ...)
    PRINTF_LIKE(4, 5);
static void tell(const Child *child, Arena *arena, const char *what, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *rest = arena_format_list(arena, format, arguments);
    va_end(arguments);
    const char *line = arena_format(arena, "{\"do\":\"%s\",\"t\":%lld,\"who\":\"%s\"%s}\n", what,
                                    (long long)clock_monotonic_us(), child->who, rest);
    if (write(child->history, line, strlen(line)) != (ssize_t)strlen(line))
        die_of("history");
}

/* ---- making jobs ---- */

static JobQueue *open_queue(const Child *child, bool owner, void (*committed)(void *))
{
    JobQueue *queue = NULL;
    Error err;
    JobQueueOptions options = {.folder = child->folder,
                               .owner = owner,
                               .committed = committed,
                               .context = (void *)(uintptr_t)child};
    if (!job_queue_open(&options, &queue, &err)) {
        (void)fprintf(stderr, "storm: %s: %s\n", child->who, err.message);
        _exit(3);
    }
    return queue;
}

static JobDraft random_draft(Arena *arena)
{
    JobDraft draft = {.kind = chance(8) ? JOB_KIND_SYNC : JOB_KIND_DRIFT, .actor = STR("storm")};
    size_t count = chance(20) == 0 ? 0 : 1 + chance(2);
    for (size_t i = 0; i < count; i++)
        ARRAY_PUSH(arena, &draft.artifacts,
                   str_of(arena_format(arena, "skill:s%u", chance(ARTIFACTS))));
    return draft;
}

/* The draft of a key must be the same when it is asked for again, so the hash is of the key. */
static void make_one(Child *child, Arena *arena)
{
    int64_t number = child->memory->next_key;
    const char *key = arena_format(arena, "p%d-%lld", child->index, (long long)number);
    JobDraft draft = random_draft(arena);
    draft.idempotency_scope = STR("storm");
    draft.idempotency_key = str_of(key);
    draft.request_hash = hash_of(draft.idempotency_key);
    JobMade made;
    Job job, canceled;
    Error err;
    tell(child, arena, "ask", ",\"key\":\"%s\"", key);
    if (!job_create(child->queue, arena, &draft, &made, &job, &err)) {
        (void)fprintf(stderr, "storm: create: %s\n", err.message);
        return;
    }
    tell(child, arena, "ack", ",\"key\":\"%s\",\"job\":\"%.*s\"", key, STR_ARG(job.id));
    child->memory->next_key = number + 1;
    atomic_fetch_add(&child->shared->acks, 1);
    clock_sleep_ms(chance(6));
    if (chance(12) == 0)
        (void)!job_cancel(child->queue, arena, job.id, &canceled, &err);
}

static void produce(Child *child)
{
    child->queue = open_queue(child, false, NULL);
    Arena *arena = arena_open();
    while (!child->shared->stop) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(arena);
        if (child->shared->no_more_jobs)
            clock_sleep_ms(5);
        else
            make_one(child, arena);
        clock_sleep_ms(chance(12));
    }
    arena_close(&arena);
    job_queue_close(&child->queue);
}

/* ---- listening ---- */

static bool hear(void *context, const Event *event, void **shared)
{
    Child *child = context;
    (void)shared;
    if (!event)
        return true;
    SCOPED(arena_close) Arena *arena = arena_open();
    tell(child, arena, "heard", ",\"seq\":%lld", (long long)event->seq);
    child->memory->heard = event->seq;
    return true;
}

static void listen(Child *child)
{
    Hub *hub = NULL;
    Error err;
    SCOPED(arena_close) Arena *arena = arena_open();
    HubOptions options = {.folder = child->folder};
    int64_t from = child->memory->heard;
    ListenerSpec spec = {.filter = {.after = from}, .hear = hear, .context = child};
    tell(child, arena, "joined", ",\"from\":%lld", (long long)from);
    if (!hub_open(&options, &hub, &err) || !hub_join(hub, &spec, &err))
        _exit(3);
    while (!child->shared->stop)
        clock_sleep_ms(5);
    hub_close(&hub);
}

/* ---- running ---- */

static const char *artifact_list(Arena *arena, const Job *job)
{
    Buf buf = buf_new(arena);
    for (size_t i = 0; i < job->artifacts.count; i++)
        buf_format(&buf, "%s\"%.*s\"", i ? "," : "", STR_ARG(job->artifacts.items[i]));
    return buf_text(&buf);
}

/* As the locks of folders do: who was stopped for long and wakes up finds another one at work. */
static int lock_folder(const Child *child, Arena *arena, const JobTicket *ticket)
{
    int fd = open(arena_format(arena, "%s/folders.lock", child->folder),
                  O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (job_should_stop(ticket)) {
            (void)close(fd);
            return -1;
        }
        clock_sleep_ms(1);
    }
    return fd;
}

static const char *effect_path(const Child *child, Arena *arena, const Job *job)
{
    return arena_format(arena, "%s/effects/%.*s", child->folder, STR_ARG(job->id));
}

/* The fence is looked at under the lock, as an apply does before its commit mark. */
static bool may_act(const Child *child, Arena *arena, const Job *job, const JobTicket *ticket)
{
    Job now;
    Error err;
    return !job_should_stop(ticket) && job_get(child->queue, arena, job->id, &now, &err) &&
           now.state == JOB_RUNNING && now.fence == job_ticket_fence(ticket);
}

/* The one byte in the file is the effect, not the file. */
static bool is_done(const Child *child, Arena *arena, const Job *job)
{
    struct stat stat_now;
    return stat(effect_path(child, arena, job), &stat_now) == 0 && stat_now.st_size > 0;
}

static void act(const Child *child, Arena *arena, const Job *job)
{
    int fd = open(effect_path(child, arena, job), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd < 0 || write(fd, "x", 1) != 1)
        die_of("effect");
    (void)close(fd);
}

static void work(const Child *child, Arena *arena, const Job *job, JobTicket *ticket,
                 JobOutcome *out)
{
    uint32_t die = chance(1000);
    for (uint32_t i = 0, steps = chance(8); i < steps && !job_should_stop(ticket); i++) {
        job_progress(ticket, "merge", (int)i * 10);
        clock_sleep_ms(chance(3));
    }
    if (die < 3)
        abort();
    if (is_done(child, arena, job)) {
        out->state = JOB_SUCCESS;
    } else if (!may_act(child, arena, job, ticket)) {
        out->state = JOB_CANCELED;
    } else if (die < 100) {
        out->state = die < 50 ? JOB_CONFLICT : JOB_ERROR;
        out->transient = die < 80;
        out->error_code = STR("IO");
    } else {
        act(child, arena, job);
        out->state = JOB_SUCCESS;
    }
    out->crashed = die >= 990 && !job_should_stop(ticket);
}

/* Some jobs are slow each time they run, so that one who was stopped wakes up while another one has
 * its job; and some of these listen to nobody and speak of an end without looking. */
static bool linger(const Job *job, const JobTicket *ticket)
{
    char last = job->id.data[job->id.len - 1];
    bool stubborn = last == 'A' || last == 'B';
    if (!stubborn && last != 'C')
        return false;
    for (uint32_t i = 0, ms = 200 + chance(1300); i < ms; i += 10) {
        if (!stubborn && job_should_stop(ticket))
            break;
        clock_sleep_ms(10);
    }
    return stubborn;
}

static void run_job(void *context, Arena *arena, const Job *job, JobTicket *ticket, JobOutcome *out)
{
    const Child *child = context;
    if (linger(job, ticket)) {
        out->state = JOB_CONFLICT;
        return;
    }
    bool exclusive = job_kind_is_exclusive(job->kind);
    int fd = child->owner || !exclusive ? -1 : lock_folder(child, arena, ticket);
    if (!child->owner && exclusive && fd < 0) {
        out->state = JOB_CANCELED;
        return;
    }
    tell(child, arena, "begin",
         ",\"job\":\"%.*s\",\"fence\":%lld,\"collection\":\"%.*s\",\"artifacts\":[%s],"
         "\"exclusive\":%s",
         STR_ARG(job->id), (long long)job->fence, STR_ARG(job->collection),
         artifact_list(arena, job), exclusive ? "true" : "false");
    work(child, arena, job, ticket, out);
    tell(child, arena, "end", ",\"job\":\"%.*s\",\"fence\":%lld", STR_ARG(job->id),
         (long long)job->fence);
    if (fd >= 0)
        (void)close(fd);
}

static void note_end(void *context, const Job *before, const Job *after)
{
    const Child *child = context;
    SCOPED(arena_close) Arena *arena = arena_open();
    tell(child, arena, "finish", ",\"job\":\"%.*s\",\"fence\":%lld,\"state\":\"%s\",\"kept\":%s",
         STR_ARG(before->id), (long long)before->fence, after ? job_state_names[after->state] : "",
         after ? "true" : "false");
}

static void wake(void *context)
{
    Child *child = context;
    if (child->runner)
        runner_wake(child->runner);
}

static void run_jobs(Child *child)
{
    Error err;
    Runner *runner = NULL;
    child->queue = open_queue(child, child->owner, wake);
    RunnerOptions options = {.queue = child->queue,
                             .parallel = 3,
                             .lease_ms = LEASE_MS,
                             .run = run_job,
                             .ended = note_end,
                             .context = child};
    if (!runner_open(&options, &runner, &err)) {
        (void)fprintf(stderr, "storm: runner: %s\n", err.message);
        _exit(3);
    }
    child->runner = runner;
    while (!child->shared->stop)
        clock_sleep_ms(5);
    runner_drain(runner, 1000);
    child->runner = NULL;
    runner_close(&runner);
    job_queue_close(&child->queue);
}

/* ---- the one who kills ---- */

typedef struct {
    Child like;
    pid_t pids[CHILDREN];
    int64_t wake_us[CHILDREN]; /* stopped until then; 0: not */
    int children;
} Storm;

static Role role_of(int index)
{
    return index < PRODUCERS ? PRODUCER : index < PRODUCERS + LISTENERS ? LISTENER : RUNNER;
}

static void name_child(Storm *storm, Child *child, int index)
{
    *child = storm->like;
    child->index = index;
    child->memory = &storm->like.shared->of[index];
    int64_t incarnation = role_of(index) == LISTENER ? 0 : child->memory->incarnation;
    (void)snprintf(child->who, sizeof child->who, "%c%d.%lld", "plr"[role_of(index)], index,
                   (long long)incarnation);
}

static void start_child(Storm *storm, int index)
{
    Child child;
    atomic_fetch_add(&storm->like.shared->of[index].incarnation, 1);
    name_child(storm, &child, index);
    pid_t pid = fork();
    if (pid < 0)
        die_of("fork");
    storm->pids[index] = pid;
    if (pid)
        return;
    ids_seed(0);
    if (role_of(index) == PRODUCER)
        produce(&child);
    else if (role_of(index) == LISTENER)
        listen(&child);
    else
        run_jobs(&child);
    _exit(0);
}

static void bury_child(Storm *storm, int index)
{
    int status;
    Child child;
    SCOPED(arena_close) Arena *arena = arena_open();
    name_child(storm, &child, index);
    (void)waitpid(storm->pids[index], &status, 0);
    storm->wake_us[index] = 0;
    tell(&child, arena, "died", ",\"status\":%d", status);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        exit(3);
}

static void kill_child(Storm *storm, int index)
{
    (void)kill(storm->pids[index], SIGKILL);
    atomic_fetch_add(&storm->like.shared->kills, 1);
    bury_child(storm, index);
    start_child(storm, index);
}

/* Those who have aborted by themselves come back too. */
static void revive(Storm *storm)
{
    for (int i = 0; i < storm->children; i++) {
        siginfo_t info = {0};
        bool dead = waitid(P_PID, (id_t)storm->pids[i], &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
                    info.si_pid != 0;
        if (dead) {
            bury_child(storm, i);
            start_child(storm, i);
        }
        if (storm->wake_us[i] && clock_monotonic_us() > storm->wake_us[i]) {
            (void)kill(storm->pids[i], SIGCONT);
            storm->wake_us[i] = 0;
        }
    }
}

static void strike(Storm *storm)
{
    int victim = (int)chance((uint32_t)storm->children);
    if (storm->wake_us[victim])
        return; /* it is to wake up and find that its jobs are another's */
    if (!storm->like.owner && role_of(victim) == RUNNER && chance(3) == 0) {
        (void)kill(storm->pids[victim], SIGSTOP);
        storm->wake_us[victim] = clock_monotonic_us() + (500 + chance(2500)) * 1000;
        atomic_fetch_add(&storm->like.shared->stops, 1);
    } else if (chance(25) == 0) {
        for (int i = 0; i < storm->children; i++)
            if (!storm->wake_us[i])
                kill_child(storm, i);
    } else {
        kill_child(storm, victim);
    }
}

static void rage(Storm *storm, int seconds)
{
    int64_t until = clock_monotonic_us() + (int64_t)seconds * 1000000;
    while (clock_monotonic_us() < until) {
        clock_sleep_ms(20 + chance(60));
        revive(storm);
        strike(storm);
    }
}

static bool all_has_ended(JobQueue *queue)
{
    JobCounts counts;
    Error err;
    return job_counts(queue, &counts, &err) && counts.by_state[JOB_QUEUED] == 0 &&
           counts.by_state[JOB_RUNNING] == 0;
}

static bool all_is_heard(const Storm *storm, int64_t last)
{
    for (int i = PRODUCERS; i < PRODUCERS + LISTENERS; i++)
        if (storm->like.shared->of[i].heard < last)
            return false;
    return true;
}

static int64_t last_event(const Storm *storm)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    SCOPED(db_close) Db *db = NULL;
    Error err;
    int64_t last;
    if (!db_open(arena, storm->like.folder, DB_RECORDS, &db, &err) || !event_last(db, &last, &err))
        exit(3);
    return last;
}

/* Nobody is killed any more: everything must come to its end by itself. */
static void drain(Storm *storm)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    int64_t until = clock_monotonic_us() + (int64_t)DRAIN_S * 1000000;
    storm->like.shared->no_more_jobs = true;
    JobQueue *queue = open_queue(&storm->like, false, NULL);
    while (!all_has_ended(queue) && clock_monotonic_us() < until) {
        clock_sleep_ms(20);
        revive(storm);
    }
    int64_t last = last_event(storm);
    while (!all_is_heard(storm, last) && clock_monotonic_us() < until)
        clock_sleep_ms(20);
    job_queue_close(&queue);
    tell(&storm->like, arena, "drained", "%s", "");
    storm->like.shared->stop = true;
    for (int i = 0; i < storm->children; i++)
        bury_child(storm, i);
}

static void tell_effects(const Storm *storm, Arena *arena)
{
    FsNames names;
    Error err;
    SCOPED(fd_close) int fd = -1;
    if (!fs_open_root(arena_format(arena, "%s/effects", storm->like.folder), &fd, &err) ||
        !fs_list(arena, fd, &names, &err))
        die_of("effects");
    for (size_t i = 0; i < names.count; i++) {
        FsStat stat;
        bool found;
        if (!fs_stat_at(fd, names.items[i].name, &found, &stat, &err) || !found)
            die_of("effects");
        tell(&storm->like, arena, "effect", ",\"job\":\"%.*s\",\"times\":%llu",
             STR_ARG(names.items[i].name), (unsigned long long)stat.size_bytes);
    }
}

static bool prepare(Storm *storm, Arena *arena, const char *folder, const char *mode)
{
    int fd;
    Error err;
    storm->like.folder = folder;
    storm->like.owner = strcmp(mode, "owner") == 0;
    storm->children = PRODUCERS + LISTENERS + (storm->like.owner ? 1 : RUNNERS_MOST);
    (void)snprintf(storm->like.who, sizeof storm->like.who, "storm");
    if (!fs_make_root(arena_format(arena, "%s/effects", folder), 0700, &fd, &err))
        return false;
    fd_close(&fd);
    storm->like.history = open(arena_format(arena, "%s/history.jsonl", folder),
                               O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    storm->like.shared =
        mmap(NULL, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return storm->like.history >= 0 && storm->like.shared != MAP_FAILED;
}

int main(int count, char **arguments)
{
    static Storm storm;
    Arena *arena = arena_open();
    if (count != 5)
        return 2;
    if (!prepare(&storm, arena, arguments[1], arguments[4]))
        return 3;
    ids_seed(strtoull(arguments[3], NULL, 10));
    for (int i = 0; i < storm.children; i++)
        start_child(&storm, i);
    rage(&storm, (int)strtol(arguments[2], NULL, 10));
    drain(&storm);
    tell_effects(&storm, arena);
    (void)printf("%lld kills, %lld stops, %lld acknowledged\n", (long long)storm.like.shared->kills,
                 (long long)storm.like.shared->stops, (long long)storm.like.shared->acks);
    arena_close(&arena);
    return 0;
}
