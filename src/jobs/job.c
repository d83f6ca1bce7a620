#include "jobs/job.h"

const char *const job_state_names[JOB_STATES + 1] = {
    [JOB_QUEUED] = "queued",     [JOB_RUNNING] = "running", [JOB_SUCCESS] = "success",
    [JOB_CONFLICT] = "conflict", [JOB_ERROR] = "error",     [JOB_CANCELED] = "canceled",
};

static const bool may[JOB_STATES][JOB_STATES] = {
    [JOB_QUEUED] = {[JOB_RUNNING] = true, [JOB_CANCELED] = true},
    [JOB_RUNNING] = {[JOB_QUEUED] = true,
                     [JOB_SUCCESS] = true,
                     [JOB_CONFLICT] = true,
                     [JOB_ERROR] = true,
                     [JOB_CANCELED] = true},
};

const char *const job_kind_names[JOB_KINDS + 1] = {
#define JOB_KIND(name, word, exclusive, about) [JOB_KIND_##name] = word,
#include "jobs/job_kinds.def"
#undef JOB_KIND
};

static const struct {
    bool exclusive;
    const char *about;
} kinds[JOB_KINDS] = {
#define JOB_KIND(name, word, exclusive, about) [JOB_KIND_##name] = {exclusive, about},
#include "jobs/job_kinds.def"
#undef JOB_KIND
};

bool job_state_may(JobState from, JobState to)
{
    return may[from][to];
}

bool job_state_is_final(JobState state)
{
    return state != JOB_QUEUED && state != JOB_RUNNING;
}

bool job_state_find(Str word, JobState *out)
{
    for (int i = 0; i < JOB_STATES; i++) {
        if (str_is(word, job_state_names[i])) {
            *out = (JobState)i;
            return true;
        }
    }
    return false;
}

bool job_kind_find(Str word, JobKind *out)
{
    for (int i = 0; i < JOB_KINDS; i++) {
        if (str_is(word, job_kind_names[i])) {
            *out = (JobKind)i;
            return true;
        }
    }
    return false;
}

bool job_kind_is_exclusive(JobKind kind)
{
    return kinds[kind].exclusive;
}

const char *job_kind_about(JobKind kind)
{
    return kinds[kind].about;
}

Job job_copy(Arena *arena, const Job *job)
{
    Job copy = *job;
    Str *const texts[] = {
        &copy.id,          &copy.direction,  &copy.project_path,  &copy.collection,
        &copy.strategy,    &copy.request,    &copy.phase,         &copy.trace_id,
        &copy.parent_id,   &copy.actor,      &copy.result,        &copy.conflicts,
        &copy.log_excerpt, &copy.error_code, &copy.error_message, &copy.error_hint,
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        *texts[i] = arena_copy(arena, *texts[i]);
    copy.artifacts = str_array_copy(arena, &job->artifacts);
    return copy;
}

static bool meets(const StrArray *a, const StrArray *b)
{
    if (a->count == 0 || b->count == 0)
        return true;
    for (size_t i = 0; i < a->count; i++)
        if (str_array_has(b, a->items[i]))
            return true;
    return false;
}

bool job_excludes(const Job *a, const Job *b)
{
    return kinds[a->kind].exclusive && kinds[b->kind].exclusive &&
           str_equal(a->collection, b->collection) && meets(&a->artifacts, &b->artifacts);
}
