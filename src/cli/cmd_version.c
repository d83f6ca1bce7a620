#include "cli/command.h"

static bool run_version(Call *call, Error *err)
{
    (void)err;
    if (!call->output->options.json) {
        out_line(call->output, "weir %s", WEIR_VERSION);
        return true;
    }
    JsonWriter json = out_json_begin(call->output);
    json_member_text(&json, "version", WEIR_VERSION);
    out_json_end(call->output, &json);
    return true;
}

const Command command_version = {
    .name = "version",
    .summary = "print the version of weir",
    .usage = (const char *const[]){"", NULL},
    .examples = (const char *const[]){"weir version", "weir version --json", NULL},
    .run = run_version,
};
