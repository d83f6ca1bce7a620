#include "sync/read_ahead.h"

#include "base/limits.h"
#include "base/workers.h"
#include "sync/select.h"

typedef struct {
    Str path;
    bool wanted, read;
    Snapshot snapshot;
} Place;

/* One root and its places, in the order of the ids: one thread's at a time. */
typedef struct {
    Root *root;
    Arena *arena;
    Place *places;
    size_t count; /* of those wanted */
} Shelf;

typedef struct {
    Draft *draft;
    const StrArray *ids;
    Shelf *shelves; /* those with something to read */
    size_t count;
} Reading;

/* ── what to read ── */

static void want(Shelf *shelf, size_t index, Str path)
{
    Error refused;
    if (shelf->root->error.code || shelf->places[index].wanted ||
        !draft_check_place(shelf->root, path, &refused))
        return;
    shelf->places[index] = (Place){.path = path, .wanted = true};
    shelf->count++;
}

static void want_artifact(const Reading *reading, Shelf *collection, size_t index)
{
    const Artifact *artifact =
        collection_find(collection->root->collection, reading->ids->items[index]);
    if (artifact)
        want(collection, index, artifact->path);
}

static void want_deployed(const Reading *reading, Shelf *shelf, Shelf *collection)
{
    for (size_t i = 0; !shelf->root->error.code && i < reading->ids->count; i++) {
        const Deployment *deployment =
            deployments_find(shelf->root->deployments, reading->ids->items[i]);
        if (!deployment || !deployment_belongs(reading->draft->ws, deployment))
            continue;
        want(shelf, i, deployment->path);
        if (collection)
            want_artifact(reading, collection, i);
    }
}

static void list_places(Reading *reading, bool all_of_collection)
{
    Session *session = reading->draft->session;
    Arena *arena = reading->draft->ws->arena;
    reading->shelves = ARENA_ARRAY(arena, Shelf, session->root_count + 1);
    for (size_t i = 0; i < session->root_count; i++) {
        Place *places = ARENA_ARRAY(arena, Place, reading->ids->count + 1);
        reading->shelves[i] = (Shelf){.root = &session->roots[i], .places = places};
    }
    Shelf *collection = session->collection ? &reading->shelves[0] : NULL;
    for (size_t i = 0; collection && all_of_collection && i < reading->ids->count; i++)
        want_artifact(reading, collection, i);
    for (size_t i = collection ? 1 : 0; i < session->root_count; i++)
        want_deployed(reading, &reading->shelves[i], collection);
    for (size_t i = 0; i < session->root_count; i++) {
        if (reading->shelves[i].count)
            reading->shelves[reading->count++] = reading->shelves[i];
    }
}

/* ── reading it ── */

static void read_shelf(void *context, size_t index)
{
    Reading *reading = context;
    Shelf *shelf = &reading->shelves[index];
    Error failed = {0};
    shelf->arena = arena_open();
    for (size_t i = 0; i < reading->ids->count && failed.code != ERR_INTERRUPTED; i++) {
        Place *place = &shelf->places[i];
        if (!place->wanted)
            continue;
        place->read = snapshot_read(shelf->arena, shelf->root->fd, place->path, shelf->root->cache,
                                    &place->snapshot, &failed);
    }
}

static void lay_ready(const Reading *reading, Shelf *shelf)
{
    Draft *draft = reading->draft;
    arena_adopt(draft->ws->arena, &shelf->arena);
    for (size_t i = 0; i < reading->ids->count; i++)
        if (shelf->places[i].read)
            draft_lay_ready(draft, shelf->root, shelf->places[i].path, &shelf->places[i].snapshot);
}

void read_ahead(Draft *draft, const StrArray *ids, bool collection)
{
    const Workspace *ws = draft->ws;
    Reading reading = {.draft = draft, .ids = ids};
    size_t threads = ws->read_threads > 0 ? (size_t)ws->read_threads : workers_for(LIMIT_READERS);
    if (threads < 2 || draft->session->root_count < 2)
        return;
    list_places(&reading, collection);
    if (reading.count < 2)
        return;
    Work work = {.jobs = reading.count,
                 .threads = threads,
                 .run = read_shelf,
                 .caller_works = true,
                 .context = &reading};
    work_run(&work);
    for (size_t i = 0; i < reading.count; i++)
        lay_ready(&reading, &reading.shelves[i]);
}
