/* What those outside the queue have seen: listeners, clients, and who looked at files and processes;
 * each record is held against what the others say, in whatever order they come. */
#pragma once

#include "base/map.h"
#include "format/json_read.h"

typedef struct {
    Arena *arena;
    Map *ears;
    Map *seen, *stored; /* states of jobs by their ids */
    void (*violated)(void *context, const char *promise, const char *text);
    void *context;
} Witness;

void witness_begin(Witness *witness, Arena *arena);
void witness_take(Witness *witness, Str what, const JsonNode *record);

/* Members of a record; nothing where there is none of that kind. */
Str text_of(const JsonNode *record, const char *name);
int64_t number_of(const JsonNode *record, const char *name);
bool truth_of(const JsonNode *record, const char *name);
bool is_final(Str state);
