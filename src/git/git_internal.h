/* What the files of this room share: the handles, one way to run git, one way to name its failures. */
#pragma once

#include "base/map.h"
#include "base/process.h"
#include "git/repo.h"

typedef struct Hosts Hosts;

/* What a failed network call tells. */
typedef enum {
    TROUBLE_NONE,
    TROUBLE_FINAL,       /* the same call would fail the same way */
    TROUBLE_TRANSIENT,   /* worth another try */
    TROUBLE_UNREACHABLE, /* worth another try; and it is the host, not the repository */
    TROUBLE_SILENT,      /* likewise, but the host may only be slow */
    TROUBLE_LIMITED,     /* likewise: it wants to be asked less often */
} GitTrouble;

/* Read by several threads once it is open: what changes later is in the repositories, and in `hosts`,
 * which locks itself. */
struct Git {
    Arena *arena; /* its own: a caller may rewind the one it gave between two calls */
    const char *cache_path;
    GitSettings settings;
    const char *const *environment;        /* of every call; NULL until git was looked at */
    const char *const *environment_to_ask; /* of those that may ask on the terminal */
    Map *repos;                            /* url → GitRepo */
    ARRAY(GitRepo *) opened;
    ARRAY(GitRepo *) awake; /* with handles, the one used last at the end; none that is lent */
    Hosts *hosts;
};

struct GitRepo {
    Git *git;
    Arena *arena; /* its own: it may be another thread's for a while */
    Str url;
    int fd;    /* the bare cache; -1 while it rests */
    bool lent; /* to another thread: handles are that one's business */
    bool may_ask;
    _Atomic int percent; /* of what is being fetched; read by whoever waits */
    GitRefs refs;
    bool has_refs;
    Error refs_error; /* why there are none; not asked again */
    Map *refused;     /* commits that could not be had → Error */
    Process *objects; /* `git cat-file --batch`, started on first use */
    Map *listings;    /* commit → Listing */
    Map *kept;        /* commits known to be here with their history */
    Map *moves;       /* "from to" → GitMove */
};

/* ── rest.c ── */

/* Before the repository's folder or its child are used: opens it again. Of all repositories only
 * LIMIT_OPEN_REPOSITORIES are awake; another one may be sent to rest, so one call uses one repository. */
MUST_CHECK bool git_repo_wake(GitRepo *repo, Error *err);
/* Closes its handles; what it remembers stays. */
void git_repo_rest(GitRepo *repo);
/* It rests, and counts no longer until `lent` is taken back: who uses it lets it rest afterwards. */
void git_repo_lend(GitRepo *repo);

/* ── environment.c ── */

/* Looks at git's version and the user's own configuration once. */
MUST_CHECK bool git_environment(Git *git, Error *err);
int git_silence_ms(const Git *git);
const char *git_setting_env(const Git *git, const char *name); /* from settings.environment */

/* The user's own configuration as `git config --list --show-scope -z` has it, and its entries. */
typedef struct {
    Str key, value;
} GitConfigValue;
typedef ARRAY(GitConfigValue) GitConfigValues;
MUST_CHECK bool git_user_config(Git *git, Str *out, Error *err);
bool git_config_next(Str *listing, GitConfigValue *out);
/* What is handed on of it. */
void git_config_pick(Arena *arena, Str listing, GitConfigValues *out);

/* ── command.c ── */

typedef struct {
    const char *const *arguments; /* behind "git", NULL-terminated */
    Str input;
    ProcessSink sink; /* NULL: the output is collected */
    void *context;
    uint64_t output_limit_bytes;
    bool network; /* the long deadline, the pack limit, retries of transient failures */
} GitCall;

/* Runs in the cache. A non-zero exit is a typed error unless `exit_code` takes it. */
MUST_CHECK bool git_call(GitRepo *repo, Arena *arena, const GitCall *call, Str *output,
                         int *exit_code, Error *err);
ProcessSpec git_spec(GitRepo *repo, const char *const *argv, bool network);
bool git_is_local(const GitRepo *repo); /* read from this machine's disk: needs no network */

/* ── hosts.c ── */

Hosts *hosts_open(void);
void hosts_close(Hosts **hosts);
/* Before each network call: waits for its turn with the host (GitSettings.delay_ms). Fails at once when
 * the host did not answer others a moment ago. */
MUST_CHECK bool host_begin(GitRepo *repo, Error *err);
/* After it, with what became of it. */
void host_end(GitRepo *repo, GitTrouble trouble, const Error *failed);

/* ── error.c ── */

/* Names the failure of a call: what git said on stderr, redacted and made safe, is in the message.
 * Always gives false. */
bool git_fail(Str url, int exit_code, Str errors, GitTrouble *trouble, Error *err);
Str git_redact(Arena *arena, Str text); /* without userinfo, tokens and Authorization values */

/* ── cache.c ── */

/* The bare repository of our own for `key`, made when it is not there; the same one for the same key. */
MUST_CHECK bool git_cache_open(Git *git, Str key, GitRepo **out, Error *err);
/* Opens its folder, made when it is not there. */
MUST_CHECK bool git_cache_folder(GitRepo *repo, Error *err);
/* Writes one of its files, unless it reads like that already. */
MUST_CHECK bool git_cache_write(int fd, const char *name, Str wanted, Error *err);
MUST_CHECK bool git_cache_lock(GitRepo *repo, int *lock_fd, Error *err);
/* Under the lock, what an aborted fetch left is nobody's: half packs and ref locks are removed. */
MUST_CHECK bool git_cache_sweep(GitRepo *repo, size_t *packs, Error *err);

/* ── objects.c ── */

/* Asks cat-file for one name; `*found` false when there is no such object. */
MUST_CHECK bool git_object(GitRepo *repo, Arena *arena, const char *name, bool *found, GitSha *oid,
                           Str *content, Error *err);
void git_objects_close(GitRepo *repo);

/* ── history.c ── */

/* Is the commit in the cache, kept or not? */
MUST_CHECK bool git_is_here(GitRepo *repo, const GitSha *commit, bool *here, Error *err);

/* ── fetch.c ── */

/* All branches and tags; for a sha that no ref names. */
MUST_CHECK bool git_fetch_all(GitRepo *repo, Error *err);

/* The folder of that upstream in cache/git. */
Str git_cache_name(Arena *arena, Str url);
