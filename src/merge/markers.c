#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "merge/lines.h"

enum { MARKER_SIZE = 7 };

static bool ends_open(Str text)
{
    return text.len > 0 && text.data[text.len - 1] != '\n';
}

static void add_line_end(Buf *buf, bool crlf)
{
    buf_add(buf, crlf ? STR("\r\n") : STR("\n"));
}

static void add_marker(Buf *buf, char sign, Str label, bool crlf, const MergeOptions *options)
{
    int size = options->marker_size > 0 ? options->marker_size : MARKER_SIZE;
    for (int i = 0; i < size; i++)
        buf_add_char(buf, sign);
    if (label.len) {
        buf_add_char(buf, ' ');
        buf_add(buf, label);
    }
    add_line_end(buf, crlf);
}

static void add_part(Buf *buf, Str text, bool crlf)
{
    buf_add(buf, text);
    if (ends_open(text))
        add_line_end(buf, crlf);
}

static void add_conflict(Buf *buf, const MergeRegion *region, bool crlf,
                         const MergeOptions *options)
{
    add_marker(buf, '<', options->ours_label, crlf, options);
    add_part(buf, region->ours_text, crlf);
    if (options->style != MERGE_STYLE_MERGE) {
        add_marker(buf, '|', options->base_label, crlf, options);
        add_part(buf, region->base_text, crlf);
    }
    add_marker(buf, '=', (Str){0}, crlf, options);
    add_part(buf, region->theirs_text, crlf);
    add_marker(buf, '>', options->theirs_label, crlf, options);
}

Str merge_render(Arena *arena, const LineMerge *merge, const MergeOptions *options)
{
    if (merge->segments.count == 1 && merge->regions.count == 0)
        return merge->segments.items[0].text;

    size_t size = 0;
    for (size_t i = 0; i < merge->segments.count; i++)
        size += merge->segments.items[i].text.len;
    Buf buf = buf_new(arena);
    buf_reserve(&buf, size);
    for (size_t i = 0; i < merge->segments.count; i++) {
        const MergeSegment *segment = &merge->segments.items[i];
        if (segment->region == STR_NONE)
            buf_add(&buf, segment->text);
        else
            add_conflict(&buf, &merge->regions.items[segment->region], segment->crlf, options);
    }
    return buf_str(&buf);
}

static bool is_marker(Str line)
{
    static const char signs[] = "<|=>";
    if (line.len < MARKER_SIZE || memchr(signs, line.data[0], sizeof signs - 1) == NULL)
        return false;
    for (size_t i = 1; i < MARKER_SIZE; i++)
        if (line.data[i] != line.data[0])
            return false;
    Str rest = str_slice(line, MARKER_SIZE, line.len);
    if (rest.len == 0 || str_is(rest, "\r"))
        return true;
    return line.data[0] != '=' && (rest.data[0] == ' ' || rest.data[0] == '\t');
}

/* The next line that is a marker, without its ending; `*number` counts lines on. */
static bool next_marker(Str *rest, size_t *number, Str *line)
{
    while (str_next(rest, '\n', line)) {
        ++*number;
        if (is_marker(*line))
            return true;
    }
    return false;
}

bool merge_has_markers(Str text, size_t *out_line)
{
    size_t number = 0;
    Str line;
    if (!next_marker(&text, &number, &line))
        return false;
    if (out_line)
        *out_line = number;
    return true;
}

/* Markers of a text by their bytes: how often it has each. */
static Map *count_markers(Arena *arena, Str text)
{
    Map *counts = map_new(arena, 8);
    size_t number = 0;
    Str line;
    while (next_marker(&text, &number, &line)) {
        size_t *count = map_find(counts, line);
        if (!count) {
            count = ARENA_NEW(arena, size_t);
            map_put(counts, line, count);
        }
        ++*count;
    }
    return counts;
}

bool merge_leaves_markers(Str resolution, const Str *inputs, size_t input_count, size_t *out_line)
{
    if (!merge_has_markers(resolution, NULL))
        return false;
    SCOPED(arena_close) Arena *scratch = arena_open();
    Map **allowed = ARENA_ARRAY(scratch, Map *, input_count);
    for (size_t i = 0; i < input_count; i++)
        allowed[i] = count_markers(scratch, inputs[i]);

    Map *seen = map_new(scratch, 8);
    size_t number = 0;
    Str line;
    while (next_marker(&resolution, &number, &line)) {
        size_t *count = map_find(seen, line);
        if (!count) {
            count = ARENA_NEW(scratch, size_t);
            map_put(seen, line, count);
        }
        ++*count;
        size_t most = 0;
        for (size_t i = 0; i < input_count; i++) {
            const size_t *had = map_find(allowed[i], line);
            most = had && *had > most ? *had : most;
        }
        if (*count <= most)
            continue;
        if (out_line)
            *out_line = number;
        return true;
    }
    return false;
}
