/* What the tests of this room share: an upstream with history below t->dir/srv, and one who reads it. */
#pragma once

#include "base/buf.h"
#include "git/repo.h"
#include "testing/git_server.h"

typedef struct {
    Test *t;
    Git *git;
    GitSettings settings;
    const char *environment[16];
} Reader;

/* HOME is t->dir/home, WEIR_HOME t->dir/weir; retries wait a millisecond. */
Reader *reader_new(Test *t);
void reader_close(Reader **reader);
void reader_set(Reader *reader, const char *line); /* one more "NAME=value"; before reader_open */
void reader_open(Reader *reader);                  /* again: as a new process would */
GitRepo *reader_repo(Reader *reader, const char *url);
GitRef reader_fetch(Reader *reader, GitRepo *repo, const char *ref); /* refs anew, then fetch */

/* A shell in t->dir with its own HOME, an author, and no other configuration. */
const char *git_shell(Test *t, const char *format, ...) PRINTF_LIKE(2, 3);
/* work/ and its bare srv/up.git: skills/pdf/SKILL.md, skills/pdf/run.sh (executable), tag v1. */
void upstream_make(Test *t);
void upstream_commit(Test *t, const char *path, const char *text); /* on main, pushed */
GitSha sha_of(Test *t, const char *ref);                           /* in work/ */
Str content_of(Reader *reader, GitRepo *repo, const GitSha *commit, const char *path);
