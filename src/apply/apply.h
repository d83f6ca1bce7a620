/* Apply: a set of file changes over several roots, made all or nothing, through crash and power loss.
 *
 * Everything new is staged and synced beside its target, a journal in $WEIR_HOME/txn says what is to
 * happen, then each entry is exchanged and what came out is verified: a user's save is never lost. A
 * later call of apply_recover finishes or undoes what a crash left. Knows nothing of artifacts: the host
 * reads content, keeps old objects and does the one database transaction. docs/crash-safety.md has it all.
 */
#pragma once

#include "base/array.h"
#include "base/error.h"
#include "base/tree.h"

#define APPLY_RECORD SIZE_MAX /* the group of a record file: last to change, and amendable */

/* One change of one path. Equal states on both sides are refused, so are unchecked names. */
typedef struct {
    Str path; /* beneath the root; passes name_check_path */
    Mode old_mode;
    Hash old_hash;
    Mode new_mode;
    Hash new_hash;
    size_t group;      /* the artifact it belongs to (the caller's number), or APPLY_RECORD */
    size_t keep_bytes; /* folders within this leading part of `path` stay, even when emptied */
} ApplyEntry;

typedef struct {
    const char *path;    /* absolute: where recovery will look for it */
    int fd;              /* borrowed */
    const char *staging; /* a folder in the root, ".weir": <root>/.weir/txn-<id>/ */
    const ApplyEntry *entries;
    size_t count;
} ApplyRoot;

/* Where one entry of a transaction is: roots[root].entries[entry]. */
typedef struct {
    size_t root;
    Str path;
    size_t group;
    Hash hash; /* content kept by keep_old that belongs to this place; zero: none */
} ApplyPlace;
typedef ARRAY(ApplyPlace) ApplyPlaces;
typedef ARRAY(size_t) ApplyGroups;

/* What finish is told, once and again after a crash: it must be idempotent by `id`. */
typedef struct {
    const char *id;
    Str payload;        /* the caller's bytes, carried by the journal */
    ApplyGroups failed; /* groups that did not get there: a pending merge of old, new and live */
} ApplyFinish;

/* What a record file shall hold when some groups did not get there. */
typedef struct {
    const char *root_path;
    Str path;
    Str old_bytes, new_bytes; /* old_bytes is empty when there was none */
    ApplyGroups failed;
    Str payload;
} ApplyAmend;

typedef struct {
    void *context;
    /* Content by hash, old or new. */
    bool (*read)(void *context, Arena *arena, const Hash *hash, Str *out, Error *err);
    /* Takes a copy of an object that is about to be replaced, or of a user's save that lost a race
     * against his own next one. `hash` is that of `bytes`. */
    bool (*keep_old)(void *context, Str bytes, const Hash *hash, Error *err);
    /* All that was kept is durable when this returns. NULL when keep_old itself sees to it. */
    bool (*keep_sync)(void *context, Error *err);
    /* The one database transaction. Success is reported only after it. */
    bool (*finish)(void *context, const ApplyFinish *finish, Error *err);
    bool (*amend)(void *context, Arena *arena, const ApplyAmend *amend, Str *out, Error *err);
    /* The last word before COMMIT, when everything is staged and as planned: false, and all stays old. NULL:
     * always. */
    bool (*may_commit)(void *context, Error *err);
} ApplyHost;

typedef struct {
    const char *home; /* absolute path of $WEIR_HOME, named in the pointer files */
    int home_fd;      /* borrowed; journals live in txn/ beneath it */
    const char *id;   /* id_new(); names the transaction for finish */
    const ApplyRoot *roots;
    size_t root_count;
    Str payload;
    ApplyPlace
        *culprit; /* told on failure: where it failed, if it was for one place; may be NULL */
} ApplySpec;

typedef enum {
    APPLY_DONE,  /* all new (but for `failed` groups), durable, and finish has been called */
    APPLY_RACED, /* all old: `raced` says where the live content was not the old one */
} ApplyOutcome;

typedef struct {
    ApplyOutcome outcome;
    ApplyPlaces raced;  /* changed by someone before weir came to it; left as it is */
    ApplyGroups failed; /* with APPLY_DONE: see ApplyFinish */
    ApplyPlaces edited; /* changed by someone after weir's change: left as it is, nothing to do */
    /* What someone wrote to an object that was out already: it is the file `path` now (hash zero). Or a save
     * that he replaced himself while weir gave it back: kept under `hash`. */
    ApplyPlaces late;
    StrArray made; /* folders weir made, as "root-number/path" */
    bool weaker;   /* no atomic exchange on this file system: see docs/crash-safety.md */
} ApplyResult;

/* Runs one transaction. The caller holds the operation locks of its roots (apply/lock.h) and has called
 * apply_recover before it took them. On failure everything is all old again, unless the code is
 * ERR_UNFINISHED_APPLY: then the next apply_recover decides, and nothing may be reported as done. */
MUST_CHECK bool apply_run(Arena *arena, const ApplySpec *spec, const ApplyHost *host,
                          ApplyResult *out, Error *err);

typedef enum {
    RECOVERY_FINISHED,    /* all new; finish was called */
    RECOVERY_ROLLED_BACK, /* all old: it was never committed, or a user's edit was in the way */
    RECOVERY_WAITING,     /* a root is not there; what is there has been done */
    RECOVERY_BUSY,        /* its owner lives, or someone works in one of its roots: untouched */
    RECOVERY_FAILED,      /* see `error`; tried again next time */
} RecoveryKind;

typedef struct {
    RecoveryKind kind;
    const char *id;
    StrArray roots;  /* paths */
    StrArray absent; /* the roots it waits for */
    ApplyResult result;
    Error error;
} ApplyRecovered;
typedef ARRAY(ApplyRecovered) ApplyRecovery;

/* Finishes or rolls back every ownerless journal in `home`, each on its own. Called before an operation
 * takes its locks: it takes those of the roots it touches itself, waiting up to `lock_timeout_ms`. Fails
 * only when the journals cannot be listed. Nothing left over: `out` is empty and nothing was written. */
MUST_CHECK bool apply_recover(Arena *arena, const char *home, int home_fd, int lock_timeout_ms,
                              const ApplyHost *host, ApplyRecovery *out, Error *err);

/* Called under the lock of a root: ERR_CHANGED when this home left an unfinished apply there since
 * apply_recover (call it again); ERR_INTERRUPTED_APPLY, naming the home, when it is another one's. If
 * that home is gone and `restore` is set, the root is put back to all old from its staging instead. */
MUST_CHECK bool apply_check_root(Arena *arena, int root_fd, const char *staging, const char *home,
                                 int home_fd, bool restore, Error *err);
