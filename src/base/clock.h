/* Time comes only from here; tests freeze it. Wall clock in milliseconds since 1970, UTC. */
#pragma once

#include "base/arena.h"

int64_t clock_ms(void);           /* wall clock: for people and records */
int64_t clock_monotonic_us(void); /* for measuring and deadlines */
int64_t clock_boot_ms(void);     /* since the start of the machine, its sleep counted; for leases */
const char *clock_boot_id(void); /* of this start of the machine: no other boot time compares */
void clock_sleep_ms(int64_t ms);
void clock_freeze(
    int64_t wall_ms); /* tests; negative thaws. WEIR_TEST_CLOCK_MS does it from outside */

char *clock_format(Arena *arena, int64_t wall_ms); /* 2026-11-21T08:00:00Z */
bool clock_parse(Str text, int64_t *out_ms);       /* the same form */
