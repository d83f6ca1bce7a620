#include "cli/output.h"

#include <errno.h>
#include <unistd.h>

#include "app/app.h"
#include "cli/terminal.h"
#include "cli/wrap.h"

enum { EXIT_BROKEN_PIPE = 141 }; /* what a shell shows for a program that SIGPIPE ended */

Output output_new(Arena *arena, const OutputOptions *options)
{
    Output output = {.arena = arena, .options = *options};
    output.text = buf_new(arena);
    output.options.ascii |= !terminal_is_utf8();
    output.color = !options->no_color && !options->json && terminal_has_color(STDOUT_FILENO);
    output.color_notes = !options->no_color && terminal_has_color(STDERR_FILENO);
    output.columns = terminal_columns(STDOUT_FILENO);
    output.columns_notes = terminal_columns(STDERR_FILENO);
    output.progress = progress_line(!options->json && !options->quiet);
    return output;
}

void out_text(Output *output, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buf_add_text(&output->text, arena_format_list(output->arena, format, arguments));
    va_end(arguments);
}

void out_line(Output *output, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_format_list(output->arena, format, arguments);
    va_end(arguments);
    buf_add_text(&output->text, wrap_lines(output->arena, text, output->columns));
    buf_add_char(&output->text, '\n');
}

void out_verbatim(Output *output, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buf_add_text(&output->text, arena_format_list(output->arena, format, arguments));
    buf_add_char(&output->text, '\n');
    va_end(arguments);
}

void out_next(Output *output, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (!output->options.quiet && !output->options.json)
        out_verbatim(output, "%s %s", ink(output, INK_FAINT, "Next:"),
                     arena_format_list(output->arena, format, arguments));
    va_end(arguments);
}

static const char *paint(Arena *arena, bool color, Ink wanted, const char *text)
{
    static const char *const codes[] = {
        [INK_NONE] = "",       [INK_GOOD] = "32", [INK_MODIFIED] = "34", [INK_OUTDATED] = "33",
        [INK_DIVERGED] = "35", [INK_BAD] = "31",  [INK_FAINT] = "2",     [INK_STRONG] = "1",
    };
    if (!color || wanted == INK_NONE)
        return text;
    return arena_format(arena, "\033[%sm%s\033[0m", codes[wanted], text);
}

const char *ink(const Output *output, Ink color, const char *text)
{
    return paint(output->arena, output->color, color, text);
}

const char *glyph(const Output *output, const char *shown, const char *plain)
{
    return output->options.ascii ? plain : shown;
}

JsonWriter out_json_begin(Output *output)
{
    JsonWriter json = json_writer(&output->text, true);
    json_begin_object(&json);
    return json;
}

void out_json_end(Output *output, JsonWriter *json)
{
    json_end_object(json);
    buf_add_char(&output->text, '\n');
}

const char *out_trace_id(Output *output)
{
    if (!output->trace_id)
        output->trace_id = app_trace_id(output->arena);
    return output->trace_id;
}

static void write_notes(Str text)
{
    while (text.len) {
        ssize_t done = write(STDERR_FILENO, text.data, text.len);
        if (done < 0 && errno != EINTR)
            return; /* there is nowhere left to say so */
        text = str_slice(text, done > 0 ? (size_t)done : 0, text.len);
    }
}

void out_progress(Output *output, const Progress *progress)
{
    progress_show(&output->progress, progress);
}

void out_progress_clear(Output *output)
{
    progress_clear(&output->progress);
}

void out_note(Output *output, const char *format, ...)
{
    out_progress_clear(output);
    if (output->options.quiet)
        return;
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_format_list(output->arena, format, arguments);
    va_end(arguments);
    text = wrap_lines(output->arena, text, output->columns_notes);
    write_notes(str_of(arena_format(output->arena, "%s\n", text)));
}

static void error_json(Output *output, const Error *err, const char *usage)
{
    output->text.len = 0;
    JsonWriter json = out_json_begin(output);
    json_key(&json, "error");
    json_begin_object(&json);
    json_member_text(&json, "code", error_name(err->code));
    json_member(&json, "message", json_bytes_text(output->arena, str_of(err->message)));
    json_member(&json, "hint", json_bytes_text(output->arena, str_of(error_hint(err))));
    json_key(&json, "details");
    json_begin_object(&json);
    if (usage)
        json_member_text(&json, "usage", usage);
    json_end_object(&json);
    json_end_object(&json);
    json_member_text(&json, "trace_id", out_trace_id(output));
    out_json_end(output, &json);
}

static void error_text(Output *output, const Error *err, const char *usage)
{
    Buf text = buf_new(output->arena);
    const char *what =
        arena_format(output->arena, "%s %s",
                     paint(output->arena, output->color_notes, INK_BAD, "error:"), err->message);
    buf_format(&text, "%s\n", wrap_lines(output->arena, what, output->columns_notes));
    if (usage)
        buf_format(&text, "%s\n", wrap_lines(output->arena, usage, output->columns_notes));
    buf_format(&text, "%s %s\n", paint(output->arena, output->color_notes, INK_FAINT, "Next:"),
               error_hint(err));
    write_notes(buf_str(&text));
}

void out_error(Output *output, const Error *err, const char *usage)
{
    if (output->options.json) {
        error_json(output, err, usage);
        return;
    }
    out_flush(output);
    error_text(output, err, usage);
}

static void fail_write(Output *output)
{
    output->failed = true;
    output->broken_pipe = errno == EPIPE;
    Error err;
    /* the command itself may have been carried out: no word about what was written elsewhere */
    if (!output->broken_pipe && !fail_errno(&err, "cannot write the result") &&
        !fail_hint(&err, "Mend where it goes; `weir log` says whether the command did its work."))
        error_text(output, &err, NULL);
}

void out_bytes(Output *output, Str bytes)
{
    if (output->text.len && bytes.data != output->text.data)
        out_flush(output);
    while (bytes.len && !output->failed) {
        ssize_t done = write(STDOUT_FILENO, bytes.data, bytes.len);
        if (done >= 0)
            bytes = str_slice(bytes, (size_t)done, bytes.len);
        else if (errno != EINTR)
            fail_write(output);
    }
}

void out_flush(Output *output)
{
    out_progress_clear(output);
    Str text = buf_str(&output->text);
    if (text.len)
        out_bytes(output, text);
    output->text.len = 0;
}

int out_finish(Output *output, int exit_code)
{
    out_flush(output);
    if (output->broken_pipe)
        return EXIT_BROKEN_PIPE;
    return output->failed ? error_exit_code(ERR_IO) : exit_code;
}
