/* What a review found, for a person and as JSON. */
#pragma once

#include "cli/output.h"
#include "sync/plan.h"

/* Those that need a yes, a row each; the rest as one line, or as rows too with --verbose. */
void risk_print(Output *output, const PlanItem *item, const char *indent);
/* The same where nothing is planned. */
void risk_print_findings(Output *output, const RiskFindings *risks, Str artifact_path);
/* "executable (3), hook" of all items, empty without findings. */
const char *risk_counts(Arena *arena, const Plan *plan);
/* Findings of this plan that need a yes and have none. */
size_t risk_open(const Plan *plan);
