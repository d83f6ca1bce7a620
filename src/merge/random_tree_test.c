#include "testing/test.h"

#include "merge/random_tree_internal.h"

#include <string.h>

#include "base/buf.h"
#include "base/name.h"
#include "merge/random_text_internal.h"

static const char *const names[] = {
    "a",       "b",        "c.md",     "README.md", "dir/a",   "dir/b.md", "dir/deep/x",
    "dir/y z", "\xc3\xbc", "q\"uote",  "b\xffytes", "dir-2/a", "dir.b",    "sub/dir/a",
    "sub/m",   "readme",   "SKILL.md", "$(x)",      "-dash",   "e/f/g/h",  "z",
};

static Str random_bytes_of(Test *t)
{
    size_t len = test_below(t, 300);
    Buf buf = buf_new(t->arena);
    for (size_t i = 0; i < len; i++)
        buf_add_char(&buf, (char)(uint8_t)test_below(t, 256));
    buf_add_char(&buf, '\0');
    return buf_str(&buf);
}

static Mode random_mode(Test *t)
{
    size_t which = test_below(t, 10);
    return which == 0 ? MODE_LINK : which < 3 ? MODE_EXEC : MODE_FILE;
}

static Str random_content(Test *t, Mode mode)
{
    if (mode == MODE_LINK)
        return str_of(arena_format(t->arena, "target-%zu", (size_t)test_below(t, 4)));
    size_t which = test_below(t, 12);
    if (which == 0)
        return (Str){0};
    return which == 1 ? random_bytes_of(t) : random_text(t, 25, 100);
}

static bool fits(Test *t, const Tree *tree, Str path)
{
    Str folded = name_fold(t->arena, path);
    for (size_t i = 0; i < tree->count; i++) {
        Str other = name_fold(t->arena, tree->items[i].path);
        Str longer = folded.len > other.len ? folded : other;
        Str shorter = folded.len > other.len ? other : folded;
        if (str_starts(longer, shorter) &&
            (longer.len == shorter.len || longer.data[shorter.len] == '/'))
            return false;
    }
    return true;
}

static void add_random_file(MemoryBlobs *blobs, Tree *tree)
{
    Test *t = blobs->t;
    Str path = str_of(names[test_below(t, COUNT_OF(names))]);
    if (!fits(t, tree, path))
        return;
    Mode mode = random_mode(t);
    tree_add(blobs, tree, path, mode, random_content(t, mode));
    tree_sort(tree);
}

Tree random_tree(MemoryBlobs *blobs, size_t files_max)
{
    Tree tree = {0};
    for (size_t n = test_below(blobs->t, files_max + 1); n > 0; n--)
        add_random_file(blobs, &tree);
    return tree;
}

static void remove_at(Tree *tree, size_t at)
{
    memmove(&tree->items[at], &tree->items[at + 1], (tree->count - at - 1) * sizeof *tree->items);
    tree->count--;
}

static void change_content(MemoryBlobs *blobs, TreeEntry *entry, bool a_little)
{
    Test *t = blobs->t;
    Str content = random_content(t, entry->mode);
    if (a_little && entry->mode != MODE_LINK)
        content = random_edit(t, memory_blobs_get(blobs, &entry->hash), 2, 100);
    memory_blobs_put(blobs, content);
    entry->hash = hash_of(content);
    entry->size_bytes = content.len;
}

static void move(MemoryBlobs *blobs, Tree *tree, size_t at, bool with_edit)
{
    Test *t = blobs->t;
    TreeEntry entry = tree->items[at];
    Str path = str_of(names[test_below(t, COUNT_OF(names))]);
    remove_at(tree, at);
    if (fits(t, tree, path))
        entry.path = path;
    if (with_edit)
        change_content(blobs, &entry, true);
    ARRAY_PUSH(t->arena, tree, entry);
    tree_sort(tree);
}

static void edit_once(MemoryBlobs *blobs, Tree *tree)
{
    Test *t = blobs->t;
    size_t kind = test_below(t, 9);
    if (tree->count == 0 || kind == 0) {
        add_random_file(blobs, tree);
        return;
    }
    size_t at = test_below(t, tree->count);
    TreeEntry *entry = &tree->items[at];
    if (kind == 1)
        remove_at(tree, at);
    else if (kind == 2 && entry->mode != MODE_LINK)
        entry->mode = entry->mode == MODE_FILE ? MODE_EXEC : MODE_FILE;
    else if (kind == 3 || kind == 4)
        move(blobs, tree, at, kind == 4);
    else if (kind == 5) {
        entry->mode = random_mode(t);
        change_content(blobs, entry, false);
    } else
        change_content(blobs, entry, kind != 6);
}

Tree random_tree_edit(MemoryBlobs *blobs, const Tree *tree, size_t edits_max)
{
    Tree copy = {0};
    for (size_t i = 0; i < tree->count; i++)
        ARRAY_PUSH(blobs->t->arena, &copy, tree->items[i]);
    for (size_t n = test_below(blobs->t, edits_max + 1); n > 0; n--)
        edit_once(blobs, &copy);
    return copy;
}
