#include "sync/locks.h"

#include "base/clock.h"
#include "base/text.h"
#include "sync/lock_store.h"
#include "sync/session.h"

const ArtifactLock *lock_of(const ArtifactLocks *locks, Str artifact)
{
    for (size_t i = 0; i < locks->count; i++)
        if (str_equal(locks->items[i].artifact, artifact))
            return &locks->items[i];
    return NULL;
}

bool lock_refuse(Arena *arena, const ArtifactLock *lock, Error *err)
{
    const char *reason =
        lock->reason.len ? arena_format(arena, ": %s", text_safe(arena, lock->reason)) : "";
    (void)fail(err, ERR_LOCKED, "%.*s is locked by %s until %s%.500s", STR_ARG(lock->artifact),
               text_safe(arena, lock->owner), clock_format(arena, lock->until_ms), reason);
    return fail_hint(err, "weir unlock %.*s", STR_ARG(lock->artifact));
}

/* ── by a person ── */

static bool lock_one(Workspace *ws, const LockRequest *request, const ArtifactLock *held, Str id,
                     ArtifactLocks *out, Error *err)
{
    ArtifactLock lock = {
        .artifact = id,
        .owner = str_of(ws->actor),
        .reason = str_of(request->reason),
        .until_ms = clock_ms() + (request->for_ms ? request->for_ms : LOCK_STANDARD_MS),
    };
    if (held && !str_is(held->owner, ws->actor))
        return lock_refuse(ws->arena, held, err);
    ARRAY_PUSH(ws->arena, out, lock);
    return request->dry_run || lock_put(ws, &lock, err);
}

static bool unlock_one(Workspace *ws, const LockRequest *request, const ArtifactLock *held, Str id,
                       ArtifactLocks *out, Error *err)
{
    if (!held)
        return fail(err, ERR_NOT_FOUND, "%.*s is not locked", STR_ARG(id)) ||
               fail_hint(err, "`weir lock` lists what is.");
    ARRAY_PUSH(ws->arena, out, *held);
    return request->dry_run || (lock_delete(ws, id, err) && failure_delete(ws, id, err));
}

static bool change_each(Workspace *ws, const Session *session, const LockRequest *request,
                        ArtifactLocks *out, Error *err)
{
    ArtifactLocks locks;
    if (!lock_list(ws, &locks, err))
        return false;
    for (size_t i = 0; i < request->artifacts.count; i++) {
        Artifact *artifact = NULL;
        if (!collection_get(session->collection->collection, request->artifacts.items[i], &artifact,
                            err))
            return false;
        const ArtifactLock *held = lock_of(&locks, artifact->id);
        if (!(request->free ? unlock_one(ws, request, held, artifact->id, out, err)
                            : lock_one(ws, request, held, artifact->id, out, err)))
            return false;
    }
    return true;
}

static bool change_locks(Workspace *ws, const Session *session, const LockRequest *request,
                         ArtifactLocks *out, Error *err)
{
    SCOPED(db_rollback) DbTransaction change = {0};
    if (request->dry_run)
        return change_each(ws, session, request, out, err);
    return db_begin(ws->db, &change, err) && job_claim_holds(ws, err) && locks_clean(ws, err) &&
           change_each(ws, session, request, out, err) && db_commit(&change, err);
}

/* The folder's lock makes an apply that is at work end first: after it, each one sees what is set here. */
bool verb_lock(Workspace *ws, const LockRequest *request, ArtifactLocks *out, Error *err)
{
    SCOPED(session_close) Session *session = NULL;
    SessionSpec spec = {.write_collection = !request->dry_run};
    ArtifactLocks changed = {0};
    if ((!request->dry_run && !workspace_check_writes(ws, err)) ||
        !session_open(ws, &spec, &session, err) ||
        !change_locks(ws, session, request, &changed, err))
        return false;
    *out = changed;
    return true;
}

/* ── by failures in a row ── */

/* Not what says nothing about the artifact (the network, a repository, somebody at work, a full disk),
 * nor what waits for a person's word about its upstream. */
static bool is_its_own(ErrorCode code)
{
    static const ErrorCode others[] = {
        ERR_LOCKED,           ERR_CHANGED,       ERR_INTERRUPTED,        ERR_TIMEOUT,
        ERR_DISK_FULL,        ERR_PENDING_MERGE, ERR_NETWORK_ERROR,      ERR_RATE_LIMITED,
        ERR_GIT_AUTH_FAILED,  ERR_GIT_FAILED,    ERR_GIT_MISSING,        ERR_REPOSITORY_NOT_FOUND,
        ERR_REF_NOT_FOUND,    ERR_NOT_CONNECTED, ERR_UPSTREAM_REWRITTEN, ERR_TAG_MOVED,
        ERR_UPSTREAM_REMOVED,
    };
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (code == others[i])
            return false;
    return error_exit_code(code) != error_exit_code(ERR_NETWORK_ERROR);
}

static bool note_failure(Workspace *ws, const PlanItem *item, int64_t before, Error *err)
{
    int64_t count = before + 1;
    if (count < FAILURES_TO_LOCK)
        return failure_put(ws, item->artifact, count, err);
    ArtifactLock lock = {
        .artifact = item->artifact,
        .owner = STR("weir"),
        .until_ms = clock_ms() + LOCK_STANDARD_MS,
        .reason = str_of(arena_format(ws->arena, "failed %lld times in a row, last with %s: %s",
                                      (long long)count, error_name(item->error.code),
                                      item->error.message)),
    };
    workspace_notice(ws, "note: %s is locked for an hour: it %s",
                     text_safe(ws->arena, item->artifact), text_safe(ws->arena, lock.reason));
    return lock_put(ws, &lock, err) && failure_delete(ws, item->artifact, err);
}

typedef struct {
    Str artifact;
    const PlanItem *failed; /* the first item that did; NULL: none */
} Outcome;

/* An artifact has failed when any of its items has. */
static void gather(const Plan *plan, Map *index, Outcome *outcomes, size_t *count)
{
    for (size_t i = 0; i < plan->items.count; i++) {
        const PlanItem *item = &plan->items.items[i];
        if (!item->artifact.len)
            continue;
        Outcome *outcome = map_find(index, item->artifact);
        if (!outcome) {
            outcome = &outcomes[(*count)++];
            *outcome = (Outcome){.artifact = item->artifact};
            map_put(index, item->artifact, outcome);
        }
        if (item->result == RESULT_ERROR && !outcome->failed)
            outcome->failed = item;
    }
}

static bool note_all(Workspace *ws, const Plan *plan, bool bulk, const Map *before, Error *err)
{
    size_t count = 0;
    Outcome *outcomes = ARENA_ARRAY(ws->arena, Outcome, plan->items.count + 1);
    SCOPED(db_rollback) DbTransaction change = {0};
    gather(plan, map_new(ws->arena, plan->items.count), outcomes, &count);
    if (!db_begin(ws->db, &change, err) || !locks_clean(ws, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const PlanItem *failed = outcomes[i].failed;
        const int64_t *so_far = map_find(before, outcomes[i].artifact);
        if (failed && bulk && is_its_own(failed->error.code) &&
            !note_failure(ws, failed, so_far ? *so_far : 0, err))
            return false;
        if (!failed && so_far && !failure_delete(ws, outcomes[i].artifact, err))
            return false;
    }
    return db_commit(&change, err);
}

void lock_note_results(Workspace *ws, const Plan *plan, bool bulk)
{
    Error failed = {0};
    Map *before = NULL;
    bool errors = bulk && plan_count(plan, RESULT_ERROR);
    bool noted = failures_list(ws, &before, &failed) &&
                 ((!errors && !map_count(before)) || note_all(ws, plan, bulk, before, &failed));
    if (!noted)
        workspace_notice(ws, "warning: failures could not be counted: %s", failed.message);
}
