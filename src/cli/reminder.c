#include "cli/reminder.h"

#include "base/clock.h"
#include "base/text.h"
#include "sync/verbs.h"

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)
#define REMIND_MS (7 * DAY_MS)

static const char *how_to_resolve(Arena *arena, const PendingMerge *merge)
{
    const char *id = text_safe(arena, merge->artifact);
    if (merge->edge == EDGE_UPSTREAM)
        return arena_format(arena, "weir resolve %s", id);
    return arena_format(arena, "weir resolve %s --project %s", id,
                        text_word(arena, str_of(merge->project)));
}

void reminder_show(Call *call)
{
    PendingMerges merges = {0};
    Error untold = {0};
    int64_t now = clock_ms();
    size_t old = 0;
    if (call->output->options.json || call->output->options.quiet ||
        !pending_list(&call->app->workspace, &merges, &untold))
        return;
    for (size_t i = 0; i < merges.count; i++)
        old += now - merges.items[i].created_ms >= REMIND_MS;
    if (!old)
        return;
    const PendingMerge *first = &merges.items[0]; /* the oldest */
    long long days = (long long)((now - first->created_ms) / DAY_MS);
    out_flush(call->output);
    out_note(call->output, "note: a merge of %s has waited for %lld days%s: %s",
             text_safe(call->arena, first->artifact), days,
             old > 1 ? arena_format(call->arena, ", and %zu more for a week", old - 1) : "",
             how_to_resolve(call->arena, first));
}
