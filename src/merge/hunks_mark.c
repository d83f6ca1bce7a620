#include <ctype.h>

#include "merge/diff.h"
#include "merge/hunks.h"

enum {
    LINE_MOST = 2000,  /* bytes of a line that is looked into */
    COMMON_LEAST = 30, /* percent of its characters, blanks apart, that a pair has in common */
};

/* A word, a run of blanks, or one other character. */
static size_t word_len(Str text)
{
    size_t len = str_utf8_next(text);
    bool blank = text.data[0] == ' ' || text.data[0] == '\t';
    bool word = isalnum((unsigned char)text.data[0]) || text.data[0] == '_' || len > 1;
    while (len < text.len && (blank || word)) {
        unsigned char c = (unsigned char)text.data[len];
        if (blank ? c != ' ' && c != '\t' : !(isalnum(c) || c == '_' || c >= 0x80))
            break;
        len += blank ? 1 : str_utf8_next(str_slice(text, len, text.len));
    }
    return len;
}

typedef struct {
    Str text; /* without its line end */
    ARRAY(Str) words;
    Buf lines; /* a word a line, so that the diff of lines is one of words */
} Words;

static Words words_of(Arena *arena, Str line)
{
    Words words = {.text = line, .lines = buf_new(arena)};
    while (str_ends(words.text, STR("\n")) || str_ends(words.text, STR("\r")))
        words.text.len--;
    for (Str rest = words.text; rest.len;) {
        Str word = str_slice(rest, 0, word_len(rest));
        ARRAY_PUSH(arena, &words.words, word);
        buf_add(&words.lines, word);
        buf_add_char(&words.lines, '\n');
        rest = str_slice(rest, word.len, rest.len);
    }
    return words;
}

static size_t characters(Str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return count;
}

static void add_range(Arena *arena, CharRanges *out, const Words *words, size_t from, size_t count)
{
    CharRange range = {0};
    for (size_t i = 0; i < from; i++)
        range.start += characters(words->words.items[i]);
    for (size_t i = from; i < from + count; i++)
        range.count += characters(words->words.items[i]);
    if (range.count)
        ARRAY_PUSH(arena, out, range);
}

static size_t inked(const Words *words, size_t from, size_t to)
{
    size_t count = 0;
    for (size_t i = from; i < to; i++)
        if (words->words.items[i].data[0] != ' ' && words->words.items[i].data[0] != '\t')
            count += characters(words->words.items[i]);
    return count;
}

static size_t in_common(const Words *words, const DiffChanges *changes)
{
    size_t common = 0, done = 0;
    for (size_t i = 0; i < changes->count; i++) {
        common += inked(words, done, changes->items[i].a_start);
        done = changes->items[i].a_start + changes->items[i].a_count;
    }
    return common + inked(words, done, words->words.count);
}

static bool can_be_marked(Str line)
{
    return line.len <= LINE_MOST && str_is_utf8(line) && !str_has_nul(line);
}

static void mark_pair(Arena *arena, HunkLine *removed, HunkLine *added)
{
    DiffChanges changes;
    if (!can_be_marked(removed->text) || !can_be_marked(added->text))
        return;
    Words a = words_of(arena, removed->text), b = words_of(arena, added->text);
    diff_lines(arena, buf_str(&a.lines), buf_str(&b.lines), &changes);
    size_t all_a = inked(&a, 0, a.words.count), all_b = inked(&b, 0, b.words.count);
    size_t longer = all_a > all_b ? all_a : all_b;
    if (in_common(&a, &changes) * 100 < longer * COMMON_LEAST)
        return;
    for (size_t i = 0; i < changes.count; i++) {
        const DiffChange *change = &changes.items[i];
        add_range(arena, &removed->changed, &a, change->a_start, change->a_count);
        add_range(arena, &added->changed, &b, change->b_start, change->b_count);
    }
}

static size_t run_end(const HunkLines *lines, size_t from, LineKind kind)
{
    while (from < lines->count && lines->items[from].kind == kind)
        from++;
    return from;
}

static void mark_hunk(Arena *arena, HunkLines *lines)
{
    for (size_t i = 0; i < lines->count;) {
        size_t removed = run_end(lines, i, LINE_REMOVED),
               added = run_end(lines, removed, LINE_ADDED);
        for (size_t k = 0; i + k < removed && removed + k < added; k++)
            mark_pair(arena, &lines->items[i + k], &lines->items[removed + k]);
        i = added > i ? added : i + 1;
    }
}

void hunks_mark(Arena *arena, Hunks *hunks)
{
    for (size_t i = 0; i < hunks->count; i++)
        mark_hunk(arena, &hunks->items[i].lines);
}
