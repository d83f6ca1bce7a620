/* Line merges: sides mirror each other, an untouched side changes nothing, changes rebuild the text.
 *
 * Input: one byte of options, then base, ours and theirs, with a byte 0x01 between two of them.
 */
#include <string.h>

#include "base/buf.h"
#include "merge/diff.h"
#include "merge/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static LineMerge merge_of(Arena *arena, Str base, Str ours, Str theirs, uint8_t flags)
{
    MergeOptions options = {
        .style = (MergeStyle)(flags % 3),
        .favor = (MergeFavor)(flags / 3 % 4),
        .as_git = (flags & 128) != 0,
        .ours_label = STR("o"),
        .theirs_label = STR("t"),
    };
    LineMerge merge;
    merge_lines(arena, base, ours, theirs, &options, &merge);
    ASSERT(merge.clean == (merge.regions.count == 0));
    return merge;
}

static Str first_lines(Str text, size_t from, size_t count)
{
    const char *end = text.data ? text.data + text.len : NULL;
    const char *at = text.data;
    const char *start = at;
    for (size_t line = 0; line < from + count && at < end; line++) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        at = feed ? feed + 1 : end;
        if (line + 1 == from)
            start = at;
    }
    return (Str){start, (size_t)(at - start)};
}

static void check_diff(Arena *arena, Str a, Str b)
{
    DiffChanges changes;
    diff_lines(arena, a, b, &changes);
    Buf buf = buf_new(arena);
    size_t done = 0;
    for (size_t i = 0; i < changes.count; i++) {
        const DiffChange *change = &changes.items[i];
        buf_add(&buf, first_lines(a, done, change->a_start - done));
        buf_add(&buf, first_lines(b, change->b_start, change->b_count));
        done = change->a_start + change->a_count;
    }
    buf_add(&buf, first_lines(a, done, diff_line_count(a) - done));
    ASSERT(str_equal(buf_str(&buf), b));
}

static void check_choices(Arena *arena, Str path, const LineMerge *merge)
{
    static const MergeTake takes[] = {TAKE_OURS, TAKE_THEIRS, TAKE_BASE, TAKE_BOTH};
    MergeOptions options = {0};
    size_t count = merge->regions.count;
    MergeChoice *choices = ARENA_ARRAY(arena, MergeChoice, count);
    Hash *keys = ARENA_ARRAY(arena, Hash, count);
    for (size_t i = 0; i < count; i++)
        choices[i].take = takes[i % COUNT_OF(takes)];
    LineMerge chosen;
    merge_apply_choices(arena, merge, choices, &options, &chosen);
    ASSERT(chosen.clean);
    merge_region_keys(path, merge, keys);
    for (size_t i = 1; i < count; i++)
        ASSERT(!hash_equal(&keys[i - 1], &keys[i]));
}

static void check_mirrored(Arena *arena, const Str text[3], uint8_t flags)
{
    flags = flags % 3;
    LineMerge merge = merge_of(arena, text[0], text[1], text[2], flags);
    LineMerge swapped = merge_of(arena, text[0], text[2], text[1], flags);
    ASSERT(merge.regions.count == swapped.regions.count);
    ASSERT(!merge.clean || str_equal(merge.text, swapped.text));
    for (size_t i = 0; i < merge.regions.count; i++) {
        const MergeRegion *a = &merge.regions.items[i], *b = &swapped.regions.items[i];
        ASSERT(str_equal(a->ours_text, b->theirs_text) && str_equal(a->theirs_text, b->ours_text));
        ASSERT(str_equal(a->base_text, b->base_text));
    }
    check_choices(arena, text[0], &merge);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    Str rest = {(const char *)data + 1, size - 1};
    Str text[3] = {{0}, {0}, {0}};
    for (int i = 0; i < 2; i++)
        (void)str_next(&rest, '\x01', &text[i]);
    text[2] = rest;

    SCOPED(arena_close) Arena *arena = arena_open();
    (void)merge_of(arena, text[0], text[1], text[2], data[0]);
    check_mirrored(arena, text, data[0]);
    check_diff(arena, text[0], text[1]);
    check_diff(arena, text[1], text[2]);
    ASSERT(str_equal(merge_of(arena, text[0], text[0], text[2], data[0]).text, text[2]));
    ASSERT(str_equal(merge_of(arena, text[0], text[1], text[0], data[0]).text, text[1]));
    ASSERT(str_equal(merge_of(arena, text[0], text[1], text[1], data[0]).text, text[1]));
    return 0;
}
