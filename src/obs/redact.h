/* Redact: secrets out of a text: userinfo of URLs, what follows "token=" and the like, tokens known by their
 * prefix, and given values, such as those of secret variables. What is taken out becomes "***". */
#pragma once

#include "base/array.h"

/* The same span when nothing had to go. `values` may be NULL. */
Str redact(Arena *arena, Str text, const StrArray *values);

/* Does a variable of this name hold a secret? "GITHUB_TOKEN", "DB_PASSWORD" */
bool redact_is_secret_name(Str name);
