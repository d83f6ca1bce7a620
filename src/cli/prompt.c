#include "cli/prompt.h"

#include <errno.h>
#include <poll.h>
#include <strings.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/process.h"
#include "base/suspend.h"
#include "cli/terminal.h"

enum { ANSWER_BYTES = 64, LOOK_MS = 100 };

bool prompt_can_ask(const Output *output)
{
    return !output->options.json && !output->options.quiet && terminal_is(STDIN_FILENO) &&
           terminal_is(STDERR_FILENO);
}

typedef struct {
    Output *output;
    const Question *question;
    unsigned returns; /* from a stop, that have been seen */
} Asking;

static bool show_question(const Asking *asking, Error *err)
{
    out_flush(asking->output);
    return fs_write_fd(STDERR_FILENO, str_of(asking->question->text), err);
}

/* The shell has written over what stood there. In the background the screen is the shell's still. */
static bool show_again(Asking *asking, Error *err)
{
    if (asking->returns == suspend_returns() || !suspend_in_foreground())
        return true;
    asking->returns = suspend_returns();
    if (asking->question->show)
        asking->question->show(asking->question->context);
    return show_question(asking, err);
}

/* Waits in slices: a signal that came just before the wait would not end it. */
static bool wait_for_input(Asking *asking, Error *err)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    int ready = 0;
    while (ready <= 0) {
        if (!interrupt_check(err) || !show_again(asking, err))
            return false;
        ready = poll(&input, 1, LOOK_MS);
        if (ready < 0 && errno != EINTR)
            return fail_errno(err, "cannot read the answer");
    }
    return true;
}

/* A line, what does not fit is dropped. The end of input is an empty answer. */
static bool read_answer(Asking *asking, char *answer, bool *ended, Error *err)
{
    size_t len = 0;
    *ended = false;
    for (;;) {
        char c = 0;
        if (!wait_for_input(asking, err))
            return false;
        ssize_t got = read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        *ended = got <= 0 && len == 0;
        if (got <= 0 || c == '\n')
            break;
        if (len + 1 < ANSWER_BYTES)
            answer[len++] = c;
    }
    answer[len] = '\0';
    return true;
}

bool prompt_text(Output *output, const Question *question, const char **answer, bool *ended,
                 Error *err)
{
    char line[ANSWER_BYTES];
    Asking asking = {output, question, suspend_returns()};
    if (!show_question(&asking, err))
        return false;
    if (!read_answer(&asking, line, ended, err)) {
        out_note(output, "%s", ""); /* what is said next starts in a line of its own */
        return false;
    }
    *answer = arena_text(output->arena, str_trim(str_of(line)));
    return true;
}

bool prompt_yes(Output *output, const char *question, bool *yes, Error *err)
{
    const char *answer = NULL;
    bool ended = false;
    const Question asked = {.text = arena_format(output->arena, "%s [y/N] ", question)};
    if (!prompt_text(output, &asked, &answer, &ended, err))
        return false;
    *yes = strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
    return true;
}
