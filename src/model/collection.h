/* A collection: what people say of its artifacts (collection.toml) and what weir knows of them
 * (collection.lock.toml), read as one and written back with every foreign byte kept.
 *
 * Ids and paths are unique after name_fold, and no path lies inside another. Files with git's conflict
 * markers are read: blocks are united by id, and the next write cleans the file. Writing an unchanged
 * collection gives the bytes that were read. See docs/records.md for the keys.
 */
#pragma once

#include "model/artifact_id.h"
#include "model/lineage.h"
#include "model/merge_rules.h"

typedef struct {
    /* collection.toml */
    Str id;          /* "skill:pdf" */
    Str path;        /* below the collection, with its extension */
    Str source;      /* URL or path of the upstream; empty: none */
    Str source_path; /* inside the upstream */
    Str pin;         /* as in pin.h; empty: latest */
    StrArray tags;
    MergeRules merge;
    /* collection.lock.toml */
    Str upstream_ref;     /* the ref that the pin chose */
    Str upstream_version; /* "1.2.3", when the ref is a version */
    Str upstream_sha;
    Str upstream_path;     /* where it was found at that sha */
    Hash base_hash;        /* merge base of the upstream -> collection edge */
    Hash content_hash;     /* the tree as weir last wrote it */
    Hashes versions;       /* newest first */
    int64_t last_check_ms; /* 0: never; alone it never changes the file */
    Str legacy_hash;       /* of an old record: what was fetched, by that system's rule */
    Str type, name;        /* parts of the id; set by the reader and by collection_put */
    bool needs_review;     /* both sides of a git conflict changed it: its base cannot be trusted */
} Artifact;

typedef ARRAY(Artifact *) ArtifactList;

typedef struct CollectionRecords CollectionRecords; /* private: the two documents */
typedef struct {
    ArtifactList artifacts; /* sorted by id; change them only through collection_put */
    bool had_markers;       /* a file held git's conflict markers */
    Arena *arena;
    CollectionRecords *records;
} Collection;

/* Empty texts make an empty collection. `ancestry` decides between two bases of one artifact and may be
 * NULL (then only the lists in the records say). Borrows the texts. ERR_CORRUPT names file, line and
 * column; ERR_NEWER_FORMAT, ERR_NAME_REFUSED, ERR_EXISTS (two ids or paths that clash). */
MUST_CHECK bool collection_read(Arena *arena, Str people, Str machines, const Ancestry *ancestry,
                                Collection **out, Error *err);

/* NULL when absent. */
Artifact *collection_find(const Collection *collection, Str id);

/* By id, or by a bare name that is unique. ERR_NOT_FOUND (with the nearest) or ERR_INVALID that lists the
 * candidates. */
MUST_CHECK bool collection_get(const Collection *collection, Str id_or_name, Artifact **out,
                               Error *err);

/* Adds or replaces by id; an empty path gets the default one (a folder's). Keeps a copy of all of it. */
MUST_CHECK bool collection_put(Collection *collection, const Artifact *artifact, Error *err);
bool collection_remove(Collection *collection, Str id); /* false when absent */

void collection_write(Arena *arena, const Collection *collection, Str *people, Str *machines);
