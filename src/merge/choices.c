#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "merge/lines.h"

/* Cuts the first line, with its ending, off `rest`. */
static bool next_line(Str *rest, Str *line)
{
    if (rest->len == 0)
        return false;
    size_t end = str_find(*rest, '\n');
    size_t len = end == STR_NONE ? rest->len : end + 1;
    *line = str_slice(*rest, 0, len);
    *rest = str_slice(*rest, len, rest->len);
    return true;
}

static Str without_ending(Str line)
{
    if (str_ends(line, STR("\n")))
        line.len--;
    if (str_ends(line, STR("\r")))
        line.len--;
    return line;
}

/* How often each line of `text` occurs, endings aside. */
static Map *count_lines(Arena *scratch, Str text)
{
    Map *counts = map_new(scratch, 64);
    Str line;
    while (next_line(&text, &line)) {
        line = without_ending(line);
        size_t *count = map_find(counts, line);
        if (!count) {
            count = ARENA_NEW(scratch, size_t);
            map_put(counts, line, count);
        }
        ++*count;
    }
    return counts;
}

/* The first, then those lines of the second that the first has not as often. */
static Str both(Arena *arena, Str first, Str second, bool crlf)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Map *counts = count_lines(scratch, first);
    Buf buf = buf_new(arena);
    buf_add(&buf, first);
    Str rest = second;
    Str line;
    while (next_line(&rest, &line)) {
        size_t *left = map_find(counts, without_ending(line));
        if (left && *left > 0) {
            --*left;
            continue;
        }
        if (buf.len && buf.data[buf.len - 1] != '\n')
            buf_add(&buf, crlf ? STR("\r\n") : STR("\n"));
        buf_add(&buf, line);
    }
    return buf_str(&buf);
}

static Str chosen_text(Arena *arena, const MergeRegion *region, const MergeChoice *choice,
                       bool crlf)
{
    switch (choice->take) {
    case TAKE_OURS:
        return region->ours_text;
    case TAKE_THEIRS:
        return region->theirs_text;
    case TAKE_BASE:
        return region->base_text;
    case TAKE_BOTH:
        return both(arena, region->ours_text, region->theirs_text, crlf);
    case TAKE_BOTH_REVERSED:
        return both(arena, region->theirs_text, region->ours_text, crlf);
    case TAKE_TEXT:
    case TAKE_NOTHING:
        break;
    }
    return choice->text;
}

/* Text that follows needs the line before it ended: a choice may come from the end of a file. */
static void end_open_line(Arena *arena, LineMerge *out, bool crlf)
{
    if (out->segments.count == 0)
        return;
    MergeSegment *last = &out->segments.items[out->segments.count - 1];
    if (last->region != STR_NONE || last->text.len == 0 ||
        last->text.data[last->text.len - 1] == '\n')
        return;
    ARRAY_PUSH(arena, &out->segments,
               (MergeSegment){crlf ? STR("\r\n") : STR("\n"), STR_NONE, false});
}

void merge_apply_choices(Arena *arena, const LineMerge *merge, const MergeChoice *choices,
                         const MergeOptions *options, LineMerge *out)
{
    LineMerge result = {.note = merge->note};
    bool crlf = false;
    for (size_t i = 0; i < merge->segments.count; i++) {
        MergeSegment segment = merge->segments.items[i];
        if (segment.region != STR_NONE) {
            const MergeRegion *region = &merge->regions.items[segment.region];
            const MergeChoice *choice = &choices[segment.region];
            crlf = segment.crlf;
            segment.region = STR_NONE;
            if (choice->take == TAKE_NOTHING) {
                segment.region = result.regions.count;
                ARRAY_PUSH(arena, &result.regions, *region);
            } else {
                segment.text = chosen_text(arena, region, choice, crlf);
            }
        }
        if (segment.region == STR_NONE && segment.text.len == 0)
            continue;
        end_open_line(arena, &result, crlf);
        ARRAY_PUSH(arena, &result.segments, segment);
    }
    result.clean = result.regions.count == 0;
    result.text = merge_render(arena, &result, options);
    *out = result;
}

static void add_number(Hasher *hasher, uint64_t number)
{
    uint8_t bytes[sizeof number];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(number >> (8 * i));
    hash_add(hasher, bytes, sizeof bytes);
}

static void add_field(Hasher *hasher, Str field)
{
    add_number(hasher, field.len);
    hash_add(hasher, field.data, field.len);
}

Hash merge_region_key(Str path, const MergeRegion *region, size_t twin)
{
    Hasher hasher;
    hash_begin(&hasher);
    add_field(&hasher, STR("weir region 1"));
    add_field(&hasher, path);
    add_field(&hasher, region->base_text);
    add_field(&hasher, region->ours_text);
    add_field(&hasher, region->theirs_text);
    add_number(&hasher, twin);
    return hash_end(&hasher);
}

void merge_region_keys(Str path, const LineMerge *merge, Hash *keys)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Map *twins = map_new(scratch, merge->regions.count);
    for (size_t i = 0; i < merge->regions.count; i++) {
        const MergeRegion *region = &merge->regions.items[i];
        Hash *first = ARENA_NEW(scratch, Hash);
        *first = merge_region_key(path, region, 0);
        Str name = {(const char *)first->bytes, sizeof first->bytes};
        size_t *seen = map_find(twins, name);
        if (!seen) {
            seen = ARENA_NEW(scratch, size_t);
            map_put(twins, name, seen);
        }
        keys[i] = *seen ? merge_region_key(path, region, *seen) : *first;
        ++*seen;
    }
}
