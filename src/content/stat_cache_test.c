#include "content/stat_cache.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "content/snapshot.h"
#include "testing/test.h"

/* t->dir holds home/ and root/; snapshots are of root/a. */
typedef struct {
    int home_fd;
    int root_fd;
} Place;

static Place make_place(Test *t)
{
    Place place;
    test_shell(t, "mkdir -p home root/a");
    CHECK_OK(fs_open_folder(t->dir_fd, STR("home"), &place.home_fd, &t->err));
    CHECK_OK(fs_open_folder(t->dir_fd, STR("root"), &place.root_fd, &t->err));
    return place;
}

static void leave_place(Place *place)
{
    fd_close(&place->home_fd);
    fd_close(&place->root_fd);
}

/* What the cache makes of root/a, saved again afterwards. */
static Hash cached(Test *t, const Place *place)
{
    Snapshot snapshot;
    SCOPED(stat_cache_close)
    StatCache *cache = stat_cache_open(t->arena, place->home_fd, place->root_fd);
    CHECK_OK(snapshot_read(t->arena, place->root_fd, STR("a"), cache, &snapshot, &t->err));
    stat_cache_save(cache);
    return snapshot.hash;
}

static Hash uncached(Test *t, const Place *place)
{
    Snapshot snapshot;
    CHECK_OK(snapshot_read(t->arena, place->root_fd, STR("a"), NULL, &snapshot, &t->err));
    return snapshot.hash;
}

static bool knows(Test *t, const Place *place, const char *path)
{
    FsStat stat;
    bool found;
    SCOPED(stat_cache_close)
    StatCache *cache = stat_cache_open(t->arena, place->home_fd, place->root_fd);
    CHECK_OK(fs_stat_at(place->root_fd, str_of(path), &found, &stat, &t->err));
    return stat_cache_find(cache, str_of(path), &stat) != NULL;
}

/* Until the stamps of what was just written are out of doubt; there is nothing else to wait for. */
static void let_it_age(void)
{
    clock_sleep_ms(150);
}

TEST(remembers_a_file_once_its_stamps_are_out_of_doubt)
{
    SCOPED(leave_place) Place place = make_place(t);
    test_write(t, "root/a/f", "1");
    (void)cached(t, &place);
    CHECK(!knows(t, &place, "a/f"));
    let_it_age();
    (void)cached(t, &place);
    CHECK(knows(t, &place, "a/f"));
}

TEST(is_private_to_its_owner_and_lies_in_the_home_alone)
{
    SCOPED(leave_place) Place place = make_place(t);
    test_write(t, "root/a/f", "1");
    let_it_age();
    (void)cached(t, &place);
    CHECK_TEXT(test_shell(t, "find home root -type f -printf '%%m\\n' | sort"), "600\n644\n");
}

TEST(sees_every_change_of_a_file_that_keeps_size_and_mtime)
{
    SCOPED(leave_place) Place place = make_place(t);
    test_write(t, "root/a/f", "1");
    test_shell(t, "touch -d 2020-01-01 root/a/f root/a");
    let_it_age();
    (void)cached(t, &place);
    CHECK(knows(t, &place, "a/f"));
    test_shell(t, "printf 2 >root/a/f && touch -d 2020-01-01 root/a/f");
    Hash now = cached(t, &place);
    Hash truth = uncached(t, &place);
    CHECK(hash_equal(&now, &truth));
    let_it_age();
    (void)cached(t, &place);
    test_shell(t, "printf 3 >root/g && touch -d 2020-01-01 root/g && mv root/g root/a/f");
    now = cached(t, &place);
    truth = uncached(t, &place);
    CHECK(hash_equal(&now, &truth));
    let_it_age();
    (void)cached(t, &place);
    test_shell(t, "chmod 755 root/a/f");
    now = cached(t, &place);
    truth = uncached(t, &place);
    CHECK(hash_equal(&now, &truth));
}

TEST(takes_a_torn_foreign_or_changed_cache_for_an_empty_one)
{
    static const char *const harms[] = {
        "truncate -s -1 $f",
        "truncate -s 10 $f",
        "truncate -s 0 $f",
        "printf x >>$f",
        "printf x | dd of=$f bs=1 seek=3 conv=notrunc 2>&1",
        "printf 'weir' | dd of=$f bs=1 seek=90 conv=notrunc 2>&1",
        "printf 'weir' | dd of=$f bs=1 seek=150 conv=notrunc 2>&1",
        "head -c 5000 /dev/urandom >$f",
        "rm $f; mkdir $f",
        "rm $f; ln -s /etc/passwd $f",
        "rm -r home/cache",
    };
    SCOPED(leave_place) Place place = make_place(t);
    test_write(t, "root/a/f", "1");
    let_it_age();
    for (size_t i = 0; i < COUNT_OF(harms); i++) {
        Hash truth = uncached(t, &place);
        (void)cached(t, &place);
        CHECK(knows(t, &place, "a/f"));
        test_shell(t, "f=$(echo home/cache/stat/*); %s", harms[i]);
        CHECK(!knows(t, &place, "a/f"));
        Hash now = cached(t, &place);
        CHECK(hash_equal(&now, &truth));
        test_shell(t, "rm -rf home/cache");
    }
}

TEST(does_not_take_another_roots_cache)
{
    SCOPED(leave_place) Place place = make_place(t);
    test_write(t, "root/a/f", "1");
    let_it_age();
    (void)cached(t, &place);
    const char *file = test_shell(t, "basename home/cache/stat/*");
    fd_close(&place.root_fd);
    test_shell(t, "mkdir -p second/a && printf 2 >second/a/f");
    CHECK_OK(fs_open_folder(t->dir_fd, STR("second"), &place.root_fd, &t->err));
    let_it_age();
    (void)cached(t, &place);
    test_shell(t,
               "cd home/cache/stat && for f in *; do cp $f x 2>/dev/null; done; set -- *; "
               "f=%.*s; for g in $1 $2; do [ $g = $f ] || cp $f $g; done",
               STR_ARG(str_trim(str_of(file))));
    CHECK(!knows(t, &place, "a/f"));
}

TEST(goes_on_without_a_place_to_save)
{
    SCOPED(leave_place) Place place = make_place(t);
    test_write(t, "root/a/f", "1");
    let_it_age();
    test_write(t, "home/cache", "a file where the folder should be");
    Hash now = cached(t, &place);
    Hash truth = uncached(t, &place);
    CHECK(hash_equal(&now, &truth));
    fd_close(&place.home_fd);
    now = cached(t, &place);
    CHECK(hash_equal(&now, &truth));
}

TEST(keeps_what_is_known_of_other_artifacts)
{
    SCOPED(leave_place) Place place = make_place(t);
    Snapshot snapshot;
    test_shell(t, "mkdir root/b && printf 1 >root/a/f && printf 2 >root/b/f");
    let_it_age();
    (void)cached(t, &place);
    StatCache *cache = stat_cache_open(t->arena, place.home_fd, place.root_fd);
    CHECK_OK(snapshot_read(t->arena, place.root_fd, STR("b"), cache, &snapshot, &t->err));
    stat_cache_save(cache);
    stat_cache_close(&cache);
    CHECK(knows(t, &place, "a/f") && knows(t, &place, "b/f"));
}

static void expect_truth(Test *t, const Place *place)
{
    Hash now = cached(t, place);
    Hash truth = uncached(t, place);
    CHECK(hash_equal(&now, &truth));
}

TEST(sees_every_change_of_names_in_folders_it_remembers)
{
    static const char *const changes[] = {
        "touch sub/deep/new",
        "rm sub/deep/new",
        "mv sub/f sub/g",
        "mv sub/g sub/deep/f; mkdir sub/empty",
        "rmdir sub/empty; mkdir sub/x; touch sub/x/y; touch -d 2020-01-01 sub",
        "mv sub/deep ../elsewhere; mkdir sub/deep; printf 1 >sub/deep/f",
        "rm -r sub/deep; mv ../elsewhere sub/deep",
        "printf '*.tmp\\n' >.weirignore; touch sub/a.tmp",
        "printf '*.other\\n' >.weirignore",
        "rm .weirignore",
        "rm sub/a.tmp; ln -s x/y sub/a.tmp",
        "ln -sfn x/z sub/a.tmp",
    };
    SCOPED(leave_place) Place place = make_place(t);
    test_shell(t, "cd root/a && mkdir -p sub/deep && printf 1 >sub/f && printf 2 >sub/deep/f");
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        let_it_age();
        expect_truth(t, &place);
        expect_truth(t, &place);
        test_shell(t, "cd root/a && %s", changes[i]);
        expect_truth(t, &place);
    }
}

TEST(refuses_a_remembered_folder_that_became_a_link)
{
    SCOPED(leave_place) Place place = make_place(t);
    Snapshot snapshot;
    test_shell(t, "mkdir root/a/sub && printf 1 >root/a/sub/f");
    let_it_age();
    expect_truth(t, &place);
    test_shell(t, "mv root/a/sub outside && ln -s ../../outside root/a/sub");
    SCOPED(stat_cache_close)
    StatCache *cache = stat_cache_open(t->arena, place.home_fd, place.root_fd);
    CHECK_FAILS(ERR_LINK_REFUSED,
                snapshot_read(t->arena, place.root_fd, STR("a"), cache, &snapshot, &t->err));
    test_shell(t, "rm root/a/sub && mv outside root/a/sub");
    expect_truth(t, &place);
    let_it_age();
    expect_truth(t, &place);
    test_shell(t, "mv root/a moved && ln -s ../moved root/a");
    CHECK_FAILS(ERR_LINK_REFUSED,
                snapshot_read(t->arena, place.root_fd, STR("a"), cache, &snapshot, &t->err));
    CHECK_FAILS(ERR_PATH_ESCAPES,
                snapshot_read(t->arena, place.root_fd, STR("a/sub"), cache, &snapshot, &t->err));
}

/* ---- never a stale answer, whatever is done between two looks ---- */

static const char *some_file(Test *t)
{
    static const char *const folders[] = {"", "sub/", "sub/deep/"};
    return arena_format(t->arena, "root/a/%s%c", folders[test_below(t, 3)],
                        (char)('f' + (char)test_below(t, 6)));
}

static void rewrite_same_size(Test *t, const char *path)
{
    struct stat before;
    char byte = (char)('a' + (char)test_below(t, 26));
    SCOPED(fd_close) int fd = fs_open_at(t->dir_fd, str_of(path), O_RDWR | O_CREAT, 0644);
    if (fd < 0 || fstat(fd, &before) != 0)
        return;
    CHECK(pwrite(fd, &byte, 1, (off_t)test_below(t, 4)) == 1);
    struct timespec times[2] = {before.st_atim, before.st_mtim};
    if (test_below(t, 2))
        (void)futimens(fd, times); /* the old mtime is put back */
}

static void edit(Test *t)
{
    const char *a = some_file(t);
    const char *b = some_file(t);
    switch (test_below(t, 8)) {
    case 0:
        test_shell(t, "rm -f %s", a);
        break;
    case 1:
        test_shell(t, "mv -f %s %s 2>/dev/null; true", a, b);
        break;
    case 2:
        test_shell(t, "cp -p %s %s 2>/dev/null; true", a, b);
        break;
    case 3:
        test_shell(t, "chmod %s %s 2>/dev/null; true", test_below(t, 2) ? "755" : "644", a);
        break;
    default:
        rewrite_same_size(t, a);
        break;
    }
}

TEST(never_gives_a_stale_answer_whatever_is_edited_between_two_looks)
{
    SCOPED(leave_place) Place place = make_place(t);
    int rounds = test_rounds(120);
    int hits = 0;
    test_shell(t, "mkdir -p root/a/sub/deep; for f in f g h i j k; do printf abcd >root/a/$f; "
                  "done; cp root/a/? root/a/sub; cp root/a/? root/a/sub/deep");
    for (int round = 0; round < rounds; round++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        for (uint64_t edits = test_below(t, 3); edits > 0; edits--)
            edit(t);
        if (test_below(t, 8) == 0)
            let_it_age();
        expect_truth(t, &place);
        for (char name = 'f'; name <= 'k'; name++) {
            const char *path = arena_format(t->arena, "a/%c", name);
            bool found;
            FsStat stat;
            CHECK_OK(fs_stat_at(place.root_fd, str_of(path), &found, &stat, &t->err));
            hits += found && knows(t, &place, path);
        }
    }
    CHECK(hits > rounds / 10); /* else the cache was never asked */
}

TEST(stays_right_while_a_file_is_rewritten_without_pause)
{
    SCOPED(leave_place) Place place = make_place(t);
    int rounds = test_rounds(2000);
    test_write(t, "root/a/f", "abcd");
    for (int round = 0; round < rounds; round++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        rewrite_same_size(t, "root/a/f");
        Hash now = cached(t, &place);
        Hash truth = uncached(t, &place);
        CHECK(hash_equal(&now, &truth));
    }
}
