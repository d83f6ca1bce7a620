#include <string.h>

#include "base/fs.h"
#include "base/map.h"
#include "base/path.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/plan_text.h"
#include "content/snapshot.h"
#include "merge/tree_merge.h"
#include "sync/conflict_json.h"

enum { SIDES = 3 }; /* base, ours, theirs */

typedef struct {
    int root;
    const TreeEntry *entry;
    Str bytes; /* of what the merge made; then `entry` is NULL */
} Blob;

typedef struct {
    int roots[SIDES];
    Snapshot sides[SIDES];
    Map *blobs; /* by hash */
    TreeMerge merge;
} Merging;

static void merging_close(Merging *merging)
{
    for (size_t i = 0; i < SIDES; i++)
        fd_close(&merging->roots[i]);
}

/* ── reading ── */

static bool read_side(Call *call, Merging *merging, size_t index, Error *err)
{
    const char *path = call_operand(call, index);
    FsStat stat;
    Snapshot *side = &merging->sides[index];
    if (!fs_stat_path(path, &stat, err))
        return fail_hint(err, "Check the path.");
    if (stat.kind != FS_FOLDER)
        return fail(err, ERR_USAGE, "'%s' is not a folder", text_safe(call->arena, str_of(path))) ||
               fail_hint(err, "weir merge-file merges single files.");
    if (!fs_open_root(path, &merging->roots[index], err) ||
        !snapshot_read_raw(call->arena, merging->roots[index], STR(""), side, err))
        return fail_in(err, "%s", text_safe(call->arena, str_of(path)));
    for (size_t i = 0; i < side->tree.count; i++) {
        const TreeEntry *entry = &side->tree.items[i];
        Blob *blob = ARENA_NEW(call->arena, Blob);
        *blob = (Blob){.root = merging->roots[index], .entry = entry};
        map_put(merging->blobs, hash_key(&entry->hash), blob);
    }
    return true;
}

static bool read_blob(void *context, Arena *arena, const Hash *hash, Str *out, Error *err)
{
    const Merging *merging = context;
    const Blob *blob = map_find(merging->blobs, hash_key(hash));
    ASSERT(blob);
    if (!blob->entry) {
        *out = blob->bytes;
        return true;
    }
    return snapshot_blob(arena, blob->root, STR(""), blob->entry, out, err);
}

static bool merge_sides(Call *call, Merging *merging, Error *err)
{
    BlobReader reader = {read_blob, merging};
    TreeMergeOptions options = {.lines = {.base_label = STR("base"),
                                          .ours_label = STR("ours"),
                                          .theirs_label = STR("theirs")}};
    if (option_given(call->options, "diff3"))
        options.lines.style = MERGE_STYLE_DIFF3;
    if (option_given(call->options, "zdiff3"))
        options.lines.style = MERGE_STYLE_ZDIFF3;
    merging->blobs = map_new(call->arena, 64);
    for (size_t i = 0; i < SIDES; i++)
        if (!read_side(call, merging, i, err))
            return false;
    const Snapshot *sides = merging->sides;
    if (!tree_merge(call->arena, &sides[0].tree, &sides[1].tree, &sides[2].tree, &reader, &options,
                    &merging->merge, err))
        return false;
    const NewBlobs *made = &merging->merge.blobs;
    for (size_t i = 0; i < made->count; i++) {
        Blob *blob = ARENA_NEW(call->arena, Blob);
        blob->bytes = made->items[i].bytes;
        map_put(merging->blobs, hash_key(&made->items[i].hash), blob);
    }
    return true;
}

/* ── writing ── */

static bool write_one(int out_fd, Str path, Mode mode, Str bytes, Error *err)
{
    Str folder = path_folder(path);
    if (folder.len && !fs_make_folders_at(out_fd, folder, 0755, err))
        return false;
    if (mode == MODE_LINK)
        return fs_link_at(out_fd, path, bytes, err);
    return fs_create_at(out_fd, path, bytes, mode == MODE_EXEC ? 0755 : 0644, false, err);
}

static bool write_tree(Arena *arena, Merging *merging, int out_fd, Error *err)
{
    const Tree *tree = &merging->merge.tree;
    for (size_t i = 0; i < tree->count; i++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(arena);
        const TreeEntry *entry = &tree->items[i];
        Str bytes = {0};
        if (!interrupt_check(err) || !read_blob(merging, arena, &entry->hash, &bytes, err) ||
            !write_one(out_fd, entry->path, entry->mode, bytes, err))
            return false;
    }
    return true;
}

static bool has_markers(const TreeConflict *conflict)
{
    return (conflict->kind == CONFLICT_CONTENT || conflict->kind == CONFLICT_ADD_ADD) &&
           conflict->has_text && !conflict->merge.clean;
}

static bool write_conflicts(const Merging *merging, int out_fd, Error *err)
{
    const TreeConflicts *conflicts = &merging->merge.conflicts;
    for (size_t i = 0; i < conflicts->count; i++) {
        const TreeConflict *conflict = &conflicts->items[i];
        if (has_markers(conflict) &&
            !write_one(out_fd, conflict->path, conflict->ours.mode, conflict->merge.text, err))
            return false;
    }
    return true;
}

static bool open_empty(Arena *arena, const char *path, int *out_fd, Error *err)
{
    SCOPED(fd_close) int fd = -1;
    FsNames names = {0};
    if (!fs_make_root(path, 0777, &fd, err) || !fs_list(arena, fd, &names, err))
        return false;
    if (names.count)
        return fail(err, ERR_EXISTS, "'%s' is not empty", text_safe(arena, str_of(path))) ||
               fail_hint(err, "Give --out a folder that is empty or not there yet.");
    *out_fd = fd_take(&fd);
    return true;
}

/* All or nothing: a folder that could not be filled is emptied again. */
static bool write_out(Call *call, Merging *merging, Error *err)
{
    SCOPED(fd_close) int out_fd = -1;
    if (!open_empty(call->arena, option_value(call->options, "out"), &out_fd, err))
        return false;
    if (write_tree(call->arena, merging, out_fd, err) && write_conflicts(merging, out_fd, err))
        return true;
    FsNames names = {0};
    Error ignored;
    if (fs_list(call->arena, out_fd, &names, &ignored))
        for (size_t i = 0; i < names.count; i++)
            if (!fs_remove_all_at(out_fd, names.items[i].name, &ignored))
                break;
    return fail_in(err, "--out");
}

/* ── saying ── */

static void merge_json(Output *output, const TreeMerge *merge)
{
    JsonWriter json = out_json_begin(output);
    json_member_text(&json, "status", merge->clean ? "clean" : "conflict");
    json_key(&json, "files");
    json_begin_array(&json);
    for (size_t i = 0; i < merge->changes.count; i++) {
        json_begin_object(&json);
        json_change_members(&json, &merge->changes.items[i], merge->changes.items[i].path);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_key(&json, "conflicts");
    json_begin_array(&json);
    for (size_t i = 0; i < merge->conflicts.count; i++) {
        json_begin_object(&json);
        json_conflict_members(&json, &merge->conflicts.items[i], merge->conflicts.items[i].path);
        json_end_object(&json);
    }
    json_end_array(&json);
    out_json_end(output, &json);
}

static void merge_text(Call *call, const TreeMerge *merge)
{
    Output *output = call->output;
    const char *out = text_safe(call->arena, str_of(option_value(call->options, "out")));
    PlanItem item = {.changes = merge->changes, .conflicts = merge->conflicts};
    const char *files =
        text_count(call->arena, merge->changes.count, "file differs", "files differ");
    if (merge->clean)
        out_line(output, "Merged cleanly into %s; %s from OURS.", out, files);
    else
        out_line(output, "%s Merged into %s with %s; %s from OURS.", ink(output, INK_BAD, "!"), out,
                 conflicts_text(output, &item), files);
    plan_print_files(output, &item, "  ");
}

static bool check_merge_tree(const Call *call, Error *err)
{
    return option_value(call->options, "out") ||
           fail(err, ERR_USAGE, "'weir merge-tree' needs --out DIR, where the result goes");
}

static bool run_merge_tree(Call *call, Error *err)
{
    SCOPED(merging_close) Merging merging = {.roots = {-1, -1, -1}};
    if (!merge_sides(call, &merging, err) || !write_out(call, &merging, err))
        return false;
    if (call->output->options.json)
        merge_json(call->output, &merging.merge);
    else
        merge_text(call, &merging.merge);
    call->exit_code = merging.merge.clean ? 0 : error_exit_code(ERR_CONFLICT);
    return true;
}

static const Option options[] = {
    {.name = "out", .value = "DIR", .about = "where the result goes; absent or empty before"},
    {.name = "diff3", .about = "show the base inside conflicts"},
    {.name = "zdiff3", .about = "the same, without lines that both sides share"},
    {0},
};

const Command command_merge_tree = {
    .name = "merge-tree",
    .summary = "merge three folders into a new one",
    .usage = (const char *const[]){"BASE OURS THEIRS --out DIR [--json]", NULL},
    .about = "Text in conflict goes to DIR with markers; other conflicts are listed and left out. "
             "Nothing is "
             "ignored.\nExit 3 with a conflict. The truth table is in docs/merging.md.",
    .options = options,
    .examples = (const char *const[]){"weir merge-tree base ours theirs --out merged",
                                      "weir merge-tree base ours theirs --out merged --json", NULL},
    .min_operands = 3,
    .max_operands = 3,
    .operand = "three folders: BASE OURS THEIRS",
    .check = check_merge_tree,
    .run = run_merge_tree,
};
