/* Old records: what SkillMeat wrote, read as it stands: collection.toml, collection.lock, config.toml and
 * .skillmeat-deployed.toml.
 *
 * Reads only, pure. A file that is no TOML fails as a whole with ERR_CORRUPT (SkillMeat did not write all of
 * them atomically). A block that lacks what it needs keeps its own `error`, and the others are read. A key
 * that weir has no place for is counted in `left`, so that nothing is dropped in silence. Nothing in here is
 * checked as a name or a path yet: that is for whoever uses it. Borrows the texts.
 */
#pragma once

#include "base/array.h"
#include "base/error.h"

#define OLD_HOME_FOLDER ".skillmeat"
#define OLD_COLLECTION_FILE "collection.toml"
#define OLD_LOCK_FILE "collection.lock"
#define OLD_CONFIG_FILE "config.toml"
#define OLD_DEPLOYED_FILE ".skillmeat-deployed.toml"

/* A key that is not taken over: "artifacts.uuid", and how often it was there. */
typedef struct {
    Str key;
    size_t count;
} OldKey;
typedef ARRAY(OldKey) OldKeys;

typedef struct {
    Str name, type, path, origin;
    Str upstream, version_spec, resolved_sha, resolved_version;
    StrArray tags;
    Str lock_hash; /* of collection.lock, by the old rule; empty: no entry */
    size_t line;
    ErrorNote error; /* ERR_NONE, or what is wrong with the block */
} OldArtifact;
typedef ARRAY(OldArtifact) OldArtifacts;

typedef struct {
    OldArtifacts artifacts; /* in the order of the file */
    OldKeys left;           /* of the manifest */
    OldKeys left_in_lock;
    ErrorNote lock_error; /* the lock file could not be read: then no lock_hash is known */
} OldCollection;

/* `lock` may be empty. A torn lock file is lock_error, not a failure. */
MUST_CHECK bool old_collection_read(Arena *arena, Str manifest, Str lock, OldCollection *out,
                                    Error *err);

typedef struct {
    Str name, type, collection;
    Str path;         /* below the profile's folder */
    Str profile;      /* profile_root_dir as recorded; empty: not recorded */
    Str content_hash; /* by the old rule, of what was deployed; collection_sha in older files */
    size_t line;
    ErrorNote error;
} OldDeployment;
typedef ARRAY(OldDeployment) OldDeployments;

MUST_CHECK bool old_deployments_read(Arena *arena, Str text, OldDeployments *out, OldKeys *left,
                                     Error *err);

/* *default_collection is empty when the file names none. */
MUST_CHECK bool old_config_read(Arena *arena, Str text, Str *default_collection, OldKeys *left,
                                Error *err);
