#include "wire.h"

#include <event2/bufferevent.h>
#include <event2/http.h>
#include <sys/socket.h>

#include "base/buffer.h"

#define MAX_HEAD 256

void wire_drop(struct evhttp_request *request)
{
    /* A request with a connection goes with it. */
    if (evhttp_request_get_connection(request) == NULL) {
        evhttp_request_free(request);
    }
}

void wire_reset(struct evhttp_request *request)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    if (connection == NULL) {
        evhttp_request_free(request);
        return;
    }
    /* Dissolving the association sends the RST; a close would begin with a FIN, since libevent
     * shuts the socket down first. */
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
    (void)connect(fd, &nobody, sizeof(nobody));
    evhttp_connection_free(connection);
}

void wire_cut(struct evhttp_request *request, int status, struct slice body)
{
    struct buffer head = BUFFER(MAX_HEAD);
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    if (connection == NULL) {
        evhttp_request_free(request);
        return;
    }
    buffer_add_format(&head,
                      "HTTP/1.1 %d Cut\r\nContent-Type: application/json\r\n"
                      "Content-Length: %zu\r\n\r\n",
                      status, body.length);
    int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
    /* Short enough for any socket buffer; if not, it is cut all the more. */
    (void)send(fd, head.data, head.length, MSG_NOSIGNAL | MSG_MORE);
    (void)send(fd, body.data, body.length / 2, MSG_NOSIGNAL);
    buffer_clear(&head);
    evhttp_connection_free(connection);
}
