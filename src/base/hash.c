/* The low-level calls are deprecated but start a process 1.5 ms sooner than EVP (docs/performance.md). */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"

#include <stdio.h>
#include <string.h>

#include <openssl/sha.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(Hasher), "Hasher holds libcrypto's context");

static SHA256_CTX *context(Hasher *hasher)
{
    return (SHA256_CTX *)(void *)hasher->state;
}

void hash_begin(Hasher *hasher)
{
    ASSERT(SHA256_Init(context(hasher)) == 1);
}

void hash_add(Hasher *hasher, const void *data, size_t len)
{
    if (len)
        ASSERT(SHA256_Update(context(hasher), data, len) == 1);
}

Hash hash_end(Hasher *hasher)
{
    Hash hash;
    ASSERT(SHA256_Final(hash.bytes, context(hasher)) == 1);
    return hash;
}

Hash hash_of(Str bytes)
{
    Hasher hasher;
    hash_begin(&hasher);
    hash_add(&hasher, bytes.data, bytes.len);
    return hash_end(&hasher);
}

bool hash_equal(const Hash *a, const Hash *b)
{
    return hash_compare(a, b) == 0;
}

int hash_compare(const Hash *a, const Hash *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

bool hash_is_zero(const Hash *hash)
{
    static const Hash zero;
    return hash_equal(hash, &zero);
}

Str hash_key(const Hash *hash)
{
    return (Str){(const char *)hash->bytes, sizeof hash->bytes};
}

HashHex hash_hex(const Hash *hash)
{
    static const char digits[] = "0123456789abcdef";
    HashHex hex;
    for (size_t i = 0; i < sizeof hash->bytes; i++) {
        hex.text[2 * i] = digits[hash->bytes[i] >> 4];
        hex.text[2 * i + 1] = digits[hash->bytes[i] & 15];
    }
    hex.text[64] = '\0';
    return hex;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hash_parse(Str hex, Hash *out)
{
    Hash hash = {0};
    if (hex.len != 64)
        return false;
    for (size_t i = 0; i < 32; i++) {
        int high = digit_value(hex.data[2 * i]);
        int low = digit_value(hex.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        hash.bytes[i] = (uint8_t)(high << 4 | low);
    }
    *out = hash;
    return true;
}

Str hash_format(Arena *arena, const Hash *hash)
{
    HashHex hex = hash_hex(hash);
    return hash_is_zero(hash) ? (Str){0} : arena_copy(arena, str_of(hex.text));
}

Hash hash_or_none(Str hex)
{
    Hash hash;
    return hash_parse(hex, &hash) ? hash : HASH_NONE;
}

GitHex hash_git_blob(Str bytes)
{
    SHA_CTX sha1;
    char head[32];
    uint8_t digest[SHA_DIGEST_LENGTH];
    int head_len = snprintf(head, sizeof head, "blob %zu", bytes.len);
    ASSERT(SHA1_Init(&sha1) == 1);
    ASSERT(SHA1_Update(&sha1, head, (size_t)head_len + 1) == 1);
    if (bytes.len)
        ASSERT(SHA1_Update(&sha1, bytes.data, bytes.len) == 1);
    ASSERT(SHA1_Final(digest, &sha1) == 1);
    GitHex hex;
    for (size_t i = 0; i < sizeof digest; i++)
        (void)snprintf(hex.text + 2 * i, 3, "%02x", digest[i]);
    return hex;
}
