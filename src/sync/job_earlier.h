/* What earlier attempts of a job have written, told together with what this one found. */
#pragma once

#include "sync/job_bodies.h"

/* Items that this attempt found up to date because an earlier one had made them so become what that one
 * made of them; the plan names the operation. */
MUST_CHECK bool job_join_earlier(JobWork *work, Plan *plan, Error *err);

/* Names of the request but those that an earlier attempt has written. */
StrArray job_names_left(const JobWork *work);
