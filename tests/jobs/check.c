/* Reads histories of jobs (see README.md beside it) and prints each broken promise; fails when
 * there is one. It knows nothing of the queue: only what the records say, and the moves that are
 * legal.
 *
 * check FILE...
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/map.h"
#include "lib/witness.h"

enum { CRASHES_MOST = 3, RETRIES_MOST = 1, SHOWN_MOST = 50 };

typedef struct {
    int64_t from, to;
    Str who, job, collection;
    StrArray artifacts;
    bool exclusive, open;
    int64_t fence;
} Span;

typedef struct {
    int64_t seq, fence;
    Str kind;
} JobEvent;

typedef struct {
    Str id;
    bool stored;
    Str state, error;
    int64_t crashes, retries, fence, effects;
    ARRAY(JobEvent) events;
} JobFacts;

typedef struct {
    Str key, job;
    bool stored;
} KeyFacts;

typedef struct {
    Str job, state;
    int64_t fence;
    bool kept;
} Finish;

typedef struct {
    Arena *arena;
    Map *jobs, *keys;
    Witness witness;
    ARRAY(JobFacts *) job_list;
    ARRAY(KeyFacts *) key_list;
    ARRAY(Span) spans;
    ARRAY(Finish) finishes;
    ARRAY(JobEvent) events; /* of all jobs and of none, in order of seq */
    size_t records, violations, claims;
    bool drained, has_effects;
} Check;

PRINTF_LIKE(3, 4) static void violated(Check *check, const char *promise, const char *format, ...)
{
    va_list arguments;
    if (check->violations++ >= SHOWN_MOST)
        return;
    va_start(arguments, format);
    (void)printf("%s: %s\n", promise, arena_format_list(check->arena, format, arguments));
    va_end(arguments);
}

static void note_violation(void *context, const char *promise, const char *text)
{
    violated(context, promise, "%s", text);
}

/* ---- records ---- */

static JobFacts *job_of(Check *check, Str id)
{
    JobFacts *job = map_find(check->jobs, id);
    if (!job) {
        job = ARENA_NEW(check->arena, JobFacts);
        job->id = id;
        map_put(check->jobs, id, job);
        ARRAY_PUSH(check->arena, &check->job_list, job);
    }
    return job;
}

static KeyFacts *key_of(Check *check, Str key)
{
    KeyFacts *facts = map_find(check->keys, key);
    if (!facts) {
        facts = ARENA_NEW(check->arena, KeyFacts);
        facts->key = key;
        map_put(check->keys, key, facts);
        ARRAY_PUSH(check->arena, &check->key_list, facts);
    }
    return facts;
}

static void take_ack(Check *check, const JsonNode *record)
{
    KeyFacts *key = key_of(check, text_of(record, "key"));
    Str job = text_of(record, "job");
    if (key->job.len && !str_equal(key->job, job))
        violated(check, "I1", "key %.*s gave two jobs: %.*s and %.*s", STR_ARG(key->key),
                 STR_ARG(key->job), STR_ARG(job));
    key->job = job;
}

static void take_begin(Check *check, const JsonNode *record)
{
    Span span = {
        .from = number_of(record, "t"),
        .to = INT64_MAX,
        .who = text_of(record, "who"),
        .job = text_of(record, "job"),
        .collection = text_of(record, "collection"),
        .exclusive = truth_of(record, "exclusive"),
        .fence = number_of(record, "fence"),
        .open = true,
    };
    const JsonNode *list = json_find(record, STR("artifacts"));
    for (const JsonNode *item = list ? list->first : NULL; item; item = item->next)
        ARRAY_PUSH(check->arena, &span.artifacts, item->text);
    ARRAY_PUSH(check->arena, &check->spans, span);
}

/* Of one job of that process, or of all of it when it died. */
static void close_spans(Check *check, const JsonNode *record, bool all)
{
    Str who = text_of(record, "who");
    int64_t fence = number_of(record, "fence");
    for (size_t i = check->spans.count; i-- > 0;) {
        Span *span = &check->spans.items[i];
        if (!span->open || !str_equal(span->who, who) || (!all && span->fence != fence))
            continue;
        span->to = number_of(record, "t");
        span->open = false;
    }
}

static void take_event(Check *check, const JsonNode *record)
{
    JobEvent event = {number_of(record, "seq"), number_of(record, "fence"),
                      text_of(record, "kind")};
    ARRAY_PUSH(check->arena, &check->events, event);
    Str id = text_of(record, "job");
    if (str_starts(event.kind, STR("job.")) && !str_is(event.kind, "job.progress") && id.len) {
        JobFacts *job = job_of(check, id);
        ARRAY_PUSH(check->arena, &job->events, event);
    }
}

static void take_job(Check *check, const JsonNode *record)
{
    JobFacts *job = job_of(check, text_of(record, "job"));
    job->stored = true;
    job->state = text_of(record, "state");
    job->error = text_of(record, "error");
    job->crashes = number_of(record, "crashes");
    job->retries = number_of(record, "io_retries");
    job->fence = number_of(record, "fence");
}

static void take_stored_key(Check *check, const JsonNode *record)
{
    KeyFacts *key = key_of(check, text_of(record, "key"));
    Str job = text_of(record, "job");
    if (key->job.len && !str_equal(key->job, job))
        violated(check, "I1", "key %.*s was told job %.*s, stored is %.*s", STR_ARG(key->key),
                 STR_ARG(key->job), STR_ARG(job));
    key->stored = true;
}

static void take_finish(Check *check, const JsonNode *record)
{
    Finish finish = {text_of(record, "job"), text_of(record, "state"), number_of(record, "fence"),
                     truth_of(record, "kept")};
    ARRAY_PUSH(check->arena, &check->finishes, finish);
}

static void take(Check *check, const JsonNode *record)
{
    Str what = text_of(record, "do");
    check->records++;
    witness_take(&check->witness, what, record);
    if (str_is(what, "ack"))
        take_ack(check, record);
    else if (str_is(what, "begin"))
        take_begin(check, record);
    else if (str_is(what, "end"))
        close_spans(check, record, false);
    else if (str_is(what, "died"))
        close_spans(check, record, true);
    else if (str_is(what, "finish"))
        take_finish(check, record);
    else if (str_is(what, "event"))
        take_event(check, record);
    else if (str_is(what, "job"))
        take_job(check, record);
    else if (str_is(what, "key"))
        take_stored_key(check, record);
    else if (str_is(what, "claim"))
        check->claims++;
    else if (str_is(what, "drained"))
        check->drained = true;
    else if (str_is(what, "integrity") && text_of(record, "text").len)
        violated(check, "I9", "%.*s", STR_ARG(text_of(record, "text")));
    if (str_is(what, "effect")) {
        job_of(check, text_of(record, "job"))->effects += number_of(record, "times");
        check->has_effects = true;
    }
}

/* ---- promises ---- */

static void check_keys(Check *check)
{
    for (size_t i = 0; i < check->key_list.count; i++) {
        const KeyFacts *key = check->key_list.items[i];
        const JobFacts *job = key->job.len ? map_find(check->jobs, key->job) : NULL;
        if (key->job.len && (!job || !job->stored))
            violated(check, "I1", "job %.*s of key %.*s was acknowledged and is not there",
                     STR_ARG(key->job), STR_ARG(key->key));
        if (key->job.len && !key->stored)
            violated(check, "I1", "key %.*s was acknowledged and is not there", STR_ARG(key->key));
    }
}

static bool may(Str from, Str to)
{
    if (str_is(from, "none"))
        return str_is(to, "queued");
    if (str_is(from, "queued"))
        return str_is(to, "running") || str_is(to, "canceled");
    return str_is(from, "running") && (is_final(to) || str_is(to, "queued"));
}

static Str state_of(const JobEvent *event)
{
    return str_slice(event->kind, strlen("job."), event->kind.len);
}

static void check_course(Check *check, const JobFacts *job)
{
    Str state = STR("none");
    size_t ends = 0;
    for (size_t i = 0; i < job->events.count; i++) {
        Str next = state_of(&job->events.items[i]);
        if (!may(state, next))
            violated(check, "I8", "job %.*s went from %.*s to %.*s", STR_ARG(job->id),
                     STR_ARG(state), STR_ARG(next));
        ends += is_final(next);
        state = next;
    }
    if (ends > 1)
        violated(check, "I2", "job %.*s has ended %zu times", STR_ARG(job->id), ends);
    if (job->stored && !str_equal(state, job->state))
        violated(check, "I8", "job %.*s is %.*s, its last event says %.*s", STR_ARG(job->id),
                 STR_ARG(job->state), STR_ARG(state));
    if (!job->stored && job->events.count)
        violated(check, "I1", "job %.*s has events and is not there", STR_ARG(job->id));
}

static void check_job(Check *check, const JobFacts *job)
{
    bool poison = str_is(job->error, "POISON");
    if (check->events.count)
        check_course(check, job);
    if (!job->stored)
        return;
    if (check->drained && !is_final(job->state))
        violated(check, "I4", "job %.*s is still %.*s", STR_ARG(job->id), STR_ARG(job->state));
    if (job->crashes > CRASHES_MOST || job->retries > RETRIES_MOST)
        violated(check, "I5", "job %.*s: %lld crashes, %lld retries", STR_ARG(job->id),
                 (long long)job->crashes, (long long)job->retries);
    if (poison != (job->crashes >= CRASHES_MOST))
        violated(check, "I5", "job %.*s: %lld crashes and error '%.*s'", STR_ARG(job->id),
                 (long long)job->crashes, STR_ARG(job->error));
    if (job->effects > 1)
        violated(check, "I3", "job %.*s was done %lld times", STR_ARG(job->id),
                 (long long)job->effects);
    if (check->has_effects && str_is(job->state, "success") && job->effects == 0)
        violated(check, "I3", "job %.*s says success and was not done", STR_ARG(job->id));
    if (str_is(job->state, "canceled") && job->effects)
        violated(check, "I3", "job %.*s says canceled and was done", STR_ARG(job->id));
}

static int by_seq(const void *a, const void *b)
{
    int64_t x = ((const JobEvent *)a)->seq;
    int64_t y = ((const JobEvent *)b)->seq;
    return (x > y) - (x < y);
}

static void check_events(Check *check)
{
    int64_t fence = 0;
    if (check->events.count)
        qsort(check->events.items, check->events.count, sizeof(JobEvent), by_seq);
    for (size_t i = 0; i < check->events.count; i++) {
        const JobEvent *event = &check->events.items[i];
        if (i && event->seq != check->events.items[i - 1].seq + 1)
            violated(check, "I8", "event %lld comes after event %lld", (long long)event->seq,
                     (long long)check->events.items[i - 1].seq);
        if (!str_is(event->kind, "job.running"))
            continue;
        if (event->fence <= fence)
            violated(check, "I6", "event %lld: fence %lld after fence %lld", (long long)event->seq,
                     (long long)event->fence, (long long)fence);
        fence = event->fence;
    }
}

/* What came after the job ran under that fence is what was told to be kept. */
static void check_finish(Check *check, const Finish *finish)
{
    const JobFacts *job = job_of(check, finish->job);
    if (!finish->kept || check->events.count == 0)
        return;
    for (size_t i = 0; i + 1 < job->events.count; i++) {
        const JobEvent *event = &job->events.items[i];
        if (!str_is(event->kind, "job.running") || event->fence != finish->fence)
            continue;
        Str next = state_of(event + 1);
        if (!str_equal(next, finish->state))
            violated(check, "I6", "job %.*s: an end as %.*s under fence %lld was kept beside %.*s",
                     STR_ARG(job->id), STR_ARG(finish->state), (long long)finish->fence,
                     STR_ARG(next));
        return;
    }
    violated(check, "I6", "job %.*s: an end was kept under fence %lld, which it never ended with",
             STR_ARG(job->id), (long long)finish->fence);
}

static bool meet(const Span *a, const Span *b)
{
    if (!a->exclusive || !b->exclusive || !str_equal(a->collection, b->collection) ||
        a->from >= b->to || b->from >= a->to)
        return false;
    if (a->artifacts.count == 0 || b->artifacts.count == 0)
        return true;
    for (size_t i = 0; i < a->artifacts.count; i++)
        if (str_array_has(&b->artifacts, a->artifacts.items[i]))
            return true;
    return false;
}

static int by_start(const void *a, const void *b)
{
    int64_t x = ((const Span *)a)->from;
    int64_t y = ((const Span *)b)->from;
    return (x > y) - (x < y);
}

/* In order of their start only those still open matter; few are at once. */
static void check_spans(Check *check)
{
    ARRAY(const Span *) open = {0};
    Map *fences = map_new(check->arena, check->spans.count);
    if (check->spans.count)
        qsort(check->spans.items, check->spans.count, sizeof(Span), by_start);
    for (size_t i = 0; i < check->spans.count; i++) {
        const Span *span = &check->spans.items[i];
        Str fence = str_of(arena_format(check->arena, "%lld", (long long)span->fence));
        if (map_find(fences, fence))
            violated(check, "I6", "fence %.*s was used twice", STR_ARG(fence));
        map_put(fences, fence, check);
        size_t kept = 0;
        for (size_t k = 0; k < open.count; k++) {
            if (meet(open.items[k], span))
                violated(check, "I7", "jobs %.*s and %.*s worked on one artifact at once",
                         STR_ARG(open.items[k]->job), STR_ARG(span->job));
            if (open.items[k]->to > span->from)
                open.items[kept++] = open.items[k];
        }
        open.count = kept;
        ARRAY_PUSH(check->arena, &open, span);
    }
}

static void check_all(Check *check)
{
    check_keys(check);
    for (size_t i = 0; i < check->job_list.count; i++)
        check_job(check, check->job_list.items[i]);
    check_events(check);
    for (size_t i = 0; i < check->finishes.count; i++)
        check_finish(check, &check->finishes.items[i]);
    check_spans(check);
    if (check->drained && check->claims)
        violated(check, "I4", "%zu artifacts are still held", check->claims);
}

/* ---- reading ---- */

static bool read_history(Check *check, const char *path, Error *err)
{
    Str text, line;
    if (!fs_read_path(check->arena, path, 1U << 30, &text, err))
        return false;
    for (size_t number = 1; str_next(&text, '\n', &line); number++) {
        const JsonNode *record;
        if (!json_parse(check->arena, line, 0, &record, err))
            return fail_in(err, "%s, line %zu", path, number);
        take(check, record);
    }
    return true;
}

int main(int count, char **arguments)
{
    Arena *arena = arena_open();
    Check check = {.arena = arena,
                   .jobs = map_new(arena, 1000),
                   .keys = map_new(arena, 1000),
                   .witness = {.violated = note_violation, .context = &check}};
    Error err;
    witness_begin(&check.witness, arena);
    for (int i = 1; i < count; i++) {
        if (!read_history(&check, arguments[i], &err)) {
            (void)fprintf(stderr, "check: %s\n", err.message);
            return 2;
        }
    }
    check_all(&check);
    (void)printf("%zu records, %zu jobs, %zu events, %zu violations\n", check.records,
                 check.job_list.count, check.events.count, check.violations);
    bool bad = check.violations || check.records == 0;
    arena_close(&arena);
    return bad;
}
