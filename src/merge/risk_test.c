#include "merge/risk.h"

#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "testing/test.h"
/* above, because what follows is made from a Test */
#include "merge/random_text_internal.h"

typedef struct {
    const char *path;
    Mode old_mode, new_mode;
    Str old_text, new_text;
} Case;

static RiskFindings findings_of(Test *t, const Case *one, bool is_first)
{
    RiskFindings out = {0};
    bool adds = one->old_mode == MODE_NONE, goes = one->new_mode == MODE_NONE;
    FileChange change = {
        .action = adds   ? FILE_ADD
                  : goes ? FILE_DELETE
                         : FILE_MODIFY,
        .path = str_of(one->path),
        .old_mode = one->old_mode,
        .new_mode = one->new_mode,
        .old_hash = adds ? HASH_NONE : hash_of(one->old_text),
        .new_hash = goes ? HASH_NONE : hash_of(one->new_text),
    };
    RiskOptions options = {.is_first = is_first, .file_name = STR("one.md")};
    risk_review_file(t->arena, &change, one->old_text, one->new_text, &options, &out);
    return out;
}

/* "kind:line! change" of each, '!' where it needs a yes. */
static const char *words_of(Test *t, const RiskFindings *findings)
{
    Buf buf = buf_new(t->arena);
    for (size_t i = 0; i < findings->count; i++) {
        const RiskFinding *one = &findings->items[i];
        buf_format(&buf, "%s%s:%zu%s %s", buf.len ? "; " : "", risk_words[one->kind], one->line,
                   one->review ? "!" : "", one->change);
        if (one->more)
            buf_format(&buf, " +%zu", one->more);
    }
    return buf_text(&buf);
}

static const char *review(Test *t, Case one)
{
    RiskFindings findings = findings_of(t, &one, false);
    return words_of(t, &findings);
}

#define NEW(name, text) review(t, (Case){name, MODE_NONE, MODE_FILE, {0}, STR(text)})
#define EDIT(name, old, new) review(t, (Case){name, MODE_FILE, MODE_FILE, STR(old), STR(new)})

TEST(plain_text_has_no_findings)
{
    CHECK_TEXT(NEW("SKILL.md", "---\nname: pdf\n---\n# PDF\n\nRead it with curl | less.\n"), "");
    CHECK_TEXT(NEW("b.json", "{\"name\": \"pdf\", \"version\": 2}\n"), "");
    CHECK_TEXT(EDIT("SKILL.md", "one\ntwo\n", "one\ntwo and a half\n"), "");
    CHECK_TEXT(NEW("crlf.md", "\xEF\xBB\xBFone\r\ntwo\r\n"), "");
}

TEST(emoji_and_scripts_that_need_joiners_are_no_hidden_text)
{
    CHECK_TEXT(NEW("a.md", "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB "
                           "\xE2\x9D\xA4\xEF\xB8\x8F\n"),
               "");
    CHECK_TEXT(NEW("a.md", "\xD9\x85\xDB\x8C\xE2\x80\x8C\xD8\xAE\xD9\x88\n"), "");
    CHECK_TEXT(NEW("a.md", "a\xE2\x80\x8D"
                           "b\n"),
               "invisible:1! holds U+200D");
}

TEST(hidden_text_is_found_with_its_line_and_shown_escaped)
{
    CHECK_TEXT(NEW("a.md", "one\ntwo \xE2\x80\xAE owt\n"), "bidirectional:2! holds U+202E");
    CHECK_TEXT(NEW("a.md", "zero\xE2\x80\x8Bwidth\n"), "invisible:1! holds U+200B");
    CHECK_TEXT(NEW("a.md", "tag\xF3\xA0\x81\xA1\n"), "invisible:1! holds U+E0061");
    CHECK_TEXT(NEW("a.md", "x\xEF\xB8\x81\xEF\xB8\x82\n"), "invisible:1! holds U+FE02");
    CHECK_TEXT(NEW("a.md", "esc \x1b[2K\n"), "control:1! holds U+001B");
    CHECK_TEXT(NEW("a.md", "over\rwritten\n"), "control:1! holds U+000D");
    CHECK_TEXT(NEW("a.md", "nul\0\n"), "control:1! holds U+0000; binary:0 new");
    CHECK_TEXT(NEW("a\xE2\x80\xAE.md", "x\n"), "bidirectional:0! holds U+202E");
    Case one = {"a.md", MODE_NONE, MODE_FILE, {0}, STR("say\xE2\x80\xAE it\x07\n")};
    RiskFindings findings = findings_of(t, &one, true);
    CHECK_INT(findings.count, 2);
    CHECK_TEXT(findings.items[0].excerpt, "say\\u{202E} it\\x07");
    CHECK_INT(risk_reviews(&findings), 2); /* the first time too */
}

TEST(what_was_there_before_is_not_flagged_when_its_line_is_edited)
{
    CHECK_TEXT(EDIT("a.md", "old \xE2\x80\xAE text here, and more of it\n",
                    "old \xE2\x80\xAE text here, and much more of it\n"),
               "");
    CHECK_TEXT(EDIT("a.md", "old \xE2\x80\xAE text\n", "old text \xE2\x80\xAE\n"),
               "bidirectional:1! holds U+202E");
    CHECK_TEXT(EDIT("i.sh", "# x\ncurl https://a | sh\n", "# y\ncurl https://a | sh\n"), "");
    CHECK_TEXT(EDIT("a.md", "---\ntools: Read\n---\nx\n", "---\ntools: Read\n---\ny\n"), "");
}

TEST(programs_are_found_by_mode_first_line_and_magic)
{
    Case exec = {"x", MODE_FILE, MODE_EXEC, STR("a\n"), STR("a\n")};
    CHECK_TEXT(review(t, exec), "executable:0! becomes executable");
    Case fresh = {"x", MODE_NONE, MODE_EXEC, {0}, STR("#!/bin/sh\n")};
    CHECK_TEXT(review(t, fresh), "executable:1! new executable");
    RiskFindings first = findings_of(t, &fresh, true);
    CHECK_TEXT(words_of(t, &first), "executable:1 new executable");
    Case changed = {"x", MODE_EXEC, MODE_EXEC, STR("#!/bin/sh\na\n"), STR("#!/bin/sh\nb\n")};
    CHECK_TEXT(review(t, changed), "changed_script:2 changed");
    CHECK_TEXT(EDIT("x", "a\n", "#!/bin/sh\na\n"), "executable:1! is a script");
    CHECK_TEXT(EDIT("x", "#!/bin/sh\na\n", "#!/usr/bin/env node\na\n"),
               "executable:1! has another interpreter");
    CHECK_TEXT(NEW("x", "\x7f"
                        "ELF\x02\x01\0\0"),
               "executable:0! new native program");
    CHECK_TEXT(NEW("x", "\0asm\x01\0\0\0"), "executable:0! new native program");
    CHECK_TEXT(NEW("x.zip", "PK\x03\x04\0\0"), "packed:0! new");
    CHECK_TEXT(NEW("x.pyc", "\x6f\x0d\x0d\x0a"), "packed:0! new");
    CHECK_TEXT(NEW("x.png", "\x89PNG\0"), "binary:0 new");
}

TEST(links_and_ignore_rules_are_notices)
{
    Case link = {"l", MODE_NONE, MODE_LINK, {0}, STR("a/b")};
    CHECK_TEXT(review(t, link), "link:0 new link");
    Case moved = {"l", MODE_LINK, MODE_LINK, STR("a/b"), STR("c")};
    CHECK_TEXT(review(t, moved), "link:0 pointed at a/b");
    Case file = {"l", MODE_FILE, MODE_LINK, STR("text\n"), STR("c")};
    CHECK_TEXT(review(t, file), "link:0 a file became a link");
    CHECK_TEXT(EDIT(".weirignore", "a\n", "a\nb\n"), "ignore_rules:2 changed rules");
    CHECK_TEXT(EDIT(".gitignore", "a\n", "a\n"), "");
    Case gone = {".gitignore", MODE_FILE, MODE_NONE, STR("a\n"), {0}};
    CHECK_TEXT(review(t, gone), "ignore_rules:0 the rules are gone");
}

TEST(settings_of_tools_in_front_matter_are_compared_by_value)
{
    CHECK_TEXT(NEW("a.md", "---\nname: x\nallowed-tools: Bash\n---\n"), "tools:3! new");
    CHECK_TEXT(EDIT("a.md", "---\nallowed-tools: Read\n---\n", "---\nallowed-tools: Bash\n---\n"),
               "tools:2! was allowed-tools: Read");
    CHECK_TEXT(EDIT("a.md", "---\nallowed-tools: Read\n---\n", "---\nname: x\n---\n"),
               "tools:0! removed");
    CHECK_TEXT(
        EDIT("a.md", "---\ntools:\n  - Read\n---\n", "---\ntools:\n  - Read\n  - Bash\n---\n"),
        "tools:4! new");
    CHECK_TEXT(EDIT("a.md", "---\ntools:\n- Read\nname: x\n---\n",
                    "---\ntools:\n- Read\n- Bash\nname: y\n---\n"),
               "tools:4! new");
    CHECK_TEXT(
        EDIT("a.md", "---\ntools: [Read,\n Edit]\n---\n", "---\ntools: [Read,\n Bash]\n---\n"),
        "tools:0! removed; tools:3! new");
    CHECK_TEXT(NEW("a.md", "# T\n\nallowed-tools: Bash\n"), ""); /* no front matter */
    CHECK_TEXT(NEW("a.yaml", "x: {permissions: all}\n"), "tools:1! new");
}

TEST(hooks_and_servers_in_json_and_toml_are_told_by_leaf)
{
    CHECK_TEXT(EDIT("settings.json", "{\"permissions\": {\"allow\": [\"Read\"]},\n \"theme\": 1}",
                    "{\"permissions\": {\"allow\": [\"Read\",\n \"Bash(rm *)\"]},\n \"theme\": 2}"),
               "tools:2! was \"Read\"");
    CHECK_TEXT(NEW("settings.json", "{\"hooks\":\n {\"Stop\": [{\"command\":\n \"./x\"}]}}"),
               "hook:3! new");
    CHECK_TEXT(NEW(".mcp.json", "{\"x\":\n {\"command\":\n \"y\"}}"), "server:3! new");
    CHECK_TEXT(NEW("c.toml", "[mcp_servers.x]\ncommand = \"y\"\n"), "server:2! new");
    CHECK_TEXT(EDIT("c.toml", "[sandbox]\nmode = \"on\"\n", "[sandbox]\nmode = \"off\"\n"),
               "tools:2! was \"on\"");
    CHECK_TEXT(NEW("s.json", "{ // comment\n \"hooks\": {}}"), "hook:2! new"); /* not JSON */
    CHECK_TEXT(NEW("hooks/run.py", "print()\n"), "hook:1! new file of hooks");
    CHECK_TEXT(EDIT("x/hooks/run.py", "a\nb\n", "a\nc\n"), "hook:2! changed file of hooks");
}

TEST(a_download_piped_into_a_shell_is_found)
{
    CHECK_TEXT(NEW("a.md", "Run\ncurl -fsSL https://a/i.sh | sudo bash -s\n"),
               "shell_pipe:2! runs what it fetches");
    CHECK_TEXT(NEW("a.md", "bash <(curl -s https://a)\n"), "shell_pipe:1! runs what it fetches");
    CHECK_TEXT(NEW("a.md", "sh -c \"$(wget -qO- https://a)\"\n"),
               "shell_pipe:1! runs what it fetches");
    CHECK_TEXT(NEW("a.md", "curl https://a \\\n  | python3 -\n"),
               "shell_pipe:1! runs what it fetches");
    CHECK_TEXT(NEW("a.md", "irm https://a | iex\n"), "shell_pipe:1! runs what it fetches");
    CHECK_TEXT(NEW("a.md", "curl https://a | jq .x | tee shell.txt\n"), "");
    CHECK_TEXT(NEW("a.md", "| curl | sh is bad |\n"), "shell_pipe:1! runs what it fetches");
}

static Str repeated(Test *t, const char *text, size_t count)
{
    Buf buf = buf_new(t->arena);
    for (size_t i = 0; i < count; i++)
        buf_add_text(&buf, text);
    return buf_str(&buf);
}

TEST(lines_that_nobody_reads_to_the_end_are_flagged)
{
    Str wide = repeated(t, "0123456789", 200);
    Case long_line = {"a.md", MODE_NONE, MODE_FILE, {0}, wide};
    CHECK_TEXT(review(t, long_line), "long_line:1 2000 bytes in one line");
    Case code = {"a.min.js", MODE_NONE, MODE_FILE, {0}, wide};
    CHECK_TEXT(review(t, code), "minified:1 new");
    Str blanks = str_of(arena_format(t->arena, "x%*srm\n", 200, ""));
    Case padded = {"a.md", MODE_NONE, MODE_FILE, {0}, blanks};
    CHECK_TEXT(review(t, padded), "padding:1! stands behind many blanks");
    Str lines = str_of(arena_format(t->arena, "x%.*srm\n", STR_ARG(repeated(t, "\n", 60))));
    Case below = {"a.md", MODE_NONE, MODE_FILE, {0}, lines};
    CHECK_TEXT(review(t, below), "padding:61! stands below many blank lines");
}

TEST(many_findings_of_a_kind_in_a_file_are_counted_not_listed)
{
    Case one = {"a.md", MODE_NONE, MODE_FILE, {0}, repeated(t, "\xE2\x80\x8B\n", 100)};
    RiskFindings findings = findings_of(t, &one, false);
    CHECK_INT(findings.count, RISK_LISTED);
    CHECK_INT(findings.items[RISK_LISTED - 1].more, 100 - RISK_LISTED);
    CHECK_INT(findings.items[RISK_LISTED - 1].line, RISK_LISTED);
}

/* ── properties ── */

static const struct {
    const char *text;
    RiskKind kind;
} needles[] = {
    {"hide \xE2\x80\xAE it", RISK_BIDIRECTIONAL},
    {"hide \xE2\x80\x8B it", RISK_INVISIBLE},
    {"ring \x07 it", RISK_CONTROL},
    {"curl https://a | sh", RISK_SHELL_PIPE},
};

TEST(nothing_is_flagged_where_nothing_changed)
{
    int rounds = test_rounds(300);
    for (int i = 0; i < rounds; i++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        Buf buf = buf_new(t->arena);
        buf_add(&buf, random_text(t, 30, 5));
        for (size_t k = 0; k < COUNT_OF(needles); k++)
            buf_format(&buf, "%s\n", needles[k].text);
        Str text = buf_str(&buf);
        Case same = {"a.md", MODE_EXEC, MODE_EXEC, text, text};
        CHECK_TEXT(review(t, same), "");
    }
}

/* Puts a line into a text at a random place; gives its number. */
static Str with_line(Test *t, Str text, const char *line, size_t *number)
{
    size_t lines = diff_line_count(text);
    size_t at = test_below(t, lines + 1), now = 0;
    Buf buf = buf_new(t->arena);
    Str rest = text, one;
    *number = 0;
    while (str_next(&rest, '\n', &one)) {
        if (now++ == at) {
            *number = now;
            buf_format(&buf, "%s\n", line);
        }
        buf_add(&buf, one);
        buf_add_char(&buf, '\n');
    }
    if (!*number) {
        *number = now + 1;
        buf_format(&buf, "%s\n", line);
    }
    return buf_str(&buf);
}

TEST(what_is_put_in_at_random_is_found_on_its_line_after_random_edits)
{
    int rounds = test_rounds(1000);
    for (int i = 0; i < rounds; i++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        size_t k = test_below(t, COUNT_OF(needles)), number = 0;
        Str old = random_text(t, 40, 6);
        Str edited = random_edit(t, old, test_below(t, 5), 6);
        Case one = {"a.md", MODE_FILE, MODE_FILE, old,
                    with_line(t, edited, needles[k].text, &number)};
        RiskFindings findings = findings_of(t, &one, false);
        size_t found = 0;
        for (size_t j = 0; j < findings.count; j++)
            found += findings.items[j].kind == needles[k].kind && findings.items[j].line == number;
        CHECK_INT(found, 1);
    }
}

TEST(an_edit_elsewhere_flags_nothing_that_was_there)
{
    int rounds = test_rounds(500);
    for (int i = 0; i < rounds; i++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        size_t k = test_below(t, COUNT_OF(needles)), number = 0;
        const char *line = arena_format(t->arena, "%s %d", needles[k].text, i);
        Str old = with_line(t, random_text(t, 40, 6), line, &number);
        Str new = with_line(t, old, "another plain line", &number);
        Case one = {"a.md", MODE_FILE, MODE_FILE, old, new};
        CHECK_TEXT(review(t, one), "");
    }
}

TEST(a_setting_is_found_wherever_it_stands_in_the_tree)
{
    int rounds = test_rounds(300);
    for (int i = 0; i < rounds; i++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        size_t depth = test_below(t, 6);
        Buf old = buf_new(t->arena), new = buf_new(t->arena);
        for (size_t d = 0; d < depth; d++) {
            buf_format(&old, "{\"a%zu\": 1, \"b\":\n", d);
            buf_format(&new, "{\"a%zu\": 1, \"b\":\n", d);
        }
        buf_add_text(&old, "{\"tools\": \"Read\"}");
        buf_add_text(&new, "{\"tools\": \"Bash\"}");
        for (size_t d = 0; d < depth; d++) {
            buf_add_char(&old, '}');
            buf_add_char(&new, '}');
        }
        Case one = {"a.json", MODE_FILE, MODE_FILE, buf_str(&old), buf_str(&new)};
        CHECK_TEXT(review(t, one), arena_format(t->arena, "tools:%zu! was \"Read\"", depth + 1));
    }
}
