#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "git/git_internal.h"

enum { CONFIG_TIMEOUT_MS = 20000, OLDEST_MAJOR = 2, OLDEST_MINOR = 32 };

/* From the user's environment, because their credentials and proxies need them. */
static const char *const passed_on[] = {"PATH",
                                        "HOME",
                                        "USER",
                                        "LOGNAME",
                                        "TMPDIR",
                                        "XDG_CONFIG_HOME",
                                        "XDG_CACHE_HOME",
                                        "XDG_RUNTIME_DIR",
                                        "DBUS_SESSION_BUS_ADDRESS",
                                        "GNUPGHOME",
                                        "PASSWORD_STORE_DIR",
                                        "SSH_AUTH_SOCK",
                                        "GIT_SSH_COMMAND",
                                        "GIT_SSH",
                                        "GIT_SSH_VARIANT",
                                        "GH_TOKEN",
                                        "GITHUB_TOKEN",
                                        "GH_CONFIG_DIR",
                                        "http_proxy",
                                        "https_proxy",
                                        "all_proxy",
                                        "no_proxy",
                                        "HTTPS_PROXY",
                                        "ALL_PROXY",
                                        "NO_PROXY",
                                        "SSL_CERT_FILE",
                                        "SSL_CERT_DIR",
                                        "GIT_SSL_CAINFO",
                                        "GIT_SSL_CAPATH"};

/* Only when git may ask: with them a daemon would open windows. */
static const char *const passed_on_to_ask[] = {
    "TERM",    "DISPLAY",     "WAYLAND_DISPLAY", "XAUTHORITY",
    "GPG_TTY", "GIT_ASKPASS", "SSH_ASKPASS",     "SSH_ASKPASS_REQUIRE"};

static const char *const fixed[] = {"LC_ALL=C",
                                    "GIT_DIR=.",
                                    "GIT_CONFIG_NOSYSTEM=1",
                                    "GIT_CONFIG_GLOBAL=/dev/null",
                                    "GIT_ATTR_NOSYSTEM=1",
                                    "GIT_PROTOCOL_FROM_USER=0",
                                    "GIT_NO_LAZY_FETCH=1",
                                    "GIT_NO_REPLACE_OBJECTS=1",
                                    "GIT_LITERAL_PATHSPECS=1",
                                    "GIT_OPTIONAL_LOCKS=0",
                                    "GCM_INTERACTIVE=never"};

/* Before the user's own values: defaults they may change. */
static const char *const defaults[][2] = {{"http.lowSpeedLimit", "1000"},
                                          {"http.followRedirects", "initial"}};

/* After them, so that these hold. The findings named last are old and harmless, and frequent. */
static const char *const enforced[][2] = {{"core.hooksPath", "/dev/null"},
                                          {"core.fsmonitor", "false"},
                                          {"core.attributesFile", "/dev/null"},
                                          {"core.excludesFile", "/dev/null"},
                                          {"core.protectHFS", "true"},
                                          {"core.protectNTFS", "true"},
                                          {"submodule.recurse", "false"},
                                          {"fetch.recurseSubmodules", "false"},
                                          {"fetch.prune", "false"},
                                          {"fetch.unpackLimit", "1"},
                                          {"fetch.fsckObjects", "true"},
                                          {"transfer.bundleURI", "false"},
                                          {"transfer.credentialsInUrl", "die"},
                                          {"protocol.version", "2"},
                                          {"gc.auto", "0"},
                                          {"maintenance.auto", "false"},
                                          {"color.ui", "false"},
                                          {"fetch.fsck.zeroPaddedFilemode", "warn"},
                                          {"fetch.fsck.missingSpaceBeforeDate", "warn"},
                                          {"fetch.fsck.missingSpaceBeforeEmail", "warn"},
                                          {"fetch.fsck.missingNameBeforeEmail", "warn"},
                                          {"fetch.fsck.missingEmail", "warn"},
                                          {"fetch.fsck.badEmail", "warn"},
                                          {"fetch.fsck.badName", "warn"},
                                          {"fetch.fsck.badTimezone", "warn"},
                                          {"fetch.fsck.badDateOverflow", "warn"},
                                          {"fetch.fsck.zeroPaddedDate", "warn"},
                                          {"fetch.fsck.nulInCommit", "warn"},
                                          {"fetch.fsck.missingTaggerEntry", "warn"},
                                          {"fetch.fsck.badTagName", "warn"},
                                          {"fetch.fsck.extraHeaderEntry", "warn"},
                                          {"fetch.fsck.badFilemode", "warn"},
                                          {"fetch.fsck.gitmodulesParse", "warn"},
                                          {"fetch.fsck.gitmodulesUrl", "warn"},
                                          {"fetch.fsck.gitmodulesUpdate", "warn"},
                                          {"fetch.fsck.gitmodulesName", "warn"},
                                          {"fetch.fsck.gitmodulesPath", "warn"}};

typedef ARRAY(const char *) Texts;

const char *git_setting_env(const Git *git, const char *name)
{
    size_t len = strlen(name);
    const char *const *list = git->settings.environment;
    if (list == NULL)
        return getenv(name);
    for (; *list; list++)
        if (strncmp(*list, name, len) == 0 && (*list)[len] == '=')
            return *list + len + 1;
    return NULL;
}

static void pass_on(Git *git, Texts *environment, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = git_setting_env(git, names[i]);
        if (value)
            ARRAY_PUSH(git->arena, environment, arena_format(git->arena, "%s=%s", names[i], value));
    }
}

/* ── the user's own configuration ── */

static bool is_handed_on(Str key)
{
    return str_starts(key, STR("credential.")) || str_starts(key, STR("http.")) ||
           (str_starts(key, STR("url.")) && str_ends(key, STR(".insteadof"))) ||
           str_is(key, "core.sshcommand") || str_is(key, "core.askpass") ||
           str_is(key, "ssh.variant");
}

/* "scope NUL key LF value NUL"; a key without value stands for true. */
bool git_config_next(Str *listing, GitConfigValue *out)
{
    Str scope, entry;
    while (str_next(listing, '\0', &scope) && str_next(listing, '\0', &entry)) {
        bool own = str_is(scope, "global") || str_is(scope, "system") || str_is(scope, "command");
        size_t line = str_find(entry, '\n');
        out->key = str_slice(entry, 0, line == STR_NONE ? entry.len : line);
        out->value = line == STR_NONE ? STR("true") : str_slice(entry, line + 1, entry.len);
        if (own)
            return true;
    }
    return false;
}

void git_config_pick(Arena *arena, Str listing, GitConfigValues *out)
{
    GitConfigValue one;
    while (git_config_next(&listing, &one))
        if (is_handed_on(one.key))
            ARRAY_PUSH(arena, out,
                       (GitConfigValue){arena_copy(arena, one.key), arena_copy(arena, one.value)});
}

/* Read in the user's own environment, outside any repository. Unreadable configuration is an error
 * of the user's to mend: going on without would fail later with a puzzle. */
bool git_user_config(Git *git, Str *out, Error *err)
{
    Texts environment = {0};
    const char *const *own = git->settings.environment;
    if (own == NULL)
        for (char **line = environ; *line; line++)
            ARRAY_PUSH(git->arena, &environment, *line);
    for (; own && *own; own++)
        ARRAY_PUSH(git->arena, &environment, *own);
    Texts clean = {0};
    for (size_t i = 0; i < environment.count; i++)
        if (strncmp(environment.items[i], "GIT_DIR=", 8) != 0 &&
            strncmp(environment.items[i], "GIT_TRACE", 9) != 0)
            ARRAY_PUSH(git->arena, &clean, environment.items[i]);
    ARRAY_PUSH(git->arena, &clean, "GIT_DIR=/dev/null");
    ARRAY_PUSH(git->arena, &clean, NULL);
    const char *const argv[] = {"git",        "config", "--list", "--show-scope",
                                "--includes", "-z",     NULL};
    ProcessSpec spec = {.argv = argv, .environment = clean.items, .timeout_ms = CONFIG_TIMEOUT_MS};
    ProcessResult result = {0};
    if (!process_run(git->arena, &spec, &result, err))
        return false;
    if (result.exit_code == 0) {
        *out = result.output;
        return true;
    }
    return fail(err, ERR_CONFIG_INVALID, "git cannot read your configuration: %.300s",
                text_safe(git->arena, git_redact(git->arena, str_trim(result.errors)))) ||
           fail_hint(err, "`git config --list --show-origin` shows where it stops.");
}

/* ── building ── */

static void add_config(Git *git, Texts *environment, size_t *count, Str key, Str value)
{
    Arena *arena = git->arena;
    ARRAY_PUSH(arena, environment,
               arena_format(arena, "GIT_CONFIG_KEY_%zu=%.*s", *count, STR_ARG(key)));
    ARRAY_PUSH(arena, environment,
               arena_format(arena, "GIT_CONFIG_VALUE_%zu=%.*s", *count, STR_ARG(value)));
    (*count)++;
}

static void add_table(Git *git, Texts *environment, size_t *count, const char *const (*rows)[2],
                      size_t row_count)
{
    for (size_t i = 0; i < row_count; i++)
        add_config(git, environment, count, str_of(rows[i][0]), str_of(rows[i][1]));
}

/* In the environment and never on the command line, where any user of the machine could read them. */
static void add_all_config(Git *git, Texts *environment, const GitConfigValues *user, bool may_ask)
{
    size_t count = 0;
    const char *patience = arena_format(git->arena, "%d", (git_silence_ms(git) + 999) / 1000);
    add_table(git, environment, &count, defaults, COUNT_OF(defaults));
    add_config(git, environment, &count, STR("http.lowSpeedTime"), str_of(patience));
    for (size_t i = 0; i < user->count; i++)
        add_config(git, environment, &count, user->items[i].key, user->items[i].value);
    add_table(git, environment, &count, enforced, COUNT_OF(enforced));
    if (!may_ask)
        add_config(git, environment, &count, STR("credential.interactive"), STR("false"));
    ARRAY_PUSH(git->arena, environment, arena_format(git->arena, "GIT_CONFIG_COUNT=%zu", count));
}

/* http and git are for loopback, which the grammar of sources sees to; a user whose own insteadOf
 * leads elsewhere has chosen that. No helper program (ext::, fd::) is ever in the list. */
static void add_protocols(Git *git, Texts *environment)
{
    ARRAY_PUSH(git->arena, environment, "GIT_ALLOW_PROTOCOL=https:ssh:file:http:git");
}

static bool check_version(Git *git, Error *err)
{
    const char *const argv[] = {"git", "version", NULL};
    ProcessSpec spec = {.argv = argv, .timeout_ms = CONFIG_TIMEOUT_MS};
    ProcessResult result = {0};
    if (!process_run(git->arena, &spec, &result, err)) {
        if (err->code == ERR_INTERRUPTED)
            return false;
        return fail(err, ERR_GIT_MISSING, "git cannot be run");
    }
    Str text = str_trim(result.output), word = {0}, part;
    uint64_t major = 0, minor = 0;
    for (int i = 0; i < 3; i++)
        (void)str_next(&text, ' ', &word);
    bool known = str_next(&word, '.', &part) && str_to_u64(part, &major) &&
                 str_next(&word, '.', &part) && str_to_u64(part, &minor);
    if (known && (major > OLDEST_MAJOR || (major == OLDEST_MAJOR && minor >= OLDEST_MINOR)))
        return true;
    return fail(err, ERR_GIT_MISSING, "'%.100s' is too old or no git",
                text_safe(git->arena, str_trim(result.output))) ||
           fail_hint(err,
                     "Install git %d.%d or newer: older ones ignore the settings that keep "
                     "fetched repositories harmless.",
                     OLDEST_MAJOR, OLDEST_MINOR);
}

static const char *const *build(Git *git, const GitConfigValues *user, bool may_ask)
{
    Texts environment = {0};
    pass_on(git, &environment, passed_on, COUNT_OF(passed_on));
    if (may_ask)
        pass_on(git, &environment, passed_on_to_ask, COUNT_OF(passed_on_to_ask));
    for (size_t i = 0; i < COUNT_OF(fixed); i++)
        ARRAY_PUSH(git->arena, &environment, fixed[i]);
    ARRAY_PUSH(git->arena, &environment,
               may_ask ? "GIT_TERMINAL_PROMPT=1" : "GIT_TERMINAL_PROMPT=0");
    add_protocols(git, &environment);
    add_all_config(git, &environment, user, may_ask);
    ARRAY_PUSH(git->arena, &environment, NULL);
    return environment.items;
}

bool git_environment(Git *git, Error *err)
{
    if (git->environment)
        return true;
    GitConfigValues user = {0};
    Str listing = {0};
    if (!check_version(git, err) || !git_user_config(git, &listing, err))
        return false;
    git_config_pick(git->arena, listing, &user);
    git->environment_to_ask = build(git, &user, true);
    git->environment = build(git, &user, false);
    return true;
}
