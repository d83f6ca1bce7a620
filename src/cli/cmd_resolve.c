#include <string.h>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/change.h"
#include "cli/patch_text.h"
#include "cli/place_text.h"
#include "cli/prompt.h"
#include "cli/resolve_walk.h"
#include "cli/risk_text.h"
#include "cli/words.h"
#include "sync/place_json.h"
#include "sync/plan_json.h"
#include "sync/plan_read.h"

typedef struct {
    Arena *arena;
    ResolveRequest request;
    ResolveResult result;
    const char *tool; /* NULL: none is set */
} Resolving;

static bool resolve(Workspace *ws, void *context, bool apply, Plan *out, Error *err)
{
    Resolving *resolving = context;
    resolving->request.apply = apply;
    if (!verb_resolve(ws, &resolving->request, &resolving->result, err))
        return false;
    *out = resolving->result.plan;
    return true;
}

/* ── as a job ── */

/* Markers in live files, and what they become there, are what no job can be told. */
static bool as_job(Arena *arena, const void *context, HandoverJob *out)
{
    const ResolveRequest *request = &((const Resolving *)context)->request;
    HandoverJob job = {.kind = JOB_KIND_RESOLVE, .request = job_request_new()};
    JobChoice choice = {.path = str_of(request->file),
                        .place = request->place,
                        .take = (int)request->take,
                        .text = request->take == SIDE_FILE ? request->with : (Str){0}};
    ARRAY_PUSH(arena, &job.request.artifacts, str_of(request->artifact));
    job.request.project_path = str_of(request->project);
    job.request.abort = request->abort;
    if (!request->abort && !request->carry_out)
        ARRAY_PUSH(arena, &job.request.choices, choice);
    *out = job;
    return !request->write_markers && !request->from_live && !request->show &&
           !request->choices.count && !request->operation.len;
}

static bool from_job(Arena *arena, const JsonNode *told, void *context, Plan *out, Error *err)
{
    Resolving *resolving = context;
    if (!resolve_from_json(arena, told, &resolving->result, err))
        return false;
    *out = resolving->result.plan;
    return true;
}

/* ── what was asked for ── */

/* ours is what is there, theirs what comes in. */
static bool parse_side(Arena *arena, const char *text, Side *out, Error *err)
{
    static const struct {
        const char *name;
        Side side;
    } names[] = {{"upstream", SIDE_UPSTREAM}, {"collection", SIDE_COLLECTION},
                 {"project", SIDE_PROJECT},   {"base", SIDE_BASE},
                 {"both", SIDE_BOTH},         {"both-reversed", SIDE_BOTH_REVERSED},
                 {"ours", SIDE_OURS},         {"theirs", SIDE_THEIRS}};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcmp(text, names[i].name) == 0) {
            *out = names[i].side;
            return true;
        }
    }
    return fail(err, ERR_USAGE,
                "--take is upstream, collection, project, base, both or both-reversed, not '%s'",
                text_safe(arena, str_of(text)));
}

static bool check_resolve(const Call *call, Error *err)
{
    bool take = option_given(call->options, "take"), with = option_given(call->options, "with");
    bool tool = option_given(call->options, "tool");
    bool file = option_given(call->options, "file"), drop = option_given(call->options, "abort");
    if (take && with)
        return fail(err, ERR_USAGE, "--take and --with are one or the other");
    if (drop && (take || with || file))
        return fail(err, ERR_USAGE,
                    "--abort drops the whole merge; it takes no --file, --take, --with");
    bool marks = option_given(call->options, "write-markers");
    bool live = option_given(call->options, "from-live");
    if ((marks && live) || ((marks || live) && (take || with || drop || tool)))
        return fail(err, ERR_USAGE, "--write-markers and --from-live take no other choice");
    if (option_given(call->options, "place") && !(take || with))
        return fail(err, ERR_USAGE, "--place needs --take SIDE or --with FILE");
    if (tool && (take || with || drop))
        return fail(err, ERR_USAGE, "--tool makes the choice itself; it takes no --take, --with");
    if (with && !file)
        return fail(err, ERR_USAGE, "--with needs --file PATH: the file it is for");
    return call_operand(call, 0) || !(take || with || drop) ||
           fail(err, ERR_USAGE, "'weir resolve' needs an artifact, TYPE:NAME");
}

static bool read_side(const Call *call, ResolveRequest *request, Error *err)
{
    const char *take = option_value(call->options, "take");
    const char *with = option_value(call->options, "with");
    if (with) {
        request->take = SIDE_FILE;
        return fs_read_path(call->arena, with, LIMIT_MERGE_BYTES, &request->with, err);
    }
    request->write_markers = option_given(call->options, "write-markers");
    request->from_live = option_given(call->options, "from-live");
    if (!take) {
        request->show = !request->abort && !request->write_markers && !request->from_live;
        return true;
    }
    return parse_side(call->arena, take, &request->take, err);
}

/* A place by its key, or by its number in the file. */
static bool read_place(const Call *call, ResolveRequest *request, Error *err)
{
    const char *wanted = option_value(call->options, "place");
    ResolveRequest look = *request;
    ResolveResult waiting = {0};
    uint64_t number = 0;
    if (!wanted)
        return true;
    look.show = true;
    if (!verb_resolve(&call->app->workspace, &look, &waiting, err))
        return false;
    (void)str_to_u64(str_of(wanted), &number);
    for (size_t i = 0; i < waiting.places.count; i++) {
        const WaitingPlace *place = &waiting.places.items[i];
        bool here = !request->file || str_is(place->file, request->file);
        if (!str_is(place->key, wanted) && !(here && request->file && place->number == number))
            continue;
        request->place = place->key;
        return true;
    }
    (void)fail(err, ERR_NOT_FOUND, "there is no place '%s'",
               text_safe(call->arena, str_of(wanted)));
    return fail_hint(err,
                     "`weir resolve %s` lists the places; --place takes a key of --json, or "
                     "with --file a number.",
                     request->artifact);
}

/* ── what waits ── */

/* Its sides have moved so that it merges by itself now. */
static void print_closed(Call *call, const PendingMerge *pending)
{
    call->exit_code = 0;
    const char *id = text_safe(call->arena, pending->artifact);
    const char *project = text_word(call->arena, str_of(pending->project));
    out_line(call->output, "%s: nothing is open any more; what is left merges by itself.", id);
    if (pending->edge == EDGE_UPSTREAM)
        out_next(call->output, "weir sync %s --apply", id);
    else if (pending->upward)
        out_next(call->output, "weir pull %s --project %s --apply", id, project);
    else
        out_next(call->output, "weir sync %s --direction project --project %s --apply", id,
                 project);
}

/* Chosen in a sitting that ended before its review. */
static void print_chosen(Call *call, const ResolveResult *result)
{
    out_line(call->output, "%s: %s, all chosen. Nothing is written yet.",
             text_safe(call->arena, result->pending.artifact),
             text_count(call->arena, result->places.count, "place", "places"));
    out_next(call->output, "%s --apply", text_safe(call->arena, str_of(call->typed)));
}

/* Of a whole file there is no "both", and no base where it is new on both sides. */
static const char *more_sides(const ResolveResult *result)
{
    bool text = true, base = true;
    for (size_t i = 0; i < result->places.count; i++) {
        text &= result->places.items[i].chosen || result->places.items[i].region;
        base &= result->places.items[i].chosen || result->places.items[i].base.there;
    }
    return text && base ? "|base|both" : text ? "|both" : base ? "|base" : "";
}

static void print_waiting(Call *call, const ResolveResult *result)
{
    Output *output = call->output;
    const PendingMerge *pending = &result->pending;
    size_t open = 0;
    for (size_t i = 0; i < result->plan.items.count; i++)
        open += result->plan.items.items[i].conflicts.count;
    if (!open && result->places.count) {
        print_chosen(call, result);
        return;
    }
    if (!open) {
        print_closed(call, pending);
        return;
    }
    for (size_t i = 0; i < result->plan.items.count; i++) {
        const PlanItem *item = &result->plan.items.items[i];
        const char *id = text_safe(call->arena, item->artifact);
        out_line(output, "%s %s waits for you: %s. Live files are untouched.",
                 ink(output, INK_BAD, "!"), id, conflicts_text(output, item));
    }
    for (size_t i = 0; i < result->places.count; i++)
        place_print(output, &result->places.items[i], pending, 0);
    out_next(output, "%s --file PATH --take collection|%s%s --apply",
             text_safe(call->arena, str_of(call->typed)),
             pending->edge == EDGE_UPSTREAM ? "upstream" : "project", more_sides(result));
}

/* Files change only where markers of it stand. */
static void print_aborted(Call *call, const Plan *plan, const char *id)
{
    size_t files = plan->items.count ? plan->items.items[0].changes.count : 0;
    const char *did = plan->dry_run ? "Would drop" : "Dropped";
    if (!files)
        out_line(call->output, "%s the waiting merge of %s. No file %s.", did, id,
                 plan->dry_run ? "changes" : "changed");
    else
        out_line(call->output, "%s the waiting merge of %s; its markers go from %s.", did, id,
                 count_files(call->arena, files));
}

static void print_files(Output *output, const PlanItem *item)
{
    plan_print_files(output, item, "  ");
    risk_print(output, item, "  ");
}

static void resolve_print(Call *call, const Plan *plan, void *context)
{
    const Resolving *resolving = context;
    const ResolveResult *result = &resolving->result;
    Output *output = call->output;
    const char *id = text_safe(call->arena, result->pending.artifact);
    const char *tick = ink(output, INK_GOOD, glyph(output, "✓", "="));
    if (resolving->request.abort) {
        print_aborted(call, plan, id);
        return;
    }
    if (resolving->request.write_markers) {
        out_line(output, "%s markers into %s of %s. It waits until they are resolved there.",
                 plan->dry_run ? "Would write" : "Wrote", count_files(call->arena, result->marked),
                 id);
        print_files(output, &plan->items.items[0]);
        return;
    }
    if (!result->finished && resolving->request.place.len) {
        out_line(output, "%s one place of %s; %s left.", plan->dry_run ? "Would settle" : "Settled",
                 id, conflicts_text(output, &plan->items.items[0]));
        return;
    }
    if (!result->finished) {
        out_line(output, "%s %s of %s; %s left.", plan->dry_run ? "Would settle" : "Settled",
                 count_files(call->arena, result->resolved), id,
                 plan->items.count ? conflicts_text(output, &plan->items.items[0]) : "nothing");
        return;
    }
    size_t files = plan_files(plan);
    if (plan->dry_run)
        out_line(output, "Would resolve %s, %s.", id, count_files(call->arena, files));
    else
        out_line(output, "%s Resolved %s, %s.", tick, id, count_files(call->arena, files));
    if (plan->items.count && plan->items.items[0].note.len)
        out_line(output, "  %s", text_safe(call->arena, plan->items.items[0].note));
    if (plan->dry_run && plan->items.count)
        print_files(output, &plan->items.items[0]);
    if (plan->dry_run && resolving->request.carry_out)
        patch_print(output, result->patch);
}

static void resolve_json(JsonWriter *json, void *context)
{
    const Resolving *resolving = context;
    json_resolve_members(resolving->arena, json, &resolving->result);
}

static bool list_waiting(Call *call, Error *err)
{
    PendingMerges merges = {0};
    if (!pending_list(&call->app->workspace, &merges, err))
        return false;
    Output *output = call->output;
    if (output->options.json) {
        JsonWriter json = out_json_begin(output);
        json_key(&json, "pending");
        json_begin_array(&json);
        for (size_t i = 0; i < merges.count; i++) {
            json_begin_object(&json);
            json_member(&json, "id", merges.items[i].id);
            json_place_members(&json, merges.items[i].artifact, merges.items[i].edge,
                               merges.items[i].project);
            json_end_object(&json);
        }
        json_end_array(&json);
        json_member_text(&json, "trace_id", out_trace_id(output));
        out_json_end(output, &json);
        return true;
    }
    out_line(output, merges.count ? "%s for you." : "No merge waits for you.",
             text_count(call->arena, merges.count, "merge waits", "merges wait"));
    for (size_t i = 0; i < merges.count; i++)
        out_line(output, "  %s  %s %s  since %s", text_safe(call->arena, merges.items[i].artifact),
                 edge_mark(output, merges.items[i].edge),
                 project_name(call->arena, merges.items[i].project),
                 time_short(call->arena, merges.items[i].created_ms));
    if (merges.count)
        out_next(output, "weir resolve %s", text_safe(call->arena, merges.items[0].artifact));
    return true;
}

static bool all_chosen(const ResolveResult *result)
{
    for (size_t i = 0; i < result->places.count; i++)
        if (!result->places.items[i].chosen)
            return false;
    return result->places.count > 0;
}

/* Choices are kept as they are made, which a forced dry run must not. */
static bool may_walk(const Call *call, const ResolveResult *result)
{
    return result->places.count && prompt_can_ask(call->output) && call->output->columns &&
           !setting_bool(&call->app->settings, SETTING_SYNC_FORCE_DRY_RUN);
}

static bool carry_out(Call *call, const Change *change, Resolving *resolving, Error *err)
{
    resolving->request.show = false;
    resolving->request.carry_out = true;
    if (!change_run(call, change, err))
        return false;
    if (resolving->result.plan.dry_run && !call_applies(call)) {
        call->exit_code = error_exit_code(ERR_CONFLICT);
        out_line(call->output, "What was chosen is kept.");
        out_next(call->output, "%s", text_safe(call->arena, str_of(call->typed)));
    }
    return true;
}

static const char *merge_tool(const Call *call)
{
    const char *given = option_value(call->options, "tool");
    const char *set = setting_text(&call->app->settings, SETTING_MERGE_TOOL);
    return given ? given : strcmp(set, "none") != 0 ? set : NULL;
}

/* By keys, or by the tool that was named. */
static bool choose_by_person(Call *call, const Change *change, Resolving *resolving, Error *err)
{
    WalkEnd end = WALK_LEFT;
    bool walks = may_walk(call, &resolving->result);
    call->exit_code = error_exit_code(ERR_CONFLICT);
    bool done = walks ? resolve_walk(call, &resolving->result, &resolving->request, resolving->tool,
                                     &end, err)
                      : resolve_by_tool(call, &resolving->result, &resolving->request,
                                        resolving->tool, &end, err);
    if (!done || end == WALK_LEFT)
        return done;
    call->exit_code = 0;
    return end == WALK_DROPPED || carry_out(call, change, resolving, err);
}

static bool check_may_keep(const Call *call, Error *err)
{
    if (!setting_bool(&call->app->settings, SETTING_SYNC_FORCE_DRY_RUN))
        return true;
    (void)fail(err, ERR_USAGE, "SYNC_FORCE_DRY_RUN is on: what the tool writes could not be kept");
    return fail_hint(err, "weir config SYNC_FORCE_DRY_RUN false");
}

static bool run_resolve(Call *call, Error *err)
{
    Resolving resolving = {.arena = call->arena};
    ResolveRequest *request = &resolving.request;
    if (!call_operand(call, 0))
        return list_waiting(call, err);
    resolving.tool = merge_tool(call);
    request->artifact = call_operand(call, 0);
    request->file = option_value(call->options, "file");
    request->abort = option_given(call->options, "abort");
    if (!call_project(call, &request->project, err))
        return false;
    request->project_given = request->project != NULL;
    if (!read_side(call, request, err) || !read_place(call, request, err))
        return false;
    const Change change = {
        .verb = resolve,
        .request = &resolving,
        .as_job = as_job,
        .from_job = from_job,
        .print = resolve_print,
        .more_json = resolve_json,
        .acts_without_files = true,
    };
    if (!request->show)
        return change_run(call, &change, err);
    if (!verb_resolve(&call->app->workspace, request, &resolving.result, err))
        return false;
    if (call_applies(call) && all_chosen(&resolving.result))
        return carry_out(call, &change, &resolving, err);
    bool by_tool = option_given(call->options, "tool") && resolving.result.places.count;
    if (by_tool && !check_may_keep(call, err))
        return false;
    if (by_tool || may_walk(call, &resolving.result))
        return choose_by_person(call, &change, &resolving, err);
    if (call->output->options.json)
        return change_run(call, &change, err);
    call->exit_code = error_exit_code(ERR_CONFLICT);
    print_waiting(call, &resolving.result);
    return true;
}

static const Option options[] = {
    OPTION_PROJECT,
    {.name = "file", .value = "PATH", .about = "the file in conflict; without it all of them"},
    {.name = "take",
     .value = "SIDE",
     .words = "upstream|collection|project|base|both|both-reversed",
     .about = "upstream, collection, project, base, both, both-reversed"},
    {.name = "with", .value = "FILE", .about = "take the content of this file"},
    {.name = "place",
     .value = "N|KEY",
     .about = "this place alone: its number in --file, or a key"},
    {.name = "tool", .value = "TOOL", .about = "settle files in a merge tool: a name or a command"},
    {.name = "write-markers", .about = "the open places go into the live files, with markers"},
    {.name = "from-live", .about = "what those files hold now is the resolution"},
    {.name = "abort", .about = "drop the waiting merge; files stay as they are"},
    OPTION_APPLY,
    {0},
};

#define RESOLVE_USAGE "TYPE:NAME [--project DIR] --file PATH --take SIDE|--with FILE [--apply]"

const Command command_resolve = {
    .name = "resolve",
    .summary = "settle the places of a waiting merge",
    .usage = (const char *const[]){RESOLVE_USAGE, "TYPE:NAME [--project DIR] [--apply]",
                                   "TYPE:NAME [--file PATH] --tool TOOL [--apply]",
                                   "TYPE:NAME [--file PATH] --write-markers|--from-live [--apply]",
                                   "TYPE:NAME --abort [--apply]", "", NULL},
    .about =
        "Without a choice it shows what waits; on a terminal it walks through it place by "
        "place, keeps\nwhat is chosen at once, and goes on there the next time. With --apply "
        "alone it carries out\nwhat was chosen. With --project the merge with that project, "
        "without it the one with\nupstream, or the only one that waits. `both` is the lines "
        "of what is there, then those that\ncome in; `both-reversed` the other way round. When "
        "the last place is settled the merge is\napplied. --write-markers puts the open places "
        "into the live files as git does; edit them, then\n--from-live takes them back.",
    .options = options,
    .examples =
        (const char *const[]){"weir resolve skill:pdf",
                              "weir resolve skill:pdf --file SKILL.md --take both --apply",
                              "weir resolve skill:pdf --file SKILL.md --with mine.md --apply",
                              "weir resolve skill:pdf --abort --apply", NULL},
    .max_operands = 1,
    .needs = NEEDS_COLLECTION,
    .settles = true,
    .check = check_resolve,
    .run = run_resolve,
};
