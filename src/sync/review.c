#include "sync/review.h"

#include "base/path.h"
#include "base/text.h"
#include "sync/review_store.h"

/* ── known already ── */

static bool is_planned(const Draft *draft, const PlanItem *item)
{
    for (size_t i = 0; i < draft->changes.count; i++) {
        const TreeChange *change = &draft->changes.items[i];
        if (change->group != draft_group(draft, item) &&
            hash_equal(&change->after.hash, &item->source) &&
            str_equal(change->artifact, item->artifact))
            return true;
    }
    return false;
}

static bool is_known(const Draft *draft, const PlanItem *item, bool *out, Error *err)
{
    *out = is_planned(draft, item);
    return *out ||
           version_is_recorded(draft->ws, item->artifact, &item->source, &item->after, out, err);
}

static bool is_accepted(const Workspace *ws, const PlanItem *item)
{
    for (size_t i = 0; i < ws->accepted.count; i++)
        if (hash_equal(&ws->accepted.items[i], &item->after))
            return true;
    return ws->accept_risk;
}

/* ── the yes, and the lack of it ── */

static void add_place(Buf *buf, const PlanItem *item, const RiskFinding *finding)
{
    Str path = shown_path(finding->path, item->path);
    buf_format(buf, "%s%s %s", buf->len ? ", " : "", risk_words[finding->kind],
               text_safe(buf->arena, path));
    if (finding->line)
        buf_format(buf, ":%zu", finding->line);
}

/* "hook hooks/hooks.json:3, executable scripts/x.sh", at most `most` of them. */
static const char *places_text(Arena *arena, const PlanItem *item, size_t most)
{
    Buf buf = buf_new(arena);
    size_t told = 0, all = risk_reviews(&item->risks);
    for (size_t i = 0; i < item->risks.count && told < most; i++) {
        if (!item->risks.items[i].review)
            continue;
        add_place(&buf, item, &item->risks.items[i]);
        told++;
    }
    if (all > told)
        buf_format(&buf, " and %zu more", all - told);
    return buf_text(&buf);
}

static bool fail_review(const Draft *draft, const PlanItem *item, Error *err)
{
    enum { PLACES = 4 };
    SCOPED(arena_close) Arena *arena = arena_open();
    (void)fail(err, ERR_RISK_REVIEW, "%s brings what needs a yes: %s",
               text_safe(arena, item->artifact), places_text(arena, item, PLACES));
    return fail_hint(err, "Look at it without --apply; to take it: %s --accept-risk",
                     text_safe(arena, str_of(draft->ws->command)));
}

static void tell_acceptance(Draft *draft, const PlanItem *item)
{
    enum { PLACES = 100 };
    Arena *arena = draft->ws->arena;
    facts_add(arena, &draft->facts, FACT_RISK, draft_group(draft, item),
              str_of(draft->ws->collection_name), item->artifact, hash_format(arena, &item->after),
              str_of(places_text(arena, item, PLACES)));
}

bool review_item(Draft *draft, PlanItem *item, Error *err)
{
    BlobReader blobs = blob_pool_reader(draft->pool);
    RiskOptions options = {.is_first = hash_is_zero(&item->target),
                           .is_hook = str_starts(item->artifact, STR("hook:")),
                           .file_name = path_base(item->path)};
    bool known = false;
    if (item->reviewed)
        return true;
    item->reviewed = true;
    if (hash_is_zero(&item->after) || !item->changes.count)
        return true;
    if (!is_known(draft, item, &known, err))
        return false;
    if (known)
        return true;
    if (!risk_review(draft->ws->arena, &item->changes, &blobs, &options, &item->risks, err))
        return false;
    if (!risk_reviews(&item->risks))
        return true;
    item->needs_yes = !is_accepted(draft->ws, item);
    if (item->needs_yes)
        return draft->plan->dry_run || fail_review(draft, item, err);
    tell_acceptance(draft, item);
    return true;
}

bool review_draft(Draft *draft, Error *err)
{
    for (size_t i = 0; i < draft->changes.count; i++) {
        const TreeChange *change = &draft->changes.items[i];
        if (change->after.exists &&
            !review_item(draft, &draft->plan->items.items[change->group], err))
            return false;
    }
    return true;
}
