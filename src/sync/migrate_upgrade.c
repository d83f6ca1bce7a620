/* weir's own record files of an older form: they load as they are, and are brought up to date when asked.
 * So far that is one thing: a file without `schema` says which one it has. */
#include "sync/migrate_parts.h"

#include "base/path.h"
#include "format/toml_edit.h"

bool record_is_older(Arena *arena, Str text)
{
    TomlDoc *doc = NULL;
    Error bad; /* whoever reads the records says what is wrong with them */
    return str_trim(text).len &&
           toml_parse(arena, &(TomlInput){.text = text, .file = "record"}, &doc, &bad) &&
           !toml_find(&doc->root, STR("schema"));
}

static bool upgrade(Draft *draft, const Root *root, const char *file, Str before, Str now,
                    Error *err)
{
    Arena *arena = draft->ws->arena;
    TomlDoc *doc = NULL;
    if (!record_is_older(arena, before))
        return true;
    if (!toml_parse(arena, &(TomlInput){.text = now, .file = file}, &doc, err))
        return false;
    TomlEdit *edit = toml_edit_begin(arena, doc);
    toml_edit_set(edit, &doc->root, STR("schema"), STR("1"));
    RawRecord raw = {root, file, toml_edit_finish(edit), path_folder(str_of(file)).len};
    ARRAY_PUSH(arena, &draft->raw_records, raw);
    PlanItem *item =
        draft_item(draft, str_of(file), root->is_collection ? EDGE_UPSTREAM : EDGE_PROJECT,
                   root->is_collection ? NULL : root);
    item->result = RESULT_FAST_FORWARD;
    item->record_only = true;
    item->note = STR("gets schema = 1");
    return true;
}

bool take_upgrades(Draft *draft, Error *err)
{
    Arena *arena = draft->ws->arena;
    for (size_t i = 0; i < draft->session->root_count; i++) {
        const Root *root = &draft->session->roots[i];
        Str people;
        Str machines;
        if (root->error.code)
            continue;
        if (!root->is_collection) {
            if (!upgrade(draft, root, DEPLOYED_FILE, root->deployed,
                         deployments_write(arena, root->deployments), err))
                return false;
            continue;
        }
        collection_write(arena, root->collection, &people, &machines);
        if (!upgrade(draft, root, COLLECTION_FILE, root->people, people, err) ||
            !upgrade(draft, root, COLLECTION_LOCK_FILE, root->machines, machines, err))
            return false;
    }
    return true;
}
