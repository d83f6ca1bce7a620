#include <string.h>

#include "api/scene_test.h"
#include "base/clock.h"
#include "jobs/runner.h"

/* ── jobs ── */

TEST(a_job_is_stored_before_it_is_answered_and_says_what_was_asked)
{
    SCOPED(world_close) World *world = world_open(t);
    Answer made = world_ask(
        world, "POST", JOBS, "traceparent: 00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
        "{\"direction\":\"project_to_collection\",\"artifact_ids\":[\"skill:pdf\",\"hook:x\"],"
        "\"project_path\":\"/home/anna/shop\",\"strategy\":\"prompt\",\"dry_run\":false}");
    Str id = answer_text(&made, "id");
    CHECK_INT(made.status, 202);
    CHECK_STR(answer_text(&made, "job_id"), id);
    CHECK_STR(answer_text(&made, "trace_id"), STR("0123456789abcdef0123456789abcdef"));
    CHECK_STR(answer_header(&made, "location"),
              str_of(arena_format(t->arena, JOBS "/%.*s", STR_ARG(id))));
    Job job;
    CHECK_OK(job_get(world->jobs, t->arena, id, &job, &t->err));
    CHECK_INT(job.kind, JOB_KIND_SYNC);
    CHECK(!job.dry_run);
    CHECK_STR(job.collection, STR("default"));
    CHECK_STR(job.strategy, STR("prompt"));
    CHECK_INT(job.artifacts.count, 2);
    CHECK_STR(
        job.request,
        STR("{\"direction\":\"project_to_collection\",\"artifacts\":[\"skill:pdf\",\"hook:x\"],"
            "\"project_path\":\"/home/anna/shop\",\"collection\":\"default\","
            "\"strategy\":\"prompt\",\"dry_run\":false,"
            "\"accept_risk\":false,\"two_way\":false}"));
    Answer shown =
        world_ask(world, "GET", arena_format(t->arena, JOBS "/%.*s", STR_ARG(id)), "", NULL);
    CHECK_INT(shown.status, 200);
    CHECK_STR(answer_text(&shown, "state"), STR("queued"));
    CHECK_STR(answer_text(&shown, "project_path"), STR("/home/anna/shop"));
}

TEST(without_dry_run_a_job_only_plans)
{
    SCOPED(world_close) World *world = world_open(t);
    Job job;
    CHECK_OK(job_get(world->jobs, t->arena, str_of(scene_job(world)), &job, &t->err));
    CHECK(job.dry_run);
}

TEST(the_same_key_gives_the_same_job_and_refuses_another_request)
{
    SCOPED(world_close) World *world = world_open(t);
    Answer first = world_ask(world, "POST", JOBS, "idempotency-key: k1", SYNC_PDF);
    Answer again = world_ask(world, "POST", JOBS, "Idempotency-Key: k1",
                             "{ \"artifacts\" : [\"skill:pdf\"], \"dry_run\": true,\n"
                             " \"direction\": \"upstream_to_collection\" }");
    CHECK_INT(first.status, 202);
    CHECK_INT(again.status, 200);
    CHECK_STR(answer_text(&again, "id"), answer_text(&first, "id"));
    CHECK_STR(answer_text(&again, "trace_id"), answer_text(&first, "trace_id"));
    Answer other = world_ask(world, "POST", JOBS, "idempotency-key: k1",
                             "{\"direction\":\"upstream_to_collection\"}");
    check_failure(&other, 409, "KEY_REUSED", "");
    Answer free = world_ask(world, "POST", JOBS, "idempotency-key: k2", SYNC_PDF);
    CHECK_INT(free.status, 202);
}

TEST(keys_have_limits)
{
    SCOPED(world_close) World *world = world_open(t);
    char key[300];
    memset(key, 'k', sizeof key);
    Answer fits = world_ask(world, "POST", JOBS,
                            arena_format(t->arena, "idempotency-key: %.255s", key), SYNC_PDF);
    CHECK_INT(fits.status, 202);
    Answer long_one = world_ask(world, "POST", JOBS,
                                arena_format(t->arena, "idempotency-key: %.256s", key), SYNC_PDF);
    check_failure(&long_one, 400, "INVALID", "longer than 255 bytes");
    CHECK_STR(answer_text(&long_one, "error.details.field"), STR("Idempotency-Key"));
    Answer blank = world_ask(world, "POST", JOBS, "idempotency-key: a b", SYNC_PDF);
    check_failure(&blank, 400, "INVALID", "visible ASCII");
    Answer bytes = world_ask(world, "POST", JOBS, "idempotency-key: \xC3\xA9", SYNC_PDF);
    check_failure(&bytes, 400, "INVALID", "visible ASCII");
}

TEST(a_queued_job_is_canceled_and_again_is_the_same)
{
    SCOPED(world_close) World *world = world_open(t);
    const char *cancel = arena_format(t->arena, JOBS "/%s/cancel", scene_job(world));
    Answer first = world_ask(world, "POST", cancel, "", "{}");
    CHECK_INT(first.status, 200);
    CHECK_STR(answer_text(&first, "state"), STR("canceled"));
    Answer second = world_ask(world, "POST", cancel, "", NULL);
    CHECK_INT(second.status, 200);
    Answer body = world_ask(world, "POST", cancel, "", "{\"why\":1}");
    check_failure(&body, 400, "INVALID", "takes no body");
    Answer none = world_ask(world, "POST", JOBS "/01ARZ3NDEKTSV4RRFFQ69G5FAV/cancel", "", NULL);
    check_failure(&none, 404, "NOT_FOUND", "");
}

/* What a job is asked decides how it ends. */
static void end_job(void *context, Arena *arena, const Job *job, JobTicket *ticket, JobOutcome *out)
{
    (void)context;
    (void)arena;
    (void)ticket;
    *out = (JobOutcome){.state = JOB_SUCCESS,
                        .result = STR("{\"result\":\"merged\"}"),
                        .log_excerpt = STR("one \x1b[31mline\n")};
    if (str_is(job->strategy, "auto")) {
        out->state = JOB_CONFLICT;
        out->conflicts = STR("[{\"path\":\"SKILL.md\"}]");
    }
    if (str_is(job->strategy, "prompt"))
        *out = (JobOutcome){.state = JOB_ERROR,
                            .error_code = STR("NETWORK_ERROR"),
                            .error_message = STR("no answer"),
                            .error_hint = STR("Try again.")};
}

static Answer await_end(World *world, const char *target)
{
    for (int i = 0; i < 1000; i++) {
        Answer shown = world_ask(world, "GET", target, "", NULL);
        Str state = answer_text(&shown, "state");
        if (!str_is(state, "queued") && !str_is(state, "running"))
            return shown;
        clock_sleep_ms(5);
    }
    Answer none = {0};
    CHECK(none.status);
    return none;
}

TEST(an_ended_job_says_what_came_of_it_and_cannot_be_canceled)
{
    static const char *const strategies[] = {"overwrite", "auto", "prompt"};
    static const char *const states[] = {"success", "conflict", "error"};
    SCOPED(world_close) World *world = world_open(t);
    RunnerOptions options = {.queue = world->jobs, .run = end_job};
    SCOPED(runner_close) Runner *runner = NULL;
    CHECK_OK(runner_open(&options, &runner, &t->err));
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        Answer made = world_ask(world, "POST", JOBS, "",
                                arena_format(t->arena,
                                             "{\"direction\":\"upstream_to_collection\","
                                             "\"strategy\":\"%s\"}",
                                             strategies[i]));
        const char *target =
            arena_format(t->arena, JOBS "/%.*s", STR_ARG(answer_text(&made, "id")));
        runner_wake(runner);
        Answer ended = await_end(world, target);
        CHECK_STR(answer_text(&ended, "state"), str_of(states[i]));
        CHECK(answer_text(&ended, "ended_at").len > 0);
        Answer late =
            world_ask(world, "POST", arena_format(t->arena, "%s/cancel", target), "", NULL);
        check_failure(&late, 409, "JOB_FINAL", states[i]);
        if (i == 2)
            CHECK_STR(answer_text(&ended, "error.code"), STR("NETWORK_ERROR"));
        else
            CHECK_STR(answer_text(&ended, "result.result"), STR("merged"));
    }
}

TEST(pages_hold_every_job_once_newest_first)
{
    SCOPED(world_close) World *world = world_open(t);
    const char *made[7];
    for (size_t i = 0; i < COUNT_OF(made); i++)
        made[i] = scene_job(world);
    size_t seen = 0;
    const char *target = JOBS "?limit=3";
    while (target) {
        Answer page = world_ask(world, "GET", target, "", NULL);
        CHECK_INT(page.status, 200);
        const JsonNode *items = json_find(page.json, STR("items"));
        for (const JsonNode *item = items->first; item; item = item->next) {
            CHECK(seen < COUNT_OF(made));
            CHECK_STR(json_find(item, STR("id"))->text, str_of(made[COUNT_OF(made) - 1 - seen]));
            seen++;
        }
        const JsonNode *next = json_find(page.json, STR("next_cursor"));
        target = next->kind == JSON_NULL
                     ? NULL
                     : arena_format(t->arena, JOBS "?limit=3&cursor=%.*s", STR_ARG(next->text));
    }
    CHECK_INT(seen, COUNT_OF(made));
}

TEST(a_cursor_of_another_list_or_a_made_up_one_is_refused)
{
    static const char *const cursors[] = {"x", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "0000000041", "zz"};
    SCOPED(world_close) World *world = world_open(t);
    for (size_t i = 0; i < COUNT_OF(cursors); i++) {
        Answer bad = world_ask(world, "GET", arena_format(t->arena, JOBS "?cursor=%s", cursors[i]),
                               "", NULL);
        check_failure(&bad, 400, "INVALID", "none of this list");
    }
}

TEST(what_has_not_changed_is_304)
{
    SCOPED(world_close) World *world = world_open(t);
    const char *target = arena_format(t->arena, JOBS "/%s", scene_job(world));
    Answer first = world_ask(world, "GET", target, "", NULL);
    Str tag = answer_header(&first, "etag");
    CHECK_INT(tag.len, 34);
    const char *conditions[] = {
        arena_format(t->arena, "if-none-match: %.*s", STR_ARG(tag)),
        arena_format(t->arena, "if-none-match: \"x\", W/%.*s", STR_ARG(tag)), "if-none-match: *"};
    for (size_t i = 0; i < COUNT_OF(conditions); i++) {
        Answer same = world_ask(world, "GET", target, conditions[i], NULL);
        CHECK_INT(same.status, 304);
        CHECK_INT(same.body.len, 0);
        CHECK_STR(answer_header(&same, "etag"), tag);
    }
    Answer other = world_ask(world, "GET", target, "if-none-match: \"x\"", NULL);
    CHECK_INT(other.status, 200);
    (void)world_ask(world, "POST", arena_format(t->arena, "%s/cancel", target), "", NULL);
    Answer changed = world_ask(world, "GET", target,
                               arena_format(t->arena, "if-none-match: %.*s", STR_ARG(tag)), NULL);
    CHECK_INT(changed.status, 200);
    CHECK(!str_equal(answer_header(&changed, "etag"), tag));
}

/* ── bad input ── */

typedef struct {
    const char *method, *target, *headers, *body;
    int status;
    const char *code, *says, *field;
} Bad;

static const Bad bad_inputs[] = {
    {"GET", "/nothing", "", NULL, 404, "NOT_FOUND", "nothing at '/nothing'", NULL},
    {"GET", "/api/v1/sync/jobs/", "", NULL, 404, "NOT_FOUND", "nothing at", NULL},
    {"GET", "/API/v1/sync/jobs", "", NULL, 404, "NOT_FOUND", "nothing at", NULL},
    {"GET", "//api/v1/sync/jobs", "", NULL, 404, "NOT_FOUND", "nothing at", NULL},
    {"GET", "/api/v1/%73ync/jobs", "", NULL, 404, "NOT_FOUND", "nothing at", NULL},
    {"GET", "/api/v1/sync/../sync/jobs", "", NULL, 404, "NOT_FOUND", "nothing at", NULL},
    {"DELETE", JOBS, "", NULL, 405, "METHOD_NOT_ALLOWED", "'DELETE' is not a method", NULL},
    {"POST", "/healthz", "", NULL, 405, "METHOD_NOT_ALLOWED", "", NULL},
    {"PATCH", "/openapi.json", "", NULL, 405, "METHOD_NOT_ALLOWED", "", NULL},
    {"GET", JOBS "/%zz", "", NULL, 400, "INVALID", "not well encoded", NULL},
    {"GET", JOBS "/%4", "", NULL, 400, "INVALID", "not well encoded", NULL},
    {"GET", JOBS "/%00", "", NULL, 400, "INVALID", "not well encoded", NULL},
    {"GET", JOBS "/a%2Fb", "", NULL, 400, "INVALID", "not well encoded", NULL},
    {"GET", JOBS "/%ff", "", NULL, 400, "INVALID", "not well encoded", NULL},
    {"GET", JOBS "/01ARZ3NDEKTSV4RRFFQ69G5FAV", "", NULL, 404, "NOT_FOUND", "", NULL},
    {"GET", JOBS "/..%2e", "", NULL, 404, "NOT_FOUND", "", NULL},
    {"GET", JOBS "?state=asleep", "", NULL, 400, "INVALID", "'queued', 'running'", "state"},
    {"GET", JOBS "?limit=0", "", NULL, 400, "INVALID", "from 1 to 200", "limit"},
    {"GET", JOBS "?limit=201", "", NULL, 400, "INVALID", "from 1 to 200", "limit"},
    {"GET", JOBS "?limit=1e2", "", NULL, 400, "INVALID", "a whole number", "limit"},
    {"GET", JOBS "?limit=99999999999999999999", "", NULL, 400, "INVALID", "whole number", "limit"},
    {"GET", JOBS "?limit=", "", NULL, 400, "INVALID", "a whole number", "limit"},
    {"GET", JOBS "?limit", "", NULL, 400, "INVALID", "a whole number", "limit"},
    {"GET", "/api/v1/events?kinds=job.*&kinds=job.succes", "", NULL, 400, "INVALID",
     "no event 'job.succes'", "kinds"},
    {"GET", JOBS "?limit=1&limit=1", "", NULL, 400, "INVALID", "is there twice", "limit"},
    {"GET", JOBS "?colour=red", "", NULL, 400, "INVALID", "'colour' is not known", "colour"},
    {"GET", JOBS "/x?id=y", "", NULL, 400, "INVALID", "stands in the path", "id"},
    {"GET", JOBS "?state=%", "", NULL, 400, "INVALID", "not well encoded", NULL},
    {"GET", JOBS "?%73tate=queued%00", "", NULL, 400, "INVALID", "not well encoded", NULL},
    {"GET", "/healthz?x=1", "", NULL, 400, "INVALID", "'x' is not known", "x"},
    {"GET", JOBS, "", "{}", 400, "INVALID", "takes no body", NULL},
    {"POST", JOBS, "", "", 400, "INVALID", "a JSON body is expected", NULL},
    {"POST", JOBS, "content-type: text/plain", SYNC_PDF, 415, "UNSUPPORTED_MEDIA_TYPE",
     "'text/plain'", NULL},
    {"POST", JOBS, "content-type:", SYNC_PDF, 415, "UNSUPPORTED_MEDIA_TYPE", "", NULL},
    {"POST", JOBS, "content-type: application/x-www-form-urlencoded", SYNC_PDF, 415,
     "UNSUPPORTED_MEDIA_TYPE", "", NULL},
    {"POST", JOBS, "content-type: application/json; charset=latin1", SYNC_PDF, 415,
     "UNSUPPORTED_MEDIA_TYPE", "", NULL},
    {"POST", JOBS, "content-type: application/jsonp", SYNC_PDF, 415, "UNSUPPORTED_MEDIA_TYPE", "",
     NULL},
    {"POST", JOBS, "content-encoding: gzip", SYNC_PDF, 415, "UNSUPPORTED_MEDIA_TYPE", "encoded",
     NULL},
    {"POST", JOBS, "", "{", 400, "INVALID", "is not JSON: line 1", NULL},
    {"POST", JOBS, "", "\xEF\xBB\xBF{}", 400, "INVALID", "is not JSON", NULL},
    {"POST", JOBS, "", SYNC_PDF SYNC_PDF, 400, "INVALID", "is not JSON", NULL},
    {"POST", JOBS, "", "[]", 400, "INVALID", "not an object", NULL},
    {"POST", JOBS, "", "null", 400, "INVALID", "not an object", NULL},
    {"POST", JOBS, "", "{}", 400, "INVALID", "is missing", "direction"},
    {"POST", JOBS, "", "{\"direction\":\"\\ud800\"}", 400, "INVALID", "is not JSON", NULL},
    {"POST", JOBS, "", "{\"direction\":\"x\",\"direction\":\"x\"}", 400, "INVALID",
     "is there twice", NULL},
    {"POST", JOBS, "", "{\"direction\":\"x\",\"d\\u0069rection\":\"x\"}", 400, "INVALID",
     "is there twice", NULL},
    {"POST", JOBS, "", "{\"direction\":\"sideways\"}", 400, "INVALID", "'sideways'", "direction"},
    {"POST", JOBS, "", "{\"direction\":\"upstream_to_collection\",\"dryrun\":true}", 400, "INVALID",
     "did you mean 'dry_run'?", "dryrun"},
    {"POST", JOBS, "", "{\"direction\":\"upstream_to_collection\",\"dry_run\":\"false\"}", 400,
     "INVALID", "true or false is expected, not a string", "dry_run"},
    {"POST", JOBS, "", "{\"direction\":\"upstream_to_collection\",\"dry_run\":0}", 400, "INVALID",
     "true or false", "dry_run"},
    {"POST", JOBS, "", "{\"direction\":\"upstream_to_collection\",\"artifacts\":\"pdf\"}", 400,
     "INVALID", "a list is expected", "artifacts"},
    {"POST", JOBS, "", "{\"direction\":\"upstream_to_collection\",\"artifacts\":[\"a/b\"]}", 400,
     "NAME_REFUSED", "", "artifacts[0]"},
    {"POST", JOBS, "", "{\"direction\":\"upstream_to_collection\",\"artifacts\":[\"skill:..\"]}",
     400, "NAME_REFUSED", "", "artifacts[0]"},
    {"POST", JOBS, "", "{\"direction\":\"project_to_collection\",\"project_path\":\"shop\"}", 400,
     "INVALID", "an absolute path", "project_path"},
    {"POST", JOBS, "",
     "{\"direction\":\"project_to_collection\",\"project_path\":\"/home/../etc\"}", 400,
     "PATH_ESCAPES", "no project's path has", "project_path"},
    {"POST", JOBS, "", "{\"direction\":\"project_to_collection\",\"project_path\":\"/a\\u0000b\"}",
     400, "INVALID", "U+0000", "project_path"},
    {"POST", JOBS, "", "{\"direction\":\"upstream_to_collection\",\"collection\":\"../x\"}", 400,
     "NAME_REFUSED", "", "collection"},
    {"GET", "/api/v1/events?kinds=job.succes", "", NULL, 400, "INVALID", "no event 'job.succes'",
     "kinds"},
    {"GET", "/api/v1/events?after=-1", "", NULL, 400, "INVALID", "must be from 0", "after"},
    {"GET", "/api/v1/events", "last-event-id: x", NULL, 400, "INVALID", "none that this server",
     "Last-Event-ID"},
    {"GET", "/api/v1/events", "last-event-id: 99999999999999999999", NULL, 400, "INVALID",
     "none that this server", "Last-Event-ID"},
};

TEST(refuses_each_bad_input_with_a_typed_error)
{
    SCOPED(world_close) World *world = world_open(t);
    for (size_t i = 0; i < COUNT_OF(bad_inputs); i++) {
        const Bad *bad = &bad_inputs[i];
        print_message("%s %s %s %s\n", bad->method, bad->target, bad->headers,
                      bad->body ? bad->body : "");
        Answer answer = world_ask(world, bad->method, bad->target, bad->headers, bad->body);
        check_failure(&answer, bad->status, bad->code, bad->says);
        if (bad->field)
            CHECK_STR(answer_text(&answer, "error.details.field"), str_of(bad->field));
    }
    Jobs jobs = {0};
    bool more;
    JobFilter all = {.state = -1, .kind = -1, .limit = 10};
    CHECK_OK(job_list(world->jobs, t->arena, &all, &jobs, &more, &t->err));
    CHECK_INT(jobs.count, 0);
}

TEST(deep_json_and_large_bodies_are_refused)
{
    SCOPED(world_close) World *world = world_open(t);
    Buf deep = buf_new(t->arena);
    buf_add_text(&deep, "{\"direction\":");
    for (int i = 0; i < 100000; i++)
        buf_add_char(&deep, '[');
    Answer nested = world_ask_bytes(world, "POST", JOBS, "", buf_str(&deep));
    check_failure(&nested, 400, "INVALID", "nested deeper than 64");
    Str large = {ARENA_ARRAY(t->arena, char, (1 << 20) + 1), (1 << 20) + 1};
    Answer refused = world_ask_bytes(world, "POST", JOBS, "", large);
    check_failure(&refused, 413, "TOO_LARGE", "");
}

TEST(a_method_that_is_not_there_names_those_that_are)
{
    SCOPED(world_close) World *world = world_open(t);
    Answer wrong = world_ask(world, "PUT", JOBS, "", NULL);
    CHECK_INT(wrong.status, 405);
    CHECK_STR(answer_header(&wrong, "allow"), STR("POST, GET, HEAD, OPTIONS"));
    Answer options = world_ask(world, "OPTIONS", JOBS, "", NULL);
    CHECK_INT(options.status, 204);
    CHECK_STR(answer_header(&options, "allow"), STR("POST, GET, HEAD, OPTIONS"));
    CHECK(!answer_header(&options, "access-control-allow-methods").len);
    Answer head = world_ask(world, "HEAD", "/healthz", "", NULL);
    CHECK_INT(head.status, 200);
}

/* ── being ready ── */

TEST(a_draining_daemon_takes_no_jobs_and_says_so)
{
    SCOPED(world_close) World *world = world_open(t);
    Answer ready = world_ask(world, "GET", "/readyz", "", NULL);
    CHECK_INT(ready.status, 200);
    CHECK_STR(answer_text(&ready, "status"), STR("ready"));
    const char *job = scene_job(world);
    api_drain(world->api);
    Answer refused = world_ask(world, "POST", JOBS, "", SYNC_PDF);
    check_failure(&refused, 503, "UNAVAILABLE", "about to stop");
    CHECK(answer_header(&refused, "retry-after").len > 0);
    Answer read = world_ask(world, "GET", arena_format(t->arena, JOBS "/%s", job), "", NULL);
    CHECK_INT(read.status, 200);
    Answer not_ready = world_ask(world, "GET", "/readyz", "", NULL);
    CHECK_INT(not_ready.status, 503);
    CHECK_STR(answer_text(&not_ready, "status"), STR("not_ready"));
}

TEST(what_still_waits_when_the_pool_stops_is_refused)
{
    SCOPED(world_close) World *world = world_open(t);
    api_stop(world->api);
    Answer refused = world_ask(world, "GET", JOBS, "", NULL);
    check_failure(&refused, 503, "UNAVAILABLE", "too much is asked");
}
