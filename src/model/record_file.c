#include <string.h>

#include "base/text.h"
#include "model/record_internal.h"

static bool check_schema(const RecordKind *kind, const TomlDoc *doc, Error *err)
{
    const TomlNode *schema = toml_find(&doc->root, STR("schema"));
    if (!schema)
        return true;
    if (schema->kind != TOML_INTEGER || schema->as.integer < 1)
        return record_bad(kind, doc, schema, err, "'schema' must be a number from 1 up");
    if (schema->as.integer > RECORD_SCHEMA)
        return fail(err, ERR_NEWER_FORMAT, "%s has schema %lld, this weir reads up to %d",
                    kind->file, (long long)schema->as.integer, RECORD_SCHEMA);
    return true;
}

static bool read_id(const RecordKind *kind, const TomlDoc *doc, const TomlNode *block, Str *out,
                    Error *err)
{
    const char *key = kind->fields[0].key;
    const TomlNode *id = toml_find(block, str_of(key));
    if (!id)
        return record_bad(kind, doc, block, err, "the block has no '%s'", key);
    if (id->kind != TOML_STRING || id->text.len == 0)
        return record_bad(kind, doc, id, err, "'%s' must be a string such as \"skill:pdf\"", key);
    *out = id->text;
    return true;
}

bool record_blocks(const RecordKind *kind, Arena *arena, const TomlDoc *doc, RecordBlocks *out,
                   Error *err)
{
    RecordBlocks blocks = {0};
    const TomlNode *array = toml_find(&doc->root, str_of(kind->array));
    if (!check_schema(kind, doc, err))
        return false;
    if (array && array->form != TOML_BLOCKS)
        return record_bad(kind, doc, array, err, "expected blocks that start with [[%s]]",
                          kind->array);
    Map *by_id = map_new(arena, array ? array->count : 0);
    for (const TomlNode *node = array ? array->first : NULL; node; node = node->next) {
        RecordBlock block = {.node = node};
        if (!read_id(kind, doc, node, &block.id, err))
            return false;
        const TomlNode *other = map_find(by_id, block.id);
        if (other)
            return record_bad(kind, doc, node, err, "'%.120s' is on line %zu already",
                              text_safe(arena, block.id),
                              toml_place(doc->source, other->from).line);
        map_put(by_id, block.id, (void *)(uintptr_t)node);
        ARRAY_PUSH(arena, &blocks, block);
    }
    *out = blocks;
    return true;
}

bool record_file_read(Arena *arena, const RecordKind *kind, Str text, const Ancestry *ancestry,
                      Str common, RecordFile *out, Error *err)
{
    RecordFile file = {.kind = kind, .original = text};
    TomlInput input = {.text = text, .file = kind->file};
    if (str_trim(text).len == 0)
        input.text = str_of(kind->seed);
    if (record_has_markers(text)) {
        Error ignored = {0};
        if (!toml_parse(arena, &input, &file.doc, &ignored))
            return record_unite(arena, kind, text, ancestry, common, out, err);
    } else if (!toml_parse(arena, &input, &file.doc, err)) {
        return false;
    }
    if (!record_blocks(kind, arena, file.doc, &file.blocks, err))
        return false;
    *out = file;
    return true;
}

void record_file_outline(Arena *arena, RecordFile *file)
{
    file->doc = toml_outline(arena, file->doc);
    const TomlNode *array = toml_find(&file->doc->root, str_of(file->kind->array));
    const TomlNode *node = array ? array->first : NULL;
    RecordBlocks blocks = {0};
    if (file->blocks.count)
        blocks.items = ARENA_ARRAY(arena, RecordBlock, file->blocks.count);
    blocks.capacity = file->blocks.count;
    for (; node; node = node->next) {
        RecordBlock block = file->blocks.items[blocks.count];
        block.node = node;
        block.id = arena_copy(arena, block.id);
        blocks.items[blocks.count++] = block;
    }
    file->blocks = blocks;
}

size_t record_place(const RecordBlocks *blocks, size_t from, Str id)
{
    while (from < blocks->count && str_compare(blocks->items[from].id, id) < 0)
        from++;
    return from;
}

/* Of many new blocks most are as they were the last time. */
static Str new_text(Arena *arena, const RecordKind *kind, const RecordChange *change)
{
    if (!change->text->len)
        *change->text = arena_copy(change->keep, record_text(arena, kind, change->now));
    return *change->text;
}

Str record_file_write(Arena *arena, const RecordFile *file, const RecordChange *changes,
                      size_t count)
{
    TomlEdit *edit = toml_edit_begin(arena, file->doc);
    const RecordKind *kind = file->kind;
    size_t place = 0;
    bool changed = file->had_markers;
    for (size_t i = 0; i < count; i++) {
        const RecordChange *change = &changes[i];
        if (change->block && change->now && record_equal(kind, change->before, change->now))
            continue;
        if (!change->block && !change->now)
            continue;
        changed = true;
        if (!change->now) {
            toml_edit_remove(edit, change->block);
        } else if (change->block) {
            record_edit(arena, kind, edit, toml_outline_block(arena, file->doc, change->block),
                        change->before, change->now);
        } else {
            place = record_place(&file->blocks, place, change->id);
            toml_edit_insert_block(
                edit, place < file->blocks.count ? file->blocks.items[place].node : NULL,
                new_text(arena, kind, change));
        }
    }
    return changed ? toml_edit_finish(edit) : file->original;
}
