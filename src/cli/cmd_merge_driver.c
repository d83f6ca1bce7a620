#include "base/text.h"
#include "cli/three_files.h"
#include "sync/conflict_json.h"

enum { BASE, OURS, THEIRS, TEXTS };

/* git gives temporary names; the label of a side is what a person knows it by. */
static MergeOptions driver_options(const Options *options)
{
    const char *ours = option_value(options, "ours-label");
    const char *base = option_value(options, "base-label");
    const char *theirs = option_value(options, "theirs-label");
    return (MergeOptions){
        .ours_label = str_of(ours ? ours : "ours"),
        .base_label = str_of(base ? base : "base"),
        .theirs_label = str_of(theirs ? theirs : "theirs"),
        .style = option_given(options, "zdiff3")  ? MERGE_STYLE_ZDIFF3
                 : option_given(options, "diff3") ? MERGE_STYLE_DIFF3
                                                  : MERGE_STYLE_MERGE,
    };
}

static void driver_json(Call *call, const LineMerge *merge)
{
    const char *path = option_value(call->options, "path");
    JsonWriter json = out_json_begin(call->output);
    json_member_text(&json, "status", merge->clean ? "clean" : "conflict");
    json_member_bytes(&json, "path", str_of(path ? path : call_operand(call, OURS)));
    json_member_integer(&json, "conflicts", merge->clean ? 0 : (int64_t)merge->regions.count);
    json_regions(&json, merge);
    out_json_end(call->output, &json);
}

/* Binary files are a conflict and not a failure, which would end the whole of git's merge. */
static bool read_texts(Call *call, Str *texts, bool *binary, Error *err)
{
    bool all_read = true;
    for (size_t i = 0; i < TEXTS && all_read; i++)
        all_read = read_merge_text(call, i, &texts[i], err);
    *binary = !all_read && err->code == ERR_INVALID;
    return all_read || *binary;
}

static void tell_binary(Call *call)
{
    const char *path = option_value(call->options, "path");
    out_note(call->output, "weir: %s is binary: OURS is kept, choose one side by hand",
             text_safe(call->arena, str_of(path ? path : call_operand(call, OURS))));
}

static bool run_merge_driver(Call *call, Error *err)
{
    MergeOptions merge_options = driver_options(call->options);
    Str texts[TEXTS];
    LineMerge merge = {0};
    bool binary = false;
    if (!read_marker_size(call->options, &merge_options.marker_size, err) ||
        !read_texts(call, texts, &binary, err))
        return false;
    if (binary) {
        tell_binary(call);
        if (call->output->options.json)
            driver_json(call, &merge);
        call->exit_code = 1;
        return true;
    }
    merge_lines(call->arena, texts[BASE], texts[OURS], texts[THEIRS], &merge_options, &merge);
    if (!replace_text(call, OURS, merge.text, err))
        return false;
    if (call->output->options.json)
        driver_json(call, &merge);
    call->exit_code = conflict_exit_code(&merge);
    return true;
}

static const Option options[] = {
    {.name = "path", .value = "PATH", .about = "%P: the file's name in the repository"},
    {.name = "marker-size", .value = "N", .about = "%L: length of the markers; 7"},
    {.name = "base-label", .value = "NAME", .about = "%S: what the base is called in markers"},
    {.name = "ours-label", .value = "NAME", .about = "%X: what OURS is called"},
    {.name = "theirs-label", .value = "NAME", .about = "%Y: what THEIRS is called"},
    {.name = "diff3", .about = "show the base inside conflicts"},
    {.name = "zdiff3", .about = "the same, without lines that both sides share"},
    {0},
};

const Command command_merge_driver = {
    .name = "merge-driver",
    .summary = "merge three files for git, as a merge driver of .gitattributes",
    .usage = (const char *const[]){"BASE OURS THEIRS [--path PATH] [--marker-size N] "
                                   "[--diff3|--zdiff3]",
                                   NULL},
    .about =
        "The result goes into OURS. The exit code is the number of conflicts (at most 127), "
        "129 for usage, 255\nfor a failure. Binary files are never merged: OURS stays as it is and "
        "the exit code is 1, a conflict.",
    .options = options,
    .examples =
        (const char *const[]){
            "git config merge.weir.driver 'weir merge-driver %O %A %B --path %P --marker-size %L'",
            "echo '*.md merge=weir' >> .gitattributes",
            "weir merge-driver base.txt ours.txt theirs.txt", NULL},
    .min_operands = TEXTS,
    .max_operands = TEXTS,
    .operand = "three files: BASE OURS THEIRS",
    .as_git = true,
    .run = run_merge_driver,
};
