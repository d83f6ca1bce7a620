#include <string.h>

#include "api/scene_test.h"
#include "base/fs.h"
#include "sync/job_bodies.h"

#define PDF "/api/v1/artifacts/skill:pdf"

static Job job_made(World *world, const char *target, const char *body)
{
    Test *t = world->t;
    Job job;
    Answer made = world_ask(world, "POST", target, "", body);
    print_message("%s %s\n", target, body);
    CHECK_INT(made.status, 202);
    CHECK_OK(job_get(world->jobs, t->arena, answer_text(&made, "id"), &job, &t->err));
    return job;
}

/* `text` with the first WORD replaced. */
static const char *with(World *world, const char *text, const char *mark, const char *value)
{
    const char *at = strstr(text, mark);
    ASSERT(at);
    return arena_format(world->t->arena, "%.*s%s%s", (int)(at - text), text, value,
                        at + strlen(mark));
}

/* ── what is asked is what the job does ── */

typedef struct {
    const char *target, *body;
    JobKind kind;
    const char *request; /* what its canonical text holds */
    bool dry_run;
} Asked;

static const Asked asked[] = {
    {PDF "/sync", "{\"direction\":\"both\",\"strategy\":\"auto\"}", JOB_KIND_SYNC,
     "\"direction\":\"both\",\"artifacts\":[\"skill:pdf\"]", true},
    {"/api/v1/artifacts/pdf/sync", "{\"direction\":\"upstream_to_collection\",\"dry_run\":false}",
     JOB_KIND_SYNC, "\"artifacts\":[\"skill:pdf\"]", false},
    {PDF "/deploy", "{\"project_path\":\"/x\",\"to\":\"a/b\"}", JOB_KIND_DEPLOY,
     "\"project_path\":\"/x\"", true},
    {PDF "/deploy", "{\"project_path\":\"/x\",\"dry_run\":false}", JOB_KIND_DEPLOY, "\"/x\"",
     false},
    {PDF "/rollback", "{\"to\":\"5e71b8cb\"}", JOB_KIND_ROLLBACK, "\"to\":\"5e71b8cb\"", true},
    {PDF "/resolve-conflicts", "{\"strategy\":\"ours\"}", JOB_KIND_RESOLVE, "\"ours\"", true},
    {"/api/v1/sync/resolve",
     "{\"artifact_id\":\"skill:pdf\",\"choices\":[{\"path\":\"a\",\"take\":\"text\","
     "\"text\":\"b\"}],\"dry_run\":false}",
     JOB_KIND_RESOLVE, "\"take\":\"text\"", false},
    {"/api/v1/artifacts/batch-sync",
     "{\"direction\":\"upstream_to_collection\",\"artifacts\":[\"skill:pdf\",\"command:go\"]}",
     JOB_KIND_SYNC, "[\"skill:pdf\",\"command:go\"]", true},
    {"/api/v1/artifacts/update-all", "{}", JOB_KIND_UPDATE, "\"collection\":\"default\"", true},
    {"/api/v1/artifacts/update-all", "{\"dry_run\":false}", JOB_KIND_UPDATE, "default", false},
    {"/api/v1/drift/check", "{}", JOB_KIND_DRIFT, "default", false},
    {"/api/v1/upstreams/check", "", JOB_KIND_UPSTREAM_CHECK, "default", false},
    {"/api/v1/undo", "", JOB_KIND_UNDO, "default", true},
    {"/api/v1/sync/patch", "{\"artifacts\":[\"skill:pdf\"],\"format\":\"zip\"}", JOB_KIND_PATCH,
     "\"format\":\"zip\"", false},
};

TEST(each_way_to_ask_makes_its_kind_of_job_and_only_plans_unless_told)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        Job job = job_made(world, asked[i].target, asked[i].body);
        CHECK_INT(job.kind, asked[i].kind);
        CHECK_INT(job.dry_run, asked[i].dry_run);
        CHECK_HAS(arena_text(t->arena, job.request), asked[i].request);
    }
}

TEST(a_key_makes_one_job_on_each_path)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        const char *key = arena_format(t->arena, "idempotency-key: key-%zu", i);
        Answer first = world_ask(world, "POST", asked[i].target, key, asked[i].body);
        Answer again = world_ask(world, "POST", asked[i].target, key, asked[i].body);
        CHECK_INT(first.status, 202);
        CHECK_INT(again.status, 200);
        CHECK_STR(answer_text(&again, "id"), answer_text(&first, "id"));
    }
}

typedef struct {
    const char *target, *body;
    int status;
    const char *code, *says;
} Refused;

static const Refused refused[] = {
    {"/api/v1/artifacts/none/sync", "{\"direction\":\"both\"}", 404, "NOT_FOUND", "'none'"},
    {"/api/v1/artifacts/skill:none/rollback", "{\"to\":\"5e71b8cb\"}", 404, "NOT_FOUND", "none"},
    {PDF "/sync", "{\"direction\":\"both\",\"artifacts\":[\"command:go\"]}", 400, "INVALID",
     "artifacts"},
    {PDF "/sync", "{}", 400, "INVALID", "direction"},
    {PDF "/rollback", "{}", 400, "INVALID", "to"},
    {PDF "/rollback", "{\"to\":\"5e\"}", 400, "INVALID", "to"},
    {PDF "/deploy", "{}", 400, "INVALID", "project_path"},
    {PDF "/deploy", "{\"project_path\":\"/x/../y\"}", 400, "PATH_ESCAPES", "project_path"},
    {PDF "/deploy", "{\"project_path\":\"/x\",\"to\":\"../y\"}", 400, "NAME_REFUSED", "to"},
    {PDF "/resolve-conflicts", "{\"choices\":[{\"path\":\"a\"}]}", 400, "INVALID", "take"},
    {"/api/v1/artifacts/batch-sync", "{\"direction\":\"both\"}", 400, "INVALID", "artifacts"},
    {"/api/v1/artifacts/update-all", "{\"strategy\":\"ours\"}", 400, "INVALID", "resolve"},
    {"/api/v1/sync/resolve", "{}", 400, "INVALID", "whose merge"},
    {"/api/v1/sync/resolve", "{\"job_id\":\"x\",\"artifact_id\":\"skill:pdf\"}", 400, "INVALID",
     "whose merge"},
    {"/api/v1/sync/resolve", "{\"job_id\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\"}", 404, "NOT_FOUND", ""},
    {"/api/v1/sync/resolve", "{\"artifact_id\":\"skill:..\"}", 400, "NAME_REFUSED", "artifacts"},
    {"/api/v1/sync/patch", "{}", 400, "INVALID", "one artifact"},
    {"/api/v1/sync/patch", "{\"artifacts\":[\"skill:pdf\"],\"format\":\"rar\"}", 400, "INVALID",
     "rar"},
    {"/api/v1/sync/patch", "{\"artifacts\":[\"skill:pdf\"],\"link\":\"javascript:x\"}", 400,
     "INVALID", "link"},
    {"/api/v1/sync/patch", "{\"artifacts\":[\"skill:pdf\"],\"link\":\"https://a/\\nb\"}", 400,
     "INVALID", "link"},
    {"/api/v1/undo", "{\"steps\":2}", 400, "INVALID", "steps"},
};

TEST(what_cannot_be_done_is_refused_before_there_is_a_job)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        print_message("%s %s\n", refused[i].target, refused[i].body);
        Answer answer = world_ask(world, "POST", refused[i].target, "", refused[i].body);
        check_failure(&answer, refused[i].status, refused[i].code, refused[i].says);
    }
    Jobs jobs = {0};
    bool more;
    JobFilter all = {.state = -1, .kind = -1, .limit = 10};
    CHECK_OK(job_list(world->jobs, t->arena, &all, &jobs, &more, &t->err));
    CHECK_INT(jobs.count, 0);
}

/* ── resolve by job ── */

TEST(the_conflicts_of_a_job_are_resolved_by_its_id)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    Answer ended = scene_do(world, PDF "/sync",
                            with(world,
                                 "{\"direction\":\"collection_to_project\",\"dry_run\":false,"
                                 "\"project_path\":\"PROJECT\"}",
                                 "PROJECT", scene_project(world, "atlas")));
    CHECK_STR(answer_text(&ended, "state"), STR("conflict"));
    const char *id = arena_text(t->arena, answer_text(&ended, "id"));
    Answer done =
        scene_do(world, "/api/v1/sync/resolve",
                 arena_format(t->arena,
                              "{\"job_id\":\"%s\",\"strategy\":\"theirs\",\"dry_run\":false}", id));
    CHECK_STR(answer_text(&done, "state"), STR("success"));
    CHECK_TEXT(test_shell(t, "sed -n 2p atlas/.claude/skills/pdf/SKILL.md"), "theirs\n");
    Answer left = world_ask(world, "GET", "/api/v1/conflicts", "", NULL);
    CHECK_INT(json_find(left.json, STR("items"))->count, 0);
    Answer again = world_ask(
        world, "POST", "/api/v1/sync/resolve", "",
        arena_format(t->arena, "{\"job_id\":\"%.*s\"}", STR_ARG(answer_text(&done, "id"))));
    check_failure(&again, 400, "INVALID", "no conflict");
}

/* ── patches ── */

static Answer make_patch(World *world, const char *form)
{
    const char *body =
        with(world,
             "{\"artifacts\":[\"skill:pdf\"],\"project_path\":\"PROJECT\",\"format\":\"FORM\","
             "\"message\":\"the fifth\",\"link\":\"https://example.org/pull/7\"}",
             "PROJECT", scene_project(world, "beta"));
    return scene_do(world, "/api/v1/sync/patch", with(world, body, "FORM", form));
}

TEST(git_takes_what_was_downloaded)
{
    static const char *const forms[] = {"patch", "tar.gz", "zip"};
    static const char *const unpacks[] = {"mkdir out && cp got out/x.patch",
                                          "mkdir out && tar xzf got -C out",
                                          "mkdir out && cd out && unzip -q ../got"};
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    (void)test_shell(t, "git clone -q up.git am && cp -r am apply");
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        Answer made = make_patch(world, forms[i]);
        CHECK_STR(answer_text(&made, "state"), STR("success"));
        CHECK_STR(answer_text(&made, "result.link"), STR("https://example.org/pull/7"));
        CHECK(answer_text(&made, "result.expires_at").len > 0);
        const char *url = arena_text(t->arena, answer_text(&made, "result.download_url"));
        Answer got = world_ask(world, "GET", url, "", NULL);
        CHECK_INT(got.status, 200);
        Hash hash = hash_of(got.body);
        CHECK_STR(answer_text(&made, "result.sha256"), str_of(hash_hex(&hash).text));
        CHECK_STR(answer_text(&made, "result.size_bytes"),
                  str_of(arena_format(t->arena, "%zu", got.body.len)));
        CHECK_HAS(arena_text(t->arena, answer_header(&got, "content-disposition")), forms[i]);
        test_write_bytes(t, "got", got.body, 0644);
        (void)test_shell(t, "rm -rf out");
        (void)test_shell(t, "%s", unpacks[i]);
        CHECK_TEXT(test_shell(t, "cd apply && git apply ../out/*.patch && "
                                 "sed -n 5p skills/pdf/SKILL.md && git checkout -q ."),
                   "fifth\n");
        CHECK_TEXT(test_shell(t, "cd am && git config user.name A && git config user.email a@b && "
                                 "git am -q ../out/*.patch && sed -n 5p skills/pdf/SKILL.md && "
                                 "git reset -q --hard HEAD~1"),
                   "fifth\n");
    }
}

TEST(a_patch_is_gone_when_its_time_is_over_and_never_replaced_by_another_file)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    Answer made = make_patch(world, "zip");
    const char *id = arena_text(t->arena, answer_text(&made, "id"));
    const char *url = arena_format(t->arena, "/api/v1/patches/%s/download", id);
    const char *file = arena_format(t->arena, "home/exports/%s.zip", id);
    (void)test_shell(t, "touch -d '-59 minutes' %s", file);
    CHECK_INT(world_ask(world, "GET", url, "", NULL).status, 200);
    (void)test_shell(t, "touch -d '-61 minutes' %s", file);
    Answer over = world_ask(world, "GET", url, "", NULL);
    check_failure(&over, 410, "PATCH_GONE", "is over");
    (void)test_shell(t, "echo other >%s", file);
    Answer other = world_ask(world, "GET", url, "", NULL);
    check_failure(&other, 500, "CORRUPT", "not the one");
    (void)test_shell(t, "rm %s", file);
    Answer gone = world_ask(world, "GET", url, "", NULL);
    check_failure(&gone, 410, "PATCH_GONE", "is over");
}

TEST(only_a_patch_that_was_made_can_be_downloaded)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    Answer same = scene_do(world, "/api/v1/sync/patch", "{\"artifacts\":[\"skill:pdf\"]}");
    Answer drift = scene_do(world, "/api/v1/drift/check", "{}");
    Job waits = job_made(world, "/api/v1/sync/patch", "{\"artifacts\":[\"skill:pdf\"]}");
    const struct {
        Str id;
        const char *says;
    } cases[] = {{answer_text(&same, "id"), "nothing differed"},
                 {answer_text(&drift, "id"), "makes no patch"},
                 {waits.id, "'queued'"},
                 {STR("01ARZ3NDEKTSV4RRFFQ69G5FAV"), ""},
                 {STR("..%2e"), ""}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Answer none =
            world_ask(world, "GET",
                      arena_format(t->arena, "/api/v1/patches/%.*s/download", STR_ARG(cases[i].id)),
                      "", NULL);
        check_failure(&none, 404, "NOT_FOUND", cases[i].says);
    }
}

TEST(patches_have_a_rate_of_their_own)
{
    SCOPED(world_close) World *world = world_open_with(t, "api_patches_per_minute = 2\n");
    int last = 0;
    for (int i = 0; i < 4 && last != 429; i++)
        last = world_ask(world, "POST", "/api/v1/sync/patch", "", "{\"artifacts\":[\"skill:pdf\"]}")
                   .status;
    CHECK_INT(last, 429);
    CHECK_INT(world_ask(world, "POST", "/api/v1/undo", "", "{}").status, 202);
}

TEST(what_makes_a_patch_has_that_rate_whatever_its_path)
{
    static const char *const paths[] = {"/api/v1/sync/jobs", "/api/v1/artifacts/batch-sync",
                                        "/api/v1/artifacts/pdf/sync"};
    static const char *const bodies[] = {
        "{\"direction\":\"DIRECTION\",\"artifacts\":[\"skill:pdf\"]}",
        "{\"direction\":\"DIRECTION\",\"artifacts\":[\"skill:pdf\"]}",
        "{\"direction\":\"DIRECTION\"}"};
    SCOPED(world_close) World *world = world_open_with(t, "api_patches_per_minute = 1\n");
    (void)scene_make(world);
    for (int i = 0, status = 0; i < 4 && status != 429; i++)
        status = world_ask(world, "POST", paths[0], "",
                           with(world, bodies[0], "DIRECTION", "project_to_upstream"))
                     .status;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        const char *patch = with(world, bodies[i], "DIRECTION", "project_to_upstream");
        Answer limited = world_ask(world, "POST", paths[i], "", patch);
        check_failure(&limited, 429, "RATE_LIMITED", "too many");
        CHECK(answer_header(&limited, "retry-after").len > 0);
        const char *sync = with(world, bodies[i], "DIRECTION", "upstream_to_collection");
        CHECK_INT(world_ask(world, "POST", paths[i], "", sync).status, 202);
    }
}

/* ── again ── */

TEST(a_request_that_comes_again_is_answered_though_its_artifact_is_gone)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    const char *path = "/api/v1/artifacts/go/pin", *body = "{\"pin\":\"v1.0.0\"}";
    Answer first = world_ask(world, "POST", path, "idempotency-key: k1", body);
    CHECK_INT(first.status, 202);
    Answer gone = scene_do(world, "/api/v1/artifacts/go/remove", "{\"dry_run\":false}");
    CHECK_STR(answer_text(&gone, "state"), STR("success"));
    Answer again = world_ask(world, "POST", path, "idempotency-key: k1", body);
    CHECK_INT(again.status, 200);
    CHECK_STR(answer_text(&again, "id"), answer_text(&first, "id"));
    Answer other = world_ask(world, "POST", path, "idempotency-key: k1", "{\"pin\":\"latest\"}");
    check_failure(&other, 409, "KEY_REUSED", "");
    Answer fresh = world_ask(world, "POST", path, "idempotency-key: k2", body);
    check_failure(&fresh, 404, "NOT_FOUND", "go");
}

/* ── who asks ── */

TEST(over_the_socket_it_is_a_user_who_asks_and_else_the_api)
{
    SCOPED(world_close) World *world = world_open(t);
    (void)scene_make(world);
    const char *locks = "/api/v1/artifacts/batch-lock";
    Job job = job_made(world, locks, "{\"artifacts\":[\"skill:pdf\"]}");
    CHECK_STR(job.actor, STR("api"));
    world->on_socket = true;
    job = job_made(world, locks, "{\"artifacts\":[\"skill:pdf\"]}");
    CHECK_STR(job.actor, STR("ada@here"));
}
