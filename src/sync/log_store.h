/* Operations as they were told: what one did, and which is to be undone next. The log is in history.h. */
#pragma once

#include "sync/verbs.h"

typedef struct {
    Str artifact, tier, root, path;
    Hash before, after; /* zero: nothing there */
} OperationTree;
typedef ARRAY(OperationTree) OperationTrees;

typedef struct {
    Str tier, root, path;
    Hash before, after; /* blobs; zero: no file */
} OperationRecord;
typedef ARRAY(OperationRecord) OperationRecords;

typedef struct {
    Str root, path;
} OperationFolder;
typedef ARRAY(OperationFolder) OperationFolders;

typedef struct {
    Str pending, place, before, after; /* place empty: the state of the merge itself */
} OperationPending;
typedef ARRAY(OperationPending) OperationPendings;

/* All transactions of one operation together, newest first. */
typedef struct {
    Operation head;
    OperationTrees trees;
    OperationRecords records;
    OperationFolders folders;
    OperationPendings pendings;
    Str undo; /* id of the operation that has taken a part of it back, and stopped; empty: none */
} OperationDetail;

/* Did that operation merge when it made `tree` what it became? False: it took a version as it stands. */
MUST_CHECK bool operation_merged(Db *db, const Operation *operation, const OperationTree *tree,
                                 bool *out, Error *err);
MUST_CHECK bool operation_find(Arena *arena, Db *db, Str id, bool *found, OperationDetail *out,
                               Error *err);
/* The operation that a job's attempts have written so far. */
MUST_CHECK bool operation_of_job(Arena *arena, Db *db, Str job, bool *found, OperationDetail *out,
                                 Error *err);
/* The newest operation of that collection that is neither undone nor an undo; *found false when there is
 * none. */
MUST_CHECK bool operation_last_open(Arena *arena, Db *db, const char *collection, bool *found,
                                    OperationDetail *out, Error *err);

/* What an operation has done to record files so far, newest first. */
MUST_CHECK bool operation_records(Arena *arena, Db *db, Str operation, OperationRecords *out,
                                  Error *err);
