#include "cli/command.h"
#include "cli/three_files.h"
#include "merge/lines.h"
#include "sync/conflict_json.h"

/* Of contradicting switches the last one counts, as in git. */
static void merge_switches(const Options *options, MergeOptions *merge)
{
    for (size_t i = 0; i < options->uses.count; i++) {
        Str name = str_of(options->uses.items[i].option->name);
        if (str_is(name, "diff3"))
            merge->style = MERGE_STYLE_DIFF3;
        else if (str_is(name, "zdiff3"))
            merge->style = MERGE_STYLE_ZDIFF3;
        else if (str_is(name, "ours"))
            merge->favor = MERGE_FAVOR_OURS;
        else if (str_is(name, "theirs"))
            merge->favor = MERGE_FAVOR_THEIRS;
        else if (str_is(name, "union"))
            merge->favor = MERGE_FAVOR_UNION;
    }
}

static bool merge_options(const Call *call, MergeOptions *out, Error *err)
{
    StrArray labels = option_values(call->arena, call->options, "label");
    Str names[3];
    if (labels.count > COUNT_OF(names))
        return fail(err, ERR_USAGE, "at most three labels: of OURS, BASE and THEIRS");
    for (size_t i = 0; i < COUNT_OF(names); i++)
        names[i] = i < labels.count ? labels.items[i] : str_of(call_operand(call, i));
    MergeOptions merge = {
        .as_git = true, .ours_label = names[0], .base_label = names[1], .theirs_label = names[2]};
    merge_switches(call->options, &merge);
    if (!read_marker_size(call->options, &merge.marker_size, err))
        return false;
    *out = merge;
    return true;
}

static void merge_json(Output *output, const LineMerge *merge, bool with_text)
{
    JsonWriter json = out_json_begin(output);
    json_member_text(&json, "status", merge->clean ? "clean" : "conflict");
    json_member_integer(&json, "conflicts", merge->clean ? 0 : (int64_t)merge->regions.count);
    json_regions(&json, merge);
    if (with_text)
        json_member_bytes(&json, "text", merge->text);
    out_json_end(output, &json);
}

static bool run_merge_file(Call *call, Error *err)
{
    MergeOptions options;
    Str texts[3];
    if (!merge_options(call, &options, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (!read_merge_text(call, i, &texts[i], err))
            return false;
    LineMerge merge = {0};
    merge_lines(call->arena, texts[1], texts[0], texts[2], &options, &merge);
    bool to_stdout = option_given(call->options, "stdout");
    if (!to_stdout && !replace_text(call, 0, merge.text, err))
        return false;
    if (call->output->options.json)
        merge_json(call->output, &merge, to_stdout);
    else if (to_stdout)
        out_bytes(call->output, merge.text);
    call->exit_code = conflict_exit_code(&merge);
    return true;
}

static const Option options[] = {
    {.name = "stdout", .letter = 'p', .about = "print the result; OURS stays as it is"},
    {.name = "label",
     .letter = 'L',
     .value = "NAME",
     .about = "label of OURS, then BASE, then THEIRS; up to three",
     .repeated = true},
    {.name = "diff3", .about = "show the base inside conflicts"},
    {.name = "zdiff3", .about = "the same, without lines that both sides share"},
    {.name = "ours", .about = "take OURS in conflicts"},
    {.name = "theirs", .about = "take THEIRS in conflicts"},
    {.name = "union", .about = "take the lines of both in conflicts"},
    {.name = "marker-size", .value = "N", .about = "length of the markers; 7"},
    {0},
};

const Command command_merge_file = {
    .name = "merge-file",
    .summary = "merge three files as `git merge-file` does",
    .usage = (const char *const[]){"[-p] [-q] [-L NAME]... [--diff3|--zdiff3] "
                                   "[--ours|--theirs|--union] [--marker-size=N] OURS BASE THEIRS",
                                   NULL},
    .about = "The result goes into OURS. Arguments, bytes and exit codes are git's: 0 when it is "
             "clean, the number\nof conflicts (at most 127), 129 for usage, 255 for a failure.",
    .options = options,
    .examples = (const char *const[]){"weir merge-file mine.txt base.txt new.txt",
                                      "weir merge-file -p --diff3 mine.txt base.txt new.txt", NULL},
    .min_operands = 3,
    .max_operands = 3,
    .operand = "three files: OURS BASE THEIRS",
    .as_git = true,
    .run = run_merge_file,
};
