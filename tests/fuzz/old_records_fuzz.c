/* SkillMeat's records: whatever the bytes, the reader ends with an error or with blocks that are whole or
 * have their own error, and counts no key of nothing. */
#include <stdint.h>

#include "base/hash.h"
#include "model/old_records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_keys(const OldKeys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        ASSERT(keys->items[i].count > 0);
}

static void check_collection(Arena *arena, Str manifest, Str lock)
{
    OldCollection all;
    Error err = {0};
    if (!old_collection_read(arena, manifest, lock, &all, &err)) {
        ASSERT(err.code != ERR_NONE);
        return;
    }
    for (size_t i = 0; i < all.artifacts.count; i++) {
        const OldArtifact *one = &all.artifacts.items[i];
        ASSERT(one->line > 0);
        ASSERT(one->error.code || (one->name.len && one->type.len && one->path.len));
    }
    check_keys(&all.left);
    check_keys(&all.left_in_lock);
}

static void check_deployments(Arena *arena, Str text)
{
    OldDeployments all;
    OldKeys left;
    Error err = {0};
    Hash hash;
    if (!old_deployments_read(arena, text, &all, &left, &err)) {
        ASSERT(err.code != ERR_NONE);
        return;
    }
    for (size_t i = 0; i < all.count; i++)
        ASSERT(all.items[i].error.code ||
               (all.items[i].path.len && hash_parse(all.items[i].content_hash, &hash)));
    check_keys(&left);
}

/* The first NUL parts a manifest from its lock. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Str whole = {(const char *)data, size};
    Str rest = whole;
    Str manifest = {0};
    Str name;
    OldKeys left;
    Error err = {0};
    if (size > 1 << 14)
        return 0;
    (void)!str_next(&rest, '\0', &manifest);
    check_collection(arena, manifest, rest);
    check_collection(arena, manifest, whole);
    check_deployments(arena, whole);
    if (old_config_read(arena, whole, &name, &left, &err))
        check_keys(&left);
    return 0;
}
