#include "cli/resolve_walk.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/prompt.h"
#include "cli/resolve_hand.h"
#include "cli/resolve_keys.h"
#include "cli/terminal.h"
#include "sync/place_json.h"

enum { SIDE_LINES = 30 };

typedef struct {
    Call *call;
    ResolveRequest request;
    ResolveResult now;
    const char *tool;
    ARRAY(StrArray) chosen; /* keys that one act chose, in the order of this sitting */
    StrArray later;         /* keys that were put off */
    Str wanted;             /* the place to go to, chosen or not */
    bool quit, dropped;
} Walk;

/* ── where it stands ── */

static size_t count_chosen(const Walk *walk)
{
    size_t count = 0;
    for (size_t i = 0; i < walk->now.places.count; i++)
        count += walk->now.places.items[i].chosen;
    return count;
}

static bool all_chosen(const Walk *walk)
{
    return walk->now.places.count && count_chosen(walk) == walk->now.places.count;
}

static bool is_asked(const Walk *walk, const WaitingPlace *place)
{
    return !place->chosen && !str_array_has(&walk->later, place->key) &&
           (!walk->request.file || str_is(place->file, walk->request.file));
}

static const WaitingPlace *next_place(Walk *walk)
{
    const WaitingPlaces *places = &walk->now.places;
    Str wanted = walk->wanted;
    walk->wanted = (Str){0};
    if (walk->quit || walk->dropped)
        return NULL;
    for (size_t i = 0; wanted.len && i < places->count; i++)
        if (str_equal(places->items[i].key, wanted))
            return &places->items[i];
    for (size_t i = 0; i < places->count; i++)
        if (is_asked(walk, &places->items[i]))
            return &places->items[i];
    return NULL;
}

/* ── choosing ── */

/* What a person can mend is said, and the walk goes on; all else ends it. */
static bool forgive(Walk *walk, Error *err)
{
    bool mendable = err->code == ERR_INVALID || err->code == ERR_USAGE ||
                    err->code == ERR_CHANGED || err->code == ERR_TOO_LARGE;
    if (!mendable)
        return false;
    out_error(walk->call->output, err, NULL);
    *err = (Error){0};
    ResolveRequest look = walk->request;
    look.show = true;
    return verb_resolve(&walk->call->app->workspace, &look, &walk->now, err);
}

static bool was_chosen(const ResolveResult *before, const WaitingPlace *place)
{
    for (size_t i = 0; i < before->places.count; i++)
        if (str_equal(before->places.items[i].key, place->key))
            return str_equal(before->places.items[i].choice, place->choice);
    return false;
}

/* What one act has chosen is one step back for `undo`. */
static void remember(Walk *walk, const ResolveResult *before)
{
    StrArray keys = {0};
    for (size_t i = 0; i < walk->now.places.count; i++) {
        const WaitingPlace *place = &walk->now.places.items[i];
        if (place->chosen && !was_chosen(before, place))
            ARRAY_PUSH(walk->call->arena, &keys, place->key);
    }
    if (keys.count)
        ARRAY_PUSH(walk->call->arena, &walk->chosen, keys);
}

/* `*taken` false: it was not, and the reason was said. */
static bool choose(Walk *walk, const ResolveRequest *wish, bool *taken, Error *err)
{
    ResolveRequest request = *wish;
    ResolveResult result = {0}, before = walk->now;
    request.show = false;
    request.choose_only = true;
    request.apply = true;
    request.operation = walk->request.operation;
    *taken = verb_resolve(&walk->call->app->workspace, &request, &result, err);
    if (!*taken)
        return forgive(walk, err);
    walk->now = result;
    if (result.plan.operation.len)
        walk->request.operation = result.plan.operation;
    if (request.take != SIDE_OPEN)
        remember(walk, &before);
    return true;
}

static ResolveRequest wish_for(const Walk *walk, Str key, Side side)
{
    ResolveRequest wish = walk->request;
    wish.file = NULL;
    wish.place = key;
    wish.take = side;
    return wish;
}

static bool take_side(Walk *walk, const WaitingPlace *place, const ResolveKey *key, Error *err)
{
    ResolveRequest wish = wish_for(walk, place->key, key->side);
    bool taken = false;
    if (key->scope != SCOPE_PLACE)
        wish.place = (Str){0};
    if (key->scope == SCOPE_FILE)
        wish.file = arena_text(walk->call->arena, place->file);
    return choose(walk, &wish, &taken, err);
}

static bool last_chosen(Walk *walk, StrArray *out)
{
    if (walk->chosen.count) {
        *out = walk->chosen.items[--walk->chosen.count];
        return true;
    }
    for (size_t i = walk->now.places.count; i > 0; i--) {
        if (!walk->now.places.items[i - 1].chosen)
            continue;
        ARRAY_PUSH(walk->call->arena, out, walk->now.places.items[i - 1].key);
        return true;
    }
    return false;
}

static bool take_back(Walk *walk, Error *err)
{
    StrArray keys = {0};
    bool taken = false;
    if (!last_chosen(walk, &keys))
        out_note(walk->call->output, "Nothing is chosen yet.");
    for (size_t i = 0; i < keys.count; i++) {
        ResolveRequest wish = wish_for(walk, keys.items[i], SIDE_OPEN);
        if (!choose(walk, &wish, &taken, err))
            return false;
    }
    if (keys.count)
        walk->wanted = keys.items[0];
    return true;
}

/* ── by hand ── */

static bool take_text(Walk *walk, const WaitingPlace *place, const HandText *hand, Error *err)
{
    ResolveRequest wish = wish_for(walk, place->key, SIDE_FILE);
    Output *output = walk->call->output;
    bool taken = false;
    if (hand->untouched) {
        out_note(output, "The text was left as it was: nothing is chosen.");
        return true;
    }
    if (hand->whole) {
        wish.place = (Str){0};
        wish.file = arena_text(walk->call->arena, place->file);
    }
    wish.with = hand->text;
    if (!choose(walk, &wish, &taken, err))
        return false;
    if (taken) {
        draft_drop(walk->call, &hand->draft);
        return true;
    }
    out_note(output, "What you wrote is kept; edit again to go on with it:");
    out_note(output, "%s", text_safe(walk->call->arena, hand->draft.path));
    return true;
}

static bool by_hand(Walk *walk, const WaitingPlace *place, KeyAct act, Error *err)
{
    HandText hand = {0};
    bool done = act == KEY_EDIT        ? hand_edit_place(walk->call, &walk->now, place, &hand, err)
                : act == KEY_EDIT_FILE ? hand_edit_file(walk->call, place, &hand, err)
                                       : hand_tool(walk->call, walk->tool, place, &hand, err);
    return done ? take_text(walk, place, &hand, err) : forgive(walk, err);
}

/* ── questions ── */

static bool ask(Walk *walk, const Question *question, const char **answer, Error *err)
{
    bool ended = false;
    if (prompt_text(walk->call->output, question, answer, &ended, err)) {
        walk->quit |= ended;
        return true;
    }
    if (err->code == ERR_INTERRUPTED)
        (void)fail_hint(err, "What was chosen is kept; the same command goes on from there.");
    return false;
}

static bool drop(Walk *walk, Error *err)
{
    bool yes = false;
    ResolveRequest request = walk->request;
    ResolveResult result = {0};
    if (!prompt_yes(walk->call->output, "Drop the waiting merge and what was chosen?", &yes, err))
        return false;
    if (!yes)
        return true;
    request.show = false;
    request.abort = true;
    request.apply = true;
    request.file = NULL;
    if (!verb_resolve(&walk->call->app->workspace, &request, &result, err))
        return false;
    walk->dropped = true;
    return true;
}

static void review(Walk *walk)
{
    Output *output = walk->call->output;
    for (size_t i = 0; i < walk->now.places.count; i++) {
        const WaitingPlace *place = &walk->now.places.items[i];
        const char *choice = place_choice(output->arena, place, &walk->now.pending);
        const char *file = text_safe(output->arena, place->file);
        if (place->region)
            file = arena_format(output->arena, "%s:%zu", file, place->target.lines.start);
        out_line(output, "  %2zu  %s  %s", i + 1, file, choice ? choice : "open");
    }
}

/* ── keys ── */

static void put_off(Walk *walk, const WaitingPlace *place)
{
    ARRAY_PUSH(walk->call->arena, &walk->later, place->key);
}

static bool act(Walk *walk, const WaitingPlace *place, const ResolveKey *key, Error *err)
{
    switch (key->act) {
    case KEY_SIDE:
        return take_side(walk, place, key, err);
    case KEY_EDIT:
    case KEY_EDIT_FILE:
    case KEY_TOOL:
        return by_hand(walk, place, key->act, err);
    case KEY_UNDO:
        return take_back(walk, err);
    case KEY_DROP:
        return drop(walk, err);
    case KEY_GO:
        walk->wanted = walk->now.places.items[key->number - 1].key;
        break;
    case KEY_LATER:
        put_off(walk, place);
        break;
    case KEY_QUIT:
        walk->quit = true;
        break;
    case KEY_VIEW:
    case KEY_REVIEW:
    case KEY_HELP:
        break;
    }
    return true;
}

/* Keys that only show something: the question stays. */
static bool shows(Walk *walk, const KeyOffer *offer, const ResolveKey *key)
{
    Output *output = walk->call->output;
    if (key->act == KEY_VIEW)
        place_print_all(output, offer->place, &walk->now.pending);
    else if (key->act == KEY_REVIEW)
        review(walk);
    else if (key->act == KEY_HELP)
        keys_help(output, offer);
    else
        return false;
    return true;
}

typedef struct {
    Output *output;
    const KeyOffer *offer;
} PlaceShown;

static void show_place(void *context)
{
    const PlaceShown *shown = context;
    Output *output = shown->output;
    output->columns = terminal_columns(STDOUT_FILENO); /* it may have another size by now */
    place_print(output, shown->offer->place, &shown->offer->result->pending, SIDE_LINES);
    keys_print(output, shown->offer);
}

static bool walk_place(Walk *walk, const WaitingPlace *place, Error *err)
{
    const char *answer = NULL;
    const KeyOffer offer = {&walk->now, place, walk->tool != NULL};
    Output *output = walk->call->output;
    PlaceShown shown = {output, &offer};
    const Question question = {"> ", show_place, &shown};
    show_place(&shown);
    while (!walk->quit) {
        ResolveKey key = {0};
        if (!ask(walk, &question, &answer, err))
            return false;
        if (walk->quit)
            break;
        if (!key_read(&offer, answer, &key))
            out_note(output, "One of the letters in brackets, please.");
        else if (!shows(walk, &offer, &key))
            return act(walk, place, &key, err);
    }
    return true;
}

static void show_all(void *context)
{
    Walk *walk = context;
    Output *output = walk->call->output;
    out_line(output, "All places are chosen.");
    review(walk);
    out_line(output, "%s",
             ink(output, INK_FAINT, "[r]eview and apply [z] undo [q]uit, or a place's number"));
}

/* All was chosen before: there is still a way back. */
static bool ask_again(Walk *walk, Error *err)
{
    const char *answer = NULL;
    uint64_t number = 0;
    const Question question = {"> ", show_all, walk};
    show_all(walk);
    if (!ask(walk, &question, &answer, err))
        return false;
    if (strcmp(answer, "z") == 0)
        return take_back(walk, err);
    if (str_to_u64(str_of(answer), &number) && number >= 1 && number <= walk->now.places.count)
        walk->wanted = walk->now.places.items[number - 1].key;
    walk->quit |= strcmp(answer, "q") == 0;
    return true;
}

static void say_where(Walk *walk)
{
    Call *call = walk->call;
    if (walk->dropped) {
        out_line(call->output, "Dropped the waiting merge of %s. No file changed.",
                 text_safe(call->arena, walk->now.pending.artifact));
        return;
    }
    out_line(call->output, "%zu of %s chosen, and kept. Live files are untouched.",
             count_chosen(walk),
             text_count(call->arena, walk->now.places.count, "place", "places"));
    out_next(call->output, "%s", text_safe(call->arena, str_of(call->typed)));
}

static void end_walk(Walk *walk, ResolveRequest *request, WalkEnd *end)
{
    *end = walk->dropped                     ? WALK_DROPPED
           : !walk->quit && all_chosen(walk) ? WALK_SETTLED
                                             : WALK_LEFT;
    request->operation = walk->request.operation;
    if (*end != WALK_SETTLED)
        say_where(walk);
}

bool resolve_walk(Call *call, const ResolveResult *waiting, ResolveRequest *request,
                  const char *tool, WalkEnd *end, Error *err)
{
    Walk walk = {.call = call, .request = *request, .now = *waiting, .tool = tool};
    const WaitingPlace *place = NULL;
    if (all_chosen(&walk) && !ask_again(&walk, err))
        return false;
    while ((place = next_place(&walk)))
        if (!walk_place(&walk, place, err))
            return false;
    end_walk(&walk, request, end);
    return true;
}

bool resolve_by_tool(Call *call, const ResolveResult *waiting, ResolveRequest *request,
                     const char *tool, WalkEnd *end, Error *err)
{
    Walk walk = {.call = call, .request = *request, .now = *waiting, .tool = tool};
    const WaitingPlace *place = NULL;
    while ((place = next_place(&walk))) {
        Str file = place->file;
        if (place->region && !by_hand(&walk, place, KEY_TOOL, err))
            return false;
        for (size_t i = 0; i < walk.now.places.count; i++)
            if (str_equal(walk.now.places.items[i].file, file))
                put_off(&walk, &walk.now.places.items[i]);
    }
    end_walk(&walk, request, end);
    return true;
}
