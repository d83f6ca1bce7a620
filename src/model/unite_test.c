#include <stdio.h>
#include <string.h>

#include "model/collection.h"
#include "model/deployment.h"
#include "testing/test.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const char two_insertions[] =
    "schema = 1\n\n"
    "[[deployed]]\nartifact = \"skill:a\"\npath = \"a\"\n\n"
    "<<<<<<< HEAD\n"
    "[[deployed]]\nartifact = \"skill:m\"\npath = \"m\"\n\n"
    "# for the build\n[[deployed]]\nartifact = \"skill:n\"\npath = \"n\"\n"
    "=======\n"
    "[[deployed]]\nartifact = \"skill:k\"\npath = \"k\"  # theirs\n\n"
    "[[deployed]]\nartifact = \"skill:z\"\npath = \"z\"\n"
    ">>>>>>> branch\n";

TEST(blocks_of_both_sides_are_united_by_id)
{
    Deployments *all;
    CHECK_OK(deployments_read(t->arena, str_of(two_insertions), NULL, &all, &t->err));
    CHECK(all->had_markers);
    CHECK_INT(all->items.count, 5);
    CHECK_STR(deployments_write(t->arena, all),
              STR("schema = 1\n\n"
                  "[[deployed]]\nartifact = \"skill:a\"\npath = \"a\"\n\n"
                  "[[deployed]]\nartifact = \"skill:k\"\npath = \"k\"  # theirs\n\n"
                  "[[deployed]]\nartifact = \"skill:m\"\npath = \"m\"\n\n"
                  "# for the build\n[[deployed]]\nartifact = \"skill:n\"\npath = \"n\"\n\n"
                  "[[deployed]]\nartifact = \"skill:z\"\npath = \"z\"\n"));
}

static const char two_bases[] = "schema = 1\n\n"
                                "[[deployed]]\nartifact = \"skill:a\"\npath = \"a\"\n"
                                "<<<<<<< HEAD\n"
                                "parent_hash = \"" A64 "\"\nupstream_ref = \"v1\"\n"
                                "||||||| base\n"
                                "parent_hash = \"\"\n"
                                "=======\n"
                                "parent_hash = \"" B64 "\"\nupstream_ref = \"v2\"\n"
                                ">>>>>>> branch\n";

/* `context` is the first byte of the one that is the ancestor. */
static bool first_byte_is_older(void *context, const Hash *older, const Hash *newer)
{
    return older->bytes[0] == *(const uint8_t *)context && newer->bytes[0] != older->bytes[0];
}

TEST(the_base_that_is_the_ancestor_wins)
{
    const uint8_t oldest[] = {0xAA, 0xBB};
    for (size_t i = 0; i < COUNT_OF(oldest); i++) {
        uint8_t older = oldest[i];
        Ancestry ancestry = {.is_ancestor = first_byte_is_older, .context = &older};
        Deployments *all;
        CHECK_OK(deployments_read(t->arena, str_of(two_bases), &ancestry, &all, &t->err));
        const Deployment *a = deployments_find(all, STR("skill:a"));
        CHECK_INT(a->parent_hash.bytes[0], older);
        CHECK_STR(a->upstream_ref, older == 0xAA ? STR("v1") : STR("v2"));
        CHECK(!a->needs_review);
    }
}

TEST(without_an_ancestor_the_base_goes_and_a_review_is_asked_for)
{
    Deployments *all;
    CHECK_OK(deployments_read(t->arena, str_of(two_bases), NULL, &all, &t->err));
    const Deployment *a = deployments_find(all, STR("skill:a"));
    CHECK(a->needs_review);
    CHECK(hash_is_zero(&a->parent_hash));
    const char *text = arena_text(t->arena, deployments_write(t->arena, all));
    CHECK(strstr(text, "<<<<") == NULL && strstr(text, "\nparent_hash") == NULL);
    CHECK_HAS(text, "#   parent_hash = \"" B64 "\"");
    Deployments *again;
    CHECK_OK(deployments_read(t->arena, str_of(text), NULL, &again, &t->err));
    CHECK(hash_is_zero(&again->items.items[0]->parent_hash));
}

static bool anything_is_older(void *context, const Hash *older, const Hash *newer)
{
    (void)context;
    return older != newer;
}

TEST(a_side_without_a_base_is_nobodys_ancestor)
{
    const char *text = "<<<<<<< HEAD\n[[deployed]]\nartifact = \"skill:a\"\npath = \"a\"\n"
                       "parent_hash = \"" A64 "\"\n=======\n"
                       "[[deployed]]\nartifact = \"skill:a\"\npath = \"a\"\n>>>>>>> x\n";
    Ancestry ancestry = {.is_ancestor = anything_is_older};
    Deployments *all;
    CHECK_OK(deployments_read(t->arena, str_of(text), &ancestry, &all, &t->err));
    CHECK(all->items.items[0]->needs_review);
    CHECK(hash_is_zero(&all->items.items[0]->parent_hash));
}

TEST(the_lists_in_the_blocks_decide_when_nobody_else_can)
{
    const char *text = "<<<<<<< HEAD\n"
                       "[[deployed]]\nartifact = \"skill:a\"\npath = \"a\"\n"
                       "parent_hash = \"" B64 "\"\nversion_lineage = [\"" B64 "\", \"" A64 "\"]\n"
                       "=======\n"
                       "[[deployed]]\nartifact = \"skill:a\"\npath = \"a\"\n"
                       "parent_hash = \"" A64 "\"\nversion_lineage = [\"" A64 "\"]\n"
                       ">>>>>>> x\n";
    Deployments *all;
    CHECK_OK(deployments_read(t->arena, str_of(text), NULL, &all, &t->err));
    CHECK_INT(all->items.items[0]->parent_hash.bytes[0], 0xAA);
    CHECK(!all->items.items[0]->needs_review);
}

TEST(nothing_that_people_wrote_is_lost)
{
    const char *text = "schema = 1\n\n[[artifact]]\nid = \"skill:a\"\npath = \"skills/a\"\n"
                       "<<<<<<< HEAD\npin = \"^1\"\n=======\npin = \"^2\"\n>>>>>>> b\n";
    Collection *collection;
    Str people, machines;
    CHECK_OK(collection_read(t->arena, str_of(text), (Str){0}, NULL, &collection, &t->err));
    const Artifact *a = collection_find(collection, STR("skill:a"));
    CHECK_STR(a->pin, STR("^1"));
    CHECK(a->needs_review);
    collection_write(t->arena, collection, &people, &machines);
    CHECK_HAS(arena_text(t->arena, people), "#   pin = \"^2\"");
    CHECK_INT(machines.len, 0);
    CHECK_OK(collection_read(t->arena, people, machines, NULL, &collection, &t->err));
}

TEST(markers_inside_a_text_are_text)
{
    const char *text = "schema = 1\nnote = '''\n<<<<<<< a\n=======\n>>>>>>> b\n'''\n";
    Deployments *all;
    CHECK_OK(deployments_read(t->arena, str_of(text), NULL, &all, &t->err));
    CHECK(!all->had_markers);
    CHECK_STR(deployments_write(t->arena, all), str_of(text));
}

TEST(messages_name_the_line_of_the_file_itself)
{
    const char *text = "schema = 1\n<<<<<<< HEAD\n[[deployed]]\nartifact = \"skill:a\"\n"
                       "=======\n[[deployed]]\nartifact = oops\n>>>>>>> b\n";
    Deployments *all;
    CHECK_FAILS(ERR_CORRUPT, deployments_read(t->arena, str_of(text), NULL, &all, &t->err));
    CHECK_HAS(t->err.message, "deployed.toml:7:12");
}

static Ancestry common_text(const char *base, const char *ref)
{
    static char text[512];
    (void)snprintf(
        text, sizeof text,
        "[[deployed]]\nartifact = \"skill:a\"\npath = \"a\"\n%s%s%supstream_ref = \"%s\"\n",
        base ? "parent_hash = \"" : "", base ? base : "", base ? "\"\n" : "", ref);
    return (Ancestry){.common = {str_of(text)}};
}

TEST(what_both_sides_come_from_is_a_base_of_both)
{
    Deployments *all;
    Ancestry ancestry =
        common_text("cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc", "v0");
    CHECK_OK(deployments_read(t->arena, str_of(two_bases), &ancestry, &all, &t->err));
    const Deployment *a = deployments_find(all, STR("skill:a"));
    CHECK(!a->needs_review);
    CHECK_INT(a->parent_hash.bytes[0], 0xCC);
    CHECK_STR(a->upstream_ref, STR("v1"));
    CHECK(strstr(arena_text(t->arena, deployments_write(t->arena, all)), "The other side") == NULL);
}

TEST(a_side_that_changed_nothing_gives_way)
{
    Deployments *all;
    Ancestry ancestry = common_text(A64, "v1");
    CHECK_OK(deployments_read(t->arena, str_of(two_bases), &ancestry, &all, &t->err));
    CHECK_INT(deployments_find(all, STR("skill:a"))->parent_hash.bytes[0], 0xBB);
    ancestry = common_text(B64, "v2");
    CHECK_OK(deployments_read(t->arena, str_of(two_bases), &ancestry, &all, &t->err));
    CHECK_INT(deployments_find(all, STR("skill:a"))->parent_hash.bytes[0], 0xAA);
}

TEST(a_common_text_that_cannot_be_read_or_has_no_base_decides_nothing)
{
    Deployments *all;
    Ancestry ancestries[] = {common_text(NULL, "v0"),
                             {.common = {STR("]] torn")}},
                             {.common = {STR("<<<<<<< a\n=======\n>>>>>>> b\n")}}};
    for (size_t i = 0; i < COUNT_OF(ancestries); i++) {
        CHECK_OK(deployments_read(t->arena, str_of(two_bases), &ancestries[i], &all, &t->err));
        CHECK(all->items.items[0]->needs_review);
    }
}
