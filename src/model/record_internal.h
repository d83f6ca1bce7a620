/* Record files: TOML files whose content is an array of blocks, [[artifact]] or [[deployed]], each the
 * image of a C struct by a table of fields. A field is added by a member and a line in its table.
 *
 * Reading takes git's conflict markers too (record_unite.c). Writing edits spans: only keys whose value
 * changed are touched. An empty value and an absent key are the same.
 */
#pragma once

#include "format/toml_edit.h"
#include "format/toml_outline.h"
#include "model/lineage.h"

enum { RECORD_SCHEMA = 1 };

typedef enum {
    FIELD_TEXT,  /* Str, UTF-8 */
    FIELD_BYTES, /* Str of any bytes; beside text that is not UTF-8 stands `<key>_bytes` in base64 */
    FIELD_SHA,   /* Str, a git object's name */
    FIELD_HASH,  /* Hash */
    FIELD_TEXTS,  /* StrArray */
    FIELD_HASHES, /* Hashes */
    FIELD_TIME,   /* int64_t, milliseconds; 0: absent */
    FIELD_RULES,  /* MergeRules: a table of text to text */
} FieldKind;

enum {
    FIELD_LIVE = 1,   /* alone it never changes the file */
    FIELD_ALWAYS = 2, /* written in a new block even when empty */
};

typedef struct {
    const char *key;
    FieldKind kind;
    size_t offset;  /* in the struct */
    unsigned flags; /* FIELD_LIVE, FIELD_ALWAYS */
} RecordField;

typedef enum { UNITE_OURS, UNITE_THEIRS, UNITE_NEITHER } UniteChoice;

typedef struct {
    const char *file;          /* "deployed.toml" */
    const char *array;         /* "deployed" */
    const char *seed;          /* a new file's first lines */
    const RecordField *fields; /* the id first */
    size_t field_count;
    size_t struct_bytes;
    size_t id_offset; /* of the Str that is the key; its field comes first */
    const char *
        base_key; /* FIELD_HASH that a git conflict is decided by; NULL: ours, theirs in comments */
} RecordKind;

typedef struct {
    const TomlNode *node;
    Str id;
    bool needs_review;
} RecordBlock;
typedef ARRAY(RecordBlock) RecordBlocks;

typedef struct {
    const RecordKind *kind;
    Str original;
    TomlDoc *doc;
    RecordBlocks blocks; /* in file order */
    bool had_markers;
} RecordFile;

MUST_CHECK bool record_file_read(Arena *arena, const RecordKind *kind, Str text,
                                 const Ancestry *ancestry, Str common, RecordFile *out, Error *err);

/* The file without the values of its blocks: an outline (format/toml_outline.h) in `arena`. */
void record_file_outline(Arena *arena, RecordFile *file);

/* Fills `record` (zeroed by the caller); absent keys leave their field as it is. */
MUST_CHECK bool record_read(Arena *arena, const RecordKind *kind, const TomlDoc *doc,
                            const TomlNode *block, void *record, Error *err);

/* Copies what the fields of `record` point to into `arena`, save what lies in `held`. */
void record_own(Arena *arena, const RecordKind *kind, Str held, void *record);

/* True when nothing but live fields differs. */
bool record_equal(const RecordKind *kind, const void *a, const void *b);
bool record_is_empty(const RecordKind *kind, const void *record); /* save for its id */

/* Sets in `edit` the keys of `block` in which `now` differs from `before`. */
void record_edit(Arena *arena, const RecordKind *kind, TomlEdit *edit, const TomlNode *block,
                 const void *before, const void *now);
Str record_text(Arena *arena, const RecordKind *kind, const void *record); /* a whole new block */

typedef struct {
    Str id;
    const TomlNode *block; /* NULL: new */
    const void *before;
    const void *now; /* NULL: removed */
    Str *text;       /* of a new block: kept by whoever asks, empty until it is made */
    Arena *keep;     /* where it is kept */
} RecordChange;

/* `changes` sorted by id; those that change nothing are passed over. */
Str record_file_write(Arena *arena, const RecordFile *file, const RecordChange *changes,
                      size_t count);

/* Fails at a node of a record file: "file:line:column: ...". */
bool record_bad(const RecordKind *kind, const TomlDoc *doc, const TomlNode *node, Error *err,
                const char *format, ...) PRINTF_LIKE(5, 6);

/* Used by record_file_read. */
MUST_CHECK bool record_blocks(const RecordKind *kind, Arena *arena, const TomlDoc *doc,
                              RecordBlocks *out, Error *err);
bool record_has_markers(Str text);
MUST_CHECK bool record_unite(Arena *arena, const RecordKind *kind, Str text,
                             const Ancestry *ancestry, Str common, RecordFile *out, Error *err);
size_t record_place(const RecordBlocks *blocks, size_t from, Str id);
