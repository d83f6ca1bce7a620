/* Verify: is all that weir keeps sound? A table of checks; each finding says what, where and what to do.
 *
 * To add a check: verify_x.c that ends in `const VerifyCheck verify_x`, and a line in verify_checks.def.
 * A check reads and adds findings. Only with `repair` it also plans what mends them: records in the draft
 * (carried out by one crash-safe apply, undone by `weir undo`), rows by the finding's `mend`. Nothing is
 * ever deleted, and without `apply` nothing is written.
 */
#pragma once

#include "sync/draft.h"

typedef struct Verify Verify;
typedef struct Finding Finding;

struct Finding {
    const char *code; /* for scripts: "LINEAGE_GAP" */
    Str where;        /* the artifact, file or table */
    Str what;
    const char *advice; /* what a person can do; NULL: see `repair` */
    const char *repair; /* what --repair does about it, "told as a first version"; NULL: nothing */
    bool note;          /* worth knowing, but nothing is broken */
    bool mended;
    /* With `apply`, once the draft is carried out and no folder is locked: mends it, sets `mended`. May be
     * NULL: the draft does it all. Must bear being done twice. A failure leaves it as it is. */
    bool (*mend)(Verify *verify, Finding *finding, Error *err);
    void *context; /* of `mend` */
};
typedef ARRAY(Finding *) Findings;

struct Verify {
    Workspace *ws;
    /* With the collection (session->collection) and all known projects. A root whose record cannot be read
     * has root->error set and no collection or deployments, but its bytes in root->people, ->machines,
     * ->deployed: who derives them again sets root->collection and clears the error, and the new text is
     * written. NULL in a check that runs `apart`. */
    Draft *draft;
    bool repair; /* plan what mends; never write in a check */
    size_t looked_at;
    Findings findings;
};

typedef struct {
    const char *name;  /* "lineage" */
    const char *about; /* what `looked_at` counts: "versions" */
    bool apart;        /* slow: runs after the others, with no folder locked */
    bool (*check)(Verify *verify, Error *err); /* false only when verify itself cannot go on */
} VerifyCheck;

#define VERIFY_CHECK(name) extern const VerifyCheck verify_##name;
#include "sync/verify_checks.def"
#undef VERIFY_CHECK

/* A new finding, in the list; all but code, where and what is for the caller to fill. */
Finding *verify_found(Verify *verify, const char *code, Str where, const char *format, ...)
    PRINTF_LIKE(4, 5);

typedef struct {
    bool repair, apply;
} VerifyRequest;

typedef struct {
    const char *name, *about;
    size_t looked_at, findings;
} VerifyCount;

typedef struct {
    Findings findings;
    ARRAY(VerifyCount) checks; /* in the table's order */
    Plan plan;                 /* of records that are mended */
    size_t problems;           /* findings that are neither notes nor mended */
    size_t mendable; /* problems that --repair --apply would mend, as far as it can tell */
} VerifyReport;

MUST_CHECK bool verb_verify(Workspace *ws, const VerifyRequest *request, VerifyReport *out,
                            Error *err);
