#include <string.h>

#include "app/settings_json.h"
#include "base/text.h"
#include "cli/command.h"

static void settings_json(Output *output, const Settings *settings, const SettingId *only)
{
    JsonWriter json = out_json_begin(output);
    json_member_bytes(&json, "file", str_of(settings->file));
    json_key(&json, "settings");
    json_begin_array(&json);
    for (size_t id = 0; id < SETTING_COUNT; id++)
        if (!only || *only == (SettingId)id)
            json_setting(&json, settings, (SettingId)id);
    json_end_array(&json);
    json_member_strings(&json, "unknown", &settings->unknown);
    out_json_end(output, &json);
}

static const char *shown(Arena *arena, const Settings *settings, SettingId id)
{
    const SettingValue *value = &settings->values[id];
    if (setting_infos[id].type == SETTING_IS_BOOL)
        return value->number ? "true" : "false";
    return text_safe(arena, value->text);
}

static void settings_text(const Call *call, const Settings *settings)
{
    Output *output = call->output;
    bool origin = option_given(call->options, "show-origin");
    out_line(output, "%s %s", settings->file_found ? "Settings, with" : "Settings; there is no",
             text_safe(call->arena, str_of(settings->file)));
    for (size_t id = 0; id < SETTING_COUNT; id++)
        out_line(output, "  %-24s %-22s %s", setting_infos[id].key,
                 shown(call->arena, settings, (SettingId)id),
                 origin ? text_safe(call->arena, str_of(settings->values[id].place))
                        : setting_infos[id].about);
    for (size_t i = 0; i < settings->unknown.count; i++)
        out_note(output, "note: '%s' in the file is no setting",
                 text_safe(call->arena, settings->unknown.items[i]));
    out_next(output, "weir config NAME VALUE");
}

/* Works with a file that holds a bad value too: how else could it be mended? */
static bool set_one(Call *call, SettingId id, Error *err)
{
    Settings settings = {0};
    Error unreadable = {0};
    const char *file = call->app->settings.file;
    Str value = str_of(call_operand(call, 1));
    if (!setting_write(call->arena, file, id, value, err))
        return false;
    if (!settings_read(call->arena, &call->app->settings_input, &settings, &unreadable))
        out_note(call->output, "note: %s", unreadable.message);
    else if (settings.values[id].source >= FROM_ENVIRONMENT)
        out_note(call->output, "note: %s still wins over the file", settings.values[id].place);
    if (!call->output->options.json) {
        out_line(call->output, "Set %s to %s in %s.", setting_infos[id].key,
                 text_safe(call->arena, value), text_safe(call->arena, str_of(file)));
        return true;
    }
    JsonWriter json = out_json_begin(call->output);
    json_member_bytes(&json, "file", str_of(file));
    json_member_text(&json, "name", setting_infos[id].key);
    json_member_bytes(&json, "value", value);
    out_json_end(call->output, &json);
    return true;
}

static bool run_config(Call *call, Error *err)
{
    Settings *settings = &call->app->settings;
    const char *name = call_operand(call, 0);
    SettingId id = SETTING_COUNT;
    if (name && !setting_find(call->arena, str_of(name), &id, err))
        return false;
    if (call_operand(call, 1))
        return set_one(call, id, err);
    if (!settings_read(call->arena, &call->app->settings_input, settings, err))
        return false;
    if (call->output->options.json)
        settings_json(call->output, settings, name ? &id : NULL);
    else if (!name)
        settings_text(call, settings);
    else if (option_given(call->options, "show-origin"))
        out_line(call->output, "%s\t%s", shown(call->arena, settings, id),
                 text_safe(call->arena, str_of(settings->values[id].place)));
    else
        out_line(call->output, "%s", shown(call->arena, settings, id));
    return true;
}

static const Option options[] = {
    {.name = "show-origin", .about = "say where each value comes from"},
    {0},
};

const Command command_config = {
    .name = "config",
    .summary = "show or set settings",
    .usage = (const char *const[]){"[NAME] [--show-origin]", "NAME VALUE", NULL},
    .about =
        "Settings come from config.toml, then the environment, then --set; the later one wins.",
    .options = options,
    .examples =
        (const char *const[]){"weir config --show-origin", "weir config marker_style zdiff3",
                              "SYNC_FORCE_DRY_RUN=true weir sync --all --apply", NULL},
    .max_operands = 2,
    .needs = NEEDS_PATHS,
    .run = run_config,
};
