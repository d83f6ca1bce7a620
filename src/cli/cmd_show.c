#include "base/text.h"
#include "cli/drift_look.h"
#include "cli/lock_text.h"
#include "cli/rows.h"
#include "cli/versions_text.h"
#include "cli/words.h"
#include "sync/conflict_json.h"
#include "sync/drift_json.h"

enum { VERSIONS_SHOWN = 8, VERSIONS_LISTED = 50 };

typedef struct {
    const Artifact *artifact;
    Drift drift;
    Versions versions;
    size_t total;
    bool *kept;
} Shown;

static size_t wanted_versions(const Call *call)
{
    const char *limit = option_value(call->options, "limit");
    uint64_t count = VERSIONS_LISTED;
    if (limit)
        ASSERT(str_to_u64(str_of(limit), &count));
    return (size_t)count;
}

static bool read_versions(Call *call, Shown *shown, Error *err)
{
    Workspace *ws = &call->app->workspace;
    if (!version_history(ws, shown->artifact->id, wanted_versions(call), &shown->versions,
                         &shown->total, err))
        return false;
    shown->kept = ARENA_ARRAY(call->arena, bool, shown->versions.count + 1);
    for (size_t i = 0; i < shown->versions.count; i++)
        if (!version_is_kept(ws, &shown->versions.items[i].hash, &shown->kept[i], err))
            return false;
    return true;
}

static VersionsView view_of(const Shown *shown)
{
    return (VersionsView){.id = shown->artifact->id,
                          .versions = &shown->versions,
                          .kept = shown->kept,
                          .total = shown->total,
                          .drift = &shown->drift};
}

static bool find(Call *call, Shown *out, Error *err)
{
    ArtifactList list = {0};
    Str wanted = str_of(call_operand(call, 0));
    if (!drift_ask(call, call_operand(call, 0), &out->drift, err) ||
        !collection_list(&call->app->workspace, &list, err))
        return false;
    for (size_t i = 0; i < list.count; i++)
        if (str_equal(list.items[i]->id, wanted) || str_equal(list.items[i]->name, wanted))
            out->artifact = list.items[i];
    if (!out->artifact)
        return fail(err, ERR_NOT_FOUND, "no artifact is called '%s'",
                    text_safe(call->arena, wanted)) ||
               fail_hint(err, "weir list");
    return read_versions(call, out, err);
}

/* ── JSON ── */

static void show_json(Output *output, const Shown *shown)
{
    const Artifact *artifact = shown->artifact;
    JsonWriter json = out_json_begin(output);
    json_member_bytes(&json, "id", artifact->id);
    json_member_bytes(&json, "path", artifact->path);
    json_member_bytes(&json, "source", artifact->source);
    json_member_bytes(&json, "source_path", artifact->source_path);
    json_member(&json, "pin", artifact->pin.len ? artifact->pin : STR("latest"));
    json_member(&json, "upstream_version", artifact->upstream_version);
    json_member(&json, "upstream_sha", artifact->upstream_sha);
    json_member_hash(&json, "base_hash", &artifact->base_hash);
    json_member_hash(&json, "content_hash", &artifact->content_hash);
    json_member_strings(&json, "tags", &artifact->tags);
    json_key(&json, "edges");
    json_begin_array(&json);
    for (size_t i = 0; i < shown->drift.items.count; i++) {
        json_begin_object(&json);
        json_drift_members(&json, &shown->drift.items.items[i]);
        json_end_object(&json);
    }
    json_end_array(&json);
    VersionsView view = view_of(shown);
    versions_json(output, &json, &view);
    json_member_text(&json, "trace_id", out_trace_id(output));
    out_json_end(output, &json);
}

/* ── text ── */

static void show_places(Output *output, const Shown *shown)
{
    Arena *arena = output->arena;
    const Artifact *artifact = shown->artifact;
    Rows rows = {0};
    if (artifact->source.len)
        ARRAY_PUSH(
            arena, &rows,
            ROW({"upstream", INK_FAINT}, {text_safe(arena, artifact->source), INK_NONE},
                {text_safe(arena, artifact->source_path), INK_NONE},
                {text_safe(arena, artifact->upstream_version.len
                                      ? artifact->upstream_version
                                      : str_slice(artifact->upstream_sha, 0, 12)),
                 INK_NONE},
                {arena_format(arena, "@%s",
                              artifact->pin.len ? text_safe(arena, artifact->pin) : "latest"),
                 INK_FAINT}));
    ARRAY_PUSH(arena, &rows,
               ROW({"collection", INK_FAINT}, {text_safe(arena, artifact->path), INK_NONE},
                   {hash_brief(arena, &artifact->content_hash), INK_FAINT}));
    for (size_t i = 0; i < shown->drift.items.count; i++) {
        const DriftItem *item = &shown->drift.items.items[i];
        if (item->edge == EDGE_PROJECT)
            ARRAY_PUSH(arena, &rows,
                       ROW({"project", INK_FAINT}, {project_name(arena, item->project), INK_NONE},
                           {text_safe(arena, item->path), INK_NONE},
                           {item->error.code ? "x error" : status_mark(output, &item->status),
                            status_ink(&item->status)}));
    }
    rows_print(output, &rows, "  ");
}

static void show_versions(Output *output, const Shown *shown)
{
    Arena *arena = output->arena;
    const Versions *versions = &shown->versions;
    Rows rows = {0};
    for (size_t i = 0; i < versions->count && i < VERSIONS_SHOWN; i++) {
        const Version *version = &versions->items[i];
        ARRAY_PUSH(arena, &rows,
                   ROW({hash_brief(arena, &version->hash), INK_NONE},
                       {time_short(arena, version->at_ms), INK_FAINT},
                       {text_safe(arena, version->tier), INK_NONE},
                       {text_safe(arena, version->source), INK_FAINT},
                       {text_safe(arena, version->message), INK_NONE}));
    }
    if (rows.count)
        out_line(output, "Versions, newest first:");
    rows_print(output, &rows, "  ");
    if (shown->total > VERSIONS_SHOWN)
        out_line(output, "  and %zu older: --versions", shown->total - VERSIONS_SHOWN);
}

static void show_text(Output *output, const Shown *shown)
{
    const char *id = text_safe(output->arena, shown->artifact->id);
    const DriftItem *worst = drift_worst(&shown->drift);
    out_line(output, "%s: %s", ink(output, INK_STRONG, id),
             worst                      ? edge_sentence(output, worst)
             : shown->drift.items.count ? "all tiers are identical."
                                        : "it has no upstream and is deployed nowhere.");
    lock_print(output, &shown->drift);
    show_places(output, shown);
    show_versions(output, shown);
    if (worst)
        out_next(output, "%s", edge_next(output->arena, worst));
    else
        out_next(output, "weir deploy %s --project .", id);
}

static bool run_show(Call *call, Error *err)
{
    Shown shown = {0};
    if (!find(call, &shown, err))
        return false;
    VersionsView view = view_of(&shown);
    if (call->output->options.json)
        show_json(call->output, &shown);
    else if (option_given(call->options, "versions"))
        versions_print(call->output, &view);
    else
        show_text(call->output, &shown);
    return true;
}

static bool check_show(const Call *call, Error *err)
{
    const char *limit = option_value(call->options, "limit");
    uint64_t count = 0;
    return !limit || str_to_u64(str_of(limit), &count) ||
           fail(err, ERR_USAGE, "--limit takes a number; 0 is all");
}

static const Option options[] = {
    {.name = "versions", .about = "its lineage on all tiers, with what goes back to what"},
    {.name = "limit", .letter = 'n', .value = "N", .about = "versions, newest first; 50, 0 is all"},
    OPTION_PROJECT,
    {0},
};

const Command command_show = {
    .name = "show",
    .summary = "one artifact: where it is, what it follows, its versions",
    .usage =
        (const char *const[]){"TYPE:NAME [--versions [--limit N]] [--project DIR] [--json]", NULL},
    .options = options,
    .examples =
        (const char *const[]){"weir show skill:pdf", "weir show skill:pdf --versions", NULL},
    .min_operands = 1,
    .max_operands = 1,
    .operand = "an artifact, TYPE:NAME",
    .needs = NEEDS_COLLECTION,
    .pages = true,
    .check = check_show,
    .run = run_show,
};
