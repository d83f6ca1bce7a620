#include "content/stat_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"

enum {
    TABLE_FIRST = 1024,
    ENTRIES_MAX = 1 << 20,
    UNUSED_SAVES = 20, /* an entry nobody has asked for in so many saves is dropped */
};

/* File systems that stamp to the nanosecond do so by a clock that ticks every few milliseconds; others
 * know whole seconds, or two. */
static const int64_t FINE_DOUBT_NS = 100 * INT64_C(1000000);
static const int64_t COARSE_DOUBT_NS = 2500 * INT64_C(1000000);
static const int64_t SECOND_NS = INT64_C(1000000000);

static const char FORM[16] = "weir stat 1\n";

typedef struct {
    uint64_t path; /* digest; never 0 */
    uint64_t device;
    uint64_t inode;
    uint64_t size_bytes;
    int64_t mtime_ns;
    int64_t ctime_ns;
    uint32_t mode;
    uint32_t unused_saves;
    Hash hash;
} Entry;

/* The file: header, entries. `checksum` is over the rest of the header and the entries. */
typedef struct {
    Hash checksum;
    char form[sizeof FORM];
    uint64_t device;
    uint64_t inode;
    uint64_t count;
} Header;

struct StatCache {
    Arena *arena; /* its own: it grows while the caller marks and rewinds */
    int home_fd;
    uint64_t device;
    uint64_t inode;
    bool has_root;
    bool changed;
    ARRAY(Entry) entries;
    uint32_t *table; /* index + 1 of an entry, 0 empty */
    size_t table_size;
};

static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The device and inode must agree as well, so 64 bits are plenty to tell paths apart. */
static uint64_t digest_of(Str path)
{
    uint64_t h = path.len + 0x9E3779B97F4A7C15U;
    for (size_t at = 0; at < path.len; at += 8) {
        uint64_t word = 0;
        memcpy(&word, path.data + at, path.len - at < 8 ? path.len - at : 8);
        h = mix(h ^ word, 0xA0761D6478BD642FU);
    }
    return mix(h, 0xE7037ED1A0B428DBU) | 1U;
}

/* ---- the table ---- */

static uint32_t *slot_of(StatCache *cache, uint64_t path)
{
    size_t at = path & (cache->table_size - 1);
    while (cache->table[at] && cache->entries.items[cache->table[at] - 1].path != path)
        at = (at + 1) & (cache->table_size - 1);
    return &cache->table[at];
}

static void make_table(StatCache *cache, size_t entries)
{
    size_t size = TABLE_FIRST;
    while (size < entries * 2)
        size *= 2;
    cache->table = ARENA_ARRAY(cache->arena, uint32_t, size);
    cache->table_size = size;
    for (size_t i = 0; i < cache->entries.count; i++)
        *slot_of(cache, cache->entries.items[i].path) = (uint32_t)i + 1;
}

/* ---- reading and writing ---- */

static Hash checksum_of(const Header *header, const Entry *entries)
{
    Hasher hasher;
    hash_begin(&hasher);
    hash_add(&hasher, header->form, sizeof *header - sizeof header->checksum);
    hash_add(&hasher, entries, header->count * sizeof *entries);
    return hash_end(&hasher);
}

static char *file_name(const StatCache *cache)
{
    uint64_t root[2] = {cache->device, cache->inode};
    Hash hash = hash_of((Str){(const char *)root, sizeof root});
    return arena_format(cache->arena, "cache/stat/%.16s", hash_hex(&hash).text);
}

static void load(StatCache *cache)
{
    Error ignored;
    Str bytes;
    Header header;
    bool found;
    uint64_t limit = sizeof header + (uint64_t)ENTRIES_MAX * sizeof(Entry);
    if (!fs_read_if_any(cache->arena, cache->home_fd, str_of(file_name(cache)), limit, &found,
                        &bytes, &ignored) ||
        bytes.len < sizeof header)
        return;
    memcpy(&header, bytes.data, sizeof header);
    if (memcmp(header.form, FORM, sizeof FORM) != 0 || header.device != cache->device ||
        header.inode != cache->inode || header.count > ENTRIES_MAX ||
        bytes.len != sizeof header + header.count * sizeof(Entry))
        return;
    Entry *entries = ARENA_ARRAY(cache->arena, Entry, header.count + header.count / 8 + 64);
    memcpy(entries, bytes.data + sizeof header, header.count * sizeof *entries);
    Hash checksum = checksum_of(&header, entries);
    if (!hash_equal(&checksum, &header.checksum))
        return;
    cache->entries.items = entries;
    cache->entries.count = header.count;
    cache->entries.capacity = header.count + header.count / 8 + 64;
    for (size_t i = 0; i < header.count; i++)
        entries[i].unused_saves++;
}

StatCache *stat_cache_open(Arena *arena, int home_fd, int root_fd)
{
    StatCache *cache = ARENA_NEW(arena, StatCache);
    FsStat root;
    Error ignored;
    *cache = (StatCache){.arena = arena_open(), .home_fd = home_fd};
    cache->has_root = fs_stat_fd(root_fd, &root, &ignored);
    if (cache->has_root) {
        cache->device = root.device;
        cache->inode = root.inode;
    }
    if (cache->has_root && home_fd >= 0)
        load(cache);
    make_table(cache, cache->entries.count);
    return cache;
}

void stat_cache_close(StatCache **cache)
{
    if (!*cache)
        return;
    arena_close(&(*cache)->arena);
    *cache = NULL;
}

static void drop_unused(StatCache *cache)
{
    size_t kept = 0;
    for (size_t i = 0; i < cache->entries.count; i++)
        if (cache->entries.items[i].unused_saves <= UNUSED_SAVES)
            cache->entries.items[kept++] = cache->entries.items[i];
    cache->entries.count = kept;
    make_table(cache, kept);
}

static Str file_bytes(StatCache *cache)
{
    Header header = {.device = cache->device, .inode = cache->inode, .count = cache->entries.count};
    memcpy(header.form, FORM, sizeof FORM);
    header.checksum = checksum_of(&header, cache->entries.items);
    size_t body = header.count * sizeof(Entry);
    char *bytes = arena_alloc(cache->arena, sizeof header + body, 1);
    memcpy(bytes, &header, sizeof header);
    if (body)
        memcpy(bytes + sizeof header, cache->entries.items, body);
    return (Str){bytes, sizeof header + body};
}

void stat_cache_save(StatCache *cache)
{
    Error ignored;
    if (!cache->changed || !cache->has_root || cache->home_fd < 0)
        return;
    drop_unused(cache);
    SCOPED(arena_rewind) ArenaMark mark = arena_mark(cache->arena);
    Str name = str_of(file_name(cache));
    Str fresh = str_of(arena_format(cache->arena, "%s.new", name.data));
    Str bytes = file_bytes(cache);
    /* A second writer may take the name from under the first: the checksum finds out, and it is a cache. */
    bool written = fs_make_folders_at(cache->home_fd, STR("cache/stat"), 0700, &ignored) &&
                   fs_remove_at(cache->home_fd, fresh, false, &ignored) &&
                   fs_create_at(cache->home_fd, fresh, bytes, 0600, false, &ignored) &&
                   fs_rename_at(cache->home_fd, fresh, cache->home_fd, name, 0) == 0;
    cache->changed = !written;
}

/* ---- asking and telling ---- */

bool stat_cache_has(StatCache *cache, Str path)
{
    return *slot_of(cache, digest_of(path)) != 0;
}

const Hash *stat_cache_find(StatCache *cache, Str path, const FsStat *stat)
{
    uint32_t index = *slot_of(cache, digest_of(path));
    if (!index)
        return NULL;
    Entry *entry = &cache->entries.items[index - 1];
    entry->unused_saves = 0;
    bool same = entry->device == stat->device && entry->inode == stat->inode &&
                entry->size_bytes == stat->size_bytes && entry->mtime_ns == stat->mtime_ns &&
                entry->ctime_ns == stat->ctime_ns && entry->mode == stat->mode;
    return same ? &entry->hash : NULL;
}

/* Could a change made after `before_ns` bear the stamps that `stat` shows? */
static bool is_doubtful(const FsStat *stat, int64_t before_ns)
{
    int64_t newest = stat->ctime_ns > stat->mtime_ns ? stat->ctime_ns : stat->mtime_ns;
    bool fine = stat->ctime_ns % SECOND_NS != 0;
    return newest >= before_ns - (fine ? FINE_DOUBT_NS : COARSE_DOUBT_NS);
}

void stat_cache_put(StatCache *cache, Str path, const FsStat *stat, int64_t before_ns,
                    const Hash *hash)
{
    if (is_doubtful(stat, before_ns) || cache->entries.count >= ENTRIES_MAX)
        return;
    Entry entry = {digest_of(path),
                   stat->device,
                   stat->inode,
                   stat->size_bytes,
                   stat->mtime_ns,
                   stat->ctime_ns,
                   stat->mode,
                   0,
                   *hash};
    if ((cache->entries.count + 1) * 2 > cache->table_size)
        make_table(cache, cache->table_size);
    uint32_t *slot = slot_of(cache, entry.path);
    cache->changed = true;
    if (*slot) {
        cache->entries.items[*slot - 1] = entry;
        return;
    }
    ARRAY_PUSH(cache->arena, &cache->entries, entry);
    *slot = (uint32_t)cache->entries.count;
}
