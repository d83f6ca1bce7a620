/* Output: what a command says. The result goes to stdout in one write at the end, notes go to stderr at
 * once.
 *
 * Text that came from outside goes through text_safe before it comes here. With `json` the result is the
 * JSON alone. Colour only on a terminal; glyphs become ASCII with `ascii`; `columns` is 0 in a pipe, and
 * nothing is cut then. A failing write ends in an exit code: 141 and silence for a closed pipe.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "cli/progress.h"
#include "format/json_write.h"

typedef enum {
    INK_NONE,
    INK_GOOD,     /* synced, added */
    INK_MODIFIED, /* also what is informative */
    INK_OUTDATED,
    INK_DIVERGED,
    INK_BAD, /* conflict, error, removed lines */
    INK_FAINT,
    INK_STRONG,
} Ink;

typedef struct {
    bool json, quiet, verbose, ascii, no_color;
} OutputOptions;

typedef struct {
    Arena *arena;
    OutputOptions options;
    Buf text;             /* the result */
    bool color;           /* of stdout */
    bool color_notes;     /* of stderr */
    size_t columns;       /* of the terminal on stdout; 0: no terminal */
    size_t columns_notes; /* of stderr's */
    bool failed;          /* a write failed; `broken_pipe` tells how */
    bool broken_pipe;
    const char *trace_id; /* NULL until asked for */
    ProgressLine progress;
} Output;

Output output_new(Arena *arena, const OutputOptions *options);

/* ── the result ── */
void out_text(Output *output, const char *format, ...) PRINTF_LIKE(2, 3);
/* A line of prose: broken between words where the terminal is narrower. */
void out_line(Output *output, const char *format, ...) PRINTF_LIKE(2, 3);
/* A line that is to be pasted, or that a file holds: the terminal breaks it. */
void out_verbatim(Output *output, const char *format, ...) PRINTF_LIKE(2, 3);
/* The last line, what to type next: "Next: ...". */
void out_next(Output *output, const char *format, ...) PRINTF_LIKE(2, 3);
const char *ink(const Output *output, Ink color, const char *text); /* coloured where stdout is */
/* `glyph` where glyphs can be shown, else `plain`. */
const char *glyph(const Output *output, const char *shown, const char *plain);

/* ── JSON: one object is the result ── */
JsonWriter out_json_begin(Output *output);
void out_json_end(Output *output, JsonWriter *json); /* closes the object */
const char *out_trace_id(Output *output);

/* ── stderr ── */
void out_progress(Output *output, const Progress *progress);
void out_progress_clear(Output *output); /* before anybody else writes to the terminal */
void out_note(Output *output, const char *format, ...) PRINTF_LIKE(2, 3); /* not with --quiet */
/* What went wrong and the next step; with --json as the result. `usage` may be NULL. */
void out_error(Output *output, const Error *err, const char *usage);

/* Writes what is gathered so far: before a question, a child program, or the end. */
void out_flush(Output *output);
/* Past out_flush: the exit code, which is `exit_code` unless writing failed. */
int out_finish(Output *output, int exit_code);

/* Writes large bytes straight to stdout, after what was gathered. */
void out_bytes(Output *output, Str bytes);
