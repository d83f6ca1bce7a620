/* A SkillMeat home and its projects, as that system wrote them, for the tests of migrate. */
#pragma once

#include "sync/fixture_test.h"
#include "sync/migrate.h"

#define OLD_COLLECTION "old/collections/default"

/* The hash of what lies at `path` below t->dir, by the old rule. */
const char *old_hash_at(Test *t, const char *path);

/* One block each; `more` are whole lines, or "". */
const char *old_artifact(Test *t, const char *type, const char *name, const char *path,
                         const char *more);
const char *old_lock(Test *t, const char *type, const char *name, const char *hash);
const char *old_deployment(Test *t, const char *type, const char *name, const char *path,
                           const char *hash);

/* old/ and the two projects as folders; `apply`. */
Migration world_migrate(World *world, bool apply);
/* "skill:pdf atlas fast_forward synced" a line; errors by their code. */
const char *migration_text(World *world, const Migration *migration);
/* Everything of SkillMeat's and of the projects but `.weir`, times included. */
const char *old_picture(World *world);
