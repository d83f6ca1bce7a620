#include "merge/likeness_internal.h"

#include <stdlib.h>

enum { PIECE_BYTES = 64 };

static int piece_order(const void *a, const void *b)
{
    uint64_t x = ((const Piece *)a)->hash, y = ((const Piece *)b)->hash;
    return (x > y) - (x < y);
}

static size_t piece_length(Str rest)
{
    size_t len = 0;
    while (len < rest.len && len < PIECE_BYTES)
        if (rest.data[len++] == '\n')
            break;
    return len;
}

/* FNV-1a: a collision only makes two files look a little more alike. */
static uint64_t piece_hash(Str piece)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < piece.len; i++)
        hash = (hash ^ (uint8_t)piece.data[i]) * 0x100000001b3u;
    return hash;
}

static size_t count_pieces(Str text)
{
    size_t count = 0;
    for (Str rest = text; rest.len; count++)
        rest = str_slice(rest, piece_length(rest), rest.len);
    return count;
}

Likeness likeness_of(Arena *arena, Str text)
{
    Likeness likeness = {.bytes = text.len};
    likeness.pieces = ARENA_ARRAY(arena, Piece, count_pieces(text));
    size_t count = 0;
    for (Str rest = text; rest.len;) {
        Str piece = str_slice(rest, 0, piece_length(rest));
        likeness.pieces[count++] = (Piece){piece_hash(piece), piece.len};
        rest = str_slice(rest, piece.len, rest.len);
    }
    if (count == 0)
        return likeness;
    qsort(likeness.pieces, count, sizeof(Piece), piece_order);
    size_t kept = 0;
    for (size_t i = 1; i < count; i++) {
        if (likeness.pieces[i].hash == likeness.pieces[kept].hash)
            likeness.pieces[kept].bytes += likeness.pieces[i].bytes;
        else
            likeness.pieces[++kept] = likeness.pieces[i];
    }
    likeness.count = kept + 1;
    return likeness;
}

int likeness_percent(const Likeness *a, const Likeness *b)
{
    uint64_t larger = a->bytes > b->bytes ? a->bytes : b->bytes;
    uint64_t smaller = a->bytes > b->bytes ? b->bytes : a->bytes;
    if (larger == 0)
        return 100;
    if (smaller * 2 < larger)
        return 0;
    uint64_t common = 0;
    size_t i = 0, j = 0;
    while (i < a->count && j < b->count) {
        const Piece *x = &a->pieces[i], *y = &b->pieces[j];
        if (x->hash == y->hash)
            common += x->bytes < y->bytes ? x->bytes : y->bytes;
        i += x->hash <= y->hash;
        j += y->hash <= x->hash;
    }
    return (int)(common * 100 / larger);
}
