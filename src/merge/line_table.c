#include "merge/line_table_internal.h"

#include <string.h>

#include "merge/diff.h"

enum { FIRST_SLOTS = 64, WORD = 8, BATCH = 32, BYTES_PER_CLASS = 16 };

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

static uint64_t line_hash(uint64_t seed, Str line)
{
    const uint64_t odd = 0x9e3779b97f4a7c15u;
    uint64_t hash = seed ^ line.len;
    size_t i = 0;
    for (; i + WORD <= line.len; i += WORD)
        hash = mix(hash ^ load_word(line.data + i), odd);
    uint64_t rest = 0;
    for (size_t shift = 0; i < line.len; i++, shift += 8)
        rest |= (uint64_t)(uint8_t)line.data[i] << shift;
    return mix(mix(hash ^ rest, odd), seed | 1);
}

LineClasses line_classes_new(Arena *arena)
{
    /* Where the arena lies differs from run to run: lines chosen to collide would have to guess it. */
    uint64_t seed = mix((uint64_t)(uintptr_t)arena, 0xd6e8feb86659fd93u) ^ 0xa0761d6478bd642fu;
    return (LineClasses){.arena = arena, .seed = seed};
}

/* A slot holds the upper half of a line's hash, so that few wrong lines are looked at. The lower half
 * chooses the slot. */
static uint64_t slot_of(uint64_t hash, size_t class)
{
    return (hash & ~(uint64_t)UINT32_MAX) | ((uint64_t) class + 1);
}

static Str class_line(const LineClasses *classes, size_t class)
{
    const LineClass *known = &classes->classes[class];
    return line_table_line(classes->texts[known->text], known->line);
}

static void grow_slots(LineClasses *classes, size_t slot_count)
{
    uint64_t *slots = ARENA_ARRAY(classes->arena, uint64_t, slot_count);
    size_t mask = slot_count - 1;
    for (size_t class = 0; class < classes->count; class ++) {
        uint64_t hash = line_hash(classes->seed, class_line(classes, class));
        size_t at = hash & mask;
        while (slots[at] != 0)
            at = (at + 1) & mask;
        slots[at] = slot_of(hash, class);
    }
    classes->slots = slots;
    classes->slot_mask = mask;
}

static void grow_classes(LineClasses *classes, size_t capacity)
{
    classes->classes =
        arena_grow(classes->arena, classes->classes, classes->capacity * sizeof(LineClass),
                   capacity * sizeof(LineClass), _Alignof(LineClass));
    classes->capacity = capacity;
}

/* Room for what a text of many different lines needs; one of few short lines gets by with less. */
static void make_room(LineClasses *classes, Str text, size_t line_count)
{
    size_t distinct =
        text.len / BYTES_PER_CLASS < line_count ? text.len / BYTES_PER_CLASS : line_count;
    size_t slot_count = FIRST_SLOTS;
    while (slot_count < distinct * 2)
        slot_count *= 2;
    grow_slots(classes, slot_count);
    grow_classes(classes, distinct > FIRST_SLOTS ? distinct : FIRST_SLOTS);
}

/* The number of a line, a new one when no text had it so far. */
static uint32_t intern(LineClasses *classes, uint64_t hash, Str line, uint32_t number)
{
    if (classes->count * 2 > classes->slot_mask)
        grow_slots(classes, (classes->slot_mask + 1) * 2);
    uint8_t text = (uint8_t)(classes->text_count - 1);
    size_t at = hash & classes->slot_mask;
    for (; classes->slots[at] != 0; at = (at + 1) & classes->slot_mask) {
        uint32_t class = (uint32_t)classes->slots[at] - 1;
        if (classes->slots[at] != slot_of(hash, class) ||
            !str_equal(class_line(classes, class), line))
            continue;
        classes->classes[class].repeated |= text == 0;
        return class;
    }
    if (classes->count == classes->capacity)
        grow_classes(classes, classes->capacity * 2);
    classes->classes[classes->count] = (LineClass){number, text, false};
    classes->slots[at] = slot_of(hash, classes->count);
    return (uint32_t)classes->count++;
}

static size_t line_length(Str text, size_t at)
{
    const char *end = memchr(text.data + at, '\n', text.len - at);
    return end ? (size_t)(end - text.data) + 1 - at : text.len - at;
}

/* In small batches: while the lines of one are hashed, their slots come in from memory. */
static void fill_first(LineClasses *classes, LineTable *out)
{
    uint64_t hashes[BATCH];
    size_t at = 0;
    for (uint32_t done = 0; done < out->count;) {
        uint32_t end = out->count - done < BATCH ? out->count : done + BATCH;
        for (uint32_t line = done; line < end; line++) {
            size_t len = line_length(out->text, at);
            hashes[line - done] = line_hash(classes->seed, (Str){out->text.data + at, len});
            __builtin_prefetch(&classes->slots[hashes[line - done] & classes->slot_mask]);
            at += len;
            out->starts[line + 1] = (uint32_t)at;
        }
        for (uint32_t line = done; line < end; line++)
            out->ids[line] = intern(classes, hashes[line - done], line_table_line(out, line), line);
        done = end;
    }
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
    return class->text == 0 && !class->repeated ? class->line + 1 : guess + 1;
}

static void fill_guessing(LineClasses *classes, LineTable *out)
{
    const LineTable *first = classes->texts[0];
    uint32_t guess = 0;
    size_t at = 0;
    for (uint32_t line = 0; line < out->count; line++) {
        if (guessed_right(first, guess, out->text, at)) {
            at += line_table_line(first, guess).len;
            out->starts[line + 1] = (uint32_t)at;
            out->ids[line] = first->ids[guess++];
            continue;
        }
        Str text = {out->text.data + at, line_length(out->text, at)};
        at += text.len;
        out->starts[line + 1] = (uint32_t)at;
        out->ids[line] = intern(classes, line_hash(classes->seed, text), text, line);
        guess = next_guess(classes, out->ids[line], guess);
    }
}

void line_table_fill(LineClasses *classes, Str text, LineTable *out)
{
    ASSERT(text.len < INT32_MAX && classes->text_count < LINE_TEXTS_MAX);
    size_t count = diff_line_count(text);
    *out = (LineTable){.text = text.data ? text : STR(""), .count = (uint32_t)count};
    out->starts = ARENA_ARRAY(classes->arena, uint32_t, count + 1);
    out->ids = ARENA_ARRAY(classes->arena, uint32_t, count);
    classes->texts[classes->text_count++] = out;
    if (classes->text_count == 1) {
        make_room(classes, text, count);
        fill_first(classes, out);
    } else {
        fill_guessing(classes, out);
    }
}

uint32_t *line_classes_renumber(LineClasses *classes)
{
    if (classes->renumber_count < classes->count) {
        classes->renumber = ARENA_ARRAY(classes->arena, uint32_t, classes->count);
        classes->renumber_count = classes->count;
    }
    return classes->renumber;
}
