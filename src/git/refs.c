#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"
#include "git/git_internal.h"
#include "git/source.h"
#include "git/source_internal.h"

enum { SHA_DIGITS = 40, SHORT_DIGITS = 7, NEAR_MOST = 3 };

#define LIST_LIMIT_BYTES ((uint64_t)128 << 20)

/* ── shas and names ── */

bool git_sha_parse(Str hex, GitSha *out)
{
    if (hex.len != SHA_DIGITS || !str_is_hex(hex))
        return false;
    memcpy(out->text, hex.data, SHA_DIGITS);
    out->text[SHA_DIGITS] = '\0';
    return true;
}

bool git_sha_equal(const GitSha *a, const GitSha *b)
{
    return strcmp(a->text, b->text) == 0;
}

bool git_ref_is_tag(Str name)
{
    return str_starts(name, STR("refs/tags/"));
}

bool git_ref_is_branch(Str name)
{
    return str_starts(name, STR("refs/heads/"));
}

Str git_ref_short(Str name)
{
    size_t skip = git_ref_is_tag(name)      ? STR("refs/tags/").len
                  : git_ref_is_branch(name) ? STR("refs/heads/").len
                                            : 0;
    return str_slice(name, skip, name.len);
}

static int compare_refs(const void *a, const void *b)
{
    const GitRef *left = a, *right = b;
    return str_compare(left->name, right->name);
}

const GitRef *git_refs_find(const GitRefs *refs, Str full_name)
{
    GitRef wanted = {.name = full_name};
    return refs->all.count == 0
               ? NULL
               : bsearch(&wanted, refs->all.items, refs->all.count, sizeof wanted, compare_refs);
}

/* ── ls-remote ── */

typedef struct {
    Arena *arena;
    GitRefs refs;
    Map *by_name; /* → index + 1 */
} Reading;

static void take_ref(Reading *reading, const GitSha *sha, Str name)
{
    Error ignored;
    bool peeled = str_ends(name, STR("^{}"));
    if (peeled)
        name = str_slice(name, 0, name.len - 3);
    if ((!git_ref_is_tag(name) && !git_ref_is_branch(name)) || !git_ref_check(name, &ignored))
        return;
    uintptr_t index = (uintptr_t)map_find(reading->by_name, name);
    if (index > 0) {
        if (peeled)
            reading->refs.all.items[index - 1].commit = *sha;
        return;
    }
    if (peeled)
        return;
    GitRef ref = {arena_copy(reading->arena, name), *sha, *sha};
    ARRAY_PUSH(reading->arena, &reading->refs.all, ref);
    map_put(reading->by_name, ref.name, (void *)(uintptr_t)reading->refs.all.count);
}

static bool take_line(Reading *reading, Str line, Error *err)
{
    Str first;
    GitSha sha;
    if (!str_next(&line, '\t', &first))
        return true;
    if (str_starts(first, STR("ref: "))) {
        Str target = str_slice(first, 5, first.len);
        if (str_is(line, "HEAD") && git_ref_is_branch(target))
            reading->refs.head = arena_copy(reading->arena, target);
        return true;
    }
    if (first.len == 64 && str_is_hex(first))
        return fail(err, ERR_UNSUPPORTED, "the repository names its objects by SHA-256") ||
               fail_hint(err, "weir reads repositories whose object names are SHA-1.");
    if (!git_sha_parse(first, &sha))
        return fail(err, ERR_GIT_FAILED, "git ls-remote answered in an unknown form");
    if (str_is(line, "HEAD"))
        reading->refs.head_sha = sha;
    else
        take_ref(reading, &sha, line);
    return true;
}

/* A bundle and an old server do not say what HEAD points at: the usual names come first. */
static void guess_head(GitRefs *refs)
{
    const char *const usual[] = {"refs/heads/main", "refs/heads/master"};
    const GitRef *head = refs->head.len ? git_refs_find(refs, refs->head) : NULL;
    bool told = refs->head_sha.text[0] != '\0';
    for (size_t i = 0; i < COUNT_OF(usual) && !head; i++) {
        const GitRef *ref = git_refs_find(refs, str_of(usual[i]));
        if (ref && (!told || git_sha_equal(&ref->sha, &refs->head_sha)))
            head = ref;
    }
    for (size_t i = 0; i < refs->all.count && !head; i++) {
        const GitRef *ref = &refs->all.items[i];
        if (git_ref_is_branch(ref->name) && (!told || git_sha_equal(&ref->sha, &refs->head_sha)))
            head = ref;
    }
    refs->head = head ? head->name : (Str){0};
    if (head)
        refs->head_sha = head->commit;
}

/* A bundle does not say what its annotated tags point at: it is read whole, and they are asked. */
static bool peel_tags(GitRepo *repo, GitRefs *refs, bool *absent, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Str content;
    *absent = false;
    for (size_t i = 0; i < refs->all.count; i++) {
        GitRef *ref = &refs->all.items[i];
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(arena);
        const char *name = arena_format(arena, "%s^{commit}", ref->sha.text);
        bool found = false;
        if (!git_object(repo, arena, name, &found, &ref->commit, &content, err))
            return false;
        *absent = *absent || !found;
    }
    return true;
}

static bool peel_bundle(GitRepo *repo, GitRefs *refs, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    FsStat stat;
    Error ignored;
    bool absent = false;
    if (!str_starts(repo->url, STR("/")) ||
        !fs_stat_path(arena_text(arena, repo->url), &stat, &ignored) || stat.kind != FS_FILE)
        return true;
    if (!peel_tags(repo, refs, &absent, err))
        return false;
    return !absent || (git_fetch_all(repo, err) && peel_tags(repo, refs, &absent, err));
}

static bool read_refs(GitRepo *repo, Str listing, int64_t asked_ms, GitRefs *out, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Reading reading = {.arena = repo->arena, .by_name = map_new(scratch, 64)};
    Str line;
    while (str_next(&listing, '\n', &line))
        if (!take_line(&reading, line, err))
            return false;
    if (reading.refs.all.count)
        qsort(reading.refs.all.items, reading.refs.all.count, sizeof(GitRef), compare_refs);
    reading.refs.asked_ms = asked_ms;
    *out = reading.refs;
    return true;
}

static bool use_refs(GitRepo *repo, GitRefs *refs, const GitRefs **out)
{
    guess_head(refs);
    repo->refs = *refs;
    repo->has_refs = true;
    *out = &repo->refs;
    return true;
}

/* ── what it last said, in the cache: "checked <ms>" and ls-remote's lines ── */

static const char refs_file[] = "weir.refs";

/* Its loss is felt only offline, and is no reason to fail now. */
static void remember(GitRepo *repo, Str listing, int64_t asked_ms)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Buf text = buf_new(scratch);
    Error ignored;
    buf_format(&text, "checked %lld\n", (long long)asked_ms);
    buf_add(&text, listing);
    (void)!fs_replace_at(repo->fd, str_of(refs_file), buf_str(&text), 0600, &ignored);
}

static bool recall(GitRepo *repo, const GitRefs **out, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    GitRefs refs;
    Str listing, first;
    bool found = false;
    uint64_t asked_ms = 0;
    const char *url = text_safe(scratch, source_without_secret(scratch, repo->url));
    if (!git_repo_wake(repo, err) || !fs_read_if_any(scratch, repo->fd, str_of(refs_file),
                                                     LIST_LIMIT_BYTES, &found, &listing, err))
        return false;
    if (!found || !str_next(&listing, '\n', &first) || !str_starts(first, STR("checked ")) ||
        !str_to_u64(str_slice(first, 8, first.len), &asked_ms) || asked_ms > INT64_MAX)
        return fail(err, ERR_OFFLINE, "'%.300s' was never asked, and weir is offline", url);
    if (!read_refs(repo, listing, (int64_t)asked_ms, &refs, err))
        return fail_in(err, "what '%.300s' last said", url);
    return use_refs(repo, &refs, out);
}

static bool ask_refs(GitRepo *repo, const GitRefs **out, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    const char *const arguments[] = {
        "ls-remote", "-q", "--symref", "--end-of-options", arena_text(scratch, repo->url), NULL};
    GitCall call = {
        .arguments = arguments, .network = true, .output_limit_bytes = LIST_LIMIT_BYTES};
    GitRefs refs;
    Str listing;
    int64_t asked_ms = clock_ms();
    if (!git_call(repo, scratch, &call, &listing, NULL, err) ||
        !read_refs(repo, listing, asked_ms, &refs, err) || !peel_bundle(repo, &refs, err))
        return false;
    /* a page that is no answer of git may look like a repository without refs */
    if (!git_is_local(repo) && refs.all.count)
        remember(repo, listing, asked_ms);
    return use_refs(repo, &refs, out);
}

bool git_refs_again(GitRepo *repo, const GitRefs **out, Error *err)
{
    bool ok = git_is_offline(repo) ? recall(repo, out, err) : ask_refs(repo, out, err);
    repo->refs_error = ok ? (Error){0} : *err;
    return ok;
}

bool git_refs(GitRepo *repo, const GitRefs **out, Error *err)
{
    if (repo->refs_error.code && repo->refs_error.code != ERR_INTERRUPTED) {
        *err = repo->refs_error;
        return false;
    }
    if (!repo->has_refs)
        return git_refs_again(repo, out, err);
    *out = &repo->refs;
    return true;
}

/* ── resolving ── */

static bool fail_no_ref(const GitRefs *refs, Str text, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Buf near = buf_new(arena);
    size_t most = text.len < 6 ? 2 : text.len / 3, shown = 0;
    for (size_t i = 0; i < refs->all.count && shown < NEAR_MOST; i++) {
        Str name = git_ref_short(refs->all.items[i].name);
        if (name.len > 100 || text_distance(name, text) > most)
            continue;
        buf_format(&near, "%s'%s'", shown++ ? ", " : "", text_safe(arena, name));
    }
    (void)fail(err, ERR_REF_NOT_FOUND, "the upstream has no branch, tag or commit '%.200s'",
               text_safe(arena, text));
    return shown ? fail_hint(err, "Did you mean %s?", buf_text(&near)) : false;
}

static bool resolve_head(const GitRefs *refs, GitRef *out, Error *err)
{
    const GitRef *head = git_refs_find(refs, refs->head);
    if (head)
        *out = *head;
    else if (refs->head_sha.text[0])
        *out = (GitRef){.sha = refs->head_sha, .commit = refs->head_sha};
    else
        return fail(err, ERR_REF_NOT_FOUND, "the upstream has no commits yet");
    return true;
}

static const GitRef *find_by_name(Arena *arena, const GitRefs *refs, Str text)
{
    const char *const folders[] = {"refs/tags/", "refs/heads/", "refs/", ""};
    const GitRef *found = NULL;
    for (size_t i = 0; i < COUNT_OF(folders) && !found; i++)
        found =
            git_refs_find(refs, str_of(arena_format(arena, "%s%.*s", folders[i], STR_ARG(text))));
    return found;
}

/* Digits of a commit: of a ref if one has them, else of what the cache holds. */
static bool resolve_digits(GitRepo *repo, Str text, GitRef *out, bool *found, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    GitRef bare = {0};
    Str content;
    const char *name = arena_format(arena, "%.*s^{commit}", STR_ARG(text));
    if (git_sha_parse(text, &bare.sha)) {
        bare.commit = bare.sha;
        *out = bare;
        *found = true;
        return true;
    }
    if (!git_object(repo, arena, name, found, &bare.sha, &content, err))
        return false;
    if (!*found && (!git_fetch_all(repo, err) ||
                    !git_object(repo, arena, name, found, &bare.sha, &content, err)))
        return false;
    bare.commit = bare.sha;
    if (*found)
        *out = bare;
    return true;
}

bool git_resolve(GitRepo *repo, Str text, GitRef *out, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const GitRefs *refs;
    bool found = false;
    if (text.len && !git_ref_check(text, err))
        return false;
    if (!git_refs(repo, &refs, err))
        return false;
    const GitRef *ref = text.len ? find_by_name(arena, refs, text) : NULL;
    if (ref) {
        *out = *ref;
        return true;
    }
    if (text.len == 0 || str_is(text, "HEAD") || str_is(text, "latest"))
        return resolve_head(refs, out, err);
    if (text.len >= SHORT_DIGITS && text.len <= SHA_DIGITS && str_is_hex(text) &&
        !resolve_digits(repo, text, out, &found, err))
        return false;
    return found || fail_no_ref(refs, text, err);
}
