/* Markers of a waiting merge in an artifact's live files: the exception a person asks for.
 *
 * While they stand there, every verb still sees the files as they were before: what holds markers is the
 * draft of a resolution, no version. They are taken back by a resolution from the live files, or go with
 * an abort or an undo. On record as the merge's choice MARKERS_PLACE, so undo knows them.
 */
#pragma once

#include "sync/draft.h"

#define MARKERS_PLACE "markers"

typedef struct {
    Str pending;
    Hash before, written; /* trees: as it was, and with the markers */
} Marks;

/* Do any stand there? Known once markers_find was called. */
bool markers_any(const Session *session);
/* NULL: the artifact's files on that root hold none. */
MUST_CHECK bool markers_find(Draft *draft, const Root *root, Str artifact, const Marks **out,
                             Error *err);
/* `side`, as it lies on disk, becomes what it was without the markers. */
MUST_CHECK bool markers_hide(Draft *draft, const Marks *marks, TreeSide *side, Error *err);
/* Whether the file is one that got markers, and whether it is another by now. */
MUST_CHECK bool markers_are_in(Draft *draft, const Marks *marks, const TreeEntry *file,
                               bool *marked, bool *edited, Error *err);

Str markers_choice(Arena *arena, const Hash *before, const Hash *written);
bool markers_read(Str choice, Hash *before, Hash *written);
