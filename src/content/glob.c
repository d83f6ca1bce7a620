#include "content/glob.h"

#include <ctype.h>
#include <string.h>

#include "base/limits.h"

/* ---- parsing ---- */

typedef struct {
    const char *name;
    int (*has)(int c);
} NamedClass;

/* The program never calls setlocale, so these are ASCII's. */
static const NamedClass named_classes[] = {
    {"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank}, {"cntrl", iscntrl},
    {"digit", isdigit}, {"graph", isgraph}, {"lower", islower}, {"print", isprint},
    {"punct", ispunct}, {"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit},
};

typedef struct {
    Str text;
    size_t at;
    uint8_t members[32];
    int previous; /* the byte a range may start from, or -1 */
} ClassReader;

static void add_member(uint8_t members[32], unsigned byte)
{
    members[byte >> 3] = (uint8_t)(members[byte >> 3] | 1U << (byte & 7));
}

/* The byte at the reader, a backslash before it dropped. */
static bool take_byte(ClassReader *reader, unsigned *out)
{
    if (reader->at < reader->text.len && reader->text.data[reader->at] == '\\')
        reader->at++;
    if (reader->at >= reader->text.len)
        return false;
    *out = (uint8_t)reader->text.data[reader->at++];
    return true;
}

static bool add_named(ClassReader *reader, Str name)
{
    for (size_t i = 0; i < COUNT_OF(named_classes); i++) {
        if (!str_is(name, named_classes[i].name))
            continue;
        for (int c = 0; c < 128; c++)
            if (named_classes[i].has(c))
                add_member(reader->members, (unsigned)c);
        reader->previous = -1;
        return true;
    }
    return false;
}

/* `[:name:]`; `*named` is false when it is a plain '[' after all. */
static bool read_named(ClassReader *reader, bool *named)
{
    Str rest = str_slice(reader->text, reader->at, reader->text.len);
    *named = false;
    if (!str_starts(rest, STR("[:")))
        return true;
    size_t end = str_find(str_slice(rest, 2, rest.len), ']');
    if (end == STR_NONE)
        return false;
    if (end == 0 || rest.data[2 + end - 1] != ':')
        return true;
    *named = true;
    reader->at += 2 + end + 1;
    return add_named(reader, str_slice(rest, 2, 2 + end - 1));
}

static bool at_range(const ClassReader *reader)
{
    Str text = reader->text;
    return reader->previous >= 0 && text.data[reader->at] == '-' && reader->at + 1 < text.len &&
           text.data[reader->at + 1] != ']';
}

static bool read_member(ClassReader *reader)
{
    unsigned byte;
    bool named;
    if (at_range(reader)) {
        reader->at++;
        if (!take_byte(reader, &byte))
            return false;
        for (unsigned c = (unsigned)reader->previous; c <= byte; c++)
            add_member(reader->members, c);
        reader->previous = -1;
        return true;
    }
    if (!read_named(reader, &named))
        return false;
    if (named)
        return true;
    if (!take_byte(reader, &byte))
        return false;
    add_member(reader->members, byte);
    reader->previous = (int)byte;
    return true;
}

/* From behind the '['; false when it is malformed. A first ']' is a member. */
static bool read_class(Arena *arena, Str text, size_t *at, GlobToken *out)
{
    ClassReader reader = {.text = text, .at = *at, .previous = -1};
    bool negated =
        reader.at < text.len && (text.data[reader.at] == '!' || text.data[reader.at] == '^');
    reader.at += negated;
    do {
        if (reader.at >= text.len || !read_member(&reader))
            return false;
    } while (reader.at < text.len && text.data[reader.at] != ']');
    if (reader.at >= text.len)
        return false;
    uint8_t *members = arena_alloc(arena, sizeof reader.members, 1);
    for (size_t i = 0; i < sizeof reader.members; i++)
        members[i] = (uint8_t)(negated ? ~reader.members[i] : reader.members[i]);
    members['/' >> 3] = (uint8_t)(members['/' >> 3] & ~(1U << ('/' & 7)));
    *at = reader.at + 1;
    *out = (GlobToken){.kind = GLOB_CLASS, .members = members};
    return true;
}

/* At a run of stars. Two or more between slashes (or the ends) go deep. */
static GlobToken read_stars(Str text, size_t *at)
{
    size_t start = *at;
    while (*at < text.len && text.data[*at] == '*')
        (*at)++;
    Str rest = str_slice(text, *at, text.len);
    bool opens = start == 0 || text.data[start - 1] == '/';
    if (*at - start < 2 || !opens)
        return (GlobToken){.kind = GLOB_STAR};
    if (!rest.len || str_starts(rest, STR("\\/")))
        return (GlobToken){.kind = GLOB_DEEP};
    if (rest.data[0] != '/')
        return (GlobToken){.kind = GLOB_STAR};
    (*at)++;
    return (GlobToken){.kind = GLOB_FOLDERS};
}

static GlobToken read_token(Arena *arena, Str text, size_t *at)
{
    GlobToken token = {.kind = GLOB_BYTE, .byte = (uint8_t)text.data[*at]};
    switch (text.data[*at]) {
    case '*':
        return read_stars(text, at);
    case '?':
        token.kind = GLOB_ANY;
        break;
    case '[':
        (*at)++;
        return read_class(arena, text, at, &token) ? token : (GlobToken){.kind = GLOB_NEVER};
    case '\\':
        if (++*at == text.len)
            return (GlobToken){.kind = GLOB_NEVER};
        token.byte = (uint8_t)text.data[*at];
        break;
    default:
        break;
    }
    (*at)++;
    return token;
}

/* git compares what stands before the first special byte by itself, so that a `**` right behind it counts
 * as the start of a pattern: "foo**" followed by "/bar" matches "foobar". */
static size_t literal_length(Str pattern)
{
    size_t len = 0;
    while (len < pattern.len && !memchr("*?[\\", pattern.data[len], 4))
        len++;
    return len;
}

Glob glob_parse(Arena *arena, Str pattern)
{
    Glob glob = {0};
    size_t literal = literal_length(pattern);
    for (size_t i = 0; i < literal; i++)
        ARRAY_PUSH(arena, &glob, (GlobToken){.kind = GLOB_BYTE, .byte = (uint8_t)pattern.data[i]});
    Str rest = str_slice(pattern, literal, pattern.len);
    for (size_t at = 0; at < rest.len;) {
        GlobToken token = read_token(arena, rest, &at);
        ARRAY_PUSH(arena, &glob, token);
        if (token.kind == GLOB_NEVER)
            break;
    }
    return glob;
}

/* ---- matching: `reached` marks how far into the path the tokens so far can have come ---- */

typedef struct {
    bool at[LIMIT_PATH_BYTES + 1];
    size_t first; /* no place before it is reached */
} Reached;

static bool token_has(const GlobToken *token, uint8_t byte)
{
    switch (token->kind) {
    case GLOB_BYTE:
        return token->byte == byte;
    case GLOB_ANY:
        return byte != '/';
    case GLOB_CLASS:
        return (token->members[byte >> 3] >> (byte & 7) & 1) != 0;
    case GLOB_STAR:
    case GLOB_DEEP:
    case GLOB_FOLDERS:
    case GLOB_NEVER:
    default:
        return false;
    }
}

static bool step_one(const GlobToken *token, Str path, Reached *reached)
{
    bool any = false;
    for (size_t i = path.len; i > reached->first; i--) {
        reached->at[i] = reached->at[i - 1] && token_has(token, (uint8_t)path.data[i - 1]);
        any = any || reached->at[i];
    }
    reached->at[reached->first] = false;
    reached->first++;
    return any;
}

static bool step_many(const GlobToken *token, Str path, Reached *reached)
{
    bool before = false; /* some place before this one was reached by the tokens so far */
    for (size_t i = reached->first; i <= path.len; i++) {
        bool slash = i > 0 && path.data[i - 1] == '/';
        bool was = reached->at[i];
        bool spreads = token->kind == GLOB_STAR   ? i > 0 && reached->at[i - 1] && !slash
                       : token->kind == GLOB_DEEP ? before
                                                  : before && slash;
        /* at[i - 1] is already this token's answer, which is what a star goes on from */
        reached->at[i] = was || (i > reached->first && spreads);
        before = before || was;
    }
    return true;
}

bool glob_matches(const Glob *glob, Str path)
{
    Reached reached;
    if (path.len > LIMIT_PATH_BYTES)
        return false;
    memset(reached.at, 0, path.len + 1);
    reached.at[0] = true;
    reached.first = 0;
    for (size_t i = 0; i < glob->count; i++) {
        const GlobToken *token = &glob->items[i];
        bool many =
            token->kind == GLOB_STAR || token->kind == GLOB_DEEP || token->kind == GLOB_FOLDERS;
        if (reached.first > path.len || token->kind == GLOB_NEVER)
            return false;
        if (!(many ? step_many(token, path, &reached) : step_one(token, path, &reached)))
            return false;
    }
    return reached.first <= path.len && reached.at[path.len];
}
