/* What the files of the server share: the server, its connections, calls and streams.
 *
 * A connection belongs to the server's thread alone. A call belongs to whoever handles it until it is
 * answered. What other threads touch (answered calls, streams, counts, the date) is guarded by `lock`.
 */
#pragma once

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "http/reader.h"

typedef struct Connection Connection;

/* What an epoll event points at. */
typedef enum { SOURCE_WAKE, SOURCE_LISTENER, SOURCE_CONNECTION } SourceKind;
typedef struct {
    SourceKind kind;
    int fd; /* -1: closed */
} Source;

/* Each living connection waits in one list. In a list all wait equally long, so it is in the order of what
 * falls due. */
typedef enum {
    WAIT_HEAD,
    WAIT_IDLE,
    WAIT_BODY,
    WAIT_WRITE,
    WAIT_LINGER,
    WAIT_CALL,   /* for ever */
    WAIT_STREAM, /* likewise */
    WAIT_COUNT,
    WAIT_NONE,
} Wait;
typedef struct {
    Connection *first, *last;
    int64_t span_us;
    size_t count;
} WaitList;

typedef enum {
    STATE_HEAD,   /* a head is read or awaited */
    STATE_BODY,   /* its body is read */
    STATE_CALL,   /* it is being handled */
    STATE_WRITE,  /* the reply goes out */
    STATE_STREAM, /* and goes on */
    STATE_LINGER, /* the reply is out; what still comes is dropped, lest it be lost by a reset */
    STATE_CLOSED,
} ConnectionState;

/* Bytes that came and are not done with: lent by the server while one connection is at work, else owned. */
typedef struct {
    char *data;
    size_t at, len, capacity; /* capacity 0: lent */
    size_t scanned;           /* of what is to be read as a head */
} Input;

struct Connection {
    Source source;
    HttpServer *server;
    Connection *before, *after; /* in its list; `after` also among the closed ones */
    Connection *next_again;     /* more can be done at once, but others come first */
    int64_t since_us;           /* when that wait began */
    int64_t began_us;           /* the first byte of this request */
    HttpCall *call;
    HttpStream *stream;
    Input input;
    size_t lingered_bytes;
    uint16_t *crowd; /* that it is counted in, or NULL */
    uint8_t wait;    /* Wait */
    uint8_t state;   /* ConnectionState */
    bool readable, writable;
    bool peer_done; /* a FIN waits behind what is to be read */
    bool ended;     /* and nothing is left to be read */
    bool on_socket, served, again;
    char peer[46];
};

struct HttpCall {
    HttpServer *server;
    Connection *connection; /* NULL: gone. The server's thread only */
    HttpCall *next;
    Arena *arena;
    ArenaMark start; /* of the arena, behind this call itself */
    HttpHead head;
    uint64_t body_limit_bytes;
    char *body;
    size_t body_len, body_capacity;
    bool handed_out, replied, close;
    HttpStream *stream; /* that goes on from here */
    Str out[2];         /* what is left to send */
    int file_fd;        /* and then, -1: none */
    uint64_t file_at, file_end;
};

struct HttpBytes {
    _Atomic size_t owners;
    size_t front, len; /* of the chunk's size line, of the bytes */
    char data[];
};

struct HttpStream {
    HttpServer *server;
    HttpStream *next_moved;
    Connection *connection; /* the server's thread only */
    HttpBytes **waiting;    /* a ring; only the server's thread takes out */
    uint32_t first, count, capacity;
    size_t sent_bytes; /* of the first one */
    size_t waiting_bytes;
    HttpBytes *last; /* of one that is cut */
    bool chunked;
    bool moved; /* is in that list */
    bool gone;  /* takes nothing any more: lost, or the server ends it */
    bool lost;  /* its connection is gone */
    bool left;  /* by its owner */
    bool cut, ending, head_out;
};

enum { LISTENERS_MOST = 6, SPARE_CALLS_MOST = 16, INPUT_BYTES = 16 << 10, PEER_BUCKETS = 4096 };
typedef struct {
    Source source;
    bool unix_socket, paused;
} Listener;

struct HttpServer {
    HttpServerOptions options;
    Arena *arena;
    Listener listeners[LISTENERS_MOST];
    size_t listener_count;
    Source wake;
    int epoll_fd, spare_fd; /* spare: given up for a moment when descriptors run out */
    int socket_folder_fd;   /* -1: none */
    const char *socket_name, *address;
    uint64_t socket_inode;
    pthread_t thread;

    /* the server's thread only */
    WaitList waits[WAIT_COUNT];
    Connection *closed, *again;
    size_t connection_count;
    uint16_t peers[PEER_BUCKETS]; /* connections of those addresses that fall into each */
    uint64_t peer_seed;           /* so that nobody can choose whose bucket he fills */
    HttpCall *handling;
    HttpCall *spare_calls;
    size_t spare_call_count;
    char *scratch;
    int64_t now_us, resume_us;
    _Atomic bool draining;
    _Atomic size_t connections_now, streams_now;
    _Atomic uint64_t requests, refused, shed;

    pthread_mutex_t lock;
    pthread_cond_t changed; /* drained */
    size_t owners;          /* the opener, each call and stream that is out */
    HttpCall *answered, **answered_end;
    HttpStream *moved, **moved_end;
    bool woken, want_drain, want_stop, drained, stopped;
    int64_t date_s;
    char date[32];
};

/* server.c */
void server_wake_locked(HttpServer *server);
void server_own(HttpServer *server);
void server_disown(HttpServer *server); /* frees it when nobody is left */

/* connection.c */
void connection_open(HttpServer *server, int fd, bool on_socket, const char *peer, uint16_t *crowd);
void connection_event(Connection *connection, uint32_t events);
void connection_step(Connection *connection); /* all that can be done now */
void connection_close(Connection *connection);
void connection_expire(Connection *connection); /* its deadline is over */

/* crowd.c: what goes when there are too many. Who came by the unix socket is this user, and nobody from
 * elsewhere pushes him out: a part of all places is kept for him. */
enum { CROWD_KEPT_PART = 64 };
uint16_t *crowd_of(HttpServer *server, const struct sockaddr *address); /* NULL: without limit */
bool crowd_admits(HttpServer *server, bool on_socket, const uint16_t *crowd); /* may shed one */
bool crowd_shed(HttpServer *server, bool for_socket); /* one that is idle; false: none is */
void crowd_thin(HttpServer *server);                  /* of those who owe a request */

/* request.c: a head and its body are read, and handed on */
bool request_advance(Connection *connection); /* true: it moved */
void request_refuse(Connection *connection, int status, const char *why);

/* wait.c */
void wait_for(Connection *connection, Wait wait, int64_t since_us);
int wait_timeout_ms(const HttpServer *server);
void wait_expire(HttpServer *server);

/* input.c */
Str input_view(const Input *input);
void input_use(Input *input, size_t bytes);
bool input_read(Connection *connection); /* false: nothing came; see readable and ended */
/* What recv gave: true when that is something. */
bool input_got(Connection *connection, ssize_t got, size_t room);
void input_keep(Connection *connection); /* before another connection is at work */
void input_free(Input *input);

/* call.c */
HttpCall *call_new(Connection *connection);
void call_free(HttpCall *call);
char *call_body_room(HttpCall *call, size_t wanted, size_t *room);
void call_answer(HttpCall *call, const HttpReply *reply); /* by the server itself */

/* stream.c */
HttpStream *stream_new(const HttpCall *call);
void stream_begin(HttpStream *stream, Str head);
void stream_moved(HttpStream *stream); /* something waits, or it was left */
void stream_attach(
    HttpCall *call); /* to the call's connection, if that is still there; the call is gone */
bool stream_flush(Connection *connection); /* false: it is at its end, or broken */
void stream_end(HttpStream *stream);       /* by the server */
bool stream_is_ending(HttpStream *stream); /* nothing is added any more */
void stream_lose(HttpStream *stream);      /* its connection is gone */

/* reply.c: the head of a reply in the call's arena; no length: NULL */
Str reply_head(HttpCall *call, int status, const HttpHeaders *headers,
               const uint64_t *length_bytes);
bool reply_has_body(int status);

/* listen.c */
bool listen_open(HttpServer *server, Error *err);
void listen_close(HttpServer *server);
void listen_accept(Listener *listener, HttpServer *server);
void listen_resume(HttpServer *server);
bool listen_is_loopback(const struct sockaddr *address); /* of TCP */
