/* An apply's journal, torn or hostile: with a true seal put on whatever comes, what is accepted has only
 * checked names in order, and is written again byte for byte. */
#include "apply/journal.h"
#include "base/buf.h"
#include "base/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Str sealed(Arena *arena, Str body)
{
    Buf buf = buf_new(arena);
    Hash hash = hash_of(body);
    HashHex hex = hash_hex(&hash);
    buf_add(&buf, body);
    buf_format(&buf, "sha256 %s\n", hex.text);
    return buf_str(&buf);
}

static void check_root(const JournalRoot *root)
{
    Error err;
    ASSERT(root->path[0] == '/');
    for (size_t i = 0; i < root->entries.count; i++) {
        const ApplyEntry *change = &root->entries.items[i].change;
        ASSERT(name_check_path(change->path, &err));
        ASSERT(change->keep_bytes <= change->path.len);
        ASSERT(i == 0 || str_compare(root->entries.items[i - 1].change.path, change->path) < 0);
        ASSERT(root->entries.items[i].unit == JOURNAL_NO_UNIT ||
               root->entries.items[i].unit < root->units.count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Str raw = {(const char *)data, size};
    Journal journal;
    Error err = {0};
    if (journal_parse(arena, raw, &journal, &err))
        for (size_t i = 0; i < journal.roots.count; i++)
            check_root(&journal.roots.items[i]);
    Str text = sealed(arena, raw);
    if (!journal_parse(arena, text, &journal, &err)) {
        ASSERT(err.code == ERR_CORRUPT);
        return 0;
    }
    for (size_t i = 0; i < journal.roots.count; i++)
        check_root(&journal.roots.items[i]);
    Str again = journal_write(arena, &journal);
    ASSERT(str_equal(again, text) || !journal.payload.len);
    return 0;
}
