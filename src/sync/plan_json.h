/* A plan as JSON, one shape for every verb that changes something (docs/schema/sync.json). */
#pragma once

#include "format/json_write.h"
#include "sync/verbs.h"

/* Members of the reply: dry_run, result, operation, files, conflicts, items, summary. */
void json_plan_members(JsonWriter *json, const Plan *plan);
void json_plan_conflicts(JsonWriter *json, const Plan *plan); /* the array alone */
/* {"code","message","hint"}, or null. */
void json_member_error(JsonWriter *json, const ErrorNote *error); /* "error" */
void json_member_error_as(JsonWriter *json, const char *key, const ErrorNote *error);
/* artifact, edge, project. */
void json_place_members(JsonWriter *json, Str artifact, Edge edge, const char *project);
/* The member "risks"; `artifact_path` names an artifact that is one file. */
void json_risks(JsonWriter *json, const RiskFindings *risks, Str artifact_path);
