/* Change: how every verb that writes is run. Without --apply it is a plan, shown; on a terminal the plan is
 * shown and asked about. A yes applies exactly what was shown: when the plan has moved meanwhile,
 * ERR_CHANGED. Sets the exit code: 3 with a conflict, 1 with an error among several items.
 */
#pragma once

#include "cli/command.h"
#include "cli/handover.h"
#include "cli/plan_text.h"
#include "sync/verbs.h"

typedef struct {
    bool (*verb)(Workspace *ws, void *request, bool apply, Plan *out, Error *err);
    void *request;
    PlanWords words;
    /* Asks a person about single items and puts the answers into the request; `*changed`: another plan
     * follows from them. Only on a terminal; NULL: nothing to ask. */
    bool (*consult)(Call *call, const Plan *plan, void *request, bool *changed, Error *err);
    const char *(*next)(Call *call, const Plan *plan); /* after an apply; NULL: how to undo it */
    /* The request as a job. False: no job can be told of it. NULL: it is never handed over. */
    bool (*as_job)(Arena *arena, const void *request, HandoverJob *out);
    /* What the job told, into the request where it has more than a plan. NULL: a plan alone. */
    bool (*from_job)(Arena *arena, const JsonNode *result, void *request, Plan *out, Error *err);
    bool drops_edits;        /* asks once more */
    bool all_or_nothing;     /* a conflict stops the whole of it, and no merge waits */
    bool acts_without_files; /* a plan without a single file may still be work */
    void (*print)(Call *call, const Plan *plan, void *request); /* NULL: plan_print */
    void (*more_json)(JsonWriter *json, void *request);         /* more members; may be NULL */
} Change;

MUST_CHECK bool change_run(Call *call, const Change *change, Error *err);

/* A verb that takes artifacts and no more: the request is read from the call. */
typedef struct {
    bool (*verb)(Workspace *ws, const ArtifactRequest *request, Plan *out, Error *err);
    bool (*project)(const Call *call, const char **out, Error *err);  /* NULL: none is meant */
    bool (*as_job)(const ArtifactRequest *request, HandoverJob *out); /* as in Change; or NULL */
    PlanWords words;
} ArtifactChange;

MUST_CHECK bool change_artifacts(Call *call, const ArtifactChange *change, Error *err);

/* A job about these artifacts. */
HandoverJob artifacts_as_job(const ArtifactRequest *request, JobKind kind);

/* Artifacts or --all, one of them. */
MUST_CHECK bool check_artifacts(const Call *call, Error *err);
/* The operands, then --all and --project and --to, as the verbs take them. */
MUST_CHECK bool call_request(const Call *call, ArtifactRequest *out, Error *err);
/* What --apply asked for, and SYNC_FORCE_DRY_RUN allows. */
bool call_writes(const Call *call);
/* Whether SYNC_FORCE_DRY_RUN holds an --apply back, which is said then. */
bool call_held_back(Call *call);
/* Whether a plan may be followed by a question: on a terminal, unless a yes would be held back. */
bool call_may_ask(const Call *call);
/* What is next behind a plan: the same command with --apply and `more`, or the switch that holds it back. */
void next_apply(Call *call, const char *more);
