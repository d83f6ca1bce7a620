#include <stdatomic.h>

#include "base/process.h"

/* The one mutable global: a signal handler can reach nothing else. Other threads look at it. */
static atomic_int interrupt_wanted;
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a handler may set it");

bool interrupted(void)
{
    return atomic_load_explicit(&interrupt_wanted, memory_order_relaxed) != 0;
}

void interrupt_request(void)
{
    atomic_store(&interrupt_wanted, 1);
}

void interrupt_clear(void)
{
    atomic_store(&interrupt_wanted, 0);
}

bool interrupt_check(Error *err)
{
    return !interrupted() || fail(err, ERR_INTERRUPTED, "interrupted");
}
