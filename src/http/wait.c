#include "http/server_internal.h"

static void take_out(Connection *connection)
{
    if (connection->wait == WAIT_NONE)
        return;
    WaitList *list = &connection->server->waits[connection->wait];
    *(connection->before ? &connection->before->after : &list->first) = connection->after;
    *(connection->after ? &connection->after->before : &list->last) = connection->before;
    connection->before = connection->after = NULL;
    connection->wait = WAIT_NONE;
    list->count--;
}

void wait_for(Connection *connection, Wait wait, int64_t since_us)
{
    take_out(connection);
    connection->since_us = since_us;
    if (wait == WAIT_NONE)
        return;
    WaitList *list = &connection->server->waits[wait];
    connection->wait = (uint8_t)wait;
    connection->before = list->last;
    *(list->last ? &list->last->after : &list->first) = connection;
    list->last = connection;
    list->count++;
}

int wait_timeout_ms(const HttpServer *server)
{
    if (server->again)
        return 0;
    int64_t due_us = server->resume_us ? server->resume_us : INT64_MAX;
    for (size_t i = 0; i < WAIT_COUNT; i++) {
        const WaitList *list = &server->waits[i];
        if (list->first && list->first->since_us + list->span_us < due_us)
            due_us = list->first->since_us + list->span_us;
    }
    if (due_us == INT64_MAX)
        return -1;
    int64_t left_us = due_us - server->now_us;
    return left_us <= 0 ? 0 : (int)(left_us / 1000 + 1);
}

void wait_expire(HttpServer *server)
{
    for (size_t i = 0; i < WAIT_COUNT; i++) {
        WaitList *list = &server->waits[i];
        while (list->first && list->first->since_us + list->span_us <= server->now_us)
            connection_expire(list->first);
    }
}
