/* Projects, the log and the settings, as the API tells them. */
#include "api/scene_test.h"
#include "base/fs.h"

static size_t items(const Answer *answer)
{
    return json_find(answer->json, STR("items"))->count;
}

static Answer tell(World *world, const char *target, const char *path)
{
    return world_ask(world, "POST", target, "",
                     arena_format(world->t->arena, "{\"path\":\"%s\"}", path));
}

TEST(a_project_is_known_once_and_forgotten_without_touching_its_files)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    (void)test_shell(t, "mkdir gamma && ln -s gamma delta");
    Answer known = tell(world, "/api/v1/projects", scene_project(world, "gamma"));
    CHECK_INT(items(&known), 3);
    Answer again = tell(world, "/api/v1/projects", scene_project(world, "delta"));
    CHECK_INT(again.status, 200);
    CHECK_INT(items(&again), 3);
    Answer gone = tell(world, "/api/v1/projects/forget", scene_project(world, "atlas"));
    CHECK_INT(items(&gone), 2);
    CHECK(fs_exists(arena_format(t->arena, "%s/atlas/.claude/skills/pdf/SKILL.md", t->dir)));
    Answer unknown = tell(world, "/api/v1/projects/forget", scene_project(world, "atlas"));
    check_failure(&unknown, 404, "NOT_FOUND", "atlas");
}

TEST(no_folder_that_cannot_be_a_project_becomes_one)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    const struct {
        const char *path;
        int status;
        const char *code;
    } cases[] = {{"atlas", 400, "INVALID"},
                 {"/tmp/../etc", 400, "PATH_ESCAPES"},
                 {"", 400, "INVALID"},
                 {scene_project(world, "nowhere"), 404, "NOT_FOUND"},
                 {scene_project(world, "home"), 400, "INVALID"},
                 {scene_project(world, "home/collections/default"), 400, "INVALID"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        print_message("%s\n", cases[i].path);
        Answer refused = tell(world, "/api/v1/projects", cases[i].path);
        check_failure(&refused, cases[i].status, cases[i].code, "");
    }
    Answer known = world_ask(world, "GET", "/api/v1/projects", "", NULL);
    CHECK_INT(items(&known), 2);
}

TEST(where_nothing_may_be_written_no_project_becomes_known)
{
    SCOPED(world_close) World *world = world_open_with(t, "SYNC_FORCE_DRY_RUN = true\n");
    (void)test_shell(t, "mkdir -p atlas home/collections/default && "
                        "printf 'schema = 1\\n' > home/collections/default/collection.toml");
    Answer refused = tell(world, "/api/v1/projects", scene_project(world, "atlas"));
    CHECK_TEXT(refused.code, "DRY_RUN_FORCED");
}

TEST(an_operation_is_told_with_what_it_changed)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    Answer log = world_ask(world, "GET", "/api/v1/operations?verb=test", "", NULL);
    Answer other = world_ask(world, "GET", "/api/v1/operations/none", "", NULL);
    check_failure(&other, 404, "NOT_FOUND", "none");
    size_t changes = 0;
    for (const JsonNode *one = json_find(log.json, STR("items"))->first; one; one = one->next) {
        Answer shown = world_ask(world, "GET",
                                 arena_format(t->arena, "/api/v1/operations/%.*s",
                                              STR_ARG(json_find(one, STR("id"))->text)),
                                 "", NULL);
        CHECK_STR(answer_text(&shown, "command"), json_find(one, STR("command"))->text);
        changes += json_find(shown.json, STR("changes"))->count;
    }
    CHECK(changes >= 5); /* two adds, two deploys, a sync at least */
}

TEST(settings_say_where_they_come_from)
{
    SCOPED(world_close) World *world = world_open_with(t, "jobs_at_once = 3\nwild = 1\n");
    (void)scene_make(world);
    Answer config = world_ask(world, "GET", "/api/v1/config", "", NULL);
    const JsonNode *found = NULL;
    for (const JsonNode *one = json_find(config.json, STR("settings"))->first; one; one = one->next)
        if (str_is(json_find(one, STR("name"))->text, "jobs_at_once"))
            found = one;
    CHECK(found != NULL);
    CHECK_STR(json_find(found, STR("value"))->text, STR("3"));
    CHECK_STR(json_find(found, STR("source"))->text, STR("file"));
    CHECK_STR(json_find(config.json, STR("unknown"))->first->text, STR("wild"));
}
