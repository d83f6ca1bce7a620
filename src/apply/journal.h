/* Journal: the written form of one transaction, and of its two smaller relatives.
 *
 * One text format for three files: `roots` (which folders are concerned, before anything is staged),
 * `journal` (all entries and the caller's payload) and `pointer` (one root's own entries, kept in its
 * staging folder). Sealed with SHA-256: a torn one does not parse. Pure; the bytes may be hostile.
 */
#pragma once

#include "apply/apply.h"

#define JOURNAL_NO_UNIT SIZE_MAX

/* A new folder with all that is in it is staged as a whole and arrives with one rename: a unit. */
typedef struct {
    ApplyEntry change;
    size_t unit; /* index in the root's units, or JOURNAL_NO_UNIT */
} JournalEntry;

typedef struct {
    const char *path;
    const char *staging;
    uint64_t device, inode;
    bool made_staging;           /* `staging` itself was not there before */
    ARRAY(JournalEntry) entries; /* sorted by path, no duplicates */
    StrArray units;
} JournalRoot;

typedef struct {
    const char *id;
    const char *home;
    ARRAY(JournalRoot) roots;
    Str payload;
} Journal;

Str journal_write(Arena *arena, const Journal *journal);
Str journal_write_root(Arena *arena, const Journal *journal, size_t root); /* a pointer file */
Str journal_write_roots(Arena *arena, const Journal *journal); /* no entries, no payload */

/* ERR_CORRUPT unless every byte is as written above, names are valid and paths are in order. */
MUST_CHECK bool journal_parse(Arena *arena, Str text, Journal *out, Error *err);

/* Fills a root from the caller's entries: sorts, and refuses what cannot be applied. */
MUST_CHECK bool journal_add_root(Arena *arena, Journal *journal, const ApplyRoot *root, Error *err);

/* NULL when there is none; `*index` may be NULL. */
const JournalEntry *journal_find(const JournalRoot *root, Str path, size_t *index);
/* The first entry strictly below `folder`, or the count of entries. */
size_t journal_first_below(const JournalRoot *root, Str folder);
/* Is there an entry strictly below `folder` that is no deletion? */
bool journal_stays_below(const JournalRoot *root, Str folder);

bool entry_creates(const JournalEntry *entry);
bool entry_deletes(const JournalEntry *entry);
bool entry_is_record(const JournalEntry *entry);
/* A delete that must come first: what it deletes stands where something new goes. */
bool entry_gives_way(const JournalRoot *root, const JournalEntry *entry);
