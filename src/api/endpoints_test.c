#include <string.h>

#include "api/scene_test.h"

/* ── every row of every table has a reply that was held against its record ── */

typedef struct {
    const char *operation, *method, *target, *body;
} Sample; /* {job}, {patch}: ids of jobs that are there; {conflict}: of a merge; {operation}: of the last one;
           * {atlas}: the path of a project */

static const Sample samples[] = {
    {"getHealth", "GET", "/healthz", NULL},
    {"getReadiness", "GET", "/readyz", NULL},
    {"getMetrics", "GET", "/metrics", NULL},
    {"getOpenApi", "GET", "/openapi.json", NULL},
    {"createSyncJob", "POST", JOBS, SYNC_PDF},
    {"listSyncJobs", "GET", JOBS "?limit=2&state=queued", NULL},
    {"getSyncJob", "GET", JOBS "/{job}", NULL},
    {"cancelSyncJob", "POST", JOBS "/{job}/cancel", NULL},
    {"resolveConflicts", "POST", "/api/v1/sync/resolve",
     "{\"artifact_id\":\"skill:pdf\",\"strategy\":\"ours\"}"},
    {"checkDrift", "POST", "/api/v1/drift/check", "{\"check_upstream\":true}"},
    {"checkUpstreams", "POST", "/api/v1/upstreams/check", NULL},
    {"undoOperation", "POST", "/api/v1/undo", "{}"},
    {"collectGarbage", "POST", "/api/v1/gc", "{\"older_than_days\":30}"},
    {"batchSync", "POST", "/api/v1/artifacts/batch-sync", SYNC_PDF},
    {"updateAll", "POST", "/api/v1/artifacts/update-all", "{\"strategy\":\"auto\"}"},
    {"syncArtifact", "POST", "/api/v1/artifacts/pdf/sync",
     "{\"direction\":\"upstream_to_collection\"}"},
    {"deployArtifact", "POST", "/api/v1/artifacts/skill:pdf/deploy",
     "{\"project_path\":\"/home/ada/atlas\"}"},
    {"resolveArtifact", "POST", "/api/v1/artifacts/pdf/resolve-conflicts",
     "{\"choices\":[{\"path\":\"SKILL.md\",\"take\":\"theirs\"}]}"},
    {"rollbackArtifact", "POST", "/api/v1/artifacts/pdf/rollback", "{\"to\":\"5e71b8cb\"}"},
    {"addArtifacts", "POST", "/api/v1/artifacts", "{\"source\":\"https://example.org/kit.git\"}"},
    {"batchDeploy", "POST", "/api/v1/artifacts/batch-deploy",
     "{\"project_path\":\"/home/ada/atlas\"}"},
    {"batchUndeploy", "POST", "/api/v1/artifacts/batch-undeploy",
     "{\"project_path\":\"/home/ada/atlas\",\"all\":true}"},
    {"batchRemove", "POST", "/api/v1/artifacts/batch-remove", "{\"artifacts\":[\"skill:pdf\"]}"},
    {"batchPin", "POST", "/api/v1/artifacts/batch-pin", "{\"all\":true,\"pin\":\"^1.2\"}"},
    {"batchLock", "POST", "/api/v1/artifacts/batch-lock",
     "{\"artifacts\":[\"skill:pdf\"],\"for_seconds\":60}"},
    {"batchUnlock", "POST", "/api/v1/artifacts/batch-unlock", "{\"artifacts\":[\"skill:pdf\"]}"},
    {"undeployArtifact", "POST", "/api/v1/artifacts/skill:gone/undeploy",
     "{\"project_path\":\"/home/ada/atlas\"}"},
    {"removeArtifact", "POST", "/api/v1/artifacts/pdf/remove", NULL},
    {"pinArtifact", "POST", "/api/v1/artifacts/pdf/pin", "{\"pin\":\"latest\"}"},
    {"lockArtifact", "POST", "/api/v1/artifacts/pdf/lock", "{\"reason\":\"release\"}"},
    {"unlockArtifact", "POST", "/api/v1/artifacts/pdf/unlock", NULL},
    {"listLocks", "GET", "/api/v1/locks", NULL},
    {"createPatch", "POST", "/api/v1/sync/patch", "{\"artifacts\":[\"skill:pdf\"]}"},
    {"downloadPatch", "GET", "/api/v1/patches/{patch}/download", NULL},
    {"listArtifacts", "GET", "/api/v1/artifacts", NULL},
    {"getArtifact", "GET", "/api/v1/artifacts/skill%3Apdf", NULL},
    {"getArtifactVersions", "GET", "/api/v1/artifacts/pdf/versions", NULL},
    {"getArtifactHistory", "GET", "/api/v1/artifacts/skill:pdf/version-history", NULL},
    {"getArtifactDrift", "GET", "/api/v1/artifacts/pdf/drift", NULL},
    {"getArtifactWhy", "GET", "/api/v1/artifacts/pdf/why", NULL},
    {"getDrift", "GET", "/api/v1/drift?files=true", NULL},
    {"getArtifactDiff", "GET", "/api/v1/artifacts/pdf/diff?lhs=upstream&rhs=collection", NULL},
    {"getArtifactPatch", "GET", "/api/v1/artifacts/pdf/diff.patch?lhs=upstream&rhs=collection",
     NULL},
    {"getArtifactFile", "GET", "/api/v1/artifacts/pdf/file?path=SKILL.md", NULL},
    {"listProjects", "GET", "/api/v1/projects", NULL},
    {"listOperations", "GET", "/api/v1/operations?limit=2", NULL},
    {"addProject", "POST", "/api/v1/projects", "{\"path\":\"{atlas}\"}"},
    {"forgetProject", "POST", "/api/v1/projects/forget", "{\"path\":\"{atlas}\"}"},
    {"getOperation", "GET", "/api/v1/operations/{operation}", NULL},
    {"getConfig", "GET", "/api/v1/config", NULL},
    {"listConflicts", "GET", "/api/v1/conflicts", NULL},
    {"getConflict", "GET", "/api/v1/conflicts/{conflict}", NULL},
    {"addConflictChoices", "POST", "/api/v1/conflicts/{conflict}/choices",
     "{\"choices\":[{\"take\":\"collection\"}]}"},
    {"streamEvents", "GET", "/api/v1/events?kinds=job.*,operation.applied", NULL},
};

static const Sample *sample_of(const char *operation)
{
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        if (strcmp(samples[i].operation, operation) == 0)
            return &samples[i];
    }
    return NULL;
}

static const char *target_of(Test *t, const char *target, const char *what, const char *id)
{
    const char *mark = strstr(target, what);
    return mark ? arena_format(t->arena, "%.*s%s%s", (int)(mark - target), target, id,
                               mark + strlen(what))
                : target;
}

static const char *last_operation(World *world)
{
    Answer log = world_ask(world, "GET", "/api/v1/operations?limit=1", "", NULL);
    const JsonNode *last = json_find(log.json, STR("items"))->first;
    return arena_text(world->t->arena, json_find(last, STR("id"))->text);
}

TEST(every_endpoint_has_a_reply_of_its_declared_record)
{
    SCOPED(world_close) World *world = world_open(t);
    const char *conflict = scene_make(world);
    Answer patch =
        scene_do(world, "/api/v1/sync/patch",
                 arena_format(t->arena, "{\"artifacts\":[\"skill:pdf\"],\"project_path\":\"%s\"}",
                              scene_project(world, "beta")));
    const char *made = arena_text(t->arena, answer_text(&patch, "id")), *job = scene_job(world);
    const char *atlas = scene_project(world, "atlas");
    for (size_t i = 0; i < api_endpoint_count(); i++) {
        const Endpoint *endpoint = api_endpoint(i);
        const Sample *sample = sample_of(endpoint->operation);
        print_message("%s\n", endpoint->operation);
        ASSERT(sample);
        const char *target = target_of(t, sample->target, "{job}", job);
        target = target_of(t, target, "{conflict}", conflict);
        target = target_of(t, target, "{patch}", made);
        target = target_of(t, target, "{operation}", last_operation(world));
        const char *body = sample->body ? target_of(t, sample->body, "{atlas}", atlas) : NULL;
        Answer answer = world_ask(world, sample->method, target, "", body);
        CHECK_INT(answer.status, endpoint->status ? endpoint->status : 200);
        CHECK_TEXT(world->route, endpoint->path);
    }
}
