#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/suspend.h"
#include "base/text.h"
#include "cli/terminal.h"

enum { QUIET_US = 1000000, REDRAW_US = 100000, LEAST_COLUMNS = 20 };

ProgressLine progress_line(bool wanted)
{
    return (ProgressLine){
        .wanted = wanted && terminal_is(STDERR_FILENO),
        .started_us = suspend_awake_us(),
    };
}

/* As many whole characters as fit, so that a line never wraps and can be drawn over. */
static size_t cut_to(const char *text, size_t len, size_t columns)
{
    size_t used = 0;
    for (size_t at = 0; at < len;) {
        size_t step = str_utf8_next((Str){text + at, len - at});
        step = step ? step : 1;
        used += text_columns((Str){text + at, step});
        if (used > columns)
            return at;
        at += step;
    }
    return len;
}

size_t progress_text(char out[PROGRESS_BYTES], const Progress *progress, int64_t spent_us,
                     size_t columns)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const char *percent = progress->percent ? arena_format(arena, " %d %%", progress->percent) : "";
    int len = snprintf(out, PROGRESS_BYTES, "[%zu/%zu] %s%s  %s  %lld.%lld s", progress->done,
                       progress->total, progress->phase, percent, text_safe(arena, progress->what),
                       (long long)(spent_us / 1000000), (long long)(spent_us / 100000 % 10));
    size_t used = len < 0 ? 0 : (size_t)len < PROGRESS_BYTES ? (size_t)len : PROGRESS_BYTES - 1;
    size_t room = columns > LEAST_COLUMNS ? columns - 1 : LEAST_COLUMNS;
    return cut_to(out, used, room);
}

static void write_all(const char *text, size_t len)
{
    (void)!write(STDERR_FILENO, text, len); /* a line that cannot be drawn is no loss */
}

static void erase(void)
{
    static const char back_and_clear[] = "\r\033[K";
    write_all(back_and_clear, sizeof back_and_clear - 1);
}

void progress_show(ProgressLine *line, const Progress *progress)
{
    char text[PROGRESS_BYTES];
    int64_t now = line->wanted ? suspend_awake_us() : 0;
    if (!line->wanted || now - line->started_us < QUIET_US || now - line->drawn_us < REDRAW_US ||
        !suspend_in_foreground())
        return;
    size_t columns =
        terminal_columns(STDERR_FILENO); /* each time: it may have another size by now */
    size_t len = progress_text(text, progress, now - line->started_us, columns);
    suspend_line(text, len);
    erase();
    write_all(text, len);
    line->drawn_us = now;
}

void progress_clear(ProgressLine *line)
{
    if (line->drawn_us)
        erase();
    suspend_line(NULL, 0);
    line->drawn_us = 0;
}
