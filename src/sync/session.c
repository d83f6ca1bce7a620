#include "sync/session.h"

#include <string.h>

#include "base/fs.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"
#include "sync/host.h"
#include "sync/old_project.h"
#include "sync/unmerged.h"

static void tell_recovered(Workspace *ws, const ApplyRecovered *one)
{
    const char *where = one->roots.count ? text_safe(ws->arena, one->roots.items[0]) : "a folder";
    switch (one->kind) {
    case RECOVERY_FINISHED:
        workspace_notice(ws, "Finished an interrupted apply in %s.", where);
        break;
    case RECOVERY_ROLLED_BACK:
        workspace_notice(ws,
                         "Took back an interrupted apply in %s; everything there is as it was "
                         "before it.",
                         where);
        break;
    case RECOVERY_WAITING:
        workspace_notice(ws, "warning: an interrupted apply waits for %s to come back.",
                         one->absent.count ? text_safe(ws->arena, one->absent.items[0]) : where);
        break;
    case RECOVERY_BUSY:
        break;
    case RECOVERY_FAILED:
        workspace_notice(ws, "warning: an interrupted apply in %s could not be finished: %s", where,
                         one->error.message);
        break;
    }
}

static int patience_ms(const Workspace *ws)
{
    return ws->give_way ? 0 : ws->lock_timeout_ms;
}

bool session_recover(Workspace *ws, Error *err)
{
    SyncHost host;
    ApplyHost apply_host;
    ApplyRecovery recovery;
    sync_host_init(&host, ws, &apply_host);
    bool ran = apply_recover(ws->arena, ws->home, ws->home_fd, patience_ms(ws), &apply_host,
                             &recovery, err);
    store_rollback(&host.batch);
    if (!ran)
        return false;
    for (size_t i = 0; i < recovery.count; i++) {
        tell_recovered(ws, &recovery.items[i]);
        sync_tell_late(ws, &recovery.items[i].result, &recovery.items[i].roots);
    }
    return true;
}

/* Planning changes the records in memory, so what is remembered is handed out once. */
static bool take_remembered(Workspace *ws, Root *root)
{
    if (!ws->memo.collection || !str_equal(ws->memo.people, root->people) ||
        !str_equal(ws->memo.machines, root->machines))
        return false;
    root->collection = TAKE(ws->memo.collection);
    return true;
}

void session_remember(Session *session)
{
    Root *root = session->collection;
    session->ws->memo = (CollectionMemo){root->people, root->machines, root->collection};
}

static bool unite_collection(Workspace *ws, Arena *arena, const Root *root, Collection **out,
                             Error *err)
{
    Ancestry ancestry = {0};
    return unmerged_common(ws, root, COLLECTION_FILE, &ancestry.common[0], err) &&
           unmerged_common(ws, root, COLLECTION_LOCK_FILE, &ancestry.common[1], err) &&
           collection_read(arena, root->people, root->machines, &ancestry, out, err);
}

static bool unite_deployments(Workspace *ws, Arena *arena, const Root *root, Deployments **out,
                              Error *err)
{
    Ancestry ancestry = {0};
    return unmerged_common(ws, root, DEPLOYED_FILE, &ancestry.common[0], err) &&
           deployments_read(arena, root->deployed, &ancestry, out, err);
}

static bool bytes_of_collection(Arena *arena, Root *root, Error *err)
{
    return fs_read_if_any(arena, root->fd, STR(COLLECTION_FILE), LIMIT_RECORD_BYTES,
                          &root->has_people, &root->people, err) &&
           fs_read_if_any(arena, root->fd, STR(COLLECTION_LOCK_FILE), LIMIT_RECORD_BYTES,
                          &root->has_machines, &root->machines, err);
}

static bool bytes_of_project(Arena *arena, Root *root, Error *err)
{
    return fs_read_if_any(arena, root->fd, STR(DEPLOYED_FILE), LIMIT_RECORD_BYTES,
                          &root->has_deployed, &root->deployed, err);
}

/* Bytes that nothing is parsed from last until they are read anew. */
static Arena *arena_of_bytes(Session *session)
{
    if (session->bytes_only && !session->written)
        session->written = arena_open();
    return session->bytes_only ? session->written : session->ws->arena;
}

/* Who works on the bytes must still not touch what this weir cannot read. */
static bool check_records(Workspace *ws, const Root *root, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Collection *collection = NULL;
    Deployments *deployments = NULL;
    return root->is_collection ? unite_collection(ws, scratch, root, &collection, err)
                               : unite_deployments(ws, scratch, root, &deployments, err);
}

static bool read_records(Session *session, Root *root, Error *err)
{
    Workspace *ws = session->ws;
    if (session->bytes_only)
        return check_records(ws, root, err);
    if (root->is_collection)
        return take_remembered(ws, root) ||
               unite_collection(ws, ws->arena, root, &root->collection, err);
    return unite_deployments(ws, ws->arena, root, &root->deployments, err);
}

static bool read_collection(Session *session, Root *root, Error *err)
{
    return bytes_of_collection(arena_of_bytes(session), root, err) &&
           (read_records(session, root, err) ||
            fail_in(err, "collection '%s'", session->ws->collection_name));
}

static bool read_project(Session *session, Root *root, Error *err)
{
    Workspace *ws = session->ws;
    bool read = bytes_of_project(arena_of_bytes(session), root, err) &&
                read_records(session, root, err) &&
                (root->has_deployed ||
                 old_deployments_view(ws->arena, root->fd, &root->old, &root->old_error, err));
    return read || fail_in(err, "project '%s'", root->name);
}

static bool root_read(Session *session, Root *root, Error *err)
{
    Workspace *ws = session->ws;
    if (!apply_check_root(ws->arena, root->fd, STAGING_FOLDER, ws->home, ws->home_fd, ws->restore,
                          err))
        return false;
    root->cache = stat_cache_open(ws->arena, ws->home_fd, root->fd);
    if (!unmerged_read(ws, root, err))
        return false;
    return root->is_collection ? read_collection(session, root, err)
                               : read_project(session, root, err);
}

static const char *folder_name(Arena *arena, const char *path)
{
    Str base = path_base(str_of(path));
    return base.len ? arena_text(arena, base) : "/";
}

/* Where one folder of many cannot be read, the others still can. */
static bool check_readable(const char *path, Error *err)
{
    SCOPED(fd_close) int fd = -1;
    return fs_open_root(path, &fd, err);
}

/* Absolute and real, or the error of a folder that is not there. */
static bool root_prepare(Workspace *ws, const char *path, bool is_collection, Root *out, Error *err)
{
    char *real = NULL;
    *out = (Root){.is_collection = is_collection, .path = path, .fd = -1};
    out->name = is_collection ? ws->collection_name : folder_name(ws->arena, path);
    FsStat stat;
    if (!fs_real_path(ws->arena, path, &real, err) || !fs_stat_path(real, &stat, err) ||
        (stat.kind != FS_FOLDER &&
         !fail(err, ERR_NOT_FOUND, "'%s' is not a folder", text_safe(ws->arena, str_of(path))))) {
        (void)fail_in(err, "%s '%s' is not there", is_collection ? "collection" : "project",
                      text_safe(ws->arena, str_of(path)));
        return is_collection ? fail_hint(err, "Run `weir init` first.")
                             : fail_hint(err, "Bring the folder back, or `weir project forget %s`.",
                                         text_word(ws->arena, str_of(path)));
    }
    out->path = real;
    out->name = is_collection ? ws->collection_name : folder_name(ws->arena, real);
    return is_collection || check_readable(real, err);
}

static bool was_busy(const SessionSpec *spec, const char *path, Error *why)
{
    for (size_t i = 0; i < spec->busy.count; i++) {
        if (strcmp(spec->busy.items[i].path, path) != 0)
            continue;
        *why = spec->busy.items[i].error;
        return true;
    }
    return false;
}

static bool roots_prepare(Session *session, const SessionSpec *spec, Error *err)
{
    Workspace *ws = session->ws;
    size_t first = spec->no_collection ? 0 : 1;
    session->roots = ARENA_ARRAY(ws->arena, Root, spec->projects.count + 1);
    session->root_count = spec->projects.count + first;
    if (first) {
        session->collection = &session->roots[0];
        if (!root_prepare(ws, ws->collection_path, true, session->collection, err))
            return false;
    }
    for (size_t i = 0; i < spec->projects.count; i++) {
        Root *root = &session->roots[first + i];
        Error failed = {0};
        if (root_prepare(ws, arena_text(ws->arena, spec->projects.items[i]), false, root,
                         &failed) &&
            project_check_apart(ws, root->path, &failed) && !was_busy(spec, root->path, &failed))
            continue;
        root->error = failed;
        if (spec->strict) {
            *err = failed;
            return false;
        }
    }
    return true;
}

/* One project of many that another weir works in is left out, and the others go on. */
static bool roots_lock(Session *session, const SessionSpec *spec, Error *err)
{
    Workspace *ws = session->ws;
    LockFolder *folders = ARENA_ARRAY(ws->arena, LockFolder, session->root_count + 1);
    Root **roots = ARENA_ARRAY(ws->arena, Root *, session->root_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < session->root_count; i++) {
        Root *root = &session->roots[i];
        bool write = root->is_collection ? spec->write_collection : spec->write_projects;
        bool may_lack = spec->skip_busy && !root->is_collection && !ws->give_way;
        if (root->error.code)
            continue;
        roots[count] = root;
        folders[count++] = (LockFolder){root->path, write, may_lack ? &root->error : NULL};
    }
    if (!operation_lock_acquire(ws->arena, folders, count, patience_ms(ws), &session->lock, err)) {
        ws->gave_way = ws->give_way && err->code == ERR_LOCKED;
        return false;
    }
    for (size_t i = 0; i < count; i++)
        roots[i]->fd = operation_lock_fd(session->lock, i);
    return true;
}

static bool roots_read(Session *session, const SessionSpec *spec, Error *err)
{
    for (size_t i = 0; i < session->root_count; i++) {
        Root *root = &session->roots[i];
        Error failed = {0};
        if (root->error.code || root_read(session, root, &failed))
            continue;
        bool must = spec->strict || (root->is_collection && !spec->damaged);
        if (must || failed.code == ERR_CHANGED) {
            *err = failed;
            return false;
        }
        root->error = failed;
    }
    return true;
}

static bool session_try(Workspace *ws, const SessionSpec *spec, Session **out, Error *err)
{
    SCOPED(session_close) Session *session = ARENA_NEW(ws->arena, Session);
    session->ws = ws;
    session->bytes_only = spec->bytes_only;
    session->arena = ws->arena;
    if (!session_recover(ws, err) || !roots_prepare(session, spec, err) ||
        !roots_lock(session, spec, err) || !roots_read(session, spec, err))
        return false;
    *out = TAKE(session);
    return true;
}

bool session_open(Workspace *ws, const SessionSpec *spec, Session **out, Error *err)
{
    enum { TRIES = 5 };
    /* another weir may die between our recovery and our lock: then its journal is finished first */
    for (int i = 0; i < TRIES; i++) {
        if (session_try(ws, spec, out, err))
            return true;
        if (err->code != ERR_CHANGED)
            return false;
    }
    return false;
}

static void write_records(Arena *arena, Root *root)
{
    if (root->collection)
        collection_write(arena, root->collection, &root->people, &root->machines);
    if (root->deployments)
        root->deployed = deployments_write(arena, root->deployments);
    root->has_people = root->people.len > 0;
    root->has_machines = root->machines.len > 0;
    root->has_deployed = root->deployed.len > 0;
}

static bool read_bytes_again(Session *session, Error *err)
{
    arena_close(&session->written);
    for (size_t i = 0; i < session->root_count; i++) {
        Root *root = &session->roots[i];
        if (root->error.code)
            continue;
        if (!(root->is_collection ? bytes_of_collection(arena_of_bytes(session), root, err)
                                  : bytes_of_project(arena_of_bytes(session), root, err)))
            return false;
    }
    return true;
}

bool session_written(Session *session, Error *err)
{
    if (session->bytes_only)
        return read_bytes_again(session, err);
    Arena *arena = arena_open();
    for (size_t i = 0; i < session->root_count; i++)
        write_records(arena, &session->roots[i]);
    arena_close(&session->written);
    session->written = arena;
    return true;
}

void session_close(Session **session)
{
    if (!*session)
        return;
    for (size_t i = 0; i < (*session)->root_count; i++) {
        if ((*session)->roots[i].cache)
            stat_cache_save((*session)->roots[i].cache);
        stat_cache_close(&(*session)->roots[i].cache);
    }
    operation_lock_release(&(*session)->lock);
    arena_close(&(*session)->written);
    *session = NULL;
}

void session_note_busy(const Session *session, Arena *arena, BusyProjects *out)
{
    out->count = 0;
    for (size_t i = 0; i < session->root_count; i++) {
        const Root *root = &session->roots[i];
        BusyProject busy = {arena_text(arena, str_of(root->path)), root->error};
        if (root->error.code == ERR_LOCKED)
            ARRAY_PUSH(arena, out, busy);
    }
}

Root *session_project(Session *session, const char *path)
{
    for (size_t i = 0; i < session->root_count; i++)
        if (!session->roots[i].is_collection && strcmp(session->roots[i].path, path) == 0)
            return &session->roots[i];
    return NULL;
}
