/* How programs save, step by step: each pattern is taken apart, and its steps fall on calls of an apply
 * that replaces or deletes that same file. Wherever they fall, what he saved is live, beside, or kept;
 * or a step of his failed, so that he was told.
 *
 * saves DIR [every N] [first]: each N-th call about the exchanges only. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "lib/inject.h"
#include "lib/scene_internal.h"

enum { STEPS = 3, TEXT_BYTES = 8 };
static const char TEXT[] = "his save";
static const Str TMP = {"his.tmp", 7};

typedef struct Save Save;
typedef bool (*Step)(Save *save);
typedef struct {
    const char *name;
    Step steps[STEPS];
} Pattern;

struct Save {
    Scene *scene;
    const Pattern *pattern;
    const Change *change;
    Str path, backup;
    int root, fd; /* the root; what he has open */
    char *map;
    int done;
    bool told;            /* a step failed */
    long gaps[STEPS - 1]; /* calls until the next step; 0: only after the apply */
};

/* Steps */

static bool write_text(int fd)
{
    Error err;
    return fd >= 0 && fs_write_fd(fd, str_of(TEXT), &err);
}

static bool open_with(Save *save, int flags)
{
    fd_close(&save->fd);
    save->fd = fs_open_at(save->root, save->path, flags | O_NOFOLLOW | O_CLOEXEC, 0644);
    return save->fd >= 0;
}

static bool open_truncated(Save *save)
{
    return open_with(save, O_WRONLY | O_CREAT | O_TRUNC);
}

static bool open_as_it_is(Save *save)
{
    return open_with(save, O_WRONLY);
}

static bool open_to_append(Save *save)
{
    return open_with(save, O_WRONLY | O_APPEND);
}

static bool write_open(Save *save)
{
    return write_text(save->fd);
}

static bool truncate_and_write(Save *save)
{
    return ftruncate(save->fd, 0) == 0 && lseek(save->fd, 0, SEEK_SET) == 0 && write_text(save->fd);
}

static bool close_open(Save *save)
{
    fd_close(&save->fd);
    return true;
}

static bool write_and_close(Save *save)
{
    return truncate_and_write(save) && close_open(save);
}

/* As cp -p does: the file gets the times of another. */
static bool close_with_old_times(Save *save)
{
    const struct timespec times[2] = {{1000000000, 0}, {1000000000, 0}};
    return futimens(save->fd, times) == 0 && close_open(save);
}

static bool save_at_once(Save *save)
{
    return open_truncated(save) && write_and_close(save);
}

static bool map_it(Save *save)
{
    if (!open_with(save, O_RDWR) || ftruncate(save->fd, TEXT_BYTES) != 0)
        return false;
    void *map = mmap(NULL, TEXT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, save->fd, 0);
    save->map = map == MAP_FAILED ? NULL : map;
    return save->map && close_open(save);
}

static bool write_mapped(Save *save)
{
    memcpy(save->map, TEXT, TEXT_BYTES);
    return true;
}

static bool unmap_it(Save *save)
{
    char *map = save->map;
    save->map = NULL;
    return munmap(map, TEXT_BYTES) == 0;
}

static bool make_other(Save *save)
{
    Error err;
    return fs_create_at(save->root, TMP, str_of(TEXT), 0644, true, &err);
}

static bool rename_over(Save *save)
{
    return fs_rename_at(save->root, TMP, save->root, save->path, 0) == 0;
}

static bool exchange_both(Save *save)
{
    return fs_rename_at(save->root, TMP, save->root, save->path, RENAME_EXCHANGE) == 0;
}

static bool link_to_its_name(Save *save)
{
    return fs_hard_link_at(save->root, TMP, save->root, save->path) == 0;
}

static bool remove_other(Save *save)
{
    Error err;
    return fs_remove_at(save->root, TMP, false, &err);
}

static bool remove_it(Save *save)
{
    Error err;
    return fs_remove_at(save->root, save->path, false, &err);
}

static bool make_other_and_remove_it(Save *save)
{
    return make_other(save) && remove_it(save);
}

static bool rename_to_backup(Save *save)
{
    return fs_rename_at(save->root, save->path, save->root, save->backup, 0) == 0;
}

static bool link_to_backup(Save *save)
{
    return fs_hard_link_at(save->root, save->path, save->root, save->backup) == 0;
}

static bool remove_backup(Save *save)
{
    Error err;
    return fs_remove_at(save->root, save->backup, false, &err);
}

static bool nothing(Save *save)
{
    (void)save;
    return true;
}

static const Pattern patterns[] = {
    {"in place, truncated when opened", {open_truncated, write_open, close_open}},
    {"in place, truncated when written", {open_as_it_is, truncate_and_write, close_open}},
    {"in place, and once more", {open_truncated, write_open, write_and_close}},
    {"appended", {open_to_append, write_open, close_open}},
    {"as cp -p", {open_truncated, write_open, close_with_old_times}},
    {"by a mapping", {map_it, write_mapped, unmap_it}},
    {"by renaming", {make_other, rename_over, nothing}},
    {"by exchanging", {make_other, exchange_both, remove_other}},
    {"removed, made anew", {remove_it, open_truncated, write_and_close}},
    {"removed, linked", {make_other_and_remove_it, link_to_its_name, remove_other}},
    {"renamed to a backup, made anew", {rename_to_backup, save_at_once, remove_backup}},
    {"renamed to a backup, made anew and held",
     {rename_to_backup, open_truncated, write_and_close}},
    {"linked to a backup, in place", {link_to_backup, save_at_once, remove_backup}},
    {"linked to a backup, held", {link_to_backup, open_as_it_is, write_and_close}},
};

/* Striking */

static void next_step(void *context)
{
    Save *save = context;
    if (save->told || save->done == STEPS)
        return;
    save->told = !save->pattern->steps[save->done++](save);
    long gap = save->done < STEPS ? save->gaps[save->done - 1] : 0;
    if (gap && !save->told)
        inject_arm((Injection){INJECT_CALL, gap, 0, next_step, save});
}

static void end_save(Save *save)
{
    inject_user(true);
    while (!save->told && save->done < STEPS)
        next_step(save);
    if (save->map)
        (void)unmap_it(save);
    fd_close(&save->fd);
    inject_user(false);
}

/* Judging */

static bool holds_text(const Save *save, Arena *arena, Str path)
{
    const char *live = scene_live(save->scene, arena, save->change->root, path);
    return live && strstr(live, TEXT);
}

static bool was_kept(const Save *save, Arena *arena)
{
    const char *sides[] = {"", save->change->before, save->change->after};
    for (size_t i = 0; i < COUNT_OF(sides); i++) {
        if (!sides[i])
            continue;
        Hash hash = hash_of(str_of(arena_format(arena, "%s%s", sides[i], TEXT)));
        if (scene_is_kept(save->scene->data, &hash))
            return true;
    }
    return false;
}

static bool is_lost(const Save *save, Arena *arena)
{
    if (save->told || holds_text(save, arena, save->path) || was_kept(save, arena))
        return false;
    for (int i = 1; i <= STEPS; i++)
        if (holds_text(save, arena,
                       str_of(arena_format(arena, "%.*s.weir-kept-%d", STR_ARG(save->path), i))))
            return false;
    return true;
}

typedef struct {
    Scene scene;
    long points, violations, told, every;
    bool first_only;
} Run;

static void tell(Run *run, const Save *save, long at, const char *problem)
{
    run->violations++;
    (void)printf("VIOLATION: %s\n    %s, root%d/%.*s, at %ld, then %ld and %ld calls later\n",
                 problem, save->pattern->name, save->change->root, STR_ARG(save->path), at,
                 save->gaps[0], save->gaps[1]);
    if (run->first_only)
        exit(1);
}

static void run_point(Run *run, Save save, long at)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    ApplyResult result;
    ApplyRecovery recovery;
    Error err = {0};
    const char *problem = NULL;
    scene_build(&run->scene);
    run->points++;
    inject_arm((Injection){INJECT_CALL, at, 0, next_step, &save});
    if (!scene_apply(&run->scene, arena, &result, &err))
        problem = arena_format(arena, "apply fails: %s", err.message);
    (void)inject_disarm();
    end_save(&save);
    if (!problem && !scene_recover(&run->scene, arena, &recovery, &err))
        problem = arena_format(arena, "recovery fails: %s", err.message);
    if (!problem && is_lost(&save, arena))
        problem = "a save is lost";
    run->told += save.told;
    if (problem)
        tell(run, &save, at, problem);
}

static long count_calls(Run *run)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    ApplyResult result;
    Error err;
    scene_build(&run->scene);
    inject_arm((Injection){0});
    scene_must(scene_apply(&run->scene, arena, &result, &err), "apply", &err);
    return inject_disarm();
}

static void run_pattern(Run *run, const Pattern *pattern, const Change *change, long calls)
{
    static const long gaps[] = {1, 2, 3, 5, 9, 0}, last_gaps[] = {1, 4, 0};
    SCOPED(arena_close) Arena *arena = arena_open();
    Save save = {.scene = &run->scene,
                 .pattern = pattern,
                 .change = change,
                 .path = str_of(change->path),
                 .root = run->scene.fd[change->root],
                 .fd = -1};
    save.backup = str_of(arena_format(arena, "%s~", change->path));
    for (long at = calls / 2; at < calls; at += run->every)
        for (size_t i = 0; i < COUNT_OF(gaps); i++)
            for (size_t j = 0; j < COUNT_OF(last_gaps); j++) {
                save.gaps[0] = gaps[i];
                save.gaps[1] = gaps[i] ? last_gaps[j] : 0;
                if (gaps[i] || !j)
                    run_point(run, save, at);
            }
}

int main(int count, char **words)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Run run = {.every = 1};
    if (count < 2)
        return 2;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 2; i < count; i++) {
        if (strcmp(words[i], "every") == 0 && i + 1 < count)
            run.every = atol(words[i + 1]) > 0 ? atol(words[i + 1]) : 1;
        run.first_only = run.first_only || strcmp(words[i], "first") == 0;
    }
    scene_open(&run.scene, arena, words[1]);
    long calls = count_calls(&run);
    const Change *places[] = {scene_change(0, STR(".claude/skills/pdf/SKILL.md")),
                              scene_change(0, STR(".claude/skills/old/a"))};
    for (size_t i = 0; i < COUNT_OF(patterns); i++)
        for (size_t j = 0; j < COUNT_OF(places); j++)
            run_pattern(&run, &patterns[i], places[j], calls);
    scene_close(&run.scene);
    (void)printf("saves: %ld failed for him, %ld points, %ld violations\n", run.told, run.points,
                 run.violations);
    return run.violations ? 1 : 0;
}
