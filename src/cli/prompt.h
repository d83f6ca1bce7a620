/* Prompt: a question on a terminal. Where there is none, nobody is asked and nothing hangs. */
#pragma once

#include "cli/output.h"

/* Both ends are a person's, and neither --json nor --quiet was given. */
bool prompt_can_ask(const Output *output);

/* "QUESTION [y/N] " on stderr; yes only on y or yes. ERR_INTERRUPTED on Ctrl-C. */
MUST_CHECK bool prompt_yes(Output *output, const char *question, bool *yes, Error *err);
