/* Undo of record files: an operation's own blocks go back batch after batch, the exact bytes with the last.
 *
 * A block that is as it was before the operation is done already, so an undo that was interrupted goes on.
 * One that is neither that nor what the operation left is somebody's newer word: ERR_CONFLICT. A file that
 * nobody else has touched since gets its old bytes in the end.
 */
#pragma once

#include "sync/draft.h"
#include "sync/log_store.h"
#include "sync/record_blocks.h"

/* Which artifacts' blocks go back now. Those of no numbered artifact go with the last part. */
typedef struct {
    const Map *numbers;       /* artifact → size_t, in the order of the parts */
    OperationRecords written; /* by this undo so far, joined; an earlier weir's part too */
    size_t from, to;
    bool last;
    bool whole; /* the only part there is */
} UndoPart;

/* One record file of the operation, over all its transactions; an arena's, that of the whole undo. */
typedef struct {
    OperationRecord of;
    bool alone;          /* nobody else wrote to the file between the operation's transactions */
    bool read;           /* the rest is known */
    RecordBlocks before; /* of the blocks it changed */
    TreeHashes after;    /* of these blocks' bytes as the operation left them; zero: none */
} UndoRecord;
typedef ARRAY(UndoRecord) UndoRecords;

/* What batches wrote one after the other into one file is one change of it; newest first. */
OperationRecords undo_records_joined(Arena *arena, const OperationRecords *records);
UndoRecords undo_records_of(Arena *arena, const OperationRecords *records);

/* The file as it shall be, as a raw record of the draft; `keep_bytes`: as in RawRecord. */
MUST_CHECK bool undo_record_plan(Draft *draft, Arena *arena, UndoRecord *record, const Root *root,
                                 const UndoPart *part, size_t keep_bytes, Error *err);
