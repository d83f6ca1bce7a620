#include "archive/archive.h"

#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/path.h"
#include "testing/test.h"

typedef struct {
    Str path;
    Mode mode;
    Str bytes;
} Item;
typedef ARRAY(Item) Items;

static bool to_buf(void *context, Str bytes, Error *err)
{
    (void)err;
    buf_add(context, bytes);
    return true;
}

static Str written(Test *t, ArchiveKind kind, const Items *items)
{
    Buf buf = buf_new(t->arena);
    ArchiveSink sink = {to_buf, &buf};
    SCOPED(archive_close) ArchiveWriter *writer = NULL;
    CHECK_OK(archive_begin(t->arena, kind, &sink, &writer, &t->err));
    for (size_t i = 0; i < items->count; i++)
        CHECK_OK(archive_add(writer, items->items[i].path, items->items[i].mode,
                             items->items[i].bytes, &t->err));
    CHECK_OK(archive_finish(writer, &t->err));
    return buf_str(&buf);
}

static void need(Test *t, const char *program)
{
    if (!*test_shell(t, "command -v %s || true", program))
        test_skip(arena_format(t->arena, "no %s", program));
}

static Str repeated(Test *t, const char *part, size_t times)
{
    Buf buf = buf_new(t->arena);
    while (times--)
        buf_add_text(&buf, part);
    return buf_str(&buf);
}

static Str noise(Test *t, size_t len)
{
    Buf buf = buf_new(t->arena);
    while (len--)
        buf_add_char(&buf, (char)test_below(t, 256));
    return buf_str(&buf);
}

/* Everything an artifact can hold; names of all lengths around the fields of a tar header. */
static Items hard_items(Test *t)
{
    Items items = {0};
    Item fixed[] = {
        {STR("plain.txt"), MODE_FILE, STR("one\ntwo\n")},
        {STR("empty"), MODE_FILE, {0}},
        {STR("bin/run"), MODE_EXEC, STR("#!/bin/sh\n")},
        {STR("bin/link"), MODE_LINK, STR("../plain.txt")},
        {STR("with blank \"quoted\""), MODE_FILE, STR("x")},
        {STR("stra\xc3\x9f"
             "e/\xe6\x97\xa5"),
         MODE_FILE, STR("utf-8")},
        {STR("odd \xe9\xff"), MODE_FILE, STR("bytes")},
        {STR("block"), MODE_FILE, noise(t, 512)},
        {STR("large"), MODE_FILE, noise(t, 300000)},
        {STR("even"), MODE_FILE, repeated(t, "0123456789", 100000)},
    };
    for (size_t i = 0; i < COUNT_OF(fixed); i++)
        ARRAY_PUSH(t->arena, &items, fixed[i]);
    for (size_t len = 95; len < 265; len += 5) {
        Str name = str_slice(repeated(t, "n", 250), 0, len < 200 ? len : 150);
        Str folder = str_slice(repeated(t, "folder-y/", 30), 0, len < 200 ? 9 : len / 9 * 9);
        Str path =
            str_of(arena_format(t->arena, "%.*s%.*s%zu", STR_ARG(folder), STR_ARG(name), len));
        ARRAY_PUSH(t->arena, &items, (Item){path, MODE_FILE, path});
    }
    Str shallow = str_of(arena_format(t->arena, "%.*sx", STR_ARG(repeated(t, "deep/", 48))));
    ARRAY_PUSH(t->arena, &items, (Item){shallow, MODE_FILE, STR("fits in two")});
    Str far = str_of(arena_format(t->arena, "%.*s\xe9", STR_ARG(repeated(t, "l", 130))));
    ARRAY_PUSH(t->arena, &items, (Item){far, MODE_FILE, STR("long and odd")});
    ARRAY_PUSH(t->arena, &items, (Item){STR("far"), MODE_LINK, far});
    return items;
}

/* What another program took out of the archive into `folder` is what was put in. */
static void check_folder(Test *t, const char *folder, const Items *items)
{
    Buf want = buf_new(t->arena);
    for (size_t i = 0; i < items->count; i++) {
        const Item *item = &items->items[i];
        HashHex hex = hash_hex(&(Hash[]){hash_of(item->bytes)}[0]);
        buf_format(&want, "%.*s %s %s", STR_ARG(item->path), mode_name(item->mode), hex.text);
        buf_add_char(&want, '\0');
    }
    test_write_bytes(t, "want", buf_str(&want), 0644);
    const char *differs = test_shell(
        t,
        "cd '%s' && find . ! -type d -printf '%%P\\0' | LC_ALL=C xargs -0 -n 1 sh -c '"
        "if [ -L \"$1\" ]; then m=link h=$(readlink -n \"$1\" | sha256sum); "
        "elif [ -x \"$1\" ]; then m=exec h=$(sha256sum <\"$1\"); "
        "else m=file h=$(sha256sum <\"$1\"); fi; "
        "printf \"%%s %%s %%s\\0\" \"$1\" \"$m\" \"${h%%%% *}\"' one | LC_ALL=C sort -z >../have; "
        "cd .. && LC_ALL=C sort -z want | cmp - have 2>&1 || true",
        folder);
    CHECK_TEXT(differs, "");
}

TEST(tar_takes_out_what_was_put_in)
{
    Items items = hard_items(t);
    test_write_bytes(t, "a.tar.gz", written(t, ARCHIVE_TAR_GZ, &items), 0644);
    (void)test_shell(t, "gzip -t a.tar.gz && mkdir out && tar -C out -xzf a.tar.gz");
    check_folder(t, "out", &items);
}

TEST(tar_lists_no_owner_no_time_and_plain_modes)
{
    Items items = {0};
    ARRAY_PUSH(t->arena, &items, (Item){STR("a"), MODE_FILE, STR("12345")});
    ARRAY_PUSH(t->arena, &items, (Item){STR("b"), MODE_EXEC, {0}});
    ARRAY_PUSH(t->arena, &items, (Item){STR("c"), MODE_LINK, STR("a")});
    test_write_bytes(t, "a.tar.gz", written(t, ARCHIVE_TAR_GZ, &items), 0644);
    CHECK_TEXT(test_shell(t, "TZ=UTC tar --full-time -tvzf a.tar.gz | tr -s ' '"),
               "-rw-r--r-- 0/0 5 1970-01-01 00:00:00 a\n"
               "-rwxr-xr-x 0/0 0 1970-01-01 00:00:00 b\n"
               "lrwxrwxrwx 0/0 0 1970-01-01 00:00:00 c -> a\n");
    CHECK_TEXT(test_shell(t, "head -c 10 a.tar.gz | od -An -tx1 | tr -d ' \\n'"),
               "1f8b08000000000002ff");
}

TEST(unzip_takes_out_what_was_put_in)
{
    need(t, "unzip");
    Items all = hard_items(t), items = {0};
    for (size_t i = 0; i < all.count; i++) /* unzip makes ?? of bytes that are not UTF-8 */
        if (str_is_utf8(all.items[i].path) && all.items[i].bytes.len != 131)
            ARRAY_PUSH(t->arena, &items, all.items[i]);
    test_write_bytes(t, "a.zip", written(t, ARCHIVE_ZIP, &items), 0644);
    CHECK_HAS(test_shell(t, "unzip -t a.zip 2>&1; echo $?"), "No errors detected");
    (void)test_shell(t, "LC_ALL=C.UTF-8 unzip -q a.zip -d out");
    check_folder(t, "out", &items);
    CHECK_TEXT(test_shell(t, "zipinfo a.zip | sed -n '/ 80-Jan-01 00:00 /!p' | wc -l"), "3\n");
}

TEST(python_reads_both_and_finds_every_sum_right)
{
    need(t, "python3");
    Items items = hard_items(t);
    test_write_bytes(t, "a.zip", written(t, ARCHIVE_ZIP, &items), 0644);
    test_write_bytes(t, "a.tar.gz", written(t, ARCHIVE_TAR_GZ, &items), 0644);
    const char *read =
        "import tarfile, zipfile\n"
        "z = zipfile.ZipFile('a.zip')\n"
        "assert z.testzip() is None\n"
        "y = tarfile.open('a.tar.gz')\n"
        "a = [(i.external_attr >> 16 & 0o777, z.read(i)) for i in z.infolist()]\n"
        "b = [(m.mode, m.linkname.encode('utf-8', 'surrogateescape') if m.issym()\n"
        "      else y.extractfile(m).read()) for m in y.getmembers()]\n"
        "assert a == b\n"
        "raw = lambda i: i.filename.encode('utf-8' if i.flag_bits & 2048 else 'cp437')\n"
        "assert [raw(i) for i in z.infolist()] == \\\n"
        "    [m.name.encode('utf-8', 'surrogateescape') for m in y.getmembers()]\n"
        "print(len(a))\n";
    test_write(t, "read.py", read);
    CHECK_TEXT(test_shell(t, "python3 read.py 2>&1 || true"),
               arena_format(t->arena, "%zu\n", items.count));
}

TEST(equal_entries_give_equal_bytes)
{
    Items items = hard_items(t);
    for (int kind = ARCHIVE_TAR_GZ; kind <= ARCHIVE_ZIP; kind++) {
        Str first = written(t, (ArchiveKind)kind, &items);
        CHECK(str_equal(first, written(t, (ArchiveKind)kind, &items)));
    }
}

TEST(an_archive_without_entries_is_whole)
{
    Items none = {0};
    test_write_bytes(t, "a.tar.gz", written(t, ARCHIVE_TAR_GZ, &none), 0644);
    CHECK_TEXT(test_shell(t, "tar -tzf a.tar.gz"), "");
    CHECK_INT(written(t, ARCHIVE_ZIP, &none).len, 22);
}

TEST(zip_with_more_entries_than_sixteen_bits_count)
{
    need(t, "zipinfo");
    enum { MANY = 65535 };
    Items items = {0};
    for (int i = 0; i < MANY; i++)
        ARRAY_PUSH(t->arena, &items,
                   (Item){str_of(arena_format(t->arena, "%d", i)), MODE_FILE, {0}});
    test_write_bytes(t, "a.zip", written(t, ARCHIVE_ZIP, &items), 0644);
    CHECK_TEXT(test_shell(t, "zipinfo -h a.zip 2>&1 | grep -o 'entries: [0-9]*'"),
               "entries: 65535\n");
    CHECK_TEXT(test_shell(t, "zipinfo -1 a.zip 2>&1 | tail -n 1"), "65534\n");
}

typedef struct {
    Test *t;
    uint64_t offset;
} Sparse;

/* Zeros become a hole. */
static bool to_sparse(void *context, Str bytes, Error *err)
{
    Sparse *sparse = context;
    (void)err;
    if (bytes.len < 1 << 20) {
        test_write_bytes(sparse->t, "part", bytes, 0644);
        (void)test_shell(sparse->t,
                         "dd if=part of=a.zip bs=64k oflag=seek_bytes seek=%ju "
                         "conv=notrunc status=none",
                         (uintmax_t)sparse->offset);
    }
    sparse->offset += bytes.len;
    return true;
}

TEST(zip_reaches_beyond_four_gibibytes)
{
    need(t, "unzip");
    enum { PART = 1 << 26, PARTS = 65 };
    Str zeros = {arena_alloc(t->arena, PART, 1), PART};
    Sparse sparse = {.t = t};
    ArchiveSink sink = {to_sparse, &sparse};
    SCOPED(archive_close) ArchiveWriter *writer = NULL;
    CHECK_OK(archive_begin(t->arena, ARCHIVE_ZIP, &sink, &writer, &t->err));
    for (int i = 0; i < PARTS; i++)
        CHECK_OK(archive_add(writer, str_of(arena_format(t->arena, "%d", i)), MODE_FILE, zeros,
                             &t->err));
    CHECK_OK(archive_add(writer, STR("last"), MODE_FILE, STR("behind"), &t->err));
    CHECK_OK(archive_finish(writer, &t->err));
    CHECK_TEXT(test_shell(t, "unzip -p a.zip last 2>&1"), "behind");
    CHECK_HAS(test_shell(t, "unzip -t a.zip 64 2>&1"), "No errors");
}

TEST(refuses_names_that_no_archive_may_hold)
{
    Buf buf = buf_new(t->arena);
    ArchiveSink sink = {to_buf, &buf};
    Str names[] = {{0}, STR("/etc/passwd"), STR("a\0b"), repeated(t, "x", 65536)};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        SCOPED(archive_close) ArchiveWriter *writer = NULL;
        CHECK_OK(archive_begin(t->arena, ARCHIVE_ZIP, &sink, &writer, &t->err));
        CHECK_FAILS(ERR_NAME_REFUSED, archive_add(writer, names[i], MODE_FILE, STR("x"), &t->err));
    }
}

static bool to_nowhere(void *context, Str bytes, Error *err)
{
    (void)context;
    (void)bytes;
    return fail(err, ERR_DISK_FULL, "no room");
}

TEST(a_sink_that_fails_is_heard)
{
    ArchiveSink sink = {to_nowhere, NULL};
    for (int kind = ARCHIVE_TAR_GZ; kind <= ARCHIVE_ZIP; kind++) {
        SCOPED(archive_close) ArchiveWriter *writer = NULL;
        CHECK_OK(archive_begin(t->arena, (ArchiveKind)kind, &sink, &writer, &t->err));
        bool ok = archive_add(writer, STR("x"), MODE_FILE, noise(t, 300000), &t->err);
        CHECK(!ok);
        CHECK_INT(t->err.code, ERR_DISK_FULL);
    }
}
