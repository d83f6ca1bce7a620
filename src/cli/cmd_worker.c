#include <unistd.h>

#include "cli/command.h"
#include "daemon/worker.h"

static bool run_worker(Call *call, Error *err)
{
    return worker_run(call->arena, STDIN_FILENO, STDOUT_FILENO, err);
}

const Command command_worker = {
    .name = "worker",
    .summary = "do one job for `weir serve`, which starts it and tells it what",
    .usage = (const char *const[]){"", NULL},
    .examples = (const char *const[]){"weir serve", NULL},
    .hidden = true,
    .run = run_worker,
};
