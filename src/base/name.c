#include "base/name.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"

enum { MESSAGE_ARENA_TEXT = 200, ARTIFACT_NAME_BYTES = 100, LONGEST_FOLDED = 24 };

static bool refuse(Error *err, Str name, const char *why)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Str shown = str_slice(name, 0, MESSAGE_ARENA_TEXT);
    return fail(err, ERR_NAME_REFUSED, "refused the name '%s'%s: it %s", text_safe(arena, shown),
                shown.len < name.len ? "…" : "", why);
}

static uint32_t decode(Str s, size_t len)
{
    const uint8_t *b = (const uint8_t *)s.data;
    if (len == 1)
        return b[0];
    if (len == 2)
        return (uint32_t)(b[0] & 31) << 6 | (b[1] & 63);
    if (len == 3)
        return (uint32_t)(b[0] & 15) << 12 | (uint32_t)(b[1] & 63) << 6 | (b[2] & 63);
    return (uint32_t)(b[0] & 7) << 18 | (uint32_t)(b[1] & 63) << 12 | (uint32_t)(b[2] & 63) << 6 |
           (b[3] & 63);
}

/* Format characters that people cannot see or that reorder what they see; HFS+ drops some of them. */
static bool is_invisible(uint32_t c)
{
    return (c >= 0x80 && c <= 0x9F) || c == 0xAD || c == 0x61C || c == 0x180E ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
           (c >= 0xE0000 && c <= 0xE007F);
}

static const char *bad_character(Str name)
{
    while (name.len) {
        unsigned char c = (unsigned char)name.data[0];
        if (c < 0x20 || c == 0x7F)
            return "holds a control character";
        if (c == '\\')
            return "holds a backslash";
        if (c == ':')
            return "holds a colon";
        size_t step = str_utf8_next(name);
        if (step > 1 && is_invisible(decode(name, step)))
            return "holds an invisible or direction-changing character";
        name = str_slice(name, step ? step : 1, name.len);
    }
    return NULL;
}

static bool same_folded(Str name, const char *text)
{
    return name.len == strlen(text) && strncasecmp(name.data, text, name.len) == 0;
}

/* What some file system would take for ".git": NTFS short names and trailing dots, blanks and streams. */
static bool is_dot_git(Str name)
{
    while (name.len && (name.data[name.len - 1] == '.' || name.data[name.len - 1] == ' '))
        name.len--;
    return same_folded(name, ".git") || same_folded(name, "git~1");
}

static bool is_device(Str name)
{
    static const char *const devices[] = {"con", "prn", "aux", "nul", "conin$", "conout$"};
    size_t dot = str_find(name, '.');
    Str stem = str_slice(name, 0, dot == STR_NONE ? name.len : dot);
    while (stem.len && stem.data[stem.len - 1] == ' ')
        stem.len--;
    for (size_t i = 0; i < COUNT_OF(devices); i++)
        if (same_folded(stem, devices[i]))
            return true;
    if (stem.len != 4 || stem.data[3] < '1' || stem.data[3] > '9')
        return false;
    return strncasecmp(stem.data, "com", 3) == 0 || strncasecmp(stem.data, "lpt", 3) == 0;
}

static const char *component_fault(Str name)
{
    if (!name.len)
        return "has an empty part";
    if (str_is(name, ".") || str_is(name, ".."))
        return "has a '.' or '..' part";
    if (name.len > LIMIT_NAME_BYTES)
        return "has a part of more than 255 bytes";
    const char *fault = bad_character(name);
    if (fault)
        return fault;
    if (is_dot_git(name))
        return "would stand for git's own folder";
    if (name.data[name.len - 1] == '.' || name.data[name.len - 1] == ' ' || name.data[0] == ' ')
        return "begins with a blank or ends with a dot or blank";
    if (is_device(name))
        return "is a device name on some systems";
    return NULL;
}

bool name_check_component(Str name, Error *err)
{
    const char *fault = component_fault(name);
    if (!fault && str_find(name, '/') != STR_NONE)
        fault = "holds a slash";
    return fault ? refuse(err, name, fault) : true;
}

bool name_check_path(Str path, Error *err)
{
    if (!path.len)
        return refuse(err, path, "is empty");
    if (path.len > LIMIT_PATH_BYTES)
        return refuse(err, path, "is longer than 1024 bytes");
    if (path.data[0] == '/')
        return refuse(err, path, "is absolute");
    size_t depth = 0;
    for (size_t from = 0; from <= path.len; depth++) {
        size_t slash = str_find(str_slice(path, from, path.len), '/');
        size_t to = slash == STR_NONE ? path.len : from + slash;
        const char *fault = component_fault(str_slice(path, from, to));
        if (fault)
            return refuse(err, path, fault);
        from = to + 1;
    }
    return depth <= LIMIT_PATH_DEPTH ? true : refuse(err, path, "is more than 64 folders deep");
}

static bool refuse_link(Error *err, Str link, const char *why)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    return fail(err, ERR_LINK_REFUSED, "refused the link '%s': its target %s",
                text_safe(arena, str_slice(link, 0, MESSAGE_ARENA_TEXT)), why);
}

bool name_check_folder(Str path, Error *err)
{
    Str rest = path, part = {0};
    SCOPED(arena_close) Arena *arena = arena_open();
    const char *shown = text_safe(arena, str_slice(path, 0, MESSAGE_ARENA_TEXT));
    if (!path.len || path.data[0] != '/' || path.len > 4 * LIMIT_PATH_BYTES)
        return fail(err, ERR_INVALID, "an absolute path is expected, not '%s'", shown);
    while (str_next(&rest, '/', &part))
        if (str_is(part, "..") || str_is(part, ".") || str_has_nul(part))
            return fail(err, ERR_PATH_ESCAPES,
                        "'%s' has a '.' or '..' part, which no project's path has", shown);
    return true;
}

bool name_check_link(Str link_path, Str target, Error *err)
{
    if (!target.len || target.len > LIMIT_LINK_BYTES || str_has_nul(target))
        return refuse_link(err, link_path, "is empty, too long or holds a NUL");
    if (target.data[0] == '/' || target.data[0] == '\\' ||
        (target.len > 1 && target.data[1] == ':'))
        return refuse_link(err, link_path, "is absolute");
    bool named = false;
    size_t depth = 0; /* folders above the link, inside the artifact */
    for (size_t i = 0; i < link_path.len; i++)
        depth += link_path.data[i] == '/';
    Str part;
    while (str_next(&target, '/', &part)) {
        if (!part.len || str_is(part, "."))
            continue;
        if (str_is(part, "..") && depth == 0)
            return refuse_link(err, link_path, "leads out of the artifact");
        /* "d/../../x" stays inside only as long as d is no link to a folder higher up. */
        if (str_is(part, "..") && named)
            return refuse_link(err, link_path, "climbs after it went down");
        if (str_is(part, "..")) {
            depth--;
            continue;
        }
        if (component_fault(part))
            return refuse_link(err, link_path, component_fault(part));
        named = true;
    }
    return true;
}

bool name_check_type(Str type, Error *err)
{
    bool good = type.len > 0 && type.len <= ARTIFACT_NAME_BYTES && !is_device(type);
    for (size_t i = 0; good && i < type.len; i++) {
        unsigned char c = (unsigned char)type.data[i];
        good = (c < 0x80 && isalnum(c)) || (i > 0 && (c == '-' || c == '_'));
    }
    return good ? true : refuse(err, type, "is not a type: ASCII letters, digits, '-' and '_'");
}

bool name_check_artifact(Str name, Error *err)
{
    const char *fault = component_fault(name);
    if (fault)
        return refuse(err, name, fault);
    bool good = name.len <= ARTIFACT_NAME_BYTES && str_is_utf8(name);
    for (size_t i = 0; good && i < name.len; i++) {
        unsigned char c = (unsigned char)name.data[i];
        good = c >= 0x80 || isalnum(c) || (i > 0 && strchr("._-+@", c));
    }
    return good ? true
                : refuse(err, name,
                         "is not an artifact's name: letters, digits and '._-+@', "
                         "a letter or digit first, at most 100 bytes");
}

typedef struct {
    uint32_t point;
    char folded[LONGEST_FOLDED];
} FoldRow;

static const FoldRow fold_rows[] = {
#include "base/name_fold.inc"
};

static int fold_order(const void *key, const void *row)
{
    uint32_t point = *(const uint32_t *)key;
    uint32_t other = ((const FoldRow *)row)->point;
    return point < other ? -1 : point > other;
}

static void add_point(Buf *out, uint32_t c)
{
    char bytes[3] = {(char)(0xE0 | c >> 12), (char)(0x80 | (c >> 6 & 63)), (char)(0x80 | (c & 63))};
    buf_add_bytes(out, bytes, sizeof bytes);
}

/* Unicode standard, section 3.12: a Hangul syllable is arithmetic over its jamo. */
static bool add_hangul(Buf *out, uint32_t c)
{
    if (c < 0xAC00 || c >= 0xD7A4)
        return false;
    uint32_t index = c - 0xAC00;
    add_point(out, 0x1100 + index / 588);
    add_point(out, 0x1161 + index % 588 / 28);
    if (index % 28)
        add_point(out, 0x11A7 + index % 28);
    return true;
}

static void add_folded(Buf *out, Str sequence)
{
    uint32_t c = decode(sequence, sequence.len);
    const FoldRow *row = bsearch(&c, fold_rows, COUNT_OF(fold_rows), sizeof *fold_rows, fold_order);
    if (row)
        buf_add_text(out, row->folded);
    else if (!add_hangul(out, c))
        buf_add(out, sequence);
}

Str name_fold(Arena *arena, Str path)
{
    Buf out = buf_new(arena);
    buf_reserve(&out, path.len + 1);
    while (path.len) {
        size_t step = str_utf8_next(path);
        if (step > 1)
            add_folded(&out, str_slice(path, 0, step));
        else
            buf_add_char(&out, step ? (char)tolower((unsigned char)path.data[0]) : path.data[0]);
        path = str_slice(path, step ? step : 1, path.len);
    }
    return buf_str(&out);
}
