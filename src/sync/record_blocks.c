#include "sync/record_blocks.h"

#include "base/map.h"
#include "base/path.h"
#include "format/toml_edit.h"

/* deployed.toml: [[deployed]] artifact = ...; the collection's two files: [[artifact]] id = ... */
typedef struct {
    Str array, key;
} RecordShape;

static RecordShape shape_of(Str file)
{
    if (str_is(path_base(file), "deployed.toml"))
        return (RecordShape){STR("deployed"), STR("artifact")};
    return (RecordShape){STR("artifact"), STR("id")};
}

struct RecordDoc {
    TomlDoc *toml;
    Str key;
    const TomlNode *blocks;
    Map *index;
};

static Str block_id(const RecordDoc *doc, const TomlNode *block)
{
    const TomlNode *id = toml_find(block, doc->key);
    return id && id->kind == TOML_STRING ? id->text : (Str){0};
}

static TomlNode *first_block(const RecordDoc *doc)
{
    return doc->blocks ? doc->blocks->first : NULL;
}

bool record_doc_read(Arena *arena, Str file, Str text, RecordDoc **out, Error *err)
{
    RecordShape shape = shape_of(file);
    TomlInput input = {.text = text, .file = arena_text(arena, file)};
    RecordDoc *doc = ARENA_NEW(arena, RecordDoc);
    if (!toml_parse(arena, &input, &doc->toml, err))
        return false;
    doc->key = shape.key;
    doc->blocks = toml_find(&doc->toml->root, shape.array);
    doc->index = map_new(arena, doc->blocks ? doc->blocks->count : 0);
    for (TomlNode *node = first_block(doc); node; node = node->next)
        if (!map_find(doc->index, block_id(doc, node)))
            map_put(doc->index, block_id(doc, node), node);
    *out = doc;
    return true;
}

Str record_doc_block(Arena *arena, const RecordDoc *doc, Str id)
{
    const TomlNode *block = map_find(doc->index, id);
    return block ? toml_block_text(arena, doc->toml, block) : (Str){0};
}

StrArray record_docs_changed(Arena *arena, const RecordDoc *before, const RecordDoc *after)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    StrArray ids = {0};
    for (const TomlNode *node = first_block(before); node; node = node->next) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(scratch);
        Str id = block_id(before, node);
        if (!str_equal(record_doc_block(scratch, before, id), record_doc_block(scratch, after, id)))
            ARRAY_PUSH(arena, &ids, id);
    }
    for (const TomlNode *node = first_block(after); node; node = node->next)
        if (!map_find(before->index, block_id(after, node)))
            ARRAY_PUSH(arena, &ids, block_id(after, node));
    return ids;
}

/* The block that an inserted one goes before: blocks are sorted by id. */
static const TomlNode *block_after(const RecordDoc *doc, Str id)
{
    for (const TomlNode *node = first_block(doc); node; node = node->next)
        if (str_compare(block_id(doc, node), id) > 0)
            return node;
    return NULL;
}

Str record_doc_put(Arena *arena, const RecordDoc *doc, const RecordBlocks *blocks)
{
    TomlEdit *edit = toml_edit_begin(arena, doc->toml);
    for (size_t i = 0; i < blocks->count; i++) {
        const RecordBlock *block = &blocks->items[i];
        const TomlNode *here = map_find(doc->index, block->id);
        if (here && block->text.len)
            toml_edit_replace_block(edit, here, block->text);
        else if (here)
            toml_edit_remove(edit, here);
        else if (block->text.len)
            toml_edit_insert_block(edit, block_after(doc, block->id), block->text);
    }
    return toml_edit_finish(edit);
}

bool record_blocks_restore(Arena *arena, Str file, Str live, Str wanted, const StrArray *ids,
                           Str *out, Error *err)
{
    RecordDoc *now;
    RecordDoc *then;
    RecordBlocks blocks = {0};
    if (!record_doc_read(arena, file, live, &now, err) ||
        !record_doc_read(arena, file, wanted, &then, err))
        return false;
    for (size_t i = 0; i < ids->count; i++) {
        RecordBlock block = {ids->items[i], record_doc_block(arena, then, ids->items[i])};
        ARRAY_PUSH(arena, &blocks, block);
    }
    *out = record_doc_put(arena, now, &blocks);
    return true;
}
