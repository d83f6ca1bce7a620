#include "content/ignore.h"

#include "base/limits.h"
#include "base/path.h"
#include "content/glob.h"

enum { PATTERN_BYTES = 4096 };

typedef struct {
    Glob glob;
    bool negated;
    bool folder_only;
    bool by_name; /* no slash in it: it is about the last component, at any depth */
} Rule;

struct Ignore {
    ARRAY(Rule) rules;
};

/* ---- parsing ---- */

/* A blank at the end counts only with a backslash before it. */
static Str trim_blanks(Str line)
{
    size_t end = 0;
    for (size_t i = 0; i < line.len; i++) {
        bool escape = line.data[i] == '\\' && i + 1 < line.len;
        if (line.data[i] == '\\' && !escape)
            return line;
        i += escape;
        if (escape || line.data[i] != ' ')
            end = i + 1;
    }
    return str_slice(line, 0, end);
}

static Str cut_line(Str line)
{
    if (str_ends(line, STR("\r")))
        line.len--;
    size_t nul = str_find(line, '\0');
    return trim_blanks(str_slice(line, 0, nul == STR_NONE ? line.len : nul));
}

static bool add_rule(Arena *arena, Ignore *ignore, Str pattern, Error *err)
{
    Rule rule = {0};
    if (pattern.len > PATTERN_BYTES)
        return fail(err, ERR_TOO_LARGE, "%s: a rule is longer than %d bytes", IGNORE_FILE,
                    PATTERN_BYTES);
    if (ignore->rules.count == LIMIT_IGNORE_RULES)
        return fail(err, ERR_TOO_LARGE, "%s: more than %d rules", IGNORE_FILE, LIMIT_IGNORE_RULES);
    rule.negated = str_starts(pattern, STR("!"));
    pattern = str_slice(pattern, rule.negated, pattern.len);
    rule.folder_only = str_ends(pattern, STR("/"));
    pattern.len -= rule.folder_only;
    rule.by_name = str_find(pattern, '/') == STR_NONE;
    if (!rule.by_name && pattern.data[0] == '/')
        pattern = str_slice(pattern, 1, pattern.len);
    rule.glob = glob_parse(arena, pattern);
    ARRAY_PUSH(arena, &ignore->rules, rule);
    return true;
}

bool ignore_parse(Arena *arena, Str text, Ignore **out, Error *err)
{
    Ignore *ignore = ARENA_NEW(arena, Ignore);
    Str line;
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_slice(text, 3, text.len);
    while (str_next(&text, '\n', &line)) {
        Str pattern = cut_line(line);
        if (!pattern.len || pattern.data[0] == '#')
            continue;
        if (!add_rule(arena, ignore, pattern, err))
            return false;
    }
    *out = ignore;
    return true;
}

/* ---- matching ---- */

/* The built-ins are written out, not globs: most artifacts have no rules but these, and every name on
 * every walk is asked. */
static bool is_swap_file(Str name) /* .*.sw? */
{
    return name.len >= 5 && name.data[0] == '.' &&
           str_equal(str_slice(name, name.len - 4, name.len - 1), STR(".sw"));
}

static bool is_built_in(Str name, bool folder)
{
    switch (name.len ? name.data[0] : '\0') {
    case '.':
        if (str_is(name, ".DS_Store") || str_starts(name, STR(".#")) || is_swap_file(name))
            return true;
        break;
    case '#':
        if (name.len >= 2 && str_ends(name, STR("#")))
            return true;
        break;
    case 'T':
        if (str_is(name, "Thumbs.db"))
            return true;
        break;
    case '_':
        if (folder && str_is(name, "__pycache__"))
            return true;
        break;
    default:
        break;
    }
    return str_ends(name, STR("~")) || str_ends(name, STR(".pyc")) || str_ends(name, STR(".pyo"));
}

bool ignore_matches_here(const Ignore *ignore, Str path, bool folder)
{
    Str name = path_base(path);
    if (!path.len || (!folder && str_is(path, IGNORE_FILE)))
        return false;
    if (folder && str_is(name, ".git"))
        return true;
    for (size_t i = ignore->rules.count; i > 0; i--) {
        const Rule *rule = &ignore->rules.items[i - 1];
        if ((folder || !rule->folder_only) &&
            glob_matches(&rule->glob, rule->by_name ? name : path))
            return !rule->negated;
    }
    return is_built_in(name, folder);
}

bool ignore_matches(const Ignore *ignore, Str path, bool folder)
{
    for (size_t i = 0; i < path.len; i++) {
        if (path.data[i] == '/' && ignore_matches_here(ignore, str_slice(path, 0, i), true))
            return true;
    }
    return ignore_matches_here(ignore, path, folder);
}

Tree ignore_filter(Arena *arena, const Ignore *ignore, const Tree *tree)
{
    Tree left = {0};
    for (size_t i = 0; i < tree->count; i++) {
        if (!ignore_matches(ignore, tree->items[i].path, false))
            ARRAY_PUSH(arena, &left, tree->items[i]);
    }
    return left;
}
