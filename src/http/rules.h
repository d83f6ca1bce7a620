/* What weir asks of a request beyond what llhttp does: thin rules over what llhttp has read. Pure.
 *
 * The head must be nothing but what was read from it: one blank, ": " and CR LF stand between the parts, so
 * that no folding, no bare CR or LF and no skipped byte is left over. The rest is in docs/http.md.
 */
#pragma once

#include "http/reader.h"

bool rules_refuse(HttpRefusal *why, int status, const char *text); /* false */

/* `head` has its method, headers, framing and keep_alive; path, query and the rest are set here. */
MUST_CHECK bool rules_head(Str bytes, Str target, HttpHead *head, HttpRefusal *why);

/* The line in front with its CR LF, of up to `most` bytes; empty: it is not whole yet. */
MUST_CHECK bool rules_line(Str input, size_t most, Str *line, HttpRefusal *why);
MUST_CHECK bool rules_size_line(Str input, Str *line, HttpRefusal *why); /* of a chunk */
MUST_CHECK bool rules_trailer(Str line, HttpHeader *field, HttpRefusal *why);

/* Why a request line was refused. */
bool rules_is_method(Str word);
bool rules_version(Str version, HttpRefusal *why); /* false; with the CR LF behind it */
