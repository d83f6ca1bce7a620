#include "witness.h"

#include <stdarg.h>

typedef struct {
    int64_t last;
    bool joined;
} Ear;

typedef struct {
    Str state;
} Seen;

/* ---- members ---- */

Str text_of(const JsonNode *record, const char *name)
{
    const JsonNode *node = json_find(record, str_of(name));
    return node && node->kind == JSON_STRING ? node->text : (Str){0};
}

int64_t number_of(const JsonNode *record, const char *name)
{
    int64_t value = 0;
    const JsonNode *node = json_find(record, str_of(name));
    return node && json_to_i64(node, &value) ? value : 0;
}

bool truth_of(const JsonNode *record, const char *name)
{
    const JsonNode *node = json_find(record, str_of(name));
    return node && node->kind == JSON_BOOL && node->truth;
}

bool is_final(Str state)
{
    return str_is(state, "success") || str_is(state, "conflict") || str_is(state, "error") ||
           str_is(state, "canceled");
}

PRINTF_LIKE(3, 4)
static void violated(Witness *witness, const char *promise, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    witness->violated(witness->context, promise,
                      arena_format_list(witness->arena, format, arguments));
    va_end(arguments);
}

/* ---- listeners ---- */

static Ear *ear_of(Witness *witness, Str who)
{
    Ear *ear = map_find(witness->ears, who);
    if (!ear) {
        ear = ARENA_NEW(witness->arena, Ear);
        map_put(witness->ears, who, ear);
    }
    return ear;
}

/* A listener that comes back may not skip anything; one that begins may begin anywhere. */
static void take_joined(Witness *witness, const JsonNode *record)
{
    Str who = text_of(record, "who");
    Ear *ear = ear_of(witness, who);
    int64_t from = number_of(record, "from");
    if (ear->joined && from > ear->last)
        violated(witness, "I10", "%.*s heard %lld and came back from %lld", STR_ARG(who),
                 (long long)ear->last, (long long)from);
    ear->joined = true;
    ear->last = from;
}

static void take_heard(Witness *witness, const JsonNode *record)
{
    Str who = text_of(record, "who");
    Ear *ear = ear_of(witness, who);
    int64_t seq = number_of(record, "seq");
    if (seq != ear->last + 1)
        violated(witness, "I10", "%.*s heard %lld after %lld", STR_ARG(who), (long long)seq,
                 (long long)ear->last);
    ear->last = seq;
}

static void take_listened(Witness *witness, const JsonNode *record)
{
    Str who = text_of(record, "ear");
    const Ear *ear = ear_of(witness, who);
    if (ear->last != number_of(record, "upto"))
        violated(witness, "I10", "%.*s heard up to %lld of %lld", STR_ARG(who),
                 (long long)ear->last, (long long)number_of(record, "upto"));
}

/* ---- clients ---- */

/* An end that a client was told of is the end that the tables have. */
static void compare_end(Witness *witness, Str job)
{
    const Seen *seen = map_find(witness->seen, job);
    const Seen *stored = map_find(witness->stored, job);
    if (seen && stored && !str_equal(seen->state, stored->state))
        violated(witness, "I2", "job %.*s was seen as %.*s and is %.*s", STR_ARG(job),
                 STR_ARG(seen->state), STR_ARG(stored->state));
}

static void note_state(Witness *witness, Map *map, Str job, Str state)
{
    Seen *seen = ARENA_NEW(witness->arena, Seen);
    seen->state = state;
    map_put(map, job, seen);
    compare_end(witness, job);
}

static void take_seen(Witness *witness, const JsonNode *record)
{
    Str job = text_of(record, "job"), state = text_of(record, "state");
    const Seen *before = map_find(witness->seen, job);
    if (number_of(record, "status") != 200)
        violated(witness, "I1", "job %.*s was acknowledged and answers %lld", STR_ARG(job),
                 (long long)number_of(record, "status"));
    if (before && !str_equal(before->state, state))
        violated(witness, "I2", "job %.*s was seen as %.*s, then as %.*s", STR_ARG(job),
                 STR_ARG(before->state), STR_ARG(state));
    if (is_final(state))
        note_state(witness, witness->seen, job, state);
}

/* ---- files and processes ---- */

static void take_job(Witness *witness, const JsonNode *record)
{
    note_state(witness, witness->stored, text_of(record, "job"), text_of(record, "state"));
}

/* The same change of one tree, written by one job; one that was canceled has written nothing. */
static void take_wrote(Witness *witness, const JsonNode *record)
{
    Str job = text_of(record, "job");
    if (number_of(record, "times") > 1)
        violated(witness, "I3", "job %.*s wrote the same %lld times", STR_ARG(job),
                 (long long)number_of(record, "times"));
    if (str_is(text_of(record, "state"), "canceled"))
        violated(witness, "I3", "job %.*s says canceled and wrote", STR_ARG(job));
}

static void take_told(Witness *witness, const JsonNode *record)
{
    if (!truth_of(record, "found"))
        violated(witness, "I3", "job %.*s tells of an operation that is not there",
                 STR_ARG(text_of(record, "job")));
}

static void take_tree(Witness *witness, const JsonNode *record)
{
    Str row = text_of(record, "row"), found = text_of(record, "found");
    if (!str_equal(row, found) || row.len == 0)
        violated(witness, "I11", "%.*s: the record says %.*s, there is %.*s",
                 STR_ARG(text_of(record, "place")), STR_ARG(row), STR_ARG(found));
}

void witness_take(Witness *witness, Str what, const JsonNode *record)
{
    static const struct {
        const char *what;
        void (*take)(Witness *witness, const JsonNode *record);
    } takers[] = {
        {"joined", take_joined}, {"heard", take_heard}, {"listened", take_listened},
        {"seen", take_seen},     {"job", take_job},     {"wrote", take_wrote},
        {"told", take_told},     {"tree", take_tree},
    };
    for (size_t i = 0; i < COUNT_OF(takers); i++)
        if (str_is(what, takers[i].what))
            takers[i].take(witness, record);
    if (str_is(what, "refused"))
        violated(witness, "I1", "key %.*s was refused: %lld", STR_ARG(text_of(record, "key")),
                 (long long)number_of(record, "status"));
    else if (str_is(what, "stopped") && number_of(record, "status") != 0)
        violated(witness, "I4", "the daemon ended with status %lld",
                 (long long)number_of(record, "status"));
    else if (str_is(what, "outlived"))
        violated(witness, "I7", "worker %.*s outlived its daemon",
                 STR_ARG(text_of(record, "worker")));
    else if (str_is(what, "verify") && text_of(record, "text").len)
        violated(witness, "I11", "%.*s", STR_ARG(text_of(record, "text")));
}

void witness_begin(Witness *witness, Arena *arena)
{
    witness->arena = arena;
    witness->ears = map_new(arena, 10);
    witness->seen = map_new(arena, 1000);
    witness->stored = map_new(arena, 1000);
}
