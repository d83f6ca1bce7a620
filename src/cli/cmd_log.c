#include "base/text.h"
#include "cli/command.h"
#include "cli/duration.h"
#include "cli/rows.h"
#include "cli/words.h"
#include "sync/history.h"
#include "sync/operation_json.h"

enum { SHOWN = 50 };

typedef struct {
    Operations operations;
    bool more;
} Page;

static Str last_id(const Page *page)
{
    return page->operations.items[page->operations.count - 1].id;
}

static void log_json(Call *call, const Page *page)
{
    const Operations *operations = &page->operations;
    JsonWriter json = out_json_begin(call->output);
    json_key(&json, "operations");
    json_begin_array(&json);
    for (size_t i = 0; i < operations->count; i++)
        json_operation(&json, &operations->items[i]);
    json_end_array(&json);
    if (page->more)
        json_member(&json, "next", last_id(page));
    else
        json_member_null(&json, "next");
    json_member_text(&json, "trace_id", out_trace_id(call->output));
    out_json_end(call->output, &json);
}

static const char *state_of(Arena *arena, const Operation *operation)
{
    if (operation->undone_by.len)
        return "taken back";
    if (operation->is_half_undone)
        return operation->undoes.len ? "undo, unfinished" : "partly taken back";
    return operation->undoes.len ? "undo" : text_safe(arena, operation->result);
}

/* The command that shows the next page. */
static const char *more_command(Call *call, const Page *page)
{
    static const char *const kept[] = {"limit", "since", "verb"};
    Buf buf = buf_new(call->arena);
    buf_add_text(&buf, "weir log");
    if (call_operand(call, 0))
        buf_format(&buf, " %s", text_safe(call->arena, str_of(call_operand(call, 0))));
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        const char *value = option_value(call->options, kept[i]);
        if (value)
            buf_format(&buf, " --%s %s", kept[i], text_safe(call->arena, str_of(value)));
    }
    buf_format(&buf, " --before %s", text_safe(call->arena, last_id(page)));
    return buf_text(&buf);
}

/* What a person said yes to, beneath the operations that took it. */
static void print_accepted(Call *call, const Operations *operations)
{
    Arena *arena = call->arena;
    Rows rows = {0};
    for (size_t i = 0; i < operations->count; i++) {
        const Operation *operation = &operations->items[i];
        for (size_t j = 0; j < operation->accepted.count; j++)
            ARRAY_PUSH(arena, &rows,
                       ROW({time_short(arena, operation->at_ms), INK_FAINT},
                           {text_safe(arena, operation->accepted.items[j].artifact), INK_STRONG},
                           {text_safe(arena, operation->accepted.items[j].findings), INK_NONE}));
    }
    if (!rows.count)
        return;
    out_line(call->output, "Accepted risk:");
    rows_print(call->output, &rows, "  ");
}

static void log_text(Call *call, const Page *page)
{
    Arena *arena = call->arena;
    const Operations *operations = &page->operations;
    Rows rows = {0};
    if (operations->count == 0) {
        bool all = call->options->uses.count == 0 && !call_operand(call, 0);
        out_line(call->output, all ? "Nothing was written yet." : "No operation is like that.");
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
    print_accepted(call, operations);
    if (page->more)
        out_verbatim(call->output, "Older ones: %s", more_command(call, page));
    out_next(call->output, "weir undo");
}

static bool read_request(const Call *call, LogRequest *out, Error *err)
{
    const char *limit = option_value(call->options, "limit");
    const char *since = option_value(call->options, "since");
    uint64_t count = SHOWN;
    LogRequest request = {.artifact = call_operand(call, 0),
                          .verb = option_value(call->options, "verb"),
                          .before = str_of(option_value(call->options, "before"))};
    if (limit && !str_to_u64(str_of(limit), &count))
        return fail(err, ERR_USAGE, "--limit takes a number; 0 is all");
    if (since && !moment_parse(str_of(since), &request.since_ms))
        return fail(err, ERR_USAGE, "--since takes a day, 2026-11-21, or how long ago, 7d");
    request.limit = (size_t)count;
    *out = request;
    return true;
}

static bool check_log(const Call *call, Error *err)
{
    LogRequest ignored;
    return read_request(call, &ignored, err);
}

static bool run_log(Call *call, Error *err)
{
    LogRequest request;
    Page page = {0};
    if (!read_request(call, &request, err) ||
        !operation_log(&call->app->workspace, &request, &page.operations, &page.more, err))
        return false;
    if (call->output->options.json)
        log_json(call, &page);
    else
        log_text(call, &page);
    return true;
}

static const Option options[] = {
    {.name = "limit", .letter = 'n', .value = "N", .about = "how many, newest first; 50, 0 is all"},
    {.name = "since", .value = "WHEN", .about = "a day, 2026-11-21, or how long ago: 7d, 12h"},
    {.name = "verb", .value = "VERB", .about = "only what this command did: sync, deploy ..."},
    {.name = "before", .value = "ID", .about = "older than that operation: the next page"},
    {0},
};

const Command command_log = {
    .name = "log",
    .summary = "who wrote what and when, newest first",
    .usage = (const char *const[]){"[TYPE:NAME] [--since WHEN] [--verb VERB] [--limit N] "
                                   "[--before ID] [--json]",
                                   NULL},
    .options = options,
    .examples = (const char *const[]){"weir log", "weir log skill:pdf --limit 5",
                                      "weir log --since 7d --verb sync", NULL},
    .max_operands = 1,
    .needs = NEEDS_COLLECTION,
    .pages = true,
    .check = check_log,
    .run = run_log,
};
