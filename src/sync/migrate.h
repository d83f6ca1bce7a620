/* migrate: what SkillMeat kept comes into weir's collections and records.
 *
 * Artifacts are copied into the collection of the same name, deployments go on record; nothing in a project
 * but `.weir/deployed.toml` is written, and nothing at all in SkillMeat's own folders. What is there already
 * stays as it is, so a second run finds nothing to do. Each collection with its deployments is one
 * operation. A broken file or block is an error of its own, the rest goes on. See docs/migrating.md.
 */
#pragma once

#include "sync/verbs.h"

typedef struct {
    StrArray
        folders; /* absolute: SkillMeat homes, collections, projects; empty: the default places */
    const char *person; /* the home folder, where `.skillmeat` is looked for; may be NULL */
    const char *here;   /* absolute current folder: its project is one of the default places */
    bool apply;
} MigrateRequest;

/* A key of an old file for which weir has no place; the backup has it. */
typedef struct {
    Str file, key;
    size_t count;
} LeftKey;

typedef struct {
    Plan plan;
    const char *backup; /* absolute; NULL: nothing had to be kept */
    StrArray read;      /* absolute paths of the old files that were read */
    ARRAY(LeftKey) left;
    Str default_collection; /* SkillMeat's, when it is not weir's; else empty */
} Migration;

MUST_CHECK bool verb_migrate(Workspace *ws, const MigrateRequest *request, Migration *out,
                             Error *err);
