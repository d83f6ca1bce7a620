#include "content/snapshot.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "testing/test.h"

static Snapshot snap(Test *t, const char *path)
{
    Snapshot snapshot;
    CHECK_OK(snapshot_read(t->arena, t->dir_fd, str_of(path), NULL, &snapshot, &t->err));
    return snapshot;
}

static bool snap_fails(Test *t, const char *path)
{
    Snapshot snapshot;
    return snapshot_read(t->arena, t->dir_fd, str_of(path), NULL, &snapshot, &t->err);
}

static const char *listing(Test *t, const Snapshot *snapshot)
{
    Buf text = buf_new(t->arena);
    for (size_t i = 0; i < snapshot->tree.count; i++)
        buf_format(&text, "%s %.*s\n", mode_name(snapshot->tree.items[i].mode),
                   STR_ARG(snapshot->tree.items[i].path));
    return buf_text(&text);
}

TEST(lists_files_executables_and_links_in_byte_order)
{
    test_shell(
        t, "mkdir -p a/x a/x.d a/empty && printf 1 >a/x/f && printf 2 >a/x.d/g && printf 3 >a/x-y "
           "&& chmod 755 a/x-y && ln -s x/f a/link");
    Snapshot snapshot = snap(t, "a");
    CHECK(snapshot.exists && !snapshot.is_file);
    CHECK_TEXT(listing(t, &snapshot), "link link\nexec x-y\nfile x.d/g\nfile x/f\n");
    Hash target = hash_of(STR("x/f"));
    CHECK(hash_equal(&snapshot.tree.items[0].hash, &target));
    CHECK(snapshot.tree.items[0].size_bytes == 3);
    Hash whole = tree_hash(&snapshot.tree);
    CHECK(hash_equal(&snapshot.hash, &whole));
}

TEST(agrees_with_sha256sum_on_every_file)
{
    test_shell(t, "mkdir -p a/b && printf '' >a/empty && printf 'x\\r\\ny' >a/crlf && "
                  "head -c 300000 /dev/urandom >a/b/large && head -c 65536 /dev/zero >a/b/block && "
                  "head -c 65537 /dev/zero >a/b/over");
    Snapshot snapshot = snap(t, "a");
    Buf ours = buf_new(t->arena);
    for (size_t i = 0; i < snapshot.tree.count; i++)
        buf_format(&ours, "%s  %.*s\n", hash_hex(&snapshot.tree.items[i].hash).text,
                   STR_ARG(snapshot.tree.items[i].path));
    CHECK_TEXT(buf_text(&ours),
               test_shell(t, "cd a && find . -type f -printf '%%P\\n' | LC_ALL=C sort | "
                             "xargs sha256sum"));
}

TEST(reads_one_file_as_a_tree_without_a_name)
{
    test_shell(t, "mkdir d && printf hello >d/note.md");
    Snapshot snapshot = snap(t, "d/note.md");
    CHECK(snapshot.exists && snapshot.is_file && tree_is_file(&snapshot.tree));
    Hash hash = hash_of(STR("hello"));
    CHECK(hash_equal(&snapshot.tree.items[0].hash, &hash));
    Str bytes;
    CHECK_OK(snapshot_blob(t->arena, t->dir_fd, STR("d/note.md"), &snapshot.tree.items[0], &bytes,
                           &t->err));
    CHECK_STR(bytes, STR("hello"));
}

TEST(reads_the_root_itself)
{
    test_write(t, "f", "1");
    Snapshot snapshot = snap(t, "");
    CHECK_TEXT(listing(t, &snapshot), "file f\n");
}

TEST(tells_what_is_not_there_from_what_is_empty)
{
    test_shell(t, "mkdir empty && touch file");
    CHECK(!snap(t, "nowhere").exists && !snap(t, "nowhere/below").exists);
    CHECK(!snap(t, "file/below").exists);
    Snapshot empty = snap(t, "empty");
    CHECK(empty.exists && !empty.tree.count && !hash_is_zero(&empty.hash));
    Snapshot absent = snap(t, "nowhere");
    CHECK(hash_is_zero(&absent.hash));
}

TEST(leaves_out_what_its_own_rules_ignore_but_keeps_the_rules)
{
    test_shell(t,
               "mkdir -p a/build/deep a/.git a/sub && printf '*.log\\nbuild/\\n' >a/.weirignore && "
               "touch a/x.log a/build/deep/f a/.git/config a/sub/y.log a/sub/k a/m.pyc a/f~");
    Snapshot snapshot = snap(t, "a");
    CHECK_TEXT(listing(t, &snapshot), "file .weirignore\nfile sub/k\n");
    CHECK(snapshot_is_ignored(&snapshot, STR("build/deep/f"), false));
    CHECK(!snapshot_is_ignored(&snapshot, STR("sub/k"), false));
}

TEST(does_not_apply_ignores_to_the_artifact_itself)
{
    test_shell(t, "mkdir -p __pycache__ && touch __pycache__/f note.md~");
    Snapshot folder = snap(t, "__pycache__");
    CHECK_TEXT(listing(t, &folder), "file f\n");
    CHECK(snap(t, "note.md~").is_file);
}

TEST(does_not_open_what_it_ignores)
{
    test_shell(t, "mkdir -p a/logs && mkfifo a/pipe.log a/logs/p && printf '*.log\\nlogs\\n' "
                  ">a/.weirignore");
    Snapshot snapshot = snap(t, "a");
    CHECK_TEXT(listing(t, &snapshot), "file .weirignore\n");
}

TEST(names_a_pipe_a_socket_or_a_device_and_refuses_it)
{
    test_shell(t, "mkdir a b && mkfifo a/pipe b/pipe");
    CHECK_FAILS(ERR_INVALID, snap_fails(t, "a"));
    CHECK_HAS(t->err.message, "a/pipe");
    CHECK_HAS(error_hint(&t->err), ".weirignore");
    CHECK_FAILS(ERR_INVALID, snap_fails(t, "b/pipe"));
}

TEST(refuses_links_that_leave_the_artifact_and_names_them)
{
    static const char *const targets[] = {"../x", "/etc/passwd", "..", "sub/../../x"};
    test_shell(t, "mkdir -p a/sub");
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        test_shell(t, "ln -sfn '%s' a/link", targets[i]);
        CHECK_FAILS(ERR_LINK_REFUSED, snap_fails(t, "a"));
        CHECK_HAS(t->err.message, "link");
    }
    test_shell(t, "rm a/link && ln -s ../sub a/sub/ok");
    CHECK_INT(snap(t, "a").tree.count, 1);
}

TEST(refuses_an_artifact_that_is_a_link_or_lies_behind_one)
{
    test_shell(t, "mkdir -p real/a && touch real/a/f && ln -s real/a link && ln -s real behind && "
                  "ln -s nowhere dead");
    CHECK_FAILS(ERR_LINK_REFUSED, snap_fails(t, "link"));
    CHECK_FAILS(ERR_LINK_REFUSED, snap_fails(t, "dead"));
    CHECK_FAILS(ERR_PATH_ESCAPES, snap_fails(t, "behind/a"));
    CHECK_FAILS(ERR_PATH_ESCAPES, snap_fails(t, "behind/a/f"));
}

TEST(keeps_names_that_are_not_utf8)
{
    test_shell(t, "mkdir a && touch \"$(printf 'a/\\377\\376')\"");
    Snapshot snapshot = snap(t, "a");
    CHECK_INT(snapshot.tree.count, 1);
    CHECK_STR(snapshot.tree.items[0].path, STR("\xff\xfe"));
}

TEST(refuses_names_that_other_systems_cannot_bear)
{
    static const char *const names[] = {"con", "a\\\\b", "tail.", "aux.txt", "x:y", "\\033[1m"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        test_shell(t, "rm -rf a; mkdir -p a/d; touch \"$(printf 'a/d/%s')\"", names[i]);
        CHECK_FAILS(ERR_NAME_REFUSED, snap_fails(t, "a"));
        CHECK_HAS(t->err.message, "a/d/");
        CHECK(strchr(t->err.message, '\033') == NULL);
    }
}

TEST(refuses_names_that_fold_into_one_and_names_both)
{
    test_shell(t, "mkdir -p a/Docs a/docs b && touch a/Docs/x a/docs/y");
    CHECK_FAILS(ERR_NAME_REFUSED, snap_fails(t, "a"));
    CHECK_HAS(t->err.message, "'Docs' and 'docs'");
    test_shell(t, "rm a/docs/y"); /* an empty folder is no content */
    CHECK_INT(snap(t, "a").tree.count, 1);
    test_shell(t, "touch \"$(printf 'b/\\303\\251')\" \"$(printf 'b/e\\314\\201')\"");
    CHECK_FAILS(ERR_NAME_REFUSED, snap_fails(t, "b"));
}

TEST(reports_an_unreadable_file_instead_of_leaving_it_out)
{
    test_shell(t, "mkdir a && touch a/f && chmod 0 a/f");
    if (geteuid() == 0)
        test_skip("root may read anything");
    CHECK_FAILS(ERR_PERMISSION, snap_fails(t, "a"));
    CHECK_HAS(t->err.message, "a/f");
}

TEST(counts_the_limits_on_actual_bytes)
{
    test_shell(t, "mkdir a && truncate -s 268435457 a/huge");
    CHECK_FAILS(ERR_TOO_LARGE, snap_fails(t, "a"));
    CHECK_HAS(t->err.message, "a/huge");
}

TEST(refuses_paths_that_are_too_deep_or_too_long)
{
    test_shell(t, "p=a; for i in $(seq 65); do p=$p/d; done; mkdir -p $p && touch $p/f");
    CHECK_FAILS(ERR_NAME_REFUSED, snap_fails(t, "a"));
    test_shell(
        t, "n=$(printf 'x%%.0s' $(seq 200)); mkdir -p b/$n/$n/$n/$n/$n && touch b/$n/$n/$n/$n/$n/f"
           " && mkdir c && cd c && mkdir -p $n/$n/$n/$n/$n/$n && touch $n/$n/$n/$n/$n/$n/f");
    CHECK_INT(snap(t, "b").tree.count, 1);
    CHECK_FAILS(ERR_NAME_REFUSED, snap_fails(t, "c"));
}

TEST(changes_neither_bytes_nor_times)
{
    test_shell(t, "mkdir -p a/b && touch a/f a/b/g && ln -s f a/l");
    const char *before = test_shell(t, "find a -printf '%%p %%m %%s %%T@ %%C@\\n' | sort");
    (void)snap(t, "a");
    CHECK_TEXT(test_shell(t, "find a -printf '%%p %%m %%s %%T@ %%C@\\n' | sort"), before);
}

TEST(says_that_a_blob_is_no_longer_what_it_was)
{
    Str bytes;
    test_shell(t, "mkdir a && printf 1 >a/f && ln -s f a/l");
    Snapshot snapshot = snap(t, "a");
    test_shell(t, "printf 2 >a/f && ln -sfn g a/l");
    for (size_t i = 0; i < 2; i++)
        CHECK_FAILS(ERR_CHANGED, snapshot_blob(t->arena, t->dir_fd, STR("a"),
                                               &snapshot.tree.items[i], &bytes, &t->err));
}

static void write_back(Test *t, Store *store, int dir_fd, const TreeEntry *entry)
{
    Str bytes;
    Str folder = str_slice(entry->path, 0, str_find_last(entry->path, '/'));
    CHECK_OK(store_get(t->arena, store, &entry->hash, &bytes, &t->err));
    if (str_find(entry->path, '/') != STR_NONE)
        CHECK_OK(fs_make_folders_at(dir_fd, folder, 0755, &t->err));
    if (entry->mode == MODE_LINK)
        CHECK_OK(fs_link_at(dir_fd, entry->path, bytes, &t->err));
    else
        CHECK_OK(fs_create_at(dir_fd, entry->path, bytes, entry->mode == MODE_EXEC ? 0755 : 0644,
                              false, &t->err));
}

TEST(survives_a_round_trip_through_the_store_byte_for_byte)
{
    test_shell(
        t, "mkdir -p home out a/sub/deep && cd a && printf '' >empty && printf 'a\\r\\nb\\r\\n' "
           ">crlf && printf 'no end' >unfinished && printf '#!/bin/sh\\n' >run && chmod 755 run && "
           "ln -s ../run sub/link && printf '\\000\\001\\377' >sub/deep/bytes && "
           "head -c 3000000 /dev/urandom >large && touch \"$(printf 'sub/\\377 x')\" && "
           "printf 'x' >'with  blanks'");
    SCOPED(store_close) Store *store = NULL;
    const char *home = arena_format(t->arena, "%s/home", t->dir);
    Snapshot snapshot = snap(t, "a");
    Tree tree;
    CHECK_OK(store_open(t->arena, home, &store, &t->err));
    CHECK_OK(snapshot_keep(store, t->dir_fd, STR("a"), &snapshot, &t->err));
    CHECK_OK(store_get_tree(t->arena, store, &snapshot.hash, &tree, &t->err));
    SCOPED(fd_close) int out = -1;
    CHECK_OK(fs_open_folder(t->dir_fd, STR("out"), &out, &t->err));
    for (size_t i = 0; i < tree.count; i++)
        write_back(t, store, out, &tree.items[i]);
    CHECK_TEXT(
        test_shell(t, "diff -r --no-dereference a out && (cd a && find . -printf '%%P %%y %%l\\n' "
                      "| sort) >1 && (cd out && find . -printf '%%P %%y %%l\\n' | sort) >2 && "
                      "cmp 1 2 && test -x out/run && echo same"),
        "same\n");
    Hash again = snap(t, "out").hash;
    CHECK(hash_equal(&again, &snapshot.hash));
}

TEST(keeps_only_what_the_store_lacks)
{
    test_shell(t, "mkdir home a && printf 1 >a/f && printf 2 >a/g");
    SCOPED(store_close) Store *store = NULL;
    Hash hash;
    CHECK_OK(store_open(t->arena, arena_format(t->arena, "%s/home", t->dir), &store, &t->err));
    CHECK_OK(store_put(store, STR("1"), &hash, &t->err));
    Snapshot snapshot = snap(t, "a");
    test_shell(t, "rm a/f"); /* what the store has is not read again */
    CHECK_OK(snapshot_keep(store, t->dir_fd, STR("a"), &snapshot, &t->err));
    test_shell(t, "mkdir b && printf 3 >b/f");
    snapshot = snap(t, "b");
    test_shell(t, "printf 4 >b/f");
    CHECK_FAILS(ERR_CHANGED, snapshot_keep(store, t->dir_fd, STR("b"), &snapshot, &t->err));
    bool found;
    CHECK_OK(store_has_tree(store, &snapshot.hash, &found, &t->err));
    CHECK(!found);
}

TEST(a_raw_snapshot_leaves_nothing_out)
{
    Snapshot ruled, raw;
    test_write(t, "a/.weirignore", "*.log\n");
    test_write(t, "a/x.log", "log");
    test_write(t, "a/y.pyc", "code");
    test_write(t, "a/z", "z");
    CHECK_OK(snapshot_read(t->arena, t->dir_fd, STR("a"), NULL, &ruled, &t->err));
    CHECK_OK(snapshot_read_raw(t->arena, t->dir_fd, STR("a"), &raw, &t->err));
    CHECK_INT(ruled.tree.count, 2);
    CHECK_INT(raw.tree.count, 4);
}
