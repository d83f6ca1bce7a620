#include "content/stat_cache.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/buf.h"
#include "base/hash.h"

enum {
    TABLE_FIRST = 1024,
    ENTRIES_MAX = 1 << 20,
    NAMES_MAX = 64 << 20,
    NAMES_OF_FOLDER = 10000, /* larger folders are listed every time */
    UNUSED_SAVES = 20,       /* an entry nobody has asked for in so many saves is dropped */
};

/* File systems that stamp to the nanosecond do so by a clock that ticks every few milliseconds; others
 * know whole seconds, or two. */
static const int64_t FINE_DOUBT_NS = 100 * INT64_C(1000000);
static const int64_t COARSE_DOUBT_NS = 2500 * INT64_C(1000000);
static const int64_t SECOND_NS = INT64_C(1000000000);

static const char FORM[16] = "weir stat 2\n";

typedef struct {
    uint64_t path; /* digest; never 0 */
    uint64_t device;
    uint64_t inode;
    uint64_t size_bytes;
    int64_t mtime_ns;
    int64_t ctime_ns;
    uint32_t mode; /* and the kind above it */
    uint32_t unused_saves;
    uint32_t names_at; /* of a folder: where its names are, and how many bytes */
    uint32_t names_len;
    Hash hash; /* of a file */
} Entry;

/* The file: header, entries, names. `checksum` is over all that follows it. */
typedef struct {
    Hash checksum;
    char form[sizeof FORM];
    uint64_t device;
    uint64_t inode;
    uint64_t count;
    uint64_t names_len;
} Header;

struct StatCache {
    Arena *arena; /* its own: it grows while the caller marks and rewinds */
    int home_fd;
    uint64_t device;
    uint64_t inode;
    bool has_root;
    bool folders; /* its file system can be asked about folders */
    bool changed;
    ARRAY(Entry) entries;
    Buf names;       /* of folders: for each name its kind, the name, NUL */
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

static Hash checksum_of(Str file)
{
    return hash_of(str_slice(file, sizeof(Hash), file.len));
}

static const char *name_of(Arena *arena, uint64_t device, uint64_t inode)
{
    uint64_t root[2] = {device, inode};
    Hash hash = hash_of((Str){(const char *)root, sizeof root});
    return arena_format(arena, "%.16s", hash_hex(&hash).text);
}

static char *file_name(const StatCache *cache)
{
    return arena_format(cache->arena, "cache/stat/%s",
                        name_of(cache->arena, cache->device, cache->inode));
}

/* Is `file` whole, and of this root? */
static bool read_header(const StatCache *cache, Str file, Header *out)
{
    if (file.len < sizeof *out)
        return false;
    memcpy(out, file.data, sizeof *out);
    if (memcmp(out->form, FORM, sizeof FORM) != 0 || out->device != cache->device ||
        out->inode != cache->inode || out->count > ENTRIES_MAX || out->names_len > NAMES_MAX ||
        file.len != sizeof *out + out->count * sizeof(Entry) + out->names_len)
        return false;
    Hash checksum = checksum_of(file);
    return hash_equal(&checksum, &out->checksum);
}

static void load(StatCache *cache)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Error ignored;
    Str file;
    Header header;
    bool found;
    uint64_t limit = sizeof header + (uint64_t)ENTRIES_MAX * sizeof(Entry) + NAMES_MAX;
    if (!fs_read_if_any(arena, cache->home_fd, str_of(file_name(cache)), limit, &found, &file,
                        &ignored) ||
        !read_header(cache, file, &header))
        return;
    size_t room = header.count + header.count / 8 + 64;
    cache->entries.items = ARENA_ARRAY(cache->arena, Entry, room);
    cache->entries.count = header.count;
    cache->entries.capacity = room;
    if (header.count)
        memcpy(cache->entries.items, file.data + sizeof header, header.count * sizeof(Entry));
    for (size_t i = 0; i < header.count; i++)
        cache->entries.items[i].unused_saves++;
    buf_add(&cache->names, str_slice(file, file.len - header.names_len, file.len));
}

/* Where a folder's own stamps tell of every change of a name in it, at once and to the nanosecond. */
static bool stamps_folders(int root_fd)
{
    struct statfs fs;
    if (fstatfs(root_fd, &fs) != 0)
        return false;
    switch ((uint64_t)fs.f_type) {
    case EXT4_SUPER_MAGIC:
    case XFS_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
    case F2FS_SUPER_MAGIC:
    case TMPFS_MAGIC:
        return true;
    default:
        return false;
    }
}

StatCache *stat_cache_open(Arena *arena, int home_fd, int root_fd)
{
    StatCache *cache = ARENA_NEW(arena, StatCache);
    FsStat root;
    Error ignored;
    *cache = (StatCache){.arena = arena_open(), .home_fd = home_fd};
    cache->names = buf_new(cache->arena);
    cache->has_root = fs_stat_fd(root_fd, &root, &ignored);
    cache->folders = stamps_folders(root_fd);
    if (cache->has_root) {
        cache->device = root.device;
        cache->inode = root.inode;
    }
    if (cache->has_root && home_fd >= 0)
        load(cache);
    make_table(cache, cache->entries.count);
    return cache;
}

Str stat_cache_name(Arena *arena, int root_fd)
{
    FsStat root = {0};
    Error ignored;
    bool known = fs_stat_fd(root_fd, &root, &ignored);
    return known ? str_of(name_of(arena, root.device, root.inode)) : (Str){0};
}

void stat_cache_close(StatCache **cache)
{
    if (!*cache)
        return;
    arena_close(&(*cache)->arena);
    *cache = NULL;
}

static Str names_of(const StatCache *cache, const Entry *entry)
{
    return str_slice(buf_str(&cache->names), entry->names_at,
                     (size_t)entry->names_at + entry->names_len);
}

static void drop_unused(StatCache *cache)
{
    size_t kept = 0;
    Buf names = buf_new(cache->arena);
    for (size_t i = 0; i < cache->entries.count; i++) {
        Entry entry = cache->entries.items[i];
        if (entry.unused_saves > UNUSED_SAVES)
            continue;
        Str own = names_of(cache, &entry);
        entry.names_at = (uint32_t)names.len;
        buf_add(&names, own);
        cache->entries.items[kept++] = entry;
    }
    cache->entries.count = kept;
    cache->names = names;
    make_table(cache, kept);
}

static Str file_bytes(StatCache *cache)
{
    Header header = {.device = cache->device,
                     .inode = cache->inode,
                     .count = cache->entries.count,
                     .names_len = cache->names.len};
    Buf file = buf_new(cache->arena);
    memcpy(header.form, FORM, sizeof FORM);
    buf_reserve(&file, sizeof header + header.count * sizeof(Entry) + header.names_len);
    buf_add_bytes(&file, &header, sizeof header);
    buf_add_bytes(&file, cache->entries.items, header.count * sizeof(Entry));
    buf_add(&file, buf_str(&cache->names));
    Hash checksum = checksum_of(buf_str(&file));
    memcpy(file.data, &checksum, sizeof checksum);
    return buf_str(&file);
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

static uint32_t mode_of(const FsStat *stat)
{
    return stat->mode | (uint32_t)stat->kind << 16;
}

static const Entry *find_entry(StatCache *cache, Str path, const FsStat *stat)
{
    uint32_t index = *slot_of(cache, digest_of(path));
    if (!index)
        return NULL;
    Entry *entry = &cache->entries.items[index - 1];
    entry->unused_saves = 0;
    bool same = entry->device == stat->device && entry->inode == stat->inode &&
                entry->size_bytes == stat->size_bytes && entry->mtime_ns == stat->mtime_ns &&
                entry->ctime_ns == stat->ctime_ns && entry->mode == mode_of(stat);
    return same ? entry : NULL;
}

const Hash *stat_cache_find(StatCache *cache, Str path, const FsStat *stat)
{
    const Entry *entry = stat->kind == FS_FILE ? find_entry(cache, path, stat) : NULL;
    return entry ? &entry->hash : NULL;
}

bool stat_cache_find_names(Arena *arena, StatCache *cache, Str path, const FsStat *stat,
                           FsNames *out)
{
    bool folder = cache->folders && stat->kind == FS_FOLDER && stat->device == cache->device;
    const Entry *entry = folder ? find_entry(cache, path, stat) : NULL;
    if (!entry)
        return false;
    FsNames names = {0};
    Str rest = arena_copy(arena, names_of(cache, entry)); /* what the cache has may move */
    Str name;
    while (str_next(&rest, '\0', &name)) {
        if (name.len < 2 || name.data[0] < '0' || name.data[0] > '0' + FS_FOLDER)
            return false;
        FsKind kind = (FsKind)(name.data[0] - '0');
        ARRAY_PUSH(arena, &names, (FsName){str_slice(name, 1, name.len), kind});
    }
    *out = names;
    return true;
}

/* Could a change made after `before_ns` bear the stamps that `stat` shows? */
static bool is_doubtful(const FsStat *stat, int64_t before_ns)
{
    int64_t newest = stat->ctime_ns > stat->mtime_ns ? stat->ctime_ns : stat->mtime_ns;
    bool fine = stat->ctime_ns % SECOND_NS != 0;
    return newest >= before_ns - (fine ? FINE_DOUBT_NS : COARSE_DOUBT_NS);
}

static void put_entry(StatCache *cache, Str path, const FsStat *stat, Entry entry)
{
    entry.path = digest_of(path);
    entry.device = stat->device;
    entry.inode = stat->inode;
    entry.size_bytes = stat->size_bytes;
    entry.mtime_ns = stat->mtime_ns;
    entry.ctime_ns = stat->ctime_ns;
    entry.mode = mode_of(stat);
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

void stat_cache_put(StatCache *cache, Str path, const FsStat *stat, int64_t before_ns,
                    const Hash *hash)
{
    if (!is_doubtful(stat, before_ns) && cache->entries.count < ENTRIES_MAX)
        put_entry(cache, path, stat, (Entry){.hash = *hash});
}

void stat_cache_put_names(StatCache *cache, Str path, const FsStat *stat, int64_t before_ns,
                          const FsNames *names)
{
    size_t at = cache->names.len;
    if (!cache->folders || stat->device != cache->device || is_doubtful(stat, before_ns) ||
        cache->entries.count >= ENTRIES_MAX || at > NAMES_MAX / 2 || names->count > NAMES_OF_FOLDER)
        return;
    for (size_t i = 0; i < names->count; i++) {
        buf_add_char(&cache->names, (char)('0' + names->items[i].kind));
        buf_add(&cache->names, names->items[i].name);
        buf_add_char(&cache->names, '\0');
    }
    put_entry(cache, path, stat,
              (Entry){.names_at = (uint32_t)at, .names_len = (uint32_t)(cache->names.len - at)});
}
