#include "merge/chunks_internal.h"

enum { JOIN_LINES = 3 };

static size_t span_end(Span span)
{
    return span.start + span.count;
}

static Span span_between(size_t start, size_t end)
{
    return (Span){start, end - start};
}

static Span span_to(Span from, Span to)
{
    return span_between(from.start, span_end(to));
}

/* Adds a chunk, or makes it part of the last one when they touch on either side. */
static void append(Arena *arena, Chunks *chunks, Chunk chunk)
{
    Chunk *last = chunks->count ? &chunks->items[chunks->count - 1] : NULL;
    if (!last ||
        (chunk.ours.start > span_end(last->ours) && chunk.theirs.start > span_end(last->theirs))) {
        ARRAY_PUSH(arena, chunks, chunk);
        return;
    }
    if (last->kind != chunk.kind)
        last->kind = CHUNK_CONFLICT;
    last->base = span_to(last->base, chunk.base);
    last->ours = span_to(last->ours, chunk.ours);
    last->theirs = span_to(last->theirs, chunk.theirs);
}

static Span before_span(const DiffChange *change)
{
    return (Span){change->a_start, change->a_count};
}

static Span after_span(const DiffChange *change)
{
    return (Span){change->b_start, change->b_count};
}

/* What only one side changed. `shift` leads from lines of base to lines of the other side there. */
static Chunk one_sided(ChunkKind kind, const DiffChange *change, int64_t shift)
{
    Span base = before_span(change);
    Span changed = after_span(change);
    Span other = {(size_t)((int64_t)base.start + shift), base.count};
    return kind == CHUNK_OURS ? (Chunk){kind, base, changed, other}
                              : (Chunk){kind, base, other, changed};
}

static bool same_lines(const LineTable *a, size_t a_start, const LineTable *b, size_t b_start,
                       size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (a->ids[a_start + i] != b->ids[b_start + i])
            return false;
    return true;
}

static bool same_change(const ThreeWay *three, const DiffChange *a, const DiffChange *b)
{
    return a->a_start == b->a_start && a->a_count == b->a_count && a->b_count == b->b_count &&
           same_lines(&three->ours, a->b_start, &three->theirs, b->b_start, a->b_count);
}

/* Two changes that meet: widened to the same stretch of base on both sides. */
static Chunk clash(const DiffChange *ours, const DiffChange *theirs)
{
    size_t our_end = ours->a_start + ours->a_count;
    size_t their_end = theirs->a_start + theirs->a_count;
    size_t start = ours->a_start < theirs->a_start ? ours->a_start : theirs->a_start;
    size_t end = our_end > their_end ? our_end : their_end;
    return (Chunk){
        .kind = CHUNK_CONFLICT,
        .base = span_between(start, end),
        .ours = span_between(ours->b_start - (ours->a_start - start),
                             ours->b_start + ours->b_count + (end - our_end)),
        .theirs = span_between(theirs->b_start - (theirs->a_start - start),
                               theirs->b_start + theirs->b_count + (end - their_end)),
    };
}

/* The next change of each side; and behind the last one, how far its lines are from base's. */
typedef struct {
    const DiffChanges *changes;
    size_t next;
    int64_t tail_shift;
} Cursor;

static Cursor cursor_of(const DiffChanges *changes, const LineTable *base, const LineTable *side)
{
    return (Cursor){changes, 0, (int64_t)side->count - (int64_t)base->count};
}

static bool at_end(const Cursor *cursor)
{
    return cursor->next == cursor->changes->count;
}

static const DiffChange *current(const Cursor *cursor)
{
    static const DiffChange beyond = {SIZE_MAX / 2, 0, 0, 0};
    return at_end(cursor) ? &beyond : &cursor->changes->items[cursor->next];
}

static int64_t shift_at(const Cursor *cursor)
{
    const DiffChange *change = current(cursor);
    return at_end(cursor) ? cursor->tail_shift
                          : (int64_t)change->b_start - (int64_t)change->a_start;
}

static bool lies_before(const DiffChange *a, const DiffChange *b)
{
    return a->a_start + a->a_count < b->a_start;
}

Chunks chunks_of(Arena *arena, const ThreeWay *three)
{
    Chunks chunks = {0};
    Cursor ours = cursor_of(&three->our_changes, &three->base, &three->ours);
    Cursor theirs = cursor_of(&three->their_changes, &three->base, &three->theirs);
    while (!at_end(&ours) || !at_end(&theirs)) {
        const DiffChange *a = current(&ours), *b = current(&theirs);
        if (lies_before(a, b)) {
            append(arena, &chunks, one_sided(CHUNK_OURS, a, shift_at(&theirs)));
            ours.next++;
            continue;
        }
        if (lies_before(b, a)) {
            append(arena, &chunks, one_sided(CHUNK_THEIRS, b, shift_at(&ours)));
            theirs.next++;
            continue;
        }
        if (!same_change(three, a, b))
            append(arena, &chunks, clash(a, b));
        size_t a_end = a->a_start + a->a_count, b_end = b->a_start + b->a_count;
        ours.next += b_end >= a_end;
        theirs.next += a_end >= b_end;
    }
    return chunks;
}

void chunks_trim(Chunks *chunks, const ThreeWay *three)
{
    const uint32_t *ours = three->ours.ids, *theirs = three->theirs.ids;
    for (size_t i = 0; i < chunks->count; i++) {
        Chunk *chunk = &chunks->items[i];
        if (chunk->kind != CHUNK_CONFLICT)
            continue;
        while (chunk->ours.count && chunk->theirs.count &&
               ours[chunk->ours.start] == theirs[chunk->theirs.start]) {
            chunk->ours = (Span){chunk->ours.start + 1, chunk->ours.count - 1};
            chunk->theirs = (Span){chunk->theirs.start + 1, chunk->theirs.count - 1};
        }
        while (chunk->ours.count && chunk->theirs.count &&
               ours[span_end(chunk->ours) - 1] == theirs[span_end(chunk->theirs) - 1]) {
            chunk->ours.count--;
            chunk->theirs.count--;
        }
    }
}

/* Where a line of a side stands in base; inside a change, behind what that change replaced. */
static size_t base_position(const DiffChanges *changes, size_t line)
{
    size_t low = 0, high = changes->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (changes->items[middle].b_start < line)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return line;
    const DiffChange *before = &changes->items[low - 1];
    size_t base_end = before->a_start + before->a_count;
    size_t side_end = before->b_start + before->b_count;
    return line < side_end ? base_end : base_end + (line - side_end);
}

static size_t split_of_base(const ThreeWay *three, size_t our_line, size_t their_line, Span limits)
{
    size_t a = base_position(&three->our_changes, our_line);
    size_t b = base_position(&three->their_changes, their_line);
    size_t at = a > b ? a : b;
    if (at < limits.start)
        return limits.start;
    return at > span_end(limits) ? span_end(limits) : at;
}

static void swap_sides(DiffChanges *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        DiffChange *c = &changes->items[i];
        *c = (DiffChange){c->b_start, c->b_count, c->a_start, c->a_count};
    }
}

static DiffChanges compare_sides(Arena *arena, const Chunk *chunk, ThreeWay *three, bool as_git)
{
    LinePart ours = {&three->ours, chunk->ours.start, chunk->ours.count};
    LinePart theirs = {&three->theirs, chunk->theirs.start, chunk->theirs.count};
    bool swap = !as_git && str_compare(line_table_slice(theirs.table, theirs.from, theirs.count),
                                       line_table_slice(ours.table, ours.from, ours.count)) < 0;
    DiffChanges changes;
    script_of_parts(arena, &three->classes, swap ? theirs : ours, swap ? ours : theirs, false,
                    &changes);
    if (swap)
        swap_sides(&changes);
    return changes;
}

/* One conflict, cut along a diff of its two sides. Base is cut where the lines between stand in it. */
static void refine_one(Arena *arena, const Chunk *chunk, ThreeWay *three, bool as_git, Chunks *out)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    DiffChanges differences = compare_sides(scratch, chunk, three, as_git);
    if (differences.count == 0) {
        Chunk same = *chunk;
        same.kind = CHUNK_SAME;
        ARRAY_PUSH(arena, out, same);
        return;
    }

    Span base_left = chunk->base;
    for (size_t i = 0; i < differences.count; i++) {
        const DiffChange *d = &differences.items[i];
        Chunk place = {CHUNK_CONFLICT, base_left, before_span(d), after_span(d)};
        place.ours.start += chunk->ours.start;
        place.theirs.start += chunk->theirs.start;
        if (i + 1 < differences.count) {
            size_t end =
                split_of_base(three, span_end(place.ours), span_end(place.theirs), base_left);
            size_t next = split_of_base(three, d[1].a_start + chunk->ours.start,
                                        d[1].b_start + chunk->theirs.start,
                                        span_between(end, span_end(base_left)));
            place.base = span_between(base_left.start, end);
            base_left = span_between(next, span_end(base_left));
        }
        ARRAY_PUSH(arena, out, place);
    }
}

static bool is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool has_letter_or_digit(Str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (is_letter_or_digit(text.data[i]))
            return true;
    return false;
}

static bool belong_together(const Chunk *a, const Chunk *b, const LineTable *ours)
{
    if (a->kind != CHUNK_CONFLICT || b->kind != CHUNK_CONFLICT)
        return false;
    size_t between = b->ours.start - span_end(a->ours);
    return between <= JOIN_LINES ||
           !has_letter_or_digit(line_table_slice(ours, span_end(a->ours), between));
}

Chunks chunks_refine(Arena *arena, const Chunks *chunks, ThreeWay *three, bool as_git)
{
    Chunks places = {0};
    for (size_t i = 0; i < chunks->count; i++) {
        const Chunk *chunk = &chunks->items[i];
        if (chunk->kind == CHUNK_CONFLICT && chunk->ours.count && chunk->theirs.count)
            refine_one(arena, chunk, three, as_git, &places);
        else
            ARRAY_PUSH(arena, &places, *chunk);
    }

    size_t kept = 0;
    for (size_t i = 1; i < places.count; i++) {
        Chunk *last = &places.items[kept];
        const Chunk *place = &places.items[i];
        if (!belong_together(last, place, &three->ours)) {
            places.items[++kept] = *place;
            continue;
        }
        last->base = span_to(last->base, place->base);
        last->ours = span_to(last->ours, place->ours);
        last->theirs = span_to(last->theirs, place->theirs);
    }
    places.count = places.count ? kept + 1 : 0;
    return places;
}
