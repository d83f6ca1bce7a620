#include "http/chunks.h"

#include "base/limits.h"

enum { SIZE_DIGITS = 8 };

static bool refuse(HttpRefusal *why, int status, const char *text)
{
    *why = (HttpRefusal){status, text};
    return false;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The line in front without its CR LF; `*used` 0: it is not whole yet. */
static bool whole_line(Str input, size_t most, Str *line, size_t *used, HttpRefusal *why)
{
    size_t end = str_find(str_slice(input, 0, most + 2), '\n');
    *used = 0;
    if (end == STR_NONE)
        return input.len < most + 2 || refuse(why, 400, "a line of the chunked body is too long");
    if (end == 0 || input.data[end - 1] != '\r')
        return refuse(why, 400, "a line must end in CR LF");
    *line = str_slice(input, 0, end - 1);
    *used = end + 1;
    return true;
}

/* Up to where `text` is of such bytes. */
static size_t span(Str text, size_t at, bool (*is_such)(char c))
{
    while (at < text.len && is_such(text.data[at]))
        at++;
    return at;
}

static bool is_quoted_byte(char c)
{
    return c == ' ' || (c > ' ' && c <= '~' && c != '"' && c != '\\');
}

/* One at most, since readers differ on more: ";" token ["=" (token | quoted)] */
static bool is_extension(Str text)
{
    if (text.len == 0)
        return true;
    size_t at = span(text, 1, http_is_token_byte);
    if (text.data[0] != ';' || at == 1)
        return false;
    if (at == text.len || text.data[at] != '=')
        return at == text.len;
    size_t value = at + 1;
    if (value < text.len && text.data[value] == '"') {
        at = span(text, value + 1, is_quoted_byte);
        return at + 1 == text.len && text.data[at] == '"';
    }
    return value < text.len && span(text, value, http_is_token_byte) == text.len;
}

static bool read_size(HttpChunks *chunks, Str input, size_t *used, HttpRefusal *why)
{
    Str line;
    if (!whole_line(input, SIZE_DIGITS + LIMIT_HTTP_EXTENSION_BYTES, &line, used, why))
        return false;
    if (!*used)
        return true;
    uint64_t size = 0;
    size_t digits = 0;
    for (; digits < line.len && hex_value(line.data[digits]) >= 0; digits++) {
        if (digits == SIZE_DIGITS)
            return refuse(why, 413, "the chunk is too large");
        size = size * 16 + (uint64_t)hex_value(line.data[digits]);
    }
    Str extension = str_slice(line, digits, line.len);
    if (digits == 0 || !is_extension(extension))
        return refuse(why, 400, "the size of a chunk is malformed");
    if (extension.len > LIMIT_HTTP_EXTENSION_BYTES)
        return refuse(why, 400, "a line of the chunked body is too long");
    chunks->left_bytes = size;
    chunks->state = size ? CHUNK_DATA : CHUNK_TRAILER;
    return true;
}

static void read_data(HttpChunks *chunks, Str input, size_t *used, Str *data)
{
    *data = str_slice(input, 0, chunks->left_bytes < input.len ? chunks->left_bytes : input.len);
    *used = data->len;
    chunks->left_bytes -= data->len;
    if (chunks->left_bytes == 0)
        chunks->state = CHUNK_DATA_END;
}

static bool read_data_end(HttpChunks *chunks, Str input, size_t *used, HttpRefusal *why)
{
    if ((input.len > 0 && input.data[0] != '\r') || (input.len > 1 && input.data[1] != '\n'))
        return refuse(why, 400, "a chunk is longer than its size");
    if (input.len < 2)
        return true;
    *used = 2;
    chunks->state = CHUNK_SIZE;
    return true;
}

static bool is_framing(Str name)
{
    static const char *const names[] = {"content-length", "transfer-encoding", "host",  "trailer",
                                        "authorization",  "connection",        "expect"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (http_name_is(name, names[i]))
            return true;
    return false;
}

static bool read_trailer(HttpChunks *chunks, Str input, size_t *used, HttpRefusal *why)
{
    Str line;
    if (!whole_line(input, LIMIT_HTTP_HEAD_BYTES, &line, used, why))
        return false;
    if (!*used)
        return true;
    if (line.len == 0) {
        chunks->state = CHUNK_DONE;
        return true;
    }
    chunks->trailer_bytes += *used;
    if (chunks->trailer_bytes > LIMIT_HTTP_HEAD_BYTES || ++chunks->trailers > LIMIT_HTTP_HEADERS)
        return refuse(why, 431, "the trailer is too large");
    HttpHeader field;
    if (!http_field_parse(line, &field, why))
        return false;
    return !is_framing(field.name) || refuse(why, 400, "a trailer must not speak of framing");
}

bool http_chunks_step(HttpChunks *chunks, Str input, size_t *used, Str *data, HttpRefusal *why)
{
    *used = 0;
    *data = (Str){0};
    switch (chunks->state) {
    case CHUNK_SIZE:
        return read_size(chunks, input, used, why);
    case CHUNK_DATA:
        read_data(chunks, input, used, data);
        return true;
    case CHUNK_DATA_END:
        return read_data_end(chunks, input, used, why);
    case CHUNK_TRAILER:
        return read_trailer(chunks, input, used, why);
    case CHUNK_DONE:
        return true;
    }
    return true;
}
