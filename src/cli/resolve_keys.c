#include "cli/resolve_keys.h"
#include "sync/place_json.h"

typedef struct {
    const char *letter, *word;
    KeyAct act;
    Side side;
    const char *about; /* in the help; NULL: the line of keys says it */
} KeyRow;

static const KeyRow rows[] = {
    {"c", "collection", KEY_SIDE, SIDE_COLLECTION, NULL},
    {"u", "upstream", KEY_SIDE, SIDE_UPSTREAM, NULL},
    {"p", "project", KEY_SIDE, SIDE_PROJECT, NULL},
    {"a", "base", KEY_SIDE, SIDE_BASE, NULL},
    {"b", "both", KEY_SIDE, SIDE_BOTH, NULL},
    {"B", "both-reversed", KEY_SIDE, SIDE_BOTH_REVERSED, NULL},
    {"e", "edit", KEY_EDIT, SIDE_FILE, NULL},
    {"E", "edit-file", KEY_EDIT_FILE, SIDE_FILE, "the whole file in the editor"},
    {"t", "tool", KEY_TOOL, SIDE_FILE, "the whole file in the merge tool"},
    {"v", "view", KEY_VIEW, SIDE_OPEN, "every line of each side"},
    {"l", "later", KEY_LATER, SIDE_OPEN, NULL},
    {"z", "undo", KEY_UNDO, SIDE_OPEN, "take the last choice back"},
    {"r", "review", KEY_REVIEW, SIDE_OPEN, "every place and what was chosen"},
    {"x", "drop", KEY_DROP, SIDE_OPEN, "drop the waiting merge; files stay as they are"},
    {"?", "help", KEY_HELP, SIDE_OPEN, NULL},
    {"q", "quit", KEY_QUIT, SIDE_OPEN, "leave; what is chosen is kept"},
};

/* A file that only one side still has can be edited: there is one text. */
static bool is_half(const TreeConflict *conflict)
{
    return conflict->kind == CONFLICT_MODIFY_DELETE || conflict->kind == CONFLICT_DELETE_MODIFY;
}

static bool has_one_text(const WaitingPlace *place)
{
    const PlaceSide *side = place->target.there ? &place->target : &place->source;
    const ConflictSide *file =
        place->target.there ? &place->conflict->ours : &place->conflict->theirs;
    return is_half(place->conflict) && side->is_text && file->mode != MODE_LINK;
}

static bool is_side_offered(const KeyOffer *offer, Side side)
{
    const WaitingPlace *place = offer->place;
    bool upstream = offer->result->pending.edge == EDGE_UPSTREAM;
    if (side == SIDE_PROJECT)
        return !upstream;
    if (side == SIDE_UPSTREAM)
        return upstream;
    if (side == SIDE_BASE)
        return place->base.there;
    return side == SIDE_COLLECTION || place->region;
}

static bool is_offered(const KeyOffer *offer, const KeyRow *row)
{
    switch (row->act) {
    case KEY_SIDE:
        return is_side_offered(offer, row->side);
    case KEY_EDIT:
        return offer->place->region || has_one_text(offer->place);
    case KEY_EDIT_FILE:
        return offer->place->region != NULL;
    case KEY_TOOL:
        return offer->place->region && offer->has_tool;
    case KEY_VIEW:
    case KEY_LATER:
    case KEY_UNDO:
    case KEY_REVIEW:
    case KEY_GO:
    case KEY_DROP:
    case KEY_HELP:
    case KEY_QUIT:
        break;
    }
    return true;
}

static const KeyRow *find_row(const KeyOffer *offer, Str word)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (is_offered(offer, &rows[i]) &&
            (str_is(word, rows[i].letter) || str_is(word, rows[i].word)))
            return &rows[i];
    return NULL;
}

/* "cf" and "c*": the letter of a side, then how far it reaches. */
static KeyScope read_scope(Str *answer)
{
    if (answer->len != 2 || (answer->data[1] != 'f' && answer->data[1] != '*'))
        return SCOPE_PLACE;
    KeyScope scope = answer->data[1] == 'f' ? SCOPE_FILE : SCOPE_ALL;
    *answer = str_slice(*answer, 0, 1);
    return scope;
}

/* Whole files take no two sides: then "all" is not for both. */
static bool all_are_text(const ResolveResult *result)
{
    for (size_t i = 0; i < result->places.count; i++)
        if (!result->places.items[i].region && !result->places.items[i].chosen)
            return false;
    return true;
}

bool key_read(const KeyOffer *offer, const char *answer, ResolveKey *out)
{
    Str word = str_of(answer);
    uint64_t number = 0;
    if (str_to_u64(word, &number) && number >= 1 && number <= offer->result->places.count) {
        *out = (ResolveKey){.act = KEY_GO, .number = (size_t)number};
        return true;
    }
    KeyScope scope = read_scope(&word);
    const KeyRow *row = find_row(offer, word);
    if (!row || (scope != SCOPE_PLACE && row->act != KEY_SIDE))
        return false;
    bool both = row->side == SIDE_BOTH || row->side == SIDE_BOTH_REVERSED;
    if (scope == SCOPE_ALL && both && !all_are_text(offer->result))
        return false;
    *out = (ResolveKey){row->act, row->side, scope, 0};
    return true;
}

/* ── what is shown ── */

static const char *other_key(const KeyOffer *offer)
{
    return offer->result->pending.edge == EDGE_UPSTREAM ? "[u]pstream" : "[p]roject";
}

void keys_print(Output *output, const KeyOffer *offer)
{
    const WaitingPlace *place = offer->place;
    Buf line = buf_new(output->arena);
    buf_format(&line, "[c]ollection %s", other_key(offer));
    if (place->base.there)
        buf_add_text(&line, " b[a]se");
    if (place->region)
        buf_format(&line, " [b]oth, [B]oth with the %s first",
                   place_source(&offer->result->pending));
    if (place->region || has_one_text(place))
        buf_add_text(&line, " [e]dit");
    buf_add_text(&line, " [l]ater [z] undo [q]uit [?]");
    out_line(output, "%s", ink(output, INK_FAINT, buf_text(&line)));
}

void keys_help(Output *output, const KeyOffer *offer)
{
    const char *source = place_source(&offer->result->pending);
    out_line(output, "  c %c a  the side's version of this place; a is what both had in common",
             *source == 'u' || offer->result->pending.edge == EDGE_UPSTREAM ? 'u' : 'p');
    if (offer->place->region)
        out_line(output, "  b B    both sides' lines, in either order");
    out_line(output, "  cf c*  the same for all of this file; for all that is still open");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].about && is_offered(offer, &rows[i]))
            out_line(output, "  %-5s  %s", rows[i].letter, rows[i].about);
    out_line(output, "  1 2 3  go to the place with this number, chosen or not");
}
