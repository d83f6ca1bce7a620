#include "base/text.h"
#include "cli/change.h"
#include "cli/prompt.h"
#include "cli/words.h"
#include "sync/plan_json.h"
#include "sync/verify.h"

static void verify_json(Call *call, const VerifyReport *report, bool dry_run)
{
    JsonWriter json = out_json_begin(call->output);
    json_member_bool(&json, "sound", report->problems == 0);
    json_member_bool(&json, "dry_run", dry_run);
    json_member_integer(&json, "problems", (int64_t)report->problems);
    json_key(&json, "checks");
    json_begin_array(&json);
    for (size_t i = 0; i < report->checks.count; i++) {
        const VerifyCount *count = &report->checks.items[i];
        json_begin_object(&json);
        json_member_text(&json, "name", count->name);
        json_member_integer(&json, "looked_at", (int64_t)count->looked_at);
        json_member_integer(&json, "findings", (int64_t)count->findings);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_key(&json, "findings");
    json_begin_array(&json);
    for (size_t i = 0; i < report->findings.count; i++) {
        const Finding *finding = report->findings.items[i];
        json_begin_object(&json);
        json_member_text(&json, "code", finding->code);
        json_member_bytes(&json, "where", finding->where);
        json_member_bytes(&json, "what", finding->what);
        json_member_text(&json, "advice", finding->advice ? finding->advice : "");
        json_member_text(&json, "repair", finding->repair ? finding->repair : "");
        json_member_bool(&json, "note", finding->note);
        json_member_bool(&json, "mended", finding->mended);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_member_text(&json, "trace_id", out_trace_id(call->output));
    out_json_end(call->output, &json);
}

static void print_finding(Call *call, const Finding *finding, bool repair)
{
    Output *output = call->output;
    Arena *arena = call->arena;
    const char *mark = finding->mended ? ink(output, INK_GOOD, glyph(output, "✓", "="))
                       : finding->note ? ink(output, INK_FAINT, "-")
                                       : ink(output, INK_BAD, "x");
    out_line(output, "  %s %s  %s: %s", mark, finding->code, text_safe(arena, finding->where),
             text_safe(arena, finding->what));
    if (finding->repair && (repair || finding->mended))
        out_line(output, "      %s: %s", finding->mended ? "mended" : "repair", finding->repair);
    else if (finding->advice)
        out_line(output, "      %s", finding->advice);
}

static const char *headline(Call *call, const VerifyReport *report)
{
    Output *output = call->output;
    size_t mended = 0;
    for (size_t i = 0; i < report->findings.count; i++)
        mended += report->findings.items[i]->mended;
    if (report->problems)
        return arena_format(call->arena, "%s %s.%s", ink(output, INK_BAD, "x"),
                            text_count(call->arena, report->problems, "problem", "problems"),
                            mended ? " The rest was mended." : "");
    return arena_format(call->arena, "%s All is sound.%s",
                        ink(output, INK_GOOD, glyph(output, "✓", "=")),
                        mended ? " What was not is mended." : "");
}

static void verify_text(Call *call, const VerifyReport *report, bool repair)
{
    Output *output = call->output;
    Buf looked = buf_new(call->arena);
    for (size_t i = 0; i < report->checks.count; i++)
        buf_format(&looked, "%s%s: %zu %s", i ? glyph(output, " · ", ", ") : "",
                   report->checks.items[i].name, report->checks.items[i].looked_at,
                   report->checks.items[i].about);
    out_line(output, "%s", headline(call, report));
    out_line(output, "  %s", ink(output, INK_FAINT, buf_text(&looked)));
    for (size_t i = 0; i < report->findings.count; i++)
        print_finding(call, report->findings.items[i], repair);
}

static bool is_asked_for(Call *call, const VerifyReport *report, bool *yes, Error *err)
{
    *yes = false;
    return !report->mendable || !call_may_ask(call) ||
           prompt_yes(call->output, "Mend these?", yes, err);
}

static bool run_verify(Call *call, Error *err)
{
    Workspace *ws = &call->app->workspace;
    VerifyReport report;
    VerifyRequest request = {.repair = option_given(call->options, "repair"),
                             .apply = call_writes(call)};
    (void)call_held_back(call);
    if (!verb_verify(ws, &request, &report, err))
        return false;
    if (!call->output->options.json && request.repair && !request.apply) {
        bool yes = false;
        verify_text(call, &report, true);
        if (!is_asked_for(call, &report, &yes, err))
            return false;
        request.apply = yes;
        if (yes && !verb_verify(ws, &request, &report, err))
            return false;
    }
    if (call->output->options.json)
        verify_json(call, &report, !request.apply);
    else if (!request.repair || request.apply)
        verify_text(call, &report, request.repair);
    if (!call->output->options.json && report.mendable && !request.apply) {
        if (request.repair) {
            out_line(call->output, "Nothing was written.");
            next_apply(call, "");
        } else
            out_next(call->output, "weir verify --repair");
    }
    call->exit_code = report.problems ? 1 : 0;
    return true;
}

static bool check_verify(const Call *call, Error *err)
{
    return !call_applies(call) || option_given(call->options, "repair") ||
           fail(err, ERR_USAGE, "--apply belongs to --repair");
}

static const Option options[] = {
    {.name = "repair", .about = "plan what can be mended; with --apply, mend it"},
    OPTION_APPLY,
    {0},
};

const Command command_verify = {
    .name = "verify",
    .summary = "whether all that weir keeps is sound",
    .usage = (const char *const[]){"[--json]", "--repair [--apply] [--json]", NULL},
    .about = "Looks at records, lineage, content, trees and databases. A repair never deletes: it "
             "fetches again,\nwrites again or puts aside. Exit code 1 when something is not "
             "sound.",
    .options = options,
    .examples = (const char *const[]){"weir verify", "weir verify --repair",
                                      "weir verify --repair --apply", NULL},
    .needs = NEEDS_COLLECTION,
    .check = check_verify,
    .run = run_verify,
};
