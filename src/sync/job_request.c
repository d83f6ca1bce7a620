#include "sync/job_request.h"

const char *const job_direction_names[] = {"upstream_to_collection", "collection_to_project",
                                           "project_to_collection", "project_to_upstream", NULL};
const char *const job_strategy_names[] = {"auto", "prompt", "overwrite", "ours", "theirs", NULL};

static const Field sync_job_fields[] = {
    {"direction", "from which tier to which", FIELD_WORD, offsetof(SyncJobRequest, direction),
     .required = true, .words = job_direction_names},
    {"artifacts", "ids; empty: all of the collection", FIELD_TEXTS,
     offsetof(SyncJobRequest, artifacts), .required = true, .most = 10000},
    {"project_path", "absolute path of a project", FIELD_TEXT,
     offsetof(SyncJobRequest, project_path), .required = false},
    {"collection", "name of the collection", FIELD_TEXT, offsetof(SyncJobRequest, collection),
     .required = true, .most = 255},
    {"strategy", "what is done where both sides changed", FIELD_WORD,
     offsetof(SyncJobRequest, strategy), .words = job_strategy_names},
    {"dry_run", "only plan", FIELD_BOOL, offsetof(SyncJobRequest, dry_run), .required = true},
    {0},
};

const Record sync_job_request = {"SyncJob", "what a sync job is asked to do",
                                 sizeof(SyncJobRequest), sync_job_fields, false};
