#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *name;
    int http;
    int exit_code;
    const char *hint;
} ErrorRow;

static const ErrorRow rows[ERR_COUNT] = {
    [ERR_NONE] = {"NONE", 200, 0, ""},
#define ERROR(name, http, exit_code, hint) [ERR_##name] = {#name, http, exit_code, hint},
#include "base/errors.def"
#undef ERROR
};

bool fail(Error *err, ErrorCode code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    err->code = code;
    err->hint[0] = '\0';
    (void)vsnprintf(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    return false;
}

ErrorCode error_of_errno(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        return ERR_NOT_FOUND;
    case EEXIST:
    case ENOTEMPTY:
        return ERR_EXISTS;
    case ENOSPC:
    case EDQUOT:
        return ERR_DISK_FULL;
    case EACCES:
    case EPERM:
    case EROFS:
        return ERR_PERMISSION;
    case ELOOP:
    case EXDEV:
        return ERR_PATH_ESCAPES;
    case ENAMETOOLONG:
    case EFBIG:
        return ERR_TOO_LARGE;
    case ENOSYS:
    case EOPNOTSUPP:
    case ENOLCK:
        return ERR_UNSUPPORTED;
    default:
        return ERR_IO;
    }
}

bool fail_errno(Error *err, const char *format, ...)
{
    int number = errno;
    char reason[128] = "";
    const char *text = strerror_r(number, reason, sizeof reason);
    va_list arguments;
    va_start(arguments, format);
    err->code = error_of_errno(number);
    err->hint[0] = '\0';
    int len = vsnprintf(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    if (len >= 0 && (size_t)len < sizeof err->message)
        (void)snprintf(err->message + len, sizeof err->message - (size_t)len, ": %s", text);
    return false;
}

bool fail_in(Error *err, const char *format, ...)
{
    char old[sizeof err->message];
    va_list arguments;
    va_start(arguments, format);
    memcpy(old, err->message, sizeof old);
    int len = vsnprintf(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    size_t used = len < 0 ? 0 : (size_t)len;
    if (used + 3 > sizeof err->message)
        used = sizeof err->message - 3;
    size_t room = sizeof err->message - used - 3;
    size_t kept = strnlen(old, room);
    memcpy(err->message + used, ": ", 2);
    memcpy(err->message + used + 2, old, kept);
    err->message[used + 2 + kept] = '\0';
    return false;
}

bool fail_hint(Error *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(err->hint, sizeof err->hint, format, arguments);
    va_end(arguments);
    return false;
}

static const ErrorRow *row_of(ErrorCode code)
{
    return &rows[(unsigned)code < ERR_COUNT ? code : ERR_INTERNAL];
}

const char *error_name(ErrorCode code)
{
    return row_of(code)->name;
}

bool error_find(const char *name, ErrorCode *out)
{
    for (ErrorCode code = ERR_NONE + 1; code < ERR_COUNT; code++) {
        if (strcmp(name, error_name(code)) != 0)
            continue;
        *out = code;
        return true;
    }
    return false;
}

const char *error_hint(const Error *err)
{
    return err->hint[0] ? err->hint : row_of(err->code)->hint;
}

ErrorNote error_note(Arena *arena, const Error *err)
{
    return (ErrorNote){
        .code = err->code,
        .message = arena_text(arena, str_of(err->message)),
        .hint = arena_text(arena, str_of(error_hint(err))),
    };
}

ErrorNote error_note_copy(Arena *arena, const ErrorNote *note)
{
    if (!note->code)
        return (ErrorNote){0};
    return (ErrorNote){note->code, arena_text(arena, str_of(note->message)),
                       arena_text(arena, str_of(note->hint))};
}

bool fail_noted(Error *err, const ErrorNote *note)
{
    (void)fail(err, note->code, "%s", note->message);
    return fail_hint(err, "%s", note->hint);
}

int error_exit_code(ErrorCode code)
{
    return row_of(code)->exit_code;
}

int error_http_status(ErrorCode code)
{
    return row_of(code)->http;
}
