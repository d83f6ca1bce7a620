#include "jobs/job_record.h"

#include "base/clock.h"

typedef struct {
    Str code, message, hint;
} JobFailure;

typedef struct {
    Job job;
    int64_t percent, attempts, duration_ms;
    const JobFailure *failure;
} JobView;

static const Field failure_fields[] = {
    {"code", "as in docs/errors.md", FIELD_TEXT, offsetof(JobFailure, code), .required = true,
     .example = "NETWORK_ERROR"},
    {"message", "what went wrong", FIELD_TEXT, offsetof(JobFailure, message), .required = true},
    {"hint", "the next step", FIELD_TEXT, offsetof(JobFailure, hint), .required = true},
    {0},
};
static const Record failure_record = {"JobFailure", "why a job ended in error", sizeof(JobFailure),
                                      failure_fields, false};

#define JOB(member) offsetof(JobView, job.member)
#define JOB_HEAD                                                                                    \
    {"id",                                                                                          \
     "id of the job; later ones sort behind it",                                                    \
     FIELD_TEXT,                                                                                    \
     JOB(id),                                                                                       \
     .required = true,                                                                              \
     .least = 1,                                                                                    \
     .most = 64,                                                                                    \
     .example = "01KAJ3ZV4E8Q2W6N5T7R9XBCDF"},                                                      \
        {"job_id", "the same", FIELD_TEXT, JOB(id), .required = true, .least = 1, .most = 64},      \
        {"kind", "what it does", FIELD_WORD, JOB(kind), .required = true, .words = job_kind_names}, \
        {"state",    "where it is",    FIELD_WORD,                                                  \
         JOB(state), .required = true, .words = job_state_names},                                   \
        {"direction",                                                                               \
         "from which tier to which; null: the kind has none",                                       \
         FIELD_TEXT,                                                                                \
         JOB(direction),                                                                            \
         .required = true,                                                                          \
         .nullable = true,                                                                          \
         .example = "upstream_to_collection"},                                                      \
        {"artifacts",      "ids; none: all of the collection",                                      \
         FIELD_TEXTS,      JOB(artifacts),                                                          \
         .required = true, .most = 10000},                                                          \
        {"project_path",    "the project it is about", FIELD_TEXT,                                  \
         JOB(project_path), .required = true,          .nullable = true},                           \
        {"collection",     "the collection it is about",                                            \
         FIELD_TEXT,       JOB(collection),                                                         \
         .required = true, .nullable = true},                                                       \
        {"strategy",       "what it does where both sides changed; null: the setting's",            \
         FIELD_TEXT,       JOB(strategy),                                                           \
         .required = true, .nullable = true},                                                       \
        {"dry_run", "it only plans", FIELD_BOOL, JOB(dry_run), .required = true},                   \
        {"pct",      "how far it is", FIELD_INTEGER, offsetof(JobView, percent), .required = true,  \
         .least = 0, .most = 100},                                                                  \
        {"phase",          "what it is at: fetch, merge, apply",                                    \
         FIELD_TEXT,       JOB(phase),                                                              \
         .required = true, .nullable = true},                                                       \
        {"attempts", "how often it was begun", FIELD_INTEGER, offsetof(JobView, attempts),          \
         .required = true},                                                                         \
        {"created_at", "when it was made", FIELD_TIME, JOB(created_ms), .required = true},          \
        {"started_at",    "when it last began", FIELD_TIME,                                         \
         JOB(started_ms), .required = true,     .nullable = true},                                  \
        {"ended_at",    "when it ended",  FIELD_TIME,                                               \
         JOB(ended_ms), .required = true, .nullable = true},                                        \
        {"duration_ms", "from its beginning to its end or until now; 0: it has not begun",          \
         FIELD_INTEGER, offsetof(JobView, duration_ms), .required = true},                          \
        {"trace_id", "of the request that made it", FIELD_TEXT, JOB(trace_id), .required = true},   \
        {"actor", "who asked", FIELD_TEXT, JOB(actor), .required = true},                           \
        {"cancel_requested", "it was asked to stop", FIELD_BOOL, JOB(cancel_requested),             \
         .required = true},                                                                         \
    {                                                                                               \
        "error", "why it ended in error", FIELD_POINTER, offsetof(JobView, failure),                \
            .required = true, .nullable = true, .of = &failure_record                               \
    }

static const Field job_fields[] = {
    JOB_HEAD,
    {"result", "what the command line prints with --json, or a part of it", FIELD_JSON, JOB(result),
     .required = true, .nullable = true},
    {"conflicts", "a list of the places that wait for a decision", FIELD_JSON, JOB(conflicts),
     .required = true, .nullable = true},
    {"log_excerpt", "the last that it said", FIELD_TEXT, JOB(log_excerpt), .required = true,
     .most = 65536},
    {0},
};
const Record job_record = {"Job", "a piece of work that is never lost", sizeof(JobView), job_fields,
                           false};

static const Field summary_fields[] = {JOB_HEAD, {0}};
const Record job_summary_record = {"JobSummary", "a job, without what it found", sizeof(JobView),
                                   summary_fields, false};

static int64_t duration_of(const Job *job)
{
    int64_t end = job->ended_ms ? job->ended_ms : clock_ms();
    return job->started_ms && end > job->started_ms ? end - job->started_ms : 0;
}

static void write_job(JsonWriter *json, const Record *record, const Job *job)
{
    JobFailure failure = {job->error_code, job->error_message, job->error_hint};
    JobView view = {.job = *job,
                    .percent = job->percent,
                    .attempts = job->attempts,
                    .duration_ms = duration_of(job),
                    .failure = job->error_code.len ? &failure : NULL};
    record_to_json(json, record, &view);
}

void job_write_record(JsonWriter *json, const Job *job)
{
    write_job(json, &job_record, job);
}

void job_write_summary(JsonWriter *json, const Job *job)
{
    write_job(json, &job_summary_record, job);
}
