#include "sync/ancestry.h"

#include "sync/version_store.h"

typedef struct {
    Draft *draft;
    Map *told; /* "artifact hash" of this draft's versions so far */
    Facts facts;
} Completion;

enum { VERSION_ARTIFACT = 1, VERSION_TIER, VERSION_PROJECT, VERSION_HASH, VERSION_PARENT };
enum { VERSION_OTHER = VERSION_PARENT + 1 };

static Str key_of(Arena *arena, Str artifact, Str hash)
{
    return str_of(arena_format(arena, "%.*s %.*s", STR_ARG(artifact), STR_ARG(hash)));
}

static bool is_known(Completion *completion, Str artifact, Str hash, bool *out, Error *err)
{
    Workspace *ws = completion->draft->ws;
    *out = !hash.len || map_find(completion->told, key_of(ws->arena, artifact, hash));
    return *out || version_exists(ws, artifact, hash, out, err);
}

static void tell(Completion *completion, const Fact *fact)
{
    Arena *arena = completion->draft->ws->arena;
    ARRAY_PUSH(arena, &completion->facts, *fact);
    map_put(completion->told,
            key_of(arena, fact->field[VERSION_ARTIFACT], fact->field[VERSION_HASH]), completion);
}

/* `fact` is the parent as a version: what it goes back to itself is the newest one of its tier. */
static bool tell_missing(Completion *completion, Fact fact, Error *err)
{
    Str *f = fact.field;
    bool known = false;
    if (!is_known(completion, f[VERSION_ARTIFACT], f[VERSION_HASH], &known, err))
        return false;
    if (known)
        return true;
    f[VERSION_OTHER] = (Str){0};
    f[VERSION_OTHER + 1] = f[VERSION_TIER];
    f[VERSION_OTHER + 2] = STR("as it was found");
    if (!version_newest(completion->draft->ws, f[VERSION_ARTIFACT], f[VERSION_TIER],
                        f[VERSION_PROJECT], &f[VERSION_PARENT], err))
        return false;
    tell(completion, &fact);
    return true;
}

/* The tier that the item's source is of. */
static void turn_to_source(const PlanItem *item, Fact *fact)
{
    Tier tier = item->edge == EDGE_UPSTREAM ? TIER_UPSTREAM
                : item->upward              ? TIER_PROJECT
                                            : TIER_COLLECTION;
    fact->field[VERSION_TIER] = str_of(tier_names[tier]);
    fact->field[VERSION_PROJECT] = tier == TIER_PROJECT ? str_of(item->project) : (Str){0};
}

static bool complete_version(Completion *completion, const Fact *fact, Error *err)
{
    Fact parent = *fact;
    Fact other = *fact;
    parent.field[VERSION_HASH] = fact->field[VERSION_PARENT];
    other.field[VERSION_HASH] = fact->field[VERSION_OTHER];
    if (fact->group >= 0)
        turn_to_source(&completion->draft->plan->items.items[fact->group], &other);
    if (!tell_missing(completion, parent, err) || !tell_missing(completion, other, err))
        return false;
    tell(completion, fact);
    return true;
}

bool ancestry_complete(Draft *draft, Error *err)
{
    Completion completion = {.draft = draft, .told = map_new(draft->ws->arena, 0)};
    for (size_t i = 0; i < draft->facts.count; i++) {
        const Fact *fact = &draft->facts.items[i];
        if (fact->kind != FACT_VERSION)
            ARRAY_PUSH(draft->ws->arena, &completion.facts, *fact);
        else if (!complete_version(&completion, fact, err))
            return false;
    }
    draft->facts = completion.facts;
    return true;
}

bool ancestry_check(Workspace *ws, Str artifact, Error *err)
{
    VersionBreaks breaks;
    if (!version_breaks(ws, artifact, 1, &breaks, err))
        return false;
    if (!breaks.count)
        return true;
    const VersionBreak *first = &breaks.items[0];
    (void)fail(err, ERR_LINEAGE_BROKEN,
               "the lineage of %.*s has a %s: %.12s goes back to %.12s, %s", STR_ARG(artifact),
               first->later ? "cycle" : "gap", hash_hex(&first->hash).text,
               hash_hex(&first->parent).text,
               first->later ? "which comes after it" : "which is no version of it");
    return fail_hint(err, "`weir verify` looks at all of it, `weir verify --repair` mends it.");
}
