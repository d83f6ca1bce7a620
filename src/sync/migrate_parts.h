/* What the files of migrate share: the old places that were found, and the taking over of one thing. */
#pragma once

#include "sync/draft.h"
#include "sync/migrate.h"
#include "sync/old_project.h"

/* One of SkillMeat's collections. */
typedef struct {
    Str name;
    Root root; /* its folder, open */
    OldCollection records;
    Error error; /* its manifest could not be read */
} OldPlace;
typedef ARRAY(OldPlace *) OldPlaces;

/* A project with records of SkillMeat's. */
typedef struct {
    Str path; /* absolute, real */
    OldProfiles profiles;
} OldProject;
typedef ARRAY(OldProject) OldProjects;

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
    OldProjects projects;
    StrArray older;    /* projects whose records are weir's own, of an older form */
    BackupFiles files; /* every old file that was read */
    Migration *out;
} OldWorld;

/* What cannot even be planned is an item of its own: a file, a folder, a deployment out of nowhere. */
void error_item(OldWorld *world, Str what, const char *project, ErrorNote error);

/* Looks in the places that are asked for. */
MUST_CHECK bool old_world_find(OldWorld *world, Error *err);
void old_world_close(OldWorld *world);

/* One thing to take over: an artifact, or (with `profile`) a deployment. */
typedef struct {
    const OldPlace *place; /* NULL: SkillMeat's collection was not found */
    const OldArtifact *artifact;
    const char *project; /* outlives the batch */
    const OldProfile *profile;
    const OldDeployment *deployment;
} Unit;
typedef ARRAY(Unit) Units;

typedef struct {
    Draft *draft;
    Collection *into;   /* its records; empty ones in a dry run without a collection */
    const Units *units; /* all of them: a version may lie at another one's place */
} Taking;

/* An artifact into the collection, a deployment into a project's records. */
MUST_CHECK bool take_artifact(Taking *taking, PlanItem *item, const Unit *unit, Error *err);
MUST_CHECK bool take_deployment(Taking *taking, PlanItem *item, const Unit *unit, Error *err);

/* weir's own record files that lack what later weirs write are brought up to date, as items. */
MUST_CHECK bool take_upgrades(Draft *draft, Error *err);
/* Has this text of a record file something to bring up to date? */
bool record_is_older(Arena *arena, Str text);

/* Copies into a new folder beneath home, durably; its path. */
MUST_CHECK bool migrate_backup(Workspace *ws, const BackupFiles *files, const char **out,
                               Error *err);
