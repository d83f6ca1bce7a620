/* A patch for eyes: coloured, and made safe to show. What a pipe gets are the patch's own bytes. */
#pragma once

#include "cli/output.h"

void patch_print(Output *output, Str patch);
