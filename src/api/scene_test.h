/* A collection with something in it for the tests of this room. Only *_test.c may include it. */
#pragma once

#include "api/world_test.h"

#define JOBS "/api/v1/sync/jobs"
#define SYNC_PDF "{\"direction\":\"upstream_to_collection\",\"artifacts\":[\"skill:pdf\"]}"

/* An upstream with skill:pdf (SKILL.md of five lines, logo.bin) and command:go, both in the collection;
 * skill:pdf in the projects <dir>/atlas, where a merge waits at line 2, and <dir>/beta, whose line 5 was
 * edited after the upstream's version 2 had come. Gives the id of the waiting merge. */
const char *scene_make(World *world);
const char *scene_project(World *world, const char *name);
/* A sync of skill:pdf, queued: its id. Needs no scene. */
const char *scene_job(World *world);
/* Makes a job there and does it in this process with the bodies that a worker has: the ended job. */
Answer scene_do(World *world, const char *target, const char *body);
