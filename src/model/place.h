/* Places: paths that may neither clash (after name_fold) nor lie inside one another. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

typedef struct {
    Str folded;
    Str path;
    Str owner; /* for messages: the artifact */
} Place;

Place place_of(Arena *arena, Str path, Str owner);

/* ERR_EXISTS names both owners. */
MUST_CHECK bool place_check_pair(Arena *arena, const Place *a, const Place *b, Error *err);
