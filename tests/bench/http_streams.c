/* http_streams PORT COUNT: opens COUNT streams of bench_http_server, reads the hello of each, says "open" and
 * keeps them until its input ends. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"

static bool open_stream(uint16_t port)
{
    static const char request[] =
        "GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n"
        "Authorization: Bearer 0123456789012345678901234567890123456789\r\n\r\n";
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    char reply[1024];
    size_t len = 0;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        send(fd, request, sizeof request - 1, 0) != sizeof request - 1)
        return false;
    while (str_search((Str){reply, len}, STR("hello")) == STR_NONE) {
        ssize_t got = recv(fd, reply + len, sizeof reply - len, 0);
        if (got <= 0)
            return false;
        len += (size_t)got;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct rlimit limit;
    uint64_t port, count;
    if (argc != 3 || !str_to_u64(str_of(argv[1]), &port) || !str_to_u64(str_of(argv[2]), &count))
        return 2;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    for (uint64_t i = 0; i < count; i++)
        if (!open_stream((uint16_t)port)) {
            perror("http_streams");
            return 1;
        }
    (void)printf("open\n");
    (void)fflush(stdout);
    while (getchar() != EOF)
        continue;
    return 0;
}
