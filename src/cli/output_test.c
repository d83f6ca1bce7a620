#include "cli/output.h"

#include <string.h>

#include "cli/rows.h"
#include "cli/words.h"
#include "cli/wrap.h"
#include "testing/test.h"

static Output plain(Test *t, bool ascii)
{
    Output output = output_new(t->arena, &(OutputOptions){.no_color = true});
    output.options.ascii = ascii;
    output.columns = 0;
    return output;
}

static DriftItem edge_item(SyncStatus status)
{
    Hash one = {{1}}, two = {{2}}, three = {{3}};
    DriftItem item = {
        .artifact = STR("skill:pdf"), .edge = EDGE_PROJECT, .project = "/p/atlas-web"};
    item.base = one;
    item.upper = status == STATUS_MODIFIED ? one : two;
    item.lower = status == STATUS_OUTDATED ? one : three;
    item.status.status = status;
    return item;
}

TEST(cells_stand_under_each_other_by_what_a_terminal_shows)
{
    Output output = plain(t, false);
    Rows rows = {0};
    ARRAY_PUSH(t->arena, &rows, ROW({"日本", INK_NONE}, {"x", INK_NONE}, {"", INK_NONE}));
    ARRAY_PUSH(t->arena, &rows, ROW({"abcde", INK_GOOD}, {"y", INK_NONE}, {"z", INK_NONE}));
    rows_print(&output, &rows, "  ");
    CHECK_STR(buf_str(&output.text), STR("  日本   x\n  abcde  y  z\n"));
}

TEST(only_a_terminal_cuts_a_cell_and_shows_it)
{
    Output output = plain(t, false);
    Rows rows = {0};
    ARRAY_PUSH(t->arena, &rows, ROW({"name", INK_NONE}, {"a long description", INK_NONE}));
    rows_print(&output, &rows, "");
    CHECK_STR(buf_str(&output.text), STR("name  a long description\n"));
    output.text.len = 0;
    output.columns = 16;
    rows_print(&output, &rows, "");
    CHECK_STR(buf_str(&output.text), STR("name\n    a long desc…\n"));
    output.text.len = 0;
    output.columns = 70;
    output.options.ascii = true;
    rows.items[0].cells[1].text = arena_format(t->arena, "%080d", 0);
    rows_print(&output, &rows, "");
    CHECK_INT(output.text.len, 71);
    CHECK(str_ends(buf_str(&output.text), STR("0...\n")));
}

TEST(every_status_has_glyph_and_word_and_an_ascii_form)
{
    static const char *const shown[] = {"✓ synced", "~ modified", "↓ outdated", "Y diverged",
                                        "! conflict"};
    static const char *const ascii[] = {"= synced", "~ modified", "v outdated", "Y diverged",
                                        "! conflict"};
    Output glyphs = plain(t, false), letters = plain(t, true);
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        EdgeStatus status = {.status = (SyncStatus)i};
        CHECK_TEXT(status_mark(&glyphs, &status), shown[i]);
        CHECK_TEXT(status_mark(&letters, &status), ascii[i]);
    }
    EdgeStatus missing = {.status = STATUS_MODIFIED, .missing = true};
    CHECK_TEXT(status_mark(&glyphs, &missing), "? missing");
}

TEST(every_state_has_a_sentence_and_all_but_synced_a_next_step)
{
    Output output = plain(t, false);
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        for (int flags = 0; flags < 4; flags++) {
            for (int edge = 0; edge < 2; edge++) {
                DriftItem item = edge_item((SyncStatus)i);
                item.edge = (Edge)edge;
                item.project = edge == EDGE_PROJECT ? "/p/atlas-web" : NULL;
                item.status.missing = flags & 1;
                item.status.removed = flags & 2;
                Str sentence = str_of(edge_sentence(&output, &item));
                const char *next = edge_next(t->arena, &item);
                CHECK(sentence.len > 10 && str_ends(sentence, STR(".")));
                CHECK((next == NULL) == (i == STATUS_SYNCED && flags == 0));
            }
        }
    }
}

TEST(sentences_say_what_happened_and_where)
{
    Output output = plain(t, false);
    DriftItem item = edge_item(STATUS_MODIFIED);
    FileChange change = {.action = FILE_MODIFY, .path = STR("a")};
    ARRAY_PUSH(t->arena, &item.changes, change);
    ARRAY_PUSH(t->arena, &item.changes, change);
    CHECK_TEXT(edge_sentence(&output, &item), "atlas-web edited 2 files. Pull them into the "
                                              "collection, or deploy again to drop them.");
    CHECK_TEXT(edge_next(t->arena, &item), "weir pull skill:pdf --project /p/atlas-web");
    item = edge_item(STATUS_DIVERGED);
    item.status.mergeable = MERGEABLE_YES;
    CHECK_HAS(edge_sentence(&output, &item), "merge cleanly");
    item.base = (Hash){{0}};
    CHECK_HAS(edge_sentence(&output, &item), "no version that both had in common");
}

TEST(names_from_outside_cannot_speak_to_the_terminal)
{
    DriftItem item = edge_item(STATUS_OUTDATED);
    item.artifact = STR("skill:\x1b[2J");
    CHECK(!strchr(edge_next(t->arena, &item), '\x1b'));
    CHECK(!strchr(project_name(t->arena, "/p/\x1b[31mred"), '\x1b'));
}

TEST(prose_breaks_between_words_and_a_long_word_stays_whole)
{
    static const char text[] = "  one two three four\nfivefivefivefivefivefive six\n";
    CHECK_STR(str_of(wrap_lines(t->arena, text, 20)),
              STR("  one two three four\nfivefivefivefivefivefive\nsix\n"));
    CHECK_STR(str_of(wrap_lines(t->arena, "    \033[1ma  bold\033[0m text that goes on", 20)),
              STR("    \033[1ma  bold\033[0m text that goes on"));
    CHECK_STR(str_of(wrap_lines(t->arena, "  \033[1ma  bold\033[0m text that goes on", 20)),
              STR("  \033[1ma  bold\033[0m text that\n    goes on"));
    CHECK_STR(str_of(wrap_lines(t->arena, text, 0)), str_of(text));
}

/* Nothing but spaces and line feeds is added or lost, and no line is too wide but for one word. */
TEST(wrapping_loses_no_word)
{
    for (int round = 0; round < 300; round++) {
        Buf text = buf_new(t->arena), words = buf_new(t->arena), found = buf_new(t->arena);
        size_t columns = 18 + test_random(t) % 60;
        for (size_t i = test_random(t) % 30; i > 0; i--) {
            size_t len = 1 + test_random(t) % 12;
            for (size_t c = 0; c < len; c++)
                buf_add_char(&words, (char)('a' + (int)((i + c) % 26)));
            buf_add(&text, str_slice(buf_str(&words), words.len - len, words.len));
            buf_format(&text, "%*s", (int)(1 + test_random(t) % 2), "");
        }
        Str rest = str_of(wrap_lines(t->arena, buf_text(&text), columns)), line;
        while (str_next(&rest, '\n', &line)) {
            CHECK(wrap_columns(str_trim(line)) <= columns);
            for (size_t i = 0; i < line.len; i++)
                if (line.data[i] != ' ')
                    buf_add_char(&found, line.data[i]);
        }
        CHECK_STR(buf_str(&found), buf_str(&words));
    }
}
