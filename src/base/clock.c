#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fs.h"
#include "base/ids.h"

/* -1: not asked yet; the one switch tests have over time. */
static _Atomic int64_t frozen_ms = -1;
static _Atomic bool asked;

/* Read once: it cannot change while this process lives. */
static pthread_once_t boot_id_read = PTHREAD_ONCE_INIT;
static char boot_id[48];

static int64_t frozen_from_environment(void)
{
    const char *text = getenv("WEIR_TEST_CLOCK_MS");
    uint64_t value = 0;
    if (text && str_to_u64(str_of(text), &value))
        return (int64_t)value;
    return -1;
}

int64_t clock_ms(void)
{
    if (!atomic_load(&asked)) {
        if (atomic_load(&frozen_ms) < 0)
            atomic_store(&frozen_ms, frozen_from_environment());
        atomic_store(&asked, true);
    }
    int64_t frozen = atomic_load(&frozen_ms);
    if (frozen >= 0)
        return frozen;
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_monotonic_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_boot_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Where the kernel tells none, every process has its own: a lease of another one is then void. */
static void read_boot_id(void)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Error ignored;
    Str text;
    if (!fs_read_path(arena, "/proc/sys/kernel/random/boot_id", 64, &text, &ignored))
        text = str_of(trace_id_new(arena));
    text = str_slice(str_trim(text), 0, sizeof boot_id - 1);
    memcpy(boot_id, text.data, text.len);
}

const char *clock_boot_id(void)
{
    (void)pthread_once(&boot_id_read, read_boot_id);
    return boot_id;
}

void clock_sleep_ms(int64_t ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&time, NULL);
}

void clock_freeze(int64_t wall_ms)
{
    atomic_store(&frozen_ms, wall_ms);
    atomic_store(&asked, true);
}

char *clock_format(Arena *arena, int64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts;
    if (!gmtime_r(&seconds, &parts))
        parts = (struct tm){.tm_year = 70, .tm_mday = 1};
    return arena_format(arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900,
                        parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

static bool digits(Str text, size_t from, size_t count, int *out)
{
    uint64_t value = 0;
    if (!str_to_u64(str_slice(text, from, from + count), &value))
        return false;
    *out = (int)value;
    return true;
}

bool clock_parse(Str text, int64_t *out_ms)
{
    struct tm parts = {0};
    if (text.len != 20 || text.data[4] != '-' || text.data[7] != '-' || text.data[10] != 'T' ||
        text.data[13] != ':' || text.data[16] != ':' || text.data[19] != 'Z')
        return false;
    if (!digits(text, 0, 4, &parts.tm_year) || !digits(text, 5, 2, &parts.tm_mon) ||
        !digits(text, 8, 2, &parts.tm_mday) || !digits(text, 11, 2, &parts.tm_hour) ||
        !digits(text, 14, 2, &parts.tm_min) || !digits(text, 17, 2, &parts.tm_sec))
        return false;
    if (parts.tm_mon < 1 || parts.tm_mon > 12 || parts.tm_mday < 1 || parts.tm_mday > 31 ||
        parts.tm_hour > 23 || parts.tm_min > 59 || parts.tm_sec > 60)
        return false;
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    *out_ms = (int64_t)timegm(&parts) * 1000;
    return true;
}
