/* Archives, written entry by entry to a sink: .tar.gz and .zip, the same bytes for the same entries.
 *
 * Time, owner and machine never get in: times are 1970 (tar) and 1980 (zip), modes are 0644, 0755 and
 * links. The caller chooses the order and sees to it that no path comes twice. Paths are bytes, relative,
 * '/'-separated. A failure of the sink is handed through; after any failure only close.
 */
#pragma once

#include "base/error.h"
#include "base/tree.h"

typedef enum { ARCHIVE_TAR_GZ, ARCHIVE_ZIP } ArchiveKind;

typedef struct {
    bool (*write)(void *context, Str bytes, Error *err); /* all of it, in order */
    void *context;
} ArchiveSink;

typedef struct ArchiveWriter ArchiveWriter;

/* Lives in `arena`. */
MUST_CHECK bool archive_begin(Arena *arena, ArchiveKind kind, const ArchiveSink *sink,
                              ArchiveWriter **out, Error *err);
/* `bytes`: the content, or a link's target. ERR_TOO_LARGE from 4 GiB, ERR_NAME_REFUSED for a path that is
 * empty, absolute, holds NUL or is longer than 65,535 bytes. */
MUST_CHECK bool archive_add(ArchiveWriter *writer, Str path, Mode mode, Str bytes, Error *err);
MUST_CHECK bool archive_finish(ArchiveWriter *writer, Error *err);
void archive_close(ArchiveWriter **writer); /* without finish the archive is torn */
