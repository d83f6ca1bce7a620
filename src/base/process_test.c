#include "base/process.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "testing/test.h"

static ProcessSpec shell(Test *t, const char *script)
{
    const char **argv = ARENA_ARRAY(t->arena, const char *, 4);
    argv[0] = "sh";
    argv[1] = "-c";
    argv[2] = script;
    return (ProcessSpec){.argv = argv};
}

static Str random_text(Test *t, size_t len)
{
    Buf buf = buf_new(t->arena);
    while (buf.len < len) {
        uint64_t bits = test_random(t);
        buf_add_bytes(&buf, &bits, sizeof bits);
    }
    return buf_str(&buf);
}

TEST(gives_output_errors_and_exit_code)
{
    ProcessSpec spec = shell(t, "echo out; echo err >&2; exit 7");
    ProcessResult result;
    CHECK_OK(process_run(t->arena, &spec, &result, &t->err));
    CHECK_STR(result.output, STR("out\n"));
    CHECK_STR(result.errors, STR("err\n"));
    CHECK_INT(result.exit_code, 7);
    spec = shell(t, "kill -9 $$");
    CHECK_OK(process_run(t->arena, &spec, &result, &t->err));
    CHECK_INT(result.exit_code, 128 + SIGKILL);
}

TEST(a_program_that_is_not_there_is_an_error)
{
    const char *const argv[] = {"weir-no-such-program", NULL};
    ProcessSpec spec = {.argv = argv};
    ProcessResult result;
    CHECK(!process_run(t->arena, &spec, &result, &t->err));
    CHECK_HAS(t->err.message, "weir-no-such-program");
}

TEST(does_not_block_when_both_pipes_are_full)
{
    ProcessSpec spec = shell(t, "cat; head -c 300000 /dev/zero >&2");
    spec.input = random_text(t, 3000000);
    spec.timeout_ms = 30000;
    ProcessResult result;
    CHECK_OK(process_run(t->arena, &spec, &result, &t->err));
    CHECK_STR(result.output, spec.input);
    CHECK_INT(result.errors.len, 64 << 10);
}

TEST(a_child_that_does_not_read_its_input_is_no_error)
{
    ProcessSpec spec = shell(t, "exec <&-; echo done");
    spec.input = random_text(t, 1000000);
    ProcessResult result;
    CHECK_OK(process_run(t->arena, &spec, &result, &t->err));
    CHECK_STR(result.output, STR("done\n"));
}

TEST(builds_the_environment_from_nothing_and_closes_descriptors)
{
    int leak = dup(1); /* without CLOEXEC, as a careless library would */
    const char *const environment[] = {"PATH=/usr/bin:/bin", "ONLY=this", NULL};
    ProcessSpec spec = shell(t, "env | grep -v '^PWD=\\|^_=\\|^SHLVL=\\|^OLDPWD=' | sort; "
                                "ls /proc/self/fd | wc -l");
    spec.environment = environment;
    ProcessResult result;
    CHECK_OK(process_run(t->arena, &spec, &result, &t->err));
    (void)close(leak);
    CHECK_STR(result.output, STR("ONLY=this\nPATH=/usr/bin:/bin\n4\n")); /* ls opens one itself */
}

TEST(runs_in_the_folder_it_is_given)
{
    ProcessSpec spec = shell(t, "pwd -P");
    spec.cwd_fd = t->dir_fd;
    ProcessResult result;
    CHECK_OK(process_run(t->arena, &spec, &result, &t->err));
    CHECK_STR(str_trim(result.output), str_of(t->dir));
}

TEST(the_deadline_kills_the_whole_group)
{
    ProcessSpec spec = shell(t, "sh -c 'trap \"\" TERM; echo $$ >pid; while :; do sleep 1; done' & "
                                "wait");
    spec.cwd_fd = t->dir_fd;
    spec.timeout_ms = 300;
    ProcessResult result;
    int64_t began_us = clock_monotonic_us();
    CHECK_FAILS(ERR_TIMEOUT, process_run(t->arena, &spec, &result, &t->err));
    CHECK(clock_monotonic_us() - began_us < 5000000);
    const char *left = test_shell(t, "p=$(cat pid); for i in 1 2 3 4 5 6 7 8 9; do "
                                     "grep -q '^State:.[^Z]' /proc/$p/status 2>/dev/null || break; "
                                     "sleep 0.1; done; "
                                     "grep '^State:.[^Z]' /proc/$p/status 2>/dev/null | wc -l");
    CHECK_TEXT(left, "0\n");
}

TEST(what_a_child_left_behind_neither_blocks_nor_dies)
{
    ProcessSpec spec = shell(t, "sleep 20 & echo $! >pid; echo out");
    spec.cwd_fd = t->dir_fd;
    ProcessResult result;
    int64_t began_us = clock_monotonic_us();
    CHECK_OK(process_run(t->arena, &spec, &result, &t->err));
    CHECK(clock_monotonic_us() - began_us < 5000000);
    CHECK_STR(result.output, STR("out\n"));
    (void)test_shell(t, "kill $(cat pid)"); /* fails when it is gone */
}

TEST(too_much_output_ends_the_child)
{
    ProcessSpec spec = shell(t, "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done");
    spec.output_limit_bytes = 1000;
    ProcessResult result;
    CHECK_FAILS(ERR_TOO_LARGE, process_run(t->arena, &spec, &result, &t->err));
}

TEST(a_file_limit_holds_for_the_child)
{
    ProcessSpec spec = shell(t, "head -c 100000 /dev/zero >big; ls -l big | awk '{print $5}'");
    spec.cwd_fd = t->dir_fd;
    spec.file_limit_bytes = 4096;
    ProcessResult result;
    CHECK_OK(process_run(t->arena, &spec, &result, &t->err));
    CHECK_STR(result.output, STR("4096\n"));
}

TEST(an_interruption_ends_a_run_and_is_typed)
{
    ProcessSpec spec = shell(t, "sleep 20");
    ProcessResult result;
    interrupt_request();
    bool ok = process_run(t->arena, &spec, &result, &t->err);
    interrupt_clear();
    CHECK_FAILS(ERR_INTERRUPTED, ok);
}

TEST(has_no_terminal_to_ask_on)
{
    ProcessSpec spec = shell(t, "(: </dev/tty) 2>/dev/null && echo terminal || echo none");
    ProcessResult result;
    CHECK_OK(process_run(t->arena, &spec, &result, &t->err));
    CHECK_STR(result.output, STR("none\n"));
}

/* ── talking ── */

typedef struct {
    Buf got;
    size_t wanted;
} Answer;

static bool until_enough(void *context, Str bytes, bool *done, Error *err)
{
    (void)err;
    Answer *answer = context;
    buf_add(&answer->got, bytes);
    *done = answer->got.len >= answer->wanted;
    return true;
}

static bool refuse(void *context, Str bytes, bool *done, Error *err)
{
    (void)context;
    (void)bytes;
    (void)done;
    return fail(err, ERR_CORRUPT, "not this");
}

TEST(one_child_answers_many_questions)
{
    const char *const argv[] = {"cat", NULL};
    ProcessSpec spec = {.argv = argv, .timeout_ms = 30000};
    SCOPED(process_close) Process *process = NULL;
    CHECK_OK(process_open(&spec, &process, &t->err));
    for (int i = 0; i < 50; i++) {
        Str question = random_text(t, 1 + test_below(t, 200000));
        Answer answer = {buf_new(t->arena), question.len};
        CHECK_OK(process_talk(process, question, until_enough, &answer, &t->err));
        CHECK_STR(buf_str(&answer.got), question);
    }
}

TEST(a_child_that_ends_before_it_answered_is_an_error)
{
    ProcessSpec spec = shell(t, "read x; exit 0");
    SCOPED(process_close) Process *process = NULL;
    Answer answer = {buf_new(t->arena), 100};
    CHECK_OK(process_open(&spec, &process, &t->err));
    CHECK_FAILS(ERR_IO, process_talk(process, STR("q\n"), until_enough, &answer, &t->err));
}

TEST(a_sink_that_refuses_ends_the_run_with_its_error)
{
    ProcessSpec spec = shell(t, "echo x; sleep 20");
    ProcessResult result;
    CHECK_FAILS(ERR_CORRUPT, process_stream(t->arena, &spec, refuse, NULL, &result, &t->err));
}

static bool is_there(void *context)
{
    return faccessat(((Test *)context)->dir_fd, "go", F_OK, 0) == 0;
}

TEST(who_is_asked_to_stop_may_still_say_what_it_has_done)
{
    ProcessSpec spec = shell(t, "trap 'echo finished; exit 3' TERM; : >go; "
                                "while :; do sleep 0.1; done");
    ProcessResult result;
    spec.cwd_fd = t->dir_fd;
    spec.stop = is_there;
    spec.stop_context = t;
    spec.grace_ms = 20000;
    CHECK_OK(process_run(t->arena, &spec, &result, &t->err));
    CHECK_STR(result.output, STR("finished\n"));
    CHECK_INT(result.exit_code, 3);
}

TEST(a_wish_to_stop_waits_for_who_cannot_heed_it_yet)
{
    const char *const argv[] = {"cat", "/proc/self/status", NULL};
    ProcessSpec spec = {.argv = argv};
    ProcessResult result;
    CHECK_OK(process_run(t->arena, &spec, &result, &t->err));
    CHECK_HAS(arena_text(t->arena, result.output), "SigBlk:\t0000000000000000\n");
    spec.stop_waits = true;
    CHECK_OK(process_run(t->arena, &spec, &result, &t->err));
    CHECK_HAS(arena_text(t->arena, result.output), "SigBlk:\t0000000000004000\n");
}

TEST(who_does_not_heed_it_is_killed_when_its_time_is_over)
{
    ProcessSpec spec = shell(t, "trap '' TERM; : >go; while :; do sleep 0.1; done");
    ProcessResult result;
    spec.cwd_fd = t->dir_fd;
    spec.stop = is_there;
    spec.stop_context = t;
    spec.grace_ms = 200;
    CHECK_OK(process_run(t->arena, &spec, &result, &t->err));
    CHECK_INT(result.exit_code, 128 + 9);
}
