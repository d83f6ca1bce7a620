/* The race: one process saves a file in a loop, in several styles, while applies replace that same
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
#include <sched.h>
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

enum { KEPT_AT_MOST = 4096, NOBODY = 65534 };

/* How he saves: half of the time in place. */
enum { IN_PLACE, BY_RENAME, IN_PLACE_TOO, WITH_BACKUP, STYLES };
static const char *const styles[] = {"in place", "by renaming", "in place", "with a backup"};

/* Between the two processes. */
typedef struct {
    atomic_long saved; /* number of the last complete save */
    atomic_long refused;
    atomic_long asked, rests; /* odd: asked to rest, and resting; even: to go on */
    atomic_bool stop;
    atomic_int style;
} Shared;

typedef struct {
    Arena *arena;
    int home_fd, root_fd;
    const char *home, *root;
    Shared *shared;
    Hash kept[KEPT_AT_MOST];
    size_t kept_count;
    Str old_bytes, new_bytes;
    long applied, raced, lost, failed, beside;
    ApplyResult last;
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

static void spin_for(unsigned *seed)
{
    enum { SHORT = 20000, LONG = 2000000 };
    for (volatile int spin = rand_r(seed) % (rand_r(seed) % 4 ? LONG : SHORT); spin > 0; spin--)
        continue;
}

/* At once, or with the file open for a while: truncated when it is opened, or just before it is written.
 * False: he was told that he may not; what he wanted to save is still his to save. */
static bool save_in_place(int root, Str bytes, unsigned *seed, Error *err)
{
    int flags = O_WRONLY | O_CREAT | (rand_r(seed) % 2 ? O_TRUNC : 0);
    SCOPED(fd_close) int fd = fs_open_at(root, TARGET, flags, 0644);
    if (fd < 0 && errno == EACCES)
        return false;
    if (rand_r(seed) % 2)
        spin_for(seed);
    if (fd < 0 || ftruncate(fd, 0) != 0 || !fs_write_fd(fd, bytes, err))
        _exit(99);
    return true;
}

static void save_by_rename(int root, Str bytes, Error *err)
{
    if (!fs_create_at(root, STR("file.tmp"), bytes, 0644, false, err) ||
        fs_rename_at(root, STR("file.tmp"), root, TARGET, 0) != 0)
        _exit(99);
}

/* As editors do that keep a backup: what is there goes aside by renaming, the new file gets its name. */
static void save_with_backup(int root, Str bytes, unsigned *seed, Error *err)
{
    bool there = fs_rename_at(root, TARGET, root, STR("file~"), 0) == 0;
    if (rand_r(seed) % 2)
        spin_for(seed);
    SCOPED(fd_close) int fd = fs_open_at(root, TARGET, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || !fs_write_fd(fd, bytes, err) ||
        (there && !fs_remove_at(root, STR("file~"), false, err)))
        _exit(99);
}

static void rest_when_asked(Shared *shared)
{
    long asked;
    do {
        asked = atomic_load(&shared->asked);
        atomic_store(&shared->rests, asked);
        (void)(asked % 2 && sched_yield());
    } while (asked % 2 && !atomic_load(&shared->stop));
}

static void saver(int root, Shared *shared, unsigned seed)
{
    char room[512];
    Error err;
    for (long number = 1; !atomic_load(&shared->stop); number++) {
        rest_when_asked(shared);
        Str bytes = save_text(room, sizeof room, number);
        spin_for(&seed);
        bool saved = true;
        int style = rand_r(&seed) % STYLES;
        atomic_store(&shared->style, style);
        if (style == BY_RENAME)
            save_by_rename(root, bytes, &err);
        else if (style == WITH_BACKUP)
            save_with_backup(root, bytes, &seed, &err);
        else
            saved = save_in_place(root, bytes, &seed, &err);
        if (saved)
            atomic_store(&shared->saved, number);
        atomic_fetch_add(&shared->refused, !saved);
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

/* Asks him to rest, or to go on, and waits until he has heard it. */
static void rest(Shared *shared, bool pause)
{
    long number = atomic_load(&shared->asked) + 1;
    if ((number % 2 != 0) != pause)
        return;
    atomic_store(&shared->asked, number);
    while (atomic_load(&shared->rests) != number)
        (void)sched_yield();
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

static bool is_there(const Race *race, Arena *arena, Str name, Str last)
{
    Str live;
    Error err;
    return fs_read_at(arena, race->root_fd, name, 1 << 20, &live, &err) && str_equal(live, last);
}

/* What he was still writing to at the end of an apply has a name of its own. */
static bool is_beside(Race *race, Arena *arena, Str last)
{
    FsNames names;
    Error err;
    bool found = false;
    if (!fs_list(arena, race->root_fd, &names, &err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        bool beside = str_starts(names.items[i].name, STR("file.weir-kept-"));
        found = found || (beside && is_there(race, arena, names.items[i].name, last));
        race->beside += beside;
        if (beside && !fs_remove_at(race->root_fd, names.items[i].name, false, &err))
            return false;
    }
    return found;
}

static bool is_settled(Race *race, Arena *arena)
{
    char room[512];
    Str last = save_text(room, sizeof room, atomic_load(&race->shared->saved));
    return is_there(race, arena, TARGET, last) || is_kept(race, last) ||
           is_beside(race, arena, last);
}

static void tell_lost(const Race *race, Arena *arena, long round)
{
    Error err;
    Str live = {0};
    bool read = fs_read_at(arena, race->root_fd, TARGET, 1 << 20, &live, &err);
    (void)printf("LOST: save %ld (%s) after apply %ld (%s, %zu late); live is '%.*s'\n",
                 atomic_load(&race->shared->saved), styles[atomic_load(&race->shared->style)],
                 round, race->last.outcome == APPLY_DONE ? "done" : "met a save",
                 race->last.late.count, (int)(live.len < 12 ? live.len : 12),
                 read ? live.data : "?");
}

static void apply_once(Race *race, long round)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    ApplyHost host = {race, host_read, host_keep, host_sync, host_finish, NULL, NULL};
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
    ApplySpec spec = {race->home, race->home_fd, id_new(arena), &root, 1, {0}, NULL};
    bool ok = apply_run(arena, &spec, &host, &result, &err);
    race->last = result;
    race->failed += !ok;
    race->applied += ok && result.outcome == APPLY_DONE;
    race->raced += ok && result.outcome == APPLY_RACED;
    if (!ok)
        (void)printf("apply failed: %s\n", err.message);
}

static void run_race(Race *race, long applies)
{
    for (long round = 0; race->applied + race->raced + race->failed < applies; round++) {
        SCOPED(arena_close) Arena *arena = arena_open();
        rest(race->shared, true);
        rest(race->shared, false);
        race->wait = rand_r(&race->seed) % 2;
        apply_once(race, round);
        rest(race->shared, true);
        if (!is_settled(race, arena)) {
            race->lost++;
            tell_lost(race, arena, round);
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
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    race->arena = arena;
    race->seed = count > 3 ? (unsigned)atoi(words[3]) : 1;
    race->home = arena_format(arena, "%s/home", words[1]);
    race->root = arena_format(arena, "%s/root", words[1]);
    if (!fs_make_root(race->home, 0700, &race->home_fd, &err) ||
        !fs_make_root(race->root, 0755, &race->root_fd, &err) ||
        !fs_remove_all_at(race->root_fd, TARGET, &err) ||
        !fs_remove_all_at(race->root_fd, STR("file.tmp"), &err) ||
        !fs_remove_all_at(race->root_fd, STR("file~"), &err))
        return 2;
    /* as people are: what root does cannot be refused */
    if (geteuid() == 0 &&
        (fchown(race->home_fd, NOBODY, NOBODY) != 0 || fchown(race->root_fd, NOBODY, NOBODY) != 0 ||
         setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
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
    (void)printf("race: %ld applies (%ld done, %ld met a save), %ld set aside, %ld saves, %ld "
                 "refused, "
                 "%ld saves lost\n",
                 race->applied + race->raced, race->applied, race->raced, race->beside,
                 atomic_load(&race->shared->saved), atomic_load(&race->shared->refused),
                 race->lost);
    return race->lost || race->failed || status ? 1 : 0;
}
