#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/world_test.h"

/* T3: a web page in the user's browser. T4: another user of the machine. T5: anybody without the token. */

typedef struct {
    const char *headers;
    int status;
} Door;

TEST(only_names_of_this_server_are_answered_on_every_path)
{
    static const Door doors[] = {
        {"host: 127.0.0.1:7330", 200},
        {"host: localhost:7330", 200},
        {"host: LOCALHOST:7330", 200},
        {"host: [::1]:7330", 200},
        {"host: weir.example:8443", 200},
        {"host: evil.example", 421},
        {"host: evil.example:7330", 421},
        {"host: 127.0.0.1", 421},
        {"host: 127.0.0.1:7331", 421},
        {"host: 127.0.0.1:7330.evil.example", 421},
        {"host: localhost.evil.example:7330", 421},
        {"host: 127.0.0.1:07330", 421},
        {"host: 0.0.0.0:7330", 421},
        {"host: 127.1:7330", 421},
        {"host: user@127.0.0.1:7330", 421},
        {"host:", 421},
        {"host: weir.example", 421},
        {"host: weir.example:8443,evil.example", 421},
    };
    static const char *const paths[] = {"/healthz", "/openapi.json"};
    SCOPED(world_close)
    World *world = world_open_with(t, "api_hosts = \"other.example, weir.example:8443\"\n");
    for (size_t i = 0; i < COUNT_OF(doors) * COUNT_OF(paths); i++) {
        const Door *door = &doors[i / COUNT_OF(paths)];
        const char *path = paths[i % COUNT_OF(paths)];
        print_message("%s %s\n", door->headers, path);
        Answer answer = world_ask(world, "GET", path, door->headers, NULL);
        CHECK_INT(answer.status, door->status);
        if (door->status == 421)
            CHECK_TEXT(answer.code, "HOST_REFUSED");
    }
    Answer unknown = world_ask(world, "GET", "/x", "host: evil.example\nauthorization:", NULL);
    CHECK_INT(unknown.status, 421);
}

TEST(pages_of_others_are_refused_before_the_token_is_looked_at)
{
    static const Door doors[] = {
        {"origin: http://127.0.0.1:7330", 200},
        {"origin: http://127.0.0.1:7330\nsec-fetch-site: same-origin", 200},
        {"sec-fetch-site: none", 200},
        {"origin: null", 403},
        {"origin: https://evil.example", 403},
        {"origin: http://localhost:7330", 403},
        {"origin: https://127.0.0.1:7330", 403},
        {"origin: http://127.0.0.1:7331", 403},
        {"origin: http://127.0.0.1:7330.evil.example", 403},
        {"origin: file://", 403},
        {"sec-fetch-site: cross-site", 403},
        {"sec-fetch-site: same-site", 403},
        {"sec-fetch-site: Same-Origin", 403},
        {"host: weir.example:8443\norigin: https://weir.example:8443", 200},
        {"host: weir.example:8443\norigin: http://weir.example:8443", 200},
    };
    SCOPED(world_close) World *world = world_open_with(t, "api_hosts = \"weir.example:8443\"\n");
    for (size_t i = 0; i < COUNT_OF(doors); i++) {
        print_message("%s\n", doors[i].headers);
        Answer with = world_ask(world, "GET", "/openapi.json", doors[i].headers, NULL);
        CHECK_INT(with.status, doors[i].status);
        Answer without =
            world_ask(world, "GET", "/openapi.json",
                      arena_format(t->arena, "%s\nauthorization:", doors[i].headers), NULL);
        CHECK_INT(without.status, doors[i].status == 200 ? 401 : doors[i].status);
    }
}

/* What differs between two replies by nature: ids. */
static const char *without_ids(Test *t, Str body)
{
    char *text = arena_text(t->arena, body);
    char *ids = strstr(text, "\"request_id\"");
    CHECK(ids != NULL);
    *ids = '\0';
    return text;
}

TEST(everybody_without_the_token_hears_the_same)
{
    static const char *const tries[] = {
        "authorization:",
        "authorization: Bearer",
        "authorization: Bearer x",
        "authorization: Bearer " WORLD_TOKEN "x",
        "authorization: Bearer canary-3f9d2b7a61c84e0",
        "authorization: Bearer canary-3f9d2b7a61c84e06",
        "authorization: Bearer Canary-3f9d2b7a61c84e05",
        "authorization: Basic " WORLD_TOKEN,
        "authorization: " WORLD_TOKEN,
        "authorization: Bearer" WORLD_TOKEN,
        "authorization: Bearer " WORLD_TOKEN " " WORLD_TOKEN,
        "authorization: Bearer x, Bearer " WORLD_TOKEN,
        "authorization:\nx-token: " WORLD_TOKEN,
        "authorization:\ncookie: weir_token=" WORLD_TOKEN,
    };
    static const char *const paths[] = {"/openapi.json",     "/nothing", "/api/v1/sync/jobs/x",
                                        "/api/v1/sync/jobs", "/",        "/readyz"};
    static const char *const methods[] = {"GET", "POST", "DELETE", "OPTIONS"};
    SCOPED(world_close) World *world = world_open_with(t, "api_refusals_per_minute = 0\n");
    const char *first = NULL;
    for (size_t i = 0; i < COUNT_OF(tries); i++) {
        for (size_t j = 0; j < COUNT_OF(paths); j++) {
            Answer answer =
                world_ask(world, methods[(i + j) % COUNT_OF(methods)], paths[j], tries[i], NULL);
            print_message("%s %s\n", tries[i], paths[j]);
            check_failure(&answer, 401, "UNAUTHORIZED", "a valid token is needed");
            CHECK_STR(answer_header(&answer, "www-authenticate"), STR("Bearer realm=\"weir\""));
            CHECK(!answer_header(&answer, "allow").len);
            const char *said = without_ids(t, answer.body);
            first = first ? first : said;
            CHECK_TEXT(said, first);
        }
    }
    char *long_token = ARENA_ARRAY(t->arena, char, 8001);
    memset(long_token, 'a', 8000);
    Answer answer = world_ask(world, "GET", "/readyz",
                              arena_format(t->arena, "authorization: Bearer %s", long_token), NULL);
    CHECK_INT(answer.status, 401);
}

TEST(the_scheme_is_read_in_any_case_and_health_needs_no_token)
{
    static const char *const tries[] = {"authorization: bearer " WORLD_TOKEN,
                                        "authorization: BEARER " WORLD_TOKEN,
                                        "authorization: Bearer   " WORLD_TOKEN};
    SCOPED(world_close) World *world = world_open(t);
    for (size_t i = 0; i < COUNT_OF(tries); i++) {
        Answer answer = world_ask(world, "GET", "/openapi.json", tries[i], NULL);
        CHECK_INT(answer.status, 200);
    }
    Answer health = world_ask(world, "GET", "/healthz", "authorization:", NULL);
    CHECK_INT(health.status, 200);
    CHECK_STR(health.body, STR("{\"status\":\"ok\"}"));
}

TEST(a_new_token_takes_the_place_of_the_old_one)
{
    SCOPED(world_close) World *world = world_open(t);
    Hash other = hash_of(STR("another"));
    api_set_token(world->api, &other);
    Answer old = world_ask(world, "GET", "/openapi.json", "", NULL);
    CHECK_INT(old.status, 401);
    Answer new_one =
        world_ask(world, "GET", "/openapi.json", "authorization: Bearer another", NULL);
    CHECK_INT(new_one.status, 200);
}

TEST(an_empty_token_is_never_right)
{
    SCOPED(world_close) World *world = world_open(t);
    Hash empty = hash_of(STR(""));
    api_set_token(world->api, &empty);
    Answer answer = world_ask(world, "GET", "/openapi.json", "authorization: Bearer ", NULL);
    CHECK_INT(answer.status, 401);
    answer = world_ask(world, "GET", "/openapi.json", "authorization:", NULL);
    CHECK_INT(answer.status, 401);
}

/* ── rate limits ── */

TEST(above_its_rate_a_peer_waits_as_long_as_it_is_told)
{
    SCOPED(world_close) World *world = world_open_with(t, "api_writes_per_minute = 2\n");
    static const char body[] = "{\"direction\":\"upstream_to_collection\"}";
    for (int i = 0; i < 2; i++) {
        Answer made = world_ask(world, "POST", "/api/v1/sync/jobs", "", body);
        CHECK_INT(made.status, 202);
    }
    Answer refused = world_ask(world, "POST", "/api/v1/sync/jobs", "", body);
    check_failure(&refused, 429, "RATE_LIMITED", "too many requests");
    uint64_t seconds = 0;
    CHECK(str_to_u64(answer_header(&refused, "retry-after"), &seconds));
    CHECK(seconds >= 25 && seconds <= 30);
    Answer read = world_ask(world, "GET", "/api/v1/sync/jobs", "", NULL);
    CHECK_INT(read.status, 200);
}

TEST(who_guesses_tokens_is_slowed_down_and_who_has_it_is_not)
{
    SCOPED(world_close) World *world = world_open_with(t, "api_refusals_per_minute = 20\n");
    for (int i = 0; i < 20; i++) {
        Answer wrong = world_ask(world, "GET", "/readyz", "authorization: Bearer guess", NULL);
        CHECK_INT(wrong.status, 401);
    }
    Answer slowed = world_ask(world, "GET", "/readyz", "authorization: Bearer guess", NULL);
    check_failure(&slowed, 429, "RATE_LIMITED", "");
    Answer right = world_ask(world, "GET", "/readyz", "", NULL);
    CHECK_INT(right.status, 200);
}

TEST(a_bucket_lets_its_rate_through_over_any_span)
{
    int64_t per_minute[RATE_CLASSES] = {[LIMIT_READ] = 600, [LIMIT_PATCH] = 30};
    RateTable *table = rate_table_new(t->arena);
    rate_set(table, per_minute);
    int64_t now = 1000000, passed = 0, wait = 0;
    for (int i = 0; i < 100000; i++) {
        now += (int64_t)test_below(t, 20000);
        passed += rate_take(table, STR("a"), LIMIT_READ, now, &wait);
    }
    int64_t fair = (now - 1000000) / 100000 + 20;
    CHECK(passed <= fair && passed >= fair - 25);
    CHECK(rate_take(table, STR("b"), LIMIT_READ, now, &wait));
    while (rate_take(table, STR("b"), LIMIT_PATCH, now, &wait))
        continue;
    CHECK(!rate_take(table, STR("b"), LIMIT_PATCH, now + wait * 1000 - 2000, &(int64_t){0}));
    CHECK(rate_take(table, STR("b"), LIMIT_PATCH, now + wait * 1000, &wait));
    CHECK(rate_take(table, STR("c"), LIMIT_WRITE, now, &wait));
}

TEST(more_peers_than_are_remembered_do_no_harm)
{
    int64_t per_minute[RATE_CLASSES] = {[LIMIT_READ] = 60};
    RateTable *table = rate_table_new(t->arena);
    rate_set(table, per_minute);
    int64_t wait = 0;
    for (int i = 0; i < 10000; i++)
        CHECK(rate_take(table, str_of(arena_format(t->arena, "peer %d", i)), LIMIT_READ, 1000 + i,
                        &wait));
}

TEST(settings_that_are_read_anew_hold_at_once)
{
    SCOPED(world_close) World *world = world_open(t);
    Settings settings = {0};
    SettingsInput input = {.home = arena_format(t->arena, "%s/home", t->dir)};
    test_write(t, "home/config.toml", "api_hosts = \"weir.example\"\napi_reads_per_minute = 1\n");
    Answer before = world_ask(world, "GET", "/openapi.json", "host: weir.example", NULL);
    CHECK_INT(before.status, 421);
    CHECK_OK(settings_read(t->arena, &input, &settings, &t->err));
    api_set_settings(world->api, &settings);
    Answer first = world_ask(world, "GET", "/openapi.json", "host: weir.example", NULL);
    CHECK_INT(first.status, 200);
    Answer second = world_ask(world, "GET", "/openapi.json", "host: weir.example", NULL);
    check_failure(&second, 429, "RATE_LIMITED", "");
}
