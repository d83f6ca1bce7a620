/* Prompt: a question on a terminal. Where there is none, nobody is asked and nothing hangs. */
#pragma once

#include "cli/output.h"

/* Both ends are a person's, and neither --json nor --quiet was given. */
bool prompt_can_ask(const Output *output);

typedef struct {
    const char *text;
    /* What stands above it: shown again with the question when weir goes on after Ctrl-Z. May be NULL. */
    void (*show)(void *context);
    void *context;
} Question;

/* A line, trimmed. `*ended`: there is no more input (Ctrl-D). ERR_INTERRUPTED on Ctrl-C. */
MUST_CHECK bool prompt_text(Output *output, const Question *question, const char **answer,
                            bool *ended, Error *err);

/* "QUESTION [y/N] " on stderr; yes only on y or yes. ERR_INTERRUPTED on Ctrl-C. */
MUST_CHECK bool prompt_yes(Output *output, const char *question, bool *yes, Error *err);
