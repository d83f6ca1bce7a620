/* Draft: a plan being made, with all that carrying it out needs; and the carrying out.
 *
 * A verb fills it edge by edge (items for people, tree changes for the disk, facts for the database,
 * changed record objects in the session's roots). draft_commit makes one crash-safe apply of it: content
 * into the store, files and records by apply/, facts in its last transaction.
 */
#pragma once

#include "base/map.h"
#include "sync/edge.h"
#include "sync/facts.h"

/* What becomes of the base packs of the projects that are written. */
typedef enum { BASE_PACK_KEEP, BASE_PACK_WRITE, BASE_PACK_REMOVE } BasePackWish;

typedef struct {
    Root *root;
    Str artifact;
    Str path;
    TreeSide before, after; /* `exists` false: nothing lies there */
    StrArray untracked;     /* of `before`, not deleted */
    StrArray adopted;       /* of `after`, there already */
    size_t group;           /* index of the plan's item */
    Edge edge;
    Hash base;
    bool whole;        /* the folder goes with its files, and parents that weir made when empty */
    size_t keep_bytes; /* with `whole`: parents within this leading part of `path` stay */
} TreeChange;
typedef ARRAY(TreeChange) TreeChanges;

typedef struct {
    const Root *root;
    Str path;
    Snapshot snapshot;
} KeptSnapshot;
typedef ARRAY(KeptSnapshot) KeptSnapshots;

/* What stays out of a draft, and why: locked, or it failed at an earlier try. */
typedef struct {
    Str artifact;     /* empty: all of `root` */
    const char *root; /* path; NULL: on every root */
    Error error;
} Barred;
typedef ARRAY(Barred) BarredList;

/* Bytes that a record file shall have, whatever the record objects say; empty: no file. */
typedef struct {
    const Root *root;
    const char *path;
    Str bytes;
    size_t keep_bytes; /* folders in this leading part of `path` stay, even when emptied */
} RawRecord;

typedef struct Missing Missing;

typedef struct {
    Workspace *ws;
    Session *session;
    Plan *plan;
    Missing *missing; /* sync/missing.h */
    BlobPool *pool;
    TreeChanges changes;
    Map *sides;              /* what draft_snapshot has read: each artifact once */
    Map *ready;              /* what it need not read, being read ahead; NULL: nothing is */
    KeptSnapshots snapshots; /* to be kept in the store: every version stays */
    NewBlobs blobs;          /* likewise */
    ARRAY(Tree) trees;       /* likewise; their blobs are in snapshots, blobs or the store */
    ARRAY(RawRecord) raw_records;
    Facts facts;
    Str operation; /* id */
    Str undoes;    /* operation that this one takes back */
    Str raced;     /* a file that someone changed, or has open for writing */
    bool two_way;  /* where no base can be found, every difference is a place to decide */
    BasePackWish base_pack;
    bool goes_on;          /* the last batch alone sees to the base packs */
    int64_t item_began_us; /* measured only */
    size_t from, to;       /* what this batch plans of all that is selected */
    size_t selected;       /* of all batches, told by the planner; 0: all is planned at once */
    Arena *keep;           /* of all batches */
    StrArray *names;       /* all that is selected, as the first batch found it: see draft_part */
    const BarredList *barred;
    struct { /* who a failing commit failed for */
        bool known;
        const Root *root;
        size_t group; /* APPLY_RECORD: the root as a whole */
    } blame;
    ApplyGroups raced_groups; /* of COMMIT_RACED */
} Draft;

Draft *draft_new(Workspace *ws, Session *session, Plan *plan);

/* Snapshot of an artifact on a root, read once, known to the pool and kept at commit. */
MUST_CHECK bool draft_snapshot(Draft *draft, Root *root, Str path, TreeSide *out, Error *err);

/* May an artifact lie there, and be read? */
MUST_CHECK bool draft_check_place(const Root *root, Str path, Error *err);
/* draft_snapshot of that place has this at hand (sync/read_ahead.h). */
void draft_lay_ready(Draft *draft, const Root *root, Str path, Snapshot *snapshot);

/* The artifact's side on a root as it will be: after an earlier change of this draft, else its snapshot. */
MUST_CHECK bool draft_live(Draft *draft, Root *root, Str artifact, Str path, TreeSide *out,
                           Error *err);
/* The same without the markers of a waiting merge that stand in its files (sync/markers.h). */
MUST_CHECK bool draft_side(Draft *draft, Root *root, Str artifact, Str path, TreeSide *out,
                           Error *err);

PlanItem *draft_item(Draft *draft, Str artifact, Edge edge,
                     const Root *project); /* new, in the plan */
/* Planning of the last item is over: what it took is kept with it. */
void draft_item_ends(Draft *draft);
size_t draft_group(const Draft *draft, const PlanItem *item);
void draft_keep_side(Draft *draft, const TreeSide *side);
void draft_keep_result(Draft *draft, const EdgeResult *result);

/* Of `count` things that every batch finds alike, this one plans those from draft->from to before this. */
size_t draft_end(Draft *draft, size_t count);
/* Names of what a planner that works in batches plans now, out of `all`, which the first batch decides. */
StrArray draft_part(Draft *draft, const StrArray *all);

/* May the item be planned? Every planner asks, before it changes a record object or adds a change. */
MUST_CHECK bool draft_check_item(const Draft *draft, const PlanItem *item, Error *err);
/* Does carrying the draft out write something of the item: a file, a record, a waiting merge? */
bool item_matters(const PlanItem *item);

/* A failure stays with its item, and a bulk verb goes on. False only for an interruption: all must stop. */
MUST_CHECK bool draft_failed(Draft *draft, PlanItem *item, const Error *failed, Error *err);

typedef struct {
    Str artifact, project, message;
    Tier tier;
    Hash hash, parent, other_parent;
    const char *source; /* "upstream" "merge" ... */
} VersionFact;
void draft_version(Draft *draft, size_t group, const VersionFact *version);

/* The item's merge waits, under `item->pending_id`: the one that waits on its edge already, moved on to
 * these trees with its choices, or a new one. */
MUST_CHECK bool draft_pending(Draft *draft, PlanItem *item, Error *err);

/* The merge that waits on the item's edge, if one does, is over without having been resolved. */
MUST_CHECK bool draft_drop_pending(Draft *draft, const PlanItem *item, Error *err);

typedef enum {
    COMMIT_NOTHING, /* there was nothing to write */
    COMMIT_DONE,
    COMMIT_PARTLY, /* done, but an artifact was edited meanwhile: it waits, with its old record */
    COMMIT_RACED,  /* someone changed a file meanwhile; nothing was written: plan again */
} CommitOutcome;
MUST_CHECK bool draft_commit(Draft *draft, CommitOutcome *out, Error *err);

/* Runs `plan_it` in a session; with `apply` commits, and plans again when it raced, or when versions were
 * missing (sync/missing.h), after they were asked for without any lock. With `batches` what is
 * selected comes in batches of LIMIT_BATCH_ARTIFACTS, each with an apply of its own; *out is all of them.
 * Then ws->arena is a batch's own while it is planned: the memory of one batch is all that is held. */
typedef bool (*DraftPlanner)(Draft *draft, void *context, Error *err);
typedef struct {
    SessionSpec session;
    DraftPlanner plan_it;
    void *context;
    bool apply;
    bool
        batches; /* plan_it heeds from, to and selected, and leaves nothing in ws->arena but the plan */
    bool whole; /* all batches are planned before the first is carried out; a conflict stops all */
    bool bulk;  /* failures in a row lock an artifact: sync/locks.h */
    Str undoes;
    Str operation; /* that this one goes on with; empty: a new one */
} DraftRun;
MUST_CHECK bool draft_run(Workspace *ws, const DraftRun *run, Plan *out, Error *err);
