/* Three files: what merge-file and merge-driver share. Texts come from paths as typed, the result goes
 * into one of them in place, and the exit code counts conflicts, as git's does.
 */
#pragma once

#include "cli/command.h"
#include "merge/lines.h"

/* --marker-size; 0: as usual. */
MUST_CHECK bool read_marker_size(const Options *options, int *out, Error *err);

/* The text of the file that operand `index` names. ERR_INVALID when it is binary or too large to merge. */
MUST_CHECK bool read_merge_text(const Call *call, size_t index, Str *out, Error *err);

/* New content for the file that operand `index` names: links, owner and mode stay. Room is taken first, so
 * that a full disk loses nothing. */
MUST_CHECK bool replace_text(const Call *call, size_t index, Str text, Error *err);

int conflict_exit_code(const LineMerge *merge); /* at most 127 */
