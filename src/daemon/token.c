#include "daemon/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/ids.h"

enum { TOKEN_LEAST = 16, TOKEN_MOST = 512, TOKEN_RANDOM = 32 };

/* A SecretUse: nothing of the bytes goes into the message. */
static bool check_shape(void *where, Str token, Error *err)
{
    bool plain = true;
    for (size_t i = 0; i < token.len; i++)
        plain &= token.data[i] > ' ' && token.data[i] < 0x7f;
    return (plain && token.len >= TOKEN_LEAST && token.len <= TOKEN_MOST) ||
           fail(err, ERR_CONFIG_INVALID, "%s is no token: %d to %d visible ASCII characters",
                (const char *)where, TOKEN_LEAST, TOKEN_MOST) ||
           fail_hint(err, "head -c 24 /dev/urandom | base64 makes one.");
}

static void wipe(Str bytes)
{
    explicit_bzero((char *)(uintptr_t)bytes.data, bytes.len);
}

/* ── the file ── */

static bool check_file(int fd, Error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return fail_errno(err, "cannot look at '" TOKEN_FILE "'");
    if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1)
        return fail(err, ERR_PERMISSION,
                    "'" TOKEN_FILE "' in the home is not a file of this user's own") ||
               fail_hint(err, "Remove it; `weir serve` makes a new one.");
    return (st.st_mode & 077) == 0 ||
           fail(err, ERR_PERMISSION, "others can read '" TOKEN_FILE "' in the home (mode %o)",
                (unsigned)(st.st_mode & 0777)) ||
           fail_hint(err, "Remove it; `weir serve` makes a new one.");
}

/* `*out` stays NULL where there is no file. */
static bool read_file(int home_fd, Secret **out, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Str text;
    SCOPED(fd_close)
    int fd =
        fs_open_at(home_fd, STR(TOKEN_FILE), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
    if (fd < 0)
        return errno == ENOENT || fail_errno(err, "cannot open '" TOKEN_FILE "' in the home");
    if (!check_file(fd, err) || !fs_read_fd(arena, fd, TOKEN_MOST + 1, &text, err))
        return false;
    SCOPED(secret_free) Secret *token = secret_new(str_trim(text));
    wipe(text);
    if (!secret_lend(token, check_shape, (char[]){"what '" TOKEN_FILE "' in the home holds"}, err))
        return false;
    *out = TAKE(token);
    return true;
}

static bool write_file(void *home_fd, Str token, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Str line = str_of(arena_format(arena, "%.*s\n", STR_ARG(token)));
    bool written = fs_replace_at(*(int *)home_fd, STR(TOKEN_FILE), line, 0600, err);
    wipe(line);
    return written;
}

static bool make_file(int home_fd, Secret **out, Error *err)
{
    uint8_t random[TOKEN_RANDOM];
    char text[2 * TOKEN_RANDOM + 1];
    random_bytes(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", random[i]);
    *out = secret_new(str_of(text));
    explicit_bzero(text, sizeof text);
    explicit_bzero(random, sizeof random);
    return secret_lend(*out, write_file, &home_fd, err);
}

bool token_take(int home_fd, Hash *out, TokenSource *source, Error *err)
{
    SCOPED(secret_free) Secret *token = secret_of_environment(TOKEN_VARIABLE);
    *source = TOKEN_OF_ENVIRONMENT;
    if (token && !secret_lend(token, check_shape, (char[]){TOKEN_VARIABLE}, err))
        return false;
    if (!token) {
        *source = TOKEN_OF_FILE;
        if (!read_file(home_fd, &token, err))
            return false;
    }
    if (!token) {
        *source = TOKEN_MADE;
        if (!make_file(home_fd, &token, err))
            return false;
    }
    *out = secret_hash(token);
    return true;
}

bool token_read(int home_fd, Secret **out, Error *err)
{
    const char *value = getenv(TOKEN_VARIABLE);
    SCOPED(secret_free) Secret *token = value && *value ? secret_new(str_of(value)) : NULL;
    if (token ? !secret_lend(token, check_shape, (char[]){TOKEN_VARIABLE}, err)
              : !read_file(home_fd, &token, err))
        return false;
    *out = token;
    return TAKE(token) || fail(err, ERR_NOT_FOUND, "there is no token in the home yet") ||
           fail_hint(err, "weir serve");
}
