#include "daemon/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/ids.h"

enum { TOKEN_LEAST = 16, TOKEN_MOST = 512, TOKEN_RANDOM = 32 };

static bool check_shape(Str token, const char *where, Error *err)
{
    bool plain = true;
    for (size_t i = 0; i < token.len; i++)
        plain &= token.data[i] > ' ' && token.data[i] < 0x7f;
    return (plain && token.len >= TOKEN_LEAST && token.len <= TOKEN_MOST) ||
           fail(err, ERR_CONFIG_INVALID, "%s is no token: %d to %d visible ASCII characters", where,
                TOKEN_LEAST, TOKEN_MOST) ||
           fail_hint(err, "head -c 24 /dev/urandom | base64 makes one.");
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

static bool read_file(Arena *arena, int home_fd, bool *found, Str *out, Error *err)
{
    SCOPED(fd_close)
    int fd =
        fs_open_at(home_fd, STR(TOKEN_FILE), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
    *found = fd >= 0;
    if (fd < 0)
        return errno == ENOENT || fail_errno(err, "cannot open '" TOKEN_FILE "' in the home");
    if (!check_file(fd, err) || !fs_read_fd(arena, fd, TOKEN_MOST + 1, out, err))
        return false;
    *out = str_trim(*out);
    return check_shape(*out, "what '" TOKEN_FILE "' in the home holds", err);
}

static bool make_file(Arena *arena, int home_fd, Str *out, Error *err)
{
    uint8_t random[TOKEN_RANDOM];
    Buf buf = buf_new(arena);
    random_bytes(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        buf_format(&buf, "%02x", random[i]);
    *out = buf_str(&buf);
    Str line = str_of(arena_format(arena, "%.*s\n", STR_ARG(*out)));
    return fs_replace_at(home_fd, STR(TOKEN_FILE), line, 0600, err);
}

/* ── the environment ── */

/* Beyond its removal the bytes go too: /proc shows what a program was started with. */
static bool read_variable(Arena *arena, bool wipe, bool *found, Str *out, Error *err)
{
    char *value = getenv(TOKEN_VARIABLE);
    *found = value && *value;
    if (*found)
        *out = arena_copy(arena, str_of(value));
    if (wipe && value)
        explicit_bzero(value, strlen(value));
    if (wipe)
        (void)unsetenv(TOKEN_VARIABLE);
    return !*found || check_shape(*out, TOKEN_VARIABLE, err);
}

bool token_take(int home_fd, Hash *out, TokenSource *source, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Str token;
    bool found = false;
    *source = TOKEN_OF_ENVIRONMENT;
    if (!read_variable(arena, true, &found, &token, err))
        return false;
    if (!found) {
        *source = TOKEN_OF_FILE;
        if (!read_file(arena, home_fd, &found, &token, err))
            return false;
    }
    if (!found) {
        *source = TOKEN_MADE;
        if (!make_file(arena, home_fd, &token, err))
            return false;
    }
    *out = hash_of(token);
    return true;
}

bool token_read(Arena *arena, int home_fd, Str *out, Error *err)
{
    bool found = false;
    if (!read_variable(arena, false, &found, out, err) ||
        (!found && !read_file(arena, home_fd, &found, out, err)))
        return false;
    return found || fail(err, ERR_NOT_FOUND, "there is no token in the home yet") ||
           fail_hint(err, "weir serve");
}
