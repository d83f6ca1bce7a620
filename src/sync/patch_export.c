/* patch: what the upstream shall take, as a file that `git am` applies. Writes that file alone. */
#include "sync/patch_export.h"

#include "archive/archive.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/text.h"
#include "format/json_write.h"
#include "merge/patch.h"
#include "sync/missing.h"
#include "sync/out_file.h"
#include "sync/patch_mail.h"
#include "sync/verbs.h"

typedef struct {
    const PatchRequest *request;
    PatchExport *out;
} ExportContext;

static bool fail_absent(Workspace *ws, const Root *root, Str artifact, Str path, Error *err)
{
    return fail(err, ERR_MISSING_DEPLOYMENT, "%.*s is on record but not there: %s has no '%s'",
                STR_ARG(artifact), root->is_collection ? "the collection" : root->name,
                text_safe(ws->arena, path));
}

/* The project's own record tells from which upstream commit its version came: the collection may have moved
 * on since, and the patch would take that back. */
static bool project_version(Draft *draft, const Artifact *artifact, TreeSide *mine,
                            UpstreamPlace *place, Error *err)
{
    Root *project = &draft->session->roots[1];
    const Deployment *deployment = deployments_find(project->deployments, artifact->id);
    if (!deployment)
        return fail(err, ERR_NOT_FOUND, "%s has no deployment of %.*s", project->name,
                    STR_ARG(artifact->id));
    if (deployment->upstream_sha.len && str_equal(deployment->upstream_url, artifact->source))
        *place = (UpstreamPlace){deployment->upstream_url, deployment->upstream_sha,
                                 deployment->upstream_path};
    return draft_side(draft, project, artifact->id, deployment->path, mine, err) &&
           (mine->exists || fail_absent(draft->ws, project, artifact->id, deployment->path, err));
}

static bool collection_version(Draft *draft, const Artifact *artifact, TreeSide *mine, Error *err)
{
    Root *collection = draft->session->collection;
    return draft_side(draft, collection, artifact->id, artifact->path, mine, err) &&
           (mine->exists || fail_absent(draft->ws, collection, artifact->id, artifact->path, err));
}

static bool find_sides(Draft *draft, const PatchRequest *request, PatchExport *out, TreeSide *mine,
                       UpstreamPlace *place, Error *err)
{
    Artifact *artifact = NULL;
    if (!collection_get(draft->session->collection->collection, str_of(request->artifact),
                        &artifact, err))
        return false;
    if (!artifact->source.len || !artifact->upstream_sha.len)
        return fail(err, ERR_NOT_CONNECTED, "%.*s has no upstream that a patch could be for",
                    STR_ARG(artifact->id));
    *place = (UpstreamPlace){artifact->source, artifact->upstream_sha, artifact->upstream_path};
    if (request->project ? !project_version(draft, artifact, mine, place, err)
                         : !collection_version(draft, artifact, mine, err))
        return false;
    out->artifact = artifact->id;
    out->source = place->source;
    out->base_sha = place->sha;
    out->upstream_path = place->path;
    return true;
}

/* ── the mail ── */

static bool compose(Workspace *ws, const PatchExport *export, const BlobReader *blobs,
                    const char *message, Str *out, Error *err)
{
    GitIdentity who;
    Str patch = {0}, actor = str_of(ws->actor);
    PatchOptions options = {.for_mail = true};
    if (!git_identity(ws->git, &who, err) ||
        !patch_write(ws->arena, &export->changes, blobs, &options, &patch, err))
        return false;
    PatchMail mail = {
        .artifact = export->artifact,
        .author = who.name.len ? who.name : str_slice(actor, 0, str_find(actor, '@')),
        .email = who.email.len ? who.email : actor,
        .at_ms = clock_ms(),
        .message = str_of(message),
        .base_sha = export->base_sha,
        .base = export->base,
        .result = export->result,
        .changes = &export->changes,
        .patch = patch,
    };
    *out = patch_mail(ws->arena, &mail);
    return true;
}

/* ── archives ── */

static Str member_of(Arena *arena, const FileChange *change)
{
    return str_of(path_join(arena, STR("files"), change->path));
}

static void manifest_file(JsonWriter *json, Str path, Mode mode, const Hash *hash)
{
    HashHex hex = hash_hex(hash);
    json_begin_object(json);
    json_member_bytes(json, "path", path);
    json_member_text(json, "mode", mode_name(mode));
    json_member_text(json, "sha256", hex.text);
    json_end_object(json);
}

static void manifest_files(JsonWriter *json, Arena *arena, const PatchExport *export, Str mail)
{
    Hash mail_hash = hash_of(mail);
    json_key(json, "files");
    json_begin_array(json);
    manifest_file(json, export->member, MODE_FILE, &mail_hash);
    for (size_t i = 0; i < export->changes.count; i++) {
        const FileChange *change = &export->changes.items[i];
        if (change->action != FILE_DELETE)
            manifest_file(json, member_of(arena, change), change->new_mode, &change->new_hash);
    }
    json_end_array(json);
    json_key(json, "deleted");
    json_begin_array(json);
    for (size_t i = 0; i < export->changes.count; i++) {
        const FileChange *change = &export->changes.items[i];
        bool gone = change->action == FILE_DELETE || change->action == FILE_RENAME;
        if (!gone)
            continue;
        json_begin_object(json);
        json_member_bytes(json, "path",
                          change->action == FILE_DELETE ? change->path : change->from_path);
        json_end_object(json);
    }
    json_end_array(json);
}

static Str manifest(Arena *arena, const PatchExport *export, Str mail)
{
    Buf buf = buf_new(arena);
    JsonWriter json = json_writer(&buf, true);
    HashHex base = hash_hex(&export->base), result = hash_hex(&export->result);
    json_begin_object(&json);
    json_member_integer(&json, "schema", 1);
    json_member_bytes(&json, "artifact", export->artifact);
    json_member_bytes(&json, "upstream_path", export->upstream_path);
    json_member_bytes(&json, "base_sha", export->base_sha);
    json_member_text(&json, "base_hash", base.text);
    json_member_text(&json, "result_hash", result.text);
    json_member_bytes(&json, "patch", export->member);
    manifest_files(&json, arena, export, mail);
    json_end_object(&json);
    buf_add_char(&buf, '\n');
    return buf_str(&buf);
}

static bool add_changed_files(ArchiveWriter *writer, const PatchExport *export,
                              const BlobReader *blobs, Error *err)
{
    for (size_t i = 0; i < export->changes.count; i++) {
        SCOPED(arena_close) Arena *scratch = arena_open();
        const FileChange *change = &export->changes.items[i];
        Str bytes = {0};
        if (change->action == FILE_DELETE)
            continue;
        if (!blobs->read(blobs->context, scratch, &change->new_hash, &bytes, err) ||
            !archive_add(writer, member_of(scratch, change), change->new_mode, bytes, err))
            return false;
    }
    return true;
}

static bool write_archive(Arena *arena, OutFile *file, const PatchExport *export,
                          const BlobReader *blobs, Str mail, Error *err)
{
    ArchiveSink sink = {out_file_write, file};
    ArchiveKind kind = export->form == PATCH_ZIP ? ARCHIVE_ZIP : ARCHIVE_TAR_GZ;
    SCOPED(archive_close) ArchiveWriter *writer = NULL;
    return archive_begin(arena, kind, &sink, &writer, err) &&
           archive_add(writer, STR("manifest.json"), MODE_FILE, manifest(arena, export, mail),
                       err) &&
           archive_add(writer, export->member, MODE_FILE, mail, err) &&
           add_changed_files(writer, export, blobs, err) && archive_finish(writer, err);
}

/* ── the verb ── */

static PatchForm form_of(Str path, PatchForm standard)
{
    if (str_ends(path, STR(".patch")) || str_ends(path, STR(".mbox")))
        return PATCH_MAILBOX;
    if (str_ends(path, STR(".zip")))
        return PATCH_ZIP;
    return str_ends(path, STR(".tar.gz")) || str_ends(path, STR(".tgz")) ? PATCH_TAR_GZ : standard;
}

static bool write_export(Workspace *ws, const PatchRequest *request, const BlobReader *blobs,
                         PatchExport *out, Error *err)
{
    Str mail = {0};
    SCOPED(out_file_close) OutFile file = {.folder = -1, .fd = -1};
    if (!compose(ws, out, blobs, request->message, &mail, err) ||
        !out_file_open(ws->arena, request->out, request->force, &file, err))
        return false;
    bool written = out->form == PATCH_MAILBOX
                       ? out_file_write(&file, mail, err)
                       : write_archive(ws->arena, &file, out, blobs, mail, err);
    if (!written || !out_file_finish(&file, &out->sha256, err))
        return false;
    out->size_bytes = file.size_bytes;
    out->written = true;
    return true;
}

static Str member_name(Arena *arena, Str artifact)
{
    char *name = arena_format(arena, "%.*s.patch", STR_ARG(artifact));
    name[str_find(artifact, ':')] = '-';
    return str_of(name);
}

/* The commit that the patch is against, in the cache: patch_trees then asks no network. */
static bool commit_here(Draft *draft, const UpstreamPlace *place, Error *err)
{
    GitRepo *repo = NULL;
    GitSha sha;
    BaseWanted commit = {.url = place->source, .sha = place->sha};
    if (!git_sha_parse(place->sha, &sha))
        return true; /* patch_trees says what is wrong with it */
    return git_repo_open(draft->ws->git, place->source, &repo, err) &&
           (git_has(repo, &sha) || missing_note(draft, &commit, err));
}

static bool plan_patch(Draft *draft, void *opaque, Error *err)
{
    const ExportContext *context = opaque;
    Workspace *ws = draft->ws;
    PatchExport *out = context->out;
    TreeSide mine;
    UpstreamPlace place;
    PatchTrees trees;
    BlobReader blobs = blob_pool_reader(draft->pool);
    TreeDiffOptions options = {0};
    if (!find_sides(draft, context->request, out, &mine, &place, err) ||
        !commit_here(draft, &place, err) || !patch_trees(ws, &place, &mine, &blobs, &trees, err) ||
        !tree_diff(ws->arena, &trees.before, &trees.after, &blobs, &options, &out->changes, err))
        return false;
    out->base = trees.base;
    out->result = trees.result;
    out->totals = file_changes_totals(&out->changes);
    out->member = member_name(ws->arena, out->artifact);
    return !out->changes.count || write_export(ws, context->request, &blobs, out, err);
}

bool verb_patch(Workspace *ws, const PatchRequest *request, PatchExport *out, Error *err)
{
    PatchExport result = {.form = form_of(str_of(request->out), request->form)};
    ExportContext context = {request, &result};
    DraftRun run = {.plan_it = plan_patch, .context = &context};
    Plan plan;
    run.session.strict = true;
    if (request->project)
        ARRAY_PUSH(ws->arena, &run.session.projects, str_of(request->project));
    if (!draft_run(ws, &run, &plan, err))
        return false;
    *out = result;
    return true;
}
