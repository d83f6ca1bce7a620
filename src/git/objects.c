#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "git/git_internal.h"

enum { HEADER_BYTES = 256 };

/* The answers of `git cat-file --batch`, as a machine fed with pieces of any length. */
typedef struct {
    Arena *arena;            /* scratch: rewound after each object */
    const GitEntry *entries; /* NULL: one object of any name */
    size_t count;
    size_t index;
    char header[HEADER_BYTES];
    size_t header_len;
    bool in_content;
    char *content;
    size_t size, filled; /* size counts the line feed behind the content */
    ArenaMark mark;
    GitBlobSink sink;
    void *context;
    bool found; /* of the one object */
    GitSha oid;
} Answers;

static bool fail_answer(Error *err, const Answers *answers)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    return fail(err, ERR_GIT_FAILED, "git cat-file answered '%s'",
                text_safe(arena, (Str){answers->header, answers->header_len})) ||
           fail_hint(err, "The upstream's cache may be damaged; delete its folder below cache/git, "
                          "it is fetched again.");
}

/* "<oid> <type> <size>", or "<name> missing|ambiguous". */
static bool begin_object(Answers *answers, Error *err)
{
    Str line = {answers->header, answers->header_len}, oid, type, size;
    uint64_t bytes;
    bool absent = str_ends(line, STR(" missing")) || str_ends(line, STR(" ambiguous"));
    if (absent && answers->entries == NULL) {
        answers->index++;
        return true;
    }
    if (absent || !str_next(&line, ' ', &oid) || !str_next(&line, ' ', &type) ||
        !str_next(&line, ' ', &size) || !str_to_u64(size, &bytes) ||
        !git_sha_parse(oid, &answers->oid))
        return fail_answer(err, answers);
    if (bytes > LIMIT_FILE_BYTES)
        return fail(err, ERR_TOO_LARGE, "an object of the upstream has %llu bytes",
                    (unsigned long long)bytes);
    const GitEntry *asked = answers->entries ? &answers->entries[answers->index] : NULL;
    if (asked && (!str_is(type, "blob") || !git_sha_equal(&asked->oid, &answers->oid) ||
                  asked->size_bytes != bytes))
        return fail_answer(err, answers);
    answers->found = true;
    answers->in_content = true;
    answers->filled = 0;
    answers->size = (size_t)bytes + 1;
    answers->mark = arena_mark(answers->arena);
    answers->content = arena_alloc(answers->arena, answers->size, 1);
    return true;
}

static bool end_object(Answers *answers, Error *err)
{
    answers->in_content = false;
    Str bytes = {answers->content, answers->size - 1};
    if (answers->content[bytes.len] != '\n')
        return fail_answer(err, answers);
    bool ok = !answers->sink || answers->sink(answers->context, answers->index, bytes, err);
    if (answers->entries)
        arena_rewind(&answers->mark);
    answers->index++;
    return ok;
}

static bool take_header(Answers *answers, Str *bytes, Error *err)
{
    size_t line = str_find(*bytes, '\n');
    Str part = str_slice(*bytes, 0, line == STR_NONE ? bytes->len : line);
    if (answers->header_len + part.len > HEADER_BYTES)
        return fail(err, ERR_GIT_FAILED, "git cat-file answered with a line that is too long");
    if (part.len)
        memcpy(answers->header + answers->header_len, part.data, part.len);
    answers->header_len += part.len;
    *bytes = str_slice(*bytes, line == STR_NONE ? bytes->len : line + 1, bytes->len);
    if (line == STR_NONE)
        return true;
    bool ok = begin_object(answers, err);
    answers->header_len = 0;
    return ok;
}

static bool take_content(Answers *answers, Str *bytes, Error *err)
{
    size_t left = answers->size - answers->filled;
    size_t now = bytes->len < left ? bytes->len : left;
    memcpy(answers->content + answers->filled, bytes->data, now);
    answers->filled += now;
    *bytes = str_slice(*bytes, now, bytes->len);
    return answers->filled < answers->size || end_object(answers, err);
}

static bool take_answers(void *context, Str bytes, bool *done, Error *err)
{
    Answers *answers = context;
    while (bytes.len > 0) {
        if (answers->index == answers->count)
            return fail(err, ERR_GIT_FAILED, "git cat-file answered more than it was asked");
        if (!(answers->in_content ? take_content(answers, &bytes, err)
                                  : take_header(answers, &bytes, err)))
            return false;
    }
    *done = answers->index == answers->count;
    return true;
}

void git_objects_close(GitRepo *repo)
{
    process_close(&repo->objects);
}

static bool ask(GitRepo *repo, Str questions, Answers *answers, Error *err)
{
    static const char *const argv[] = {"git", "cat-file", "--batch", NULL};
    if (!git_environment(repo->git, err) || !git_repo_wake(repo, err))
        return false;
    ProcessSpec spec = git_spec(repo, argv, false);
    if (repo->objects == NULL && !process_open(&spec, &repo->objects, err))
        return false;
    if (process_talk(repo->objects, questions, take_answers, answers, err))
        return true;
    git_objects_close(repo);
    return false;
}

bool git_blobs(GitRepo *repo, const GitEntry *entries, size_t count, GitBlobSink sink,
               void *context, Error *err)
{
    if (count == 0)
        return true;
    SCOPED(arena_close) Arena *arena = arena_open();
    Buf questions = buf_new(arena);
    for (size_t i = 0; i < count; i++)
        buf_format(&questions, "%s\n", entries[i].oid.text);
    Answers answers = {
        .arena = arena, .entries = entries, .count = count, .sink = sink, .context = context};
    return ask(repo, buf_str(&questions), &answers, err);
}

bool git_object(GitRepo *repo, Arena *arena, const char *name, bool *found, GitSha *oid,
                Str *content, Error *err)
{
    Answers answers = {.arena = arena, .count = 1};
    if (!ask(repo, str_of(arena_format(arena, "%s\n", name)), &answers, err))
        return false;
    *found = answers.found;
    if (answers.found) {
        *oid = answers.oid;
        *content = (Str){answers.content, answers.size - 1};
    }
    return true;
}
