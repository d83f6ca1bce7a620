/* Glob: one pattern of git's ignore syntax against a path. Private to the room.
 *
 * `?`, `*` and `[...]` do not cross '/', `**` between slashes does. A malformed class or a trailing
 * backslash matches nothing. Time is bounded by pattern x path: all ways to match are followed at once
 * instead of one after the other. Source: gitignore(5) and git's own answers (glob is tested against it).
 */
#pragma once

#include "base/array.h"

typedef enum {
    GLOB_BYTE,
    GLOB_ANY,     /* ? */
    GLOB_CLASS,   /* [...] */
    GLOB_STAR,    /* * */
    GLOB_DEEP,    /* ** at the end: also slashes */
    GLOB_FOLDERS, /* **, then '/': nothing, or folders with their slash */
    GLOB_NEVER,
} GlobKind;

typedef struct {
    GlobKind kind;
    uint8_t byte;
    const uint8_t *members; /* of a class: a bit for each byte */
} GlobToken;

typedef struct {
    GlobToken *items;
    size_t count;
    size_t capacity;
} Glob;

Glob glob_parse(Arena *arena, Str pattern);
bool glob_matches(const Glob *glob, Str path); /* never for a path over LIMIT_PATH_BYTES */
