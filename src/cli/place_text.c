#include "cli/place_text.h"

#include "base/text.h"
#include "sync/place_json.h"

static void print_side(Output *output, const char *name, Str text, size_t most)
{
    Str line = {0};
    size_t count = 0;
    if (!text.len)
        out_line(output, "  %-10s |", name);
    for (; text.len && (!most || count < most) && str_next(&text, '\n', &line); count++)
        out_verbatim(output, "  %-10s | %s", name, text_safe(output->arena, line));
    for (count = 0; str_next(&text, '\n', &line); count++)
        continue;
    if (count)
        out_line(output, "  %-10s | ... %s", name,
                 text_count(output->arena, count, "line more", "lines more"));
}

/* ── a whole file ── */

static const char *whole_sentence(Arena *arena, const WaitingPlace *place,
                                  const PendingMerge *pending)
{
    const char *target = place_target(pending), *source = place_source(pending);
    switch (place->conflict->kind) {
    case CONFLICT_MODIFY_DELETE:
        return arena_format(arena, "%s changed it, %s deleted it", target, source);
    case CONFLICT_DELETE_MODIFY:
        return arena_format(arena, "%s deleted it, %s changed it", target, source);
    case CONFLICT_ADD_ADD:
        return arena_format(arena, "%s and %s both added it", target, source);
    case CONFLICT_BINARY:
        return "both changed it, and it is not text that merges by lines";
    case CONFLICT_MODE:
        return "executable on one side only";
    case CONFLICT_RENAME:
        return arena_format(arena, "%s and %s gave it different names", target, source);
    case CONFLICT_TYPE:
        return "a file, a link, a folder: the sides differ in what it is";
    case CONFLICT_SYMLINK:
        return "a link that both sides point elsewhere";
    case CONFLICT_CONTENT:
        break;
    }
    return "both changed it";
}

static const char *describe(Arena *arena, const WaitingPlace *place, const PlaceSide *side,
                            const ConflictSide *file)
{
    bool whole_other = place->conflict->kind == CONFLICT_TYPE && place->conflict->other_path.len;
    if (!side->there && whole_other && side != &place->base)
        return arena_format(arena, "%s instead", text_safe(arena, place->conflict->other_path));
    if (!side->there)
        return place->base.there && side != &place->base ? "deleted" : "not there";
    const char *renamed = "", *link = "";
    if (file->path.len && !str_equal(file->path, place->conflict->path))
        renamed = arena_format(arena, "%s, ", text_safe(arena, file->path));
    if (file->mode == MODE_LINK)
        link = arena_format(arena, "link to %s", text_safe(arena, side->text));
    if (*link)
        return arena_format(arena, "%s%s", renamed, link);
    return arena_format(arena, "%s%s%s, %.8s", renamed, text_size(arena, side->size_bytes),
                        file->mode == MODE_EXEC ? ", executable" : "", hash_hex(&file->hash).text);
}

static void print_whole(Output *output, const WaitingPlace *place, const PendingMerge *pending)
{
    Arena *arena = output->arena;
    const TreeConflict *conflict = place->conflict;
    out_line(output, "%s: a whole file%s", text_safe(arena, place->file),
             place->chosen ? ", chosen" : "");
    out_line(output, "  %s (%s)", whole_sentence(arena, place, pending),
             conflict_kind_name(conflict->kind));
    out_line(output, "  %-10s | %s", place_target(pending),
             describe(arena, place, &place->target, &conflict->ours));
    out_line(output, "  %-10s | %s", "base", describe(arena, place, &place->base, &conflict->base));
    out_line(output, "  %-10s | %s", place_source(pending),
             describe(arena, place, &place->source, &conflict->theirs));
}

void place_print(Output *output, const WaitingPlace *place, const PendingMerge *pending,
                 size_t most)
{
    const char *file = text_safe(output->arena, place->file);
    if (!place->region) {
        print_whole(output, place, pending);
        return;
    }
    out_line(output, "%s:%zu, place %zu of %zu%s", file, place->target.lines.start, place->number,
             place->count, place->chosen ? ", chosen" : "");
    print_side(output, place_target(pending), place->target.text, most);
    print_side(output, "base", place->base.text, most);
    print_side(output, place_source(pending), place->source.text, most);
}

static void print_text(Output *output, const char *name, const PlaceSide *side)
{
    if (side->there && side->is_text)
        print_side(output, name, side->text, 0);
}

void place_print_all(Output *output, const WaitingPlace *place, const PendingMerge *pending)
{
    place_print(output, place, pending, 0);
    if (place->region)
        return;
    print_text(output, place_target(pending), &place->target);
    print_text(output, "base", &place->base);
    print_text(output, place_source(pending), &place->source);
}
