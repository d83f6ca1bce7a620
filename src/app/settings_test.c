#include "app/settings.h"

#include <stdlib.h>
#include <string.h>

#include "testing/test.h"

static bool read_config(Test *t, const char *text, Settings *out)
{
    SettingsInput input = {.home = t->dir};
    if (text)
        test_write(t, "config.toml", text);
    return settings_read(t->arena, &input, out, &t->err);
}

TEST(every_default_is_an_allowed_value)
{
    Settings settings = {0};
    CHECK_OK(read_config(t, NULL, &settings));
    CHECK(!settings.file_found);
    CHECK_TEXT(setting_text(&settings, SETTING_COLLECTION), "default");
    CHECK_INT(setting_number(&settings, SETTING_SYNC_DIFF_PREVIEW_MAX), 1000000);
    CHECK(setting_bool(&settings, SETTING_ENABLE_AUTO_MERGE));
    CHECK(!setting_bool(&settings, SETTING_SYNC_FORCE_DRY_RUN));
}

TEST(a_flag_wins_over_the_environment_and_that_over_the_file)
{
    Settings settings = {0};
    CHECK_OK(read_config(t, "# mine\nmarker_style = \"diff3\"\nlock_timeout_ms = 5\n", &settings));
    CHECK_TEXT(setting_text(&settings, SETTING_MARKER_STYLE), "diff3");
    CHECK_INT(setting_number(&settings, SETTING_LOCK_TIMEOUT_MS), 5);
    CHECK_HAS(settings.values[SETTING_MARKER_STYLE].place, "config.toml:2");
    CHECK(setenv("WEIR_MARKER_STYLE", "zdiff3", 1) == 0);
    CHECK_OK(read_config(t, NULL, &settings));
    CHECK_TEXT(setting_text(&settings, SETTING_MARKER_STYLE), "zdiff3");
    SettingsInput input = {.home = t->dir};
    ARRAY_PUSH(t->arena, &input.flags, STR("marker_style=merge"));
    CHECK_OK(settings_read(t->arena, &input, &settings, &t->err));
    CHECK_TEXT(setting_text(&settings, SETTING_MARKER_STYLE), "merge");
    CHECK(unsetenv("WEIR_MARKER_STYLE") == 0);
}

TEST(a_bad_value_names_its_place_and_what_is_allowed)
{
    Settings settings = {0};
    CHECK_FAILS(ERR_CONFIG_INVALID, read_config(t, "\nmarker_style = \"fancy\"\n", &settings));
    CHECK_HAS(t->err.message, "config.toml:2");
    CHECK_HAS(t->err.message, "merge, diff3, zdiff3");
    CHECK_FAILS(ERR_CONFIG_INVALID, read_config(t, "ENABLE_AUTO_MERGE = 7\n", &settings));
    CHECK_HAS(t->err.message, "true or false");
    CHECK_FAILS(ERR_CONFIG_INVALID, read_config(t, "lock_timeout_ms = -1\n", &settings));
    CHECK_FAILS(ERR_CONFIG_INVALID, read_config(t, "lock_timeout_ms = 3600001\n", &settings));
    CHECK_FAILS(ERR_CONFIG_INVALID, read_config(t, "collection = \"../x\"\n", &settings));
    CHECK_FAILS(ERR_CONFIG_INVALID, read_config(t, "collection = [1]\n", &settings));
    CHECK_FAILS(ERR_CONFIG_INVALID, read_config(t, "collection = \n", &settings));
    CHECK_FAILS(ERR_CONFIG_INVALID,
                read_config(t, "[types.skill]\nproject_folder = \"/etc\"\n", &settings));
    CHECK_HAS(t->err.message, "types.skill.project_folder");
}

TEST(reads_the_places_of_types_and_lists_unknown_keys)
{
    Settings settings = {0};
    CHECK_OK(read_config(t,
                         "colour = 1\n[types.policy]\ncollection_folder = \"rules\"\n"
                         "project_folder = \".rules\"\n",
                         &settings));
    CHECK_INT(settings.places.count, 1);
    CHECK_STR(settings.places.items[0].collection_folder, STR("rules"));
    CHECK_STR(settings.places.items[0].project_folder, STR(".rules"));
    CHECK_INT(settings.unknown.count, 1);
    CHECK_STR(settings.unknown.items[0], STR("colour"));
}

TEST(writing_a_value_keeps_every_other_byte)
{
    Settings settings = {0};
    static const char before[] = "# of mine\ncolour = 1  # kept\nmarker_style = \"merge\" # why\n";
    CHECK_OK(read_config(t, before, &settings));
    CHECK_OK(setting_write(t->arena, settings.file, SETTING_MARKER_STYLE, STR("diff3"), &t->err));
    CHECK_STR(test_read(t, "config.toml"),
              STR("# of mine\ncolour = 1  # kept\nmarker_style = \"diff3\" # why\n"));
    CHECK_FAILS(ERR_CONFIG_INVALID,
                setting_write(t->arena, settings.file, SETTING_MARKER_STYLE, STR("x"), &t->err));
    CHECK_OK(
        setting_write(t->arena, settings.file, SETTING_SYNC_FORCE_DRY_RUN, STR("on"), &t->err));
    CHECK_OK(settings_read(t->arena, &(SettingsInput){.home = t->dir}, &settings, &t->err));
    CHECK(setting_bool(&settings, SETTING_SYNC_FORCE_DRY_RUN));
}

TEST(an_unknown_setting_is_refused_with_the_nearest)
{
    SettingId id;
    CHECK_FAILS(ERR_NOT_FOUND, setting_find(t->arena, STR("marker-style"), &id, &t->err));
    CHECK_HAS(t->err.message, "Did you mean 'marker_style'?");
}

/* Two processes with the same file do the same, unless one is told otherwise beside it. */
TEST(overrides_are_what_is_told_beside_the_file_and_changes_what_a_verb_does)
{
    Settings settings = {0};
    CHECK_OK(read_config(t, "marker_style = \"diff3\"\n", &settings));
    Str plain = settings_overrides(t->arena, &settings);
    CHECK_OK(read_config(t, "marker_style = \"merge\"\n", &settings));
    CHECK_STR(settings_overrides(t->arena, &settings), plain);
    SettingsInput shown = {.home = t->dir}, felt = {.home = t->dir}, elsewhere = {.home = "/tmp"};
    ARRAY_PUSH(t->arena, &shown.flags, STR("ascii=true"));
    CHECK_OK(settings_read(t->arena, &shown, &settings, &t->err));
    CHECK_STR(settings_overrides(t->arena, &settings), plain);
    ARRAY_PUSH(t->arena, &felt.flags, STR("ENABLE_AUTO_MERGE=false"));
    CHECK_OK(settings_read(t->arena, &felt, &settings, &t->err));
    CHECK(!str_equal(settings_overrides(t->arena, &settings), plain));
    CHECK_OK(settings_read(t->arena, &elsewhere, &settings, &t->err));
    CHECK(!str_equal(settings_overrides(t->arena, &settings), plain));
}
