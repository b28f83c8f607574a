#include "hub/client_priv.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/str.h"

enum { MOST_HOPS = 8, MOST_URL = 8192, MOST_TOKEN = 1024, HOST_BYTES = 120 };

static const double LONGEST_WAIT_S = 60;

/* ---- URLs ---- */

/* scheme://host:port, as many characters of the URL. 0: there is none, or there is what
 * programs read in different ways, such as a user in front of the host. */
static size_t origin_chars(const char *url)
{
    const char *host = strstr(url, "://");
    if (!host) return 0;
    host += 3;
    size_t n = strcspn(host, "/?#");
    for (size_t i = 0; i < n; i++)
        if ((host[i] & 0x80) ||
            !(isalnum((unsigned char)host[i]) || strchr("-._:[]", host[i])))
            return 0;
    return n ? (size_t)(host - url) + n : 0;
}

static bool is_plain_http(const char *url)
{
    return strncasecmp(url, "http://", 7) == 0;
}

static bool is_http(const char *url)
{
    return is_plain_http(url) || strncasecmp(url, "https://", 8) == 0;
}

bool hub_same_origin(const char *a, const char *b)
{
    size_t n = origin_chars(a);
    return n > 0 && n == origin_chars(b) && strncasecmp(a, b, n) == 0;
}

/* Scheme and host of what is no good URL, to be shown: a path may hold a signature, and
 * what is in front of an '@' a password. */
static void show_host(char *out, size_t size, const char *url)
{
    const char *colon = strstr(url, "://"), *at = strrchr(url, '@');
    int n_scheme = colon ? (int)(colon + 3 - url) : 0;
    if (n_scheme > 8 || (at && colon && at < colon)) n_scheme = 0;
    const char *host = at ? at + 1 : url + n_scheme;
    ask_format(out, size, "%.*s%.*s", n_scheme, url, (int)strcspn(host, "/?#\\"), host);
}

bool hub_check_endpoint(const char *url, ask_error *err)
{
    char host[HOST_BYTES];
    size_t n = strlen(url);
    bool ok = is_http(url) && origin_chars(url) > 0 && n < 1024;
    for (size_t i = 0; i < n && ok; i++)
        ok = isgraph((unsigned char)url[i]) && !strchr("?#\\@", url[i]);
    if (ok) return true;
    show_host(host, sizeof host, url);
    return ask_fail(err, ASK_ERR_USAGE,
                    "\"%s\" is not the address of a hub: it is like "
                    "https://huggingface.co, without '@', '?' and '#'",
                    host);
}

bool hub_check_token(const char *token, ask_error *err)
{
    size_t n = strlen(token);
    bool ok = n > 0 && n <= MOST_TOKEN;
    for (size_t i = 0; i < n && ok; i++)
        ok = (token[i] & 0x80) == 0 && isgraph((unsigned char)token[i]);
    return ok || ask_fail(err, ASK_ERR_USAGE,
                          "the token for the hub is empty, too long, or has characters "
                          "that no token has");
}

bool hub_may_follow(const char *endpoint, const char *url)
{
    return is_http(url) && origin_chars(url) > 0 && strlen(url) < MOST_URL &&
           (!is_plain_http(url) || is_plain_http(endpoint));
}

static bool check_hop(const hub_client *c, const char *url, const char *what,
                      ask_error *err)
{
    char host[HOST_BYTES];
    if (hub_may_follow(c->endpoint, url)) return true;
    show_host(host, sizeof host, url);
    return ask_fail(err, ASK_ERR_IO,
                    "%s: the hub sends us to %s, which is not safe to follow", what, host);
}

/* ---- what a status means ---- */

static bool is_error(const hub_head *h, const char *code)
{
    return strcmp(h->error_code, code) == 0;
}

/* Behind a message: what the server says itself. */
static bool fail_said(const hub_head *h, const char *what, const char *meaning,
                      ask_error *err)
{
    const char *said = h->error_message;
    return ask_fail(err, ASK_ERR_MODEL, "%s: %s (%d%s%s)", what, meaning, h->status,
                    *said ? ": " : "", said);
}

static bool fail_refused(const hub_client *c, const hub_head *h, const char *what,
                         ask_error *err)
{
    if (is_error(h, "GatedRepo"))
        return fail_said(h, what,
                         c->token ? "the model is gated: ask for access on its page"
                                  : "the model is gated: ask for access on its page, and "
                                    "set HF_TOKEN",
                         err);
    return fail_said(h, what,
                     c->token ? "there is no such model, or HF_TOKEN may not read it"
                              : "there is no such model, or it is private or gated; then "
                                "set HF_TOKEN",
                     err);
}

static bool fail_absent(const hub_head *h, const char *what, ask_error *err)
{
    const char *meaning = "the hub does not have it";
    if (is_error(h, "RepoNotFound")) meaning = "there is no such model";
    if (is_error(h, "RevisionNotFound")) meaning = "the model has no such revision";
    if (is_error(h, "EntryNotFound")) meaning = "the model has no such file";
    return fail_said(h, what, meaning, err);
}

static bool is_passing(int status)
{
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

/* Where the hub keeps its files may know nothing of users: what it is shown has a date, and
 * a new one comes with asking the hub again. */
static bool fail_storage(const hub_head *h, const char *url, const char *what, hub_try *t,
                         ask_error *err)
{
    t->transient = true;
    return ask_fail(err, ASK_ERR_IO,
                    "%s: %.*s, where the hub keeps it, refuses to send it (%d); try again "
                    "later",
                    what, (int)origin_chars(url), url, h->status);
}

/* Of the answer that url gave. */
static bool judge(const hub_client *c, const hub_head *h, const char *url, const char *what,
                  hub_try *t, ask_error *err)
{
    t->status = h->status;
    if (h->status == 200 || h->status == 206) return true;
    if (h->status == 401 || h->status == 403)
        return hub_same_origin(url, c->endpoint) ? fail_refused(c, h, what, err)
                                                 : fail_storage(h, url, what, t, err);
    if (h->status == 404) return fail_absent(h, what, err);
    t->transient = is_passing(h->status);
    t->retry_after_s = (double)h->retry_after_s;
    return ask_fail(err, ASK_ERR_IO, "%s: the server answers with status %d", what,
                    h->status);
}

/* ---- asking ---- */

/* What the last answer tells, and an earlier one told of the file it led to. */
static hub_head merged(const hub_head *last, const hub_head *before)
{
    hub_head h = *last;
    if (!h.linked_etag[0]) memcpy(h.linked_etag, before->linked_etag, sizeof h.linked_etag);
    if (h.linked_bytes < 0) h.linked_bytes = before->linked_bytes;
    return h;
}

static bool ask_once(http_answer *out, hub_client *c, const http_request *r, hub_try *t,
                     ask_error *err)
{
    http_fault fault;
    http_request once = *r;
    once.token = hub_same_origin(r->url, c->endpoint) ? c->token : NULL;
    if (http_ask(out, c->http, &once, &fault, err)) {
        c->reached = true;
        return true;
    }
    // Who could not be reached at all is not there, rather than busy.
    t->transient = fault.transient && (c->reached || !fault.unreached);
    return false;
}

bool hub_ask(hub_head *out, hub_client *c, const http_request *r, const char *what,
             hub_try *t, ask_error *err)
{
    http_request hop = *r;
    hub_head known = {.linked_bytes = -1};
    char *url = NULL; // of the hop, when it is not the first
    bool ok = false;
    for (int i = 0;; i++) {
        http_answer a;
        if (!ask_once(&a, c, &hop, t, err)) break;
        known = merged(&a.head, &known);
        if (!a.redirect) {
            if (!hub_same_origin(hop.url, c->endpoint)) known.etag[0] = '\0';
            ok = judge(c, &known, hop.url, what, t, err);
            break;
        }
        free(url);
        url = a.redirect;
        hop.url = url;
        if (r->head_only && known.linked_bytes >= 0) {
            known.status = 200; // what was asked for is told by the redirect,
            known.n_bytes = -1; // whose own body and mark are another thing
            known.etag[0] = '\0';
            ok = true;
            break;
        }
        if (i == MOST_HOPS) {
            ask_fail(err, ASK_ERR_IO, "%s: the hub sends us from place to place", what);
            break;
        }
        if (!check_hop(c, url, what, err)) break;
    }
    free(url);
    if (ok) *out = known;
    return ok;
}

/* ---- trying again ---- */

static bool wait_for(const hub_client *c, double seconds, ask_error *err)
{
    const double slice_s = 0.05;
    double end_s = ask_clock_s() + seconds, left_s;
    while ((left_s = end_s - ask_clock_s()) > 0) {
        if (!ask_cancel_check(c->cancel, err)) return false;
        double nap_s = left_s < slice_s ? left_s : slice_s;
        nanosleep(&(struct timespec){.tv_nsec = (long)(nap_s * 1e9)}, NULL);
    }
    return ask_cancel_check(c->cancel, err);
}

bool hub_persist(hub_client *c, bool (*attempt)(void *user, hub_try *t, ask_error *err),
                 void *user, ask_error *err)
{
    double wait_s = c->backoff_s;
    for (int n_vain = 0;;) {
        hub_try t = {0};
        ask_error why = {0};
        if (attempt(user, &t, &why)) return true;
        if (t.got_on) n_vain = 0, wait_s = c->backoff_s;
        if (!t.transient || ++n_vain >= c->n_tries) {
            if (err) *err = why;
            return false;
        }
        double pause_s = t.retry_after_s > wait_s ? t.retry_after_s : wait_s;
        if (pause_s > LONGEST_WAIT_S) pause_s = LONGEST_WAIT_S;
        ask_log_send(c->log, ASK_LOG_WARNING, "%s; trying again", why.message);
        if (!wait_for(c, pause_s, err)) return false;
        wait_s *= 2;
    }
}
