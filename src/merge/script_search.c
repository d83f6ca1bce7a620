#include "merge/script_internal.h"

#include <string.h>

/* The figures are git's: other ones give other, equally valid scripts. */
enum {
    COST_MIN = 256,      /* no search is cut off before this cost */
    HEURISTIC_MIN = 256, /* nor looks for a promising snake */
    SNAKE = 20,          /* equal lines in a row that make a snake long */
    SNAKE_GAIN = 4,
    COMMON_MAX = 1024, /* a line with this many partners is common */
    SCAN_WINDOW = 100,
    KEEP_RUN = 4,
    BEYOND = 1 << 30, /* past any position */
};

typedef struct {
    const uint32_t *a, *b;           /* numbers of the lines that take part */
    const uint32_t *a_line, *b_line; /* where those stand */
    bool *a_changed, *b_changed;
    int32_t *forward, *backward; /* per diagonal a - b, the furthest position in a */
    int32_t cost_max;
} Search;

typedef struct {
    int32_t a0, a1, b0, b1;
    bool exact; /* the cost is known to be small: no shortcuts */
} Box;

/* Diagonals that a search from both corners of a box has reached. */
typedef struct {
    int32_t low, high;                               /* those inside the box */
    int32_t forward_start, forward_min, forward_max; /* from the upper left corner */
    int32_t backward_start, backward_min, backward_max;
    bool snake; /* the last step went along a long one */
    int32_t cost;
} Front;

typedef struct {
    int32_t a, b;
    bool low_exact, high_exact;
} Split;

/* A power of two near the square root, as git rounds it. */
static int32_t rough_root(int64_t n)
{
    int32_t root = 1;
    for (; n > 0; n >>= 2)
        root <<= 1;
    return root;
}

static int32_t min32(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t max32(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* Follows equal lines from (i, j); gives how many there are. */
static int32_t snake_down(const Search *s, const Box *box, int32_t i, int32_t j)
{
    int32_t limit = min32(box->a1 - i, box->b1 - j);
    int32_t n = 0;
    while (n < limit && s->a[i + n] == s->b[j + n])
        n++;
    return n;
}

static int32_t snake_up(const Search *s, const Box *box, int32_t i, int32_t j)
{
    int32_t limit = min32(i - box->a0, j - box->b0);
    int32_t n = 0;
    while (n < limit && s->a[i - 1 - n] == s->b[j - 1 - n])
        n++;
    return n;
}

/* One more edit from the upper left. True: the two searches met, and `split` says where. */
static bool step_forward(const Search *s, const Box *box, Front *f, bool odd, Split *split)
{
    int32_t *reach = s->forward;
    if (f->forward_min > f->low)
        reach[--f->forward_min - 1] = -1;
    else
        f->forward_min++;
    if (f->forward_max < f->high)
        reach[++f->forward_max + 1] = -1;
    else
        f->forward_max--;

    for (int32_t d = f->forward_max; d >= f->forward_min; d -= 2) {
        int32_t i = reach[d - 1] >= reach[d + 1] ? reach[d - 1] + 1 : reach[d + 1];
        int32_t run = snake_down(s, box, i, i - d);
        i += max32(run, 0);
        f->snake |= run > SNAKE;
        reach[d] = i;
        if (odd && f->backward_min <= d && d <= f->backward_max && s->backward[d] <= i) {
            *split = (Split){i, i - d, true, true};
            return true;
        }
    }
    return false;
}

static bool step_backward(const Search *s, const Box *box, Front *f, bool odd, Split *split)
{
    int32_t *reach = s->backward;
    if (f->backward_min > f->low)
        reach[--f->backward_min - 1] = BEYOND;
    else
        f->backward_min++;
    if (f->backward_max < f->high)
        reach[++f->backward_max + 1] = BEYOND;
    else
        f->backward_max--;

    for (int32_t d = f->backward_max; d >= f->backward_min; d -= 2) {
        int32_t i = reach[d - 1] < reach[d + 1] ? reach[d - 1] : reach[d + 1] - 1;
        int32_t run = snake_up(s, box, i, i - d);
        i -= max32(run, 0);
        f->snake |= run > SNAKE;
        reach[d] = i;
        if (!odd && f->forward_min <= d && d <= f->forward_max && i <= s->forward[d]) {
            *split = (Split){i, i - d, true, true};
            return true;
        }
    }
    return false;
}

static bool snake_before(const Search *s, int32_t i, int32_t j)
{
    for (int32_t n = 1; n <= SNAKE; n++)
        if (s->a[i - n] != s->b[j - n])
            return false;
    return true;
}

static bool snake_after(const Search *s, int32_t i, int32_t j)
{
    for (int32_t n = 0; n < SNAKE; n++)
        if (s->a[i + n] != s->b[j + n])
            return false;
    return true;
}

/* The diagonal that has come furthest for its cost and stands at the end of a long snake. */
static bool promising_forward(const Search *s, const Box *box, const Front *f, Split *split)
{
    int64_t best = 0;
    for (int32_t d = f->forward_max; d >= f->forward_min; d -= 2) {
        int64_t aside = d > f->forward_start ? d - f->forward_start : f->forward_start - d;
        int32_t i = s->forward[d], j = i - d;
        int64_t gain = ((int64_t)i - box->a0) + ((int64_t)j - box->b0) - aside;
        if (gain <= (int64_t)SNAKE_GAIN * f->cost || gain <= best)
            continue;
        if (box->a0 + SNAKE > i || i >= box->a1 || box->b0 + SNAKE > j || j >= box->b1)
            continue;
        if (!snake_before(s, i, j))
            continue;
        best = gain;
        *split = (Split){i, j, true, false};
    }
    return best > 0;
}

static bool promising_backward(const Search *s, const Box *box, const Front *f, Split *split)
{
    int64_t best = 0;
    for (int32_t d = f->backward_max; d >= f->backward_min; d -= 2) {
        int64_t aside = d > f->backward_start ? d - f->backward_start : f->backward_start - d;
        int32_t i = s->backward[d], j = i - d;
        int64_t gain = ((int64_t)box->a1 - i) + ((int64_t)box->b1 - j) - aside;
        if (gain <= (int64_t)SNAKE_GAIN * f->cost || gain <= best)
            continue;
        if (box->a0 >= i || i > box->a1 - SNAKE || box->b0 >= j || j > box->b1 - SNAKE)
            continue;
        if (!snake_after(s, i, j))
            continue;
        best = gain;
        *split = (Split){i, j, false, true};
    }
    return best > 0;
}

/* Too dear: settle for the point that either search has brought furthest. */
static void give_up(const Search *s, const Box *box, const Front *f, Split *split)
{
    int64_t down = -1, up = INT64_MAX;
    int32_t down_a = -1, up_a = BEYOND;
    for (int32_t d = f->forward_max; d >= f->forward_min; d -= 2) {
        int32_t i = min32(s->forward[d], box->a1);
        if (box->b1 < i - d)
            i = box->b1 + d;
        if (down < (int64_t)i + (i - d)) {
            down = (int64_t)i + (i - d);
            down_a = i;
        }
    }
    for (int32_t d = f->backward_max; d >= f->backward_min; d -= 2) {
        int32_t i = max32(box->a0, s->backward[d]);
        if (i - d < box->b0)
            i = box->b0 + d;
        if ((int64_t)i + (i - d) < up) {
            up = (int64_t)i + (i - d);
            up_a = i;
        }
    }
    if ((int64_t)box->a1 + box->b1 - up < down - ((int64_t)box->a0 + box->b0))
        *split = (Split){down_a, (int32_t)(down - down_a), true, false};
    else
        *split = (Split){up_a, (int32_t)(up - up_a), false, true};
}

static Front front_of(const Search *s, const Box *box)
{
    int32_t start = box->a0 - box->b0, end = box->a1 - box->b1;
    s->forward[start] = box->a0;
    s->backward[end] = box->a1;
    return (Front){.low = box->a0 - box->b1,
                   .high = box->a1 - box->b0,
                   .forward_start = start,
                   .forward_min = start,
                   .forward_max = start,
                   .backward_start = end,
                   .backward_min = end,
                   .backward_max = end};
}

/* A point on a good path through the box: searches from both corners until they meet. */
static Split find_split(const Search *s, const Box *box)
{
    Front front = front_of(s, box);
    bool odd = ((front.forward_start - front.backward_start) & 1) != 0;
    Split split = {0};
    for (front.cost = 1;; front.cost++) {
        front.snake = false;
        if (step_forward(s, box, &front, odd, &split) || step_backward(s, box, &front, odd, &split))
            return split;
        if (box->exact)
            continue;
        if (front.snake && front.cost > HEURISTIC_MIN &&
            (promising_forward(s, box, &front, &split) ||
             promising_backward(s, box, &front, &split)))
            return split;
        if (front.cost >= s->cost_max) {
            give_up(s, box, &front, &split);
            return split;
        }
    }
}

static void shrink(const Search *s, Box *box)
{
    int32_t head = snake_down(s, box, box->a0, box->b0);
    box->a0 += head;
    box->b0 += head;
    int32_t tail = snake_up(s, box, box->a1, box->b1);
    box->a1 -= tail;
    box->b1 -= tail;
}

static int64_t box_size(const Box *box)
{
    return ((int64_t)box->a1 - box->a0) + (box->b1 - box->b0);
}

/* Splits until one side is empty. The smaller half recurses, so the stack stays logarithmic. */
static void search_box(const Search *s, Box box)
{
    for (;;) {
        shrink(s, &box);
        if (box.a0 == box.a1 || box.b0 == box.b1)
            break;
        Split split = find_split(s, &box);
        Box low = {box.a0, split.a, box.b0, split.b, split.low_exact};
        Box high = {split.a, box.a1, split.b, box.b1, split.high_exact};
        bool low_is_smaller = box_size(&low) < box_size(&high);
        search_box(s, low_is_smaller ? low : high);
        box = low_is_smaller ? high : low;
    }
    for (int32_t i = box.a0; i < box.a1; i++)
        s->a_changed[s->a_line[i]] = true;
    for (int32_t j = box.b0; j < box.b1; j++)
        s->b_changed[s->b_line[j]] = true;
}

typedef enum { PARTNERS_NONE, PARTNERS_FEW, PARTNERS_MANY } Partners;

/* A common line between lines without partner is as good as without: matching it would only cut a
 * change in two. It must have such lines on both sides, and more of them than of common ones. */
static bool is_noise(const uint8_t *partners, int32_t i, int32_t from, int32_t to)
{
    int32_t none[2] = {0, 0};
    int32_t many[2] = {1, 1};
    for (int32_t way = 0; way < 2; way++) {
        int32_t step = way == 0 ? -1 : 1;
        int32_t end = way == 0 ? max32(from, i - SCAN_WINDOW) : min32(to - 1, i + SCAN_WINDOW);
        for (int32_t k = i + step; way == 0 ? k >= end : k <= end; k += step) {
            if (partners[k] == PARTNERS_FEW)
                break;
            none[way] += partners[k] == PARTNERS_NONE;
            many[way] += partners[k] == PARTNERS_MANY;
        }
        if (none[way] == 0)
            return false;
    }
    int32_t all_none = none[0] + none[1], all_many = many[0] + many[1];
    return all_many * KEEP_RUN < all_many + all_none;
}

typedef struct {
    uint32_t *ids;
    uint32_t *lines;
    int32_t count;
} Chosen;

/* Marks the lines of row[from, to) that cannot match as changed, and gives the others. */
static Chosen choose(Arena *scratch, const Row *row, int32_t from, int32_t to,
                     const uint32_t *counts_elsewhere)
{
    size_t room = (size_t)(to - from);
    uint8_t *partners = ARENA_ARRAY(scratch, uint8_t, room);
    uint32_t many = (uint32_t)min32(rough_root(row->count), COMMON_MAX);
    for (int32_t i = from; i < to; i++) {
        uint32_t n = counts_elsewhere[row->ids[i]];
        partners[i - from] = n == 0 ? PARTNERS_NONE : n >= many ? PARTNERS_MANY : PARTNERS_FEW;
    }

    Chosen chosen = {ARENA_ARRAY(scratch, uint32_t, room), ARENA_ARRAY(scratch, uint32_t, room), 0};
    for (int32_t i = from; i < to; i++) {
        uint8_t kind = partners[i - from];
        if (kind == PARTNERS_NONE ||
            (kind == PARTNERS_MANY && is_noise(partners, i - from, 0, to - from))) {
            row->changed[i] = true;
            continue;
        }
        chosen.ids[chosen.count] = row->ids[i];
        chosen.lines[chosen.count++] = (uint32_t)i;
    }
    return chosen;
}

static uint32_t *count_classes(Arena *scratch, const Row *row, size_t classes)
{
    uint32_t *counts = ARENA_ARRAY(scratch, uint32_t, classes);
    for (int32_t i = 0; i < row->count; i++)
        counts[row->ids[i]]++;
    return counts;
}

static int32_t common_head(const Row *a, const Row *b)
{
    int32_t limit = min32(a->count, b->count), n = 0;
    while (n < limit && a->ids[n] == b->ids[n])
        n++;
    return n;
}

static int32_t common_tail(const Row *a, const Row *b, int32_t head)
{
    int32_t limit = min32(a->count, b->count) - head, n = 0;
    while (n < limit && a->ids[a->count - 1 - n] == b->ids[b->count - 1 - n])
        n++;
    return n;
}

void script_search(Arena *scratch, Row *a, Row *b, size_t classes)
{
    int32_t head = common_head(a, b);
    int32_t tail = common_tail(a, b, head);
    if (head + tail == a->count && head + tail == b->count)
        return;

    /* Counts are of the whole texts, ends included: they decide what is common. */
    const uint32_t *in_a = count_classes(scratch, a, classes);
    const uint32_t *in_b = count_classes(scratch, b, classes);
    Chosen from_a = choose(scratch, a, head, a->count - tail, in_b);
    Chosen from_b = choose(scratch, b, head, b->count - tail, in_a);

    size_t diagonals = (size_t)from_a.count + (size_t)from_b.count + 3;
    int32_t *reach = ARENA_ARRAY(scratch, int32_t, 2 * diagonals + 2);
    Search search = {
        .a = from_a.ids,
        .b = from_b.ids,
        .a_line = from_a.lines,
        .b_line = from_b.lines,
        .a_changed = a->changed,
        .b_changed = b->changed,
        .forward = reach + from_b.count + 1,
        .backward = reach + diagonals + from_b.count + 1,
        .cost_max = max32(rough_root((int64_t)diagonals), COST_MIN),
    };
    search_box(&search, (Box){0, from_a.count, 0, from_b.count, false});
}
