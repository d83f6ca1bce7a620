/* One request to a daemon at its socket, with the token of WEIR_TOKEN; prints the status and the
 * body. Fails when there is no answer.
 *
 * ask SOCKET METHOD TARGET [BODY [KEY]]
 */
#include <stdio.h>
#include <stdlib.h>

#include "http/client.h"

int main(int count, char **arguments)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    SCOPED(http_client_close) HttpClient *client = NULL;
    HttpClientReply reply;
    Error err;
    if (count < 4)
        return 2;
    HttpClientOptions options = {
        .url = "http://localhost", .socket_path = arguments[1], .bearer = getenv("WEIR_TOKEN")};
    HttpHeader headers[] = {{STR("Content-Type"), STR("application/json")},
                            {STR("Idempotency-Key"), str_of(count > 5 ? arguments[5] : "")}};
    HttpClientRequest request = {.method = arguments[2],
                                 .target = arguments[3],
                                 .body = str_of(count > 4 ? arguments[4] : "")};
    request.headers.items = headers;
    request.headers.count = count > 5 ? 2 : count > 4 ? 1 : 0;
    if (!http_client_open(&options, &client, &err) ||
        !http_client_send(client, arena, &request, &reply, &err)) {
        (void)fprintf(stderr, "ask: %s\n", err.message);
        return 1;
    }
    (void)printf("%d %.*s\n", reply.status, STR_ARG(reply.body));
    return 0;
}
