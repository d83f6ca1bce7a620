#include "base/path.h"

#include "base/array.h"
#include "base/buf.h"

Str path_base(Str path)
{
    size_t at = str_find_last(path, '/');
    return at == STR_NONE ? path : str_slice(path, at + 1, path.len);
}

Str path_folder(Str path)
{
    size_t at = str_find_last(path, '/');
    return at == STR_NONE ? (Str){0} : str_slice(path, 0, at);
}

Str path_stem(Str name)
{
    size_t at = str_find_last(name, '.');
    return at == STR_NONE || at == 0 ? name : str_slice(name, 0, at);
}

Str path_extension(Str name)
{
    Str stem = path_stem(name);
    return str_slice(name, stem.len, name.len);
}

char *path_join(Arena *arena, Str a, Str b)
{
    if (!a.len || !b.len)
        return arena_text(arena, a.len ? a : b);
    bool slash = a.data[a.len - 1] != '/';
    return arena_format(arena, "%.*s%s%.*s", STR_ARG(a), slash ? "/" : "", STR_ARG(b));
}

bool path_is_inside(Str path, Str folder)
{
    if (!folder.len)
        return true;
    if (!str_starts(path, folder))
        return false;
    return path.len == folder.len || path.data[folder.len] == '/';
}

char *path_absolute(Arena *arena, const char *cwd, const char *path)
{
    Str whole = str_of(path[0] == '/' ? path : path_join(arena, str_of(cwd), str_of(path)));
    StrArray parts = {0};
    Str part;
    while (str_next(&whole, '/', &part)) {
        if (!part.len || str_is(part, "."))
            continue;
        if (!str_is(part, ".."))
            ARRAY_PUSH(arena, &parts, part);
        else if (parts.count)
            parts.count--;
    }
    Buf out = buf_new(arena);
    for (size_t i = 0; i < parts.count; i++) {
        buf_add_char(&out, '/');
        buf_add(&out, parts.items[i]);
    }
    if (!parts.count)
        buf_add_char(&out, '/');
    return arena_text(arena, buf_str(&out));
}
