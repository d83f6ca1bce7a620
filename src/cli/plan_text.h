/* A plan for a person: one artifact with its files, or a summary and a line for each of many. */
#pragma once

#include "cli/output.h"
#include "sync/verbs.h"

/* What a verb is called in its sentences. */
typedef struct {
    const char *would;   /* "Would add" */
    const char *done;    /* "Added" */
    const char *nothing; /* "Nothing to add." */
    const char *into;    /* " to": stands before the place; NULL: no place is named */
    bool by_place;       /* its rows name the place that is written, not a direction */
    bool by_edge;        /* several items may be of one artifact */
} PlanWords;

void plan_print(Output *output, const Plan *plan, const PlanWords *words);

size_t plan_lost(const Plan *plan);  /* files whose edits would go */
size_t plan_files(const Plan *plan); /* files that are (or would be) written */
/* "2 places in SKILL.md", "2 places in 3 files" */
const char *conflicts_text(Output *output, const PlanItem *item);
/* The files of one item, a row each: what happens, path, lines, why. */
void plan_print_files(Output *output, const PlanItem *item, const char *indent);
bool plan_shows_files(const Output *output, const Plan *plan); /* or a line for each item */
/* One of many, with its files. */
void plan_print_item(Output *output, const PlanItem *item);
/* "4 fast-forwarded · 1 auto-merged · 1 conflict · 1 error · 5 up to date" */
const char *plan_summary(Output *output, const Plan *plan);
