/* Characters that a reader does not see, or sees elsewhere than they are. */
#include "merge/risk_internal.h"

#include "base/text.h"

enum { CONTEXT_BYTES = 8 };

static bool is_emoji(uint32_t c)
{
    return c >= 0x1F000 || c == 0xFE0F || (c >= 0x2190 && c <= 0x23FF) ||
           (c >= 0x2600 && c <= 0x27BF) || (c >= 0x2B00 && c <= 0x2BFF);
}

/* Scripts whose spelling needs joiners: Hebrew to Tai Tham. */
static bool is_joined_script(uint32_t c)
{
    return c >= 0x0590 && c <= 0x1AFF;
}

/* A joiner within an emoji or a word of a script that has them. */
static bool is_joiner_at_home(uint32_t c, uint32_t before, uint32_t after)
{
    if (c == 0x200D && is_emoji(before) && is_emoji(after) && after != 0xFE0F)
        return true;
    return (c == 0x200C || c == 0x200D) && is_joined_script(before) && is_joined_script(after);
}

static bool is_selector(uint32_t c)
{
    return c >= 0xFE00 && c <= 0xFE0F;
}

typedef struct {
    Str text;
    size_t at, line_from;
    size_t line;
    uint32_t before;         /* the code point in front */
    size_t told[RISK_KINDS]; /* the line of the kind's last finding */
} Scan;

static uint32_t point_after(const Scan *scan, size_t at)
{
    uint32_t c = 0;
    (void)text_next_point(str_slice(scan->text, at, scan->text.len), &c);
    return c;
}

static RiskKind kind_of(const Scan *scan, uint32_t c, size_t step, bool at_start)
{
    if (c == '\t' || c == '\n' || c == '\f')
        return RISK_KINDS;
    uint32_t after = point_after(scan, scan->at + step);
    if (c == '\r' && after == '\n')
        return RISK_KINDS;
    if (is_selector(c))
        return is_selector(scan->before) ? RISK_INVISIBLE : RISK_KINDS;
    if (c == 0xFEFF && at_start && scan->at == 0)
        return RISK_KINDS;
    switch (text_point_kind(c)) {
    case POINT_CONTROL:
        return RISK_CONTROL;
    case POINT_BIDIRECTIONAL:
        return RISK_BIDIRECTIONAL;
    case POINT_INVISIBLE:
        return is_joiner_at_home(c, scan->before, after) ? RISK_KINDS : RISK_INVISIBLE;
    case POINT_PLAIN:
        break;
    }
    return RISK_KINDS;
}

static Str line_at(const Scan *scan)
{
    Str rest = str_slice(scan->text, scan->line_from, scan->text.len);
    Str line = {0};
    (void)str_next(&rest, '\n', &line);
    return line;
}

static void tell(RiskFile *file, const RiskHunk *hunk, Scan *scan, RiskKind kind, uint32_t c,
                 size_t step)
{
    size_t from =
        scan->at - scan->line_from > CONTEXT_BYTES ? scan->at - CONTEXT_BYTES : scan->line_from;
    Str line = line_at(scan);
    size_t end = scan->line_from + line.len;
    size_t to = scan->at + step + CONTEXT_BYTES;
    to = to > end ? end : to;
    to = to < scan->at + step ? scan->at + step : to;
    if (scan->told[kind] == scan->line)
        return;
    if (hunk && risk_was_there(file, hunk, str_slice(scan->text, from, to)))
        return;
    scan->told[kind] = scan->line;
    risk_add(file, kind, scan->line, line, scan->at - scan->line_from,
             arena_format(file->arena, "holds U+%04X", (unsigned)c));
}

static void scan_text(RiskFile *file, const RiskHunk *hunk, Scan *scan, bool at_start)
{
    while (scan->at < scan->text.len) {
        uint8_t byte = (uint8_t)scan->text.data[scan->at];
        uint32_t c = byte;
        size_t step = 1;
        if (byte < 0x20 || byte >= 0x7F) {
            step = text_next_point(str_slice(scan->text, scan->at, scan->text.len), &c);
            RiskKind kind = step ? kind_of(scan, c, step, at_start) : RISK_KINDS;
            if (kind != RISK_KINDS)
                tell(file, hunk, scan, kind, c, step);
        }
        scan->before = c;
        scan->at += step ? step : 1;
        if (byte == '\n') {
            scan->line += scan->line > 0;
            scan->line_from = scan->at;
        }
    }
}

void risk_hidden_text(RiskFile *file)
{
    FileAction action = file->change->action;
    if (action == FILE_ADD || action == FILE_RENAME) {
        Scan name = {.text = file->change->path};
        for (size_t i = 0; i < RISK_KINDS; i++)
            name.told[i] = 1; /* no line */
        scan_text(file, NULL, &name, false);
    }
    for (size_t i = 0; i < file->hunks.count; i++) {
        const RiskHunk *hunk = &file->hunks.items[i];
        Scan scan = {.text = hunk->now, .line = hunk->line};
        scan_text(file, hunk, &scan, hunk->at_start);
    }
}
