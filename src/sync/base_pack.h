/* Base pack: the contents of a project's bases, committed with it, so that a clone can merge by itself.
 *
 *   .weir/base/.gitattributes   weir's; that it is there means that the project has a pack
 *   .weir/base/trees/<hash>     the list of one version, as docs/content-hash.md writes it, with sizes
 *   .weir/base/blobs/<hash>     the bytes of a file or the target of a link; an empty file has none
 *
 * Names are hashes, so two people's packs never conflict. Reading trusts nothing: names, links, sizes and
 * every hash are checked. docs/sharing.md
 */
#pragma once

#include "sync/draft.h"

#define BASE_PACK_FOLDER ".weir/base"

bool base_pack_owns(Str path); /* a path beneath a project */

/* Brings a version out of the project's pack into the store; *found false when it is not in there.
 * ERR_CORRUPT, ERR_NAME_REFUSED, ERR_LINK_REFUSED, ERR_TOO_LARGE. */
MUST_CHECK bool base_pack_load(Workspace *ws, const Root *project, const Hash *version, bool *found,
                               Error *err);

/* One file of the pack that has to change; an empty text is none. */
typedef struct {
    const char *path;
    bool existed;
    Str before, after;
} PackFile;
typedef ARRAY(PackFile) PackFiles;

/* What has to change so that the pack holds the bases of `deployed`, the record file as it will be: nothing
 * where the project has no pack and draft->base_pack does not wish for one. Only BASE_PACK_WRITE takes out
 * what is no longer needed. A base whose content cannot be had stays out, with a warning. */
MUST_CHECK bool base_pack_plan(Draft *draft, const Root *project, Str deployed, PackFiles *out,
                               Error *err);

/* One file of the pack goes back to what it was before the operation that is undone; `was_there`: after it.
 * The pack itself goes or comes again where that operation brought or removed it. */
void base_pack_undo(Draft *draft, const RawRecord *before, bool was_there);
