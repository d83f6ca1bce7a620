/* Every limit on what comes from outside, in one place. Counted on actual bytes, checked at the edge. */
#pragma once

#include "base/base.h"

enum {
    LIMIT_NAME_BYTES = 255,          /* one path component */
    LIMIT_PATH_BYTES = 1024,         /* a path inside an artifact */
    LIMIT_PATH_DEPTH = 64,           /* components in it */
    LIMIT_ARTIFACT_FILES = 20000,    /* entries of one artifact */
    LIMIT_UPSTREAM_ENTRIES = 500000, /* entries of an upstream's tree that are looked at */
    LIMIT_LINK_BYTES = 1024,         /* target of a symlink */
    LIMIT_RECORD_BYTES = 64 << 20,   /* a TOML record file */
    LIMIT_CONFIG_BYTES = 1 << 20,    /* config.toml, .weirignore */
    LIMIT_IGNORE_RULES = 10000,      /* rules in a .weirignore */
    LIMIT_URL_BYTES = 2048,
    LIMIT_REF_BYTES = 255,
    LIMIT_HISTORY_COMMITS =
        1000, /* commits of a collection's own history that are looked at for a base */
    LIMIT_HISTORY_REFS = 5000,   /* refs that history is looked for from */
    LIMIT_LINEAGE_SHOWN = 50,    /* version hashes kept in a record file */
    LIMIT_BATCH_ARTIFACTS = 200, /* artifacts in one apply transaction */
    LIMIT_READERS = 8,           /* folders read at the same time */
    LIMIT_OPEN_REPOSITORIES = 8, /* upstreams' caches with open handles, beside those at work */
    LIMIT_HTTP_HEAD_BYTES = 16 << 10,  /* request line and headers of a request, its trailer */
    LIMIT_HTTP_TARGET_BYTES = 8 << 10, /* path and query of a request */
    LIMIT_HTTP_HEADERS = 100,          /* headers of a request */
    LIMIT_HTTP_EXTENSION_BYTES = 256,  /* extension of a chunk of a request's body */
    LIMIT_HTTP_BODY_BYTES = 1 << 20,   /* body of a request, where its endpoint names no other */
    LIMIT_STREAM_BYTES = 256 << 10,    /* events that wait for a slow reader of a stream */
};

#define LIMIT_FILE_BYTES ((uint64_t)256 << 20)   /* one file of an artifact */
#define LIMIT_ARTIFACT_BYTES ((uint64_t)1 << 30) /* an artifact */
#define LIMIT_JOB_REQUEST_BYTES ((uint64_t)16 << 20)
#define LIMIT_JOB_RESULT_BYTES ((uint64_t)16 << 20) /* a job's reply */
#define LIMIT_PATCH_BYTES ((uint64_t)64 << 20) /* a patch that the daemon makes for a download */
#define LIMIT_MERGE_BYTES ((uint64_t)64 << 20) /* larger text is treated as binary */
