#include "hub/http_priv.h"

#include "hub/hub.h"

#ifdef ASK_HAVE_CURL

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* Pieces of this size, and no more of a body that nobody wants. */
enum { PIECE_BYTES = 256 << 10, MOST_UNWANTED = 1 << 20 };

struct http_client {
    CURL *curl;
    const ask_cancel *cancel;
    // of the request that is under way
    const http_request *request;
    hub_head head;
    bool begun;
    int64_t n_unwanted;
    ask_error error; // of a callback; ASK_OK: none
    char why[CURL_ERROR_SIZE];
};

bool ask_hub_library(ask_library *out)
{
    *out = (ask_library){.name = "libcurl"};
    ask_format(out->version, sizeof out->version, "%s",
               curl_version_info(CURLVERSION_NOW)->version);
    return true;
}

/* ---- called by libcurl ---- */

static size_t on_header(char *line, size_t size, size_t n, void *user)
{
    http_client *c = user;
    hub_head_line(&c->head, line, size * n);
    return size * n;
}

/* True to go on. */
static bool begin(http_client *c)
{
    if (c->begun || !c->request->begun) return true;
    c->begun = true;
    return c->request->begun(c->request->user, &c->head, &c->error);
}

static size_t on_piece(char *bytes, size_t size, size_t n, void *user)
{
    http_client *c = user;
    const http_request *r = c->request;
    size_t n_bytes = size * n;
    if (c->head.status != 200 && c->head.status != 206) {
        c->n_unwanted += (int64_t)n_bytes;
        return c->n_unwanted <= MOST_UNWANTED ? n_bytes : 0;
    }
    if (!begin(c)) return 0;
    bool ok = !r->piece || r->piece(r->user, bytes, n_bytes, &c->error);
    return ok ? n_bytes : 0;
}

static int on_progress(void *user, curl_off_t a, curl_off_t b, curl_off_t d, curl_off_t e)
{
    (void)a, (void)b, (void)d, (void)e;
    const http_client *c = user;
    return ask_cancel_signal(c->cancel) != 0;
}

/* ---- requests ---- */

http_client *http_open(int stall_s, const ask_cancel *cancel, ask_error *err)
{
    http_client *c = calloc(1, sizeof *c);
    if (!c || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(c);
        ask_fail_memory(err);
        return NULL;
    }
    c->cancel = cancel;
    c->curl = curl_easy_init();
    if (!c->curl) {
        http_close(c);
        ask_fail_memory(err);
        return NULL;
    }
    CURL *h = c->curl;
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_USERAGENT, "askance/" ASK_VERSION);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, (long)stall_s);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, (long)stall_s);
    curl_easy_setopt(h, CURLOPT_BUFFERSIZE, (long)PIECE_BYTES);
    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, c->why);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, c);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_piece);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(h, CURLOPT_XFERINFODATA, c);
    return c;
}

void http_close(http_client *c)
{
    if (!c) return;
    if (c->curl) curl_easy_cleanup(c->curl);
    curl_global_cleanup();
    free(c);
}

static bool add_header(struct curl_slist **list, const char *text)
{
    struct curl_slist *longer = curl_slist_append(*list, text);
    if (longer) *list = longer;
    return longer;
}

/* Bodies are wanted as they are: an encoding would change sizes and places. */
static bool make_headers(struct curl_slist **out, const http_request *r)
{
    ask_str token = {0};
    if (r->token) ask_str_printf(&token, "Authorization: Bearer %s", r->token);
    bool ok = !token.failed && add_header(out, "Accept-Encoding: identity") &&
              (!r->token || add_header(out, ask_str_text(&token)));
    ask_str_free(&token);
    return ok;
}

static CURLcode perform(http_client *c, struct curl_slist *headers)
{
    const http_request *r = c->request;
    char range[32];
    ask_format(range, sizeof range, "%lld-", (long long)r->begin);
    curl_easy_setopt(c->curl, CURLOPT_URL, r->url);
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c->curl, CURLOPT_RANGE, r->begin > 0 ? range : NULL);
    curl_easy_setopt(c->curl, CURLOPT_NOBODY, r->head_only ? 1L : 0L);
    if (!r->head_only) curl_easy_setopt(c->curl, CURLOPT_HTTPGET, 1L);
    CURLcode code = curl_easy_perform(c->curl);
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, NULL);
    return code;
}

/* There was no connection to speak over. */
static bool is_unreached(const http_client *c, CURLcode code)
{
    curl_off_t connected_us = 0;
    curl_easy_getinfo(c->curl, CURLINFO_CONNECT_TIME_T, &connected_us);
    return code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_COULDNT_RESOLVE_HOST ||
           code == CURLE_COULDNT_CONNECT || code == CURLE_SSL_CONNECT_ERROR ||
           (code == CURLE_OPERATION_TIMEDOUT && connected_us == 0);
}

/* What has to do with the line, or with a server that is not well. */
static bool is_transient(CURLcode code)
{
    static const CURLcode codes[] = {
        CURLE_COULDNT_RESOLVE_PROXY,
        CURLE_COULDNT_RESOLVE_HOST,
        CURLE_COULDNT_CONNECT,
        CURLE_SSL_CONNECT_ERROR,
        CURLE_OPERATION_TIMEDOUT,
        CURLE_PARTIAL_FILE,
        CURLE_GOT_NOTHING,
        CURLE_SEND_ERROR,
        CURLE_RECV_ERROR,
        CURLE_HTTP2,
        CURLE_HTTP2_STREAM,
        CURLE_WEIRD_SERVER_REPLY,
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (code == codes[i]) return true;
    return false;
}

/* scheme://host of a URL: the rest may hold a signature. */
static int host_chars(const char *url)
{
    const char *begin = strstr(url, "://");
    return begin ? (int)(begin + 3 - url + (long)strcspn(begin + 3, "/?#")) : 0;
}

static bool fail_network(const http_client *c, CURLcode code, ask_error *err)
{
    const char *url = c->request->url;
    int n = host_chars(url);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return ask_fail(err, ASK_ERR_IO, "%.*s: nothing came for too long", n, url);
    return ask_fail(err, ASK_ERR_IO, "%.*s: %s", n, url,
                    c->why[0] ? c->why : curl_easy_strerror(code));
}

/* What a transfer that did not end well was stopped by. */
static bool judge(http_fault *fault, http_client *c, CURLcode code, ask_error *err)
{
    if (c->error.code != ASK_OK) {
        if (err) *err = c->error;
        return false;
    }
    if (code == CURLE_OUT_OF_MEMORY) return ask_fail_memory(err);
    // After as much of an unwanted body as there may be, the answer is known all the same.
    if (code == CURLE_OK || c->n_unwanted > MOST_UNWANTED) return true;
    if (!ask_cancel_check(c->cancel, err)) return false;
    *fault = (http_fault){is_unreached(c, code), is_transient(code)};
    return fail_network(c, code, err);
}

static bool take_redirect(http_answer *out, http_client *c, ask_error *err)
{
    char *url = NULL;
    curl_easy_getinfo(c->curl, CURLINFO_REDIRECT_URL, &url);
    out->redirect = url ? ask_strdup(url, err) : NULL;
    return out->redirect || !url;
}

bool http_ask(http_answer *out, http_client *c, const http_request *r, http_fault *fault,
              ask_error *err)
{
    *fault = (http_fault){0};
    c->request = r;
    c->head = (hub_head){0};
    c->begun = false;
    c->n_unwanted = 0;
    c->error = (ask_error){0};
    c->why[0] = '\0';
    struct curl_slist *headers = NULL;
    CURLcode code = CURLE_OUT_OF_MEMORY;
    if (make_headers(&headers, r)) code = perform(c, headers);
    curl_slist_free_all(headers);
    // A body without a byte has begun, too.
    bool wanted = c->head.status == 200 || c->head.status == 206;
    bool begun = code != CURLE_OK || !wanted || r->head_only || begin(c);
    http_answer a = {.head = c->head};
    if (!begun) code = CURLE_WRITE_ERROR;
    if (!judge(fault, c, code, err) || !take_redirect(&a, c, err)) return false;
    *out = a;
    return true;
}

#endif
