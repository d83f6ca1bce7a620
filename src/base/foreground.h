/* A program in the foreground: an editor or a pager that has this terminal while weir waits for it.
 *
 * Ctrl-C and Ctrl-\ are the program's while it runs; Ctrl-Z stops both, as the shell expects. What it did
 * to the terminal's modes is put right afterwards.
 */
#pragma once

#include "base/error.h"
#include "base/str.h"

/* `input` NULL: it reads from the terminal; else these bytes, of which it may leave some. Exit code 127:
 * there is no such program; 128 + signal when it was killed. */
MUST_CHECK bool foreground_run(const char *const *argv, const Str *input, int *exit_code,
                               Error *err);
