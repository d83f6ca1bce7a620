/* A setting as JSON, for `weir config --json` and the API. */
#pragma once

#include "app/settings.h"
#include "format/json_write.h"

extern const char *const setting_source_names[5]; /* by SettingSource; ends in NULL */

/* An object: name, value, default, source, origin, environment, about. */
void json_setting(JsonWriter *json, const Settings *settings, SettingId id);
