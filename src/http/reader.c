#include "http/reader.h"

#include <llhttp.h>

#include "base/limits.h"
#include "http/rules.h"

typedef enum { PART_HEAD, PART_LENGTH, PART_SIZE, PART_CHUNK, PART_TRAILER, PART_WHOLE } Part;

struct HttpReader {
    llhttp_t parser;
    Arena *arena;
    Part part;
    HttpHeaders fields; /* of the head, then of the trailer */
    Str target, data;
    uint64_t left_bytes; /* of the body, or of the chunk at work and its CR LF */
    size_t trailer_bytes;
    bool ended; /* says llhttp */
};

/* ── what llhttp tells: whole heads and lines go in, so that each part comes in one piece ── */

static HttpReader *reader_of(const llhttp_t *parser)
{
    return parser->data;
}

static int on_target(llhttp_t *parser, const char *at, size_t len)
{
    reader_of(parser)->target = (Str){at, len};
    return HPE_OK;
}

static int on_name(llhttp_t *parser, const char *at, size_t len)
{
    HttpReader *reader = reader_of(parser);
    if (reader->fields.count == LIMIT_HTTP_HEADERS)
        return HPE_USER;
    ARRAY_PUSH(reader->arena, &reader->fields, (HttpHeader){.name = {at, len}});
    return HPE_OK;
}

/* A folded value comes in several pieces; the rules see that more stands there than the last one. */
static int on_value(llhttp_t *parser, const char *at, size_t len)
{
    HttpHeaders *fields = &reader_of(parser)->fields;
    fields->items[fields->count - 1].value = (Str){at, len};
    return HPE_OK;
}

static int on_head_end(llhttp_t *parser)
{
    parser->upgrade = 0; /* it is not obeyed: what follows is a body, then a request */
    return HPE_PAUSED;
}

static int on_data(llhttp_t *parser, const char *at, size_t len)
{
    reader_of(parser)->data = (Str){at, len};
    return HPE_OK;
}

static int on_chunk(llhttp_t *parser)
{
    reader_of(parser)->left_bytes = parser->content_length;
    return HPE_OK;
}

static int on_end(llhttp_t *parser)
{
    reader_of(parser)->ended = true;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_url = on_target,
    .on_header_field = on_name,
    .on_header_value = on_value,
    .on_headers_complete = on_head_end,
    .on_body = on_data,
    .on_chunk_header = on_chunk,
    .on_message_complete = on_end,
};

/* ── the head ── */

/* An empty line in front of a request is let pass: some clients send one behind a body. */
static size_t blank_front(Str input)
{
    return str_starts(input, STR("\r\n")) ? 2 : 0;
}

bool http_head_find(Str input, size_t *scanned, size_t *out_bytes, HttpRefusal *why)
{
    size_t front = blank_front(input);
    *out_bytes = 0;
    for (;;) {
        Str rest = str_slice(input, *scanned, input.len);
        size_t at = str_find(rest, '\n');
        if (at == STR_NONE)
            break;
        at += *scanned;
        if (at == 0 || input.data[at - 1] != '\r')
            return rules_refuse(why, 400, "a line must end in CR LF");
        *scanned = at + 1;
        if (at >= front + 3 && input.data[at - 2] == '\n')
            *out_bytes = at + 1;
        else if (at == front + 1)
            return rules_refuse(why, 400, "there is no request line");
        if (*out_bytes)
            break;
    }
    if (!*out_bytes)
        *scanned = input.len;
    if ((*out_bytes ? *out_bytes : input.len) > LIMIT_HTTP_HEAD_BYTES)
        return rules_refuse(why, 431, "the head of the request is too large");
    return true;
}

static bool refuse(const HttpReader *reader, HttpRefusal *why)
{
    const char *reason = llhttp_get_error_reason(&reader->parser);
    return rules_refuse(why, 400,
                        arena_format(reader->arena, "the request is malformed: %s",
                                     reason ? reason : "it does not end where it seems to"));
}

static bool refuse_head(const HttpReader *reader, llhttp_errno_t state, Str head, HttpRefusal *why)
{
    Str line = str_slice(head, 0, str_search(head, STR("\r\n")) + 2);
    if (state == HPE_USER)
        return rules_refuse(why, 431, "there are too many headers");
    if (state == HPE_INVALID_METHOD && rules_is_method(str_slice(line, 0, str_find(line, ' '))))
        return rules_refuse(why, 501, "the method is not known");
    if (state == HPE_INVALID_VERSION || reader->parser.method == HTTP_PRI) /* of HTTP/2 */
        return rules_version(str_slice(line, str_find_last(line, ' ') + 1, line.len), why);
    return refuse(reader, why);
}

static HttpHead head_of(HttpReader *reader)
{
    HttpHead head = {.reader = reader, .length_bytes = reader->parser.content_length};
    head.request.method = llhttp_method_name((llhttp_method_t)reader->parser.method);
    head.request.headers = reader->fields;
    head.keep_alive = llhttp_should_keep_alive(&reader->parser);
    if (reader->parser.flags & F_CHUNKED)
        head.framing = HTTP_BODY_CHUNKED;
    else if (head.length_bytes > 0)
        head.framing = HTTP_BODY_LENGTH;
    return head;
}

bool http_head_parse(Arena *arena, Str bytes, HttpHead *out, HttpRefusal *why)
{
    static const Part parts[] = {[HTTP_BODY_NONE] = PART_WHOLE,
                                 [HTTP_BODY_LENGTH] = PART_LENGTH,
                                 [HTTP_BODY_CHUNKED] = PART_SIZE};
    HttpReader *reader = ARENA_NEW(arena, HttpReader);
    reader->arena = arena;
    bytes = str_slice(bytes, blank_front(bytes), bytes.len);
    llhttp_init(&reader->parser, HTTP_REQUEST, &settings);
    reader->parser.data = reader;
    llhttp_errno_t state = llhttp_execute(&reader->parser, bytes.data, bytes.len);
    if (state != HPE_PAUSED)
        return refuse_head(reader, state, bytes, why);
    HttpHead head = head_of(reader);
    if (!rules_head(bytes, reader->target, &head, why))
        return false;
    llhttp_resume(&reader->parser);
    reader->fields = (HttpHeaders){0};
    reader->part = parts[head.framing];
    reader->left_bytes = head.length_bytes;
    *out = head;
    return true;
}

/* ── the body ── */

bool http_body_is_whole(const HttpReader *reader)
{
    return reader->part == PART_WHOLE;
}

/* What is handed to llhttp next: lines only when they are whole. */
static bool next_piece(const HttpReader *reader, Str input, Str *piece, HttpRefusal *why)
{
    if (reader->part == PART_SIZE)
        return rules_size_line(input, piece, why);
    if (reader->part == PART_TRAILER)
        return rules_line(input, LIMIT_HTTP_HEAD_BYTES, piece, why);
    *piece = str_slice(input, 0, reader->left_bytes < input.len ? reader->left_bytes : input.len);
    return true;
}

static bool end_trailer_line(HttpReader *reader, Str line, HttpRefusal *why)
{
    if (reader->ended) {
        reader->part = PART_WHOLE;
        return true;
    }
    reader->trailer_bytes += line.len;
    if (reader->trailer_bytes > LIMIT_HTTP_HEAD_BYTES)
        return rules_refuse(why, 431, "the trailer is too large");
    const HttpHeaders *fields = &reader->fields;
    return rules_trailer(line, &fields->items[fields->count - 1], why);
}

/* Behind `piece`, which llhttp has read. */
static bool advance(HttpReader *reader, Str piece, HttpRefusal *why)
{
    switch (reader->part) {
    case PART_SIZE:
        reader->part = reader->left_bytes ? PART_CHUNK : PART_TRAILER;
        reader->left_bytes += 2;
        return true;
    case PART_TRAILER:
        return end_trailer_line(reader, piece, why);
    case PART_LENGTH:
    case PART_CHUNK:
        reader->left_bytes -= piece.len;
        if (reader->ended)
            reader->part = PART_WHOLE;
        else if (reader->left_bytes == 0)
            reader->part = PART_SIZE;
        return true;
    case PART_HEAD:
    case PART_WHOLE:
        return true;
    }
    return true;
}

bool http_body_step(HttpReader *reader, Str input, size_t *used, Str *data, HttpRefusal *why)
{
    Str piece;
    *used = 0;
    *data = (Str){0};
    if (reader->part == PART_WHOLE)
        return true;
    if (!next_piece(reader, input, &piece, why))
        return false;
    if (piece.len == 0)
        return true;
    reader->data = (Str){0};
    llhttp_errno_t state = llhttp_execute(&reader->parser, piece.data, piece.len);
    if (state == HPE_USER)
        return rules_refuse(why, 431, "the trailer is too large");
    if (state != (reader->ended ? HPE_PAUSED : HPE_OK))
        return refuse(reader, why);
    *used = piece.len;
    *data = reader->data;
    return advance(reader, piece, why);
}
