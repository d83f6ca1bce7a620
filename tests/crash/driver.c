/* The scene as a plain program, with nothing between it and libc, for injectors from outside
 * (LD_PRELOAD, strace).
 *
 * driver DIR build | apply | recover | check. Exit code 0 fine, 1 an error was told, 3 a violation
 * (check). */
#include <stdio.h>
#include <string.h>

#include "lib/inject.h"
#include "lib/scene.h"

/* The scene tells the linked-in injector about its own calls; here there is none. */
void inject_user(bool user)
{
    (void)user;
}

void inject_event(const char *name)
{
    (void)name;
}

static int check(Scene *scene, Arena *arena)
{
    const char *problem = scene_check(scene, arena);
    if (problem)
        (void)printf("VIOLATION: %s\n", problem);
    return problem ? 3 : 0;
}

int main(int count, char **words)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Scene scene;
    ApplyResult result;
    ApplyRecovery recovery;
    Error err = {0};
    if (count != 3)
        return 2;
    scene_open(&scene, arena, words[1]);
    bool ok = true;
    int status = 0;
    if (strcmp(words[2], "build") == 0)
        scene_build(&scene);
    else if (strcmp(words[2], "apply") == 0)
        ok = scene_apply(&scene, arena, &result, &err);
    else if (strcmp(words[2], "recover") == 0)
        ok = scene_recover(&scene, arena, &recovery, &err);
    else
        status = check(&scene, arena);
    if (!ok)
        (void)fprintf(stderr, "%s: %s\n", words[2], err.message);
    scene_close(&scene);
    return ok ? status : 1;
}
