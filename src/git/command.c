#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/ids.h"
#include "base/text.h"
#include "git/git_internal.h"
#include "git/source_internal.h"

enum {
    NETWORK_TIMEOUT_MS = 10 * 60 * 1000,
    LOCAL_TIMEOUT_MS = 2 * 60 * 1000,
    SILENCE_MS = 30 * 1000,
    ATTEMPTS = 3,
    RETRY_DELAY_MS = 500,
    RETRY_DELAY_MOST_MS = 20 * 1000,
    ARGUMENTS_MOST = 32,
    SLEEP_SLICE_MS = 50,
    LIMITED_TIMES = 4, /* who asks for fewer calls gets longer pauses */
};

#define PACK_LIMIT ((uint64_t)4 << 30)

static int or_default(int value, int fallback)
{
    return value > 0 ? value : fallback;
}

int git_silence_ms(const Git *git)
{
    return or_default(git->settings.silence_ms, SILENCE_MS);
}

/* Of http git itself counts the bytes and gives up sooner; a prompt waits for a person. */
static int quiet_ms(const GitRepo *repo)
{
    if (repo->may_ask || git_is_local(repo))
        return 0;
    return git_silence_ms(repo->git) * (str_starts(repo->url, STR("http")) ? 2 : 1);
}

/* "Receiving objects:  42% (…": what a waiting person wants to know of it. */
static void see_progress(void *context, Str bytes)
{
    GitRepo *repo = context;
    Str number;
    uint64_t percent;
    for (size_t at; (at = str_search(bytes, STR("objects:"))) != STR_NONE;) {
        bytes = str_slice(bytes, at + 8, bytes.len);
        Str rest = str_trim(bytes);
        if (str_next(&rest, '%', &number) && str_to_u64(number, &percent) && percent <= 100)
            atomic_store(&repo->percent, (int)percent);
    }
}

ProcessSpec git_spec(GitRepo *repo, const char *const *argv, bool network)
{
    const GitSettings *settings = &repo->git->settings;
    uint64_t pack_limit = settings->pack_limit_bytes ? settings->pack_limit_bytes : PACK_LIMIT;
    ProcessSpec spec = {
        .argv = argv,
        .environment = repo->git->environment,
        .cwd_fd = repo->fd,
        .timeout_ms = or_default(settings->local_timeout_ms, LOCAL_TIMEOUT_MS),
    };
    if (!network)
        return spec;
    if (repo->may_ask)
        spec.environment = repo->git->environment_to_ask;
    spec.file_limit_bytes = pack_limit;
    spec.timeout_ms = or_default(settings->timeout_ms, NETWORK_TIMEOUT_MS);
    spec.quiet_ms = quiet_ms(repo);
    spec.inherit_terminal = repo->may_ask;
    spec.errors_seen = see_progress;
    spec.errors_context = repo;
    return spec;
}

/* Full jitter: many weirs that failed together do not come back together. */
static bool wait_before_retry(const GitSettings *settings, int attempt, GitTrouble trouble,
                              Error *err)
{
    int64_t most = or_default(settings->retry_delay_ms, RETRY_DELAY_MS);
    if (trouble == TROUBLE_LIMITED)
        most *= LIMITED_TIMES;
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

/* One try. A silent upstream is another kind of failure than one that was slow for the whole time. */
static GitTrouble try_once(GitRepo *repo, Arena *arena, const GitCall *call,
                           const char *const *argv, ProcessResult *result, Error *err)
{
    GitTrouble trouble = TROUBLE_FINAL;
    int64_t began_us = clock_monotonic_us();
    *result = (ProcessResult){0};
    if (!run_once(repo, arena, call, argv, result, err)) {
        int whole_ms = or_default(repo->git->settings.timeout_ms, NETWORK_TIMEOUT_MS);
        bool silent = call->network && err->code == ERR_TIMEOUT &&
                      clock_monotonic_us() - began_us < (int64_t)whole_ms * 1000;
        SCOPED(arena_close) Arena *scratch = arena_open();
        (void)fail_in(err, "'%.300s': git %s",
                      text_safe(scratch, source_without_secret(scratch, repo->url)),
                      call->arguments[0]);
        return silent ? TROUBLE_SILENT : TROUBLE_FINAL;
    }
    if (result->exit_code == 0)
        return TROUBLE_NONE;
    (void)git_fail(repo->url, result->exit_code, result->errors, &trouble, err);
    return trouble;
}

static bool call_network(GitRepo *repo, Arena *arena, const GitCall *call, const char *const *argv,
                         ProcessResult *result, Error *err)
{
    const GitSettings *settings = &repo->git->settings;
    int attempts = or_default(settings->attempts, ATTEMPTS);
    for (int attempt = 1;; attempt++) {
        if (!host_begin(repo, err))
            return false;
        atomic_store(&repo->percent, 0);
        GitTrouble trouble = try_once(repo, arena, call, argv, result, err);
        if (trouble <= TROUBLE_FINAL || attempt >= attempts) {
            if (trouble == TROUBLE_NONE || err->code != ERR_INTERRUPTED)
                host_end(repo, trouble, err);
            return trouble == TROUBLE_NONE;
        }
        if (!wait_before_retry(settings, attempt, trouble, err))
            return false;
    }
}

static bool call_local(GitRepo *repo, Arena *arena, const GitCall *call, const char *const *argv,
                       ProcessResult *result, int *exit_code, Error *err)
{
    GitTrouble ignored;
    if (!run_once(repo, arena, call, argv, result, err))
        return fail_in(err, "git %s", call->arguments[0]);
    if (exit_code && result->errors.len == 0) {
        *exit_code = result->exit_code;
        return true;
    }
    return result->exit_code == 0 ||
           git_fail(repo->url, result->exit_code, result->errors, &ignored, err);
}

bool git_call(GitRepo *repo, Arena *arena, const GitCall *call, Str *output, int *exit_code,
              Error *err)
{
    const char *argv[ARGUMENTS_MOST] = {"git"};
    ProcessResult result = {0};
    for (size_t i = 0; call->arguments[i]; i++) {
        ASSERT(i + 2 < ARGUMENTS_MOST);
        argv[i + 1] = call->arguments[i];
    }
    if (exit_code)
        *exit_code = 0;
    if (!git_environment(repo->git, err) || !git_repo_wake(repo, err) ||
        !(call->network ? call_network(repo, arena, call, argv, &result, err)
                        : call_local(repo, arena, call, argv, &result, exit_code, err)))
        return false;
    if (output)
        *output = result.output;
    return true;
}
