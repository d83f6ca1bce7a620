#include <stdio.h>
#include <string.h>

#include "archive/archive_internal.h"
#include "base/buf.h"

/* POSIX.1-2017, pax interchange format: a ustar header, and before it a record where that is too small. */
typedef struct {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], kind;
    char link[100], magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155];
    char rest[12];
} Header;
_Static_assert(sizeof(Header) == 512, "a tar block");

typedef struct {
    Gzip *gzip;
} Tar;

static const char zeros[2 * sizeof(Header)];

static bool add_padded(Tar *tar, Str bytes, Error *err)
{
    size_t over = bytes.len % sizeof(Header);
    return gzip_add(tar->gzip, bytes, err) &&
           (over == 0 || gzip_add(tar->gzip, (Str){zeros, sizeof(Header) - over}, err));
}

static void put_octal(char *field, size_t width, uint64_t value)
{
    for (size_t i = width - 1; i-- > 0; value >>= 3)
        field[i] = (char)('0' + (value & 7));
}

static void put_text(char *field, size_t width, Str text)
{
    if (text.len)
        memcpy(field, text.data, text.len < width ? text.len : width);
}

/* Where the name can be cut into prefix and name; 0: it fits as it is; STR_NONE: it does not fit. */
static size_t cut_of(Str path)
{
    const Header *header = NULL;
    if (path.len <= sizeof header->name)
        return 0;
    for (size_t i = path.len - sizeof header->name - 1; i < path.len - 1; i++)
        if (i > 0 && i <= sizeof header->prefix && path.data[i] == '/')
            return i;
    return STR_NONE;
}

static bool add_header(Tar *tar, Str path, Mode mode, char kind, uint64_t size, Str target,
                       Error *err)
{
    Header header = {.kind = kind, .magic = "ustar", .version = {'0', '0'}};
    size_t cut = cut_of(path);
    if (cut != 0 && cut != STR_NONE) {
        put_text(header.prefix, sizeof header.prefix, str_slice(path, 0, cut));
        path = str_slice(path, cut + 1, path.len);
    }
    put_text(header.name, sizeof header.name, path);
    put_text(header.link, sizeof header.link, target);
    put_octal(header.mode, sizeof header.mode, archive_mode(mode) & 0777);
    put_octal(header.uid, sizeof header.uid, 0);
    put_octal(header.gid, sizeof header.gid, 0);
    put_octal(header.size, sizeof header.size, size);
    put_octal(header.mtime, sizeof header.mtime, 0);
    put_octal(header.major, sizeof header.major, 0);
    put_octal(header.minor, sizeof header.minor, 0);
    memset(header.checksum, ' ', sizeof header.checksum);
    uint64_t sum = 0;
    Str block = {(const char *)&header, sizeof header};
    for (size_t i = 0; i < block.len; i++)
        sum += (unsigned char)block.data[i];
    put_octal(header.checksum, sizeof header.checksum - 1, sum);
    header.checksum[sizeof header.checksum - 2] = '\0';
    return gzip_add(tar->gzip, block, err);
}

/* "LENGTH KEY=VALUE\n", where the length counts itself. */
static void add_record(Buf *buf, const char *key, Str value)
{
    size_t rest = strlen(key) + value.len + 3, digits = 1;
    for (size_t most = 10; rest + digits >= most; most *= 10)
        digits++;
    buf_format(buf, "%zu %s=", rest + digits, key);
    buf_add(buf, value);
    buf_add_char(buf, '\n');
}

/* A UTF-8 name beyond ASCII is told as such; bytes that are not UTF-8 stand in the header as they are,
 * as `git archive` has them, and only where they do not fit in a record that says so. */
static bool needs_record(Str text, bool fits)
{
    return !fits || (!archive_is_ascii(text) && str_is_utf8(text));
}

static bool add_records(Tar *tar, Str path, Str target, Error *err)
{
    Header *header = NULL;
    bool of_path = needs_record(path, cut_of(path) != STR_NONE);
    bool of_target = needs_record(target, target.len <= sizeof header->link);
    bool odd = (of_path && !str_is_utf8(path)) || (of_target && !str_is_utf8(target));
    if (!of_path && !of_target)
        return true;
    SCOPED(arena_close) Arena *scratch = arena_open();
    Buf records = buf_new(scratch);
    if (odd)
        add_record(&records, "hdrcharset", STR("BINARY"));
    if (of_path)
        add_record(&records, "path", path);
    if (of_target)
        add_record(&records, "linkpath", target);
    return add_header(tar, STR("pax"), MODE_FILE, 'x', records.len, (Str){0}, err) &&
           add_padded(tar, buf_str(&records), err);
}

static bool tar_add(void *state, Str path, Mode mode, Str bytes, Error *err)
{
    Tar *tar = state;
    bool link = mode == MODE_LINK;
    Str content = link ? (Str){0} : bytes, target = link ? bytes : (Str){0};
    return add_records(tar, path, target, err) &&
           add_header(tar, path, mode, link ? '2' : '0', content.len, target, err) &&
           add_padded(tar, content, err);
}

static bool tar_finish(void *state, Error *err)
{
    Tar *tar = state;
    return gzip_add(tar->gzip, (Str){zeros, sizeof zeros}, err) && gzip_finish(tar->gzip, err);
}

static void tar_close(void *state)
{
    Tar *tar = state;
    gzip_close(&tar->gzip);
}

static void *tar_open(Arena *arena, const ArchiveSink *sink, Error *err)
{
    Tar *tar = ARENA_NEW(arena, Tar);
    return gzip_open(arena, sink, &tar->gzip, err) ? tar : NULL;
}

const ArchiveFormat archive_tar_gz = {tar_open, tar_add, tar_finish, tar_close};
