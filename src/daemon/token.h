/* Token: the secret that clients of the daemon show. WEIR_TOKEN, else the file `token` in the home.
 *
 * The file is this user's own, 0600, no link; anything else is refused rather than mended. The
 * token itself is never kept by the daemon, only its hash.
 */
#pragma once

#include "base/error.h"
#include "base/hash.h"
#include "base/secret.h"

#define TOKEN_FILE "token"
#define TOKEN_VARIABLE "WEIR_TOKEN"

typedef enum { TOKEN_OF_ENVIRONMENT, TOKEN_OF_FILE, TOKEN_MADE } TokenSource;

/* The daemon's: made when there is none. `*source` says where clients find it. Takes the variable
 * out of this process's environment, so that no child and nobody who looks there has it. Call it
 * before any thread. */
MUST_CHECK bool token_take(int home_fd, Hash *out, TokenSource *source, Error *err);
/* A client's; the caller frees it. ERR_NOT_FOUND without one. */
MUST_CHECK bool token_read(int home_fd, Secret **out, Error *err);
