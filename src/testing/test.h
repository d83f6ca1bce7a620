/* What tests share: a test registers itself, gets a fresh arena and an empty folder of its own.
 *
 * TEST(name_is_a_promise) { ... }   in any *_test.c; `t` holds arena, dir (path), dir_fd, err.
 * Assertions are cmocka's (assert_int_equal ...) and the CHECK_ words below. A test that cannot run
 * here says why: test_skip("no git http-backend"). This is the only file that includes cmocka.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* the product has a function of that name */

#include "base/arena.h"
#include "base/error.h"

typedef struct {
    Arena *arena;
    const char *dir;
    int dir_fd;
    Error err;
} Test;

typedef struct TestCase {
    const char *name;
    void (*run)(Test *t);
    struct TestCase *next;
} TestCase;

void test_register(TestCase *test);

#define TEST(name)                                                                                 \
    static void test_##name(Test *t);                                                              \
    __attribute__((constructor)) static void register_##name(void)                                 \
    {                                                                                              \
        static TestCase test_case = {#name, test_##name, NULL};                                    \
        test_register(&test_case);                                                                 \
    }                                                                                              \
    static void test_##name(Test *t __attribute__((unused)))

#define CHECK(condition) _assert_true((condition) ? 1 : 0, #condition, __FILE__, __LINE__)
#define CHECK_INT(actual, expected) assert_int_equal((actual), (expected))
#define CHECK_OK(call) test_check_ok((call), &t->err, #call, __FILE__, __LINE__)
#define CHECK_FAILS(expected, call)                                                                \
    test_check_fails((call), expected, &t->err, #call, __FILE__, __LINE__)
#define CHECK_STR(actual, expected) test_check_str((actual), (expected), __FILE__, __LINE__)
#define CHECK_TEXT(actual, expected)                                                               \
    test_check_str(str_of(actual), str_of(expected), __FILE__, __LINE__)
#define CHECK_HAS(text, part) test_check_has((text), (part), __FILE__, __LINE__)

void test_check_ok(bool ok, const Error *err, const char *call, const char *file, int line);
void test_check_fails(bool ok, ErrorCode code, const Error *err, const char *call, const char *file,
                      int line);
void test_check_str(Str actual, Str expected, const char *file, int line);
void test_check_has(const char *text, const char *part, const char *file, int line);
void test_skip(const char *reason); /* does not return */

/* Files below t->dir, for arranging; they fail the test when they cannot. */
void test_write(Test *t, const char *path, const char *text);
void test_write_bytes(Test *t, const char *path, Str bytes, unsigned mode);
Str test_read(Test *t, const char *path);
const char *test_shell(Test *t, const char *format, ...) PRINTF_LIKE(2, 3); /* in t->dir; stdout */

/* Repeatable chance for properties; the seed is printed when a test fails, WEIR_TEST_SEED sets it. */
uint64_t test_random(Test *t);
void test_reseed(Test *t, uint64_t state); /* the same chance again */
uint64_t test_below(Test *t, uint64_t bound);
int test_rounds(int normal); /* times WEIR_TEST_ROUNDS, default 1 */
