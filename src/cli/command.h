/* Command: what one `weir x` is, as data; the table of all of them; and one call of one.
 *
 * Each cmd_x.c ends in its own entry, commands.def lists them. The entry alone gives parsing, help and
 * "did you mean". `run` adds the result to call->output and sets call->exit_code where it is not 0;
 * a failure is printed by the caller, once.
 */
#pragma once

#include "app/app.h"
#include "cli/options.h"
#include "cli/output.h"
#include "format/json_read.h"

enum { OPERANDS_ANY = 1 << 20 };

typedef struct Command Command;

/* What the daemon has done in this call's place (cli/handover.h). */
typedef struct {
    Str job; /* its id; empty: nothing was handed over */
    const JsonNode *result;
} Handed;

typedef struct {
    Arena *arena;
    const Command *command;
    const Options *options;
    Output *output;
    App *app; /* by the command's needs; NULL with NEEDS_NOTHING */
    const char *cwd;
    const char *typed; /* the command line as typed, secrets left out */
    int exit_code;
    Handed handed;
} Call;

struct Command {
    const char *name;
    const char *summary;
    const char *const *usage;    /* what stands behind "weir NAME", a line a form; ends in NULL */
    const char *about;           /* more for help; may be NULL */
    const Option *options;       /* ends in an empty one; may be NULL */
    const char *const *examples; /* whole lines; ends in NULL */
    size_t min_operands, max_operands;
    const char *operand; /* what a missing operand is called, "an artifact" */
    AppNeeds needs;
    bool hidden;
    bool pages;   /* a long result goes through the pager on a terminal */
    bool settles; /* is about waiting merges itself: no reminder of them behind it */
    bool as_git;  /* exit codes are git's: 129 for usage, 255 for a failure */
    bool (*check)(const Call *call,
                  Error *err); /* words alone, before anything is opened; or NULL */
    bool (*run)(Call *call, Error *err);
};

#define COMMAND(name) extern const Command command_##name;
#include "cli/commands.def"
#undef COMMAND

/* --apply and --yes are one switch. */
#define OPTION_APPLY                                                                               \
    {.name = "apply", .about = "write what the plan says; without it nothing changes"},            \
        {.name = "yes", .letter = 'y', .about = "the same as --apply"},                            \
    {                                                                                              \
        .name = "accept-risk", .about = "take what the review flags, too"                          \
    }
#define OPTION_PROJECT                                                                             \
    {                                                                                              \
        .name = "project", .value = "DIR", .about = "the project's folder"                         \
    }
#define OPTION_TWO_WAY                                                                             \
    {                                                                                              \
        .name = "two-way", .about = "where no base can be found, decide place by place"            \
    }

const Command *const *commands(size_t *count); /* in the order of commands.def */
const Command *command_find(Str name);         /* NULL when absent */
const char *command_near(Str name);            /* the likeliest meant, or NULL */
extern const Option common_options[];          /* of every command */
MUST_CHECK bool fail_no_command(Arena *arena, Str name, Error *err); /* always false */
const char *command_usage_line(Arena *arena, const Command *command);

/* The help page of one command, and the overview. */
void help_command(Output *output, const Command *command);
void help_overview(Output *output);

/* The operand, or NULL. */
const char *call_operand(const Call *call, size_t index);
bool call_applies(const Call *call); /* --apply or --yes */
/* --project as an absolute path; *out NULL when not given. ERR_NOT_FOUND when it is no folder. */
MUST_CHECK bool call_project(const Call *call, const char **out, Error *err);
/* The same, else the project around the current folder (the nearest that has deployment records). */
MUST_CHECK bool call_project_around(const Call *call, const char **out, Error *err);
/* The same, else the current folder; or else a usage error. */
MUST_CHECK bool call_project_or_here(const Call *call, const char **out, Error *err);
MUST_CHECK bool call_project_must(const Call *call, const char **out, Error *err);
