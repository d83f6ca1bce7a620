#include "git/git_internal.h"

bool git_identity(Git *git, GitIdentity *out, Error *err)
{
    GitIdentity who = {str_of(git_setting_env(git, "GIT_AUTHOR_NAME")),
                       str_of(git_setting_env(git, "GIT_AUTHOR_EMAIL"))};
    GitIdentity configured = {0};
    Str listing = {0};
    GitConfigValue one;
    bool known = who.name.len && who.email.len;
    if (!known && !git_user_config(git, &listing, err) && err->code != ERR_NOT_FOUND)
        return false;
    while (git_config_next(&listing, &one)) {
        if (str_is(one.key, "user.name"))
            configured.name = one.value;
        else if (str_is(one.key, "user.email"))
            configured.email = one.value;
    }
    out->name = who.name.len ? who.name : configured.name;
    out->email = who.email.len ? who.email : configured.email;
    return true;
}
