#include "sync/undo_records.h"

#include "base/map.h"
#include "base/path.h"
#include "sync/base_pack.h"

/* ── what the operation did ── */

static Str file_key(Arena *arena, const OperationRecord *record)
{
    return str_of(arena_format(arena, "%.*s\n%.*s", STR_ARG(record->root), STR_ARG(record->path)));
}

/* What lay between two transactions need not be read. */
OperationRecords undo_records_joined(Arena *arena, const OperationRecords *records)
{
    OperationRecords joined = {0};
    Map *newer = map_new(arena, 0);
    for (size_t i = 0; i < records->count; i++) {
        const OperationRecord *record = &records->items[i];
        Str key = file_key(arena, record);
        size_t *at = map_find(newer, key);
        if (at && hash_equal(&joined.items[*at].before, &record->after)) {
            joined.items[*at].before = record->before;
            continue;
        }
        at = ARENA_NEW(arena, size_t);
        *at = joined.count;
        ARRAY_PUSH(arena, &joined, *record);
        map_put(newer, key, at);
    }
    return joined;
}

static bool same_file(const OperationRecord *a, const OperationRecord *b)
{
    return str_equal(a->root, b->root) && str_equal(a->path, b->path);
}

static size_t count_of_file(const OperationRecords *records, const OperationRecord *file,
                            size_t *last)
{
    size_t count = 0;
    for (size_t i = 0; i < records->count; i++) {
        if (!same_file(&records->items[i], file))
            continue;
        *last = i;
        count++;
    }
    return count;
}

UndoRecords undo_records_of(Arena *arena, const OperationRecords *records)
{
    UndoRecords out = {0};
    OperationRecords joined = undo_records_joined(arena, records);
    for (size_t i = 0; i < joined.count; i++) {
        size_t last = 0;
        UndoRecord record = {.of = joined.items[i]};
        record.alone =
            base_pack_owns(record.of.path) || count_of_file(&joined, &joined.items[i], &last) == 1;
        ARRAY_PUSH(arena, &out, record);
    }
    return out;
}

static bool read_blob(Draft *draft, Arena *arena, const Hash *hash, Str *out, Error *err)
{
    *out = (Str){0};
    if (hash_is_zero(hash) || store_get(arena, draft->ws->store, hash, out, err))
        return true;
    return err->code == ERR_NOT_FOUND && fail(err, ERR_BASE_NOT_FOUND, "a record is gone");
}

static Hash block_hash(Str text)
{
    return text.len ? hash_of(text) : HASH_NONE;
}

/* Both texts are parsed once for all batches, and only the blocks that differ are kept. */
static bool read_blocks(Draft *draft, Arena *arena, UndoRecord *record, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Str before, after;
    RecordDoc *old = NULL, *new = NULL;
    if (record->read)
        return true;
    if (!read_blob(draft, scratch, &record->of.before, &before, err) ||
        !read_blob(draft, scratch, &record->of.after, &after, err) ||
        !record_doc_read(scratch, record->of.path, before, &old, err) ||
        !record_doc_read(scratch, record->of.path, after, &new, err))
        return false;
    StrArray ids = record_docs_changed(scratch, old, new);
    for (size_t i = 0; i < ids.count; i++) {
        Str id = ids.items[i];
        RecordBlock block = {arena_copy(arena, id),
                             arena_copy(arena, record_doc_block(scratch, old, id))};
        ARRAY_PUSH(arena, &record->before, block);
        ARRAY_PUSH(arena, &record->after, block_hash(record_doc_block(scratch, new, id)));
    }
    record->read = true;
    return true;
}

/* ── what is there ── */

static RawRecord *planned_record(Draft *draft, const Root *root, Str path)
{
    for (size_t i = 0; i < draft->raw_records.count; i++) {
        RawRecord *raw = &draft->raw_records.items[i];
        if (raw->root == root && str_is(path, raw->path))
            return raw;
    }
    return NULL;
}

/* As it will be: an operation of several transactions is taken back one by one, newest first. */
static Str live_record(Draft *draft, const Root *root, Str path, bool *there)
{
    const RawRecord *planned = planned_record(draft, root, path);
    if (planned) {
        *there = planned->bytes.len > 0;
        return planned->bytes;
    }
    if (str_is(path, COLLECTION_FILE)) {
        *there = root->has_people;
        return root->people;
    }
    if (str_is(path, COLLECTION_LOCK_FILE)) {
        *there = root->has_machines;
        return root->machines;
    }
    *there = root->has_deployed;
    return root->deployed;
}

/* Does it still hold what the operation left, or what earlier batches of this undo made of that? */
static bool is_untouched(const UndoRecord *record, const OperationRecords *written, Str live,
                         bool there)
{
    Hash expected = record->of.after;
    Hash now = there ? hash_of(live) : HASH_NONE;
    size_t last = 0;
    size_t count = count_of_file(written, &record->of, &last);
    if (count > 1 || (count && !hash_equal(&written->items[last].before, &expected)))
        return false;
    if (count)
        expected = written->items[last].after;
    return hash_equal(&now, &expected);
}

/* ── what it shall be ── */

static bool is_in_part(const UndoPart *part, Str artifact)
{
    const size_t *number = map_find(part->numbers, artifact);
    return part->whole || (number ? *number >= part->from && *number < part->to : part->last);
}

static bool fail_newer(Str artifact, Error *err)
{
    return fail(err, ERR_CONFLICT, "the record of %.*s has changed since", STR_ARG(artifact)) ||
           fail_hint(err, "Nothing was taken back. Look with `weir log %.*s`.", STR_ARG(artifact));
}

/* The blocks of this part that are to go back. */
static bool part_blocks(Arena *arena, const RecordDoc *live, const UndoRecord *record,
                        const UndoPart *part, RecordBlocks *out, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    for (size_t i = 0; i < record->before.count; i++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(scratch);
        const RecordBlock *before = &record->before.items[i];
        if (!is_in_part(part, before->id))
            continue;
        Str now = record_doc_block(scratch, live, before->id);
        Hash hash = block_hash(now);
        if (str_equal(now, before->text))
            continue;
        if (!hash_equal(&hash, &record->after.items[i]))
            return fail_newer(before->id, err);
        ARRAY_PUSH(arena, out, *before);
    }
    return true;
}

/* A file that the operation took away begins as it was, without the blocks that it took. */
static bool emptied(Draft *draft, const UndoRecord *record, Str *out, Error *err)
{
    Arena *arena = draft->ws->arena;
    RecordDoc *doc = NULL;
    RecordBlocks none = {0};
    Str before;
    if (!read_blob(draft, arena, &record->of.before, &before, err) ||
        !record_doc_read(arena, record->of.path, before, &doc, err))
        return false;
    for (size_t i = 0; i < record->before.count; i++)
        ARRAY_PUSH(arena, &none, ((RecordBlock){record->before.items[i].id, {0}}));
    *out = record_doc_put(arena, doc, &none);
    return true;
}

/* Only this operation's blocks go back; one that changed since is somebody's newer word. */
static bool put_blocks(Draft *draft, Arena *arena, UndoRecord *record, const UndoPart *part,
                       Str live, Str *out, Error *err)
{
    RecordDoc *doc = NULL;
    RecordBlocks blocks = {0};
    bool taken = !live.len && hash_is_zero(&record->of.after);
    if (!read_blocks(draft, arena, record, err) || (taken && !emptied(draft, record, &live, err)) ||
        !record_doc_read(draft->ws->arena, record->of.path, live, &doc, err) ||
        !part_blocks(draft->ws->arena, doc, record, part, &blocks, err))
        return false;
    *out = record_doc_put(draft->ws->arena, doc, &blocks);
    return true;
}

static void put_raw(Draft *draft, const RawRecord *raw)
{
    RawRecord *planned = planned_record(draft, raw->root, str_of(raw->path));
    if (planned)
        *planned = *raw;
    else
        ARRAY_PUSH(draft->ws->arena, &draft->raw_records, *raw);
}

bool undo_record_plan(Draft *draft, Arena *arena, UndoRecord *record, const Root *root,
                      const UndoPart *part, size_t keep_bytes, Error *err)
{
    bool there = false;
    Str path = record->of.path;
    Str live = live_record(draft, root, path, &there);
    RawRecord raw = {
        .root = root, .path = arena_text(draft->ws->arena, path), .keep_bytes = keep_bytes};
    bool pack = base_pack_owns(path);
    if (pack && !part->last)
        return true;
    bool exact = pack || (part->last && (record->alone || part->whole) &&
                          is_untouched(record, &part->written, live, there));
    if (exact ? !read_blob(draft, draft->ws->arena, &record->of.before, &raw.bytes, err)
              : !put_blocks(draft, arena, record, part, live, &raw.bytes, err))
        return false;
    if (pack)
        base_pack_undo(draft, &raw, !hash_is_zero(&record->of.after));
    else
        put_raw(draft, &raw);
    return true;
}
