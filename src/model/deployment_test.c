#include "model/deployment.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "testing/test.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C64 "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static const char sample[] = "# our project\n"
                             "schema = 1\n"
                             "\n"
                             "# the one with tables\n"
                             "[[deployed]]\n"
                             "artifact = \"command:go\"\n"
                             "path = \".claude/commands/go.md\"   # moved\n"
                             "parent_hash = '" A64 "'\n"
                             "our_own = { x = [1, 2] }  # unknown to weir\n"
                             "\n"
                             "# a free remark\n"
                             "\n"
                             "[[deployed]]\n"
                             "artifact = \"skill:pdf\"\n"
                             "path = \".claude/skills/pdf\"\n"
                             "content_hash = \"" B64 "\"\n"
                             "version_lineage = [\"" B64 "\", \"" A64 "\"]\n"
                             "last_upstream_check = 2026-11-21T08:00:00Z\n"
                             "  [deployed.extra]\n"
                             "  note = \"kept\"\n"
                             "\n"
                             "[tool]\n"
                             "x = 1\n";

static Deployments *read_text(Test *t, const char *text)
{
    Deployments *deployments;
    CHECK_OK(deployments_read(t->arena, str_of(text), NULL, &deployments, &t->err));
    return deployments;
}

static Hash hash_from(const char *hex)
{
    Hash hash;
    CHECK(hash_parse(str_of(hex), &hash));
    return hash;
}

static const char *replaced(Test *t, const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    CHECK(at != NULL);
    return arena_format(t->arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

TEST(reads_records_and_fills_what_is_absent)
{
    Deployments *all = read_text(t, sample);
    CHECK_INT(all->items.count, 2);
    CHECK_STR(all->items.items[0]->artifact, STR("command:go"));
    const Deployment *pdf = deployments_find(all, STR("skill:pdf"));
    CHECK(pdf != NULL && deployments_find(all, STR("skill:none")) == NULL);
    CHECK_STR(pdf->collection, STR("default"));
    CHECK_STR(pdf->sync_status, STR("synced"));
    CHECK(hash_is_zero(&pdf->parent_hash));
    CHECK_INT(pdf->version_lineage.count, 2);
    CHECK_INT(pdf->pending_conflicts.count, 0);
    CHECK_STR(str_of(clock_format(t->arena, pdf->last_upstream_check_ms)),
              STR("2026-11-21T08:00:00Z"));
}

TEST(writing_unchanged_gives_the_bytes_that_were_read)
{
    static const char *const texts[] = {sample, "", "\n\n", "# only a comment", "schema = 1"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        CHECK_STR(deployments_write(t->arena, read_text(t, texts[i])), str_of(texts[i]));
}

TEST(live_values_alone_change_nothing)
{
    Deployments *all = read_text(t, sample);
    Deployment pdf = *deployments_find(all, STR("skill:pdf"));
    pdf.sync_status = STR("outdated");
    pdf.last_upstream_check_ms += 1000;
    ARRAY_PUSH(t->arena, &pdf.pending_conflicts, STR("01ABC"));
    CHECK_OK(deployments_put(all, &pdf, &t->err));
    CHECK_STR(deployments_write(t->arena, all), str_of(sample));
}

TEST(a_change_touches_its_own_lines_only)
{
    Deployments *all = read_text(t, sample);
    Deployment go = *deployments_find(all, STR("command:go"));
    go.parent_hash = hash_from(C64);
    CHECK_OK(deployments_put(all, &go, &t->err));
    CHECK_STR(deployments_write(t->arena, all),
              str_of(replaced(t, sample, "'" A64 "'", "\"" C64 "\"")));
    go.upstream_ref = STR("main");
    CHECK_OK(deployments_put(all, &go, &t->err));
    const char *wanted = replaced(t, sample, "'" A64 "'", "\"" C64 "\"");
    wanted = replaced(t, wanted, "to weir\n", "to weir\nupstream_ref = \"main\"\n");
    CHECK_STR(deployments_write(t->arena, all), str_of(wanted));
}

TEST(keeps_crlf)
{
    Buf crlf = buf_new(t->arena);
    for (const char *c = sample; *c; c++) {
        buf_add_text(&crlf, *c == '\n' ? "\r" : "");
        buf_add_char(&crlf, *c);
    }
    Deployments *all = read_text(t, buf_text(&crlf));
    CHECK_STR(deployments_write(t->arena, all), buf_str(&crlf));
    Deployment extra = {.artifact = STR("hook:a"), .path = STR("hooks/a")};
    CHECK_OK(deployments_put(all, &extra, &t->err));
    Str out = deployments_write(t->arena, all);
    for (size_t i = 0; i < out.len; i++)
        CHECK(out.data[i] != '\n' || (i > 0 && out.data[i - 1] == '\r'));
}

TEST(new_blocks_stand_at_their_sorted_place)
{
    Deployments *all = read_text(t, sample);
    Deployment extra = {.artifact = STR("hook:a"), .path = STR("hooks/a")};
    CHECK_OK(deployments_put(all, &extra, &t->err));
    Str out = deployments_write(t->arena, all);
    const char *block = "[[deployed]]\n"
                        "artifact = \"hook:a\"\n"
                        "path = \"hooks/a\"\n"
                        "collection = \"default\"\n"
                        "content_hash = \"\"\n"
                        "parent_hash = \"\"\n"
                        "version_lineage = []\n"
                        "sync_status = \"synced\"\n"
                        "pending_conflicts = []\n"
                        "\n"
                        "[[deployed]]\nartifact = \"skill:pdf\"";
    CHECK_STR(out, str_of(replaced(t, sample, "[[deployed]]\nartifact = \"skill:pdf\"", block)));
    Deployments *again = read_text(t, arena_text(t->arena, out));
    CHECK(deployments_remove(again, STR("hook:a")));
    CHECK(!deployments_remove(again, STR("hook:a")));
    CHECK_STR(deployments_write(t->arena, again), str_of(sample));
}

TEST(a_removed_block_goes_with_its_comments_and_tables)
{
    Deployments *all = read_text(t, sample);
    CHECK(deployments_remove(all, STR("command:go")));
    CHECK(deployments_remove(all, STR("skill:pdf")));
    CHECK_INT(all->items.count, 0);
    CHECK_STR(deployments_write(t->arena, all), STR("# our project\n"
                                                    "schema = 1\n"
                                                    "\n"
                                                    "# a free remark\n"
                                                    "\n"
                                                    "[tool]\n"
                                                    "x = 1\n"));
}

TEST(a_first_record_makes_a_file_that_reads_back)
{
    Deployments *all = read_text(t, "");
    Deployment one = {.artifact = STR("skill:pdf"), .path = STR(".claude/skills/pdf")};
    one.parent_hash = one.content_hash = hash_from(A64);
    CHECK_OK(deployments_put(all, &one, &t->err));
    Str text = deployments_write(t->arena, all);
    CHECK_HAS(arena_text(t->arena, text), "schema = 1\n\n[[deployed]]\n");
    Deployments *again = read_text(t, arena_text(t->arena, text));
    CHECK(hash_equal(&again->items.items[0]->parent_hash, &one.parent_hash));
    CHECK_STR(deployments_write(t->arena, again), text);
}

/* Random puts and removes, then compared with what a plain list holds; and undone byte for byte. */
TEST(puts_and_removes_in_any_order_read_back_the_same)
{
    for (int round = 0; round < test_rounds(40); round++) {
        Deployments *all = read_text(t, round % 2 ? sample : "");
        bool present[30] = {false};
        for (int i = 0; i < 60; i++) {
            size_t n = test_below(t, COUNT_OF(present));
            Str id = str_of(arena_format(t->arena, "skill:s%02zu", n));
            if (test_below(t, 3) == 0) {
                CHECK_INT(deployments_remove(all, id), present[n]);
                present[n] = false;
                continue;
            }
            Deployment one = {.artifact = id, .path = id};
            one.path = str_of(arena_format(t->arena, "s/%02zu", n));
            one.upstream_version = str_of(arena_format(t->arena, "%d", i));
            CHECK_OK(deployments_put(all, &one, &t->err));
            present[n] = true;
            if (test_below(t, 8) == 0)
                all = read_text(t, arena_text(t->arena, deployments_write(t->arena, all)));
        }
        all = read_text(t, arena_text(t->arena, deployments_write(t->arena, all)));
        for (size_t n = 0; n < COUNT_OF(present); n++) {
            Str id = str_of(arena_format(t->arena, "skill:s%02zu", n));
            CHECK_INT(deployments_find(all, id) != NULL, present[n]);
        }
        for (size_t i = 1; i < all->items.count; i++)
            CHECK(str_compare(all->items.items[i - 1]->artifact, all->items.items[i]->artifact) <
                  0);
        for (size_t n = 0; n < COUNT_OF(present); n++)
            deployments_remove(all, str_of(arena_format(t->arena, "skill:s%02zu", n)));
        if (round % 2)
            CHECK_STR(deployments_write(t->arena, all), str_of(sample));
    }
}

TEST(paths_that_are_not_utf8_survive)
{
    Deployments *all = read_text(t, "");
    Deployment one = {.artifact = STR("skill:odd"), .path = STR("s/caf\xE9")};
    CHECK_OK(deployments_put(all, &one, &t->err));
    const char *text = arena_text(t->arena, deployments_write(t->arena, all));
    CHECK_HAS(text, "path = \"s/caf\\\\xE9\"\npath_bytes = \"cy9jYWbp\"\n");
    Deployments *again = read_text(t, text);
    CHECK_STR(again->items.items[0]->path, STR("s/caf\xE9"));
    one.path = STR("s/plain");
    CHECK_OK(deployments_put(again, &one, &t->err));
    text = arena_text(t->arena, deployments_write(t->arena, again));
    CHECK(strstr(text, "_bytes") == NULL);
}

TEST(refuses_paths_that_clash_or_escape)
{
    Deployments *all = read_text(t, sample);
    static const char *const clashing[] = {
        ".claude/skills/pdf",       ".claude/skills",     ".claude",
        ".claude/skills/pdf/inner", ".Claude/Skills/PDF", ".claude/commands/go.md"};
    for (size_t i = 0; i < COUNT_OF(clashing); i++) {
        Deployment one = {.artifact = STR("agent:x"), .path = str_of(clashing[i])};
        print_message("%s\n", clashing[i]);
        CHECK_FAILS(ERR_EXISTS, deployments_put(all, &one, &t->err));
    }
    static const char *const escaping[] = {"/abs", "../up", "a/../b", "", ".git/hooks", "a//b"};
    for (size_t i = 0; i < COUNT_OF(escaping); i++) {
        Deployment one = {.artifact = STR("agent:x"), .path = str_of(escaping[i])};
        print_message("%s\n", escaping[i]);
        CHECK(!deployments_put(all, &one, &t->err));
    }
    Deployment fine = {.artifact = STR("agent:x"), .path = STR(".claude/skills/pdf2")};
    CHECK_OK(deployments_put(all, &fine, &t->err));
    CHECK_INT(all->items.count, 3);
}

TEST(a_place_is_free_again_after_a_move_or_a_removal)
{
    Deployments *all = read_text(t, sample);
    Deployment pdf = *deployments_find(all, STR("skill:pdf"));
    Deployment other = {.artifact = STR("skill:other"), .path = STR(".claude/skills/pdf")};
    pdf.path = STR("elsewhere/pdf");
    CHECK_OK(deployments_put(all, &pdf, &t->err));
    CHECK_OK(deployments_put(all, &other, &t->err));
    pdf.path = STR(".claude/skills/pdf/in");
    CHECK_FAILS(ERR_EXISTS, deployments_put(all, &pdf, &t->err));
    CHECK(deployments_remove(all, STR("skill:other")));
    CHECK_OK(deployments_put(all, &pdf, &t->err));
}

TEST(refuses_mangled_files_with_place_and_next_step)
{
    static const struct {
        const char *text, *says;
        ErrorCode code;
    } bad[] = {
        {"[[deployed]]\nartifact = \"skill:a", "deployed.toml:2:12", ERR_CORRUPT},
        {"[[deployed]]\npath = \"a\"\n", "no 'artifact'", ERR_CORRUPT},
        {"[[deployed]]\nartifact = 5\n", "deployed.toml:2:12", ERR_CORRUPT},
        {"[[deployed]]\nartifact = \"skill:a\"\npath = [1]\n",
         "'path' must be a string, not an array", ERR_CORRUPT},
        {"[[deployed]]\nartifact = \"skill:a\"\npath = \"a\"\nparent_hash = \"12\"\n",
         ":4:15: ", ERR_CORRUPT},
        {"[[deployed]]\nartifact = \"skill:a\"\npath = \"a\"\nupstream_sha = \"--x\"\n",
         ":4:16: ", ERR_CORRUPT},
        {"[[deployed]]\nartifact = \"skill:a\"\npath = \"/etc\"\n", "deployed.toml:1",
         ERR_NAME_REFUSED},
        {"[[deployed]]\nartifact = \"skill:a\"\n", "deployed.toml:1", ERR_NAME_REFUSED},
        {"[deployed]\nartifact = \"skill:a\"\n", "[[deployed]]", ERR_CORRUPT},
        {"deployed = [{artifact = \"skill:a\"}]\n", "[[deployed]]", ERR_CORRUPT},
        {"schema = 2\n", "schema 2", ERR_NEWER_FORMAT},
        {"schema = \"1\"\n", "'schema'", ERR_CORRUPT},
        {"[[deployed]]\nartifact = \"a:b\"\npath = \"a\"\n[[deployed]]\nartifact = \"a:b\"\n",
         "on line 1 already", ERR_CORRUPT},
        {"[[deployed]]\nartifact = \"a:b\"\npath = \"a\"\n[[deployed]]\nartifact = \"A:b\"\n"
         "path = \"b\"\n",
         "same place", ERR_EXISTS},
        {"<<<<<<< HEAD\nx = 1\n", "no end", ERR_CORRUPT},
        {"<<<<<<< HEAD\n>>>>>>> b\n", "deployed.toml:2", ERR_CORRUPT},
        {"\xFF\n", "UTF-8", ERR_CORRUPT},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        Deployments *all;
        print_message("%s\n", bad[i].text);
        CHECK_FAILS(bad[i].code,
                    deployments_read(t->arena, str_of(bad[i].text), NULL, &all, &t->err));
        CHECK_HAS(t->err.message, bad[i].says);
        CHECK(error_hint(&t->err)[0] != '\0');
    }
}

/* Every cut of a good file is refused or read; nothing else happens. */
TEST(a_torn_file_never_crashes)
{
    for (size_t len = 0; len < sizeof sample; len++) {
        Deployments *all;
        Error err = {0};
        Str torn = arena_copy(t->arena, (Str){sample, len});
        if (!deployments_read(t->arena, torn, NULL, &all, &err))
            CHECK(err.message[0] != '\0' && err.code != ERR_NONE);
    }
}
