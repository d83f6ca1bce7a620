#include <string.h>

#include "cli/command.h"
#include "content/store.h"
#include "sync/inside.h"

static bool parse_hash(const Call *call, Hash *out, Error *err)
{
    return hash_parse(str_of(call_operand(call, 1)), out) ||
           fail(err, ERR_USAGE, "a hash is 64 lower-case hex digits");
}

static bool show_object(Call *call, Str *out, Error *err)
{
    Hash hash;
    return parse_hash(call, &hash, err) &&
           store_get(call->arena, call->app->workspace.store, &hash, out, err);
}

static bool show_tree(Call *call, Str *out, Error *err)
{
    Hash hash;
    Tree tree = {0};
    if (!parse_hash(call, &hash, err) ||
        !store_get_tree(call->arena, call->app->workspace.store, &hash, &tree, err))
        return false;
    *out = tree_write(call->arena, &tree);
    return true;
}

static bool show_journal(Call *call, Str *out, Error *err)
{
    return inside_journal(call->arena, call_operand(call, 1), out, err);
}

static const struct {
    const char *name;
    bool (*show)(Call *call, Str *out, Error *err);
} views[] = {{"object", show_object}, {"tree", show_tree}, {"journal", show_journal}};

static bool run_debug(Call *call, Error *err)
{
    const char *what = call_operand(call, 0);
    Str content = {0};
    for (size_t i = 0; i < COUNT_OF(views); i++) {
        if (strcmp(views[i].name, what) != 0)
            continue;
        if (!views[i].show(call, &content, err))
            return false;
        if (!call->output->options.json) {
            out_bytes(call->output, content);
            return true;
        }
        JsonWriter json = out_json_begin(call->output);
        json_member_text(&json, "what", what);
        json_member_bytes(&json, "content", content);
        out_json_end(call->output, &json);
        return true;
    }
    return fail(err, ERR_USAGE, "it is object, tree or journal that can be shown");
}

const Command command_debug = {
    .name = "debug",
    .summary = "what weir's own files hold; for tests, and may change",
    .usage = (const char *const[]){"object HASH [--json]", "tree HASH [--json]",
                                   "journal FILE [--json]", NULL},
    .about =
        "object: bytes of the store, as they are. tree: the list of a kept version. journal: a "
        "transaction's file\ntxn/ID/journal, decoded. Reads only.",
    .examples = (const char *const[]){"weir debug journal ~/.local/share/weir/txn/*/journal", NULL},
    .min_operands = 2,
    .max_operands = 2,
    .operand = "what to show, and of which hash or file",
    .needs = NEEDS_COLLECTION,
    .hidden = true,
    .settles = true,
    .run = run_debug,
};
