#include "jobs/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/checksum.h"
#include "base/fs.h"

#define NAME STR("jobs.jsonl")
#define HEAD "{\"crc32c\":\"%08x\",\"change\":"
enum { HEAD_BYTES = 30 };
#define JOURNAL_BYTES ((uint64_t)1 << 30)

struct Journal {
    Arena *arena;
    int dir_fd, fd;
    uint64_t size;
};

static void add_line(Buf *buf, Str change)
{
    buf_format(buf, HEAD, (unsigned)crc32c(change));
    buf_add(buf, change);
    buf_add_text(buf, "}\n");
}

static bool read_line(Arena *arena, Str line, Str *change)
{
    if (line.len < HEAD_BYTES + 1 || line.data[line.len - 1] != '}')
        return false;
    *change = str_slice(line, HEAD_BYTES, line.len - 1);
    const char *head = arena_format(arena, HEAD, (unsigned)crc32c(*change));
    return str_is(str_slice(line, 0, HEAD_BYTES), head);
}

/* `*good`: bytes up to the end of the last good line. */
static bool read_lines(Arena *arena, Str text, StrArray *changes, size_t *good, Error *err)
{
    Str rest = text, line, change;
    for (size_t number = 1; str_next(&rest, '\n', &line); number++) {
        bool whole = (size_t)(line.data + line.len - text.data) < text.len;
        if (!whole || !read_line(arena, line, &change)) {
            if (rest.len == 0)
                return true;
            return fail(err, ERR_CORRUPT, "line %zu of jobs.jsonl is damaged", number) ||
                   fail_hint(err, "Its jobs are not run. Mend or move the file, then start again.");
        }
        ARRAY_PUSH(arena, changes, change);
        *good += line.len + 1;
    }
    return true;
}

static bool open_file(Journal *journal, Error *err)
{
    fd_close(&journal->fd);
    journal->fd = fs_open_at(journal->dir_fd, NAME, O_RDWR | O_CREAT | O_APPEND, 0600);
    return journal->fd >= 0 || fail_errno(err, "cannot open 'jobs.jsonl'");
}

static bool open_all(Journal *journal, Arena *arena, const char *folder, StrArray *changes,
                     Error *err)
{
    Str text;
    size_t good = 0;
    if (!fs_open_root(folder, &journal->dir_fd, err) || !open_file(journal, err) ||
        !fs_read_fd(arena, journal->fd, JOURNAL_BYTES, &text, err) ||
        !read_lines(arena, text, changes, &good, err))
        return false;
    if (good < text.len && ftruncate(journal->fd, (off_t)good) != 0)
        return fail_errno(err, "cannot drop the torn end of 'jobs.jsonl'");
    journal->size = good;
    return fs_sync_fd(journal->fd, "jobs.jsonl", err) &&
           fs_sync_fd(journal->dir_fd, "the home folder", err);
}

bool journal_open(Arena *arena, const char *folder, Journal **out, StrArray *changes, Error *err)
{
    Arena *own = arena_open();
    Journal *journal = ARENA_NEW(own, Journal);
    StrArray list = {0};
    *journal = (Journal){.arena = own, .dir_fd = -1, .fd = -1};
    if (!open_all(journal, arena, folder, &list, err)) {
        journal_close(&journal);
        return false;
    }
    *out = journal;
    *changes = list;
    return true;
}

static Str lines_of(Arena *arena, const StrArray *changes)
{
    Buf buf = buf_new(arena);
    for (size_t i = 0; i < changes->count; i++)
        add_line(&buf, changes->items[i]);
    return buf_str(&buf);
}

/* What could not be written to its end is cut off again: the next line must not come behind half a
 * line. */
bool journal_add(Journal *journal, const StrArray *changes, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Str lines = lines_of(arena, changes);
    if (fs_write_fd(journal->fd, lines, err) && fs_sync_fd(journal->fd, "jobs.jsonl", err)) {
        journal->size += lines.len;
        return true;
    }
    if (ftruncate(journal->fd, (off_t)journal->size) != 0)
        return fail_in(err, "'jobs.jsonl' may end in half a line");
    return false;
}

bool journal_rewrite(Journal *journal, const StrArray *changes, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Str lines = lines_of(arena, changes);
    if (!fs_replace_at(journal->dir_fd, NAME, lines, 0600, err) || !open_file(journal, err))
        return false;
    journal->size = lines.len;
    return true;
}

uint64_t journal_bytes(const Journal *journal)
{
    return journal->size;
}

bool journal_exists(const char *folder)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    return fs_exists(arena_format(arena, "%s/jobs.jsonl", folder));
}

bool journal_remove(Journal *journal, Error *err)
{
    return fs_remove_at(journal->dir_fd, NAME, false, err) &&
           fs_sync_fd(journal->dir_fd, "the home folder", err);
}

void journal_close(Journal **journal)
{
    if (!*journal)
        return;
    Arena *arena = (*journal)->arena;
    fd_close(&(*journal)->fd);
    fd_close(&(*journal)->dir_fd);
    *journal = NULL;
    arena_close(&arena);
}
