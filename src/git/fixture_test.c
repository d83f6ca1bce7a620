#include "git/fixture_test.h"

#include <stdarg.h>
#include <stdlib.h>

Reader *reader_new(Test *t)
{
    Reader *reader = ARENA_NEW(t->arena, Reader);
    (void)test_shell(t, "mkdir -p home weir srv");
    reader->t = t;
    reader_set(reader, arena_format(t->arena, "PATH=%s", getenv("PATH")));
    reader_set(reader, arena_format(t->arena, "HOME=%s/home", t->dir));
    reader_set(reader, "GIT_CONFIG_NOSYSTEM=1");
    reader->settings = (GitSettings){.retry_delay_ms = 1, .timeout_ms = 30000};
    return reader;
}

void reader_close(Reader **reader)
{
    if (*reader)
        git_close(&(*reader)->git);
    *reader = NULL;
}

void reader_set(Reader *reader, const char *line)
{
    size_t count = 0;
    while (reader->environment[count])
        count++;
    assert_true(count + 1 < COUNT_OF(reader->environment));
    reader->environment[count] = line;
}

void reader_open(Reader *reader)
{
    Test *t = reader->t;
    git_close(&reader->git);
    reader->settings.environment = reader->environment;
    CHECK_OK(git_open(t->arena, arena_format(t->arena, "%s/weir", t->dir), &reader->settings,
                      &reader->git, &t->err));
}

GitRepo *reader_repo(Reader *reader, const char *url)
{
    Test *t = reader->t;
    GitRepo *repo = NULL;
    if (reader->git == NULL)
        reader_open(reader);
    CHECK_OK(git_repo_open(reader->git, str_of(url), &repo, &t->err));
    return repo;
}

GitRef reader_fetch(Reader *reader, GitRepo *repo, const char *ref)
{
    Test *t = reader->t;
    const GitRefs *refs;
    GitRef found = {0};
    CHECK_OK(git_refs_again(repo, &refs, &t->err));
    CHECK_OK(git_resolve(repo, str_of(ref), &found, &t->err));
    CHECK_OK(git_fetch(repo, &found, 1, &t->err));
    return found;
}

const char *git_shell(Test *t, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *command = arena_format_list(t->arena, format, arguments);
    va_end(arguments);
    return test_shell(t,
                      "mkdir -p home && export HOME=\"$PWD/home\" GIT_CONFIG_NOSYSTEM=1 "
                      "GIT_CONFIG_GLOBAL=/dev/null "
                      "GIT_AUTHOR_NAME='An Author' GIT_AUTHOR_EMAIL=a@example.org "
                      "GIT_COMMITTER_NAME='A Committer' GIT_COMMITTER_EMAIL=c@example.org; %s",
                      command);
}

void upstream_make(Test *t)
{
    (void)git_shell(t, "mkdir -p srv && git init -q -b main work && cd work && "
                       "mkdir -p skills/pdf && echo one >skills/pdf/SKILL.md && "
                       "echo run >skills/pdf/run.sh && chmod +x skills/pdf/run.sh && "
                       "git add . && git commit -qm 'first words' && git tag -a -m tagged v1 && "
                       "git clone -q --bare . ../srv/up.git && git remote add up ../srv/up.git");
}

void upstream_commit(Test *t, const char *path, const char *text)
{
    (void)git_shell(t,
                    "cd work && mkdir -p \"$(dirname '%s')\" && printf '%%s' '%s' >'%s' && "
                    "git add -A && git commit -qm 'change %s' && git push -q up main",
                    path, text, path, path);
}

GitSha sha_of(Test *t, const char *ref)
{
    GitSha sha = {0};
    Str text = str_trim(str_of(git_shell(t, "git -C work rev-parse '%s^{commit}'", ref)));
    assert_true(git_sha_parse(text, &sha));
    return sha;
}

static bool copy_blob(void *context, size_t index, Str bytes, Error *err)
{
    (void)index;
    (void)err;
    buf_add(context, bytes);
    return true;
}

Str content_of(Reader *reader, GitRepo *repo, const GitSha *commit, const char *path)
{
    Test *t = reader->t;
    GitTree tree = {0};
    Buf content = buf_new(t->arena);
    CHECK_OK(git_tree(repo, t->arena, commit, str_of(path), &tree, &t->err));
    CHECK_OK(git_blobs(repo, tree.entries.items, tree.entries.count, copy_blob, &content, &t->err));
    return buf_str(&content);
}
