/* Secret: bytes that no line, reply or record may show. The type is closed: there is nothing to print.
 *
 * Who needs the bytes borrows them for one call. They lie in memory of their own, which is kept out of
 * core dumps and children and wiped at the end.
 */
#pragma once

#include "base/error.h"
#include "base/hash.h"

typedef struct Secret Secret;

Secret *secret_new(Str bytes); /* copied */
void secret_free(Secret **secret);
/* Reads a variable of the environment, and takes it out: its bytes too, which /proc shows. NULL: it
 * is not set, or empty. Before any thread. */
Secret *secret_of_environment(const char *name);

Hash secret_hash(const Secret *secret); /* to compare; tells nothing of the bytes */

typedef bool (*SecretUse)(void *context, Str bytes, Error *err);
/* What `use` gives. `bytes` are good for that call alone. */
MUST_CHECK bool secret_lend(const Secret *secret, SecretUse use, void *context, Error *err);
