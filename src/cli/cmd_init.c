#include "base/text.h"
#include "cli/command.h"
#include "sync/verbs.h"

static bool run_init(Call *call, Error *err)
{
    Workspace *ws = &call->app->workspace;
    bool made = false;
    if (!verb_init(ws, &made, err))
        return false;
    const char *path = text_safe(call->arena, str_of(ws->collection_path));
    if (call->output->options.json) {
        JsonWriter json = out_json_begin(call->output);
        json_member_bool(&json, "made", made);
        json_member_text(&json, "collection", ws->collection_name);
        json_member_bytes(&json, "path", str_of(ws->collection_path));
        json_member_bytes(&json, "home", str_of(ws->home));
        json_member_text(&json, "trace_id", out_trace_id(call->output));
        out_json_end(call->output, &json);
        return true;
    }
    out_line(call->output,
             made ? "Made collection %s in %s." : "Collection %s is there already, in %s.",
             ws->collection_name, path);
    out_next(call->output, "weir add owner/repo/path");
    return true;
}

const Command command_init = {
    .name = "init",
    .summary = "make the collection, in weir's home",
    .usage = (const char *const[]){"", NULL},
    .about = "The home is $WEIR_HOME, else $XDG_DATA_HOME/weir, else ~/.local/share/weir. Doing it "
             "again "
             "changes nothing.",
    .examples = (const char *const[]){"weir init", "WEIR_HOME=/srv/kit weir init",
                                      "weir init --set collection=team", NULL},
    .needs = NEEDS_NEW_HOME,
    .run = run_init,
};
