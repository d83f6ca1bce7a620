/* SHA-256. The only file that knows libcrypto's digest. */
#pragma once

#include "base/arena.h"

typedef struct {
    uint8_t bytes[32];
} Hash;

#define HASH_NONE ((Hash){{0}})

typedef struct {
    char text[65];
} HashHex; /* hash_hex(&h).text */

typedef struct {
    uint64_t state[16]; /* opaque */
} Hasher;

void hash_begin(Hasher *hasher);
void hash_add(Hasher *hasher, const void *data, size_t len);
Hash hash_end(Hasher *hasher);
Hash hash_of(Str bytes);

bool hash_equal(const Hash *a, const Hash *b);
int hash_compare(const Hash *a, const Hash *b);
bool hash_is_zero(const Hash *hash); /* the zero hash stands for "none" */
HashHex hash_hex(const Hash *hash);
Str hash_key(const Hash *hash);      /* its bytes, borrowed: of a map */
bool hash_parse(Str hex, Hash *out); /* 64 lower-case hex digits */

/* As stored and as shown, with "none" kept: the zero hash is the empty text, and anything that is no hash
 * is the zero one. */
Str hash_format(Arena *arena, const Hash *hash);
Hash hash_or_none(Str hex);

typedef struct {
    char text[41];
} GitHex; /* hash_git_blob(bytes).text */

/* The id git gives a blob with these bytes (SHA-1). For patches only: it secures nothing. */
GitHex hash_git_blob(Str bytes);
