#include "sync/plan_read.h"

#include <string.h>

#include "base/clock.h"
#include "format/record.h"

enum { NOTE_MOST = 64 << 10, FILES_MOST = 1 << 24 };

/* ── the detail ── */

/* One letter a file: what --json does not say of it. */
static const char file_letters[] = ".bxnl";
typedef enum {
    LETTER_PLAIN,
    LETTER_BINARY,
    LETTER_BECOMES_EXEC,
    LETTER_NO_EXEC,
    LETTER_LINK
} Letter;

static const char *const trait_words[] = {"upward",        "removal",   "record_only",
                                          "rules_changed", "needs_yes", NULL};

typedef struct {
    Str path, from_version, to_version, note, files;
    StrArray traits, untracked;
    Hash base, target, after;
    int64_t conflicts, marked;
} ItemDetail;

#define DETAIL(member) .offset = offsetof(ItemDetail, member)
static const Field detail_fields[] = {
    {"path", "where it lies beneath the root", FIELD_TEXT, DETAIL(path), .most = NOTE_MOST},
    {"from_version", "", FIELD_TEXT, DETAIL(from_version), .most = NOTE_MOST},
    {"to_version", "", FIELD_TEXT, DETAIL(to_version), .most = NOTE_MOST},
    {"note", "", FIELD_TEXT, DETAIL(note), .most = NOTE_MOST},
    {"files", "a letter each", FIELD_TEXT, DETAIL(files), .most = FILES_MOST},
    {"traits", "", FIELD_TEXTS, DETAIL(traits), .words = trait_words},
    {"untracked", "", FIELD_TEXTS, DETAIL(untracked), .most = FILES_MOST},
    {"base", "", FIELD_HASH, DETAIL(base)},
    {"target", "", FIELD_HASH, DETAIL(target)},
    {"after", "", FIELD_HASH, DETAIL(after)},
    {"conflicts", "how many", FIELD_INTEGER, DETAIL(conflicts)},
    {"marked", "", FIELD_INTEGER, DETAIL(marked)},
    {0},
};
static const Record detail_record = {"ItemDetail", "what a person is shown of an item",
                                     .size = sizeof(ItemDetail), .fields = detail_fields};

static Letter letter_of(const FileChange *change)
{
    if (change->binary)
        return LETTER_BINARY;
    if (change->new_mode == MODE_EXEC && change->old_mode != MODE_EXEC)
        return LETTER_BECOMES_EXEC;
    if (change->old_mode == MODE_EXEC && change->new_mode == MODE_FILE)
        return LETTER_NO_EXEC;
    return change->new_mode == MODE_LINK ? LETTER_LINK : LETTER_PLAIN;
}

static void take_letter(char letter, FileChange *out)
{
    const char *at = strchr(file_letters, letter);
    Letter kind = at ? (Letter)(at - file_letters) : LETTER_PLAIN;
    out->binary = kind == LETTER_BINARY;
    out->old_mode = kind == LETTER_NO_EXEC ? MODE_EXEC : MODE_FILE;
    out->new_mode = kind == LETTER_BECOMES_EXEC ? MODE_EXEC
                    : kind == LETTER_LINK       ? MODE_LINK
                                                : MODE_FILE;
}

static ItemDetail detail_of(Arena *arena, const PlanItem *item)
{
    const bool traits[] = {item->upward, item->removal, item->record_only, item->rules_changed,
                           item->needs_yes};
    Buf files = buf_new(arena);
    ItemDetail detail = {.path = item->path,
                         .from_version = item->from_version,
                         .to_version = item->to_version,
                         .note = item->note,
                         .untracked = item->untracked,
                         .base = item->base,
                         .target = item->target,
                         .after = item->after,
                         .conflicts = (int64_t)item->conflicts.count,
                         .marked = (int64_t)item->marked};
    for (size_t i = 0; i < item->changes.count; i++)
        buf_add_char(&files, file_letters[letter_of(&item->changes.items[i])]);
    for (size_t i = 0; i < COUNT_OF(traits); i++)
        if (traits[i])
            ARRAY_PUSH(arena, &detail.traits, str_of(trait_words[i]));
    detail.files = buf_str(&files);
    return detail;
}

void json_plan_detail(Arena *arena, JsonWriter *json, const Plan *plan)
{
    json_key(json, "detail");
    json_begin_array(json);
    for (size_t i = 0; i < plan->items.count; i++) {
        ItemDetail detail = detail_of(arena, &plan->items.items[i]);
        record_to_json(json, &detail_record, &detail);
    }
    json_end_array(json);
}

/* ── members ── */

static bool odd(Error *err)
{
    return fail(err, ERR_CORRUPT, "the job's result is not what this weir understands");
}

static Str text_at(const JsonNode *object, Str key)
{
    const JsonNode *found = json_find(object, key);
    return found && found->kind == JSON_STRING ? found->text : (Str){0};
}

static bool truth_at(const JsonNode *object, Str key)
{
    const JsonNode *found = json_find(object, key);
    return found && found->kind == JSON_BOOL && found->truth;
}

static size_t count_at(const JsonNode *object, Str key)
{
    int64_t value = 0;
    const JsonNode *found = json_find(object, key);
    bool known = found && found->kind == JSON_NUMBER && json_to_i64(found, &value) && value > 0;
    return known ? (size_t)value : 0;
}

static const JsonNode *first_at(const JsonNode *object, Str key)
{
    const JsonNode *found = json_find(object, key);
    return found && found->kind == JSON_ARRAY ? found->first : NULL;
}

static void texts_at(Arena *arena, const JsonNode *object, Str key, StrArray *out)
{
    for (const JsonNode *one = first_at(object, key); one; one = one->next)
        ARRAY_PUSH(arena, out, one->text);
}

/* The index of that word, or of none, `count`. */
static int word_at(const JsonNode *object, Str key, const char *const *words, int count)
{
    Str text = text_at(object, key);
    int i = 0;
    while (i < count && !str_is(text, words[i]))
        i++;
    return i;
}

/* ── parts of an item ── */

static FileChange read_change(const JsonNode *node)
{
    FileChange change = {.path = text_at(node, STR("path")),
                         .from_path = text_at(node, STR("from_path")),
                         .added = count_at(node, STR("added")),
                         .removed = count_at(node, STR("removed"))};
    Str action = text_at(node, STR("action"));
    while (change.action < FILE_MODE && !str_is(action, file_action_name(change.action)))
        change.action++;
    return change;
}

static TreeConflict read_conflict(Arena *arena, const JsonNode *node)
{
    TreeConflict conflict = {.path = text_at(node, STR("path"))};
    Str kind = text_at(node, STR("kind"));
    while (conflict.kind < CONFLICT_SYMLINK && !str_is(kind, conflict_kind_name(conflict.kind)))
        conflict.kind++;
    for (const JsonNode *one = first_at(node, STR("regions")); one; one = one->next)
        ARRAY_PUSH(arena, &conflict.merge.regions, (MergeRegion){0});
    return conflict;
}

static void read_risks(Arena *arena, const JsonNode *node, RiskFindings *out)
{
    for (const JsonNode *one = first_at(node, STR("risks")); one; one = one->next) {
        RiskFinding finding = {
            .review = str_is(text_at(one, STR("level")), "review"),
            .path = text_at(one, STR("path")),
            .line = count_at(one, STR("line")),
            .excerpt = arena_text(arena, text_at(one, STR("excerpt"))),
            .change = arena_text(arena, text_at(one, STR("change"))),
            .more = count_at(one, STR("more")),
        };
        int kind = word_at(one, STR("kind"), risk_words, RISK_KINDS);
        finding.kind = kind < RISK_KINDS ? (RiskKind)kind : (RiskKind)0;
        ARRAY_PUSH(arena, out, finding);
    }
}

static bool read_error(Arena *arena, const JsonNode *node, ErrorNote *out)
{
    const JsonNode *error = json_find(node, STR("error"));
    if (!error || error->kind == JSON_NULL)
        return true;
    const char *code = arena_text(arena, text_at(error, STR("code")));
    ErrorNote note = {.message = arena_text(arena, text_at(error, STR("message"))),
                      .hint = arena_text(arena, text_at(error, STR("hint")))};
    if (!error_find(code, &note.code))
        return false;
    *out = note;
    return true;
}

static bool read_item(Arena *arena, const JsonNode *node, PlanItem *out)
{
    Str project = text_at(node, STR("project"));
    int edge = word_at(node, STR("edge"), edge_names, 2);
    int result = word_at(node, STR("result"), item_result_names, RESULT_ERROR + 1);
    PlanItem item = {.artifact = text_at(node, STR("artifact")),
                     .edge = edge == 0 ? EDGE_UPSTREAM : EDGE_PROJECT,
                     .project = project.len ? arena_text(arena, project) : NULL,
                     .result = result > RESULT_ERROR ? RESULT_ERROR : (ItemResult)result};
    read_risks(arena, node, &item.risks);
    for (const JsonNode *one = first_at(node, STR("lost")); one; one = one->next)
        ARRAY_PUSH(arena, &item.lost, read_change(one));
    *out = item;
    return edge < 2 && result <= RESULT_ERROR && read_error(arena, node, &out->error);
}

static bool has(const ItemDetail *detail, const char *trait)
{
    return str_array_has(&detail->traits, str_of(trait));
}

static bool read_detail(Arena *arena, const JsonNode *node, ItemDetail *out, PlanItem *item,
                        Error *err)
{
    if (!record_from_json(arena, &detail_record, node, out, NULL, err))
        return odd(err);
    item->path = out->path;
    item->from_version = out->from_version;
    item->to_version = out->to_version;
    item->note = out->note;
    item->untracked = out->untracked;
    item->base = out->base;
    item->target = out->target;
    item->after = out->after;
    item->marked = (size_t)out->marked;
    item->upward = has(out, "upward");
    item->removal = has(out, "removal");
    item->record_only = has(out, "record_only");
    item->rules_changed = has(out, "rules_changed");
    item->needs_yes = has(out, "needs_yes");
    return true;
}

/* ── the plan ── */

/* Files and conflicts of all items stand in one list each, in the order of the items. */
static bool read_items(Arena *arena, const JsonNode *result, Plan *plan, Error *err)
{
    const JsonNode *detail = first_at(result, STR("detail"));
    const JsonNode *file = first_at(result, STR("files"));
    const JsonNode *conflict = first_at(result, STR("conflicts"));
    for (const JsonNode *node = first_at(result, STR("items")); node; node = node->next) {
        PlanItem item;
        ItemDetail more = {0};
        if (!detail || !read_item(arena, node, &item) ||
            !read_detail(arena, detail, &more, &item, err))
            return odd(err);
        detail = detail->next;
        for (size_t i = 0; i < more.files.len && file; i++, file = file->next) {
            FileChange change = read_change(file);
            take_letter(more.files.data[i], &change);
            ARRAY_PUSH(arena, &item.changes, change);
        }
        for (int64_t i = 0; i < more.conflicts && conflict; i++, conflict = conflict->next)
            ARRAY_PUSH(arena, &item.conflicts, read_conflict(arena, conflict));
        ARRAY_PUSH(arena, &plan->items, item);
    }
    return !detail && !file && !conflict ? true : odd(err);
}

bool plan_from_json(Arena *arena, const JsonNode *result, Plan *out, Error *err)
{
    Plan plan = {.dry_run = truth_at(result, STR("dry_run")),
                 .operation = text_at(result, STR("operation"))};
    if (json_find(result, STR("truncated")))
        return fail(err, ERR_TOO_LARGE,
                    "the daemon has done it; what it did is too much to be shown here") ||
               fail_hint(err, "`weir log` and `weir status` tell what there is now.");
    if (!read_items(arena, result, &plan, err))
        return false;
    *out = plan;
    return true;
}

bool undo_from_json(Arena *arena, const JsonNode *result, UndoResult *out, Error *err)
{
    const JsonNode *undone = json_find(result, STR("undone"));
    UndoResult read = {0};
    Operation *operation = &read.undone;
    if (!undone || !clock_parse(text_at(undone, STR("at")), &operation->at_ms))
        return odd(err);
    operation->id = text_at(undone, STR("id"));
    operation->command = text_at(undone, STR("command"));
    operation->is_half_undone = truth_at(undone, STR("is_half_undone"));
    texts_at(arena, undone, STR("artifacts"), &operation->artifacts);
    texts_at(arena, result, STR("left"), &read.left);
    if (!plan_from_json(arena, result, &read.plan, err))
        return false;
    *out = read;
    return true;
}

bool resolve_from_json(Arena *arena, const JsonNode *result, ResolveResult *out, Error *err)
{
    ResolveResult read = {.resolved = count_at(result, STR("resolved")),
                          .finished = truth_at(result, STR("finished")),
                          .pending.id = text_at(result, STR("pending"))};
    if (!plan_from_json(arena, result, &read.plan, err))
        return false;
    if (read.plan.items.count) {
        read.pending.artifact = read.plan.items.items[0].artifact;
        read.pending.edge = read.plan.items.items[0].edge;
        read.pending.project = read.plan.items.items[0].project;
    }
    *out = read;
    return true;
}
