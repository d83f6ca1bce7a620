#include "base/clock.h"
#include "base/text.h"
#include "cli/change.h"
#include "cli/duration.h"
#include "cli/prompt.h"
#include "cli/words.h"
#include "sync/gc_json.h"

static void gc_json(Call *call, const GcResult *result, bool applied)
{
    JsonWriter json = out_json_begin(call->output);
    json_gc(&json, result, applied);
    json_member_text(&json, "trace_id", out_trace_id(call->output));
    out_json_end(call->output, &json);
}

static const char *bytes_text(Arena *arena, uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    double value = (double)bytes;
    for (; value >= 1024 && unit + 1 < COUNT_OF(units); unit++)
        value /= 1024;
    return unit ? arena_format(arena, "%.1f %s", value, units[unit])
                : arena_format(arena, "%llu B", (unsigned long long)bytes);
}

static bool frees(const GcResult *result)
{
    return result->objects || result->git_caches || result->stat_caches;
}

static void print_caches(Call *call, size_t count, const char *one, const char *many,
                         uint64_t bytes)
{
    if (count)
        out_line(call->output, "  %s, %s", text_count(call->arena, count, one, many),
                 bytes_text(call->arena, bytes));
}

static void gc_text(Call *call, const GcResult *result, bool applied)
{
    Output *output = call->output;
    Arena *arena = call->arena;
    const char *tick = ink(output, INK_GOOD, glyph(output, "✓", "="));
    uint64_t bytes = result->bytes + result->git_bytes + result->stat_bytes;
    if (!frees(result))
        out_line(output, "%s Nothing to free.", tick);
    else if (applied)
        out_line(output, "%s Freed %s.", tick, bytes_text(arena, bytes));
    else
        out_line(output, "Would free %s.", bytes_text(arena, bytes));
    print_caches(call, result->objects, "object of the store", "objects of the store",
                 result->bytes);
    print_caches(call, result->git_caches, "git cache that no record names",
                 "git caches that no record names", result->git_bytes);
    print_caches(call, result->stat_caches, "stat cache of an unknown folder",
                 "stat caches of unknown folders", result->stat_bytes);
    out_line(output,
             "  %s stay: all that records, waiting merges, and versions and operations "
             "since %.10s name.",
             text_count(arena, result->kept, "object", "objects"),
             clock_format(arena, result->since_ms));
}

static bool read_request(const Call *call, GcRequest *out, Error *err)
{
    const char *age = option_value(call->options, "older-than");
    GcRequest request = {
        .older_than_ms = GC_STANDARD_MS,
    };
    if (age && !duration_parse(str_of(age), &request.older_than_ms))
        return fail(err, ERR_USAGE, "--older-than takes a span of time: 90d, 12w");
    *out = request;
    return true;
}

static bool check_gc(const Call *call, Error *err)
{
    GcRequest ignored;
    return read_request(call, &ignored, err);
}

static bool ask_and_free(Call *call, GcRequest *request, GcResult *result, Error *err)
{
    bool yes = false;
    gc_text(call, result, false);
    if (frees(result) && call_may_ask(call) &&
        !prompt_yes(call->output, "Free it? Undo cannot bring it back.", &yes, err))
        return false;
    if (!yes) {
        if (frees(result)) {
            out_line(call->output, "Nothing was written.");
            next_apply(call, "");
        }
        return true;
    }
    request->apply = true;
    if (!verb_gc(&call->app->workspace, request, result, err))
        return false;
    gc_text(call, result, true);
    return true;
}

static bool run_gc(Call *call, Error *err)
{
    GcRequest request;
    GcResult result;
    if (!read_request(call, &request, err))
        return false;
    request.apply = call_writes(call);
    (void)call_held_back(call);
    if (!verb_gc(&call->app->workspace, &request, &result, err))
        return false;
    if (call->output->options.json)
        gc_json(call, &result, request.apply);
    else if (request.apply)
        gc_text(call, &result, true);
    else
        return ask_and_free(call, &request, &result, err);
    return true;
}

static const Option options[] = {
    {.name = "older-than",
     .value = "AGE",
     .about = "versions and operations older than this no longer count; 90d"},
    OPTION_APPLY,
    {0},
};

const Command command_gc = {
    .name = "gc",
    .summary = "free content that nothing names any more",
    .usage = (const char *const[]){"[--older-than AGE] [--apply]", NULL},
    .about = "Content stays while a record names it, in the collection or in any project that ever "
             "had one, while\na merge waits for it, and while it is younger than AGE. The log "
             "stays whole, but what it freed\ncannot be undone or rolled back to.",
    .options = options,
    .examples = (const char *const[]){"weir gc", "weir gc --older-than 30d --apply", NULL},
    .needs = NEEDS_COLLECTION,
    .check = check_gc,
    .run = run_gc,
};
