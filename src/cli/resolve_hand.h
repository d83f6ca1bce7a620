/* A resolution by hand: a place or a whole file of a waiting merge in the editor or a merge tool. */
#pragma once

#include "cli/editor.h"
#include "sync/verbs.h"

typedef struct {
    TextDraft draft;
    Str text;   /* what was written; not when `untouched` */
    bool whole; /* of the file, not of the place alone */
    bool untouched;
} HandText;

MUST_CHECK bool hand_edit_place(Call *call, const ResolveResult *result, const WaitingPlace *place,
                                HandText *out, Error *err);
MUST_CHECK bool hand_edit_file(Call *call, const WaitingPlace *place, HandText *out, Error *err);
MUST_CHECK bool hand_tool(Call *call, const char *tool, const WaitingPlace *place, HandText *out,
                          Error *err);
