/* What became of each artifact of a plan, for the log: a line for what is not up to date. */
#pragma once

#include "sync/plan.h"

void item_log(const Workspace *ws, const Plan *plan);
