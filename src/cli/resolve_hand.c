#include "cli/resolve_hand.h"

#include "cli/place_text.h"
#include "sync/place_json.h"

static void add_side(Buf *buf, const char *marker, const char *name, Str text)
{
    buf_format(buf, "%s %s\n", marker, name);
    buf_add(buf, text);
    if (text.len && text.data[text.len - 1] != '\n')
        buf_add_char(buf, '\n');
}

static Str with_markers(Arena *arena, const PendingMerge *pending, const WaitingPlace *place)
{
    Buf buf = buf_new(arena);
    add_side(&buf, "<<<<<<<", place_target(pending), place->target.text);
    add_side(&buf, "|||||||", "base", place->base.text);
    buf_add_text(&buf, "=======\n");
    buf_add(&buf, place->source.text);
    if (buf.data[buf.len - 1] != '\n')
        buf_add_char(&buf, '\n');
    buf_format(&buf, ">>>>>>> %s\n", place_source(pending));
    return buf_str(&buf);
}

static bool edit(Call *call, Str text, HandText *hand, Error *err)
{
    if (!editor_run(call, &hand->draft, text, &hand->text, err))
        return false;
    hand->untouched = str_equal(text, hand->text);
    if (hand->untouched)
        draft_drop(call, &hand->draft);
    return true;
}

bool hand_edit_place(Call *call, const ResolveResult *result, const WaitingPlace *place,
                     HandText *out, Error *err)
{
    HandText hand = {.draft = {.key = place->key, .name = place->file}};
    hand.whole = !place->region;
    Str text = place->region         ? with_markers(call->arena, &result->pending, place)
               : place->target.there ? place->target.text
                                     : place->source.text;
    if (!edit(call, text, &hand, err))
        return false;
    *out = hand;
    return true;
}

bool hand_edit_file(Call *call, const WaitingPlace *place, HandText *out, Error *err)
{
    HandText hand = {.draft = {.key = place->file_key, .name = place->file}, .whole = true};
    if (!edit(call, place->file_text, &hand, err))
        return false;
    *out = hand;
    return true;
}

bool hand_tool(Call *call, const char *tool, const WaitingPlace *place, HandText *out, Error *err)
{
    HandText hand = {.draft = {.key = place->file_key, .name = place->file}, .whole = true};
    const Str *sides = place->file_sides;
    const ToolTexts texts = {sides[0], sides[1], sides[2], place->file_text};
    if (!tool_run(call, tool, &hand.draft, &texts, &hand.text, err))
        return false;
    hand.untouched = str_equal(place->file_text, hand.text);
    if (hand.untouched)
        draft_drop(call, &hand.draft);
    *out = hand;
    return true;
}
