/* Private to the room: a transaction in flight, live or found by recovery, and the steps it is made of.
 *
 * The steps in order: begin, stage, check, commit, carry out (entry by entry; roll back or go on where a
 * user was quicker), finish, clean. Recovery enters at "carry out" with what the marks say.
 */
#pragma once

#include "apply/apply.h"
#include "apply/journal.h"
#include "apply/object.h"
#include "base/map.h"

/* Empty files in txn/<id>/ whose presence is the state. COMMIT: what is staged is whole. BACK: a user was
 * quicker, go back. FORWARD: going back is no longer possible. DONE, UNDONE: only cleaning is left.
 * AMEND is not empty: groups that failed and what record files hold instead. */
#define MARK_COMMIT "COMMIT"
#define MARK_BACK "BACK"
#define MARK_FORWARD "FORWARD"
#define MARK_AMEND "AMEND"
#define MARK_DONE "DONE"
#define MARK_UNDONE "UNDONE"

typedef struct {
    int fd; /* -1: the root is not there */
    bool own_fd;
    int stage_fd; /* <staging>/txn-<id>; -1: none */
    int new_fd;   /* its new/ */
    bool weaker;
    bool *unit_waits; /* by unit: still in staging */
} RootHandle;

typedef struct {
    size_t root, entry;
    Hash hash;
} Amended;
typedef ARRAY(Amended) AmendedFiles;

typedef struct {
    Arena *arena;
    const ApplyHost *host;
    int home_fd, txns_fd, dir_fd; /* $WEIR_HOME, its txn/, its txn/<id>/ */
    Journal journal;
    RootHandle *handles;
    bool went_back;   /* some entries have moved back: units no longer stand for their entries */
    bool sync_failed; /* a sync failed: nothing may be called durable any more */
    bool amended;
    AmendedFiles amendments;
    ApplyResult result;
    ApplyPlace place; /* the entry at work, for what the mover keeps */
    ApplyPlace at;    /* where a failure would belong to; root SIZE_MAX: to no place */
} Txn;

/* txn.c: the transaction's own folder, and its roots' staging folders */
void txn_close(Txn *txn);
const char *txn_stage_name(Arena *arena, const Journal *journal, size_t root);
MUST_CHECK bool txn_begin(Txn *txn, const ApplySpec *spec, Error *err);
MUST_CHECK bool txn_open_stage(Txn *txn, size_t root, Error *err);
MUST_CHECK bool txn_sync(Txn *txn, int fd, const char *what, Error *err);
/* The whole file system of `fd`, where that is cheaper than many files one by one. */
MUST_CHECK bool txn_sync_all(Txn *txn, int fd, const char *what, Error *err);
MUST_CHECK bool txn_mark(Txn *txn, const char *mark, Error *err);
MUST_CHECK bool txn_has_mark(const Txn *txn, const char *mark, bool *has, Error *err);
bool txn_unfinished(Error *err); /* false; ERR_UNFINISHED_APPLY, keeping the words */
/* What follows is about this entry; NULL: about the root as a whole. */
void txn_at(Txn *txn, size_t root, const JournalEntry *entry);
void txn_nowhere(Txn *txn);
void txn_note(Txn *txn, ApplyPlaces *places, size_t root, const JournalEntry *entry, Hash hash);
Mover txn_mover(Txn *txn, size_t root);
/* What is in staging under `slot` is the very file that lies at `path`: nothing is lost with that name. */
bool txn_is_second_name(const Txn *txn, size_t root, Str slot, Str path);
/* Moves a thing out of staging, beside the place of the entry at work, under a name of its own. */
MUST_CHECK bool txn_set_aside(Txn *txn, size_t root, Str slot, Str target, Error *err);

/* stage.c */
MUST_CHECK bool txn_stage(Txn *txn, Error *err);
MUST_CHECK bool stage_make_folder(Txn *txn, size_t root, Error *err);
/* Writes one object, unsynced: `*out_fd` is to be synced and closed, or -1 for a link. */
MUST_CHECK bool stage_one(Txn *txn, size_t root, const JournalEntry *entry, Mode mode, Str slot,
                          Str content, int *out_fd, Error *err);
MUST_CHECK bool stage_read(Txn *txn, Arena *arena, const Hash *hash, Str *out, Error *err);

/* check.c: everything is as planned; old objects are kept. `*raced`: txn->result.raced says where. */
MUST_CHECK bool txn_check(Txn *txn, bool *raced, Error *err);
/* Whether `folder` is a folder that holds nothing but what this apply deletes below it. */
MUST_CHECK bool folder_gives_way(Txn *txn, size_t root, Str folder, bool *out, Error *err);

/* entry.c: one entry, from any state a crash may have left it in */
typedef enum {
    ENTRY_DUE,     /* the slot has the new, the target the old */
    ENTRY_DONE,    /* the other way round */
    ENTRY_SETTLED, /* someone made the target what it shall be: nothing to move either way */
    ENTRY_BEFORE,  /* someone changed the target before weir came to it */
    ENTRY_AFTER,   /* someone changed it after weir had */
} EntryState;

Str entry_slot(Txn *txn, size_t root, const JournalEntry *entry);
MUST_CHECK bool entry_look(Txn *txn, size_t root, const JournalEntry *entry, EntryState *out,
                           Error *err);
/* From DUE to DONE, or (*moved false) not. */
MUST_CHECK bool entry_forward(Txn *txn, size_t root, const JournalEntry *entry, bool *moved,
                              Error *err);
/* From DONE to DUE. */
MUST_CHECK bool entry_back(Txn *txn, size_t root, const JournalEntry *entry, bool *moved,
                           Error *err);
MUST_CHECK bool unit_forward(Txn *txn, size_t root, size_t unit, bool *moved, Error *err);
/* Its unit is still whole in staging. */
bool in_waiting_unit(const Txn *txn, size_t root, const JournalEntry *entry);

/* folder.c: the folders on the way to an entry: is the way free, make it, tidy it, sync it */
/* Someone's file or link stands where a folder of something new has to be. What this apply deletes there,
 * still as it was, will give way. */
MUST_CHECK bool way_is_taken(Txn *txn, size_t root, const JournalEntry *entry, bool *out,
                             Error *err);
/* `*ok` false: a file or link of someone is where a folder should be. Each new folder is synced. */
MUST_CHECK bool make_parents(Txn *txn, size_t root, Str path, bool *ok, Error *err);
MUST_CHECK bool prune_folders(Txn *txn, size_t root, bool giving_way, Error *err);
MUST_CHECK bool prune_created(Txn *txn, size_t root, Error *err);
MUST_CHECK bool sync_targets(Txn *txn, size_t root, Error *err);

/* carry.c: from COMMIT to DONE or UNDONE, or as far as the roots are there */
typedef enum { CARRIED_DONE, CARRIED_UNDONE, CARRIED_WAITING } Carried;
MUST_CHECK bool txn_carry_out(Txn *txn, Carried *out, Error *err); /* right after COMMIT */
MUST_CHECK bool txn_carry_on(Txn *txn, Carried *out, Error *err);  /* after a crash */
/* As far back as users' edits allow, without a journal: for a root whose home is gone. */
MUST_CHECK bool txn_put_back(Txn *txn, Error *err);

/* amend.c: record files when some groups did not get there */
MUST_CHECK bool txn_read_amend(Txn *txn, Error *err);
MUST_CHECK bool txn_amend(Txn *txn, const ApplyGroups *failed, Error *err);
MUST_CHECK bool record_forward(Txn *txn, size_t root, const JournalEntry *entry, Error *err);

/* clean.c */
MUST_CHECK bool txn_finish(Txn *txn, Error *err);
/* The last look at a root's staging: what is not known by then is a person's, and gets a name beside. */
MUST_CHECK bool txn_keep_late(Txn *txn, size_t index, Error *err);
MUST_CHECK bool txn_clean(Txn *txn, Error *err);
