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

typedef struct {
    Arena *arena;
    TomlDoc *doc;
    RecordShape shape;
    const TomlNode *blocks;
} RecordDoc;

static bool record_parse(Arena *arena, Str file, Str text, RecordDoc *out, Error *err)
{
    TomlInput input = {.text = text, .file = arena_text(arena, file)};
    RecordDoc record = {.arena = arena, .shape = shape_of(file)};
    if (!toml_parse(arena, &input, &record.doc, err))
        return false;
    record.blocks = toml_find(&record.doc->root, record.shape.array);
    *out = record;
    return true;
}

static Str block_id(const RecordDoc *record, const TomlNode *block)
{
    const TomlNode *id = toml_find(block, record->shape.key);
    return id && id->kind == TOML_STRING ? id->text : (Str){0};
}

static const TomlNode *block_find(const RecordDoc *record, Str id)
{
    for (const TomlNode *node = record->blocks ? record->blocks->first : NULL; node;
         node = node->next)
        if (str_equal(block_id(record, node), id))
            return node;
    return NULL;
}

/* The block that an inserted one goes before: blocks are sorted by id. */
static const TomlNode *block_after(const RecordDoc *record, Str id)
{
    for (const TomlNode *node = record->blocks ? record->blocks->first : NULL; node;
         node = node->next)
        if (str_compare(block_id(record, node), id) > 0)
            return node;
    return NULL;
}

static Str block_bytes(const RecordDoc *record, const TomlNode *block)
{
    return block ? toml_block_text(record->arena, record->doc, block) : (Str){0};
}

static Map *index_blocks(Arena *arena, const RecordDoc *record)
{
    Map *index = map_new(arena, record->blocks ? record->blocks->count : 0);
    for (TomlNode *node = record->blocks ? record->blocks->first : NULL; node; node = node->next)
        map_put(index, block_id(record, node), node);
    return index;
}

/* Ids of `one` whose block is other in `other`; with `absent_only` those it does not have at all. */
static void differing(Arena *arena, const RecordDoc *one, const RecordDoc *other, bool absent_only,
                      StrArray *out)
{
    const Map *index = index_blocks(arena, other);
    for (const TomlNode *node = one->blocks ? one->blocks->first : NULL; node; node = node->next) {
        const TomlNode *twin = map_find(index, block_id(one, node));
        bool differs =
            !twin || (!absent_only && !str_equal(block_bytes(one, node), block_bytes(other, twin)));
        if (differs)
            ARRAY_PUSH(arena, out, block_id(one, node));
    }
}

bool record_blocks_changed(Arena *arena, Str file, Str before, Str after, StrArray *out, Error *err)
{
    RecordDoc old;
    RecordDoc new;
    StrArray ids = {0};
    if (!record_parse(arena, file, before, &old, err) ||
        !record_parse(arena, file, after, &new, err))
        return false;
    differing(arena, &old, &new, false, &ids);
    differing(arena, &new, &old, true, &ids);
    *out = ids;
    return true;
}

bool record_block(Arena *arena, Str file, Str text, Str id, Str *out, Error *err)
{
    RecordDoc record;
    if (!record_parse(arena, file, text, &record, err))
        return false;
    *out = block_bytes(&record, block_find(&record, id));
    return true;
}

bool record_blocks_restore(Arena *arena, Str file, Str live, Str wanted, const StrArray *ids,
                           Str *out, Error *err)
{
    RecordDoc now;
    RecordDoc then;
    if (!record_parse(arena, file, live, &now, err) ||
        !record_parse(arena, file, wanted, &then, err))
        return false;
    TomlEdit *edit = toml_edit_begin(arena, now.doc);
    for (size_t i = 0; i < ids->count; i++) {
        const TomlNode *here = block_find(&now, ids->items[i]);
        const TomlNode *there = block_find(&then, ids->items[i]);
        if (here && there)
            toml_edit_replace_block(edit, here, block_bytes(&then, there));
        else if (here)
            toml_edit_remove(edit, here);
        else if (there)
            toml_edit_insert_block(edit, block_after(&now, ids->items[i]),
                                   block_bytes(&then, there));
    }
    *out = toml_edit_finish(edit);
    return true;
}
