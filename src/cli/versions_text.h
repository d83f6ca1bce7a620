/* The versions of one artifact for a person: newest first, a lane for each tier, and what is where now. */
#pragma once

#include "cli/output.h"
#include "sync/history.h"

typedef struct {
    Str id;
    const Versions *versions; /* the newest of `total` */
    const bool *kept;         /* of each */
    size_t total;
    const Drift *drift; /* of this artifact: where the tiers and bases are */
} VersionsView;

void versions_print(Output *output, const VersionsView *view);
void versions_json(Output *output, JsonWriter *json, const VersionsView *view);
