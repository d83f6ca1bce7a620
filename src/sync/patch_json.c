#include "sync/patch_json.h"

#include "sync/conflict_json.h"

static const char *const form_names[] = {
    [PATCH_MAILBOX] = "mailbox", [PATCH_TAR_GZ] = "tar.gz", [PATCH_ZIP] = "zip"};

void json_patch_members(JsonWriter *json, const PatchExport *patch, Str out)
{
    json_member_bytes(json, "artifact", patch->artifact);
    json_member_bool(json, "written", patch->written);
    json_member_bytes(json, "out", out);
    json_member_text(json, "form", form_names[patch->form]);
    json_member_integer(json, "size_bytes", (int64_t)patch->size_bytes);
    json_member_hash(json, "sha256", &patch->sha256);
    json_member_bytes(json, "upstream", patch->source);
    json_member_bytes(json, "upstream_path", patch->upstream_path);
    json_member_bytes(json, "base_sha", patch->base_sha);
    json_member_hash(json, "base_hash", &patch->base);
    json_member_hash(json, "result_hash", &patch->result);
    json_key(json, "files");
    json_begin_array(json);
    for (size_t i = 0; i < patch->changes.count; i++) {
        json_begin_object(json);
        json_change_members(json, &patch->changes.items[i], patch->changes.items[i].path);
        json_end_object(json);
    }
    json_end_array(json);
    json_key(json, "totals");
    json_begin_object(json);
    json_member_integer(json, "files", (int64_t)patch->totals.files);
    json_member_integer(json, "added", (int64_t)patch->totals.added);
    json_member_integer(json, "removed", (int64_t)patch->totals.removed);
    json_end_object(json);
}
