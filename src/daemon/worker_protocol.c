#include "base/limits.h"
#include "daemon/worker.h"
#include "format/json_read.h"
#include "format/json_write.h"
#include "jobs/job_json.h"

/* ── the order ── */

Str worker_order_write(Arena *arena, const WorkerOrder *order)
{
    Buf buf = buf_new(arena);
    JsonWriter json = json_writer(&buf, false);
    json_begin_object(&json);
    json_member_integer(&json, "parent", order->parent);
    json_member_integer(&json, "umask", order->umask);
    json_member_strings(&json, "set", &order->set);
    json_key(&json, "job");
    job_write(&json, &order->job);
    json_end_object(&json);
    return buf_str(&buf);
}

static bool fail_order(Error *err)
{
    return fail(err, ERR_USAGE,
                "'weir worker' is started by `weir serve`, which tells it what to do") ||
           fail_hint(err, "weir help serve");
}

bool worker_order_read(Arena *arena, Str text, WorkerOrder *out, Error *err)
{
    const JsonNode *root = NULL;
    WorkerOrder order = {0};
    Error ignored;
    if (!json_parse(arena, text, 2 * LIMIT_JOB_REQUEST_BYTES, &root, &ignored))
        return fail_order(err);
    const JsonNode *parent = json_find(root, STR("parent")), *set = json_find(root, STR("set"));
    const JsonNode *job = json_find(root, STR("job")), *mask = json_find(root, STR("umask"));
    if (!parent || !job || !mask || !json_to_i64(parent, &order.parent) ||
        !json_to_i64(mask, &order.umask))
        return fail_order(err);
    for (const JsonNode *one = set ? set->first : NULL; one; one = one->next)
        ARRAY_PUSH(arena, &order.set, one->text);
    if (!job_read(arena, job, &order.job, err))
        return false;
    *out = order;
    return true;
}

/* ── what it says ── */

static void write_raw(JsonWriter *json, const char *key, Str value)
{
    json_key(json, key);
    if (value.len)
        json_raw(json, value);
    else
        json_null(json);
}

static void write_outcome(JsonWriter *json, const JobOutcome *outcome)
{
    json_begin_object(json);
    json_member_text(json, "state", job_state_names[outcome->state]);
    write_raw(json, "result", outcome->result);
    write_raw(json, "conflicts", outcome->conflicts);
    json_member(json, "error_code", outcome->error_code);
    json_member(json, "error_message", json_bytes_text(json->buf->arena, outcome->error_message));
    json_member(json, "error_hint", json_bytes_text(json->buf->arena, outcome->error_hint));
    json_member_bool(json, "transient", outcome->transient);
    json_end_object(json);
}

Str worker_line_write(Arena *arena, const WorkerLine *line)
{
    Buf buf = buf_new(arena);
    JsonWriter json = json_writer(&buf, false);
    json_begin_object(&json);
    switch (line->word) {
    case WORKER_PROGRESS:
        json_member(&json, "progress", line->phase);
        json_member_integer(&json, "percent", line->percent);
        break;
    case WORKER_NOTICE:
        json_member(&json, "notice", json_bytes_text(arena, line->notice));
        break;
    case WORKER_SPAN:
        json_key(&json, "span");
        worker_span_write(&json, &line->span);
        break;
    case WORKER_DONE:
        json_key(&json, "done");
        write_outcome(&json, &line->outcome);
        break;
    }
    json_end_object(&json);
    buf_add_char(&buf, '\n');
    return buf_str(&buf);
}

static Str text_at(const JsonNode *node, Str key)
{
    const JsonNode *found = json_find(node, key);
    return found && found->kind == JSON_STRING ? found->text : (Str){0};
}

static Str raw_at(const JsonNode *node, Str key, Str source)
{
    const JsonNode *found = json_find(node, key);
    if (!found || found->kind == JSON_NULL)
        return (Str){0};
    return str_slice(source, found->value_from, found->value_to);
}

static bool read_outcome(const JsonNode *node, Str source, JobOutcome *out, Error *err)
{
    const JsonNode *transient = json_find(node, STR("transient"));
    JobOutcome outcome = {
        .result = raw_at(node, STR("result"), source),
        .conflicts = raw_at(node, STR("conflicts"), source),
        .error_code = text_at(node, STR("error_code")),
        .error_message = text_at(node, STR("error_message")),
        .error_hint = text_at(node, STR("error_hint")),
        .transient = transient && transient->kind == JSON_BOOL && transient->truth,
    };
    if (!job_state_find(text_at(node, STR("state")), &outcome.state) ||
        !job_state_is_final(outcome.state))
        return fail(err, ERR_INVALID, "a worker ended in no final state");
    *out = outcome;
    return true;
}

bool worker_line_read(Arena *arena, Str text, WorkerLine *out, Error *err)
{
    const JsonNode *root = NULL;
    WorkerLine line = {0};
    int64_t percent = 0;
    if (!json_parse(arena, text, 0, &root, err))
        return false;
    const JsonNode *done = json_find(root, STR("done")), *share = json_find(root, STR("percent"));
    if (json_find(root, STR("progress"))) {
        line.word = WORKER_PROGRESS;
        line.phase = text_at(root, STR("progress"));
        line.percent = share && json_to_i64(share, &percent) && percent >= 0 && percent <= 100
                           ? (int)percent
                           : 0;
    } else if (json_find(root, STR("notice"))) {
        line.word = WORKER_NOTICE;
        line.notice = text_at(root, STR("notice"));
    } else if (json_find(root, STR("span"))) {
        line.word = WORKER_SPAN;
        worker_span_read(arena, json_find(root, STR("span")), &line.span, &line.phases);
    } else if (done) {
        line.word = WORKER_DONE;
        if (!read_outcome(done, text, &line.outcome, err))
            return false;
    } else {
        return fail(err, ERR_INVALID, "a worker said what nobody knows");
    }
    *out = line;
    out->span.phases = line.phases.count ? &out->phases : NULL;
    return true;
}
