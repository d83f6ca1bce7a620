#include "cli/resolve_walk.h"

#include <string.h>

#include "base/text.h"
#include "cli/editor.h"
#include "cli/place_text.h"
#include "cli/prompt.h"

enum { SIDE_LINES = 30 };

typedef struct {
    Call *call;
    ResolveRequest request;
    ResolveResult now;
    StrArray chosen; /* keys, in the order of this sitting */
    StrArray later;  /* keys that were put off */
    bool quit;
} Walk;

/* ── where it stands ── */

static bool holds(const StrArray *keys, Str key)
{
    for (size_t i = 0; i < keys->count; i++)
        if (str_equal(keys->items[i], key))
            return true;
    return false;
}

static size_t count_chosen(const Walk *walk)
{
    size_t count = 0;
    for (size_t i = 0; i < walk->now.places.count; i++)
        count += walk->now.places.items[i].chosen;
    return count;
}

static bool is_asked(const Walk *walk, const WaitingPlace *place)
{
    return !place->chosen && !holds(&walk->later, place->key) &&
           (!walk->request.file || str_is(place->file, walk->request.file));
}

static const WaitingPlace *next_place(const Walk *walk)
{
    for (size_t i = 0; !walk->quit && i < walk->now.places.count; i++)
        if (is_asked(walk, &walk->now.places.items[i]))
            return &walk->now.places.items[i];
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

static bool choose(Walk *walk, Str key, Side side, Str with, Error *err)
{
    ResolveRequest request = walk->request;
    ResolveResult result = {0};
    request.show = false;
    request.file = NULL;
    request.place = key;
    request.take = side;
    request.with = with;
    request.choose_only = true;
    request.apply = true;
    if (!verb_resolve(&walk->call->app->workspace, &request, &result, err))
        return forgive(walk, err);
    walk->now = result;
    if (result.plan.operation.len)
        walk->request.operation = result.plan.operation;
    if (side != SIDE_OPEN)
        ARRAY_PUSH(walk->call->arena, &walk->chosen, key);
    return true;
}

static Str last_chosen(Walk *walk)
{
    if (walk->chosen.count)
        return walk->chosen.items[--walk->chosen.count];
    for (size_t i = walk->now.places.count; i > 0; i--)
        if (walk->now.places.items[i - 1].chosen)
            return walk->now.places.items[i - 1].key;
    return (Str){0};
}

static bool take_back(Walk *walk, Error *err)
{
    Str key = last_chosen(walk);
    if (key.len)
        return choose(walk, key, SIDE_OPEN, (Str){0}, err);
    out_note(walk->call->output, "Nothing is chosen yet.");
    return true;
}

/* ── by hand ── */

static void add_side(Buf *buf, const char *marker, const char *name, Str text)
{
    buf_format(buf, "%s %s\n", marker, name);
    buf_add(buf, text);
    if (text.len && text.data[text.len - 1] != '\n')
        buf_add_char(buf, '\n');
}

static Str with_markers(const Walk *walk, const MergeRegion *region)
{
    Buf buf = buf_new(walk->call->arena);
    const PendingMerge *pending = &walk->now.pending;
    add_side(&buf, "<<<<<<<", place_target(pending), region->ours_text);
    add_side(&buf, "|||||||", "base", region->base_text);
    buf_add_text(&buf, "=======\n");
    buf_add(&buf, region->theirs_text);
    if (buf.data[buf.len - 1] != '\n')
        buf_add_char(&buf, '\n');
    buf_format(&buf, ">>>>>>> %s\n", place_source(pending));
    return buf_str(&buf);
}

static bool edit(Walk *walk, const WaitingPlace *place, Error *err)
{
    Str edited = {0};
    if (!place->region) {
        out_note(walk->call->output, "This is a whole file: take a side, or use "
                                     "`weir resolve --file PATH --with FILE`.");
        return true;
    }
    Str text = with_markers(walk, place->region);
    if (!editor_run(walk->call, place->file, text, &edited, err))
        return forgive(walk, err);
    if (!str_equal(text, edited))
        return choose(walk, place->key, SIDE_FILE, edited, err);
    out_note(walk->call->output, "The text was left as it was: nothing is chosen.");
    return true;
}

/* ── keys ── */

typedef enum { KEY_SIDE, KEY_EDIT, KEY_LATER, KEY_UNDO, KEY_QUIT } KeyAct;

typedef struct {
    const char *letter, *word;
    KeyAct act;
    Side side;
    bool text_only;
} Key;

static const Key keys[] = {
    {"c", "collection", KEY_SIDE, SIDE_COLLECTION, false},
    {"u", "upstream", KEY_SIDE, SIDE_UPSTREAM, false},
    {"p", "project", KEY_SIDE, SIDE_PROJECT, false},
    {"a", "base", KEY_SIDE, SIDE_BASE, false},
    {"b", "both", KEY_SIDE, SIDE_BOTH, true},
    {"B", "both-reversed", KEY_SIDE, SIDE_BOTH_REVERSED, true},
    {"e", "edit", KEY_EDIT, SIDE_FILE, true},
    {"l", "later", KEY_LATER, SIDE_OPEN, false},
    {"z", "undo", KEY_UNDO, SIDE_OPEN, false},
    {"q", "quit", KEY_QUIT, SIDE_OPEN, false},
};

static bool is_offered(const Walk *walk, const WaitingPlace *place, const Key *key)
{
    bool upstream = walk->now.pending.edge == EDGE_UPSTREAM;
    if (key->act == KEY_SIDE && key->side == (upstream ? SIDE_PROJECT : SIDE_UPSTREAM))
        return false;
    return !key->text_only || place->region;
}

static const Key *find_key(const Walk *walk, const WaitingPlace *place, const char *answer)
{
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (is_offered(walk, place, &keys[i]) &&
            (strcmp(answer, keys[i].letter) == 0 || strcmp(answer, keys[i].word) == 0))
            return &keys[i];
    return NULL;
}

static void print_keys(const Walk *walk, const WaitingPlace *place)
{
    const PendingMerge *pending = &walk->now.pending;
    const char *other = pending->edge == EDGE_UPSTREAM ? "[u]pstream" : "[p]roject";
    Output *output = walk->call->output;
    const char *line =
        place->region
            ? arena_format(output->arena,
                           "[c]ollection %s b[a]se [b]oth, [B]oth with the %s first "
                           "[e]dit [l]ater [z] undo [q]uit",
                           other, place_source(pending))
            : arena_format(output->arena, "[c]ollection %s b[a]se [l]ater [z] undo [q]uit", other);
    out_line(output, "%s", ink(output, INK_FAINT, line));
}

static bool put_off(Walk *walk, const WaitingPlace *place)
{
    ARRAY_PUSH(walk->call->arena, &walk->later, place->key);
    return true;
}

static bool act(Walk *walk, const WaitingPlace *place, const Key *key, Error *err)
{
    switch (key->act) {
    case KEY_SIDE:
        return choose(walk, place->key, key->side, (Str){0}, err);
    case KEY_EDIT:
        return edit(walk, place, err);
    case KEY_LATER:
        return put_off(walk, place);
    case KEY_UNDO:
        return take_back(walk, err);
    case KEY_QUIT:
        break;
    }
    walk->quit = true;
    return true;
}

static bool ask(Walk *walk, const char *prompt, const char **answer, Error *err)
{
    bool ended = false;
    if (prompt_text(walk->call->output, prompt, answer, &ended, err)) {
        walk->quit |= ended;
        return true;
    }
    if (err->code == ERR_INTERRUPTED)
        (void)fail_hint(err, "What was chosen is kept; the same command goes on from there.");
    return false;
}

static bool walk_place(Walk *walk, const WaitingPlace *place, Error *err)
{
    const char *answer = NULL;
    const Key *key = NULL;
    place_print(walk->call->output, place, &walk->now.pending, SIDE_LINES);
    print_keys(walk, place);
    while (!key && !walk->quit) {
        if (!ask(walk, "> ", &answer, err))
            return false;
        key = find_key(walk, place, answer);
        if (!key && !walk->quit)
            out_note(walk->call->output, "One of the letters in brackets, please.");
    }
    return !key || act(walk, place, key, err);
}

/* All was chosen before: there is still a way back. */
static bool ask_again(Walk *walk, Error *err)
{
    const char *answer = NULL;
    out_line(walk->call->output, "All places are chosen.");
    out_line(walk->call->output, "%s",
             ink(walk->call->output, INK_FAINT, "[r]eview and apply [z] undo [q]uit"));
    if (!ask(walk, "> ", &answer, err))
        return false;
    if (strcmp(answer, "z") == 0)
        return take_back(walk, err);
    walk->quit |= strcmp(answer, "q") == 0;
    return true;
}

static void say_where(Walk *walk)
{
    Call *call = walk->call;
    out_line(call->output, "%zu of %s chosen, and kept. Live files are untouched.",
             count_chosen(walk),
             text_count(call->arena, walk->now.places.count, "place", "places"));
    out_next(call->output, "%s", text_safe(call->arena, str_of(call->typed)));
}

bool resolve_walk(Call *call, const ResolveResult *waiting, ResolveRequest *request, bool *settled,
                  Error *err)
{
    Walk walk = {.call = call, .request = *request, .now = *waiting};
    const WaitingPlace *place = NULL;
    if (count_chosen(&walk) == walk.now.places.count && !ask_again(&walk, err))
        return false;
    while ((place = next_place(&walk)))
        if (!walk_place(&walk, place, err))
            return false;
    *settled = !walk.quit && count_chosen(&walk) == walk.now.places.count;
    request->operation = walk.request.operation;
    if (!*settled)
        say_where(&walk);
    return true;
}
