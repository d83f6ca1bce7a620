/* Conflicts as JSON, in one shape for merge-file, merge-tree, sync, pull and resolve. */
#pragma once

#include "format/json_write.h"
#include "merge/tree_merge.h"

/* "regions": [{"base":{"start","count"},"ours":{...},"theirs":{...}}] */
void json_regions(JsonWriter *json, const LineMerge *merge);
/* "hash" or null for the zero hash. */
void json_member_hash(JsonWriter *json, const char *key, const Hash *hash);
/* Members of one conflict: path, kind, regions, hashes; the object is the caller's. */
void json_conflict_members(JsonWriter *json, const TreeConflict *conflict, Str path);
/* Members of one file change: path, action, added, removed, and from_path of a rename. */
void json_change_members(JsonWriter *json, const FileChange *change, Str path);
