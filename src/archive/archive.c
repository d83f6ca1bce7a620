#include "archive/archive.h"

#include "archive/archive_internal.h"
#include "base/text.h"

enum { PATH_MOST = 65535 };

struct ArchiveWriter {
    const ArchiveFormat *format;
    void *state;
};

uint32_t archive_mode(Mode mode)
{
    static const uint32_t modes[] = {
        [MODE_FILE] = 0100644, [MODE_EXEC] = 0100755, [MODE_LINK] = 0120777};
    ASSERT(mode != MODE_NONE);
    return modes[mode];
}

bool archive_is_ascii(Str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.data[i] >= 0x80)
            return false;
    return true;
}

bool archive_begin(Arena *arena, ArchiveKind kind, const ArchiveSink *sink, ArchiveWriter **out,
                   Error *err)
{
    static const ArchiveFormat *const formats[] = {
        [ARCHIVE_TAR_GZ] = &archive_tar_gz, [ARCHIVE_ZIP] = &archive_zip};
    ArchiveWriter *writer = ARENA_NEW(arena, ArchiveWriter);
    writer->format = formats[kind];
    writer->state = writer->format->open(arena, sink, err);
    if (!writer->state)
        return false;
    *out = writer;
    return true;
}

bool archive_add(ArchiveWriter *writer, Str path, Mode mode, Str bytes, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    if (!path.len || path.len > PATH_MOST || path.data[0] == '/' || str_has_nul(path))
        return fail(err, ERR_NAME_REFUSED, "'%.200s' is no name for an archive",
                    text_safe(scratch, path));
    if (bytes.len >= UINT32_MAX)
        return fail(err, ERR_TOO_LARGE, "'%.200s' is too large for an archive",
                    text_safe(scratch, path));
    return writer->format->add(writer->state, path, mode, bytes, err);
}

bool archive_finish(ArchiveWriter *writer, Error *err)
{
    return writer->format->finish(writer->state, err);
}

void archive_close(ArchiveWriter **writer)
{
    if (!*writer)
        return;
    (*writer)->format->close((*writer)->state);
    *writer = NULL;
}
