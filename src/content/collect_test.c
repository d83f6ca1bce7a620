#include "content/collect.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "testing/test.h"

enum { DAY_MS = 24 * 3600 * 1000 };
#define THEN_MS ((int64_t)1790000000000)

static Store *open_store(Test *t)
{
    Store *store = NULL;
    CHECK_OK(store_open(t->arena, t->dir, &store, &t->err));
    return store;
}

static Hash put(Test *t, Store *store, const char *text)
{
    Hash hash;
    CHECK_OK(store_put(store, str_of(text), &hash, &t->err));
    return hash;
}

static Hash put_tree(Test *t, Store *store, const char *text)
{
    Tree tree = {0};
    Hash hash;
    ARRAY_PUSH(t->arena, &tree,
               (TreeEntry){STR("a"), MODE_FILE, put(t, store, text), str_of(text).len});
    CHECK_OK(store_put_tree(store, &tree, &hash, &t->err));
    return hash;
}

static bool has(Test *t, Store *store, const Hash *hash)
{
    bool found = false;
    bool tree = false;
    CHECK_OK(store_has(store, hash, &found, &t->err));
    CHECK_OK(store_has_tree(store, hash, &tree, &t->err));
    return found || tree;
}

TEST(frees_what_is_old_and_not_needed_and_only_with_apply)
{
    clock_freeze(THEN_MS);
    SCOPED(store_close) Store *store = open_store(t);
    Hash wanted = put_tree(t, store, "wanted");
    Hash inside = hash_of(STR("wanted"));
    Hash waste = put_tree(t, store, "waste");
    Hash loose = put(t, store, "loose");
    clock_freeze(THEN_MS + 2 * DAY_MS);
    Needed *needed = needed_new(t->arena, store);
    CHECK_OK(needed_add(needed, &wanted, &t->err));
    Collected collected;
    CHECK_OK(store_collect(needed, false, &collected, &t->err));
    CHECK_INT(collected.objects, 3);
    CHECK_INT(collected.kept, 2);
    CHECK(has(t, store, &waste) && has(t, store, &loose));
    CHECK_OK(store_collect(needed, true, &collected, &t->err));
    CHECK_INT(collected.objects, 3);
    CHECK(has(t, store, &wanted) && has(t, store, &inside));
    CHECK(!has(t, store, &waste) && !has(t, store, &loose));
    clock_freeze(-1);
}

TEST(leaves_what_was_put_or_put_again_a_day_ago_or_later)
{
    clock_freeze(THEN_MS);
    SCOPED(store_close) Store *store = open_store(t);
    Hash again = put_tree(t, store, "again");
    Hash inside = hash_of(STR("again"));
    Hash stale = put_tree(t, store, "stale");
    clock_freeze(THEN_MS + 10 * DAY_MS);
    (void)put_tree(t, store, "again");
    Hash fresh = put_tree(t, store, "fresh");
    clock_freeze(THEN_MS + 11 * DAY_MS - 1);
    Collected collected;
    CHECK_OK(store_collect(needed_new(t->arena, store), true, &collected, &t->err));
    CHECK(has(t, store, &again) && has(t, store, &inside) && has(t, store, &fresh));
    CHECK(!has(t, store, &stale));
    clock_freeze(-1);
}

TEST(finds_hashes_wherever_they_stand_in_a_text)
{
    clock_freeze(THEN_MS);
    SCOPED(store_close) Store *store = open_store(t);
    Hash one = put_tree(t, store, "one");
    Hash two = put(t, store, "two");
    clock_freeze(THEN_MS + 2 * DAY_MS);
    Needed *needed = needed_new(t->arena, store);
    const char *text = arena_format(t->arena, "<<<<<<< torn\nx = \"%s\"\ntext %s",
                                    hash_hex(&one).text, hash_hex(&two).text);
    CHECK_OK(needed_add_text(needed, str_of(text), &t->err));
    Collected collected;
    CHECK_OK(store_collect(needed, true, &collected, &t->err));
    CHECK_INT(collected.objects, 0);
    clock_freeze(-1);
}

TEST(a_blob_that_is_a_trees_text_hides_nothing_of_that_tree)
{
    clock_freeze(THEN_MS);
    SCOPED(store_close) Store *store = open_store(t);
    Tree tree = {0};
    Hash inside = put(t, store, "inside");
    ARRAY_PUSH(t->arena, &tree, (TreeEntry){STR("a"), MODE_FILE, inside, 6});
    Str text = tree_write(t->arena, &tree);
    Hash hash;
    CHECK_OK(store_put_tree(store, &tree, &hash, &t->err));
    Hash outer = put_tree(t, store, arena_text(t->arena, text));
    clock_freeze(THEN_MS + 2 * DAY_MS);
    Needed *needed = needed_new(t->arena, store);
    CHECK_OK(needed_add(needed, &outer, &t->err));
    CHECK_OK(needed_add(needed, &hash, &t->err));
    Collected collected;
    CHECK_OK(store_collect(needed, true, &collected, &t->err));
    CHECK(has(t, store, &inside));
    clock_freeze(-1);
}

/* One process collects all the time and needs nothing; the other puts old trees again: whatever a put
 * answered for is there, blobs too, a moment later. The clock stands a day ahead of what lies there. */
static void collect_until(Test *t, const char *stop)
{
    SCOPED(store_close) Store *store = open_store(t);
    while (test_shell(t, "cat %s 2>/dev/null || true", stop)[0] == '\0') {
        Collected collected;
        Error err = {0};
        bool ran = store_collect(needed_new(t->arena, store), true, &collected, &err);
        if (!ran && err.code != ERR_LOCKED)
            _exit(1);
    }
    _exit(0);
}

TEST(what_is_put_again_while_another_process_collects_does_not_vanish)
{
    enum { TREES = 40 };
    Hash trees[TREES];
    clock_freeze(THEN_MS);
    SCOPED(store_close) Store *store = open_store(t);
    for (size_t i = 0; i < TREES; i++)
        trees[i] = put_tree(t, store, arena_format(t->arena, "tree %zu", i));
    store_close(&store);
    clock_freeze(THEN_MS + 2 * DAY_MS);
    pid_t child = fork();
    if (child == 0)
        collect_until(t, "stop");
    store = open_store(t);
    for (int round = 0; round < 5; round++)
        for (size_t i = 0; i < TREES; i++) {
            Hash again = put_tree(t, store, arena_format(t->arena, "tree %zu", i));
            Hash inside = hash_of(str_of(arena_format(t->arena, "tree %zu", i)));
            CHECK(hash_equal(&again, &trees[i]));
            CHECK(has(t, store, &again) && has(t, store, &inside));
        }
    test_write(t, "stop", "stop\n");
    int status;
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK_INT(status, 0);
    for (size_t i = 0; i < TREES; i++) {
        Tree tree;
        Str bytes;
        CHECK_OK(store_get_tree(t->arena, store, &trees[i], &tree, &t->err));
        CHECK_OK(store_get(t->arena, store, &tree.items[0].hash, &bytes, &t->err));
    }
    clock_freeze(-1);
}
