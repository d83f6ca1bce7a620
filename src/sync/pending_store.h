/* Waiting merges, their choices, versions, projects and what upstreams were last seen to hold: rows. */
#pragma once

#include "base/map.h"
#include "sync/verbs.h"

/* The waiting merge of one edge; *found false when none waits. `project` "" on the upstream edge. */
MUST_CHECK bool pending_find(Workspace *ws, Str artifact, Edge edge, Str project, bool *found,
                             PendingMerge *out, Error *err);

typedef struct {
    Str place;  /* merge_region_key in hex, or that of a whole file */
    Str choice; /* "base" "target" "source" "both", "text <blob hash>", "absent" */
} PlaceChoice;
typedef ARRAY(PlaceChoice) PlaceChoices;
MUST_CHECK bool pending_choices(Workspace *ws, Str pending, PlaceChoices *out, Error *err);

typedef struct {
    PendingMerge merge;
    Str choice;
} MarkedMerge;
typedef ARRAY(MarkedMerge) MarkedMerges;
/* The waiting merges that have a choice at `place`. */
MUST_CHECK bool pending_marked(Workspace *ws, Str place, MarkedMerges *out, Error *err);

typedef struct {
    Str source, source_path, pin, lock_sha; /* what it was asked for */
    Str sha, ref, version, note;
    Hash tree; /* zero: the path is gone there */
    int64_t checked_ms;
} UpstreamSeen;
/* By artifact id: UpstreamSeen, of all artifacts from `first` to `last` in the order of ids. */
MUST_CHECK bool upstream_seen_list(Workspace *ws, Str first, Str last, Map **out, Error *err);
/* That of one artifact, whether it still fits or not. */
MUST_CHECK bool upstream_seen_find(Arena *arena, Workspace *ws, Str artifact, bool *found,
                                   UpstreamSeen *out, Error *err);
MUST_CHECK bool upstream_seen_put(Workspace *ws, Str artifact, const UpstreamSeen *seen,
                                  Error *err);

/* Paths of all known projects, in order. */
MUST_CHECK bool project_paths(Workspace *ws, StrArray *out, Error *err);
MUST_CHECK bool project_put(Workspace *ws, const char *path, Error *err);
