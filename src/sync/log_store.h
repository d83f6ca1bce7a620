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

/* The newest operation of that collection that is neither undone nor an undo; *found false when there is
 * none. */
MUST_CHECK bool operation_last_open(Arena *arena, Db *db, const char *collection, bool *found,
                                    OperationDetail *out, Error *err);

/* What an operation has done to record files so far, newest first. */
MUST_CHECK bool operation_records(Arena *arena, Db *db, Str operation, OperationRecords *out,
                                  Error *err);
