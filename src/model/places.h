/* Places: a set of paths that may neither clash (after name_fold) nor lie inside one another. */
#pragma once

#include "base/array.h"
#include "base/error.h"

typedef struct {
    Str folded;
    Str path;
    Str owner; /* for messages: the artifact */
} Place;
typedef ARRAY(Place) Places;

Place place_of(Arena *arena, Str path, Str owner);

/* ERR_EXISTS names both owners. Sorts `places`. */
MUST_CHECK bool places_check(Arena *arena, Places *places, Error *err);
MUST_CHECK bool places_check_pair(Arena *arena, const Place *a, const Place *b, Error *err);
