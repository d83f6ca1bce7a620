/* Patches for the upstream: git is the judge of all of them. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/path.h"
#include "content/snapshot.h"
#include "sync/fixture_test.h"
#include "sync/patch_mail.h"

#define GIT "git -c user.name=t -c user.email=t@t -c commit.gpgsign=false "
#define COLLECTION "home/collections/default/"

static const char *const names[] = {"SKILL.md",           "notes.txt",      "run.sh", "sub/a b.md",
                                    "sub/deep/\"q\".txt", "gr\xc3\xbcn.md", "-dash",  "thing/in.md",
                                    "sub/thing/other.md", "odd\xe9.bin",    "thing"};
enum { NAMES = COUNT_OF(names) };

/* ── random edits ── */

static Str at(Test *t, const char *folder, size_t name)
{
    return str_of(path_join(t->arena, str_of(folder), str_of(names[name])));
}

static bool is_there(Test *t, Str path, FsStat *stat)
{
    bool found = false;
    Error ignored; /* a file where a folder would be: not there */
    return fs_stat_at(t->dir_fd, path, &found, stat, &ignored) && found && stat->kind != FS_FOLDER;
}

static Str content(Test *t, Str path, const FsStat *stat)
{
    Str bytes = {0};
    if (stat->kind == FS_FILE)
        CHECK_OK(fs_read_at(t->arena, t->dir_fd, path, 1 << 24, &bytes, &t->err));
    return bytes;
}

/* Whatever is in the way goes first. */
static void put_file(Test *t, Str path, Str bytes, bool executable)
{
    for (size_t i = 0; i < path.len; i++) {
        FsStat stat;
        if (path.data[i] == '/' && is_there(t, str_slice(path, 0, i), &stat))
            CHECK_OK(fs_remove_at(t->dir_fd, str_slice(path, 0, i), false, &t->err));
    }
    CHECK_OK(fs_remove_all_at(t->dir_fd, path, &t->err));
    CHECK_OK(fs_make_folders_at(t->dir_fd, path_folder(path), 0755, &t->err));
    CHECK_OK(fs_create_at(t->dir_fd, path, bytes, executable ? 0755 : 0644, false, &t->err));
}

static void put_link(Test *t, Str path, const char *target)
{
    put_file(t, path, (Str){0}, false);
    CHECK_OK(fs_remove_at(t->dir_fd, path, false, &t->err));
    CHECK_OK(fs_link_at(t->dir_fd, path, str_of(target), &t->err));
}

/* Lines that a reader of mails or patches could take for its own. */
static const char *random_line(Test *t)
{
    static const char *const lines[] = {"plain\n",
                                        "From nobody Mon Sep 17 00:00:00 2001\n",
                                        "---\n",
                                        "-- \n",
                                        "diff --git a/x b/x\n",
                                        "windows\r\n",
                                        "carriage\rreturn\n",
                                        "trailing \t \n",
                                        "\n",
                                        "caf\xe9\n",
                                        "+++ b/x\n",
                                        "@@ -1 +1 @@\n",
                                        "no end"};
    return test_below(t, 2) ? lines[test_below(t, COUNT_OF(lines))]
                            : arena_format(t->arena, "line %ju\n", (uintmax_t)test_below(t, 99));
}

static Str random_bytes_of(Test *t)
{
    Buf buf = buf_new(t->arena);
    buf_add_char(&buf, '\0');
    for (size_t left = test_below(t, 3000); left > 0; left--)
        buf_add_char(&buf, (char)test_below(t, 256));
    return buf_str(&buf);
}

static Str edited(Test *t, Str old)
{
    Buf buf = buf_new(t->arena);
    size_t place = test_below(t, old.len + 1), gone = test_below(t, 4) ? 0 : test_below(t, 40);
    while (place > 0 && old.data[place - 1] != '\n')
        place--;
    buf_add(&buf, str_slice(old, 0, place));
    for (size_t left = test_below(t, 4); left > 0; left--)
        buf_add_text(&buf, random_line(t));
    buf_add(&buf, str_slice(old, place + gone, old.len));
    return buf_str(&buf);
}

static void with_crlf(Test *t, Str path, Str old, bool executable)
{
    Buf buf = buf_new(t->arena);
    for (size_t i = 0; i < old.len; i++) {
        if (old.data[i] == '\n' && (i == 0 || old.data[i - 1] != '\r'))
            buf_add_char(&buf, '\r');
        buf_add_char(&buf, old.data[i]);
    }
    put_file(t, path, buf_str(&buf), executable);
}

static void edit_there(Test *t, const char *folder, Str path, const FsStat *stat)
{
    Str old = content(t, path, stat);
    switch (test_below(t, 7)) {
    case 0:
        put_file(t, path, old, !stat->executable);
        break;
    case 1:
        put_file(t, path, random_bytes_of(t), stat->executable);
        break;
    case 2:
        with_crlf(t, path, old, stat->executable);
        break;
    case 3:
        CHECK_OK(fs_remove_at(t->dir_fd, path, false, &t->err));
        break;
    case 4: {
        size_t name = test_below(t, NAMES);
        CHECK_OK(fs_remove_at(t->dir_fd, path, false, &t->err));
        put_file(t, at(t, folder, name), test_below(t, 2) ? old : edited(t, old), stat->executable);
        break;
    }
    default:
        put_file(t, path, edited(t, old), stat->executable);
    }
}

static void random_edits(Test *t, const char *folder)
{
    for (size_t left = 1 + test_below(t, 6); left > 0; left--) {
        FsStat stat;
        Str path = at(t, folder, test_below(t, NAMES));
        if (is_there(t, path, &stat))
            edit_there(t, folder, path, &stat);
        else if (test_below(t, 4) == 0)
            put_link(t, path, test_below(t, 2) ? "notes.txt" : "SKILL.md");
        else
            put_file(t, path, test_below(t, 3) ? edited(t, (Str){0}) : (Str){0}, false);
    }
    put_file(t, at(t, folder, 0), edited(t, STR("# PDF\n\nalways\nhere\n")), false);
}

/* ── what holds ── */

static Hash hash_at(Test *t, const char *path)
{
    Snapshot snapshot;
    CHECK_OK(snapshot_read(t->arena, t->dir_fd, str_of(path), NULL, &snapshot, &t->err));
    CHECK(snapshot.exists);
    return snapshot.hash;
}

static PatchExport export_patch(World *world, const char *artifact, const char *project,
                                const char *out)
{
    Test *t = world->t;
    PatchExport patch = {0};
    PatchRequest request = {.artifact = artifact,
                            .project = project ? project_path(world, project) : NULL,
                            .message = "From here to there:\n\n---\nSubject: all\n",
                            .out = arena_format(t->arena, "%s/%s", t->dir, out),
                            .force = true};
    CHECK_OK(verb_patch(&world->ws, &request, &patch, &t->err));
    return patch;
}

/* `git apply` and `git am` in a clone at the commit that the patch names. */
static void check_applies(World *world, const PatchExport *patch, const char *from,
                          const char *mine)
{
    Test *t = world->t;
    CHECK(patch->written);
    const char *said = test_shell(
        t,
        "rm -rf clone && git clone -q -s up clone && cd clone && git checkout -q %.*s && "
        "%s >../mail && git apply --check --whitespace=nowarn ../mail 2>&1; " GIT
        "am -q ../mail 2>am.log || cat am.log; rm -f am.log; git status --porcelain; "
        "git diff --name-only %.*s HEAD | grep -v '^\"\\?%.*s' || true",
        STR_ARG(patch->base_sha), from, STR_ARG(patch->base_sha), STR_ARG(patch->upstream_path));
    CHECK_TEXT(said, "");
    const char *place = arena_format(t->arena, "clone/%.*s", STR_ARG(patch->upstream_path));
    Hash there = hash_at(t, place), here = hash_at(t, mine);
    CHECK(hash_equal(&there, &here));
    CHECK(hash_equal(&there, &patch->result));
}

static void accept_upstream(World *world, int round)
{
    Test *t = world->t;
    (void)test_shell(
        t, "cd up && " GIT "am -q ../c.patch 2>am.log && rm am.log && " GIT "tag v2.%d.0", round);
    git_close(&world->ws.git);
    CHECK_OK(git_open(t->arena, world->ws.home, &(GitSettings){0}, &world->ws.git, &t->err));
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "synced");
}

TEST(git_takes_every_patch_and_has_the_same_tree)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    for (int round = 0, rounds = test_rounds(24); round < rounds; round++) {
        random_edits(t, COLLECTION "skills/pdf");
        PatchExport patch = export_patch(world, "pdf", NULL, "c.patch");
        check_applies(world, &patch, "cat ../c.patch", COLLECTION "skills/pdf");
        if (round % 4 == 0)
            accept_upstream(world, round);
        random_edits(t, "atlas/.claude/skills/pdf");
        patch = export_patch(world, "pdf", "atlas", "p.tar.gz");
        check_applies(world, &patch, "tar -xzOf ../p.tar.gz skill-pdf.patch",
                      "atlas/.claude/skills/pdf");
    }
    world_close(world);
}

TEST(git_takes_patches_of_a_one_file_artifact)
{
    static const char *const texts[] = {"go\non\n", "go\r\non", "", "\xff\xfe", "go\n"};
    World *world = world_new(t);
    (void)world_add(world, "commands/go.md", "latest");
    for (size_t i = 0; i < COUNT_OF(texts) - 1; i++) {
        put_file(t, STR(COLLECTION "commands/go.md"), str_of(texts[i]), i % 2);
        PatchExport patch = export_patch(world, "go", NULL, "go.patch");
        CHECK_STR(patch.changes.items[0].path, STR("commands/go.md"));
        check_applies(world, &patch, "cat ../go.patch", COLLECTION "commands/go.md");
    }
    put_file(t, STR(COLLECTION "commands/go.md"), STR("go\n"), false);
    CHECK(!export_patch(world, "go", NULL, "none.patch").written);
    CHECK(!fs_exists(path_join(t->arena, str_of(t->dir), STR("none.patch"))));
    world_close(world);
}

TEST(what_the_rules_ignore_stays_in_the_upstream)
{
    World *world = world_new(t);
    upstream_commit(world, "skills/pdf/kept.pyc", "compiled\n", "v1.1.0");
    upstream_commit(world, "skills/pdf/drafts/one.md", "draft\n", "v1.2.0");
    (void)world_add(world, "skills/pdf", "latest");
    put_file(t, STR(COLLECTION "skills/pdf/.weirignore"), STR("drafts/\n"), false);
    PatchExport patch = export_patch(world, "pdf", NULL, "c.patch");
    CHECK_INT(patch.changes.count, 1);
    CHECK_STR(patch.changes.items[0].path, STR("skills/pdf/.weirignore"));
    check_applies(world, &patch, "cat ../c.patch", COLLECTION "skills/pdf");
    CHECK_TEXT(test_shell(t, "cat clone/skills/pdf/kept.pyc clone/skills/pdf/drafts/one.md"),
               "compiled\ndraft\n");
    world_close(world);
}

TEST(a_project_that_is_behind_takes_nothing_back)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    const char *old = test_shell(t, "git -C up rev-parse HEAD | tr -d '\\n'");
    upstream_commit(world, "skills/pdf/new.md", "new\n", "v1.1.0");
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    put_file(t, STR("atlas/.claude/skills/pdf/mine.md"), STR("mine\n"), false);
    PatchExport patch = export_patch(world, "pdf", "atlas", "p.patch");
    CHECK_STR(patch.base_sha, str_of(old));
    CHECK_INT(patch.changes.count, 1);
    CHECK_STR(patch.changes.items[0].path, STR("skills/pdf/mine.md"));

    (void)world_pull(world, "pdf", "atlas", true); /* the collection has both, the project one */
    patch = export_patch(world, "pdf", "atlas", "p.patch");
    CHECK_INT(patch.changes.count, 1);
    (void)world_sync(world, "pdf", SYNC_PROJECT, "atlas", true);
    patch = export_patch(world, "pdf", "atlas", "p.patch");
    CHECK_INT(patch.changes.count, 1);
    CHECK(!str_equal(patch.base_sha, str_of(old)));
    check_applies(world, &patch, "cat ../p.patch", "atlas/.claude/skills/pdf");
    world_close(world);
}

TEST(a_patch_changes_nothing_but_its_own_file)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    put_file(t, STR("atlas/.claude/skills/pdf/mine.md"), STR("mine\n"), false);
    const char *before = world_picture(world, true);
    (void)test_shell(t, "mkdir out");
    (void)export_patch(world, "pdf", "atlas", "out/p.zip");
    CHECK_TEXT(world_picture(world, true), before);
    CHECK_TEXT(test_shell(t, "ls -A out"), "p.zip\n");
    world_close(world);
}

TEST(a_file_that_is_there_stays_unless_forced)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    put_file(t, STR(COLLECTION "skills/pdf/mine.md"), STR("mine\n"), false);
    test_write(t, "out/old.patch", "old\n");
    (void)test_shell(t, "ln -s old.patch out/link.patch");
    PatchExport patch = {0};
    PatchRequest request = {.artifact = "pdf",
                            .out = arena_format(t->arena, "%s/out/old.patch", t->dir)};
    CHECK_FAILS(ERR_EXISTS, verb_patch(&world->ws, &request, &patch, &t->err));
    CHECK_STR(test_read(t, "out/old.patch"), STR("old\n"));
    request.force = true;
    request.out = arena_format(t->arena, "%s/out/link.patch", t->dir);
    CHECK_FAILS(ERR_EXISTS, verb_patch(&world->ws, &request, &patch, &t->err));
    CHECK_STR(test_read(t, "out/old.patch"), STR("old\n"));
    request.out = arena_format(t->arena, "%s/out/old.patch", t->dir);
    CHECK_OK(verb_patch(&world->ws, &request, &patch, &t->err));
    Str written = test_read(t, "out/old.patch");
    Hash sum = hash_of(written);
    CHECK(hash_equal(&sum, &patch.sha256));
    CHECK_INT(written.len, patch.size_bytes);
    CHECK_TEXT(test_shell(t, "ls -A out"), "link.patch\nold.patch\n");
    world_close(world);
}

TEST(the_same_state_gives_the_same_bytes)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    put_file(t, STR(COLLECTION "skills/pdf/mine.md"), STR("mine\n"), false);
    static const char *const forms[] = {"patch", "tar.gz", "zip"};
    clock_freeze(1795248000000);
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        Hash sums[2];
        for (size_t k = 0; k < 2; k++)
            sums[k] =
                export_patch(world, "pdf", NULL, arena_format(t->arena, "%zu.%s", k, forms[i]))
                    .sha256;
        CHECK(hash_equal(&sums[0], &sums[1]));
    }
    clock_freeze(-1);
    world_close(world);
}

/* ── the mail ── */

typedef struct {
    const char *author, *email, *message, *artifact;
    const char *shown; /* "name|email|subject|body's start" as git has them */
} MailRow;

static void check_mail(Test *t, const MailRow *row)
{
    FileChange change = {.action = FILE_ADD, .path = STR("n"), .new_mode = MODE_FILE};
    PatchMail mail = {
        .artifact = str_of(row->artifact),
        .author = str_of(row->author),
        .email = str_of(row->email),
        .at_ms = 1795248000000,
        .message = str_of(row->message),
        .base_sha = STR("0123456789012345678901234567890123456789"),
        .changes = &(FileChanges){.items = &change, .count = 1},
        .patch = STR("diff --git a/n b/n\nnew file mode 100644\nindex "
                     "0000000000000000000000000000000000000000.."
                     "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\n"),
    };
    test_write_bytes(t, "m.patch", patch_mail(t->arena, &mail), 0644);
    (void)test_shell(t, "rm -rf r && git init -q r && cd r && " GIT "commit -q --allow-empty -m x");
    CHECK_TEXT(test_shell(t, "cd r && " GIT "am -q ../m.patch 2>&1; git log -1 "
                             "--format='%%an|%%ae|%%at|%%s|%%b' | sed '/^1 file of /,$d'"),
               row->shown);
    CHECK_TEXT(
        test_shell(t, "cd r && git log -1 --format='%%(trailers:key=Weir-Base-Sha)' | wc -l"),
        "2\n");
}

TEST(git_reads_author_subject_and_message_as_they_were)
{
    static const MailRow rows[] = {
        {"Ada", "ada@example.org", "Why.\n\nBecause.", "skill:pdf",
         "Ada|ada@example.org|1795248000|weir: changes of skill:pdf|Why.\n\nBecause.\n\n"},
        {"Zo\xc3\xab \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xf0\x9f\x90\x99 with a name that is "
         "long",
         "zoe@example.org",
         "Gr\xc3\xbc\xc3\x9f"
         "e",
         "skill:stra\xc3\x9f"
         "e",
         "Zo\xc3\xab \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xf0\x9f\x90\x99 with a name that is "
         "long|zoe@example.org|1795248000|weir: changes of skill:stra\xc3\x9f"
         "e|Gr\xc3\xbc\xc3\x9f"
         "e\n\n"},
        {"O'Neil, \"Jo\" J. (x)", "a@b", "From: eve@example.org\nSubject: no", "skill:pdf",
         "O'Neil, \"Jo\" J. (x)|a@b|1795248000|weir: changes of skill:pdf| From: "
         "eve@example.org\nSubject: no\n\n"},
        {"eve <eve@x>\nBcc: y", "a@b>\nX: y",
         "[PATCH] x\nFrom me Mon Sep 17 00:00:00 2001\n---\n"
         "diff --git a b\nIndex: x\n-- x",
         "skill:pdf",
         "eve eve x Bcc: y|a@bX:y|1795248000|weir: changes of skill:pdf| [PATCH] x\n"
         " From me Mon Sep 17 00:00:00 2001\n ---\n diff --git a b\n Index: x\n-- x\n\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_mail(t, &rows[i]);
}
