/* Operations in the database: facts become rows, idempotent by transaction id; the log; what to undo.
 * Rows are only ever added, save `undone_by`, states of waiting merges and their choices. */
#pragma once

#include "sync/facts.h"
#include "sync/verbs.h"

/* One database transaction. Facts of a group in `failed` are not told; its tree becomes a waiting merge.
 * A transaction that is there already changes nothing. */
MUST_CHECK bool operation_record(Db *db, Str transaction, const Facts *facts,
                                 const ApplyGroups *failed, Error *err);

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
} OperationDetail;

/* The newest operation that is neither undone nor an undo; *found false when there is none. */
MUST_CHECK bool operation_last_open(Arena *arena, Db *db, bool *found, OperationDetail *out,
                                    Error *err);
