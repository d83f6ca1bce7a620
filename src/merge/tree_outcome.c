#include "base/limits.h"
#include "merge/diff.h"
#include "merge/tree_merge_internal.h"

static bool is_link(const TreeEntry *entry)
{
    return entry->mode == MODE_LINK;
}

static bool same_path(const TreeEntry *a, const TreeEntry *b)
{
    return str_equal(a->path, b->path);
}

static bool same_content(const TreeEntry *a, const TreeEntry *b)
{
    return hash_equal(&a->hash, &b->hash);
}

static ConflictSide side_of(const TreeEntry *entry)
{
    return entry ? (ConflictSide){entry->path, entry->mode, entry->hash} : (ConflictSide){0};
}

static bool conflict(Outcome *out, ConflictKind kind)
{
    out->in_conflict = true;
    out->conflict.kind = kind;
    return true;
}

static bool take(Outcome *out, const TreeEntry *entry)
{
    Str path = out->entry.path;
    out->entry = *entry;
    out->entry.path = path;
    return true;
}

/* One side deleted the file: fine if the other left it alone. */
static bool decide_deleted(Outcome *out, const TreeEntry *base, const TreeEntry *left,
                           ConflictKind kind)
{
    bool untouched = tree_entry_equal(base, left) && same_path(base, left);
    out->present = !untouched;
    return untouched || conflict(out, kind);
}

/* The name: the side that renamed has its way; two new names are a conflict. */
static void decide_path(Outcome *out, TreeItem item)
{
    out->entry.path = item.ours->path;
    if (same_path(item.ours, item.theirs))
        return;
    if (item.base && same_path(item.ours, item.base))
        out->entry.path = item.theirs->path;
    else if (!item.base || !same_path(item.theirs, item.base)) {
        out->entry.path = item.base ? item.base->path : item.ours->path;
        (void)conflict(out, CONFLICT_RENAME);
    }
}

static bool read_text(const MergeWork *work, Arena *arena, const TreeEntry *entry, Str *out,
                      bool *binary, Error *err)
{
    *out = (Str){0};
    if (!entry || *binary)
        return true;
    if (entry->size_bytes > LIMIT_MERGE_BYTES) {
        *binary = true;
        return true;
    }
    if (!work->blobs->read(work->blobs->context, arena, &entry->hash, out, err))
        return false;
    *binary = diff_is_binary(*out);
    return true;
}

static bool merge_item(const MergeWork *work, Arena *arena, Str path, TreeItem item,
                       LineMerge *merge, bool *binary, Error *err)
{
    Str base, ours, theirs;
    *binary = work->options->whole_files;
    if (!read_text(work, arena, item.base, &base, binary, err) ||
        !read_text(work, arena, item.ours, &ours, binary, err) ||
        !read_text(work, arena, item.theirs, &theirs, binary, err))
        return false;
    if (*binary)
        return true;
    const MergeOptions *lines = &work->options->lines;
    merge_lines(arena, base, ours, theirs, lines, merge);
    const MergeContent *content = work->options->content;
    if (content && item.base)
        content->improve(content->context, arena, path, base, ours, theirs, lines, merge);
    return true;
}

static void keep_merged(const MergeWork *work, TreeItem item, Str text, Outcome *out)
{
    out->entry.hash = hash_of(text);
    out->entry.size_bytes = text.len;
    if (hash_equal(&out->entry.hash, &item.ours->hash) ||
        hash_equal(&out->entry.hash, &item.theirs->hash))
        return;
    NewBlob blob = {out->entry.hash, arena_copy(work->arena, text)};
    ARRAY_PUSH(work->arena, work->new_blobs, blob);
}

/* Both sides changed the content. What was read is kept only for a conflict, whose spans need it. */
static bool decide_text(const MergeWork *work, TreeItem item, Outcome *out, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    LineMerge merge = {0};
    bool binary;
    if (!merge_item(work, scratch, out->entry.path, item, &merge, &binary, err))
        return false;
    if (binary)
        return conflict(out, item.base ? CONFLICT_BINARY : CONFLICT_ADD_ADD);
    if (merge.clean) {
        keep_merged(work, item, merge.text, out);
        return true;
    }
    if (!merge_item(work, work->arena, out->entry.path, item, &out->conflict.merge, &binary, err))
        return false;
    out->conflict.has_text = true;
    return conflict(out, item.base ? CONFLICT_CONTENT : CONFLICT_ADD_ADD);
}

/* Two plain files: mode and content are decided apart, each by the rule of three. */
static bool decide_plain(const MergeWork *work, TreeItem item, Outcome *out, Error *err)
{
    const TreeEntry *base = item.base, *ours = item.ours, *theirs = item.theirs;
    out->entry.mode = ours->mode;
    bool mode_open = !base && ours->mode != theirs->mode;
    if (base && ours->mode == base->mode)
        out->entry.mode = theirs->mode;

    Mode mode = out->entry.mode;
    bool decided = true;
    if (same_content(ours, theirs) || (base && same_content(theirs, base)))
        take(out, ours);
    else if (base && same_content(ours, base))
        take(out, theirs);
    else
        decided = decide_text(work, item, out, err);
    out->entry.mode = mode;
    if (decided && mode_open && !out->in_conflict)
        return conflict(out, CONFLICT_MODE);
    return decided;
}

static bool decide_content(const MergeWork *work, TreeItem item, Outcome *out, Error *err)
{
    if (tree_entry_equal(item.ours, item.theirs) || tree_entry_equal(item.theirs, item.base))
        return take(out, item.ours);
    if (tree_entry_equal(item.ours, item.base))
        return take(out, item.theirs);
    take(out, item.ours);
    if (is_link(item.ours) != is_link(item.theirs))
        return conflict(out, CONFLICT_TYPE);
    if (is_link(item.ours))
        return conflict(out, item.base ? CONFLICT_SYMLINK : CONFLICT_ADD_ADD);
    if (item.base && is_link(item.base))
        item.base = NULL; /* both made it a plain file: its old target is no text to merge with */
    return decide_plain(work, item, out, err);
}

bool outcome_decide(const MergeWork *work, TreeItem item, Outcome *out, Error *err)
{
    Outcome result = {.item = item, .present = true};
    const TreeEntry *one = item.ours ? item.ours : item.theirs;
    bool decided = true;
    if (!one)
        result.present = false;
    else if (item.ours && item.theirs) {
        decide_path(&result, item);
        decided = result.in_conflict || decide_content(work, item, &result, err);
    } else {
        result.entry = *one;
        if (item.base)
            decided = decide_deleted(&result, item.base, one,
                                     item.ours ? CONFLICT_MODIFY_DELETE : CONFLICT_DELETE_MODIFY);
    }
    if (!decided)
        return false;
    result.conflict.path = result.entry.path;
    result.conflict.mode = result.entry.mode;
    result.conflict.base = side_of(item.base);
    result.conflict.ours = side_of(item.ours);
    result.conflict.theirs = side_of(item.theirs);
    *out = result;
    return true;
}
