/* Private to the risk files: one file under review, the pieces of it that are new, and a finding's words. */
#pragma once

#include "merge/risk.h"

/* Lines that are new, and those they took the place of. */
typedef struct {
    Str was, now;
    size_t line;   /* number of the first new one, from 1 */
    bool at_start; /* `now` begins where the file does */
} RiskHunk;
typedef ARRAY(RiskHunk) RiskHunks;

typedef struct {
    Arena *arena;   /* of the findings */
    Arena *scratch; /* gone when the file is done */
    const FileChange *change;
    const RiskOptions *options;
    Str name;               /* its last part, or the artifact's when it is one file */
    Str old_text, new_text; /* `old_text` of a path that was not there is empty */
    RiskHunks hunks;
    size_t listed[RISK_KINDS], last[RISK_KINDS]; /* how many, and where in `out` */
    uint64_t search_bytes;                       /* budget of searches in old lines, spent so far */
    RiskFindings *out;
} RiskFile;

/* `excerpt` is cut to a few words around `at`, and made safe. */
void risk_add(RiskFile *file, RiskKind kind, size_t line, Str excerpt, size_t at,
              const char *change);
/* Was this in the lines that `hunk` replaces? */
bool risk_was_there(RiskFile *file, const RiskHunk *hunk, Str what);
/* Number of the first new line, 0 when there is none; and its text. */
size_t risk_first_line(const RiskFile *file, Str *out);

void risk_hidden_text(RiskFile *file); /* in the text and in the name */
void risk_lines(RiskFile *file);       /* long, padded, minified, piped into a shell */
void risk_settings(RiskFile *file);    /* JSON, TOML, YAML, front matter */
void risk_content(RiskFile *file);     /* modes, programs, archives, binaries, links */

bool risk_is_program(Str bytes); /* native, by its first bytes */
bool risk_is_packed(Str bytes, Str name);
bool risk_is_text_name(Str name); /* by its extension people read it as text */
