/* Journal of the fallback store: jobs.jsonl, a line per change with its CRC-32C, each on disk
 * before the call returns.
 *
 * {"crc32c":"89abcdef","change":{...}}. A torn last line was told to nobody and is dropped; a bad
 * line before others stops the opening: ERR_CORRUPT names it. The file is never deleted then.
 */
#pragma once

#include "base/array.h"
#include "base/error.h"

typedef struct Journal Journal;

/* Opens or makes it; `changes` are its lines, in `arena`, the first one its header. */
MUST_CHECK bool journal_open(Arena *arena, const char *folder, Journal **out, StrArray *changes,
                             Error *err);
MUST_CHECK bool journal_add(Journal *journal, const StrArray *changes, Error *err);
/* These take the place of all that it has. */
MUST_CHECK bool journal_rewrite(Journal *journal, const StrArray *changes, Error *err);
uint64_t journal_bytes(const Journal *journal);
bool journal_exists(const char *folder);
MUST_CHECK bool journal_remove(Journal *journal, Error *err);
void journal_close(Journal **journal);
