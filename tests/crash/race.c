/* The race: one process saves a file in a loop, in two styles, while applies replace that same
 * file. No save may be lost: each is live at the end, or was live when the next one came, or weir
 * has kept it or told of it.
 *
 * race DIR APPLIES [SEED]
 *
 * The saver numbers its saves and writes the number down when a save is complete. After each apply
 * the saver is stopped at a rest, and the last complete save must be the live content, or in what
 * was kept, unless the apply was done on exactly that content (then its old side is that save, and
 * it was kept before). */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply/apply.h"
#include "base/fs.h"
#include "base/ids.h"
#include "lib/inject.h"

enum { KEPT_AT_MOST = 4096 };

/* Between the two processes. */
typedef struct {
    atomic_long saved; /* number of the last complete save */
    atomic_bool pause, resting, stop;
} Shared;

typedef struct {
    Arena *arena;
    int home_fd, root_fd;
    const char *home, *root;
    Shared *shared;
    Hash kept[KEPT_AT_MOST];
    size_t kept_count;
    Str old_bytes, new_bytes;
    long applied, raced, lost, failed;
    bool wait;
    unsigned seed;
} Race;

static const Str TARGET = {"file", 4};

static Str save_text(char *room, size_t size, long number)
{
    int len = snprintf(room, size, "save %ld\n%*s", number, (int)(number % 300), "");
    return (Str){room, (size_t)len};
}

/* The saver */

static void save_in_place(int root, Str bytes, Error *err)
{
    SCOPED(fd_close) int fd = fs_open_at(root, TARGET, O_WRONLY | O_TRUNC | O_CREAT, 0644);
    if (fd < 0 || !fs_write_fd(fd, bytes, err))
        _exit(99);
}

static void save_by_rename(int root, Str bytes, Error *err)
{
    if (!fs_create_at(root, STR("file.tmp"), bytes, 0644, false, err) ||
        fs_rename_at(root, STR("file.tmp"), root, TARGET, 0) != 0)
        _exit(99);
}

static void saver(int root, Shared *shared, unsigned seed)
{
    char room[512];
    Error err;
    for (long number = 1; !atomic_load(&shared->stop); number++) {
        while (atomic_load(&shared->pause) && !atomic_load(&shared->stop))
            atomic_store(&shared->resting, true);
        atomic_store(&shared->resting, false);
        Str bytes = save_text(room, sizeof room, number);
        if (rand_r(&seed) % 2)
            save_in_place(root, bytes, &err);
        else
            save_by_rename(root, bytes, &err);
        atomic_store(&shared->saved, number);
        for (volatile int spin = rand_r(&seed) % 20000; spin > 0; spin--)
            continue;
    }
    _exit(0);
}

/* The host */

static bool host_read(void *context, Arena *arena, const Hash *hash, Str *out, Error *err)
{
    Race *race = context;
    Hash new_hash = hash_of(race->new_bytes), old_hash = hash_of(race->old_bytes);
    if (!hash_equal(hash, &new_hash) && !hash_equal(hash, &old_hash))
        return fail(err, ERR_NOT_FOUND, "no such content");
    *out = arena_copy(arena, hash_equal(hash, &new_hash) ? race->new_bytes : race->old_bytes);
    return true;
}

static bool host_keep(void *context, Str bytes, const Hash *hash, Error *err)
{
    Race *race = context;
    (void)bytes;
    (void)err;
    race->kept[race->kept_count++ % KEPT_AT_MOST] = *hash;
    return true;
}

/* Most applies would meet no save, or one in the check. Half of them wait here, between the check
 * and COMMIT, for the next save, so that the moment of the exchange is the one that is met. */
static bool host_sync(void *context, Error *err)
{
    Race *race = context;
    long seen = atomic_load(&race->shared->saved);
    (void)err;
    for (int spin = rand_r(&race->seed) % 4000; race->wait && spin > 0;)
        spin -= atomic_load(&race->shared->saved) > seen;
    return true;
}

static bool host_finish(void *context, const ApplyFinish *finish, Error *err)
{
    (void)context;
    (void)finish;
    (void)err;
    return true;
}

/* The other side */

static void rest(Shared *shared, bool pause)
{
    atomic_store(&shared->pause, pause);
    while (pause && !atomic_load(&shared->resting))
        continue;
}

static bool is_kept(const Race *race, Str bytes)
{
    Hash hash = hash_of(bytes);
    size_t count = race->kept_count < KEPT_AT_MOST ? race->kept_count : KEPT_AT_MOST;
    for (size_t i = 0; i < count; i++)
        if (hash_equal(&race->kept[i], &hash))
            return true;
    return false;
}

static bool is_settled(Race *race, Arena *arena)
{
    char room[512];
    Error err;
    Str live;
    Str last = save_text(room, sizeof room, atomic_load(&race->shared->saved));
    bool read = fs_read_at(arena, race->root_fd, TARGET, 1 << 20, &live, &err);
    return (read && str_equal(live, last)) || is_kept(race, last);
}

static void apply_once(Race *race, long round)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    ApplyHost host = {race, host_read, host_keep, host_sync, host_finish, NULL};
    ApplyResult result = {0};
    Error err = {0};
    /* planned on what is live now; the saver goes on meanwhile */
    if (!fs_read_at(arena, race->root_fd, TARGET, 1 << 20, &race->old_bytes, &err))
        return;
    race->new_bytes = str_of(arena_format(arena, "apply %ld\n", round));
    ApplyEntry entry = {.path = TARGET,
                        .old_mode = MODE_FILE,
                        .old_hash = hash_of(race->old_bytes),
                        .new_mode = MODE_FILE,
                        .new_hash = hash_of(race->new_bytes)};
    ApplyRoot root = {race->root, race->root_fd, ".weir", &entry, 1};
    ApplySpec spec = {race->home, race->home_fd, id_new(arena), &root, 1, {0}};
    bool ok = apply_run(arena, &spec, &host, &result, &err);
    race->failed += !ok;
    race->applied += ok && result.outcome == APPLY_DONE;
    race->raced += ok && result.outcome == APPLY_RACED;
    if (!ok)
        (void)printf("apply failed: %s\n", err.message);
}

static void run_race(Race *race, long applies)
{
    for (long round = 0; round < applies; round++) {
        SCOPED(arena_close) Arena *arena = arena_open();
        rest(race->shared, true);
        rest(race->shared, false);
        race->wait = rand_r(&race->seed) % 2;
        apply_once(race, round);
        rest(race->shared, true);
        if (!is_settled(race, arena)) {
            race->lost++;
            (void)printf("LOST: save %ld after apply %ld\n", atomic_load(&race->shared->saved),
                         round);
        }
        rest(race->shared, false);
    }
}

int main(int count, char **words)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Error err = {0};
    Race *race = ARENA_NEW(arena, Race);
    if (count < 3)
        return 2;
    race->arena = arena;
    race->seed = count > 3 ? (unsigned)atoi(words[3]) : 1;
    race->home = arena_format(arena, "%s/home", words[1]);
    race->root = arena_format(arena, "%s/root", words[1]);
    if (!fs_make_root(race->home, 0700, &race->home_fd, &err) ||
        !fs_make_root(race->root, 0755, &race->root_fd, &err) ||
        !fs_remove_all_at(race->root_fd, TARGET, &err) ||
        !fs_remove_all_at(race->root_fd, STR("file.tmp"), &err))
        return 2;
    race->shared =
        mmap(NULL, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = fork();
    if (pid == 0)
        saver(race->root_fd, race->shared, race->seed);
    while (!atomic_load(&race->shared->saved))
        continue;
    run_race(race, atol(words[2]));
    atomic_store(&race->shared->stop, true);
    int status = 0;
    (void)waitpid(pid, &status, 0);
    (void)printf("race: %ld applies (%ld done, %ld met a save), %ld saves, %ld saves lost\n",
                 race->applied + race->raced, race->applied, race->raced,
                 atomic_load(&race->shared->saved), race->lost);
    return race->lost || race->failed || status ? 1 : 0;
}
