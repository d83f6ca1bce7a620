/* The records that SkillMeat left in a project: a file in the folder of each profile (.claude, .codex ...).
 * Reads only. A torn file keeps its own `error`. */
#pragma once

#include "model/deployment.h"
#include "model/old_records.h"
#include "sync/workspace.h"

typedef struct {
    Str profile; /* ".claude" */
    Str text;    /* of its file */
    OldDeployments records;
    OldKeys left;
    ErrorNote error;
} OldProfile;
typedef ARRAY(OldProfile *) OldProfiles;

/* The default profile comes first: of two places of one artifact it is the one that counts. */
MUST_CHECK bool old_profiles_read(Arena *arena, int project_fd, OldProfiles *out, Error *err);

/* Where a recorded artifact lies below the project: checked, with the extension that a record may lack. */
MUST_CHECK bool old_deployment_path(Arena *arena, int project_fd, const OldProfile *profile,
                                    const OldDeployment *old, Str *out, Error *err);
/* The same for any path below a folder. */
Str old_path_there(Arena *arena, int fd, Str path);

/* Records of a project that has none of weir's: deployments with their old hash and no base, one an
 * artifact. What cannot be read is left out; the first such error is *failed. */
MUST_CHECK bool old_deployments_view(Arena *arena, int project_fd, DeploymentList *out,
                                     ErrorNote *failed, Error *err);
