/* Record: a struct's fields as a table, from which reading, checking and writing JSON and its schema follow.
 *
 * record_from_json refuses unknown fields, wrong types, values out of range and whole numbers beyond 2^53,
 * naming field and reason. A field without an offset (RECORD_NOWHERE) only describes: writers of their own
 * write it, record_check proves them true. Texts that were read are borrowed from the parsed tree.
 */
#pragma once

#include "format/json_read.h"
#include "format/json_write.h"

typedef struct Record Record;

typedef enum {
    FIELD_TEXT = 1, /* Str, without NUL */
    FIELD_TEXTS,    /* StrArray */
    FIELD_INTEGER,  /* int64_t */
    FIELD_BOOL,     /* bool */
    FIELD_TIME,     /* int64_t ms, as RFC 3339 in UTC; 0 is null */
    FIELD_WORD,     /* int: an index into `words`; -1 is null */
    FIELD_HASH,     /* Hash, 64 hex digits; zero is null */
    FIELD_RECORD,   /* a struct in place */
    FIELD_POINTER,  /* a pointer to a struct; NULL is null */
    FIELD_RECORDS,  /* ARRAY(struct) */
    FIELD_MAP,      /* describes only: an object whose values are `of`, or texts */
    FIELD_JSON,     /* Str: JSON already; empty is null */
    FIELD_ANY,      /* describes only */
} FieldKind;

typedef struct {
    const char *name, *about;
    FieldKind kind;
    size_t offset;            /* RECORD_NOWHERE */
    bool required;            /* reading: must be there. Writing: always there */
    bool nullable;            /* may be null; an absent value is written as null */
    const char *const *words; /* FIELD_WORD, or all a FIELD_TEXT(S) may be; ends in NULL */
    int64_t least, most;      /* FIELD_INTEGER; both 0: any. FIELD_TEXT: bytes, most 0: 4096.
                               * FIELD_TEXTS, FIELD_RECORDS: items, most 0: 1000 */
    const Record *of;
    const char *example;
} Field;

struct Record {
    const char *name, *about; /* "SyncJobRequest", one name per schema */
    size_t size;              /* of the struct; 0: it only describes */
    const Field *fields;      /* ends in an empty one */
    bool open;                /* more members than these may be there */
};

#define RECORD_NOWHERE ((size_t)-1)
#define RECORD_NUMBER_MOST ((int64_t)9007199254740991) /* 2^53 - 1: what every JSON reader keeps */

/* `out` must hold the defaults. ERR_INVALID: "field 'dry_run': true or false is expected, not a string";
 * `*field` is then the field's path, NULL when it is none's; `field` may be NULL. */
MUST_CHECK bool record_from_json(Arena *arena, const Record *record, const JsonNode *node,
                                 void *out, const char **field, Error *err);
/* A value that is absent (empty, 0 of a time, zero of a hash, -1 of a word, NULL) is written as null when
 * nullable, as it is when required, else not at all. Numbers and booleans are never absent. */
void record_to_json(JsonWriter *json, const Record *record, const void *value);
/* Is that JSON of the record's shape? Used by tests on every reply. */
MUST_CHECK bool record_check(Arena *arena, const Record *record, const JsonNode *node, Error *err);

bool record_has_required(const Record *record);

/* JSON Schema 2020-12; other records are "$ref": "<prefix>NAME". */
void record_schema(JsonWriter *json, const Record *record, const char *prefix);
/* Of a value such as a parameter, without a record around it. */
void field_schema(JsonWriter *json, const Field *field, const char *prefix);
/* One value as a text, as it stands in a query: into `slot`, which is what `kind` says. */
MUST_CHECK bool field_read_text(Arena *arena, const Field *field, Str text, void *slot, Error *err);

/* "2026-11-21T08:00:00.000Z" */
char *record_time(Arena *arena, int64_t ms);
