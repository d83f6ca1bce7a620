/* Runs two commands in turn and prints medians of each, so that both meet the same noise.
 *
 * bench_timer [--rounds N] [--warm-up N] [--allow STATUS] [--before-a CMD] [--before-b CMD] -- A... [-- B...]
 *
 * Prints lines `a_wall_ms 1.234`, a_cpu_ms (user and system, children included), a_peak_kb, the same
 * for b, and `ratio_wall`, the median of the rounds' own ratios. --before runs in a shell, outside the
 * measurement. N rounds to warm up (1) are thrown away. Output goes to /dev/null; a status other than 0 and
 * --allow ends it with 3.
 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS_MAX = 1000 };

typedef struct {
    char **argv;
    const char *before;
    double wall_ms[ROUNDS_MAX];
    double cpu_ms[ROUNDS_MAX];
    double peak_kb[ROUNDS_MAX];
} Side;

typedef struct {
    Side sides[2];
    int side_count;
    int rounds;
    int warm_up;
    int allowed;
} Plan;

extern char **environ;

static double now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double ms_of(struct timeval t)
{
    return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static int status_of(int wait_status)
{
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

static void measure(const Plan *plan, Side *side, int slot)
{
    if (side->before) {
        char *const shell[] = {"sh", "-ec", (char *)(size_t)side->before, NULL};
        pid_t pid;
        int status = 1;
        if (posix_spawnp(&pid, "sh", NULL, NULL, shell, environ) != 0 ||
            waitpid(pid, &status, 0) < 0 || status_of(status) != 0) {
            (void)fprintf(stderr, "the step before failed: %s\n", side->before);
            exit(3);
        }
    }
    posix_spawn_file_actions_t quiet;
    (void)posix_spawn_file_actions_init(&quiet);
    (void)posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
    pid_t pid;
    int status = 0;
    struct rusage used;
    double start = now_ms();
    if (posix_spawnp(&pid, side->argv[0], &quiet, NULL, side->argv, environ) != 0 ||
        wait4(pid, &status, 0, &used) < 0) {
        perror(side->argv[0]);
        exit(3);
    }
    side->wall_ms[slot] = now_ms() - start;
    side->cpu_ms[slot] = ms_of(used.ru_utime) + ms_of(used.ru_stime);
    side->peak_kb[slot] = (double)used.ru_maxrss;
    (void)posix_spawn_file_actions_destroy(&quiet);
    status = status_of(status);
    if (status != 0 && status != plan->allowed) {
        (void)fprintf(stderr, "exit status %d of: %s\n", status, side->argv[0]);
        exit(3);
    }
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *numbers, int count)
{
    static double sorted[ROUNDS_MAX];
    memcpy(sorted, numbers, (size_t)count * sizeof *sorted);
    qsort(sorted, (size_t)count, sizeof *sorted, compare_numbers);
    return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

static void print_side(char letter, const Side *side, int rounds)
{
    (void)printf("%c_wall_ms %.3f\n", letter, median(side->wall_ms, rounds));
    (void)printf("%c_cpu_ms %.3f\n", letter, median(side->cpu_ms, rounds));
    (void)printf("%c_peak_kb %.0f\n", letter, median(side->peak_kb, rounds));
}

static void run(Plan *plan)
{
    static double ratios[ROUNDS_MAX];
    for (int round = -plan->warm_up; round < plan->rounds; round++)
        for (int i = 0; i < plan->side_count; i++)
            measure(plan, &plan->sides[i], round < 0 ? 0 : round);
    for (int i = 0; i < plan->side_count; i++)
        print_side((char)('a' + i), &plan->sides[i], plan->rounds);
    if (plan->side_count < 2)
        return;
    for (int round = 0; round < plan->rounds; round++)
        ratios[round] = plan->sides[0].wall_ms[round] / plan->sides[1].wall_ms[round];
    (void)printf("ratio_wall %.3f\n", median(ratios, plan->rounds));
}

static bool read_option(Plan *plan, const char *name, const char *value)
{
    if (strcmp(name, "--rounds") == 0)
        plan->rounds = (int)strtol(value, NULL, 10);
    else if (strcmp(name, "--warm-up") == 0)
        plan->warm_up = (int)strtol(value, NULL, 10);
    else if (strcmp(name, "--allow") == 0)
        plan->allowed = (int)strtol(value, NULL, 10);
    else if (strcmp(name, "--before-a") == 0)
        plan->sides[0].before = value;
    else if (strcmp(name, "--before-b") == 0)
        plan->sides[1].before = value;
    else
        return false;
    return true;
}

int main(int count, char **arguments)
{
    static Plan plan = {.rounds = 11, .warm_up = 1};
    int i = 1;
    while (i + 1 < count && strcmp(arguments[i], "--") != 0) {
        if (!read_option(&plan, arguments[i], arguments[i + 1]))
            return 2;
        i += 2;
    }
    for (; i < count && plan.side_count < 2; i++) {
        if (strcmp(arguments[i], "--") != 0)
            continue;
        arguments[i] = NULL;
        plan.sides[plan.side_count++].argv = &arguments[i + 1];
    }
    if (plan.side_count == 0 || plan.rounds < 1 || plan.rounds > ROUNDS_MAX)
        return 2;
    run(&plan);
    return 0;
}
