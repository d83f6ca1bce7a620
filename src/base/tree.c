#include "base/tree.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/name.h"

/* The canonical form is specified in docs/content-hash.md; a change here needs a new version line. */
static const char VERSION_LINE[] = "weir tree 1\n";

static const char mode_letters[] = {
    [MODE_NONE] = '-', [MODE_FILE] = 'f', [MODE_EXEC] = 'x', [MODE_LINK] = 'l'};

const char *mode_name(Mode mode)
{
    static const char *const names[] = {"none", "file", "exec", "link"};
    return names[mode];
}

static void be32(uint8_t out[4], size_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

Hash tree_hash(const Tree *tree)
{
    Hasher hasher;
    hash_begin(&hasher);
    hash_add(&hasher, VERSION_LINE, sizeof VERSION_LINE - 1);
    for (size_t i = 0; i < tree->count; i++) {
        const TreeEntry *entry = &tree->items[i];
        uint8_t head[5] = {(uint8_t)mode_letters[entry->mode]};
        be32(head + 1, entry->path.len);
        hash_add(&hasher, head, sizeof head);
        hash_add(&hasher, entry->path.data, entry->path.len);
        hash_add(&hasher, entry->hash.bytes, sizeof entry->hash.bytes);
    }
    return hash_end(&hasher);
}

static int entry_order(const void *a, const void *b)
{
    return str_compare(((const TreeEntry *)a)->path, ((const TreeEntry *)b)->path);
}

void tree_sort(Tree *tree)
{
    bool sorted = true;
    for (size_t i = 1; sorted && i < tree->count; i++)
        sorted = entry_order(&tree->items[i - 1], &tree->items[i]) <= 0;
    if (!sorted)
        qsort(tree->items, tree->count, sizeof *tree->items, entry_order);
}

const TreeEntry *tree_find(const Tree *tree, Str path)
{
    TreeEntry key = {.path = path};
    if (!tree->count)
        return NULL;
    return bsearch(&key, tree->items, tree->count, sizeof *tree->items, entry_order);
}

bool tree_entry_equal(const TreeEntry *a, const TreeEntry *b)
{
    if (!a || !b)
        return a == b;
    return a->mode == b->mode && hash_equal(&a->hash, &b->hash);
}

bool tree_equal(const Tree *a, const Tree *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!str_equal(a->items[i].path, b->items[i].path) ||
            !tree_entry_equal(&a->items[i], &b->items[i]))
            return false;
    return true;
}

bool tree_is_file(const Tree *tree)
{
    return tree->count == 1 && tree->items[0].path.len == 0;
}

uint64_t tree_bytes(const Tree *tree)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < tree->count; i++)
        sum += tree->items[i].size_bytes;
    return sum;
}

/* Stored form, a line an entry: mode letter, blob hash, size, path length, path; the length lets a path
 * hold any byte but NUL. */
Str tree_write(Arena *arena, const Tree *tree)
{
    Buf out = buf_new(arena);
    buf_add_text(&out, VERSION_LINE);
    for (size_t i = 0; i < tree->count; i++) {
        const TreeEntry *entry = &tree->items[i];
        HashHex hex = hash_hex(&entry->hash);
        buf_format(&out, "%c %s %llu %zu ", mode_letters[entry->mode], hex.text,
                   (unsigned long long)entry->size_bytes, entry->path.len);
        buf_add(&out, entry->path);
        buf_add_char(&out, '\n');
    }
    return buf_str(&out);
}

static Mode mode_of_letter(Str letter)
{
    for (Mode mode = MODE_FILE; letter.len == 1 && mode <= MODE_LINK; mode++)
        if (letter.data[0] == mode_letters[mode])
            return mode;
    return MODE_NONE;
}

static bool canonical_number(Str s, uint64_t *out)
{
    return str_to_u64(s, out) && (s.len == 1 || s.data[0] != '0');
}

static bool read_entry(Str *rest, TreeEntry *out)
{
    Str mode;
    Str hex;
    Str size;
    Str len;
    uint64_t path_len;
    if (!str_next(rest, ' ', &mode) || !str_next(rest, ' ', &hex) || !str_next(rest, ' ', &size) ||
        !str_next(rest, ' ', &len))
        return false;
    out->mode = mode_of_letter(mode);
    if (out->mode == MODE_NONE || !hash_parse(hex, &out->hash) ||
        !canonical_number(size, &out->size_bytes) || !canonical_number(len, &path_len) ||
        rest->len <= path_len || rest->data[path_len] != '\n')
        return false;
    out->path = str_slice(*rest, 0, path_len);
    *rest = str_slice(*rest, path_len + 1, rest->len);
    return true;
}

static bool check_entry(const Tree *tree, const TreeEntry *entry, bool last, Error *err)
{
    if (tree->count && str_compare(tree->items[tree->count - 1].path, entry->path) >= 0)
        return fail(err, ERR_CORRUPT, "stored tree is not sorted");
    if (!entry->path.len)
        return tree->count == 0 && last ? true
                                        : fail(err, ERR_CORRUPT, "stored tree has an empty path");
    return name_check_path(entry->path, err);
}

bool tree_read(Arena *arena, Str text, Tree *out, Error *err)
{
    Tree tree = {0};
    Str rest = text;
    if (!str_starts(rest, STR("weir tree 1\n")))
        return fail(err, ERR_CORRUPT, "stored tree has an unknown form");
    rest = str_slice(rest, sizeof VERSION_LINE - 1, rest.len);
    while (rest.len) {
        TreeEntry entry = {0};
        if (!read_entry(&rest, &entry))
            return fail(err, ERR_CORRUPT, "stored tree is torn after %zu entries", tree.count);
        if (!check_entry(&tree, &entry, !rest.len, err))
            return false;
        entry.path = arena_copy(arena, entry.path);
        ARRAY_PUSH(arena, &tree, entry);
    }
    *out = tree;
    return true;
}
