#include "format/toml_outline.h"

static bool is_kept(const TomlNode *node)
{
    return node->form == TOML_HEADER || node->form == TOML_BLOCKS || node->form == TOML_IMPLIED;
}

/* Nesting is capped (TOML_DEPTH). */
static void copy_children(Arena *arena, const TomlNode *from, TomlNode *to)
{
    to->first = to->last = NULL;
    to->index = NULL;
    to->count = 0;
    for (const TomlNode *child = from->first; child; child = child->next) {
        if (!is_kept(child))
            continue;
        TomlNode *copy = ARENA_NEW(arena, TomlNode);
        *copy = *child;
        copy->key = child->key.len ? arena_copy(arena, child->key) : (Str){0};
        copy->text = (Str){0};
        copy->next = NULL;
        copy->parent = to;
        if (to->last)
            to->last->next = copy;
        else
            to->first = copy;
        to->last = copy;
        to->count++;
        copy_children(arena, child, copy);
    }
}

TomlDoc *toml_outline(Arena *arena, const TomlDoc *doc)
{
    TomlDoc *outline = ARENA_NEW(arena, TomlDoc);
    *outline = *doc;
    copy_children(arena, &doc->root, &outline->root);
    return outline;
}

static uint32_t end_of(const TomlNode *table)
{
    uint32_t end = table->body_to;
    for (const TomlNode *child = table->first; child; child = child->next) {
        uint32_t to = end_of(child);
        end = to > end ? to : end;
    }
    return end;
}

/* The first block of the only array, however deep its name is. */
static const TomlNode *first_block(const TomlNode *node)
{
    while (node && node->form != TOML_BLOCKS)
        node = node->first;
    return node ? node->first : NULL;
}

const TomlNode *toml_outline_block(Arena *arena, const TomlDoc *outline, const TomlNode *block)
{
    TomlDoc *doc = NULL;
    Error failed = {0};
    TomlInput input = {
        .text = outline->source, .file = "", .from = block->from, .to = end_of(block)};
    bool again = toml_parse(arena, &input, &doc, &failed);
    ASSERT(again); /* it was read before */
    return first_block(&doc->root);
}
