/* Upstream repositories, read through a bare cache: $WEIR_HOME/cache/git/<hash of url>.git
 *
 * git is run as a child, hardened (docs/upstreams.md): no work tree, nothing of a fetched repository is
 * ever executed, and names and sizes are checked here before content is read. A Git belongs to one thread,
 * which may lend each repository to one other (git/gather.h); other processes share caches under a lock.
 * Network calls retry transient failures and stop on interruption; what failed for good, and a host that
 * does not answer, are not asked again until git_close. Deleting the cache folder costs only time.
 */
#pragma once

#include "base/array.h"
#include "base/error.h"
#include "base/tree.h"

typedef struct {
    int attempts;              /* tries of a network call; 0: 3 */
    int retry_delay_ms;        /* before the second try, doubled for each next, jittered; 0: 500 */
    int timeout_ms;            /* of one network call; 0: 10 minutes */
    int silence_ms;            /* the longest an upstream may send nothing; 0: 30 s */
    int delay_ms;              /* between the starts of two calls to one host */
    int local_timeout_ms;      /* of a call that reads the cache; 0: 2 minutes */
    uint64_t pack_limit_bytes; /* what one fetch may bring; 0: 4 GiB */
    bool may_ask;              /* git may ask for credentials on the terminal */
    bool offline;              /* only repositories on this machine, and what the cache has */
    const char *const *environment; /* "NAME=value", where HOME, PATH ... come from; NULL: own */
} GitSettings;

typedef struct {
    char text[41]; /* 40 lower-case hex digits; empty: none */
} GitSha;

/* A reference of the upstream. `commit` is what an annotated tag points at, else equal to `sha`. */
typedef struct {
    Str name; /* "refs/tags/v1.2.3", "refs/heads/main"; empty: a bare sha */
    GitSha sha;
    GitSha commit;
} GitRef;
typedef ARRAY(GitRef) GitRefArray;

typedef struct {
    GitRefArray all;  /* branches and tags, sorted by name */
    Str head;         /* what HEAD points at, "refs/heads/main"; empty when it does not tell */
    GitSha head_sha;  /* empty: an empty repository */
    int64_t asked_ms; /* when the upstream said so */
} GitRefs;

typedef struct {
    Str path; /* inside the artifact; empty: the artifact is this one file */
    Mode mode;
    GitSha oid;
    uint64_t size_bytes;
} GitEntry;
typedef ARRAY(GitEntry) GitEntries;

typedef struct {
    GitEntries entries; /* sorted by path, every name and link checked */
    uint64_t size_bytes;
    StrArray submodules; /* paths left out: they are other repositories */
} GitTree;

typedef enum { GIT_PATH_NONE, GIT_PATH_FILE, GIT_PATH_FOLDER } GitPathKind;
typedef enum { GIT_SAME, GIT_FAST_FORWARD, GIT_REWRITTEN } GitMove;

typedef struct {
    GitSha sha;
    Str author, email, subject; /* bytes of the commit: text_safe before showing */
    int64_t time_ms;            /* committer's */
    int parents;
} GitCommit;

typedef struct Git Git;
typedef struct GitRepo GitRepo;

/* Starts nothing and touches nothing until a repository is used. The handle lives in `arena`, what it
 * caches in an arena of its own until git_close. */
MUST_CHECK bool git_open(Arena *arena, const char *weir_home, const GitSettings *settings,
                         Git **out, Error *err);
void git_close(Git **git);

/* The cache of `url` (a checked URL or an absolute path), made when it is not there; the same GitRepo
 * for the same URL. It belongs to `git`. No network. */
MUST_CHECK bool git_repo_open(Git *git, Str url, GitRepo **out, Error *err);

/* ── the upstream, over the network ── */

/* One ls-remote: branches, tags, HEAD. Asked once per GitRepo, also when it failed; `git_refs_again` asks
 * anew. Offline: what it last said, which the cache keeps; else ERR_OFFLINE. What is returned belongs to
 * the repository. */
MUST_CHECK bool git_refs(GitRepo *repo, const GitRefs **out, Error *err);
MUST_CHECK bool git_refs_again(GitRepo *repo, const GitRefs **out, Error *err);

/* `text` = branch, tag, full ref name, sha (7 digits or more), "HEAD", "latest" or "" (both: HEAD's
 * branch). A tag wins over a branch of that name. ERR_REF_NOT_FOUND names near ones. A short sha that
 * no ref has makes it fetch. */
MUST_CHECK bool git_resolve(GitRepo *repo, Str text, GitRef *out, Error *err);

/* Brings what `wants` name (by GitRef.name, or by sha) with full history, only what is not there yet,
 * and keeps each commit for ever. No network when all are there; ERR_OFFLINE when it were needed. */
MUST_CHECK bool git_fetch(GitRepo *repo, const GitRef *wants, size_t count, Error *err);

/* Its answers are what the cache has: weir is offline, and it is not on this machine. */
bool git_is_offline(const GitRepo *repo);

/* ── the cache, local ── */

bool git_has(GitRepo *repo, const GitSha *commit); /* kept, with all its history */

/* What is at `sub_path` of a commit. The whole listing is read once per commit and repository. */
MUST_CHECK bool git_path_kind(GitRepo *repo, const GitSha *commit, Str sub_path, GitPathKind *out,
                              Error *err);
/* Every file of a commit, for discovery. Names are NOT checked: hostile bytes. Belongs to `repo`. */
MUST_CHECK bool git_listing(GitRepo *repo, const GitSha *commit, const GitEntries **out,
                            Error *err);
/* The artifact at `sub_path` (empty: all), checked: names, links, clashes, limits.
 * ERR_NOT_FOUND when nothing is there. */
MUST_CHECK bool git_tree(GitRepo *repo, Arena *arena, const GitSha *commit, Str sub_path,
                         GitTree *out, Error *err);

/* Hands over the content of each blob in order; `bytes` is valid for the call. */
typedef bool (*GitBlobSink)(void *context, size_t index, Str bytes, Error *err);
MUST_CHECK bool git_blobs(GitRepo *repo, const GitEntry *entries, size_t count, GitBlobSink sink,
                          void *context, Error *err);

MUST_CHECK bool git_commit_info(GitRepo *repo, Arena *arena, const GitSha *commit, GitCommit *out,
                                Error *err);
MUST_CHECK bool git_is_ancestor(GitRepo *repo, const GitSha *ancestor, const GitSha *descendant,
                                bool *out, Error *err);
/* How the upstream went from one commit to another, which must be fetched. A `from` that did not come with
 * its history is no part of it: GIT_REWRITTEN. */
MUST_CHECK bool git_compare(GitRepo *repo, const GitSha *from, const GitSha *to, GitMove *out,
                            Error *err);

/* ── the person ── */

typedef struct {
    Str name, email; /* empty: git was told none */
} GitIdentity;

/* Who the user is to git: GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL, else user.name and user.email of their own
 * configuration. Without git, nobody. */
MUST_CHECK bool git_identity(Git *git, GitIdentity *out, Error *err);

/* ── pure ── */

/* The tag at this commit, the greatest version of several; else the sha's first 12 digits. */
Str git_version_name(Arena *arena, const GitRefs *refs, const GitSha *commit);
Str git_ref_short(Str name); /* "v1.2" of "refs/tags/v1.2" */
bool git_ref_is_tag(Str name);
bool git_ref_is_branch(Str name);
const GitRef *git_refs_find(const GitRefs *refs, Str full_name); /* NULL when absent */
bool git_sha_parse(Str hex, GitSha *out);                        /* 40 lower-case hex digits */
bool git_sha_equal(const GitSha *a, const GitSha *b);
