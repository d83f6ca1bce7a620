/* Risk: what in a change deserves a look before it is taken: programs, hooks, tools, servers, hidden text.
 *
 * Pure: the difference of two trees in, findings out (docs/risk.md has the table). Only what is new is
 * flagged, not what was there before. It says what changed; it never says that something is safe, and
 * who wants to hide from it can. Deterministic; its cost is linear in the text, with bounded searches.
 */
#pragma once

#include "merge/tree_diff.h"

typedef enum {
#define RISK(name, word, weight, about) RISK_##name,
#include "merge/risk_kinds.def"
#undef RISK
    RISK_KINDS
} RiskKind;
extern const char *const risk_words[RISK_KINDS]; /* "executable" "hook" ... */

enum {
    RISK_LISTED = 20, /* findings of one kind in one file; the rest is counted */
    RISK_LONG_LINE_BYTES = 2000,
};

typedef struct {
    RiskKind kind;
    bool review; /* needs a yes; else it is a notice */
    Str path;    /* inside the artifact; empty: the artifact is this one file */
    size_t line; /* from 1, in the new text; 0: the file as a whole, or what is gone from it */
    const char *excerpt; /* safe to show */
    const char *change;  /* what changed, safe to show: "becomes executable" */
    size_t more;         /* of the last one listed: further places of that kind in the file */
} RiskFinding;
typedef ARRAY(RiskFinding) RiskFindings; /* by file, in the order of the kinds, then by line */

typedef struct {
    bool is_first; /* nothing of the artifact was there: a person brings it in by name */
    bool is_hook;  /* the whole artifact is one */
    Str file_name; /* of an artifact that is one file */
} RiskOptions;

/* Appends to *out. */
MUST_CHECK bool risk_review(Arena *arena, const FileChanges *changes, const BlobReader *blobs,
                            const RiskOptions *options, RiskFindings *out, Error *err);

/* The same for one file whose content is at hand. */
void risk_review_file(Arena *arena, const FileChange *change, Str old_text, Str new_text,
                      const RiskOptions *options, RiskFindings *out);

RiskFindings risk_findings_copy(Arena *arena, const RiskFindings *findings);
size_t risk_reviews(const RiskFindings *findings); /* how many need a yes */
