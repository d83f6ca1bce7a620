#include "model/deployment.h"

#include "base/name.h"
#include "model/artifact_id.h"
#include "model/record_set.h"

#define AT(member) offsetof(Deployment, member)

/* In the order in which a new block is written. */
static const RecordField fields[] = {
    {"artifact", FIELD_TEXT, AT(artifact), FIELD_ALWAYS},
    {"path", FIELD_BYTES, AT(path), FIELD_ALWAYS},
    {"collection", FIELD_TEXT, AT(collection), FIELD_ALWAYS},
    {"content_hash", FIELD_HASH, AT(content_hash), FIELD_ALWAYS},
    {"parent_hash", FIELD_HASH, AT(parent_hash), FIELD_ALWAYS},
    {"version_lineage", FIELD_HASHES, AT(version_lineage), FIELD_ALWAYS},
    {"upstream_url", FIELD_BYTES, AT(upstream_url), 0},
    {"upstream_path", FIELD_BYTES, AT(upstream_path), 0},
    {"upstream_ref", FIELD_BYTES, AT(upstream_ref), 0},
    {"upstream_version", FIELD_BYTES, AT(upstream_version), 0},
    {"upstream_sha", FIELD_SHA, AT(upstream_sha), 0},
    {"sync_status", FIELD_TEXT, AT(sync_status), FIELD_LIVE | FIELD_ALWAYS},
    {"last_upstream_check", FIELD_TIME, AT(last_upstream_check_ms), FIELD_LIVE},
    {"pending_conflicts", FIELD_TEXTS, AT(pending_conflicts), FIELD_LIVE | FIELD_ALWAYS},
    {"legacy_hash", FIELD_TEXT, AT(legacy_hash), 0},
};

static const RecordKind deployed_kind = {
    .file = ".weir/deployed.toml",
    .array = "deployed",
    .seed = "# Written by weir. Commit it: it says what is deployed here, and from which version.\n"
            "schema = 1\n",
    .fields = fields,
    .field_count = COUNT_OF(fields),
    .struct_bytes = sizeof(Deployment),
    .base_key = "parent_hash",
};

static bool complete(Arena *arena, void *record, Error *err)
{
    (void)arena;
    Deployment *deployment = record;
    ArtifactId id;
    if (deployment->collection.len == 0)
        deployment->collection = STR("default");
    if (deployment->sync_status.len == 0)
        deployment->sync_status = STR("synced");
    return artifact_id_parse(deployment->artifact, &id, err) &&
           name_check_path(deployment->path, err);
}

static const Deployment defaults = {.collection = {"default", 7}, .sync_status = {"synced", 6}};

static const RecordSpec deployed_spec = {
    .files = {&deployed_kind},
    .struct_bytes = sizeof(Deployment),
    .id_offset = AT(artifact),
    .path_offset = AT(path),
    .review_offset = AT(needs_review),
    .defaults = &defaults,
    .complete = complete,
};

struct DeploymentRecords {
    RecordSet set;
};

static void list_items(Deployments *deployments)
{
    const RecordSet *set = &deployments->records->set;
    deployments->items.count = 0;
    for (size_t i = 0; i < set->slots.count; i++) {
        if (!set->slots.items[i]->removed)
            ARRAY_PUSH(deployments->arena, &deployments->items, set->slots.items[i]->now);
    }
}

bool deployments_read(Arena *arena, Str text, const Ancestry *ancestry, Deployments **out,
                      Error *err)
{
    Deployments *deployments = ARENA_NEW(arena, Deployments);
    deployments->arena = arena;
    deployments->records = ARENA_NEW(arena, DeploymentRecords);
    if (!record_set_read(arena, &deployed_spec, (Str[RECORD_FILES]){text}, ancestry,
                         &deployments->records->set, err))
        return false;
    deployments->had_markers = deployments->records->set.had_markers;
    list_items(deployments);
    *out = deployments;
    return true;
}

Deployment *deployments_find(const Deployments *deployments, Str artifact)
{
    return record_set_find(&deployments->records->set, artifact);
}

bool deployments_put(Deployments *deployments, const Deployment *deployment, Error *err)
{
    bool known = deployments_find(deployments, deployment->artifact) != NULL;
    if (!record_set_put(&deployments->records->set, deployment, err))
        return false;
    if (!known)
        list_items(deployments);
    return true;
}

bool deployments_remove(Deployments *deployments, Str artifact)
{
    bool removed = record_set_remove(&deployments->records->set, artifact);
    list_items(deployments);
    return removed;
}

Str deployments_write(Arena *arena, const Deployments *deployments)
{
    return record_set_write(arena, &deployments->records->set, 0);
}
