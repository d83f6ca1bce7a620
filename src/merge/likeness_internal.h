/* How alike two files are: the share of the larger one's bytes that stand in pieces both have. A piece
 * is a line, cut at 64 bytes; the order of pieces does not matter (git's measure of a rename). */
#pragma once

#include "base/arena.h"

typedef struct {
    uint64_t hash;
    uint64_t bytes; /* of all pieces with this hash */
} Piece;

typedef struct {
    Piece *pieces; /* sorted by hash, each once */
    size_t count;
    uint64_t bytes;
} Likeness;

Likeness likeness_of(Arena *arena, Str text);
int likeness_percent(const Likeness *a, const Likeness *b); /* rounded down */
