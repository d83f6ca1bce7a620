/* migrate: all that was found, sorted by collection, planned and carried out one collection after another. */
#include "sync/migrate.h"

#include "base/fs.h"
#include "base/limits.h"
#include "base/name.h"
#include "base/path.h"
#include "base/process.h"
#include "base/text.h"
#include "sync/migrate_parts.h"

/* All that goes into one of weir's collections, in one operation. */
typedef struct {
    Workspace ws; /* of that collection */
    Units units;
    StrArray projects;
    Plan plan;
} Group;
typedef ARRAY(Group *) Groups;

static bool has_work(const Plan *plan)
{
    return plan_count(plan, RESULT_FAST_FORWARD) > 0;
}

static Group *group_of(OldWorld *world, Groups *groups, Str name)
{
    Arena *arena = world->ws->arena;
    for (size_t i = 0; i < groups->count; i++)
        if (str_is(name, groups->items[i]->ws.collection_name))
            return groups->items[i];
    Group *group = ARENA_NEW(arena, Group);
    group->ws = *world->ws;
    group->ws.memo = (CollectionMemo){0};
    group->ws.collection_name = arena_text(arena, name);
    group->ws.collection_path =
        arena_format(arena, "%s/collections/%.*s", world->ws->home, STR_ARG(name));
    ARRAY_PUSH(arena, groups, group);
    return group;
}

static const OldPlace *find_place(const OldWorld *world, Str name)
{
    for (size_t i = 0; i < world->places.count; i++)
        if (str_equal(world->places.items[i]->name, name))
            return world->places.items[i];
    return NULL;
}

void error_item(OldWorld *world, Str what, const char *project, ErrorNote error)
{
    PlanItem item = {.artifact = what,
                     .edge = project ? EDGE_PROJECT : EDGE_UPSTREAM,
                     .project = project,
                     .result = RESULT_ERROR,
                     .error = error};
    ARRAY_PUSH(world->ws->arena, &world->out->plan.items, item);
}

/* ── sorting ── */

static void add_project(Workspace *ws, StrArray *projects, Str project)
{
    if (!str_array_has(projects, project))
        ARRAY_PUSH(ws->arena, projects, project);
}

static void sort_place(OldWorld *world, Groups *groups, const OldPlace *place)
{
    Arena *arena = world->ws->arena;
    Str folder = str_of(place->root.path);
    if (place->error.code) {
        error_item(world, str_of(path_join(arena, folder, STR(OLD_COLLECTION_FILE))), NULL,
                   error_note(arena, &place->error));
        return;
    }
    if (place->records.lock_error.code)
        error_item(world, str_of(path_join(arena, folder, STR(OLD_LOCK_FILE))), NULL,
                   place->records.lock_error);
    Group *group = group_of(world, groups, place->name);
    for (size_t i = 0; i < place->records.artifacts.count; i++) {
        Unit unit = {.place = place, .artifact = &place->records.artifacts.items[i]};
        ARRAY_PUSH(arena, &group->units, unit);
    }
}

static bool check_collection(OldWorld *world, const OldDeployment *old, Error *err)
{
    Arena *arena = world->ws->arena;
    if (old->error.code)
        return fail_noted(err, &old->error);
    if (!name_check_artifact(old->collection, err))
        return fail_in(err, "collection");
    const OldPlace *place = find_place(world, old->collection);
    const char *path =
        arena_format(arena, "%s/collections/%.*s", world->ws->home, STR_ARG(old->collection));
    if ((place && !place->error.code) || fs_exists(path))
        return true;
    (void)fail(err, ERR_NOT_FOUND, "it came from the collection '%.*s', which is not here",
               STR_ARG(old->collection));
    return fail_hint(err, "Name SkillMeat's home or that collection's folder too: weir migrate "
                          "~/" OLD_HOME_FOLDER " FOLDER.");
}

static void sort_profile(OldWorld *world, Groups *groups, Str path, const OldProfile *profile)
{
    Arena *arena = world->ws->arena;
    const char *project = arena_text(arena, path);
    if (profile->error.code)
        error_item(world, str_of(path_join(arena, profile->profile, STR(OLD_DEPLOYED_FILE))),
                   project, profile->error);
    for (size_t i = 0; !profile->error.code && i < profile->records.count; i++) {
        const OldDeployment *old = &profile->records.items[i];
        Error failed = {0};
        if (!check_collection(world, old, &failed)) {
            Str id =
                str_of(arena_format(arena, "%.*s:%.*s", STR_ARG(old->type), STR_ARG(old->name)));
            error_item(world, id, project, error_note(arena, &failed));
            continue;
        }
        Group *group = group_of(world, groups, old->collection);
        Unit unit = {find_place(world, old->collection), NULL, project, profile, old};
        ARRAY_PUSH(arena, &group->units, unit);
        add_project(world->ws, &group->projects, path);
    }
}

/* ── one collection ── */

static bool take_unit(Taking *taking, const Unit *unit, Error *err)
{
    Draft *draft = taking->draft;
    Arena *arena = draft->ws->arena;
    Error failed = {0};
    bool deployed = unit->profile != NULL;
    Str type = deployed ? unit->deployment->type : unit->artifact->type;
    Str name = deployed ? unit->deployment->name : unit->artifact->name;
    Str shown = str_of(arena_format(arena, "%.*s:%.*s", STR_ARG(type), STR_ARG(name)));
    PlanItem *item = draft_item(draft, shown, deployed ? EDGE_PROJECT : EDGE_UPSTREAM, NULL);
    if (deployed)
        item->project = unit->project;
    if (!draft_check_item(draft, item, &failed))
        return draft_failed(draft, item, &failed, err);
    bool taken = deployed ? take_deployment(taking, item, unit, &failed)
                          : take_artifact(taking, item, unit, &failed);
    return taken || draft_failed(draft, item, &failed, err);
}

/* Without a collection yet, in a dry run, it is an empty one. */
static bool taking_begin(Draft *draft, const Group *group, Taking *out, Error *err)
{
    Root *root = draft->session->collection;
    *out = (Taking){.draft = draft, .units = &group->units};
    if (root)
        out->into = root->collection;
    return root || collection_read(draft->ws->arena, (Str){0}, (Str){0}, NULL, &out->into, err);
}

static bool plan_group(Draft *draft, void *context, Error *err)
{
    const Group *group = context;
    Taking taking;
    if (!taking_begin(draft, group, &taking, err))
        return false;
    size_t end = draft_end(draft, group->units.count);
    for (size_t i = draft->from; i < end; i++) {
        const Unit *unit = &group->units.items[i];
        workspace_progress(draft->ws, "read", i + 1, group->units.count,
                           unit->profile ? unit->deployment->name : unit->artifact->name);
        if (!interrupt_check(err) || !take_unit(&taking, unit, err))
            return false;
    }
    /* last of all: a raw text must not be followed by another batch of the same records */
    return end < group->units.count || take_upgrades(draft, err);
}

static bool run_group(Group *group, bool apply, Error *err)
{
    DraftRun run = {.plan_it = plan_group, .context = group, .apply = apply, .batches = true};
    bool there = fs_exists(group->ws.collection_path);
    bool made = false;
    if (apply && !there && !verb_init(&group->ws, &made, err))
        return false;
    run.session.no_collection = !there && !made;
    run.session.write_collection = apply;
    run.session.projects = group->projects;
    run.session.write_projects = apply;
    return draft_run(&group->ws, &run, &group->plan, err) ||
           fail_in(err, "collection '%s'", group->ws.collection_name);
}

/* ── what is kept before anything changes ── */

static bool keep_file(Workspace *ws, BackupFiles *files, Str path, const char *name, Error *err)
{
    BackupFile file = {.path = path, .name = str_of(name)};
    const char *text = arena_text(ws->arena, path);
    if (!fs_exists(text))
        return true;
    if (!fs_read_path(ws->arena, text, LIMIT_RECORD_BYTES, &file.bytes, err))
        return false;
    ARRAY_PUSH(ws->arena, files, file);
    return true;
}

static bool keep_group(OldWorld *world, const Group *group, BackupFiles *files, Error *err)
{
    Workspace *ws = world->ws;
    static const char *const records[] = {COLLECTION_FILE, COLLECTION_LOCK_FILE};
    for (size_t i = 0; i < COUNT_OF(records); i++) {
        Str path =
            str_of(path_join(ws->arena, str_of(group->ws.collection_path), str_of(records[i])));
        if (!keep_file(ws, files, path,
                       arena_format(ws->arena, "weir/collections/%s/%s", group->ws.collection_name,
                                    records[i]),
                       err))
            return false;
    }
    for (size_t i = 0; i < group->projects.count; i++) {
        Str project = group->projects.items[i];
        const char *name =
            arena_format(ws->arena, "weir/projects/%zu-%s-%.*s/%s", i + 1,
                         group->ws.collection_name, STR_ARG(path_base(project)), DEPLOYED_FILE);
        if (!keep_file(ws, files, str_of(path_join(ws->arena, project, STR(DEPLOYED_FILE))), name,
                       err))
            return false;
    }
    return true;
}

static bool keep_all(OldWorld *world, const Groups *groups, Error *err)
{
    BackupFiles files = world->files;
    for (size_t i = 0; i < groups->count; i++)
        if (has_work(&groups->items[i]->plan) && !keep_group(world, groups->items[i], &files, err))
            return false;
    return migrate_backup(world->ws, &files, &world->out->backup, err);
}

/* ── all of it ── */

/* A collection that cannot be read keeps what goes into it waiting, and only that. */
static bool plan_all(OldWorld *world, Groups *groups, bool *work, Error *err)
{
    size_t kept = 0;
    *work = false;
    for (size_t i = 0; i < groups->count; i++) {
        Group *group = groups->items[i];
        Error failed = {0};
        if (run_group(group, false, &failed)) {
            groups->items[kept++] = group;
            *work = *work || has_work(&group->plan);
            continue;
        }
        if (failed.code == ERR_INTERRUPTED) {
            *err = failed;
            return false;
        }
        error_item(world, str_of(group->ws.collection_path), NULL,
                   error_note(world->ws->arena, &failed));
    }
    groups->count = kept;
    return true;
}

static bool apply_all(OldWorld *world, const Groups *groups, Error *err)
{
    if (!keep_all(world, groups, err))
        return false;
    for (size_t i = 0; i < groups->count; i++)
        if (has_work(&groups->items[i]->plan) && !run_group(groups->items[i], true, err))
            return false;
    return true;
}

static void gather(OldWorld *world, const Groups *groups)
{
    Plan *all = &world->out->plan;
    all->dry_run = !world->request->apply;
    for (size_t i = 0; i < groups->count; i++) {
        const Plan *plan = &groups->items[i]->plan;
        for (size_t j = 0; j < plan->items.count; j++)
            ARRAY_PUSH(world->ws->arena, &all->items, plan->items.items[j]);
        if (plan->operation.len)
            all->operation = plan->operation;
    }
    if (str_is(world->out->default_collection, world->ws->collection_name))
        world->out->default_collection = (Str){0};
}

/* weir's own older files belong to the collection that is at work. */
static void sort_older(OldWorld *world, Groups *groups)
{
    Workspace *ws = world->ws;
    if (!world->older.count && world->request->folders.count)
        return;
    Group *group = group_of(world, groups, str_of(ws->collection_name));
    for (size_t i = 0; i < world->older.count; i++)
        add_project(ws, &group->projects, world->older.items[i]);
}

static bool migrate(OldWorld *world, Error *err)
{
    Groups groups = {0};
    bool work = false;
    if (!old_world_find(world, err))
        return false;
    for (size_t i = 0; i < world->places.count; i++)
        sort_place(world, &groups, world->places.items[i]);
    for (size_t i = 0; i < world->projects.count; i++)
        for (size_t j = 0; j < world->projects.items[i].profiles.count; j++)
            sort_profile(world, &groups, world->projects.items[i].path,
                         world->projects.items[i].profiles.items[j]);
    sort_older(world, &groups);
    if (!plan_all(world, &groups, &work, err) ||
        (work && world->request->apply && !apply_all(world, &groups, err)))
        return false;
    gather(world, &groups);
    return true;
}

bool verb_migrate(Workspace *ws, const MigrateRequest *request, Migration *out, Error *err)
{
    Migration migration = {0};
    OldWorld world = {.ws = ws, .request = request, .out = &migration};
    bool done = session_recover(ws, err) && migrate(&world, err);
    old_world_close(&world);
    if (done)
        *out = migration;
    return done;
}
