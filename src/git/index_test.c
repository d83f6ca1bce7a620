#include "git/index.h"

#include <stdlib.h>

#include "base/fs.h"
#include "testing/test.h"

/* A repository in the middle of a merge: a text, a deletion, an addition on both sides, odd names. */
static const char *conflicted(Test *t, int version)
{
    return test_shell(
        t,
        "rm -rf r && mkdir r && cd r && export HOME=$PWD GIT_CONFIG_NOSYSTEM=1 && git init -q -b "
        "main && "
        "git config user.name t && git config user.email t && mkdir -p a/deep && "
        "for i in $(seq 1 40); do echo $i > a/deep/file-$i; done && echo base > a/text && "
        "echo base > gone && git add -A && git commit -qm base && git checkout -qb other && "
        "echo theirs > a/text && echo x > gone && echo one > 'new name' && git add -A && "
        "git commit -qm theirs && git checkout -q main && echo ours > a/text && git rm -q gone && "
        "echo two > 'new name' && git add -A && git commit -qm ours && "
        "{ git merge -q other >/dev/null 2>&1 || :; } && git update-index --index-version %d && "
        "git ls-files -u | sed 's/\\t/ /'",
        version);
}

static Str index_bytes(Test *t)
{
    Str bytes = {0};
    CHECK_OK(fs_read_path(t->arena, arena_format(t->arena, "%s/r/.git/index", t->dir), 1 << 20,
                          &bytes, &t->err));
    return bytes;
}

TEST(reads_what_git_ls_files_lists_in_every_version)
{
    for (int version = 2; version <= 4; version++) {
        Str listing = str_of(conflicted(t, version)), line;
        GitUnmergedPaths paths;
        size_t i = 0;
        CHECK_OK(git_index_unmerged(t->arena, index_bytes(t), &paths, &t->err));
        while (str_next(&listing, '\n', &line)) {
            CHECK(i < paths.count);
            const GitUnmerged *one = &paths.items[i++];
            CHECK_STR(line, str_of(arena_format(t->arena, "100644 %s %d %.*s", one->oid.text,
                                                one->stage, STR_ARG(one->path))));
        }
        CHECK_INT(i, paths.count);
        CHECK_INT(i, 7);
    }
}

TEST(a_torn_or_flipped_index_is_refused_or_read_but_never_past_its_end)
{
    for (int version = 2; version <= 4; version += 2) {
        (void)conflicted(t, version);
        Str whole = index_bytes(t);
        GitUnmergedPaths paths;
        for (size_t len = 0; len < 400; len++) {
            char *exact = malloc(len + 1); /* so that a sanitizer sees one byte too many */
            for (size_t i = 0; i < len; i++)
                exact[i] = whole.data[i];
            CHECK(!git_index_unmerged(t->arena, (Str){exact, len}, &paths, &t->err));
            CHECK_INT(t->err.code, ERR_CORRUPT);
            free(exact);
        }
        for (size_t at = 0; at < whole.len; at++) {
            char *flipped = arena_text(t->arena, whole);
            for (size_t i = 0; i < whole.len; i++)
                flipped[i] = whole.data[i];
            flipped[at] ^= 0x55;
            (void)!git_index_unmerged(t->arena, (Str){flipped, whole.len}, &paths, &t->err);
        }
    }
}
