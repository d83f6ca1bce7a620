/* Completion: what may stand next on a command line, told by the command tables and the records.
 *
 * A command's usage lines are its grammar: literal words, then what stands for an operand (TYPE:NAME, DIR,
 * FILE, COMMAND ...). Words come filtered by what is typed already; files and folders are the shell's to
 * list. Nothing fails and nothing is written: what cannot be read is not offered.
 */
#pragma once

#include "app/app.h"
#include "cli/command.h"

typedef struct {
    Str word;
    const char *about;
} CompleteWord;

typedef struct {
    ARRAY(CompleteWord) words;
    bool files, folders; /* names of these too */
} Completion;

/* `words` without "weir"; the last one is being typed. `app` NULL: no collection is there. */
void complete(Arena *arena, App *app, const char *const *words, size_t count, Completion *out);
