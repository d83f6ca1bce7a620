#include "cli/drift_look.h"

#include "base/clock.h"
#include "base/map.h"
#include "cli/words.h"
#include "sync/drift_json.h"

bool drift_ask(const Call *call, const char *artifact, Drift *out, Error *err)
{
    DriftRequest request = {.artifact = artifact};
    bool all = option_given(call->options, "check-all");
    if (all && option_given(call->options, "project"))
        return fail(err, ERR_USAGE, "--project and --check-all are one or the other");
    if (!all && !call_project_around(call, &request.project, err))
        return false;
    request.all_projects = !request.project;
    request.check_upstream = all;
    if (!verb_drift(&call->app->workspace, &request, out, err))
        return false;
    drift_sort(out);
    return true;
}

/* Items of one artifact need not stand together. */
size_t drift_fine_artifacts(const Drift *drift)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Map *seen = map_new(arena, drift->items.count);
    size_t fine = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < drift->items.count; i++) {
            const DriftItem *item = &drift->items.items[i];
            if ((pass == 0) == drift_is_fine(item) || map_find(seen, item->artifact))
                continue;
            map_put(seen, item->artifact, seen);
            fine += (size_t)pass;
        }
    }
    return fine;
}

int drift_exit(const Call *call, const Drift *drift)
{
    if (option_given(call->options, "check") && drift_worst(drift))
        return error_exit_code(ERR_DRIFT);
    return drift->errors || drift->unreachable ? 1 : 0;
}

const char *drift_age(const Output *output, const DriftItem *item)
{
    return item->checked_ms ? arena_format(output->arena, "checked %s",
                                           time_ago(output->arena, item->checked_ms))
                            : "never checked";
}

const char *drift_with_age(const Output *output, const DriftItem *item, const char *detail)
{
    if (item->stale.code == ERR_NONE || item->error.code != ERR_NONE)
        return detail;
    const char *aged =
        arena_format(output->arena, "%s%s%s", detail, *detail ? ", " : "", drift_age(output, item));
    return item->stale.code == ERR_OFFLINE
               ? aged
               : arena_format(output->arena, "%s: %s", aged, item->stale.message);
}

void drift_print_age(Output *output, const Drift *drift)
{
    const DriftItem *oldest = NULL;
    size_t stale = 0;
    for (size_t i = 0; i < drift->items.count; i++) {
        const DriftItem *item = &drift->items.items[i];
        if (item->stale.code == ERR_NONE)
            continue;
        stale++;
        if (!oldest || item->checked_ms < oldest->checked_ms)
            oldest = item;
    }
    if (!oldest)
        return;
    const char *reason =
        drift->unreachable ? "the upstream did not answer" : "upstreams were not asked";
    out_line(output, "%s from the last check, not from now (%s; the oldest was %s).",
             stale == 1 ? "1 upstream status is"
                        : arena_format(output->arena, "%zu upstream statuses are", stale),
             reason, drift_age(output, oldest));
}
