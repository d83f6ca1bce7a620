#include <string.h>

#include "model/semver_internal.h"

/* A version of which parts may be missing or `x`: `parts` are known, 0 to 3. */
typedef struct {
    SemVer version;
    int parts;
} Partial;

typedef struct {
    Arena *arena;
    SemVerRange *range;
    bool starts_set;
} RangeBuilder;

static const SemVer NOTHING = {0, 0, 0, {"0", 1}}; /* below every release */

static void add_bound(RangeBuilder *builder, SemVerOperator op, SemVer version)
{
    SemVerBound bound = {op, version, builder->starts_set};
    ARRAY_PUSH(builder->arena, builder->range, bound);
    builder->starts_set = false;
}

/* The lowest version above all that share the first `parts` numbers: <2.0.0-0 keeps 2.0.0's own
 * pre-releases out as well. */
static SemVer above(SemVer version, int parts)
{
    SemVer next = {version.major + (parts == 1), parts >= 2 ? version.minor + (parts == 2) : 0,
                   parts >= 3 ? version.patch + 1 : 0, STR("0")};
    return next;
}

static void skip_blanks(Str *rest)
{
    while (semver_take(rest, ' ') || semver_take(rest, '\t') || semver_take(rest, ','))
        continue;
}

static bool take_wildcard(Str *rest)
{
    return semver_take(rest, 'x') || semver_take(rest, 'X') || semver_take(rest, '*');
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == ',';
}

static bool take_partial(Str *rest, Partial *out)
{
    Partial partial = {0};
    uint64_t *const numbers[] = {&partial.version.major, &partial.version.minor,
                                 &partial.version.patch};
    bool wild = false;
    if (!semver_take(rest, 'v'))
        (void)semver_take(rest, 'V');
    for (int i = 0; i < 3; i++) {
        if (i > 0 && !semver_take(rest, '.'))
            break;
        if (take_wildcard(rest)) {
            wild = true;
            continue;
        }
        if (!semver_take_number(rest, numbers[i]) || *numbers[i] == UINT64_MAX)
            return false;
        if (!wild)
            partial.parts = i + 1;
        else
            *numbers[i] = 0;
    }
    if (partial.parts == 3 && !semver_take_tail(rest, &partial.version))
        return false;
    if (rest->len > 0 && !is_blank(rest->data[0]))
        return false;
    *out = partial;
    return true;
}

static void add_caret(RangeBuilder *builder, const Partial *partial)
{
    const SemVer *version = &partial->version;
    int fixed = version->major > 0 || partial->parts == 1   ? 1
                : version->minor > 0 || partial->parts == 2 ? 2
                                                            : 3;
    add_bound(builder, SEMVER_GE, *version);
    if (partial->parts > 0)
        add_bound(builder, SEMVER_LT, above(*version, fixed));
}

static void add_tilde(RangeBuilder *builder, const Partial *partial)
{
    add_bound(builder, SEMVER_GE, partial->version);
    if (partial->parts > 0)
        add_bound(builder, SEMVER_LT, above(partial->version, partial->parts == 1 ? 1 : 2));
}

static void add_equal(RangeBuilder *builder, const Partial *partial)
{
    if (partial->parts == 3) {
        add_bound(builder, SEMVER_EQ, partial->version);
        return;
    }
    add_bound(builder, SEMVER_GE, partial->version);
    if (partial->parts > 0)
        add_bound(builder, SEMVER_LT, above(partial->version, partial->parts));
}

static void add_greater(RangeBuilder *builder, const Partial *partial, bool or_equal)
{
    SemVer next = above(partial->version, partial->parts);
    next.pre = (Str){0};
    if (or_equal || partial->parts == 3)
        add_bound(builder, or_equal ? SEMVER_GE : SEMVER_GT, partial->version);
    else if (partial->parts == 0)
        add_bound(builder, SEMVER_LT, NOTHING);
    else
        add_bound(builder, SEMVER_GE, next);
}

static void add_less(RangeBuilder *builder, const Partial *partial, bool or_equal)
{
    SemVer version = partial->version;
    if (partial->parts == 3) {
        add_bound(builder, or_equal ? SEMVER_LE : SEMVER_LT, version);
    } else if (partial->parts == 0) {
        add_bound(builder, or_equal ? SEMVER_GE : SEMVER_LT, or_equal ? version : NOTHING);
    } else if (or_equal) {
        add_bound(builder, SEMVER_LT, above(version, partial->parts));
    } else {
        version.pre = STR("0");
        add_bound(builder, SEMVER_LT, version);
    }
}

static bool take_operator(Str *rest, char *first, bool *or_equal)
{
    *first = '=';
    *or_equal = false;
    if (rest->len == 0)
        return false;
    if (strchr("^~<>=", rest->data[0]) == NULL || rest->data[0] == '\0')
        return true;
    *first = rest->data[0];
    *rest = str_slice(*rest, 1, rest->len);
    if (*first == '<' || *first == '>')
        *or_equal = semver_take(rest, '=');
    else if (*first == '~')
        (void)semver_take(rest, '>');
    skip_blanks(rest);
    return true;
}

static bool take_simple(RangeBuilder *builder, Str *rest)
{
    char first;
    bool or_equal;
    Partial partial;
    if (!take_operator(rest, &first, &or_equal) || !take_partial(rest, &partial))
        return false;
    if (first == '^')
        add_caret(builder, &partial);
    else if (first == '~')
        add_tilde(builder, &partial);
    else if (first == '>')
        add_greater(builder, &partial, or_equal);
    else if (first == '<')
        add_less(builder, &partial, or_equal);
    else
        add_equal(builder, &partial);
    return true;
}

/* "1.2.3 - 2.0.0": false, with nothing taken, when it is not one. */
static bool take_hyphen(RangeBuilder *builder, Str set)
{
    size_t at = str_search(set, STR(" - "));
    if (at == STR_NONE)
        return false;
    Str left = str_trim(str_slice(set, 0, at));
    Str right = str_trim(str_slice(set, at + 3, set.len));
    Partial low, high;
    if (!take_partial(&left, &low) || left.len > 0 || !take_partial(&right, &high) || right.len > 0)
        return false;
    add_bound(builder, SEMVER_GE, low.version);
    if (high.parts > 0)
        add_less(builder, &high, true);
    return true;
}

static bool parse_set(RangeBuilder *builder, Str set)
{
    if (take_hyphen(builder, set))
        return true;
    skip_blanks(&set);
    while (set.len > 0) {
        if (!take_simple(builder, &set))
            return false;
        skip_blanks(&set);
    }
    return true;
}

bool semver_range_parse(Arena *arena, Str text, SemVerRange *out)
{
    SemVerRange range = {0};
    Str rest = text;
    for (;;) {
        size_t at = str_search(rest, STR("||"));
        RangeBuilder builder = {arena, &range, true};
        Str set = str_trim(at == STR_NONE ? rest : str_slice(rest, 0, at));
        if (set.len == 0 || !parse_set(&builder, set) || builder.starts_set)
            return false;
        if (at == STR_NONE)
            break;
        rest = str_slice(rest, at + 2, rest.len);
    }
    *out = range;
    return true;
}

static bool within(const SemVerBound *bound, const SemVer *version)
{
    int order = semver_compare(version, &bound->version);
    switch (bound->op) {
    case SEMVER_LT:
        return order < 0;
    case SEMVER_LE:
        return order <= 0;
    case SEMVER_EQ:
        return order == 0;
    case SEMVER_GE:
        return order >= 0;
    case SEMVER_GT:
        return order > 0;
    }
    return false;
}

static bool names_pre_of(const SemVerBound *bound, const SemVer *version)
{
    const SemVer *named = &bound->version;
    return named->pre.len > 0 && named->major == version->major && named->minor == version->minor &&
           named->patch == version->patch;
}

bool semver_in_range(const SemVerRange *range, const SemVer *version)
{
    size_t i = 0;
    while (i < range->count) {
        bool fits = true;
        bool named = version->pre.len == 0;
        do {
            fits = fits && within(&range->items[i], version);
            named = named || names_pre_of(&range->items[i], version);
            i++;
        } while (i < range->count && !range->items[i].starts_set);
        if (fits && named)
            return true;
    }
    return false;
}
