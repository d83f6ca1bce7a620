/* Every mutating call of an apply killed, torn, or failed once; again inside recovery; and a user
 * who saves at every call. Each run is a process of its own, forked here, so that a point costs
 * milliseconds.
 *
 * points DIR [nested N] [edits N] [held N] [restores N] [seed N] [first] [skip]: counts of random
 * samples; `first` stops at a violation, `skip` leaves out the runs over all calls,
 * but for those about the exchanges with `exchanges`. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/inject.h"
#include "lib/scene_internal.h"

typedef struct {
    Scene scene;
    long nested, edits, held, restores, points, violations, calls;
    bool first_only, skip_all, exchanges;
    uint64_t random;
} Run;

typedef struct {
    Injection apply, recover; /* `at` 0: none */
    const Edit *edit;         /* a user's, at call `edit_at` of the apply */
    long edit_at;
    const Edit *at_check; /* one between check and COMMIT */
    const Edit *again;    /* he saves again, `again_after` calls later */
    long again_after;
    const Edit *later; /* another one, before recovery */
    /* a save that takes its time: opened at call `edit_at`, saved `held_for` calls later, if ever */
    const Edit *held;
    long held_for;
    bool truncates, held_through; /* through recovery */
    bool held_at_check;           /* opened there instead; the machine fails as planned */
} Point;

enum { FINE = 0, FAILED = 1, HARNESS = 99, KILLED = 128 + 9 };

static uint64_t below(Run *run, uint64_t bound)
{
    run->random ^= run->random << 13;
    run->random ^= run->random >> 7;
    run->random ^= run->random << 17;
    return run->random % bound;
}

typedef struct {
    Scene *scene;
    const Edit *edit;
    Injection then;
} Strike;

/* A user saves, and then perhaps the machine fails too. */
static void user_saves(void *context)
{
    Strike *strike = context;
    scene_edit(strike->scene, strike->edit, true);
    if (strike->then.at)
        inject_arm(strike->then);
}

static void holder_saves(void *context)
{
    Strike *strike = context;
    scene_holder_does(strike->scene, HOLD_SAVE);
    if (strike->then.at)
        inject_arm(strike->then);
}

static void holder_opens(void *context)
{
    Strike *strike = context;
    scene_holder_does(strike->scene, HOLD_OPEN);
    inject_arm(strike->then);
}

typedef enum { APPLY, RECOVER, RESTORE } Work;

static bool work_at(Scene *scene, Arena *arena, Work work, Error *err)
{
    ApplyResult result;
    ApplyRecovery recovery;
    if (work == RESTORE)
        return scene_restore(scene, arena, err);
    return work == RECOVER ? scene_recover(scene, arena, &recovery, err)
                           : scene_apply(scene, arena, &result, err);
}

static int in_child(Scene *scene, Work work, Injection injection)
{
    (void)fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        Error err = {0};
        Arena *arena = arena_open();
        inject_arm(injection);
        bool ok = work_at(scene, arena, work, &err);
        scene->data->calls = inject_disarm();
        if (!ok && getenv("WEIR_CRASH_TALK"))
            (void)fprintf(stderr, "  %s: %s\n", work == APPLY ? "apply" : "recover", err.message);
        _exit(ok ? FINE : FAILED);
    }
    int status = 0;
    (void)waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void tell(Run *run, const Point *p, const char *problem)
{
    static const char *const kinds[] = {"nothing", "kill", "torn", "error", "errors", "call"};
    static const char *const styles[] = {"replace", "in place", "remove"};
    run->violations++;
    (void)printf("VIOLATION: %s\n    apply: %s at %ld (%s)", problem, kinds[p->apply.kind],
                 p->apply.at, p->apply.error ? strerror(p->apply.error) : "-");
    if (p->recover.at)
        (void)printf("; recovery: %s at %ld", kinds[p->recover.kind], p->recover.at);
    if (p->at_check)
        (void)printf("; a user at the check: root%d/%s", p->at_check->root, p->at_check->path);
    if (p->edit)
        (void)printf("; a user: %s root%d/%s at %ld", styles[p->edit->style], p->edit->root,
                     p->edit->path, p->edit_at);
    if (p->again)
        (void)printf("; again: %s root%d/%s %ld later", styles[p->again->style], p->again->root,
                     p->again->path, p->again_after);
    if (p->held)
        (void)printf("; held: %sroot%d/%s at %ld, for %ld calls%s",
                     p->truncates ? "truncated " : "", p->held->root, p->held->path, p->edit_at,
                     p->held_for, p->held_through ? ", through recovery" : "");
    if (p->later)
        (void)printf("; then: %s root%d/%s", styles[p->later->style], p->later->root,
                     p->later->path);
    (void)printf("\n");
    if (run->first_only)
        exit(1);
}

static bool is_odd(int status)
{
    return status != FINE && status != FAILED && status != KILLED;
}

static const char *settle(Scene *scene, const Point *p)
{
    if (p->recover.at && is_odd(in_child(scene, RECOVER, p->recover)))
        return "recovery crashed";
    for (int i = 0; i < 3; i++)
        if (in_child(scene, RECOVER, (Injection){0}) == FINE)
            return NULL;
    return "recovery does not come to an end";
}

/* Gives whether the apply was still at work when the injection came. */
static bool run_point(Run *run, const Point *p)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Scene *scene = &run->scene;
    const char *problem = NULL;
    scene_build(scene);
    run->points++;
    scene->at_check = p->at_check;
    scene->hold_at_check = p->held_at_check;
    Strike second = {scene, p->again, p->apply};
    Strike strike = {scene, p->edit, p->apply};
    if (p->held)
        scene_hold(scene, p->held, p->truncates);
    if (p->held && p->held_for)
        strike.then = (Injection){INJECT_CALL, p->held_for, 0, holder_saves, &second};
    if (p->again)
        strike.then = (Injection){INJECT_CALL, p->again_after, 0, user_saves, &second};
    bool user_strikes = p->edit || (p->held && !p->held_at_check);
    Injection user = {INJECT_CALL, p->edit_at, 0, p->held ? holder_opens : user_saves, &strike};
    int status = in_child(scene, APPLY, user_strikes ? user : p->apply);
    if (is_odd(status))
        problem = "apply crashed";
    /* an error other than this one promises that everything is as it was, now and without recovery */
    if (!problem && status == FAILED && scene->data->code != ERR_UNFINISHED_APPLY)
        problem = scene->data->finished ? "an error was told after finish"
                                        : scene_check_files(scene, arena);
    if (!problem && p->later)
        scene_edit(scene, p->later, false);
    if (p->held && !p->held_through)
        scene_holder_ends(scene);
    if (!problem)
        problem = settle(scene, p);
    if (p->held && p->held_through)
        scene_holder_ends(scene);
    if (!problem)
        problem = scene_check(scene, arena);
    if (problem)
        tell(run, p, problem);
    return status != FINE;
}

static const Injection kinds[] = {
    {INJECT_KILL, 0, 0, NULL, NULL},       {INJECT_TORN, 0, 0, NULL, NULL},
    {INJECT_ERROR, 0, EIO, NULL, NULL},    {INJECT_ERROR, 0, ENOSPC, NULL, NULL},
    {INJECT_ERROR, 0, EDQUOT, NULL, NULL}, {INJECT_ERROR_ON, 0, ENOSPC, NULL, NULL},
};

static Injection any_kind(Run *run, long calls)
{
    Injection injection = kinds[below(run, COUNT_OF(kinds))];
    injection.at = 1 + (long)below(run, (uint64_t)calls);
    return injection;
}

static const Edit *any_edit(Run *run)
{
    size_t count;
    const Edit *edits = scene_edits(&count);
    return &edits[below(run, count)];
}

static void run_all_calls(Run *run)
{
    Point plain = {0};
    (void)run_point(run, &plain);
    scene_build(&run->scene);
    if (in_child(&run->scene, APPLY, (Injection){0}) != FINE)
        tell(run, &plain, "an undisturbed apply fails");
    if (!run->scene.data->finished)
        tell(run, &plain, "an undisturbed apply does not get there");
    run->calls = run->scene.data->calls;
    for (size_t kind = 0; !run->skip_all && kind < COUNT_OF(kinds); kind++)
        for (long k = 1; k <= run->calls; k++) {
            Point p = {.apply = kinds[kind]};
            p.apply.at = k;
            (void)run_point(run, &p);
        }
}

static void run_nested(Run *run)
{
    for (long i = 0; i < run->nested; i++) {
        Point p = {.apply = any_kind(run, run->calls), .recover = any_kind(run, run->calls)};
        if (below(run, 2))
            p.later = any_edit(run);
        (void)run_point(run, &p);
    }
}

/* A quiet machine and a user; then also a machine that fails, and a second edit before recovery. */
static void run_edits(Run *run)
{
    for (long i = 0; i < run->edits; i++) {
        Point p = {.edit = any_edit(run), .edit_at = 1 + (long)below(run, (uint64_t)run->calls)};
        if (below(run, 3) == 0) {
            p.again = below(run, 2) ? p.edit : any_edit(run);
            p.again_after = 1 + (long)below(run, 4);
        }
        if (below(run, 2))
            p.apply = any_kind(run, run->calls - p.edit_at + 8);
        if (below(run, 3) == 0)
            p.recover = any_kind(run, run->calls / 2);
        if (below(run, 2))
            p.later = any_edit(run);
        (void)run_point(run, &p);
    }
}

/* Everything about the exchanges, call by call: a save between check and COMMIT, so that the exchange
 * meets it, and at each call after that another one, or a program that opens what is there then, and
 * writes it at the end; or one that has the old file open when weir is killed there. */
static void run_at_exchanges(Run *run)
{
    size_t count;
    const Edit *edits = scene_edits(&count);
    for (size_t i = 0; i < count; i++) {
        const Change *change = scene_change(edits[i].root, str_of(edits[i].path));
        if (!change || !change->before || edits[i].style == EDIT_REMOVE)
            continue;
        for (long at = run->calls / 2; at < run->calls * 5 / 6; at++) {
            Point again = {.at_check = &edits[i], .edit = &edits[i], .edit_at = at};
            Point held = {.at_check = &edits[i], .held = &edits[i], .edit_at = at};
            Point killed = {.held = &edits[i], .held_at_check = true, .apply = kinds[0]};
            killed.apply.at = at;
            killed.held_through = at % 2;
            (void)run_point(run, &again);
            (void)run_point(run, &held);
            (void)run_point(run, &killed);
        }
    }
}

/* A save between check and COMMIT, so that the exchange meets it, and another while weir takes it back. */
static void run_double_saves(Run *run)
{
    for (long i = 0; i < run->edits / 2; i++) {
        Point p = {.at_check = any_edit(run)};
        p.edit = below(run, 8) ? p.at_check : any_edit(run);
        p.edit_at = run->calls / 2 + (long)below(run, (uint64_t)(run->calls / 3));
        (void)run_point(run, &p);
    }
}

/* Most calls are far from the exchanges: one where he opens what the exchange will meet and the machine fails
 * about then, and one where he opens the new file while weir takes it back for the save before. */
static void aim(Run *run, Point *p, uint64_t at)
{
    long about = run->calls / 2 + (long)below(run, (uint64_t)(run->calls / 3));
    if (at == 1) {
        p->held_at_check = true;
        p->apply = kinds[below(run, COUNT_OF(kinds))];
        p->apply.at = about;
    } else if (at == 2) {
        p->at_check = p->held;
        p->edit_at = about;
    }
}

static void run_held_saves(Run *run)
{
    for (long i = 0; i < run->held; i++) {
        Point p = {.held = any_edit(run), .edit_at = 1 + (long)below(run, (uint64_t)run->calls)};
        p.truncates = below(run, 2);
        p.held_through = below(run, 2);
        p.held_for = below(run, 3) ? 1 + (long)below(run, (uint64_t)run->calls) : 0;
        if (below(run, 2))
            p.apply = any_kind(run, run->calls - p.edit_at + 8);
        if (below(run, 3) == 0)
            p.recover = any_kind(run, run->calls / 2);
        aim(run, &p, below(run, 3));
        (void)run_point(run, &p);
    }
}

/* An apply is killed, its home goes, and a user saves while a weir with another home puts back what
 * it left. */
static bool run_restore(Run *run, const Point *p)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Scene *scene = &run->scene;
    scene_build(scene);
    (void)in_child(scene, APPLY, p->apply);
    if (!scene_is_half_done(scene))
        return false;
    run->points++;
    Strike second = {scene, p->again, {0}};
    Strike first = {
        scene, p->edit, {INJECT_CALL, p->again ? p->again_after : 0, 0, user_saves, &second}};
    scene->restored = true;
    int status =
        in_child(scene, RESTORE, (Injection){INJECT_CALL, p->edit_at, 0, user_saves, &first});
    long calls = scene->data->calls;
    if (!is_odd(status))
        status = in_child(scene, RESTORE, (Injection){0});
    /* he is in the way of what has to go back, is told so, and moves his things away */
    if (status == FAILED && scene->data->code == ERR_INTERRUPTED_APPLY) {
        Edit away = {p->edit->root, p->edit->path, EDIT_REMOVE};
        scene_edit(scene, &away, false);
        status = in_child(scene, RESTORE, (Injection){0});
    }
    const char *problem = status == FINE ? scene_check(scene, arena) : "a stranger cannot restore";
    if (problem)
        tell(run, p, problem);
    return calls >= p->edit_at;
}

static void run_restores(Run *run)
{
    for (long i = 0; i < run->restores; i++) {
        Point p = {.apply = kinds[0], .edit = any_edit(run)};
        p.apply.at = run->calls / 2 + (long)below(run, (uint64_t)(run->calls / 3));
        p.edit_at = 1 + (long)below(run, 60);
        p.again = below(run, 4) ? p.edit : NULL;
        p.again_after = 1 + (long)below(run, 3);
        (void)run_restore(run, &p);
    }
}

static void read_words(Run *run, int count, char **words)
{
    for (int i = 2; i < count; i++) {
        long number = i + 1 < count ? atol(words[i + 1]) : 0;
        if (strcmp(words[i], "nested") == 0)
            run->nested = number;
        else if (strcmp(words[i], "edits") == 0)
            run->edits = number;
        else if (strcmp(words[i], "held") == 0)
            run->held = number;
        else if (strcmp(words[i], "restores") == 0)
            run->restores = number;
        else if (strcmp(words[i], "seed") == 0)
            run->random = (uint64_t)number;
        run->first_only = run->first_only || strcmp(words[i], "first") == 0;
        run->exchanges = run->exchanges || strcmp(words[i], "exchanges") == 0;
        run->skip_all = run->skip_all || strcmp(words[i], "skip") == 0;
    }
}

int main(int count, char **words)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Run run = {.random = 20261121};
    if (count < 2)
        return 2;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    read_words(&run, count, words);
    scene_open(&run.scene, arena, words[1]);
    run_all_calls(&run);
    if (!run.skip_all || run.exchanges)
        run_at_exchanges(&run);
    run_nested(&run);
    run_double_saves(&run);
    run_edits(&run);
    run_held_saves(&run);
    run_restores(&run);
    scene_close(&run.scene);
    (void)printf("points: %ld calls, %ld points, %ld violations\n", run.calls, run.points,
                 run.violations);
    return run.violations ? 1 : 0;
}
