/* Record: a struct's fields as a table, from which reading, checking and writing JSON and its schema follow.
 *
 * record_read refuses unknown fields, wrong types and values out of range, naming field and reason. A field without
 * an offset (RECORD_NOWHERE) only describes: writers of their own write it, record_check proves them true.
 */
#pragma once

#include "format/json_read.h"
#include "format/json_write.h"

typedef struct Record Record;

typedef enum {
    FIELD_TEXT,    /* Str */
    FIELD_TEXTS,   /* StrArray */
    FIELD_INTEGER, /* int64_t */
    FIELD_BOOL,    /* bool */
    FIELD_TIME,    /* int64_t ms, as RFC 3339 in UTC; 0 is null */
    FIELD_WORD,    /* int: an index into `words`; -1 is null */
    FIELD_HASH,    /* Hash, 64 hex digits; zero is null */
    FIELD_RECORD,  /* a struct in place */
    FIELD_POINTER, /* a pointer to a struct; NULL is null */
    FIELD_RECORDS, /* ARRAY(struct) */
    FIELD_MAP,     /* describes only: an object whose values are `of`, or texts */
    FIELD_JSON,    /* Str: JSON already; empty is null */
    FIELD_ANY,     /* describes only */
} FieldKind;

typedef struct {
    const char *name, *about;
    FieldKind kind;
    size_t offset;            /* RECORD_NOWHERE */
    bool required;            /* reading: must be there. Writing: always there */
    bool nullable;            /* may be null; an absent value is written as null */
    const char *const *words; /* FIELD_WORD, or all a FIELD_TEXT may be; ends in NULL */
    int64_t least,
        most; /* FIELD_INTEGER; both 0: any. FIELD_TEXT(S): bytes (items), most 0: 4096 (1000) */
    const Record *of;
    const char *example;
} Field;

struct Record {
    const char *name, *about;
    size_t size;
    const Field *fields; /* ends in an empty one */
    bool open;           /* more members than these may be there */
};

#define RECORD_NOWHERE ((size_t)-1)

/* `out` must hold the defaults. ERR_INVALID: "field 'dry_run': true or false is expected, not a string". */
MUST_CHECK bool record_read(Arena *arena, const Record *record, const JsonNode *node, void *out,
                            Error *err);
void record_write(JsonWriter *json, const Record *record, const void *value);
/* Is that JSON of the record's shape? Used by tests on every reply. */
MUST_CHECK bool record_check(Arena *arena, const Record *record, const JsonNode *node, Error *err);
void record_schema(JsonWriter *json,
                   const Record *record); /* JSON Schema 2020-12, $refs to components */
