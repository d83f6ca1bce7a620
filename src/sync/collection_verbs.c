/* init, pin and list: what changes or shows the collection's records alone. */
#include "sync/verbs.h"

#include "base/fs.h"
#include "base/limits.h"
#include "model/pin.h"
#include "sync/select.h"

static const char FIRST_COLLECTION_TEXT[] =
    "# The artifacts of this collection: edit freely, weir keeps what it does not know.\n"
    "schema = 1\n";

bool verb_init(Workspace *ws, bool *made, Error *err)
{
    SCOPED(fd_close) int fd = -1;
    bool there = false;
    Str text;
    if (!workspace_check_writes(ws, err) || !fs_make_root(ws->collection_path, 0700, &fd, err) ||
        !fs_read_if_any(ws->arena, fd, STR(COLLECTION_FILE), LIMIT_RECORD_BYTES, &there, &text,
                        err))
        return false;
    *made = !there;
    return there ||
           fs_replace_at(fd, STR(COLLECTION_FILE), str_of(FIRST_COLLECTION_TEXT), 0644, err);
}

bool collection_list(Workspace *ws, ArtifactList *out, Error *err)
{
    SCOPED(session_close) Session *session = NULL;
    SessionSpec spec = {0};
    if (!session_open(ws, &spec, &session, err))
        return false;
    *out = session->collection->collection->artifacts;
    return true;
}

typedef struct {
    const ArtifactRequest *request;
    Str pin;
} PinContext;

static bool pin_one(Draft *draft, const Artifact *artifact, Str pin, Error *err)
{
    PlanItem *item = draft_item(draft, artifact->id, EDGE_UPSTREAM, NULL);
    Artifact next = *artifact;
    Error failed = {0};
    item->from_version = artifact->pin.len ? artifact->pin : STR("latest");
    item->to_version = pin;
    if (!artifact->source.len) {
        (void)fail(&failed, ERR_NOT_CONNECTED, "%.*s has no upstream to pin",
                   STR_ARG(artifact->id));
        return draft_failed(draft, item, &failed, err);
    }
    if (!draft_check_item(draft, item, &failed))
        return draft_failed(draft, item, &failed, err);
    if (!str_equal(artifact->pin.len ? artifact->pin : STR("latest"), pin))
        next.last_check_ms = 0; /* nobody has asked the upstream about this one */
    next.pin = pin;
    next.upstream_ref = (Str){0}; /* what the ref means now is accepted by this */
    item->record_only = true;
    item->result = RESULT_FAST_FORWARD;
    return collection_put(draft->session->collection->collection, &next, err);
}

static bool plan_pin(Draft *draft, void *context, Error *err)
{
    const PinContext *pin = context;
    ArtifactList artifacts = {0};
    if (!select_batch(draft, pin->request, &artifacts, err))
        return false;
    for (size_t i = 0; i < artifacts.count; i++)
        if (!pin_one(draft, artifacts.items[i], pin->pin, err))
            return false;
    return true;
}

bool verb_pin(Workspace *ws, const ArtifactRequest *request, const char *pin, Plan *out, Error *err)
{
    Pin parsed;
    if (!pin_parse(ws->arena, str_of(pin), &parsed, err))
        return false;
    PinContext context = {request, parsed.text.len ? parsed.text : STR("latest")};
    DraftRun run = {
        .plan_it = plan_pin, .context = &context, .apply = request->apply, .batches = true};
    run.session.write_collection = request->apply;
    return draft_run(ws, &run, out, err);
}
