/* add: artifacts come from an upstream, or from a folder of this machine, into the collection. */
#include "base/name.h"
#include "git/source.h"
#include "sync/job_bodies.h"
#include "sync/job_earlier.h"
#include "sync/job_fields.h"

static const Field fields[] = {
    {"source", "https, ssh, git@host:path, owner/repo/path, a bundle, or an absolute path, [@REF]",
     FIELD_TEXT, .offset = offsetof(JobRequest, source), .required = true, .least = 1,
     .example = "https://example.org/kit.git@v1.4"},
    {"ref", "branch, tag, sha or range, where `source` has no @REF; none: latest", FIELD_TEXT,
     .offset = offsetof(JobRequest, ref), .nullable = true, .most = 255, .example = "^1.4"},
    {"path", "which folders or files of the upstream, as a glob", FIELD_TEXT,
     .offset = offsetof(JobRequest, path), .nullable = true, .most = 1024, .example = "skills/*"},
    {"type", "told by the folder otherwise", FIELD_TEXT, .offset = offsetof(JobRequest, type),
     .nullable = true, .most = 64, .example = "skill"},
    {"name", "another name than the folder's, of one artifact", FIELD_TEXT,
     .offset = offsetof(JobRequest, name), .nullable = true, .most = 255, .example = "pdf"},
    JOB_FIELD_COLLECTION,
    JOB_FIELD_DRY_RUN,
    JOB_FIELD_ACCEPT_RISK,
    JOB_FIELD_COMMAND_LINE,
    {0},
};
const Record job_request_ADD = {"AddRequest", "what is added to the collection, and from where",
                                .size = sizeof(JobRequest), .fields = fields};

/* Before it is kept: a password in an address is refused here. */
static bool check(const JobRequest *request, Error *err)
{
    if (!git_source_check(request->source, err))
        return fail_in(err, "field 'source'");
    if (request->ref.len && !git_pin_check(request->ref, err))
        return fail_in(err, "field 'ref'");
    if (request->type.len && !name_check_type(request->type, err))
        return fail_in(err, "field 'type'");
    return !request->name.len || name_check_artifact(request->name, err) ||
           fail_in(err, "field 'name'");
}

static const char *text_or_null(const JobWork *work, Str text)
{
    return text.len ? arena_text(work->ws->arena, text) : NULL;
}

/* In the collection already, because an earlier attempt has put it there. */
static bool was_added(const JobWork *work, const PlanItem *item)
{
    return item->error.code == ERR_EXISTS &&
           str_array_has(&work->earlier.head.artifacts, item->artifact);
}

static bool tell(JobWork *work, Plan *plan, Error *err)
{
    for (size_t i = 0; work->again && i < plan->items.count; i++) {
        PlanItem *item = &plan->items.items[i];
        if (!was_added(work, item))
            continue;
        item->error = (ErrorNote){0};
        item->result = RESULT_UP_TO_DATE;
    }
    return job_tell_plan(work, plan, err);
}

static bool run(JobWork *work, Error *err)
{
    const JobRequest *request = &work->request;
    Plan plan = {0};
    AddRequest add = {
        .source = arena_text(work->ws->arena, request->source),
        .ref = text_or_null(work, request->ref),
        .path = text_or_null(work, request->path),
        .type = text_or_null(work, request->type),
        .name = text_or_null(work, request->name),
        .cwd = "/dev/null", /* nothing is beneath it: owner/repo is never a folder */
        .apply = !request->dry_run,
    };
    work->ws->verb = "add";
    return verb_add(work->ws, &add, &plan, err) && tell(work, &plan, err);
}

JOB_BODY(ADD) = {.request = &job_request_ADD,
                 .direction = DIRECTION_UPSTREAM_TO_COLLECTION,
                 .writes = true,
                 .check = check,
                 .run = run};
