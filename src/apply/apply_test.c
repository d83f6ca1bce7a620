#include "apply/world_test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/fs.h"

TEST(creates_replaces_deletes_and_changes_mode_in_two_roots)
{
    SCOPED(world_close) World *w = world_new(t);
    test_write(t, "root0/a", "one");
    test_write(t, "root0/gone/b", "two");
    test_write(t, "root1/x", "run");
    world_change(w, 0, "a", "one", "ONE", 0);
    world_change(w, 0, "gone/b", "two", NULL, 0);
    world_change(w, 0, "fresh/deep/c", NULL, "three", 0);
    world_change(w, 0, "fresh/l", NULL, "@deep/c", 0);
    world_change(w, 1, "x", "run", "!run", 1);
    world_change(w, 1, ".weir/deployed.toml", NULL, "record", APPLY_RECORD);
    CHECK_OK(world_run(w, &t->err));
    CHECK_INT(w->result.outcome, APPLY_DONE);
    CHECK_INT(w->host.finished, 1);
    CHECK_INT(w->host.kept, 3);
    CHECK_TEXT(world_all(t),
               "root0/a f 644 |ONE\nroot0/fresh/deep/c f 644 |three\n"
               "root0/fresh/l l 777 deep/c|\nroot1/.weir/deployed.toml f 644 |record\n"
               "root1/x f 755 |run\n");
    CHECK(!fs_exists(arena_format(t->arena, "%s/gone", w->path[0])));
    CHECK(!fs_exists(arena_format(t->arena, "%s/.weir", w->path[0])));
}

TEST(swaps_files_folders_and_links_for_each_other)
{
    SCOPED(world_close) World *w = world_new(t);
    test_write(t, "root0/file", "f");
    test_write(t, "root0/folder/in/x", "x");
    test_write(t, "root0/folder/y", "y");
    (void)test_shell(t, "ln -s file root0/link");
    world_change(w, 0, "file", "f", NULL, 0);
    world_change(w, 0, "file/a", NULL, "a", 0);
    world_change(w, 0, "file/b/c", NULL, "c", 0);
    world_change(w, 0, "folder", NULL, "@file", 0);
    world_change(w, 0, "folder/in/x", "x", NULL, 0);
    world_change(w, 0, "folder/y", "y", NULL, 0);
    world_change(w, 0, "link", "@file", "now a file", 0);
    CHECK_OK(world_run(w, &t->err));
    CHECK_INT(w->result.outcome, APPLY_DONE);
    CHECK_TEXT(world_all(t), "root0/file/a f 644 |a\nroot0/file/b/c f 644 |c\n"
                             "root0/folder l 777 file|\nroot0/link f 644 |now a file\n");
}

TEST(a_changed_target_stops_everything_and_is_named)
{
    SCOPED(world_close) World *w = world_new(t);
    test_write(t, "root0/a", "edited");
    test_write(t, "root0/b", "two");
    world_change(w, 0, "a", "one", "ONE", 7);
    world_change(w, 0, "b", "two", "TWO", 8);
    CHECK_OK(world_run(w, &t->err));
    CHECK_INT(w->result.outcome, APPLY_RACED);
    CHECK_INT(w->result.raced.count, 1);
    CHECK_INT(w->result.raced.items[0].group, 7);
    CHECK_INT(w->host.finished, 0);
    CHECK_TEXT(world_all(t), "root0/a f 644 |edited\nroot0/b f 644 |two\n");
}

TEST(a_folder_with_a_foreign_file_does_not_become_a_file)
{
    SCOPED(world_close) World *w = world_new(t);
    test_write(t, "root0/folder/y", "y");
    test_write(t, "root0/folder/mine", "untracked");
    world_change(w, 0, "folder", NULL, "now a file", 0);
    world_change(w, 0, "folder/y", "y", NULL, 0);
    CHECK_OK(world_run(w, &t->err));
    CHECK_INT(w->result.outcome, APPLY_RACED);
    CHECK_TEXT(world_all(t), "root0/folder/mine f 644 |untracked\nroot0/folder/y f 644 |y\n");
}

TEST(an_emptied_folder_goes_but_not_with_a_foreign_file_nor_above_the_kept_part)
{
    SCOPED(world_close) World *w = world_new(t);
    test_write(t, "root0/p/q/one/x", "x");
    test_write(t, "root0/p/q/two/x", "x");
    test_write(t, "root0/p/q/two/mine", "m");
    test_write(t, "root0/s/t/u/x", "x");
    world_change(w, 0, "p/q/one/x", "x", NULL, 0);
    world_change(w, 0, "p/q/two/x", "x", NULL, 0);
    world_change(w, 0, "s/t/u/x", "x", NULL, 0);
    w->entries[0].items[2].keep_bytes = 3;
    CHECK_OK(world_run(w, &t->err));
    CHECK_TEXT(test_shell(t, "cd root0; find . | LC_ALL=C sort"),
               ".\n./p\n./p/q\n./p/q/two\n./p/q/two/mine\n./s\n./s/t\n");
}

TEST(permissions_and_attributes_of_a_replaced_file_stay)
{
    SCOPED(world_close) World *w = world_new(t);
    test_write_bytes(t, "root0/a", STR("one"), 0640);
    test_write_bytes(t, "root0/b", STR("two"), 0750);
    SCOPED(fd_close) int fd = fs_open_at(w->fd[0], STR("a"), O_RDWR, 0);
    bool attributes = fsetxattr(fd, "user.weir", "v", 1, 0) == 0;
    fd_close(&fd);
    world_change(w, 0, "a", "one", "!ONE", 0);
    world_change(w, 0, "b", "!two", "TWO", 0);
    CHECK_OK(world_run(w, &t->err));
    CHECK_TEXT(world_all(t), "root0/a f 750 |ONE\nroot0/b f 640 |TWO\n");
    char value[8];
    SCOPED(fd_close) int now = fs_open_at(w->fd[0], STR("a"), O_RDONLY, 0);
    CHECK(!attributes || fgetxattr(now, "user.weir", value, sizeof value) == 1);
}

TEST(refuses_what_cannot_be_applied)
{
    SCOPED(world_close) World *w = world_new(t);
    world_change(w, 0, "a", NULL, "x", 0);
    world_change(w, 0, "a/b", NULL, "y", 0);
    CHECK_FAILS(ERR_INVALID, world_run(w, &t->err));
    w->entries[0].count = 0;
    world_change(w, 0, "../a", NULL, "x", 0);
    CHECK(!world_run(w, &t->err));
    w->entries[0].count = 0;
    world_change(w, 0, "a", "same", "same", 0);
    CHECK_FAILS(ERR_INVALID, world_run(w, &t->err));
    CHECK_TEXT(world_all(t), "");
}

TEST(a_link_on_the_way_is_an_error_and_nothing_changes)
{
    SCOPED(world_close) World *w = world_new(t);
    test_write(t, "root0/real/f", "f");
    (void)test_shell(t, "ln -s real root0/.claude");
    world_change(w, 0, ".claude/new/x", NULL, "x", 0);
    CHECK(!world_run(w, &t->err));
    CHECK_TEXT(world_all(t), "root0/.claude l 777 real|\nroot0/real/f f 644 |f\n");
}

/* A user at the worst moment: between the check and COMMIT */

static void edit_a(void *context)
{
    test_write(context, "root0/a", "his edit");
}

TEST(an_edit_between_check_and_exchange_rolls_everything_back)
{
    SCOPED(world_close) World *w = world_new(t);
    test_write(t, "root0/a", "one");
    test_write(t, "root0/0", "zero");
    test_write(t, "root0/d/e", "e");
    test_write(t, "root1/z", "z");
    world_change(w, 0, "0", "zero", "ZERO", 0);
    world_change(w, 0, "a", "one", "ONE", 0);
    world_change(w, 0, "d/e", "e", NULL, 0);
    world_change(w, 0, "new/f", NULL, "f", 0);
    world_change(w, 1, "z", "z", "Z", 1);
    w->host.before_commit = edit_a;
    w->host.context = t;
    CHECK_OK(world_run(w, &t->err));
    CHECK_INT(w->result.outcome, APPLY_RACED);
    CHECK_INT(w->result.raced.count, 1);
    CHECK_INT(w->host.finished, 0);
    CHECK_TEXT(world_all(t), "root0/0 f 644 |zero\nroot0/a f 644 |his edit\nroot0/d/e f 644 |e\n"
                             "root1/z f 644 |z\n");
    CHECK(!fs_exists(arena_format(t->arena, "%s/new", w->path[0])));
}

static void make_unit(void *context)
{
    test_write(context, "root0/new/mine", "m");
}

TEST(a_folder_made_in_between_rolls_everything_back)
{
    SCOPED(world_close) World *w = world_new(t);
    test_write(t, "root0/a", "one");
    world_change(w, 0, "a", "one", "ONE", 0);
    world_change(w, 0, "new/f", NULL, "f", 0);
    w->host.before_commit = make_unit;
    w->host.context = t;
    CHECK_OK(world_run(w, &t->err));
    CHECK_INT(w->result.outcome, APPLY_RACED);
    CHECK_TEXT(world_all(t), "root0/a f 644 |one\nroot0/new/mine f 644 |m\n");
}

/* What he does to a whole folder at that moment: its files are looked for in vain, new ones have no place. */
static void make_file_of_folder(void *context)
{
    (void)test_shell(context, "rm -r root0/d; printf his >root0/d");
}

static void make_link_of_folder(void *context)
{
    (void)test_shell(context, "mv root0/d root0/real; ln -s real root0/d");
}

static void remove_folder(void *context)
{
    (void)test_shell(context, "rm -r root0/d");
}

static World *new_things_in_a_folder(Test *t, void (*before_commit)(void *context))
{
    World *w = world_new(t);
    test_write(t, "root0/a", "one");
    test_write(t, "root0/d/mine", "m");
    test_write(t, "root0/d/box/p", "p");
    world_change(w, 0, "a", "one", "ONE", 0);
    world_change(w, 0, "d/new", NULL, "n", 0);
    world_change(w, 0, "d/unit/deep/f", NULL, "f", 0);
    world_change(w, 0, "d/unit/g", NULL, "g", 0);
    w->host.before_commit = before_commit;
    w->host.context = t;
    return w;
}

TEST(a_file_in_place_of_a_folder_that_gets_something_new_rolls_everything_back)
{
    SCOPED(world_close) World *w = new_things_in_a_folder(t, make_file_of_folder);
    CHECK_OK(world_run(w, &t->err));
    CHECK_INT(w->result.outcome, APPLY_RACED);
    CHECK_TEXT(world_all(t), "root0/a f 644 |one\nroot0/d f 644 |his\n");
}

TEST(a_link_in_place_of_a_folder_that_gets_something_new_rolls_everything_back)
{
    SCOPED(world_close) World *w = new_things_in_a_folder(t, make_link_of_folder);
    CHECK_OK(world_run(w, &t->err));
    CHECK_INT(w->result.outcome, APPLY_RACED);
    CHECK_TEXT(world_all(t), "root0/a f 644 |one\nroot0/d l 777 real|\n"
                             "root0/real/box/p f 644 |p\nroot0/real/mine f 644 |m\n");
}

TEST(a_link_in_place_of_a_folder_that_is_emptied_or_becomes_a_file_rolls_everything_back)
{
    SCOPED(world_close) World *w = new_things_in_a_folder(t, make_link_of_folder);
    world_change(w, 0, "d/box", NULL, "BOX", 0);
    world_change(w, 0, "d/box/p", "p", NULL, 0);
    CHECK_OK(world_run(w, &t->err));
    CHECK_INT(w->result.outcome, APPLY_RACED);
    CHECK_TEXT(world_all(t), "root0/a f 644 |one\nroot0/d l 777 real|\n"
                             "root0/real/box/p f 644 |p\nroot0/real/mine f 644 |m\n");
}

TEST(a_folder_that_was_removed_is_made_again_for_a_new_folder_in_it)
{
    SCOPED(world_close) World *w = world_new(t);
    test_write(t, "root0/a", "one");
    test_write(t, "root0/d/mine", "m");
    world_change(w, 0, "a", "one", "ONE", 0);
    world_change(w, 0, "d/unit/deep/f", NULL, "f", 0);
    world_change(w, 0, "d/unit/g", NULL, "g", 0);
    w->host.before_commit = remove_folder;
    w->host.context = t;
    CHECK_OK(world_run(w, &t->err));
    CHECK_INT(w->result.outcome, APPLY_DONE);
    CHECK_TEXT(world_all(t), "root0/a f 644 |ONE\nroot0/d/unit/deep/f f 644 |f\n"
                             "root0/d/unit/g f 644 |g\n");
}

TEST(a_folder_that_was_removed_is_made_again_for_what_is_new_in_it)
{
    SCOPED(world_close) World *w = new_things_in_a_folder(t, remove_folder);
    CHECK_OK(world_run(w, &t->err));
    CHECK_INT(w->result.outcome, APPLY_DONE);
    CHECK_TEXT(world_all(t), "root0/a f 644 |ONE\nroot0/d/new f 644 |n\n"
                             "root0/d/unit/deep/f f 644 |f\nroot0/d/unit/g f 644 |g\n");
}

TEST(a_thousand_new_files_arrive_in_one_go)
{
    SCOPED(world_close) World *w = world_new(t);
    for (int i = 0; i < 1000; i++)
        world_change(w, 0, arena_format(t->arena, ".claude/skills/s%d/f%d", i / 5, i % 5), NULL,
                     arena_format(t->arena, "%d", i), (size_t)i / 5);
    CHECK_OK(world_run(w, &t->err));
    CHECK_INT(w->result.outcome, APPLY_DONE);
    CHECK_TEXT(test_shell(t, "find root0/.claude -type f | wc -l"), "1000\n");
    CHECK_STR(test_read(t, "root0/.claude/skills/s199/f4"), STR("999"));
}
