/* Power loss: one apply is recorded call by call; then for every moment, states of the disk that a power loss
 * may leave are rebuilt, recovery runs on each, and the scene is judged. Some are cut a second time, inside
 * recovery. Stories: undisturbed; a user's edit before COMMIT; edits at random moments of apply.
 *
 * simulate DIR [random N] [stories N] [nested N] [seed N] [first] [skip] [quick] [tales]
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/fs.h"
#include "lib/disk.h"
#include "lib/inject.h"
#include "lib/scene.h"

enum { FOLDERS = SCENE_ROOTS + 1 };

typedef struct {
    Scene scene;
    int fds[FOLDERS];
    long random, stories, nested, states, violations;
    uint64_t chance;
    bool first_only, skip_undisturbed, quick, tales_only;
    const char *story;
} Run;

static uint64_t below(Run *run, uint64_t bound)
{
    run->chance ^= run->chance << 13;
    run->chance ^= run->chance >> 7;
    run->chance ^= run->chance << 17;
    return run->chance % bound;
}

static void tell(Run *run, const OpLog *log, const PowerLoss *loss, const char *problem)
{
    static const char *const rules[] = {"all kept", "none kept", "all but",
                                        "none but", "first",     "random"};
    const Op *last = loss->calls ? &log->items[loss->calls - 1] : NULL;
    run->violations++;
    (void)printf("VIOLATION: %s\n    %s: power lost after %zu of %zu calls (last: %d %s), %s %zu, "
                 "seed %llu\n",
                 problem, run->story, loss->calls, log->count, last ? (int)last->kind : -1,
                 last && last->name ? last->name : "", rules[loss->rule], loss->which,
                 (unsigned long long)loss->seed);
    const SceneData *data = run->scene.data;
    (void)printf("    finished %d;", data->finished);
    for (int i = 0; i < data->edit_count; i++)
        (void)printf(" edit %d of %s%s", (int)data->edits[i].edit.style, data->edits[i].edit.path,
                     data->edits[i].done ? "" : " (could not)");
    (void)printf("\n");
    if (run->first_only)
        exit(1);
}

/* The database and what was kept are durable by themselves: they are as of the moment of the power loss. */
static SceneData data_at(const Run *run, const SceneData *end, const OpLog *log, size_t calls)
{
    SceneData data = *end;
    (void)run;
    data.finished = data.kept_durable = 0;
    data.reported = false;
    for (size_t i = 0; i < calls; i++) {
        const Op *op = &log->items[i];
        if (op->kind != OP_EVENT)
            continue;
        if (strcmp(op->name, "finished") == 0)
            data.finished++;
        if (strcmp(op->name, "reported") == 0)
            data.reported = true;
        if (strncmp(op->name, "kept ", 5) == 0)
            data.kept_durable = atoi(op->name + 5);
    }
    if (!data.finished)
        memset(data.failed, 0, sizeof data.failed);
    data.kept = data.kept_durable;
    return data;
}

/* An edit that comes after the moment has not been made. */
static void forget_later_edits(SceneData *data, const SceneData *end, const OpLog *log,
                               size_t calls)
{
    for (int i = 0; i < data->edit_count; i++)
        data->edits[i].done = false;
    for (size_t i = 0; i < calls; i++)
        if (log->items[i].kind == OP_EVENT && strncmp(log->items[i].name, "edit ", 5) == 0) {
            int index = atoi(log->items[i].name + 5);
            data->edits[index].done = end->edits[index].done;
        }
}

static const char *recover_and_judge(Run *run, Arena *arena)
{
    ApplyRecovery recovery;
    Error err = {0};
    if (!scene_recover(&run->scene, arena, &recovery, &err))
        return arena_format(arena, "recovery fails: %s", err.message);
    for (size_t i = 0; i < recovery.count; i++)
        if (recovery.items[i].kind == RECOVERY_WAITING)
            return "recovery waits for a root that is there";
    return scene_check(&run->scene, arena);
}

static void run_state(Run *run, const Disk *before, const OpLog *log, const SceneData *end,
                      const PowerLoss *loss);

/* The power is lost again, in a recovery that began with `start`. */
static void judge_second_loss(Run *run, const Disk *before, const OpLog *log, const PowerLoss *loss,
                              const SceneData *start, const SceneData *end)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    SceneData data = data_at(run, end, log, loss->calls);
    data.finished += start->finished;
    data.reported = start->reported;
    data.kept = data.kept_durable =
        data.kept_durable > start->kept_durable ? data.kept_durable : start->kept_durable;
    memcpy(data.edits, start->edits, sizeof data.edits);
    if (start->finished)
        memcpy(data.failed, start->failed, sizeof data.failed);
    *run->scene.data = data;
    disk_rebuild(before, log, loss, run->fds, FOLDERS);
    run->states++;
    const char *problem = recover_and_judge(run, arena);
    if (problem)
        tell(run, log, loss, problem);
}

/* Recovery itself is recorded and cut in turn. */
static void run_nested(Run *run, const SceneData *start)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    OpLog log = {0};
    ApplyRecovery recovery;
    Error err = {0};
    Disk *before = disk_read(arena, run->fds, FOLDERS);
    const char *story = run->story;
    inject_record(&log);
    bool ok = scene_recover(&run->scene, arena, &recovery, &err);
    inject_record(NULL);
    SceneData end = *run->scene.data;
    run->story = arena_format(arena, "recovery after %s", story);
    for (int i = 0; ok && log.count && i < 4; i++) {
        PowerLoss loss = {.calls = below(run, log.count + 1),
                          .rule = KEEP_RANDOM,
                          .seed = below(run, UINT64_MAX)};
        judge_second_loss(run, before, &log, &loss, start, &end);
    }
    run->story = story;
    op_log_clear(&log);
}

static void run_state(Run *run, const Disk *before, const OpLog *log, const SceneData *end,
                      const PowerLoss *loss)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    SceneData data = data_at(run, end, log, loss->calls);
    forget_later_edits(&data, end, log, loss->calls);
    disk_rebuild(before, log, loss, run->fds, FOLDERS);
    *run->scene.data = data;
    run->states++;
    const char *problem = NULL;
    bool half = scene_is_half_done(&run->scene);
    bool restore = half && loss->rule == KEEP_RANDOM && loss->seed % 7 == 0 && !data.edit_count;
    if (half)
        problem = scene_check_stranger(&run->scene, arena, restore);
    if (problem || restore) {
        if (problem)
            tell(run, log, loss, problem);
        return;
    }
    size_t count;
    const Edit *edits = scene_edits(&count);
    if (loss->rule == KEEP_RANDOM && loss->seed % 3 == 0)
        scene_edit(&run->scene, &edits[loss->seed / 3 % count], false);
    if (!problem && loss->rule == KEEP_RANDOM && loss->seed % 100 < (uint64_t)run->nested) {
        SceneData start = *run->scene.data;
        run_nested(run, &start);
        return;
    }
    if (!problem)
        problem = recover_and_judge(run, arena);
    if (problem)
        tell(run, log, loss, problem);
}

/* The plainest states of a moment; most of what is wrong shows here. */
static void look_quickly(Run *run, const Disk *before, const OpLog *log, const SceneData *end,
                         size_t calls)
{
    run_state(run, before, log, end, &(PowerLoss){.calls = calls, .rule = KEEP_ALL});
    if (!disk_loose(log, calls))
        return;
    run_state(run, before, log, end, &(PowerLoss){.calls = calls, .rule = KEEP_NONE});
    for (int i = 0; i < 2; i++)
        run_state(run, before, log, end,
                  &(PowerLoss){calls, KEEP_RANDOM, 0, below(run, UINT64_MAX)});
}

static void look_closely(Run *run, const Disk *before, const OpLog *log, const SceneData *end,
                         size_t calls)
{
    size_t loose = disk_loose(log, calls);
    for (size_t i = 0; loose > 1 && i < loose; i++) {
        run_state(run, before, log, end, &(PowerLoss){calls, KEEP_ALL_BUT, i, 0});
        run_state(run, before, log, end, &(PowerLoss){calls, KEEP_NONE_BUT, i, 0});
        run_state(run, before, log, end, &(PowerLoss){calls, KEEP_FIRST, i, 0});
    }
    for (long i = 0; loose && i < run->random; i++)
        run_state(run, before, log, end,
                  &(PowerLoss){calls, KEEP_RANDOM, 0, below(run, UINT64_MAX)});
}

typedef struct {
    Scene *scene;
    const Edit *edit;
    Injection then;
} Strike;

static void user_saves(void *context)
{
    Strike *strike = context;
    scene_edit(strike->scene, strike->edit, true);
    if (strike->then.at)
        inject_arm(strike->then);
}

/* What a power loss between two syncs may leave is among what one just before the second may leave, so only
 * those moments count, and those before the host's own durable acts. */
static bool matters(const OpLog *log, size_t calls)
{
    if (calls == log->count)
        return true;
    const Op *next = &log->items[calls];
    bool within_an_edit = calls > 0 && next->durable && log->items[calls - 1].durable;
    return !within_an_edit && (next->kind == OP_SYNC || next->kind == OP_EVENT || next->durable);
}

/* When this mark is set; NULL: the beginning. */
static size_t first_moment(const OpLog *log, const char *mark)
{
    for (size_t i = 0; mark && i < log->count; i++)
        if (log->items[i].kind == OP_CREATE && strcmp(log->items[i].name, mark) == 0)
            return i;
    return 0;
}

/* An apply and what users do meanwhile, call by call. Gives the disk before it. `mark`: the injection waits
 * for a file of this name. */
static Disk *record_apply(Run *run, Arena *arena, OpLog *log, Injection injection, const char *mark,
                          const Edit *at_check)
{
    ApplyResult result;
    Error err = {0};
    scene_build(&run->scene);
    Disk *before = disk_read(arena, run->fds, FOLDERS);
    run->scene.at_check = at_check;
    inject_record(log);
    inject_arm_at(mark, injection);
    (void)scene_apply(&run->scene, arena, &result, &err);
    run->scene.data->calls = inject_disarm();
    inject_record(NULL);
    return before;
}

/* One recorded apply, and all its power losses. */
static void run_story(Run *run, const char *story, Injection injection, const Edit *at_check)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    OpLog log = {0};
    run->story = story;
    Disk *before = record_apply(run, arena, &log, injection, NULL, at_check);
    SceneData end = *run->scene.data;
    bool with_user = at_check || injection.at;
    if (!with_user && !end.finished)
        tell(run, &log, &(PowerLoss){0}, "an undisturbed apply does not get there");
    /* until COMMIT a story with a user goes like one without */
    size_t first = first_moment(&log, with_user ? "COMMIT" : NULL);
    for (size_t calls = first; calls <= log.count; calls++)
        if (matters(&log, calls))
            look_quickly(run, before, &log, &end, calls);
    for (size_t calls = first; !run->quick && calls <= log.count; calls++)
        if (matters(&log, calls))
            look_closely(run, before, &log, &end, calls);
    op_log_clear(&log);
}

/* Tales: what has been found once stays found */

typedef struct {
    const char *name;
    Edit at_check;      /* between check and COMMIT */
    const char *before; /* the mark before which he strikes again */
    Edit strike, later; /* `later`: before recovery; no path: none */
} Tale;

static const Tale tales[] = {
    {"a new folder is found whole in staging after going back was begun",
     {0, ".weir/deployed.toml", EDIT_REPLACE},
     "BACK",
     {2, ".claude/commands/two.md", EDIT_REMOVE},
     {0}},
    {"a file comes to stand where a new folder was taken back",
     {0, ".weir/deployed.toml", EDIT_REPLACE},
     "BACK",
     {2, ".claude/commands/two.md", EDIT_REMOVE},
     {0, ".claude/skills/shape", EDIT_REPLACE}},
};

/* A power loss in the apply, what he does then, and one in the recovery, at every fourth moment of it:
 * which ones, goes round with the moments of the apply. */
static void cut_recovery(Run *run, const SceneData *start, size_t turn)
{
    enum { EVERY = 4 };
    SCOPED(arena_close) Arena *arena = arena_open();
    OpLog log = {0};
    ApplyRecovery recovery;
    Error err = {0};
    Disk *before = disk_read(arena, run->fds, FOLDERS);
    inject_record(&log);
    bool ok = scene_recover(&run->scene, arena, &recovery, &err);
    inject_record(NULL);
    const SceneData end = *run->scene.data;
    if (!ok)
        tell(run, &log, &(PowerLoss){0}, arena_format(arena, "recovery fails: %s", err.message));
    for (size_t calls = 0; ok && calls <= log.count; calls++) {
        PowerLoss loss = {.calls = calls, .rule = KEEP_NONE};
        if (matters(&log, calls) && (calls == log.count || turn++ % EVERY == 0))
            judge_second_loss(run, before, &log, &loss, start, &end);
    }
    op_log_clear(&log);
}

static void tell_tale(Run *run, const Tale *tale)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    static const KeepRule rules[] = {KEEP_NONE, KEEP_ALL};
    Strike strike = {&run->scene, &tale->strike, {0}};
    Injection injection = {INJECT_CALL, 0, 0, user_saves, &strike};
    OpLog log = {0};
    Disk *before = record_apply(run, arena, &log, injection, tale->before, &tale->at_check);
    SceneData end = *run->scene.data;
    size_t turn = 0;
    run->story = tale->name;
    for (size_t calls = first_moment(&log, tale->before); calls <= log.count; calls++)
        for (size_t i = 0; matters(&log, calls) && i < COUNT_OF(rules); i++) {
            SceneData start = data_at(run, &end, &log, calls);
            forget_later_edits(&start, &end, &log, calls);
            disk_rebuild(before, &log, &(PowerLoss){.calls = calls, .rule = rules[i]}, run->fds,
                         FOLDERS);
            *run->scene.data = start;
            if (tale->later.path)
                scene_edit(&run->scene, &tale->later, false);
            start = *run->scene.data;
            cut_recovery(run, &start, turn++);
        }
    op_log_clear(&log);
}

/* Each sync fails once. Whatever apply makes of it, what it says must be true on the disk. */
static void run_failed_sync(Run *run, long at, bool *more)
{
    enum { STATES = 8 };
    SCOPED(arena_close) Arena *arena = arena_open();
    OpLog log = {0};
    run->story = arena_format(arena, "call %ld fails, a sync", at);
    Injection injection = {INJECT_ERROR, at, EIO, NULL, NULL};
    Disk *before = record_apply(run, arena, &log, injection, NULL, NULL);
    *more = run->scene.data->calls >= at;
    SceneData end = *run->scene.data;
    bool failed = false;
    for (size_t i = 0; i < log.count; i++)
        failed = failed || log.items[i].kind == OP_FAILED_SYNC;
    for (int i = 0; failed && i < STATES; i++)
        run_state(run, before, &log, &end,
                  &(PowerLoss){log.count, i ? KEEP_RANDOM : KEEP_NONE, 0, below(run, UINT64_MAX)});
    op_log_clear(&log);
}

static void run_failed_syncs(Run *run)
{
    bool more = true;
    for (long at = 1; more; at++)
        run_failed_sync(run, at, &more);
}

/* One edit before weir comes to a file and one after, early and late: going back is not possible. */
static void run_both_kinds(Run *run)
{
    size_t count;
    const Edit *edits = scene_edits(&count);
    const Edit *more = &edits[4], *skill = &edits[0];
    for (long at = 135; at < 175; at += 10) {
        Strike later = {&run->scene, skill, {0}};
        run_story(run, "an edit before, and one after",
                  (Injection){INJECT_CALL, at, 0, user_saves, &later}, more);
    }
}

static void run_stories(Run *run)
{
    size_t count;
    const Edit *edits = scene_edits(&count);
    for (size_t i = 0; i < COUNT_OF(tales); i++)
        tell_tale(run, &tales[i]);
    if (run->tales_only)
        return;
    if (!run->skip_undisturbed)
        run_story(run, "undisturbed", (Injection){0}, NULL);
    if (run->stories)
        run_both_kinds(run);
    for (long i = 0; i < run->stories; i++) {
        const Edit *first = &edits[below(run, count)], *second = &edits[below(run, count)];
        Strike later = {&run->scene, second, {0}};
        Strike now = {
            &run->scene, first, {INJECT_CALL, 1 + (long)below(run, 60), 0, user_saves, &later}};
        Injection injection = {INJECT_CALL, 60 + (long)below(run, 120), 0, user_saves, &now};
        char story[200];
        (void)snprintf(story, sizeof story, "%s before COMMIT, or %s at %ld and %s %ld later",
                       first->path, first->path, injection.at, second->path, now.then.at);
        bool before_commit = below(run, 2);
        if (before_commit)
            injection = (Injection){INJECT_CALL, 100 + (long)below(run, 80), 0, user_saves, &later};
        run_story(run, story, injection, before_commit ? first : NULL);
    }
    run_failed_syncs(run); /* last: the stories of a seed stay the same */
}

static void read_words(Run *run, int count, char **words)
{
    for (int i = 2; i < count; i++) {
        long number = i + 1 < count ? atol(words[i + 1]) : 0;
        if (strcmp(words[i], "random") == 0)
            run->random = number;
        else if (strcmp(words[i], "stories") == 0)
            run->stories = number;
        else if (strcmp(words[i], "nested") == 0)
            run->nested = number;
        else if (strcmp(words[i], "seed") == 0)
            run->chance = (uint64_t)number;
        run->first_only = run->first_only || strcmp(words[i], "first") == 0;
        run->quick = run->quick || strcmp(words[i], "quick") == 0;
        run->tales_only = run->tales_only || strcmp(words[i], "tales") == 0;
        run->skip_undisturbed = run->skip_undisturbed || strcmp(words[i], "skip") == 0;
    }
}

int main(int count, char **words)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Run run = {.random = 12, .stories = 10, .nested = 20, .chance = 20261121};
    if (count < 2)
        return 2;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    read_words(&run, count, words);
    scene_open(&run.scene, arena, words[1]);
    run.fds[0] = run.scene.home_fd;
    memcpy(run.fds + 1, run.scene.fd, sizeof run.scene.fd);
    int64_t started = clock_monotonic_us();
    run_stories(&run);
    int64_t spent_ms = (clock_monotonic_us() - started) / 1000;
    scene_close(&run.scene);
    (void)printf("simulate: %ld states, %ld violations, %lld states a second\n", run.states,
                 run.violations, (long long)(run.states * 1000 / (spent_ms ? spent_ms : 1)));
    return run.violations ? 1 : 0;
}
