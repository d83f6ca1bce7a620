#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>

void assert_failed(const char *condition, const char *file, int line, const char *function)
{
    (void)fprintf(stderr, "weir: defect: '%s' does not hold in %s (%s:%d); please report it\n",
                  condition, function, file, line);
    abort();
}

void out_of_memory(size_t wanted_bytes)
{
    (void)fprintf(stderr, "weir: out of memory (%zu bytes wanted); nothing more was changed\n",
                  wanted_bytes);
    exit(1);
}
