#include "api/rate.h"

#include <string.h>

enum { PEERS_MOST = 256, PEER_BYTES = 48 };

/* A bucket is the moment at which it would be full again: one number, no timer (GCRA). */
typedef struct {
    char name[PEER_BYTES];
    size_t name_len;
    int64_t seen_us;
    int64_t full_us[RATE_CLASSES];
} Peer;

struct RateTable {
    int64_t gap_ns[RATE_CLASSES];   /* between two that pass; 0: no limit */
    int64_t burst_us[RATE_CLASSES]; /* how far a bucket may be from full */
    Peer peers[PEERS_MOST];
    size_t count;
};

static int64_t burst_of(int64_t per_minute)
{
    int64_t burst = per_minute / 30;
    return burst > 20 ? burst : per_minute < 20 ? per_minute : 20;
}

RateTable *rate_table_new(Arena *arena)
{
    return ARENA_NEW(arena, RateTable);
}

void rate_set(RateTable *table, const int64_t per_minute[RATE_CLASSES])
{
    for (size_t i = 0; i < RATE_CLASSES; i++) {
        int64_t gap_ns = per_minute[i] > 0 ? (int64_t)60000000000 / per_minute[i] : 0;
        table->gap_ns[i] = gap_ns;
        table->burst_us[i] = burst_of(per_minute[i]) * gap_ns / 1000;
    }
}

static Peer *find_peer(RateTable *table, Str name, int64_t now_us)
{
    Peer *oldest = &table->peers[0];
    name = str_slice(name, 0, PEER_BYTES);
    for (size_t i = 0; i < table->count; i++) {
        Peer *peer = &table->peers[i];
        if (str_equal((Str){peer->name, peer->name_len}, name))
            return peer;
        if (peer->seen_us < oldest->seen_us)
            oldest = peer;
    }
    if (table->count < PEERS_MOST)
        oldest = &table->peers[table->count++];
    *oldest = (Peer){.name_len = name.len, .seen_us = now_us};
    memcpy(oldest->name, name.data, name.len);
    return oldest;
}

bool rate_take(RateTable *table, Str peer_name, size_t class, int64_t now_us, int64_t *wait_ms)
{
    int64_t gap_us = table->gap_ns[class] / 1000;
    if (table->gap_ns[class] == 0)
        return true;
    Peer *peer = find_peer(table, peer_name, now_us);
    int64_t full_us = peer->full_us[class] > now_us ? peer->full_us[class] : now_us;
    peer->seen_us = now_us;
    if (full_us + gap_us - now_us > table->burst_us[class]) {
        *wait_ms = (full_us + gap_us - now_us - table->burst_us[class] + 999) / 1000;
        return false;
    }
    peer->full_us[class] = full_us + gap_us;
    return true;
}
