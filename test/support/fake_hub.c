#include "support/fake_hub.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "support/testing.h"

static void sha256_hex(char out[65], const fake_file *f)
{
    uint8_t digest[ASK_SHA256_BYTES];
    ask_sha256_of(digest, f->bytes, f->n_bytes);
    ask_hex(out, digest, sizeof digest);
}

static void git_hex(char out[65], const fake_file *f)
{
    uint8_t digest[ASK_SHA1_BYTES];
    char head[64];
    int n = snprintf(head, sizeof head, "blob %zu", f->n_bytes);
    ask_sha1 s;
    ask_sha1_begin(&s);
    ask_sha1_update(&s, head, (size_t)n + 1);
    ask_sha1_update(&s, f->bytes, f->n_bytes);
    ask_sha1_end(&s, digest);
    ask_hex(out, digest, sizeof digest);
}

void fake_hub_hash(char out[65], const fake_file *f)
{
    f->lfs ? sha256_hex(out, f) : git_hex(out, f);
}

/* ---- answers ---- */

/* What looks like a hash, and is none of the file. */
#define OTHER_ETAG "ETag: \"" FAKE_COMMIT "\"\r\n"

static void append_file(char *out, size_t size, const fake_hub *h, const fake_file *f)
{
    char hash[65];
    size_t n = strlen(out);
    fake_hub_hash(hash, f);
    n += (size_t)snprintf(out + n, size - n, "{\"rfilename\":\"%s\"", f->path);
    if (!h->no_sizes && f->lfs)
        n += (size_t)snprintf(
            out + n, size - n,
            ",\"size\":%zu,\"blobId\":\"%.40s\",\"lfs\":{\"sha256\":\"%s\","
            "\"size\":%zu,\"pointerSize\":134}",
            f->n_bytes, hash, hash, f->n_bytes);
    if (!h->no_sizes && !f->lfs)
        n += (size_t)snprintf(out + n, size - n, ",\"size\":%zu,\"blobId\":\"%s\"",
                              f->n_bytes, hash);
    snprintf(out + n, size - n, "},");
}

static void answer_listing(fake_hub *h, const http_asked *asked, http_reply *r)
{
    static const char head[] =
        "{\"id\":\"owner/name\",\"sha\":\"" FAKE_COMMIT "\",\"siblings\":[";
    if (h->n_500 > 0 && h->n_500--) {
        r->status = 500;
        return;
    }
    const char *known =
        h->no_revisions ? "/owner/name?blobs=true" : "/owner/name/revision/main?blobs=true";
    if (!strstr(asked->path, known)) {
        bool model = strstr(asked->path, "/owner/name/");
        r->status = model ? 404 : 401;
        r->headers =
            model ? "X-Error-Code: RevisionNotFound\r\n" : "X-Error-Code: RepoNotFound\r\n";
        return;
    }
    snprintf(h->body, sizeof h->body, "%s", head);
    for (int i = 0; i < h->n_files; i++)
        append_file(h->body, sizeof h->body, h, &h->files[i]);
    h->body[strlen(h->body) - 1] = ']';
    strcat(h->body, "}");
    r->body = h->listing ? h->listing : h->body;
    r->n_bytes = h->listing ? h->listing_bytes : strlen(h->body);
}

/* The part that was asked for, or all. */
static void answer_part(fake_hub *h, const fake_file *f, int64_t begin, http_reply *r)
{
    r->body = f->bytes;
    r->n_bytes = f->n_bytes;
    if (begin < 0) return;
    snprintf(h->headers, sizeof h->headers, "Content-Range: bytes %" PRId64 "-%zu/%zu\r\n",
             begin, f->n_bytes - 1, f->n_bytes);
    r->status = 206;
    r->headers = h->headers;
    r->body += begin;
    r->n_bytes -= (size_t)begin;
}

static void halve(http_reply *r)
{
    r->promised = (int64_t)r->n_bytes;
    r->n_bytes /= 2;
}

static void answer_fault(fake_hub *h, const fake_file *f, const http_asked *asked,
                         http_reply *r)
{
    bool ranged = asked->begin >= 0;
    answer_part(h, f, asked->begin, r);
    switch (f->fault) {
    case FAKE_CUT:
    case FAKE_STALL:
        halve(r);
        r->stalls = f->fault == FAKE_STALL;
        break;
    case FAKE_NO_RANGE:
        *r = (http_reply){.status = 200, .promised = -1};
        answer_part(h, f, -1, r);
        break;
    case FAKE_OTHER_RANGE:
        if (ranged) {
            *r = (http_reply){.status = 200, .promised = -1};
            answer_part(h, f, 0, r);
        }
        break;
    case FAKE_416:
    case FAKE_416_CUT:
        if (ranged)
            *r = (http_reply){.status = 416, .promised = -1};
        else if (f->fault == FAKE_416_CUT)
            halve(r);
        break;
    case FAKE_WRONG_BYTES:
        memcpy(h->body, r->body, r->n_bytes);
        h->body[r->n_bytes - 1] ^= 1;
        r->body = h->body;
        break;
    case FAKE_SHORT:
        r->n_bytes--;
        break;
    case FAKE_LONG:
        memcpy(h->body, r->body, r->n_bytes);
        r->body = h->body;
        r->n_bytes++;
        break;
    case FAKE_403:
        *r = (http_reply){.status = 403, .promised = -1};
        break;
    case FAKE_404:
        *r = (http_reply){.status = 404, .promised = -1};
        r->headers = "X-Error-Code: EntryNotFound\r\n";
        break;
    case FAKE_500:
        *r = (http_reply){.status = 503, .promised = -1};
        break;
    case FAKE_FINE:
        break;
    }
}

static void answer_bytes(fake_hub *h, fake_file *f, const http_asked *asked, http_reply *r)
{
    if (f->n_faults > 0 && f->n_faults--)
        answer_fault(h, f, asked, r);
    else
        answer_part(h, f, asked->begin, r);
}

static void answer_redirect(fake_hub *h, const fake_file *f, http_reply *r)
{
    char hash[65];
    sha256_hex(hash, f);
    int n = snprintf(h->headers, sizeof h->headers, "Location: %s%s%s\r\n",
                     h->redirect ? h->redirect : http_server_url(h->store),
                     h->redirect ? "" : "/store/", h->redirect ? "" : f->path);
    n += snprintf(h->headers + n, sizeof h->headers - (size_t)n, OTHER_ETAG);
    if (!h->no_hashes)
        snprintf(h->headers + n, sizeof h->headers - (size_t)n,
                 "X-Linked-Size: %zu\r\nX-Linked-Etag: \"%s\"\r\n", f->n_bytes, hash);
    static const char body[] = "Found. Redirecting to another host";
    r->status = 302;
    r->headers = h->headers;
    r->body = body;
    r->n_bytes = sizeof body - 1;
}

static void answer_file(fake_hub *h, fake_file *f, const http_asked *asked, http_reply *r)
{
    if (f->lfs) {
        answer_redirect(h, f, r);
        return;
    }
    answer_bytes(h, f, asked, r);
    if (h->no_hashes || r->headers) return;
    char hash[65];
    git_hex(hash, f);
    snprintf(h->headers, sizeof h->headers, "ETag: \"%s\"\r\n", hash);
    r->headers = h->headers;
}

static void answer_hub(void *user, const http_asked *asked, http_reply *r)
{
    fake_hub *h = user;
    static const char files[] = "/owner/name/resolve/" FAKE_COMMIT "/";
    char expected[256];
    snprintf(expected, sizeof expected, "Bearer %s", h->token ? h->token : "");
    if (h->token && strcmp(asked->authorization, expected) != 0) {
        r->status = 401;
        r->headers = "X-Error-Message: who are you\r\n";
        return;
    }
    if (strncmp(asked->path, "/api/models/", 12) == 0) {
        answer_listing(h, asked, r);
        return;
    }
    fake_file *f = strncmp(asked->path, files, strlen(files)) == 0
                       ? fake_hub_file(h, asked->path + strlen(files))
                       : NULL;
    if (h->gated) {
        r->status = 403;
        r->headers = "X-Error-Code: GatedRepo\r\n";
    } else if (f)
        answer_file(h, f, asked, r);
    else
        r->status = 404;
}

static void answer_store(void *user, const http_asked *asked, http_reply *r)
{
    fake_hub *h = user;
    fake_file *f =
        strncmp(asked->path, "/store/", 7) == 0 ? fake_hub_file(h, asked->path + 7) : NULL;
    if (f)
        answer_bytes(h, f, asked, r);
    else
        r->status = 404;
    if (!r->headers) r->headers = OTHER_ETAG;
}

/* ---- the hub ---- */

fake_file *fake_hub_file(fake_hub *h, const char *path)
{
    for (int i = 0; i < h->n_files; i++)
        if (strcmp(h->files[i].path, path) == 0) return &h->files[i];
    return NULL;
}

fake_file *fake_hub_put(fake_hub *h, const char *path, const char *bytes, size_t n_bytes,
                        bool lfs)
{
    fake_file *f = fake_hub_file(h, path);
    if (!f) f = &h->files[h->n_files++];
    *f = (fake_file){.path = path, .bytes = bytes, .n_bytes = n_bytes, .lfs = lfs};
    return f;
}

fake_hub *fake_hub_open(void)
{
    static char weights[20000];
    static const char readme[] = "# A model\n", config[] = "{}\n", words[] = "{\"a\":0}\n";
    fake_hub *h = calloc(1, sizeof *h);
    if (!h) fail_msg("no memory for a hub");
    for (size_t i = 0; i < sizeof weights; i++) weights[i] = (char)(i * i >> 5);
    fake_hub_put(h, "README.md", readme, sizeof readme - 1, false);
    fake_hub_put(h, "config.json", config, sizeof config - 1, false);
    fake_hub_put(h, "tokenizer.json", words, sizeof words - 1, false);
    fake_hub_put(h, "model.safetensors", weights, sizeof weights, true);
    fake_hub_put(h, "pytorch_model.bin", weights, 1000, true);
    fake_hub_put(h, "onnx/model.onnx", weights, 2000, true);
    h->server = http_server_open(answer_hub, h);
    h->store = http_server_open(answer_store, h);
    return h;
}

void fake_hub_close(fake_hub *h)
{
    if (!h) return;
    http_server_close(h->server);
    http_server_close(h->store);
    free(h);
}

int fake_hub_n_asked(http_server *s, const char *path, int64_t *last_begin)
{
    int n = 0;
    for (int i = 0; i < http_server_n_asked(s); i++) {
        http_asked a = http_server_asked(s, i);
        size_t length = strlen(a.path), tail = strlen(path);
        if (length < tail || strcmp(a.path + length - tail, path) != 0) continue;
        n++;
        if (last_begin) *last_begin = a.begin;
    }
    return n;
}
