#include "sync/old_project.h"

#include "base/fs.h"
#include "base/limits.h"
#include "base/name.h"
#include "base/path.h"
#include "base/text.h"
#include "model/artifact_id.h"

#define DEFAULT_PROFILE ".claude"

static void add_profile(Arena *arena, int fd, Str name, OldProfiles *out)
{
    bool found = false;
    Error failed = {0};
    OldProfile one = {.profile = name};
    Str path = str_of(path_join(arena, name, STR(OLD_DEPLOYED_FILE)));
    if (!fs_read_if_any(arena, fd, path, LIMIT_RECORD_BYTES, &found, &one.text, &failed))
        found = str_is(name, DEFAULT_PROFILE); /* another closed folder, or link, is no profile */
    else if (found && !old_deployments_read(arena, one.text, &one.records, &one.left, &failed))
        one.records = (OldDeployments){0};
    if (!found)
        return;
    if (failed.code)
        one.error = error_note(arena, &failed);
    OldProfile *profile = ARENA_NEW(arena, OldProfile);
    *profile = one;
    ARRAY_PUSH(arena, out, profile);
}

bool old_profiles_read(Arena *arena, int project_fd, OldProfiles *out, Error *err)
{
    FsNames names;
    OldProfiles list = {0};
    if (!fs_list(arena, project_fd, &names, err))
        return false;
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < names.count; i++) {
            Str name = names.items[i].name;
            bool first = str_is(name, DEFAULT_PROFILE);
            if (name.len > 1 && name.data[0] == '.' && first == (pass == 0) &&
                names.items[i].kind != FS_FILE)
                add_profile(arena, project_fd, name, &list);
        }
    *out = list;
    return true;
}

Str old_path_there(Arena *arena, int fd, Str path)
{
    FsStat stat;
    bool found = false;
    Error ignored;
    Str longer = str_of(arena_format(arena, "%.*s.md", STR_ARG(path)));
    if (!fs_stat_at(fd, path, &found, &stat, &ignored) || found)
        return path;
    return fs_stat_at(fd, longer, &found, &stat, &ignored) && found ? longer : path;
}

bool old_deployment_path(Arena *arena, int project_fd, const OldProfile *profile,
                         const OldDeployment *old, Str *out, Error *err)
{
    Str path = str_of(path_join(arena, profile->profile, old->path));
    if (old->path.len && old->path.data[0] == '/')
        return fail(err, ERR_PATH_ESCAPES, "'%s' is an absolute path", text_safe(arena, old->path));
    if (!name_check_path(path, err))
        return false;
    *out = old_path_there(arena, project_fd, path);
    return true;
}

static bool is_listed(const DeploymentList *list, Str artifact)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_equal(list->items[i]->artifact, artifact))
            return true;
    return false;
}

static bool view_one(Arena *arena, int fd, const OldProfile *profile, const OldDeployment *old,
                     DeploymentList *out, Error *err)
{
    Deployment one = {.collection = old->collection, .legacy_hash = old->content_hash};
    if (old->error.code)
        return fail_noted(err, &old->error);
    if (!name_check_type(old->type, err) || !name_check_artifact(old->name, err) ||
        !old_deployment_path(arena, fd, profile, old, &one.path, err))
        return false;
    one.artifact = artifact_id_format(arena, (ArtifactId){old->type, old->name});
    if (is_listed(out, one.artifact))
        return true;
    Deployment *kept = ARENA_NEW(arena, Deployment);
    *kept = one;
    ARRAY_PUSH(arena, out, kept);
    return true;
}

bool old_deployments_view(Arena *arena, int project_fd, DeploymentList *out, ErrorNote *failed,
                          Error *err)
{
    OldProfiles profiles;
    DeploymentList list = {0};
    *failed = (ErrorNote){0};
    if (!old_profiles_read(arena, project_fd, &profiles, err))
        return false;
    for (size_t i = 0; i < profiles.count; i++) {
        const OldProfile *profile = profiles.items[i];
        if (profile->error.code && !failed->code)
            *failed = profile->error;
        for (size_t j = 0; j < profile->records.count; j++) {
            Error bad = {0};
            if (!view_one(arena, project_fd, profile, &profile->records.items[j], &list, &bad) &&
                !failed->code)
                *failed = error_note(arena, &bad);
        }
    }
    *out = list;
    return true;
}
