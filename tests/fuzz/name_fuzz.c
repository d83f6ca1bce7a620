/* What the validator of names accepts: never empty, absolute or upward, never a form of ".git", never a
 * byte that a terminal or another system reads otherwise; folding is stable and agrees with itself. */
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_part(Str part)
{
    ASSERT(part.len > 0 && part.len <= LIMIT_NAME_BYTES);
    ASSERT(!str_is(part, ".") && !str_is(part, ".."));
    ASSERT(!(part.len == 4 && strncasecmp(part.data, ".git", 4) == 0));
    ASSERT(!(part.len == 5 && strncasecmp(part.data, "git~1", 5) == 0));
    ASSERT(part.data[part.len - 1] != '.' && part.data[part.len - 1] != ' ');
    for (size_t i = 0; i < part.len; i++) {
        unsigned char c = (unsigned char)part.data[i];
        ASSERT(c >= 0x20 && c != 0x7f && c != '\\' && c != ':');
    }
}

static void check_path(Arena *arena, Str path)
{
    Str part;
    size_t depth = 0;
    ASSERT(path.len > 0 && path.len <= LIMIT_PATH_BYTES && path.data[0] != '/');
    ASSERT(path.data[path.len - 1] != '/');
    for (Str rest = path; str_next(&rest, '/', &part); depth++)
        check_part(part);
    ASSERT(depth <= LIMIT_PATH_DEPTH);
    Str once = name_fold(arena, path);
    ASSERT(str_equal(once, name_fold(arena, once)));
}

/* The target, resolved from where the link stands, never leaves the artifact on the way. */
static void check_link(Str link, Str target)
{
    Str part;
    long depth = 0;
    for (size_t i = 0; i < link.len; i++)
        depth += link.data[i] == '/';
    ASSERT(target.len > 0 && target.data[0] != '/' && !str_has_nul(target));
    for (Str rest = target; str_next(&rest, '/', &part);) {
        if (str_is(part, ".."))
            depth--;
        else if (part.len && !str_is(part, "."))
            depth++;
        ASSERT(depth >= 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Error err;
    Str whole = {(const char *)data, size};
    size_t cut = str_find(whole, '\n');
    Str link = str_slice(whole, 0, cut == STR_NONE ? 0 : cut);
    Str target = str_slice(whole, cut == STR_NONE ? 0 : cut + 1, size);
    if (name_check_path(whole, &err))
        check_path(arena, whole);
    if (name_check_component(whole, &err))
        ASSERT(str_find(whole, '/') == STR_NONE && name_check_path(whole, &err));
    if (name_check_path(link, &err) && name_check_link(link, target, &err))
        check_link(link, target);
    return 0;
}
