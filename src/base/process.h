/* Child processes: posix_spawn, an environment built from nothing, bounded time and output.
 *
 * The child leads its own process group and is killed with it at the deadline or on interruption.
 * Descriptors other than 0, 1, 2 are closed in it.
 */
#pragma once

#include "base/array.h"
#include "base/error.h"

typedef struct {
    const char *const *argv;        /* NULL-terminated; argv[0] is looked up in PATH */
    const char *const *environment; /* NULL-terminated "NAME=value"; NULL: this process's own */
    int cwd_fd;                     /* 0 or less: this process's own */
    Str input;
    uint64_t output_limit_bytes; /* 0: 64 MiB; more is ERR_TOO_LARGE */
    int timeout_ms;              /* 0: none */
    bool inherit_terminal;       /* stderr and stdin of this process, for a credential prompt */
} ProcessSpec;

typedef struct {
    int exit_code; /* 128 + signal when it was killed */
    Str output;
    Str errors; /* at most 64 KiB, its end */
} ProcessResult;

/* Fails only when it could not be run to its end; a non-zero exit is a result. */
MUST_CHECK bool process_run(Arena *arena, const ProcessSpec *spec, ProcessResult *out, Error *err);

/* Set by the signal handler of the program; process_run and long loops look at it. */
bool interrupted(void);
void interrupt_request(void);                /* async-signal-safe */
MUST_CHECK bool interrupt_check(Error *err); /* ERR_INTERRUPTED when asked to stop */
