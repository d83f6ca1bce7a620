/* Measures the merge room: bench_merge [FOLDER]. Prints one line per case: name, median ms, peak MB.
 *
 * Each case runs in its own child, so that its peak memory is its own. With FOLDER, the inputs are also
 * written there (existing folder), for comparing with git on the same bytes.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "merge/diff.h"
#include "merge/tree_merge.h"

enum { RUNS = 9, EDITS = 100, LINE_KINDS = 40 };

typedef struct {
    Arena *arena;
    Str base, ours, theirs;
} Inputs;

static uint64_t chance(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Lines of a plausible length; one in eight is one of a few, as in real texts. */
static Str make_text(Arena *arena, size_t bytes, uint64_t seed)
{
    Buf buf = buf_new(arena);
    buf_reserve(&buf, bytes + 200);
    while (buf.len < bytes) {
        uint64_t r = chance(&seed);
        char line[128];
        int len = r % 8 == 0 ? snprintf(line, sizeof line, "%*s}\n", (int)(r >> 8) % LINE_KINDS, "")
                             : snprintf(line, sizeof line, "    call_%llx(argument_%llu, %llu);\n",
                                        (unsigned long long)(r >> 20),
                                        (unsigned long long)(r >> 40) % 1000,
                                        (unsigned long long)(r >> 50));
        buf_add_bytes(&buf, line, (size_t)len);
    }
    return buf_str(&buf);
}

/* Replaces one line in `one_in`, counted from `first`. */
static Str edit_lines(Arena *arena, Str text, size_t one_in, size_t first, const char *word)
{
    Buf buf = buf_new(arena);
    buf_reserve(&buf, text.len + text.len / 4);
    Str line;
    for (size_t i = 0; str_next(&text, '\n', &line); i++) {
        if (text.len == 0 && line.len == 0)
            break;
        if (i % one_in == first)
            buf_format(&buf, "changed by %s at %zu\n", word, i);
        else {
            buf_add(&buf, line);
            buf_add_char(&buf, '\n');
        }
    }
    return buf_str(&buf);
}

static Inputs inputs_new(size_t bytes, size_t edits)
{
    Inputs in = {.arena = arena_open()};
    in.base = make_text(in.arena, bytes, 7);
    size_t one_in = diff_line_count(in.base) / edits;
    in.ours = edit_lines(in.arena, in.base, one_in, one_in / 3, "ours");
    in.theirs = edit_lines(in.arena, in.base, one_in, 2 * one_in / 3, "theirs");
    return in;
}

static void run_merge(const Inputs *in)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    MergeOptions options = {0};
    LineMerge merge;
    merge_lines(arena, in->base, in->ours, in->theirs, &options, &merge);
    ASSERT(merge.clean);
}

static void run_diff(const Inputs *in)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    DiffChanges changes;
    diff_lines_readable(arena, in->base, in->ours, &changes);
    ASSERT(changes.count > 0);
}

static bool read_nothing(void *context, Arena *arena, const Hash *hash, Str *out, Error *err)
{
    (void)context, (void)arena, (void)hash, (void)err;
    *out = (Str){0};
    return true;
}

static Tree make_tree(Arena *arena, size_t files, size_t changed)
{
    Tree tree = {0};
    for (size_t i = 0; i < files; i++) {
        char *path = arena_format(arena, "folder-%03zu/file-%05zu.md", i / 50, i);
        Hash hash = hash_of(str_of(i < changed ? arena_format(arena, "new %s", path) : path));
        ARRAY_PUSH(arena, &tree, (TreeEntry){str_of(path), MODE_FILE, hash, 100});
    }
    return tree;
}

static void run_fast_forward(const Inputs *in)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Tree base = make_tree(arena, 1000, 0), theirs = make_tree(arena, 1000, 100);
    BlobReader reader = {read_nothing, NULL};
    TreeMergeOptions options = {.no_counts = true};
    TreeMerge merge;
    Error err;
    (void)in;
    ASSERT(tree_merge(arena, &base, &base, &theirs, &reader, &options, &merge, &err));
    ASSERT(merge.kind == TREE_FAST_FORWARD && merge.changes.count == 100);
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

typedef struct {
    const char *name;
    size_t bytes, edits;
    void (*run)(const Inputs *in);
    bool edit_a_tenth;
} Case;

static void measure(const Case *c, const char *folder)
{
    Inputs in = inputs_new(c->bytes, c->edits);
    if (c->edit_a_tenth)
        in.ours = edit_lines(in.arena, in.base, 10, 3, "ours");
    int fd = -1;
    Error err;
    if (folder && fs_open_root(folder, &fd, &err)) {
        ASSERT(fs_replace_at(fd, STR("base"), in.base, 0644, &err) &&
               fs_replace_at(fd, STR("ours"), in.ours, 0644, &err) &&
               fs_replace_at(fd, STR("theirs"), in.theirs, 0644, &err));
        fd_close(&fd);
    }
    int64_t times[RUNS];
    for (int i = 0; i < RUNS; i++) {
        int64_t start = clock_monotonic_us();
        c->run(&in);
        times[i] = clock_monotonic_us() - start;
    }
    qsort(times, RUNS, sizeof *times, ascending);
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    size_t input_bytes = in.base.len + in.ours.len + in.theirs.len;
    printf("%-32s %8.2f ms   peak %6.1f MB   inputs %6.1f MB\n", c->name,
           (double)times[RUNS / 2] / 1000.0, (double)usage.ru_maxrss / 1024.0,
           (double)input_bytes / 1048576.0);
    arena_close(&in.arena);
}

int main(int count, char **arguments)
{
    static const Case cases[] = {
        {"merge_10mb_100_edits_a_side", 10u << 20, EDITS, run_merge, false},
        {"merge_10mb_1_edit_a_side", 10u << 20, 2, run_merge, false},
        {"merge_1mb_tenth_of_lines_a_side", 1u << 20, 2200, run_merge, false},
        {"diff_1mb_tenth_of_lines", 1u << 20, EDITS, run_diff, true},
        {"fast_forward_1000_files", 1u << 10, 2, run_fast_forward, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        (void)fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            measure(&cases[i], count > 1 && i == (size_t)(count > 2 ? atoi(arguments[2]) : 0)
                                   ? arguments[1]
                                   : NULL);
            (void)fflush(stdout);
            _exit(0);
        }
        int status = 0;
        if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
            return 1;
    }
    return 0;
}
