/* Workspace: the handles and the person one command or job works with; and the tiers' words.
 *
 * Filled by `app`, passed down, used by one thread. Everything a sync call returns lives in `arena`.
 */
#pragma once

#include "apply/apply.h"
#include "content/store.h"
#include "db/db.h"
#include "git/repo.h"
#include "merge/lines.h"
#include "model/artifact_id.h"
#include "model/collection.h"
#include "model/deployment.h"
#include "model/status.h"
#include "obs/span.h"

typedef enum { TIER_UPSTREAM, TIER_COLLECTION, TIER_PROJECT } Tier;
extern const char *const tier_names[3]; /* "upstream" "collection" "project" */

typedef enum { EDGE_UPSTREAM, EDGE_PROJECT } Edge;
extern const char *const edge_names[2]; /* "upstream_to_collection" "collection_to_project" */

/* A collection as it was read a moment ago: parsed once, though a verb opens its folder twice. */
typedef struct {
    Str people, machines;
    Collection *collection; /* NULL: none, or handed out already */
} CollectionMemo;

typedef ARRAY(Hash) TreeHashes;

/* How far a long piece of work is. */
typedef struct {
    const char *phase; /* "fetch" "check" "merge" "apply" */
    size_t done, total;
    Str what;    /* the artifact or upstream at hand */
    int percent; /* of that one alone; 0: not known */
} Progress;

/* The job that something is done for. Before anything changes `fence` must be its newest number; that of a
 * later attempt: ERR_FENCED, and all is as it was. */
typedef struct {
    Str job; /* id; empty: none */
    int64_t fence;
    /* Asked under the locks, with the database; NULL: nobody else could have claimed it. */
    bool (*check)(Db *db, Str job, int64_t fence, Error *err);
} JobClaim;

typedef struct {
    Arena *arena;
    const char *home; /* absolute $WEIR_HOME */
    int home_fd;
    const char *collection_name; /* "default" */
    const char *collection_path; /* absolute */
    Db *db;
    Store *store;
    Git *git;
    const char *actor;    /* who: user@host */
    const char *trace_id; /* 32 hex digits */
    const char *verb;     /* of the operation: "sync" */
    const char *command;  /* as typed, without secrets */
    MergeStyle marker_style;
    bool dry_run_only; /* SYNC_FORCE_DRY_RUN: nothing is written, whoever asks */
    bool auto_merge;   /* ENABLE_AUTO_MERGE: false makes every content merge a conflict */
    bool
        upstream_check; /* ENABLE_UPSTREAM_CHECK: false never asks the network unless told to sync */
    const char *default_host; /* of owner/repo sources; NULL: github.com */
    int upstream_threads;     /* repositories asked at the same time; 0: 4 */
    int read_threads;         /* folders read at the same time; 0: one a processor */
    const TypePlaces *places;
    int lock_timeout_ms;
    bool
        give_way; /* folders that another weir holds are not waited for while nothing is written: */
    bool gave_way;       /* the verb has failed with ERR_LOCKED for that */
    bool accept_risk;    /* --accept-risk: a yes to all that a review asks */
    TreeHashes accepted; /* and to what would become these trees */
    bool restore; /* --apply: a root whose weir home is gone may be put back from its staging */
    void (*notice)(void *context,
                   const char *text); /* a line for a person, about something that is not
                                                      * the result: recovery, warnings, slow work */
    /* Called often, must be cheap; NULL: nobody looks. */
    void (*progress)(void *context, const Progress *progress);
    void *notice_context; /* of both */
    Str operation; /* id of the operation that what is written goes on with; empty: a new one each */
    JobClaim claim;         /* whose work it is */
    const StrArray *agreed; /* digests of the plan (sync/plan.h) a person said yes to: just that is
                             * applied, or ERR_CHANGED. NULL: none */
    bool agreed_before;     /* a part of it has been applied already */
    Tracer *tracer;         /* NULL: nothing is measured */
    CollectionMemo memo;    /* sync/session.c's own */
    size_t batch_artifacts; /* tests; 0: LIMIT_BATCH_ARTIFACTS */
} Workspace;

/* ERR_FENCED when a later attempt has taken over what is done here. */
MUST_CHECK bool job_claim_holds(const Workspace *ws, Error *err);
/* ERR_DRY_RUN_FORCED where nothing may be written. Each verb that writes asks. */
MUST_CHECK bool workspace_check_writes(const Workspace *ws, Error *err);
void workspace_notice(const Workspace *ws, const char *format, ...) PRINTF_LIKE(2, 3);
void workspace_progress(const Workspace *ws, const char *phase, size_t done, size_t total,
                        Str what);
