/* Error: what went wrong, in the words of the person who must mend it.
 *
 * MUST_CHECK bool x(..., T *out, Error *err): true, and *out is set; or false, *err is set and *out is
 * untouched. `return fail(err, ERR_X, "cannot ...")`; add where on the way up with fail_in; never
 * replace a code. Only edges print. Messages: lower case, what failed first, names in 'quotes', no full
 * stop. A name that came from outside goes through text_safe (base/text.h) before it is in a message.
 */
#pragma once

#include "base/arena.h"

typedef enum {
    ERR_NONE = 0,
#define ERROR(name, http, exit_code, hint) ERR_##name,
#include "base/errors.def"
#undef ERROR
    ERR_COUNT
} ErrorCode;

typedef struct {
    ErrorCode code;
    char message[1024];
    char hint[512]; /* the next step; empty: the code's own hint */
} Error;

bool fail(Error *err, ErrorCode code, const char *format, ...) PRINTF_LIKE(3, 4);
bool fail_errno(Error *err, const char *format, ...)
    PRINTF_LIKE(2, 3); /* code and reason from errno */
bool fail_in(Error *err, const char *format, ...) PRINTF_LIKE(2, 3); /* "where: what" */

/* Sets the next step; gives false, so that it can end a return. */
bool fail_hint(Error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* An error that is kept, one of perhaps many: its words lie in an arena. Code ERR_NONE: none. */
typedef struct {
    ErrorCode code;
    const char *message;
    const char *hint; /* the next step, never empty */
} ErrorNote;

ErrorNote error_note(Arena *arena, const Error *err);
ErrorNote error_note_copy(Arena *arena, const ErrorNote *note);
bool fail_noted(Error *err, const ErrorNote *note); /* the same error again; always false */

ErrorCode error_of_errno(int number);
const char *error_name(ErrorCode code); /* the wire code, "NOT_FOUND" */
bool error_find(const char *name, ErrorCode *out);
const char *error_hint(const Error *err);
int error_exit_code(ErrorCode code);
int error_http_status(ErrorCode code);
