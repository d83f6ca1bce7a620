/* What differs between the tiers as JSON, one shape for status, drift, why, show and jobs. */
#pragma once

#include "format/json_write.h"
#include "sync/verbs.h"

/* Members of the reply: items, summary. */
void json_drift(JsonWriter *json, const Drift *drift);
/* Members of one item. */
void json_drift_members(JsonWriter *json, const DriftItem *item);
/* "skill:a" before "skill:b", the upstream's edge before the projects': the order people see. */
void drift_sort(Drift *drift);

/* An array: artifact, owner, reason, until of each. */
void json_locks(JsonWriter *json, const ArtifactLocks *locks);
/* owner, reason, until */
void json_lock_members(JsonWriter *json, const ArtifactLock *lock);
/* "lock": those in an object; null when it is not locked */
void json_member_lock(JsonWriter *json, const ArtifactLock *lock);
/* Of one artifact's edges: artifact, edges (each with its sentence and what to type next), next. `arrow`: as
 * in sync/edge_words.h. */
void json_why(JsonWriter *json, const Drift *drift, Str artifact, const char *arrow);
