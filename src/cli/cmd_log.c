#include "base/text.h"
#include "cli/command.h"
#include "cli/operation_json.h"
#include "cli/rows.h"
#include "cli/words.h"

enum { SHOWN = 50 };

static void log_json(Call *call, const Operations *operations)
{
    JsonWriter json = out_json_begin(call->output);
    json_key(&json, "operations");
    json_begin_array(&json);
    for (size_t i = 0; i < operations->count; i++)
        json_operation(&json, &operations->items[i]);
    json_end_array(&json);
    json_member_text(&json, "trace_id", out_trace_id(call->output));
    out_json_end(call->output, &json);
}

static const char *state_of(Arena *arena, const Operation *operation)
{
    if (operation->undone_by.len)
        return "taken back";
    return operation->undoes.len ? "undo" : text_safe(arena, operation->result);
}

static void log_text(Call *call, const Operations *operations)
{
    Arena *arena = call->arena;
    Rows rows = {0};
    if (operations->count == 0) {
        out_line(call->output, "Nothing was written yet.");
        return;
    }
    for (size_t i = 0; i < operations->count; i++) {
        const Operation *operation = &operations->items[i];
        const char *touched = arena_format(
            arena, "%s, %s", text_count(arena, operation->artifacts.count, "artifact", "artifacts"),
            count_files(arena, operation->files));
        const char *id = call->output->options.verbose ? text_safe(arena, operation->id) : NULL;
        ARRAY_PUSH(arena, &rows,
                   ROW({time_short(arena, operation->at_ms), INK_FAINT},
                       {state_of(arena, operation), INK_NONE}, {touched, INK_FAINT},
                       {text_safe(arena, operation->actor), INK_FAINT},
                       {text_safe(arena, operation->command), INK_STRONG}, {id, INK_FAINT}));
    }
    rows_print(call->output, &rows, "");
    out_next(call->output, "weir undo");
}

static bool check_log(const Call *call, Error *err)
{
    const char *limit = option_value(call->options, "limit");
    uint64_t count = 0;
    return !limit || str_to_u64(str_of(limit), &count) ||
           fail(err, ERR_USAGE, "--limit takes a number; 0 is all");
}

static bool run_log(Call *call, Error *err)
{
    Operations operations = {0};
    const char *limit = option_value(call->options, "limit");
    uint64_t count = SHOWN;
    if (limit)
        ASSERT(str_to_u64(str_of(limit), &count));
    if (!operation_list(&call->app->workspace, call_operand(call, 0), (size_t)count, &operations,
                        err))
        return false;
    if (call->output->options.json)
        log_json(call, &operations);
    else
        log_text(call, &operations);
    return true;
}

static const Option options[] = {
    {.name = "limit", .letter = 'n', .value = "N", .about = "how many, newest first; 50, 0 is all"},
    {0},
};

const Command command_log = {
    .name = "log",
    .summary = "who wrote what and when, newest first",
    .usage = (const char *const[]){"[TYPE:NAME] [--limit N] [--json]", NULL},
    .options = options,
    .examples = (const char *const[]){"weir log", "weir log skill:pdf --limit 5", NULL},
    .max_operands = 1,
    .needs = NEEDS_COLLECTION,
    .pages = true,
    .check = check_log,
    .run = run_log,
};
