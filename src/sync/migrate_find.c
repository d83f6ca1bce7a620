/* Where old data lies: SkillMeat's home, its collections, and projects with its records. */
#include "sync/migrate_parts.h"

#include "base/fs.h"
#include "base/limits.h"
#include "base/name.h"
#include "base/path.h"
#include "base/process.h"
#include "base/text.h"
#include "sync/pending_store.h"

static void note_left(OldWorld *world, Str file, const OldKeys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        LeftKey key = {file, keys->items[i].key, keys->items[i].count};
        ARRAY_PUSH(world->ws->arena, &world->out->left, key);
    }
}

static void note_file(OldWorld *world, Str folder, const char *name, Str backup_folder, Str bytes)
{
    Arena *arena = world->ws->arena;
    BackupFile file = {str_of(path_join(arena, folder, str_of(name))),
                       str_of(path_join(arena, backup_folder, str_of(name))), bytes};
    ARRAY_PUSH(arena, &world->files, file);
    ARRAY_PUSH(arena, &world->out->read, file.path);
}

/* ── collections ── */

static bool knows_place(const OldWorld *world, const char *path)
{
    for (size_t i = 0; i < world->places.count; i++)
        if (str_is(str_of(path), world->places.items[i]->root.path))
            return true;
    return false;
}

static bool read_place(OldWorld *world, OldPlace *place, Error *err)
{
    Arena *arena = world->ws->arena;
    Str manifest;
    Str lock;
    bool has_lock = false;
    Str folder = str_of(place->root.path);
    Str backup = str_of(arena_format(arena, "collections/%.*s", STR_ARG(place->name)));
    if (!fs_read_at(arena, place->root.fd, STR(OLD_COLLECTION_FILE), LIMIT_RECORD_BYTES, &manifest,
                    err) ||
        !fs_read_if_any(arena, place->root.fd, STR(OLD_LOCK_FILE), LIMIT_RECORD_BYTES, &has_lock,
                        &lock, err))
        return false;
    note_file(world, folder, OLD_COLLECTION_FILE, backup, manifest);
    if (has_lock)
        note_file(world, folder, OLD_LOCK_FILE, backup, lock);
    if (!name_check_artifact(place->name, err) ||
        !old_collection_read(arena, manifest, lock, &place->records, err))
        return false;
    note_left(world, str_of(path_join(arena, folder, STR(OLD_COLLECTION_FILE))),
              &place->records.left);
    note_left(world, str_of(path_join(arena, folder, STR(OLD_LOCK_FILE))),
              &place->records.left_in_lock);
    return true;
}

static bool is_place(OldWorld *world, const char *path)
{
    return fs_exists(path_join(world->ws->arena, str_of(path), STR(OLD_COLLECTION_FILE)));
}

static bool add_place(OldWorld *world, const char *path, Error *err)
{
    Arena *arena = world->ws->arena;
    char *real = NULL;
    if (!fs_real_path(arena, path, &real, err))
        return false;
    if (knows_place(world, real))
        return true;
    OldPlace *place = ARENA_NEW(arena, OldPlace);
    Error failed = {0};
    place->name = path_base(str_of(real));
    place->root = (Root){.is_collection = true, .path = real, .fd = -1};
    place->root.name = arena_text(arena, place->name);
    ARRAY_PUSH(arena, &world->places, place);
    if (!fs_open_root(real, &place->root.fd, &failed) || !read_place(world, place, &failed))
        place->error = failed;
    return true;
}

/* ── SkillMeat's home ── */

static bool read_config(OldWorld *world, int fd, Str home, Error *err)
{
    Arena *arena = world->ws->arena;
    Str text;
    bool found = false;
    OldKeys left = {0};
    Error ignored; /* nothing in it is needed, and no copy is made: it may hold a token */
    if (!fs_read_if_any(arena, fd, STR(OLD_CONFIG_FILE), LIMIT_CONFIG_BYTES, &found, &text, err))
        return false;
    if (!found)
        return true;
    ARRAY_PUSH(arena, &world->out->read, str_of(path_join(arena, home, STR(OLD_CONFIG_FILE))));
    if (old_config_read(arena, text, &world->out->default_collection, &left, &ignored))
        note_left(world, str_of(path_join(arena, home, STR(OLD_CONFIG_FILE))), &left);
    return true;
}

static bool add_home(OldWorld *world, const char *path, Error *err)
{
    Arena *arena = world->ws->arena;
    SCOPED(fd_close) int fd = -1;
    SCOPED(fd_close) int folder = -1;
    FsNames names;
    if (!fs_open_root(path, &fd, err) || !read_config(world, fd, str_of(path), err) ||
        !fs_open_folder(fd, STR("collections"), &folder, err) ||
        !fs_list(arena, folder, &names, err))
        return fail_in(err, "'%s'", text_safe(arena, str_of(path)));
    for (size_t i = 0; i < names.count; i++) {
        const char *place =
            arena_format(arena, "%s/collections/%.*s", path, STR_ARG(names.items[i].name));
        if (is_place(world, place) && !add_place(world, place, err))
            return false;
    }
    return true;
}

static bool is_home(OldWorld *world, const char *path)
{
    FsStat stat;
    Error ignored;
    const char *inner = path_join(world->ws->arena, str_of(path), STR("collections"));
    return fs_stat_path(inner, &stat, &ignored) && stat.kind == FS_FOLDER &&
           !str_equal(str_of(path), str_of(world->ws->home));
}

/* ── projects ── */

static bool knows_project(const OldWorld *world, Str project)
{
    for (size_t i = 0; i < world->projects.count; i++)
        if (str_equal(world->projects.items[i].path, project))
            return true;
    return false;
}

static void note_profile(OldWorld *world, Str project, const OldProfile *profile)
{
    Arena *arena = world->ws->arena;
    Str folder = str_of(path_join(arena, project, profile->profile));
    Str backup = str_of(arena_format(arena, "projects/%zu-%.*s/%.*s", world->projects.count + 1,
                                     STR_ARG(path_base(project)), STR_ARG(profile->profile)));
    note_file(world, folder, OLD_DEPLOYED_FILE, backup, profile->text);
    note_left(world, str_of(path_join(arena, folder, STR(OLD_DEPLOYED_FILE))), &profile->left);
}

static bool note_older(OldWorld *world, int fd, Str project, Error *err)
{
    Arena *arena = world->ws->arena;
    Str text;
    bool found = false;
    if (!fs_read_if_any(arena, fd, STR(DEPLOYED_FILE), LIMIT_RECORD_BYTES, &found, &text, err))
        return false;
    if (found && !str_array_has(&world->older, project) && record_is_older(arena, text))
        ARRAY_PUSH(arena, &world->older, project);
    return true;
}

static bool add_project(OldWorld *world, const char *path, Error *err)
{
    Arena *arena = world->ws->arena;
    SCOPED(fd_close) int fd = -1;
    char *real = NULL;
    OldProject project = {0};
    if (!interrupt_check(err) || !fs_real_path(arena, path, &real, err) ||
        !fs_open_root(real, &fd, err))
        return false;
    project.path = str_of(real);
    if (knows_project(world, project.path))
        return true;
    if (!old_profiles_read(arena, fd, &project.profiles, err))
        return false;
    for (size_t i = 0; i < project.profiles.count; i++)
        note_profile(world, project.path, project.profiles.items[i]);
    if (project.profiles.count)
        ARRAY_PUSH(arena, &world->projects, project);
    return note_older(world, fd, project.path, err);
}

/* ── where to look ── */

/* A folder that nobody named may be gone or closed to us. */
static bool add_if_readable(OldWorld *world, Str project, Error *err)
{
    Error gone = {0};
    if (add_project(world, arena_text(world->ws->arena, project), &gone))
        return true;
    if (gone.code == ERR_INTERRUPTED)
        *err = gone;
    return gone.code != ERR_INTERRUPTED;
}

static bool add_known_projects(OldWorld *world, Error *err)
{
    StrArray known = {0};
    if (!project_paths(world->ws, &known, err))
        return false;
    for (size_t i = 0; i < known.count; i++)
        if (!add_if_readable(world, known.items[i], err))
            return false;
    return true;
}

static bool add_defaults(OldWorld *world, Error *err)
{
    Arena *arena = world->ws->arena;
    const MigrateRequest *request = world->request;
    const char *home =
        request->person ? path_join(arena, str_of(request->person), STR(OLD_HOME_FOLDER)) : NULL;
    if (home && is_home(world, home) && !add_home(world, home, err))
        return false;
    for (Str folder = str_of(request->here); folder.len > 1; folder = path_folder(folder)) {
        size_t before = world->projects.count;
        if (!add_if_readable(world, folder, err))
            return false;
        if (world->projects.count > before)
            break;
    }
    return add_known_projects(world, err);
}

static size_t found_so_far(const OldWorld *world)
{
    return world->places.count + world->projects.count + world->files.count + world->older.count;
}

/* A folder may be named twice, and a project may have records of weir's that are up to date. */
static bool is_known(OldWorld *world, const char *path)
{
    char *real = NULL;
    Error gone;
    return fs_exists(path_join(world->ws->arena, str_of(path), STR(DEPLOYED_FILE))) ||
           (fs_real_path(world->ws->arena, path, &real, &gone) &&
            (knows_place(world, real) || knows_project(world, str_of(real))));
}

static bool add_named(OldWorld *world, const char *path, Error *err)
{
    Arena *arena = world->ws->arena;
    size_t before = found_so_far(world);
    const char *inner = path_join(arena, str_of(path), STR(OLD_HOME_FOLDER));
    if (is_home(world, path) ? !add_home(world, path, err)
                             : is_place(world, path) && !add_place(world, path, err))
        return false;
    if ((is_home(world, inner) && !add_home(world, inner, err)) || !add_project(world, path, err))
        return false;
    /* a profile's folder itself */
    Str parent = path_folder(str_of(path));
    if (parent.len && fs_exists(path_join(arena, str_of(path), STR(OLD_DEPLOYED_FILE))) &&
        !add_project(world, arena_text(arena, parent), err))
        return false;
    if (found_so_far(world) > before || is_known(world, path))
        return true;
    (void)fail(err, ERR_NOT_FOUND, "'%s' holds nothing of SkillMeat",
               text_safe(arena, str_of(path)));
    return fail_hint(err, "Name its home (~/%s), one of its collections, or a project with a %s.",
                     OLD_HOME_FOLDER, OLD_DEPLOYED_FILE);
}

bool old_world_find(OldWorld *world, Error *err)
{
    const MigrateRequest *request = world->request;
    if (!request->folders.count)
        return add_defaults(world, err);
    for (size_t i = 0; i < request->folders.count; i++) {
        Str folder = request->folders.items[i];
        Error failed = {0};
        if (add_named(world, arena_text(world->ws->arena, folder), &failed))
            continue;
        if (failed.code == ERR_INTERRUPTED) {
            *err = failed;
            return false;
        }
        error_item(world, folder, NULL, error_note(world->ws->arena, &failed));
    }
    return true;
}

void old_world_close(OldWorld *world)
{
    for (size_t i = 0; i < world->places.count; i++)
        fd_close(&world->places.items[i]->root.fd);
}
