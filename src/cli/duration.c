#include "cli/duration.h"

#include "base/clock.h"

bool duration_parse(Str text, int64_t *out_ms)
{
    static const struct {
        char letter;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}, {'w', 604800000}};
    enum { MOST = 1000000 };
    uint64_t number;
    if (text.len < 2 || !str_to_u64(str_slice(text, 0, text.len - 1), &number) || number > MOST)
        return false;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (units[i].letter != text.data[text.len - 1])
            continue;
        *out_ms = (int64_t)number * units[i].ms;
        return true;
    }
    return false;
}

bool moment_parse(Str text, int64_t *out_ms)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    int64_t ago;
    if (duration_parse(text, &ago)) {
        *out_ms = clock_ms() - ago;
        return true;
    }
    return clock_parse(text, out_ms) ||
           clock_parse(str_of(arena_format(arena, "%.*sT00:00:00Z", STR_ARG(text))), out_ms);
}
