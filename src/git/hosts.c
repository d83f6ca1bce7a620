#include <pthread.h>

#include "base/clock.h"
#include "git/git_internal.h"
#include "git/source_internal.h"

enum {
    SLEEP_SLICE_MS = 50,
    /* Repositories in a row that only heard silence, or were told to come later, while the host answered
     * no other one. One may be slow by itself. */
    GIVE_UP_AFTER = 2,
};

typedef struct {
    Str name; /* "host[:port]" */
    int64_t next_us;
    int unanswered;
    bool given_up;
    Error failed; /* why */
} Host;

struct Hosts {
    pthread_mutex_t lock;
    Arena *arena;
    ARRAY(Host *) all;
};

Hosts *hosts_open(void)
{
    Arena *arena = arena_open();
    Hosts *hosts = ARENA_NEW(arena, Hosts);
    *hosts = (Hosts){.lock = PTHREAD_MUTEX_INITIALIZER, .arena = arena};
    return hosts;
}

void hosts_close(Hosts **hosts)
{
    if (*hosts == NULL)
        return;
    Arena *arena = (*hosts)->arena;
    (void)pthread_mutex_destroy(&(*hosts)->lock);
    *hosts = NULL;
    arena_close(&arena);
}

bool git_is_local(const GitRepo *repo)
{
    return str_starts(repo->url, STR("/")) || str_starts(repo->url, STR("file:"));
}

bool git_is_offline(const GitRepo *repo)
{
    return repo->git->settings.offline && !git_is_local(repo);
}

static Str authority_of(Str url)
{
    size_t scheme = source_scheme_end(url);
    Str rest = scheme == STR_NONE ? url : str_slice(url, scheme + 3, url.len);
    size_t end = str_find(rest, scheme == STR_NONE ? ':' : '/');
    Str authority = str_slice(rest, 0, end == STR_NONE ? rest.len : end);
    size_t at = str_find_last(authority, '@');
    return at == STR_NONE ? authority : str_slice(authority, at + 1, authority.len);
}

/* Under the lock. */
static Host *host_of(Hosts *hosts, Str url)
{
    Str name = authority_of(url);
    for (size_t i = 0; i < hosts->all.count; i++)
        if (str_equal(hosts->all.items[i]->name, name))
            return hosts->all.items[i];
    Host *host = ARENA_NEW(hosts->arena, Host);
    *host = (Host){.name = arena_copy(hosts->arena, name)};
    ARRAY_PUSH(hosts->arena, &hosts->all, host);
    return host;
}

/* Takes the next free moment with the host; gives how long it is until then. */
static bool book(GitRepo *repo, int64_t *wait_us, Error *err)
{
    Hosts *hosts = repo->git->hosts;
    int64_t now_us = clock_monotonic_us();
    (void)pthread_mutex_lock(&hosts->lock);
    Host *host = host_of(hosts, repo->url);
    bool given_up = host->given_up;
    if (given_up)
        *err = host->failed;
    int64_t from_us = host->next_us > now_us ? host->next_us : now_us;
    if (!given_up)
        host->next_us = from_us + (int64_t)repo->git->settings.delay_ms * 1000;
    (void)pthread_mutex_unlock(&hosts->lock);
    *wait_us = from_us - now_us;
    return !given_up;
}

bool host_begin(GitRepo *repo, Error *err)
{
    int64_t wait_us = 0;
    if (git_is_local(repo))
        return true;
    if (!book(repo, &wait_us, err))
        return false;
    int64_t until_us = clock_monotonic_us() + wait_us;
    for (;;) {
        int64_t left_ms = (until_us - clock_monotonic_us() + 999) / 1000;
        if (!interrupt_check(err))
            return false;
        if (left_ms <= 0)
            return true;
        clock_sleep_ms(left_ms < SLEEP_SLICE_MS ? left_ms : SLEEP_SLICE_MS);
    }
}

void host_end(GitRepo *repo, GitTrouble trouble, const Error *failed)
{
    Hosts *hosts = repo->git->hosts;
    if (git_is_local(repo) || trouble == TROUBLE_TRANSIENT)
        return;
    (void)pthread_mutex_lock(&hosts->lock);
    Host *host = host_of(hosts, repo->url);
    if (trouble == TROUBLE_NONE || trouble == TROUBLE_FINAL)
        host->unanswered = 0;
    else
        host->unanswered += trouble == TROUBLE_UNREACHABLE ? GIVE_UP_AFTER : 1;
    if (!host->given_up && host->unanswered >= GIVE_UP_AFTER) {
        host->given_up = true;
        (void)fail(&host->failed, failed->code, "'%.*s' is not asked any more: %s",
                   (int)(host->name.len < 200 ? host->name.len : 200), host->name.data,
                   failed->message);
        (void)fail_hint(&host->failed, "%s", error_hint(failed));
    }
    (void)pthread_mutex_unlock(&hosts->lock);
}
