#include "merge/script_internal.h"

#include <string.h>

/* The figures are git's, found by its authors on a corpus of diffs judged by people. */
enum {
    INDENT_MAX = 200,
    BLANKS_MAX = 20,
    SLIDE_MAX = 100,
    PENALTY_START_OF_FILE = 1,
    PENALTY_END_OF_FILE = 21,
    WEIGHT_ALL_BLANKS = -30,
    WEIGHT_BLANKS_AFTER = 6,
    PENALTY_INDENT = -4,
    PENALTY_INDENT_BLANK = 10,
    PENALTY_OUTDENT = 24,
    PENALTY_OUTDENT_BLANK = 17,
    PENALTY_DEDENT = 23,
    PENALTY_DEDENT_BLANK = 17,
    WEIGHT_INDENT = 60,
    NO_INDENT = -1, /* of a blank line, or of no line */
};

/* Changed lines in a row; empty ones stand between any two unchanged lines and at both ends. So the
 * n-th groups of two rows are partners: what one removes there, the other adds. */
typedef struct {
    int32_t start, end;
} Group;

static bool is_empty(Group g)
{
    return g.start == g.end;
}

static Group group_first(const Row *row)
{
    Group g = {0, 0};
    while (row->changed[g.end])
        g.end++;
    return g;
}

static bool group_next(const Row *row, Group *g)
{
    if (g->end == row->count)
        return false;
    g->start = g->end + 1;
    for (g->end = g->start; row->changed[g->end];)
        g->end++;
    return true;
}

static bool group_previous(const Row *row, Group *g)
{
    if (g->start == 0)
        return false;
    g->end = g->start - 1;
    for (g->start = g->end; row->changed[g->start - 1];)
        g->start--;
    return true;
}

/* One line down; a group that it then touches becomes part of it. */
static bool slide_down(Row *row, Group *g)
{
    if (g->end >= row->count || row->ids[g->start] != row->ids[g->end])
        return false;
    row->changed[g->start++] = false;
    row->changed[g->end++] = true;
    while (row->changed[g->end])
        g->end++;
    return true;
}

static bool slide_up(Row *row, Group *g)
{
    if (g->start <= 0 || row->ids[g->start - 1] != row->ids[g->end - 1])
        return false;
    row->changed[--g->start] = true;
    row->changed[--g->end] = false;
    while (row->changed[g->start - 1])
        g->start--;
    return true;
}

static void slide_up_together(Row *row, Group *g, const Row *other, Group *partner)
{
    ASSERT(slide_up(row, g));
    ASSERT(group_previous(other, partner));
}

/* How far a group can go, measured while it is moved to the very end. */
typedef struct {
    int32_t size;
    int32_t first_end; /* its end when it stood as high as possible */
    bool meets_change; /* somewhere its partner is not empty */
} Freedom;

static Freedom slide_to_end(Row *row, Group *g, const Row *other, Group *partner)
{
    Freedom freedom;
    do {
        freedom.size = g->end - g->start;
        while (slide_up(row, g))
            ASSERT(group_previous(other, partner));
        freedom.first_end = g->end;
        freedom.meets_change = !is_empty(*partner);
        while (slide_down(row, g)) {
            ASSERT(group_next(other, partner));
            freedom.meets_change |= !is_empty(*partner);
        }
    } while (freedom.size != g->end - g->start); /* it swallowed another: all is open again */
    return freedom;
}

static int indent_of(Str line)
{
    int indent = 0;
    for (size_t i = 0; i < line.len; i++) {
        char c = line.data[i];
        if (c == ' ')
            indent++;
        else if (c == '\t')
            indent += 8 - indent % 8;
        else if (c != '\n' && c != '\r')
            return indent;
        if (indent >= INDENT_MAX)
            return INDENT_MAX;
    }
    return NO_INDENT;
}

/* What the lines around a cut look like. */
typedef struct {
    bool end_of_file;
    int indent; /* of the line below the cut */
    int blanks_before, indent_before;
    int blanks_after, indent_after; /* beyond the line below the cut */
} Cut;

/* The nearest line that is not blank, from `line` in steps of `step`. */
static void look_past_blanks(const LineTable *table, int32_t line, int32_t step, int *blanks,
                             int *indent)
{
    *blanks = 0;
    *indent = NO_INDENT;
    for (; line >= 0 && line < (int32_t)table->count; line += step) {
        *indent = indent_of(line_table_line(table, (size_t)line));
        if (*indent != NO_INDENT)
            return;
        if (++*blanks == BLANKS_MAX) {
            *indent = 0;
            return;
        }
    }
}

static Cut measure_cut(const LineTable *table, int32_t at)
{
    Cut cut = {.end_of_file = at >= (int32_t)table->count, .indent = NO_INDENT};
    if (!cut.end_of_file)
        cut.indent = indent_of(line_table_line(table, (size_t)at));
    look_past_blanks(table, at - 1, -1, &cut.blanks_before, &cut.indent_before);
    look_past_blanks(table, at + 1, 1, &cut.blanks_after, &cut.indent_after);
    return cut;
}

typedef struct {
    int indent;
    int penalty;
} Badness;

static int indent_penalty(const Cut *cut, int indent, bool blanks)
{
    if (indent == NO_INDENT || cut->indent_before == NO_INDENT || indent == cut->indent_before)
        return 0;
    if (indent > cut->indent_before)
        return blanks ? PENALTY_INDENT_BLANK : PENALTY_INDENT;
    if (cut->indent_after != NO_INDENT && cut->indent_after > indent)
        return blanks ? PENALTY_OUTDENT_BLANK : PENALTY_OUTDENT;
    return blanks ? PENALTY_DEDENT_BLANK : PENALTY_DEDENT;
}

static void add_cut(Badness *badness, const LineTable *table, int32_t at)
{
    Cut cut = measure_cut(table, at);
    if (cut.indent_before == NO_INDENT && cut.blanks_before == 0)
        badness->penalty += PENALTY_START_OF_FILE;
    if (cut.end_of_file)
        badness->penalty += PENALTY_END_OF_FILE;

    int after = cut.indent == NO_INDENT ? 1 + cut.blanks_after : 0;
    int blanks = cut.blanks_before + after;
    int indent = cut.indent != NO_INDENT ? cut.indent : cut.indent_after;
    badness->penalty += WEIGHT_ALL_BLANKS * blanks + WEIGHT_BLANKS_AFTER * after;
    badness->penalty += indent_penalty(&cut, indent, blanks != 0);
    badness->indent += indent;
}

static bool is_worse(Badness a, Badness b)
{
    int indent = (a.indent > b.indent) - (a.indent < b.indent);
    return WEIGHT_INDENT * indent + (a.penalty - b.penalty) > 0;
}

/* The end, between the highest and the present one, whose two cuts are least bad; the last of equals. */
static int32_t most_readable_end(const LineTable *table, Group g, Freedom freedom)
{
    int32_t first = freedom.first_end;
    if (g.end - freedom.size - 1 > first)
        first = g.end - freedom.size - 1;
    if (g.end - SLIDE_MAX > first)
        first = g.end - SLIDE_MAX;

    int32_t best_end = first;
    Badness best = {0};
    for (int32_t end = first; end <= g.end; end++) {
        Badness badness = {0};
        add_cut(&badness, table, end);
        add_cut(&badness, table, end - freedom.size);
        if (end != first && is_worse(badness, best))
            continue;
        best = badness;
        best_end = end;
    }
    return best_end;
}

static void settle(Row *row, Group *g, Row *other, Group *partner, const LineTable *table)
{
    Freedom freedom = slide_to_end(row, g, other, partner);
    if (g->end == freedom.first_end)
        return;
    if (freedom.meets_change) {
        while (is_empty(*partner))
            slide_up_together(row, g, other, partner);
    } else if (table) {
        int32_t end = most_readable_end(table, *g, freedom);
        while (g->end > end)
            slide_up_together(row, g, other, partner);
    }
}

/* Both groups are empty: goes on, eight lines at a time where nothing is changed in either row. */
static void skip_unchanged(const Row *row, Group *g, const Row *other, Group *partner)
{
    const int32_t step = 8;
    const uint64_t none = 0;
    while (is_empty(*g) && is_empty(*partner) && g->end + step < row->count &&
           partner->end + step < other->count &&
           memcmp(row->changed + g->end, &none, sizeof none) == 0 &&
           memcmp(other->changed + partner->end, &none, sizeof none) == 0) {
        *g = (Group){g->end + step, g->end + step};
        *partner = (Group){partner->end + step, partner->end + step};
        while (row->changed[g->end])
            g->end++;
        while (other->changed[partner->end])
            partner->end++;
    }
}

void script_slide(Row *row, Row *other, const LineTable *table)
{
    Group g = group_first(row);
    Group partner = group_first(other);
    do {
        skip_unchanged(row, &g, other, &partner);
        if (!is_empty(g))
            settle(row, &g, other, &partner, table);
    } while (group_next(row, &g) && group_next(other, &partner));
}
