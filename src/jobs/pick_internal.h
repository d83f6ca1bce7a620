/* Pick: which queued jobs may run now, asked in the order of the queue.
 *
 * A job that must wait keeps its place: a younger one that would hold what it needs is not let
 * past. Otherwise a job for all of a collection would wait for ever behind jobs for one artifact
 * each; and one that waits to be tried again, and may have written already, would do so once more
 * on top of what came after it.
 */
#pragma once

#include "jobs/job.h"

typedef struct Pick Pick;

Pick *pick_new(Arena *arena, int64_t now_ms);
void pick_running(Pick *pick, const Job *job); /* this one runs: all of them first */
bool pick_waiting(Pick *pick, const Job *job); /* then those that wait: may this one run? */
