#include <string.h>

#include "base/text.h"
#include "model/record_internal.h"

typedef enum { LINE_PLAIN, LINE_OURS, LINE_BASE, LINE_MIDDLE, LINE_THEIRS_END } MarkerLine;

static bool is_marker(Str line, char c)
{
    if (line.len < 7 ||
        (line.len > 7 && line.data[7] != ' ' && line.data[7] != '\r' && line.data[7] != '\n'))
        return false;
    for (size_t i = 0; i < 7; i++) {
        if (line.data[i] != c)
            return false;
    }
    return true;
}

static MarkerLine marker_of(Str line)
{
    return is_marker(line, '<')   ? LINE_OURS
           : is_marker(line, '|') ? LINE_BASE
           : is_marker(line, '=') ? LINE_MIDDLE
           : is_marker(line, '>') ? LINE_THEIRS_END
                                  : LINE_PLAIN;
}

bool record_has_markers(Str text)
{
    return str_starts(text, STR("<<<<<<<")) || str_search(text, STR("\n<<<<<<<")) != STR_NONE;
}

typedef struct {
    Buf ours, theirs;
} Sides;

static Str take_line(Str *rest)
{
    size_t feed = str_find(*rest, '\n');
    size_t len = feed == STR_NONE ? rest->len : feed + 1;
    Str line = str_slice(*rest, 0, len);
    *rest = str_slice(*rest, len, rest->len);
    return line;
}

/* The states go plain, ours, (base,) theirs, plain; false when a marker is out of turn. */
static bool step(MarkerLine marker, MarkerLine *state)
{
    bool in_turn = (marker == LINE_OURS && *state == LINE_PLAIN) ||
                   (marker == LINE_BASE && *state == LINE_OURS) ||
                   (marker == LINE_MIDDLE && (*state == LINE_OURS || *state == LINE_BASE)) ||
                   (marker == LINE_THEIRS_END && *state == LINE_MIDDLE);
    *state = marker == LINE_THEIRS_END ? LINE_PLAIN : marker;
    return in_turn;
}

/* Cuts the file in its two sides. With `keep_lines` what is left out becomes empty lines, so that the
 * places in messages are those of the file. */
static bool split(const RecordKind *kind, Str text, bool keep_lines, Sides *sides, Error *err)
{
    MarkerLine state = LINE_PLAIN;
    for (size_t number = 1; text.len > 0; number++) {
        Str line = take_line(&text);
        MarkerLine marker = marker_of(line);
        if (marker != LINE_PLAIN && !step(marker, &state)) {
            fail(err, ERR_CORRUPT, "%s:%zu: git's conflict markers do not match up", kind->file,
                 number);
            return fail_hint(err, "Resolve the conflict in %s by hand, or restore it from git.",
                             kind->file);
        }
        bool in_ours = marker == LINE_PLAIN && (state == LINE_PLAIN || state == LINE_OURS);
        bool in_theirs = marker == LINE_PLAIN && (state == LINE_PLAIN || state == LINE_MIDDLE);
        Str gap = keep_lines ? STR("\n") : STR("");
        buf_add(&sides->ours, in_ours ? line : gap);
        buf_add(&sides->theirs, in_theirs ? line : gap);
    }
    if (state != LINE_PLAIN)
        return fail(err, ERR_CORRUPT, "%s: a git conflict marker has no end", kind->file);
    return true;
}

static bool parse_side(Arena *arena, const RecordKind *kind, Str text, TomlDoc **doc,
                       RecordBlocks *blocks, Error *err)
{
    TomlInput input = {.text = text, .file = kind->file};
    return toml_parse(arena, &input, doc, err) && record_blocks(kind, arena, *doc, blocks, err);
}

typedef struct {
    Arena *arena;
    const RecordKind *kind;
    const Ancestry *ancestry;
    TomlDoc *ours, *theirs, *common; /* common NULL: what was before is not known */
    RecordBlocks our_blocks, their_blocks, common_blocks;
    Map *reviews; /* ids that need one, as keys */
    Map *older;   /* id to the base that both sides' come after */
    Error *err;
} Union;

static const RecordField *find_field(const RecordKind *kind, const char *key, FieldKind wanted)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        const RecordField *field = &kind->fields[i];
        if (field->kind == wanted && (!key || strcmp(field->key, key) == 0))
            return field;
    }
    return NULL;
}

/* The database knows best; without it the lists in the two blocks say what they can. */
static bool is_ancestor(const Union *u, const void *ours, const void *theirs, const Hash *older,
                        const Hash *newer)
{
    if (u->ancestry && u->ancestry->is_ancestor &&
        u->ancestry->is_ancestor(u->ancestry->context, older, newer))
        return true;
    const RecordField *list = find_field(u->kind, NULL, FIELD_HASHES);
    if (!list)
        return false;
    return lineage_is_ancestor((const void *)((const char *)ours + list->offset), older, newer) ||
           lineage_is_ancestor((const void *)((const char *)theirs + list->offset), older, newer);
}

static const Hash *base_of(const RecordKind *kind, const void *record)
{
    const RecordField *field = kind->base_key ? find_field(kind, kind->base_key, FIELD_HASH) : NULL;
    return field ? (const void *)((const char *)record + field->offset) : NULL;
}

/* Keeps the base that is the ancestor of the other: an older base only asks more. */
static UniteChoice choose_base(const Union *u, const void *ours, const void *theirs)
{
    const Hash *our_base = base_of(u->kind, ours);
    const Hash *their_base = base_of(u->kind, theirs);
    if (!our_base)
        return UNITE_NEITHER;
    if (hash_equal(our_base, their_base))
        return UNITE_OURS;
    if (hash_is_zero(our_base) || hash_is_zero(their_base))
        return UNITE_NEITHER;
    if (is_ancestor(u, ours, theirs, our_base, their_base))
        return UNITE_OURS;
    return is_ancestor(u, ours, theirs, their_base, our_base) ? UNITE_THEIRS : UNITE_NEITHER;
}

/* `common` may be NULL. A side that did not change the block gives way to the one that did; with two bases of
 * which neither is the other's ancestor, the one both come after is a base of both (`*older`). */
static UniteChoice choose(const Union *u, const void *common, const void *ours, const void *theirs,
                          const Hash **older)
{
    *older = NULL;
    if (record_equal(u->kind, ours, theirs) || (common && record_equal(u->kind, common, theirs)))
        return UNITE_OURS;
    if (common && record_equal(u->kind, common, ours))
        return UNITE_THEIRS;
    UniteChoice choice = choose_base(u, ours, theirs);
    const Hash *before = common ? base_of(u->kind, common) : NULL;
    if (choice == UNITE_NEITHER && before && !hash_is_zero(before))
        *older = before;
    return *older ? UNITE_OURS : choice;
}

/* Neither side is right by itself: ours stays, and what theirs said stays to be read. */
static Str doubtful_text(Union *u, const TomlNode *ours, const TomlNode *theirs)
{
    Buf buf = buf_new(u->arena);
    Str their_text = toml_block_text(u->arena, u->theirs, theirs);
    buf_add(&buf, toml_block_text(u->arena, u->ours, ours));
    buf_add_text(&buf, "# The other side of a git conflict said:\n");
    while (their_text.len > 0) {
        buf_add_text(&buf, "#   ");
        buf_add(&buf, take_line(&their_text));
    }
    return buf_str(&buf);
}

static void *new_record(const Union *u)
{
    return arena_alloc(u->arena, u->kind->struct_bytes, _Alignof(max_align_t));
}

/* The block as both sides had it; NULL when that is not known. */
static const void *common_record(Union *u, Str id)
{
    Error ignored = {0};
    void *record = new_record(u);
    for (size_t i = 0; u->common && i < u->common_blocks.count; i++)
        if (str_equal(u->common_blocks.items[i].id, id))
            return record_read(u->arena, u->kind, u->common, u->common_blocks.items[i].node, record,
                               &ignored)
                       ? record
                       : NULL;
    return NULL;
}

static bool unite_block(Union *u, TomlEdit *edit, const TomlNode *ours, const RecordBlock *theirs)
{
    void *our_record = new_record(u);
    void *their_record = new_record(u);
    const Hash *older = NULL;
    if (!record_read(u->arena, u->kind, u->ours, ours, our_record, u->err) ||
        !record_read(u->arena, u->kind, u->theirs, theirs->node, their_record, u->err))
        return false;
    UniteChoice choice = choose(u, common_record(u, theirs->id), our_record, their_record, &older);
    if (older)
        map_put(u->older, theirs->id, (void *)(uintptr_t)older);
    if (choice == UNITE_THEIRS)
        toml_edit_replace_block(edit, ours, toml_block_text(u->arena, u->theirs, theirs->node));
    if (choice == UNITE_NEITHER) {
        toml_edit_replace_block(edit, ours, doubtful_text(u, ours, theirs->node));
        map_put(u->reviews, theirs->id, u);
    }
    return true;
}

static bool unite_sides(Union *u, Str *out)
{
    TomlEdit *edit = toml_edit_begin(u->arena, u->ours);
    Map *by_id = map_new(u->arena, u->our_blocks.count);
    for (size_t i = 0; i < u->our_blocks.count; i++)
        map_put(by_id, u->our_blocks.items[i].id, &u->our_blocks.items[i]);
    for (size_t i = 0; i < u->their_blocks.count; i++) {
        const RecordBlock *theirs = &u->their_blocks.items[i];
        const RecordBlock *ours = map_find(by_id, theirs->id);
        if (ours && !unite_block(u, edit, ours->node, theirs))
            return false;
        if (ours)
            continue;
        size_t place = record_place(&u->our_blocks, 0, theirs->id);
        toml_edit_insert_block(edit,
                               place < u->our_blocks.count ? u->our_blocks.items[place].node : NULL,
                               toml_block_text(u->arena, u->theirs, theirs->node));
    }
    *out = toml_edit_finish(edit);
    return true;
}

static Sides sides_new(Arena *arena)
{
    return (Sides){buf_new(arena), buf_new(arena)};
}

/* Not the middle part of diff3 markers: in a cherry-pick only one side comes from that. */
static void read_common(Union *u, Str common)
{
    Error ignored = {0};
    if (!common.len || record_has_markers(common) ||
        !parse_side(u->arena, u->kind, common, &u->common, &u->common_blocks, &ignored))
        u->common = NULL;
}

static bool read_sides(Union *u, Str text, Str common)
{
    Sides sides = sides_new(u->arena);
    if (!split(u->kind, text, false, &sides, u->err))
        return false;
    read_common(u, common);
    Error ignored = {0};
    if (parse_side(u->arena, u->kind, buf_str(&sides.ours), &u->ours, &u->our_blocks, &ignored) &&
        parse_side(u->arena, u->kind, buf_str(&sides.theirs), &u->theirs, &u->their_blocks,
                   &ignored))
        return true;
    Sides padded = sides_new(u->arena);
    return split(u->kind, text, true, &padded, u->err) &&
           parse_side(u->arena, u->kind, buf_str(&padded.ours), &u->ours, &u->our_blocks, u->err) &&
           parse_side(u->arena, u->kind, buf_str(&padded.theirs), &u->theirs, &u->their_blocks,
                      u->err);
}

/* A base that neither side can vouch for goes, so that the next reader asks for a review too; where there is
 * one that both come after, it takes its place. */
static Str with_sound_bases(const Union *u, const RecordFile *file)
{
    TomlEdit *edit = toml_edit_begin(u->arena, file->doc);
    for (size_t i = 0; u->kind->base_key && i < file->blocks.count; i++) {
        const RecordBlock *block = &file->blocks.items[i];
        const TomlNode *base = toml_find(block->node, str_of(u->kind->base_key));
        const Hash *older = map_find(u->older, block->id);
        if (older)
            toml_edit_set(edit, block->node, str_of(u->kind->base_key),
                          str_of(arena_format(u->arena, "\"%s\"", hash_hex(older).text)));
        else if (base && map_find(u->reviews, block->id))
            toml_edit_remove(edit, base);
    }
    return toml_edit_finish(edit);
}

bool record_unite(Arena *arena, const RecordKind *kind, Str text, const Ancestry *ancestry,
                  Str common, RecordFile *out, Error *err)
{
    Union u = {.arena = arena, .kind = kind, .ancestry = ancestry, .err = err};
    RecordFile file = {.kind = kind, .original = text, .had_markers = true};
    u.reviews = map_new(arena, 16);
    u.older = map_new(arena, 16);
    Str united;
    if (!read_sides(&u, text, common) || !unite_sides(&u, &united) ||
        !parse_side(arena, kind, united, &file.doc, &file.blocks, err) ||
        !parse_side(arena, kind, with_sound_bases(&u, &file), &file.doc, &file.blocks, err))
        return false;
    for (size_t i = 0; i < file.blocks.count; i++)
        file.blocks.items[i].needs_review = map_find(u.reviews, file.blocks.items[i].id) != NULL;
    *out = file;
    return true;
}
