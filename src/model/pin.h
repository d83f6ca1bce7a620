/* Version pins: which ref of an upstream is wanted. `latest`, a tag, a branch, a sha, a semver range.
 *
 * `latest` is the highest semver release tag; without any, the head of the default branch. A text that is
 * both a range and the name of a ref means the ref, of a tag and a branch the tag. Tags with a prefix
 * ("pdf-v1.2.0") count only when no plain one fits; tags of two prefixes are never compared: `latest` is
 * then the head, and a range is refused.
 */
#pragma once

#include "base/error.h"
#include "model/semver.h"

typedef enum { PIN_LATEST, PIN_REF, PIN_SHA, PIN_RANGE } PinKind;

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
