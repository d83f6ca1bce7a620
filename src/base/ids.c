#include "base/ids.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

/* Ids of one process must rise, so the last one is remembered behind this lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint8_t last_id[16];
static _Atomic uint64_t test_seed;

static void seeded_bytes(uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const uint64_t step = 0x9E3779B97F4A7C15U; /* splitmix64 */
        uint64_t z = atomic_fetch_add(&test_seed, step) + step;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
        out[i] = (uint8_t)(z ^ (z >> 31));
    }
}

void random_bytes(void *out, size_t len)
{
    uint8_t *at = out;
    if (test_seed) {
        seeded_bytes(at, len);
        return;
    }
    while (len) {
        ssize_t got = getrandom(at, len > 256 ? 256 : len, 0);
        ASSERT(got > 0);
        at += got;
        len -= (size_t)got;
    }
}

void ids_seed(uint64_t seed)
{
    test_seed = seed;
}

static void id_advance(uint8_t id[16])
{
    int64_t now = clock_ms();
    uint8_t fresh[16];
    random_bytes(fresh, sizeof fresh);
    for (int i = 0; i < 6; i++)
        fresh[i] = (uint8_t)((uint64_t)now >> (40 - 8 * i));
    (void)pthread_mutex_lock(&lock);
    if (memcmp(fresh, last_id, 6) <= 0) {
        memcpy(fresh, last_id, sizeof fresh);
        for (int i = 15; i >= 0 && ++fresh[i] == 0; i--)
            continue;
    }
    memcpy(last_id, fresh, sizeof fresh);
    (void)pthread_mutex_unlock(&lock);
    memcpy(id, fresh, sizeof fresh);
}

char *id_new(Arena *arena)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint8_t id[16];
    id_advance(id);
    char text[27] = "";
    for (int i = 0; i < 26; i++) {
        int value = 0;
        for (int bit = 0; bit < 5; bit++) {
            int at = i * 5 + bit - 2; /* 130 bits of text hold 128 */
            int one = at < 0 ? 0 : (id[at / 8] >> (7 - at % 8)) & 1;
            value = value << 1 | one;
        }
        text[i] = alphabet[value];
    }
    return arena_text(arena, (Str){text, 26});
}

char *trace_id_new(Arena *arena)
{
    static const char hex[] = "0123456789abcdef";
    uint8_t bytes[16];
    random_bytes(bytes, sizeof bytes);
    char text[32];
    for (int i = 0; i < 16; i++) {
        text[2 * i] = hex[bytes[i] >> 4];
        text[2 * i + 1] = hex[bytes[i] & 15];
    }
    return arena_text(arena, (Str){text, sizeof text});
}
