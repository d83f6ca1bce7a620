#include "merge/lines.h"

#include <string.h>

#include "merge/chunks_internal.h"

/* The line ending at `line`, or where that one lacks it, of the line before. -1: there is none to see. */
static int is_crlf(const LineTable *table, size_t line)
{
    if (table->count == 0)
        return -1;
    Str text = line_table_line(table, line);
    if (!str_ends(text, STR("\n"))) {
        if (line == 0)
            return -1;
        text = line_table_line(table, line - 1);
    }
    return str_ends(text, STR("\r\n"));
}

/* Markers take the ending of the line before the conflict; the sides must agree, else it is LF. */
static bool markers_need_crlf(const ThreeWay *three, const Chunk *chunk)
{
    int crlf = is_crlf(&three->ours, chunk->ours.start ? chunk->ours.start - 1 : 0);
    if (crlf != 0)
        crlf = is_crlf(&three->theirs, chunk->theirs.start ? chunk->theirs.start - 1 : 0);
    if (crlf != 0)
        crlf = is_crlf(&three->base, 0);
    return crlf > 0;
}

static void add_stable(Arena *arena, MergeSegments *segments, Str text)
{
    if (text.len == 0)
        return;
    MergeSegment *last = segments->count ? &segments->items[segments->count - 1] : NULL;
    if (last && last->region == STR_NONE && last->text.data + last->text.len == text.data) {
        last->text.len += text.len;
        return;
    }
    ARRAY_PUSH(arena, segments, (MergeSegment){text, STR_NONE, false});
}

static Str span_text(const LineTable *table, Span span)
{
    return line_table_slice(table, span.start, span.count);
}

static LineRange line_range(Span span)
{
    return (LineRange){span.start + (span.count > 0), span.count};
}

static void add_region(Arena *arena, const ThreeWay *three, const Chunk *chunk, LineMerge *out)
{
    MergeRegion region = {
        .base = line_range(chunk->base),
        .ours = line_range(chunk->ours),
        .theirs = line_range(chunk->theirs),
        .base_text = span_text(&three->base, chunk->base),
        .ours_text = span_text(&three->ours, chunk->ours),
        .theirs_text = span_text(&three->theirs, chunk->theirs),
    };
    ARRAY_PUSH(arena, &out->segments,
               (MergeSegment){{0}, out->regions.count, markers_need_crlf(three, chunk)});
    ARRAY_PUSH(arena, &out->regions, region);
}

static void add_both(Arena *arena, const ThreeWay *three, const Chunk *chunk,
                     MergeSegments *segments)
{
    Str ours = span_text(&three->ours, chunk->ours);
    add_stable(arena, segments, ours);
    if (ours.len && ours.data[ours.len - 1] != '\n')
        add_stable(arena, segments, markers_need_crlf(three, chunk) ? STR("\r\n") : STR("\n"));
    add_stable(arena, segments, span_text(&three->theirs, chunk->theirs));
}

static ChunkKind settled_kind(ChunkKind kind, MergeFavor favor)
{
    static const ChunkKind kinds[] = {CHUNK_CONFLICT, CHUNK_OURS, CHUNK_THEIRS, CHUNK_BOTH};
    return kind == CHUNK_CONFLICT ? kinds[favor] : kind;
}

/* Lines of ours up to each chunk, then what the chunk says. */
static void add_segments(Arena *arena, const ThreeWay *three, const Chunks *chunks,
                         MergeFavor favor, LineMerge *out)
{
    size_t done = 0;
    for (size_t i = 0; i < chunks->count; i++) {
        const Chunk *chunk = &chunks->items[i];
        ChunkKind kind = settled_kind(chunk->kind, favor);
        if (kind == CHUNK_SAME)
            continue;
        size_t ours_end = chunk->ours.start + chunk->ours.count;
        size_t until = kind == CHUNK_OURS ? ours_end : chunk->ours.start;
        add_stable(arena, &out->segments, line_table_slice(&three->ours, done, until - done));
        if (kind == CHUNK_CONFLICT)
            add_region(arena, three, chunk, out);
        else if (kind == CHUNK_THEIRS)
            add_stable(arena, &out->segments, span_text(&three->theirs, chunk->theirs));
        else if (kind == CHUNK_BOTH)
            add_both(arena, three, chunk, &out->segments);
        done = ours_end;
    }
    add_stable(arena, &out->segments,
               line_table_slice(&three->ours, done, three->ours.count - done));
}

static void merge_whole(Arena *arena, Str text, LineMerge *out)
{
    *out = (LineMerge){.clean = true, .text = text};
    add_stable(arena, &out->segments, text);
}

static void diff_sides(Arena *arena, ThreeWay *three)
{
    LinePart base = {&three->base, 0, three->base.count};
    script_of_parts(arena, &three->classes, base, (LinePart){&three->ours, 0, three->ours.count},
                    false, &three->our_changes);
    script_of_parts(arena, &three->classes, base,
                    (LinePart){&three->theirs, 0, three->theirs.count}, false,
                    &three->their_changes);
}

void merge_lines(Arena *arena, Str base, Str ours, Str theirs, const MergeOptions *options,
                 LineMerge *out)
{
    if (str_equal(base, theirs) || str_equal(ours, theirs)) {
        merge_whole(arena, ours, out);
        return;
    }
    if (str_equal(base, ours)) {
        merge_whole(arena, theirs, out);
        return;
    }

    SCOPED(arena_close) Arena *scratch = arena_open();
    ThreeWay three = {.classes = line_classes_new(scratch)};
    line_table_fill(&three.classes, base, &three.base);
    line_table_fill(&three.classes, ours, &three.ours);
    line_table_fill(&three.classes, theirs, &three.theirs);
    diff_sides(scratch, &three);

    Chunks chunks = chunks_of(scratch, &three);
    if (options->style == MERGE_STYLE_ZDIFF3)
        chunks_trim(&chunks, &three);
    else if (options->style == MERGE_STYLE_MERGE)
        chunks = chunks_refine(scratch, &chunks, &three, options->as_git);

    *out = (LineMerge){0};
    add_segments(arena, &three, &chunks, options->favor, out);
    out->clean = out->regions.count == 0;
    out->text = merge_render(arena, out, options);
}
