#include "app/settings_json.h"

const char *const setting_source_names[5] = {"default", "file", "environment", "flag", NULL};

void json_setting(JsonWriter *json, const Settings *settings, SettingId id)
{
    const SettingInfo *info = &setting_infos[id];
    const SettingValue *value = &settings->values[id];
    json_begin_object(json);
    json_member_text(json, "name", info->key);
    if (info->type == SETTING_IS_BOOL)
        json_member_bool(json, "value", value->number != 0);
    else if (info->type == SETTING_IS_NUMBER)
        json_member_integer(json, "value", value->number);
    else
        json_member(json, "value", value->text);
    json_member_text(json, "default", info->standard);
    json_member_text(json, "source", setting_source_names[value->source]);
    json_member_bytes(json, "origin", str_of(value->place));
    json_member_text(json, "environment", info->environment);
    json_member_text(json, "about", info->about);
    json_end_object(json);
}
