#include "base/clock.h"
#include "base/ids.h"
#include "base/text.h"
#include "jobs/store_internal.h"

JobEntry *job_entry_new(const JobDraft *draft)
{
    Arena *arena = arena_open();
    JobEntry *entry = ARENA_NEW(arena, JobEntry);
    Job asked = {
        .id = str_of(id_new(arena)),
        .kind = draft->kind,
        .direction = draft->direction,
        .artifacts = draft->artifacts,
        .project_path = draft->project_path,
        .collection = draft->collection.len ? draft->collection : STR("default"),
        .strategy = draft->strategy,
        .dry_run = draft->dry_run,
        .request = draft->request.len ? draft->request : STR("{}"),
        .created_ms = clock_ms(),
        .trace_id = draft->trace_id,
        .parent_id = draft->parent_id,
        .actor = draft->actor,
    };
    asked.run_at_ms = asked.created_ms;
    entry->arena = arena;
    entry->job = job_copy(arena, &asked);
    entry->scope = arena_copy(arena, draft->idempotency_scope);
    entry->key = arena_copy(arena, draft->idempotency_key);
    entry->request_hash = draft->request_hash;
    return entry;
}

void job_entry_end(JobEntry **entry)
{
    if (!*entry)
        return;
    Arena *arena = (*entry)->arena;
    *entry = NULL;
    arena_close(&arena);
}

bool fail_key_reused(Arena *arena, Str key, Error *err)
{
    return fail(err, ERR_KEY_REUSED, "the idempotency key '%s' was used with another request",
                text_safe(arena, key));
}
