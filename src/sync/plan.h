/* Plan: what a command would do, artifact by artifact and file by file, before anything is written.
 *
 * Every verb makes one Plan: a dry run prints it and stops; with `apply` the same plan has been carried
 * out (sync/commit.h) when the call returns. Results are data; an Error is a verb that could not even plan.
 */
#pragma once

#include "merge/risk.h"
#include "merge/tree_merge.h"
#include "sync/workspace.h"

typedef enum {
    RESULT_UP_TO_DATE,
    RESULT_FAST_FORWARD, /* also: added, deployed, removed as it stands */
    RESULT_MERGED,
    RESULT_CONFLICT, /* a merge waits; live files are as they were */
    RESULT_ERROR,    /* this item alone failed; the others went on */
} ItemResult;
extern const char *const item_result_names[5]; /* "up_to_date" "fast_forward" "merged" ... */

/* One artifact on one root. */
typedef struct {
    Str artifact;
    Edge edge;
    bool upward;         /* P→C (pull) rather than downward */
    const char *project; /* absolute path; NULL on the upstream edge */
    ItemResult result;
    ErrorNote error;     /* of RESULT_ERROR */
    FileChanges changes; /* relative to the target: what would be written */
    FileChanges lost;    /* the target's own edits that are not in the result: undo has them */
    StrArray untracked;  /* become untracked: stay on disk because a rule set ignores them */
    bool rules_changed;  /* .weirignore differs between the sides */
    TreeConflicts conflicts;
    size_t marked;                    /* files that hold markers now */
    Str pending_id;                   /* of RESULT_CONFLICT, once applied */
    Hash base, target, source, after; /* tree hashes; zero: none */
    Str path;                         /* of the artifact beneath the target's root */
    Str from_version, to_version;     /* upstream's, for display; may be empty */
    Str note;           /* a sentence about it, "upstream was rewritten"; may be empty */
    bool removal;       /* the source no longer holds the artifact; nothing is done without a yes */
    bool record_only;   /* no file changes, but the record moves on */
    int64_t took_us;    /* to plan it; 0 unless it is measured */
    RiskFindings risks; /* what comes new with it and deserves a look */
    bool reviewed;      /* `risks` is told (sync/review.h) */
    bool needs_yes;     /* some of them need one, and nobody has given it */
} PlanItem;
typedef ARRAY(PlanItem) PlanItems;

typedef struct Plan {
    PlanItems items;
    bool dry_run;
    Str operation; /* id of what was applied; empty when nothing was written */
} Plan;

/* All of an item in another arena; only `project` is borrowed. A member that points to something has its
 * line there. */
PlanItem plan_item_copy(Arena *arena, const PlanItem *item);

/* The worst of conflict > merged > fast_forward > up_to_date, errors left out. */
ItemResult plan_result(const Plan *plan);
size_t plan_count(const Plan *plan, ItemResult result);

/* An item's digest: equal for two that do the same to the same. */
Str plan_item_digest(Arena *arena, const PlanItem *item);
StrArray plan_digests(Arena *arena, const Plan *plan);

/* The path in the artifact as shown: a one-file artifact's is its file name. */
Str shown_path(Str path, Str artifact_path);
