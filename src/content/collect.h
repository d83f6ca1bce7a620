/* Collecting: objects that nobody needs any more leave the store, beside others that go on putting.
 *
 * What is put, or found there by a put, stays for a day at least (COLLECT_GRACE_MS), and so do the blobs of
 * a tree that was: an object put again while another weir collects does not vanish. Trees go before blobs,
 * each batch in a transaction that looks at the age again; killed anywhere, the store is whole. One thread.
 */
#pragma once

#include "content/store.h"

#define COLLECT_GRACE_MS ((int64_t)24 * 3600 * 1000)

typedef struct Needed Needed;
Needed *needed_new(Arena *arena, Store *store);

/* A blob, or a tree with all its blobs; what is not in the store is nothing. A tree that is damaged is
 * ERR_CORRUPT: nobody knows what it needs. */
MUST_CHECK bool needed_add(Needed *needed, const Hash *hash, Error *err);
/* Every run of 64 hex digits in a text: no record, old, torn or of a later weir, is read too strictly. */
MUST_CHECK bool needed_add_text(Needed *needed, Str text, Error *err);

typedef struct {
    size_t objects;    /* that went, or would go */
    uint64_t bytes;    /* they take, packed */
    size_t kept;       /* objects that stay */
    uint64_t in_store; /* bytes of all before */
} Collected;

/* Of what is not needed and older than the grace. Without `apply` nothing changes. */
MUST_CHECK bool store_collect(Needed *needed, bool apply, Collected *out, Error *err);
