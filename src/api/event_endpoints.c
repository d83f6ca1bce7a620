#include <stdlib.h>

#include "api/api_internal.h"
#include "events/event_record.h"
#include "events/hub.h"

/* ── the frame of an event, made once for all streams ── */

static HttpBytes *frame_of(const Event *event)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Buf buf = buf_new(arena);
    JsonWriter json = json_writer(&buf, false);
    if (event->seq > 0)
        buf_format(&buf, "id: %lld\n", (long long)event->seq);
    buf_format(&buf, "event: %.*s\ndata: ", STR_ARG(event->kind));
    record_to_json(&json, &event_record, event);
    buf_add_text(&buf, "\n\n");
    return http_bytes_new(buf_str(&buf));
}

void api_forget_frame(void *shared)
{
    HttpBytes *bytes = shared;
    if (bytes)
        http_bytes_release(&bytes);
}

/* ── one stream ── */

/* `lock` holds the hub back until the stream is there: the hub may tell before hub_join is back. */
typedef struct {
    pthread_mutex_t lock;
    HttpStream *stream;
    Metrics *metrics;
    bool slow; /* more is unsent than is kept for one reader */
} Listening;

static bool write_bytes(Listening *one, HttpBytes *bytes)
{
    bool kept = http_stream_write(one->stream, bytes);
    one->slow = !kept && !http_stream_is_gone(one->stream);
    return kept;
}

static bool write_text(Listening *one, Str text)
{
    HttpBytes *bytes = http_bytes_new(text);
    bool kept = write_bytes(one, bytes);
    http_bytes_release(&bytes);
    return kept;
}

static bool hear(void *context, const Event *event, void **shared)
{
    Listening *one = context;
    bool kept;
    (void)pthread_mutex_lock(&one->lock);
    if (!event) {
        kept = write_text(one, STR(": ping\n\n"));
    } else {
        if (!*shared)
            *shared = frame_of(event);
        kept = write_bytes(one, *shared);
    }
    (void)pthread_mutex_unlock(&one->lock);
    return kept;
}

/* What was missed cannot be told any more: whoever listens reads the resources anew. */
static bool tell_gap(void *context, int64_t last_seq)
{
    Listening *one = context;
    SCOPED(arena_close) Arena *arena = arena_open();
    const char *frame = arena_format(arena, "id: %lld\nevent: reset\ndata: {\"last_seq\":%lld}\n\n",
                                     (long long)last_seq, (long long)last_seq);
    (void)pthread_mutex_lock(&one->lock);
    bool kept = write_text(one, str_of(frame));
    (void)pthread_mutex_unlock(&one->lock);
    return kept;
}

static void left(void *context)
{
    Listening *one = context;
    (void)pthread_mutex_lock(&one->lock);
    if (one->slow) {
        metric_add(one->metrics, METRIC_EVENT_STREAMS_DROPPED, NULL, NULL, 1);
        HttpBytes *last = http_bytes_new(STR("event: resync\ndata: {\"reason\":\"slow\"}\n\n"));
        http_stream_cut(&one->stream, last);
        http_bytes_release(&last);
    }
    http_stream_close(&one->stream);
    (void)pthread_mutex_unlock(&one->lock);
    (void)pthread_mutex_destroy(&one->lock);
    free(one);
}

/* ── GET /api/v1/events ── */

static bool read_after(ApiCall *call, int64_t *after, Error *err)
{
    Str header = http_header(call->request, "last-event-id");
    uint64_t seq = 0;
    *after = api_given(call, "after") ? api_integer(call, "after") : HUB_FROM_NOW;
    if (!header.len)
        return true;
    call->reply->field = "Last-Event-ID";
    if (!str_to_u64(header, &seq) || seq > (uint64_t)RECORD_NUMBER_MOST)
        return fail(err, ERR_INVALID, "Last-Event-ID is none that this server gave");
    call->reply->field = NULL;
    *after = (int64_t)seq;
    return true;
}

static bool check_kinds(ApiCall *call, const StrArray *kinds, Error *err)
{
    for (size_t i = 0; i < kinds->count; i++) {
        if (event_pattern_is_known(kinds->items[i]))
            continue;
        call->reply->field = "kinds";
        return fail(err, ERR_INVALID, "parameter 'kinds': there is no event '%.*s'",
                    STR_ARG(str_slice(kinds->items[i], 0, 80))) ||
               fail_hint(err, "Name kinds such as job.success, or groups such as job.*");
    }
    return true;
}

static void open_stream(ApiCall *call)
{
    Listening *one = call->reply->handed;
    HttpHeaders headers = reply_stream_headers(call);
    reply_answered(call, 200);
    one->stream = http_reply_stream(call->http, 200, &headers);
    (void)write_text(one, STR("retry: 1000\n\n"));
    (void)pthread_mutex_unlock(&one->lock);
}

static bool stream_events(ApiCall *call, Error *err)
{
    ListenerSpec spec = {.hear = hear, .gap = tell_gap, .left = left};
    spec.filter.kinds = api_texts(call, "kinds");
    spec.filter.artifacts = api_texts(call, "artifacts");
    spec.filter.subjects = api_texts(call, "subjects");
    if (!read_after(call, &spec.filter.after, err) || !check_kinds(call, &spec.filter.kinds, err))
        return false;
    if (call->reply->head || !call->http)
        return api_reply_bytes(call, call->endpoint->reply_type, STR(""));
    if (!call->api->hub)
        return fail(err, ERR_UNAVAILABLE, "this daemon tells no events");
    Listening *one = calloc(1, sizeof *one); /* there may be ten thousand: no arena for each */
    if (!one)
        out_of_memory(sizeof *one);
    one->metrics = call->api->metrics;
    spec.context = one;
    (void)pthread_mutex_init(&one->lock, NULL);
    (void)pthread_mutex_lock(&one->lock);
    if (!hub_join(call->api->hub, &spec, err)) {
        (void)pthread_mutex_unlock(&one->lock);
        left(one);
        return false;
    }
    call->reply->handed = one;
    call->reply->hand_over = open_stream;
    return true;
}

static const ApiParameter event_parameters[] = {
    {"kinds", "only these: `job.success`, or all of a group: `job.*`", FIELD_TEXTS, .most = 64,
     .example = "job.*"},
    {"artifacts", "only of these, and those of no single artifact", FIELD_TEXTS, .most = 1000,
     .example = "skill:pdf"},
    {"subjects", "only of these jobs", FIELD_TEXTS, .most = 1000},
    {"after", "also what has happened since that event; Last-Event-ID wins", FIELD_INTEGER,
     .least = 0, .most = RECORD_NUMBER_MOST},
    {0},
};

const Endpoint event_endpoints[] = {
    {"GET", "/api/v1/events", stream_events, .summary = "Listen to what happens",
     .about = "Server-sent events. `id` is the event's number: sent as Last-Event-ID it brings "
              "what was missed, in order, each once. A comment comes every 5 s. The event `reset` "
              "says that what was missed is no longer kept: read the resources anew. A stream "
              "that is read too slowly ends with `resync`: come back with Last-Event-ID.",
     .tag = "events", .operation = "streamEvents", .place = ON_SERVER, .limit = LIMIT_STREAM,
     .parameters = event_parameters, .reply_type = "text/event-stream"},
    {0},
};
