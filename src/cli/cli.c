#include "cli/cli.h"

#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/pager.h"
#include "cli/reminder.h"
#include "cli/terminal.h"
#include "obs/redact.h"

/* Where the command's name stands: behind options of every command. */
static size_t find_name(const char *const *words, size_t count)
{
    size_t i = 0;
    while (i < count && words[i][0] == '-' && words[i][1]) {
        const Option *option = words[i][1] == '-'
                                   ? option_find(common_options, str_of(words[i] + 2))
                                   : option_find_letter(common_options, words[i][1]);
        i += option && option->value && i + 1 < count ? 2 : 1;
    }
    return i;
}

/* The words without the command's name. */
static const char *const *without(Arena *arena, const char *const *words, size_t count, size_t at)
{
    const char **rest = ARENA_ARRAY(arena, const char *, count + 1);
    for (size_t i = 0, to = 0; i < count; i++)
        if (i != at)
            rest[to++] = words[i];
    return rest;
}

static OutputOptions output_options(const Options *options)
{
    return (OutputOptions){
        .json = option_given(options, "json"),
        .quiet = option_given(options, "quiet"),
        .verbose = option_given(options, "verbose"),
        .ascii = option_given(options, "ascii") || environment_says("WEIR_ASCII"),
        .no_color = option_given(options, "no-color"),
    };
}

/* Before the options could be read, an error still has to come in the form that was asked for. */
static OutputOptions guess_options(const char *const *words, size_t count)
{
    OutputOptions options = {.ascii = environment_says("WEIR_ASCII")};
    for (size_t i = 0; i < count && strcmp(words[i], "--") != 0; i++)
        options.json |= strcmp(words[i], "--json") == 0;
    return options;
}

static bool check_operands(const Call *call, Error *err)
{
    const Command *command = call->command;
    size_t count = call->options->operands.count;
    if (count < command->min_operands)
        return fail(err, ERR_USAGE, "'weir %s' needs %s", command->name,
                    command->operand ? command->operand : "more words");
    if (count > command->max_operands)
        return fail(
            err, ERR_USAGE, "'weir %s' does not know what to do with '%s'", command->name,
            text_safe(call->arena, str_of(call->options->operands.items[command->max_operands])));
    return true;
}

static void show_notice(void *context, const char *text)
{
    out_note(context, "%s", text);
}

static void show_progress(void *context, const Progress *progress)
{
    out_progress(context, progress);
}

static bool open_app(Call *call, Error *err)
{
    AppOptions options = {
        .verb = call->command->name,
        .command = call->typed,
        .trace_id = out_trace_id(call->output),
        .set = option_values(call->arena, call->options, "set"),
        .may_ask = terminal_is(0) && terminal_is(2) && !call->output->options.json &&
                   !call->output->options.quiet,
        .offline = option_given(call->options, "offline"),
        .restore = call_applies(call),
        .accept_risk = option_given(call->options, "accept-risk"),
        .timed = call->output->options.verbose,
        .log = option_value(call->options, "log"),
        .notice = show_notice,
        .progress = show_progress,
        .notice_context = call->output,
    };
    if (!app_cwd(call->arena, &call->cwd, err) ||
        !app_open(call->arena, call->command->needs, &options, &call->app, err))
        return false;
    if (call->command->needs >= NEEDS_SETTINGS)
        call->output->options.ascii |= setting_bool(&call->app->settings, SETTING_ASCII);
    return true;
}

/* What took how long; the command's own time is what no phase had. */
static void show_phases(Call *call)
{
    const Tracer *tracer = call->app->workspace.tracer;
    if (!tracer || !call->output->options.verbose)
        return;
    const Phases *phases = tracer_phases(tracer);
    for (size_t i = 0; i < phases->count; i++) {
        const Phase *phase = &phases->items[i];
        bool rest = strcmp(phase->name, "command") == 0;
        out_note(call->output, "  %-9s %lld.%lld ms%s", rest ? "other" : phase->name,
                 (long long)(phase->self_us / 1000), (long long)(phase->self_us / 100 % 10),
                 phase->count > 1 ? arena_format(call->arena, "  %zu times", phase->count) : "");
    }
}

static bool run_command(Call *call, Error *err)
{
    if (option_given(call->options, "help")) {
        help_command(call->output, call->command);
        return true;
    }
    if (!check_operands(call, err) || (call->command->check && !call->command->check(call, err)))
        return false;
    if (call->command->needs == NEEDS_NOTHING)
        return call->command->run(call, err);
    bool ok = open_app(call, err) && call->command->run(call, err);
    out_progress_clear(call->output);
    if (call->app) {
        app_ended(call->app, ok ? NULL : err, call->exit_code);
        show_phases(call);
    }
    if (ok && call->command->needs == NEEDS_COLLECTION && !call->command->settles &&
        !call->command->pages)
        reminder_show(call);
    app_close(&call->app);
    return ok;
}

static int failure_code(const Command *command, ErrorCode code)
{
    if (!command || !command->as_git || code == ERR_INTERRUPTED)
        return error_exit_code(code);
    return code == ERR_USAGE ? 129 : 255;
}

/* A message may repeat what was typed. */
static void mask_secrets(Call *call, Error *err)
{
    Str message = redact(call->arena, str_of(err->message), NULL);
    Error masked = {0};
    if (message.data == err->message || fail(&masked, err->code, "%.*s", STR_ARG(message)))
        return;
    memcpy(err->message, masked.message, sizeof err->message);
}

static int report(Call *call, Error *err)
{
    const char *usage = NULL;
    if (err->code == ERR_USAGE && call->command) {
        usage = command_usage_line(call->arena, call->command);
        if (!err->hint[0])
            (void)fail_hint(err, "weir help %s", call->command->name);
    }
    mask_secrets(call, err);
    out_error(call->output, err, usage);
    if (call->output->options.verbose && !call->output->options.json)
        out_note(call->output, "Trace: %s", out_trace_id(call->output));
    return failure_code(call->command, err->code);
}

/* Without a command: help; --version alone is one, as everywhere. */
static Str name_of_command(const char *const *words, size_t count, size_t at)
{
    if (at < count)
        return str_of(words[at]);
    return count == 1 && strcmp(words[0], "--version") == 0 ? STR("version") : STR("help");
}

static int run_words(Arena *arena, const char *const *words, size_t count)
{
    Error err = {0};
    Options options = {0};
    OutputOptions look = guess_options(words, count);
    Output output = output_new(arena, &look);
    size_t at = find_name(words, count);
    Str name = name_of_command(words, count, at);
    Call call = {.arena = arena, .output = &output, .options = &options};
    call.command = command_find(name);
    call.typed = app_command_line(arena, words, count);
    if (!call.command && !fail_no_command(arena, name, &err))
        return out_finish(&output, report(&call, &err));
    if (at == count && str_is(name, "version"))
        at = 0;
    const char *const *rest = without(arena, words, count, at);
    bool ok = options_parse(arena, call.command->options, common_options, rest,
                            at < count ? count - 1 : count, &options, &err);
    if (ok) {
        look = output_options(&options);
        output = output_new(arena, &look);
        if (at == count && option_given(&options, "help") && !look.json)
            help_overview(&output); /* `weir -h` asks about weir, not about `weir help` */
        else
            ok = run_command(&call, &err);
        if (ok && call.command->pages && !option_given(&options, "no-pager"))
            pager_show(&output);
    }
    return out_finish(&output, ok ? call.exit_code : report(&call, &err));
}

int cli_main(int count, const char *const *arguments)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    return run_words(arena, arguments + 1, count > 0 ? (size_t)count - 1 : 0);
}
