#include "archive/archive_internal.h"
#include "base/buf.h"

/* PKWARE APPNOTE 6.3.9. Nothing is compressed: the bytes are then the same with every zlib. */
enum {
    LOCAL_HEADER = 0x04034b50,
    CENTRAL_HEADER = 0x02014b50,
    END = 0x06054b50,
    END_64 = 0x06064b50,
    END_64_LOCATOR = 0x07064b50,
    END_64_BYTES = 56,
    VERSION = 20,
    VERSION_64 = 45,
    MADE_BY_UNIX = 3 << 8,
    FLAG_UTF8 = 1 << 11,
    DOS_DATE = 1 << 5 | 1, /* 1980-01-01, the first there is */
    EXTRA_64 = 1,
    OFFSET_BYTES = 8,
};

typedef struct {
    Arena *arena;
    ArchiveSink sink;
    uint64_t offset, entries;
    Buf central;
} Zip;

static void put(Buf *buf, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        buf_add_char(buf, (char)(value >> 8 * i & 255));
}

static bool write_out(Zip *zip, Str bytes, Error *err)
{
    zip->offset += bytes.len;
    return bytes.len == 0 || zip->sink.write(zip->sink.context, bytes, err);
}

/* The fields that local and central header share, version to length of the name. */
static void put_shared(Buf *buf, int version, Str path, Str bytes, uint32_t crc)
{
    bool marked = !archive_is_ascii(path) && str_is_utf8(path);
    put(buf, (uint64_t)version, 2);
    put(buf, marked ? FLAG_UTF8 : 0, 2);
    put(buf, 0, 2); /* stored */
    put(buf, 0, 2);
    put(buf, DOS_DATE, 2);
    put(buf, crc, 4);
    put(buf, bytes.len, 4);
    put(buf, bytes.len, 4);
    put(buf, path.len, 2);
}

static void put_central(Zip *zip, Str path, Mode mode, Str bytes, uint32_t crc)
{
    bool far = zip->offset >= UINT32_MAX;
    put(&zip->central, CENTRAL_HEADER, 4);
    int version = far ? VERSION_64 : VERSION;
    put(&zip->central, MADE_BY_UNIX | VERSION_64, 2);
    put_shared(&zip->central, version, path, bytes, crc);
    put(&zip->central, far ? 4 + OFFSET_BYTES : 0, 2);
    put(&zip->central, 0, 2); /* comment */
    put(&zip->central, 0, 2); /* disk */
    put(&zip->central, 0, 2);
    put(&zip->central, (uint64_t)archive_mode(mode) << 16, 4);
    put(&zip->central, far ? UINT32_MAX : zip->offset, 4);
    buf_add(&zip->central, path);
    if (!far)
        return;
    put(&zip->central, EXTRA_64, 2);
    put(&zip->central, OFFSET_BYTES, 2);
    put(&zip->central, zip->offset, OFFSET_BYTES);
}

static bool zip_add(void *state, Str path, Mode mode, Str bytes, Error *err)
{
    Zip *zip = state;
    SCOPED(arena_close) Arena *scratch = arena_open();
    Buf local = buf_new(scratch);
    uint32_t crc = crc32_add(0, bytes);
    put_central(zip, path, mode, bytes, crc);
    zip->entries++;
    put(&local, LOCAL_HEADER, 4);
    put_shared(&local, VERSION, path, bytes, crc);
    put(&local, 0, 2);
    buf_add(&local, path);
    return write_out(zip, buf_str(&local), err) && write_out(zip, bytes, err);
}

static void put_end_64(Zip *zip, Buf *end, uint64_t start, uint64_t size)
{
    put(end, END_64, 4);
    put(end, END_64_BYTES - 12, 8);
    put(end, MADE_BY_UNIX | VERSION_64, 2);
    put(end, VERSION_64, 2);
    put(end, 0, 4);
    put(end, 0, 4);
    put(end, zip->entries, 8);
    put(end, zip->entries, 8);
    put(end, size, 8);
    put(end, start, 8);
    put(end, END_64_LOCATOR, 4);
    put(end, 0, 4);
    put(end, start + size, 8);
    put(end, 1, 4);
}

static uint64_t at_most(uint64_t value, uint64_t most)
{
    return value < most ? value : most;
}

static bool zip_finish(void *state, Error *err)
{
    Zip *zip = state;
    SCOPED(arena_close) Arena *scratch = arena_open();
    Buf end = buf_new(scratch);
    uint64_t start = zip->offset, size = zip->central.len;
    if (zip->entries >= UINT16_MAX || start >= UINT32_MAX || size >= UINT32_MAX)
        put_end_64(zip, &end, start, size);
    put(&end, END, 4);
    put(&end, 0, 4);
    put(&end, at_most(zip->entries, UINT16_MAX), 2);
    put(&end, at_most(zip->entries, UINT16_MAX), 2);
    put(&end, at_most(size, UINT32_MAX), 4);
    put(&end, at_most(start, UINT32_MAX), 4);
    put(&end, 0, 2);
    return write_out(zip, buf_str(&zip->central), err) && write_out(zip, buf_str(&end), err);
}

static void zip_close(void *state)
{
    (void)state;
}

static void *zip_open(Arena *arena, const ArchiveSink *sink, Error *err)
{
    (void)err;
    Zip *zip = ARENA_NEW(arena, Zip);
    *zip = (Zip){.arena = arena, .sink = *sink, .central = buf_new(arena)};
    return zip;
}

const ArchiveFormat archive_zip = {zip_open, zip_add, zip_finish, zip_close};
