#include "cli/place_text.h"

#include "base/text.h"
#include "cli/conflict_json.h"

const char *place_target(const PendingMerge *pending)
{
    return pending->edge == EDGE_UPSTREAM || pending->upward ? "collection" : "project";
}

const char *place_source(const PendingMerge *pending)
{
    if (pending->edge == EDGE_UPSTREAM)
        return "upstream";
    return pending->upward ? "project" : "collection";
}

static void print_side(Output *output, const char *name, Str text, size_t most)
{
    Str line = {0};
    size_t count = 0;
    if (!text.len)
        out_line(output, "  %-10s |", name);
    for (; text.len && (!most || count < most) && str_next(&text, '\n', &line); count++)
        out_line(output, "  %-10s | %s", name, text_safe(output->arena, line));
    for (count = 0; str_next(&text, '\n', &line); count++)
        continue;
    if (count)
        out_line(output, "  %-10s | ... %s", name,
                 text_count(output->arena, count, "line more", "lines more"));
}

void place_print(Output *output, const WaitingPlace *place, const PendingMerge *pending,
                 size_t most)
{
    const char *file = text_safe(output->arena, place->file);
    const MergeRegion *region = place->region;
    if (!region) {
        out_line(output, "%s: %s", file, conflict_kind_name(place->conflict->kind));
        return;
    }
    out_line(output, "%s:%zu, place %zu of %zu%s", file, region->ours.start, place->number,
             place->count, place->chosen ? ", chosen" : "");
    print_side(output, place_target(pending), region->ours_text, most);
    print_side(output, "base", region->base_text, most);
    print_side(output, place_source(pending), region->theirs_text, most);
}
