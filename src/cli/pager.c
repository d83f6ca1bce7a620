#include "cli/pager.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/foreground.h"
#include "cli/terminal.h"

enum { EXIT_NOT_THERE = 127 };

/* NULL: none is wanted. */
static const char *pager_command(void)
{
    const char *pager = getenv("PAGER"), *term = getenv("TERM");
    if (!term || !*term || strcmp(term, "dumb") == 0)
        return NULL;
    if (!pager)
        return "less";
    return *pager && strcmp(pager, "cat") != 0 ? pager : NULL;
}

static bool fits(Str text)
{
    size_t lines = 0, rows = terminal_rows(STDOUT_FILENO);
    for (size_t i = 0; i < text.len && lines < rows; i++)
        lines += text.data[i] == '\n';
    return lines < rows;
}

/* less: leave at once what fits after all, keep colours, do not clear the screen. */
void pager_show(Output *output)
{
    const char *command = pager_command();
    Str text = buf_str(&output->text);
    if (!command || output->options.json || !output->columns || fits(text))
        return;
    const char *line = arena_format(output->arena, "LESS=${LESS-FRX}; export LESS; %s", command);
    const char *const argv[] = {"sh", "-c", line, NULL};
    int code = 0;
    Error unpaged = {0};
    if (foreground_run(argv, &text, &code, &unpaged) && code != EXIT_NOT_THERE)
        output->text.len = 0;
}
