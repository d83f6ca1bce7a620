#include "model/record_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"

static Str id_of(const RecordSet *set, const void *record)
{
    return *(const Str *)(const void *)((const char *)record + set->spec->id_offset);
}

static Str path_of(const RecordSet *set, const void *record)
{
    return *(const Str *)(const void *)((const char *)record + set->spec->path_offset);
}

static void *new_record(const RecordSet *set, const void *content)
{
    void *record = arena_alloc(set->arena, set->spec->struct_bytes, _Alignof(max_align_t));
    memcpy(record, content, set->spec->struct_bytes);
    return record;
}

/* Index of the slot of `id`, or where it would stand. */
static size_t slot_place(const RecordSet *set, Str id, bool *found)
{
    size_t low = 0, high = set->slots.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_compare(id_of(set, set->slots.items[middle]->now), id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *found = low < set->slots.count && str_equal(id_of(set, set->slots.items[low]->now), id);
    return low;
}

static RecordSlot *find_slot(const RecordSet *set, Str id)
{
    bool found;
    size_t at = slot_place(set, id, &found);
    return found ? set->slots.items[at] : NULL;
}

static void mark_place(RecordSet *set, RecordSlot *slot)
{
    map_put(set->taken, slot->place.folded, slot);
    for (Str folder = path_folder(slot->place.folded); folder.len > 0; folder = path_folder(folder))
        map_put(set->around, folder, slot);
}

/* `node`: of the whole file, or of the block alone. */
static bool read_block(RecordSet *set, size_t file, const RecordBlock *block, const TomlNode *node,
                       void *record, Error *err)
{
    const RecordFile *from = &set->files[file];
    SCOPED(arena_close) Arena *scratch = arena_open();
    if (!record_read(scratch, from->kind, from->doc, node, record, err))
        return false;
    record_own(set->arena, from->kind, from->doc->source, record);
    bool *needs_review = (bool *)((char *)record + set->spec->review_offset);
    *needs_review = *needs_review || block->needs_review;
    return true;
}

static bool complete(const RecordSet *set, const RecordSlot *slot, Error *err)
{
    const RecordFile *file = &set->files[0];
    return set->spec->complete(set->arena, slot->now, err) ||
           fail_in(err, "%s:%zu", file->kind->file,
                   toml_place(file->doc->source, slot->blocks[0]->from).line);
}

static int compare_slots(const void *left, const void *right, void *set)
{
    const RecordSlot *const *a = left;
    const RecordSlot *const *b = right;
    return str_compare(id_of(set, (*a)->now), id_of(set, (*b)->now));
}

static bool read_first(RecordSet *set, Error *err)
{
    const RecordBlocks *blocks = &set->files[0].blocks;
    for (size_t i = 0; i < blocks->count; i++) {
        RecordSlot *slot = ARENA_NEW(set->arena, RecordSlot);
        slot->now = new_record(set, set->spec->defaults);
        slot->blocks[0] = blocks->items[i].node;
        if (!read_block(set, 0, &blocks->items[i], slot->blocks[0], slot->now, err))
            return false;
        ARRAY_PUSH(set->arena, &set->slots, slot);
    }
    if (set->slots.count > 0)
        qsort_r(set->slots.items, set->slots.count, sizeof(RecordSlot *), compare_slots, set);
    return true;
}

static bool read_second(RecordSet *set, Error *err)
{
    const RecordBlocks *blocks = &set->files[1].blocks;
    for (size_t i = 0; i < blocks->count; i++) {
        RecordSlot *slot = find_slot(set, blocks->items[i].id);
        if (!slot)
            continue;
        slot->blocks[1] = blocks->items[i].node;
        if (!read_block(set, 1, &blocks->items[i], slot->blocks[1], slot->now, err))
            return false;
    }
    return true;
}

static bool is_rival(const RecordSlot *slot, const Place *place)
{
    return slot && !str_equal(slot->place.owner, place->owner);
}

/* The maps are never wrong in saying that a place is free; what they find is looked at again. */
static bool may_clash(const RecordSet *set, const Place *place)
{
    if (is_rival(map_find(set->taken, place->folded), place) ||
        map_find(set->around, place->folded))
        return true;
    for (Str folder = path_folder(place->folded); folder.len > 0; folder = path_folder(folder)) {
        if (map_find(set->taken, folder))
            return true;
    }
    return false;
}

static bool check_place(const RecordSet *set, const Place *place, Error *err)
{
    for (size_t i = 0; may_clash(set, place) && i < set->slots.count; i++) {
        const RecordSlot *slot = set->slots.items[i];
        if (!slot->removed && is_rival(slot, place) &&
            !place_check_pair(set->arena, place, &slot->place, err))
            return false;
    }
    return true;
}

static bool check_new_id(const RecordSet *set, const Place *id, Error *err)
{
    const RecordSlot *other = map_find(set->ids, id->folded);
    if (!other || other->removed)
        return true;
    Place place = place_of(set->arena, other->place.owner, other->place.owner);
    return place_check_pair(set->arena, id, &place, err);
}

/* Ids clash like paths do: two that fold to one name cannot both be files. */
static bool check_clashes(RecordSet *set, Error *err)
{
    for (size_t i = 0; i < set->slots.count; i++) {
        RecordSlot *slot = set->slots.items[i];
        slot->place = place_of(set->arena, path_of(set, slot->now), id_of(set, slot->now));
    }
    for (size_t i = 0; i < set->slots.count; i++) {
        RecordSlot *slot = set->slots.items[i];
        Place id = place_of(set->arena, slot->place.owner, slot->place.owner);
        if (!check_new_id(set, &id, err) || !check_place(set, &slot->place, err))
            return fail_in(err, "%s", set->files[0].kind->file);
        map_put(set->ids, id.folded, slot);
        mark_place(set, slot);
    }
    return true;
}

/* From now on the blocks are those of the outline, in the same order. */
static void keep_outline(RecordSet *set, size_t file)
{
    RecordBlocks whole = set->files[file].blocks;
    SCOPED(arena_close) Arena *scratch = arena_open();
    Map *outlines = map_new(scratch, whole.count);
    record_file_outline(set->arena, &set->files[file]);
    for (size_t i = 0; i < whole.count; i++)
        map_put(outlines, whole.items[i].id,
                (void *)(uintptr_t)set->files[file].blocks.items[i].node);
    for (size_t i = 0; i < set->slots.count; i++) {
        RecordSlot *slot = set->slots.items[i];
        if (slot->blocks[file])
            slot->blocks[file] = map_find(outlines, id_of(set, slot->now));
    }
}

/* The values of the file's blocks are needed only while they are read. */
static bool read_file(RecordSet *set, size_t file, Str text, const Ancestry *ancestry, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Arena *arena = record_has_markers(text) ? set->arena : scratch;
    Str common = ancestry ? ancestry->common[file] : (Str){0};
    if (!record_file_read(arena, set->spec->files[file], text, ancestry, common, &set->files[file],
                          err))
        return false;
    set->had_markers = set->had_markers || set->files[file].had_markers;
    if (!(file == 0 ? read_first(set, err) : read_second(set, err)))
        return false;
    keep_outline(set, file);
    return true;
}

static bool complete_all(RecordSet *set, Error *err)
{
    for (size_t i = 0; i < set->slots.count; i++) {
        RecordSlot *slot = set->slots.items[i];
        if (!complete(set, slot, err))
            return false;
        slot->before = slot->now; /* until one is put in its place */
    }
    return true;
}

bool record_set_read(Arena *arena, const RecordSpec *spec, const Str texts[RECORD_FILES],
                     const Ancestry *ancestry, RecordSet *out, Error *err)
{
    RecordSet set = {.arena = arena, .spec = spec};
    for (size_t i = 0; i < RECORD_FILES && spec->files[i]; i++)
        if (!read_file(&set, i, texts[i], ancestry, err))
            return false;
    set.taken = map_new(arena, set.slots.count);
    set.around = map_new(arena, 16);
    set.ids = map_new(arena, set.slots.count);
    if (!complete_all(&set, err) || !check_clashes(&set, err))
        return false;
    *out = set;
    return true;
}

void *record_set_find(const RecordSet *set, Str id)
{
    RecordSlot *slot = find_slot(set, id);
    return slot && !slot->removed ? slot->now : NULL;
}

static RecordSlot *insert_slot(RecordSet *set, size_t at)
{
    RecordSlot *slot = ARENA_NEW(set->arena, RecordSlot);
    ARRAY_PUSH(set->arena, &set->slots, slot);
    memmove(&set->slots.items[at + 1], &set->slots.items[at],
            (set->slots.count - 1 - at) * sizeof(RecordSlot *));
    set->slots.items[at] = slot;
    return slot;
}

/* A block that only the second file has is taken over by the record that comes back under its id. */
static bool adopt_orphan(RecordSet *set, RecordSlot *slot, Str id, Error *err)
{
    const RecordBlocks *blocks = &set->files[1].blocks;
    for (size_t i = 0; i < blocks->count; i++) {
        if (!str_equal(blocks->items[i].id, id))
            continue;
        slot->blocks[1] = blocks->items[i].node;
        slot->before = new_record(set, set->spec->defaults);
        SCOPED(arena_close) Arena *scratch = arena_open();
        const TomlNode *whole = toml_outline_block(scratch, set->files[1].doc, slot->blocks[1]);
        return read_block(set, 1, &blocks->items[i], whole, slot->before, err);
    }
    return true;
}

bool record_set_put(RecordSet *set, const void *record, Error *err)
{
    void *copy = new_record(set, record);
    for (size_t i = 0; i < RECORD_FILES && set->spec->files[i]; i++)
        record_own(set->arena, set->spec->files[i], (Str){0}, copy);
    if (!set->spec->complete(set->arena, copy, err))
        return false;
    Str id = id_of(set, copy);
    Place place = place_of(set->arena, path_of(set, copy), id);
    Place id_place = place_of(set->arena, id, id);
    bool found;
    size_t at = slot_place(set, id, &found);
    bool is_new = !found || set->slots.items[at]->removed;
    if ((is_new && !check_new_id(set, &id_place, err)) || !check_place(set, &place, err))
        return false;
    RecordSlot *slot = found ? set->slots.items[at] : insert_slot(set, at);
    if (!slot->now) {
        slot->now = copy;
        if (!adopt_orphan(set, slot, id, err))
            return false;
    }
    if (slot->before == slot->now)
        slot->before = new_record(set, slot->now);
    memcpy(slot->now, copy, set->spec->struct_bytes);
    memset(slot->texts, 0, sizeof slot->texts);
    slot->place = place;
    slot->removed = false;
    mark_place(set, slot);
    map_put(set->ids, id_place.folded, slot);
    return true;
}

bool record_set_remove(RecordSet *set, Str id)
{
    RecordSlot *slot = find_slot(set, id);
    bool present = slot && !slot->removed;
    if (present)
        slot->removed = true;
    return present;
}

Str record_set_write(Arena *arena, const RecordSet *set, size_t file)
{
    size_t count = set->slots.count;
    RecordChange *changes = ARENA_ARRAY(arena, RecordChange, count + 1);
    for (size_t i = 0; i < count; i++) {
        RecordSlot *slot = set->slots.items[i];
        const TomlNode *block = slot->blocks[file];
        /* What a second file would say nothing about gets no block there. */
        bool silent = !block && file > 0 && record_is_empty(set->files[file].kind, slot->now);
        changes[i] =
            (RecordChange){id_of(set, slot->now), block,
                           slot->before,          slot->removed || silent ? NULL : slot->now,
                           &slot->texts[file],    set->arena};
    }
    return record_file_write(arena, &set->files[file], changes, count);
}
