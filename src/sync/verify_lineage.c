/* Every version's parents are versions of the same artifact, told before it. */
#include "sync/verify.h"

#include "sync/version_store.h"

enum { BREAKS_SHOWN = 1000 };

static bool mend_break(Verify *verify, Finding *finding, Error *err)
{
    finding->mended = version_put_root(verify->ws, finding->context, err);
    return finding->mended;
}

/* Several versions may go back to the same one. */
static bool is_told(Arena *arena, Map *seen, const VersionBreak *one)
{
    Str key =
        str_of(arena_format(arena, "%.*s %s", STR_ARG(one->artifact), hash_hex(&one->parent).text));
    bool told = map_find(seen, key) != NULL;
    map_put(seen, key, seen);
    return told;
}

static bool check_lineage(Verify *verify, Error *err)
{
    VersionBreaks breaks;
    if (!version_count(verify->ws, &verify->looked_at, err) ||
        !version_breaks(verify->ws, (Str){0}, BREAKS_SHOWN, &breaks, err))
        return false;
    Map *seen = map_new(verify->ws->arena, 0);
    for (size_t i = 0; i < breaks.count; i++) {
        VersionBreak *one = &breaks.items[i];
        if (is_told(verify->ws->arena, seen, one))
            continue;
        Finding *finding =
            one->later ? verify_found(verify, "LINEAGE_CYCLE", one->artifact,
                                      "version %.12s goes back to %.12s, which comes after it",
                                      hash_hex(&one->hash).text, hash_hex(&one->parent).text)
                       : verify_found(verify, "LINEAGE_GAP", one->artifact,
                                      "version %.12s goes back to %.12s, which is no version of it",
                                      hash_hex(&one->hash).text, hash_hex(&one->parent).text);
        finding->repair = "told as a first version, before all others";
        finding->mend = mend_break;
        finding->context = one;
    }
    return true;
}

const VerifyCheck verify_lineage = {
    .name = "lineage",
    .about = "versions",
    .check = check_lineage,
};
