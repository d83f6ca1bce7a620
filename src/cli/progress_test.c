#include "cli/progress.h"

#include <unistd.h>

#include "testing/test.h"

static Str line_of(Test *t, const Progress *progress, int64_t spent_us, size_t columns)
{
    char text[PROGRESS_BYTES];
    return arena_copy(t->arena, (Str){text, progress_text(text, progress, spent_us, columns)});
}

TEST(the_line_says_how_far_what_and_how_long)
{
    Progress progress = {"merge", 7, 12, STR("skill:spreadsheet"), 0};
    CHECK_STR(line_of(t, &progress, 1830000, 80), STR("[7/12] merge  skill:spreadsheet  1.8 s"));
    progress.percent = 42;
    CHECK_STR(line_of(t, &progress, 0, 80), STR("[7/12] merge 42 %  skill:spreadsheet  0.0 s"));
}

TEST(the_line_never_wraps_nor_cuts_a_character)
{
    Progress progress = {"fetch", 1, 2,
                         STR("\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2"), 0};
    CHECK_STR(line_of(t, &progress, 0, 20),
              STR("[1/2] fetch  \xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2"));
}

TEST(what_came_from_outside_cannot_move_the_cursor)
{
    Progress progress = {"fetch", 1, 1, STR("a\x1b[2Jb\r"), 0};
    CHECK_STR(line_of(t, &progress, 0, 80), STR("[1/1] fetch  a\\x1B[2Jb\\x0D  0.0 s"));
}

TEST(nothing_is_drawn_where_no_terminal_is)
{
    int pipe_fds[2];
    int kept = dup(STDERR_FILENO);
    char byte;
    CHECK(pipe(pipe_fds) == 0 && dup2(pipe_fds[1], STDERR_FILENO) >= 0);
    ProgressLine line = progress_line(true);
    line.started_us = 0;
    progress_show(&line, &(Progress){"merge", 1, 2, STR("x"), 0});
    progress_clear(&line);
    (void)dup2(kept, STDERR_FILENO);
    (void)close(pipe_fds[1]);
    CHECK_INT(read(pipe_fds[0], &byte, 1), 0);
    (void)close(pipe_fds[0]);
    (void)close(kept);
}
