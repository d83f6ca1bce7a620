/* Child processes: posix_spawn, an environment built from nothing, bounded time and output.
 *
 * The child leads its own session and process group and is killed with it (SIGTERM, then SIGKILL) at the
 * deadline, on interruption and when a sink refuses; what it left running after a normal end is left
 * alone. Descriptors other than 0, 1, 2 are closed in it, signals are as a new program expects them.
 * Writing and reading go on together, so full pipes on both sides cannot block it.
 */
#pragma once

#include "base/array.h"
#include "base/error.h"

typedef struct {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
    const char *program;     /* the file to run, where argv[0] only names it; NULL: argv[0] */
    const char *const *environment; /* NULL-terminated "NAME=value"; NULL: this process's own */
    int cwd_fd;                     /* 0 or less: this process's own */
    Str input;                      /* of process_run and process_stream */
    uint64_t output_limit_bytes;    /* 0: 64 MiB; more is ERR_TOO_LARGE */
    uint64_t file_limit_bytes; /* largest file it may write, in steps of 512; 0: no limit. With it a
                                * program that is not there is exit code 127 */
    int timeout_ms;            /* 0: none; of each process_talk, or of the whole run */
    int quiet_ms;              /* 0: none; the longest it may write nothing: ERR_TIMEOUT */
    /* Asked while it runs: whether it shall end, by SIGTERM. It may still say what it has done; after
     * `grace_ms` (0: 500) it is killed. An end that was asked for is no failure. NULL: nobody asks. */
    bool (*stop)(void *context);
    void *stop_context;
    int grace_ms;
    bool stop_waits;       /* it begins with SIGTERM blocked, and takes it when it can heed it */
    bool inherit_terminal; /* stays in this session and gets its stdin: it may ask on /dev/tty */
    void (*errors_seen)(void *context, Str bytes); /* what comes on stderr, as it comes; or NULL */
    void *errors_context;
} ProcessSpec;

typedef struct {
    int exit_code; /* 128 + signal when it was killed */
    Str output;
    Str errors; /* at most 64 KiB, its end */
} ProcessResult;

/* Fails only when it could not be run to its end; a non-zero exit is a result. */
MUST_CHECK bool process_run(Arena *arena, const ProcessSpec *spec, ProcessResult *out, Error *err);

/* Takes output as it comes; `bytes` is valid for the call. Sets `*done` when the answer is complete
 * (process_talk returns then); false with *err ends the child. */
typedef bool (*ProcessSink)(void *context, Str bytes, bool *done, Error *err);

/* Like process_run, but the output goes to `sink`; no output limit but the sink's own. */
MUST_CHECK bool process_stream(Arena *arena, const ProcessSpec *spec, ProcessSink sink,
                               void *context, ProcessResult *out, Error *err);

/* A child that answers questions until it is closed, such as `git cat-file --batch`. */
typedef struct Process Process;
MUST_CHECK bool process_open(const ProcessSpec *spec, Process **out, Error *err);
/* Feeds `input` and hands what comes to `sink` until it is done. After a failure only close. */
MUST_CHECK bool process_talk(Process *process, Str input, ProcessSink sink, void *context,
                             Error *err);
void process_close(Process **process); /* ends it at once; fine on NULL */

/* Set by the signal handler of the program; process_run and long loops look at it. */
bool interrupted(void);
void interrupt_request(void);                /* async-signal-safe */
void interrupt_clear(void);                  /* tests, and a daemon between its jobs */
MUST_CHECK bool interrupt_check(Error *err); /* ERR_INTERRUPTED when asked to stop */
