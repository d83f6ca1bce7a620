#include "base/text.h"
#include "cli/command.h"
#include "cli/rows.h"
#include "sync/conflict_json.h"
#include "sync/verbs.h"

static void list_json(Call *call, const ArtifactList *list)
{
    JsonWriter json = out_json_begin(call->output);
    json_member_text(&json, "collection", call->app->workspace.collection_name);
    json_key(&json, "artifacts");
    json_begin_array(&json);
    for (size_t i = 0; i < list->count; i++) {
        const Artifact *artifact = list->items[i];
        json_begin_object(&json);
        json_member_bytes(&json, "id", artifact->id);
        json_member_bytes(&json, "path", artifact->path);
        json_member_bytes_or_null(&json, "source", artifact->source);
        json_member_bytes_or_null(&json, "source_path", artifact->source_path);
        json_member(&json, "pin", artifact->pin.len ? artifact->pin : STR("latest"));
        json_member_bytes_or_null(&json, "upstream_version", artifact->upstream_version);
        json_member_bytes_or_null(&json, "upstream_sha", artifact->upstream_sha);
        json_member_hash(&json, "content_hash", &artifact->content_hash);
        json_member_strings(&json, "tags", &artifact->tags);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_member_text(&json, "trace_id", out_trace_id(call->output));
    out_json_end(call->output, &json);
}

static const char *version_of(Arena *arena, const Artifact *artifact)
{
    if (artifact->upstream_version.len)
        return text_safe(arena, artifact->upstream_version);
    return text_safe(arena, str_slice(artifact->upstream_sha, 0, 12));
}

static void list_text(Call *call, const ArtifactList *list)
{
    Arena *arena = call->arena;
    Rows rows = {0};
    out_line(call->output, "%s in collection %s.",
             text_count(arena, list->count, "artifact", "artifacts"),
             call->app->workspace.collection_name);
    for (size_t i = 0; i < list->count; i++) {
        const Artifact *artifact = list->items[i];
        const char *pin =
            artifact->source.len
                ? arena_format(arena, "@%s",
                               artifact->pin.len ? text_safe(arena, artifact->pin) : "latest")
                : "";
        ARRAY_PUSH(arena, &rows,
                   ROW({text_safe(arena, artifact->id), INK_STRONG},
                       {version_of(arena, artifact), INK_NONE}, {pin, INK_FAINT},
                       {artifact->source.len ? text_safe(arena, artifact->source) : "no upstream",
                        INK_NONE},
                       {text_safe(arena, artifact->source_path), INK_FAINT}));
    }
    rows_print(call->output, &rows, "  ");
    out_next(call->output, list->count ? "weir status" : "weir add owner/repo/path");
}

static bool run_list(Call *call, Error *err)
{
    ArtifactList list = {0};
    if (!collection_list(&call->app->workspace, &list, err))
        return false;
    if (call->output->options.json)
        list_json(call, &list);
    else
        list_text(call, &list);
    return true;
}

const Command command_list = {
    .name = "list",
    .summary = "the artifacts of the collection",
    .usage = (const char *const[]){"[--json]", NULL},
    .examples = (const char *const[]){"weir list", "weir list --json", NULL},
    .needs = NEEDS_COLLECTION,
    .run = run_list,
};
