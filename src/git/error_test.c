#include <string.h>

#include "git/git_internal.h"
#include "testing/test.h"

typedef struct {
    const char *said;
    ErrorCode code;
    bool transient;
} Row;

TEST(names_what_git_says)
{
    const Row rows[] = {
        {"fatal: could not read Username for 'https://h': terminal prompts disabled",
         ERR_GIT_AUTH_FAILED, false},
        {"remote: Invalid username or token.\nfatal: Authentication failed for 'https://h/r'",
         ERR_GIT_AUTH_FAILED, false},
        {"fatal: unable to access 'https://h/r/': The requested URL returned error: 403",
         ERR_GIT_AUTH_FAILED, false},
        {"git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.",
         ERR_GIT_AUTH_FAILED, false},
        {"Host key verification failed.\nfatal: Could not read from remote repository.",
         ERR_GIT_AUTH_FAILED, false},
        {"fatal: repository 'https://h/r/' not found", ERR_REPOSITORY_NOT_FOUND, false},
        {"ERROR: Repository not found.\nfatal: Could not read from remote repository.",
         ERR_REPOSITORY_NOT_FOUND, false},
        {"fatal: '/x' does not appear to be a git repository", ERR_REPOSITORY_NOT_FOUND, false},
        {"fatal: remote error: access denied or repository not exported: /x",
         ERR_REPOSITORY_NOT_FOUND, false},
        {"fatal: http://h/info/refs not valid: is this a git repository?", ERR_REPOSITORY_NOT_FOUND,
         false},
        {"fatal: couldn't find remote ref refs/heads/x", ERR_REF_NOT_FOUND, false},
        {"fatal: remote error: upload-pack: not our ref 0123", ERR_REF_NOT_FOUND, false},
        {"error: Server does not allow request for unadvertised object 0123", ERR_REF_NOT_FOUND,
         false},
        {"fatal: unable to access 'x': The requested URL returned error: 429", ERR_RATE_LIMITED,
         true},
        {"remote: You have exceeded a secondary rate limit\nfatal: returned error: 403",
         ERR_RATE_LIMITED, true},
        {"fatal: unable to access 'x': The requested URL returned error: 502", ERR_NETWORK_ERROR,
         true},
        {"fatal: unable to access 'x': Could not resolve host: h", ERR_NETWORK_ERROR, true},
        {"fatal: unable to access 'x': Failed to connect to h port 443", ERR_NETWORK_ERROR, true},
        {"fatal: unable to connect to h:\nh: errno=Connection refused", ERR_NETWORK_ERROR, true},
        {"error: RPC failed; curl 28 Operation too slow.", ERR_NETWORK_ERROR, true},
        {"fatal: the remote end hung up unexpectedly", ERR_NETWORK_ERROR, true},
        {"fatal: early EOF\nfatal: fetch-pack: invalid index-pack output", ERR_NETWORK_ERROR, true},
        {"fatal: unable to access 'x': SSL certificate problem: self-signed", ERR_NETWORK_ERROR,
         false},
        {"fatal: fetch-pack: invalid index-pack output", ERR_TOO_LARGE, false},
        {"error: index-pack died of signal 25", ERR_TOO_LARGE, false},
        {"fatal: write error: No space left on device", ERR_DISK_FULL, false},
        {"fatal: transport 'ext' not allowed", ERR_URL_REFUSED, false},
        {"fatal: detected dubious ownership in repository at '/x'", ERR_PERMISSION, false},
        {"error: object 01: hasDotdot: contains '..'\nfatal: fsck error in packed object",
         ERR_GIT_FAILED, false},
        {"Receiving objects:  50% (1/2)\rerror: RPC failed; curl 56 Recv failure",
         ERR_NETWORK_ERROR, true},
        {"fatal: something nobody has seen", ERR_GIT_FAILED, false},
        {"", ERR_GIT_FAILED, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        GitTrouble trouble;
        bool ok = git_fail(STR("https://h/r"), 128, str_of(rows[i].said), &trouble, &t->err);
        CHECK_FAILS(rows[i].code, ok);
        CHECK_INT(trouble > TROUBLE_FINAL, rows[i].transient);
        CHECK_HAS(t->err.message, "https://h/r");
    }
}

TEST(says_the_line_that_tells_and_not_the_chatter)
{
    GitTrouble trouble;
    (void)!git_fail(STR("u"), 128,
                    STR("remote: hello\nfatal: couldn't find remote ref x\nfatal: other\n"),
                    &trouble, &t->err);
    CHECK_TEXT(t->err.message, "'u': fatal: couldn't find remote ref x");
}

TEST(secrets_never_reach_a_message)
{
    const char *const said[] = {
        "fatal: Authentication failed for 'https://me:hunter2@h/r'",
        "fatal: unable to access 'https://hunter2@h/r/'",
        "fatal: Authorization: Basic hunter2 refused",
        "fatal: authorization: bearer hunter2",
        "fatal: token ghp_hunter2 is bad",
        "fatal: x github_pat_hunter2 y",
        "fatal: Cookie: a=hunter2; b=hunter2",
    };
    for (size_t i = 0; i < COUNT_OF(said); i++) {
        GitTrouble trouble;
        (void)!git_fail(STR("https://me:hunter2@h/r"), 128, str_of(said[i]), &trouble, &t->err);
        CHECK(strstr(t->err.message, "hunter2") == NULL);
    }
}

TEST(control_bytes_of_a_server_are_shown_not_obeyed)
{
    GitTrouble trouble;
    (void)!git_fail(STR("u"), 1, STR("fatal: \x1b[2J\x07 gone\r\n"), &trouble, &t->err);
    for (const char *at = t->err.message; *at; at++)
        CHECK((unsigned char)*at >= 0x20);
}

TEST(hands_on_only_what_credentials_and_proxies_need)
{
    GitConfigValues picked = {0};
    git_config_pick(t->arena,
                    STR("global\0user.name\nme\0"
                        "global\0credential.helper\nstore\0"
                        "global\0http.https://h/.extraheader\nA: b\nc\0"
                        "global\0url.ssh://git@h/.insteadof\nhttps://h/\0"
                        "global\0url.ssh://git@h/.pushinsteadof\nx\0"
                        "system\0http.proxy\nhttp://p:1\0"
                        "local\0http.proxy\nhttp://evil\0"
                        "worktree\0core.sshcommand\nevil\0"
                        "global\0core.sshcommand\nssh -i k\0"
                        "global\0core.hookspath\n/evil\0"
                        "global\0filter.x.clean\nevil\0"
                        "global\0protocol.ext.allow\nalways\0"
                        "global\0http.sslverify\0"),
                    &picked);
    const char *const keys[] = {"credential.helper",
                                "http.https://h/.extraheader",
                                "url.ssh://git@h/.insteadof",
                                "http.proxy",
                                "core.sshcommand",
                                "http.sslverify"};
    CHECK_INT(picked.count, COUNT_OF(keys));
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        CHECK_STR(picked.items[i].key, str_of(keys[i]));
    CHECK_STR(picked.items[1].value, STR("A: b\nc"));
    CHECK_STR(picked.items[3].value, STR("http://p:1"));
    CHECK_STR(picked.items[5].value, STR("true"));
}
