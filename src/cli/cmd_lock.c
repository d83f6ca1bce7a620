#include "base/clock.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/lock_text.h"
#include "cli/rows.h"
#include "sync/drift_json.h"

/* ── how long ── */

static bool parse_span(const char *text, int64_t *out)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    enum { DAYS_AT_MOST = 365 };
    Str word = str_of(text);
    uint64_t count = 0;
    if (word.len < 2 || !str_to_u64(str_slice(word, 0, word.len - 1), &count))
        return false;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (word.data[word.len - 1] != units[i].unit)
            continue;
        if (count == 0 || count > (uint64_t)(units[3].ms * DAYS_AT_MOST / units[i].ms))
            return false;
        *out = (int64_t)count * units[i].ms;
        return true;
    }
    return false;
}

static bool read_span(const Call *call, int64_t *out, Error *err)
{
    const char *text = option_value(call->options, "for");
    *out = 0;
    return !text || parse_span(text, out) ||
           fail(err, ERR_USAGE, "--for takes a time such as 90s, 30m, 1h or 2d, not '%s'",
                text_safe(call->arena, str_of(text)));
}

static bool check_lock(const Call *call, Error *err)
{
    int64_t ms;
    if (!call->options->operands.count &&
        (option_given(call->options, "for") || option_given(call->options, "reason")))
        return fail(err, ERR_USAGE, "'weir lock' needs an artifact, TYPE:NAME, to lock");
    return read_span(call, &ms, err);
}

/* ── showing ── */

static void locks_json(Call *call, const ArtifactLocks *locks)
{
    JsonWriter json = out_json_begin(call->output);
    json_key(&json, "locks");
    json_locks(&json, locks);
    json_member_text(&json, "trace_id", out_trace_id(call->output));
    out_json_end(call->output, &json);
}

static void locks_text(Call *call, const ArtifactLocks *locks)
{
    Output *output = call->output;
    Rows rows = {0};
    if (locks->count == 0) {
        out_line(output, "Nothing is locked.");
        return;
    }
    out_line(output, "%s locked.",
             locks->count == 1 ? "1 artifact is"
                               : arena_format(call->arena, "%zu artifacts are", locks->count));
    for (size_t i = 0; i < locks->count; i++) {
        const ArtifactLock *lock = &locks->items[i];
        ARRAY_PUSH(
            call->arena, &rows,
            ROW({text_safe(call->arena, lock->artifact), INK_STRONG},
                {arena_format(call->arena, "until %s", lock_until(call->arena, lock)), INK_NONE},
                {text_safe(call->arena, lock->owner), INK_FAINT},
                {text_safe(call->arena, lock->reason), INK_NONE}));
    }
    rows_print(output, &rows, "  ");
    out_next(output, "weir unlock %s", text_safe(call->arena, locks->items[0].artifact));
}

static LockRequest lock_request(const Call *call)
{
    LockRequest request = {.reason = option_value(call->options, "reason")};
    for (size_t i = 0; i < call->options->operands.count; i++)
        ARRAY_PUSH(call->arena, &request.artifacts, str_of(call_operand(call, i)));
    return request;
}

static bool run_lock(Call *call, Error *err)
{
    Workspace *ws = &call->app->workspace;
    LockRequest request = lock_request(call);
    ArtifactLocks locks = {0};
    if (!read_span(call, &request.for_ms, err))
        return false;
    bool list = request.artifacts.count == 0;
    if (!(list ? lock_list(ws, &locks, err) : verb_lock(ws, &request, &locks, err)))
        return false;
    if (call->output->options.json)
        locks_json(call, &locks);
    else
        locks_text(call, &locks);
    return true;
}

static bool run_unlock(Call *call, Error *err)
{
    LockRequest request = lock_request(call);
    ArtifactLocks locks = {0};
    request.free = true;
    if (!verb_lock(&call->app->workspace, &request, &locks, err))
        return false;
    if (call->output->options.json)
        locks_json(call, &locks);
    for (size_t i = 0; !call->output->options.json && i < locks.count; i++)
        out_line(call->output, "Unlocked %s, which %s had locked.",
                 text_safe(call->arena, locks.items[i].artifact),
                 text_safe(call->arena, locks.items[i].owner));
    return true;
}

static const Option options[] = {
    {.name = "reason", .value = "TEXT", .about = "why, for whoever is refused"},
    {.name = "for", .value = "TIME", .about = "how long: 90s, 30m, 1h (the default), 2d"},
    {0},
};

const Command command_lock = {
    .name = "lock",
    .summary = "let nobody write an artifact for a while",
    .usage = (const char *const[]){"[TYPE:NAME...] [--reason TEXT] [--for TIME] [--json]", NULL},
    .about = "Without an artifact: what is locked. A lock stops every command that would write the "
             "artifact on any tier, whoever set it, until `weir unlock` or until its time is over; "
             "they fail with exit code 5. Locking again sets reason and time anew.",
    .options = options,
    .examples = (const char *const[]){"weir lock skill:pdf --reason 'release on Friday' --for 2d",
                                      "weir lock", NULL},
    .max_operands = OPERANDS_ANY,
    .needs = NEEDS_COLLECTION,
    .check = check_lock,
    .run = run_lock,
};

const Command command_unlock = {
    .name = "unlock",
    .summary = "let an artifact be written again",
    .usage = (const char *const[]){"TYPE:NAME... [--json]", NULL},
    .about = "Anybody's lock, also one that weir set after failures in a row.",
    .examples = (const char *const[]){"weir unlock skill:pdf", NULL},
    .min_operands = 1,
    .max_operands = OPERANDS_ANY,
    .operand = "an artifact, TYPE:NAME",
    .needs = NEEDS_COLLECTION,
    .run = run_unlock,
};
