/* Arena: memory that belongs to a unit of work (process, request, command, job, test).
 *
 * What is allocated lives until arena_close or a rewind past it. Memory comes zeroed. Running out ends
 * the process, so every input is limited at the edge (base/limits.h). Not for sharing across threads.
 */
#pragma once

#include <stdarg.h>

#include "base/base.h"
#include "base/str.h"

typedef struct Arena Arena;
typedef struct {
    Arena *arena;
    void *block;
    size_t used;
} ArenaMark;

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type), _Alignof(type)))
#define ARENA_ARRAY(arena, type, count)                                                            \
    ((type *)arena_alloc_array((arena), (count), sizeof(type), _Alignof(type)))

Arena *arena_open(void);
void arena_close(Arena **arena);

void *arena_alloc(Arena *arena, size_t size_bytes, size_t align);
void *arena_alloc_array(Arena *arena, size_t count, size_t item_bytes, size_t align);

/* Grows an allocation, in place when it is the newest one; else it may move, and the old one must not be
 * used any more. A large one leaves nothing behind. New bytes are zeroed. */
void *arena_grow(Arena *arena, void *old, size_t old_bytes, size_t new_bytes, size_t align);

char *arena_text(Arena *arena, Str s); /* a NUL-terminated copy */
Str arena_copy(Arena *arena, Str s);   /* a copy of the bytes, NUL behind them */
char *arena_format(Arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
char *arena_format_list(Arena *arena, const char *format, va_list arguments) PRINTF_LIKE(2, 0);

/* Loops mark and rewind: SCOPED(arena_rewind) ArenaMark mark = arena_mark(arena); */
ArenaMark arena_mark(Arena *arena);
void arena_rewind(ArenaMark *mark);

/* What `from` holds is `into`'s from now on, as if it had been allocated there last; `from` is closed. */
void arena_adopt(Arena *into, Arena **from);

size_t arena_bytes(const Arena *arena); /* what it holds from the system now */
