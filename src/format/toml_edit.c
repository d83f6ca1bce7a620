#include "format/toml_edit.h"

#include <stdlib.h>
#include <string.h>

typedef enum { EDIT_SPAN, EDIT_BLOCK_AT_END } EditKind;

typedef struct {
    size_t from, to; /* equal: an insertion */
    size_t order;
    Str text; /* with LF; the file's own line ends are put in when writing */
    EditKind kind;
} SpanEdit;

struct TomlEdit {
    Arena *arena;
    const TomlDoc *doc;
    ARRAY(SpanEdit) spans;
};

typedef struct {
    size_t from, to;
} Span;

TomlEdit *toml_edit_begin(Arena *arena, const TomlDoc *doc)
{
    TomlEdit *edit = ARENA_NEW(arena, TomlEdit);
    edit->arena = arena;
    edit->doc = doc;
    return edit;
}

static void add_span(TomlEdit *edit, EditKind kind, Span span, Str text)
{
    SpanEdit one = {span.from, span.to, edit->spans.count, text, kind};
    ARRAY_PUSH(edit->arena, &edit->spans, one);
}

/* A byte order mark stays in front of everything. */
static size_t first_byte(Str source)
{
    return str_starts(source, STR("\xEF\xBB\xBF")) ? 3 : 0;
}

static size_t line_start(Str source, size_t at)
{
    size_t first = first_byte(source);
    while (at > first && source.data[at - 1] != '\n')
        at--;
    return at;
}

/* Behind the line feed of the line that holds `at`, or the end of the source. */
static size_t line_end(Str source, size_t at)
{
    if (at >= source.len)
        return source.len;
    const char *feed = memchr(source.data + at, '\n', source.len - at);
    return feed ? (size_t)(feed - source.data) + 1 : source.len;
}

static Str line_at(Str source, size_t from)
{
    return str_trim(str_slice(source, from, line_end(source, from)));
}

static bool is_comment_line(Str source, size_t from)
{
    return str_starts(line_at(source, from), STR("#"));
}

/* Start of the comment lines that touch the line of `at` from above. */
static size_t lead_start(Str source, size_t at)
{
    size_t from = line_start(source, at);
    while (from > first_byte(source)) {
        size_t above = line_start(source, from - 1);
        if (!is_comment_line(source, above))
            break;
        from = above;
    }
    return from;
}

/* End of a section's own lines: comments that touch its last line belong to it, unless they touch what
 * comes next, whose they are then. */
static size_t section_end(Str source, const TomlNode *section)
{
    size_t end = line_end(source, section->body_to);
    size_t to = end;
    while (to < source.len && is_comment_line(source, to))
        to = line_end(source, to);
    bool is_free = to >= source.len || line_at(source, to).len == 0;
    return is_free ? to : end;
}

static size_t skip_blank_lines(Str source, size_t at)
{
    while (at < source.len && line_at(source, at).len == 0)
        at = line_end(source, at);
    return at;
}

static Span section_span(Str source, const TomlNode *section)
{
    return (Span){lead_start(source, section->from), section_end(source, section)};
}

static bool is_section(const TomlNode *node)
{
    return node->kind == TOML_TABLE && node->form == TOML_HEADER;
}

/* Lines of `key = value`, or of all that a dotted table holds. */
static void remove_lines(TomlEdit *edit, const TomlNode *node)
{
    Str source = edit->doc->source;
    if (node->form == TOML_DOTTED) {
        for (const TomlNode *child = node->first; child; child = child->next)
            remove_lines(edit, child);
    } else if (node->form == TOML_VALUE) {
        Span span = {line_start(source, node->from), line_end(source, node->value_to)};
        add_span(edit, EDIT_SPAN, span, (Str){0});
    }
}

static void remove_sections(TomlEdit *edit, const TomlNode *node)
{
    if (is_section(node)) {
        Span span = section_span(edit->doc->source, node);
        span.to = skip_blank_lines(edit->doc->source, span.to);
        add_span(edit, EDIT_SPAN, span, (Str){0});
    }
    if (node->form == TOML_VALUE)
        return;
    for (const TomlNode *child = node->first; child; child = child->next)
        remove_sections(edit, child);
}

void toml_edit_remove(TomlEdit *edit, const TomlNode *entry)
{
    remove_lines(edit, entry);
    remove_sections(edit, entry);
}

static const TomlNode *last_leaf(const TomlNode *node)
{
    while (node->form == TOML_DOTTED && node->last)
        node = node->last;
    return node;
}

/* The last entry that stands in the table's own lines; NULL when there is none. */
static const TomlNode *last_own(const TomlNode *table)
{
    const TomlNode *last = NULL;
    for (const TomlNode *child = table->first; child; child = child->next) {
        if (child->form == TOML_VALUE || child->form == TOML_DOTTED)
            last = child;
    }
    return last;
}

static Str pair_text(TomlEdit *edit, Str prefix, Str key, Str value)
{
    Buf buf = buf_new(edit->arena);
    buf_add(&buf, prefix);
    toml_add_key(&buf, key);
    buf_add_text(&buf, " = ");
    buf_add(&buf, value);
    return buf_str(&buf);
}

static void add_inline(TomlEdit *edit, const TomlNode *table, Str key, Str value)
{
    Str pair = pair_text(edit, table->last ? STR(", ") : STR(" "), key, value);
    size_t at = table->last ? last_leaf(table->last)->value_to : table->value_from + 1U;
    add_span(edit, EDIT_SPAN, (Span){at, at}, pair);
}

static void add_line(TomlEdit *edit, size_t behind, Str prefix, Str key, Str value)
{
    Str source = edit->doc->source;
    size_t at = line_end(source, behind);
    Str pair = pair_text(edit, prefix, key, value);
    Buf buf = buf_new(edit->arena);
    if (at > 0 && source.data[at - 1] != '\n')
        buf_add_char(&buf, '\n');
    buf_add(&buf, pair);
    buf_add_char(&buf, '\n');
    add_span(edit, EDIT_SPAN, (Span){at, at}, buf_str(&buf));
}

/* Blanks before the line's first word; what stands before a dotted key's own part is kept too. */
static Str prefix_of(Str source, const TomlNode *node)
{
    return str_slice(source, line_start(source, node->from), node->key_from);
}

static Str indent_of(Str source, const TomlNode *node)
{
    return str_slice(source, line_start(source, node->from), node->from);
}

static bool is_in_braces(const TomlNode *table)
{
    while (table->form == TOML_DOTTED)
        table = table->parent;
    return table->form == TOML_VALUE;
}

static void add_dotted(TomlEdit *edit, const TomlNode *table, Str key, Str value)
{
    Str source = edit->doc->source;
    const TomlNode *own = last_own(table);
    size_t behind = last_leaf(own)->value_to;
    if (!is_in_braces(table)) {
        add_line(edit, behind, prefix_of(source, own), key, value);
        return;
    }
    Buf prefix = buf_new(edit->arena);
    buf_add_text(&prefix, ", ");
    buf_add(&prefix, str_slice(source, own->from, own->key_from));
    add_span(edit, EDIT_SPAN, (Span){behind, behind},
             pair_text(edit, buf_str(&prefix), key, value));
}

static void add_entry(TomlEdit *edit, const TomlNode *table, Str key, Str value)
{
    Str source = edit->doc->source;
    const TomlNode *own = last_own(table);
    if (table->form == TOML_VALUE) {
        add_inline(edit, table, key, value);
    } else if (table->form == TOML_DOTTED) {
        add_dotted(edit, table, key, value);
    } else if (table->parent || own) {
        Str indent = indent_of(source, own ? own : table);
        add_line(edit, table->body_to, indent, key, value);
    } else {
        Str line = pair_text(edit, (Str){0}, key, value);
        Buf buf = buf_new(edit->arena);
        buf_add(&buf, line);
        buf_add_text(&buf, source.len > table->body_to ? "\n\n" : "\n");
        add_span(edit, EDIT_SPAN, (Span){table->body_to, table->body_to}, buf_str(&buf));
    }
}

void toml_edit_set(TomlEdit *edit, const TomlNode *table, Str key, Str value)
{
    ASSERT(table->kind == TOML_TABLE && table->form != TOML_IMPLIED);
    const TomlNode *old = toml_find(table, key);
    if (old && old->form == TOML_VALUE) {
        add_span(edit, EDIT_SPAN, (Span){old->value_from, old->value_to}, value);
        return;
    }
    if (old)
        toml_edit_remove(edit, old);
    add_entry(edit, table, key, value);
}

void toml_edit_insert_block(TomlEdit *edit, const TomlNode *block, Str text)
{
    size_t end = edit->doc->source.len;
    if (!block) {
        add_span(edit, EDIT_BLOCK_AT_END, (Span){end, end}, text);
        return;
    }
    size_t at = lead_start(edit->doc->source, block->from);
    Buf buf = buf_new(edit->arena);
    buf_add(&buf, text);
    buf_add_char(&buf, '\n');
    add_span(edit, EDIT_SPAN, (Span){at, at}, buf_str(&buf));
}

void toml_edit_replace_block(TomlEdit *edit, const TomlNode *block, Str text)
{
    for (const TomlNode *child = block->first; child; child = child->next)
        remove_sections(edit, child);
    add_span(edit, EDIT_SPAN, section_span(edit->doc->source, block), text);
}

static void add_section_text(Buf *buf, const TomlDoc *doc, const TomlNode *node)
{
    if (is_section(node)) {
        Span span = section_span(doc->source, node);
        if (buf->len > 0)
            buf_add_char(buf, '\n');
        buf_add(buf, str_slice(doc->source, span.from, span.to));
        if (buf->data[buf->len - 1] != '\n')
            buf_add_char(buf, '\n');
    }
    if (node->form == TOML_VALUE)
        return;
    for (const TomlNode *child = node->first; child; child = child->next)
        add_section_text(buf, doc, child);
}

Str toml_block_text(Arena *arena, const TomlDoc *doc, const TomlNode *block)
{
    Buf buf = buf_new(arena);
    add_section_text(&buf, doc, block);
    return buf_str(&buf);
}

static int compare_spans(const void *left, const void *right)
{
    const SpanEdit *a = left;
    const SpanEdit *b = right;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    bool a_inserts = a->from == a->to;
    bool b_inserts = b->from == b->to;
    if (a_inserts != b_inserts)
        return a_inserts ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* Texts come with LF; in a file of CR LF they get its line ends. */
static void add_lines(Buf *out, Str text, bool crlf)
{
    size_t from = 0;
    for (size_t i = 0; crlf && i < text.len; i++) {
        if (text.data[i] != '\n' || (i > 0 && text.data[i - 1] == '\r'))
            continue;
        buf_add(out, str_slice(text, from, i));
        buf_add_char(out, '\r');
        from = i;
    }
    buf_add(out, str_slice(text, from, text.len));
}

static void add_block_at_end(Buf *out, Str text, bool crlf)
{
    Str so_far = buf_str(out);
    bool ends_line = so_far.len == 0 || str_ends(so_far, STR("\n"));
    bool ends_blank =
        so_far.len == 0 || str_ends(so_far, STR("\n\n")) || str_ends(so_far, STR("\n\r\n"));
    if (!ends_line)
        add_lines(out, STR("\n"), crlf);
    if (!ends_blank)
        add_lines(out, STR("\n"), crlf);
    add_lines(out, text, crlf);
}

/* What was cut off the end takes the blank lines before it along. */
static void drop_blank_end(Buf *out)
{
    for (;;) {
        Str text = buf_str(out);
        if (str_ends(text, STR("\n\r\n")))
            out->len -= 2;
        else if (str_ends(text, STR("\n\n")))
            out->len -= 1;
        else
            return;
    }
}

Str toml_edit_finish(TomlEdit *edit)
{
    Str source = edit->doc->source;
    if (edit->spans.count == 0)
        return source;
    qsort(edit->spans.items, edit->spans.count, sizeof *edit->spans.items, compare_spans);
    Buf out = buf_new(edit->arena);
    size_t added = 0;
    for (size_t i = 0; i < edit->spans.count; i++)
        added += edit->spans.items[i].text.len + 2;
    buf_reserve(&out, source.len + added);
    size_t at = 0;
    for (size_t i = 0; i < edit->spans.count; i++) {
        const SpanEdit *one = &edit->spans.items[i];
        if (one->from < at && one->to <= at)
            continue; /* inside what was removed already */
        if (one->from > at)
            buf_add(&out, str_slice(source, at, one->from));
        if (one->kind == EDIT_BLOCK_AT_END)
            add_block_at_end(&out, one->text, edit->doc->crlf);
        else
            add_lines(&out, one->text, edit->doc->crlf);
        if (one->to > at)
            at = one->to;
        if (at == source.len && one->text.len == 0)
            drop_blank_end(&out);
    }
    buf_add(&out, str_slice(source, at, source.len));
    return buf_str(&out);
}
