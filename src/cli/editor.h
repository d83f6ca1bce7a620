/* Editor: a text in the person's own editor, $VISUAL, else $EDITOR, else vi.
 *
 * The text lies in a private file of weir's home meanwhile, which is removed afterwards.
 */
#pragma once

#include "cli/command.h"

/* `name` is shown by the editor and tells it the kind of text. ERR_INVALID when the editor fails. */
MUST_CHECK bool editor_run(Call *call, Str name, Str text, Str *out, Error *err);
