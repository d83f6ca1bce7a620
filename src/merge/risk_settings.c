/* Settings of hooks, tools and servers: in JSON and TOML by their structure, in YAML and front matter by
 * indentation. Each is taken apart into leaves, a place and a value; what the old text has not is new. */
#include "merge/risk_internal.h"

#include <ctype.h>
#include <string.h>

#include "base/map.h"
#include "base/path.h"
#include "base/text.h"
#include "format/json_read.h"
#include "format/toml.h"

enum { SHOWN_BYTES = 60, KEY_BYTES = 32 };

typedef struct {
    RiskKind kind;
    Str place; /* "permissions.allow" */
    Str value; /* as written, blanks squeezed */
    Str line_text;
    size_t line;
} Leaf;
typedef ARRAY(Leaf) Leaves;

typedef struct {
    Arena *arena;
    Str text; /* all of the file */
    Leaves leaves;
    size_t counted_to, lines; /* line numbers are told in order */
} Reading;

/* ── which keys ── */

/* "allowed-tools", "allowed_tools" and "allowedTools" are one. RISK_KINDS: none that is looked for. */
static RiskKind kind_of_key(Str key)
{
    static const struct {
        const char *key;
        RiskKind kind;
    } keys[] = {
        {"hooks", RISK_HOOK},
        {"statusline", RISK_HOOK},
        {"apikeyhelper", RISK_HOOK},
        {"preinstall", RISK_HOOK},
        {"postinstall", RISK_HOOK},
        {"allowedtools", RISK_TOOLS},
        {"disallowedtools", RISK_TOOLS},
        {"trustedtools", RISK_TOOLS},
        {"tools", RISK_TOOLS},
        {"permission", RISK_TOOLS},
        {"permissions", RISK_TOOLS},
        {"permissionmode", RISK_TOOLS},
        {"additionaldirectories", RISK_TOOLS},
        {"autoapprove", RISK_TOOLS},
        {"alwaysallow", RISK_TOOLS},
        {"sandbox", RISK_TOOLS},
        {"sandboxmode", RISK_TOOLS},
        {"approvalpolicy", RISK_TOOLS},
        {"dangerouslyskippermissions", RISK_TOOLS},
        {"mcp", RISK_SERVER},
        {"mcpservers", RISK_SERVER},
        {"lspservers", RISK_SERVER},
        {"contextservers", RISK_SERVER},
        {"enabledmcpjsonservers", RISK_SERVER},
        {"enableallprojectmcpservers", RISK_SERVER},
    };
    char plain[KEY_BYTES];
    size_t len = 0;
    for (size_t i = 0; i < key.len; i++) {
        if (key.data[i] == '-' || key.data[i] == '_')
            continue;
        if (len == sizeof plain)
            return RISK_KINDS;
        plain[len++] = (char)tolower((unsigned char)key.data[i]);
    }
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (str_is((Str){plain, len}, keys[i].key))
            return keys[i].kind;
    return RISK_KINDS;
}

/* Files that are nothing else. */
static RiskKind kind_of_file(Str name)
{
    if (str_is(name, ".mcp.json") || str_is(name, "mcp.json"))
        return RISK_SERVER;
    return str_is(name, "hooks.json") ? RISK_HOOK : RISK_KINDS;
}

/* ── leaves ── */

static Str squeezed(Arena *arena, Str text)
{
    Buf buf = buf_new(arena);
    text = str_trim(text);
    for (size_t i = 0; i < text.len; i++) {
        bool blank = isspace((unsigned char)text.data[i]);
        if (!blank)
            buf_add_char(&buf, text.data[i]);
        else if (buf.len && buf.data[buf.len - 1] != ' ')
            buf_add_char(&buf, ' ');
    }
    return buf_str(&buf);
}

static size_t line_of(Reading *reading, size_t offset)
{
    if (offset < reading->counted_to)
        reading->counted_to = reading->lines = 0;
    for (; reading->counted_to < offset && reading->counted_to < reading->text.len;
         reading->counted_to++)
        reading->lines += reading->text.data[reading->counted_to] == '\n';
    return reading->lines + 1;
}

static Str text_of_line(Str text, size_t offset)
{
    size_t from = offset > text.len ? text.len : offset;
    while (from > 0 && text.data[from - 1] != '\n')
        from--;
    Str rest = str_slice(text, from, text.len), line = {0};
    (void)str_next(&rest, '\n', &line);
    return line;
}

static void add_leaf(Reading *reading, RiskKind kind, Str place, size_t from, size_t to)
{
    Leaf leaf = {kind, place, squeezed(reading->arena, str_slice(reading->text, from, to)),
                 text_of_line(reading->text, from), line_of(reading, from)};
    ARRAY_PUSH(reading->arena, &reading->leaves, leaf);
}

static Str deeper(Reading *reading, Str place, Str key)
{
    return str_of(arena_format(reading->arena, "%.*s%s%.*s", STR_ARG(place),
                               place.len && key.len ? "." : "", STR_ARG(key)));
}

/* ── JSON ── */

static void read_json_node(Reading *reading, const JsonNode *node, RiskKind kind, Str place)
{
    if (kind == RISK_KINDS)
        kind = kind_of_key(node->key);
    if (kind != RISK_KINDS)
        place = deeper(reading, place, node->key);
    for (const JsonNode *child = node->first; child; child = child->next)
        read_json_node(reading, child, kind, place);
    if (kind != RISK_KINDS && !node->first)
        add_leaf(reading, kind, place, node->value_from, node->value_to);
}

static bool read_json(Reading *reading, RiskKind kind)
{
    Error err;
    const JsonNode *root = NULL;
    if (!json_parse(reading->arena, reading->text, 0, &root, &err))
        return false;
    read_json_node(reading, root, kind, (Str){0});
    return true;
}

/* ── TOML ── */

static void read_toml_node(Reading *reading, const TomlNode *node, RiskKind kind, Str place)
{
    if (kind == RISK_KINDS)
        kind = kind_of_key(node->key);
    if (kind != RISK_KINDS)
        place = deeper(reading, place, node->key);
    for (const TomlNode *child = node->first; child; child = child->next)
        read_toml_node(reading, child, kind, place);
    if (kind != RISK_KINDS && !node->first)
        add_leaf(reading, kind, place, node->value_from, node->value_to);
}

static bool read_toml(Reading *reading)
{
    Error err;
    TomlDoc *doc = NULL;
    TomlInput input = {.text = reading->text, .file = "risk"};
    if (!toml_parse(reading->arena, &input, &doc, &err))
        return false;
    read_toml_node(reading, &doc->root, RISK_KINDS, (Str){0});
    return true;
}

/* ── YAML by its lines ── */

typedef struct {
    Str key; /* without quotes */
    size_t indent;
    bool has_key;
} YamlLine;

static Str without_quotes(Str text)
{
    text = str_trim(text);
    bool quoted = text.len >= 2 && (text.data[0] == '"' || text.data[0] == '\'') &&
                  text.data[text.len - 1] == text.data[0];
    return quoted ? str_slice(text, 1, text.len - 1) : text;
}

static YamlLine read_yaml_line(Str line)
{
    YamlLine out = {0};
    size_t at = 0;
    while (at < line.len && (line.data[at] == ' ' || line.data[at] == '\t'))
        at++;
    out.indent = at;
    while (str_starts(str_slice(line, at, line.len), STR("- ")))
        at += 2;
    Str rest = str_slice(line, at, line.len);
    size_t colon = str_find(rest, ':');
    bool ends = colon != STR_NONE && (colon + 1 == rest.len || rest.data[colon + 1] == ' ' ||
                                      rest.data[colon + 1] == '\t' || rest.data[colon + 1] == '\r');
    out.has_key = ends;
    out.key = ends ? without_quotes(str_slice(rest, 0, colon)) : (Str){0};
    return out;
}

static int open_brackets(Str line)
{
    int open = 0;
    for (size_t i = 0; i < line.len; i++)
        open += (line.data[i] == '[' || line.data[i] == '{') -
                (line.data[i] == ']' || line.data[i] == '}');
    return open;
}

typedef struct {
    RiskKind kind;
    Str place;
    size_t indent;
    int brackets;
} YamlBlock;

static bool is_within(const YamlBlock *block, const YamlLine *line, Str text)
{
    Str trimmed = str_trim(text);
    if (block->kind == RISK_KINDS)
        return false;
    if (block->brackets > 0 || !trimmed.len || trimmed.data[0] == '#')
        return true;
    /* a list may stand as far left as its key */
    return line->indent > block->indent ||
           (line->indent == block->indent && str_starts(trimmed, STR("-")));
}

/* Keys in flow style, {tools: [x]}: the line that names one is a leaf as a whole. */
static RiskKind kind_in_flow(Str line)
{
    size_t from = str_find(line, '{');
    while (from != STR_NONE && from < line.len) {
        Str rest = str_slice(line, from + 1, line.len);
        size_t end = 0;
        while (end < rest.len && rest.data[end] != ':' && rest.data[end] != ',')
            end++;
        RiskKind kind = kind_of_key(without_quotes(str_slice(rest, 0, end)));
        if (kind != RISK_KINDS && end < rest.len && rest.data[end] == ':')
            return kind;
        from = end < rest.len ? from + 1 + end : STR_NONE;
    }
    return RISK_KINDS;
}

/* `text` is a part of the file. */
static void read_yaml(Reading *reading, Str text)
{
    YamlBlock block = {.kind = RISK_KINDS};
    Str line;
    while (str_next(&text, '\n', &line)) {
        YamlLine read = read_yaml_line(line);
        size_t from = (size_t)(line.data - reading->text.data);
        if (!is_within(&block, &read, line)) {
            RiskKind kind = read.has_key ? kind_of_key(read.key) : RISK_KINDS;
            if (kind == RISK_KINDS && (kind = kind_in_flow(line)) != RISK_KINDS)
                read.key = STR("{}");
            block = (YamlBlock){.kind = kind, .place = read.key, .indent = read.indent};
        }
        if (block.kind == RISK_KINDS)
            continue;
        block.brackets += open_brackets(line);
        if (str_trim(line).len && str_trim(line).data[0] != '#')
            add_leaf(reading, block.kind, block.place, from, from + line.len);
    }
}

/* Between the first two lines of "---"; empty without. */
static Str front_matter(Str text)
{
    Str rest = str_starts(text, STR("\xEF\xBB\xBF")) ? str_slice(text, 3, text.len) : text;
    Str line;
    if (!str_next(&rest, '\n', &line) || !str_is(str_trim(line), "---") || line.data[0] != '-')
        return (Str){0};
    const char *from = rest.data;
    while (str_next(&rest, '\n', &line))
        if (str_starts(line, STR("---")) && str_is(str_trim(line), "---"))
            return (Str){from, (size_t)(line.data - from)};
    return (Str){0};
}

/* A broken or commented JSON or TOML: each line that names a key in quotes or in front of = is a leaf. */
static void read_loosely(Reading *reading, RiskKind whole)
{
    Str rest = reading->text, line;
    while (str_next(&rest, '\n', &line)) {
        size_t from = (size_t)(line.data - reading->text.data);
        RiskKind kind = whole;
        Str words = line, word;
        while (kind == RISK_KINDS && str_next(&words, '"', &word))
            kind = kind_of_key(str_trim(word));
        size_t equals = str_find(line, '=');
        if (kind == RISK_KINDS && equals != STR_NONE)
            kind = kind_of_key(str_trim(str_slice(line, 0, equals)));
        if (kind != RISK_KINDS && str_trim(line).len)
            add_leaf(reading, kind, STR("a line"), from, from + line.len);
    }
}

static void read_settings(Reading *reading, Str name)
{
    Str extension = path_extension(name);
    RiskKind whole = kind_of_file(name);
    bool json = str_is(extension, ".json") || str_is(extension, ".jsonc");
    bool toml = str_is(extension, ".toml");
    if (json || toml) {
        if (!(json ? read_json(reading, whole) : read_toml(reading))) {
            reading->leaves.count = 0;
            read_loosely(reading, whole);
        }
    } else if (str_is(extension, ".yaml") || str_is(extension, ".yml")) {
        read_yaml(reading, reading->text);
    } else {
        read_yaml(reading, front_matter(reading->text));
    }
}

/* ── comparing ── */

typedef struct {
    size_t count;
    const Leaf *leaf;
} Seen;

static Str place_key(Arena *arena, const Leaf *leaf)
{
    return str_of(arena_format(arena, "%s %.*s", risk_words[leaf->kind], STR_ARG(leaf->place)));
}

static Str leaf_key(Arena *arena, const Leaf *leaf)
{
    Buf buf = buf_new(arena);
    buf_add(&buf, place_key(arena, leaf));
    buf_add_char(&buf, '\0');
    buf_add(&buf, leaf->value);
    return buf_str(&buf);
}

static Seen *seen_at(Arena *arena, Map *map, Str key)
{
    Seen *seen = map_find(map, key);
    if (!seen) {
        seen = ARENA_NEW(arena, Seen);
        map_put(map, key, seen);
    }
    return seen;
}

/* How often each leaf is there, and by its place alone one of those that stand there. */
static Map *count_leaves(Arena *arena, const Leaves *leaves, Map **places)
{
    Map *map = map_new(arena, leaves->count);
    *places = map_new(arena, leaves->count);
    for (size_t i = 0; i < leaves->count; i++) {
        seen_at(arena, map, leaf_key(arena, &leaves->items[i]))->count++;
        Seen *place = seen_at(arena, *places, place_key(arena, &leaves->items[i]));
        place->count++;
        place->leaf = &leaves->items[i];
    }
    return map;
}

static bool take_one(Arena *arena, Map *map, const Leaf *leaf)
{
    Seen *seen = map_find(map, leaf_key(arena, leaf));
    if (!seen || !seen->count)
        return false;
    seen->count--;
    return true;
}

static const char *shown(Arena *arena, Str text)
{
    bool cut = text.len > SHOWN_BYTES;
    return arena_format(arena, "%s%s", text_safe(arena, str_slice(text, 0, SHOWN_BYTES)),
                        cut ? "..." : "");
}

static void compare(RiskFile *file, const Leaves *old, const Leaves *new)
{
    Arena *arena = file->scratch;
    Map *old_places, *new_places;
    Map *had = count_leaves(arena, old, &old_places);
    Map *has = count_leaves(arena, new, &new_places);
    for (size_t i = 0; i < new->count; i++) {
        const Leaf *leaf = &new->items[i];
        if (take_one(arena, had, leaf))
            continue;
        const Seen *was = map_find(old_places, place_key(arena, leaf));
        const char *change = "new";
        if (was && was->count == 1)
            change = arena_format(file->arena, "was %s", shown(file->arena, was->leaf->value));
        risk_add(file, leaf->kind, leaf->line, leaf->line_text, 0, change);
    }
    for (size_t i = 0; i < old->count; i++) {
        const Leaf *leaf = &old->items[i];
        if (take_one(arena, has, leaf))
            continue;
        const Seen *now = map_find(new_places, place_key(arena, leaf));
        if (!now || now->count > 1)
            risk_add(file, leaf->kind, 0, leaf->line_text, 0, "removed");
    }
}

void risk_settings(RiskFile *file)
{
    Reading old = {.arena = file->scratch, .text = file->old_text};
    Reading new = {.arena = file->scratch, .text = file->new_text};
    if (file->change->old_mode != MODE_LINK)
        read_settings(&old, file->name);
    if (file->change->new_mode != MODE_LINK)
        read_settings(&new, file->name);
    compare(file, &old.leaves, &new.leaves);
}
