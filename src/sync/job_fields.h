/* Members that several kinds of jobs take, as fields of a record over JobRequest. */
#pragma once

#include <stddef.h>

#include "sync/job_request.h"

#define JOB_FIELD_ARTIFACTS                                                                        \
    {"artifacts",                                                                                  \
     "ids, TYPE:NAME; none: all that there are",                                                   \
     FIELD_TEXTS,                                                                                  \
     .offset = offsetof(JobRequest, artifacts),                                                    \
     .nullable = true,                                                                             \
     .most = 10000,                                                                                \
     .example = "[\"skill:pdf\"]"},                                                                \
    {                                                                                              \
        "artifact_ids", "another name of `artifacts`", FIELD_TEXTS,                                \
            .offset = offsetof(JobRequest, artifact_ids), .most = 10000                            \
    }
#define JOB_FIELD_PROJECT                                                                          \
    {                                                                                              \
        "project_path", "the project's folder, absolute", FIELD_TEXT,                              \
            .offset = offsetof(JobRequest, project_path), .nullable = true,                        \
            .example = "/home/ada/atlas"                                                           \
    }
#define JOB_FIELD_COLLECTION                                                                       \
    {                                                                                              \
        "collection", "none: the one that the daemon is set to", FIELD_TEXT,                       \
            .offset = offsetof(JobRequest, collection), .nullable = true, .most = 255,             \
            .example = "default"                                                                   \
    }
#define JOB_FIELD_DRY_RUN                                                                          \
    {                                                                                              \
        "dry_run", "plan only; true unless it is said", FIELD_BOOL,                                \
            .offset = offsetof(JobRequest, dry_run)                                                \
    }
#define JOB_FIELD_ACCEPT_RISK                                                                      \
    {                                                                                              \
        "accept_risk", "take what the review flags, too", FIELD_BOOL,                              \
            .offset = offsetof(JobRequest, accept_risk)                                            \
    }
#define JOB_FIELD_TWO_WAY                                                                          \
    {                                                                                              \
        "two_way", "where no base can be found, decide place by place", FIELD_BOOL,                \
            .offset = offsetof(JobRequest, two_way)                                                \
    }
#define JOB_FIELD_STRATEGY(about)                                                                  \
    {                                                                                              \
        "strategy", (about), FIELD_WORD, .offset = offsetof(JobRequest, strategy),                 \
                                         .nullable = true, .words = job_strategy_names             \
    }
#define JOB_FIELD_ABORT                                                                            \
    {                                                                                              \
        "abort", "drop the waiting merges; files stay as they are", FIELD_BOOL,                    \
            .offset = offsetof(JobRequest, abort)                                                  \
    }
#define JOB_FIELD_TO_VERSION                                                                       \
    {                                                                                              \
        "to", "the version, or the start of its hash", FIELD_TEXT,                                 \
            .offset = offsetof(JobRequest, to), .required = true, .least = 4, .most = 64,          \
            .example = "5e71b8cb"                                                                  \
    }
#define JOB_FIELD_BASE_PACK                                                                        \
    {                                                                                              \
        "base_pack", "`write` keeps what merges start from in .weir/base, `remove` takes it out",  \
            FIELD_WORD, .offset = offsetof(JobRequest, base_pack), .nullable = true,               \
                        .words = job_base_pack_names                                               \
    }
#define JOB_FIELD_PIN                                                                              \
    {                                                                                              \
        "pin", "latest, a tag, a branch, a sha, or a range", FIELD_TEXT,                           \
            .offset = offsetof(JobRequest, pin), .required = true, .least = 1, .most = 255,        \
            .example = "^1.4"                                                                      \
    }
#define JOB_FIELDS_LOCK                                                                            \
    {"reason",         "why, for whoever is refused",                                              \
     FIELD_TEXT,       .offset = offsetof(JobRequest, reason),                                     \
     .nullable = true, .example = "release on Friday"},                                            \
    {                                                                                              \
        "for_seconds", "how long; 0 or absent: an hour", FIELD_INTEGER,                            \
            .offset = offsetof(JobRequest, for_seconds), .least = 0, .most = 365 * 24 * 3600       \
    }
#define JOB_FIELD_CHOICES                                                                          \
    {                                                                                              \
        "choices", "in this order", FIELD_RECORDS, .offset = offsetof(JobRequest, choices),        \
                                                   .most = 10000, .of = &job_choice_record         \
    }
/* Of every kind that a command line can hand over. */
#define JOB_FIELD_COMMAND_LINE                                                                     \
    {                                                                                              \
        "command_line", "what `weir` has handed over to the daemon; nobody else needs it",         \
            FIELD_POINTER, .offset = offsetof(JobRequest, command_line),                           \
                           .of = &job_command_line_record                                          \
    }
extern const Record job_command_line_record; /* over JobCommandLine */
extern const Record job_choice_record;       /* over JobChoice */
