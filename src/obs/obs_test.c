#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "format/json_read.h"
#include "obs/log.h"
#include "obs/redact.h"
#include "obs/span.h"
#include "testing/test.h"

static Str masked(Test *t, const char *text)
{
    StrArray values = {0};
    ARRAY_PUSH(t->arena, &values, STR("hunter2hunter2"));
    ARRAY_PUSH(t->arena, &values, STR("abc")); /* too short to be told from a word */
    return redact(t->arena, str_of(text), &values);
}

TEST(secrets_are_taken_out_of_a_text_and_the_rest_stays)
{
    static const char *const cases[][2] = {
        {"https://ada:pw@host/x y", "https://***@host/x y"},
        {"'https://tok@h' and ssh://git@h/p", "'https://***@h' and ssh://***@h/p"},
        {"https://host/a@b?x=1", "https://host/a@b?x=1"},
        {"git@host:path", "git@host:path"},
        {"weir add x?access_token=abc&y=2", "weir add x?access_token=***&y=2"},
        {"Authorization: Bearer abc.def, ok", "Authorization: Bearer ***, ok"},
        {"{\"password\": \"p w\"}", "{\"password\": \"*** w\"}"},
        {"it says hunter2hunter2 twice hunter2hunter2", "it says *** twice ***"},
        {"abc", "abc"},
        {"x ghp_0123456789abcdef y", "x *** y"},
        {"github_pat_11AA22BB33", "***"},
        {"task-sk-12345678 sk-123456789", "task-sk-12345678 ***"},
        {"token count: 5", "token count: 5"},
        {"plain text, skill:pdf @^1.4", "plain text, skill:pdf @^1.4"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        CHECK_STR(masked(t, cases[i][0]), str_of(cases[i][1]));
    CHECK(redact_is_secret_name(STR("GITHUB_TOKEN")));
    CHECK(redact_is_secret_name(STR("MyPassword")));
    CHECK(!redact_is_secret_name(STR("PATH")));
}

TEST(a_value_put_in_anywhere_is_never_seen)
{
    int rounds = test_rounds(2000);
    for (int i = 0; i < rounds; i++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        Buf buf = buf_new(t->arena);
        size_t before = test_below(t, 20), after = test_below(t, 20);
        for (size_t k = 0; k < before; k++)
            buf_add_char(&buf, (char)(' ' + test_below(t, 95)));
        buf_add_text(&buf, "hunter2hunter2");
        for (size_t k = 0; k < after; k++)
            buf_add_char(&buf, (char)(' ' + test_below(t, 95)));
        CHECK(str_search(masked(t, buf_text(&buf)), STR("hunter2hunter2")) == STR_NONE);
    }
}

TEST(a_line_is_json_whatever_the_bytes_are)
{
    int rounds = test_rounds(500);
    for (int i = 0; i < rounds; i++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        char bytes[40];
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (char)test_below(t, 256);
        Str odd = {bytes, sizeof bytes};
        LogEvent event = {.span = "artifact", .artifact_id = odd, .trace_id = "t"};
        event.message = arena_text(t->arena, str_slice(odd, 0, str_find(odd, '\0')));
        ARRAY_PUSH(t->arena, &event.conflict_files, odd);
        Str line = log_line(t->arena, &event, NULL);
        const JsonNode *json = NULL;
        CHECK_OK(json_parse(t->arena, line, 0, &json, &t->err));
        CHECK_INT(str_find(line, '\n'), line.len - 1);
        CHECK(json_find(json, STR("job_id"))->kind == JSON_NULL);
    }
}

typedef struct {
    size_t count;
    const char *last;
} Heard;

static void hear(void *context, const LogEvent *event)
{
    Heard *heard = context;
    heard->count++;
    heard->last = event->span;
}

static void merge(Tracer *tracer)
{
    SILENT_SPAN(tracer, "merge");
    clock_sleep_ms(1);
}

static void work(Tracer *tracer)
{
    SPAN(tracer, "plan");
    for (int i = 0; i < 3; i++)
        merge(tracer);
}

TEST(phases_are_counted_without_what_is_inside_them)
{
    Heard heard = {0};
    Tracer *tracer = tracer_new(t->arena, "trace", NULL, "sync");
    tracer_add_sink(tracer, hear, &heard);
    work(tracer);
    work(tracer);
    const Phases *phases = tracer_phases(tracer);
    CHECK_INT(heard.count, 2);
    CHECK_TEXT(heard.last, "plan");
    CHECK_INT(phases->count, 2);
    CHECK_TEXT(phases->items[0].name, "merge");
    CHECK_INT(phases->items[0].count, 6);
    CHECK(phases->items[0].self_us >= 6000);
    CHECK(phases->items[1].self_us < phases->items[0].self_us);
}

TEST(without_a_tracer_nothing_happens)
{
    work(NULL);
    tracer_tell(NULL, (LogEvent){0});
}

static void count_notices(void *context, const char *text)
{
    CHECK_HAS(text, "the log is not written");
    (*(int *)context)++;
}

TEST(a_log_that_cannot_be_written_says_so_once)
{
    int notices = 0;
    LogOptions options = {.path = "/dev/full", .notice = count_notices, .context = &notices};
    Log *log = log_open(t->arena, &options);
    LogEvent event = {.span = "x", .trace_id = "t"};
    log_event(log, &event);
    log_event(log, &event);
    log_close(&log);
    options.path = arena_format(t->arena, "%s/no/such", t->dir);
    log = log_open(t->arena, &options);
    log_event(log, &event);
    log_close(&log);
    CHECK_INT(notices, 2);
}

TEST(lines_are_appended_and_the_file_is_its_owners_alone)
{
    LogOptions options = {.path = arena_format(t->arena, "%s/log", t->dir)};
    LogEvent event = {.span = "x", .trace_id = "t"};
    for (int i = 0; i < 2; i++) {
        Log *log = log_open(t->arena, &options);
        log_event(log, &event);
        log_close(&log);
    }
    FsStat stat;
    CHECK_OK(fs_stat_path(options.path, &stat, &t->err));
    CHECK_INT(stat.mode & 0777, 0600);
    Str text = test_read(t, "log");
    size_t lines = 0;
    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    CHECK_INT(lines, 2);
}
