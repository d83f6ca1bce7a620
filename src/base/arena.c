#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    FIRST_BLOCK_BYTES = 16 << 10,
    LARGEST_STEP_BYTES = 4 << 20,
    OWN_BYTES = 1 << 20, /* an allocation of this size gets pages of its own, which can grow */
};

typedef struct Block {
    struct Block *below;
    char *data;
    size_t size;
    size_t used;
    size_t touched; /* what lies above is zero still */
    bool own;
} Block;

struct Arena {
    Block *top;
    size_t bytes;
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static Block *block_alloc(size_t size)
{
    Block *block = malloc(sizeof *block + 16 + size);
    if (!block)
        out_of_memory(size);
    uintptr_t behind = (uintptr_t)(block + 1);
    *block =
        (Block){.data = (char *)((behind + 15) & ~(uintptr_t)15), .size = size, .touched = size};
    return block;
}

/* Pages that nobody has touched cost nothing and are zero. */
static Block *block_map(size_t size)
{
    Block *block = malloc(sizeof *block);
    char *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!block || data == MAP_FAILED)
        out_of_memory(size);
    *block = (Block){.data = data, .size = size, .own = true};
    return block;
}

static size_t next_step(const Arena *arena)
{
    const Block *last = arena->top;
    while (last && last->own)
        last = last->below;
    return last ? smaller(last->size * 2, LARGEST_STEP_BYTES) : FIRST_BLOCK_BYTES;
}

static Block *block_new(Arena *arena, size_t wanted)
{
    size_t size = next_step(arena);
    Block *block =
        wanted >= OWN_BYTES ? block_map(wanted) : block_alloc(size < wanted ? wanted : size);
    block->below = arena->top;
    arena->top = block;
    arena->bytes += block->size;
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
    if (block->own)
        (void)munmap(block->data, block->size);
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

/* Takes the bytes up to `end`, zeroed from `zero_from` on. */
static void block_take(Block *block, size_t end, size_t zero_from)
{
    size_t old = smaller(end, block->touched);
    if (zero_from < old)
        memset(block->data + zero_from, 0, old - zero_from);
    if (end > block->touched)
        block->touched = end;
    block->used = end;
}

/* The first `keep` bytes may hold anything, the others are zero. */
static void *arena_take(Arena *arena, size_t size, size_t align, size_t keep)
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
    block_take(block, start + size, start + keep);
    return block->data + start;
}

static void *arena_raw(Arena *arena, size_t size, size_t align)
{
    return arena_take(arena, size, align, size);
}

void *arena_alloc(Arena *arena, size_t size_bytes, size_t align)
{
    return arena_take(arena, size_bytes, align, 0);
}

void *arena_alloc_array(Arena *arena, size_t count, size_t item_bytes, size_t align)
{
    size_t size;
    if (__builtin_mul_overflow(count, item_bytes, &size))
        out_of_memory(SIZE_MAX);
    return arena_alloc(arena, size, align);
}

/* The block that holds nothing but this allocation. */
static Block *block_of(const Arena *arena, const void *old, size_t old_bytes)
{
    for (Block *block = arena->top; block; block = block->below)
        if (block->own && block->data == old && block->used == old_bytes)
            return block;
    return NULL;
}

static void block_extend(Arena *arena, Block *block, size_t size)
{
    char *data = mremap(block->data, block->size, size, MREMAP_MAYMOVE);
    if (data == MAP_FAILED)
        out_of_memory(size);
    arena->bytes += size - block->size;
    block->data = data;
    block->size = size;
}

void *arena_grow(Arena *arena, void *old, size_t old_bytes, size_t new_bytes, size_t align)
{
    ASSERT(new_bytes >= old_bytes);
    Block *block = arena->top;
    bool is_newest = old && block && (char *)old + old_bytes == block->data + block->used;
    if (is_newest && block->size - block->used >= new_bytes - old_bytes) {
        block_take(block, block->used + new_bytes - old_bytes, block->used);
        return old;
    }
    if (new_bytes > SIZE_MAX / 4)
        out_of_memory(new_bytes);
    Block *own = old_bytes >= OWN_BYTES ? block_of(arena, old, old_bytes) : NULL;
    if (own) {
        block_extend(arena, own, new_bytes);
        block_take(own, new_bytes, old_bytes);
        return own->data;
    }
    char *fresh = arena_take(arena, new_bytes, align, old_bytes);
    if (old_bytes)
        memcpy(fresh, old, old_bytes);
#ifdef ARENA_POISON
    if (old_bytes)
        memset(old, 0xDD, old_bytes);
#endif
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
