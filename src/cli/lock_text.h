/* Artifact locks in sentences. */
#pragma once

#include "cli/output.h"
#include "sync/verbs.h"

const char *lock_until(Arena *arena, const ArtifactLock *lock); /* "2026-11-21 08:00 UTC" */
/* "skill:pdf is locked by ada@host until ...: reason", a line for each locked artifact of a drift. */
void lock_print(Output *output, const Drift *drift);
