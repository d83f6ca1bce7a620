/* Path arithmetic on bytes; nothing here touches the file system. */
#pragma once

#include "base/arena.h"

Str path_base(Str path);                     /* after the last '/' */
Str path_folder(Str path);                   /* before the last '/', empty when there is none */
Str path_stem(Str name);                     /* "pdf" of "pdf.md"; ".env" stays */
Str path_extension(Str name);                /* ".md", or empty */
char *path_join(Arena *arena, Str a, Str b); /* empty parts are left out */
bool path_is_inside(Str path,
                    Str folder); /* equal or below, by components; empty folder holds all */

/* Absolute and lexically clean: "." and ".." and doubled slashes resolved against `cwd`. */
char *path_absolute(Arena *arena, const char *cwd, const char *path);
