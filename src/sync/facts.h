/* Facts: what one transaction has to tell the database, carried through a crash as the apply's payload.
 *
 * Each fact is a kind, the group (artifact) it belongs to and a few spans of bytes. facts_encode gives
 * bytes for the journal; facts_decode reads them back, refusing anything torn. Applying facts
 * (sync/operation_store.h) is idempotent by transaction id, so recovery may tell them again.
 */
#pragma once

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"

typedef enum {
    FACT_OPERATION, /* id, verb, command, actor, trace, at_ms, result, undoes, collection */
    FACT_ARTIFACT,  /* artifact */
    FACT_TREE,      /* collection, artifact, tier, root, path, before, after, files, edge, base */
    FACT_RECORD,    /* tier, root, path, before blob, after blob */
    FACT_FOLDER,    /* root, path */
    FACT_VERSION,   /* collection, artifact, tier, project, hash, parent, other, source, message */
    FACT_PENDING,   /* id, collection, artifact, edge, upward, project, base, target, source, at */
    FACT_PENDING_STATE, /* id, before state, after state */
    FACT_CHOICE,        /* pending, place, before, after: empty is no choice */
    FACT_UNDONE,        /* operation, by: the operation that took it back */
    FACT_PROJECT,       /* id, path, at_ms */
    FACT_RISK,          /* collection, artifact, tree, accepted findings */
    FACT_JOB,           /* job, fence: whose work the transaction is */
    FACT_KINDS,
} FactKind;

enum { FACT_FIELDS = 10, FACT_NO_GROUP = -1 };

typedef struct {
    FactKind kind;
    int64_t group; /* FACT_NO_GROUP: of the whole transaction */
    Str field[FACT_FIELDS];
} Fact;
typedef ARRAY(Fact) Facts;

/* facts_add(arena, &facts, FACT_FOLDER, group, root, path); fields are borrowed. */
#define facts_add(arena, facts, fact_kind, fact_group, ...)                                        \
    ARRAY_PUSH(                                                                                    \
        (arena), (facts),                                                                          \
        (Fact){.kind = (fact_kind), .group = (int64_t)(fact_group), .field = {__VA_ARGS__}})

Str facts_encode(Arena *arena, const Facts *facts);
/* The spans point into `bytes`. ERR_CORRUPT. */
MUST_CHECK bool facts_decode(Arena *arena, Str bytes, Facts *out, Error *err);
