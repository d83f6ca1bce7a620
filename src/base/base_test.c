#include <string.h>

#include "base/array.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/ids.h"
#include "base/map.h"
#include "base/name.h"
#include "base/path.h"
#include "base/text.h"
#include "testing/test.h"

TEST(an_arena_gives_back_what_came_after_a_mark)
{
    char *kept = arena_format(t->arena, "%s", "kept");
    size_t before = arena_bytes(t->arena);
    {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        memset(arena_alloc(t->arena, 5 << 20, 8), 7, 5 << 20);
        CHECK(arena_bytes(t->arena) > before);
        CHECK_INT(mark.used > 0, true);
    }
    CHECK_INT(arena_bytes(t->arena), before);
    CHECK_TEXT(kept, "kept");
}

typedef struct {
    unsigned char *bytes;
    size_t size;
    unsigned char fill;
} Piece;

static size_t random_size(Test *t)
{
    return test_below(t, 8) ? test_below(t, 5000) : test_below(t, 3 << 20);
}

static void check_zero_and_fill(Piece *piece, size_t from)
{
    for (size_t i = from; i < piece->size; i++)
        CHECK(piece->bytes[i] == 0);
    if (piece->size > from)
        memset(piece->bytes + from, piece->fill, piece->size - from);
}

static void check_filled(const Piece *pieces, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t at = 0; at < pieces[i].size; at += 1 + pieces[i].size / 64)
            CHECK(pieces[i].bytes[at] == pieces[i].fill);
}

/* Allocates, grows, and within a mark the same once more. */
static void use_arena(Test *t, Arena *arena, int depth)
{
    enum { PIECES = 6, STEPS = 20 };
    Piece pieces[PIECES] = {0};
    size_t count = 0;
    for (int step = 0; step < STEPS; step++) {
        size_t size = random_size(t);
        if (count < PIECES && test_below(t, 2)) {
            Piece *piece = &pieces[count++];
            *piece = (Piece){arena_alloc(arena, size, 8), size, (unsigned char)(1 + step)};
            check_zero_and_fill(piece, 0);
        } else if (count && test_below(t, 4)) {
            Piece *piece = &pieces[test_below(t, count)];
            size_t old = piece->size;
            piece->bytes = arena_grow(arena, piece->bytes, old, old + size, 8);
            piece->size += size;
            check_zero_and_fill(piece, old);
        } else if (depth < 2) {
            SCOPED(arena_rewind) ArenaMark mark = arena_mark(arena);
            use_arena(t, arena, depth + 1);
        }
        check_filled(pieces, count);
    }
}

TEST(what_an_arena_gives_is_zero_and_stays_as_it_was_filled)
{
    for (int round = 0; round < test_rounds(20); round++) {
        SCOPED(arena_close) Arena *arena = arena_open();
        use_arena(t, arena, 0);
    }
}

TEST(a_large_array_that_grows_leaves_nothing_behind)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    struct {
        ARRAY(size_t) one, other;
    } lists = {0};
    for (size_t i = 0; i < 1 << 20; i++) {
        ARRAY_PUSH(arena, &lists.one, i);
        ARRAY_PUSH(arena, &lists.other, i * 3);
    }
    for (size_t i = 0; i < 1 << 20; i++)
        CHECK(lists.one.items[i] == i && lists.other.items[i] == i * 3);
    size_t held = (lists.one.capacity + lists.other.capacity) * sizeof(size_t);
    CHECK(arena_bytes(arena) < held + held / 2);
}

TEST(a_map_finds_all_it_was_given_and_nothing_else)
{
    Map *map = map_new(t->arena, 0);
    static int values[5000];
    for (int i = 0; i < 5000; i++)
        map_put(map, str_of(arena_format(t->arena, "key %d", i)), &values[i]);
    CHECK_INT(map_count(map), 5000);
    for (int i = 0; i < 5000; i++)
        CHECK(map_find(map, str_of(arena_format(t->arena, "key %d", i))) == &values[i]);
    CHECK(map_find(map, STR("key 5000")) == NULL);
}

TEST(ids_rise_even_within_a_millisecond)
{
    const char *last = "";
    for (int i = 0; i < 2000; i++) {
        const char *id = id_new(t->arena);
        CHECK_INT(strlen(id), 26);
        CHECK(strcmp(last, id) < 0);
        last = id;
    }
}

TEST(a_hash_as_text_comes_back_and_none_stays_none)
{
    Hash hash = hash_of(STR("weir"));
    Hash back = hash_or_none(hash_format(t->arena, &hash));
    CHECK(hash_equal(&back, &hash));
    CHECK_INT(hash_format(t->arena, &HASH_NONE).len, 0);
    back = hash_or_none(STR("no hash"));
    CHECK(hash_is_zero(&back));
}

TEST(an_error_keeps_its_code_and_tells_the_whole_way)
{
    Error err;
    CHECK(!fail(&err, ERR_NOT_FOUND, "no blob '%s'", "x"));
    CHECK(!fail_in(&err, "artifact '%s'", "skill:pdf"));
    CHECK_INT(err.code, ERR_NOT_FOUND);
    CHECK_TEXT(err.message, "artifact 'skill:pdf': no blob 'x'");
    char longer[3000];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    CHECK(!fail_in(&err, "%s", longer));
    CHECK(strlen(err.message) < sizeof err.message);
}

TEST(paths_are_cleaned_without_the_file_system)
{
    CHECK_TEXT(path_absolute(t->arena, "/a/b", "../c/./d//"), "/a/c/d");
    CHECK_TEXT(path_absolute(t->arena, "/a", "../../.."), "/");
    CHECK(path_is_inside(STR("a/b"), STR("a")));
    CHECK(!path_is_inside(STR("ab"), STR("a")));
    CHECK_STR(path_stem(STR(".env")), STR(".env"));
    CHECK_STR(path_stem(STR("pdf.md")), STR("pdf"));
}

TEST(hidden_characters_are_shown)
{
    CHECK_TEXT(text_safe(t->arena, STR("a\x1b[1mb\xE2\x80\xAE\xFFz\n")),
               "a\\x1B[1mb\\u{202E}\\xFFz\\x0A");
    CHECK_TEXT(text_safe(t->arena, STR("caf\xC3\xA9")), "caf\xC3\xA9");
}

TEST(sizes_read_as_people_write_them)
{
    CHECK_TEXT(text_size(t->arena, 999), "999 B");
    CHECK_TEXT(text_size(t->arena, 1500), "1.5 kB");
    CHECK_TEXT(text_size(t->arena, 52345), "52 kB");
    CHECK_TEXT(text_size(t->arena, 3000000000U), "3 GB");
}

TEST(names_that_differ_in_case_or_composition_fold_alike)
{
    CHECK_STR(name_fold(t->arena, STR("STRASSE")), name_fold(t->arena, STR("stra\xC3\x9F"
                                                                           "e")));
    CHECK_STR(name_fold(t->arena, STR("\xC3\x89t\xC3\xA9")),
              name_fold(t->arena, STR("e\xCC\x81te\xCC\x81")));
    CHECK_STR(name_fold(t->arena, STR("\xEA\xB0\x81")),
              STR("\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8"));
    CHECK(!str_equal(name_fold(t->arena, STR("a")), name_fold(t->arena, STR("b"))));
}

TEST(nothing_is_opened_through_a_link_or_outside)
{
    test_shell(t, "mkdir in && echo secret > out.txt && ln -s .. in/up && ln -s ../out.txt in/l");
    int in = -1;
    Str text;
    CHECK_OK(fs_open_folder(t->dir_fd, STR("in"), &in, &t->err));
    CHECK_FAILS(ERR_PATH_ESCAPES, fs_read_at(t->arena, in, STR("../out.txt"), 100, &text, &t->err));
    CHECK_FAILS(ERR_PATH_ESCAPES, fs_read_at(t->arena, in, STR("up/out.txt"), 100, &text, &t->err));
    CHECK_FAILS(ERR_PATH_ESCAPES, fs_read_at(t->arena, in, STR("l"), 100, &text, &t->err));
    CHECK_FAILS(ERR_PATH_ESCAPES, fs_create_at(in, STR("up/x"), STR("x"), 0644, false, &t->err));
    CHECK_FAILS(ERR_PATH_ESCAPES,
                fs_read_at(t->arena, in, STR("/etc/passwd"), 100, &text, &t->err));
    fd_close(&in);
}

TEST(a_pipe_in_a_files_place_is_named_and_not_read_as_empty)
{
    Str text;
    (void)test_shell(t, "mkfifo pipe");
    CHECK_FAILS(ERR_INVALID, fs_read_at(t->arena, t->dir_fd, STR("pipe"), 100, &text, &t->err));
}

TEST(a_limit_counts_actual_bytes)
{
    Str text;
    test_write(t, "f", "0123456789");
    CHECK_OK(fs_read_at(t->arena, t->dir_fd, STR("f"), 10, &text, &t->err));
    CHECK_STR(text, STR("0123456789"));
    CHECK_FAILS(ERR_TOO_LARGE, fs_read_at(t->arena, t->dir_fd, STR("f"), 9, &text, &t->err));
}

TEST(removing_a_folder_leaves_what_its_links_point_to)
{
    test_shell(
        t, "mkdir -p d/e keep && echo x > keep/f && ln -s ../../keep d/e/l && ln -s ../keep d/k");
    CHECK_OK(fs_remove_all_at(t->dir_fd, STR("d"), &t->err));
    CHECK(!fs_exists(arena_format(t->arena, "%s/d", t->dir)));
    CHECK_STR(test_read(t, "keep/f"), STR("x\n"));
}

TEST(replacing_a_file_leaves_no_temporary_one)
{
    FsNames names;
    CHECK_OK(fs_replace_at(t->dir_fd, STR("f"), STR("one"), 0600, &t->err));
    CHECK_OK(fs_replace_at(t->dir_fd, STR("f"), STR("two"), 0600, &t->err));
    CHECK_STR(test_read(t, "f"), STR("two"));
    CHECK_OK(fs_list(t->arena, t->dir_fd, &names, &t->err));
    CHECK_INT(names.count, 1);
}

TEST(an_arena_takes_over_what_another_holds_and_gives_it_back_after_a_mark)
{
    Arena *other = arena_open();
    Arena *empty = arena_open();
    size_t before = arena_bytes(t->arena);
    {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        char *first = arena_format(other, "%s", "first");
        char *large = arena_alloc(other, 3 << 20, 8);
        memset(large, 'x', 3 << 20);
        arena_adopt(t->arena, &other);
        arena_adopt(t->arena, &empty);
        CHECK(!other && !empty);
        CHECK(arena_bytes(t->arena) > before + (3 << 20));
        CHECK_TEXT(first, "first");
        CHECK(arena_alloc(t->arena, 64, 8) && large[(3 << 20) - 1] == 'x');
    }
    CHECK_INT(arena_bytes(t->arena), before);
}
