#include "scene.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apply/lock.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/path.h"
#include "inject.h"

#define RECORD0_OLD "0 old\n1 old\n2 none\n3 old\n"
#define RECORD_NEW "0 new\n1 new\n2 new\n3 new\n"
#define RECORD1_NEW "0 new\n4 new\n"
#define RECORD2_NEW "5 new\n"

/* "text" a file, "!text" an executable one, "@target" a link, NULL absent */
typedef struct {
    int root;
    const char *path, *before, *after;
    size_t group;
} Change;

static const Change changes[] = {
    {0, ".claude/skills/pdf/SKILL.md", "old skill", "a new and longer skill", 0},
    {0, ".claude/skills/pdf/run.sh", "#!/bin/sh", "!#!/bin/sh", 0},
    {0, ".claude/skills/pdf/link", "@SKILL.md", "@run.sh", 0},
    {0, ".claude/skills/pdf/more.md", NULL, "more", 0},
    {0, ".claude/skills/old/a", "a", NULL, 1},
    {0, ".claude/skills/old/deep/b", "!b", NULL, 1},
    {0, ".claude/skills/new/SKILL.md", NULL, "new skill", 2},
    {0, ".claude/skills/new/sub/x", NULL, "!x", 2},
    {0, ".claude/skills/new/to", NULL, "@sub/x", 2},
    {0, ".claude/skills/shape", "was a file", NULL, 3},
    {0, ".claude/skills/shape/in", NULL, "now in a folder", 3},
    {0, ".claude/skills/box", NULL, "now a file", 3},
    {0, ".claude/skills/box/p", "p", NULL, 3},
    {0, ".claude/skills/box/q/r", "r", NULL, 3},
    {0, ".weir/deployed.toml", RECORD0_OLD, RECORD_NEW, APPLY_RECORD},
    {1, "skills/pdf/SKILL.md", "old skill", "a new and longer skill", 0},
    {1, "skills/gone.md", "gone", NULL, 4},
    {1, "collection.lock.toml", NULL, RECORD1_NEW, APPLY_RECORD},
    {2, ".claude/commands/one.md", NULL, "one", 5},
    {2, ".claude/commands/two.md", NULL, "two", 5},
    {2, ".weir/deployed.toml", NULL, RECORD2_NEW, APPLY_RECORD},
};

/* What weir never touches. */
static const Change untracked[] = {
    {0, ".claude/skills/pdf/mine", "my own notes", NULL, 0},
    {0, "src/main.c", "int main;", NULL, 0},
    {1, "README", "hello", NULL, 0},
};

static const Edit edits[] = {
    {0, ".claude/skills/pdf/SKILL.md", EDIT_REPLACE},
    {0, ".claude/skills/pdf/SKILL.md", EDIT_IN_PLACE},
    {0, ".claude/skills/pdf/SKILL.md", EDIT_REMOVE},
    {0, ".claude/skills/pdf/link", EDIT_REPLACE},
    {0, ".claude/skills/pdf/more.md", EDIT_REPLACE},
    {0, ".claude/skills/old/a", EDIT_REPLACE},
    {0, ".claude/skills/old/a", EDIT_IN_PLACE},
    {0, ".claude/skills/old/a", EDIT_REMOVE},
    {0, ".claude/skills/old/mine", EDIT_REPLACE},
    {0, ".claude/skills/new/SKILL.md", EDIT_REPLACE},
    {0, ".claude/skills/new/mine", EDIT_REPLACE},
    {0, ".claude/skills/shape", EDIT_REPLACE},
    {0, ".claude/skills/shape/in", EDIT_REPLACE},
    {0, ".claude/skills/shape/mine", EDIT_REPLACE},
    {0, ".claude/skills/box", EDIT_REPLACE},
    {0, ".claude/skills/box/p", EDIT_REPLACE},
    {0, ".claude/skills/box/mine", EDIT_REPLACE},
    {0, ".weir/deployed.toml", EDIT_REPLACE},
    {1, "skills/pdf/SKILL.md", EDIT_REPLACE},
    {1, "skills/gone.md", EDIT_REMOVE},
    {1, "collection.lock.toml", EDIT_REPLACE},
    {2, ".claude/commands/one.md", EDIT_REPLACE},
    {2, ".claude/mine", EDIT_REPLACE},
    {2, ".claude/commands/two.md", EDIT_REMOVE},
};

static void must(bool ok, const char *what, const Error *err)
{
    if (ok)
        return;
    (void)fprintf(stderr, "the harness itself failed: %s: %s\n", what, err ? err->message : "");
    _exit(99);
}

static Mode mode_of(const char *text)
{
    if (!text)
        return MODE_NONE;
    return text[0] == '@' ? MODE_LINK : text[0] == '!' ? MODE_EXEC : MODE_FILE;
}

static Str bytes_of(const char *text)
{
    return str_of(text && (text[0] == '@' || text[0] == '!') ? text + 1 : text);
}

static Hash hash_of_text(const char *text)
{
    return text ? hash_of(bytes_of(text)) : (Hash){{0}};
}

/* The host */

static bool host_read(void *context, Arena *arena, const Hash *hash, Str *out, Error *err)
{
    (void)context;
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        Hash before = hash_of_text(changes[i].before), after = hash_of_text(changes[i].after);
        const char *text = hash_equal(&after, hash)    ? changes[i].after
                           : hash_equal(&before, hash) ? changes[i].before
                                                       : NULL;
        if (text) {
            *out = arena_copy(arena, bytes_of(text));
            return true;
        }
    }
    return fail(err, ERR_NOT_FOUND, "no such content");
}

static bool is_kept(const SceneData *data, const Hash *hash)
{
    for (int i = 0; i < data->kept_durable; i++)
        if (hash_equal(&data->keep[i], hash))
            return true;
    return false;
}

static bool host_keep(void *context, Str bytes, const Hash *hash, Error *err)
{
    Scene *scene = context;
    Hash actual = hash_of(bytes);
    must(hash_equal(&actual, hash), "keep_old was given another hash", err);
    if (!is_kept(scene->data, hash) && scene->data->kept < SCENE_KEPT)
        scene->data->keep[scene->data->kept++] = *hash;
    return true;
}

static bool host_sync(void *context, Error *err)
{
    Scene *scene = context;
    (void)err;
    scene->data->kept_durable = scene->data->kept;
    char event[32];
    (void)snprintf(event, sizeof event, "kept %d", scene->data->kept);
    inject_event(event);
    if (scene->at_check) {
        inject_user(true);
        scene_edit(scene, scene->at_check, true);
        inject_user(false);
    }
    scene->at_check = NULL;
    return true;
}

static bool host_finish(void *context, const ApplyFinish *finish, Error *err)
{
    Scene *scene = context;
    (void)err;
    for (size_t i = 0; i < finish->failed.count; i++)
        scene->data->failed[finish->failed.items[i] % SCENE_GROUPS] = true;
    scene->data->finished++;
    inject_event("finished");
    return true;
}

/* A record says "GROUP new" for each group; one that failed keeps its old line. */
static bool host_amend(void *context, Arena *arena, const ApplyAmend *amend, Str *out, Error *err)
{
    (void)context;
    (void)err;
    Buf buf = buf_new(arena);
    Str rest = amend->new_bytes, line;
    while (str_next(&rest, '\n', &line)) {
        bool failed = false;
        for (size_t i = 0; line.len && i < amend->failed.count; i++)
            failed = failed || amend->failed.items[i] == (size_t)(line.data[0] - '0');
        if (line.len)
            buf_format(&buf, "%c %s\n", line.data[0], failed ? "kept" : "new");
    }
    *out = buf_str(&buf);
    return true;
}

static ApplyHost host_of(Scene *scene)
{
    return (ApplyHost){scene, host_read, host_keep, host_sync, host_finish, host_amend};
}

/* Arranging */

static SceneData *map_data(const char *dir)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/db", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    must(fd >= 0 && posix_fallocate(fd, 0, sizeof(SceneData)) == 0, "map the database", NULL);
    void *data = mmap(NULL, sizeof(SceneData), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    must(data != MAP_FAILED, "map the database", NULL);
    fd_close(&fd);
    return data;
}

void scene_open(Scene *scene, Arena *arena, const char *dir)
{
    Error err = {0};
    *scene = (Scene){.dir = dir, .home = arena_format(arena, "%s/home", dir)};
    inject_user(true);
    must(fs_make_root(scene->home, 0700, &scene->home_fd, &err), "home", &err);
    const char *other = arena_format(arena, "%s/other", dir);
    must(fs_make_root(other, 0700, &scene->other_fd, &err), "home", &err);
    for (int i = 0; i < SCENE_ROOTS; i++) {
        scene->path[i] = arena_format(arena, "%s/root%d", dir, i);
        must(fs_make_root(scene->path[i], 0755, &scene->fd[i], &err), "root", &err);
    }
    scene->data = map_data(dir);
    inject_user(false);
}

void scene_close(Scene *scene)
{
    fd_close(&scene->home_fd);
    fd_close(&scene->other_fd);
    for (int i = 0; i < SCENE_ROOTS; i++)
        fd_close(&scene->fd[i]);
    (void)munmap(scene->data, sizeof *scene->data);
}

static void write_text(int fd, const char *path, const char *text)
{
    Error err = {0};
    Str at = str_of(path), bytes = bytes_of(text);
    must(fs_make_folders_at(fd, path_folder(at), 0755, &err), "folders", &err);
    bool ok =
        mode_of(text) == MODE_LINK
            ? fs_link_at(fd, at, bytes, &err)
            : fs_create_at(fd, at, bytes, mode_of(text) == MODE_EXEC ? 0755 : 0644, false, &err);
    must(ok, "write", &err);
}

static void empty_folder(int fd)
{
    Error err = {0};
    SCOPED(arena_close) Arena *arena = arena_open();
    FsNames names;
    must(fs_list(arena, fd, &names, &err), "list", &err);
    for (size_t i = 0; i < names.count; i++)
        must(fs_remove_all_at(fd, names.items[i].name, &err), "empty", &err);
}

void scene_build(Scene *scene)
{
    inject_user(true);
    empty_folder(scene->home_fd);
    for (int i = 0; i < SCENE_ROOTS; i++)
        empty_folder(scene->fd[i]);
    for (size_t i = 0; i < COUNT_OF(changes); i++)
        if (changes[i].before)
            write_text(scene->fd[changes[i].root], changes[i].path, changes[i].before);
    for (size_t i = 0; i < COUNT_OF(untracked); i++)
        write_text(scene->fd[untracked[i].root], untracked[i].path, untracked[i].before);
    *scene->data = (SceneData){0};
    scene->at_check = NULL;
    inject_user(false);
}

bool scene_apply(Scene *scene, Arena *arena, ApplyResult *out, Error *err)
{
    ApplyEntry entries[SCENE_ROOTS][COUNT_OF(changes)];
    ApplyRoot roots[SCENE_ROOTS] = {0};
    memset(entries, 0, sizeof entries);
    for (int i = 0; i < SCENE_ROOTS; i++)
        roots[i] = (ApplyRoot){scene->path[i], scene->fd[i], ".weir", entries[i], 0};
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        const Change *c = &changes[i];
        entries[c->root][roots[c->root].count++] = (ApplyEntry){str_of(c->path),
                                                                mode_of(c->before),
                                                                hash_of_text(c->before),
                                                                mode_of(c->after),
                                                                hash_of_text(c->after),
                                                                c->group,
                                                                0};
    }
    ApplySpec spec = {scene->home, scene->home_fd, "01TXN", roots, SCENE_ROOTS, STR("payload")};
    ApplyHost host = host_of(scene);
    if (!apply_run(arena, &spec, &host, out, err)) {
        scene->data->code = err->code;
        return false;
    }
    scene->data->reported = scene->data->reported || out->outcome == APPLY_DONE;
    if (out->outcome == APPLY_DONE)
        inject_event("reported");
    return true;
}

bool scene_recover(Scene *scene, Arena *arena, ApplyRecovery *out, Error *err)
{
    ApplyHost host = host_of(scene);
    if (!apply_recover(arena, scene->home, scene->home_fd, 1000, &host, out, err))
        return false;
    for (size_t i = 0; i < out->count; i++)
        if (out->items[i].kind == RECOVERY_FAILED || out->items[i].kind == RECOVERY_BUSY) {
            *err = out->items[i].error;
            return false;
        }
    return true;
}

/* A user */

const Edit *scene_edits(size_t *count)
{
    *count = COUNT_OF(edits);
    return edits;
}

static bool edit_in_place(int fd, Str path, Str bytes, Error *err)
{
    SCOPED(fd_close)
    int file = fs_open_at(fd, path, O_WRONLY | O_TRUNC | O_CREAT | O_NOFOLLOW, 0644);
    return file >= 0 && fs_write_fd(file, bytes, err);
}

static bool edit_by_rename(int fd, Str path, Str bytes, Error *err)
{
    if (!fs_create_at(fd, STR("his.tmp"), bytes, 0644, false, err))
        return false;
    bool saved = fs_rename_at(fd, STR("his.tmp"), fd, path, 0) == 0;
    must(saved || fs_remove_at(fd, STR("his.tmp"), false, err), "tidy up", err);
    return saved;
}

static const char *live_text(const Scene *scene, Arena *arena, int root, Str path)
{
    Error err;
    FsStat st;
    Str bytes;
    bool found;
    int fd = scene->fd[root];
    if (!fs_stat_at(fd, path, &found, &st, &err) || !found || st.kind == FS_FOLDER)
        return NULL;
    if (st.kind == FS_LINK)
        return fs_read_link_at(arena, fd, path, &bytes, &err)
                   ? arena_format(arena, "@%.*s", STR_ARG(bytes))
                   : "?";
    return fs_read_at(arena, fd, path, 1 << 20, &bytes, &err)
               ? arena_format(arena, "%s%.*s", st.executable ? "!" : "", STR_ARG(bytes))
               : "?";
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static const Change *change_of(int root, Str path)
{
    for (size_t i = 0; i < COUNT_OF(changes); i++)
        if (changes[i].root == root && str_is(path, changes[i].path))
            return &changes[i];
    return NULL;
}

/* Then the new content has not got there, and no record may say that it has. */
static bool is_over_old(const Scene *scene, const Edit *edit)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const Change *change = change_of(edit->root, str_of(edit->path));
    if (!change || change->group == APPLY_RECORD || (edit->style == EDIT_REMOVE && !change->after))
        return false;
    return same_text(live_text(scene, arena, edit->root, str_of(edit->path)), change->before);
}

/* He does what an editor can do; where a folder is in his way, or none is there, he could not have saved. */
void scene_edit(Scene *scene, const Edit *edit, bool concurrent)
{
    Error err = {0};
    Str path = str_of(edit->path);
    int fd = scene->fd[edit->root];
    DoneEdit *done = &scene->data->edits[scene->data->edit_count++];
    *done = (DoneEdit){.edit = *edit, .concurrent = concurrent};
    (void)snprintf(done->content, sizeof done->content, "edit number %d", scene->data->edit_count);
    inject_user(true);
    done->over_old = is_over_old(scene, edit);
    if (edit->style == EDIT_REMOVE) {
        FsStat st;
        bool there;
        done->done =
            fs_stat_at(fd, path, &there, &st, &err) && there && fs_remove_at(fd, path, false, &err);
    } else {
        done->done = edit->style == EDIT_REPLACE
                         ? edit_by_rename(fd, path, str_of(done->content), &err)
                         : edit_in_place(fd, path, str_of(done->content), &err);
    }
    char event[32];
    (void)snprintf(event, sizeof event, "edit %d", scene->data->edit_count - 1);
    inject_event(event);
    inject_user(false);
}

/* The eye */

static const DoneEdit *edit_of(const Scene *scene, int root, Str path)
{
    for (int i = scene->data->edit_count; i-- > 0;)
        if (scene->data->edits[i].done && scene->data->edits[i].edit.root == root &&
            str_is(path, scene->data->edits[i].edit.path))
            return &scene->data->edits[i];
    return NULL;
}

static const char *wrong(Arena *arena, int root, Str path, const char *live, const char *wanted)
{
    return arena_format(arena, "root%d/%.*s is '%s', not '%s'", root, STR_ARG(path),
                        live ? live : "(absent)", wanted ? wanted : "(absent)");
}

static const char *check_edit(const Scene *scene, Arena *arena, const DoneEdit *done)
{
    Str path = str_of(done->edit.path);
    const char *wanted = done->edit.style == EDIT_REMOVE ? NULL : done->content;
    const char *live = live_text(scene, arena, done->edit.root, path);
    if (live && live[0] == '!')
        live++;
    Hash hash = hash_of(str_of(done->content));
    if (same_text(live, wanted) || (wanted && done->concurrent && is_kept(scene->data, &hash))) {
        const Change *change = change_of(done->edit.root, path);
        if (!done->over_old || !scene->data->finished || scene->data->failed[change->group])
            return NULL;
        return arena_format(arena, "the record speaks of content that never got to %s",
                            done->edit.path);
    }
    return wrong(arena, done->edit.root, path, live, wanted);
}

static const char *amended_record(const Scene *scene, Arena *arena, const Change *change)
{
    ApplyAmend amend = {.new_bytes = str_of(change->after)};
    Str out;
    Error err;
    for (size_t g = 0; g < SCENE_GROUPS; g++)
        if (scene->data->failed[g])
            ARRAY_PUSH(arena, &amend.failed, g);
    if (!amend.failed.count || !host_amend(NULL, arena, &amend, &out, &err))
        return change->after;
    return arena_text(arena, out);
}

static const char *check_change(const Scene *scene, Arena *arena, const Change *change)
{
    Str path = str_of(change->path);
    const char *live = live_text(scene, arena, change->root, path);
    const char *wanted = scene->data->finished ? change->after : change->before;
    if (edit_of(scene, change->root, path))
        return NULL;
    if (scene->data->finished && change->group == APPLY_RECORD)
        wanted = amended_record(scene, arena, change);
    bool failed = change->group != APPLY_RECORD && scene->data->failed[change->group];
    if (same_text(live, wanted) || (failed && same_text(live, change->before)))
        return NULL;
    return wrong(arena, change->root, path, live, wanted);
}

static bool is_known(const Scene *scene, int root, Str path)
{
    if (change_of(root, path))
        return true;
    for (size_t i = 0; i < COUNT_OF(untracked); i++)
        if (untracked[i].root == root && str_is(path, untracked[i].path))
            return true;
    return edit_of(scene, root, path) != NULL;
}

/* Folders exist only where something is in them, and nothing is there that nobody wrote. */
static const char *check_folder(const Scene *scene, Arena *arena, int root, Str folder)
{
    FsNames names;
    Error err;
    SCOPED(fd_close) int fd = -1;
    if (!fs_open_folder(scene->fd[root], folder, &fd, &err) || !fs_list(arena, fd, &names, &err))
        return "a folder cannot be read";
    bool removed = false; /* a user who removes the last file of a folder leaves it empty */
    for (int i = 0; i < scene->data->edit_count; i++)
        removed = removed ||
                  (scene->data->edits[i].done && scene->data->edits[i].edit.style == EDIT_REMOVE);
    if (folder.len && !names.count && !removed)
        return arena_format(arena, "root%d/%.*s is left behind empty", root, STR_ARG(folder));
    for (size_t i = 0; i < names.count; i++) {
        Str path = str_of(path_join(arena, folder, names.items[i].name));
        if (names.items[i].kind == FS_FOLDER) {
            const char *problem = check_folder(scene, arena, root, path);
            if (problem)
                return problem;
        } else if (!is_known(scene, root, path)) {
            return arena_format(arena, "root%d/%.*s was left behind", root, STR_ARG(path));
        }
    }
    return NULL;
}

static const char *check_home(const Scene *scene, Arena *arena)
{
    FsNames names;
    Error err;
    SCOPED(fd_close) int fd = fs_open_at(scene->home_fd, STR("txn"), O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return NULL;
    if (!fs_list(arena, fd, &names, &err))
        return "the journals cannot be listed";
    return names.count ? "a journal was left behind" : NULL;
}

static const char *check_kept(const Scene *scene, Arena *arena)
{
    for (size_t i = 0; scene->data->finished && i < COUNT_OF(changes); i++) {
        Hash hash = hash_of_text(changes[i].before);
        if (changes[i].before && !is_kept(scene->data, &hash))
            return arena_format(arena, "the old %s was not kept", changes[i].path);
    }
    return NULL;
}

const char *scene_check_files(Scene *scene, Arena *arena)
{
    const char *problem = scene->data->reported && !scene->data->finished
                              ? "success was reported without finish"
                              : NULL;
    for (int i = 0; !problem && i < scene->data->edit_count; i++)
        if (scene->data->edits[i].done &&
            edit_of(scene, scene->data->edits[i].edit.root,
                    str_of(scene->data->edits[i].edit.path)) == &scene->data->edits[i])
            problem = check_edit(scene, arena, &scene->data->edits[i]);
    for (size_t i = 0; !problem && i < COUNT_OF(changes); i++)
        problem = check_change(scene, arena, &changes[i]);
    for (size_t i = 0; !problem && i < COUNT_OF(untracked); i++)
        if (!same_text(live_text(scene, arena, untracked[i].root, str_of(untracked[i].path)),
                       untracked[i].before))
            problem = arena_format(arena, "untracked %s was touched", untracked[i].path);
    return problem;
}

const char *scene_check(Scene *scene, Arena *arena)
{
    const char *problem = scene_check_files(scene, arena);
    if (!problem)
        problem = check_home(scene, arena);
    for (int i = 0; !problem && i < SCENE_ROOTS; i++)
        problem = check_folder(scene, arena, i, (Str){0});
    return problem ? problem : check_kept(scene, arena);
}

static bool has(const Scene *scene, const char *path)
{
    Error err;
    FsStat st;
    bool found;
    return fs_stat_at(scene->home_fd, str_of(path), &found, &st, &err) && found;
}

bool scene_is_half_done(const Scene *scene)
{
    return has(scene, "txn/01TXN/COMMIT") && !has(scene, "txn/01TXN/DONE") &&
           !has(scene, "txn/01TXN/UNDONE");
}

static bool stranger_looks(const Scene *scene, Arena *arena, int root, bool restore, Error *err)
{
    return apply_check_root(arena, scene->fd[root], ".weir", "/other", scene->other_fd, restore,
                            err);
}

const char *scene_check_stranger(Scene *scene, Arena *arena, bool restore)
{
    Error err = {0};
    for (int i = 0; i < SCENE_ROOTS; i++)
        if (stranger_looks(scene, arena, i, false, &err) || err.code != ERR_INTERRUPTED_APPLY)
            return "a stranger does not see an apply that is half done";
    if (!restore)
        return NULL;
    inject_user(true);
    empty_folder(scene->home_fd);
    inject_user(false);
    for (int i = 0; i < SCENE_ROOTS; i++)
        if (!stranger_looks(scene, arena, i, true, &err))
            return arena_format(arena, "a stranger cannot restore: %s", err.message);
    return scene_check(scene, arena);
}
