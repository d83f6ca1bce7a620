#include "model/artifact_id.h"
#include "testing/test.h"

TEST(ids_read_and_write_back)
{
    ArtifactId id;
    CHECK_OK(artifact_id_parse(STR("skill:pdf"), &id, &t->err));
    CHECK_STR(id.type, STR("skill"));
    CHECK_STR(id.name, STR("pdf"));
    CHECK_STR(artifact_id_format(t->arena, id), STR("skill:pdf"));
    CHECK_OK(artifact_id_parse(STR("my_type:caf\xC3\xA9.v2"), &id, &t->err));
}

TEST(refuses_what_is_no_id)
{
    static const char *const bad[] = {
        "pdf",      "",      ":",          "skill:",    ":pdf",     "skill:a/b",
        "skill:..", "a b:c", "skill:a\nb", "skill:con", "sk/ill:a", "skill:a:b"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        ArtifactId id;
        print_message("%s\n", bad[i]);
        CHECK(!artifact_id_parse(str_of(bad[i]), &id, &t->err));
        CHECK(t->err.message[0] != '\0');
    }
}

TEST(places_by_type_and_by_configuration)
{
    CHECK_STR(type_collection_folder(t->arena, NULL, STR("agent")), STR("agents"));
    CHECK_STR(type_collection_folder(t->arena, NULL, STR("theme")), STR("theme"));
    CHECK_STR(type_project_folder(t->arena, NULL, STR("hook")), STR(".claude/hooks"));
    CHECK_STR(type_project_folder(t->arena, NULL, STR("prompt")), STR(".weir/prompts"));
    CHECK_STR(type_project_folder(t->arena, NULL, STR("theme")), STR(".weir/themes"));
    TypePlaces places = {0};
    ARRAY_PUSH(t->arena, &places, (TypePlace){STR("skill"), STR("s"), {0}});
    ARRAY_PUSH(t->arena, &places, (TypePlace){STR("theme"), {0}, STR("look/themes")});
    ArtifactId skill = {STR("skill"), STR("pdf")};
    ArtifactId theme = {STR("theme"), STR("dark")};
    CHECK_STR(artifact_collection_path(t->arena, &places, skill, (Str){0}), STR("s/pdf"));
    CHECK_STR(artifact_project_path(t->arena, &places, skill, (Str){0}), STR(".claude/skills/pdf"));
    CHECK_STR(artifact_project_path(t->arena, &places, theme, STR(".css")),
              STR("look/themes/dark.css"));
}
