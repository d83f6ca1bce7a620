#include <stdlib.h>

#include "base/path.h"
#include "base/text.h"
#include "cli/change.h"
#include "cli/rows.h"
#include "cli/words.h"
#include "sync/migrate.h"
#include "sync/plan_json.h"

enum { LEFT_SHOWN = 12 };

typedef struct {
    MigrateRequest request;
    Migration migration;
} MigrateCall;

static bool migrate(Workspace *ws, void *context, bool apply, Plan *out, Error *err)
{
    MigrateCall *call = context;
    call->request.apply = apply;
    if (!verb_migrate(ws, &call->request, &call->migration, err))
        return false;
    *out = call->migration.plan;
    return true;
}

/* ── for people ── */

static Row item_row(Output *output, const PlanItem *item)
{
    Arena *arena = output->arena;
    const char *id = text_safe(arena, item->artifact);
    const char *where = item->project ? project_name(arena, item->project) : "collection";
    const char *about = text_safe(arena, item->note);
    if (item->result == RESULT_ERROR)
        return ROW({"x error", INK_BAD}, {id, INK_NONE}, {where, INK_FAINT},
                   {error_name(item->error.code), INK_BAD}, {item->error.message, INK_NONE});
    if (item->result == RESULT_UP_TO_DATE)
        return ROW({"= stays", INK_FAINT}, {id, INK_NONE}, {where, INK_FAINT}, {"", INK_NONE},
                   {about, INK_FAINT});
    const char *amount =
        item->record_only ? "record only" : count_files(arena, item->changes.count);
    return ROW({"+ add", INK_GOOD}, {id, INK_NONE}, {where, INK_FAINT}, {amount, INK_NONE},
               {about, INK_FAINT});
}

static const char *heading(Output *output, const Plan *plan)
{
    static const struct {
        ItemResult result;
        const char *would, *done, *many;
    } parts[] = {
        {RESULT_FAST_FORWARD, "to take over", "taken over", ""},
        {RESULT_CONFLICT, "changed meanwhile", "changed meanwhile", ""},
        {RESULT_ERROR, "error", "error", "s"},
        {RESULT_UP_TO_DATE, "here already", "here already", ""},
    };
    Buf buf = buf_new(output->arena);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        size_t count = plan_count(plan, parts[i].result);
        if (count)
            buf_format(&buf, "%s%zu %s%s", buf.len ? glyph(output, " · ", ", ") : "", count,
                       plan->dry_run ? parts[i].would : parts[i].done,
                       count > 1 ? parts[i].many : "");
    }
    return buf_text(&buf);
}

static void print_items(Output *output, const Plan *plan)
{
    Rows rows = {0};
    for (size_t i = 0; i < plan->items.count; i++)
        if (plan->items.items[i].result != RESULT_UP_TO_DATE || output->options.verbose)
            ARRAY_PUSH(output->arena, &rows, item_row(output, &plan->items.items[i]));
    rows_print(output, &rows, "  ");
}

/* The keys without a place, once for all files of a kind. */
static void print_left(Output *output, const Migration *migration)
{
    Buf buf = buf_new(output->arena);
    size_t kinds = 0;
    for (size_t i = 0; i < migration->left.count; i++) {
        const LeftKey *key = &migration->left.items[i];
        size_t count = 0;
        bool told = false;
        for (size_t j = 0; j < migration->left.count; j++) {
            const LeftKey *other = &migration->left.items[j];
            bool same = str_equal(other->key, key->key) &&
                        str_equal(path_base(other->file), path_base(key->file));
            told = told || (same && j < i);
            count += same ? other->count : 0;
        }
        if (told || ++kinds > LEFT_SHOWN)
            continue;
        buf_format(&buf, "%s%s", buf.len ? ", " : "", text_safe(output->arena, key->key));
        if (count > 1)
            buf_format(&buf, " (%zu)", count);
    }
    if (!kinds)
        return;
    if (kinds > LEFT_SHOWN)
        buf_format(&buf, " and %zu more", kinds - LEFT_SHOWN);
    out_line(output, "Not taken over, for weir has no place for it: %s.%s", buf_text(&buf),
             kinds > LEFT_SHOWN ? " --json lists all." : "");
}

static void print(Call *call, const Plan *plan, void *context)
{
    const Migration *migration = &((const MigrateCall *)context)->migration;
    Output *output = call->output;
    bool work = plan_count(plan, RESULT_FAST_FORWARD) > 0;
    if (!plan->items.count)
        out_line(output, "%s Nothing to migrate: no record of SkillMeat was found.",
                 ink(output, INK_GOOD, glyph(output, "✓", "=")));
    else if (!work && !plan_count(plan, RESULT_ERROR))
        out_line(output, "%s Nothing to do: all %zu are here already.",
                 ink(output, INK_GOOD, glyph(output, "✓", "=")), plan->items.count);
    else
        out_line(output, "%s: %s.", plan->dry_run ? "Would migrate" : "Migrated",
                 heading(output, plan));
    print_items(output, plan);
    if (work)
        print_left(output, migration);
    if (migration->default_collection.len)
        out_line(output, "SkillMeat's default collection is '%s': `weir config COLLECTION %s`.",
                 text_safe(output->arena, migration->default_collection),
                 text_safe(output->arena, migration->default_collection));
    if (migration->backup)
        out_line(output, "Backup: %s", text_safe(output->arena, str_of(migration->backup)));
}

static const char *status_next(Call *call, const Plan *plan)
{
    (void)call;
    (void)plan;
    return "weir drift --check-all";
}

/* ── for machines ── */

static void more_json(JsonWriter *json, void *context)
{
    const Migration *migration = &((const MigrateCall *)context)->migration;
    if (migration->backup)
        json_member_bytes(json, "backup", str_of(migration->backup));
    else
        json_member_null(json, "backup");
    json_key(json, "notes");
    json_begin_array(json);
    for (size_t i = 0; i < migration->plan.items.count; i++) {
        const PlanItem *item = &migration->plan.items.items[i];
        if (!item->note.len)
            continue;
        json_begin_object(json);
        json_place_members(json, item->artifact, item->edge, item->project);
        json_member_bytes(json, "note", item->note);
        json_end_object(json);
    }
    json_end_array(json);
    json_key(json, "not_taken_over");
    json_begin_array(json);
    for (size_t i = 0; i < migration->left.count; i++) {
        const LeftKey *key = &migration->left.items[i];
        json_begin_object(json);
        json_member_bytes(json, "file", key->file);
        json_member_bytes(json, "key", key->key);
        json_member_integer(json, "count", (int64_t)key->count);
        json_end_object(json);
    }
    json_end_array(json);
}

/* ── the command ── */

static bool run_migrate(Call *call, Error *err)
{
    MigrateCall migration = {.request = {.person = getenv("HOME"), .here = call->cwd}};
    for (size_t i = 0; i < call->options->operands.count; i++)
        ARRAY_PUSH(call->arena, &migration.request.folders,
                   str_of(path_absolute(call->arena, call->cwd, call->options->operands.items[i])));
    const Change change = {
        .verb = migrate,
        .request = &migration,
        .next = status_next,
        .print = print,
        .more_json = more_json,
    };
    return change_run(call, &change, err);
}

static const Option options[] = {OPTION_APPLY, {0}};

const Command command_migrate = {
    .name = "migrate",
    .summary = "take over what SkillMeat kept, and upgrade older records",
    .usage = (const char *const[]){"[FOLDER...] [--apply] [--json]", NULL},
    .about =
        "FOLDER is SkillMeat's home, one of its collections, or a project that it deployed to. "
        "Without one:\n~/.skillmeat, the current project and all known projects. Nothing in "
        "SkillMeat's folders changes.",
    .options = options,
    .examples = (const char *const[]){"weir migrate", "weir migrate --apply",
                                      "weir migrate ~/.skillmeat ~/atlas ~/beta --apply", NULL},
    .max_operands = OPERANDS_ANY,
    .operand = "a folder",
    .needs = NEEDS_COLLECTION,
    .run = run_migrate,
};
