/* The one validator of every name that comes in: from git trees, archives, records, arguments, the API.
 *
 * Names are bytes. Refused: empty, ".", "..", components over 255 bytes, paths over 1,024 bytes or 64
 * deep, absolute paths, backslash, colon, control bytes, DEL, trailing dot or blank, leading blank,
 * device names (CON, aux.txt ...), every spelling of ".git" that some file system folds to it (case,
 * "git~1", ignored HFS code points, ".git::$INDEX"), and bidirectional or invisible format characters.
 * Non-UTF-8 bytes are allowed. Sources: git's verify_path and fsck, reliability notes.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"

/* A path below a root, '/'-separated. */
MUST_CHECK bool name_check_path(Str path, Error *err);
MUST_CHECK bool name_check_component(Str name, Error *err);

/* A folder of this machine as somebody from afar names it: absolute, without '.' and '..' parts or NUL. Where
 * it leads is looked at by who opens it. ERR_INVALID, ERR_PATH_ESCAPES. */
MUST_CHECK bool name_check_folder(Str path, Error *err);

/* A link's target: relative, and inside the artifact from where the link stands. */
MUST_CHECK bool name_check_link(Str link_path, Str target, Error *err);

/* Type and name of an artifact: a letter, digit or non-ASCII UTF-8 first, then those and "._-+@" blanks
 * excluded; not a device name; at most 100 bytes. The type has ASCII letters, digits, '-' and '_' only. */
MUST_CHECK bool name_check_type(Str type, Error *err);
MUST_CHECK bool name_check_artifact(Str name, Error *err);

/* The key under which two names clash on a file system that folds case and normalises (NFC or NFD): full
 * case folding after canonical decomposition, for all of Unicode (tools/make-name-fold). */
Str name_fold(Arena *arena, Str path);
