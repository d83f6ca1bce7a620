#include "cli/plan_text.h"

#include "base/text.h"
#include "cli/risk_text.h"
#include "cli/rows.h"
#include "cli/words.h"

enum { ITEMS_WITH_FILES = 5 }; /* with more items than this, files are shown by --verbose only */

size_t plan_files(const Plan *plan)
{
    size_t files = 0;
    for (size_t i = 0; i < plan->items.count; i++)
        if (plan->items.items[i].result == RESULT_FAST_FORWARD ||
            plan->items.items[i].result == RESULT_MERGED)
            files += plan->items.items[i].changes.count;
    return files;
}

size_t plan_lost(const Plan *plan)
{
    size_t files = 0;
    for (size_t i = 0; i < plan->items.count; i++)
        files += plan->items.items[i].lost.count;
    return files;
}

/* ── one item ── */

static size_t places_in(const TreeConflict *conflict)
{
    size_t regions = conflict->merge.clean ? 0 : conflict->merge.regions.count;
    return regions ? regions : 1;
}

const char *conflicts_text(Output *output, const PlanItem *item)
{
    size_t places = 0, files = item->conflicts.count;
    for (size_t i = 0; i < files; i++)
        places += places_in(&item->conflicts.items[i]);
    const char *count = text_count(output->arena, places, "place", "places");
    if (files != 1)
        return arena_format(output->arena, "%s in %s", count, count_files(output->arena, files));
    Str path = shown_path(item->conflicts.items[0].path, item->path);
    return arena_format(output->arena, "%s in %s", count, text_safe(output->arena, path));
}

static Cell action_cell(Output *output, const FileChange *change)
{
    static const struct {
        const char *shown, *plain, *word;
        Ink ink;
    } looks[] = {
        [FILE_ADD] = {"+", "+", "add", INK_GOOD},
        [FILE_MODIFY] = {"↓", "v", "update", INK_MODIFIED},
        [FILE_DELETE] = {"−", "-", "delete", INK_BAD},
        [FILE_RENAME] = {"→", ">", "rename", INK_MODIFIED},
        [FILE_MODE] = {"~", "~", "mode", INK_MODIFIED},
    };
    return (Cell){
        arena_format(output->arena, "%s %s",
                     glyph(output, looks[change->action].shown, looks[change->action].plain),
                     looks[change->action].word),
        looks[change->action].ink};
}

static const char *change_reason(Output *output, const FileChange *change)
{
    if (change->action == FILE_RENAME)
        return arena_format(output->arena, "was %s", text_safe(output->arena, change->from_path));
    if (change->binary)
        return "binary";
    if (change->new_mode == MODE_EXEC && change->old_mode != MODE_EXEC)
        return "becomes executable";
    if (change->old_mode == MODE_EXEC && change->new_mode == MODE_FILE)
        return "no longer executable";
    return change->new_mode == MODE_LINK ? "a link" : "";
}

static const char *conflict_reason(Output *output, const TreeConflict *conflict)
{
    switch (conflict->kind) {
    case CONFLICT_CONTENT:
        return text_count(output->arena, places_in(conflict), "place", "places");
    case CONFLICT_MODIFY_DELETE:
        return "changed here, deleted there";
    case CONFLICT_DELETE_MODIFY:
        return "deleted here, changed there";
    case CONFLICT_ADD_ADD:
        return "added on both sides";
    case CONFLICT_BINARY:
        return "changed on both sides, taken as a whole";
    case CONFLICT_MODE:
        return "executable on one side";
    case CONFLICT_RENAME:
        return "renamed differently";
    case CONFLICT_TYPE:
        return "a file on one side, something else on the other";
    case CONFLICT_SYMLINK:
        return "links to different places";
    }
    return "";
}

static const char *lost_reason(const FileChange *lost)
{
    return lost->action == FILE_DELETE ? "your deletion of it"
           : lost->action == FILE_ADD  ? "your file"
                                       : "your edit";
}

void plan_print_files(Output *output, const PlanItem *item, const char *indent)
{
    Rows rows = {0};
    Arena *arena = output->arena;
    for (size_t i = 0; i < item->conflicts.count; i++) {
        const TreeConflict *conflict = &item->conflicts.items[i];
        const char *path = text_safe(arena, shown_path(conflict->path, item->path));
        ARRAY_PUSH(arena, &rows,
                   ROW({"! conflict", INK_BAD}, {path, INK_NONE}, {"", INK_NONE},
                       {conflict_reason(output, conflict), INK_FAINT}));
    }
    for (size_t i = 0; i < item->changes.count; i++) {
        const FileChange *change = &item->changes.items[i];
        const char *path = text_safe(arena, shown_path(change->path, item->path));
        ARRAY_PUSH(arena, &rows,
                   ROW(action_cell(output, change), {path, INK_NONE},
                       {count_lines(output, change->added, change->removed), INK_NONE},
                       {change_reason(output, change), INK_FAINT}));
    }
    for (size_t i = 0; i < item->untracked.count; i++)
        ARRAY_PUSH(arena, &rows,
                   ROW({"  stays", INK_FAINT},
                       {text_safe(arena, item->untracked.items[i]), INK_NONE}, {"", INK_NONE},
                       {"ignored: becomes untracked", INK_FAINT}));
    for (size_t i = 0; i < item->lost.count; i++) {
        const FileChange *lost = &item->lost.items[i];
        ARRAY_PUSH(arena, &rows,
                   ROW({"x loses", INK_BAD},
                       {text_safe(arena, shown_path(lost->path, item->path)), INK_NONE},
                       {count_lines(output, lost->added, lost->removed), INK_NONE},
                       {lost_reason(lost), INK_FAINT}));
    }
    rows_print(output, &rows, indent);
}

static const char *tiers_text(Output *output, const PlanItem *item)
{
    Arena *arena = output->arena;
    const char *project = project_name(arena, item->project), *to = arrow(output);
    const char *version = version_step(output, item->from_version, item->to_version);
    if (item->edge == EDGE_UPSTREAM)
        return arena_format(arena, "upstream%s%s %s collection", *version ? " " : "", version, to);
    if (item->upward)
        return arena_format(arena, "%s %s collection", project, to);
    return arena_format(arena, "collection %s %s", to, project);
}

static void print_remarks(Output *output, const PlanItem *item, const char *indent)
{
    if (item->rules_changed)
        out_line(output, "%sIts .weirignore changes with this.", indent);
    if (item->removal && item->result == RESULT_UP_TO_DATE)
        out_line(output, "%sThe other side no longer holds it.", indent);
    if (item->note.len)
        out_line(output, "%s%s", indent, text_safe(output->arena, item->note));
    risk_print(output, item, indent);
}

/* ── the sentence of a single item ── */

static const char *place_text(Output *output, const PlanItem *item, const PlanWords *words)
{
    Arena *arena = output->arena;
    if (!words->into)
        return "";
    const char *place = item->edge == EDGE_UPSTREAM || item->upward
                            ? "the collection"
                            : project_name(arena, item->project);
    return arena_format(arena, "%s %s", words->into, place);
}

static const char *amount_text(Output *output, const PlanItem *item)
{
    if (item->changes.count == 0)
        return item->record_only ? ", its record only" : "";
    return arena_format(output->arena, ", %s", count_files(output->arena, item->changes.count));
}

static const char *live_text(const Output *output, const PlanItem *item)
{
    if (!item->marked)
        return "Live files are untouched.";
    return arena_format(output->arena, "Markers stand in %s.",
                        count_files(output->arena, item->marked));
}

static void print_conflict(Output *output, const PlanItem *item, bool dry_run)
{
    const char *id = text_safe(output->arena, item->artifact);
    if (dry_run)
        out_line(output, "%s  %s, base %s", ink(output, INK_STRONG, id), tiers_text(output, item),
                 hash_brief(output->arena, &item->base));
    else
        out_line(output, "%s %s needs you: %s. %s  trace %.8s", ink(output, INK_BAD, "!"), id,
                 conflicts_text(output, item), live_text(output, item), out_trace_id(output));
    plan_print_files(output, item, "  ");
}

static void print_single(Output *output, const Plan *plan, const PlanWords *words)
{
    const PlanItem *item = &plan->items.items[0];
    const char *id = text_safe(output->arena, item->artifact);
    const char *tick = ink(output, INK_GOOD, glyph(output, "✓", "="));
    const char *version = version_step(output, item->from_version, item->to_version);
    if (item->result == RESULT_CONFLICT) {
        print_conflict(output, item, plan->dry_run);
        print_remarks(output, item, "  ");
        return;
    }
    if (item->result == RESULT_UP_TO_DATE)
        out_line(output, "%s %s: %s", tick, id, words->nothing);
    else
        out_line(output, "%s%s%s %s%s%s%s%s%s%s", plan->dry_run ? "" : tick,
                 plan->dry_run ? "" : " ", plan->dry_run ? words->would : words->done, id,
                 *version ? " " : "", version, place_text(output, item, words),
                 amount_text(output, item), item->path.len && item->changes.count ? " in " : "",
                 item->changes.count ? text_safe(output->arena, item->path) : "");
    if ((item->result != RESULT_UP_TO_DATE && plan->dry_run) || item->lost.count)
        plan_print_files(output, item, "  ");
    print_remarks(output, item, "  ");
}

/* ── many ── */

const char *plan_summary(Output *output, const Plan *plan)
{
    static const struct {
        ItemResult result;
        const char *would, *done;
    } parts[] = {
        {RESULT_FAST_FORWARD, "to copy", "fast-forwarded"},
        {RESULT_MERGED, "to merge", "auto-merged"},
        {RESULT_CONFLICT, "conflict", "conflict"},
        {RESULT_ERROR, "error", "error"},
        {RESULT_UP_TO_DATE, "up to date", "up to date"},
    };
    Buf buf = buf_new(output->arena);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        size_t count = plan_count(plan, parts[i].result);
        if (!count)
            continue;
        bool noun = parts[i].result == RESULT_CONFLICT || parts[i].result == RESULT_ERROR;
        buf_format(&buf, "%s%zu %s%s", buf.len ? glyph(output, " · ", ", ") : "", count,
                   plan->dry_run ? parts[i].would : parts[i].done, noun && count > 1 ? "s" : "");
    }
    return buf.len ? buf_text(&buf) : "nothing to do";
}

/* What happens to an artifact as a whole. */
static Cell copy_cell(const Output *output, const PlanItem *item)
{
    if (item->result == RESULT_MERGED)
        return (Cell){glyph(output, "✓ merge", "= merge"), INK_GOOD};
    if (hash_is_zero(&item->target) && !hash_is_zero(&item->after))
        return (Cell){"+ add", INK_GOOD};
    if (hash_is_zero(&item->after))
        return (Cell){glyph(output, "− remove", "- remove"), INK_BAD};
    if (item->upward)
        return (Cell){glyph(output, "↑ copy", "^ copy"), INK_MODIFIED};
    return (Cell){glyph(output, "↓ copy", "v copy"), INK_MODIFIED};
}

static const char *place_of(Output *output, const PlanItem *item, const PlanWords *words)
{
    if (!words->by_place)
        return tiers_text(output, item);
    return item->project && !item->upward ? project_name(output->arena, item->project)
                                          : "collection";
}

static Row item_row(Output *output, const PlanItem *item, const PlanWords *words)
{
    Arena *arena = output->arena;
    const char *id = text_safe(arena, item->artifact);
    FileTotals totals = file_changes_totals(&item->changes);
    const char *lines = count_lines(output, totals.added, totals.removed);
    const char *files = arena_format(arena, "%s%s%s", count_files(arena, item->changes.count),
                                     *lines ? "  " : "", lines);
    switch (item->result) {
    case RESULT_ERROR:
        return ROW({"x error", INK_BAD}, {id, INK_NONE}, {error_name(item->error.code), INK_BAD},
                   {item->error.message, INK_NONE});
    case RESULT_CONFLICT:
        return ROW({"! conflict", INK_BAD}, {id, INK_NONE},
                   {place_of(output, item, words), INK_FAINT},
                   {conflicts_text(output, item), INK_NONE});
    case RESULT_MERGED:
    case RESULT_FAST_FORWARD:
    case RESULT_UP_TO_DATE:
        break;
    }
    return ROW(copy_cell(output, item), {id, INK_NONE}, {place_of(output, item, words), INK_FAINT},
               {item->record_only && !item->changes.count ? "record only" : files, INK_NONE});
}

static void print_item_files(Output *output, const PlanItem *item, const PlanWords *words)
{
    Rows row = {0};
    ARRAY_PUSH(output->arena, &row, item_row(output, item, words));
    rows_print(output, &row, "  ");
    if (item->result != RESULT_ERROR)
        plan_print_files(output, item, "      ");
    print_remarks(output, item, "      ");
}

bool plan_shows_files(const Output *output, const Plan *plan)
{
    return output->options.verbose || (plan->dry_run && plan->items.count <= ITEMS_WITH_FILES);
}

void plan_print_item(Output *output, const PlanItem *item)
{
    print_item_files(output, item, &(PlanWords){0});
}

/* Where no files are shown: what needs a yes, and how much else there is to look at. */
static void print_review(Output *output, const Plan *plan)
{
    const char *counts = risk_counts(output->arena, plan);
    size_t open = risk_open(plan);
    if (open)
        out_line(
            output, "  %s",
            ink(output, INK_BAD,
                arena_format(output->arena, "%s a yes, --accept-risk; --verbose lists them.",
                             text_count(output->arena, open, "finding needs", "findings need"))));
    if (*counts)
        out_line(output, "  %s %s", ink(output, INK_FAINT, "Brings:"), counts);
}

static void print_many(Output *output, const Plan *plan, const PlanWords *words)
{
    Rows rows = {0};
    bool files = plan_shows_files(output, plan);
    const char *verb = plan->dry_run ? words->would : words->done;
    if (plan_count(plan, RESULT_UP_TO_DATE) == plan->items.count)
        out_line(output, "%s Nothing to do: all %zu are up to date.",
                 ink(output, INK_GOOD, glyph(output, "✓", "=")), plan->items.count);
    else if (!words->by_edge && plan_count(plan, RESULT_FAST_FORWARD) == plan->items.count)
        out_line(output, "%s %s, %s.", verb,
                 text_count(output->arena, plan->items.count, "artifact", "artifacts"),
                 count_files(output->arena, plan_files(plan)));
    else
        out_line(output, "%s: %s.", verb, plan_summary(output, plan));
    for (size_t i = 0; i < plan->items.count; i++) {
        const PlanItem *item = &plan->items.items[i];
        if (item->result == RESULT_UP_TO_DATE)
            continue;
        if (files || item->lost.count)
            print_item_files(output, item, words);
        else
            ARRAY_PUSH(output->arena, &rows, item_row(output, item, words));
    }
    rows_print(output, &rows, "  ");
    if (!files)
        print_review(output, plan);
}

void plan_print(Output *output, const Plan *plan, const PlanWords *words)
{
    if (plan->items.count == 0)
        out_line(output, "Nothing to do.");
    else if (plan->items.count == 1)
        print_single(output, plan, words);
    else
        print_many(output, plan, words);
}
