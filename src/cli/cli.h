/* The command line: from argv to an exit code. Prints everything that is printed, once. */
#pragma once

#include "base/base.h"

MUST_CHECK int cli_main(int count,
                        const char *const *arguments); /* of main, the program's name first */
