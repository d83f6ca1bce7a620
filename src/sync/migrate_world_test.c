#include "sync/migrate_world_test.h"

#include <string.h>

#include "base/buf.h"
#include "content/old_hash.h"

const char *old_hash_at(Test *t, const char *path)
{
    Hash hash;
    CHECK_OK(old_hash_read(t->dir_fd, str_of(path), &hash, &t->err));
    return arena_text(t->arena, str_of(hash_hex(&hash).text));
}

const char *old_artifact(Test *t, const char *type, const char *name, const char *path,
                         const char *more)
{
    return arena_format(t->arena,
                        "[[artifacts]]\nname = \"%s\"\ntype = \"%s\"\npath = \"%s\"\n"
                        "origin = \"github\"\nadded = \"2026-11-20T20:31:49.963226\"\n%s\n",
                        name, type, path, more);
}

const char *old_lock(Test *t, const char *type, const char *name, const char *hash)
{
    return arena_format(t->arena,
                        "[lock.entries.\"%s::%s\"]\ncontent_hash = \"%s\"\n"
                        "fetched = \"2026-11-20T20:31:50.254063\"\n\n",
                        name, type, hash);
}

const char *old_deployment(Test *t, const char *type, const char *name, const char *path,
                           const char *hash)
{
    return arena_format(t->arena,
                        "[[deployed]]\nartifact_name = \"%s\"\nartifact_type = \"%s\"\n"
                        "from_collection = \"default\"\n"
                        "deployed_at = \"2026-11-20T20:32:11.703788\"\nartifact_path = \"%s\"\n"
                        "content_hash = \"%s\"\nlocal_modifications = false\n"
                        "version_lineage = [\"%s\"]\nprofile_root_dir = \".claude\"\n\n",
                        name, type, path, hash, hash);
}

Migration world_migrate(World *world, bool apply)
{
    Test *t = world->t;
    Migration migration = {0};
    MigrateRequest request = {.here = t->dir, .apply = apply};
    static const char *const folders[] = {"old", "atlas", "beta"};
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        const char *folder = arena_format(t->arena, "%s/%s", t->dir, folders[i]);
        if (*test_shell(t, "ls -d %s/.[!.]* %s/collections 2>/dev/null; true", folder, folder))
            ARRAY_PUSH(t->arena, &request.folders, str_of(folder));
    }
    CHECK_OK(verb_migrate(&world->ws, &request, &migration, &t->err));
    return migration;
}

const char *migration_text(World *world, const Migration *migration)
{
    Test *t = world->t;
    Buf out = buf_new(t->arena);
    for (size_t i = 0; i < migration->plan.items.count; i++) {
        const PlanItem *item = &migration->plan.items.items[i];
        bool failed = item->result == RESULT_ERROR;
        buf_format(&out, "%.*s %s %s%s%.*s\n", STR_ARG(item->artifact),
                   item->project ? strrchr(item->project, '/') + 1 : "collection",
                   failed ? error_name(item->error.code) : item_result_names[item->result],
                   item->note.len && !failed ? " " : "", failed ? 0 : (int)item->note.len,
                   item->note.len ? item->note.data : "");
    }
    return buf_text(&out);
}

const char *old_picture(World *world)
{
    return test_shell(world->t,
                      "find old atlas beta -name .weir -prune -o -mindepth 1 -printf "
                      "'%%P %%y %%m %%s %%l %%i %%T@\\n' | grep -v '^.weir' | sort; "
                      "find old atlas beta -name .weir -prune -o -type f -print0 | sort -z | "
                      "xargs -0r sha256sum");
}
