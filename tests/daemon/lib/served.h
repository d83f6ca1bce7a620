/* Served: a daemon under test: started, found, killed, ended. One thread starts and ends it; any
 * thread may ask where it answers. */
#pragma once

#include <pthread.h>
#include <sys/types.h>

#include "base/base.h"

#define SERVED_TOKEN "storm-0123456789abcdefghijklmnopqrstuvwxyz"
enum { WORKERS_SEEN = 64 };

typedef struct {
    const char *program, *home, *socket, *log;
    pid_t pid; /* 0: none */
    int out;   /* its first line comes here */
    char line[1024];
    size_t line_len;
    pthread_mutex_t lock;
    char address[64]; /* of the last that was ready */
} Served;

typedef struct {
    pid_t pids[WORKERS_SEEN];
    char started[WORKERS_SEEN][32]; /* what tells a process from a later one of the same number */
    size_t count;
} Workers;

void served_start(Served *served);
/* Waits for its first line until then, on the monotonic clock; false: it has not come. */
bool served_await(Served *served, int64_t until_us);
void served_kill(Served *served);
/* Asks it to end; its exit status as of waitpid. */
int served_end(Served *served);
void served_address(Served *served, char out[64]);

/* Its children now, and whether one of them still lives later; it says which. */
void served_workers(const Served *served, Workers *out);
bool workers_live(const Workers *workers, pid_t *which);

_Noreturn void die_of(const char *what);
