/* Suspend: Ctrl-Z and `fg`, while weir is at work on a terminal.
 *
 * The line that is drawn over itself is erased before weir stops and drawn again when it goes on in the
 * foreground; the time it stood still is no time of any limit (SIGSTOP alone, which nobody sees coming,
 * counts). Terminal modes need nothing: weir never changes them. Any thread.
 */
#pragma once

#include "base/base.h"

enum { SUSPEND_LINE_BYTES = 512 };

/* Handlers of SIGTSTP and SIGCONT, for the program. What was ignored stays ignored. */
void suspend_catch(void);

/* What stands in stderr's last line, told before it is drawn; 0 bytes: nothing. Cut to
 * SUSPEND_LINE_BYTES. One thread at a time. */
void suspend_line(const char *text, size_t len);

unsigned suspend_returns(void);   /* grows with each time weir went on, SIGCONT */
bool suspend_in_foreground(void); /* the terminal is ours, or there is none */

/* clock_monotonic_us without the time weir stood still. */
int64_t suspend_awake_us(void);
