/* Version pins: which ref of an upstream is wanted. `latest`, a tag, a branch, a sha, a semver range.
 *
 * `latest` is the highest semver release tag; without any, the head of the default branch. Ranges are
 * npm's: ^1.2 ~1.2.3 >=1 <2 1.x "1.2.3 - 2.0.0" || and pre-releases only where a bound names one of the
 * same major.minor.patch. Tags may carry `v` or a prefix ("pdf-v1.2.0", "pkg/1.2.0"). Precedence is that
 * of semver 2.0. A text that is both a range and the name of a ref means the ref.
 */
#pragma once

#include "base/array.h"
#include "base/error.h"

typedef enum { PIN_LATEST, PIN_REF, PIN_SHA, PIN_RANGE } PinKind;

typedef struct {
    uint64_t major, minor, patch;
    Str pre;   /* "rc.1", empty for a release */
    Str build; /* "sha.1": no part of the order */
} SemVer;

typedef enum { SEMVER_LT, SEMVER_LE, SEMVER_EQ, SEMVER_GE, SEMVER_GT } SemVerOperator;
typedef struct {
    SemVerOperator op;
    SemVer version;
    bool starts_set; /* first of the next `||` alternative */
} SemVerBound;
typedef ARRAY(SemVerBound) SemVerRange;

typedef struct {
    PinKind kind;
    Str text; /* as given, without the leading '@': what the records keep */
    SemVerRange range;
} Pin;

typedef enum { REF_HEAD, REF_BRANCH, REF_TAG } RefKind;
typedef struct {
    Str name; /* "v1.2.3", "main", without refs/heads/ or refs/tags/; of REF_HEAD the branch's name */
    Str sha; /* 40 hex digits, of the commit (a tag's target) */
    RefKind kind;
} PinRef;

typedef struct {
    Str ref;     /* "v1.2.3", "main"; of a sha that no ref names: the sha */
    Str version; /* "1.2.3" when the ref is a semver tag, else empty */
    Str sha;
    RefKind kind; /* REF_HEAD: a bare sha, or the default branch by `latest` */
} PinChoice;

/* Empty text and "latest" are PIN_LATEST. ERR_INVALID on what no ref may be named. Borrows `text`. */
MUST_CHECK bool pin_parse(Arena *arena, Str text, Pin *out, Error *err);

/* A full sha is chosen even when no ref names it. ERR_REF_NOT_FOUND lists what is near. */
MUST_CHECK bool pin_choose(const Pin *pin, const PinRef *refs, size_t count, PinChoice *out,
                           Error *err);

/* Strict semver 2.0 text, no prefix. Borrows. */
bool semver_parse(Str text, SemVer *out);
int semver_compare(const SemVer *a, const SemVer *b); /* precedence; build is ignored */
/* The version at the end of a tag: "v1.2.3", "pdf-1.2.3", "pkg/v1.2". Missing minor, patch count 0. */
bool semver_of_tag(Str tag, SemVer *out);
bool semver_range_parse(Arena *arena, Str text, SemVerRange *out);
bool semver_in_range(const SemVerRange *range, const SemVer *version);
