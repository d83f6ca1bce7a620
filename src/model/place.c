#include "model/place.h"

#include "base/name.h"
#include "base/path.h"
#include "base/text.h"

Place place_of(Arena *arena, Str path, Str owner)
{
    return (Place){name_fold(arena, path), path, owner};
}

bool place_check_pair(Arena *arena, const Place *a, const Place *b, Error *err)
{
    if (!path_is_inside(a->folded, b->folded) && !path_is_inside(b->folded, a->folded))
        return true;
    const char *relation =
        str_equal(a->folded, b->folded) ? "the same place" : "places inside one another";
    fail(err, ERR_EXISTS, "'%.120s' and '%.120s' have %s: '%.160s' and '%.160s'",
         text_safe(arena, a->owner), text_safe(arena, b->owner), relation,
         text_safe(arena, a->path), text_safe(arena, b->path));
    return fail_hint(err, "Give one of them another path.");
}
