#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "git/git_internal.h"
#include "git/source_internal.h"

enum { EXCERPT_BYTES = 300, SIGXFSZ_EXIT = 128 + 25 };

typedef struct {
    const char *said; /* part of a line of stderr, LC_ALL=C */
    ErrorCode code;
    GitTrouble trouble;
    const char *hint; /* NULL: the code's own */
} Finding;

/* The first row found anywhere wins: what is certain stands above what is vague. */
static const Finding findings[] = {
    {"rate limit", ERR_RATE_LIMITED, TROUBLE_LIMITED, NULL},
    {"returned error: 429", ERR_RATE_LIMITED, TROUBLE_LIMITED, NULL},
    {"Too Many Requests", ERR_RATE_LIMITED, TROUBLE_LIMITED, NULL},

    {"dubious ownership", ERR_PERMISSION, TROUBLE_FINAL,
     "The repository belongs to another user: copy it, or read it over ssh://."},
    {"No space left on device", ERR_DISK_FULL, TROUBLE_FINAL, NULL},
    {"Disk quota exceeded", ERR_DISK_FULL, TROUBLE_FINAL, NULL},
    {"died of signal 25", ERR_TOO_LARGE, TROUBLE_FINAL, NULL},
    {"File too large", ERR_TOO_LARGE, TROUBLE_FINAL, NULL},
    {"mismatched algorithms", ERR_UNSUPPORTED, TROUBLE_FINAL,
     "weir reads repositories whose object names are SHA-1."},
    {"' not allowed", ERR_URL_REFUSED, TROUBLE_FINAL,
     "Only https, ssh and local repositories are fetched, also through url.insteadOf."},
    {"credentials in the URL", ERR_URL_REFUSED, TROUBLE_FINAL,
     "Take the password out of url.insteadOf; use a credential helper."},
    {"Unable to find remote helper", ERR_GIT_MISSING, TROUBLE_FINAL,
     "This git lacks a part; install the whole package."},
    {"cannot run ssh", ERR_GIT_FAILED, TROUBLE_FINAL, "Install an ssh client (openssh-client)."},
    {"fsck error", ERR_GIT_FAILED, TROUBLE_FINAL,
     "The repository holds objects that git calls malformed or dangerous; it is not read."},
    {"error in object", ERR_GIT_FAILED, TROUBLE_FINAL,
     "The repository holds objects that git calls malformed or dangerous; it is not read."},
    {"fsck failed", ERR_GIT_FAILED, TROUBLE_FINAL,
     "The repository holds objects that git calls malformed or dangerous; it is not read."},

    {"epository not found", ERR_REPOSITORY_NOT_FOUND, TROUBLE_FINAL, NULL},
    {"' not found", ERR_REPOSITORY_NOT_FOUND, TROUBLE_FINAL, NULL},
    {"returned error: 404", ERR_REPOSITORY_NOT_FOUND, TROUBLE_FINAL, NULL},
    {"returned error: 410", ERR_REPOSITORY_NOT_FOUND, TROUBLE_FINAL, NULL},
    {"does not appear to be a git repository", ERR_REPOSITORY_NOT_FOUND, TROUBLE_FINAL, NULL},
    {"access denied or repository not exported", ERR_REPOSITORY_NOT_FOUND, TROUBLE_FINAL, NULL},
    {"project you were looking for could not be found", ERR_REPOSITORY_NOT_FOUND, TROUBLE_FINAL,
     NULL},
    {"is this a git repository", ERR_REPOSITORY_NOT_FOUND, TROUBLE_FINAL,
     "Something answers at this address, but not a git repository."},
    {"no such repository", ERR_REPOSITORY_NOT_FOUND, TROUBLE_FINAL, NULL},
    {"' does not exist", ERR_REPOSITORY_NOT_FOUND, TROUBLE_FINAL, NULL},

    {"Authentication failed", ERR_GIT_AUTH_FAILED, TROUBLE_FINAL, NULL},
    {"could not read Username", ERR_GIT_AUTH_FAILED, TROUBLE_FINAL,
     "It wants a login: set up a git credential helper, or an SSH key and an ssh:// address."},
    {"could not read Password", ERR_GIT_AUTH_FAILED, TROUBLE_FINAL, NULL},
    {"terminal prompts disabled", ERR_GIT_AUTH_FAILED, TROUBLE_FINAL, NULL},
    {"returned error: 401", ERR_GIT_AUTH_FAILED, TROUBLE_FINAL, NULL},
    {"returned error: 403", ERR_GIT_AUTH_FAILED, TROUBLE_FINAL,
     "You are known there but may not read it: check the token's rights."},
    {"Permission denied (", ERR_GIT_AUTH_FAILED, TROUBLE_FINAL,
     "Check your SSH key: `ssh -T HOST`."},
    {"REMOTE HOST IDENTIFICATION HAS CHANGED", ERR_GIT_AUTH_FAILED, TROUBLE_FINAL,
     "The host's key is not the one ssh knows; ask its owner before you go on."},
    {"Host key verification failed", ERR_GIT_AUTH_FAILED, TROUBLE_FINAL,
     "Connect once with `ssh HOST` and compare the host's key."},
    {"Too many authentication failures", ERR_GIT_AUTH_FAILED, TROUBLE_FINAL, NULL},
    {"HTTP Basic: Access denied", ERR_GIT_AUTH_FAILED, TROUBLE_FINAL, NULL},
    {"access denied", ERR_GIT_AUTH_FAILED, TROUBLE_FINAL, NULL},

    {"couldn't find remote ref", ERR_REF_NOT_FOUND, TROUBLE_FINAL, NULL},
    {"not our ref", ERR_REF_NOT_FOUND, TROUBLE_FINAL, NULL},
    {"unadvertised object", ERR_REF_NOT_FOUND, TROUBLE_FINAL, NULL},
    {"Not a valid object name", ERR_REF_NOT_FOUND, TROUBLE_FINAL, NULL},

    {"SSL certificate problem", ERR_NETWORK_ERROR, TROUBLE_FINAL,
     "The server's certificate is not trusted: check http.sslCAInfo and the clock."},
    {"certificate verification failed", ERR_NETWORK_ERROR, TROUBLE_FINAL,
     "The server's certificate is not trusted: check http.sslCAInfo and the clock."},
    {"certificate verify failed", ERR_NETWORK_ERROR, TROUBLE_FINAL,
     "The server's certificate is not trusted: check http.sslCAInfo and the clock."},
    {"Operation too slow", ERR_NETWORK_ERROR, TROUBLE_SILENT, NULL},
    {"Could not resolve", ERR_NETWORK_ERROR, TROUBLE_UNREACHABLE, NULL},
    {"name resolution", ERR_NETWORK_ERROR, TROUBLE_UNREACHABLE, NULL},
    {"Name or service not known", ERR_NETWORK_ERROR, TROUBLE_UNREACHABLE, NULL},
    {"unable to look up", ERR_NETWORK_ERROR, TROUBLE_UNREACHABLE, NULL},
    {"Failed to connect", ERR_NETWORK_ERROR, TROUBLE_UNREACHABLE, NULL},
    {"unable to connect", ERR_NETWORK_ERROR, TROUBLE_UNREACHABLE, NULL},
    {"Connection refused", ERR_NETWORK_ERROR, TROUBLE_UNREACHABLE, NULL},
    {"Connection reset", ERR_NETWORK_ERROR, TROUBLE_TRANSIENT, NULL},
    {"Connection closed", ERR_NETWORK_ERROR, TROUBLE_TRANSIENT, NULL},
    {"timed out", ERR_NETWORK_ERROR, TROUBLE_SILENT, NULL},
    {"Network is unreachable", ERR_NETWORK_ERROR, TROUBLE_UNREACHABLE, NULL},
    {"No route to host", ERR_NETWORK_ERROR, TROUBLE_UNREACHABLE, NULL},
    {"Empty reply from server", ERR_NETWORK_ERROR, TROUBLE_TRANSIENT, NULL},
    {"transfer closed", ERR_NETWORK_ERROR, TROUBLE_TRANSIENT, NULL},
    {"Recv failure", ERR_NETWORK_ERROR, TROUBLE_TRANSIENT, NULL},
    {"recv error", ERR_NETWORK_ERROR, TROUBLE_TRANSIENT, NULL},
    {"SSL_ERROR_SYSCALL", ERR_NETWORK_ERROR, TROUBLE_TRANSIENT, NULL},
    {"returned error: 5", ERR_NETWORK_ERROR, TROUBLE_TRANSIENT, NULL},
    {"hung up unexpectedly", ERR_NETWORK_ERROR, TROUBLE_TRANSIENT, NULL},
    {"unexpected disconnect", ERR_NETWORK_ERROR, TROUBLE_TRANSIENT, NULL},
    {"early EOF", ERR_NETWORK_ERROR, TROUBLE_TRANSIENT, NULL},
    {"RPC failed", ERR_NETWORK_ERROR, TROUBLE_TRANSIENT, NULL},
    {"Could not read from remote repository", ERR_NETWORK_ERROR, TROUBLE_FINAL, NULL},
    {"unable to access", ERR_NETWORK_ERROR, TROUBLE_FINAL, NULL},
    /* All that is said when index-pack was ended by the size limit; other reasons stand above. */
    {"invalid index-pack output", ERR_TOO_LARGE, TROUBLE_FINAL,
     "One fetch brought more than is allowed; see docs/limits.md."},
};

static const Finding unknown = {"", ERR_GIT_FAILED, TROUBLE_FINAL, NULL};
static const Finding over_size = {"", ERR_TOO_LARGE, TROUBLE_FINAL,
                                  "One fetch brought more than is allowed; see docs/limits.md."};

/* ── secrets ── */

static bool ends_secret(char c)
{
    return (unsigned char)c <= ' ' || c == '\'' || c == '"';
}

/* Masks from `from` to the next blank, or to the end of its line. */
static size_t mask(Buf *buf, Str text, size_t from, bool whole_line)
{
    size_t end = from;
    while (end < text.len && (whole_line ? text.data[end] != '\n' : !ends_secret(text.data[end])))
        end++;
    buf_add_text(buf, "***");
    return end;
}

static bool starts_with_any_case(Str text, size_t at, const char *word)
{
    size_t len = strlen(word);
    return text.len - at >= len && strncasecmp(text.data + at, word, len) == 0;
}

static size_t userinfo_end(Str text, size_t from)
{
    size_t at = STR_NONE;
    for (size_t i = from; i < text.len && !ends_secret(text.data[i]) && text.data[i] != '/'; i++)
        if (text.data[i] == '@')
            at = i;
    return at;
}

Str git_redact(Arena *arena, Str text)
{
    static const char *const headers[] = {"authorization:", "cookie:", "private-token:"};
    static const char *const tokens[] = {"ghp_",        "gho_",   "ghs_",    "ghu_",
                                         "github_pat_", "glpat-", "bearer ", "basic "};
    Buf buf = buf_new(arena);
    for (size_t i = 0; i < text.len;) {
        size_t next = i;
        for (size_t k = 0; k < COUNT_OF(headers) && next == i; k++)
            if (starts_with_any_case(text, i, headers[k])) {
                buf_add_text(&buf, headers[k]);
                next = mask(&buf, text, i + strlen(headers[k]), true);
            }
        for (size_t k = 0; k < COUNT_OF(tokens) && next == i; k++)
            if (starts_with_any_case(text, i, tokens[k])) {
                buf_add_text(&buf, tokens[k]);
                next = mask(&buf, text, i + strlen(tokens[k]), false);
            }
        if (next == i && starts_with_any_case(text, i, "://")) {
            size_t at = userinfo_end(text, i + 3);
            buf_add_text(&buf, at == STR_NONE ? "://" : "://***");
            next = at == STR_NONE ? i + 3 : at;
        }
        if (next == i)
            buf_add_char(&buf, text.data[next++]);
        i = next;
    }
    return buf_str(&buf);
}

/* ── classification ── */

static const Finding *find(Str errors)
{
    for (size_t i = 0; i < COUNT_OF(findings); i++)
        if (str_search(errors, str_of(findings[i].said)) != STR_NONE)
            return &findings[i];
    return NULL;
}

static bool opens_a_complaint(Str line)
{
    return str_starts(line, STR("fatal: ")) || str_starts(line, STR("error: ")) ||
           str_starts(line, STR("ssh: ")) || str_starts(line, STR("ERROR: "));
}

/* The line that was recognised, else the last complaint, else the last line. */
static Str telling_line(Str errors, const Finding *finding)
{
    Str line, last = {0}, complaint = {0};
    for (Str rest = errors; str_next(&rest, '\n', &line);) {
        line = str_trim(line);
        if (line.len == 0)
            continue;
        if (finding && finding->said[0] && str_search(line, str_of(finding->said)) != STR_NONE)
            return line;
        if (opens_a_complaint(line))
            complaint = line;
        last = line;
    }
    return complaint.len ? complaint : last;
}

/* Progress is drawn over itself: each carriage return ends a line. */
static Str as_lines(Arena *arena, Str errors)
{
    Buf buf = buf_new(arena);
    for (size_t i = 0; i < errors.len; i++)
        buf_add_char(&buf, errors.data[i] == '\r' ? '\n' : errors.data[i]);
    return buf_str(&buf);
}

bool git_fail(Str url, int exit_code, Str said_all, GitTrouble *trouble, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Str errors = as_lines(arena, said_all);
    const Finding *finding = find(errors);
    if (exit_code == SIGXFSZ_EXIT)
        finding = &over_size;
    if (finding == NULL)
        finding = &unknown;
    *trouble = finding->trouble;
    const char *shown_url = text_safe(arena, source_without_secret(arena, url));
    Str line = telling_line(errors, finding);
    const char *said = text_safe(arena, git_redact(arena, line));
    if (line.len == 0)
        said = arena_format(arena, "git ended with %d and said nothing", exit_code);
    (void)fail(err, finding->code, "'%.300s': %.*s", shown_url, EXCERPT_BYTES, said);
    return finding->hint ? fail_hint(err, "%s", finding->hint) : false;
}
