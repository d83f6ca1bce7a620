/* Identifiers and chance come only from here; tests seed them. */
#pragma once

#include "base/arena.h"

/* 26 characters of Crockford base32, 48 bits of time and 80 of chance: sorts by age (ULID). Within a
 * process each is greater than the one before. */
char *id_new(Arena *arena);
char *trace_id_new(Arena *arena); /* 32 hex digits, as in W3C traceparent */
void random_bytes(void *out, size_t len);
void ids_seed(uint64_t seed); /* tests; 0 goes back to the system's chance */
