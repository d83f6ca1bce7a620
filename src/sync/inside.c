#include "sync/inside.h"

#include "apply/journal.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"

static const char *state(Arena *arena, Mode mode, const Hash *hash)
{
    return hash_is_zero(hash)
               ? "absent"
               : arena_format(arena, "%s %.12s", mode_name(mode), hash_hex(hash).text);
}

static void add_entry(Arena *arena, Buf *buf, const JournalEntry *entry)
{
    const ApplyEntry *change = &entry->change;
    buf_format(buf, "  %s -> %s  %s", state(arena, change->old_mode, &change->old_hash),
               state(arena, change->new_mode, &change->new_hash), text_safe(arena, change->path));
    if (entry->unit != JOURNAL_NO_UNIT)
        buf_format(buf, "  unit %zu", entry->unit);
    buf_add_text(buf, entry_is_record(entry) ? "  record\n" : "\n");
}

bool inside_journal(Arena *arena, const char *path, Str *out, Error *err)
{
    Str text = {0};
    Journal journal = {0};
    Buf buf = buf_new(arena);
    if (!fs_read_path(arena, path, LIMIT_RECORD_BYTES, &text, err) ||
        !journal_parse(arena, text, &journal, err))
        return false;
    buf_format(&buf, "transaction %s, home %s, payload %zu bytes\n",
               text_safe(arena, str_of(journal.id)), text_safe(arena, str_of(journal.home)),
               journal.payload.len);
    for (size_t r = 0; r < journal.roots.count; r++) {
        const JournalRoot *root = &journal.roots.items[r];
        buf_format(&buf, "root %s, staging %s\n", text_safe(arena, str_of(root->path)),
                   text_safe(arena, str_of(root->staging)));
        for (size_t i = 0; i < root->entries.count; i++)
            add_entry(arena, &buf, &root->entries.items[i]);
    }
    *out = buf_str(&buf);
    return true;
}
