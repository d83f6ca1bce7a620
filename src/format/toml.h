/* TOML 1.0, read without loss: a tree whose nodes know their bytes in the source.
 *
 * Strict: whatever the specification forbids is refused, with file, line, column and what was expected.
 * Values and keys are decoded; integers, floats and date-times also keep their text. Nesting is capped
 * at 64. The tree borrows the source, which must outlive it. Editing (toml_edit.h) works on the spans,
 * so that everything that is not touched stays the same bytes. A leading byte order mark is skipped.
 */
#pragma once

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/map.h"

enum { TOML_DEPTH = 64 };

typedef enum {
    TOML_STRING,
    TOML_INTEGER,
    TOML_FLOAT,
    TOML_BOOL,
    TOML_DATETIME, /* all four kinds of date and time; `text` is the source's */
    TOML_ARRAY,
    TOML_TABLE,
} TomlKind;

/* How it is written; only editing and the strict rules care. */
typedef enum {
    TOML_VALUE,   /* `key = value`, inline arrays and tables too */
    TOML_HEADER,  /* a table by [name], or an element of [[name]] */
    TOML_BLOCKS,  /* an array made of [[name]] */
    TOML_DOTTED,  /* a table that a dotted key made: `a` of `a.b = 1` */
    TOML_IMPLIED, /* a table that a header made on its way: `a` of [a.b] */
} TomlForm;

typedef struct TomlNode TomlNode;
struct TomlNode {
    Str key;  /* decoded; empty for elements of arrays and for the root */
    Str text; /* a string's value; source text of integers, floats and date-times */
    union {
        int64_t integer;
        double number;
        bool truth;
    } as;
    TomlNode *first, *last; /* children of arrays and tables, in source order */
    TomlNode *next;         /* sibling */
    TomlNode *parent;
    Map *index;          /* private: children by key, in large tables */
    uint32_t count;      /* children */
    uint32_t from;       /* first byte of the whole dotted key, or of `[` of the header */
    uint32_t key_from;   /* first byte of this node's own part of the key */
    uint32_t value_from; /* bytes of the value; of a header: the header itself */
    uint32_t value_to;
    uint32_t body_to; /* of HEADER and root: end of the last own key's value, or of the header */
    uint8_t kind;     /* TomlKind */
    uint8_t form;     /* TomlForm */
    uint8_t depth;    /* the root's is 0 */
};

typedef struct {
    Str source;
    TomlNode root;
    bool crlf; /* its first line ends with CR LF */
} TomlDoc;

typedef struct {
    Str text;
    const char *file;     /* for messages, "collection.toml" */
    ErrorCode code;       /* of a syntax error; ERR_NONE: ERR_CORRUPT */
    uint64_t limit_bytes; /* 0: LIMIT_RECORD_BYTES */
    uint32_t from, to;    /* that part alone, of a text that was read before; 0, 0: all */
} TomlInput;

MUST_CHECK bool toml_parse(Arena *arena, const TomlInput *input, TomlDoc **out, Error *err);

/* Child of a table; NULL when absent, or when `table` is NULL or no table. */
const TomlNode *toml_find(const TomlNode *table, Str key);

/* Line and column, from 1; columns count code points. */
typedef struct {
    size_t line, column;
} TomlPlace;
TomlPlace toml_place(Str source, size_t offset);

const char *toml_kind_name(TomlKind kind); /* "a string", for messages */

/* Writing values in the canonical form. */
void toml_add_key(Buf *buf, Str key);     /* bare where possible, else quoted; must be UTF-8 */
void toml_add_string(Buf *buf, Str text); /* a basic string; must be UTF-8 */
/* On one line when `indent` + it fit in 100 columns, else an item per line with a comma behind each. */
void toml_add_strings(Buf *buf, const StrArray *items, size_t indent);
