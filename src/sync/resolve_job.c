/* resolve: what was decided about waiting merges, carried out; gives what is still undecided. */
#include <string.h>

#include "base/text.h"
#include "sync/job_bodies.h"
#include "sync/job_fields.h"
#include "sync/place_json.h"
#include "sync/plan_json.h"

enum { TEXT_MOST = 8 << 20 };

static const Field choice_fields[] = {
    {"artifact", "which artifact; none: the only one of the request", FIELD_TEXT,
     .offset = offsetof(JobChoice, artifact), .nullable = true, .example = "skill:pdf"},
    {"path", "the file in conflict; none: all that have no choice yet", FIELD_TEXT,
     .offset = offsetof(JobChoice, path), .nullable = true, .example = "SKILL.md"},
    {"place", "the key of one place in it; none: the whole file", FIELD_TEXT,
     .offset = offsetof(JobChoice, place), .nullable = true, .most = 64},
    {"take", "whose content; `text`: the one given; `nothing`: it waits again", FIELD_WORD,
     .offset = offsetof(JobChoice, take), .required = true, .words = job_take_names},
    {"text", "of take `text`: what the place, or the file, holds", FIELD_TEXT,
     .offset = offsetof(JobChoice, text), .nullable = true, .most = TEXT_MOST},
    {0},
};
const Record job_choice_record = {"ResolveChoice", "what a place or a file gets",
                                  .size = sizeof(JobChoice), .fields = choice_fields};

static const Field fields[] = {
    JOB_FIELD_ARTIFACTS,
    JOB_FIELD_PROJECT,
    JOB_FIELD_COLLECTION,
    JOB_FIELD_STRATEGY(
        "what else is open: `ours` keeps what is there, `theirs` takes what comes in, "
        "`auto` leaves it open"),
    JOB_FIELD_CHOICES,
    JOB_FIELD_ABORT,
    JOB_FIELD_DRY_RUN,
    JOB_FIELD_ACCEPT_RISK,
    JOB_FIELD_COMMAND_LINE,
    {0},
};
const Record job_request_RESOLVE = {"ResolveRequest", "how waiting merges are resolved",
                                    .size = sizeof(JobRequest), .fields = fields};

static bool check(const JobRequest *request, Error *err)
{
    if (!request->artifacts.count)
        return fail(err, ERR_INVALID, "field 'artifacts' is missing: whose merge?");
    if (request->abort && (request->choices.count || request->strategy >= 0))
        return fail(err, ERR_INVALID, "field 'abort' drops the whole merge: it takes no choices");
    return request->strategy != STRATEGY_OVERWRITE ||
           fail(err, ERR_INVALID, "field 'strategy': 'ours' or 'theirs' says which side wins");
}

/* ── one artifact ── */

static void add_choice(Arena *arena, const JobChoice *given, ResolveChoices *out)
{
    ResolveChoice choice = {
        .file = given->path.len ? arena_text(arena, given->path) : NULL,
        .place = given->place,
        .take = (Side)given->take,
        .with = given->text,
    };
    ARRAY_PUSH(arena, out, choice);
}

static ResolveChoices choices_of(const JobWork *work, Str artifact)
{
    Arena *arena = work->ws->arena;
    const JobRequest *request = &work->request;
    ResolveChoices choices = {0};
    for (size_t i = 0; i < request->choices.count; i++)
        if (!request->choices.items[i].artifact.len ||
            str_equal(request->choices.items[i].artifact, artifact))
            add_choice(arena, &request->choices.items[i], &choices);
    JobChoice rest = {.take = request->strategy == STRATEGY_OURS ? SIDE_OURS : SIDE_THEIRS};
    if (request->strategy == STRATEGY_OURS || request->strategy == STRATEGY_THEIRS)
        add_choice(arena, &rest, &choices);
    return choices;
}

/* Whether an earlier attempt has carried its merge out. */
static bool is_done(const JobWork *work, Str artifact)
{
    for (size_t i = 0; work->again && i < work->earlier.head.artifacts.count; i++)
        if (str_equal(work->earlier.head.artifacts.items[i], artifact))
            return true;
    return false;
}

static bool resolve_one(JobWork *work, Str artifact, const char *project, ResolveResult *out,
                        bool *done, Error *err)
{
    ResolveRequest request = {
        .artifact = arena_text(work->ws->arena, artifact),
        .project = project,
        .project_given = project != NULL,
        .abort = work->request.abort,
        .choices = choices_of(work, artifact),
        .operation = work->order->job->id,
        .apply = !work->request.dry_run,
    };
    request.carry_out = !request.abort && !request.choices.count;
    *done = verb_resolve(work->ws, &request, out, err);
    return *done || (err->code == ERR_NOT_FOUND && is_done(work, artifact));
}

/* ── all of them ── */

typedef ARRAY(ResolveResult) Results;

static void tell_merges(JobWork *work, const Results *results)
{
    JsonWriter *json = work->json;
    if (results->count == 1) {
        json_resolve_members(work->ws->arena, json, &results->items[0]);
        return;
    }
    json_key(json, "merges");
    json_begin_array(json);
    for (size_t i = 0; i < results->count; i++) {
        const PendingMerge *pending = &results->items[i].pending;
        json_begin_object(json);
        json_place_members(json, pending->artifact, pending->edge, pending->project);
        json_resolve_members(work->ws->arena, json, &results->items[i]);
        json_end_object(json);
    }
    json_end_array(json);
}

static void add_plan(Arena *arena, const Plan *part, Plan *whole)
{
    for (size_t i = 0; i < part->items.count; i++)
        ARRAY_PUSH(arena, &whole->items, part->items.items[i]);
    if (part->operation.len)
        whole->operation = part->operation;
}

/* With several, one that fails is an item that failed, and the others go on. */
static void add_failed(JobWork *work, Str artifact, const Error *failed, Plan *whole)
{
    PlanItem item = {.artifact = artifact,
                     .edge = EDGE_UPSTREAM,
                     .result = RESULT_ERROR,
                     .error = error_note(work->ws->arena, failed)};
    ARRAY_PUSH(work->ws->arena, &whole->items, item);
}

static bool run(JobWork *work, Error *err)
{
    const StrArray *artifacts = &work->request.artifacts;
    Plan plan = {.dry_run = work->request.dry_run};
    Results results = {0};
    const char *project = NULL;
    work->ws->verb = "resolve";
    if (!job_project(work, &project, err))
        return false;
    for (size_t i = 0; i < artifacts->count; i++) {
        ResolveResult result = {0};
        bool done = false;
        if (!resolve_one(work, artifacts->items[i], project, &result, &done, err)) {
            if (artifacts->count == 1 || err->code == ERR_INTERRUPTED)
                return false;
            add_failed(work, artifacts->items[i], err, &plan);
        }
        if (!done)
            continue;
        add_plan(work->ws->arena, &result.plan, &plan);
        ARRAY_PUSH(work->ws->arena, &results, result);
    }
    if (!job_tell_plan(work, &plan, err))
        return false;
    tell_merges(work, &results);
    return true;
}

JOB_BODY(RESOLVE) = {
    .request = &job_request_RESOLVE, .direction = -1, .writes = true, .check = check, .run = run};
