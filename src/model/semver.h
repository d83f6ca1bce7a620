/* Semantic versions 2.0 and ranges of them, as npm reads them.
 *
 * Ranges: ^1.2 ~1.2.3 >=1 <2 1.x "1.2.3 - 2.0.0" 1.2 || 2. A pre-release is in a range only where a bound
 * names a pre-release of the same major.minor.patch. Spans are borrowed from the texts.
 */
#pragma once

#include "base/array.h"

typedef struct {
    uint64_t major, minor, patch;
    Str pre; /* "rc.1"; empty for a release. Build metadata is checked and dropped: no part of the order */
} SemVer;

typedef enum { SEMVER_LT, SEMVER_LE, SEMVER_EQ, SEMVER_GE, SEMVER_GT } SemVerOperator;
typedef struct {
    SemVerOperator op;
    SemVer version;
    bool starts_set; /* first of the next `||` alternative */
} SemVerBound;
typedef ARRAY(SemVerBound) SemVerRange;

bool semver_parse(Str text, SemVer *out); /* the whole text, strict, no prefix */
int semver_compare(const SemVer *a, const SemVer *b);

/* The version at the end of a tag, and what stands before it: "v1.2.3" gives 1.2.3 and "", "pdf-v1.2"
 * gives 1.2.0 and "pdf-". Missing minor and patch count 0. */
bool semver_of_tag(Str tag, SemVer *out, Str *prefix);

bool semver_range_parse(Arena *arena, Str text, SemVerRange *out);
bool semver_in_range(const SemVerRange *range, const SemVer *version);
