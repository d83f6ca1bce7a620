#include <string.h>

#include "cli/complete.h"

/* The scripts know nothing of weir but how to ask it: what fits is said by the very binary in use. */

static const char bash_script[] =
    "# Completion of weir for bash: eval \"$(weir completion bash)\"\n"
    "# bash cuts words at ':' and '='; they are joined again here.\n"
    "_weir() {\n"
    "    local line=${COMP_LINE:0:COMP_POINT} words=() glue='' word about typed cut i\n"
    "    for ((i = 1; i <= COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        [[ $i -lt $COMP_CWORD || $word || $line != *[[:blank:]] ]] || glue=\n"
    "        if ((${#words[@]})) && [[ $glue || $word == [:=] ]]; then\n"
    "            words[-1]+=$word\n"
    "        else\n"
    "            words+=(\"$word\")\n"
    "        fi\n"
    "        glue=\n"
    "        [[ $word != [:=] ]] || glue=yes\n"
    "    done\n"
    "    typed=${words[-1]-}\n"
    "    cut=${typed%\"${typed##*[:=]}\"}\n"
    "    typed=${typed#\"$cut\"}\n"
    "    COMPREPLY=()\n"
    "    while IFS=$'\\t' read -r word about; do\n"
    "        case $word in\n"
    "        :files | :folders)\n"
    "            compopt -o filenames 2>/dev/null\n"
    "            i=-f\n"
    "            [[ $word == :files ]] || i=-d\n"
    "            while IFS= read -r word; do\n"
    "                COMPREPLY+=(\"$word\")\n"
    "            done < <(compgen $i -- \"$typed\")\n"
    "            ;;\n"
    "        *)\n"
    "            [[ $word != *= ]] || compopt -o nospace 2>/dev/null\n"
    "            printf -v word %q \"${word#\"$cut\"}\"\n"
    "            COMPREPLY+=(\"$word\")\n"
    "            ;;\n"
    "        esac\n"
    "    done < <(\"${1/#\\~/$HOME}\" completion words -- \"${words[@]}\" 2>/dev/null)\n"
    "}\n"
    "complete -F _weir weir\n";

static const char zsh_script[] =
    "#compdef weir\n"
    "# Completion of weir for zsh: eval \"$(weir completion zsh)\",\n"
    "# or as _weir in a folder of $fpath.\n"
    "_weir() {\n"
    "    local line word about files folders\n"
    "    local -a found\n"
    "    while IFS= read -r line; do\n"
    "        word=${line%%$'\\t'*}\n"
    "        about=${line#$word}\n"
    "        about=${about#$'\\t'}\n"
    "        case $word in\n"
    "        :files) files=yes ;;\n"
    "        :folders) folders=yes ;;\n"
    "        *) found+=(\"${word//:/\\\\:}${about:+:$about}\") ;;\n"
    "        esac\n"
    "    done < <(\"${(Q)words[1]}\" completion words -- \"${(@Q)words[2,CURRENT]}\" 2>/dev/null)\n"
    "    (( ! $#found )) || _describe -t weir weir found\n"
    "    [[ -z $files ]] || _files\n"
    "    [[ -z $folders ]] || _files -/\n"
    "}\n"
    "if [[ ${funcstack[1]-} == _weir ]]; then\n"
    "    _weir \"$@\"\n"
    "else\n"
    "    compdef _weir weir\n"
    "fi\n";

static const char fish_script[] =
    "# Completion of weir for fish: weir completion fish | source\n"
    "function __weir_words\n"
    "    set -l before (commandline -opc)\n"
    "    set -l current (commandline -ct)\n"
    "    set -l program $before[1]\n"
    "    set -e before[1]\n"
    "    for line in ($program completion words -- $before \"$current\" 2>/dev/null)\n"
    "        switch $line\n"
    "            case ':files'\n"
    "                __fish_complete_path \"$current\"\n"
    "            case ':folders'\n"
    "                __fish_complete_directories \"$current\" ''\n"
    "            case '*'\n"
    "                echo $line\n"
    "        end\n"
    "    end\n"
    "end\n"
    "complete -c weir -f -a '(__weir_words)'\n";

static const struct {
    const char *name, *text;
} scripts[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};

static const char *find_script(const char *shell)
{
    for (size_t i = 0; shell && i < COUNT_OF(scripts); i++)
        if (strcmp(shell, scripts[i].name) == 0)
            return scripts[i].text;
    return NULL;
}

static bool asks_words(const Call *call)
{
    return strcmp(call_operand(call, 0), "words") == 0;
}

/* Without a home or a collection there are fewer words, and no error. */
static bool print_words(Call *call)
{
    const AppOptions options = {.verb = "completion", .command = call->typed};
    const Options *given = call->options;
    SCOPED(app_close) App *app = NULL;
    Error unread = {0};
    Completion found = {0};
    bool opened = app_open(call->arena, NEEDS_COLLECTION, &options, &app, &unread);
    complete(call->arena, opened ? app : NULL, given->operands.items + 1, given->operands.count - 1,
             &found);
    for (size_t i = 0; i < found.words.count; i++)
        out_verbatim(call->output, "%.*s%s%s", STR_ARG(found.words.items[i].word),
                     found.words.items[i].about[0] ? "\t" : "", found.words.items[i].about);
    if (found.files || found.folders)
        out_verbatim(call->output, found.files ? ":files" : ":folders");
    return true;
}

static bool check_completion(const Call *call, Error *err)
{
    if (asks_words(call))
        return true;
    if (!find_script(call_operand(call, 0)))
        return fail(err, ERR_USAGE, "'weir completion' knows bash, zsh and fish");
    return call->options->operands.count == 1 ||
           fail(err, ERR_USAGE, "'weir completion' takes one shell");
}

static bool run_completion(Call *call, Error *err)
{
    (void)err;
    if (asks_words(call))
        return print_words(call);
    const char *shell = call_operand(call, 0);
    if (!call->output->options.json) {
        out_text(call->output, "%s", find_script(shell));
        return true;
    }
    JsonWriter json = out_json_begin(call->output);
    json_member_text(&json, "shell", shell);
    json_member_text(&json, "script", find_script(shell));
    json_member_text(&json, "trace_id", out_trace_id(call->output));
    out_json_end(call->output, &json);
    return true;
}

const Command command_completion = {
    .name = "completion",
    .summary = "print what makes a shell complete weir's words",
    .usage = (const char *const[]){"bash|zsh|fish", NULL},
    .about = "The script asks the weir in use what fits, so it never grows old.",
    .examples = (const char *const[]){"eval \"$(weir completion bash)\"      # in ~/.bashrc",
                                      "eval \"$(weir completion zsh)\"       # in ~/.zshrc, "
                                      "behind compinit",
                                      "weir completion fish | source       # in "
                                      "~/.config/fish/config.fish",
                                      NULL},
    .min_operands = 1,
    .max_operands = OPERANDS_ANY,
    .operand = "a shell: bash, zsh or fish",
    .check = check_completion,
    .run = run_completion,
};
