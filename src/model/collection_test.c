#include "model/collection.h"

#include <string.h>

#include "testing/test.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const char people_text[] = "schema = 1\n"
                                  "team = \"docs\"\n\n"
                                  "# first\n"
                                  "[[artifact]]\n"
                                  "id = \"skill:pdf\"\n"
                                  "source = \"https://github.com/owner/repo\"\n"
                                  "source_path = \"skills/pdf\"\n"
                                  "pin = \"^1.2\"  # not 2 yet\n"
                                  "tags = [\n  \"docs\", # for the team\n]\n"
                                  "merge = { \"*.lock\" = \"manual\" }\n"
                                  "priority = 5\n\n"
                                  "[[artifact]]\n"
                                  "id = \"agent:pdf\"\n"
                                  "path = \"agents/pdf.md\"\n";
static const char machine_text[] = "schema = 1\n\n"
                                   "[[artifact]]\n"
                                   "id = \"skill:gone\"\n"
                                   "base_hash = \"" A64 "\"\n\n"
                                   "[[artifact]]\n"
                                   "id = \"skill:pdf\"\n"
                                   "upstream_version = \"1.2.3\"\n"
                                   "base_hash = \"" A64 "\"\n";

static Collection *read_sample(Test *t)
{
    Collection *collection;
    CHECK_OK(collection_read(t->arena, STR(""), STR(""), NULL, &collection, &t->err));
    CHECK_INT(collection->artifacts.count, 0);
    CHECK_OK(collection_read(t->arena, str_of(people_text), str_of(machine_text), NULL, &collection,
                             &t->err));
    return collection;
}

TEST(reads_both_files_as_one)
{
    Collection *collection = read_sample(t);
    CHECK_INT(collection->artifacts.count, 2);
    CHECK_STR(collection->artifacts.items[0]->id, STR("agent:pdf"));
    const Artifact *pdf = collection_find(collection, STR("skill:pdf"));
    CHECK_STR(pdf->type, STR("skill"));
    CHECK_STR(pdf->name, STR("pdf"));
    CHECK_STR(pdf->path, STR("skills/pdf"));
    CHECK_STR(pdf->pin, STR("^1.2"));
    CHECK_INT(pdf->tags.count, 1);
    CHECK_STR(pdf->merge.items[0].pattern, STR("*.lock"));
    CHECK_STR(pdf->upstream_version, STR("1.2.3"));
    CHECK_INT(pdf->base_hash.bytes[0], 0xAA);
    CHECK(collection_find(collection, STR("skill:gone")) == NULL);
}

TEST(an_unchanged_collection_writes_the_bytes_that_were_read)
{
    Collection *collection = read_sample(t);
    Str people, machines;
    Artifact same = *collection_find(collection, STR("skill:pdf"));
    same.last_check_ms = 123456789000;
    CHECK_OK(collection_put(collection, &same, &t->err));
    collection_write(t->arena, collection, &people, &machines);
    CHECK_STR(people, str_of(people_text));
    CHECK_STR(machines, str_of(machine_text));
}

TEST(what_machines_learn_does_not_touch_the_file_for_people)
{
    Collection *collection = read_sample(t);
    Str people, machines;
    Artifact agent = *collection_find(collection, STR("agent:pdf"));
    agent.upstream_sha = STR("0123456789abcdef0123456789abcdef01234567");
    CHECK_OK(collection_put(collection, &agent, &t->err));
    collection_write(t->arena, collection, &people, &machines);
    CHECK_STR(people, str_of(people_text));
    CHECK_HAS(arena_text(t->arena, machines),
              "schema = 1\n\n[[artifact]]\nid = \"agent:pdf\"\nupstream_sha = \"0123456789abcdef"
              "0123456789abcdef01234567\"\n\n[[artifact]]\nid = \"skill:gone\"\n");
}

TEST(a_pin_changes_in_its_place)
{
    Collection *collection = read_sample(t);
    Str people, machines;
    Artifact pdf = *collection_find(collection, STR("skill:pdf"));
    pdf.pin = STR("~2.0");
    CHECK_OK(collection_put(collection, &pdf, &t->err));
    collection_write(t->arena, collection, &people, &machines);
    CHECK_HAS(arena_text(t->arena, people), "pin = \"~2.0\"  # not 2 yet\ntags = [\n  \"docs\", #");
    CHECK_INT(people.len, strlen(people_text));
    pdf.pin = (Str){0};
    pdf.tags = (StrArray){0};
    ARRAY_PUSH(t->arena, &pdf.merge, (MergeRule){STR("a b"), STR("ours")});
    CHECK_OK(collection_put(collection, &pdf, &t->err));
    collection_write(t->arena, collection, &people, &machines);
    CHECK_HAS(
        arena_text(t->arena, people),
        "source_path = \"skills/pdf\"\nmerge = { \"*.lock\" = \"manual\", \"a b\" = \"ours\" }\n"
        "priority = 5\n\n");
}

TEST(names_are_found_where_they_are_unique)
{
    Collection *collection = read_sample(t);
    Artifact *found;
    CHECK_OK(collection_get(collection, STR("agent:pdf"), &found, &t->err));
    CHECK_STR(found->id, STR("agent:pdf"));
    CHECK_FAILS(ERR_INVALID, collection_get(collection, STR("pdf"), &found, &t->err));
    CHECK_HAS(t->err.message, "'agent:pdf', 'skill:pdf'");
    CHECK(collection_remove(collection, STR("agent:pdf")));
    CHECK_OK(collection_get(collection, STR("pdf"), &found, &t->err));
    CHECK_STR(found->id, STR("skill:pdf"));
    CHECK_FAILS(ERR_NOT_FOUND, collection_get(collection, STR("pfd"), &found, &t->err));
    CHECK_HAS(error_hint(&t->err), "skill:pdf");
}

TEST(ids_and_paths_clash_after_folding)
{
    Collection *collection = read_sample(t);
    Artifact id = {.id = STR("skill:PDF"), .path = STR("x/y")};
    CHECK_FAILS(ERR_EXISTS, collection_put(collection, &id, &t->err));
    Artifact path = {.id = STR("skill:other"), .path = STR("Skills/Pdf")};
    CHECK_FAILS(ERR_EXISTS, collection_put(collection, &path, &t->err));
    Artifact inside = {.id = STR("skill:other"), .path = STR("skills/pdf/in")};
    CHECK_FAILS(ERR_EXISTS, collection_put(collection, &inside, &t->err));
    CHECK(collection_remove(collection, STR("skill:pdf")));
    CHECK_OK(collection_put(collection, &id, &t->err));
    Artifact back = {.id = STR("skill:pdf")};
    CHECK_FAILS(ERR_EXISTS, collection_put(collection, &back, &t->err));
}

TEST(a_new_artifact_gets_its_default_path_and_reads_back)
{
    Collection *collection;
    Str people, machines;
    CHECK_OK(collection_read(t->arena, STR(""), STR(""), NULL, &collection, &t->err));
    Artifact one = {.id = STR("theme:dark"), .source = STR("/srv/caf\xE9.git")};
    one.base_hash = hash_of(STR("x"));
    ARRAY_PUSH(t->arena, &one.tags, STR("a\"b"));
    CHECK_OK(collection_put(collection, &one, &t->err));
    collection_write(t->arena, collection, &people, &machines);
    CHECK_HAS(arena_text(t->arena, people), "schema = 1\n\n[[artifact]]\nid = \"theme:dark\"\n"
                                            "path = \"theme/dark\"\n");
    CHECK_OK(collection_read(t->arena, people, machines, NULL, &collection, &t->err));
    const Artifact *again = collection_find(collection, STR("theme:dark"));
    CHECK_STR(again->source, one.source);
    CHECK_STR(again->tags.items[0], STR("a\"b"));
    CHECK(hash_equal(&again->base_hash, &one.base_hash));
}

TEST(an_artifact_that_comes_back_takes_over_the_block_that_machines_kept)
{
    Collection *collection = read_sample(t);
    Artifact gone = {.id = STR("skill:gone"), .upstream_version = STR("2.0.0")};
    Str people, machines;
    CHECK_OK(collection_put(collection, &gone, &t->err));
    collection_write(t->arena, collection, &people, &machines);
    CHECK_OK(collection_read(t->arena, people, machines, NULL, &collection, &t->err));
    const Artifact *back = collection_find(collection, STR("skill:gone"));
    CHECK_STR(back->upstream_version, STR("2.0.0"));
    CHECK(hash_is_zero(&back->base_hash));
}

TEST(a_removed_artifact_leaves_both_files)
{
    Collection *collection = read_sample(t);
    Str people, machines;
    CHECK(collection_remove(collection, STR("skill:pdf")));
    collection_write(t->arena, collection, &people, &machines);
    CHECK_STR(people, STR("schema = 1\nteam = \"docs\"\n\n[[artifact]]\nid = \"agent:pdf\"\n"
                          "path = \"agents/pdf.md\"\n"));
    CHECK_STR(machines,
              STR("schema = 1\n\n[[artifact]]\nid = \"skill:gone\"\nbase_hash = \"" A64 "\"\n"));
}

TEST(merge_rules_in_a_table_of_their_own_are_read_and_replaced)
{
    const char *text = "[[artifact]]\nid = \"skill:a\"\n[artifact.merge]\n\"*.md\" = \"ours\"\n";
    Collection *collection;
    Str people, machines;
    CHECK_OK(collection_read(t->arena, str_of(text), STR(""), NULL, &collection, &t->err));
    Artifact a = *collection_find(collection, STR("skill:a"));
    CHECK_STR(a.merge.items[0].rule, STR("ours"));
    a.merge.items = ARENA_NEW(t->arena, MergeRule);
    a.merge.items[0] = (MergeRule){STR("*.md"), STR("theirs")};
    CHECK_OK(collection_put(collection, &a, &t->err));
    collection_write(t->arena, collection, &people, &machines);
    CHECK_STR(people, STR("[[artifact]]\nid = \"skill:a\"\nmerge = { \"*.md\" = \"theirs\" }\n"));
}

TEST(a_newer_schema_in_either_file_is_refused)
{
    Collection *collection;
    CHECK_FAILS(ERR_NEWER_FORMAT,
                collection_read(t->arena, STR("schema = 2"), STR(""), NULL, &collection, &t->err));
    CHECK_FAILS(ERR_NEWER_FORMAT,
                collection_read(t->arena, STR(""), STR("schema = 9"), NULL, &collection, &t->err));
}
