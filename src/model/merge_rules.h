/* Merge rules of an artifact: which files are merged how. What a rule means is the merge room's. */
#pragma once

#include "base/array.h"

typedef struct {
    Str pattern, rule; /* "*.lock", "manual" */
} MergeRule;
typedef ARRAY(MergeRule) MergeRules;
