/* Job request: what a job is asked to do. Bodies of the API, job commands and a worker's input have
 * this one shape; each kind of job takes some of its members (see job_bodies.h) and refuses all
 * others by name.
 *
 * Its canonical text is what a job keeps, and what an idempotency key is compared by.
 */
#pragma once

#include "format/record.h"
#include "jobs/queue.h"
#include "sync/verbs.h"

typedef enum {
    DIRECTION_UPSTREAM_TO_COLLECTION,
    DIRECTION_COLLECTION_TO_PROJECT,
    DIRECTION_PROJECT_TO_COLLECTION,
    DIRECTION_PROJECT_TO_UPSTREAM, /* a patch; nothing is written upstream */
    DIRECTION_BOTH,                /* upstream to collection, and on to the projects */
    DIRECTIONS,
} JobDirection;
extern const char *const job_direction_names[DIRECTIONS + 1]; /* ends in NULL */

typedef enum {
    STRATEGY_AUTO,
    STRATEGY_PROMPT, /* nobody can be asked: as auto, what clashes waits */
    STRATEGY_OVERWRITE,
    STRATEGY_OURS,   /* of a clash what is there */
    STRATEGY_THEIRS, /* of a clash what comes in */
    STRATEGIES,
} JobStrategy;
extern const char *const job_strategy_names[STRATEGIES + 1];

/* What a place, a file or a whole artifact of a waiting merge gets. */
typedef struct {
    Str artifact; /* empty: the request's only one */
    Str path;     /* the file; empty: all of the artifact that have no choice yet */
    Str place;    /* the key of one place in it; empty: all of the file */
    int take;     /* job_take_names; -1: not told */
    Str text;     /* of "text": the bytes, of the place when one is named */
} JobChoice;
typedef ARRAY(JobChoice) JobChoices;

extern const char
    *const job_take_names[SIDE_COUNT + 1]; /* by Side: "upstream" ... "ours" "theirs" */

extern const char *const job_base_pack_names[3]; /* "write" "remove" */

enum { JOB_FORMS = 3 };                                 /* as PatchForm */
extern const char *const job_form_names[JOB_FORMS + 1]; /* "patch" "tar.gz" "zip" */

/* What a command line has handed over (docs/operations.md): the job stands for it. */
typedef struct {
    Str command;       /* as typed, for the log; the result has `detail` (sync/plan_read.h) */
    StrArray agreed;   /* digests of the plan that was agreed to: just that is done; empty: any */
    StrArray accepted; /* trees, in hex, whose findings were accepted */
} JobCommandLine;

typedef struct {
    int direction;         /* -1: not told */
    StrArray artifacts;    /* ids; empty: all that are meant */
    StrArray artifact_ids; /* the same, by another name; a draft has them in `artifacts` */
    Str project_path;      /* absolute */
    Str collection;        /* empty: the daemon's */
    int strategy;          /* -1: the kind's own default */
    bool dry_run;
    bool accept_risk;     /* a yes to what the review flags */
    bool two_way;         /* where no base can be found, decide place by place */
    Str to;               /* deploy: path in the project. rollback: a version */
    Str message;          /* patch: for the upstream's people */
    int form;             /* patch: job_form_names; -1: the setting's */
    Str link;             /* patch: an address to keep beside it, of an issue or a pull request */
    bool check_upstream;  /* drift: ask the upstreams first */
    bool without_missing; /* undo: a project that is away keeps what it has */
    bool abort;           /* resolve: drop the waiting merge */
    bool all;             /* undeploy: everything that is deployed there */
    int base_pack;        /* deploy: job_base_pack_names; -1: as it is */
    Str source;           /* add: a URL, owner/repo/path, or an absolute path */
    Str ref, path;        /* add: of it; a glob in it */
    Str type, name;       /* add: in place of what the folder tells */
    Str pin;              /* pin */
    Str reason;           /* lock */
    int64_t for_seconds;  /* lock; 0: the standard */
    int64_t older_than_days;      /* gc; 0: the standard */
    JobChoices choices;           /* resolve */
    JobCommandLine *command_line; /* NULL: none */
} JobRequest;

/* Nothing told. */
JobRequest job_request_new(void);
/* Checks what one record cannot say (ids, paths, what fits together), fills in the draft of a job:
 * canonical text, hash, and the members that jobs are listed by. Reads no file. `out` keeps its key
 * and its actor. `*field`: what the error is about; may be NULL. */
MUST_CHECK bool job_request_draft(Arena *arena, JobKind kind, const JobRequest *request,
                                  JobDraft *out, const char **field, Error *err);
/* The canonical text again. */
MUST_CHECK bool job_request_read(Arena *arena, JobKind kind, Str text, JobRequest *out, Error *err);
