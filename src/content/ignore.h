/* Ignore: which paths of an artifact are not its content: built-ins and its own .weirignore.
 *
 * The syntax and meaning are git's (gitignore(5)): last rule wins, `!` takes back, nothing below an
 * ignored folder comes back. Built-ins: .git/ __pycache__/ *.pyc *.pyo .DS_Store Thumbs.db *~ .*.sw?
 * .#* #*#; rules may take them back, save .git/. The artifact's own root and its .weirignore are never
 * ignored. Only the .weirignore at the artifact's root counts. Pure; time is bounded by rule x path.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/tree.h"

#define IGNORE_FILE ".weirignore"

typedef struct Ignore Ignore;

/* `text` is the content of a .weirignore, empty for none; nothing of it is kept. */
MUST_CHECK bool ignore_parse(Arena *arena, Str text, Ignore **out, Error *err);

/* `path` is relative to the artifact's root, `folder` tells what it is (a link is no folder). */
bool ignore_matches(const Ignore *ignore, Str path, bool folder);

/* For walkers, who come from the top: the same, told that no parent of `path` is ignored. */
bool ignore_matches_here(const Ignore *ignore, Str path, bool folder);

/* What is left of a tree by its own rules: `tree` without the ignored entries. */
Tree ignore_filter(Arena *arena, const Ignore *ignore, const Tree *tree);
