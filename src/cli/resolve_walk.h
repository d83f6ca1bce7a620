/* Walk: a waiting merge settled on a terminal, place by place, by keys; or file by file in a merge tool.
 *
 * What is chosen is kept at once, so leaving in the middle, Ctrl-C too, loses nothing and the next walk goes
 * on from there; all of a walk is one operation for undo. No file is written: that is the review's.
 */
#pragma once

#include "cli/command.h"
#include "sync/verbs.h"

typedef enum {
    WALK_LEFT,    /* some places are open still */
    WALK_SETTLED, /* all are chosen: the merge can be carried out */
    WALK_DROPPED, /* the merge waits no more */
} WalkEnd;

/* `waiting` is what waits, `request` names it; request->operation becomes the sitting's, so that one undo
 * takes all of it back. `tool` NULL: no merge tool is set. */
MUST_CHECK bool resolve_walk(Call *call, const ResolveResult *waiting, ResolveRequest *request,
                             const char *tool, WalkEnd *end, Error *err);

/* Each file that has open places goes through the merge tool, without a question. */
MUST_CHECK bool resolve_by_tool(Call *call, const ResolveResult *waiting, ResolveRequest *request,
                                const char *tool, WalkEnd *end, Error *err);
