#include "base/clock.h"
#include "base/ids.h"
#include "git/git_internal.h"

enum {
    NETWORK_TIMEOUT_MS = 10 * 60 * 1000,
    LOCAL_TIMEOUT_MS = 2 * 60 * 1000,
    ATTEMPTS = 3,
    RETRY_DELAY_MS = 500,
    RETRY_DELAY_MOST_MS = 20 * 1000,
    ARGUMENTS_MOST = 32,
    SLEEP_SLICE_MS = 50,
};

#define PACK_LIMIT ((uint64_t)4 << 30)

static int or_default(int value, int fallback)
{
    return value > 0 ? value : fallback;
}

ProcessSpec git_spec(const GitRepo *repo, const char *const *argv, bool network)
{
    const GitSettings *settings = &repo->git->settings;
    uint64_t pack_limit = settings->pack_limit_bytes ? settings->pack_limit_bytes : PACK_LIMIT;
    return (ProcessSpec){
        .argv = argv,
        .environment = repo->git->environment,
        .cwd_fd = repo->fd,
        .file_limit_bytes = network ? pack_limit : 0,
        .timeout_ms = network ? or_default(settings->timeout_ms, NETWORK_TIMEOUT_MS)
                              : or_default(settings->local_timeout_ms, LOCAL_TIMEOUT_MS),
        .inherit_terminal = network && settings->may_ask,
    };
}

/* Full jitter: many weirs that failed together do not come back together. */
static bool wait_before_retry(const GitSettings *settings, int attempt, Error *err)
{
    int64_t most = or_default(settings->retry_delay_ms, RETRY_DELAY_MS);
    for (int i = 1; i < attempt && most < RETRY_DELAY_MOST_MS; i++)
        most *= 2;
    uint32_t chance;
    random_bytes(&chance, sizeof chance);
    int64_t left = (int64_t)(chance % (uint64_t)(most + 1));
    while (left > 0) {
        if (!interrupt_check(err))
            return false;
        int64_t slice = left < SLEEP_SLICE_MS ? left : SLEEP_SLICE_MS;
        clock_sleep_ms(slice);
        left -= slice;
    }
    return interrupt_check(err);
}

static bool run_once(GitRepo *repo, Arena *arena, const GitCall *call, const char *const *argv,
                     ProcessResult *result, Error *err)
{
    ProcessSpec spec = git_spec(repo, argv, call->network);
    spec.input = call->input;
    spec.output_limit_bytes = call->output_limit_bytes;
    if (call->sink)
        return process_stream(arena, &spec, call->sink, call->context, result, err);
    return process_run(arena, &spec, result, err);
}

bool git_call(GitRepo *repo, Arena *arena, const GitCall *call, Str *output, int *exit_code,
              Error *err)
{
    const GitSettings *settings = &repo->git->settings;
    const char *argv[ARGUMENTS_MOST] = {"git"};
    for (size_t i = 0; call->arguments[i]; i++) {
        ASSERT(i + 2 < ARGUMENTS_MOST);
        argv[i + 1] = call->arguments[i];
    }
    if (!git_environment(repo->git, err))
        return false;
    int attempts = call->network ? or_default(settings->attempts, ATTEMPTS) : 1;
    for (int attempt = 1;; attempt++) {
        ProcessResult result = {0};
        bool transient = false;
        if (!run_once(repo, arena, call, argv, &result, err))
            return fail_in(err, "git %s", call->arguments[0]);
        if (result.exit_code == 0 || (exit_code && result.errors.len == 0)) {
            if (output)
                *output = result.output;
            if (exit_code)
                *exit_code = result.exit_code;
            return true;
        }
        (void)git_fail(repo->url, result.exit_code, result.errors, &transient, err);
        if (!transient || attempt >= attempts)
            return false;
        if (!wait_before_retry(settings, attempt, err))
            return false;
    }
}
