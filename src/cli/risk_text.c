#include "cli/risk_text.h"

#include "base/text.h"
#include "cli/rows.h"
#include "cli/words.h"

enum { ROWS_SHOWN = 10 };

static Row finding_row(Output *output, const PlanItem *item, const RiskFinding *finding)
{
    Arena *arena = output->arena;
    const char *path = text_safe(arena, shown_path(finding->path, item->path));
    if (finding->line)
        path = arena_format(arena, "%s:%zu", path, finding->line);
    const char *more =
        finding->more ? arena_format(arena, "  and %zu more like it", finding->more) : "";
    return ROW(
        {arena_format(arena, "%s %s", finding->review ? "!" : " ", risk_words[finding->kind]),
         finding->review ? INK_BAD : INK_FAINT},
        {path, INK_NONE}, {finding->change, INK_FAINT},
        {arena_format(arena, "%s%s", finding->excerpt, more), INK_NONE});
}

static void add_count(Buf *buf, const char *word, size_t count)
{
    buf_format(buf, "%s%s", buf->len ? ", " : "", word);
    if (count > 1)
        buf_format(buf, " (%zu)", count);
}

static void add_counts(Buf *buf, const size_t counts[RISK_KINDS])
{
    for (size_t i = 0; i < RISK_KINDS; i++)
        if (counts[i])
            add_count(buf, risk_words[i], counts[i]);
}

static void count_risks(const RiskFindings *risks, bool notices_only, size_t counts[RISK_KINDS])
{
    for (size_t i = 0; i < risks->count; i++)
        if (!notices_only || !risks->items[i].review)
            counts[risks->items[i].kind] += 1 + risks->items[i].more;
}

const char *risk_counts(Arena *arena, const Plan *plan)
{
    size_t counts[RISK_KINDS] = {0};
    Buf buf = buf_new(arena);
    for (size_t i = 0; i < plan->items.count; i++)
        count_risks(&plan->items.items[i].risks, false, counts);
    add_counts(&buf, counts);
    return buf_text(&buf);
}

size_t risk_open(const Plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->items.count; i++)
        if (plan->items.items[i].needs_yes)
            count += risk_reviews(&plan->items.items[i].risks);
    return count;
}

void risk_print(Output *output, const PlanItem *item, const char *indent)
{
    Rows rows = {0};
    size_t counts[RISK_KINDS] = {0}, left = 0;
    bool all = output->options.verbose;
    Buf notices = buf_new(output->arena);
    for (size_t i = 0; i < item->risks.count; i++) {
        const RiskFinding *finding = &item->risks.items[i];
        if (!all && !finding->review)
            continue;
        if (all || rows.count < ROWS_SHOWN)
            ARRAY_PUSH(output->arena, &rows, finding_row(output, item, finding));
        else
            left++;
    }
    if (item->needs_yes)
        out_line(output, "%s%s", indent,
                 ink(output, INK_BAD, "Needs a yes, --accept-risk, for what is new here:"));
    else if (rows.count)
        out_line(output, "%sNew here:", indent);
    rows_print(output, &rows, arena_format(output->arena, "%s  ", indent));
    if (left)
        out_line(output, "%s  and %zu more: --verbose", indent, left);
    if (all)
        return;
    count_risks(&item->risks, true, counts);
    add_counts(&notices, counts);
    if (notices.len)
        out_line(output, "%s%s %s", indent, ink(output, INK_FAINT, "Brings:"), buf_text(&notices));
}

void risk_print_findings(Output *output, const RiskFindings *risks, Str artifact_path)
{
    PlanItem item = {.risks = *risks, .path = artifact_path};
    risk_print(output, &item, "");
}
