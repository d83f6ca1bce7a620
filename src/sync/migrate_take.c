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

/* Of a folder of SkillMeat's: read, and kept for the commit. */
static bool read_old_side(Draft *draft, const OldPlace *from, Str path, OldSide *out, Error *err)
{
    Snapshot snapshot = {0};
    const Root *root = &from->root;
    *out = (OldSide){.path = path};
    if (!name_check_path(path, err))
        return false;
    out->path = old_path_there(draft->ws->arena, root->fd, path);
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

/* The version that a recorded hash names, where a project still has it. */
static Hash find_deployed(Taking *taking, Str type, Str name, const Hash *wanted)
{
    Draft *draft = taking->draft;
    for (size_t i = 0; i < taking->units->count; i++) {
        const Unit *unit = &taking->units->items[i];
        const OldDeployment *old = unit->deployment;
        Root *project = NULL;
        Error unknown;
        TreeSide side;
        Hash hash;
        Str path;
        if (!old || !str_equal(old->name, name) || !str_equal(old->type, type))
            continue;
        project = session_project(draft->session, unit->project);
        if (project && !project->error.code &&
            old_deployment_path(draft->ws->arena, project->fd, unit->profile, old, &path,
                                &unknown) &&
            old_hash_read(project->fd, path, &hash, &unknown) && hash_equal(&hash, wanted) &&
            draft_snapshot(draft, project, path, &side, &unknown) && side.exists)
            return side.hash;
    }
    return HASH_NONE;
}

/* What was fetched: what lies there if nothing was edited since, else what a project still has of it. */
static void take_base(Taking *taking, PlanItem *item, const OldArtifact *old, const OldSide *side,
                      Artifact *out)
{
    Hash fetched;
    bool known = hash_parse(old->lock_hash, &fetched);
    if (!out->source.len)
        return;
    if (known)
        out->base_hash = same_old(side, &fetched)
                             ? side->side.hash
                             : find_deployed(taking, old->type, old->name, &fetched);
    if (known && hash_is_zero(&out->base_hash))
        out->legacy_hash = old->lock_hash;
    if (!known)
        note(taking->draft, item, "what was fetched is not on record");
    else if (!hash_equal(&out->base_hash, &side->side.hash))
        note(taking->draft, item, "it was edited since it was fetched");
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

bool take_artifact(Taking *taking, PlanItem *item, const Unit *unit, Error *err)
{
    Draft *draft = taking->draft;
    Arena *arena = draft->ws->arena;
    const OldArtifact *old = unit->artifact;
    Artifact artifact = {.tags = old->tags};
    OldSide side;
    TreeSide live;
    if (old->error.code)
        return fail_noted(err, &old->error);
    if (!old_id(arena, old->type, old->name, &artifact.id, err))
        return false;
    item->artifact = artifact.id;
    item->path = old->path;
    if (collection_find(taking->into, artifact.id)) {
        note(draft, item, "is in the collection");
        return true;
    }
    if (!read_old_side(draft, unit->place, old->path, &side, err))
        return false;
    if (!side.side.exists || !side.side.tree.count)
        return fail(err, ERR_NOT_FOUND, "%s:%zu: '%s' is not there, or holds no file that counts",
                    OLD_COLLECTION_FILE, old->line, text_safe(arena, old->path));
    item->path = artifact.path = side.path;
    item->source = item->after = artifact.content_hash = side.side.hash;
    artifact.versions = lineage_push(arena, &artifact.versions, &side.side.hash);
    take_upstream(draft, item, old, &artifact);
    take_base(taking, item, old, &side, &artifact);
    item->to_version = artifact.upstream_version;
    item->result = RESULT_FAST_FORWARD;
    item->reviewed = true; /* it is this person's own, and in use already */
    return check_free(draft, &artifact, &side.side, &live, err) &&
           collection_put(taking->into, &artifact, err) &&
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
static bool upper_sides(Taking *taking, Str id, const Unit *unit, OldSide *upper, OldSide *before,
                        Error *err)
{
    Draft *draft = taking->draft;
    Root *root = draft->session->collection;
    const Artifact *artifact = collection_find(taking->into, id);
    const OldArtifact *was = find_old(unit->place, unit->deployment);
    Error gone = {0};
    *upper = *before = (OldSide){0};
    if (was && !read_old_side(draft, unit->place, was->path, before, &gone))
        *before = (OldSide){0}; /* it is told where the artifact is taken over */
    if (root && artifact && !draft_snapshot(draft, root, artifact->path, &upper->side, err))
        return false;
    if (upper->side.exists)
        upper->old = old_hash_or_none(root->fd, artifact->path);
    else
        *upper = *before;
    return true;
}

/* The old hash names the version that was deployed: is it still to be had? */
static Hash find_base(Taking *taking, const OldDeployment *old, const OldSide *sides, size_t count)
{
    Hash deployed;
    if (!hash_parse(old->content_hash, &deployed))
        return HASH_NONE;
    for (size_t i = 0; i < count; i++)
        if (same_old(&sides[i], &deployed))
            return sides[i].side.hash;
    return find_deployed(taking, old->type, old->name, &deployed);
}

static void tell_status(Draft *draft, PlanItem *item, const OldSide *upper, const OldSide *lower,
                        const Hash *base)
{
    EdgeFacts facts = {.base = *base, .upper = upper->side.hash, .lower = lower->side.hash};
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

static void tell_facts(Draft *draft, const PlanItem *item, const Root *project,
                       const Hashes *versions)
{
    Arena *arena = draft->ws->arena;
    if (versions->count)
        draft_version(draft, draft_group(draft, item),
                      &(VersionFact){.artifact = item->artifact,
                                     .tier = TIER_PROJECT,
                                     .project = str_of(project->path),
                                     .hash = versions->items[0],
                                     .source = "migration"});
    facts_add(arena, &draft->facts, FACT_PROJECT, FACT_NO_GROUP, str_of(id_new(arena)),
              str_of(project->path), str_of(arena_format(arena, "%lld", (long long)clock_ms())));
}

static Deployment make_deployment(Draft *draft, const Artifact *artifact, const PlanItem *item,
                                  const OldSide *upper, const OldSide *lower, Str old_hash)
{
    const Hash *base = &item->base;
    bool known = !hash_is_zero(base);
    Deployment next = {.artifact = item->artifact,
                       .path = item->path,
                       .collection = str_of(draft->ws->collection_name),
                       .content_hash = *base,
                       .parent_hash = *base,
                       .legacy_hash = known ? (Str){0} : old_hash};
    bool same = known && hash_equal(base, &lower->side.hash);
    next.version_lineage =
        lineage_push(draft->ws->arena, &next.version_lineage, known ? base : &lower->side.hash);
    next.sync_status = same ? STR("synced") : STR("modified");
    if (!artifact)
        return next;
    if (known && hash_equal(base, &upper->side.hash)) {
        settle_upstream_of(&next, artifact);
    } else {
        next.upstream_url = artifact->source;
        next.upstream_path = artifact->source_path;
        next.upstream_ref = artifact->pin;
    }
    return next;
}

static Root *open_project(Draft *draft, const PlanItem *item, Error *err)
{
    Root *project = session_project(draft->session, item->project);
    if (project && !project->error.code)
        return project;
    if (project)
        *err = project->error;
    else
        (void)fail(err, ERR_NOT_FOUND, "the project is not there");
    return NULL;
}

bool take_deployment(Taking *taking, PlanItem *item, const Unit *unit, Error *err)
{
    Draft *draft = taking->draft;
    Arena *arena = draft->ws->arena;
    const OldDeployment *old = unit->deployment;
    enum { UPPER, BEFORE, LOWER, SIDES };
    OldSide sides[SIDES] = {0};
    if (!old_id(arena, old->type, old->name, &item->artifact, err))
        return false;
    Root *project = open_project(draft, item, err);
    if (!project || !old_deployment_path(arena, project->fd, unit->profile, old, &item->path, err))
        return false;
    const Deployment *known = deployments_find(project->deployments, item->artifact);
    if (known)
        return check_known(draft, known, item->path, item, err);
    if (!draft_snapshot(draft, project, item->path, &sides[LOWER].side, err) ||
        !upper_sides(taking, item->artifact, unit, &sides[UPPER], &sides[BEFORE], err))
        return false;
    sides[LOWER].old = old_hash_or_none(project->fd, item->path);
    item->base = find_base(taking, old, sides, SIDES);
    Deployment next = make_deployment(draft, collection_find(taking->into, item->artifact), item,
                                      &sides[UPPER], &sides[LOWER], old->content_hash);
    if (!deployments_put(project->deployments, &next, err))
        return false;
    item->result = RESULT_FAST_FORWARD;
    item->record_only = true;
    item->target = item->after = sides[LOWER].side.hash;
    item->source = sides[UPPER].side.hash;
    tell_status(draft, item, &sides[UPPER], &sides[LOWER], &item->base);
    tell_facts(draft, item, project, &next.version_lineage);
    return true;
}
