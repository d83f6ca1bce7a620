/* Shapes that several endpoints reply with: tiers, edges, files, versions. They describe what the writers of
 * `sync` (sync/drift_json.h and the like) write for the command line too: one shape for both. */
#pragma once

#include "api/endpoint.h"
#include "sync/history.h"

extern const char *const shape_edge_words[3], *const shape_tier_words[4];
extern const char *const shape_status_words[STATUS_COUNT + 1];

extern const Record shape_error;   /* code, message, hint */
extern const Record shape_lock;    /* who holds an artifact */
extern const Record shape_edge;    /* json_drift_members */
extern const Record shape_version; /* shape_write_version */
extern const Record shape_summary; /* counts of json_drift */

#define SHAPE_PATH                                                                                 \
    {"path", "inside the artifact", FIELD_TEXT, RECORD_NOWHERE, .required = true},                 \
    {                                                                                              \
        "path_bytes", "in base64, when it is no UTF-8", FIELD_TEXT, RECORD_NOWHERE,                \
            .required = false                                                                      \
    }

extern const ApiParameter shape_id_parameters[];
#define SHAPE_ID                                                                                   \
    {                                                                                              \
        "id", "the artifact, TYPE:NAME, or a name that only one has", FIELD_TEXT,                  \
            .least = 1, .most = 512, .example = "skill:pdf"                                        \
    }
#define SHAPE_PROJECT                                                                              \
    {                                                                                              \
        "project", "absolute path of a project", FIELD_TEXT, .example = "/home/ada/atlas"          \
    }

/* One version as an object. */
void shape_write_version(JsonWriter *json, const Version *version);

/* The artifact that {id} names. ERR_NOT_FOUND with the nearest. */
MUST_CHECK bool shape_artifact(ApiCall *call, Workspace *ws, const Artifact **out, Error *err);
/* The value of ?project=: absolute, without '.' and '..'; NULL when it is not given. */
MUST_CHECK bool shape_project(ApiCall *call, const char **out, Error *err);
/* How that artifact stands, towards its upstream as it was last seen; `project` NULL: in all of them. */
MUST_CHECK bool shape_drift(ApiCall *call, Workspace *ws, const Artifact *artifact,
                            const char *project, Drift *out, Error *err);
