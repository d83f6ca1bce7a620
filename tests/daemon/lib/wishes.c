#include "wishes.h"

#include "clients.h"

static Wish sync_wish(Arena *arena, const char *folder, unsigned artifact)
{
    static const char *const directions[] = {"upstream_to_collection", "collection_to_project",
                                             "collection_to_project", "project_to_collection"};
    uint32_t way = chance(COUNT_OF(directions));
    const char *place =
        way == 0 ? ""
                 : arena_format(arena, ",\"project_path\":\"%s/p%u\"", folder, chance(PROJECTS));
    const char *body =
        arena_format(arena,
                     "{\"direction\":\"%s\",\"artifacts\":[\"skill:s%u\",\"skill:s%u\"],"
                     "\"dry_run\":%s%s}",
                     directions[way], artifact, way ? (artifact + 1) % ARTIFACTS : artifact,
                     chance(4) ? "false" : "true", place);
    return (Wish){.target = "/api/v1/sync/jobs", .body = str_of(body)};
}

static Wish project_wish(Arena *arena, const char *folder, unsigned artifact)
{
    uint32_t project = chance(PROJECTS);
    if (chance(2))
        return (Wish){
            .target = arena_format(arena, "/api/v1/artifacts/skill:s%u/deploy", artifact),
            .body = str_of(arena_format(arena, "{\"project_path\":\"%s/p%u\",\"dry_run\":false}",
                                        folder, project))};
    return (Wish){
        .target = "/api/v1/sync/resolve",
        .body = str_of(arena_format(arena,
                                    "{\"artifacts\":[\"skill:s%u\"],\"project_path\":"
                                    "\"%s/p%u\",\"strategy\":\"%s\",\"dry_run\":false}",
                                    artifact, folder, project, chance(2) ? "ours" : "theirs"))};
}

static Wish looking_wish(Arena *arena, unsigned artifact)
{
    static const char *const targets[] = {"/api/v1/drift/check", "/api/v1/upstreams/check",
                                          "/api/v1/sync/patch"};
    return (Wish){.target = targets[chance(COUNT_OF(targets))],
                  .body = str_of(arena_format(arena, "{\"artifacts\":[\"skill:s%u\"]}", artifact))};
}

Wish wish_random(Arena *arena, const char *folder, unsigned artifact)
{
    uint32_t what = chance(20);
    if (what < 10)
        return sync_wish(arena, folder, artifact);
    if (what < 13)
        return project_wish(arena, folder, artifact);
    if (what < 16)
        return looking_wish(arena, artifact);
    if (what < 17)
        return (Wish){.target = "/api/v1/undo", .body = STR("{\"dry_run\":false}")};
    if (what < 18)
        return (Wish){.target =
                          arena_format(arena, "/api/v1/artifacts/skill:s%u/rollback", artifact),
                      .body = STR("{\"dry_run\":false,\"to\":\""),
                      .goes_back = true};
    return (Wish){.target = "/api/v1/artifacts/update-all",
                  .body = str_of(arena_format(arena,
                                              "{\"artifacts\":[\"skill:s%u\",\"skill:s%u\"],"
                                              "\"dry_run\":false,\"strategy\":\"%s\"}",
                                              artifact, (artifact + 3) % ARTIFACTS,
                                              chance(2) ? "auto" : "overwrite"))};
}
