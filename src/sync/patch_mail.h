/* A patch as a mail that `git am` takes: head, message, trailers, diffstat, patch.
 *
 * Pure and deterministic. Text beyond ASCII in the head is encoded (RFC 2047); lines of the message that git
 * would read as something else (a mail's start, the end of the message) get a blank in front.
 */
#pragma once

#include "merge/tree_diff.h"

typedef struct {
    Str artifact;      /* "skill:pdf" */
    Str author, email; /* any bytes */
    int64_t at_ms;
    Str message;       /* any bytes; may be empty */
    Str base_sha;      /* the commit it applies to */
    Hash base, result; /* tree hashes of the artifact before and after */
    const FileChanges *changes;
    Str patch; /* of patch_write with `for_mail` */
} PatchMail;

Str patch_mail(Arena *arena, const PatchMail *mail);
