/* Inject: stands between a program and libc for every call that changes a file system.
 *
 * Counts those calls, and at the N-th kills the process, tears a write, fails, or calls back (a user who
 * saves at that moment). Can also record what was done, for the power-loss simulator. Linked into the
 * test programs, and built as a library for LD_PRELOAD, where WEIR_INJECT="kind:N[:errno]" arms it; and
 * what lies in the file WEIR_INJECT_WORKER, in the next worker of a daemon.
 * The one place of tests with mutable globals: an interposed function has no other place to look.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum {
    INJECT_NOTHING,
    INJECT_KILL,     /* before the call takes effect */
    INJECT_TORN,     /* half of a write, then as KILL */
    INJECT_ERROR,    /* this one call fails */
    INJECT_ERROR_ON, /* this one and all after it of its kind of trouble */
    INJECT_CALL,
} InjectKind;

typedef struct {
    InjectKind kind;
    long at; /* counted from 1 */
    int error;
    void (*call)(void *context);
    void *context;
} Injection;

void inject_arm(Injection injection); /* starts counting anew */
/* Strikes when a file of this name is about to be made, whatever its number is. */
void inject_arm_at(const char *name, Injection injection);
long inject_disarm(void); /* gives the number of calls seen */

typedef enum {
    OP_CREATE,
    OP_FOLDER,
    OP_LINK,
    OP_HARD,
    OP_WRITE,
    OP_MODE,
    OP_RENAME,
    OP_REMOVE,
    OP_SYNC,
    OP_FAILED_SYNC,
    OP_EVENT
} OpKind;

/* One call that took effect. Nodes are inode numbers. */
typedef struct {
    OpKind kind;
    bool durable;       /* done by a user: not weir's to lose */
    ino_t folder, node; /* where, and what */
    char *name;
    ino_t to_folder; /* OP_RENAME, OP_HARD */
    char *to_name;
    unsigned flags; /* OP_RENAME; OP_MODE: the mode */
    char *data;     /* OP_WRITE; OP_LINK: the target */
    size_t len;
    off_t offset;
} Op;

typedef struct {
    Op *items;
    size_t count, capacity;
} OpLog;

void inject_record(OpLog *log);      /* NULL stops */
void inject_event(const char *name); /* into the log */
void inject_user(bool user);         /* calls from now on are a user's: not counted, durable */
void op_log_clear(OpLog *log);
