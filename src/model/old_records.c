#include "model/old_records.h"

#include <stddef.h>

#include "base/hash.h"
#include "base/map.h"
#include "base/text.h"
#include "format/toml.h"

typedef struct {
    const char *key;
    size_t offset; /* of a Str */
    bool needed;
} OldField;

/* One text being read: where its keys without a place are counted, and what their names start with. */
typedef struct {
    Arena *arena;
    const TomlDoc *doc;
    const char *file;
    OldKeys *left;
    Map *counted; /* key → index + 1 */
} OldText;

static bool old_parse(Arena *arena, Str text, const char *file, OldKeys *left, OldText *out,
                      Error *err)
{
    TomlInput input = {.text = text, .file = file};
    TomlDoc *doc = NULL;
    if (!toml_parse(arena, &input, &doc, err))
        return fail_hint(err, "It is torn or edited by hand: mend it or bring it back from a "
                              "backup, then migrate again. Nothing of it was taken over.");
    *out = (OldText){arena, doc, file, left, map_new(arena, 0)};
    return true;
}

static void count_left(OldText *text, const char *prefix, Str key)
{
    Str whole = str_of(arena_format(text->arena, "%s%.*s", prefix, STR_ARG(key)));
    size_t index = (size_t)(uintptr_t)map_find(text->counted, whole);
    if (index) {
        text->left->items[index - 1].count++;
        return;
    }
    ARRAY_PUSH(text->arena, text->left, (OldKey){whole, 1});
    map_put(text->counted, whole, (void *)(uintptr_t)text->left->count);
}

/* A table's own keys by name, those of tables in it as `table.key`. */
static void count_table(OldText *text, const char *prefix, const TomlNode *node)
{
    if (node->kind != TOML_TABLE || !node->first) {
        count_left(text, prefix, node->key);
        return;
    }
    const char *inner = arena_format(text->arena, "%s%.*s.", prefix, STR_ARG(node->key));
    for (const TomlNode *child = node->first; child; child = child->next)
        count_left(text, inner, child->key);
}

static bool bad_key(OldText *text, const TomlNode *node, const char *expected, Error *err)
{
    return fail(err, ERR_INVALID, "%s:%zu: '%s' is not %s", text->file,
                toml_place(text->doc->source, node->from).line, text_safe(text->arena, node->key),
                expected);
}

static const OldField *field_of(const OldField *fields, size_t count, Str key)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(key, fields[i].key))
            return &fields[i];
    return NULL;
}

static bool read_field(OldText *text, const TomlNode *node, const OldField *field, void *record,
                       Error *err)
{
    if (node->kind != TOML_STRING)
        return bad_key(text, node, "a string", err);
    Str *value = (Str *)(void *)((char *)record + field->offset);
    *value = node->text;
    return true;
}

/* Every key of the block goes to its field, to `own` (a key read by the caller), or is counted. */
static bool read_block(OldText *text, const TomlNode *block, const char *prefix,
                       const OldField *fields, size_t count, void *record, Error *err)
{
    bool read = true;
    for (const TomlNode *node = block->first; node; node = node->next) {
        const OldField *field = field_of(fields, count, node->key);
        if (field)
            read = read && read_field(text, node, field, record, err);
        else
            count_table(text, prefix, node);
    }
    for (size_t i = 0; read && i < count; i++) {
        const Str *value = (const Str *)(const void *)((const char *)record + fields[i].offset);
        if (fields[i].needed && !value->len)
            read = fail(err, ERR_INVALID, "%s:%zu: the block has no '%s'", text->file,
                        toml_place(text->doc->source, block->from).line, fields[i].key);
    }
    return read;
}

static const TomlNode *blocks_of(OldText *text, const char *name, Error *err)
{
    const TomlNode *array = toml_find(&text->doc->root, str_of(name));
    for (const TomlNode *node = array ? array->first : NULL; node; node = node->next)
        if (node->kind != TOML_TABLE) {
            (void)bad_key(text, array, "a list of blocks", err);
            return NULL;
        }
    if (array && array->kind != TOML_ARRAY)
        (void)bad_key(text, array, "a list of blocks", err);
    return array;
}

/* Root keys that are not `own` tables. */
static void count_others(OldText *text, const char *own)
{
    for (const TomlNode *node = text->doc->root.first; node; node = node->next)
        if (!str_is(node->key, own))
            count_table(text, "", node);
}

/* ── collection.toml ── */

#define AT(member) offsetof(OldArtifact, member)
static const OldField artifact_fields[] = {
    {"name", AT(name), true},
    {"type", AT(type), true},
    {"path", AT(path), true},
    {"origin", AT(origin), false},
    {"upstream", AT(upstream), false},
    {"version_spec", AT(version_spec), false},
    {"resolved_sha", AT(resolved_sha), false},
    {"resolved_version", AT(resolved_version), false},
};
#undef AT

static bool read_tags(OldText *text, const TomlNode *node, StrArray *out, Error *err)
{
    if (node->kind != TOML_ARRAY)
        return bad_key(text, node, "a list of texts", err);
    for (const TomlNode *tag = node->first; tag; tag = tag->next) {
        if (tag->kind != TOML_STRING)
            return bad_key(text, node, "a list of texts", err);
        ARRAY_PUSH(text->arena, out, tag->text);
    }
    return true;
}

/* Tags stand at the artifact or, in some versions, in its metadata. */
static bool take_tags(OldText *text, const TomlNode *block, OldArtifact *out, Error *err)
{
    const TomlNode *tags = toml_find(block, STR("tags"));
    if (!tags)
        tags = toml_find(toml_find(block, STR("metadata")), STR("tags"));
    return !tags || read_tags(text, tags, &out->tags, err);
}

static OldArtifact read_artifact(OldText *text, const TomlNode *block)
{
    OldArtifact one = {.line = toml_place(text->doc->source, block->from).line};
    Error failed = {0};
    if (!read_block(text, block, "artifacts.", artifact_fields, COUNT_OF(artifact_fields), &one,
                    &failed) ||
        !take_tags(text, block, &one, &failed))
        one.error = error_note(text->arena, &failed);
    return one;
}

static void drop_key(OldKeys *keys, const char *key)
{
    size_t kept = 0;
    for (size_t i = 0; i < keys->count; i++)
        if (!str_is(keys->items[i].key, key))
            keys->items[kept++] = keys->items[i];
    keys->count = kept;
}

static bool read_manifest(Arena *arena, Str manifest, OldCollection *out, Error *err)
{
    OldText text;
    Error bad = {0};
    if (!old_parse(arena, manifest, OLD_COLLECTION_FILE, &out->left, &text, err))
        return false;
    const TomlNode *array = blocks_of(&text, "artifacts", &bad);
    if (bad.code) {
        *err = bad;
        return false;
    }
    for (const TomlNode *node = array ? array->first : NULL; node; node = node->next)
        ARRAY_PUSH(arena, &out->artifacts, read_artifact(&text, node));
    count_others(&text, "artifacts");
    drop_key(&out->left, "artifacts.tags");
    drop_key(&out->left, "artifacts.metadata.tags");
    drop_key(&out->left, "collection.name"); /* the folder's name is the collection's */
    return true;
}

/* ── collection.lock ── */

typedef struct {
    Str content_hash;
} OldLock;
static const OldField lock_fields[] = {
    {"content_hash", offsetof(OldLock, content_hash), true},
};

static Str lock_key(Arena *arena, const OldArtifact *artifact)
{
    return str_of(
        arena_format(arena, "%.*s::%.*s", STR_ARG(artifact->name), STR_ARG(artifact->type)));
}

static bool read_lock(Arena *arena, Str lock, OldCollection *out, Error *err)
{
    OldText text;
    if (!old_parse(arena, lock, OLD_LOCK_FILE, &out->left_in_lock, &text, err))
        return false;
    const TomlNode *table = toml_find(&text.doc->root, STR("lock"));
    const TomlNode *entries = toml_find(table, STR("entries"));
    if (entries && entries->kind != TOML_TABLE)
        return bad_key(&text, entries, "a table", err);
    Map *by_key = map_new(arena, out->artifacts.count);
    for (size_t i = 0; i < out->artifacts.count; i++)
        map_put(by_key, lock_key(arena, &out->artifacts.items[i]), &out->artifacts.items[i]);
    for (const TomlNode *node = entries ? entries->first : NULL; node; node = node->next) {
        OldArtifact *artifact = map_find(by_key, node->key);
        OldLock one = {0};
        Error failed = {0};
        bool good =
            node->kind == TOML_TABLE && read_block(&text, node, "lock.entries.", lock_fields,
                                                   COUNT_OF(lock_fields), &one, &failed);
        if (good && artifact)
            artifact->lock_hash = one.content_hash;
        else
            count_left(&text, "lock.entries.", node->key);
    }
    for (const TomlNode *node = table ? table->first : NULL; node; node = node->next)
        if (node != entries)
            count_table(&text, "lock.", node);
    count_others(&text, "lock");
    return true;
}

bool old_collection_read(Arena *arena, Str manifest, Str lock, OldCollection *out, Error *err)
{
    OldCollection collection = {0};
    Error failed = {0};
    if (!read_manifest(arena, manifest, &collection, err))
        return false;
    if (lock.len && !read_lock(arena, lock, &collection, &failed))
        collection.lock_error = error_note(arena, &failed);
    *out = collection;
    return true;
}

/* ── .skillmeat-deployed.toml ── */

typedef struct {
    OldDeployment record;
    Str collection_sha;
} OldDeployedBlock;

#define AT(member) offsetof(OldDeployedBlock, member)
static const OldField deployed_fields[] = {
    {"artifact_name", AT(record.name), true},
    {"artifact_type", AT(record.type), true},
    {"from_collection", AT(record.collection), true},
    {"artifact_path", AT(record.path), true},
    {"profile_root_dir", AT(record.profile), false},
    {"content_hash", AT(record.content_hash), false},
    {"collection_sha", AT(collection_sha), false},
};
#undef AT

static OldDeployment read_deployment(OldText *text, const TomlNode *block)
{
    OldDeployedBlock one = {0};
    Error failed = {0};
    Hash hash;
    size_t line = toml_place(text->doc->source, block->from).line;
    bool read = read_block(text, block, "deployed.", deployed_fields, COUNT_OF(deployed_fields),
                           &one, &failed);
    if (!one.record.content_hash.len)
        one.record.content_hash = one.collection_sha;
    if (read && !hash_parse(one.record.content_hash, &hash))
        (void)fail(&failed, ERR_INVALID, "%s:%zu: 'content_hash' is not 64 hex digits", text->file,
                   line);
    one.record.error = error_note(text->arena, &failed);
    one.record.line = line;
    return one.record;
}

bool old_deployments_read(Arena *arena, Str content, OldDeployments *out, OldKeys *left, Error *err)
{
    OldText text;
    OldDeployments list = {0};
    OldKeys others = {0};
    Error bad = {0};
    if (!old_parse(arena, content, OLD_DEPLOYED_FILE, &others, &text, err))
        return false;
    const TomlNode *array = blocks_of(&text, "deployed", &bad);
    if (bad.code) {
        *err = bad;
        return false;
    }
    for (const TomlNode *node = array ? array->first : NULL; node; node = node->next)
        ARRAY_PUSH(arena, &list, read_deployment(&text, node));
    count_others(&text, "deployed");
    *out = list;
    *left = others;
    return true;
}

/* ── config.toml ── */

bool old_config_read(Arena *arena, Str content, Str *default_collection, OldKeys *left, Error *err)
{
    OldText text;
    OldKeys others = {0};
    if (!old_parse(arena, content, OLD_CONFIG_FILE, &others, &text, err))
        return false;
    const TomlNode *named =
        toml_find(toml_find(&text.doc->root, STR("settings")), STR("default-collection"));
    count_others(&text, "");
    drop_key(&others, "settings.default-collection");
    *default_collection = named && named->kind == TOML_STRING ? named->text : (Str){0};
    *left = others;
    return true;
}
