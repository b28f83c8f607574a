#include "support/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/thread.h"
#include "support/testing.h"

enum { MOST_ASKED = 256, MOST_STALLED = 16, REQUEST_BYTES = 16384 };

struct http_server {
    int listener;
    char url[64];
    void (*answer)(void *user, const http_asked *asked, http_reply *reply);
    void *user;
    ask_thread *thread;
    ask_mutex mutex;
    http_asked asked[MOST_ASKED];
    int n_asked;
    int stalled[MOST_STALLED];
    int n_stalled;
};

/* All up to the empty line. */
static bool read_request(int fd, char *out, size_t size)
{
    size_t n = 0;
    while (n < size - 1) {
        ssize_t came = recv(fd, out + n, size - 1 - n, 0);
        if (came <= 0) return false;
        n += (size_t)came;
        out[n] = '\0';
        if (strstr(out, "\r\n\r\n")) return true;
    }
    return false;
}

static void take_line(http_asked *a, const char *line)
{
    long long begin;
    if (strncasecmp(line, "authorization: ", 15) == 0)
        snprintf(a->authorization, sizeof a->authorization, "%.*s",
                 (int)strcspn(line + 15, "\r\n"), line + 15);
    if (strncasecmp(line, "range: bytes=", 13) == 0 &&
        sscanf(line + 13, "%lld-", &begin) == 1)
        a->begin = begin;
}

static http_asked parse(const char *request)
{
    http_asked a = {.begin = -1};
    sscanf(request, "%7s %511s", a.method, a.path);
    for (const char *line = strstr(request, "\r\n"); line; line = strstr(line + 2, "\r\n"))
        take_line(&a, line + 2);
    return a;
}

static void send_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes += sent;
        n -= (size_t)sent;
    }
}

static void send_reply(int fd, const http_asked *a, const http_reply *r)
{
    char head[4096];
    long long promised = r->promised >= 0 ? (long long)r->promised : (long long)r->n_bytes;
    int n =
        snprintf(head, sizeof head,
                 "HTTP/1.1 %d Said\r\nConnection: close\r\nContent-Length: %lld\r\n%s\r\n",
                 r->status, promised, r->headers ? r->headers : "");
    send_all(fd, head, (size_t)n);
    if (strcmp(a->method, "HEAD") != 0) send_all(fd, r->body, r->n_bytes);
}

static void serve(http_server *s, int fd)
{
    char request[REQUEST_BYTES];
    http_reply r = {.status = 200, .promised = -1};
    if (read_request(fd, request, sizeof request)) {
        http_asked a = parse(request);
        ask_mutex_lock(&s->mutex);
        if (s->n_asked < MOST_ASKED) s->asked[s->n_asked++] = a;
        ask_mutex_unlock(&s->mutex);
        s->answer(s->user, &a, &r);
        send_reply(fd, &a, &r);
    }
    if (r.stalls && s->n_stalled < MOST_STALLED)
        s->stalled[s->n_stalled++] = fd;
    else
        close(fd);
}

static void run(void *user)
{
    http_server *s = user;
    for (;;) {
        int fd = accept(s->listener, NULL, NULL);
        if (fd < 0) return;
        serve(s, fd);
    }
}

http_server *http_server_open(void (*answer)(void *user, const http_asked *asked,
                                             http_reply *reply),
                              void *user)
{
    http_server *s = calloc(1, sizeof *s);
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    ask_error err = {0};
    if (!s) fail_msg("no memory for a server");
    s->answer = answer;
    s->user = user;
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s->listener < 0 || bind(s->listener, (struct sockaddr *)&at, n) != 0 ||
        listen(s->listener, 16) != 0 ||
        getsockname(s->listener, (struct sockaddr *)&at, &n) != 0)
        fail_msg("no server on this machine");
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d", ntohs(at.sin_port));
    CHECK_OK(ask_mutex_open(&s->mutex, &err), &err);
    s->thread = ask_thread_start(run, s, &err);
    CHECK_OK(s->thread, &err);
    return s;
}

void http_server_close(http_server *s)
{
    if (!s) return;
    shutdown(s->listener, SHUT_RDWR); // accept returns
    ask_thread_join(s->thread);
    close(s->listener);
    for (int i = 0; i < s->n_stalled; i++) close(s->stalled[i]);
    ask_mutex_close(&s->mutex);
    free(s);
}

const char *http_server_url(const http_server *s)
{
    return s->url;
}

int http_server_n_asked(http_server *s)
{
    ask_mutex_lock(&s->mutex);
    int n = s->n_asked;
    ask_mutex_unlock(&s->mutex);
    return n;
}

http_asked http_server_asked(http_server *s, int i)
{
    ask_mutex_lock(&s->mutex);
    http_asked a = s->asked[i];
    ask_mutex_unlock(&s->mutex);
    return a;
}
