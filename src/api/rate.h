/* Rate limits: a bucket of tokens per class and peer. Not for sharing: its owner locks.
 *
 * A class of `per_minute` n lets n pass a minute, and about two seconds' worth, at least 20, at once. A
 * bounded number of peers is remembered; the one that was quiet longest makes room, and has a full bucket
 * when it comes back.
 */
#pragma once

#include "api/endpoint.h"

typedef struct RateTable RateTable;

enum { RATE_CLASSES = LIMIT_CLASSES + 1, RATE_REFUSED = LIMIT_CLASSES }; /* wrong tokens */

RateTable *rate_table_new(Arena *arena);
/* per_minute[class]; 0: no limit. What was used of the old limits stays used. */
void rate_set(RateTable *table, const int64_t per_minute[RATE_CLASSES]);
/* False: too many; *wait_ms is when the next one may pass. */
bool rate_take(RateTable *table, Str peer, size_t class, int64_t now_us, int64_t *wait_ms);
