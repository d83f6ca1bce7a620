#include "model/artifact_id.h"

#include "base/name.h"

bool artifact_id_parse(Str text, ArtifactId *out, Error *err)
{
    size_t colon = str_find(text, ':');
    if (colon == STR_NONE) {
        fail(err, ERR_INVALID, "an artifact is named TYPE:NAME");
        return fail_hint(err, "Write the type in front, as in 'skill:pdf'.");
    }
    ArtifactId id = {str_slice(text, 0, colon), str_slice(text, colon + 1, text.len)};
    if (!name_check_type(id.type, err) || !name_check_artifact(id.name, err))
        return false;
    *out = id;
    return true;
}

Str artifact_id_format(Arena *arena, ArtifactId id)
{
    return str_of(arena_format(arena, "%.*s:%.*s", STR_ARG(id.type), STR_ARG(id.name)));
}

bool artifact_id_equal(ArtifactId a, ArtifactId b)
{
    return str_equal(a.type, b.type) && str_equal(a.name, b.name);
}

typedef struct {
    const char *type, *collection_folder, *project_folder;
} KnownType;

static const KnownType known_types[] = {
    {"skill", "skills", ".claude/skills"},  {"command", "commands", ".claude/commands"},
    {"agent", "agents", ".claude/agents"},  {"hook", "hooks", ".claude/hooks"},
    {"prompt", "prompts", ".weir/prompts"},
};

static const KnownType *find_known(Str type)
{
    for (size_t i = 0; i < COUNT_OF(known_types); i++) {
        if (str_is(type, known_types[i].type))
            return &known_types[i];
    }
    return NULL;
}

static const TypePlace *find_place(const TypePlaces *places, Str type)
{
    for (size_t i = 0; places && i < places->count; i++) {
        if (str_equal(places->items[i].type, type))
            return &places->items[i];
    }
    return NULL;
}

Str type_collection_folder(Arena *arena, const TypePlaces *places, Str type)
{
    const TypePlace *place = find_place(places, type);
    const KnownType *known = find_known(type);
    if (place && place->collection_folder.len > 0)
        return place->collection_folder;
    return known ? str_of(known->collection_folder) : arena_copy(arena, type);
}

Str type_project_folder(Arena *arena, const TypePlaces *places, Str type)
{
    const TypePlace *place = find_place(places, type);
    const KnownType *known = find_known(type);
    if (place && place->project_folder.len > 0)
        return place->project_folder;
    return known ? str_of(known->project_folder)
                 : str_of(arena_format(arena, ".weir/%.*ss", STR_ARG(type)));
}

static Str join(Arena *arena, Str folder, Str name, Str extension)
{
    return str_of(
        arena_format(arena, "%.*s/%.*s%.*s", STR_ARG(folder), STR_ARG(name), STR_ARG(extension)));
}

Str artifact_collection_path(Arena *arena, const TypePlaces *places, ArtifactId id, Str extension)
{
    return join(arena, type_collection_folder(arena, places, id.type), id.name, extension);
}

Str artifact_project_path(Arena *arena, const TypePlaces *places, ArtifactId id, Str extension)
{
    return join(arena, type_project_folder(arena, places, id.type), id.name, extension);
}
