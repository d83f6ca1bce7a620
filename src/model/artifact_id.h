/* Artifact ids, `type:name`, and where an artifact of a type lies by default.
 *
 * A type is free-form. Five are known: skill, command, agent, hook, prompt. Places can be changed by the
 * configuration, which passes a table of its own; a row found there wins over the built-in one.
 */
#pragma once

#include "base/array.h"
#include "base/error.h"

typedef struct {
    Str type, name;
} ArtifactId;

typedef struct {
    Str type;
    Str collection_folder; /* "skills"; empty: the built-in one */
    Str project_folder;    /* ".claude/skills"; empty: the built-in one */
} TypePlace;
typedef ARRAY(TypePlace) TypePlaces;

/* ERR_INVALID, or ERR_NAME_REFUSED from base/name.h. Borrows `text`. */
MUST_CHECK bool artifact_id_parse(Str text, ArtifactId *out, Error *err);
Str artifact_id_format(Arena *arena, ArtifactId id);
bool artifact_id_equal(ArtifactId a, ArtifactId b);

/* `places` may be NULL. Folders come without a '/' at the end. Collection: skills, commands, agents, hooks,
 * prompts, else the type itself. Project: .claude/<type>s for skill, command, agent and hook, else
 * .weir/<type>s. */
Str type_collection_folder(Arena *arena, const TypePlaces *places, Str type);
Str type_project_folder(Arena *arena, const TypePlaces *places, Str type);

/* folder/name, with `extension` (".md") for an artifact that is one file. */
Str artifact_collection_path(Arena *arena, const TypePlaces *places, ArtifactId id, Str extension);
Str artifact_project_path(Arena *arena, const TypePlaces *places, ArtifactId id, Str extension);
