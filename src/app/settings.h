/* Settings: what config.toml, the environment and --set say, each checked where it is read.
 *
 * One line in settings.def makes a setting. Later wins: default, file, environment, --set. A bad value is
 * ERR_CONFIG_INVALID and names its place and what is allowed. Unknown keys of the file are kept and listed.
 */
#pragma once

#include "model/artifact_id.h"

typedef enum {
#define SETTING(name, key, environment, type, value, allowed, about) SETTING_##name,
#include "app/settings.def"
#undef SETTING
    SETTING_COUNT
} SettingId;

typedef enum { SETTING_IS_BOOL, SETTING_IS_NUMBER, SETTING_IS_SIZE, SETTING_IS_TEXT } SettingType;

typedef struct {
    const char *key, *environment;
    SettingType type;
    const char *standard; /* its default */
    const char *allowed;  /* "a|b", "1-9", or empty */
    const char *about;
} SettingInfo;

typedef enum { FROM_DEFAULT, FROM_FILE, FROM_ENVIRONMENT, FROM_FLAG } SettingSource;

typedef struct {
    Str text;
    int64_t number; /* also of a size, in bytes; 0 or 1 of a bool */
    SettingSource source;
    const char *place; /* "default", "/…/config.toml:3", "environment WEIR_COLLECTION", "--set" */
} SettingValue;

typedef struct {
    const char *file; /* absolute path of config.toml, present or not */
    bool file_found;
    SettingValue values[SETTING_COUNT];
    TypePlaces places; /* [types.NAME] */
    StrArray unknown;  /* keys of the file that name no setting */
} Settings;

typedef struct {
    const char *home; /* absolute $WEIR_HOME, whose config.toml is read; NULL: XDG's */
    StrArray flags;   /* --set NAME=VALUE */
} SettingsInput;

/* Where config.toml is, or would be. */
MUST_CHECK bool settings_file(Arena *arena, const char *home, const char **out, Error *err);

extern const SettingInfo setting_infos[SETTING_COUNT];

MUST_CHECK bool settings_read(Arena *arena, const SettingsInput *input, Settings *out, Error *err);

bool setting_bool(const Settings *settings, SettingId id);
int64_t setting_number(const Settings *settings, SettingId id);
const char *setting_text(const Settings *settings, SettingId id);

/* What the environment and --set say, of all that changes what a verb does, and which file is read: equal
 * for two processes that do the same with the same words. */
Str settings_overrides(Arena *arena, const Settings *settings);

/* ERR_NOT_FOUND with the nearest name. */
MUST_CHECK bool setting_find(Arena *arena, Str key, SettingId *out, Error *err);

/* Writes one value into config.toml, made when absent; everything else in it keeps its bytes. */
MUST_CHECK bool setting_write(Arena *arena, const char *file, SettingId id, Str value, Error *err);
