#include "apply/apply.h"

#include "apply/apply_internal.h"

/* Before COMMIT nothing but our own folders exists: they go, and what they leave recovery will find. */
static bool abort_txn(Txn *txn, Error *err)
{
    Error ignored; /* the first error is the one to tell */
    if (txn->dir_fd >= 0)
        (void)!txn_clean(txn, &ignored);
    (void)err;
    return false;
}

static bool commit(Txn *txn, Error *err)
{
    if (txn_mark(txn, MARK_COMMIT, err))
        return true;
    /* not written: all is as before; written but perhaps not durable: recovery will see */
    bool there = true;
    Error ignored;
    if (txn_has_mark(txn, MARK_COMMIT, &there, &ignored) && !there)
        return abort_txn(txn, err);
    return txn_unfinished(err);
}

static bool may_commit(const Txn *txn, Error *err)
{
    return !txn->host->may_commit || txn->host->may_commit(txn->host->context, err);
}

static void note_weaker(Txn *txn)
{
    for (size_t i = 0; i < txn->journal.roots.count; i++)
        txn->result.weaker = txn->result.weaker || txn->handles[i].weaker;
}

static bool end(Txn *txn, Carried carried, ApplyResult *out, Error *err)
{
    txn->result.outcome = carried == CARRIED_DONE ? APPLY_DONE : APPLY_RACED;
    if (carried == CARRIED_DONE && !txn_finish(txn, err))
        return false;
    note_weaker(txn);
    Error ignored; /* what is left of staging is tidied away by the next recovery */
    (void)!txn_clean(txn, &ignored);
    *out = txn->result;
    return true;
}

static bool run(Txn *txn, const ApplySpec *spec, ApplyResult *out, Error *err)
{
    bool raced;
    Carried carried;
    txn_nowhere(txn);
    if (!txn_begin(txn, spec, err) || !txn_stage(txn, err) || !txn_check(txn, &raced, err))
        return abort_txn(txn, err);
    if (raced)
        return end(txn, CARRIED_UNDONE, out, err);
    if (!may_commit(txn, err))
        return abort_txn(txn, err);
    return commit(txn, err) && txn_carry_out(txn, &carried, err) && end(txn, carried, out, err);
}

bool apply_run(Arena *arena, const ApplySpec *spec, const ApplyHost *host, ApplyResult *out,
               Error *err)
{
    SCOPED(txn_close)
    Txn txn = {.arena = arena, .host = host, .home_fd = spec->home_fd, .txns_fd = -1, .dir_fd = -1};
    if (run(&txn, spec, out, err))
        return true;
    if (spec->culprit)
        *spec->culprit = txn.at;
    return false;
}
