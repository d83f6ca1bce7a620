/* Reminder: a merge that has waited for a week is named on stderr behind whatever was asked for. */
#pragma once

#include "cli/command.h"

/* One line; nothing with --json or --quiet, and nothing when it cannot be told. */
void reminder_show(Call *call);
