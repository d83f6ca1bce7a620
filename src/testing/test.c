#include "testing/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/ids.h"
#include "base/path.h"

static TestCase *first;
static size_t registered;
static uint64_t seed;

void test_register(TestCase *test)
{
    test->next = first;
    first = test;
    registered++;
}

static void start(Test *t)
{
    char folder[] = "/tmp/weir-test-XXXXXX";
    t->arena = arena_open();
    const char *made = mkdtemp(folder);
    assert_non_null(made);
    t->dir = arena_text(t->arena, str_of(made));
    t->dir_fd = -1;
    if (!fs_open_root(t->dir, &t->dir_fd, &t->err))
        test_check_ok(false, &t->err, "fs_open_root", __FILE__, __LINE__);
    seed = getenv("WEIR_TEST_SEED") ? strtoull(getenv("WEIR_TEST_SEED"), NULL, 10) : 20261121;
}

static int setup(void **state)
{
    Test *t = calloc(1, sizeof *t);
    start(t);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    Test *t = *state;
    Error err;
    int parent = -1;
    fd_close(&t->dir_fd);
    bool gone = fs_open_root("/tmp", &parent, &err) &&
                fs_remove_all_at(parent, path_base(str_of(t->dir)), &err);
    fd_close(&parent);
    if (!gone)
        (void)fprintf(stderr, "cannot tidy up %s: %s\n", t->dir, err.message);
    arena_close(&t->arena);
    free(t);
    return gone ? 0 : -1;
}

static void run_case(void **state)
{
    Test *t = *state;
    TestCase *test = NULL;
    memcpy(&test, t->err.message, sizeof test);
    test->run(t);
}

/* cmocka hands over the initial state; the case rides in the fresh Test's unused error text. */
static int setup_case(void **state)
{
    const TestCase *test = *state;
    int result = setup(state);
    if (result == 0)
        memcpy(((Test *)*state)->err.message, &test, sizeof test);
    return result;
}

int main(int count, char **arguments)
{
    struct CMUnitTest *tests = calloc(registered + 1, sizeof *tests);
    size_t used = 0;
    for (TestCase *test = first; test; test = test->next)
        tests[registered - ++used] =
            (struct CMUnitTest){test->name, run_case, setup_case, teardown, test};
    const char *filter = count > 1 ? arguments[1] : getenv("WEIR_TEST_FILTER");
    if (filter)
        cmocka_set_test_filter(filter);
    int failed = _cmocka_run_group_tests("weir", tests, registered, NULL, NULL);
    if (failed)
        (void)fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    free(tests);
    return failed ? 1 : 0;
}

void test_check_ok(bool ok, const Error *err, const char *call, const char *file, int line)
{
    if (ok)
        return;
    print_error("%s failed: %s: %s\n", call, error_name(err->code), err->message);
    _fail(file, line);
}

void test_check_fails(bool ok, ErrorCode code, const Error *err, const char *call, const char *file,
                      int line)
{
    if (!ok && err->code == code)
        return;
    print_error("%s should fail with %s but %s%s%s\n", call, error_name(code),
                ok ? "succeeded" : error_name(err->code), ok ? "" : ": ", ok ? "" : err->message);
    _fail(file, line);
}

void test_check_str(Str actual, Str expected, const char *file, int line)
{
    if (str_equal(actual, expected))
        return;
    print_error("got      \"%.*s\"\nexpected \"%.*s\"\n", STR_ARG(actual), STR_ARG(expected));
    _fail(file, line);
}

void test_check_has(const char *text, const char *part, const char *file, int line)
{
    if (strstr(text, part))
        return;
    print_error("\"%s\" does not hold \"%s\"\n", text, part);
    _fail(file, line);
}

void test_skip(const char *reason)
{
    print_message("skipped: %s\n", reason);
    skip();
}

void test_write_bytes(Test *t, const char *path, Str bytes, unsigned mode)
{
    Str folder = path_folder(str_of(path));
    if (folder.len)
        CHECK_OK(fs_make_folders_at(t->dir_fd, folder, 0755, &t->err));
    CHECK_OK(fs_remove_at(t->dir_fd, str_of(path), false, &t->err));
    CHECK_OK(fs_create_at(t->dir_fd, str_of(path), bytes, mode, false, &t->err));
}

void test_write(Test *t, const char *path, const char *text)
{
    test_write_bytes(t, path, str_of(text), 0644);
}

Str test_read(Test *t, const char *path)
{
    Str text = {0};
    CHECK_OK(fs_read_at(t->arena, t->dir_fd, str_of(path), (uint64_t)1 << 32, &text, &t->err));
    return text;
}

const char *test_shell(Test *t, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *command = arena_format_list(t->arena, format, arguments);
    va_end(arguments);
    /* popen is for tests alone: the product starts programs by base/process, without a shell. */
    FILE *pipe = popen(arena_format(t->arena, "cd '%s' && { %s\n}", t->dir, command), "r");
    assert_non_null(pipe);
    Buf out = buf_new(t->arena);
    char chunk[4096];
    size_t got;
    while ((got = fread(chunk, 1, sizeof chunk, pipe)) > 0)
        buf_add_bytes(&out, chunk, got);
    int status = pclose(pipe);
    if (status != 0) {
        print_error("exit status %d of: %s\n%s\n", status, command, buf_text(&out));
        _fail(__FILE__, __LINE__);
    }
    return buf_text(&out);
}

uint64_t test_random(Test *t)
{
    (void)t;
    seed += 0x9E3779B97F4A7C15U; /* splitmix64 */
    uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

void test_reseed(Test *t, uint64_t state)
{
    (void)t;
    seed = state;
}

uint64_t test_below(Test *t, uint64_t bound)
{
    return bound ? test_random(t) % bound : 0;
}

int test_rounds(int normal)
{
    const char *factor = getenv("WEIR_TEST_ROUNDS");
    return normal * (factor ? atoi(factor) : 1);
}
