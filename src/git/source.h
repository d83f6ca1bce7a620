/* What a person types as a source, checked against a grammar of what is allowed.
 *
 * https://, ssh://, git@host:path, file://, owner/repo[/path] (a shorthand), a repository or bundle on
 * this machine, or any other existing path (a source without upstream); http:// and git:// to loopback
 * only. The ref starts after the last '@' that follows the path's start. Nothing accepted here can be
 * read by git as an option, a helper ("x::") or a command; docs/upstreams.md lists every form.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"

typedef enum {
    GIT_SOURCE_REMOTE, /* reached through a URL */
    GIT_SOURCE_LOCAL,  /* a repository or a bundle on this machine, by its plain path */
    GIT_SOURCE_PLAIN,  /* a folder or a file that is no repository: no upstream */
} GitSourceKind;

typedef struct {
    GitSourceKind kind;
    Str url;  /* what git gets and records keep; an absolute path when LOCAL or PLAIN */
    Str path; /* sub-path inside the repository; empty: not named */
    Str ref;  /* as typed, without '@': a ref, a sha, "latest" or a version range; empty: none */
} GitSource;

typedef struct {
    const char *default_host; /* of owner/repo; NULL: github.com */
    const char *cwd;          /* absolute; relative paths start here */
    const char *home;         /* for "~/"; may be NULL */
} GitSourceOptions;

MUST_CHECK bool git_source_parse(Arena *arena, const GitSourceOptions *options, Str text,
                                 GitSource *out, Error *err);

/* Of a source that comes from afar, where no current folder is meant: a URL, owner/repo, or an absolute
 * path? Reads no file. */
MUST_CHECK bool git_source_check(Str text, Error *err);
/* For URLs that come from records or the API: the same grammar, or an absolute path. */
MUST_CHECK bool git_url_check(Str url, Error *err);
/* A branch or tag name, by the rules of `git check-ref-format --allow-onelevel`; never an option. */
MUST_CHECK bool git_ref_check(Str ref, Error *err);
/* What may follow '@': a ref, a sha, or a version range such as ^1.2, ~1, >=1.2 <2, 1.*, * */
MUST_CHECK bool git_pin_check(Str pin, Error *err);
bool git_pin_is_range(Str pin);
