#include <unistd.h>

#include "base/path.h"
#include "base/text.h"
#include "cli/command.h"
#include "daemon/daemon.h"

static const char *where(Arena *arena, const DaemonPlace *place)
{
    const char *url = place->address ? arena_format(arena, "http://%s", place->address) : "";
    const char *socket = place->socket ? text_safe(arena, str_of(place->socket)) : "";
    return arena_format(arena, "%s%s%s", url, *url && *socket ? " and " : "", socket);
}

static void ready_json(Output *output, const DaemonPlace *place)
{
    JsonWriter json = json_writer(&output->text, false);
    json_begin_object(&json);
    json_member_text(&json, "address", place->address);
    if (place->socket)
        json_member_bytes(&json, "socket", str_of(place->socket));
    else
        json_member_null(&json, "socket");
    if (place->token_file)
        json_member_bytes(&json, "token_file", str_of(place->token_file));
    else
        json_member_null(&json, "token_file");
    json_member_integer(&json, "pid", getpid());
    json_end_object(&json);
    buf_add_char(&output->text, '\n');
}

/* One line, at once: who starts the daemon waits for it. */
static void show_ready(void *context, const DaemonPlace *place)
{
    Call *call = context;
    Output *output = call->output;
    if (output->options.json)
        ready_json(output, place);
    else
        out_line(output, "weir answers at %s; the token is %s%s.", where(call->arena, place),
                 place->token_file ? "in " : "that of WEIR_TOKEN",
                 place->token_file ? text_safe(call->arena, str_of(place->token_file)) : "");
    out_flush(output);
}

/* From any thread: one write, no shared memory. */
static void show_notice(void *context, const char *text)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const Call *call = context;
    Str line = str_of(arena_format(arena, "%s\n", text));
    if (!call->output->options.quiet)
        (void)!write(STDERR_FILENO, line.data, line.len);
}

static bool run_serve(Call *call, Error *err)
{
    const char *socket = option_value(call->options, "socket");
    const char *log = option_value(call->options, "log");
    DaemonOptions options = {
        .listen = option_value(call->options, "listen"),
        .socket = socket ? path_absolute(call->arena, call->cwd, socket) : NULL,
        .set = option_values(call->arena, call->options, "set"),
        .trace_id = out_trace_id(call->output),
        .ready = show_ready,
        .notice = show_notice,
        .context = call,
    };
    if (log) /* its workers append to the same file */
        ARRAY_PUSH(call->arena, &options.set,
                   str_of(arena_format(call->arena, "log=%s",
                                       path_absolute(call->arena, call->cwd, log))));
    return daemon_run(call->app, &options, err);
}

static const Option options[] = {
    {.name = "listen",
     .value = "ADDRESS",
     .about = "a loopback address and port, or none; port 0: a free one"},
    {.name = "socket", .value = "PATH", .about = "a unix socket too, for this user alone"},
    {0},
};

const Command command_serve = {
    .name = "serve",
    .summary = "answer over HTTP and do jobs, until it is told to end",
    .usage = (const char *const[]){"[--listen 127.0.0.1:PORT] [--socket PATH] [--json]", NULL},
    .about =
        "Prints one line when it answers: where, and where the token is that each request must "
        "bear. "
        "The token\nis WEIR_TOKEN, else the file `token` in the home, made when it is not there. "
        "Jobs survive its end:\nthe next one goes on with them. SIGTERM lets jobs at work end, "
        "SIGHUP "
        "reads the settings anew.",
    .options = options,
    .examples = (const char *const[]){"weir serve", "weir serve --listen 127.0.0.1:0",
                                      "weir serve --listen none --socket ~/weir.sock", NULL},
    .needs = NEEDS_SETTINGS,
    .run = run_serve,
};
