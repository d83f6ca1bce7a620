/* Session: the folders one verb works in, open, locked and read, after any interrupted apply is finished.
 *
 * roots[0] is the collection when it was asked for. A project that is gone or unreadable is a root with
 * `error` set: bulk verbs report it and go on. Everything is read after the lock was taken.
 */
#pragma once

#include "apply/lock.h"
#include "base/map.h"
#include "content/snapshot.h"
#include "git/view.h"
#include "sync/workspace.h"

#define COLLECTION_FILE "collection.toml"
#define COLLECTION_LOCK_FILE "collection.lock.toml"
#define DEPLOYED_FILE ".weir/deployed.toml"
#define STAGING_FOLDER ".weir"

typedef struct {
    bool is_collection;
    const char *path; /* absolute, real */
    const char *name; /* for people */
    int fd;           /* borrowed from the lock */
    StatCache *cache;
    Collection *collection;   /* of the collection */
    Deployments *deployments; /* of a project */
    DeploymentList old;       /* of a project that has only SkillMeat's records: to look at */
    ErrorNote old_error;      /* what of these could not be read */
    Str people, machines;     /* bytes of the record files as read */
    Str deployed;
    bool has_people, has_machines, has_deployed;
    GitView *view;             /* the repository it lies in; NULL: none */
    GitUnmergedPaths unmerged; /* what an unfinished merge of git left there */
    Error error;               /* ERR_NONE: usable */
    bool told;                 /* this error stands in the plan */
} Root;

typedef struct {
    const char *path; /* real */
    Error error;
} BusyProject;
typedef ARRAY(BusyProject) BusyProjects;

typedef struct {
    bool no_collection;
    bool write_collection;
    StrArray projects; /* absolute paths */
    bool write_projects;
    bool skip_busy; /* a project that another weir holds is an error of its own, as one not there */
    BusyProjects busy; /* waited for already: errors without waiting again */
    bool strict;       /* a project that cannot be opened fails the session */
    bool bytes_only;   /* records are checked and kept as bytes: no collection, no deployments */
    bool damaged; /* a record that cannot be read is its root's `error`, the collection's too */
} SessionSpec;

typedef struct {
    Workspace *ws;
    OperationLock *lock;
    Root *roots;
    size_t root_count;
    Root *collection; /* roots[0], or NULL */
    bool bytes_only;
    Arena *arena;   /* the workspace's when it was opened: a batch has one of its own */
    Map *pending;   /* sync/pending_index.c's own; NULL: not read yet */
    Map *marks;     /* sync/markers.c's own; NULL: not read yet */
    Arena *written; /* the bytes of record files, after an apply of this session */
} Session;

MUST_CHECK bool session_open(Workspace *ws, const SessionSpec *spec, Session **out, Error *err);
/* An apply has written the record files: their bytes are now these, as the records in memory say; of a
 * session of bytes only, as they lie there. */
MUST_CHECK bool session_written(Session *session, Error *err);

/* The projects that were left out as busy, for the next session of the same command. */
void session_note_busy(const Session *session, Arena *arena, BusyProjects *out);

/* For a session that only read: the next one of this workspace need not parse the same bytes again. */
void session_remember(Session *session);
/* No project lies in the collection or in weir's own folder. */
MUST_CHECK bool project_check_apart(Workspace *ws, const char *real, Error *err);

void session_close(Session **session); /* saves the stat caches, lets the locks go */

Root *session_project(Session *session, const char *path); /* NULL when it is not part of it */

/* Finishes what an earlier weir left, saying so. Called by session_open. */
MUST_CHECK bool session_recover(Workspace *ws, Error *err);
