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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/ids.h"
#include "lib/children.h"

/* ---- the one who kills ---- */

typedef struct {
    Child like;
    pid_t pids[CHILDREN];
    int64_t wake_us[CHILDREN]; /* stopped until then; 0: not */
    int children;
} Storm;

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
        listen_on(&child);
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

/* That have not ended; when it cannot be told, all there could be. */
static size_t jobs_left(JobQueue *queue)
{
    JobCounts counts;
    Error err;
    if (!job_counts(queue, &counts, &err))
        return SIZE_MAX;
    return counts.by_state[JOB_QUEUED] + counts.by_state[JOB_RUNNING];
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

/* Nobody is killed any more: everything must come to its end by itself. A slow machine may have made more
 * than it does in that time: as long as fewer are left it is waited for. */
static void drain(Storm *storm)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const int64_t patience_us = (int64_t)DRAIN_S * 1000000;
    int64_t until = clock_monotonic_us() + patience_us;
    size_t least = SIZE_MAX, left;
    storm->like.shared->no_more_jobs = true;
    JobQueue *queue = open_queue(&storm->like, false, NULL);
    while ((left = jobs_left(queue)) > 0 && clock_monotonic_us() < until) {
        if (left < least)
            until = clock_monotonic_us() + patience_us;
        least = left < least ? left : least;
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
