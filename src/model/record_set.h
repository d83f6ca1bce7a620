/* A set of records kept in one or two files (people's and the machines'), sorted by id: the machinery
 * behind Collection and Deployments. Private to the room.
 *
 * The first file says which records there are; blocks that only the second one has are left alone.
 */
#pragma once

#include "model/place.h"
#include "model/record_internal.h"

enum { RECORD_FILES = 2 };

typedef struct {
    const RecordKind *files[RECORD_FILES]; /* the second may be NULL */
    size_t struct_bytes, id_offset, path_offset, review_offset;
    const void *defaults; /* of absent keys */
    /* Checks what came from outside and completes the record (a default path). */
    bool (*complete)(Arena *arena, void *record, Error *err);
} RecordSpec;

typedef struct {
    void *now, *before;
    const TomlNode *blocks[RECORD_FILES]; /* NULL: not in that file */
    Place place;
    Str texts[RECORD_FILES]; /* its new blocks; empty until they are asked for */
    bool removed;
} RecordSlot;

typedef struct {
    Arena *arena;
    const RecordSpec *spec;
    RecordFile files[RECORD_FILES];
    ARRAY(RecordSlot *) slots; /* sorted by id, removed ones too */
    Map *ids;                  /* folded id to slot */
    Map *taken;                /* folded path to slot; may be stale */
    Map *around;               /* folder of a folded path to a slot in it; may be stale */
    bool had_markers;
} RecordSet;

MUST_CHECK bool record_set_read(Arena *arena, const RecordSpec *spec, const Str texts[RECORD_FILES],
                                const Ancestry *ancestry, RecordSet *out, Error *err);
void *record_set_find(const RecordSet *set, Str id); /* NULL when absent */
MUST_CHECK bool record_set_put(RecordSet *set, const void *record, Error *err);
bool record_set_remove(RecordSet *set, Str id);
Str record_set_write(Arena *arena, const RecordSet *set, size_t file);
