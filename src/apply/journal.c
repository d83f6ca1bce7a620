#include "apply/journal.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/name.h"
#include "base/path.h"
#include "base/text.h"

static const char MAGIC[] = "weir-apply 1\n";
static const char SEAL[] = "sha256 ";
enum { SEAL_BYTES = sizeof SEAL - 1 + 64 + 1 };

/* Writing */

static void add_bytes(Buf *buf, Str bytes)
{
    buf_format(buf, "%zu:", bytes.len);
    buf_add(buf, bytes);
}

static void add_line(Buf *buf, const char *word, Str bytes)
{
    buf_format(buf, "%s ", word);
    add_bytes(buf, bytes);
    buf_add_char(buf, '\n');
}

static void add_entry(Buf *buf, const JournalEntry *entry)
{
    const ApplyEntry *change = &entry->change;
    buf_format(buf, "entry %zu %zu %zu %d %s %d %s ", change->group, change->keep_bytes,
               entry->unit, (int)change->old_mode, hash_hex(&change->old_hash).text,
               (int)change->new_mode, hash_hex(&change->new_hash).text);
    add_bytes(buf, change->path);
    buf_add_char(buf, '\n');
}

static void add_root(Buf *buf, const JournalRoot *root, bool entries)
{
    buf_format(buf, "root %llu %llu %d ", (unsigned long long)root->device,
               (unsigned long long)root->inode, root->made_staging ? 1 : 0);
    add_bytes(buf, str_of(root->staging));
    buf_add_char(buf, ' ');
    add_bytes(buf, str_of(root->path));
    buf_add_char(buf, '\n');
    for (size_t i = 0; entries && i < root->units.count; i++)
        add_line(buf, "unit", root->units.items[i]);
    for (size_t i = 0; entries && i < root->entries.count; i++)
        add_entry(buf, &root->entries.items[i]);
}

static Buf begin(Arena *arena, const Journal *journal)
{
    Buf buf = buf_new(arena);
    buf_add_text(&buf, MAGIC);
    add_line(&buf, "id", str_of(journal->id));
    add_line(&buf, "home", str_of(journal->home));
    return buf;
}

static Str seal(Buf *buf)
{
    Hash hash = hash_of(buf_str(buf));
    buf_format(buf, "%s%s\n", SEAL, hash_hex(&hash).text);
    return buf_str(buf);
}

Str journal_write(Arena *arena, const Journal *journal)
{
    Buf buf = begin(arena, journal);
    for (size_t i = 0; i < journal->roots.count; i++)
        add_root(&buf, &journal->roots.items[i], true);
    add_line(&buf, "payload", journal->payload);
    return seal(&buf);
}

Str journal_write_root(Arena *arena, const Journal *journal, size_t root)
{
    Buf buf = begin(arena, journal);
    add_root(&buf, &journal->roots.items[root], true);
    add_line(&buf, "payload", (Str){0});
    return seal(&buf);
}

Str journal_write_roots(Arena *arena, const Journal *journal)
{
    Buf buf = begin(arena, journal);
    for (size_t i = 0; i < journal->roots.count; i++)
        add_root(&buf, &journal->roots.items[i], false);
    add_line(&buf, "payload", (Str){0});
    return seal(&buf);
}

/* Reading */

static bool take_text(Str *rest, const char *text)
{
    Str wanted = str_of(text);
    if (!str_starts(*rest, wanted))
        return false;
    *rest = str_slice(*rest, wanted.len, rest->len);
    return true;
}

static bool take_number(Str *rest, char end, uint64_t *out)
{
    size_t at = str_find(*rest, end);
    if (at == STR_NONE || at > 20 || !str_to_u64(str_slice(*rest, 0, at), out))
        return false;
    *rest = str_slice(*rest, at + 1, rest->len);
    return true;
}

static bool take_hash(Str *rest, Hash *out)
{
    if (rest->len < 65 || rest->data[64] != ' ' || !hash_parse(str_slice(*rest, 0, 64), out))
        return false;
    *rest = str_slice(*rest, 65, rest->len);
    return true;
}

static bool take_bytes(Str *rest, char end, Str *out)
{
    uint64_t len = 0;
    if (!take_number(rest, ':', &len) || rest->len <= len || rest->data[len] != end)
        return false;
    *out = str_slice(*rest, 0, (size_t)len);
    *rest = str_slice(*rest, (size_t)len + 1, rest->len);
    return true;
}

static bool take_trusted(Arena *arena, Str *rest, char end, const char **out)
{
    Str text;
    if (!take_bytes(rest, end, &text) || text.len == 0 || str_has_nul(text))
        return false;
    *out = arena_text(arena, text);
    return true;
}

static bool take_mode(Str *rest, Mode *out)
{
    uint64_t mode = 0;
    if (!take_number(rest, ' ', &mode) || mode > MODE_LINK)
        return false;
    *out = (Mode)mode;
    return true;
}

static bool take_entry(Str *rest, JournalEntry *out)
{
    ApplyEntry *change = &out->change;
    uint64_t group = 0, keep = 0, unit = 0;
    if (!take_number(rest, ' ', &group) || !take_number(rest, ' ', &keep) ||
        !take_number(rest, ' ', &unit) || !take_mode(rest, &change->old_mode) ||
        !take_hash(rest, &change->old_hash) || !take_mode(rest, &change->new_mode) ||
        !take_hash(rest, &change->new_hash) || !take_bytes(rest, '\n', &change->path))
        return false;
    change->group = (size_t)group;
    change->keep_bytes = (size_t)keep;
    out->unit = (size_t)unit;
    return true;
}

static bool take_root(Arena *arena, Str *rest, JournalRoot *out)
{
    uint64_t made = 0;
    if (!take_number(rest, ' ', &out->device) || !take_number(rest, ' ', &out->inode) ||
        !take_number(rest, ' ', &made) || made > 1 ||
        !take_trusted(arena, rest, ' ', &out->staging) ||
        !take_trusted(arena, rest, '\n', &out->path))
        return false;
    out->made_staging = made == 1;
    while (take_text(rest, "unit ")) {
        Str path;
        if (!take_bytes(rest, '\n', &path))
            return false;
        ARRAY_PUSH(arena, &out->units, path);
    }
    while (take_text(rest, "entry ")) {
        JournalEntry entry = {0};
        if (!take_entry(rest, &entry))
            return false;
        ARRAY_PUSH(arena, &out->entries, entry);
    }
    return true;
}

static bool same_state(const ApplyEntry *change)
{
    return change->old_mode == change->new_mode &&
           (change->old_mode == MODE_NONE || hash_equal(&change->old_hash, &change->new_hash));
}

static bool check_entry(const JournalRoot *root, size_t index, Error *err)
{
    const JournalEntry *entry = &root->entries.items[index];
    Str path = entry->change.path;
    if (!name_check_path(path, err))
        return false;
    if (index > 0 && str_compare(root->entries.items[index - 1].change.path, path) >= 0)
        return fail(err, ERR_INVALID, "a path is changed twice in one apply");
    if (same_state(&entry->change))
        return fail(err, ERR_INVALID, "an entry of an apply changes nothing");
    if (entry->unit == JOURNAL_NO_UNIT)
        return true;
    if (entry->unit >= root->units.count || !entry_creates(entry) ||
        !path_is_inside(path, root->units.items[entry->unit]) ||
        str_equal(path, root->units.items[entry->unit]))
        return fail(err, ERR_INVALID, "an entry is in a folder that does not hold it");
    return true;
}

static bool check_nesting(const JournalRoot *root, size_t index, Error *err)
{
    const JournalEntry *entry = &root->entries.items[index];
    if (entry_deletes(entry))
        return true;
    for (Str above = path_folder(entry->change.path); above.len; above = path_folder(above)) {
        const JournalEntry *over = journal_find(root, above, NULL);
        if (over && !entry_deletes(over))
            return fail(err, ERR_INVALID, "a path would be both a file and a folder");
    }
    return true;
}

static bool check_root(const JournalRoot *root, Error *err)
{
    if (root->path[0] != '/')
        return fail(err, ERR_INVALID, "the root of an apply must have an absolute path");
    if (!name_check_component(str_of(root->staging), err))
        return false;
    for (size_t i = 0; i < root->units.count; i++)
        if (!name_check_path(root->units.items[i], err))
            return false;
    for (size_t i = 0; i < root->entries.count; i++)
        if (!check_entry(root, i, err))
            return false;
    for (size_t i = 0; i < root->entries.count; i++)
        if (!check_nesting(root, i, err))
            return false;
    return true;
}

static bool parse_body(Arena *arena, Str rest, Journal *out)
{
    if (!take_text(&rest, MAGIC) || !take_text(&rest, "id ") ||
        !take_trusted(arena, &rest, '\n', &out->id) || !take_text(&rest, "home ") ||
        !take_trusted(arena, &rest, '\n', &out->home))
        return false;
    while (take_text(&rest, "root ")) {
        JournalRoot root = {0};
        if (!take_root(arena, &rest, &root))
            return false;
        ARRAY_PUSH(arena, &out->roots, root);
    }
    return take_text(&rest, "payload ") && take_bytes(&rest, '\n', &out->payload) && rest.len == 0;
}

static bool seal_holds(Str text)
{
    Str body = str_slice(text, 0, text.len - SEAL_BYTES);
    Str tail = str_slice(text, text.len - SEAL_BYTES, text.len);
    Hash wanted;
    Hash actual = hash_of(body);
    return take_text(&tail, SEAL) && str_ends(tail, STR("\n")) &&
           hash_parse(str_slice(tail, 0, 64), &wanted) && hash_equal(&wanted, &actual);
}

bool journal_parse(Arena *arena, Str text, Journal *out, Error *err)
{
    Journal journal = {0};
    Error why = {0};
    if (text.len < SEAL_BYTES || !seal_holds(text))
        return fail(err, ERR_CORRUPT, "an apply's journal is torn or was changed");
    if (!parse_body(arena, str_slice(text, 0, text.len - SEAL_BYTES), &journal))
        return fail(err, ERR_CORRUPT, "an apply's journal cannot be read");
    if (!name_check_component(str_of(journal.id), &why) || journal.home[0] != '/')
        return fail(err, ERR_CORRUPT, "an apply's journal has an impossible name");
    for (size_t i = 0; i < journal.roots.count; i++)
        if (!check_root(&journal.roots.items[i], &why))
            return fail(err, ERR_CORRUPT, "an apply's journal is not sound: %s", why.message);
    *out = journal;
    return true;
}

/* Building */

static int by_path(const void *a, const void *b)
{
    return str_compare(((const JournalEntry *)a)->change.path,
                       ((const JournalEntry *)b)->change.path);
}

bool journal_add_root(Arena *arena, Journal *journal, const ApplyRoot *from, Error *err)
{
    JournalRoot root = {.path = from->path, .staging = from->staging};
    for (size_t i = 0; i < from->count; i++) {
        JournalEntry entry = {.change = from->entries[i], .unit = JOURNAL_NO_UNIT};
        ARRAY_PUSH(arena, &root.entries, entry);
    }
    if (root.entries.count)
        qsort(root.entries.items, root.entries.count, sizeof *root.entries.items, by_path);
    if (!check_root(&root, err))
        return fail_in(err, "%s", text_safe(arena, str_of(from->path)));
    ARRAY_PUSH(arena, &journal->roots, root);
    return true;
}

/* Asking */

static size_t first_not_before(const JournalRoot *root, Str path)
{
    size_t low = 0, high = root->entries.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_compare(root->entries.items[middle].change.path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const JournalEntry *journal_find(const JournalRoot *root, Str path, size_t *index)
{
    size_t at = first_not_before(root, path);
    if (at == root->entries.count || !str_equal(root->entries.items[at].change.path, path))
        return NULL;
    if (index)
        *index = at;
    return &root->entries.items[at];
}

size_t journal_first_below(const JournalRoot *root, Str folder)
{
    char below[LIMIT_PATH_BYTES + 1];
    if (folder.len == 0)
        return 0;
    ASSERT(folder.len < sizeof below);
    memcpy(below, folder.data, folder.len);
    below[folder.len] = '/';
    size_t at = first_not_before(root, (Str){below, folder.len + 1});
    bool found =
        at < root->entries.count && path_is_inside(root->entries.items[at].change.path, folder);
    return found ? at : root->entries.count;
}

bool entry_creates(const JournalEntry *entry)
{
    return entry->change.old_mode == MODE_NONE;
}

bool entry_deletes(const JournalEntry *entry)
{
    return entry->change.new_mode == MODE_NONE;
}

bool entry_is_record(const JournalEntry *entry)
{
    return entry->change.group == APPLY_RECORD;
}

bool journal_stays_below(const JournalRoot *root, Str folder)
{
    for (size_t i = journal_first_below(root, folder); i < root->entries.count; i++) {
        if (!path_is_inside(root->entries.items[i].change.path, folder))
            return false;
        if (!entry_deletes(&root->entries.items[i]))
            return true;
    }
    return false;
}

bool entry_gives_way(const JournalRoot *root, const JournalEntry *entry)
{
    if (!entry_deletes(entry))
        return false;
    for (Str above = path_folder(entry->change.path); above.len; above = path_folder(above)) {
        const JournalEntry *over = journal_find(root, above, NULL);
        if (over && !entry_deletes(over))
            return true;
    }
    return journal_stays_below(root, entry->change.path);
}
