/* What the files of migrate share: the old places that were found, and the taking over of one thing. */
#pragma once

#include "model/old_records.h"
#include "sync/draft.h"
#include "sync/migrate.h"

/* One of SkillMeat's collections. */
typedef struct {
    Str name;
    Root root; /* its folder, open */
    OldCollection records;
    Error error; /* its manifest could not be read */
} OldPlace;
typedef ARRAY(OldPlace *) OldPlaces;

/* The record file of one profile in a project. */
typedef struct {
    Str project; /* absolute, real */
    Str profile; /* ".claude" */
    OldDeployments records;
    Error error;
} OldProfile;
typedef ARRAY(OldProfile *) OldProfiles;

/* A file to keep a copy of. */
typedef struct {
    Str path; /* where it is, absolute */
    Str name; /* beneath the backup's folder */
    Str bytes;
} BackupFile;
typedef ARRAY(BackupFile) BackupFiles;

typedef struct {
    Workspace *ws;
    const MigrateRequest *request;
    OldPlaces places;
    OldProfiles profiles;
    BackupFiles files; /* every old file that was read */
    Migration *out;
} OldWorld;

/* Looks in the places that are asked for. ERR_NOT_FOUND for a named folder that holds nothing old. */
MUST_CHECK bool old_world_find(OldWorld *world, Error *err);
void old_world_close(OldWorld *world);

/* One artifact into the draft's collection, one deployment into a project's records. */
MUST_CHECK bool take_artifact(Draft *draft, Collection *into, PlanItem *item, const OldPlace *from,
                              const OldArtifact *old, Error *err);
MUST_CHECK bool take_deployment(Draft *draft, const Collection *into, PlanItem *item,
                                const OldPlace *from, const OldProfile *profile,
                                const OldDeployment *old, Error *err);

/* Copies into a new folder beneath home, durably; its path. */
MUST_CHECK bool migrate_backup(Workspace *ws, const BackupFiles *files, const char **out,
                               Error *err);
