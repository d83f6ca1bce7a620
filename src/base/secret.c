#include "base/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct Secret {
    size_t bytes; /* of the mapping */
    size_t len;
    char text[];
};

Secret *secret_new(Str bytes)
{
    size_t size = sizeof(Secret) + bytes.len;
    Secret *secret = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (secret == MAP_FAILED)
        out_of_memory(size);
    (void)madvise(secret, size, MADV_DONTDUMP);
    (void)madvise(secret, size, MADV_WIPEONFORK);
    secret->bytes = size;
    secret->len = bytes.len;
    if (bytes.len)
        memcpy(secret->text, bytes.data, bytes.len);
    return secret;
}

void secret_free(Secret **secret)
{
    if (!*secret)
        return;
    size_t size = (*secret)->bytes;
    explicit_bzero(*secret, size);
    (void)munmap(*secret, size);
    *secret = NULL;
}

Secret *secret_of_environment(const char *name)
{
    char *value = getenv(name);
    Secret *secret = value && *value ? secret_new(str_of(value)) : NULL;
    if (value)
        explicit_bzero(value, strlen(value));
    (void)unsetenv(name);
    return secret;
}

bool secret_lend(const Secret *secret, SecretUse use, void *context, Error *err)
{
    return use(context, (Str){secret->text, secret->len}, err);
}

Hash secret_hash(const Secret *secret)
{
    return hash_of((Str){secret->text, secret->len});
}
