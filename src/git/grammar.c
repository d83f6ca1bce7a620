#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "git/source.h"
#include "git/source_internal.h"

enum { SHOWN_BYTES = 200 };

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static bool all_in(Str s, const char *allowed)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_alnum(s.data[i]) && (s.data[i] == '\0' || !strchr(allowed, s.data[i])))
            return false;
    return true;
}

bool source_refuse(Error *err, Str text, const char *why)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const char *shown = text_safe(arena, source_without_secret(arena, text));
    return fail(err, ERR_URL_REFUSED, "'%.*s' is refused: %s", SHOWN_BYTES, shown, why);
}

/* What stands between "://" and '@' may be a password that was pasted along. */
Str source_without_secret(Arena *arena, Str url)
{
    size_t scheme = str_search(url, STR("://"));
    if (scheme == STR_NONE)
        return url;
    size_t from = scheme + 3;
    Str rest = str_slice(url, from, url.len);
    size_t slash = str_find(rest, '/');
    Str authority = str_slice(rest, 0, slash == STR_NONE ? rest.len : slash);
    size_t at = str_find_last(authority, '@');
    if (at == STR_NONE)
        return url;
    return str_of(arena_format(arena, "%.*s***%.*s", STR_ARG(str_slice(url, 0, from)),
                               STR_ARG(str_slice(rest, at, rest.len))));
}

/* ── host, user, path of a URL ── */

static bool is_name_of_host(Str host)
{
    if (host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']')
        return all_in(str_slice(host, 1, host.len - 1), ":.");
    return host.len > 0 && host.len <= 253 && is_alnum(host.data[0]) && all_in(host, ".-_");
}

static bool is_port(Str port)
{
    uint64_t number;
    return port.len <= 5 && str_to_u64(port, &number) && number >= 1 && number <= 65535;
}

bool source_host(Str authority, Str *host)
{
    size_t from = authority.len && authority.data[0] == '[' ? str_find(authority, ']') : 0;
    if (from == STR_NONE)
        return false;
    size_t colon = str_find(str_slice(authority, from, authority.len), ':');
    *host = str_slice(authority, 0, colon == STR_NONE ? authority.len : from + colon);
    return is_name_of_host(*host) &&
           (colon == STR_NONE || is_port(str_slice(authority, from + colon + 1, authority.len)));
}

static bool is_user(Str user)
{
    return user.len > 0 && (is_alnum(user.data[0]) || user.data[0] == '_') && all_in(user, "._+-");
}

static bool is_loopback(Str host)
{
    uint64_t number;
    Str part;
    if (str_is(host, "localhost") || str_is(host, "[::1]"))
        return true;
    if (!str_starts(host, STR("127.")))
        return false;
    int parts = 0;
    for (Str rest = host; str_next(&rest, '.', &part); parts++)
        if (part.len > 3 || !str_to_u64(part, &number) || number > 255)
            return false;
    return parts == 4;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Percent escapes must be whole and must not hide a control byte: git decodes them. */
bool source_decode(Arena *arena, Str path, Str *out)
{
    Buf buf = buf_new(arena);
    for (size_t i = 0; i < path.len; i++) {
        char c = path.data[i];
        if (c == '%') {
            if (i + 2 >= path.len)
                return false;
            int high = hex_value(path.data[i + 1]), low = hex_value(path.data[i + 2]);
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (is_control(c))
            return false;
        buf_add_char(&buf, c);
    }
    *out = buf_str(&buf);
    return true;
}

static const char *fault_of_path(Str path)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Str decoded, part;
    if (!source_decode(arena, path, &decoded))
        return "a percent escape is broken or hides a control byte";
    if (path.len < 2 || path.data[0] != '/')
        return "it names no repository";
    if (decoded.len > 1 && decoded.data[1] == '-')
        return "its path begins with '-'";
    for (size_t i = 0; i < path.len; i++)
        if (!is_alnum(path.data[i]) && !strchr("/-._~%!$&'()*+,;=:@", path.data[i]))
            return "its path holds a character that must be percent-encoded";
    for (Str rest = decoded; str_next(&rest, '/', &part);)
        if (str_is(part, ".") || str_is(part, ".."))
            return "its path holds '.' or '..'";
    return NULL;
}

/* ── the forms ── */

static bool check_userinfo(Str url, Str scheme, Str *authority, Error *err)
{
    size_t at = str_find_last(*authority, '@');
    if (at == STR_NONE)
        return true;
    Str user = str_slice(*authority, 0, at);
    *authority = str_slice(*authority, at + 1, authority->len);
    if (str_is(scheme, "ssh"))
        return is_user(user) || source_refuse(err, url, "before '@' only a user's name may stand");
    return source_refuse(err, url,
                         "a user name or password in a URL ends up in records and logs") ||
           fail_hint(err, "Leave out what stands before '@'; give the secret to a git credential "
                          "helper (`git help credentials`).");
}

static bool check_remote(Str url, Str scheme, Str rest, Error *err)
{
    size_t slash = str_find(rest, '/');
    Str authority = str_slice(rest, 0, slash == STR_NONE ? rest.len : slash);
    Str path = slash == STR_NONE ? (Str){0} : str_slice(rest, slash, rest.len);
    Str host;
    if (!check_userinfo(url, scheme, &authority, err))
        return false;
    if (!source_host(authority, &host))
        return source_refuse(err, url, "its host or port is not well-formed");
    bool plain = str_is(scheme, "http") || str_is(scheme, "git");
    if (plain && !is_loopback(host))
        return source_refuse(err, url, "nothing protects it on the way; use https:// or ssh://");
    const char *fault = fault_of_path(path);
    return fault == NULL || source_refuse(err, url, fault);
}

static bool check_file(Str url, Str path, Error *err)
{
    if (path.len == 0 || path.data[0] != '/')
        return source_refuse(err, url, "file:// takes an absolute path: file:///srv/repo.git");
    SCOPED(arena_close) Arena *arena = arena_open();
    Str decoded;
    return source_decode(arena, path, &decoded) ||
           source_refuse(err, url, "a percent escape is broken or hides a control byte");
}

static bool check_scheme(Str url, size_t colon, Error *err)
{
    Str scheme = str_slice(url, 0, colon);
    Str rest = str_slice(url, colon + 3, url.len);
    const char *const remote[] = {"https", "ssh", "http", "git"};
    for (size_t i = 0; i < COUNT_OF(remote); i++)
        if (str_is(scheme, remote[i]))
            return check_remote(url, scheme, rest, err);
    if (str_is(scheme, "file"))
        return check_file(url, rest, err);
    return source_refuse(err, url, "this kind of URL is not known here");
}

bool source_is_scp(Str text)
{
    size_t colon = str_find(text, ':');
    size_t slash = str_find(text, '/');
    return colon != STR_NONE && (slash == STR_NONE || colon < slash);
}

static bool check_scp(Str url, Error *err)
{
    size_t colon = str_find(url, ':');
    Str host = str_slice(url, 0, colon), path = str_slice(url, colon + 1, url.len);
    size_t at = str_find_last(host, '@');
    if (at != STR_NONE && !is_user(str_slice(host, 0, at)))
        return source_refuse(err, url, "before '@' only a user's name may stand");
    host = str_slice(host, at == STR_NONE ? 0 : at + 1, host.len);
    if (!is_name_of_host(host) || host.data[0] == '[')
        return source_refuse(err, url, "its host is not well-formed");
    if (path.len == 0 || path.data[0] == '-' || path.data[0] == ':')
        return source_refuse(err, url, "its path is not well-formed");
    return true;
}

static bool check_bytes(Str url, Error *err)
{
    if (url.len == 0)
        return fail(err, ERR_URL_REFUSED, "the source is empty");
    if (url.len > LIMIT_URL_BYTES)
        return source_refuse(err, url, "it is longer than 2,048 bytes");
    for (size_t i = 0; i < url.len; i++)
        if (is_control(url.data[i]))
            return source_refuse(err, url, "it holds a control byte");
    if (url.data[0] == '-')
        return source_refuse(err, url, "it begins with '-' and would be read as an option");
    return true;
}

bool source_check_text(Str text, Error *err)
{
    if (!check_bytes(text, err))
        return false;
    size_t helper = str_search(text, STR("::"));
    if (helper != STR_NONE && all_in(str_slice(text, 0, helper), "+.-_"))
        return source_refuse(err, text, "'x::' would make git run a program named after x");
    return true;
}

size_t source_scheme_end(Str text)
{
    size_t colon = str_search(text, STR("://"));
    size_t slash = str_find(text, '/');
    return colon != STR_NONE && slash == colon + 1 ? colon : STR_NONE;
}

bool git_url_check(Str url, Error *err)
{
    if (!source_check_text(url, err))
        return false;
    if (url.data[0] == '/')
        return true;
    size_t colon = source_scheme_end(url);
    if (colon != STR_NONE)
        return check_scheme(url, colon, err);
    if (source_is_scp(url))
        return check_scp(url, err);
    return source_refuse(err, url, "it is neither a URL nor an absolute path");
}

/* ── refs and pins ── */

static const char *fault_of_component(Str part)
{
    if (part.len == 0)
        return "it has an empty part";
    if (part.data[0] == '.')
        return "a part begins with '.'";
    return str_ends(part, STR(".lock")) ? "a part ends with '.lock'" : NULL;
}

static const char *fault_of_ref(Str ref)
{
    if (ref.len == 0)
        return "it is empty";
    if (ref.len > LIMIT_REF_BYTES)
        return "it is longer than 255 bytes";
    if (ref.data[0] == '-')
        return "it begins with '-'";
    if (str_is(ref, "@") || str_search(ref, STR("@{")) != STR_NONE)
        return "it is or holds a form that git reads otherwise";
    if (str_search(ref, STR("..")) != STR_NONE || ref.data[ref.len - 1] == '.')
        return "it holds '..' or ends with '.'";
    if (ref.data[ref.len - 1] == '/')
        return "it ends with '/'";
    for (size_t i = 0; i < ref.len; i++)
        if (is_control(ref.data[i]) || strchr(" ~^:?*[\\", ref.data[i]))
            return "it holds a character that refs cannot have";
    Str part;
    for (Str rest = ref; str_next(&rest, '/', &part);) {
        const char *fault = fault_of_component(part);
        if (fault)
            return fault;
    }
    return NULL;
}

static bool refuse_ref(Str ref, const char *fault, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    return fail(err, ERR_INVALID, "'%.*s' is no ref: %s", SHOWN_BYTES, text_safe(arena, ref),
                fault) ||
           fail_hint(err, "Name a branch, a tag, a sha, or a range such as ^1.2.");
}

bool git_ref_check(Str ref, Error *err)
{
    const char *fault = fault_of_ref(ref);
    return fault == NULL || refuse_ref(ref, fault, err);
}

/* "1.x", "v2.3.*": digits, points and at least one wildcard part. */
static bool is_wildcard_version(Str pin)
{
    Str part;
    uint64_t number;
    bool wild = false;
    Str rest = str_starts(pin, STR("v")) ? str_slice(pin, 1, pin.len) : pin;
    while (str_next(&rest, '.', &part)) {
        bool star = str_is(part, "*") || str_is(part, "x") || str_is(part, "X");
        if (!star && !str_to_u64(part, &number))
            return false;
        wild = wild || star;
    }
    return wild;
}

bool git_pin_is_range(Str pin)
{
    if (pin.len == 0 || pin.len > LIMIT_REF_BYTES || !all_in(pin, " .,+-^~<>=*|"))
        return false;
    if (is_wildcard_version(pin))
        return true;
    return strchr("^~<>=", pin.data[0]) != NULL ||
           (pin.data[0] >= '0' && pin.data[0] <= '9' &&
            (str_find(pin, ' ') != STR_NONE || str_find(pin, '|') != STR_NONE));
}

bool git_pin_check(Str pin, Error *err)
{
    return git_pin_is_range(pin) || git_ref_check(pin, err);
}
