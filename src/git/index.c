#include "git/index.h"

#include <string.h>

enum {
    HEADER_BYTES = 12,
    FIXED_BYTES = 62, /* of an entry, up to and with its flags */
    OID_AT = 40,
    FLAGS_AT = 60,
    FLAG_EXTENDED = 0x4000,
    PADDING = 8,
    VARINT_MOST = 10,
};

typedef struct {
    Arena *arena;
    Str rest;
    uint32_t version;
    Str path; /* of the entry before: version 4 names only what differs */
} IndexReader;

static uint32_t number(Str bytes, size_t at, size_t size)
{
    uint32_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | (unsigned char)bytes.data[at + i];
    return value;
}

static bool torn(Error *err)
{
    return fail(err, ERR_CORRUPT, "the git index is torn, or of a form that is not known");
}

/* git's own: the next byte counts from one higher, so that no number has two spellings. */
static bool read_varint(Str *rest, size_t *out)
{
    size_t value = 0;
    for (size_t i = 0; i < rest->len && i < VARINT_MOST; i++) {
        unsigned char byte = (unsigned char)rest->data[i];
        value = (i ? (value + 1) << 7 : 0) | (byte & 0x7f);
        if (byte & 0x80)
            continue;
        *rest = str_slice(*rest, i + 1, rest->len);
        *out = value;
        return true;
    }
    return false;
}

static bool read_path(IndexReader *reader, size_t head_bytes, Str *out)
{
    Str rest = str_slice(reader->rest, head_bytes, reader->rest.len);
    size_t stripped = 0;
    if (reader->version == 4 && (!read_varint(&rest, &stripped) || stripped > reader->path.len))
        return false;
    size_t end = str_find(rest, '\0');
    if (end == STR_NONE)
        return false;
    Str name = str_slice(rest, 0, end);
    if (reader->version == 4) {
        Str kept = str_slice(reader->path, 0, reader->path.len - stripped);
        char *joined = ARENA_ARRAY(reader->arena, char, kept.len + name.len + 1);
        if (kept.len)
            memcpy(joined, kept.data, kept.len);
        if (name.len)
            memcpy(joined + kept.len, name.data, name.len);
        *out = reader->path = (Str){joined, kept.len + name.len};
        reader->rest = str_slice(rest, end + 1, rest.len);
        return true;
    }
    size_t whole = (head_bytes + end + PADDING) / PADDING * PADDING;
    if (whole > reader->rest.len)
        return false;
    *out = name;
    reader->rest = str_slice(reader->rest, whole, reader->rest.len);
    return true;
}

static bool read_entry(IndexReader *reader, GitUnmerged *out)
{
    static const char digits[] = "0123456789abcdef";
    Str bytes = reader->rest;
    if (bytes.len < FIXED_BYTES + 2)
        return false;
    uint32_t flags = number(bytes, FLAGS_AT, 2);
    bool extended = reader->version >= 3 && (flags & FLAG_EXTENDED);
    *out = (GitUnmerged){.stage = (int)(flags >> 12 & 3)};
    for (size_t i = 0; i < 20; i++) {
        unsigned char byte = (unsigned char)bytes.data[OID_AT + i];
        out->oid.text[2 * i] = digits[byte >> 4];
        out->oid.text[2 * i + 1] = digits[byte & 15];
    }
    return read_path(reader, FIXED_BYTES + (extended ? 2 : 0), &out->path);
}

bool git_index_unmerged(Arena *arena, Str index, GitUnmergedPaths *out, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    GitUnmergedPaths paths = {0};
    GitUnmerged entry;
    if (index.len < HEADER_BYTES || memcmp(index.data, "DIRC", 4) != 0)
        return torn(err);
    IndexReader reader = {.arena = scratch,
                          .rest = str_slice(index, HEADER_BYTES, index.len),
                          .version = number(index, 4, 4)};
    if (reader.version < 2 || reader.version > 4)
        return torn(err);
    for (uint32_t left = number(index, 8, 4); left; left--) {
        if (!read_entry(&reader, &entry))
            return torn(err);
        if (!entry.stage)
            continue;
        entry.path = arena_copy(arena, entry.path);
        ARRAY_PUSH(arena, &paths, entry);
    }
    *out = paths;
    return true;
}
