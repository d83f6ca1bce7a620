/* Texts that are hard on a diff, for tests: few distinct lines, blanks, moved blocks, odd endings.
 * Only for *_test.c, which include testing/test.h before it. */
#pragma once

#include "merge/diff.h"

typedef struct {
    Str base, ours, theirs;
} RandomTriple;

Str random_text(Test *t, size_t lines_max, size_t distinct);
Str random_edit(Test *t, Str text, size_t edits, size_t distinct);
RandomTriple random_triple(Test *t);
