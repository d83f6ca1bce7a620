/* draft_run: batch after batch, each planned under its locks and carried out at once. What is locked or
 * fails before it is carried out leaves its batch, and the rest is planned again without it. */
#include "sync/draft.h"

#include <string.h>

#include "base/ids.h"
#include "base/limits.h"
#include "base/text.h"
#include "sync/item_log.h"
#include "sync/locks.h"
#include "sync/missing.h"
#include "sync/review.h"

typedef struct {
    Workspace *ws;
    Arena *arena; /* of the whole run: ws->arena is a batch's own while that is planned */
    Arena *plans; /* of what has been planned so far */
    const DraftRun *run;
    SessionSpec session_spec;
    Session *session;
    Str operation;  /* the batches of one command are one operation */
    StrArray names; /* what the first batch selected */
    size_t selected;
    size_t from;
    size_t planned; /* items of the batches before */
    bool checked;   /* of a whole run: all of it has been planned, nothing is in the way */
    BarredList barred;
    Missing missing;
} Batch;

static size_t batch_size(const Batch *batch)
{
    return batch->ws->batch_artifacts ? batch->ws->batch_artifacts : LIMIT_BATCH_ARTIFACTS;
}

/* Is this the look at all of it that comes before the first write? */
static bool only_checks(const Batch *batch)
{
    return batch->run->whole && !batch->checked && batch->selected > batch_size(batch);
}

/* ── what leaves the batch ── */

static bool is_barred(const Batch *batch, Str artifact)
{
    for (size_t i = 0; i < batch->barred.count; i++)
        if (str_equal(batch->barred.items[i].artifact, artifact))
            return true;
    return false;
}

/* False: it is out already, so that leaving it out does not help. */
static bool bar(Batch *batch, Str artifact, const char *root, const Error *why)
{
    /* who said yes to a plan did not say yes to half of an artifact */
    const char *where = root && !(batch->ws->agreed && artifact.len)
                            ? arena_text(batch->arena, str_of(root))
                            : NULL;
    Barred barred = {arena_copy(batch->arena, artifact), where, *why};
    for (size_t i = 0; i < batch->barred.count; i++)
        if (str_equal(batch->barred.items[i].artifact, artifact) &&
            str_equal(str_of(batch->barred.items[i].root), str_of(where)))
            return false;
    ARRAY_PUSH(batch->arena, &batch->barred, barred);
    return true;
}

/* Locked artifacts that would be written. False: one is written all the same, by a planner that cannot
 * leave it out. */
static bool bar_locked(Batch *batch, const Plan *plan, bool *any, Error *err)
{
    ArtifactLocks locks;
    *any = false;
    if (!lock_list(batch->ws, &locks, err))
        return false;
    for (size_t i = 0; locks.count && i < plan->items.count; i++) {
        const PlanItem *item = &plan->items.items[i];
        const ArtifactLock *lock = lock_of(&locks, item->artifact);
        Error refused = {0};
        if (!lock || !item_matters(item))
            continue;
        (void)lock_refuse(batch->ws->arena, lock, &refused);
        if (!bar(batch, item->artifact, NULL, &refused) && !*any) {
            *err = refused;
            return false;
        }
        *any = true;
    }
    return true;
}

/* After these nothing more is to be tried. */
static bool is_final(ErrorCode code)
{
    return code == ERR_INTERRUPTED || code == ERR_UNFINISHED_APPLY || code == ERR_DISK_FULL ||
           code == ERR_INTERRUPTED_APPLY || code == ERR_FENCED;
}

/* A commit failed for one artifact, or for one root: that one alone is left out. */
static bool bar_blamed(Batch *batch, const Draft *draft, const Error *why)
{
    Str artifact = {0};
    if (!draft->blame.known || is_final(why->code))
        return false;
    if (draft->blame.group != APPLY_RECORD)
        artifact = draft->plan->items.items[draft->blame.group].artifact;
    return bar(batch, artifact, draft->blame.root->path, why);
}

static bool bar_raced(Batch *batch, const Draft *draft, const Error *why)
{
    bool any = false;
    for (size_t i = 0; i < draft->raced_groups.count; i++) {
        if (draft->raced_groups.items[i] == APPLY_RECORD)
            return false;
        Str artifact = draft->plan->items.items[draft->raced_groups.items[i]].artifact;
        any |= bar(batch, artifact, NULL, why);
    }
    return any;
}

/* ── what a person said yes to ── */

static bool is_left_out(const Batch *batch, const PlanItem *now)
{
    return now->result == RESULT_ERROR &&
           (is_barred(batch, now->artifact) || is_barred(batch, (Str){0}));
}

/* An earlier attempt has done a part: what is left of it was agreed to, whatever its place. */
static bool check_rest(const Batch *batch, const Plan *plan, Error *err)
{
    Map *agreed = map_new(batch->ws->arena, batch->ws->agreed->count);
    for (size_t i = 0; i < batch->ws->agreed->count; i++)
        map_put(agreed, batch->ws->agreed->items[i], agreed);
    for (size_t i = 0; i < plan->items.count; i++) {
        const PlanItem *now = &plan->items.items[i];
        if (now->result != RESULT_UP_TO_DATE && !is_left_out(batch, now) &&
            !map_find(agreed, plan_item_digest(batch->ws->arena, now)))
            return fail(err, ERR_CHANGED,
                        "something changed after a part was written; the rest was not");
    }
    return true;
}

/* Under the locks: is this what was shown? */
static bool check_agreed(const Batch *batch, const Plan *plan, Error *err)
{
    const StrArray *agreed = batch->ws->agreed;
    size_t from = batch->planned;
    if (!agreed)
        return true;
    if (batch->ws->agreed_before)
        return check_rest(batch, plan, err);
    bool last = batch->from + batch_size(batch) >= batch->selected;
    size_t left = agreed->count > from ? agreed->count - from : 0;
    bool same = last ? left == plan->items.count : left >= plan->items.count;
    for (size_t i = 0; same && i < plan->items.count; i++) {
        const PlanItem *now = &plan->items.items[i];
        same = is_left_out(batch, now) ||
               str_equal(agreed->items[from + i], plan_item_digest(batch->ws->arena, now));
    }
    if (same)
        return true;
    if (from && !only_checks(batch))
        return fail(err, ERR_CHANGED,
                    "something changed while you were asked; the first %zu items were written, "
                    "the rest not",
                    from);
    return fail(err, ERR_CHANGED, "something changed while you were asked; nothing was written");
}

/* ── running ── */

typedef enum { TRY_DONE, TRY_AGAIN, TRY_RACED } Try;

/* Nothing was in the way when all was looked at. */
static bool check_way(const Batch *batch, const Plan *plan, Error *err)
{
    Str artifact = {0};
    if (!batch->checked)
        return true;
    for (size_t i = 0; i < plan->items.count; i++)
        if (plan->items.items[i].result == RESULT_CONFLICT)
            artifact = plan->items.items[i].artifact;
    return !artifact.len ||
           fail(err, ERR_CONFLICT, "'%s' was edited meanwhile", text_safe(batch->arena, artifact));
}

static bool commit(Batch *batch, Draft *draft, CommitOutcome *out, Error *err)
{
    return check_agreed(batch, draft->plan, err) &&
           (only_checks(batch) ||
            (check_way(batch, draft->plan, err) && draft_commit(draft, out, err)));
}

/* What failed, or raced once too often, is left out from now on. */
static bool leave_out(Batch *batch, const Draft *draft, bool committed, bool drop_raced, Error *err)
{
    if (!committed)
        return (drop_raced || err->code != ERR_CHANGED) && bar_blamed(batch, draft, err);
    (void)fail(err, ERR_CHANGED,
               "'%s' keeps changing, or is open for writing in another program; nothing was "
               "written",
               text_safe(batch->arena, draft->raced));
    return bar_raced(batch, draft, err);
}

static bool plan_draft(Draft *draft, const DraftRun *run, Error *err)
{
    SPAN(draft->ws->tracer, "plan");
    if (!run->plan_it(draft, run->context, err) || !review_draft(draft, err))
        return false;
    draft_item_ends(draft);
    return true;
}

static bool run_once(Batch *batch, bool drop_raced, Plan *plan, CommitOutcome *outcome, Try *out,
                     Error *err)
{
    const DraftRun *run = batch->run;
    bool locked = false;
    *plan = (Plan){.dry_run = !run->apply};
    *outcome = COMMIT_NOTHING;
    *out = TRY_AGAIN;
    Draft *draft = draft_new(batch->ws, batch->session, plan);
    draft->undoes = run->undoes;
    draft->operation = batch->operation;
    draft->keep = batch->arena;
    draft->names = &batch->names;
    draft->barred = &batch->barred;
    draft->missing = &batch->missing;
    draft->from = batch->from;
    draft->to = batch->from + batch_size(batch);
    bool planned = plan_draft(draft, run, err);
    if (batch->missing.noted.count)
        return true;
    if (!planned || !bar_locked(batch, plan, &locked, err))
        return false;
    batch->selected = draft->selected;
    if (locked)
        return true;
    bool committed = !run->apply || commit(batch, draft, outcome, err);
    bool raced = committed && *outcome == COMMIT_RACED;
    if (!committed || (raced && drop_raced))
        return leave_out(batch, draft, committed, drop_raced, err);
    *out = raced ? TRY_RACED : TRY_DONE;
    if (*outcome == COMMIT_DONE || *outcome == COMMIT_PARTLY)
        batch->ws->give_way = false; /* half done, it goes on here */
    if (!raced && !only_checks(batch))
        item_log(batch->ws, plan);
    return true;
}

/* The session's folders and records outlive the batch, so they go into the caller's arena. */
static bool need_session(Batch *batch, Error *err)
{
    if (batch->session)
        return true;
    if (!session_open(batch->ws, &batch->session_spec, &batch->session, err))
        return false;
    session_note_busy(batch->session, batch->arena, &batch->session_spec.busy);
    return true;
}

static void keep_plan(Arena *arena, const Plan *part, Plan *whole)
{
    for (size_t i = 0; i < part->items.count; i++)
        ARRAY_PUSH(arena, &whole->items, plan_item_copy(arena, &part->items.items[i]));
    if (part->operation.len)
        whole->operation = arena_copy(arena, part->operation);
}

static bool goes_on(Batch *batch, CommitOutcome outcome)
{
    Error failed;
    bool more = batch->from + batch_size(batch) < batch->selected;
    return outcome == COMMIT_NOTHING ||
           (outcome == COMMIT_DONE && (!more || session_written(batch->session, &failed)));
}

/* One try of one batch; what it made beyond the plan goes with the arena it was made in. A try that was
 * not carried out has changed the records in memory: then the session is read again. */
static bool try_batch(Batch *batch, bool drop_raced, Plan *whole, Try *out, Error *err)
{
    SCOPED(arena_close) Arena *own = NULL;
    CommitOutcome outcome = COMMIT_NOTHING;
    Plan part;
    if (!need_session(batch, err))
        return false;
    if (batch->run->batches)
        batch->ws->arena = own = arena_open();
    bool ran = run_once(batch, drop_raced, &part, &outcome, out, err);
    batch->ws->arena = batch->arena;
    if (!ran || *out != TRY_DONE) {
        session_close(&batch->session);
        return ran;
    }
    if (own)
        keep_plan(batch->plans, &part, whole);
    else
        *whole = part;
    if (!goes_on(batch, outcome))
        session_close(&batch->session);
    return true;
}

/* A save while weir reads or writes is a race: the newer files are planned once more, then left out. */
static bool run_batch(Batch *batch, Plan *whole, Error *err)
{
    enum { TRIES = 3 };
    int races = 0;
    Try outcome = TRY_AGAIN;
    while (outcome != TRY_DONE) {
        bool ran = try_batch(batch, races + 1 >= TRIES, whole, &outcome, err);
        bool raced = ran ? outcome == TRY_RACED : err->code == ERR_CHANGED;
        races += raced;
        if (!ran && (!raced || races >= TRIES))
            return false;
        if (batch->missing.noted.count && !missing_ask(batch->ws, &batch->missing, err))
            return false;
        if (!ran)
            outcome = TRY_RACED;
    }
    return true;
}

static bool run_batches(Batch *batch, Plan *out, Error *err)
{
    bool ran = true;
    batch->from = 0;
    batch->planned = 0;
    *out = (Plan){.dry_run = !batch->run->apply};
    do {
        ran = run_batch(batch, out, err);
        batch->planned = out->items.count;
        batch->from += batch_size(batch);
    } while (ran && batch->from < batch->selected);
    return ran;
}

/* All or nothing: more than one batch is looked at as a whole, and with nothing in the way carried out. */
static bool run_whole(Batch *batch, Plan *out, Error *err)
{
    SCOPED(arena_close) Arena *own = arena_open();
    Plan plan;
    batch->plans = own;
    bool ran = run_batches(batch, &plan, err);
    batch->plans = batch->arena;
    if (!ran)
        return false;
    if (only_checks(batch) && !plan_count(&plan, RESULT_CONFLICT)) {
        arena_close(&own);
        batch->checked = true;
        return run_batches(batch, out, err);
    }
    keep_plan(batch->arena, &plan, out);
    return true;
}

/* What the batches before have written stays, and is said. */
static bool fail_after(const Batch *batch, const Plan *whole, Error *err)
{
    bool undoes = batch->run->undoes.len > 0;
    size_t written = 0;
    for (size_t i = 0; i < whole->items.count; i++)
        written += whole->items.items[i].result == RESULT_FAST_FORWARD ||
                   whole->items.items[i].result == RESULT_MERGED;
    if (!batch->run->apply || !written || (err->code != ERR_DISK_FULL && !undoes) ||
        (batch->run->whole && !batch->checked))
        return false;
    if (undoes) {
        (void)fail_in(
            err, "after %s",
            text_count(batch->arena, written, "item was taken back", "items were taken back"));
        return fail_hint(err, "`weir undo` goes on with the rest, or stops at it again.");
    }
    (void)fail_in(err, "after %s",
                  text_count(batch->arena, written, "item was written", "items were written"));
    return fail_hint(err, "Free some space and run the command again for the rest; `weir undo` "
                          "takes back what was written.");
}

bool draft_run(Workspace *ws, const DraftRun *run, Plan *out, Error *err)
{
    Plan whole = {.dry_run = !run->apply};
    Batch batch = {.ws = ws,
                   .arena = ws->arena,
                   .plans = ws->arena,
                   .run = run,
                   .session_spec = run->session,
                   .operation = run->operation,
                   .missing = {.arena = ws->arena}};
    if (run->apply && !workspace_check_writes(ws, err))
        return false;
    if (!batch.operation.len)
        batch.operation = ws->operation.len ? ws->operation : str_of(id_new(ws->arena));
    bool ran = run->whole && run->apply ? run_whole(&batch, &whole, err)
                                        : run_batches(&batch, &whole, err);
    session_close(&batch.session);
    if (!ran)
        return fail_after(&batch, &whole, err);
    if (run->apply)
        lock_note_results(ws, &whole, run->bulk);
    *out = whole;
    return true;
}
