/* Lines that nobody reads to their end, text behind blanks, and downloads handed to a shell. */
#include "merge/risk_internal.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/path.h"

enum { PADDING_BLANKS = 160, PADDING_LINES = 40, MINIFIED_MEAN = 400, MINIFIED_LEAST = 2000 };

/* ── long ── */

static bool has_long_line(Str text)
{
    Str line;
    while (str_next(&text, '\n', &line))
        if (line.len >= RISK_LONG_LINE_BYTES)
            return true;
    return false;
}

static bool is_code(Str name)
{
    static const char *const extensions[] = {".js", ".mjs", ".cjs", ".css", ".ts", ".html", ".py"};
    for (size_t i = 0; i < COUNT_OF(extensions); i++)
        if (str_is(path_extension(name), extensions[i]))
            return true;
    return false;
}

static size_t count_lines(Str text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++)
        count += text.data[i] == '\n';
    return count;
}

static bool is_minified(const RiskFile *file, Str text)
{
    return is_code(file->name) && text.len >= MINIFIED_LEAST &&
           text.len / count_lines(text) >= MINIFIED_MEAN;
}

static void review_long(RiskFile *file, Str line, size_t number, bool had)
{
    if (line.len < RISK_LONG_LINE_BYTES || had)
        return;
    risk_add(file, RISK_LONG_LINE, number, line, 0,
             arena_format(file->arena, "%zu bytes in one line", line.len));
}

/* ── padding ── */

/* Where text stands behind many blanks; STR_NONE. */
static size_t text_behind_blanks(Str line)
{
    size_t run = 0;
    for (size_t i = 0; i < line.len; i++) {
        bool blank = line.data[i] == ' ' || line.data[i] == '\t';
        if (!blank && line.data[i] != '\r' && run >= PADDING_BLANKS)
            return i;
        run = blank ? run + 1 : 0;
    }
    return STR_NONE;
}

/* Lines in a row that hold nothing, counted as one goes. */
static bool text_behind_lines(Str line, size_t *blank_lines)
{
    bool blank = str_trim(line).len == 0;
    bool found = !blank && *blank_lines >= PADDING_LINES;
    *blank_lines = blank ? *blank_lines + 1 : 0;
    return found;
}

static bool is_padded(Str text)
{
    Str line;
    size_t blank_lines = 0;
    while (str_next(&text, '\n', &line))
        if (text_behind_blanks(line) != STR_NONE || text_behind_lines(line, &blank_lines))
            return true;
    return false;
}

static void review_padding(RiskFile *file, Str line, size_t number, size_t *blank_lines, bool had)
{
    size_t at = text_behind_blanks(line);
    bool below = text_behind_lines(line, blank_lines);
    if (had || (at == STR_NONE && !below))
        return;
    risk_add(file, RISK_PADDING, number, at == STR_NONE ? line : str_slice(line, at, line.len), 0,
             at == STR_NONE ? "stands below many blank lines" : "stands behind many blanks");
}

/* ── piped into a shell ── */

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static bool is_one_of(Str word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (word.len == strlen(list[i]) && strncasecmp(word.data, list[i], word.len) == 0)
            return true;
    return false;
}

static bool is_fetcher(Str word)
{
    static const char *const list[] = {
        "curl", "wget", "iwr", "irm", "Invoke-WebRequest", "Invoke-RestMethod", "fetch"};
    return is_one_of(word, list, COUNT_OF(list));
}

static bool is_interpreter(Str word)
{
    static const char *const list[] = {"sh",   "bash",   "zsh",     "dash", "ksh",       "fish",
                                       "eval", "python", "python3", "perl", "ruby",      "node",
                                       "php",  "iex",    "source",  "pwsh", "powershell"};
    return is_one_of(word, list, COUNT_OF(list));
}

static bool is_prefix_word(Str word)
{
    static const char *const list[] = {"sudo", "env", "exec", "command", "nohup", "time"};
    return is_one_of(word, list, COUNT_OF(list)) || (word.len && word.data[0] == '-');
}

/* The next word from `*at` on; a program's folder is left out of it. */
static Str next_word(Str text, size_t *at)
{
    while (*at < text.len && (text.data[*at] == ' ' || text.data[*at] == '\t'))
        (*at)++;
    size_t from = *at;
    while (*at < text.len &&
           (is_word_char(text.data[*at]) || text.data[*at] == '/' || text.data[*at] == '.'))
        (*at)++;
    Str word = str_slice(text, from, *at);
    size_t slash = str_find_last(word, '/');
    return slash == STR_NONE ? word : str_slice(word, slash + 1, word.len);
}

/* What runs behind a '|'. */
static bool pipes_into_interpreter(Str text, size_t at)
{
    for (int words = 0; words < 4; words++) {
        Str word = next_word(text, &at);
        if (is_interpreter(word))
            return true;
        if (!is_prefix_word(word))
            return false;
    }
    return false;
}

/* Where a fetcher is called from `from` on; STR_NONE. */
static size_t find_fetcher(Str text, size_t from)
{
    for (size_t i = from; i < text.len; i++) {
        if ((i > 0 && is_word_char(text.data[i - 1])) || !is_word_char(text.data[i]))
            continue;
        size_t end = i;
        while (end < text.len && is_word_char(text.data[end]))
            end++;
        if (is_fetcher(str_slice(text, i, end)))
            return i;
    }
    return STR_NONE;
}

/* "$(curl", "<(curl" or "`curl", with an interpreter in front. */
static bool is_substituted(Str text, size_t fetcher)
{
    size_t at = fetcher;
    while (at > 0 && text.data[at - 1] == ' ')
        at--;
    bool opened = at >= 1 && (text.data[at - 1] == '`' ||
                              (at >= 2 && text.data[at - 1] == '(' &&
                               (text.data[at - 2] == '$' || text.data[at - 2] == '<')));
    for (size_t i = 0; opened && i < at; i++) {
        if (i > 0 && is_word_char(text.data[i - 1]))
            continue;
        size_t end = i;
        while (end < at && is_word_char(text.data[end]))
            end++;
        if (is_interpreter(str_slice(text, i, end)) || (text.data[i] == '.' && i + 1 < at))
            return true;
    }
    return false;
}

static size_t find_shell_pipe(Str text)
{
    enum { MOST_FETCHERS = 16 };
    bool worth = str_find(text, '|') != STR_NONE || str_find(text, '(') != STR_NONE ||
                 str_find(text, '`') != STR_NONE;
    size_t fetcher = worth ? find_fetcher(text, 0) : STR_NONE;
    if (fetcher == STR_NONE)
        return STR_NONE;
    size_t next = fetcher;
    for (int i = 0; i < MOST_FETCHERS && next != STR_NONE; i++) {
        if (is_substituted(text, next))
            return next;
        next = find_fetcher(text, next + 1);
    }
    for (size_t i = fetcher; i < text.len; i++)
        if (text.data[i] == '|' && pipes_into_interpreter(text, i + 1))
            return fetcher;
    return STR_NONE;
}

/* The line, and those it goes on with behind a backslash or in front of a pipe. */
static Str whole_command(Str rest, Str line)
{
    enum { MOST_LINES = 8 };
    Str whole = line;
    Str next;
    for (int i = 0; i < MOST_LINES && str_next(&rest, '\n', &next); i++) {
        bool goes_on = str_ends(str_trim(whole), STR("\\")) ||
                       str_starts(str_trim(next), STR("|")) || str_ends(str_trim(whole), STR("|"));
        if (!goes_on)
            break;
        whole.len = (size_t)(next.data + next.len - whole.data);
    }
    return whole;
}

/* A copy in which a continued line is one. */
static Str joined(Arena *arena, Str text)
{
    Buf buf = buf_new(arena);
    for (size_t i = 0; i < text.len; i++)
        buf_add_char(&buf, text.data[i] == '\\' || text.data[i] == '\n' ? ' ' : text.data[i]);
    return buf_str(&buf);
}

static void review_shell_pipe(RiskFile *file, const RiskHunk *hunk, Str rest, Str line,
                              size_t number)
{
    Str whole = whole_command(rest, line);
    size_t at = find_shell_pipe(whole.len == line.len ? line : joined(file->scratch, whole));
    if (at == STR_NONE || at >= line.len || risk_was_there(file, hunk, str_trim(whole)))
        return;
    risk_add(file, RISK_SHELL_PIPE, number, line, at, "runs what it fetches");
}

/* ── all of them ── */

static void review_hunk(RiskFile *file, const RiskHunk *hunk, bool minified)
{
    Str rest = hunk->now, line;
    size_t blank_lines = 0;
    bool had_long = minified || has_long_line(hunk->was), had_padding = is_padded(hunk->was);
    for (size_t number = hunk->line; str_next(&rest, '\n', &line); number++) {
        review_long(file, line, number, had_long);
        review_padding(file, line, number, &blank_lines, had_padding);
        review_shell_pipe(file, hunk, rest, line, number);
    }
}

void risk_lines(RiskFile *file)
{
    Str first;
    bool minified = is_minified(file, file->new_text);
    if (minified && file->hunks.count) {
        size_t number = risk_first_line(file, &first);
        risk_add(file, RISK_MINIFIED, number, first, 0,
                 is_minified(file, file->old_text) ? "changed" : "new");
    }
    for (size_t i = 0; i < file->hunks.count; i++)
        review_hunk(file, &file->hunks.items[i], minified);
}
