#include "sync/edge_words.h"

#include "base/path.h"
#include "base/text.h"

const char *project_name(Arena *arena, const char *path)
{
    Str name = path_base(str_of(path));
    return !path ? "" : name.len ? text_safe(arena, name) : "/";
}

const char *edge_version_step(Arena *arena, Str from, Str to, const char *arrow)
{
    const char *a = text_safe(arena, from), *b = text_safe(arena, to);
    if (!from.len || !to.len || str_equal(from, to))
        return to.len ? b : a;
    return arena_format(arena, "%s %s %s", a, arrow, b);
}

/* ── sentences ── */

static const char *moved(Arena *arena, const DriftItem *item, const char *arrow)
{
    if (!item->lower_version.len || !item->upper_version.len ||
        str_equal(item->lower_version, item->upper_version))
        return "";
    return arena_format(arena, " (%s)",
                        edge_version_step(arena, item->lower_version, item->upper_version, arrow));
}

static const char *say_missing(Arena *arena, const DriftItem *item, const char *lower)
{
    if (item->status.removed)
        return arena_format(arena, "Nothing is left of it in %s; only the record is.", lower);
    return arena_format(arena, "It is on record in %s, but not on disk there.", lower);
}

static const char *say_removed(Arena *arena, const DriftItem *item, const char *upper,
                               const char *lower)
{
    if (item->status.status == STATUS_OUTDATED)
        return arena_format(arena,
                            "%s no longer has it. Nothing in %s was edited; it stays until "
                            "you remove it.",
                            upper, lower);
    return arena_format(arena, "%s no longer has it, and %s has edits of its own. It stays.", upper,
                        lower);
}

static const char *say_diverged(Arena *arena, const DriftItem *item, const char *upper,
                                const char *lower)
{
    if (hash_is_zero(&item->base))
        return arena_format(arena,
                            "%s and %s differ, and no version that both had in common is "
                            "known. Compare the two sides and choose.",
                            upper, lower);
    if (item->status.mergeable == MERGEABLE_YES)
        return arena_format(arena,
                            "%s and %s both changed, in different places. They merge "
                            "cleanly.",
                            upper, lower);
    if (item->status.mergeable == MERGEABLE_NO)
        return arena_format(arena,
                            "%s and %s both changed, some places alike. A sync leaves those "
                            "places for you to choose.",
                            upper, lower);
    return arena_format(arena, "%s and %s both changed since their last common version.", upper,
                        lower);
}

static const char *say_modified(Arena *arena, const DriftItem *item, const char *lower)
{
    const char *files = text_count(arena, item->changes.count, "file", "files");
    if (item->old)
        return arena_format(arena, "%s edited it since SkillMeat deployed it.", lower);
    if (item->edge == EDGE_UPSTREAM)
        return arena_format(
            arena, "The collection changed %s of its own; upstream has nothing new.", files);
    const char *them = item->changes.count == 1 ? "it" : "them";
    return arena_format(arena,
                        "%s edited %s. Pull %s into the collection, or deploy again to drop %s.",
                        lower, files, them, them);
}

static const char *say_outdated(Arena *arena, const DriftItem *item, const char *upper,
                                const char *lower, const char *arrow)
{
    return arena_format(arena,
                        "%s has moved on%s. Nothing in %s was edited, so the update "
                        "is a straight copy.",
                        upper, moved(arena, item, arrow), lower);
}

const char *edge_says(Arena *arena, const DriftItem *item, const char *arrow)
{
    bool up = item->edge == EDGE_UPSTREAM;
    const char *upper = up ? "Upstream" : "The collection";
    const char *lower = up ? "the collection" : project_name(arena, item->project);
    const EdgeStatus *status = &item->status;
    if (item->error.code != ERR_NONE)
        return arena_format(arena, "This could not be read: %s.", item->error.message);
    if (status->status == STATUS_CONFLICT)
        return arena_format(arena,
                            "A merge of %s waits for you: places were changed on both sides. %s",
                            up ? "upstream and the collection"
                               : arena_format(arena, "the collection and %s", lower),
                            item->marked ? "Its markers stand in the live files."
                                         : "The live files keep working until you choose.");
    if (status->missing)
        return say_missing(arena, item, lower);
    if (status->removed)
        return say_removed(arena, item, upper, lower);
    switch (status->status) {
    case STATUS_MODIFIED:
        return say_modified(arena, item, lower);
    case STATUS_OUTDATED:
        return say_outdated(arena, item, upper, lower, arrow);
    case STATUS_DIVERGED:
        return say_diverged(arena, item, upper, lower);
    case STATUS_SYNCED:
    case STATUS_CONFLICT:
    case STATUS_COUNT:
        break;
    }
    return arena_format(arena, "%s and %s are identical.", upper, lower);
}

/* ── what to type ── */

static const char *next_in_project(Arena *arena, const DriftItem *item, const char *id)
{
    const char *folder = text_word(arena, str_of(item->project));
    if (item->status.missing)
        return arena_format(arena, "weir deploy %s --project %s, or weir undeploy %s --project %s",
                            id, folder, id, folder);
    if (item->status.removed)
        return arena_format(arena, "weir undeploy %s --project %s", id, folder);
    if (item->status.status == STATUS_MODIFIED)
        return arena_format(arena, "weir pull %s --project %s", id, folder);
    return arena_format(arena, "weir sync %s --direction project --project %s", id, folder);
}

static const char *next_in_collection(Arena *arena, const DriftItem *item, const char *id)
{
    if (item->status.removed)
        return arena_format(
            arena, "weir pin %s @VERSION to stay on an older one, or weir remove %s", id, id);
    if (item->status.missing)
        return arena_format(arena, "weir remove %s, or put its files back", id);
    if (item->status.status == STATUS_MODIFIED)
        return arena_format(arena, "weir diff %s --from upstream --to collection", id);
    return arena_format(arena, "weir sync %s", id);
}

static const char *next_of_conflict(Arena *arena, const DriftItem *item, const char *id)
{
    const char *live = item->marked ? " --from-live" : "";
    if (item->edge == EDGE_UPSTREAM)
        return arena_format(arena, "weir resolve %s%s", id, live);
    return arena_format(arena, "weir resolve %s --project %s%s", id,
                        text_word(arena, str_of(item->project)), live);
}

const char *edge_next(Arena *arena, const DriftItem *item)
{
    const char *id = text_safe(arena, item->artifact);
    if (item->error.code != ERR_NONE)
        return item->error.hint;
    if (item->status.status == STATUS_SYNCED && !item->status.missing && !item->status.removed)
        return NULL;
    if (item->old)
        return arena_format(arena, "weir migrate ~/.skillmeat %s",
                            text_safe(arena, str_of(item->project)));
    if (item->status.status == STATUS_CONFLICT)
        return next_of_conflict(arena, item, id);
    return item->edge == EDGE_UPSTREAM ? next_in_collection(arena, item, id)
                                       : next_in_project(arena, item, id);
}

int edge_urgency(const DriftItem *item)
{
    static const int ranks[STATUS_COUNT] = {
        [STATUS_SYNCED] = 0,   [STATUS_MODIFIED] = 1, [STATUS_OUTDATED] = 2,
        [STATUS_DIVERGED] = 3, [STATUS_CONFLICT] = 6,
    };
    if (item->error.code != ERR_NONE)
        return 5;
    if (item->status.missing && item->status.status != STATUS_CONFLICT)
        return 4;
    return ranks[item->status.status];
}

bool drift_is_fine(const DriftItem *item)
{
    return item->error.code == ERR_NONE && item->status.status == STATUS_SYNCED &&
           !item->status.missing && !item->status.removed;
}

const DriftItem *drift_worst(const Drift *drift)
{
    const DriftItem *worst = NULL;
    for (size_t i = 0; i < drift->items.count; i++) {
        const DriftItem *item = &drift->items.items[i];
        if (!drift_is_fine(item) && (!worst || edge_urgency(item) > edge_urgency(worst)))
            worst = item;
    }
    return worst;
}
