#include "app/settings.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/limits.h"
#include "base/name.h"
#include "base/path.h"
#include "base/text.h"
#include "format/toml_edit.h"

const SettingInfo setting_infos[SETTING_COUNT] = {
#define SETTING(name, key, environment, type, value, allowed, about)                               \
    [SETTING_##name] = {key, environment, SETTING_IS_##type, value, allowed, about},
#include "app/settings.def"
#undef SETTING
};

/* ── one value ── */

static bool parse_bool(Str text, int64_t *out)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (text.len != strlen(words[i]) || strncasecmp(text.data, words[i], text.len) != 0)
            continue;
        *out = (int64_t)(i % 2);
        return true;
    }
    return false;
}

static bool parse_size(Str text, int64_t *out)
{
    static const struct {
        const char *suffix;
        uint64_t unit;
    } units[] = {{"kB", 1000}, {"KB", 1000}, {"MB", 1000000}, {"GB", 1000000000}, {"", 1}};
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        Str suffix = str_of(units[i].suffix);
        uint64_t count = 0;
        if (!str_ends(text, suffix))
            continue;
        if (!str_to_u64(str_trim(str_slice(text, 0, text.len - suffix.len)), &count) ||
            count > (uint64_t)INT64_MAX / units[i].unit)
            return false;
        *out = (int64_t)(count * units[i].unit);
        return true;
    }
    return false;
}

static bool parse_number(Str text, Str allowed, int64_t *out)
{
    Str low = {0};
    uint64_t from = 0, to = INT64_MAX, value = 0;
    if (str_next(&allowed, '-', &low) && !(str_to_u64(low, &from) && str_to_u64(allowed, &to)))
        return false;
    if (!str_to_u64(text, &value) || value < from || value > to)
        return false;
    *out = (int64_t)value;
    return true;
}

static bool parse_text(Str text, Str allowed)
{
    Str choice = {0};
    if (!allowed.len)
        return text.len && !str_has_nul(text) && str_is_utf8(text);
    while (str_next(&allowed, '|', &choice))
        if (str_equal(choice, text))
            return true;
    return false;
}

static bool parse_value(const SettingInfo *info, Str text, int64_t *number)
{
    switch (info->type) {
    case SETTING_IS_BOOL:
        return parse_bool(text, number);
    case SETTING_IS_NUMBER:
        return parse_number(text, str_of(info->allowed), number);
    case SETTING_IS_SIZE:
        return parse_size(text, number);
    case SETTING_IS_TEXT:
        return parse_text(text, str_of(info->allowed));
    }
    return false;
}

static const char *expected(Arena *arena, const SettingInfo *info)
{
    switch (info->type) {
    case SETTING_IS_BOOL:
        return "true or false";
    case SETTING_IS_NUMBER:
        return arena_format(arena, "a number from %s", info->allowed);
    case SETTING_IS_SIZE:
        return "a size such as 500kB or 1MB";
    case SETTING_IS_TEXT:
        break;
    }
    if (!*info->allowed)
        return "a text";
    Buf buf = buf_new(arena);
    Str rest = str_of(info->allowed), choice = {0};
    while (str_next(&rest, '|', &choice))
        buf_format(&buf, "%s%.*s", buf.len ? ", " : "", STR_ARG(choice));
    return arena_format(arena, "one of %s", buf_text(&buf));
}

static bool set_value(Arena *arena, Settings *settings, SettingId id, const SettingValue *value,
                      Error *err)
{
    const SettingInfo *info = &setting_infos[id];
    SettingValue checked = *value;
    Error refused = {0};
    if (!parse_value(info, value->text, &checked.number))
        return fail(err, ERR_CONFIG_INVALID, "%s: %s is '%s', which is not %s", value->place,
                    info->key, text_safe(arena, value->text), expected(arena, info)) ||
               (value->source == FROM_FILE && fail_hint(err, "weir config %s VALUE", info->key));
    if (id == SETTING_COLLECTION && !name_check_component(value->text, &refused))
        return fail(err, ERR_CONFIG_INVALID, "%s: collection: %s", value->place, refused.message);
    checked.text = arena_copy(arena, value->text);
    settings->values[id] = checked;
    return true;
}

/* ── where they come from ── */

static bool read_type_place(Arena *arena, const char *place, const TomlNode *table, TypePlace *out,
                            Error *err)
{
    *out = (TypePlace){.type = table->key};
    Error refused = {0};
    if (table->kind != TOML_TABLE || !name_check_type(table->key, &refused))
        return fail(err, ERR_CONFIG_INVALID, "%s: types.%s is not a type with its folders", place,
                    text_safe(arena, table->key));
    for (const TomlNode *node = table->first; node; node = node->next) {
        Str *slot = str_is(node->key, "collection_folder") ? &out->collection_folder
                    : str_is(node->key, "project_folder")  ? &out->project_folder
                                                           : NULL;
        if (!slot)
            continue;
        if (node->kind != TOML_STRING || !name_check_path(node->text, &refused))
            return fail(err, ERR_CONFIG_INVALID, "%s: types.%s.%s is not a folder inside the root",
                        place, text_safe(arena, table->key), text_safe(arena, node->key));
        *slot = node->text;
    }
    return true;
}

static bool read_types(Arena *arena, const TomlDoc *doc, const TomlNode *types, Settings *settings,
                       Error *err)
{
    for (const TomlNode *table = types->first; table; table = table->next) {
        TypePlace place;
        const char *where = arena_format(arena, "%s:%zu", settings->file,
                                         toml_place(doc->source, table->from).line);
        if (!read_type_place(arena, where, table, &place, err))
            return false;
        ARRAY_PUSH(arena, &settings->places, place);
    }
    return true;
}

static bool read_entry(Arena *arena, const TomlDoc *doc, const TomlNode *node, Settings *settings,
                       Error *err)
{
    if (str_is(node->key, "types") && node->kind == TOML_TABLE)
        return read_types(arena, doc, node, settings, err);
    Error absent;
    SettingId id;
    if (!setting_find(arena, node->key, &id, &absent)) {
        ARRAY_PUSH(arena, &settings->unknown, node->key);
        return true;
    }
    Str text = node->kind == TOML_STRING || node->kind == TOML_INTEGER ? node->text
               : node->kind == TOML_BOOL ? str_of(node->as.truth ? "true" : "false")
                                         : STR("");
    SettingValue value = {.text = text, .source = FROM_FILE};
    value.place =
        arena_format(arena, "%s:%zu", settings->file, toml_place(doc->source, node->from).line);
    return set_value(arena, settings, id, &value, err);
}

static bool read_file(Arena *arena, Settings *settings, Error *err)
{
    Str text = {0};
    settings->file_found = fs_exists(settings->file);
    if (!settings->file_found)
        return true;
    if (!fs_read_path(arena, settings->file, LIMIT_CONFIG_BYTES, &text, err))
        return false;
    TomlInput input = {.text = text, .file = settings->file, .code = ERR_CONFIG_INVALID};
    TomlDoc *doc = NULL;
    if (!toml_parse(arena, &input, &doc, err))
        return false;
    for (const TomlNode *node = doc->root.first; node; node = node->next)
        if (!read_entry(arena, doc, node, settings, err))
            return false;
    return true;
}

static bool read_environment(Arena *arena, Settings *settings, Error *err)
{
    for (size_t id = 0; id < SETTING_COUNT; id++) {
        const char *text = getenv(setting_infos[id].environment);
        if (!text || !*text)
            continue;
        SettingValue value = {.text = str_of(text), .source = FROM_ENVIRONMENT};
        value.place = arena_format(arena, "environment %s", setting_infos[id].environment);
        if (!set_value(arena, settings, (SettingId)id, &value, err))
            return false;
    }
    return true;
}

static bool read_flags(Arena *arena, const StrArray *flags, Settings *settings, Error *err)
{
    for (size_t i = 0; i < flags->count; i++) {
        Str flag = flags->items[i];
        size_t equals = str_find(flag, '=');
        SettingId id;
        if (equals == STR_NONE)
            return fail(err, ERR_USAGE, "--set takes NAME=VALUE, not '%s'", text_safe(arena, flag));
        if (!setting_find(arena, str_slice(flag, 0, equals), &id, err))
            return false;
        SettingValue value = {
            .text = str_slice(flag, equals + 1, flag.len), .source = FROM_FLAG, .place = "--set"};
        if (!set_value(arena, settings, id, &value, err))
            return false;
    }
    return true;
}

bool settings_file(Arena *arena, const char *home, const char **out, Error *err)
{
    if (home) {
        *out = path_join(arena, str_of(home), STR("config.toml"));
        return true;
    }
    const char *folder = getenv("XDG_CONFIG_HOME");
    if (folder && folder[0] == '/') {
        *out = path_join(arena, str_of(folder), STR("weir/config.toml"));
        return true;
    }
    const char *person = getenv("HOME");
    if (!person || person[0] != '/')
        return fail(err, ERR_CONFIG_INVALID, "neither WEIR_HOME nor HOME is set to a folder");
    *out = path_join(arena, str_of(person), STR(".config/weir/config.toml"));
    return true;
}

bool settings_read(Arena *arena, const SettingsInput *input, Settings *out, Error *err)
{
    Settings settings = {0};
    if (!settings_file(arena, input->home, &settings.file, err))
        return false;
    for (size_t id = 0; id < SETTING_COUNT; id++) {
        SettingValue value = {.text = str_of(setting_infos[id].standard), .place = "default"};
        if (!set_value(arena, &settings, (SettingId)id, &value, err))
            return false;
    }
    if (!read_file(arena, &settings, err) || !read_environment(arena, &settings, err) ||
        !read_flags(arena, &input->flags, &settings, err))
        return false;
    *out = settings;
    return true;
}

/* ── using and changing them ── */

bool setting_bool(const Settings *settings, SettingId id)
{
    ASSERT(setting_infos[id].type == SETTING_IS_BOOL);
    return settings->values[id].number != 0;
}

int64_t setting_number(const Settings *settings, SettingId id)
{
    ASSERT(setting_infos[id].type == SETTING_IS_NUMBER ||
           setting_infos[id].type == SETTING_IS_SIZE);
    return settings->values[id].number;
}

const char *setting_text(const Settings *settings, SettingId id)
{
    return settings->values[id].text.data;
}

bool setting_find(Arena *arena, Str key, SettingId *out, Error *err)
{
    size_t best = 5;
    const char *near = NULL;
    for (size_t id = 0; id < SETTING_COUNT; id++) {
        Str known = str_of(setting_infos[id].key);
        if (str_equal(known, key)) {
            *out = (SettingId)id;
            return true;
        }
        size_t distance = text_distance(known, key);
        if (distance < best) {
            best = distance;
            near = setting_infos[id].key;
        }
    }
    if (near)
        return fail(err, ERR_NOT_FOUND, "no setting is called '%s'. Did you mean '%s'?",
                    text_safe(arena, key), near) ||
               fail_hint(err, "weir config");
    return fail(err, ERR_NOT_FOUND, "no setting is called '%s'", text_safe(arena, key)) ||
           fail_hint(err, "weir config");
}

static Str toml_value(Arena *arena, const SettingInfo *info, int64_t number, Str text)
{
    Buf buf = buf_new(arena);
    if (info->type == SETTING_IS_BOOL)
        buf_add_text(&buf, number ? "true" : "false");
    else if (info->type == SETTING_IS_NUMBER)
        buf_format(&buf, "%lld", (long long)number);
    else
        toml_add_string(&buf, text);
    return buf_str(&buf);
}

bool setting_write(Arena *arena, const char *file, SettingId id, Str value, Error *err)
{
    const SettingInfo *info = &setting_infos[id];
    Settings checked = {0};
    SettingValue wanted = {.text = value, .place = "the command line"};
    SCOPED(fd_close) int folder = -1;
    Str path = str_of(file), text = {0};
    bool found = false;
    TomlDoc *doc = NULL;
    if (!set_value(arena, &checked, id, &wanted, err) ||
        !fs_make_root(arena_text(arena, path_folder(path)), 0700, &folder, err) ||
        !fs_read_if_any(arena, folder, path_base(path), LIMIT_CONFIG_BYTES, &found, &text, err))
        return false;
    TomlInput input = {.text = text, .file = file, .code = ERR_CONFIG_INVALID};
    if (!toml_parse(arena, &input, &doc, err))
        return false;
    TomlEdit *edit = toml_edit_begin(arena, doc);
    toml_edit_set(edit, &doc->root, str_of(info->key),
                  toml_value(arena, info, checked.values[id].number, value));
    return fs_replace_at(folder, path_base(path), toml_edit_finish(edit), 0600, err);
}

/* ── of two processes ── */

Str settings_overrides(Arena *arena, const Settings *settings)
{
    static const SettingId telling[] = {
        SETTING_MARKER_STYLE,      SETTING_DEFAULT_HOST,       SETTING_OFFLINE,
        SETTING_ENABLE_AUTO_MERGE, SETTING_SYNC_FORCE_DRY_RUN, SETTING_ENABLE_UPSTREAM_CHECK,
    };
    Buf buf = buf_new(arena);
    buf_add_text(&buf, settings->file);
    for (size_t i = 0; i < COUNT_OF(telling); i++) {
        const SettingValue *value = &settings->values[telling[i]];
        if (value->source == FROM_ENVIRONMENT || value->source == FROM_FLAG)
            buf_format(&buf, "\n%s=%.*s", setting_infos[telling[i]].key, STR_ARG(value->text));
    }
    Hash hash = hash_of(buf_str(&buf));
    return str_of(arena_format(arena, "%.16s", hash_hex(&hash).text));
}
