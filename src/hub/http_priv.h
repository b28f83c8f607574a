/* hub/http_priv.h - one request over HTTP(S) and its answer.
 *
 * HTTP is an optional part: a library that was built without libcurl fails http_open with
 * ASK_ERR_USAGE and says what to install. The only code that knows libcurl. Certificates
 * are checked; redirects are told, not followed; a proxy is taken from the environment, as
 * libcurl does. */
#ifndef ASK_HUB_HTTP_PRIV_H
#define ASK_HUB_HTTP_PRIV_H

#include "base/log.h"
#include "base/version.h"
#include "hub/head_priv.h"

typedef struct http_client http_client;

/* stall_s: whole seconds; a connection that takes so long to be made, or over which
 * nothing came for so long, is given up. */
http_client *http_open(int stall_s, const ask_cancel *cancel, ask_error *err);
void http_close(http_client *c); // NULL is fine

typedef struct {
    const char *url;
    const char *token; // sent as it is; NULL: none
    int64_t begin;     // > 0: bytes from there on are asked for
    bool head_only;    // asks for what stands above the body alone
    /* Called when the head of an answer with status 200 or 206 is there, and then with
     * each piece of its body; false, with *err set, gives the request up. Bodies of other
     * answers are passed over. NULL: not wanted. */
    bool (*begun)(void *user, const hub_head *head, ask_error *err);
    bool (*piece)(void *user, const void *bytes, size_t n_bytes, ask_error *err);
    void *user;
} http_request;

typedef struct {
    hub_head head;
    char *redirect; // owned; where it leads, as a whole URL; NULL: nowhere
} http_answer;

/* *unreached: no answer came, as no connection could be made; *transient: it may go better
 * another time. Both are of failures, which are ASK_ERR_IO (network), ASK_ERR_CANCELLED,
 * ASK_ERR_NOMEM, or what a callback said. */
typedef struct {
    bool unreached, transient;
} http_fault;

bool http_ask(http_answer *out, http_client *c, const http_request *r, http_fault *fault,
              ask_error *err);

#endif
