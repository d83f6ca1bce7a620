/* Pager: a long result shown by $PAGER, else less, when it goes to a terminal and does not fit on it.
 *
 * Not with PAGER=cat or empty, nor on a dumb terminal. Without a pager that works the result is written as
 * always; leaving the pager early is no failure.
 */
#pragma once

#include "cli/output.h"

void pager_show(Output *output);
