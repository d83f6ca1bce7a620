#include "model/old_records.h"

#include "base/buf.h"
#include "base/hash.h"
#include "testing/test.h"

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const char manifest[] =
    "[collection]\nname = \"default\"\nversion = \"1.0.0\"\n\n"
    "[[artifacts]]\nname = \"pdf\"\ntype = \"skill\"\npath = \"skills/pdf\"\norigin = \"github\"\n"
    "added = \"2026-11-20T20:31:49.963226\"\n"
    "upstream = \"https://github.com/o/r/tree/v1/skills/pdf\"\nversion_spec = \"v1\"\n"
    "resolved_sha = \"0123\"\nresolved_version = \"1.0.0\"\ntags = [\"docs\", \"x\"]\n"
    "uuid = \"7\"\n\n"
    "[artifacts.metadata]\ndescription = \"PDF\"\nextra = {a = 1}\n\n"
    "[[artifacts]]\nname = \"fix\"\ntype = \"command\"\npath = \"commands/fix.md\"\n"
    "origin = \"local\"\nadded = \"x\"\n\n"
    "[artifacts.metadata]\ntags = [\"old\"]\n\n"
    "[[groups]]\nname = \"g\"\n";
static const char lock[] = "[lock]\nversion = \"1.0.0\"\n\n"
                           "[lock.entries.\"pdf::skill\"]\ncontent_hash = \"" HASH_A "\"\n"
                           "fetched = \"2026-11-20T20:31:50.254063\"\n\n"
                           "[lock.entries.\"gone::skill\"]\ncontent_hash = \"" HASH_B "\"\n";

static const char *keys_text(Test *t, const OldKeys *keys)
{
    Buf buf = buf_new(t->arena);
    for (size_t i = 0; i < keys->count; i++)
        buf_format(&buf, "%s%.*s %zu", i ? ", " : "", STR_ARG(keys->items[i].key),
                   keys->items[i].count);
    return buf_text(&buf);
}

TEST(reads_a_collection_and_its_lock_and_counts_every_key_without_a_place)
{
    OldCollection all;
    CHECK_OK(old_collection_read(t->arena, str_of(manifest), str_of(lock), &all, &t->err));
    CHECK_INT(all.artifacts.count, 2);
    const OldArtifact *pdf = &all.artifacts.items[0];
    CHECK_INT(pdf->error.code, ERR_NONE);
    CHECK_STR(pdf->name, STR("pdf"));
    CHECK_STR(pdf->type, STR("skill"));
    CHECK_STR(pdf->path, STR("skills/pdf"));
    CHECK_STR(pdf->origin, STR("github"));
    CHECK_STR(pdf->upstream, STR("https://github.com/o/r/tree/v1/skills/pdf"));
    CHECK_STR(pdf->version_spec, STR("v1"));
    CHECK_STR(pdf->resolved_sha, STR("0123"));
    CHECK_STR(pdf->resolved_version, STR("1.0.0"));
    CHECK_INT(pdf->tags.count, 2);
    CHECK_STR(pdf->lock_hash, STR(HASH_A));
    CHECK_STR(all.artifacts.items[1].tags.items[0], STR("old"));
    CHECK_STR(all.artifacts.items[1].lock_hash, STR(""));
    CHECK_TEXT(keys_text(t, &all.left),
               "artifacts.added 2, artifacts.uuid 1, artifacts.metadata.description 1, "
               "artifacts.metadata.extra 1, collection.version 1, groups 1");
    CHECK_TEXT(keys_text(t, &all.left_in_lock),
               "lock.entries.fetched 1, lock.entries.gone::skill 1, lock.version 1");
}

TEST(a_broken_block_is_an_error_of_its_own)
{
    OldCollection all;
    Str text = STR("[[artifacts]]\nname = \"a\"\ntype = 7\npath = \"a\"\n"
                   "[[artifacts]]\nname = \"b\"\ntype = \"skill\"\n"
                   "[[artifacts]]\nname = \"c\"\ntype = \"skill\"\npath = \"c\"\ntags = \"x\"\n"
                   "[[artifacts]]\nname = \"d\"\ntype = \"skill\"\npath = \"d\"\n");
    CHECK_OK(old_collection_read(t->arena, text, (Str){0}, &all, &t->err));
    CHECK_TEXT(all.artifacts.items[0].error.message, "collection.toml:3: 'type' is not a string");
    CHECK_TEXT(all.artifacts.items[1].error.message, "collection.toml:5: the block has no 'path'");
    CHECK_TEXT(all.artifacts.items[2].error.message,
               "collection.toml:12: 'tags' is not a list of texts");
    CHECK_INT(all.artifacts.items[3].error.code, ERR_NONE);
}

TEST(a_torn_lock_leaves_the_collection_readable)
{
    OldCollection all;
    CHECK_OK(old_collection_read(t->arena, str_of(manifest), STR("[lock.ent"), &all, &t->err));
    CHECK_INT(all.lock_error.code, ERR_CORRUPT);
    CHECK_INT(all.artifacts.count, 2);
    CHECK_STR(all.artifacts.items[0].lock_hash, STR(""));
}

TEST(reads_deployments_of_old_and_older_versions)
{
    OldDeployments all;
    OldKeys left;
    Str text = STR("[[deployed]]\nartifact_name = \"pdf\"\nartifact_type = \"skill\"\n"
                   "from_collection = \"default\"\ndeployed_at = \"x\"\n"
                   "artifact_path = \"skills/pdf\"\ncontent_hash = \"" HASH_A "\"\n"
                   "collection_sha = \"" HASH_B "\"\nprofile_root_dir = \".claude\"\n"
                   "version_lineage = []\n\n"
                   "[[deployed]]\nartifact_name = \"fix\"\nartifact_type = \"command\"\n"
                   "from_collection = \"default\"\nartifact_path = \"commands/fix.md\"\n"
                   "collection_sha = \"" HASH_B "\"\n\n"
                   "[[deployed]]\nartifact_name = \"bad\"\nartifact_type = \"skill\"\n"
                   "from_collection = \"default\"\nartifact_path = \"skills/bad\"\n"
                   "content_hash = \"AB\"\n");
    CHECK_OK(old_deployments_read(t->arena, text, &all, &left, &t->err));
    CHECK_INT(all.count, 3);
    CHECK_STR(all.items[0].content_hash, STR(HASH_A));
    CHECK_STR(all.items[0].profile, STR(".claude"));
    CHECK_STR(all.items[1].content_hash, STR(HASH_B));
    CHECK_STR(all.items[1].path, STR("commands/fix.md"));
    CHECK_INT(all.items[2].error.code, ERR_INVALID);
    CHECK_TEXT(keys_text(t, &left), "deployed.deployed_at 1, deployed.version_lineage 1");
}

TEST(a_layout_of_another_writer_is_told_key_by_key)
{
    OldDeployments all;
    OldKeys left;
    Str text = STR("[deployment]\ncollection = \"default\"\n[[artifacts]]\nname = \"pdf\"\n");
    CHECK_OK(old_deployments_read(t->arena, text, &all, &left, &t->err));
    CHECK_INT(all.count, 0);
    CHECK_TEXT(keys_text(t, &left), "deployment.collection 1, artifacts 1");
}

/* A write that stopped anywhere: an error of the file, or fewer blocks, each whole or with its own error. */
TEST(a_text_cut_anywhere_gives_an_error_or_fewer_records)
{
    OldCollection whole;
    CHECK_OK(old_collection_read(t->arena, str_of(manifest), str_of(lock), &whole, &t->err));
    size_t failed = 0;
    for (size_t cut = 0; cut < sizeof manifest - 1; cut++) {
        OldCollection all;
        Error err = {0};
        if (!old_collection_read(t->arena, (Str){manifest, cut}, str_of(lock), &all, &err)) {
            CHECK_INT(err.code, ERR_CORRUPT);
            CHECK(err.hint[0]);
            failed++;
            continue;
        }
        CHECK(all.artifacts.count <= whole.artifacts.count);
        for (size_t i = 0; i < all.artifacts.count; i++) {
            const OldArtifact *one = &all.artifacts.items[i];
            CHECK(one->error.code || str_equal(one->path, whole.artifacts.items[i].path));
        }
    }
    CHECK(failed > sizeof manifest / 2);
    for (size_t cut = 0; cut < sizeof lock - 1; cut++) {
        OldCollection all;
        CHECK_OK(old_collection_read(t->arena, str_of(manifest), (Str){lock, cut}, &all, &t->err));
        Str hash = all.artifacts.items[0].lock_hash;
        CHECK(hash.len == 0 || str_is(hash, HASH_A));
    }
}

TEST(a_configuration_names_its_default_collection)
{
    Str name;
    OldKeys left;
    CHECK_OK(old_config_read(
        t->arena, STR("[settings]\ndefault-collection = \"work\"\ngithub-token = \"x\"\n"), &name,
        &left, &t->err));
    CHECK_STR(name, STR("work"));
    CHECK_TEXT(keys_text(t, &left), "settings.github-token 1");
    CHECK_OK(old_config_read(t->arena, STR("settings = 1\n"), &name, &left, &t->err));
    CHECK_STR(name, STR(""));
}
