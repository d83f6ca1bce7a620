#include <malloc.h>
#include <signal.h>
#include <string.h>

#include "base/process.h"
#include "base/suspend.h"
#include "cli/cli.h"

static void stop(int number)
{
    (void)number;
    interrupt_request();
}

/* Twice Ctrl-C ends weir at once: an apply in flight is finished by the next command. */
static void catch_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = stop;
    action.sa_flags = (int)SA_RESETHAND;
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    action.sa_flags = 0;
    (void)sigaction(SIGPIPE, &action, NULL);
}

/* Large blocks go back to the system when an arena ends, rather than into a heap full of holes. */
static void give_memory_back(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 18);
}

int main(int count, char **arguments)
{
    catch_signals();
    suspend_catch();
    give_memory_back();
    return cli_main(count, (const char *const *)arguments);
}
