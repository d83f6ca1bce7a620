#include "cli/versions_text.h"

#include "base/clock.h"
#include "base/text.h"
#include "cli/rows.h"
#include "cli/words.h"
#include "sync/conflict_json.h"

/* ── what is where ── */

typedef struct {
    Str text;
    Hash hash;
} Mark;
typedef ARRAY(Mark) Marks;

static void add_mark(Arena *arena, Marks *marks, const char *text, const Hash *hash)
{
    for (size_t i = 0; i < marks->count; i++)
        if (str_is(marks->items[i].text, text))
            return;
    if (!hash_is_zero(hash))
        ARRAY_PUSH(arena, marks, ((Mark){str_of(text), *hash}));
}

static Marks marks_of(Arena *arena, const Drift *drift)
{
    Marks marks = {0};
    for (size_t i = 0; i < drift->items.count; i++) {
        const DriftItem *item = &drift->items.items[i];
        bool up = item->edge == EDGE_UPSTREAM;
        if (item->error.code)
            continue;
        const char *lower = up ? "collection" : project_name(arena, item->project);
        add_mark(arena, &marks, up ? "upstream" : "collection", &item->upper);
        add_mark(arena, &marks, lower, &item->lower);
        add_mark(arena, &marks, arena_format(arena, "base of %s", lower), &item->base);
    }
    return marks;
}

/* A hash may come back: a mark stands at its newest version only. */
static StrArray marks_at(Arena *arena, const Marks *marks, const Versions *versions, size_t at)
{
    StrArray found = {0};
    const Hash *hash = &versions->items[at].hash;
    for (size_t i = 0; i < at; i++)
        if (hash_equal(&versions->items[i].hash, hash))
            return found;
    for (size_t i = 0; i < marks->count; i++)
        if (hash_equal(&marks->items[i].hash, hash))
            ARRAY_PUSH(arena, &found, marks->items[i].text);
    return found;
}

/* ── text ── */

static size_t lane_of(const Version *version)
{
    for (size_t i = 0; i < COUNT_OF(tier_names); i++)
        if (str_is(version->tier, tier_names[i]))
            return i;
    return 0;
}

/* A lane is drawn between its newest and its oldest version. */
static const char *lanes(Output *output, const Versions *versions, size_t at)
{
    Buf buf = buf_new(output->arena);
    for (size_t lane = 0; lane < COUNT_OF(tier_names); lane++) {
        bool newer = false;
        bool older = false;
        for (size_t i = 0; i < versions->count; i++) {
            newer |= i < at && lane_of(&versions->items[i]) == lane;
            older |= i > at && lane_of(&versions->items[i]) == lane;
        }
        bool here = lane_of(&versions->items[at]) == lane;
        buf_format(&buf, "%s%s", lane ? " " : "",
                   here             ? "*"
                   : newer && older ? glyph(output, "│", "|")
                                    : " ");
    }
    return buf_text(&buf);
}

static const char *place_text(Arena *arena, const Version *version)
{
    if (!version->project.len)
        return text_safe(arena, version->tier);
    return project_name(arena, arena_text(arena, version->project));
}

static const char *rest_text(Output *output, const VersionsView *view, const Marks *marks,
                             size_t at)
{
    Arena *arena = output->arena;
    const Version *version = &view->versions->items[at];
    StrArray here = marks_at(arena, marks, view->versions, at);
    Buf buf = buf_new(arena);
    if (!hash_is_zero(&version->parent))
        buf_format(&buf, "%s %s", glyph(output, "←", "<-"), hash_brief(arena, &version->parent));
    if (!hash_is_zero(&version->other_parent))
        buf_format(&buf, " + %s", hash_brief(arena, &version->other_parent));
    if (version->message.len)
        buf_format(&buf, "%s%s", buf.len ? "  " : "", text_safe(arena, version->message));
    for (size_t i = 0; i < here.count; i++)
        buf_format(&buf, "%s%s", i ? ", " : buf.len ? "  [" : "[", text_safe(arena, here.items[i]));
    buf_add_text(&buf, here.count ? "]" : "");
    if (!view->kept[at])
        buf_format(&buf, "%s(content is gone)", buf.len ? "  " : "");
    return buf_text(&buf);
}

static void print_rows(Output *output, const VersionsView *view)
{
    Arena *arena = output->arena;
    Rows rows = {0};
    Marks marks = marks_of(arena, view->drift);
    for (size_t i = 0; i < view->versions->count; i++) {
        const Version *version = &view->versions->items[i];
        Cell rest = {rest_text(output, view, &marks, i), INK_NONE};
        Cell author = {text_safe(arena, version->author), INK_FAINT};
        bool verbose = output->options.verbose;
        ARRAY_PUSH(arena, &rows,
                   ROW({lanes(output, view->versions, i), INK_FAINT},
                       {hash_brief(arena, &version->hash), INK_STRONG},
                       {time_short(arena, version->at_ms), INK_FAINT},
                       {arena_format(arena, "%s %s", place_text(arena, version),
                                     text_safe(arena, version->source)),
                        INK_NONE},
                       verbose ? author : rest, verbose ? rest : (Cell){0}));
    }
    rows_print(output, &rows, "  ");
}

/* Edits that nobody recorded are on a tier, but no version. */
static void print_unrecorded(Output *output, const VersionsView *view)
{
    Marks marks = marks_of(output->arena, view->drift);
    for (size_t i = 0; i < marks.count; i++) {
        bool found = str_starts(marks.items[i].text, STR("base of "));
        for (size_t j = 0; !found && j < view->versions->count; j++)
            found = hash_equal(&view->versions->items[j].hash, &marks.items[i].hash);
        if (!found && view->versions->count == view->total)
            out_line(output, "  %s holds %s, which is no version yet.",
                     text_safe(output->arena, marks.items[i].text),
                     hash_brief(output->arena, &marks.items[i].hash));
    }
}

void versions_print(Output *output, const VersionsView *view)
{
    const char *id = text_safe(output->arena, view->id);
    size_t older = view->total - view->versions->count;
    if (!view->total) {
        out_line(output, "%s has no version on record.", id);
        return;
    }
    out_line(output, "%s has %s, newest first; lanes: upstream, collection, projects.",
             ink(output, INK_STRONG, id),
             text_count(output->arena, view->total, "version", "versions"));
    print_rows(output, view);
    print_unrecorded(output, view);
    if (older)
        out_line(output, "  and %zu older: --limit 0 shows all", older);
    out_next(output, "weir rollback %s --to HASH", id);
}

/* ── JSON ── */

static void one_json(Output *output, JsonWriter *json, const VersionsView *view, size_t at,
                     const Marks *marks)
{
    const Version *version = &view->versions->items[at];
    StrArray here = marks_at(output->arena, marks, view->versions, at);
    json_begin_object(json);
    json_member_hash(json, "hash", &version->hash);
    json_member_hash(json, "parent", &version->parent);
    json_member_hash(json, "other_parent", &version->other_parent);
    json_member(json, "tier", version->tier);
    json_member(json, "source", version->source);
    json_member_bytes(json, "project", version->project);
    json_member_text(json, "at", clock_format(json->buf->arena, version->at_ms));
    json_member_bytes(json, "author", version->author);
    json_member_bytes(json, "message", version->message);
    json_member_strings(json, "marks", &here);
    json_member_bool(json, "kept", view->kept[at]);
    json_end_object(json);
}

void versions_json(Output *output, JsonWriter *json, const VersionsView *view)
{
    Marks marks = marks_of(output->arena, view->drift);
    json_key(json, "versions");
    json_begin_array(json);
    for (size_t i = 0; i < view->versions->count; i++)
        one_json(output, json, view, i, &marks);
    json_end_array(json);
    json_member_integer(json, "versions_total", (int64_t)view->total);
}
