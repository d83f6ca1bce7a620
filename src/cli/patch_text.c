#include "cli/patch_text.h"

#include "base/text.h"

static Ink line_ink(Str line)
{
    if (str_starts(line, STR("+++")) || str_starts(line, STR("---")) ||
        str_starts(line, STR("diff ")))
        return INK_STRONG;
    if (str_starts(line, STR("@@")))
        return INK_MODIFIED;
    if (str_starts(line, STR("+")))
        return INK_GOOD;
    return str_starts(line, STR("-")) ? INK_BAD : INK_NONE;
}

void patch_print(Output *output, Str patch)
{
    Str line = {0};
    while (str_next(&patch, '\n', &line)) {
        Buf safe = buf_new(output->arena);
        Str rest = line, part = {0};
        for (bool first = true; str_next(&rest, '\t', &part); first = false) {
            if (!first)
                buf_add_char(&safe, '\t');
            text_add_safe(&safe, part);
        }
        out_verbatim(output, "%s", ink(output, line_ink(line), buf_text(&safe)));
    }
}
