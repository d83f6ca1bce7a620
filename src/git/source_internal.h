/* Pieces of the grammar of sources that grammar.c owns and source.c uses. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

bool source_refuse(Error *err, Str text, const char *why); /* ERR_URL_REFUSED, secrets left out */
Str source_without_secret(Arena *arena, Str url);          /* userinfo becomes "***" */
MUST_CHECK bool source_check_text(Str text, Error *err);   /* what holds for every form */
size_t source_scheme_end(Str text);         /* index of "://", STR_NONE when it has none */
bool source_is_scp(Str text);               /* a ':' before the first '/' */
bool source_host(Str authority, Str *host); /* "host[:port]", without userinfo */
MUST_CHECK bool source_decode(Arena *arena, Str path, Str *out); /* percent escapes */
