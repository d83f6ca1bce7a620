/* Results in another arena, so that the one they were made in can go. */
#include "merge/tree_merge.h"

static MergeRegions copy_regions(Arena *arena, const MergeRegions *regions)
{
    MergeRegions copy = {0};
    for (size_t i = 0; i < regions->count; i++) {
        MergeRegion region = regions->items[i];
        region.base_text = arena_copy(arena, region.base_text);
        region.ours_text = arena_copy(arena, region.ours_text);
        region.theirs_text = arena_copy(arena, region.theirs_text);
        ARRAY_PUSH(arena, &copy, region);
    }
    return copy;
}

static MergeSegments copy_segments(Arena *arena, const MergeSegments *segments)
{
    MergeSegments copy = {0};
    for (size_t i = 0; i < segments->count; i++) {
        MergeSegment segment = segments->items[i];
        segment.text = arena_copy(arena, segment.text);
        ARRAY_PUSH(arena, &copy, segment);
    }
    return copy;
}

LineMerge merge_copy(Arena *arena, const LineMerge *merge)
{
    LineMerge copy = *merge;
    copy.text = arena_copy(arena, merge->text);
    copy.regions = copy_regions(arena, &merge->regions);
    copy.segments = copy_segments(arena, &merge->segments);
    copy.note = merge->note ? arena_text(arena, str_of(merge->note)) : NULL;
    return copy;
}

FileChanges file_changes_copy(Arena *arena, const FileChanges *changes)
{
    FileChanges copy = {0}; /* kept long and by the thousand: no room to spare */
    if (changes->count)
        copy.items = ARENA_ARRAY(arena, FileChange, changes->count);
    copy.capacity = changes->count;
    for (size_t i = 0; i < changes->count; i++) {
        FileChange change = changes->items[i];
        change.path = arena_copy(arena, change.path);
        change.from_path = arena_copy(arena, change.from_path);
        ARRAY_PUSH(arena, &copy, change);
    }
    return copy;
}

TreeConflicts tree_conflicts_copy(Arena *arena, const TreeConflicts *conflicts)
{
    TreeConflicts copy = {0};
    for (size_t i = 0; i < conflicts->count; i++) {
        TreeConflict conflict = conflicts->items[i];
        conflict.path = arena_copy(arena, conflict.path);
        conflict.base.path = arena_copy(arena, conflict.base.path);
        conflict.ours.path = arena_copy(arena, conflict.ours.path);
        conflict.theirs.path = arena_copy(arena, conflict.theirs.path);
        conflict.other_path = arena_copy(arena, conflict.other_path);
        conflict.merge = merge_copy(arena, &conflict.merge);
        ARRAY_PUSH(arena, &copy, conflict);
    }
    return copy;
}
