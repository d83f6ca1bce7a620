/* Where two edit scripts of one base meet: the changed places of a three-way merge, in order. */
#pragma once

#include "merge/lines.h"
#include "merge/script_internal.h"

typedef enum {
    CHUNK_CONFLICT,
    CHUNK_OURS,
    CHUNK_THEIRS,
    CHUNK_BOTH, /* union: ours, then theirs */
    CHUNK_SAME, /* was a conflict; looked at closely the sides agree */
} ChunkKind;

typedef struct {
    size_t start, count;
} Span;

/* Lines counted from 0. What lies between two chunks is ours, which theirs agrees with. */
typedef struct {
    ChunkKind kind;
    Span base, ours, theirs;
} Chunk;
typedef ARRAY(Chunk) Chunks;

/* The three texts as numbers, and what each side did to the base. */
typedef struct {
    LineClasses classes;
    LineTable base, ours, theirs;
    DiffChanges our_changes, their_changes;
} ThreeWay;

/* Changes of either side; those that overlap or touch are one chunk, in conflict unless the sides did
 * the very same. */
Chunks chunks_of(Arena *arena, const ThreeWay *three);

/* Trims lines that the sides share off both ends of each conflict. */
void chunks_trim(Chunks *chunks, const ThreeWay *three);

/* Cuts each conflict into the places where the sides really differ, and joins places again that have
 * at most three lines, or no letter or digit, between them. Where it is cut can depend on the side a
 * diff starts from: that is ours `as_git`, else the smaller text, whichever side it is. */
Chunks chunks_refine(Arena *arena, const Chunks *chunks, ThreeWay *three, bool as_git);
