/* What status, drift, why and show share: asking verb_drift what a person meant, and its items. */
#pragma once

#include "cli/command.h"
#include "sync/edge_words.h"

/* --project or the project around the current folder; without one, or with --check-all, every known
 * project. `artifact` may be NULL. Items come by artifact, edge and project. */
MUST_CHECK bool drift_ask(const Call *call, const char *artifact, Drift *out, Error *err);

size_t drift_fine_artifacts(const Drift *drift); /* artifacts all of whose edges are fine */
/* "checked 3 h ago", "never checked". */
const char *drift_age(const Output *output, const DriftItem *item);
/* `detail`, and where the upstream was to be asked and did not answer, how old that is and why. */
const char *drift_with_age(const Output *output, const DriftItem *item, const char *detail);
/* A line about statuses that are older than they should be; nothing when none is. */
void drift_print_age(Output *output, const Drift *drift);
/* 4 with --check when anything is not fine; else 1 when an edge could not be read, or an upstream that was
 * to be asked did not answer. */
int drift_exit(const Call *call, const Drift *drift);
