#include <signal.h>

#include "base/process.h"

/* The one mutable global: a signal handler can reach nothing else. */
static volatile sig_atomic_t interrupt_wanted;

bool interrupted(void)
{
    return interrupt_wanted != 0;
}

void interrupt_request(void)
{
    interrupt_wanted = 1;
}

void interrupt_clear(void)
{
    interrupt_wanted = 0;
}

bool interrupt_check(Error *err)
{
    return !interrupted() || fail(err, ERR_INTERRUPTED, "interrupted");
}
