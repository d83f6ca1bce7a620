/* The children of a storm: who makes jobs, who runs them, who listens; and the history they write. */
#pragma once

#include <stdatomic.h>

#include "base/thread.h"
#include "jobs/runner.h"

enum {
    PRODUCERS = 2,
    LISTENERS = 2,
    RUNNERS_MOST = 3,
    CHILDREN = PRODUCERS + LISTENERS + RUNNERS_MOST,
    ARTIFACTS = 12,
    LEASE_MS = 1000,
    DRAIN_S = 60,
    QUEUED_MOST = 1000, /* then producers wait: what is never claimed says little */
};

typedef enum { PRODUCER, LISTENER, RUNNER } Role;

/* What outlives a child, in memory that all share. */
typedef struct {
    _Atomic int64_t next_key; /* of a producer: not acknowledged yet */
    _Atomic int64_t heard;    /* of a listener */
    _Atomic int64_t incarnation;
} Memory;

typedef struct {
    _Atomic bool no_more_jobs, stop;
    _Atomic int64_t kills, stops, acks;
    Memory of[CHILDREN];
} Shared;

typedef struct {
    const char *folder;
    Shared *shared;
    Memory *memory;
    int index, history;
    bool owner;
    char who[32];
    JobQueue *queue;
    Monitor waking; /* of `runner`: the queue's threads wake it */
    Runner *runner;
} Child;

Role role_of(int index);
uint32_t chance(uint32_t below);
_Noreturn void die_of(const char *what);
/* A record: one write at the end of the file. */
void tell(const Child *child, Arena *arena, const char *what, const char *format, ...)
    PRINTF_LIKE(4, 5);
JobQueue *open_queue(const Child *child, bool owner, void (*committed)(void *));

/* Each goes on until all are to stop. */
void produce(Child *child);
void listen_on(Child *child);
void run_jobs(Child *child);
