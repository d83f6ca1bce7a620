#include "api/api_internal.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/ids.h"
#include "base/text.h"
#include "base/thread.h"

#define BODY_BYTES ((uint64_t)1 << 20)

/* ── a call ── */

static bool is_id(Str text, size_t digits)
{
    Str zeros = {"00000000000000000000000000000000", digits};
    return text.len == digits && str_is_hex(text) && !str_equal(text, zeros);
}

/* W3C traceparent: 00-<32 hex>-<16 hex>-<2 hex>; what is not that is as if it were not there. */
static void read_trace(ApiCall *call)
{
    Str rest = http_header(call->request, "traceparent"), version = {0}, trace = {0}, span = {0};
    bool valid = str_next(&rest, '-', &version) && str_next(&rest, '-', &trace) &&
                 str_next(&rest, '-', &span) && version.len == 2 && str_is_hex(version) &&
                 !str_is(version, "ff") && is_id(trace, 32) && is_id(span, 16);
    call->trace_id = valid ? arena_text(call->arena, trace) : trace_id_new(call->arena);
    call->parent_id = valid ? arena_text(call->arena, span) : NULL;
    call->span_id = arena_text(call->arena, (Str){trace_id_new(call->arena), 16});
}

ApiCall *api_call_new(Api *api, const HttpRequest *request, Arena *arena)
{
    ApiCall *call = ARENA_NEW(arena, ApiCall);
    call->reply = ARENA_NEW(arena, struct ApiReplyState);
    call->reply->began_us = request->began_us ? request->began_us : clock_monotonic_us();
    call->api = api;
    call->arena = arena;
    call->request = request;
    call->request_id = id_new(arena);
    read_trace(call);
    return call;
}

/* ── the way in ── */

static bool brings_body(const HttpRequest *request)
{
    Str length = http_header(request, "content-length");
    uint64_t bytes = 1;
    return http_header(request, "transfer-encoding").len ||
           (length.len && (!str_to_u64(length, &bytes) || bytes > 0));
}

static bool is_json_type(Str type)
{
    Str name = {0}, parameter = {0};
    bool more = str_next(&type, ';', &name);
    name = str_trim(name);
    if (!more || name.len != 16 || strncasecmp(name.data, "application/json", 16) != 0)
        return false;
    while (str_next(&type, ';', &parameter)) {
        parameter = str_trim(parameter);
        if (parameter.len != 13 || strncasecmp(parameter.data, "charset=utf-8", 13) != 0)
            return false;
    }
    return true;
}

static bool check_body_type(ApiCall *call, Error *err)
{
    Str type = http_header(call->request, "content-type");
    Str coding = http_header(call->request, "content-encoding");
    if (!brings_body(call->request))
        return true;
    if (strcmp(call->request->method, "POST") != 0)
        return fail(err, ERR_INVALID, "this request takes no body");
    if (!is_json_type(type))
        return fail(err, ERR_UNSUPPORTED_MEDIA_TYPE, "the body is '%s', not application/json",
                    text_safe(call->arena, str_slice(type, 0, 80)));
    return !coding.len || str_is(coding, "identity") ||
           fail(err, ERR_UNSUPPORTED_MEDIA_TYPE, "the body is encoded");
}

bool api_is_draining(Api *api)
{
    (void)pthread_mutex_lock(&api->lock);
    bool draining = api->draining;
    (void)pthread_mutex_unlock(&api->lock);
    return draining;
}

Str api_actor(const ApiCall *call)
{
    return call->request->on_socket && call->api->actor.len ? call->api->actor : STR("api");
}

bool api_takes_jobs(Api *api)
{
    (void)pthread_mutex_lock(&api->lock);
    bool takes = !api->no_jobs;
    (void)pthread_mutex_unlock(&api->lock);
    return takes;
}

static bool check_open(ApiCall *call, Error *err)
{
    if (!call->endpoint || strcmp(call->endpoint->method, "POST") != 0 ||
        !api_is_draining(call->api))
        return true;
    reply_header(call, "retry-after", STR("5"));
    return fail(err, ERR_UNAVAILABLE, "the daemon is about to stop");
}

/* Who has no token learns nothing of what is here: public paths alone are found before it. */
static bool enter(ApiCall *call, Error *err)
{
    Error unknown = {0};
    if (!guard_check(call, err))
        return false;
    bool found = route_find(call, &unknown);
    bool open = call->endpoint && call->endpoint->open;
    if (!open && !guard_knows(call))
        return guard_stranger(call, err);
    if (!guard_rate(call, err))
        return false;
    if (!found)
        *err = unknown;
    return found && check_body_type(call, err) && check_open(call, err);
}

/* What was let in before its body was read is not counted again. */
static bool enter_again(ApiCall *call, Error *err)
{
    return route_find(call, err);
}

/* ── the body ── */

static bool read_body(ApiCall *call, Error *err)
{
    Str body = str_trim(call->request->body);
    const Record *record = call->endpoint->body;
    Error bad = {0};
    if (!call->request->body.len)
        return !record || !record_has_required(record) ||
               fail(err, ERR_INVALID, "a JSON body is expected") ||
               fail_hint(err, "See %s in /openapi.json.", record->name);
    if (!json_parse(call->arena, call->request->body, 0, &call->body, &bad))
        return fail(err, ERR_INVALID, "the body is not JSON: %s", bad.message);
    if (!record && !(call->body->kind == JSON_OBJECT && !call->body->count))
        return fail(err, ERR_INVALID, "this request takes no body, not '%s'",
                    text_safe(call->arena, str_slice(body, 0, 80)));
    return !record || call->body->kind == JSON_OBJECT ||
           fail(err, ERR_INVALID, "the body is %s, not an object",
                json_kind_name(call->body->kind));
}

bool api_body(ApiCall *call, void *out, Error *err)
{
    return !call->body || record_from_json(call->arena, call->endpoint->body, call->body, out,
                                           &call->reply->field, err);
}

/* ── the work ── */

/* What is done for a request is below its span. */
static Tracer *tracer_of(ApiCall *call)
{
    Api *api = call->api;
    if (!api->span)
        return NULL;
    Tracer *tracer = tracer_new(call->arena, call->trace_id, call->span_id, "http");
    tracer_add_sink(tracer, api->span, api->context);
    return tracer;
}

bool api_workspace(ApiCall *call, Workspace **out, Error *err)
{
    App *app = NULL;
    ASSERT(call->reply->handles);
    if (!call->reply->workspace) {
        if (!pool_app(call->reply->handles, &app, err))
            return false;
        call->reply->workspace = ARENA_NEW(call->arena, Workspace);
        *call->reply->workspace = app->workspace;
        call->reply->workspace->arena = call->arena;
        call->reply->workspace->trace_id = call->trace_id;
        call->reply->workspace->actor = arena_text(call->arena, api_actor(call));
        call->reply->workspace->tracer = tracer_of(call);
    }
    *out = call->reply->workspace;
    return true;
}

void api_call_run(ApiCall *call)
{
    Error err = {0};
    if (!call->endpoint->handle(call, &err)) {
        if (err.code != ERR_RATE_LIMITED) /* that one says when to come again */
            call->reply->headers.count = 0;
        reply_error(call, &err);
    } else if (call->reply->hand_over) {
        call->reply->hand_over(call);
        return;
    }
    ASSERT(call->reply->replied);
    reply_send(call);
}

static void run_on_pool(void *work, PoolHandles *handles)
{
    ApiCall *call = work;
    call->reply->handles = handles;
    api_call_run(call);
}

static void send_error(ApiCall *call, const Error *err)
{
    reply_error(call, err);
    reply_send(call);
}

static void refuse_busy(void *work)
{
    ApiCall *call = work;
    Error err = {0};
    reply_header(call, "retry-after", STR("1"));
    (void)fail(&err, ERR_UNAVAILABLE, "too much is asked at the moment");
    send_error(call, &err);
}

/* OPTIONS: only which methods there are. No header of CORS, ever. */
static void reply_options(ApiCall *call)
{
    call->reply->status = 204;
    call->reply->replied = true;
    reply_send(call);
}

static void dispatch(ApiCall *call)
{
    Error err = {0};
    bool in = brings_body(call->request) ? enter_again(call, &err) : enter(call, &err);
    if (in && !call->endpoint) {
        reply_options(call);
        return;
    }
    if (!in || !query_read(call, &err) || !read_body(call, &err)) {
        send_error(call, &err);
        return;
    }
    if (call->endpoint->place == ON_SERVER)
        api_call_run(call);
    else if (!pool_post(call->api->pool, call))
        refuse_busy(call);
}

/* ── callbacks of the server ── */

static bool admit(void *context, const HttpRequest *head, Arena *arena, uint64_t *body_limit_bytes,
                  HttpReply *reply)
{
    Error err = {0};
    *body_limit_bytes = 0;
    if (!brings_body(head))
        return true;
    ApiCall *call = api_call_new(context, head, arena);
    if (enter(call, &err)) {
        size_t limit = call->endpoint ? call->endpoint->body_size_bytes : 0;
        *body_limit_bytes = limit ? limit : BODY_BYTES;
        return true;
    }
    reply_error(call, &err);
    *reply = reply_finish(call);
    reply->close = true;
    reply_answered(call, reply->status);
    return false;
}

static void handle(void *context, HttpCall *http)
{
    ApiCall *call = api_call_new(context, http_call_request(http), http_call_arena(http));
    call->http = http;
    dispatch(call);
}

static ErrorCode code_of_status(int status)
{
    switch (status) {
    case 408:
        return ERR_REQUEST_TIMEOUT;
    case 413:
    case 414:
    case 431:
        return ERR_TOO_LARGE;
    case 501:
        return ERR_UNSUPPORTED;
    case 503:
        return ERR_UNAVAILABLE;
    default:
        return ERR_BAD_REQUEST;
    }
}

static void refuse(void *context, Arena *arena, int status, const char *why, HttpReply *reply)
{
    static const HttpRequest nothing = {.method = ""};
    ApiCall *call = api_call_new(context, &nothing, arena);
    Error err = {0};
    (void)fail(&err, code_of_status(status), "%s", why);
    reply_error(call, &err);
    call->reply->status = status;
    *reply = reply_finish(call);
    reply->close = true;
    reply_answered(call, status);
}

static void listens(void *context, const char *address)
{
    guard_listens_on(context, address);
}

void api_serve(Api *api, HttpServerOptions *out)
{
    out->admit = admit;
    out->handle = handle;
    out->refuse = refuse;
    out->listens = listens;
    out->context = api;
}

/* ── without a server ── */

typedef struct {
    Monitor monitor;
    bool there;
    HttpReply *out;
} Waiter;

static void take_answer(void *context, const HttpReply *reply)
{
    Waiter *waiter = context;
    *waiter->out = *reply;
    monitor_raise(&waiter->monitor, &waiter->there);
}

void api_answer(Api *api, const HttpRequest *request, Arena *arena, HttpReply *out)
{
    Waiter waiter = {.out = out};
    uint64_t limit = 0;
    if (!admit(api, request, arena, &limit, out))
        return;
    if (request->body.len > limit) {
        refuse(api, arena, 413, "the body is too large", out);
        return;
    }
    monitor_init(&waiter.monitor);
    ApiCall *call = api_call_new(api, request, arena);
    call->reply->answer = take_answer;
    call->reply->answer_context = &waiter;
    dispatch(call);
    monitor_await(&waiter.monitor, &waiter.there);
    monitor_destroy(&waiter.monitor);
}

/* ── the whole ── */

static void read_hosts(Api *api, Str list)
{
    Str one = {0};
    api->hosts = (StrArray){0};
    while (!str_is(list, "none") && str_next(&list, ',', &one)) {
        one = str_trim(one);
        if (one.len)
            ARRAY_PUSH(api->arena, &api->hosts, arena_copy(api->arena, one));
    }
}

static void read_settings(Api *api, const Settings *settings)
{
    int64_t per_minute[RATE_CLASSES] = {
        [LIMIT_READ] = setting_number(settings, SETTING_API_READS_PER_MINUTE),
        [LIMIT_WORK] = setting_number(settings, SETTING_API_WORK_PER_MINUTE),
        [LIMIT_WRITE] = setting_number(settings, SETTING_API_WRITES_PER_MINUTE),
        [LIMIT_PATCH] = setting_number(settings, SETTING_API_PATCHES_PER_MINUTE),
        [LIMIT_STREAM] = setting_number(settings, SETTING_API_STREAMS_PER_MINUTE),
        [RATE_REFUSED] = setting_number(settings, SETTING_API_REFUSALS_PER_MINUTE),
    };
    rate_set(api->rates, per_minute);
    api->diff_preview_bytes = (uint64_t)setting_number(settings, SETTING_SYNC_DIFF_PREVIEW_MAX);
    api->no_jobs = !setting_bool(settings, SETTING_SYNC_ASYNC_ENABLED);
    api->patch_keep_ms = setting_number(settings, SETTING_PATCH_KEEP_MINUTES) * 60000;
    read_hosts(api, str_of(setting_text(settings, SETTING_API_HOSTS)));
}

bool api_open(const ApiOptions *options, Api **out, Error *err)
{
    Arena *arena = arena_open();
    SCOPED(api_close) Api *api = ARENA_NEW(arena, Api);
    PoolOptions pool = {.threads = options->threads ? options->threads : 4,
                        .waiting_most = 1024,
                        .open_app = options->open_app,
                        .open_context = options->context,
                        .run = run_on_pool,
                        .refuse = refuse_busy};
    api->arena = arena;
    api->jobs = options->jobs;
    api->hub = options->hub;
    api->token = options->token;
    api->answered = options->answered;
    api->metrics = options->metrics;
    api->measure = options->measure;
    api->span = options->span;
    api->context = options->context;
    (void)pthread_mutex_init(&api->lock, NULL);
    api->rates = rate_table_new(arena);
    api->actor = arena_copy(arena, str_of(options->actor));
    api->collection =
        arena_copy(arena, str_of(setting_text(options->settings, SETTING_COLLECTION)));
    read_settings(api, options->settings);
    api->openapi = api_openapi(arena);
    if (!pool_open(arena, &pool, &api->pool, err))
        return false;
    *out = TAKE(api);
    return true;
}

void api_listens_on(Api *api, const char *address)
{
    guard_listens_on(api, address);
}

void api_set_token(Api *api, const Hash *token)
{
    (void)pthread_mutex_lock(&api->lock);
    api->token = *token;
    (void)pthread_mutex_unlock(&api->lock);
}

void api_set_settings(Api *api, const Settings *settings)
{
    (void)pthread_mutex_lock(&api->lock);
    read_settings(api, settings);
    (void)pthread_mutex_unlock(&api->lock);
}

uint64_t api_diff_preview_bytes(Api *api)
{
    (void)pthread_mutex_lock(&api->lock);
    uint64_t bytes = api->diff_preview_bytes;
    (void)pthread_mutex_unlock(&api->lock);
    return bytes;
}

int64_t api_patch_keep_ms(Api *api)
{
    (void)pthread_mutex_lock(&api->lock);
    int64_t ms = api->patch_keep_ms;
    (void)pthread_mutex_unlock(&api->lock);
    return ms;
}

void api_drain(Api *api)
{
    (void)pthread_mutex_lock(&api->lock);
    api->draining = true;
    (void)pthread_mutex_unlock(&api->lock);
}

void api_stop(Api *api)
{
    pool_stop(api->pool);
}

void api_close(Api **api)
{
    if (!*api)
        return;
    Arena *arena = (*api)->arena;
    pool_close(&(*api)->pool);
    (void)pthread_mutex_destroy(&(*api)->lock);
    *api = NULL;
    arena_close(&arena);
}
