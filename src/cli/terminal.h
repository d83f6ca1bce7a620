/* Terminal: what the place where the text ends up can show. */
#pragma once

#include "base/base.h"

bool terminal_is(int fd);
size_t terminal_columns(int fd);         /* 0: not a terminal; $COLUMNS wins */
size_t terminal_rows(int fd);            /* 24 where it does not say */
bool terminal_is_utf8(void);             /* by LC_ALL, LC_CTYPE, LANG */
bool terminal_has_color(int fd);         /* not with NO_COLOR or TERM=dumb */
bool environment_says(const char *name); /* set, not empty, and not 0, false, no or off */
