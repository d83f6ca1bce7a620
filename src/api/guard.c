#include <strings.h>

#include "api/api_internal.h"
#include "base/clock.h"
#include "base/text.h"

/* A web page can send requests here; what it cannot do is choose Host, Origin and Sec-Fetch-Site, or know the
 * token. A page that rebinds its name to 127.0.0.1 still says its own name in Host. */

static bool same_text(Str a, Str b)
{
    return a.len == b.len && (!a.len || strncasecmp(a.data, b.data, a.len) == 0);
}

static bool has_host(const StrArray *hosts, Str host)
{
    for (size_t i = 0; i < hosts->count; i++) {
        if (same_text(hosts->items[i], host))
            return true;
    }
    return false;
}

void guard_listens_on(Api *api, const char *address)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    Str all = str_of(address);
    size_t colon = str_find_last(all, ':');
    StrArray hosts = {0};
    (void)pthread_mutex_lock(&api->lock);
    if (colon != STR_NONE) {
        const char *port = arena_text(api->arena, str_slice(all, colon + 1, all.len));
        bool standard = str_is(str_of(port), "80");
        for (size_t i = 0; i < COUNT_OF(names); i++) {
            ARRAY_PUSH(api->arena, &hosts,
                       str_of(arena_format(api->arena, "%s:%s", names[i], port)));
            if (standard)
                ARRAY_PUSH(api->arena, &hosts, str_of(names[i]));
        }
        ARRAY_PUSH(api->arena, &hosts, arena_copy(api->arena, all));
    }
    api->own_hosts = hosts;
    (void)pthread_mutex_unlock(&api->lock);
}

/* curl and other clients of a unix socket say localhost, with any port or none. */
static bool is_local_name(Str host)
{
    return same_text(str_slice(host, 0, str_find(host, ':')), STR("localhost"));
}

typedef struct {
    bool ours, configured;
} HostKind;

static HostKind host_kind(const ApiCall *call, Str host)
{
    Api *api = call->api;
    (void)pthread_mutex_lock(&api->lock);
    HostKind kind = {has_host(&api->own_hosts, host), has_host(&api->hosts, host)};
    (void)pthread_mutex_unlock(&api->lock);
    kind.ours = kind.ours || kind.configured || (call->request->on_socket && is_local_name(host));
    return kind;
}

/* Behind a proxy with TLS a page of ours is https; that is so for configured names only. */
static bool is_own_origin(ApiCall *call, Str origin, Str host, HostKind kind)
{
    Str plain = str_of(arena_format(call->arena, "http://%.*s", STR_ARG(host)));
    Str secure = str_of(arena_format(call->arena, "https://%.*s", STR_ARG(host)));
    return same_text(origin, plain) || (kind.configured && same_text(origin, secure));
}

bool guard_check(ApiCall *call, Error *err)
{
    Str host = http_header(call->request, "host");
    Str origin = http_header(call->request, "origin");
    Str site = http_header(call->request, "sec-fetch-site");
    HostKind kind = host_kind(call, host);
    if (!kind.ours)
        return fail(err, ERR_HOST_REFUSED, "'%s' is not a name of this server",
                    text_safe(call->arena, str_slice(host, 0, 120)));
    if (origin.len && !is_own_origin(call, origin, host, kind))
        return fail(err, ERR_ORIGIN_REFUSED, "a page of '%s' may not ask here",
                    text_safe(call->arena, str_slice(origin, 0, 120)));
    if (site.len && !str_is(site, "same-origin") && !str_is(site, "none"))
        return fail(err, ERR_ORIGIN_REFUSED, "a page of another site may not ask here");
    return true;
}

/* ── token ── */

/* "Bearer TOKEN": the scheme in any case, blanks, one token, nothing behind it. */
static Str bearer_of(Str header)
{
    Str scheme = str_slice(header, 0, str_find(header, ' '));
    Str token = str_trim(str_slice(header, scheme.len, header.len));
    if (!same_text(scheme, STR("bearer")) || str_find(token, ' ') != STR_NONE ||
        str_find(token, '\t') != STR_NONE)
        return (Str){0};
    return token;
}

/* Takes as long whatever differs; and what is compared are digests, which tell nothing of a length. */
static bool same_digest(const Hash *a, const Hash *b)
{
    volatile uint8_t differs = 0;
    for (size_t i = 0; i < sizeof a->bytes; i++)
        differs = (uint8_t)(differs | (a->bytes[i] ^ b->bytes[i]));
    return differs == 0;
}

bool guard_knows(const ApiCall *call)
{
    Str token = bearer_of(http_header(call->request, "authorization"));
    Hash given = hash_of(token);
    (void)pthread_mutex_lock(&call->api->lock);
    Hash ours = call->api->token;
    (void)pthread_mutex_unlock(&call->api->lock);
    return same_digest(&given, &ours) && token.len;
}

/* ── rate limits ── */

static bool take(ApiCall *call, size_t class, Error *err)
{
    int64_t wait_ms = 0;
    (void)pthread_mutex_lock(&call->api->lock);
    bool passes =
        rate_take(call->api->rates, call->request->peer, class, clock_monotonic_us(), &wait_ms);
    (void)pthread_mutex_unlock(&call->api->lock);
    if (passes)
        return true;
    long long seconds = (long long)(wait_ms + 999) / 1000;
    reply_header(call, "retry-after", str_of(arena_format(call->arena, "%lld", seconds)));
    call->reply->details =
        str_of(arena_format(call->arena, "{\"retry_after_ms\":%lld}", (long long)wait_ms));
    return fail(err, ERR_RATE_LIMITED, "too many requests of this kind") ||
           fail_hint(err, "Wait %lld s, then try again; the limits are settings: `weir config`.",
                     seconds);
}

bool guard_rate(ApiCall *call, Error *err)
{
    return !call->endpoint || take(call, call->endpoint->limit, err);
}

bool guard_patch_rate(ApiCall *call, Error *err)
{
    return call->endpoint->limit == LIMIT_PATCH || take(call, LIMIT_PATCH, err);
}

bool guard_stranger(ApiCall *call, Error *err)
{
    call->endpoint = NULL;
    call->reply->headers.count = 0;
    call->reply->details = (Str){0};
    if (!take(call, RATE_REFUSED, err))
        return false;
    reply_header(call, "www-authenticate", STR("Bearer realm=\"weir\""));
    return fail(err, ERR_UNAUTHORIZED, "a valid token is needed");
}
