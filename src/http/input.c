#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "http/server_internal.h"

Str input_view(const Input *input)
{
    return (Str){input->data ? input->data + input->at : NULL, input->len - input->at};
}

void input_free(Input *input)
{
    if (input->capacity)
        free(input->data);
    *input = (Input){0};
}

void input_use(Input *input, size_t bytes)
{
    ASSERT(bytes <= input->len - input->at);
    input->at += bytes;
    input->scanned = 0;
    if (input->at == input->len)
        input_free(input);
}

/* What is left gets memory of its own, at its front, with room for more. */
static void own(Input *input, size_t room)
{
    Str left = input_view(input);
    if (input->capacity >= left.len + room) {
        memmove(input->data, left.data, left.len);
        input->at = 0;
        input->len = left.len;
        return;
    }
    Input fresh = {.len = left.len, .capacity = left.len + room, .scanned = input->scanned};
    fresh.data = malloc(fresh.capacity);
    if (!fresh.data)
        out_of_memory(fresh.capacity);
    memcpy(fresh.data, left.data, left.len);
    input_free(input);
    *input = fresh;
}

void input_keep(Connection *connection)
{
    Input *input = &connection->input;
    if (input->data && input->capacity == 0)
        own(input, 1);
}

bool input_read(Connection *connection)
{
    Input *input = &connection->input;
    size_t room = INPUT_BYTES;
    if (!input->data) {
        input->data = connection->server->scratch;
    } else {
        room = INPUT_BYTES / 4;
        own(input, room);
    }
    ssize_t got = recv(connection->source.fd, input->data + input->len, room, 0);
    if (got > 0)
        input->len += (size_t)got;
    if (input->at == input->len)
        input_free(input);
    return input_got(connection, got, room);
}

bool input_got(Connection *connection, ssize_t got, size_t room)
{
    if (got > 0) {
        /* Less than there was room for: nothing is left but perhaps the peer's end. */
        if ((size_t)got < room && !connection->peer_done)
            connection->readable = false;
        return true;
    }
    if (got < 0 && errno == EINTR)
        return false;
    connection->readable = false;
    if (got == 0 || errno != EAGAIN)
        connection->ended = true;
    return false;
}
