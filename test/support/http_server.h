/* support/http_server.h - a server on this machine that answers as a test tells it to. */
#ifndef SUPPORT_HTTP_SERVER_H
#define SUPPORT_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One request. */
typedef struct {
    char method[8], path[512]; // with what is behind a '?'
    char authorization[256];   // "": none
    int64_t begin;             // of "Range: bytes=N-"; -1: none
} http_asked;

/* Begins as {.status = 200, .promised = -1}. */
typedef struct {
    int status;
    const char *headers; // whole lines, or NULL; Content-Length is added
    const char *body;    // borrowed until the next request
    size_t n_bytes;
    int64_t promised; // the Content-Length; -1: as many as there are
    bool stalls;      // behind the body it says no more, and keeps the connection
} http_reply;

typedef struct http_server http_server;

/* answer is called on another thread, one request at a time. */
http_server *http_server_open(void (*answer)(void *user, const http_asked *asked,
                                             http_reply *reply),
                              void *user);
void http_server_close(http_server *s); // NULL is fine

const char *http_server_url(const http_server *s); // "http://127.0.0.1:PORT"

/* What was asked so far. */
int http_server_n_asked(http_server *s);
http_asked http_server_asked(http_server *s, int i);

#endif
