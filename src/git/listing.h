/* The listing of a commit's files as `git ls-tree -r -z -l` writes it, read piece by piece.
 *
 * The format is checked here, the names are not: git_tree checks those of the artifact it is asked for,
 * so that an odd name elsewhere in an upstream does not keep a sound artifact out. Limits: entries and
 * bytes of names (base/limits.h), counted while reading.
 */
#pragma once

#include "git/repo.h"

typedef struct {
    GitEntries entries;    /* sorted; MODE_NONE: neither file nor link */
    ARRAY(uint32_t) modes; /* as git wrote them, same order */
} GitListing;

typedef struct {
    Arena *arena; /* of the listing */
    GitListing *listing;
    char *partial; /* an entry whose end has not come yet */
    size_t partial_len;
    uint64_t name_bytes;
} GitListingReader;

enum { GIT_MODE_SUBMODULE = 0160000 };

GitListingReader git_listing_reader(Arena *arena, GitListing *listing);
MUST_CHECK bool git_listing_feed(GitListingReader *reader, Str bytes, Error *err);
/* Sorts, and refuses a listing that breaks off. */
MUST_CHECK bool git_listing_end(GitListingReader *reader, Error *err);

typedef struct {
    size_t from, to;
    GitPathKind kind;
} GitSlice;
GitSlice git_listing_slice(const GitListing *listing, Str sub_path);

/* The part of a listing as an artifact: paths below `sub_path`, all rules but the links' targets. */
MUST_CHECK bool git_listing_tree(Arena *arena, const GitListing *listing, Str sub_path,
                                 GitTree *out, Error *err);
