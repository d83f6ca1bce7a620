/* Endpoint: one method and path as data. Routing, checks, OpenAPI and docs/api.md follow from the rows.
 *
 * Each *_endpoints.c ends in its table, api/endpoints.def lists these. A handler looks at the call, replies
 * by one of the api_reply words and gives true; or it gives false and an Error, which becomes the reply.
 */
#pragma once

#include "format/record.h"
#include "http/server.h"
#include "jobs/job.h"
#include "sync/workspace.h"

typedef struct Api Api;
typedef struct ApiCall ApiCall;

typedef enum {
    ON_SERVER, /* on the server's thread: no file, no lock; only a read of memory or one indexed row */
    ON_POOL, /* on a thread that may wait; api_workspace gives it handles of its own */
} ApiPlace;

/* What a request counts against; each has a setting of its own. */
typedef enum {
    LIMIT_NONE,
    LIMIT_READ,   /* answered from memory or by an indexed row */
    LIMIT_WORK,   /* looks at files, compares trees */
    LIMIT_WRITE,  /* makes or changes a job */
    LIMIT_PATCH,  /* exports */
    LIMIT_STREAM, /* opens a stream of events */
    LIMIT_CLASSES,
} ApiLimit;

typedef struct {
    const char *name, *about; /* of query string or path */
    FieldKind
        kind; /* FIELD_TEXT, FIELD_TEXTS (a,b,c), FIELD_INTEGER, FIELD_BOOL, FIELD_WORD, FIELD_HASH */
    const char *const *words; /* FIELD_WORD; ends in NULL */
    int64_t least, most;      /* as in Field */
    const char *standard;     /* default, as written; NULL: none */
    bool required;
    const char *example;
} ApiParameter;

enum { ENDPOINT_FAILS_MOST = 8 };

typedef struct {
    const char *method, *path; /* "GET", "/api/v1/artifacts/{id}/versions" */
    bool (*handle)(ApiCall *call, Error *err);
    const char *summary, *about, *tag;
    ApiPlace place;
    ApiLimit limit;
    bool open;           /* no token needed */
    bool idempotent_key; /* takes Idempotency-Key */
    bool etag;           /* ETag and If-None-Match over the reply's bytes */
    const ApiParameter
        *parameters; /* ends in an empty one; those of the path are texts unless listed */
    const Record *body;
    size_t body_size_bytes; /* the most; 0: 1 MiB */
    const Record *reply;    /* of `status`; NULL: see `reply_type` */
    const char *reply_type; /* "text/x-diff"; NULL: application/json */
    const char *other_type; /* what Accept may ask for instead; NULL: nothing else */
    int status;             /* 0: 200 */
    int also;               /* another status with the same record: 200 of a replay; 0: none */
    const char *operation;  /* name in OpenAPI: "createSyncJob" */
    JobKind job;            /* what api_job_of_body and api_job_of_artifact make */
    ErrorCode fails[ENDPOINT_FAILS_MOST]; /* beside those that any endpoint may give */
} Endpoint;

typedef struct {
    const char *name, *value;
} ApiValue;

struct ApiCall {
    Api *api;
    const Endpoint *endpoint;
    const HttpRequest *request;
    Arena *arena; /* lives until the reply is sent */
    HttpCall *http;
    const char *request_id, *trace_id, *span_id;
    const char *parent_id; /* the caller's span; NULL: it told none */
    const JsonNode *body;  /* parsed, not yet checked; NULL: none */
    Str path_values[4];    /* decoded, in the order of the path's {names} */
    struct ApiReplyState *reply;
};

/* Values of path and query, checked against the endpoint's parameters; a default counts as given. */
Str api_text(const ApiCall *call, const char *name); /* empty when absent */
StrArray api_texts(const ApiCall *call, const char *name);
int64_t api_integer(const ApiCall *call, const char *name); /* 0 when absent */
bool api_bool(const ApiCall *call, const char *name);
int api_word(const ApiCall *call, const char *name); /* -1 when absent */
bool api_given(const ApiCall *call, const char *name);

/* Reads the body into the struct of endpoint->body; `out` holds the defaults. No body: the defaults stay. */
MUST_CHECK bool api_body(ApiCall *call, void *out, Error *err);
/* ON_POOL alone: handles for this call; what they return lives in call->arena. */
MUST_CHECK bool api_workspace(ApiCall *call, Workspace **out, Error *err);

/* A struct of endpoint->reply. These give true, so that they can end a handler. */
bool api_reply(ApiCall *call, const void *value, Error *err);
bool api_reply_bytes(ApiCall *call, const char *type, Str bytes);
/* Writes by hand what endpoint->reply describes: begin, write the members, end. */
JsonWriter *api_reply_begin(ApiCall *call);
bool api_reply_end(ApiCall *call);
JsonWriter *api_object_begin(ApiCall *call); /* the same, inside the reply's object */
bool api_object_end(ApiCall *call);
void api_reply_header(ApiCall *call, const char *name, const char *value);
void api_reply_status(ApiCall *call, int status); /* instead of endpoint->status */

/* Lists: `limit` and `cursor` of the query, items, and how the next page is asked for. A cursor is opaque and
 * knows its list. */
#define API_PAGE_PARAMETERS                                                                        \
    {"limit", "how many items at most", FIELD_INTEGER, .least = 1, .most = 200, .standard = "50"}, \
    {                                                                                              \
        "cursor", "`next_cursor` of the page before", FIELD_TEXT, .most = 1024                     \
    }
#define API_PAGE(page, title, about, item)                                                         \
    static const Field page##_fields[] = {                                                         \
        {"items", about, FIELD_RECORDS, RECORD_NOWHERE, .required = true, .of = &(item)},          \
        {"next_cursor", "for the next page; null: this is the last", FIELD_TEXT, RECORD_NOWHERE,   \
         .required = true, .nullable = true},                                                      \
        {0},                                                                                       \
    };                                                                                             \
    static const Record page = {title, about, 0, page##_fields, false}
MUST_CHECK bool api_cursor(ApiCall *call, Str *after, Error *err); /* empty: from the start */
JsonWriter *api_page_begin(ApiCall *call);
bool api_page_end(ApiCall *call, Str last); /* `last`: where the next page begins; empty: it ends */
