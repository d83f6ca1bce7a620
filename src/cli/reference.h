/* Reference: the page docs/commands.md, from the tables of commands, options, settings and exit codes.
 *
 * It depends on nothing but the binary, so the same version always gives the same bytes.
 */
#pragma once

#include "cli/command.h"

void reference_page(Output *output);
