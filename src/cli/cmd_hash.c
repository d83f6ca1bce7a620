#include "base/fs.h"
#include "base/path.h"
#include "cli/command.h"
#include "content/snapshot.h"

/* A link that a person names is followed; links inside are content. */
static bool hash_path(Arena *arena, const char *path, Snapshot *out, Error *err)
{
    char *real = NULL;
    FsStat stat;
    SCOPED(fd_close) int root = -1;
    if (!fs_real_path(arena, path, &real, err) || !fs_stat_path(real, &stat, err))
        return fail_hint(err, "Check the path.");
    if (stat.kind == FS_FOLDER)
        return fs_open_root(real, &root, err) &&
               snapshot_read(arena, root, STR(""), NULL, out, err);
    Str folder = path_folder(str_of(real));
    return fs_open_root(folder.len ? arena_text(arena, folder) : "/", &root, err) &&
           snapshot_read(arena, root, path_base(str_of(real)), NULL, out, err);
}

static bool run_hash(Call *call, Error *err)
{
    const char *path = call_operand(call, 0);
    Snapshot snapshot = {0};
    if (!hash_path(call->arena, path, &snapshot, err))
        return false;
    HashHex hex = hash_hex(&snapshot.hash);
    if (!call->output->options.json) {
        out_verbatim(call->output, "%s", hex.text);
        return true;
    }
    JsonWriter json = out_json_begin(call->output);
    json_member_text(&json, "hash", hex.text);
    json_member_bytes(&json, "path", str_of(path));
    json_member_integer(&json, "files", (int64_t)snapshot.tree.count);
    json_member_integer(&json, "size_bytes", (int64_t)tree_bytes(&snapshot.tree));
    out_json_end(call->output, &json);
    return true;
}

const Command command_hash = {
    .name = "hash",
    .summary = "the content hash of a folder or file, as artifacts have it",
    .usage = (const char *const[]){"PATH [--json]", NULL},
    .about = "64 hex digits; specified byte by byte in docs/content-hash.md. Ignored files do not "
             "count, "
             "nor does\nthe name of a single file.",
    .examples = (const char *const[]){"weir hash .claude/skills/pdf", NULL},
    .min_operands = 1,
    .max_operands = 1,
    .operand = "a folder or a file",
    .run = run_hash,
};
