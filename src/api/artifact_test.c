#include <string.h>

#include "api/scene_test.h"

static const JsonNode *member(const JsonNode *node, const char *key)
{
    static const JsonNode none = {.kind = JSON_NULL};
    const JsonNode *found = json_find(node, str_of(key));
    return found ? found : &none;
}

static const JsonNode *item(const JsonNode *list, size_t index)
{
    static const JsonNode none = {.kind = JSON_NULL};
    const JsonNode *one = list->first;
    while (one && index--)
        one = one->next;
    return one ? one : &none;
}

static Str word(const JsonNode *node, const char *key)
{
    const JsonNode *found = member(node, key);
    return found->kind == JSON_STRING ? found->text : (Str){0};
}

static Answer ask(World *world, const char *target, const char *more)
{
    Test *t = world->t;
    return world_ask(world, "GET", arena_format(t->arena, "%s%s", target, more), "", NULL);
}

#define PDF "/api/v1/artifacts/skill:pdf"

TEST(artifacts_are_listed_with_the_statuses_of_now)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    Answer all = ask(world, "/api/v1/artifacts", "");
    const JsonNode *items = member(all.json, "items");
    CHECK_INT((long long)items->count, 2);
    CHECK_STR(word(item(items, 0), "id"), STR("command:go"));
    CHECK_STR(word(item(items, 0), "status"), STR("synced"));
    CHECK_STR(word(item(items, 1), "id"), STR("skill:pdf"));
    CHECK_STR(word(item(items, 1), "status"), STR("conflict"));
    CHECK_INT((long long)member(item(items, 1), "edges")->count, 3);

    Answer one = ask(world, "/api/v1/artifacts?limit=1", "");
    CHECK_INT((long long)member(one.json, "items")->count, 1);
    Answer two = ask(world, "/api/v1/artifacts?limit=1&cursor=",
                     arena_text(t->arena, word(one.json, "next_cursor")));
    CHECK_STR(word(item(member(two.json, "items"), 0), "id"), STR("skill:pdf"));
    CHECK_INT(member(two.json, "next_cursor")->kind, JSON_NULL);

    static const char *const filters[][2] = {
        {"type=command", "command:go"}, {"status=conflict", "skill:pdf"}, {"q=pd", "skill:pdf"}};
    for (size_t i = 0; i < COUNT_OF(filters); i++) {
        Answer some = ask(world, "/api/v1/artifacts?", filters[i][0]);
        CHECK_INT((long long)member(some.json, "items")->count, 1);
        CHECK_STR(word(item(member(some.json, "items"), 0), "id"), str_of(filters[i][1]));
    }
    CHECK_INT((long long)member(ask(world, "/api/v1/artifacts?tag=", "x").json, "items")->count, 0);
}

TEST(an_edit_shows_at_once_and_a_tag_of_the_reply_tells)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    Answer first = ask(world, PDF "", "");
    const char *tag =
        arena_format(t->arena, "if-none-match: %.*s", STR_ARG(answer_header(&first, "etag")));
    CHECK_INT(world_ask(world, "GET", PDF, tag, NULL).status, 304);
    (void)test_shell(t, "echo more >> beta/.claude/skills/pdf/NEW.md");
    Answer second = world_ask(world, "GET", PDF, tag, NULL);
    CHECK_INT(second.status, 200);
    CHECK(str_search(second.body, STR("NEW.md")) != STR_NONE);
}

TEST(versions_tell_what_each_tier_holds)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    Answer all = ask(world, PDF "/versions", "");
    const JsonNode *upstream = member(all.json, "upstream");
    const JsonNode *collection = member(all.json, "collection");
    CHECK_STR(word(upstream, "hash"), word(collection, "hash"));
    CHECK_STR(word(upstream, "source"), STR("upstream"));
    CHECK(word(upstream, "timestamp").len && word(upstream, "sha").len == 40);
    CHECK_STR(word(collection, "status"), STR("synced"));
    CHECK_INT((long long)member(all.json, "projects")->count, 2);
    CHECK_STR(word(all.json, "status"), STR("conflict"));

    Answer beta = ask(world, PDF "/versions?project=", scene_project(world, "beta"));
    const JsonNode *project = item(member(beta.json, "projects"), 0);
    CHECK_INT((long long)member(beta.json, "projects")->count, 1);
    CHECK_STR(word(project, "status"), STR("modified"));
    CHECK(!member(project, "recorded")->truth && !word(project, "timestamp").len);
    CHECK(member(beta.json, "lineage")->count >= 2);
}

TEST(history_comes_page_by_page_without_a_gap)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    Answer all = ask(world, PDF "/version-history", "");
    size_t total = member(all.json, "items")->count, seen = 0;
    CHECK(total >= 4);
    const char *cursor = "";
    for (;;) {
        Answer page = ask(world, PDF "/version-history?limit=1", cursor);
        const JsonNode *version = item(member(page.json, "items"), 0);
        CHECK_STR(word(version, "hash"), word(item(member(all.json, "items"), seen), "hash"));
        seen++;
        if (member(page.json, "next_cursor")->kind == JSON_NULL)
            break;
        cursor = arena_format(t->arena, "&cursor=%.*s", STR_ARG(word(page.json, "next_cursor")));
    }
    CHECK_INT((long long)seen, (long long)total);
}

TEST(drift_is_what_the_command_line_tells)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    Answer all = ask(world, "/api/v1/drift", "");
    CHECK_STR(member(member(all.json, "summary"), "conflict")->text, STR("1"));
    CHECK_STR(member(member(all.json, "summary"), "modified")->text, STR("1"));
    Answer one = ask(world, PDF "/drift?project=", scene_project(world, "beta"));
    bool found = false;
    for (const JsonNode *edge = member(one.json, "items")->first; edge; edge = edge->next)
        if (str_is(word(edge, "edge"), "collection_to_project"))
            found = str_is(word(item(member(edge, "files"), 0), "path"), "SKILL.md");
    CHECK(found);
}

/* ── diff ── */

TEST(a_diff_has_hunks_that_say_what_changed_inside_lines)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    Answer diff =
        ask(world, PDF "/diff?lhs=collection&rhs=project&project=", scene_project(world, "beta"));
    CHECK_STR(member(member(diff.json, "summary"), "files")->text, STR("1"));
    const JsonNode *file = item(member(diff.json, "files"), 0);
    CHECK_STR(word(file, "path"), STR("SKILL.md"));
    const JsonNode *hunk = item(member(file, "hunks"), 0);
    const JsonNode *last = item(member(hunk, "lines"), member(hunk, "lines")->count - 1);
    CHECK_STR(word(last, "kind"), STR("added"));
    CHECK_STR(word(last, "text"), STR("fifth"));
    CHECK_STR(word(last, "end"), STR("lf"));

    Answer patch = ask(world, "", arena_text(t->arena, word(diff.json, "patch_url")));
    CHECK(str_search(patch.body, STR("-five\n+fifth\n")) != STR_NONE);
    Answer same =
        world_ask(world, "GET",
                  arena_format(t->arena, PDF "/diff?lhs=collection&rhs=project&project=%s",
                               scene_project(world, "beta")),
                  "accept: text/x-diff", NULL);
    CHECK_STR(same.body, patch.body);
    Answer bytes = ask(world, "", arena_text(t->arena, word(file, "new_url")));
    CHECK_STR(bytes.body, STR("one\ntheirs\nthree\nfour\nfifth\n"));
    CHECK_STR(answer_header(&bytes, "content-disposition"), STR("attachment"));
}

TEST(a_diff_of_versions_a_large_and_a_binary_one)
{
    SCOPED(world_close) World *world = world_open_with(t, "SYNC_DIFF_PREVIEW_MAX = \"20\"\n");
    (void)scene_make(world);
    Answer history = ask(world, PDF "/versions", "");
    Str now = word(member(history.json, "collection"), "hash"), old = now;
    const JsonNode *lineage = member(history.json, "lineage");
    for (const JsonNode *one = lineage->first; one; one = one->next)
        if (!str_equal(word(one, "hash"), now))
            old = word(one, "hash");
    Answer diff = ask(world, PDF "/diff?",
                      arena_format(t->arena, "lhs=%.*s&rhs=%.*s", STR_ARG(old), STR_ARG(now)));
    const JsonNode *file = item(member(diff.json, "files"), 0);
    CHECK(member(diff.json, "truncated")->truth && member(file, "truncated")->truth);
    CHECK_INT((long long)member(file, "hunks")->count, 0);
    CHECK_STR(member(member(diff.json, "summary"), "added")->text, STR("1"));

    (void)test_shell(t, "printf 'GIF9\\000' > beta/.claude/skills/pdf/logo.bin");
    Answer binary = ask(world, PDF "/diff?project=", scene_project(world, "beta"));
    bool seen = false;
    for (const JsonNode *one = member(binary.json, "files")->first; one; one = one->next)
        if (str_is(word(one, "path"), "logo.bin"))
            seen = member(one, "binary")->truth && word(one, "old_url").len;
    CHECK(seen);
}

TEST(refuses_sides_paths_and_projects_that_are_none)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    static const struct {
        const char *target;
        int status;
        const char *code, *says;
    } cases[] = {
        {"/api/v1/artifacts/skill%3Anone", 404, "NOT_FOUND", "skill:none"},
        {PDF "/diff?lhs=moon", 404, "NOT_FOUND", "moon"},
        {PDF "/diff?rhs=project", 400, "USAGE", "project"},
        {PDF "/diff?project=../x", 400, "INVALID", "absolute"},
        {PDF "/diff?project=%2Ftmp%2F..%2Fetc", 400, "PATH_ESCAPES", "'..'"},
        {PDF "/file?path=..%2F..%2Fsecret", 404, "NOT_FOUND", "no file"},
        {PDF "/file?path=%2Fetc%2Fpasswd", 404, "NOT_FOUND", "no file"},
        {PDF "/drift?project=%2Fnowhere", 404, "NOT_FOUND", "nowhere"},
        {PDF "/versions?x=1", 400, "INVALID", "x"},
        {"/api/v1/artifacts?status=wild", 400, "INVALID", "status"},
        {"/api/v1/conflicts/none", 404, "NOT_FOUND", "waiting"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Answer answer = ask(world, "", cases[i].target);
        print_message("%s\n", cases[i].target);
        check_failure(&answer, cases[i].status, cases[i].code, cases[i].says);
    }
}

/* ── conflicts ── */

TEST(a_conflict_is_chosen_place_by_place_and_shows_its_result)
{
    SCOPED(world_close) World *world = world_open(t);
    const char *id = scene_make(world);
    Answer all = ask(world, "/api/v1/conflicts", "");
    CHECK_STR(word(item(member(all.json, "items"), 0), "id"), str_of(id));
    Answer before = ask(world, "/api/v1/conflicts/", id);
    CHECK(!member(before.json, "finished")->truth);
    Answer chosen =
        world_ask(world, "POST", arena_format(t->arena, "/api/v1/conflicts/%s/choices", id), "",
                  "{\"choices\":[{\"file\":\"SKILL.md\",\"take\":\"text\",\"text\":"
                  "\"one\\nboth of us\\nthree\\nfour\\nfive\\n\"}]}");
    CHECK_INT(chosen.status, 200);
    CHECK(member(chosen.json, "finished")->truth);
    CHECK(str_search(word(chosen.json, "patch"), STR("+both of us")) != STR_NONE);
    CHECK_TEXT(test_shell(t, "sed -n 2p atlas/.claude/skills/pdf/SKILL.md"), "mine\n");
    Answer again = ask(world, "/api/v1/conflicts/", id);
    CHECK(str_search(again.body, STR("\"text\"")) != STR_NONE);
}

TEST(a_status_is_explained_as_the_command_line_explains_it)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    Answer why = world_ask(world, "GET", PDF "/why", "", NULL);
    CHECK_INT(why.status, 200);
    size_t waiting = 0;
    for (const JsonNode *one = json_find(why.json, STR("edges"))->first; one; one = one->next) {
        const char *says = arena_text(t->arena, json_find(one, STR("sentence"))->text);
        CHECK(says[strlen(says) - 1] == '.');
        waiting += strstr(says, "waits for you") != NULL;
    }
    CHECK_INT(waiting, 1);
    CHECK_HAS(arena_text(t->arena, answer_text(&why, "next")), "weir resolve skill:pdf --project ");
}

TEST(a_choice_that_cannot_be_is_refused_and_changes_nothing)
{
    SCOPED(world_close) World *world = world_open(t);
    const char *id = scene_make(world);
    const char *target = arena_format(t->arena, "/api/v1/conflicts/%s/choices", id);
    static const char *const bad[] = {
        "{\"choices\":[]}",
        "{\"choices\":[{\"take\":\"moon\"}]}",
        "{\"choices\":[{\"take\":\"upstream\"}]}",
        "{\"choices\":[{\"file\":\"none.md\",\"take\":\"base\"}]}",
        "{\"choices\":[{\"file\":\"SKILL.md\",\"take\":\"text\",\"text\":\"<<<<<<< "
        "a\\nx\\n=======\\n"
        "y\\n>>>>>>> b\\n\"}]}",
        "{\"choices\":[{\"take\":\"base\",\"more\":1}]}",
    };
    Answer before = ask(world, "/api/v1/conflicts/", id);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        print_message("%s\n", bad[i]);
        CHECK(world_ask(world, "POST", target, "", bad[i]).status >= 400);
    }
    CHECK_STR(ask(world, "/api/v1/conflicts/", id).body, before.body);
}
