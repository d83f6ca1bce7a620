/* Carrying a draft out: content kept, one apply over all roots, facts in its last transaction. */
#include "sync/draft.h"

#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/ids.h"
#include "base/map.h"
#include "base/path.h"
#include "sync/ancestry.h"
#include "sync/base_pack.h"
#include "sync/host.h"
#include "sync/operation_store.h"

typedef ARRAY(ApplyEntry) Entries;

typedef struct {
    Draft *draft;
    Entries *entries; /* one list a root */
    Map *seen_folders;
    size_t written; /* entries that are no records */
} Commit;

static size_t root_index(const Draft *draft, const Root *root)
{
    return (size_t)(root - draft->session->roots);
}

/* What nothing has to be done for: the same on both sides, or left where it lies. */
static bool is_at_rest(const TreeChange *change, const TreeEntry *old, const TreeEntry *new)
{
    return tree_entry_equal(old, new) ||
           (old && !new &&str_array_has(&change->untracked, old->path)) ||
           (new && !old &&str_array_has(&change->adopted, new->path));
}

/* Folders that the entry's path needs and that are not there will be made: told, so that undo can take
 * them away again. */
static bool note_folders(Commit *commit, const Root *root, Str path, Error *err)
{
    Arena *arena = commit->draft->ws->arena;
    for (Str folder = path_folder(path); folder.len; folder = path_folder(folder)) {
        Str key = str_of(
            arena_format(arena, "%zu/%.*s", root_index(commit->draft, root), STR_ARG(folder)));
        FsStat stat;
        bool found = false;
        if (map_find(commit->seen_folders, key))
            return true;
        map_put(commit->seen_folders, key, commit);
        if (!fs_stat_at(root->fd, folder, &found, &stat, err))
            return false;
        if (found)
            return true;
        facts_add(arena, &commit->draft->facts, FACT_FOLDER, FACT_NO_GROUP, str_of(root->path),
                  folder);
    }
    return true;
}

/* The artifact's own folder stays when emptied, save where a file takes its place or all of it goes. */
static size_t kept_part(const TreeChange *change, Str inside)
{
    if (change->whole)
        return change->keep_bytes;
    bool folder_stays = inside.len && !tree_is_file(&change->after.tree);
    return folder_stays ? change->path.len : path_folder(change->path).len;
}

static bool add_entry(Commit *commit, const TreeChange *change, const TreeEntry *before,
                      const TreeEntry *after, Error *err)
{
    Arena *arena = commit->draft->ws->arena;
    Str inside = before ? before->path : after->path;
    ApplyEntry entry = {
        .path = str_of(path_join(arena, change->path, inside)),
        .group = change->group,
        .keep_bytes = kept_part(change, inside),
    };
    if (before) {
        entry.old_mode = before->mode;
        entry.old_hash = before->hash;
    }
    if (after) {
        entry.new_mode = after->mode;
        entry.new_hash = after->hash;
    }
    ARRAY_PUSH(arena, &commit->entries[root_index(commit->draft, change->root)], entry);
    commit->written++;
    return !after || note_folders(commit, change->root, entry.path, err);
}

/* Both trees are sorted: one walk. */
static bool add_change(Commit *commit, const TreeChange *change, size_t *files, Error *err)
{
    const Tree *before = &change->before.tree;
    const Tree *after = &change->after.tree;
    size_t old_files = commit->written;
    size_t i = 0;
    size_t j = 0;
    while (i < before->count || j < after->count) {
        const TreeEntry *a = i < before->count ? &before->items[i] : NULL;
        const TreeEntry *b = j < after->count ? &after->items[j] : NULL;
        int order = !a ? 1 : !b ? -1 : str_compare(a->path, b->path);
        i += order <= 0;
        j += order >= 0;
        const TreeEntry *old = order <= 0 ? a : NULL;
        const TreeEntry *new = order >= 0 ? b : NULL;
        if (is_at_rest(change, old, new))
            continue;
        if (!add_entry(commit, change, old, new, err))
            return false;
    }
    *files = commit->written - old_files;
    return true;
}

/* Remembers who it was for; false, as the failure it is. */
static bool blame(Draft *draft, const Root *root, size_t group)
{
    draft->blame.known = true;
    draft->blame.root = root;
    draft->blame.group = group;
    return false;
}

static bool blame_path(Draft *draft, const Root *root, Str path)
{
    for (size_t i = 0; i < draft->changes.count; i++)
        if (draft->changes.items[i].root == root && str_equal(draft->changes.items[i].path, path))
            return blame(draft, root, draft->changes.items[i].group);
    return false;
}

static bool add_changes(Commit *commit, Error *err)
{
    Draft *draft = commit->draft;
    Arena *arena = draft->ws->arena;
    for (size_t i = 0; i < draft->changes.count; i++) {
        const TreeChange *change = &draft->changes.items[i];
        size_t files = 0;
        if (!add_change(commit, change, &files, err))
            return blame(draft, change->root, change->group);
        if (!files)
            continue;
        facts_add(arena, &draft->facts, FACT_TREE, change->group,
                  str_of(draft->ws->collection_name), change->artifact,
                  str_of(tier_names[change->root->is_collection ? TIER_COLLECTION : TIER_PROJECT]),
                  str_of(change->root->path), change->path,
                  hash_format(arena, &change->before.hash), hash_format(arena, &change->after.hash),
                  str_of(arena_format(arena, "%zu", files)), str_of(edge_names[change->edge]),
                  hash_format(arena, &change->base));
    }
    return true;
}

static bool keep_content(Draft *draft, Error *err)
{
    Store *store = draft->ws->store;
    Hash ignored;
    for (size_t i = 0; i < draft->snapshots.count; i++) {
        const KeptSnapshot *kept = &draft->snapshots.items[i];
        if (!snapshot_keep(store, kept->root->fd, kept->path, &kept->snapshot, err))
            return blame_path(draft, kept->root, kept->path);
    }
    for (size_t i = 0; i < draft->blobs.count; i++)
        if (!store_put(store, draft->blobs.items[i].bytes, &ignored, err))
            return false;
    for (size_t i = 0; i < draft->trees.count; i++)
        if (!store_put_tree(store, &draft->trees.items[i], &ignored, err))
            return false;
    return true;
}

typedef struct {
    const Root *root;
    const char *path;
    bool existed;
    Str before, after;
    size_t keep_bytes;
} RecordChange;

static bool record_mode(const RecordChange *record, Mode *out, Error *err)
{
    FsStat stat = {0};
    bool found = false;
    *out = MODE_FILE;
    if (!record->existed)
        return true;
    if (!fs_stat_at(record->root->fd, str_of(record->path), &found, &stat, err))
        return false;
    if (found && stat.executable)
        *out = MODE_EXEC;
    return true;
}

static const RawRecord *raw_of(const Draft *draft, const RecordChange *record)
{
    for (size_t i = 0; i < draft->raw_records.count; i++) {
        const RawRecord *raw = &draft->raw_records.items[i];
        if (raw->root == record->root && strcmp(raw->path, record->path) == 0)
            return raw;
    }
    return NULL;
}

static void use_raw(const Draft *draft, RecordChange *record)
{
    const RawRecord *raw = raw_of(draft, record);
    record->keep_bytes = path_folder(str_of(record->path)).len;
    if (raw) {
        record->after = raw->bytes;
        record->keep_bytes = raw->keep_bytes;
    }
    if (base_pack_owns(str_of(record->path)))
        record->keep_bytes = sizeof STAGING_FOLDER - 1;
}

/* One record file: bytes kept for undo, an entry for apply, a fact for the log. */
static bool add_record(Commit *commit, RecordChange record, Error *err)
{
    Draft *draft = commit->draft;
    Arena *arena = draft->ws->arena;
    Hash old = HASH_NONE;
    Hash new = HASH_NONE;
    Mode mode;
    use_raw(draft, &record);
    bool removed = record.existed && record.before.len && !record.after.len;
    if (str_equal(record.before, record.after) && !removed)
        return true;
    if (record.existed && !store_put(draft->ws->store, record.before, &old, err))
        return false;
    if (record.after.len && !store_put(draft->ws->store, record.after, &new, err))
        return false;
    if (!record_mode(&record, &mode, err))
        return false;
    ApplyEntry entry = {
        .path = str_of(record.path),
        .old_mode = record.existed ? mode : MODE_NONE,
        .old_hash = old,
        .new_mode = record.after.len ? mode : MODE_NONE,
        .new_hash = new,
        .group = APPLY_RECORD,
        .keep_bytes = record.keep_bytes,
    };
    ARRAY_PUSH(arena, &commit->entries[root_index(draft, record.root)], entry);
    Tier tier = record.root->is_collection ? TIER_COLLECTION : TIER_PROJECT;
    facts_add(arena, &draft->facts, FACT_RECORD, FACT_NO_GROUP, str_of(tier_names[tier]),
              str_of(record.root->path), str_of(record.path), hash_format(arena, &old),
              hash_format(arena, &new));
    return !record.after.len || note_folders(commit, record.root, str_of(record.path), err);
}

static bool add_collection_records(Commit *commit, const Root *root, Error *err)
{
    Str people = root->people;
    Str machines = root->machines;
    if (root->collection)
        collection_write(commit->draft->ws->arena, root->collection, &people, &machines);
    RecordChange first = {root, COLLECTION_FILE, root->has_people, root->people, people, 0};
    RecordChange second = {root, COLLECTION_LOCK_FILE, root->has_machines, root->machines, machines,
                           0};
    return add_record(commit, first, err) && add_record(commit, second, err);
}

static Str deployed_after(const Draft *draft, const Root *root)
{
    RecordChange record = {.root = root, .path = DEPLOYED_FILE, .after = root->deployed};
    if (root->deployments && (root->deployments->items.count || root->has_deployed))
        record.after = deployments_write(draft->ws->arena, root->deployments);
    use_raw(draft, &record);
    return record.after;
}

/* The pack goes where the bases go, in the same apply. */
static bool add_base_pack(Commit *commit, const Root *root, Str deployed, Error *err)
{
    Draft *draft = commit->draft;
    PackFiles files;
    if (draft->goes_on ||
        (draft->base_pack == BASE_PACK_KEEP && str_equal(root->deployed, deployed)))
        return true;
    if (!base_pack_plan(draft, root, deployed, &files, err))
        return fail_in(err, "the base pack of %s", root->name);
    for (size_t i = 0; i < files.count; i++) {
        const PackFile *file = &files.items[i];
        RecordChange record = {root, file->path, file->existed, file->before, file->after, 0};
        if (!add_record(commit, record, err))
            return false;
    }
    return true;
}

static bool add_project_record(Commit *commit, const Root *root, Error *err)
{
    Str after = deployed_after(commit->draft, root);
    RecordChange record = {root, DEPLOYED_FILE, root->has_deployed, root->deployed, after, 0};
    return add_base_pack(commit, root, after, err) && add_record(commit, record, err);
}

static bool add_records(Commit *commit, Error *err)
{
    Session *session = commit->draft->session;
    for (size_t i = 0; i < session->root_count; i++) {
        const Root *root = &session->roots[i];
        if (root->error.code)
            continue;
        if (!(root->is_collection ? add_collection_records(commit, root, err)
                                  : add_project_record(commit, root, err)))
            return blame(commit->draft, root, APPLY_RECORD);
    }
    return true;
}

static void add_operation(Draft *draft)
{
    Arena *arena = draft->ws->arena;
    for (size_t i = 0; i < draft->plan->items.count; i++)
        if (item_matters(&draft->plan->items.items[i]))
            facts_add(arena, &draft->facts, FACT_ARTIFACT, FACT_NO_GROUP,
                      draft->plan->items.items[i].artifact);
    const JobClaim *claim = &draft->ws->claim;
    if (claim->job.len)
        facts_add(arena, &draft->facts, FACT_JOB, FACT_NO_GROUP, claim->job,
                  str_of(arena_format(arena, "%lld", (long long)claim->fence)));
    Str at = str_of(arena_format(arena, "%lld", (long long)clock_ms()));
    facts_add(arena, &draft->facts, FACT_OPERATION, FACT_NO_GROUP, draft->operation,
              str_of(draft->ws->verb), str_of(draft->ws->command), str_of(draft->ws->actor),
              str_of(draft->ws->trace_id), at, str_of(item_result_names[plan_result(draft->plan)]),
              draft->undoes, str_of(draft->ws->collection_name));
}

static void tell_places(Draft *draft, const ApplyRoot *roots, size_t count,
                        const ApplyResult *result)
{
    Arena *arena = draft->ws->arena;
    StrArray paths = {0};
    for (size_t i = 0; i < count; i++)
        ARRAY_PUSH(arena, &paths, str_of(roots[i].path));
    sync_tell_late(draft->ws, result, &paths);
    if (result->raced.count)
        draft->raced = str_of(path_join(arena, paths.items[result->raced.items[0].root],
                                        result->raced.items[0].path));
}

static bool run_apply(Commit *commit, CommitOutcome *out, Error *err)
{
    SPAN(commit->draft->ws->tracer, "apply");
    Draft *draft = commit->draft;
    Workspace *ws = draft->ws;
    SyncHost host;
    ApplyHost apply_host;
    ApplyResult result = {0};
    ApplyRoot *roots = ARENA_ARRAY(ws->arena, ApplyRoot, draft->session->root_count + 1);
    const Root **own = ARENA_ARRAY(ws->arena, const Root *, draft->session->root_count + 1);
    ApplyPlace culprit = {.root = SIZE_MAX};
    size_t count = 0;
    for (size_t i = 0; i < draft->session->root_count; i++) {
        const Root *root = &draft->session->roots[i];
        own[count] = root;
        if (commit->entries[i].count)
            roots[count++] = (ApplyRoot){root->path, root->fd, STAGING_FOLDER,
                                         commit->entries[i].items, commit->entries[i].count};
    }
    ApplySpec spec = {
        .home = ws->home,
        .home_fd = ws->home_fd,
        .id = id_new(ws->arena),
        .roots = roots,
        .root_count = count,
        .payload = facts_encode(ws->arena, &draft->facts),
        .culprit = &culprit,
    };
    sync_host_init(&host, ws, &apply_host);
    workspace_progress(ws, "apply", count, count, count ? str_of(roots[0].path) : (Str){0});
    bool ran = apply_run(ws->arena, &spec, &apply_host, &result, err);
    store_rollback(&host.batch);
    if (!ran)
        return culprit.root < count && blame(draft, own[culprit.root], culprit.group);
    *out = result.outcome == APPLY_DONE ? COMMIT_DONE : COMMIT_RACED;
    tell_places(draft, roots, count, &result);
    for (size_t i = 0; i < result.raced.count; i++)
        ARRAY_PUSH(ws->arena, &draft->raced_groups, result.raced.items[i].group);
    if (result.weaker)
        workspace_notice(ws, "warning: this file system cannot exchange files atomically; see "
                             "docs/crash-safety.md");
    if (result.outcome == APPLY_DONE && result.failed.count)
        *out = COMMIT_PARTLY;
    for (size_t i = 0; i < result.failed.count; i++) {
        PlanItem *item = &draft->plan->items.items[result.failed.items[i]];
        item->result = RESULT_CONFLICT;
        item->note = STR("was edited while weir wrote it; the edit is kept, the rest waits");
    }
    return true;
}

/* Facts alone, where no file is to change: a merge that waits, a choice. */
static bool run_facts(Draft *draft, Error *err)
{
    SPAN(draft->ws->tracer, "database");
    return operation_record(draft->ws->db, str_of(id_new(draft->ws->arena)), &draft->facts, NULL,
                            draft->ws, err);
}

bool draft_commit(Draft *draft, CommitOutcome *out, Error *err)
{
    Arena *arena = draft->ws->arena;
    Commit commit = {
        .draft = draft,
        .entries = ARENA_ARRAY(arena, Entries, draft->session->root_count + 1),
        .seen_folders = map_new(arena, 0),
    };
    SCOPED(store_rollback) StoreBatch batch = {0};
    if (!store_begin(draft->ws->store, &batch, err) || !add_changes(&commit, err) ||
        !add_records(&commit, err))
        return false;
    size_t entries = 0;
    for (size_t i = 0; i < draft->session->root_count; i++)
        entries += commit.entries[i].count;
    *out = COMMIT_NOTHING;
    if (!entries && !draft->facts.count)
        return true;
    if (!keep_content(draft, err) || !store_commit(&batch, err) || !ancestry_complete(draft, err))
        return false;
    add_operation(draft);
    *out = COMMIT_DONE;
    if (!(entries ? run_apply(&commit, out, err) : run_facts(draft, err)))
        return false;
    if (*out != COMMIT_RACED)
        draft->plan->operation = draft->operation;
    return true;
}
