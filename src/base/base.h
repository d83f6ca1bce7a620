/* Words every module uses: cleanup, ownership hand-over, checked results, assertions.
 *
 * SCOPED(x_close) T *x;   calls x_close(&x) when the block ends. Every release function takes the
 *                         address, accepts NULL, -1 and half-built objects, and resets the variable.
 * TAKE(p)                 hands a pointer over: gives its value and leaves NULL behind.
 * ASSERT(c)               a programmer's error; stays on in release builds and ends the process.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define SCOPED(release)                                                                            \
    __attribute__((cleanup(release), unused)) /* clang counts no cleanup as a use */
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define NORETURN __attribute__((noreturn))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define TAKE(p)                                                                                    \
    __extension__({                                                                                \
        __typeof__(p) *take_from_ = &(p);                                                          \
        __typeof__(p) taken_ = *take_from_;                                                        \
        *take_from_ = NULL;                                                                        \
        taken_;                                                                                    \
    })

#define ASSERT(condition)                                                                          \
    ((condition) ? (void)0 : assert_failed(#condition, __FILE__, __LINE__, __func__))

NORETURN void assert_failed(const char *condition, const char *file, int line,
                            const char *function);

/* Ends the process: memory is the one resource whose lack is not an Error. */
NORETURN void out_of_memory(size_t wanted_bytes);
