#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK_BYTES = 16 << 10, LARGEST_STEP_BYTES = 4 << 20 };

typedef struct Block {
    struct Block *below;
    size_t size;
    size_t used;
} Block;

struct Arena {
    Block *top;
    size_t bytes;
};

static size_t block_header(void)
{
    return (sizeof(Block) + 15U) & ~(size_t)15U;
}

static char *block_data(Block *block)
{
    return (char *)block + block_header();
}

static Block *block_new(Arena *arena, size_t wanted)
{
    size_t size = arena->top ? arena->top->size * 2 : FIRST_BLOCK_BYTES;
    if (size > LARGEST_STEP_BYTES)
        size = LARGEST_STEP_BYTES;
    if (size < wanted)
        size = wanted;
    Block *block = malloc(block_header() + size);
    if (!block)
        out_of_memory(size);
    block->below = arena->top;
    block->size = size;
    block->used = 0;
    arena->top = block;
    arena->bytes += size;
    return block;
}

Arena *arena_open(void)
{
    Arena *arena = calloc(1, sizeof *arena);
    if (!arena)
        out_of_memory(sizeof *arena);
    return arena;
}

static void block_drop(Arena *arena)
{
    Block *block = arena->top;
    arena->top = block->below;
    arena->bytes -= block->size;
    free(block);
}

void arena_close(Arena **arena)
{
    if (!*arena)
        return;
    while ((*arena)->top)
        block_drop(*arena);
    free(*arena);
    *arena = NULL;
}

static void *arena_raw(Arena *arena, size_t size, size_t align)
{
    ASSERT(align && align <= 16 && (align & (align - 1)) == 0);
    if (size > SIZE_MAX / 4)
        out_of_memory(size);
    Block *block = arena->top;
    size_t start = block ? (block->used + align - 1) & ~(align - 1) : 0;
    if (!block || start > block->size || block->size - start < size) {
        block = block_new(arena, size);
        start = 0;
    }
    block->used = start + size;
    return block_data(block) + start;
}

void *arena_alloc(Arena *arena, size_t size_bytes, size_t align)
{
    void *memory = arena_raw(arena, size_bytes, align);
    return size_bytes ? memset(memory, 0, size_bytes) : memory;
}

void *arena_alloc_array(Arena *arena, size_t count, size_t item_bytes, size_t align)
{
    size_t size;
    if (__builtin_mul_overflow(count, item_bytes, &size))
        out_of_memory(SIZE_MAX);
    return arena_alloc(arena, size, align);
}

void *arena_grow(Arena *arena, void *old, size_t old_bytes, size_t new_bytes, size_t align)
{
    ASSERT(new_bytes >= old_bytes);
    Block *block = arena->top;
    if (old && block && (char *)old + old_bytes == block_data(block) + block->used &&
        block->size - block->used >= new_bytes - old_bytes) {
        memset((char *)old + old_bytes, 0, new_bytes - old_bytes);
        block->used += new_bytes - old_bytes;
        return old;
    }
    char *fresh = arena_raw(arena, new_bytes, align);
    if (old_bytes)
        memcpy(fresh, old, old_bytes);
    memset(fresh + old_bytes, 0, new_bytes - old_bytes);
    return fresh;
}

char *arena_text(Arena *arena, Str s)
{
    char *text = arena_raw(arena, s.len + 1, 1);
    if (s.len)
        memcpy(text, s.data, s.len);
    text[s.len] = '\0';
    return text;
}

Str arena_copy(Arena *arena, Str s)
{
    return (Str){arena_text(arena, s), s.len};
}

char *arena_format_list(Arena *arena, const char *format, va_list arguments)
{
    ASSERT(format);
    va_list again;
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    ASSERT(len >= 0);
    char *text = arena_raw(arena, (size_t)len + 1, 1);
    (void)vsnprintf(text, (size_t)len + 1, format, arguments);
    return text;
}

char *arena_format(Arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_format_list(arena, format, arguments);
    va_end(arguments);
    return text;
}

ArenaMark arena_mark(Arena *arena)
{
    return (ArenaMark){arena, arena->top, arena->top ? arena->top->used : 0};
}

void arena_rewind(ArenaMark *mark)
{
    Arena *arena = mark->arena;
    if (!arena)
        return;
    while (arena->top != mark->block)
        block_drop(arena);
    if (arena->top)
        arena->top->used = mark->used;
    mark->arena = NULL;
}

void arena_adopt(Arena *into, Arena **from)
{
    Block *bottom = (*from)->top;
    while (bottom && bottom->below)
        bottom = bottom->below;
    if (bottom) {
        bottom->below = into->top;
        into->top = (*from)->top;
        into->bytes += (*from)->bytes;
    }
    free(*from);
    *from = NULL;
}

size_t arena_bytes(const Arena *arena)
{
    return arena->bytes;
}
