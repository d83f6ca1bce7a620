#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"

bool terminal_is(int fd)
{
    return isatty(fd) == 1;
}

size_t terminal_columns(int fd)
{
    if (!terminal_is(fd))
        return 0;
    const char *columns = getenv("COLUMNS");
    uint64_t wanted = 0;
    if (columns && str_to_u64(str_of(columns), &wanted) && wanted >= 20 && wanted <= 10000)
        return (size_t)wanted;
    struct winsize size = {0};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
        return size.ws_col;
    return 80;
}

size_t terminal_rows(int fd)
{
    struct winsize size = {0};
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : 24;
}

static const char *first_set(const char *const *names)
{
    for (; *names; names++) {
        const char *value = getenv(*names);
        if (value && *value)
            return value;
    }
    return "";
}

bool terminal_is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG", NULL};
    const char *locale = first_set(names);
    return strcasestr(locale, "utf-8") || strcasestr(locale, "utf8");
}

bool terminal_has_color(int fd)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if (no_color && *no_color)
        return false;
    return terminal_is(fd) && !(term && strcmp(term, "dumb") == 0);
}

bool environment_says(const char *name)
{
    static const char *const no[] = {"0", "false", "no", "off"};
    const char *value = getenv(name);
    for (size_t i = 0; value && i < COUNT_OF(no); i++)
        if (strcasecmp(value, no[i]) == 0)
            return false;
    return value && *value;
}
