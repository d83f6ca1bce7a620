#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/rows.h"
#include "cli/words.h"
#include "sync/patch_json.h"

static bool check_patch(const Call *call, Error *err)
{
    const char *out = option_value(call->options, "out");
    return (out && *out) || fail(err, ERR_USAGE, "'weir patch' needs --out FILE: where it goes");
}

static void patch_json(Call *call, const PatchExport *patch)
{
    JsonWriter json = out_json_begin(call->output);
    json_patch_members(&json, patch, str_of(option_value(call->options, "out")));
    json_member_text(&json, "trace_id", out_trace_id(call->output));
    out_json_end(call->output, &json);
}

static const char *apply_line(Arena *arena, const PatchExport *patch, const char *file)
{
    const char *member = text_safe(arena, patch->member);
    switch (patch->form) {
    case PATCH_TAR_GZ:
        return arena_format(arena, "tar -xzOf %s %s | git am", file, member);
    case PATCH_ZIP:
        return arena_format(arena, "unzip -p %s %s | git am", file, member);
    case PATCH_MAILBOX:
        break;
    }
    return arena_format(arena, "git am %s", file);
}

static void patch_print(Call *call, const PatchExport *patch)
{
    Output *output = call->output;
    Arena *arena = call->arena;
    Rows rows = {0};
    HashHex sum = hash_hex(&patch->sha256);
    const char *file = text_safe(arena, str_of(option_value(call->options, "out")));
    const char *id = text_safe(arena, patch->artifact);
    const char *side = option_given(call->options, "project") ? "the project" : "the collection";
    if (!patch->written) {
        out_line(output,
                 "%s has nothing that its upstream at %.12s does not have: no file written.", id,
                 text_safe(arena, patch->base_sha));
        return;
    }
    const char *lines = count_lines(output, patch->totals.added, patch->totals.removed);
    out_line(output, "%s Wrote %s: %s of %s from %s%s%s",
             ink(output, INK_GOOD, glyph(output, "✓", "=")), file,
             count_files(arena, patch->totals.files), id, side, *lines ? ", " : "", lines);
    ARRAY_PUSH(arena, &rows,
               ROW({"size", INK_FAINT}, {text_size(arena, patch->size_bytes), INK_NONE}));
    ARRAY_PUSH(arena, &rows, ROW({"sha256", INK_FAINT}, {sum.text, INK_NONE}));
    ARRAY_PUSH(
        arena, &rows,
        ROW({"for", INK_FAINT}, {arena_format(arena, "%s at %.12s", text_safe(arena, patch->source),
                                              text_safe(arena, patch->base_sha)),
                                 INK_NONE}));
    rows_print(output, &rows, "  ");
    out_next(output, "%s", apply_line(arena, patch, file));
}

/* SYNC_PATCH_EXPORT, where the file's name does not tell. */
static PatchForm standard_form(const Call *call)
{
    const char *form = setting_text(&call->app->settings, SETTING_SYNC_PATCH_EXPORT);
    return strcmp(form, "zip") == 0     ? PATCH_ZIP
           : strcmp(form, "patch") == 0 ? PATCH_MAILBOX
                                        : PATCH_TAR_GZ;
}

static bool run_patch(Call *call, Error *err)
{
    PatchRequest request = {.artifact = call_operand(call, 0)};
    PatchExport patch = {0};
    request.message = option_value(call->options, "message");
    request.force = option_given(call->options, "force");
    request.form = standard_form(call);
    request.out = path_absolute(call->arena, call->cwd, option_value(call->options, "out"));
    if (!call_project(call, &request.project, err) ||
        !verb_patch(&call->app->workspace, &request, &patch, err))
        return false;
    if (call->output->options.json)
        patch_json(call, &patch);
    else
        patch_print(call, &patch);
    return true;
}

static const Option options[] = {
    {.name = "out", .value = "FILE", .about = "the file to write: .patch, .mbox, .tar.gz or .zip"},
    {.name = "project", .value = "DIR", .about = "the project's version, not the collection's"},
    {.name = "message", .letter = 'm', .value = "TEXT", .about = "why, for the upstream's people"},
    {.name = "force", .about = "replace FILE if it is there"},
    {0},
};

const Command command_patch = {
    .name = "patch",
    .summary = "write what an artifact has and its upstream has not, for `git am`",
    .usage =
        (const char *const[]){"TYPE:NAME --out FILE [--project DIR] [--message TEXT] [--force]",
                              NULL},
    .about =
        "The patch is a mail that `git am` applies in a clone of the upstream, at the commit on "
        "record.\nAs .tar.gz or .zip it comes with the changed files and a list of their "
        "SHA-256.",
    .options = options,
    .examples =
        (const char *const[]){"weir patch skill:pdf --out pdf.patch",
                              "weir patch skill:pdf --project . -m 'Split by page' --out pdf.patch",
                              "weir patch skill:pdf --out pdf.zip", NULL},
    .min_operands = 1,
    .max_operands = 1,
    .operand = "an artifact, TYPE:NAME",
    .needs = NEEDS_COLLECTION,
    .check = check_patch,
    .run = run_patch,
};
