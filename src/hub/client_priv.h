/* hub/client_priv.h - asking one hub: redirects, who may see the token, what a status
 * means, and trying again. */
#ifndef ASK_HUB_CLIENT_PRIV_H
#define ASK_HUB_CLIENT_PRIV_H

#include "hub/http_priv.h"

typedef struct {
    http_client *http;
    const char *endpoint; // checked (hub_check_endpoint), without a '/' at the end
    const char *token;    // checked (hub_check_token); NULL: none
    int n_tries;          // in a row that bring nothing, before it is given up
    double backoff_s;     // before the second try; then twice as long each time
    const ask_cancel *cancel;
    const ask_logger *log;
    bool reached; // somebody answered
} hub_client;

/* "http://" or "https://", a host, perhaps a port and a path, and nothing else. Fails:
 * ASK_ERR_USAGE. */
bool hub_check_endpoint(const char *url, ask_error *err);

/* Characters that can stand in a header. Fails: ASK_ERR_USAGE, without saying the token. */
bool hub_check_token(const char *token, ask_error *err);

/* Whether two URLs have one scheme, host and port, so that one may be told what is meant
 * for the other. Default ports are not added: ":443" is another host than none. */
bool hub_same_origin(const char *a, const char *b);

/* Whether a redirect may be followed from an endpoint: to a plain URL over HTTPS; over HTTP
 * only when the endpoint itself is. */
bool hub_may_follow(const char *endpoint, const char *url);

/* One attempt: what it was given, and what the next one should know. */
typedef struct {
    bool transient;       // it failed, but may go well another time
    bool got_on;          // it failed, but brought something
    int status;           // of the last answer; 0: none came
    double retry_after_s; // 0: the server said nothing
} hub_try;

/* Asks, following redirects. The token goes to the endpoint's own host alone; from https
 * nothing leads to http. With head_only, a redirect that tells the size of what it leads to
 * is the answer. The etag is the endpoint's own: what others mark their files with is no
 * hash of the hub's. *what stands in front of what the status means: a model
 * (ASK_ERR_MODEL) that is missing, gated or private, or a server (ASK_ERR_IO) that is not
 * well, or where the hub keeps its files and that refuses them. */
bool hub_ask(hub_head *out, hub_client *c, const http_request *r, const char *what,
             hub_try *t, ask_error *err);

/* Calls attempt until it succeeds or fails for good, waiting in between. */
bool hub_persist(hub_client *c, bool (*attempt)(void *user, hub_try *t, ask_error *err),
                 void *user, ask_error *err);

#endif
