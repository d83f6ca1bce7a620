#include "git/source.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/name.h"
#include "base/path.h"
#include "base/text.h"
#include "git/source_internal.h"

/* ── on this machine ── */

static bool holds(int folder_fd, const char *name)
{
    FsStat stat;
    bool found = false;
    Error ignored;
    return fs_stat_at(folder_fd, str_of(name), &found, &stat, &ignored) && found;
}

static bool is_repository(const char *path)
{
    SCOPED(fd_close) int fd = -1;
    Error ignored;
    if (!fs_open_root(path, &fd, &ignored))
        return false;
    return holds(fd, ".git") || (holds(fd, "HEAD") && holds(fd, "objects") && holds(fd, "refs"));
}

static bool is_bundle(const char *path)
{
    SCOPED(fd_close) int folder = -1;
    Error ignored;
    SCOPED(arena_close) Arena *arena = arena_open();
    const char *parent = arena_text(arena, path_folder(str_of(path)));
    if (!fs_open_root(parent[0] ? parent : "/", &folder, &ignored))
        return false;
    SCOPED(fd_close)
    int fd = fs_open_at(folder, path_base(str_of(path)), O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
    char head[16];
    ssize_t got = fd < 0 ? -1 : read(fd, head, sizeof head);
    Str first = {head, got > 0 ? (size_t)got : 0};
    return str_is(first, "# v2 git bundle\n") || str_is(first, "# v3 git bundle\n");
}

static GitSourceKind local_kind(Arena *arena, const char *path)
{
    Error ignored;
    FsStat stat;
    char *real;
    if (!fs_real_path(arena, path, &real, &ignored) || !fs_stat_path(real, &stat, &ignored))
        return GIT_SOURCE_PLAIN;
    bool upstream = stat.kind == FS_FOLDER ? is_repository(real) : is_bundle(real);
    return upstream ? GIT_SOURCE_LOCAL : GIT_SOURCE_PLAIN;
}

static char *local_path(Arena *arena, const GitSourceOptions *options, Str text)
{
    const char *path = arena_text(arena, text);
    if (path[0] == '~' && (path[1] == '\0' || path[1] == '/') && options->home)
        path = arena_format(arena, "%s%s", options->home, path + 1);
    return path_absolute(arena, options->cwd, path);
}

static bool set_ref(GitSource *source, Str text, size_t at, Error *err)
{
    if (at == STR_NONE)
        return true;
    source->ref = str_slice(text, at + 1, text.len);
    if (source->ref.len == 0)
        return source_refuse(err, text, "nothing follows the last '@'");
    return git_pin_check(source->ref, err);
}

/* An existing name wins whole, so that a folder named "a@b" can be given. */
static bool parse_local(Arena *arena, const GitSourceOptions *options, Str text, GitSource *out,
                        Error *err)
{
    GitSource source = {0};
    char *path = local_path(arena, options, text);
    size_t at = fs_exists(path) ? STR_NONE : str_find_last(text, '@');
    if (at != STR_NONE)
        path = local_path(arena, options, str_slice(text, 0, at));
    if (!fs_exists(path))
        return fail(err, ERR_NOT_FOUND, "nothing is at '%s'", text_safe(arena, str_of(path))) ||
               fail_hint(err, "Check the path; it is looked up from the current folder.");
    source.kind = local_kind(arena, path);
    source.url = str_of(path);
    if (!set_ref(&source, text, at, err))
        return false;
    if (source.kind == GIT_SOURCE_PLAIN && source.ref.len > 0)
        return fail(err, ERR_INVALID, "'%s' is no git repository, so it has no version '%s'",
                    text_safe(arena, source.url), text_safe(arena, source.ref));
    *out = source;
    return true;
}

static bool parse_file_url(Arena *arena, const GitSourceOptions *options, Str text, Error *err,
                           GitSource *out)
{
    Str path;
    if (!git_url_check(text, err))
        return false;
    if (!source_decode(arena, str_slice(text, sizeof "file://" - 1, text.len), &path))
        return source_refuse(err, text, "a percent escape is broken or hides a control byte");
    return parse_local(arena, options, path, out, err);
}

/* ── URLs ── */

static Str without_trailing_slashes(Str s)
{
    while (s.len > 1 && s.data[s.len - 1] == '/')
        s.len--;
    return s;
}

/* The page of a folder, as copied from a browser: …/owner/repo/tree/REF/path, or …/-/tree/REF/path.
 * A ref with a '/' in it cannot be told from the path: there @REF and --path are needed. */
static bool split_page(Arena *arena, const char *default_host, GitSource *source, Error *err)
{
    size_t scheme = source_scheme_end(source->url), marker = STR_NONE, skip = 0;
    Str rest = str_slice(source->url, scheme + 3, source->url.len), host = {0}, part;
    size_t slash = str_find(rest, '/');
    if (slash == STR_NONE || !source_host(str_slice(rest, 0, slash), &host))
        return true;
    Str path = str_slice(rest, slash, rest.len);
    bool known =
        str_is(host, "github.com") || str_equal(str_slice(rest, 0, slash), str_of(default_host));
    const char *const words[] = {"/-/tree/", "/-/blob/", "/tree/", "/blob/"};
    for (size_t i = 0; i < COUNT_OF(words) && marker == STR_NONE; i++) {
        if (i >= 2 && !known)
            break;
        marker = str_search(path, str_of(words[i]));
        skip = str_of(words[i]).len;
    }
    if (marker == STR_NONE || marker < 4) /* "/o/r" at least */
        return true;
    if (source->ref.len > 0)
        return source_refuse(err, source->url, "it names a version twice, by /tree/ and by '@'");
    Str below = str_slice(path, marker + skip, path.len);
    source->url = str_slice(source->url, 0, scheme + 3 + slash + marker);
    if (!str_next(&below, '/', &part))
        return source_refuse(err, source->url, "nothing follows /tree/");
    source->ref = part;
    below = without_trailing_slashes(below);
    return source_decode(arena, below, &source->path) ||
           source_refuse(err, source->url, "a percent escape is broken or hides a control byte");
}

static bool finish_remote(Arena *arena, const GitSourceOptions *options, GitSource *source,
                          Error *err)
{
    source->kind = GIT_SOURCE_REMOTE;
    source->url = without_trailing_slashes(source->url);
    if (!git_url_check(source->url, err))
        return false;
    const char *host = options->default_host ? options->default_host : "github.com";
    if (str_starts(source->url, STR("http")) && !split_page(arena, host, source, err))
        return false;
    source->url = without_trailing_slashes(source->url);
    return git_url_check(source->url, err) &&
           (source->path.len == 0 || name_check_path(source->path, err)) &&
           (source->ref.len == 0 || git_pin_check(source->ref, err));
}

/* The ref starts after the last '@' at or behind `path_from`. */
static bool parse_remote(Arena *arena, const GitSourceOptions *options, Str text, size_t path_from,
                         GitSource *out, Error *err)
{
    GitSource source = {.url = text};
    size_t at = str_find_last(str_slice(text, path_from, text.len), '@');
    if (at != STR_NONE) {
        source.url = str_slice(text, 0, path_from + at);
        if (!set_ref(&source, text, path_from + at, err))
            return false;
    }
    if (!finish_remote(arena, options, &source, err))
        return false;
    *out = (GitSource){source.kind, arena_copy(arena, source.url), arena_copy(arena, source.path),
                       arena_copy(arena, source.ref)};
    return true;
}

static bool parse_url(Arena *arena, const GitSourceOptions *options, Str text, size_t colon,
                      GitSource *out, Error *err)
{
    if (str_starts(text, STR("file://")))
        return parse_file_url(arena, options, text, err, out);
    size_t slash = str_find(str_slice(text, colon + 3, text.len), '/');
    size_t path_from = slash == STR_NONE ? text.len : colon + 3 + slash;
    return parse_remote(arena, options, text, path_from, out, err);
}

/* ── owner/repo[/path][@ref] ── */

static bool is_forge_name(Str name)
{
    if (name.len == 0 || name.len > 100 || str_is(name, ".") || str_is(name, ".."))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!word && c != '_' && (i == 0 || (c != '-' && c != '.')) && !(i == 0 && c == '.'))
            return false;
    }
    return true;
}

static bool parse_shorthand(Arena *arena, const GitSourceOptions *options, Str text, GitSource *out,
                            Error *err)
{
    size_t at = str_find_last(text, '@');
    Str rest = str_slice(text, 0, at == STR_NONE ? text.len : at), owner = {0}, repo = {0};
    bool both = str_next(&rest, '/', &owner) && str_next(&rest, '/', &repo);
    if (!both || !is_forge_name(owner) || !is_forge_name(repo))
        return fail(err, ERR_URL_REFUSED, "'%s' is neither a source nor a path that exists",
                    text_safe(arena, text));
    const char *host = options->default_host ? options->default_host : "github.com";
    GitSource source = {.path = without_trailing_slashes(rest)};
    source.url =
        str_of(arena_format(arena, "https://%s/%.*s/%.*s", host, STR_ARG(owner), STR_ARG(repo)));
    if (str_is(source.path, "/"))
        source.path = (Str){0};
    if (!set_ref(&source, text, at, err) || !finish_remote(arena, options, &source, err))
        return false;
    source.path = arena_copy(arena, source.path);
    source.ref = arena_copy(arena, source.ref);
    *out = source;
    return true;
}

static bool says_it_is_a_path(Str text)
{
    return str_starts(text, STR("/")) || str_starts(text, STR("./")) ||
           str_starts(text, STR("../")) || str_starts(text, STR("~/")) || str_is(text, ".") ||
           str_is(text, "..") || str_is(text, "~");
}

static bool exists_here(Arena *arena, const GitSourceOptions *options, Str text)
{
    size_t at = str_find_last(text, '@');
    return fs_exists(local_path(arena, options, text)) ||
           (at != STR_NONE && at > 0 &&
            fs_exists(local_path(arena, options, str_slice(text, 0, at))));
}

bool git_source_parse(Arena *arena, const GitSourceOptions *options, Str text, GitSource *out,
                      Error *err)
{
    if (!source_check_text(text, err))
        return false;
    size_t colon = source_scheme_end(text);
    if (colon != STR_NONE)
        return parse_url(arena, options, text, colon, out, err);
    if (says_it_is_a_path(text))
        return parse_local(arena, options, text, out, err);
    if (source_is_scp(text))
        return parse_remote(arena, options, text, str_find(text, ':') + 1, out, err);
    if (exists_here(arena, options, text))
        return parse_local(arena, options, text, out, err);
    return parse_shorthand(arena, options, text, out, err);
}

bool git_source_check(Str text, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const GitSourceOptions options = {0};
    GitSource ignored;
    if (!source_check_text(text, err))
        return false;
    size_t colon = source_scheme_end(text);
    if (str_starts(text, STR("file://")))
        return git_url_check(text, err);
    if (colon != STR_NONE)
        return parse_url(arena, &options, text, colon, &ignored, err);
    if (str_starts(text, STR("/")))
        return true;
    if (says_it_is_a_path(text))
        return source_refuse(err, text, "a path must be absolute here") ||
               fail_hint(err, "Begin it with '/': there is no current folder.");
    if (source_is_scp(text))
        return parse_remote(arena, &options, text, str_find(text, ':') + 1, &ignored, err);
    return parse_shorthand(arena, &options, text, &ignored, err);
}
