#include "sync/verify.h"

#include "base/process.h"
#include "sync/pending_store.h"

static const VerifyCheck *const checks[] = {
#define VERIFY_CHECK(name) &verify_##name,
#include "sync/verify_checks.def"
#undef VERIFY_CHECK
};

Finding *verify_found(Verify *verify, const char *code, Str where, const char *format, ...)
{
    Arena *arena = verify->ws->arena;
    Finding *finding = ARENA_NEW(arena, Finding);
    va_list arguments;
    va_start(arguments, format);
    Str what = str_of(arena_format_list(arena, format, arguments));
    va_end(arguments);
    *finding = (Finding){.code = code, .where = arena_copy(arena, where), .what = what};
    ARRAY_PUSH(arena, &verify->findings, finding);
    return finding;
}

typedef struct {
    Verify verify;
    VerifyReport *report;
} VerifyContext;

static bool run_checks(VerifyContext *context, bool apart, Error *err)
{
    Verify *verify = &context->verify;
    for (size_t i = 0; i < COUNT_OF(checks); i++) {
        if (checks[i]->apart != apart)
            continue;
        size_t found = verify->findings.count;
        verify->looked_at = 0;
        if (!interrupt_check(err) || !checks[i]->check(verify, err))
            return false;
        context->report->checks.items[i] = (VerifyCount){
            checks[i]->name, checks[i]->about, verify->looked_at, verify->findings.count - found};
    }
    return true;
}

static bool plan_verify(Draft *draft, void *opaque, Error *err)
{
    VerifyContext *context = opaque;
    context->verify.findings.count = 0;
    context->verify.draft = draft;
    bool ran = run_checks(context, false, err);
    context->verify.draft = NULL;
    return ran;
}

static bool mend_all(Verify *verify, Error *err)
{
    for (size_t i = 0; i < verify->findings.count; i++) {
        Finding *finding = verify->findings.items[i];
        Error failed = {0};
        if (!finding->repair)
            continue;
        finding->mended = !finding->mend;
        if (finding->mend && !finding->mend(verify, finding, &failed)) {
            if (failed.code == ERR_INTERRUPTED) {
                *err = failed;
                return false;
            }
            finding->repair = NULL;
            finding->advice =
                arena_format(verify->ws->arena, "It could not be mended: %s", failed.message);
        }
    }
    return true;
}

static void count_findings(VerifyReport *report)
{
    for (size_t i = 0; i < report->findings.count; i++) {
        const Finding *finding = report->findings.items[i];
        bool is_open = !finding->note && !finding->mended;
        report->problems += is_open;
        report->mendable += is_open && finding->repair;
    }
}

bool verb_verify(Workspace *ws, const VerifyRequest *request, VerifyReport *out, Error *err)
{
    VerifyReport report = {0};
    VerifyContext context = {.verify = {.ws = ws, .repair = request->repair}, .report = &report};
    bool apply = request->repair && request->apply;
    DraftRun run = {.plan_it = plan_verify, .context = &context, .apply = apply};
    for (size_t i = 0; i < COUNT_OF(checks); i++)
        ARRAY_PUSH(ws->arena, &report.checks, (VerifyCount){.name = checks[i]->name});
    run.session.write_collection = apply;
    run.session.write_projects = apply;
    run.session.damaged = true;
    if (!project_paths(ws, &run.session.projects, err) || !draft_run(ws, &run, &report.plan, err) ||
        !run_checks(&context, true, err) || (apply && !mend_all(&context.verify, err)))
        return false;
    report.findings = context.verify.findings;
    count_findings(&report);
    *out = report;
    return true;
}
