#include "events/event.h"

#include "base/clock.h"

static const char *const kinds[] = {
#define EVENT_KIND(name, about) name,
#include "events/event_kinds.def"
#undef EVENT_KIND
};

bool event_kind_is_known(Str kind)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (str_is(kind, kinds[i]))
            return true;
    return false;
}

/* "job.*" has every kind that begins with "job." */
static bool pattern_has(Str pattern, Str kind)
{
    if (pattern.len > 2 && str_ends(pattern, STR(".*")))
        return str_starts(kind, str_slice(pattern, 0, pattern.len - 1));
    return str_equal(pattern, kind);
}

bool event_pattern_is_known(Str pattern)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (pattern_has(pattern, str_of(kinds[i])))
            return true;
    return false;
}

static bool some_pattern_has(const StrArray *patterns, Str kind)
{
    for (size_t i = 0; i < patterns->count; i++)
        if (pattern_has(patterns->items[i], kind))
            return true;
    return patterns->count == 0;
}

static bool wanted(const StrArray *list, Str text)
{
    return list->count == 0 || str_array_has(list, text);
}

bool event_passes(const EventFilter *filter, const Event *event)
{
    if (event->seq && event->seq <= filter->after)
        return false;
    return some_pattern_has(&filter->kinds, event->kind) &&
           (event->artifact.len == 0 || wanted(&filter->artifacts, event->artifact)) &&
           wanted(&filter->subjects, event->subject);
}

/* The row of the counter is held until the commit, so numbers rise in the order of commits. */
static bool next_number(Db *db, int64_t *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(db, "UPDATE sequences SET value = value + 1 WHERE name = 'event' RETURNING value",
                 DB_NO_VALUES, &rows, err))
        return false;
    if (!rows)
        return fail(err, ERR_CORRUPT, "the table of sequences has no row for events");
    *out = row_int(rows, 0);
    return true;
}

bool event_add(Db *db, const Event *event, int64_t *seq, Error *err)
{
    int64_t number = 0;
    if (!event_kind_is_known(event->kind))
        return fail(err, ERR_INVALID, "no such kind of event: '%.*s'", STR_ARG(event->kind));
    if (!next_number(db, &number, err) ||
        !db_run(db,
                "INSERT INTO events (seq, at_ms, kind, subject, artifact, trace_id, data) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                DB_VALUES(db_int(number), db_int(event->at_ms ? event->at_ms : clock_ms()),
                          db_text(event->kind), db_text(event->subject), db_text(event->artifact),
                          db_text(event->trace_id),
                          db_text(event->data.len ? event->data : STR("{}"))),
                err))
        return false;
    *seq = number;
    return true;
}

static bool number_of(Db *db, const char *sql, int64_t *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(db, sql, DB_NO_VALUES, &rows, err))
        return false;
    *out = rows ? row_int(rows, 0) : 0;
    return true;
}

bool event_last(Db *db, int64_t *seq, Error *err)
{
    return number_of(db, "SELECT value FROM sequences WHERE name = 'event'", seq, err);
}

static Event event_read(Arena *arena, const DbRows *rows)
{
    return (Event){
        .seq = row_int(rows, 0),
        .at_ms = row_int(rows, 1),
        .kind = arena_copy(arena, row_text(rows, 2)),
        .subject = arena_copy(arena, row_text(rows, 3)),
        .artifact = arena_copy(arena, row_text(rows, 4)),
        .trace_id = arena_copy(arena, row_text(rows, 5)),
        .data = arena_copy(arena, row_text(rows, 6)),
    };
}

/* The first number there is comes after `after`, or it is the next one. */
static bool look_for_gap(Db *db, int64_t after, bool *gap, Error *err)
{
    int64_t first, last;
    if (!number_of(db, "SELECT seq FROM events ORDER BY seq LIMIT 1", &first, err) ||
        !event_last(db, &last, err))
        return false;
    int64_t oldest = first ? first : last + 1;
    *gap = after + 1 < oldest || after > last;
    return true;
}

/* Whether something is missing is asked last: what retention took meanwhile is then missed too. */
bool event_list(Arena *arena, Db *db, const EventFilter *filter, size_t limit, Events *out,
                bool *gap, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    Events list = {0};
    bool lost;
    if (!db_query(db,
                  "SELECT seq, at_ms, kind, subject, artifact, trace_id, data FROM events "
                  "WHERE seq > $1 ORDER BY seq",
                  DB_VALUES(db_int(filter->after)), &rows, err))
        return false;
    while (list.count < limit && db_next(rows)) {
        ArenaMark mark = arena_mark(arena);
        Event event = event_read(arena, rows);
        if (event_passes(filter, &event))
            ARRAY_PUSH(arena, &list, event);
        else
            arena_rewind(&mark);
    }
    if (!db_done(rows, err) || !look_for_gap(db, filter->after, &lost, err))
        return false;
    *out = list;
    *gap = lost;
    return true;
}

/* Only from the old end on, and never past one that is to stay: what is left has no holes. */
bool event_prune(Db *db, int64_t before_ms, size_t limit, size_t *removed, Error *err)
{
    if (!db_run(
            db,
            "DELETE FROM events WHERE seq IN (SELECT seq FROM events ORDER BY seq LIMIT $1) AND "
            "seq < COALESCE((SELECT seq FROM events WHERE at_ms >= $2 ORDER BY seq LIMIT 1), "
            "(SELECT value + 1 FROM sequences WHERE name = 'event'))",
            DB_VALUES(db_int((int64_t)limit), db_int(before_ms)), err))
        return false;
    *removed = (size_t)db_changed(db);
    return true;
}
