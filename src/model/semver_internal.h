/* Steps of the version reader that ranges share: each takes what it read off `rest`. */
#pragma once

#include "model/semver.h"

bool semver_take(Str *rest, char c);
bool semver_take_number(Str *rest, uint64_t *out); /* no leading zero, no overflow */
bool semver_take_tail(Str *rest, SemVer *version); /* -pre and +build, both optional */
