/* Places of a waiting merge as a person sees them: what each side has there, and what was chosen. */
#include "merge/diff.h"
#include "sync/resolution_internal.h"

enum { SHOWN_BYTES = 1 << 20 }; /* a larger whole file is named by its size alone */

static uint64_t size_in(const TreeSide *side, const ConflictSide *file)
{
    const TreeEntry *entry = tree_find(&side->tree, file->path);
    return entry ? entry->size_bytes : 0;
}

/* A whole file of one side; its text too when it is one, or where it points when it is a link. */
static bool read_side(Draft *draft, const TreeSide *tree, const ConflictSide *file, PlaceSide *out,
                      Error *err)
{
    PlaceSide side = {.there = file->mode != MODE_NONE};
    BlobReader blobs = blob_pool_reader(draft->pool);
    if (side.there)
        side.size_bytes = size_in(tree, file);
    if (side.there && side.size_bytes <= SHOWN_BYTES) {
        if (!blobs.read(blobs.context, draft->ws->arena, &file->hash, &side.text, err))
            return false;
        side.size_bytes = side.text.len;
        side.is_text = !diff_is_binary(side.text);
    }
    *out = side;
    return true;
}

static bool read_sides(Draft *draft, const EdgeInput *input, const TreeConflict *conflict,
                       WaitingPlace *place, Error *err)
{
    return read_side(draft, &input->base, &conflict->base, &place->base, err) &&
           read_side(draft, &input->target, &conflict->ours, &place->target, err) &&
           read_side(draft, &input->source, &conflict->theirs, &place->source, err);
}

static PlaceSide side_of_lines(const ConflictSide *file, Str text, LineRange lines)
{
    return (PlaceSide){.there = file->mode != MODE_NONE,
                       .is_text = true,
                       .text = text,
                       .size_bytes = text.len,
                       .lines = lines};
}

Str resolution_text(Draft *draft, const Resolution *resolution, const EdgeInput *input,
                    const TreeConflict *conflict)
{
    Arena *arena = draft->ws->arena;
    const Str *keys = resolution_region_keys(arena, conflict);
    size_t count = conflict->merge.regions.count;
    MergeChoice *choices = ARENA_ARRAY(arena, MergeChoice, count + 1);
    LineMerge settled;
    const MergeOptions options = {.style = draft->ws->marker_style,
                                  .base_label = str_of(input->base_label),
                                  .ours_label = str_of(input->target_label),
                                  .theirs_label = str_of(input->source_label)};
    for (size_t i = 0; i < count; i++)
        (void)resolution_read_take(draft, resolution_choice_at(resolution, keys[i]), &choices[i]);
    merge_apply_choices(arena, &conflict->merge, choices, &options, &settled);
    return settled.text;
}

static void add_regions(Draft *draft, const Resolution *resolution, const EdgeInput *input,
                        WaitingPlace place, WaitingPlaces *out)
{
    const TreeConflict *conflict = place.conflict;
    const Str *keys = resolution_region_keys(draft->ws->arena, conflict);
    Str whole = place.choice;
    place.count = conflict->merge.regions.count;
    place.file_text = resolution_text(draft, resolution, input, conflict);
    for (size_t i = 0; i < place.count; i++) {
        const MergeRegion *region = &conflict->merge.regions.items[i];
        MergeChoice take;
        Str choice = resolution_choice_at(resolution, keys[i]);
        bool usable = resolution_read_take(draft, choice, &take);
        place.key = keys[i];
        place.region = region;
        place.number = i + 1;
        place.choice = whole.len ? whole : usable ? choice : (Str){0};
        place.chosen = place.choice.len > 0;
        place.base = side_of_lines(&conflict->base, region->base_text, region->base);
        place.target = side_of_lines(&conflict->ours, region->ours_text, region->ours);
        place.source = side_of_lines(&conflict->theirs, region->theirs_text, region->theirs);
        ARRAY_PUSH(draft->ws->arena, out, place);
    }
}

bool resolution_places(Draft *draft, const Resolution *resolution, const EdgeInput *input,
                       const TreeConflicts *conflicts, WaitingPlaces *out, Error *err)
{
    Arena *arena = draft->ws->arena;
    WaitingPlaces places = {0};
    for (size_t i = 0; i < conflicts->count; i++) {
        const TreeConflict *conflict = &conflicts->items[i];
        WaitingPlace place = {.conflict = conflict, .number = 1, .count = 1};
        place.file = shown_path(conflict->path, input->path);
        place.file_key = place.key = resolution_file_key(arena, conflict);
        place.choice = resolution_choice_at(resolution, place.key);
        place.chosen = place.choice.len > 0;
        if (conflict->has_text && conflict->merge.regions.count) {
            if (!resolution_side_texts(draft, conflict, place.file_sides, err))
                return false;
            add_regions(draft, resolution, input, place, &places);
            continue;
        }
        if (!read_sides(draft, input, conflict, &place, err))
            return false;
        ARRAY_PUSH(arena, &places, place);
    }
    *out = places;
    return true;
}
