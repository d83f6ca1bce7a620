#include "model/collection.h"

#include "base/name.h"
#include "base/text.h"
#include "model/record_set.h"

enum { NEAR_EDITS = 3, CANDIDATES_SHOWN = 8 };

#define AT(member) offsetof(Artifact, member)

/* Both in the order in which a new block is written. */
static const RecordField people_fields[] = {
    {"id", FIELD_TEXT, AT(id), FIELD_ALWAYS}, {"path", FIELD_BYTES, AT(path), FIELD_ALWAYS},
    {"source", FIELD_BYTES, AT(source), 0},   {"source_path", FIELD_BYTES, AT(source_path), 0},
    {"pin", FIELD_BYTES, AT(pin), 0},         {"tags", FIELD_TEXTS, AT(tags), 0},
    {"merge", FIELD_RULES, AT(merge), 0},
};
static const RecordField machine_fields[] = {
    {"id", FIELD_TEXT, AT(id), FIELD_ALWAYS},
    {"upstream_ref", FIELD_BYTES, AT(upstream_ref), 0},
    {"upstream_version", FIELD_BYTES, AT(upstream_version), 0},
    {"upstream_sha", FIELD_SHA, AT(upstream_sha), 0},
    {"upstream_path", FIELD_BYTES, AT(upstream_path), 0},
    {"base_hash", FIELD_HASH, AT(base_hash), 0},
    {"content_hash", FIELD_HASH, AT(content_hash), 0},
    {"versions", FIELD_HASHES, AT(versions), 0},
    {"last_upstream_check", FIELD_TIME, AT(last_check_ms), FIELD_LIVE},
    {"legacy_hash", FIELD_TEXT, AT(legacy_hash), 0},
};

static const RecordKind people_kind = {
    .file = "collection.toml",
    .array = "artifact",
    .seed = "schema = 1\n",
    .fields = people_fields,
    .field_count = COUNT_OF(people_fields),
    .struct_bytes = sizeof(Artifact),
};
static const RecordKind machine_kind = {
    .file = "collection.lock.toml",
    .array = "artifact",
    .seed = "# Written by weir. Commit it; what people change is in collection.toml.\nschema = 1\n",
    .fields = machine_fields,
    .field_count = COUNT_OF(machine_fields),
    .struct_bytes = sizeof(Artifact),
    .base_key = "base_hash",
};

static bool complete(Arena *arena, void *record, Error *err)
{
    Artifact *artifact = record;
    ArtifactId id;
    if (!artifact_id_parse(artifact->id, &id, err))
        return false;
    artifact->type = id.type;
    artifact->name = id.name;
    if (artifact->path.len == 0)
        artifact->path = artifact_collection_path(arena, NULL, id, (Str){0});
    return name_check_path(artifact->path, err);
}

static const Artifact defaults = {0};

static const RecordSpec collection_spec = {
    .files = {&people_kind, &machine_kind},
    .struct_bytes = sizeof(Artifact),
    .id_offset = AT(id),
    .path_offset = AT(path),
    .review_offset = AT(needs_review),
    .defaults = &defaults,
    .complete = complete,
};

struct CollectionRecords {
    RecordSet set;
};

static void list_artifacts(Collection *collection)
{
    const RecordSet *set = &collection->records->set;
    collection->artifacts.count = 0;
    for (size_t i = 0; i < set->slots.count; i++) {
        if (!set->slots.items[i]->removed)
            ARRAY_PUSH(collection->arena, &collection->artifacts, set->slots.items[i]->now);
    }
}

bool collection_read(Arena *arena, Str people, Str machines, const Ancestry *ancestry,
                     Collection **out, Error *err)
{
    Collection *collection = ARENA_NEW(arena, Collection);
    collection->arena = arena;
    collection->records = ARENA_NEW(arena, CollectionRecords);
    if (!record_set_read(arena, &collection_spec, (Str[RECORD_FILES]){people, machines}, ancestry,
                         &collection->records->set, err))
        return false;
    collection->had_markers = collection->records->set.had_markers;
    list_artifacts(collection);
    *out = collection;
    return true;
}

Artifact *collection_find(const Collection *collection, Str id)
{
    return record_set_find(&collection->records->set, id);
}

/* The nearest ids, for "did you mean". */
static bool refuse_unknown(const Collection *collection, Str wanted, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    const Artifact *nearest = NULL;
    size_t least = (wanted.len / 3 < NEAR_EDITS ? wanted.len / 3 : NEAR_EDITS) + 1;
    bool bare = str_find(wanted, ':') == STR_NONE;
    for (size_t i = 0; i < collection->artifacts.count && wanted.len <= 2 * LIMIT_NAME_BYTES; i++) {
        const Artifact *artifact = collection->artifacts.items[i];
        size_t distance = text_distance(bare ? artifact->name : artifact->id, wanted);
        if (distance >= least)
            continue;
        nearest = artifact;
        least = distance;
    }
    fail(err, ERR_NOT_FOUND, "no artifact '%.200s' in the collection", text_safe(scratch, wanted));
    return nearest && fail_hint(err, "Did you mean '%.200s'?", text_safe(scratch, nearest->id));
}

static bool refuse_several(const Collection *collection, Str name, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Buf list = buf_new(scratch);
    size_t shown = 0;
    for (size_t i = 0; i < collection->artifacts.count && shown < CANDIDATES_SHOWN; i++) {
        const Artifact *artifact = collection->artifacts.items[i];
        if (!str_equal(artifact->name, name))
            continue;
        buf_format(&list, "%s'%s'", shown++ ? ", " : "", text_safe(scratch, artifact->id));
    }
    fail(err, ERR_INVALID, "'%.100s' is the name of several artifacts: %s",
         text_safe(scratch, name), buf_text(&list));
    return fail_hint(err, "Write TYPE:NAME.");
}

bool collection_get(const Collection *collection, Str id_or_name, Artifact **out, Error *err)
{
    Artifact *found = collection_find(collection, id_or_name);
    size_t matches = found ? 1 : 0;
    for (size_t i = 0; !found && i < collection->artifacts.count; i++) {
        if (str_equal(collection->artifacts.items[i]->name, id_or_name))
            matches++;
    }
    if (matches > 1)
        return refuse_several(collection, id_or_name, err);
    for (size_t i = 0; !found && i < collection->artifacts.count; i++) {
        if (str_equal(collection->artifacts.items[i]->name, id_or_name))
            found = collection->artifacts.items[i];
    }
    if (!found)
        return refuse_unknown(collection, id_or_name, err);
    *out = found;
    return true;
}

bool collection_put(Collection *collection, const Artifact *artifact, Error *err)
{
    bool known = collection_find(collection, artifact->id) != NULL;
    if (!record_set_put(&collection->records->set, artifact, err))
        return false;
    if (!known)
        list_artifacts(collection);
    return true;
}

bool collection_remove(Collection *collection, Str id)
{
    bool removed = record_set_remove(&collection->records->set, id);
    list_artifacts(collection);
    return removed;
}

void collection_write(Arena *arena, const Collection *collection, Str *people, Str *machines)
{
    *people = record_set_write(arena, &collection->records->set, 0);
    *machines = record_set_write(arena, &collection->records->set, 1);
}
