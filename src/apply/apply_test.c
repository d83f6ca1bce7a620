#include "apply/apply.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "apply/lock.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/ids.h"
#include "base/map.h"
#include "testing/test.h"

/* A host in memory: content by hash, a list of what was kept, how often finish was called */
typedef struct {
    Arena *arena;
    Map *content;
    size_t kept, finished;
    ApplyGroups failed;
    void (*before_commit)(void *context); /* the moment between check and COMMIT */
    void *context;
} Host;

static bool host_read(void *context, Arena *arena, const Hash *hash, Str *out, Error *err)
{
    Host *host = context;
    const Str *found = map_find(host->content, (Str){(const char *)hash->bytes, 32});
    if (!found)
        return fail(err, ERR_NOT_FOUND, "no such content");
    *out = arena_copy(arena, *found);
    return true;
}

static Hash host_put(Host *host, Str bytes)
{
    Str *kept = ARENA_NEW(host->arena, Str);
    *kept = arena_copy(host->arena, bytes);
    Hash *key = ARENA_NEW(host->arena, Hash);
    *key = hash_of(bytes);
    map_put(host->content, (Str){(const char *)key->bytes, 32}, kept);
    return *key;
}

static bool host_keep(void *context, Str bytes, const Hash *hash, Error *err)
{
    Host *host = context;
    (void)err;
    Hash actual = host_put(host, bytes);
    CHECK(hash_equal(&actual, hash));
    host->kept++;
    return true;
}

static bool host_sync(void *context, Error *err)
{
    Host *host = context;
    (void)err;
    if (host->before_commit)
        host->before_commit(host->context);
    host->before_commit = NULL;
    return true;
}

static bool host_finish(void *context, const ApplyFinish *finish, Error *err)
{
    Host *host = context;
    (void)err;
    host->finished++;
    host->failed = finish->failed;
    CHECK_STR(finish->payload, STR("payload"));
    return true;
}

static bool host_amend(void *context, Arena *arena, const ApplyAmend *amend, Str *out, Error *err)
{
    (void)context;
    (void)err;
    *out = str_of(arena_format(arena, "amended %zu from %.*s", amend->failed.items[0],
                               STR_ARG(amend->new_bytes)));
    return true;
}

/* A place to work in: a home, two roots, entries by short words */
typedef ARRAY(ApplyEntry) Entries;
typedef struct {
    Test *t;
    Host host;
    ApplyHost face;
    int home_fd, fd[2];
    const char *home, *path[2];
    Entries entries[2];
    ApplyResult result;
} World;

static World world_new(Test *t)
{
    World w = {.t = t, .host = {.arena = t->arena, .content = map_new(t->arena, 64)}};
    w.home = arena_format(t->arena, "%s/home", t->dir);
    CHECK_OK(fs_make_root(w.home, 0700, &w.home_fd, &t->err));
    for (int i = 0; i < 2; i++) {
        w.path[i] = arena_format(t->arena, "%s/root%d", t->dir, i);
        CHECK_OK(fs_make_root(w.path[i], 0755, &w.fd[i], &t->err));
    }
    return w;
}

static void world_close(World *w)
{
    fd_close(&w->home_fd);
    fd_close(&w->fd[0]);
    fd_close(&w->fd[1]);
}

static Mode mode_of(const char *text)
{
    if (!text)
        return MODE_NONE;
    return text[0] == '@' ? MODE_LINK : text[0] == '!' ? MODE_EXEC : MODE_FILE;
}

/* "text" a file, "!text" an executable one, "@target" a link, NULL absent */
static Hash content(World *w, const char *text)
{
    if (!text)
        return (Hash){{0}};
    return host_put(&w->host, str_of(text + (text[0] == '@' || text[0] == '!')));
}

static void change(World *w, int root, const char *path, const char *from, const char *to,
                   size_t group)
{
    ApplyEntry entry = {.path = str_of(path),
                        .old_mode = mode_of(from),
                        .old_hash = content(w, from),
                        .new_mode = mode_of(to),
                        .new_hash = content(w, to),
                        .group = group};
    ARRAY_PUSH(w->t->arena, &w->entries[root], entry);
}

static bool run(World *w, Error *err)
{
    w->face = (ApplyHost){&w->host, host_read, host_keep, host_sync, host_finish, host_amend};
    ApplyRoot roots[2];
    size_t count = 0;
    for (int i = 0; i < 2; i++)
        if (w->entries[i].count)
            roots[count++] = (ApplyRoot){w->path[i], w->fd[i], ".weir", w->entries[i].items,
                                         w->entries[i].count};
    ApplySpec spec = {.home = w->home,
                      .home_fd = w->home_fd,
                      .id = id_new(w->t->arena),
                      .roots = roots,
                      .root_count = count,
                      .payload = STR("payload")};
    return apply_run(w->t->arena, &spec, &w->face, &w->result, err);
}

static const char *all(Test *t)
{
    return test_shell(t,
                      "cd %s; find root0 root1 home ! -type d -printf '%%p %%y %%m %%l|' "
                      "\\( ! -type f -o -exec cat {} \\; \\) -printf '\\n' | LC_ALL=C sort",
                      t->dir);
}

TEST(creates_replaces_deletes_and_changes_mode_in_two_roots)
{
    SCOPED(world_close) World w = world_new(t);
    test_write(t, "root0/a", "one");
    test_write(t, "root0/gone/b", "two");
    test_write(t, "root1/x", "run");
    change(&w, 0, "a", "one", "ONE", 0);
    change(&w, 0, "gone/b", "two", NULL, 0);
    change(&w, 0, "fresh/deep/c", NULL, "three", 0);
    change(&w, 0, "fresh/l", NULL, "@deep/c", 0);
    change(&w, 1, "x", "run", "!run", 1);
    change(&w, 1, ".weir/deployed.toml", NULL, "record", APPLY_RECORD);
    CHECK_OK(run(&w, &t->err));
    CHECK_INT(w.result.outcome, APPLY_DONE);
    CHECK_INT(w.host.finished, 1);
    CHECK_INT(w.host.kept, 3);
    CHECK_TEXT(all(t), "root0/a f 644 |ONE\nroot0/fresh/deep/c f 644 |three\n"
                       "root0/fresh/l l 777 deep/c|\nroot1/.weir/deployed.toml f 644 |record\n"
                       "root1/x f 755 |run\n");
    CHECK(!fs_exists(arena_format(t->arena, "%s/gone", w.path[0])));
    CHECK(!fs_exists(arena_format(t->arena, "%s/.weir", w.path[0])));
}

TEST(swaps_files_folders_and_links_for_each_other)
{
    SCOPED(world_close) World w = world_new(t);
    test_write(t, "root0/file", "f");
    test_write(t, "root0/folder/in/x", "x");
    test_write(t, "root0/folder/y", "y");
    (void)test_shell(t, "ln -s file root0/link");
    change(&w, 0, "file", "f", NULL, 0);
    change(&w, 0, "file/a", NULL, "a", 0);
    change(&w, 0, "file/b/c", NULL, "c", 0);
    change(&w, 0, "folder", NULL, "@file", 0);
    change(&w, 0, "folder/in/x", "x", NULL, 0);
    change(&w, 0, "folder/y", "y", NULL, 0);
    change(&w, 0, "link", "@file", "now a file", 0);
    CHECK_OK(run(&w, &t->err));
    CHECK_INT(w.result.outcome, APPLY_DONE);
    CHECK_TEXT(all(t), "root0/file/a f 644 |a\nroot0/file/b/c f 644 |c\n"
                       "root0/folder l 777 file|\nroot0/link f 644 |now a file\n");
}

TEST(a_changed_target_stops_everything_and_is_named)
{
    SCOPED(world_close) World w = world_new(t);
    test_write(t, "root0/a", "edited");
    test_write(t, "root0/b", "two");
    change(&w, 0, "a", "one", "ONE", 7);
    change(&w, 0, "b", "two", "TWO", 8);
    CHECK_OK(run(&w, &t->err));
    CHECK_INT(w.result.outcome, APPLY_RACED);
    CHECK_INT(w.result.raced.count, 1);
    CHECK_INT(w.result.raced.items[0].group, 7);
    CHECK_INT(w.host.finished, 0);
    CHECK_TEXT(all(t), "root0/a f 644 |edited\nroot0/b f 644 |two\n");
}

TEST(a_folder_with_a_foreign_file_does_not_become_a_file)
{
    SCOPED(world_close) World w = world_new(t);
    test_write(t, "root0/folder/y", "y");
    test_write(t, "root0/folder/mine", "untracked");
    change(&w, 0, "folder", NULL, "now a file", 0);
    change(&w, 0, "folder/y", "y", NULL, 0);
    CHECK_OK(run(&w, &t->err));
    CHECK_INT(w.result.outcome, APPLY_RACED);
    CHECK_TEXT(all(t), "root0/folder/mine f 644 |untracked\nroot0/folder/y f 644 |y\n");
}

TEST(an_emptied_folder_goes_but_not_with_a_foreign_file_nor_above_the_kept_part)
{
    SCOPED(world_close) World w = world_new(t);
    test_write(t, "root0/p/q/one/x", "x");
    test_write(t, "root0/p/q/two/x", "x");
    test_write(t, "root0/p/q/two/mine", "m");
    test_write(t, "root0/s/t/u/x", "x");
    change(&w, 0, "p/q/one/x", "x", NULL, 0);
    change(&w, 0, "p/q/two/x", "x", NULL, 0);
    change(&w, 0, "s/t/u/x", "x", NULL, 0);
    w.entries[0].items[2].keep_bytes = 3;
    CHECK_OK(run(&w, &t->err));
    CHECK_TEXT(test_shell(t, "cd root0; find . | LC_ALL=C sort"),
               ".\n./p\n./p/q\n./p/q/two\n./p/q/two/mine\n./s\n./s/t\n");
}

TEST(permissions_and_attributes_of_a_replaced_file_stay)
{
    SCOPED(world_close) World w = world_new(t);
    test_write_bytes(t, "root0/a", STR("one"), 0640);
    test_write_bytes(t, "root0/b", STR("two"), 0750);
    SCOPED(fd_close) int fd = fs_open_at(w.fd[0], STR("a"), O_RDWR, 0);
    bool attributes = fsetxattr(fd, "user.weir", "v", 1, 0) == 0;
    change(&w, 0, "a", "one", "!ONE", 0);
    change(&w, 0, "b", "!two", "TWO", 0);
    CHECK_OK(run(&w, &t->err));
    CHECK_TEXT(all(t), "root0/a f 750 |ONE\nroot0/b f 640 |TWO\n");
    char value[8];
    SCOPED(fd_close) int now = fs_open_at(w.fd[0], STR("a"), O_RDONLY, 0);
    CHECK(!attributes || fgetxattr(now, "user.weir", value, sizeof value) == 1);
}

TEST(refuses_what_cannot_be_applied)
{
    SCOPED(world_close) World w = world_new(t);
    change(&w, 0, "a", NULL, "x", 0);
    change(&w, 0, "a/b", NULL, "y", 0);
    CHECK_FAILS(ERR_INVALID, run(&w, &t->err));
    w.entries[0].count = 0;
    change(&w, 0, "../a", NULL, "x", 0);
    CHECK(!run(&w, &t->err));
    w.entries[0].count = 0;
    change(&w, 0, "a", "same", "same", 0);
    CHECK_FAILS(ERR_INVALID, run(&w, &t->err));
    CHECK_TEXT(all(t), "");
}

TEST(a_link_on_the_way_is_an_error_and_nothing_changes)
{
    SCOPED(world_close) World w = world_new(t);
    test_write(t, "root0/real/f", "f");
    (void)test_shell(t, "ln -s real root0/.claude");
    change(&w, 0, ".claude/new/x", NULL, "x", 0);
    CHECK(!run(&w, &t->err));
    CHECK_TEXT(all(t), "root0/.claude l 777 real|\nroot0/real/f f 644 |f\n");
}

/* A user at the worst moment: between the check and COMMIT */

static void edit_a(void *context)
{
    test_write(context, "root0/a", "his edit");
}

TEST(an_edit_between_check_and_exchange_rolls_everything_back)
{
    SCOPED(world_close) World w = world_new(t);
    test_write(t, "root0/a", "one");
    test_write(t, "root0/0", "zero");
    test_write(t, "root0/d/e", "e");
    test_write(t, "root1/z", "z");
    change(&w, 0, "0", "zero", "ZERO", 0);
    change(&w, 0, "a", "one", "ONE", 0);
    change(&w, 0, "d/e", "e", NULL, 0);
    change(&w, 0, "new/f", NULL, "f", 0);
    change(&w, 1, "z", "z", "Z", 1);
    w.host.before_commit = edit_a;
    w.host.context = t;
    CHECK_OK(run(&w, &t->err));
    CHECK_INT(w.result.outcome, APPLY_RACED);
    CHECK_INT(w.result.raced.count, 1);
    CHECK_INT(w.host.finished, 0);
    CHECK_TEXT(all(t), "root0/0 f 644 |zero\nroot0/a f 644 |his edit\nroot0/d/e f 644 |e\n"
                       "root1/z f 644 |z\n");
    CHECK(!fs_exists(arena_format(t->arena, "%s/new", w.path[0])));
}

static void make_unit(void *context)
{
    test_write(context, "root0/new/mine", "m");
}

TEST(a_folder_made_in_between_rolls_everything_back)
{
    SCOPED(world_close) World w = world_new(t);
    test_write(t, "root0/a", "one");
    change(&w, 0, "a", "one", "ONE", 0);
    change(&w, 0, "new/f", NULL, "f", 0);
    w.host.before_commit = make_unit;
    w.host.context = t;
    CHECK_OK(run(&w, &t->err));
    CHECK_INT(w.result.outcome, APPLY_RACED);
    CHECK_TEXT(all(t), "root0/a f 644 |one\nroot0/new/mine f 644 |m\n");
}

TEST(a_thousand_new_files_arrive_in_one_go)
{
    SCOPED(world_close) World w = world_new(t);
    for (int i = 0; i < 1000; i++)
        change(&w, 0, arena_format(t->arena, ".claude/skills/s%d/f%d", i / 5, i % 5), NULL,
               arena_format(t->arena, "%d", i), (size_t)i / 5);
    CHECK_OK(run(&w, &t->err));
    CHECK_INT(w.result.outcome, APPLY_DONE);
    CHECK_TEXT(test_shell(t, "find root0/.claude -type f | wc -l"), "1000\n");
    CHECK_STR(test_read(t, "root0/.claude/skills/s199/f4"), STR("999"));
}

TEST(recovery_finds_nothing_to_do_in_a_clean_home)
{
    SCOPED(world_close) World w = world_new(t);
    ApplyRecovery recovery;
    CHECK_OK(apply_recover(t->arena, w.home, w.home_fd, 0, &w.face, &recovery, &t->err));
    CHECK_INT(recovery.count, 0);
    CHECK_TEXT(test_shell(t, "find home | wc -l"), "1\n");
}

TEST(a_second_writer_waits_and_is_told_who_holds_the_folder)
{
    SCOPED(operation_lock_release) OperationLock *first = NULL;
    SCOPED(operation_lock_release) OperationLock *second = NULL;
    LockFolder folder = {t->dir, true}, reader = {t->dir, false};
    CHECK_OK(operation_lock_acquire(t->arena, &folder, 1, 0, &first, &t->err));
    CHECK_FAILS(ERR_LOCKED, operation_lock_acquire(t->arena, &reader, 1, 30, &second, &t->err));
    CHECK_HAS(t->err.message, "by process");
    operation_lock_release(&first);
    CHECK_OK(operation_lock_acquire(t->arena, &reader, 1, 0, &second, &t->err));
    CHECK_OK(operation_lock_acquire(t->arena, &reader, 1, 0, &first, &t->err));
}

TEST(one_folder_under_two_names_is_locked_once_and_the_stronger_way)
{
    SCOPED(operation_lock_release) OperationLock *lock = NULL;
    SCOPED(operation_lock_release) OperationLock *other = NULL;
    (void)test_shell(t, "ln -s . self");
    LockFolder both[] = {{t->dir, false}, {arena_format(t->arena, "%s/self", t->dir), true}};
    CHECK_OK(operation_lock_acquire(t->arena, both, 2, 0, &lock, &t->err));
    CHECK_INT(operation_lock_fd(lock, 0), operation_lock_fd(lock, 1));
    CHECK_FAILS(ERR_LOCKED, operation_lock_acquire(t->arena, both, 1, 0, &other, &t->err));
}
