/* Progress: one line on the terminal's stderr, drawn over itself, for work of more than a second.
 *
 * "[7/12] merge  skill:spreadsheet  1.8 s". Never in a pipe, with --json or --quiet; at most ten times a
 * second; gone without a trace before anything else is said, and while weir is stopped or in the background.
 */
#pragma once

#include "base/suspend.h"
#include "sync/workspace.h"

enum { PROGRESS_BYTES = SUSPEND_LINE_BYTES };

typedef struct {
    bool wanted;
    int64_t started_us; /* the command's */
    int64_t drawn_us;   /* the last drawing; 0: nothing is on the screen */
} ProgressLine;

ProgressLine progress_line(bool wanted);
void progress_show(ProgressLine *line, const Progress *progress);
void progress_clear(ProgressLine *line);

/* The line itself, cut to `columns`; pure. */
size_t progress_text(char out[PROGRESS_BYTES], const Progress *progress, int64_t spent_us,
                     size_t columns);
