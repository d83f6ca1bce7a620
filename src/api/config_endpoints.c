/* The settings that are in force, each with where it comes from. None of them is a secret. */
#include "api/api_internal.h"
#include "app/settings_json.h"

static const Field setting_fields[] = {
    {"name", "as in config.toml", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"value", "true or false, a number or a text", FIELD_ANY, RECORD_NOWHERE, .required = true},
    {"default", "as written", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"source", "which of them says so", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .words = setting_source_names},
    {"origin", "file and line, the variable, or the option", FIELD_TEXT, RECORD_NOWHERE,
     .required = true},
    {"origin_bytes", "in base64, when it is no UTF-8", FIELD_TEXT, RECORD_NOWHERE,
     .required = false},
    {"environment", "the variable that sets it", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"about", "what it does", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {0},
};
static const Record setting_record = {"Setting", "a setting and where its value comes from", 0,
                                      setting_fields, false};
static const Field config_fields[] = {
    {"file", "config.toml, there or not", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"file_bytes", "in base64, when it is no UTF-8", FIELD_TEXT, RECORD_NOWHERE, .required = false},
    {"settings", "all of them", FIELD_RECORDS, RECORD_NOWHERE, .required = true,
     .of = &setting_record},
    {"unknown", "what the file holds and is no setting", FIELD_TEXTS, RECORD_NOWHERE,
     .required = true},
    {0},
};
static const Record config_record = {"Config", "the settings in force", 0, config_fields, false};

/* Read anew: what the next job will go by. */
static bool get_config(ApiCall *call, Error *err)
{
    App *app = NULL;
    Settings settings = {0};
    if (!pool_app(call->reply->handles, &app, err) ||
        !settings_read(call->arena, &app->settings_input, &settings, err))
        return false;
    JsonWriter *json = api_object_begin(call);
    json_member_bytes(json, "file", str_of(settings.file));
    json_key(json, "settings");
    json_begin_array(json);
    for (size_t id = 0; id < SETTING_COUNT; id++)
        json_setting(json, &settings, (SettingId)id);
    json_end_array(json);
    json_member_strings(json, "unknown", &settings.unknown);
    return api_object_end(call);
}

const Endpoint config_endpoints[] = {
    {"GET", "/api/v1/config", get_config, .summary = "Show the settings in force",
     .about = "They are changed by `weir config`, and taken over by SIGHUP.", .tag = "service",
     .operation = "getConfig", .place = ON_POOL, .limit = LIMIT_READ, .etag = true,
     .reply = &config_record},
    {0},
};
