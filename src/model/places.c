#include "model/places.h"

#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "base/path.h"
#include "base/text.h"

Place place_of(Arena *arena, Str path, Str owner)
{
    return (Place){name_fold(arena, path), path, owner};
}

/* '/' sorts before all else, so that a folder is followed directly by what lies in it. */
static int compare_places(const void *left, const void *right)
{
    Str a = ((const Place *)left)->folded;
    Str b = ((const Place *)right)->folded;
    size_t common = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < common; i++) {
        int x = a.data[i] == '/' ? 0 : (unsigned char)a.data[i] + 1;
        int y = b.data[i] == '/' ? 0 : (unsigned char)b.data[i] + 1;
        if (x != y)
            return x - y;
    }
    return (a.len > b.len) - (a.len < b.len);
}

bool places_check_pair(Arena *arena, const Place *a, const Place *b, Error *err)
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

bool places_check(Arena *arena, Places *places, Error *err)
{
    if (places->count == 0)
        return true;
    qsort(places->items, places->count, sizeof *places->items, compare_places);
    for (size_t i = 1; i < places->count; i++) {
        if (!places_check_pair(arena, &places->items[i - 1], &places->items[i], err))
            return false;
    }
    return true;
}
