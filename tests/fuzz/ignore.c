/* Rules, a NUL, then paths one a line: whatever they are, a path below an ignored folder is ignored, the
 * rules' own file is not, and a filtered tree holds what is left and nothing else. */
#include "content/ignore.h"

#include <string.h>

#include "base/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(Arena *arena, const Ignore *ignore, Str path)
{
    bool ignored = ignore_matches(ignore, path, false);
    Tree tree = {0};
    ARRAY_PUSH(arena, &tree, (TreeEntry){.path = path, .mode = MODE_FILE});
    ASSERT(ignore_filter(arena, ignore, &tree).count == (ignored ? 0U : 1U));
    for (size_t i = 0; i < path.len; i++)
        if (path.data[i] == '/' && ignore_matches(ignore, str_slice(path, 0, i), true))
            ASSERT(ignored);
    if (str_is(path_base(path), ".git"))
        ASSERT(ignore_matches(ignore, path, true));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Str rest = {(const char *)data, size};
    Str rules = {0};
    Str path;
    Ignore *ignore;
    Error err;
    (void)str_next(&rest, '\0', &rules);
    if (!ignore_parse(arena, rules, &ignore, &err)) {
        ASSERT(err.code == ERR_TOO_LARGE);
        return 0;
    }
    ASSERT(!ignore_matches(ignore, STR(IGNORE_FILE), false));
    for (int i = 0; i < 20 && str_next(&rest, '\n', &path); i++)
        if (path.len)
            check_path(arena, ignore, path);
    return 0;
}
