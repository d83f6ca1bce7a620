/* Man pages: troff of section 1 from the tables, weir(1) and one page a command, weir-NAME(1).
 *
 * Only requests and macros that groff and mandoc both know. A page depends on nothing but the binary, so the
 * same version always gives the same bytes.
 */
#pragma once

#include "cli/command.h"

void man_overview(Output *output);
void man_command(Output *output, const Command *command);
