#include <string.h>

#include "api/api_internal.h"
#include "base/clock.h"

/* ── what every reply carries ── */

static const HttpHeader common[] = {
    {{"x-content-type-options", 22}, {"nosniff", 7}},
    {{"content-security-policy", 23}, {"default-src 'none'; frame-ancestors 'none'", 42}},
    {{"cross-origin-resource-policy", 28}, {"same-origin", 11}},
    {{"cross-origin-opener-policy", 26}, {"same-origin", 11}},
    {{"referrer-policy", 15}, {"no-referrer", 11}},
};

void reply_header(ApiCall *call, const char *name, Str value)
{
    ARRAY_PUSH(call->arena, &call->reply->headers, (HttpHeader){str_of(name), value});
}

static void add_common(ApiCall *call)
{
    for (size_t i = 0; i < COUNT_OF(common); i++)
        ARRAY_PUSH(call->arena, &call->reply->headers, common[i]);
    reply_header(call, "x-request-id", str_of(call->request_id));
    reply_header(call, "traceparent",
                 str_of(arena_format(call->arena, "00-%s-%s-01", call->trace_id, call->span_id)));
}

HttpHeaders reply_stream_headers(ApiCall *call)
{
    add_common(call);
    reply_header(call, "content-type", str_of(call->endpoint->reply_type));
    reply_header(call, "cache-control", STR("no-store"));
    return call->reply->headers;
}

/* ── errors: one shape ── */

static Str details_of(ApiCall *call)
{
    struct ApiReplyState *reply = call->reply;
    if (reply->details.len || !reply->field)
        return reply->details.len ? reply->details : STR("{}");
    Buf buf = buf_new(call->arena);
    JsonWriter json = json_writer(&buf, false);
    json_begin_object(&json);
    json_member_text(&json, "field", reply->field);
    json_end_object(&json);
    return buf_str(&buf);
}

void reply_error(ApiCall *call, const Error *err)
{
    struct ApiReplyState *reply = call->reply;
    Buf buf = buf_new(call->arena);
    JsonWriter json = json_writer(&buf, false);
    Str details = details_of(call);
    json_begin_object(&json);
    json_key(&json, "error");
    json_begin_object(&json);
    json_member_text(&json, "code", error_name(err->code));
    json_member_text(&json, "message", err->message);
    json_member_text(&json, "hint", error_hint(err));
    json_key(&json, "details");
    json_raw(&json, details);
    json_end_object(&json);
    json_member_text(&json, "request_id", call->request_id);
    json_member_text(&json, "trace_id", call->trace_id);
    json_end_object(&json);
    reply->status = error_http_status(err->code);
    reply->error_code = error_name(err->code);
    reply->type = "application/json";
    reply->body = buf_str(&buf);
    reply->replied = true;
}

/* ── ETag ── */

static Str etag_of(ApiCall *call, Str body)
{
    Hash hash = hash_of(body);
    return str_of(arena_format(call->arena, "\"%.32s\"", hash_hex(&hash).text));
}

/* A list of tags, weak ones too: the comparison for If-None-Match is the weak one. */
static bool tag_listed(Str list, Str tag)
{
    Str one = {0};
    if (str_is(str_trim(list), "*"))
        return true;
    while (str_next(&list, ',', &one)) {
        one = str_trim(one);
        if (str_starts(one, STR("W/")))
            one = str_slice(one, 2, one.len);
        if (str_equal(one, tag))
            return true;
    }
    return false;
}

static void add_etag(ApiCall *call)
{
    struct ApiReplyState *reply = call->reply;
    Str tag = etag_of(call, reply->body);
    reply_header(call, "etag", tag);
    reply_header(call, "cache-control", STR("private, no-cache"));
    if (!tag_listed(http_header(call->request, "if-none-match"), tag))
        return;
    reply->status = 304;
    reply->body = (Str){0};
    reply->type = NULL;
}

/* ── the whole ── */

HttpReply reply_finish(ApiCall *call)
{
    struct ApiReplyState *reply = call->reply;
    bool tagged = call->endpoint && call->endpoint->etag && reply->status == 200;
    add_common(call);
    if (tagged)
        add_etag(call);
    else
        reply_header(call, "cache-control", STR("no-store"));
    if (reply->type)
        reply_header(call, "content-type", str_of(reply->type));
    return (HttpReply){.status = reply->status, .headers = reply->headers, .body = reply->body};
}

void reply_answered(const ApiCall *call, int status)
{
    Api *api = call->api;
    if (!api->answered)
        return;
    ApiAnswered answered = {
        .method = call->request->method,
        .route = call->endpoint ? call->endpoint->path : NULL,
        .status = status,
        .began_us = call->reply->began_us,
        .duration_us = clock_monotonic_us() - call->reply->began_us,
        .request_id = call->request_id,
        .trace_id = call->trace_id,
        .span_id = call->span_id,
        .parent_id = call->parent_id,
        .error_code = call->reply->error_code,
        .peer = call->request->peer,
    };
    api->answered(api->context, &answered);
}

void reply_send(ApiCall *call)
{
    HttpReply reply = reply_finish(call);
    reply_answered(call, reply.status);
    if (call->reply->answer)
        call->reply->answer(call->reply->answer_context, &reply);
    else
        http_reply(call->http, &reply);
}

/* ── for handlers ── */

void api_reply_header(ApiCall *call, const char *name, const char *value)
{
    reply_header(call, name, arena_copy(call->arena, str_of(value)));
}

void api_reply_status(ApiCall *call, int status)
{
    call->reply->status = status;
}

static bool replied(ApiCall *call, const char *type, Str body)
{
    struct ApiReplyState *reply = call->reply;
    ASSERT(!reply->replied);
    if (!reply->status)
        reply->status = call->endpoint->status ? call->endpoint->status : 200;
    reply->type = type;
    reply->body = body;
    reply->replied = true;
    return true;
}

bool api_reply(ApiCall *call, const void *value, Error *err)
{
    (void)err;
    JsonWriter *json = api_reply_begin(call);
    record_to_json(json, call->endpoint->reply, value);
    return api_reply_end(call);
}

bool api_reply_bytes(ApiCall *call, const char *type, Str bytes)
{
    return replied(call, type, bytes);
}

JsonWriter *api_reply_begin(ApiCall *call)
{
    struct ApiReplyState *reply = call->reply;
    reply->buf = buf_new(call->arena);
    reply->json = json_writer(&reply->buf, false);
    return &reply->json;
}

bool api_reply_end(ApiCall *call)
{
    return replied(call, "application/json", buf_str(&call->reply->buf));
}
JsonWriter *api_object_begin(ApiCall *call)
{
    JsonWriter *json = api_reply_begin(call);
    json_begin_object(json);
    return json;
}

bool api_object_end(ApiCall *call)
{
    json_end_object(&call->reply->json);
    return api_reply_end(call);
}
