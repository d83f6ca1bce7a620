/* Three-way merge of lines. What it merges cleanly equals `git merge-file` byte for byte; with `as_git`
 * conflicts do too.
 *
 * "ours" is the target (what is there), "theirs" the source (what comes in). Texts are at most
 * LIMIT_MERGE_BYTES each; binary is the caller's question (diff_is_binary). Spans in the result point
 * into the inputs, which must live as long. Swapping the sides swaps them in the result and changes
 * nothing else (without `as_git`). Never fails: what cannot be merged is a conflict.
 */
#pragma once

#include "base/array.h"
#include "base/hash.h"

typedef enum { MERGE_STYLE_MERGE, MERGE_STYLE_DIFF3, MERGE_STYLE_ZDIFF3 } MergeStyle;
typedef enum {
    MERGE_FAVOR_NONE,
    MERGE_FAVOR_OURS,
    MERGE_FAVOR_THEIRS,
    MERGE_FAVOR_UNION
} MergeFavor;

typedef struct {
    MergeStyle style;
    MergeFavor favor; /* takes a side in every conflict; what it settles is no conflict */
    int marker_size;  /* 0: 7 */
    bool as_git;      /* cut conflicts as git does, which depends on which side is which */
    Str base_label;   /* an empty label leaves the marker bare */
    Str ours_label;
    Str theirs_label;
} MergeOptions;

/* Lines from 1, as in a diff's hunk header: with count 0, `start` is the line before (0 at the top). */
typedef struct {
    size_t start;
    size_t count;
} LineRange;

/* One place in conflict. With MERGE_STYLE_MERGE a conflict is cut into the smallest places; lines of
 * base that cannot be told apart between two such places belong to the first. */
typedef struct {
    LineRange base, ours, theirs;
    Str base_text, ours_text, theirs_text;
} MergeRegion;
typedef ARRAY(MergeRegion) MergeRegions;

/* The result in order: stable text, and between it the regions. */
typedef struct {
    Str text;      /* stable: these bytes */
    size_t region; /* STR_NONE: stable; else an index into regions */
    bool crlf;     /* of a region: its markers and missing line ends are CR LF */
} MergeSegment;
typedef ARRAY(MergeSegment) MergeSegments;

typedef struct {
    bool clean;
    Str text; /* merged; with markers when not clean */
    MergeRegions regions;
    MergeSegments segments;
    const char *note; /* why a structure-aware merge was not used, or NULL */
} LineMerge;

void merge_lines(Arena *arena, Str base, Str ours, Str theirs, const MergeOptions *options,
                 LineMerge *out);

/* All of a merge, in another arena. */
LineMerge merge_copy(Arena *arena, const LineMerge *merge);

/* The segments as text, with markers in `options`' style; what out->text holds. */
Str merge_render(Arena *arena, const LineMerge *merge, const MergeOptions *options);

/* What a person decided about one region. */
typedef enum {
    TAKE_NOTHING, /* undecided: stays a conflict */
    TAKE_OURS,
    TAKE_THEIRS,
    TAKE_BASE,
    TAKE_BOTH,          /* ours' lines, then theirs' lines that ours has not */
    TAKE_BOTH_REVERSED, /* theirs' lines, then ours' lines that theirs has not */
    TAKE_TEXT,
} MergeTake;

typedef struct {
    MergeTake take;
    Str text; /* TAKE_TEXT */
} MergeChoice;

/* Applies one choice per region (`choices` has merge->regions.count items). The result is a merge
 * again: clean when every region was decided. */
void merge_apply_choices(Arena *arena, const LineMerge *merge, const MergeChoice *choices,
                         const MergeOptions *options, LineMerge *out);

/* Names a region by its path and three texts, wherever it stands: choices kept under it survive a new
 * plan. Twins in one file (equal texts) are told apart by `twin`, 0 for the first. */
Hash merge_region_key(Str path, const MergeRegion *region, size_t twin);

/* Keys of all regions of one file, in order, twins counted. `keys` has room for regions.count. */
void merge_region_keys(Str path, const LineMerge *merge, Hash *keys);

/* A line that starts with seven '<', '|' or '>' and then ends or goes on with a blank, or is seven '='.
 * `*out_line` (may be NULL) is the first one's number, from 1. */
bool merge_has_markers(Str text, size_t *out_line);

/* The same for a resolution, but what one of the inputs (base, ours, theirs) has itself as often is no
 * marker: "=======" underlines headings too. A resolution for which this is true is refused. */
bool merge_leaves_markers(Str resolution, const Str *inputs, size_t input_count, size_t *out_line);
