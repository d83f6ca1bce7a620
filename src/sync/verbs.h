/* The verbs of weir: the domain calls that the command line and the daemon share.
 *
 * Each finishes an interrupted apply first (saying so through ws->notice), takes its locks, makes a Plan
 * and, with `apply`, carries it out. Without `apply` nothing changes: no byte, no mtime, no record.
 */
#pragma once

#include "merge/hunks.h"
#include "sync/locks.h"
#include "sync/plan.h"

/* ── collection ── */

/* Makes home's collection (folder and empty records). `*made` false: it was there already. */
MUST_CHECK bool verb_init(Workspace *ws, bool *made, Error *err);

typedef struct {
    const char *source; /* as typed, URL[@REF] */
    const char *ref;    /* NULL: from the source, else latest */
    const char *path;   /* glob inside the upstream; NULL: the source's */
    const char *type;   /* NULL: told by the folder's name */
    const char *name;   /* NULL: the folder's or file's; only with one match */
    const char *cwd;
    bool apply;
} AddRequest;
MUST_CHECK bool verb_add(Workspace *ws, const AddRequest *request, Plan *out, Error *err);

typedef struct {
    StrArray artifacts; /* ids or bare names; empty with `all` */
    bool all;
    bool overwrite;      /* edits that were never pulled may be dropped (undo brings them back) */
    const char *project; /* absolute; NULL where none is meant */
    const char *to;      /* deploy: path beneath the project */
    bool two_way;        /* sync, pull: where no base can be found, decide place by place */
    bool base_pack;      /* deploy: the project carries its bases from now on, in .weir/base */
    bool no_base_pack;   /* deploy: it no longer does */
    bool apply;
} ArtifactRequest;
MUST_CHECK bool verb_remove(Workspace *ws, const ArtifactRequest *request, Plan *out, Error *err);
MUST_CHECK bool verb_deploy(Workspace *ws, const ArtifactRequest *request, Plan *out, Error *err);
MUST_CHECK bool verb_undeploy(Workspace *ws, const ArtifactRequest *request, Plan *out, Error *err);

/* `pin` without '@'. */
MUST_CHECK bool verb_pin(Workspace *ws, const ArtifactRequest *request, const char *pin, Plan *out,
                         Error *err);

/* ── sync ── */

typedef enum { SYNC_UPSTREAM, SYNC_PROJECT, SYNC_BOTH } SyncDirection;
typedef struct {
    ArtifactRequest what; /* project NULL: every known project that holds it */
    SyncDirection direction;
} SyncRequest;
MUST_CHECK bool verb_sync(Workspace *ws, const SyncRequest *request, Plan *out, Error *err);
MUST_CHECK bool verb_pull(Workspace *ws, const ArtifactRequest *request, Plan *out, Error *err);

/* ── conflicts ── */

typedef enum {
    SIDE_UPSTREAM,
    SIDE_COLLECTION,
    SIDE_PROJECT,
    SIDE_BASE,
    SIDE_BOTH,          /* what is there, then what comes in */
    SIDE_BOTH_REVERSED, /* what comes in, then what is there */
    SIDE_FILE,          /* the bytes of `with` */
    SIDE_OPEN,          /* takes a choice back: the place waits again */
    SIDE_OURS,          /* what is there, whatever the tier is called */
    SIDE_THEIRS,        /* what comes in */
    SIDE_COUNT,
} Side;
typedef struct {
    const char *file; /* as in ResolveRequest */
    Str place, with;
    Side take;
} ResolveChoice;
typedef ARRAY(ResolveChoice) ResolveChoices;
typedef struct {
    const char *artifact;
    const char *project; /* NULL: the upstream edge, or the only one waiting */
    bool project_given;
    const char *file; /* the path in conflict; NULL: all that have no choice yet */
    Str place;        /* a WaitingPlace's key; empty: all places of `file` */
    Side take;
    Str with; /* SIDE_FILE: the bytes of the resolution, of the place when one is named */
    ResolveChoices choices; /* several at once, in this order, instead of the four above */
    bool show;              /* neither take nor abort: list what waits */
    bool abort;
    bool write_markers; /* chooses nothing: open places go into the live files, with markers */
    bool from_live;     /* what stands in those files now is the resolution */
    bool carry_out;     /* chooses nothing: the choices made so far are the resolution */
    bool choose_only;   /* the merge is not carried out, even when no place is left */
    Str operation; /* what a sitting belongs to, so that undo takes it back as one; empty: new */
    bool apply;
} ResolveRequest;

/* What one side has at a place. */
typedef struct {
    bool there;   /* the side has the file */
    bool is_text; /* `text` can be shown: lines, a whole text, or where a link points */
    Str text;
    uint64_t size_bytes;
    LineRange lines; /* of a region */
} PlaceSide;

/* One place of a waiting merge: a range of lines, or a whole file (`region` NULL). */
typedef struct {
    const TreeConflict *conflict;
    const MergeRegion *region;
    PlaceSide base, target, source;
    Str file;             /* as ResolveRequest names it */
    Str key, file_key;    /* of what it holds: a place that has changed is another one */
    size_t number, count; /* n of m in its file, from 1 */
    bool chosen;
    Str choice;        /* "base" "target" "source" "both" "both-reversed" "absent" "text <hash>" */
    Str file_text;     /* of a region: the file with what is chosen, and markers where nothing is */
    Str file_sides[3]; /* likewise: the file in base, target, source; empty where it is not */
} WaitingPlace;
typedef ARRAY(WaitingPlace) WaitingPlaces;

typedef struct {
    Str id, artifact;
    Edge edge;
    bool upward;
    const char *project;
    int64_t created_ms;
    Hash base, target, source;
} PendingMerge;
typedef ARRAY(PendingMerge) PendingMerges;

typedef struct {
    Plan plan;       /* of the target; conflicts = what is still unresolved */
    size_t resolved; /* files whose places are all chosen now */
    size_t marked;   /* files that got markers, or would */
    bool finished;   /* nothing unresolved is left: the merge was (or would be) applied */
    PendingMerge pending;
    WaitingPlaces places; /* all of the merge, in order, chosen or not */
    Str patch;            /* of a finished dry run: from what is there to the result */
} ResolveResult;
MUST_CHECK bool verb_resolve(Workspace *ws, const ResolveRequest *request, ResolveResult *out,
                             Error *err);
MUST_CHECK bool pending_list(Workspace *ws, PendingMerges *out, Error *err);

/* ── undo and log ── */

typedef struct {
    Str artifact, tree, findings; /* "hook hooks/hooks.json:3, executable scripts/x.sh" */
} AcceptedRisk;

typedef struct {
    Str id, verb, command, actor, trace_id, result, undone_by, undoes, collection;
    int64_t at_ms;
    StrArray artifacts;  /* ids touched */
    size_t files;        /* trees' files changed */
    bool is_half_undone; /* an undo stopped on the way: of it, or as which it was made */
    ARRAY(AcceptedRisk) accepted;
} Operation;
typedef ARRAY(Operation) Operations;

/* ── looking ── */

typedef struct {
    Str artifact;
    Edge edge;
    const char *project; /* NULL on the upstream edge */
    EdgeStatus status;
    FileChanges
        changes; /* base → lower for modified, lower → upper else; never empty unless synced */
    Hash base, upper, lower;
    Str pin, lower_version, upper_version; /* of the upstream edge */
    Str path;                              /* on the lower tier */
    int64_t checked_ms;                    /* upstream edge: 0 never */
    Str pending_id;
    int64_t pending_since_ms;
    bool marked;       /* its markers stand in the live files */
    bool old;          /* on record by SkillMeat alone: looked at, never written */
    ArtifactLock lock; /* until_ms 0: none */
    ErrorNote stale;   /* upstream edge: why it is from `checked_ms` though it should be from now */
    ErrorNote error;   /* code ERR_NONE, or why this edge could not be read */
} DriftItem;
typedef ARRAY(DriftItem) DriftItems;

typedef struct {
    const char *project; /* NULL and not all: the collection's upstream edges only */
    bool all_projects;
    bool check_upstream;  /* ask the upstreams first */
    const char *artifact; /* NULL: all */
    bool no_changes;      /* statuses only: no file lists */
} DriftRequest;
typedef struct {
    DriftItems items;
    size_t count[STATUS_COUNT];
    size_t missing, removed, errors;
    size_t unreachable; /* stale, and not because weir was told to stay offline */
} Drift;
MUST_CHECK bool verb_drift(Workspace *ws, const DriftRequest *request, Drift *out, Error *err);

typedef struct {
    const char *artifact;
    const char *from, *to; /* upstream | collection | project | a tree hash or its start */
    const char *project;
    uint64_t hunks_bytes; /* hunks are wanted, of at most so many bytes of text in all; 0: none */
} DiffRequest;
typedef struct {
    bool cut; /* its hunks would be too large */
    Hunks hunks;
} ChangeHunks;
typedef struct {
    FileChanges changes;
    ARRAY(ChangeHunks) hunks; /* by change, when they were asked for */
    FileTotals totals;
    Str patch; /* git apply takes it */
    RiskFindings risks;
    Str path; /* of the artifact in the collection */
} DiffResult;
MUST_CHECK bool verb_diff(Workspace *ws, const DiffRequest *request, DiffResult *out, Error *err);

/* The bytes of one file of one side of a diff. */
typedef struct {
    const char *artifact, *side, *project;
    Str path; /* inside the artifact; of one that is a file: empty, or the file's name */
} FileRequest;
MUST_CHECK bool verb_file(Workspace *ws, const FileRequest *request, Str *out, Error *err);

/* ── to upstream ── */

typedef enum { PATCH_MAILBOX, PATCH_TAR_GZ, PATCH_ZIP } PatchForm;
typedef struct {
    const char *artifact;
    const char *project; /* NULL: the collection's version */
    const char *message; /* for the upstream's people; NULL: none */
    const char *out;     /* absolute; the suffix decides the form, a mailbox patch by default */
    bool force;          /* replaces a file that is there */
    PatchForm form;      /* where the suffix of `out` tells none */
} PatchRequest;
typedef struct {
    Str artifact, source, base_sha, upstream_path;
    Hash base, result;   /* of the upstream path at base_sha, and with the patch */
    FileChanges changes; /* by their paths in the upstream's repository */
    FileTotals totals;
    PatchForm form;
    Str member;   /* the patch's name in an archive */
    bool written; /* false: there is no difference, and no file */
    uint64_t size_bytes;
    Hash sha256; /* of the file */
} PatchExport;
/* What an artifact has that its upstream at the recorded commit has not, as a file that `git am` takes
 * there. Acts at once: it writes that file, whole or not at all, and nothing else. */
MUST_CHECK bool verb_patch(Workspace *ws, const PatchRequest *request, PatchExport *out,
                           Error *err);

typedef struct {
    const char *path, *name;
    bool reachable;
    size_t deployments;
} ProjectInfo;
typedef ARRAY(ProjectInfo) ProjectInfos;
MUST_CHECK bool project_list(Workspace *ws, ProjectInfos *out, Error *err);
MUST_CHECK bool project_add(Workspace *ws, const char *path, Error *err);
MUST_CHECK bool project_forget(Workspace *ws, const char *path, Error *err);
/* Every artifact of the collection, as the records have it. */
MUST_CHECK bool collection_list(Workspace *ws, ArtifactList *out, Error *err);

typedef struct {
    Hash hash, parent, other_parent;
    Str tier, source, author, message, project;
    int64_t at_ms;
} Version;
typedef ARRAY(Version) Versions;
MUST_CHECK bool version_list(Workspace *ws, Str artifact, Versions *out, Error *err);
