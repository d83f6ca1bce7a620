#include "sync/host.h"

#include "base/path.h"
#include "base/text.h"
#include "sync/base_pack.h"
#include "sync/operation_store.h"
#include "sync/record_blocks.h"

static bool host_read(void *context, Arena *arena, const Hash *hash, Str *out, Error *err)
{
    SyncHost *host = context;
    return store_get(arena, host->ws->store, hash, out, err);
}

static bool host_keep_old(void *context, Str bytes, const Hash *hash, Error *err)
{
    SyncHost *host = context;
    Hash kept;
    if (!host->batch.store && !store_begin(host->ws->store, &host->batch, err))
        return false;
    if (!store_put(host->ws->store, bytes, &kept, err))
        return false;
    ASSERT(hash_equal(&kept, hash));
    return true;
}

static bool host_keep_sync(void *context, Error *err)
{
    SyncHost *host = context;
    return !host->batch.store || store_commit(&host->batch, err);
}

static bool host_may_commit(void *context, Error *err)
{
    SyncHost *host = context;
    return job_claim_holds(host->ws, err);
}

static bool host_finish(void *context, const ApplyFinish *finish, Error *err)
{
    SyncHost *host = context;
    SCOPED(arena_close) Arena *arena = arena_open();
    Facts facts;
    SPAN(host->ws->tracer, "database");
    return facts_decode(arena, finish->payload, &facts, err) &&
           operation_record(host->ws->db, str_of(finish->id), &facts, &finish->failed, NULL, err);
}

static void failed_artifacts(Arena *arena, const Facts *facts, const ApplyGroups *failed,
                             StrArray *out)
{
    for (size_t i = 0; i < facts->count; i++)
        for (size_t j = 0; j < failed->count; j++)
            if (facts->items[i].kind == FACT_TREE &&
                facts->items[i].group == (int64_t)failed->items[j])
                ARRAY_PUSH(arena, out, facts->items[i].field[1]);
}

static bool host_amend(void *context, Arena *arena, const ApplyAmend *amend, Str *out, Error *err)
{
    (void)context;
    Facts facts;
    StrArray ids = {0};
    if (base_pack_owns(amend->path)) {
        *out = amend->old_bytes.len ? amend->old_bytes : amend->new_bytes;
        return true; /* more than is needed does no harm, and the next apply tidies up */
    }
    if (!facts_decode(arena, amend->payload, &facts, err))
        return false;
    failed_artifacts(arena, &facts, &amend->failed, &ids);
    return record_blocks_restore(arena, amend->path, amend->new_bytes, amend->old_bytes, &ids, out,
                                 err);
}

void sync_host_init(SyncHost *host, Workspace *ws, ApplyHost *out)
{
    *host = (SyncHost){.ws = ws};
    *out = (ApplyHost){
        .context = host,
        .read = host_read,
        .keep_old = host_keep_old,
        .keep_sync = host_keep_sync,
        .may_commit = host_may_commit,
        .finish = host_finish,
        .amend = host_amend,
    };
}

void sync_tell_late(Workspace *ws, const ApplyResult *result, const StrArray *roots)
{
    static const Hash none;
    for (size_t i = 0; i < result->late.count; i++) {
        const ApplyPlace *late = &result->late.items[i];
        if (late->root >= roots->count || !hash_equal(&late->hash, &none))
            continue;
        workspace_notice(
            ws,
            "warning: a program wrote to a file in the moment weir replaced it; what it "
            "wrote is now %s",
            text_safe(ws->arena,
                      str_of(path_join(ws->arena, roots->items[late->root], late->path))));
    }
}
