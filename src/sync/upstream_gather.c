#include "sync/upstream_gather.h"

#include "base/clock.h"
#include "base/map.h"
#include "git/gather.h"

static void refs_for_pin(Arena *arena, const GitRefs *refs, PinRef **out, size_t *count)
{
    PinRef *list = ARENA_ARRAY(arena, PinRef, refs->all.count + 1);
    size_t used = 0;
    for (size_t i = 0; i < refs->all.count; i++) {
        const GitRef *ref = &refs->all.items[i];
        list[used++] = (PinRef){git_ref_short(ref->name), str_of(ref->commit.text),
                                git_ref_is_tag(ref->name) ? REF_TAG : REF_BRANCH};
    }
    if (refs->head_sha.text[0])
        list[used++] = (PinRef){git_ref_short(refs->head), str_of(refs->head_sha.text), REF_HEAD};
    *out = list;
    *count = used;
}

/* The ref to fetch for a choice: by full name where one was chosen, else by sha. */
static GitRef ref_to_fetch(Arena *arena, const GitRefs *refs, const PinChoice *choice)
{
    const char *prefix = choice->kind == REF_TAG ? "refs/tags/" : "refs/heads/";
    Str name = str_of(arena_format(arena, "%s%.*s", prefix, STR_ARG(choice->ref)));
    const GitRef *found = git_refs_find(refs, name);
    if (found && str_equal(str_of(found->commit.text), choice->sha))
        return *found;
    GitRef bare = {0};
    (void)git_sha_parse(choice->sha, &bare.sha);
    bare.commit = bare.sha;
    return bare;
}

/* A sha with fewer than 40 digits is no pin of its own; git knows what it stands for. */
static bool choose_by_git(Arena *arena, GitRepo *repo, Str pin, PinChoice *out, Error *err)
{
    GitRef ref;
    if (!git_resolve(repo, pin, &ref, err))
        return false;
    Str sha = str_of(arena_text(arena, str_of(ref.commit.text)));
    *out = (PinChoice){.ref = sha, .sha = sha, .kind = REF_HEAD};
    return true;
}

bool upstream_pick(Arena *arena, GitRepo *repo, Str text, PinChoice *choice, GitRef *want,
                   Error *err)
{
    const GitRefs *refs = NULL;
    PinChoice found;
    PinRef *list = NULL;
    size_t count = 0;
    Pin pin;
    Error unknown = {0};
    if (!git_refs(repo, &refs, err) || !pin_parse(arena, text, &pin, err))
        return false;
    refs_for_pin(arena, refs, &list, &count);
    if (!pin_choose(&pin, list, count, &found, &unknown)) {
        Error no_sha = {0};
        bool maybe_sha = unknown.code == ERR_REF_NOT_FOUND && pin.kind == PIN_REF;
        if (!maybe_sha || !choose_by_git(arena, repo, text, &found, &no_sha)) {
            *err = no_sha.code == ERR_INTERRUPTED ? no_sha : unknown;
            return false;
        }
    }
    *choice = (PinChoice){.ref = arena_copy(arena, found.ref),
                          .version = arena_copy(arena, found.version),
                          .sha = arena_copy(arena, found.sha),
                          .kind = found.kind};
    *want = ref_to_fetch(arena, refs, choice);
    return true;
}

/* ── many at once ── */

enum { THREADS = 4 };

typedef struct {
    Str url;
    const UpstreamWant **wants;
    size_t count;
    int64_t ended_us, took_us; /* 0: not asked */
    ErrorCode failed;
    bool well;
} Question;

typedef struct {
    Workspace *ws;
    ARRAY(Question) questions;
    ARRAY(GitRepo *) repos;
} Questions;

/* What the caller will want to know next, so that it is found out here, beside the other repositories. */
static bool look_ahead(GitRepo *repo, const Question *question, const GitRef *picked, Error *err)
{
    const GitEntries *listing;
    GitSha old;
    GitMove move;
    for (size_t i = 0; i < question->count; i++) {
        if (!picked[i].commit.text[0])
            continue;
        if (!git_listing(repo, &picked[i].commit, &listing, err) ||
            (git_sha_parse(question->wants[i]->sha, &old) &&
             !git_compare(repo, &old, &picked[i].commit, &move, err)))
            return false;
    }
    return true;
}

/* A pin that means nothing there keeps none of the others from being fetched. */
static bool ask_repository(const Question *question, GitRepo *repo, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    GitRef *picked = ARENA_ARRAY(arena, GitRef, question->count);
    GitRefArray fetch = {0};
    const GitRefs *refs;
    if (!git_refs(repo, &refs, err))
        return false;
    for (size_t i = 0; i < question->count; i++) {
        PinChoice ignored;
        Error failed = {0};
        if (upstream_pick(arena, repo, question->wants[i]->pin, &ignored, &picked[i], &failed))
            ARRAY_PUSH(arena, &fetch, picked[i]);
        else if (failed.code == ERR_INTERRUPTED)
            return fail(err, ERR_INTERRUPTED, "interrupted");
    }
    return git_fetch(repo, fetch.items, fetch.count, err) &&
           look_ahead(repo, question, picked, err);
}

static bool ask_measured(void *context, GitRepo *repo, size_t index, Error *err)
{
    Question *question = &((Questions *)context)->questions.items[index];
    int64_t began_us = clock_monotonic_us();
    question->well = ask_repository(question, repo, err);
    question->failed = question->well ? (ErrorCode)0 : err->code;
    question->took_us = clock_monotonic_us() - began_us;
    question->ended_us = clock_ms() * 1000;
    return question->well;
}

/* On the thread that the tracer belongs to. */
static void tell_looks(const Questions *all)
{
    for (size_t i = 0; i < all->questions.count; i++) {
        const Question *question = &all->questions.items[i];
        if (!question->ended_us)
            continue;
        LogEvent event = {.span = "upstream",
                          .message = arena_text(all->ws->arena, question->url),
                          .result = question->well ? "ok" : "error",
                          .level = question->well ? LEVEL_INFO : LEVEL_WARN,
                          .error_code = question->well ? NULL : error_name(question->failed),
                          .error_message = question->well ? NULL : "it could not be asked",
                          .duration_us = question->took_us,
                          .ended_us = question->ended_us};
        tracer_add_span(all->ws->tracer, event);
    }
}

static void watch(void *context, size_t done, size_t index, int percent)
{
    const Questions *all = context;
    const Workspace *ws = all->ws;
    Progress progress = {"fetch", done, all->questions.count, all->questions.items[index].url,
                         percent};
    if (ws->progress)
        ws->progress(ws->notice_context, &progress);
}

static bool same_want(const UpstreamWant *a, const UpstreamWant *b)
{
    return str_equal(a->pin, b->pin) && str_equal(a->sha, b->sha);
}

static void add_want(Questions *all, Question *question, const UpstreamWant *want, size_t most)
{
    for (size_t i = 0; i < question->count; i++)
        if (same_want(question->wants[i], want))
            return;
    if (!question->wants)
        question->wants = ARENA_ARRAY(all->ws->arena, const UpstreamWant *, most);
    question->wants[question->count++] = want;
}

/* A repository that cannot even be opened is met again by upstream_choose. */
static void group_wants(Questions *all, const UpstreamWant *wants, size_t count)
{
    Workspace *ws = all->ws;
    Map *index = map_new(ws->arena, count);
    for (size_t i = 0; i < count; i++) {
        uintptr_t at = (uintptr_t)map_find(index, wants[i].url);
        GitRepo *repo;
        Error ignored;
        if (at == 0) {
            if (!git_repo_open(ws->git, wants[i].url, &repo, &ignored))
                continue;
            ARRAY_PUSH(ws->arena, &all->repos, repo);
            ARRAY_PUSH(ws->arena, &all->questions, (Question){.url = wants[i].url});
            at = all->questions.count;
            map_put(index, wants[i].url, (void *)at);
        }
        add_want(all, &all->questions.items[at - 1], &wants[i], count - i);
    }
}

bool upstream_gather(Workspace *ws, const UpstreamWant *wants, size_t count, Error *err)
{
    Questions all = {.ws = ws};
    group_wants(&all, wants, count);
    GitGather gather = {.repos = all.repos.items,
                        .count = all.repos.count,
                        .threads = ws->upstream_threads > 0 ? ws->upstream_threads : THREADS,
                        .ask = ask_measured,
                        .watch = watch,
                        .context = &all};
    bool gathered = git_gather(ws->git, &gather, err);
    if (ws->tracer)
        tell_looks(&all);
    return gathered;
}
