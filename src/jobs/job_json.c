#include "jobs/job_json.h"

#include "base/clock.h"

enum { EVENT_ARTIFACTS = 20 }; /* named in an event; the job has them all */

typedef struct {
    const char *name;
    size_t offset;
} Member;

#define MEMBER(field)                                                                              \
    {                                                                                              \
#field, offsetof(Job, field)                                                               \
    }
static const Member texts[] = {
    MEMBER(id),          MEMBER(direction),  MEMBER(project_path),  MEMBER(collection),
    MEMBER(strategy),    MEMBER(request),    MEMBER(phase),         MEMBER(trace_id),
    MEMBER(parent_id),   MEMBER(actor),      MEMBER(result),        MEMBER(conflicts),
    MEMBER(log_excerpt), MEMBER(error_code), MEMBER(error_message), MEMBER(error_hint),
};
static const Member ints[] = {MEMBER(percent), MEMBER(attempts), MEMBER(crashes),
                              MEMBER(io_retries)};
static const Member longs[] = {
    MEMBER(seq),        MEMBER(run_at_ms), MEMBER(created_ms),
    MEMBER(started_ms), MEMBER(ended_ms),  MEMBER(fence),
};
static const Member bools[] = {MEMBER(dry_run), MEMBER(suspect), MEMBER(cancel_requested)};
#undef MEMBER

static const void *at(const Job *job, const Member *member)
{
    return (const char *)job + member->offset;
}

static void *place(Job *job, const Member *member)
{
    return (char *)job + member->offset;
}

void job_write(JsonWriter *json, const Job *job)
{
    json_begin_object(json);
    json_member_text(json, "kind", job_kind_names[job->kind]);
    json_member_text(json, "state", job_state_names[job->state]);
    json_member_strings(json, "artifacts", &job->artifacts);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        json_member(json, texts[i].name, *(const Str *)at(job, &texts[i]));
    for (size_t i = 0; i < COUNT_OF(ints); i++)
        json_member_integer(json, ints[i].name, *(const int *)at(job, &ints[i]));
    for (size_t i = 0; i < COUNT_OF(longs); i++)
        json_member_integer(json, longs[i].name, *(const int64_t *)at(job, &longs[i]));
    for (size_t i = 0; i < COUNT_OF(bools); i++)
        json_member_bool(json, bools[i].name, *(const bool *)at(job, &bools[i]));
    json_end_object(json);
}

static const JsonNode *member_of(const JsonNode *node, const char *name, JsonKind kind, Error *err)
{
    const JsonNode *found = json_find(node, str_of(name));
    if (found && found->kind == kind)
        return found;
    (void)fail(err, ERR_INVALID, "a job without a good '%s'", name);
    return NULL;
}

static bool read_texts(const JsonNode *node, Job *job, Error *err)
{
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const JsonNode *found = member_of(node, texts[i].name, JSON_STRING, err);
        if (!found)
            return false;
        *(Str *)place(job, &texts[i]) = found->text;
    }
    return true;
}

static bool read_number(const JsonNode *node, const char *name, int64_t most, int64_t *out,
                        Error *err)
{
    const JsonNode *found = member_of(node, name, JSON_NUMBER, err);
    if (!found)
        return false;
    return (json_to_i64(found, out) && *out >= 0 && *out <= most) ||
           fail(err, ERR_INVALID, "a job without a good '%s'", name);
}

static bool read_numbers(const JsonNode *node, Job *job, Error *err)
{
    int64_t value;
    for (size_t i = 0; i < COUNT_OF(ints); i++) {
        if (!read_number(node, ints[i].name, INT32_MAX, &value, err))
            return false;
        *(int *)place(job, &ints[i]) = (int)value;
    }
    for (size_t i = 0; i < COUNT_OF(longs); i++) {
        if (!read_number(node, longs[i].name, INT64_MAX, &value, err))
            return false;
        *(int64_t *)place(job, &longs[i]) = value;
    }
    for (size_t i = 0; i < COUNT_OF(bools); i++) {
        const JsonNode *found = member_of(node, bools[i].name, JSON_BOOL, err);
        if (!found)
            return false;
        *(bool *)place(job, &bools[i]) = found->truth;
    }
    return job->percent <= 100 || fail(err, ERR_INVALID, "a job without a good 'percent'");
}

static bool read_artifacts(Arena *arena, const JsonNode *node, Job *job, Error *err)
{
    const JsonNode *list = member_of(node, "artifacts", JSON_ARRAY, err);
    if (!list)
        return false;
    for (const JsonNode *item = list->first; item; item = item->next) {
        if (item->kind != JSON_STRING)
            return fail(err, ERR_INVALID, "a job without a good 'artifacts'");
        ARRAY_PUSH(arena, &job->artifacts, item->text);
    }
    return true;
}

bool job_read(Arena *arena, const JsonNode *node, Job *out, Error *err)
{
    Job job = {0};
    const JsonNode *kind = member_of(node, "kind", JSON_STRING, err);
    if (!kind)
        return false;
    const JsonNode *state = member_of(node, "state", JSON_STRING, err);
    if (!state)
        return false;
    if (!job_kind_find(kind->text, &job.kind) || !job_state_find(state->text, &job.state))
        return fail(err, ERR_NEWER_FORMAT, "a job of a kind or state that this weir does not know");
    if (!read_texts(node, &job, err) || !read_numbers(node, &job, err) ||
        !read_artifacts(arena, node, &job, err))
        return false;
    *out = job;
    return true;
}

static void write_artifacts(JsonWriter *json, const Job *job)
{
    StrArray named = job->artifacts;
    if (named.count > EVENT_ARTIFACTS)
        named.count = EVENT_ARTIFACTS;
    json_member_strings(json, "artifacts", &named);
    json_member_integer(json, "artifacts_count", (int64_t)job->artifacts.count);
}

static Str event_data(Arena *arena, const Job *job)
{
    Buf buf = buf_new(arena);
    JsonWriter json = json_writer(&buf, false);
    json_begin_object(&json);
    json_member_text(&json, "kind", job_kind_names[job->kind]);
    json_member_text(&json, "state", job_state_names[job->state]);
    json_member_integer(&json, "pct", job->percent);
    json_member(&json, "phase", job->phase);
    json_member(&json, "direction", job->direction);
    json_member(&json, "collection", job->collection);
    json_member(&json, "project_path", job->project_path);
    json_member_bool(&json, "dry_run", job->dry_run);
    json_member_integer(&json, "attempts", job->attempts);
    json_member_integer(&json, "fence", job->fence);
    json_member_bool(&json, "cancel_requested", job->cancel_requested);
    write_artifacts(&json, job);
    if (job->error_code.len) {
        json_member(&json, "error_code", job->error_code);
        json_member(&json, "error_message", job->error_message);
    }
    json_end_object(&json);
    return buf_str(&buf);
}

Event job_event(Arena *arena, const Job *job, bool progress)
{
    const char *word = progress ? "progress" : job_state_names[job->state];
    return (Event){
        .at_ms = clock_ms(),
        .kind = str_of(arena_format(arena, "job.%s", word)),
        .subject = job->id,
        .artifact = job->artifacts.count == 1 ? job->artifacts.items[0] : (Str){0},
        .trace_id = job->trace_id,
        .data = event_data(arena, job),
    };
}
