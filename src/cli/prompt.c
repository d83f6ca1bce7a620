#include "cli/prompt.h"

#include <errno.h>
#include <poll.h>
#include <strings.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/process.h"
#include "cli/terminal.h"

enum { ANSWER_BYTES = 64, LOOK_MS = 100 };

bool prompt_can_ask(const Output *output)
{
    return !output->options.json && !output->options.quiet && terminal_is(STDIN_FILENO) &&
           terminal_is(STDERR_FILENO);
}

/* Waits in slices: a signal that came just before the wait would not end it. */
static bool wait_for_input(Error *err)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    int ready = 0;
    while (ready <= 0) {
        if (!interrupt_check(err))
            return false;
        ready = poll(&input, 1, LOOK_MS);
        if (ready < 0 && errno != EINTR)
            return fail_errno(err, "cannot read the answer");
    }
    return true;
}

/* A line, what does not fit is dropped. The end of input is an empty answer. */
static bool read_answer(char *answer, Error *err)
{
    size_t len = 0;
    for (;;) {
        char c = 0;
        if (!wait_for_input(err))
            return false;
        ssize_t got = read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || c == '\n')
            break;
        if (len + 1 < ANSWER_BYTES)
            answer[len++] = c;
    }
    answer[len] = '\0';
    return true;
}

bool prompt_yes(Output *output, const char *question, bool *yes, Error *err)
{
    char answer[ANSWER_BYTES];
    out_flush(output);
    const char *text = arena_format(output->arena, "%s [y/N] ", question);
    if (!fs_write_fd(STDERR_FILENO, str_of(text), err) || !read_answer(answer, err))
        return false;
    Str word = str_trim(str_of(answer));
    const char *trimmed = arena_text(output->arena, word);
    *yes = strcasecmp(trimmed, "y") == 0 || strcasecmp(trimmed, "yes") == 0;
    return true;
}
