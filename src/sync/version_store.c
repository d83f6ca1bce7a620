#include "sync/version_store.h"

#include "base/clock.h"
#include "base/text.h"
#include "sync/history.h"

enum { LEAST_DIGITS = 4, HASH_DIGITS = 64, CANDIDATES_NAMED = 6 };

static void read_version(Arena *arena, const DbRows *rows, Version *out)
{
    *out = (Version){
        .hash = hash_or_none(row_text(rows, 0)),
        .parent = hash_or_none(row_text(rows, 1)),
        .other_parent = hash_or_none(row_text(rows, 2)),
        .tier = arena_copy(arena, row_text(rows, 3)),
        .source = arena_copy(arena, row_text(rows, 4)),
        .author = arena_copy(arena, row_text(rows, 5)),
        .message = arena_copy(arena, row_text(rows, 6)),
        .project = arena_copy(arena, row_text(rows, 7)),
        .at_ms = row_int(rows, 8),
    };
}

static bool count_of(Workspace *ws, Str artifact, size_t *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(ws->db, "SELECT COUNT(*) FROM versions WHERE collection = $1 AND artifact = $2",
                 DB_VALUES(db_text_of(ws->collection_name), db_text(artifact)), &rows, err))
        return false;
    *out = rows ? (size_t)row_int(rows, 0) : 0;
    return true;
}

bool version_history(Workspace *ws, Str artifact, size_t limit, Versions *out, size_t *total,
                     Error *err)
{
    Versions list = {0};
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!count_of(ws, artifact, total, err) ||
        !db_query(ws->db,
                  "SELECT hash, parent, other_parent, tier, source, author, message, project, "
                  "at_ms FROM versions WHERE collection = $1 AND artifact = $2 ORDER BY seq DESC "
                  "LIMIT $3",
                  DB_VALUES(db_text_of(ws->collection_name), db_text(artifact),
                            db_int(limit ? (int64_t)limit : INT64_MAX)),
                  &rows, err))
        return false;
    while (db_next(rows)) {
        Version version;
        read_version(ws->arena, rows, &version);
        ARRAY_PUSH(ws->arena, &list, version);
    }
    *out = list;
    return db_done(rows, err);
}

bool version_list(Workspace *ws, Str artifact, Versions *out, Error *err)
{
    size_t total;
    return version_history(ws, artifact, 0, out, &total, err);
}

bool version_is_kept(Workspace *ws, const Hash *hash, bool *out, Error *err)
{
    return store_has_tree(ws->store, hash, out, err);
}

bool version_exists(Workspace *ws, Str artifact, Str hash, bool *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(ws->db,
                 "SELECT 1 FROM versions WHERE collection = $1 AND hash = $2 AND artifact = $3 "
                 "LIMIT 1",
                 DB_VALUES(db_text_of(ws->collection_name), db_text(hash), db_text(artifact)),
                 &rows, err))
        return false;
    *out = rows != NULL;
    return true;
}

bool version_newest(Workspace *ws, Str artifact, Str tier, Str project, Str *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(ws->db,
                 "SELECT hash FROM versions WHERE collection = $1 AND artifact = $2 AND tier = $3 "
                 "AND project = $4 ORDER BY seq DESC LIMIT 1",
                 DB_VALUES(db_text_of(ws->collection_name), db_text(artifact), db_text(tier),
                           db_text(project)),
                 &rows, err))
        return false;
    *out = rows ? arena_copy(ws->arena, row_text(rows, 0)) : (Str){0};
    return true;
}

/* ── lineage ── */

#define BREAKS(parent, which)                                                                      \
    "SELECT v.artifact, v.tier, v.project, v.hash, v." parent ", EXISTS (SELECT 1 FROM versions "  \
    "p WHERE p.collection = v.collection AND p.hash = v." parent " AND p.artifact = v.artifact) "  \
    "FROM versions v WHERE v.collection = $1 " which "AND v." parent " <> '' AND NOT EXISTS ("     \
    "SELECT 1 FROM versions p WHERE p.collection = v.collection AND p.hash = v." parent            \
    " AND p.artifact = v.artifact AND p.seq < v.seq) "
#define ONE "AND v.artifact = $2 "
#define ALL "AND CAST($2 AS TEXT) = '' "
#define LIMITED "LIMIT $3"

bool version_breaks(Workspace *ws, Str artifact, size_t limit, VersionBreaks *out, Error *err)
{
    static const char of_one[] =
        BREAKS("parent", ONE) "UNION ALL " BREAKS("other_parent", ONE) LIMITED;
    static const char of_all[] =
        BREAKS("parent", ALL) "UNION ALL " BREAKS("other_parent", ALL) LIMITED;
    VersionBreaks list = {0};
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(
            ws->db, artifact.len ? of_one : of_all,
            DB_VALUES(db_text_of(ws->collection_name), db_text(artifact), db_int((int64_t)limit)),
            &rows, err))
        return false;
    while (db_next(rows)) {
        VersionBreak one = {
            .artifact = arena_copy(ws->arena, row_text(rows, 0)),
            .tier = arena_copy(ws->arena, row_text(rows, 1)),
            .project = arena_copy(ws->arena, row_text(rows, 2)),
            .hash = hash_or_none(row_text(rows, 3)),
            .parent = hash_or_none(row_text(rows, 4)),
            .later = row_int(rows, 5) != 0,
        };
        ARRAY_PUSH(ws->arena, &list, one);
    }
    *out = list;
    return db_done(rows, err);
}

bool version_put_root(Workspace *ws, const VersionBreak *of, Error *err)
{
    return db_run(ws->db,
                  "INSERT INTO versions (seq, collection, artifact, tier, project, hash, parent, "
                  "other_parent, source, author, message, at_ms, operation) SELECT "
                  "(SELECT MIN(seq) - 1 FROM versions), $1, $2, $3, $4, $5, '', '', $3, $6, "
                  "'lineage mended by verify', $7, '' WHERE EXISTS (SELECT 1 FROM versions v "
                  "WHERE v.collection = $1 AND v.artifact = $2 AND (v.parent = $5 OR "
                  "v.other_parent = $5) AND NOT EXISTS (SELECT 1 FROM versions p WHERE "
                  "p.collection = $1 AND p.hash = $5 AND p.artifact = $2 AND p.seq < v.seq))",
                  DB_VALUES(db_text_of(ws->collection_name), db_text(of->artifact),
                            db_text(of->tier), db_text(of->project),
                            db_text(hash_format(ws->arena, &of->parent)), db_text_of(ws->actor),
                            db_int(clock_ms())),
                  err);
}

bool version_count(Workspace *ws, size_t *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(ws->db, "SELECT COUNT(*) FROM versions WHERE collection = $1",
                 DB_VALUES(db_text_of(ws->collection_name)), &rows, err))
        return false;
    *out = rows ? (size_t)row_int(rows, 0) : 0;
    return true;
}

/* ── by the start of a hash ── */

static bool read_start(Arena *arena, Str typed, Str *out, Error *err)
{
    char *start = arena_text(arena, typed);
    bool hex = true;
    for (size_t i = 0; i < typed.len; i++) {
        char c = start[i];
        if (c >= 'A' && c <= 'F')
            start[i] = (char)(c - 'A' + 'a');
        hex = hex && ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'));
    }
    *out = str_of(start);
    return (hex && typed.len >= LEAST_DIGITS && typed.len <= HASH_DIGITS) ||
           fail(err, ERR_USAGE, "'%s' is no version: say %d to %d digits of its hash",
                text_safe(arena, typed), LEAST_DIGITS, HASH_DIGITS);
}

static void add_hash(Arena *arena, Hashes *list, Hash hash, Str start)
{
    if (!hash_is_zero(&hash) && str_starts(str_of(hash_hex(&hash).text), start) &&
        lineage_find(list, &hash) == SIZE_MAX)
        ARRAY_PUSH(arena, list, hash);
}

/* What sorts behind every hash that starts so. */
static Str behind(Arena *arena, Str start)
{
    return str_of(arena_format(arena, "%.*sg", STR_ARG(start)));
}

static bool find_starting(Workspace *ws, Str artifact, Str start, Hashes *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(ws->db,
                  "SELECT DISTINCT hash FROM versions WHERE collection = $1 AND artifact = $2 "
                  "AND hash >= $3 AND hash < $4 ORDER BY hash LIMIT 100",
                  DB_VALUES(db_text_of(ws->collection_name), db_text(artifact), db_text(start),
                            db_text(behind(ws->arena, start))),
                  &rows, err))
        return false;
    while (db_next(rows))
        add_hash(ws->arena, out, hash_or_none(row_text(rows, 0)), start);
    return db_done(rows, err);
}

static bool fail_unknown(Workspace *ws, Str artifact, Str start, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(ws->db,
                 "SELECT artifact FROM versions WHERE collection = $1 AND hash >= $2 AND hash < $3 "
                 "ORDER BY hash, artifact LIMIT 1",
                 DB_VALUES(db_text_of(ws->collection_name), db_text(start),
                           db_text(behind(ws->arena, start))),
                 &rows, err))
        return false;
    if (rows)
        (void)fail(err, ERR_NOT_FOUND, "%.*s is a version of %s, not of %.*s", STR_ARG(start),
                   text_safe(ws->arena, row_text(rows, 0)), STR_ARG(artifact));
    else
        (void)fail(err, ERR_NOT_FOUND, "no version of %.*s starts with '%.*s'", STR_ARG(artifact),
                   STR_ARG(start));
    return fail_hint(err, "`weir show %.*s --versions` lists its versions.", STR_ARG(artifact));
}

static bool fail_ambiguous(Arena *arena, Str artifact, Str start, const Hashes *found, Error *err)
{
    Buf names = buf_new(arena);
    for (size_t i = 0; i < found->count && i < CANDIDATES_NAMED; i++)
        buf_format(&names, "%s%.16s", i ? ", " : "", hash_hex(&found->items[i]).text);
    if (found->count > CANDIDATES_NAMED)
        buf_add_text(&names, ", ...");
    (void)fail(err, ERR_INVALID, "%zu versions of %.*s start with '%.*s': %s", found->count,
               STR_ARG(artifact), STR_ARG(start), buf_text(&names));
    return fail_hint(err, "Say more digits; `weir show %.*s --versions` tells them apart.",
                     STR_ARG(artifact));
}

bool version_choose(Workspace *ws, Str artifact, const Hashes *recorded, Str start, Hash *out,
                    Error *err)
{
    Hashes found = {0};
    Str digits;
    if (!read_start(ws->arena, start, &digits, err) ||
        !find_starting(ws, artifact, digits, &found, err))
        return false;
    for (size_t i = 0; recorded && i < recorded->count; i++)
        add_hash(ws->arena, &found, recorded->items[i], digits);
    if (!found.count)
        return fail_unknown(ws, artifact, digits, err);
    if (found.count > 1)
        return fail_ambiguous(ws->arena, artifact, digits, &found, err);
    *out = found.items[0];
    return true;
}
