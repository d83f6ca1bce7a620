/* Wrap: text that is wider than the terminal. Prose breaks between words; cells are cut, which "…" shows.
 *
 * What is to be pasted, and what files hold, is neither: the terminal breaks it where it must. Widths are
 * what a terminal shows; colours take none. Columns 0: no terminal, nothing is broken or cut.
 */
#pragma once

#include "base/buf.h"

size_t wrap_columns(Str text);

/* `text` behind `at` columns of its line; the lines it goes on in are indented by `indent`. A word that is
 * wider than the terminal stays whole; where less than 16 columns were left, nothing is broken. */
void wrap_add(Buf *out, Str text, size_t at, size_t indent, size_t columns);

/* Each line of `text`, indented as it begins and two columns more. */
const char *wrap_lines(Arena *arena, const char *text, size_t columns);

/* At most `columns` of it, `more` ("…") at its end when there was more. */
Str wrap_cut(Arena *arena, Str text, size_t columns, const char *more);
