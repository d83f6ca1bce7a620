/* Editor: a text in the person's own editor, $VISUAL, else $EDITOR, else vi; and a file in a merge tool.
 *
 * The text lies in a private file of weir's home meanwhile, under the name `key`, so that it outlives a
 * failing editor, a closed terminal or a kill: the next edit with this key goes on with it. What was
 * written is removed by draft_drop, once it has been taken.
 */
#pragma once

#include "cli/command.h"

typedef struct {
    Str key;  /* 64 hex digits: of the place */
    Str name; /* shown by the editor, and tells it the kind of text */
    Str path; /* absolute; set by the calls below */
} TextDraft;

/* ERR_INVALID when the editor fails or is missing; the error names the draft when it has changes. */
MUST_CHECK bool editor_run(Call *call, TextDraft *draft, Str text, Str *out, Error *err);

typedef struct {
    Str base, target, source; /* the sides' whole files */
    Str merged;               /* what the tool starts from */
} ToolTexts;
/* `tool` is a known name (tool_names) or a shell line with $BASE $LOCAL $REMOTE $MERGED. */
MUST_CHECK bool tool_run(Call *call, const char *tool, TextDraft *draft, const ToolTexts *texts,
                         Str *out, Error *err);

void draft_drop(Call *call, const TextDraft *draft);
