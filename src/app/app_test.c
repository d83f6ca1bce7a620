#include "app/app.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "testing/test.h"

TEST(the_recorded_command_line_has_no_secret)
{
    const char *const words[] = {"add", "https://me:s3cret@host/a/b.git@v1", "--name", "it's"};
    CHECK_TEXT(app_command_line(t->arena, words, 4),
               "weir add 'https://***@host/a/b.git@v1' --name 'it'\\''s'");
    const char *const plain[] = {"add", "git@host:a/b", "https://host/a@v1", ""};
    CHECK_TEXT(app_command_line(t->arena, plain, 4), "weir add git@host:a/b https://host/a@v1 ''");
}

TEST(takes_a_valid_traceparent_and_no_other)
{
    static const char trace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
    CHECK(setenv("TRACEPARENT", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", 1) == 0);
    CHECK_TEXT(app_trace_id(t->arena), trace);
    static const char *const bad[] = {"00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                      "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                      "00-4BF92F3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                      "00-4bf9-00f067aa0ba902b7-01", ""};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        CHECK(setenv("TRACEPARENT", bad[i], 1) == 0);
        const char *made = app_trace_id(t->arena);
        CHECK_INT(strlen(made), 32);
        CHECK(strcmp(made, trace) != 0);
    }
    CHECK(unsetenv("TRACEPARENT") == 0);
}

static bool open_in(Test *t, AppNeeds needs, App **app)
{
    CHECK(setenv("WEIR_HOME", arena_format(t->arena, "%s/home", t->dir), 1) == 0);
    AppOptions options = {.verb = "test", .command = "weir test", .trace_id = "0"};
    return app_open(t->arena, needs, &options, app, &t->err);
}

TEST(a_command_that_reads_makes_no_home)
{
    SCOPED(app_close) App *app = NULL;
    CHECK_FAILS(ERR_NOT_INITIALIZED, open_in(t, NEEDS_COLLECTION, &app));
    CHECK(!fs_exists(arena_format(t->arena, "%s/home", t->dir)));
    CHECK_OK(open_in(t, NEEDS_SETTINGS, &app));
    CHECK(!fs_exists(arena_format(t->arena, "%s/home", t->dir)));
}

TEST(paths_are_known_where_the_settings_are_bad)
{
    SCOPED(app_close) App *app = NULL;
    test_write(t, "home/config.toml", "marker_style = \"odd\"\n");
    CHECK_FAILS(ERR_CONFIG_INVALID, open_in(t, NEEDS_SETTINGS, &app));
    CHECK_OK(open_in(t, NEEDS_PATHS, &app));
    CHECK_HAS(app->settings.file, "home/config.toml");
}

TEST(a_new_home_is_private)
{
    SCOPED(app_close) App *app = NULL;
    CHECK_OK(open_in(t, NEEDS_NEW_HOME, &app));
    FsStat stat;
    CHECK_OK(fs_stat_path(app->home, &stat, &t->err));
    CHECK_INT(stat.mode & 0777, 0700);
    CHECK(app->workspace.db && app->workspace.store && app->workspace.git);
    CHECK(strchr(app->workspace.actor, '@') != NULL);
}
