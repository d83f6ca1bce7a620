#include "merge/line_table_internal.h"

#include <string.h>

#include "merge/diff.h"

enum { FIRST_SLOTS = 64, WORD = 8 };

static const uint64_t LOW_BITS = 0x0101010101010101u;
static const uint64_t SEVEN_BITS = 0x7f7f7f7f7f7f7f7fu;

static uint64_t load_word(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* Counts the bytes equal to LF, eight at a time: one high bit is set for each. */
static size_t count_line_feeds(Str text)
{
    size_t count = 0;
    size_t i = 0;
    for (; i + WORD <= text.len; i += WORD) {
        uint64_t other = load_word(text.data + i) ^ (LOW_BITS * '\n');
        uint64_t equal = ~(((other & SEVEN_BITS) + SEVEN_BITS) | other | SEVEN_BITS);
        count += (size_t)__builtin_popcountll(equal);
    }
    for (; i < text.len; i++)
        count += text.data[i] == '\n';
    return count;
}

size_t diff_line_count(Str text)
{
    size_t count = count_line_feeds(text);
    return count + (text.len > 0 && text.data[text.len - 1] != '\n');
}

/* Multiply and fold: both halves of a 128-bit product. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 Wide;
    Wide product = (Wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint32_t line_hash(uint64_t seed, const char *data, size_t len)
{
    const uint64_t odd = 0x9e3779b97f4a7c15u;
    uint64_t hash = seed ^ len;
    size_t i = 0;
    for (; i + WORD <= len; i += WORD)
        hash = mix(hash ^ load_word(data + i), odd);
    uint64_t rest = 0;
    memcpy(&rest, data + i, len - i);
    hash = mix(mix(hash ^ rest, odd), seed | 1);
    return (uint32_t)(hash ^ (hash >> 32));
}

LineClasses line_classes_new(Arena *arena)
{
    /* Where the arena lies differs from run to run: lines chosen to collide would have to guess it. */
    uint64_t seed = mix((uint64_t)(uintptr_t)arena, 0xd6e8feb86659fd93u) ^ 0xa0761d6478bd642fu;
    return (LineClasses){.arena = arena, .seed = seed};
}

static void grow_slots(LineClasses *classes, size_t slot_count)
{
    uint32_t *slots = ARENA_ARRAY(classes->arena, uint32_t, slot_count);
    uint32_t mask = (uint32_t)slot_count - 1;
    for (size_t i = 0; i < classes->count; i++) {
        uint32_t at = classes->classes[i].hash & mask;
        while (slots[at] != 0)
            at = (at + 1) & mask;
        slots[at] = (uint32_t)i + 1;
    }
    classes->slots = slots;
    classes->slot_mask = mask;
}

static uint32_t add_class(LineClasses *classes, uint32_t slot, LineClass class)
{
    if (classes->count == classes->capacity) {
        size_t capacity = classes->capacity ? classes->capacity * 2 : FIRST_SLOTS;
        classes->classes =
            arena_grow(classes->arena, classes->classes, classes->capacity * sizeof(LineClass),
                       capacity * sizeof(LineClass), _Alignof(LineClass));
        classes->capacity = capacity;
    }
    classes->classes[classes->count++] = class;
    classes->slots[slot] = (uint32_t)classes->count;
    return (uint32_t)classes->count - 1;
}

/* The number of a line, a new one when no text had it so far. */
static uint32_t intern(LineClasses *classes, const char *data, uint32_t len, uint32_t line)
{
    if (classes->slots == NULL || classes->count * 2 > classes->slot_mask)
        grow_slots(classes, classes->slots ? ((size_t)classes->slot_mask + 1) * 2 : FIRST_SLOTS);

    uint32_t hash = line_hash(classes->seed, data, len);
    uint32_t at = hash & classes->slot_mask;
    for (; classes->slots[at] != 0; at = (at + 1) & classes->slot_mask) {
        LineClass *class = &classes->classes[classes->slots[at] - 1];
        if (class->hash != hash || class->len != len || memcmp(class->data, data, len) != 0)
            continue;
        class->repeated |= classes->first == NULL;
        return classes->slots[at] - 1;
    }
    return add_class(classes, at, (LineClass){data, len, hash, line, !classes->first, false});
}

/* Is the text at `at` line `guess` of the first text? Such a line ends with its only LF. */
static bool guessed_right(const LineTable *first, uint32_t guess, Str text, size_t at)
{
    if (guess >= first->count)
        return false;
    Str line = line_table_line(first, guess);
    if (line.len > text.len - at || memcmp(text.data + at, line.data, line.len) != 0)
        return false;
    return line.data[line.len - 1] == '\n' || at + line.len == text.len;
}

/* After a line that was looked up: where the first text probably goes on. */
static uint32_t next_guess(const LineClasses *classes, uint32_t id, uint32_t guess)
{
    const LineClass *class = &classes->classes[id];
    return class->in_first_text && !class->repeated ? class->first_line + 1 : guess + 1;
}

void line_table_fill(LineClasses *classes, Str text, LineTable *out)
{
    ASSERT(text.len < INT32_MAX);
    size_t count = diff_line_count(text);
    *out = (LineTable){.text = text, .count = (uint32_t)count};
    out->starts = ARENA_ARRAY(classes->arena, uint32_t, count + 1);
    out->ids = ARENA_ARRAY(classes->arena, uint32_t, count);

    size_t at = 0;
    uint32_t guess = 0;
    for (uint32_t line = 0; line < count; line++) {
        out->starts[line] = (uint32_t)at;
        if (classes->first && guessed_right(classes->first, guess, text, at)) {
            out->ids[line] = classes->first->ids[guess];
            at += line_table_line(classes->first, guess).len;
            guess++;
            continue;
        }
        const char *end = memchr(text.data + at, '\n', text.len - at);
        size_t len = end ? (size_t)(end - text.data) + 1 - at : text.len - at;
        out->ids[line] = intern(classes, text.data + at, (uint32_t)len, line);
        guess = classes->first ? next_guess(classes, out->ids[line], guess) : 0;
        at += len;
    }
    out->starts[count] = (uint32_t)at;
    if (!classes->first)
        classes->first = out;
}

uint32_t *line_classes_renumber(LineClasses *classes)
{
    if (classes->renumber_count < classes->count) {
        classes->renumber = ARENA_ARRAY(classes->arena, uint32_t, classes->count);
        classes->renumber_count = classes->count;
    }
    return classes->renumber;
}
