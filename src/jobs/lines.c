#include "base/clock.h"
#include "base/ids.h"
#include "base/map.h"
#include "base/text.h"
#include "base/thread.h"
#include "jobs/job_json.h"
#include "jobs/journal.h"
#include "jobs/lines_internal.h"
#include "jobs/pick_internal.h"

enum { COMPACT_BYTES = 1 << 20, COMPACT_TIMES = 4 };

typedef struct {
    JobStore store;
    JobStoreOptions options;
    Arena *arena;
    Journal *journal;
    Monitor monitor;
    Str id;          /* of the file */
    LineItems items; /* in order of seq */
    Map *by_id, *by_key;
    int64_t fence, seq;
    uint64_t compact_bytes; /* at which it is next rewritten */
} Lines;

static Lines *lines_of(JobStore *store)
{
    return (Lines *)(void *)store;
}

/* ---- changes as text ---- */

static Str header_change(Arena *arena, const Lines *lines)
{
    return str_of(arena_format(arena, "{\"file\":\"%.*s\",\"fence\":%lld}", STR_ARG(lines->id),
                               (long long)lines->fence));
}

static Str item_change(Arena *arena, const LineItem *item, const JobRow *row)
{
    Buf buf = buf_new(arena);
    JsonWriter json = json_writer(&buf, false);
    json_begin_object(&json);
    json_key(&json, "job");
    job_write(&json, &row->job);
    json_member(&json, "scope", item->scope);
    json_member(&json, "key", item->key);
    json_member(&json, "hash", hash_format(arena, &item->request_hash));
    json_end_object(&json);
    return buf_str(&buf);
}

static Str key_of(Arena *arena, Str scope, Str key)
{
    Buf buf = buf_new(arena);
    buf_add(&buf, scope);
    buf_add_char(&buf, '\n');
    buf_add(&buf, key);
    return buf_str(&buf);
}

/* ---- what is in memory ---- */

static void add_item(Lines *lines, LineItem *item)
{
    ARRAY_PUSH(lines->arena, &lines->items, item);
    map_put(lines->by_id, item->row.job.id, item);
    if (item->key.len)
        map_put(lines->by_key, key_of(lines->arena, item->scope, item->key), item);
    if (item->row.job.seq > lines->seq)
        lines->seq = item->row.job.seq;
    if (item->row.job.fence > lines->fence)
        lines->fence = item->row.job.fence;
}

/* The id stays where it is: it is a key of the map. */
static void set_row(LineItem *item, const JobRow *row)
{
    Str id = item->row.job.id;
    item->row = *row;
    item->row.job = job_copy(item->arena, &row->job);
    item->row.job.id = id;
    item->row.lease_boot = arena_copy(item->arena, row->lease_boot);
    item->row.worker = arena_copy(item->arena, row->worker);
}

static LineItem *new_item(Str scope, Str key, const Hash *hash, const Job *job)
{
    Arena *arena = arena_open();
    LineItem *item = ARENA_NEW(arena, LineItem);
    item->arena = arena;
    item->scope = arena_copy(arena, scope);
    item->key = arena_copy(arena, key);
    item->request_hash = *hash;
    item->row.job.id = arena_copy(arena, job->id);
    set_row(item, &(JobRow){.job = *job});
    return item;
}

/* ---- the file ---- */

static bool compact(Lines *lines, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    StrArray changes = {0};
    ARRAY_PUSH(arena, &changes, header_change(arena, lines));
    for (size_t i = 0; i < lines->items.count; i++)
        ARRAY_PUSH(arena, &changes,
                   item_change(arena, lines->items.items[i], &lines->items.items[i]->row));
    if (!journal_rewrite(lines->journal, &changes, err))
        return false;
    uint64_t bytes = journal_bytes(lines->journal);
    lines->compact_bytes = bytes * COMPACT_TIMES;
    if (lines->compact_bytes < COMPACT_BYTES)
        lines->compact_bytes = COMPACT_BYTES;
    return true;
}

static bool write_row(Lines *lines, Arena *arena, const LineItem *item, const JobRow *row,
                      Error *err)
{
    StrArray changes = {0};
    ARRAY_PUSH(arena, &changes, item_change(arena, item, row));
    return journal_add(lines->journal, &changes, err);
}

/* When memory has what was written, for that is what it is made of. A file that stays long only takes
 * room. */
static void compact_when_long(Lines *lines)
{
    Error ignored;
    if (journal_bytes(lines->journal) > lines->compact_bytes && !compact(lines, &ignored))
        lines->compact_bytes *= 2;
}

static bool take_change(Lines *lines, Arena *arena, Str change, Error *err)
{
    const JsonNode *node;
    Job job;
    if (!json_parse(arena, change, 0, &node, err))
        return false;
    const JsonNode *file = json_find(node, STR("file"));
    const JsonNode *fence = json_find(node, STR("fence"));
    if (file && fence && json_to_i64(fence, &lines->fence)) {
        lines->id = arena_copy(lines->arena, file->text);
        return true;
    }
    const JsonNode *members[4] = {json_find(node, STR("job")), json_find(node, STR("scope")),
                                  json_find(node, STR("key")), json_find(node, STR("hash"))};
    for (size_t i = 0; i < COUNT_OF(members); i++)
        if (!members[i])
            return fail(err, ERR_CORRUPT, "a line of jobs.jsonl is neither a header nor a job");
    if (!job_read(arena, members[0], &job, err))
        return false;
    LineItem *item = map_find(lines->by_id, job.id);
    Hash hash = hash_or_none(members[3]->text);
    if (item)
        set_row(item, &(JobRow){.job = job});
    else
        add_item(lines, new_item(members[1]->text, members[2]->text, &hash, &job));
    if (job.fence > lines->fence)
        lines->fence = job.fence;
    return true;
}

/* Fences of a new file begin where no table's can be by then: at the milliseconds since 1970, or behind
 * the last of the tables when the clock has gone back since an earlier file. */
static bool load(Lines *lines, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    StrArray changes;
    if (!journal_open(arena, lines->options.folder, &lines->journal, &changes, err))
        return false;
    for (size_t i = 0; i < changes.count; i++)
        if (!take_change(lines, arena, changes.items[i], err))
            return false;
    lines->compact_bytes = COMPACT_BYTES;
    if (lines->id.len)
        return true;
    lines->id = str_of(id_new(lines->arena));
    lines->fence = clock_ms();
    if (lines->fence < lines->options.fence_least)
        lines->fence = lines->options.fence_least;
    Error ignored;
    if (compact(lines, err))
        return true;
    (void)!job_lines_remove(&lines->store, &ignored); /* there is nothing in it */
    return false;
}

/* ---- events ---- */

static void tell(Lines *lines, Arena *arena, const Job *job, Moved moved)
{
    const JobStoreOptions *options = &lines->options;
    Event event = job_event(arena, job, moved == MOVED_PROGRESS);
    if (moved != MOVED_QUIETLY && options->told)
        options->told(options->callbacks, &event);
    if (options->committed)
        options->committed(options->callbacks);
}

/* ---- what a store does ---- */

static bool make(Lines *lines, JobEntry *entry, JobMade *made, Job *out, Error *err)
{
    Arena *arena = entry->arena;
    LineItem *known =
        entry->key.len ? map_find(lines->by_key, key_of(arena, entry->scope, entry->key)) : NULL;
    if (known && !hash_equal(&known->request_hash, &entry->request_hash))
        return fail_key_reused(arena, entry->key, err);
    if (known) {
        *made = JOB_REPLAYED;
        *out = job_copy(arena, &known->row.job);
        return true;
    }
    entry->job.seq = lines->seq + 1;
    LineItem *item = new_item(entry->scope, entry->key, &entry->request_hash, &entry->job);
    if (!write_row(lines, arena, item, &item->row, err)) {
        Arena *dropped = item->arena;
        arena_close(&dropped);
        return false;
    }
    add_item(lines, item);
    compact_when_long(lines);
    *made = JOB_MADE;
    *out = entry->job;
    return true;
}

static void lines_create(JobStore *store, JobEntry *entry)
{
    Lines *lines = lines_of(store);
    JobMade made = JOB_MADE;
    Job job;
    Error err;
    monitor_enter(&lines->monitor);
    bool ok = make(lines, entry, &made, &job, &err);
    monitor_leave(&lines->monitor);
    if (ok && made == JOB_MADE)
        tell(lines, entry->arena, &job, MOVED_STATE);
    lines->options.made(lines->options.context, entry, made, &job, ok ? NULL : &err);
}

static bool fail_no_job(Arena *arena, Str id, Error *err)
{
    (void)fail(err, ERR_NOT_FOUND, "no job '%s'", text_safe(arena, id));
    return fail_hint(err, "`weir job list` shows the jobs there are.");
}

static bool lines_get(JobStore *store, Arena *arena, Str id, Job *out, Error *err)
{
    Lines *lines = lines_of(store);
    monitor_enter(&lines->monitor);
    const LineItem *item = map_find(lines->by_id, id);
    if (item)
        *out = job_copy(arena, &item->row.job);
    monitor_leave(&lines->monitor);
    return item || fail_no_job(arena, id, err);
}

static bool lines_find_by_key(JobStore *store, Arena *arena, Str scope, Str key, bool *found,
                              Job *out, Error *err)
{
    Lines *lines = lines_of(store);
    (void)err;
    monitor_enter(&lines->monitor);
    const LineItem *item = map_find(lines->by_key, key_of(arena, scope, key));
    if (item)
        *out = job_copy(arena, &item->row.job);
    monitor_leave(&lines->monitor);
    *found = item != NULL;
    return true;
}

static bool is_wanted(const JobFilter *filter, const Job *job)
{
    return (filter->state < 0 || (int)job->state == filter->state) &&
           (filter->kind < 0 || (int)job->kind == filter->kind) &&
           (!filter->direction.len || str_equal(filter->direction, job->direction)) &&
           (!filter->artifact.len || str_array_has(&job->artifacts, filter->artifact));
}

static bool lines_list(JobStore *store, Arena *arena, const JobFilter *filter, Jobs *out,
                       bool *more, Error *err)
{
    Lines *lines = lines_of(store);
    Jobs list = {0};
    bool another = false;
    monitor_enter(&lines->monitor);
    const LineItem *before = filter->before.len ? map_find(lines->by_id, filter->before) : NULL;
    bool known = before || !filter->before.len;
    for (size_t i = known ? lines->items.count : 0; i-- > 0 && !another;) {
        const Job *job = &lines->items.items[i]->row.job;
        if ((before && job->seq >= before->row.job.seq) || !is_wanted(filter, job))
            continue;
        another = list.count == filter->limit;
        if (!another)
            ARRAY_PUSH(arena, &list, job_copy(arena, job));
    }
    monitor_leave(&lines->monitor);
    if (!known)
        return fail_no_job(arena, filter->before, err);
    *out = list;
    *more = another;
    return true;
}

static bool lines_counts(JobStore *store, JobCounts *out, Error *err)
{
    (void)err;
    Lines *lines = lines_of(store);
    JobCounts counts = {.fallback = true};
    monitor_enter(&lines->monitor);
    for (size_t i = 0; i < lines->items.count; i++) {
        const Job *job = &lines->items.items[i]->row.job;
        counts.by_state[job->state]++;
        if (job->state == JOB_QUEUED && !counts.oldest_queued_ms)
            counts.oldest_queued_ms = job->created_ms;
    }
    monitor_leave(&lines->monitor);
    *out = counts;
    return true;
}

/* Of exclusive jobs on one artifact at most one runs, here as in the tables. */
static bool is_free(const Lines *lines, const Job *job)
{
    for (size_t i = 0; i < lines->items.count; i++) {
        const Job *other = &lines->items.items[i]->row.job;
        if (other->state == JOB_RUNNING && job_excludes(other, job))
            return false;
    }
    return true;
}

static bool change_item(Lines *lines, Arena *arena, LineItem *item, const JobChange *change,
                        Moved *moved, Error *err)
{
    JobRow after = item->row;
    int64_t fence = change->claims ? lines->fence + 1 : 0;
    if (!change->move(change->context, &after, fence, moved, err))
        return false;
    bool claimed = item->row.job.state != JOB_RUNNING && after.job.state == JOB_RUNNING;
    if (claimed && !is_free(lines, &item->row.job))
        return fail(err, ERR_CONFLICT, "its artifacts are held by another job");
    bool kept =
        *moved == MOVED_STATE || item->row.job.cancel_requested != after.job.cancel_requested;
    if (kept && !write_row(lines, arena, item, &after, err))
        return false;
    if (claimed)
        lines->fence = fence;
    if (*moved != MOVED_NOTHING)
        set_row(item, &after);
    compact_when_long(lines);
    return true;
}

static bool lines_change(JobStore *store, Arena *arena, Str id, const JobChange *change,
                         Moved *moved, Job *out, Error *err)
{
    Lines *lines = lines_of(store);
    monitor_enter(&lines->monitor);
    LineItem *item = map_find(lines->by_id, id);
    bool ok =
        item ? change_item(lines, arena, item, change, moved, err) : fail_no_job(arena, id, err);
    if (ok)
        *out = job_copy(arena, &item->row.job);
    monitor_leave(&lines->monitor);
    if (ok && *moved != MOVED_NOTHING)
        tell(lines, arena, out, *moved);
    return ok;
}

static bool lines_pick(JobStore *store, Arena *arena, const JobPick *wanted, StrArray *ids,
                       Error *err)
{
    (void)err;
    Lines *lines = lines_of(store);
    StrArray list = {0};
    Pick *pick = pick_new(arena, clock_ms());
    for (size_t i = 0; i < wanted->busy->count; i++)
        pick_running(pick, &wanted->busy->items[i]);
    monitor_enter(&lines->monitor);
    for (size_t i = 0; i < lines->items.count; i++)
        if (lines->items.items[i]->row.job.state == JOB_RUNNING)
            pick_running(pick, &lines->items.items[i]->row.job);
    for (size_t i = 0; i < lines->items.count && list.count < wanted->most; i++) {
        const Job *job = &lines->items.items[i]->row.job;
        if (job->state == JOB_QUEUED && pick_waiting(pick, job))
            ARRAY_PUSH(arena, &list, arena_copy(arena, job->id));
    }
    monitor_leave(&lines->monitor);
    *ids = list;
    return true;
}

static bool lines_running(JobStore *store, Arena *arena, JobRows *out, Error *err)
{
    (void)err;
    Lines *lines = lines_of(store);
    JobRows list = {0};
    monitor_enter(&lines->monitor);
    for (size_t i = 0; i < lines->items.count; i++) {
        JobRow row = lines->items.items[i]->row;
        if (row.job.state != JOB_RUNNING)
            continue;
        row.job = job_copy(arena, &row.job);
        row.lease_boot = arena_copy(arena, row.lease_boot);
        row.worker = (Str){0};
        ARRAY_PUSH(arena, &list, row);
    }
    monitor_leave(&lines->monitor);
    *out = list;
    return true;
}

/* Nothing is old here: its jobs go back to the tables, where retention finds them. */
static bool lines_prune(JobStore *store, int64_t keep_ms, size_t *removed, Error *err)
{
    (void)store;
    (void)keep_ms;
    (void)err;
    *removed = 0;
    return true;
}

static void lines_close(JobStore *store)
{
    Lines *lines = lines_of(store);
    for (size_t i = 0; i < lines->items.count; i++) {
        Arena *arena = lines->items.items[i]->arena;
        arena_close(&arena);
    }
    journal_close(&lines->journal);
    monitor_destroy(&lines->monitor);
    Arena *arena = lines->arena;
    arena_close(&arena);
}

static const JobStoreKind lines_kind = {
    .create = lines_create,
    .get = lines_get,
    .find_by_key = lines_find_by_key,
    .list = lines_list,
    .counts = lines_counts,
    .change = lines_change,
    .pick = lines_pick,
    .running = lines_running,
    .prune = lines_prune,
    .close = lines_close,
};

bool job_lines_open(const JobStoreOptions *options, JobStore **out, Error *err)
{
    Arena *arena = arena_open();
    Lines *lines = ARENA_NEW(arena, Lines);
    *lines = (Lines){.store = {&lines_kind}, .options = *options, .arena = arena};
    lines->by_id = map_new(arena, 64);
    lines->by_key = map_new(arena, 64);
    monitor_init(&lines->monitor);
    if (!load(lines, err)) {
        lines_close(&lines->store);
        return false;
    }
    *out = &lines->store;
    return true;
}

const LineItems *job_lines_items(JobStore *store)
{
    return &lines_of(store)->items;
}

Str job_lines_id(JobStore *store)
{
    return lines_of(store)->id;
}

int64_t job_lines_fence(JobStore *store)
{
    return lines_of(store)->fence;
}

bool job_lines_remove(JobStore *store, Error *err)
{
    return journal_remove(lines_of(store)->journal, err);
}
