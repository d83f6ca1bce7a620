/* What tests of job bodies share: a job as the daemon would hand it to its body, done once or twice. */
#pragma once

#include "sync/fixture_test.h"
#include "sync/job_bodies.h"

JobRequest job_request_real(void); /* nothing told, and no dry run */
void world_name(World *world, JobRequest *request, const char *id);
World *world_deployed(Test *t); /* both skills added, pdf deployed in atlas */
size_t world_operations(World *world);

Job world_job(World *world, JobKind kind, const JobRequest *request);
MUST_CHECK bool world_try_job(World *world, const Job *job, JobReport *out, Error *err);
JobReport world_do_job(World *world, const Job *job);
/* As after a crash behind the apply: the second attempt must change nothing and tell the same. */
JobReport world_do_twice(World *world, JobKind kind, const JobRequest *request);
/* The request is refused, and the error names that field. */
void check_job_refused(Test *t, JobKind kind, const JobRequest *request, const char *field);

#define CHECK_RESULT(report, part) CHECK_HAS(arena_text(t->arena, (report).result), part)
