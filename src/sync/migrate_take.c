/* Taking over one artifact or one deployment: what the old record says, made a record of weir's. */
#include "sync/migrate_parts.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/ids.h"
#include "base/name.h"
#include "base/path.h"
#include "base/text.h"
#include "content/old_hash.h"
#include "git/source.h"
#include "model/pin.h"
#include "sync/settle.h"

/* What lies somewhere, with both hashes. */
typedef struct {
    TreeSide side;
    Hash old; /* by the old rule; zero: it has no answer */
    Str path;
} OldSide;

static bool same_old(const OldSide *side, const Hash *hash)
{
    return side->side.exists && !hash_is_zero(&side->old) && hash_equal(&side->old, hash);
}

static Hash old_hash_or_none(int fd, Str path)
{
    Error unknown;
    Hash hash = HASH_NONE;
    return old_hash_read(fd, path, &hash, &unknown) ? hash : HASH_NONE;
}

/* Old records may leave the extension of a file out. */
static Str with_extension(Draft *draft, int fd, Str path)
{
    FsStat stat;
    bool found = false;
    Error ignored;
    Str longer = str_of(arena_format(draft->ws->arena, "%.*s.md", STR_ARG(path)));
    if (!fs_stat_at(fd, path, &found, &stat, &ignored) || found)
        return path;
    return fs_stat_at(fd, longer, &found, &stat, &ignored) && found ? longer : path;
}

/* Of a folder of SkillMeat's: read, and kept for the commit. */
static bool read_old_side(Draft *draft, const OldPlace *from, Str path, OldSide *out, Error *err)
{
    Snapshot snapshot = {0};
    const Root *root = &from->root;
    *out = (OldSide){.path = path};
    if (!name_check_path(path, err))
        return false;
    out->path = with_extension(draft, root->fd, path);
    if (!snapshot_read(draft->ws->arena, root->fd, out->path, NULL, &snapshot, err))
        return fail_in(err, "%s", root->name);
    out->side = side_of_snapshot(&snapshot);
    if (!snapshot.exists)
        return true;
    KeptSnapshot kept = {root, out->path, snapshot};
    blob_pool_add_snapshot(draft->pool, root, out->path, &snapshot);
    ARRAY_PUSH(draft->ws->arena, &draft->snapshots, kept);
    out->old = old_hash_or_none(root->fd, out->path);
    return true;
}

static bool old_id(Arena *arena, Str type, Str name, Str *out, Error *err)
{
    if (!name_check_type(type, err) || !name_check_artifact(name, err))
        return fail_hint(err, "weir takes no such name: rename it in SkillMeat first, or bring its "
                              "folder in with `weir add FOLDER --type TYPE --name NAME`.");
    *out = artifact_id_format(arena, (ArtifactId){type, name});
    return true;
}

/* ── an artifact ── */

static void note(Draft *draft, PlanItem *item, const char *sentence)
{
    Arena *arena = draft->ws->arena;
    const char *between = item->note.len ? "; " : "";
    item->note = str_of(arena_format(arena, "%.*s%s%s", STR_ARG(item->note), between, sentence));
}

static Str sha_or_none(Str text)
{
    bool hex = text.len == 40;
    for (size_t i = 0; hex && i < text.len; i++)
        hex = (text.data[i] >= '0' && text.data[i] <= '9') ||
              (text.data[i] >= 'a' && text.data[i] <= 'f');
    return hex ? text : (Str){0};
}

static Str version_or_none(Str text)
{
    SemVer version;
    Str plain = text.len && text.data[0] == 'v' ? str_slice(text, 1, text.len) : text;
    return semver_parse(plain, &version) ? plain : (Str){0};
}

/* Where it came from. What weir cannot make a source of is said, and the artifact stays a local one. */
static void take_upstream(Draft *draft, PlanItem *item, const OldArtifact *old, Artifact *out)
{
    Arena *arena = draft->ws->arena;
    /* a folder that does not exist: nothing in an old record may mean a place on this machine */
    GitSourceOptions options = {"github.com", "/dev/null", NULL};
    GitSource source;
    Error refused = {0};
    Pin pin;
    if (!old->upstream.len)
        return;
    if (str_is(old->origin, "local")) {
        note(draft, item, "its upstream is not taken over: its origin is local");
        return;
    }
    if (!git_source_parse(arena, &options, old->upstream, &source, &refused) ||
        source.kind != GIT_SOURCE_REMOTE) {
        note(draft, item,
             arena_format(arena, "its upstream '%s' is not taken over: weir reads no such source",
                          text_safe(arena, old->upstream)));
        return;
    }
    out->source = source.url;
    out->source_path = out->upstream_path = source.path;
    out->upstream_sha = sha_or_none(old->resolved_sha.len ? old->resolved_sha : source.ref);
    out->upstream_version = version_or_none(old->resolved_version);
    out->pin = STR("latest");
    if (!old->version_spec.len)
        return;
    if (pin_parse(arena, old->version_spec, &pin, &refused) && pin.text.len)
        out->pin = pin.text;
    else if (refused.code)
        note(draft, item,
             arena_format(arena, "its version '%s' is not taken over: it follows latest",
                          text_safe(arena, old->version_spec)));
}

/* The base is known when nothing was edited since the fetch. */
static void take_base(Draft *draft, PlanItem *item, const OldArtifact *old, const OldSide *side,
                      Artifact *out)
{
    Hash fetched;
    bool known = hash_parse(old->lock_hash, &fetched);
    if (known && same_old(side, &fetched)) {
        out->base_hash = out->source.len ? side->side.hash : HASH_NONE;
        return;
    }
    if (!out->source.len)
        return;
    if (known)
        out->legacy_hash = old->lock_hash;
    note(draft, item,
         known ? "it was edited since it was fetched" : "what was fetched is not on record");
}

static bool check_free(Draft *draft, const Artifact *artifact, const TreeSide *fresh,
                       TreeSide *live, Error *err)
{
    Root *root = draft->session->collection;
    *live = (TreeSide){0};
    if (!root)
        return side_of_version(draft->ws, draft->pool, &HASH_NONE, live, err);
    if (!draft_snapshot(draft, root, artifact->path, live, err))
        return false;
    if (!live->exists || hash_equal(&live->hash, &fresh->hash))
        return true;
    (void)fail(err, ERR_EXISTS, "the collection holds another '%s' that is not on record",
               text_safe(draft->ws->arena, artifact->path));
    return fail_hint(err, "Move it away, then migrate again.");
}

static bool put_files(Draft *draft, PlanItem *item, const Artifact *artifact, const OldSide *side,
                      const TreeSide *live, Error *err)
{
    BlobReader blobs = blob_pool_reader(draft->pool);
    TreeDiffOptions options = {.no_counts = true, .no_renames = true};
    if (!tree_diff(draft->ws->arena, &live->tree, &side->side.tree, &blobs, &options,
                   &item->changes, err))
        return false;
    item->record_only = live->exists;
    draft_version(draft, draft_group(draft, item),
                  &(VersionFact){.artifact = artifact->id,
                                 .tier = TIER_COLLECTION,
                                 .hash = side->side.hash,
                                 .source = "migration"});
    if (live->exists)
        return true;
    TreeChange change = {.root = draft->session->collection,
                         .artifact = artifact->id,
                         .path = artifact->path,
                         .before = *live,
                         .after = side->side,
                         .group = draft_group(draft, item),
                         .edge = EDGE_UPSTREAM};
    ARRAY_PUSH(draft->ws->arena, &draft->changes, change);
    return true;
}

bool take_artifact(Draft *draft, Collection *into, PlanItem *item, const OldPlace *from,
                   const OldArtifact *old, Error *err)
{
    Arena *arena = draft->ws->arena;
    Artifact artifact = {.tags = old->tags};
    OldSide side;
    TreeSide live;
    if (old->error.code) {
        *err = old->error;
        return false;
    }
    if (!old_id(arena, old->type, old->name, &artifact.id, err))
        return false;
    item->artifact = artifact.id;
    item->path = old->path;
    if (collection_find(into, artifact.id)) {
        note(draft, item, "is in the collection");
        return true;
    }
    if (!read_old_side(draft, from, old->path, &side, err))
        return false;
    if (!side.side.exists || !side.side.tree.count)
        return fail(err, ERR_NOT_FOUND, "%s:%zu: '%s' is not there, or holds no file that counts",
                    OLD_COLLECTION_FILE, old->line, text_safe(arena, old->path));
    item->path = artifact.path = side.path;
    item->source = item->after = artifact.content_hash = side.side.hash;
    artifact.versions = lineage_push(arena, &artifact.versions, &side.side.hash);
    take_upstream(draft, item, old, &artifact);
    take_base(draft, item, old, &side, &artifact);
    item->to_version = artifact.upstream_version;
    item->result = RESULT_FAST_FORWARD;
    return check_free(draft, &artifact, &side.side, &live, err) &&
           collection_put(into, &artifact, err) &&
           put_files(draft, item, &artifact, &side, &live, err);
}

/* ── a deployment ── */

static const OldArtifact *find_old(const OldPlace *from, const OldDeployment *old)
{
    for (size_t i = 0; from && i < from->records.artifacts.count; i++) {
        const OldArtifact *one = &from->records.artifacts.items[i];
        if (!one->error.code && str_equal(one->name, old->name) && str_equal(one->type, old->type))
            return one;
    }
    return NULL;
}

/* What the collection has, or will have: the records of this draft may be ahead of the disk. */
static bool upper_sides(Draft *draft, const Collection *into, Str id, const OldPlace *from,
                        const OldDeployment *old, OldSide *upper, OldSide *before, Error *err)
{
    Root *root = draft->session->collection;
    const Artifact *artifact = collection_find(into, id);
    const OldArtifact *was = find_old(from, old);
    Error gone = {0};
    *upper = *before = (OldSide){0};
    if (was && !read_old_side(draft, from, was->path, before, &gone))
        *before = (OldSide){0}; /* it is told where the artifact is taken over */
    if (root && artifact && !draft_snapshot(draft, root, artifact->path, &upper->side, err))
        return false;
    if (upper->side.exists)
        upper->old = old_hash_or_none(root->fd, artifact->path);
    else
        *upper = *before;
    return true;
}

/* The old hash names the version that was deployed: is it still to be had, and where? */
static const OldSide *find_base(const OldSide *sides, size_t count, const Hash *deployed)
{
    for (size_t i = 0; i < count; i++)
        if (same_old(&sides[i], deployed))
            return &sides[i];
    return NULL;
}

static void tell_status(Draft *draft, PlanItem *item, const OldSide *upper, const OldSide *lower,
                        const OldSide *base)
{
    EdgeFacts facts = {.base = base ? base->side.hash : HASH_NONE,
                       .upper = upper->side.hash,
                       .lower = lower->side.hash};
    EdgeStatus status = status_of(&facts);
    note(draft, item,
         status.missing   ? "missing"
         : status.removed ? "gone from the collection"
                          : sync_status_names[status.status]);
}

static bool check_known(Draft *draft, const Deployment *known, Str path, PlanItem *item, Error *err)
{
    Arena *arena = draft->ws->arena;
    if (str_equal(known->path, path)) {
        note(draft, item, "is on record");
        return true;
    }
    (void)fail(err, ERR_EXISTS,
               "%.*s is deployed at '%s' already, and weir keeps one place in a project",
               STR_ARG(known->artifact), text_safe(arena, known->path));
    return fail_hint(err, "The files at '%s' stay as they are and are not followed.",
                     text_safe(arena, path));
}

static void tell_facts(Draft *draft, const PlanItem *item, const Root *project, const Hash *hash)
{
    Arena *arena = draft->ws->arena;
    draft_version(draft, draft_group(draft, item),
                  &(VersionFact){.artifact = item->artifact,
                                 .tier = TIER_PROJECT,
                                 .project = str_of(project->path),
                                 .hash = *hash,
                                 .source = "migration"});
    facts_add(arena, &draft->facts, FACT_PROJECT, FACT_NO_GROUP, str_of(id_new(arena)),
              str_of(project->path), str_of(arena_format(arena, "%lld", (long long)clock_ms())));
}

static Deployment make_deployment(Draft *draft, const Artifact *artifact, const PlanItem *item,
                                  const OldSide *base, const OldSide *upper, const OldSide *lower,
                                  Str old_hash)
{
    Deployment next = {.artifact = item->artifact,
                       .path = item->path,
                       .collection = str_of(draft->ws->collection_name),
                       .sync_status = STR("synced")};
    const Hash *root = base ? &base->side.hash : &lower->side.hash;
    if (base)
        next.content_hash = next.parent_hash = base->side.hash;
    else
        next.legacy_hash = old_hash;
    next.version_lineage = lineage_push(draft->ws->arena, &next.version_lineage, root);
    if (!base || !hash_equal(&base->side.hash, &lower->side.hash))
        next.sync_status = STR("modified");
    if (!artifact)
        return next;
    if (base && hash_equal(&base->side.hash, &upper->side.hash)) {
        settle_upstream_of(&next, artifact);
    } else {
        next.upstream_url = artifact->source;
        next.upstream_path = artifact->source_path;
        next.upstream_ref = artifact->pin;
    }
    return next;
}

bool take_deployment(Draft *draft, const Collection *into, PlanItem *item, const OldPlace *from,
                     const OldProfile *profile, const OldDeployment *old, Error *err)
{
    Arena *arena = draft->ws->arena;
    enum { UPPER, BEFORE, LOWER, SIDES };
    OldSide sides[SIDES] = {0};
    Hash deployed;
    Root *project = session_project(draft->session, item->project);
    if (old->error.code) {
        *err = old->error;
        return false;
    }
    if (!old_id(arena, old->type, old->name, &item->artifact, err))
        return false;
    item->path = str_of(path_join(arena, profile->profile, old->path));
    if (old->path.len && old->path.data[0] == '/')
        return fail(err, ERR_PATH_ESCAPES, "'%s' is an absolute path", text_safe(arena, old->path));
    if (!name_check_path(item->path, err) || !project)
        return project ? false : fail(err, ERR_NOT_FOUND, "the project is not there");
    if (project->error.code) {
        *err = project->error;
        return false;
    }
    item->path = with_extension(draft, project->fd, item->path);
    const Deployment *known = deployments_find(project->deployments, item->artifact);
    if (known)
        return check_known(draft, known, item->path, item, err);
    if (!draft_snapshot(draft, project, item->path, &sides[LOWER].side, err) ||
        !upper_sides(draft, into, item->artifact, from, old, &sides[UPPER], &sides[BEFORE], err))
        return false;
    sides[LOWER].old = old_hash_or_none(project->fd, item->path);
    bool readable = hash_parse(old->content_hash, &deployed);
    const OldSide *base = readable ? find_base(sides, SIDES, &deployed) : NULL;
    Deployment next = make_deployment(draft, collection_find(into, item->artifact), item, base,
                                      &sides[UPPER], &sides[LOWER], old->content_hash);
    if (!deployments_put(project->deployments, &next, err))
        return false;
    item->result = RESULT_FAST_FORWARD;
    item->record_only = true;
    item->base = next.parent_hash;
    item->target = item->after = sides[LOWER].side.hash;
    item->source = sides[UPPER].side.hash;
    tell_status(draft, item, &sides[UPPER], &sides[LOWER], base);
    if (next.version_lineage.count)
        tell_facts(draft, item, project, &next.version_lineage.items[0]);
    return true;
}
