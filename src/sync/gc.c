/* gc: what nobody needs any more leaves the store and the caches.
 *
 * Needed is all that any record names, live or as weir last wrote it (a project may be away), that versions
 * and operations since then name, that waits for a person, or that an interrupted apply speaks of. Texts are
 * searched for hashes rather than parsed: what cannot be read counts as well. */
#include "sync/history.h"

#include <sys/types.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/limits.h"
#include "content/collect.h"
#include "content/stat_cache.h"
#include "git/caches.h"
#include "sync/gc_store.h"
#include "sync/pending_store.h"
#include "sync/session.h"

enum { IDLE_MS = 24 * 3600 * 1000 };

typedef struct {
    Workspace *ws;
    Needed *needed;
    StrArray roots;     /* that are there: collections and projects */
    StrArray upstreams; /* URLs that records name */
    bool blind;         /* a record could not be read: which upstreams it follows is unknown */
} Gc;

static bool take_text(void *context, Str text, Error *err)
{
    return needed_add_text(context, text, err);
}

/* ── records ── */

static bool scan_file(Gc *gc, int fd, const char *path, Str *out, Error *err)
{
    bool found;
    return fs_read_if_any(gc->ws->arena, fd, str_of(path), LIMIT_RECORD_BYTES, &found, out, err) &&
           needed_add_text(gc->needed, *out, err);
}

static void note_upstreams_of_collection(Gc *gc, Str people, Str machines)
{
    Collection *collection = NULL;
    Error unreadable = {0};
    if (!collection_read(gc->ws->arena, people, machines, NULL, &collection, &unreadable)) {
        gc->blind = true;
        return;
    }
    for (size_t i = 0; i < collection->artifacts.count; i++)
        ARRAY_PUSH(gc->ws->arena, &gc->upstreams, collection->artifacts.items[i]->source);
}

static void note_upstreams_of_project(Gc *gc, Str deployed)
{
    Deployments *deployments = NULL;
    Error unreadable = {0};
    if (!deployments_read(gc->ws->arena, deployed, NULL, &deployments, &unreadable)) {
        gc->blind = true;
        return;
    }
    for (size_t i = 0; i < deployments->items.count; i++)
        ARRAY_PUSH(gc->ws->arena, &gc->upstreams, deployments->items.items[i]->upstream_url);
}

/* A root that is away is no failure: what weir last wrote there is scanned from the store. */
static bool scan_root(Gc *gc, const char *path, Error *err)
{
    SCOPED(fd_close) int fd = -1;
    Error away = {0};
    Str people;
    Str machines;
    Str deployed;
    if (!fs_open_root(path, &fd, &away))
        return true;
    if (!scan_file(gc, fd, COLLECTION_FILE, &people, err) ||
        !scan_file(gc, fd, COLLECTION_LOCK_FILE, &machines, err) ||
        !scan_file(gc, fd, DEPLOYED_FILE, &deployed, err))
        return fail_in(err, "'%s'", path);
    ARRAY_PUSH(gc->ws->arena, &gc->roots, str_of(path));
    note_upstreams_of_collection(gc, people, machines);
    note_upstreams_of_project(gc, deployed);
    return true;
}

static bool scan_collections(Gc *gc, Error *err)
{
    FsNames names = {0};
    FsStat stat;
    SCOPED(fd_close) int fd = -1;
    Workspace *ws = gc->ws;
    if (fs_peek_at(ws->home_fd, STR("collections"), &stat) &&
        (!fs_open_folder(ws->home_fd, STR("collections"), &fd, err) ||
         !fs_list(ws->arena, fd, &names, err)))
        return false;
    for (size_t i = 0; i < names.count; i++)
        if (!scan_root(gc,
                       arena_format(ws->arena, "%s/collections/%.*s", ws->home,
                                    STR_ARG(names.items[i].name)),
                       err))
            return false;
    return scan_root(gc, ws->collection_path, err);
}

static bool scan_projects(Gc *gc, Error *err)
{
    StrArray projects;
    if (!project_paths(gc->ws, &projects, err))
        return false;
    for (size_t i = 0; i < projects.count; i++)
        if (!scan_root(gc, arena_text(gc->ws->arena, projects.items[i]), err))
            return false;
    return true;
}

/* The record files as weir last wrote them, by the log: also of a project that is away or forgotten. */
static bool scan_last_records(Gc *gc, Error *err)
{
    LastRecords records;
    if (!gc_last_records(gc->ws, &records, err))
        return false;
    for (size_t i = 0; i < records.count; i++) {
        SCOPED(arena_close) Arena *scratch = arena_open();
        const Hash *blob = &records.items[i].blob;
        Str bytes;
        bool found = false;
        if (!needed_add(gc->needed, blob, err) ||
            (!hash_is_zero(blob) && !store_has(gc->ws->store, blob, &found, err)))
            return false;
        if (found && (!store_get(scratch, gc->ws->store, blob, &bytes, err) ||
                      !needed_add_text(gc->needed, bytes, err)))
            return false;
    }
    return true;
}

/* An apply that waits for a root to come back will read what its journal names. */
static bool scan_journals(Gc *gc, Error *err)
{
    FsNames names = {0};
    FsStat stat;
    SCOPED(fd_close) int fd = -1;
    Workspace *ws = gc->ws;
    if (!fs_peek_at(ws->home_fd, STR("txn"), &stat))
        return true;
    if (!fs_open_folder(ws->home_fd, STR("txn"), &fd, err) || !fs_list(ws->arena, fd, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        Str text;
        const char *path = arena_format(ws->arena, "%.*s/journal", STR_ARG(names.items[i].name));
        if (!scan_file(gc, fd, path, &text, err))
            return false;
    }
    return true;
}

/* ── caches ── */

static bool free_git_caches(Gc *gc, bool apply, GcResult *out, Error *err)
{
    GitCaches unused = {0};
    if (gc->blind || !gc_upstreams_seen(gc->ws, &gc->upstreams, err))
        return gc->blind;
    if (!git_caches_unused(gc->ws->arena, gc->ws->home_fd, &gc->upstreams, IDLE_MS, &unused, err))
        return false;
    for (size_t i = 0; i < unused.count; i++) {
        bool removed = true;
        if (apply && !git_cache_remove(gc->ws->home_fd, unused.items[i].name, &removed, err))
            return false;
        out->git_caches += removed;
        out->git_bytes += removed ? unused.items[i].size_bytes : 0;
    }
    return true;
}

static bool free_stat_caches(Gc *gc, bool apply, GcResult *out, Error *err)
{
    FsNames names = {0};
    Arena *arena = gc->ws->arena;
    Map *known = map_new(arena, 0);
    SCOPED(fd_close) int folder = -1;
    FsStat stat;
    for (size_t i = 0; i < gc->roots.count; i++) {
        SCOPED(fd_close) int fd = -1;
        Error away = {0};
        if (fs_open_root(arena_text(arena, gc->roots.items[i]), &fd, &away))
            map_put(known, stat_cache_name(arena, fd), known);
    }
    if (!fs_peek_at(gc->ws->home_fd, STR("cache/stat"), &stat))
        return true;
    if (!fs_open_folder(gc->ws->home_fd, STR("cache/stat"), &folder, err) ||
        !fs_list(arena, folder, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        if (map_find(known, names.items[i].name) || !fs_peek_at(folder, names.items[i].name, &stat))
            continue;
        if (apply && !fs_remove_at(folder, names.items[i].name, false, err))
            return false;
        out->stat_caches++;
        out->stat_bytes += stat.size_bytes;
    }
    return true;
}

bool verb_gc(Workspace *ws, const GcRequest *request, GcResult *out, Error *err)
{
    Gc gc = {.ws = ws, .needed = needed_new(ws->arena, ws->store)};
    HashSink sink = {take_text, gc.needed};
    GcResult result = {.since_ms = clock_ms() - request->older_than_ms};
    Collected collected;
    if (!session_recover(ws, err) || !scan_collections(&gc, err) || !scan_projects(&gc, err) ||
        !scan_last_records(&gc, err) || !scan_journals(&gc, err) ||
        !gc_named_by_rows(ws, result.since_ms, &sink, err) ||
        !store_collect(gc.needed, request->apply, &collected, err) ||
        !free_git_caches(&gc, request->apply, &result, err) ||
        !free_stat_caches(&gc, request->apply, &result, err))
        return false;
    result.objects = collected.objects;
    result.bytes = collected.bytes;
    result.kept = collected.kept;
    result.in_store = collected.in_store;
    *out = result;
    return true;
}
