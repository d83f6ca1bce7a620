#include "sync/drift_json.h"

#include <stdlib.h>

#include "base/clock.h"
#include "sync/conflict_json.h"
#include "sync/edge_words.h"
#include "sync/plan_json.h"

static int by_artifact(const void *left, const void *right)
{
    const DriftItem *a = left, *b = right;
    int order = str_compare(a->artifact, b->artifact);
    if (!order)
        order = (int)a->edge - (int)b->edge;
    return order ? order : str_compare(str_of(a->project), str_of(b->project));
}

void drift_sort(Drift *drift)
{
    if (drift->items.count > 1)
        qsort(drift->items.items, drift->items.count, sizeof *drift->items.items, by_artifact);
}

void json_lock_members(JsonWriter *json, const ArtifactLock *lock)
{
    json_member_bytes(json, "owner", lock->owner);
    json_member_bytes(json, "reason", lock->reason);
    json_member_text(json, "until", clock_format(json->buf->arena, lock->until_ms));
}

void json_locks(JsonWriter *json, const ArtifactLocks *locks)
{
    json_begin_array(json);
    for (size_t i = 0; i < locks->count; i++) {
        json_begin_object(json);
        json_member_bytes(json, "artifact", locks->items[i].artifact);
        json_lock_members(json, &locks->items[i]);
        json_end_object(json);
    }
    json_end_array(json);
}

void json_member_lock(JsonWriter *json, const ArtifactLock *lock)
{
    if (!lock->until_ms) {
        json_member_null(json, "lock");
        return;
    }
    json_key(json, "lock");
    json_begin_object(json);
    json_lock_members(json, lock);
    json_end_object(json);
}

static void json_mergeable(JsonWriter *json, Mergeable mergeable)
{
    if (mergeable == MERGEABLE_UNKNOWN)
        json_member_null(json, "mergeable");
    else
        json_member_bool(json, "mergeable", mergeable == MERGEABLE_YES);
}

static void json_status(JsonWriter *json, const DriftItem *item)
{
    bool known = item->error.code == ERR_NONE;
    json_member_text(json, "status", known ? sync_status_names[item->status.status] : NULL);
    json_member_bool(json, "missing", item->status.missing);
    json_member_bool(json, "removed", item->status.removed);
    json_mergeable(json, item->status.mergeable);
}

static void json_checked(JsonWriter *json, const DriftItem *item)
{
    if (item->edge != EDGE_UPSTREAM)
        return;
    if (item->checked_ms)
        json_member_text(json, "checked_at", clock_format(json->buf->arena, item->checked_ms));
    else
        json_member_null(json, "checked_at");
    json_member_bool(json, "stale", item->stale.code != ERR_NONE);
    json_member_error_as(json, "stale_because", &item->stale);
}

void json_drift_members(JsonWriter *json, const DriftItem *item)
{
    json_place_members(json, item->artifact, item->edge, item->project);
    json_status(json, item);
    json_key(json, "files");
    json_begin_array(json);
    for (size_t i = 0; i < item->changes.count; i++) {
        json_begin_object(json);
        json_member_bytes(json, "path", shown_path(item->changes.items[i].path, item->path));
        json_member_text(json, "change", file_action_name(item->changes.items[i].action));
        json_end_object(json);
    }
    json_end_array(json);
    json_key(json, "hashes");
    json_begin_object(json);
    json_member_hash(json, "base", &item->base);
    json_member_hash(json, "upper", &item->upper);
    json_member_hash(json, "lower", &item->lower);
    json_end_object(json);
    json_checked(json, item);
    json_member_lock(json, &item->lock);
    if (item->old)
        json_member_bool(json, "legacy", true);
    if (item->error.code != ERR_NONE)
        json_member_error(json, &item->error);
}

void json_drift(JsonWriter *json, const Drift *drift)
{
    json_key(json, "items");
    json_begin_array(json);
    for (size_t i = 0; i < drift->items.count; i++) {
        json_begin_object(json);
        json_drift_members(json, &drift->items.items[i]);
        json_end_object(json);
    }
    json_end_array(json);
    json_key(json, "summary");
    json_begin_object(json);
    json_member_integer(json, "total", (int64_t)drift->items.count);
    for (size_t i = 0; i < STATUS_COUNT; i++)
        json_member_integer(json, sync_status_names[i], (int64_t)drift->count[i]);
    json_member_integer(json, "missing", (int64_t)drift->missing);
    json_member_integer(json, "removed", (int64_t)drift->removed);
    json_member_integer(json, "errors", (int64_t)drift->errors);
    json_end_object(json);
}

void json_why(JsonWriter *json, const Drift *drift, Str artifact, const char *arrow)
{
    Arena *arena = json->buf->arena;
    const DriftItem *worst = drift_worst(drift);
    json_member_bytes(json, "artifact", artifact);
    json_key(json, "edges");
    json_begin_array(json);
    for (size_t i = 0; i < drift->items.count; i++) {
        const DriftItem *item = &drift->items.items[i];
        json_begin_object(json);
        json_drift_members(json, item);
        json_member_bytes(json, "sentence", str_of(edge_says(arena, item, arrow)));
        json_member_text(json, "next", edge_next(arena, item));
        json_end_object(json);
    }
    json_end_array(json);
    json_member_text(json, "next", worst ? edge_next(arena, worst) : NULL);
}
