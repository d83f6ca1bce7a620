/* App: the one place that knows which drivers run. Opens what a command needs and nothing else.
 *
 * A command that only reads never makes a home or a collection. The home is $WEIR_HOME, else
 * $XDG_DATA_HOME/weir, else ~/.local/share/weir. Lives in the caller's arena, must be closed.
 */
#pragma once

#include "app/settings.h"
#include "obs/log.h"
#include "obs/span.h"
#include "sync/workspace.h"

typedef enum {
    NEEDS_NOTHING,    /* not even the settings are read */
    NEEDS_PATHS,      /* where home and config.toml are; the settings are not read */
    NEEDS_SETTINGS,   /* settings too */
    NEEDS_NEW_HOME,   /* makes the home when it is not there */
    NEEDS_COLLECTION, /* ERR_NOT_INITIALIZED without one */
} AppNeeds;

typedef struct {
    const char *verb;    /* "sync" */
    const char *command; /* as typed, without secrets */
    const char *trace_id;
    const char *parent_id; /* the caller's span; NULL: that of $TRACEPARENT */
    StrArray set;          /* --set NAME=VALUE */
    bool may_ask;          /* git may ask for credentials on the terminal */
    bool offline;          /* ask no upstream over the network */
    bool restore;          /* see Workspace */
    bool accept_risk;      /* likewise */
    bool timed;            /* measure the phases */
    const char *log;       /* --log FILE, or "none"; NULL: the setting */
    Str job_id;            /* of the job that this is; empty: none */
    SpanSink span_sink;    /* hears of spans beside the log; NULL: nobody */
    void *span_context;
    void (*notice)(void *context, const char *text);
    void (*progress)(void *context, const Progress *progress);
    void *notice_context; /* of both */
} AppOptions;

typedef struct {
    Arena *arena;
    const char *home; /* absolute */
    SettingsInput settings_input;
    Settings settings;
    Workspace workspace; /* filled from NEEDS_NEW_HOME on */
    Log *log;            /* NULL: none */
    Span command;        /* around all of it, when anything is measured */
} App;

MUST_CHECK bool app_open(Arena *arena, AppNeeds needs, const AppOptions *options, App **out,
                         Error *err);
void app_close(App **app);
/* False: a database was moved or replaced since; what reads through it reads what was. */
bool app_in_place(const App *app);
/* How the command ended, for the log: `err` NULL when it did what it was asked. Before app_close. */
void app_ended(App *app, const Error *err, int exit_code);

/* The trace id of $TRACEPARENT when that is valid, else a new one. */
const char *app_trace_id(Arena *arena);
/* The command line, quoted for a shell, with the userinfo of URLs left out. */
const char *app_command_line(Arena *arena, const char *const *arguments, size_t count);
MUST_CHECK bool app_cwd(Arena *arena, const char **out, Error *err);
