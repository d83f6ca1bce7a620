#include "apply/apply_internal.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"

static const char MAGIC[] = "weir-amend 1";

static Str amended_slot(Txn *txn, size_t entry)
{
    return str_of(arena_format(txn->arena, "a%zu", entry));
}

/* The file AMEND: "failed GROUP" and "file ROOT ENTRY HASH" lines, sealed by their hash */

static Str write_amend(Txn *txn, const ApplyGroups *failed)
{
    Buf buf = buf_new(txn->arena);
    buf_format(&buf, "%s\n", MAGIC);
    for (size_t i = 0; i < failed->count; i++)
        buf_format(&buf, "failed %zu\n", failed->items[i]);
    for (size_t i = 0; i < txn->amendments.count; i++) {
        const Amended *file = &txn->amendments.items[i];
        buf_format(&buf, "file %zu %zu %s\n", file->root, file->entry, hash_hex(&file->hash).text);
    }
    Hash seal = hash_of(buf_str(&buf));
    buf_format(&buf, "%s\n", hash_hex(&seal).text);
    return buf_str(&buf);
}

static bool read_line(Txn *txn, Str line)
{
    Str word, number, entry;
    uint64_t first = 0, second = 0;
    Amended file = {0};
    if (!str_next(&line, ' ', &word) || !str_next(&line, ' ', &number) ||
        !str_to_u64(number, &first))
        return false;
    if (str_is(word, "failed")) {
        ARRAY_PUSH(txn->arena, &txn->result.failed, (size_t)first);
        return true;
    }
    if (!str_is(word, "file") || !str_next(&line, ' ', &entry) || !str_to_u64(entry, &second) ||
        !hash_parse(line, &file.hash) || first >= txn->journal.roots.count ||
        second >= txn->journal.roots.items[first].entries.count)
        return false;
    file.root = (size_t)first;
    file.entry = (size_t)second;
    ARRAY_PUSH(txn->arena, &txn->amendments, file);
    return true;
}

static bool parse_amend(Txn *txn, Str text)
{
    Hash wanted;
    if (text.len < 66 || !hash_parse(str_slice(text, text.len - 65, text.len - 1), &wanted))
        return false;
    Str body = str_slice(text, 0, text.len - 65);
    Hash actual = hash_of(body);
    Str line;
    if (!hash_equal(&wanted, &actual) || !str_next(&body, '\n', &line) || !str_is(line, MAGIC))
        return false;
    while (str_next(&body, '\n', &line))
        if (line.len && !read_line(txn, line))
            return false;
    return true;
}

bool txn_read_amend(Txn *txn, Error *err)
{
    Str text;
    if (!fs_read_if_any(txn->arena, txn->dir_fd, STR(MARK_AMEND), LIMIT_RECORD_BYTES, &txn->amended,
                        &text, err))
        return false;
    if (txn->amended && !parse_amend(txn, text))
        return fail(err, ERR_CORRUPT, "the list of amended records of an apply cannot be read");
    return true;
}

/* Making it */

static bool read_side(Txn *txn, Mode mode, const Hash *hash, Str *out, Error *err)
{
    *out = (Str){0};
    return mode == MODE_NONE || stage_read(txn, txn->arena, hash, out, err);
}

static bool amend_file(Txn *txn, const ApplyGroups *failed, Amended file, Error *err)
{
    const JournalRoot *root = &txn->journal.roots.items[file.root];
    const JournalEntry *entry = &root->entries.items[file.entry];
    const ApplyEntry *change = &entry->change;
    ApplyAmend amend = {.root_path = root->path,
                        .path = change->path,
                        .failed = *failed,
                        .payload = txn->journal.payload};
    Str bytes;
    Str slot = amended_slot(txn, file.entry);
    SCOPED(fd_close) int fd = -1;
    if (!read_side(txn, change->old_mode, &change->old_hash, &amend.old_bytes, err) ||
        !read_side(txn, change->new_mode, &change->new_hash, &amend.new_bytes, err) ||
        !txn->host->amend(txn->host->context, txn->arena, &amend, &bytes, err))
        return fail_in(err, "'%s'", text_safe(txn->arena, change->path));
    file.hash = hash_of(bytes);
    ARRAY_PUSH(txn->arena, &txn->amendments, file);
    return fs_remove_at(txn->handles[file.root].new_fd, slot, false, err) &&
           stage_one(txn, file.root, entry, MODE_FILE, slot, bytes, &fd, err) &&
           txn_sync(txn, fd, "amended record", err);
}

static bool amend_root(Txn *txn, const ApplyGroups *failed, size_t index, Error *err)
{
    const JournalRoot *root = &txn->journal.roots.items[index];
    for (size_t i = 0; i < root->entries.count; i++) {
        Amended file = {.root = index, .entry = i};
        if (entry_is_record(&root->entries.items[i]) && !amend_file(txn, failed, file, err))
            return false;
    }
    return txn_sync(txn, txn->handles[index].new_fd, "staging folder", err);
}

bool txn_amend(Txn *txn, const ApplyGroups *failed, Error *err)
{
    for (size_t i = 0; i < txn->journal.roots.count; i++)
        if (txn->handles[i].fd >= 0 && !amend_root(txn, failed, i, err))
            return false;
    Str text = write_amend(txn, failed);
    txn->result.failed = *failed;
    txn->amended = true;
    return fs_replace_at(txn->dir_fd, STR(MARK_AMEND), text, 0600, err);
}

/* Putting it in place */

static const Amended *amended_of(const Txn *txn, size_t root, size_t entry)
{
    for (size_t i = 0; i < txn->amendments.count; i++)
        if (txn->amendments.items[i].root == root && txn->amendments.items[i].entry == entry)
            return &txn->amendments.items[i];
    return NULL;
}

static bool plain_forward(Txn *txn, size_t root, const JournalEntry *entry, Error *err)
{
    EntryState state;
    bool moved = true;
    if (!entry_look(txn, root, entry, &state, err))
        return false;
    if (state == ENTRY_DUE && !entry_forward(txn, root, entry, &moved, err))
        return false;
    if (state == ENTRY_BEFORE || !moved)
        txn_note(txn, &txn->result.raced, root, entry, (Hash){{0}});
    return true;
}

static bool is_either_side(const JournalEntry *entry, const Object *object)
{
    return object_is(object, entry->change.old_mode, &entry->change.old_hash) ||
           object_is(object, entry->change.new_mode, &entry->change.new_hash);
}

static bool put_amended(Txn *txn, size_t root, const JournalEntry *entry, Str slot,
                        const Object *target, Error *err)
{
    Mover mover = txn_mover(txn, root);
    Wanted wanted = {target->mode, target->hash};
    Str path = entry->change.path;
    Str spare = str_of(arena_format(txn->arena, "%.*so", STR_ARG(slot)));
    bool moved = false;
    if (object_absent(target) ? !move_in(&mover, slot, path, &moved, err)
                              : is_either_side(entry, target) &&
                                    !move_swap(&mover, slot, spare, path, &wanted, &moved, err))
        return false;
    if (!moved)
        txn_note(txn, &txn->result.raced, root, entry, (Hash){{0}});
    return true;
}

bool record_forward(Txn *txn, size_t root, const JournalEntry *entry, Error *err)
{
    size_t index = (size_t)(entry - txn->journal.roots.items[root].entries.items);
    const Amended *amended = amended_of(txn, root, index);
    Str slot = amended_slot(txn, index);
    Object target, held;
    bool moved;
    if (!amended)
        return plain_forward(txn, root, entry, err);
    txn->place = (ApplyPlace){root, entry->change.path, APPLY_RECORD, {{0}}};
    Mover mover = txn_mover(txn, root);
    Wanted ours = {MODE_FILE, amended->hash};
    if (!object_look(mover.root_fd, entry->change.path, &target, err) ||
        !object_look(mover.new_fd, slot, &held, err))
        return false;
    if (object_is(&held, MODE_FILE, &amended->hash))
        return object_is(&target, MODE_FILE, &amended->hash) ||
               put_amended(txn, root, entry, slot, &target, err);
    if (object_absent(&held) || is_either_side(entry, &held))
        return true;
    /* a crash came between the exchange and the look: he had edited the record file */
    txn_note(txn, &txn->result.raced, root, entry, (Hash){{0}});
    if (!object_is(&target, MODE_FILE, &amended->hash))
        return mover.keep(txn, mover.new_fd, slot, err);
    return move_swap(&mover, slot, STR("spare"), entry->change.path, &ours, &moved, err);
}
