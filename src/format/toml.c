#include "format/toml.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "format/toml_internal.h"
#include "format/utf8.h"

enum { INDEX_FROM = 32, FOUND_BYTES = 24 };

bool toml_bad(TomlParser *p, const char *at, const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    Str source = {p->start, (size_t)(p->end - p->start)};
    TomlPlace place = toml_place(source, (size_t)(at - p->start));
    ErrorCode code = p->input->code == ERR_NONE ? ERR_CORRUPT : p->input->code;
    fail(p->err, code, "%s:%zu:%zu: %s", p->input->file, place.line, place.column, what);
    return fail_hint(p->err, "Correct line %zu of %s, or restore the file from git or a backup.",
                     place.line, p->input->file);
}

const char *toml_found(TomlParser *p, const char *at)
{
    if (at >= p->end)
        return "the end of the file";
    if (*at == '\n' || *at == '\r')
        return "the end of the line";
    const char *to = at + 1;
    while (to < p->end && to - at < FOUND_BYTES && toml_is_bare(*at) && toml_is_bare(*to))
        to++;
    size_t len = utf8_length(at, p->end);
    Str found = {at, (size_t)(to - at) > len ? (size_t)(to - at) : len};
    return arena_format(p->arena, "'%s'", text_safe(p->arena, found));
}

TomlPlace toml_place(Str source, size_t offset)
{
    TomlPlace place = {1, 1};
    for (size_t i = 0; i < offset && i < source.len; i++) {
        unsigned char c = (unsigned char)source.data[i];
        if (c == '\n')
            place = (TomlPlace){place.line + 1, 1};
        else if ((c & 0xC0) != 0x80)
            place.column++;
    }
    return place;
}

const char *toml_kind_name(TomlKind kind)
{
    static const char *const names[] = {"a string",    "an integer", "a float", "a boolean",
                                        "a date-time", "an array",   "a table"};
    return names[kind];
}

void toml_skip_blanks(TomlParser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t'))
        p->at++;
}

static bool skip_comment(TomlParser *p)
{
    if (p->at >= p->end || *p->at != '#')
        return true;
    while (p->at < p->end && !toml_is_control(*p->at))
        p->at++;
    if (p->at < p->end && *p->at != '\n' && *p->at != '\r')
        return toml_bad(p, p->at, "a control character in a comment");
    return true;
}

static bool skip_line_end(TomlParser *p)
{
    if (p->at < p->end && *p->at == '\r') {
        if (p->end - p->at < 2 || p->at[1] != '\n')
            return toml_bad(p, p->at, "a carriage return without line feed");
        p->at++;
    }
    if (p->at < p->end)
        p->at++;
    return true;
}

static bool at_line_end(const TomlParser *p)
{
    return p->at >= p->end || *p->at == '\n' || *p->at == '\r';
}

static bool end_line(TomlParser *p)
{
    toml_skip_blanks(p);
    if (!skip_comment(p))
        return false;
    if (!at_line_end(p))
        return toml_bad(p, p->at, "expected the end of the line, found %s", toml_found(p, p->at));
    return skip_line_end(p);
}

/* Inside arrays: blanks, comments and line ends. */
static bool skip_space(TomlParser *p)
{
    for (;;) {
        toml_skip_blanks(p);
        if (!skip_comment(p))
            return false;
        if (p->at >= p->end || !at_line_end(p))
            return true;
        if (!skip_line_end(p))
            return false;
    }
}

static uint32_t offset_of(const TomlParser *p, const char *at)
{
    return (uint32_t)(at - p->start);
}

static TomlNode *find_child(const TomlNode *table, Str key)
{
    if (table->index)
        return map_find(table->index, key);
    for (TomlNode *child = table->first; child; child = child->next) {
        if (child->key.len == key.len && memcmp(child->key.data, key.data, key.len) == 0)
            return child;
    }
    return NULL;
}

const TomlNode *toml_find(const TomlNode *table, Str key)
{
    return table && table->kind == TOML_TABLE ? find_child(table, key) : NULL;
}

static void index_child(TomlParser *p, TomlNode *table, TomlNode *child)
{
    if (!table->index && table->count >= INDEX_FROM) {
        table->index = map_new(p->arena, table->count * 2);
        for (TomlNode *old = table->first; old; old = old->next)
            map_put(table->index, old->key, old);
    } else if (table->index) {
        map_put(table->index, child->key, child);
    }
}

static bool add_child(TomlParser *p, TomlNode *parent, TomlNode *child, const char *at)
{
    if (parent->depth >= TOML_DEPTH)
        return toml_bad(p, at, "nested deeper than %d", TOML_DEPTH);
    child->parent = parent;
    child->depth = (uint8_t)(parent->depth + 1);
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->count++;
    if (parent->kind == TOML_TABLE)
        index_child(p, parent, child);
    return true;
}

static TomlNode *new_node(TomlParser *p, TomlKind kind, TomlForm form, const char *from)
{
    TomlNode *node = ARENA_NEW(p->arena, TomlNode);
    node->kind = (uint8_t)kind;
    node->form = (uint8_t)form;
    node->from = node->key_from = node->value_from = node->value_to = offset_of(p, from);
    return node;
}

static bool read_key_part(TomlParser *p, Str *out)
{
    const char *from = p->at;
    if (p->at < p->end && (*p->at == '"' || *p->at == '\''))
        return toml_read_string(p, true, out);
    while (p->at < p->end && toml_is_bare(*p->at))
        p->at++;
    if (p->at == from)
        return toml_bad(p, from, "expected a key, found %s", toml_found(p, from));
    *out = (Str){from, (size_t)(p->at - from)};
    return true;
}

/* Behind a part of a key: true and over the dot when another part follows. */
static bool next_part(TomlParser *p)
{
    toml_skip_blanks(p);
    if (p->at >= p->end || *p->at != '.')
        return false;
    p->at++;
    toml_skip_blanks(p);
    return true;
}

static bool refuse_twice(TomlParser *p, const char *at, Str key, const TomlNode *first)
{
    size_t line = toml_place((Str){p->start, (size_t)(p->end - p->start)}, first->from).line;
    return toml_bad(p, at, "'%.60s' is defined already, on line %zu", text_safe(p->arena, key),
                    line);
}

static bool read_value(TomlParser *p, TomlNode *node);

/* Reads `key = value` into `table`; the parts of a dotted key make tables on the way. */
static bool read_pair(TomlParser *p, TomlNode *table)
{
    const char *from = p->at;
    for (;;) {
        const char *at = p->at;
        Str key;
        if (!read_key_part(p, &key))
            return false;
        bool more = next_part(p);
        TomlNode *child = find_child(table, key);
        if (child && !(more && child->kind == TOML_TABLE && child->form == TOML_DOTTED))
            return refuse_twice(p, at, key, child);
        if (!child) {
            child = new_node(p, TOML_TABLE, more ? TOML_DOTTED : TOML_VALUE, from);
            child->key = key;
            child->key_from = offset_of(p, at);
            if (!add_child(p, table, child, at))
                return false;
        }
        table = child;
        if (!more)
            break;
    }
    if (p->at >= p->end || *p->at != '=')
        return toml_bad(p, p->at, "expected '=' behind the key, found %s", toml_found(p, p->at));
    p->at++;
    toml_skip_blanks(p);
    return read_value(p, table);
}

static bool read_array(TomlParser *p, TomlNode *array)
{
    const char *from = p->at++;
    array->kind = TOML_ARRAY;
    for (;;) {
        if (!skip_space(p))
            return false;
        if (p->at < p->end && *p->at == ']')
            break;
        if (p->at >= p->end)
            return toml_bad(p, from, "the array does not end");
        TomlNode *item = new_node(p, TOML_STRING, TOML_VALUE, p->at);
        if (!add_child(p, array, item, p->at) || !read_value(p, item) || !skip_space(p))
            return false;
        if (p->at < p->end && *p->at == ',')
            p->at++;
        else if (p->at < p->end && *p->at != ']')
            return toml_bad(p, p->at, "expected ',' or ']', found %s", toml_found(p, p->at));
    }
    p->at++;
    return true;
}

static bool read_inline_table(TomlParser *p, TomlNode *table)
{
    const char *from = p->at++;
    table->kind = TOML_TABLE;
    toml_skip_blanks(p);
    if (p->at < p->end && *p->at == '}') {
        p->at++;
        return true;
    }
    for (;;) {
        toml_skip_blanks(p);
        if (at_line_end(p))
            return toml_bad(p, from, "the inline table does not end on its line");
        if (!read_pair(p, table))
            return false;
        toml_skip_blanks(p);
        char c = p->at < p->end ? *p->at : '\n';
        if (c != ',' && c != '}')
            return toml_bad(p, p->at, "expected ',' or '}', found %s", toml_found(p, p->at));
        p->at++;
        if (c == '}')
            return true;
    }
}

static bool read_value(TomlParser *p, TomlNode *node)
{
    node->value_from = offset_of(p, p->at);
    char c = p->at < p->end ? *p->at : '\n';
    bool ok;
    if (c == '"' || c == '\'') {
        node->kind = TOML_STRING;
        ok = toml_read_string(p, false, &node->text);
    } else if (c == '[') {
        ok = read_array(p, node);
    } else if (c == '{') {
        ok = read_inline_table(p, node);
    } else {
        ok = toml_read_word(p, node);
    }
    node->value_to = offset_of(p, p->at);
    return ok;
}

static TomlNode *add_table(TomlParser *p, TomlNode *parent, Str key, TomlForm form, const char *at)
{
    TomlNode *table = new_node(p, form == TOML_BLOCKS ? TOML_ARRAY : TOML_TABLE, form, at);
    table->key = key;
    return add_child(p, parent, table, at) ? table : NULL;
}

/* A part of a header that is not its last: goes on into the table of that name. */
static bool enter_table(TomlParser *p, TomlNode **table, Str key, const char *at)
{
    TomlNode *child = find_child(*table, key);
    if (!child)
        child = add_table(p, *table, key, TOML_IMPLIED, at);
    else if (child->form == TOML_BLOCKS)
        child = child->last;
    else if (child->kind != TOML_TABLE || child->form == TOML_VALUE)
        return refuse_twice(p, at, key, child);
    if (child)
        *table = child;
    return child != NULL;
}

static bool open_section(TomlParser *p, TomlNode *parent, Str key, const char *at)
{
    TomlNode *table = find_child(parent, key);
    if (table && table->form != TOML_IMPLIED)
        return refuse_twice(p, at, key, table);
    if (!table)
        table = add_table(p, parent, key, TOML_HEADER, at);
    if (table)
        table->form = TOML_HEADER;
    p->section = table;
    return table != NULL;
}

static bool open_block(TomlParser *p, TomlNode *parent, Str key, const char *at)
{
    TomlNode *array = find_child(parent, key);
    if (array && array->form != TOML_BLOCKS)
        return refuse_twice(p, at, key, array);
    if (!array)
        array = add_table(p, parent, key, TOML_BLOCKS, at);
    if (!array)
        return false;
    p->section = new_node(p, TOML_TABLE, TOML_HEADER, at);
    return add_child(p, array, p->section, at);
}

static bool close_header(TomlParser *p, bool block)
{
    const char *wanted = block ? "]]" : "]";
    size_t len = strlen(wanted);
    if ((size_t)(p->end - p->at) < len || memcmp(p->at, wanted, len) != 0)
        return toml_bad(p, p->at, "expected '%s' behind the table's name, found %s", wanted,
                        toml_found(p, p->at));
    p->at += len;
    return true;
}

static bool read_header(TomlParser *p, TomlNode *root)
{
    const char *from = p->at++;
    bool block = p->at < p->end && *p->at == '[';
    p->at += block;
    toml_skip_blanks(p);
    TomlNode *parent = root;
    const char *at;
    Str key;
    for (;;) {
        at = p->at;
        if (!read_key_part(p, &key))
            return false;
        if (!next_part(p))
            break;
        if (!enter_table(p, &parent, key, at))
            return false;
    }
    if (!close_header(p, block) ||
        !(block ? open_block(p, parent, key, at) : open_section(p, parent, key, at)))
        return false;
    p->section->from = p->section->value_from = offset_of(p, from);
    p->section->value_to = p->section->body_to = offset_of(p, p->at);
    return true;
}

static bool read_lines(TomlParser *p, TomlNode *root)
{
    while (p->at < p->end) {
        toml_skip_blanks(p);
        if (p->at < p->end && *p->at == '[') {
            if (!read_header(p, root))
                return false;
        } else if (!at_line_end(p) && *p->at != '#') {
            if (!read_pair(p, p->section))
                return false;
            p->section->body_to = offset_of(p, p->at);
        }
        if (!end_line(p))
            return false;
    }
    return true;
}

static bool check_bytes(TomlParser *p)
{
    uint64_t limit = p->input->limit_bytes ? p->input->limit_bytes : LIMIT_RECORD_BYTES;
    Str text = p->input->text;
    if (text.len > limit || text.len > UINT32_MAX / 2)
        return fail(p->err, ERR_TOO_LARGE, "%s is larger than %llu bytes", p->input->file,
                    (unsigned long long)limit);
    size_t good = utf8_valid_prefix(text);
    return good == text.len || toml_bad(p, p->start + good, "bytes that are not UTF-8");
}

static bool first_line_has_cr(Str text)
{
    size_t end = str_find(text, '\n');
    return end != STR_NONE && end > 0 && text.data[end - 1] == '\r';
}

bool toml_parse(Arena *arena, const TomlInput *input, TomlDoc **out, Error *err)
{
    Str text = input->text.data ? input->text : STR("");
    TomlDoc *doc = ARENA_NEW(arena, TomlDoc);
    doc->source = text;
    doc->crlf = first_line_has_cr(text);
    doc->root.kind = TOML_TABLE;
    doc->root.form = TOML_HEADER;

    TomlParser p = {arena, text.data, text.data, text.data + text.len, input, &doc->root, err};
    if (input->to) {
        p.at = text.data + input->from;
        p.end = text.data + input->to;
    } else if (!check_bytes(&p)) {
        return false;
    } else if (str_starts(text, STR("\xEF\xBB\xBF"))) {
        p.at += 3;
    }
    doc->root.body_to = doc->root.value_to = offset_of(&p, p.at);
    if (!read_lines(&p, &doc->root))
        return false;
    *out = doc;
    return true;
}
