#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/map.h"
#include "base/number.h"
#include "base/partial.h"
#include "base/str.h"
#include "hub/fetch_priv.h"

enum { CHUNK_BYTES = 1 << 20 };

/* An attempt that brings so much more than was ever there has got on, and the next failure
 * is the first again. */
static const int64_t SOME_BYTES = 1 << 20;

/* ---- hashes ---- */

/* Of a file: SHA-256, or what git calls a blob: the SHA-1 of its size and its bytes. */
typedef struct {
    bool is_sha256, is_git;
    ask_sha256 sha256;
    ask_sha1 sha1;
} hasher;

static void hasher_begin(hasher *h, const hub_file *file)
{
    *h = (hasher){.is_sha256 = strlen(file->hash) == 2 * ASK_SHA256_BYTES,
                  .is_git = strlen(file->hash) == 2 * ASK_SHA1_BYTES};
    char head[64];
    int n = ask_format(head, sizeof head, "blob %" PRId64, file->n_bytes);
    ask_sha256_begin(&h->sha256);
    ask_sha1_begin(&h->sha1);
    ask_sha1_update(&h->sha1, head, (size_t)n + 1); // its NUL belongs to it
}

static void hasher_add(hasher *h, const void *bytes, size_t n_bytes)
{
    if (h->is_sha256) ask_sha256_update(&h->sha256, bytes, n_bytes);
    if (h->is_git) ask_sha1_update(&h->sha1, bytes, n_bytes);
}

/* Whether it came to the hash that the hub tells, or the hub tells none. */
static bool hasher_agrees(hasher *h, const hub_file *file)
{
    uint8_t digest[ASK_SHA256_BYTES];
    char hex[2 * ASK_SHA256_BYTES + 1] = "";
    if (h->is_sha256) {
        ask_sha256_end(&h->sha256, digest);
        ask_hex(hex, digest, ASK_SHA256_BYTES);
    }
    if (h->is_git) {
        ask_sha1_end(&h->sha1, digest);
        ask_hex(hex, digest, ASK_SHA1_BYTES);
    }
    return strcmp(hex, file->hash) == 0;
}

/* Adds all that is there of a file, telling the progress. */
static bool hash_partial(hasher *h, ask_partial *p, const char *path, hub_pace *pace,
                         ask_error *err)
{
    char *chunk = malloc(CHUNK_BYTES);
    if (!chunk) return ask_fail_memory(err);
    int64_t offset = 0;
    size_t n = 1;
    bool ok = true;
    while (ok && n > 0) {
        ok = ask_cancel_check(pace->cancel, err) &&
             ask_partial_read(&n, p, chunk, CHUNK_BYTES, offset, err);
        if (!ok) break;
        hasher_add(h, chunk, n);
        offset += (int64_t)n;
        hub_pace_add(pace, (int64_t)n, false, path);
    }
    free(chunk);
    if (!ok) hub_pace_add(pace, -offset, false, path);
    return ok;
}

static bool hash_map(hasher *h, const ask_map *map, const char *path, hub_pace *pace,
                     ask_error *err)
{
    size_t n;
    for (size_t at = 0; at < map->n_bytes; at += n) {
        if (!ask_cancel_check(pace->cancel, err)) {
            hub_pace_add(pace, -(int64_t)at, false, path);
            return false;
        }
        n = map->n_bytes - at < CHUNK_BYTES ? map->n_bytes - at : CHUNK_BYTES;
        hasher_add(h, (const char *)map->data + at, n);
        hub_pace_add(pace, (int64_t)n, false, path);
    }
    return true;
}

bool hub_file_is(bool *out, const char *path, const hub_file *file, hub_pace *pace,
                 ask_error *err)
{
    struct stat info;
    ask_map map = {0};
    hasher h;
    *out = false;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size != file->n_bytes)
        return true;
    if (!ask_map_open(&map, path, err)) return false;
    hasher_begin(&h, file);
    bool ok = hash_map(&h, &map, file->path, pace, err);
    ask_map_close(&map);
    if (!ok) return false;
    *out = hasher_agrees(&h, file);
    if (!*out) hub_pace_add(pace, -file->n_bytes, false, file->path);
    return true;
}

/* ---- what comes ---- */

typedef struct {
    const hub_fetch *f;
    ask_partial *partial;
    hasher hash; // of what is in partial
    int64_t n_kept, asked_from;
    int64_t furthest; // bytes that were there at some time
    bool no_parts;    // the server does not send what it is asked for: all or nothing
} coming;

static bool begin_anew(coming *c, ask_error *err)
{
    hub_pace_add(c->f->pace, -ask_partial_bytes(c->partial), false, c->f->file->path);
    c->n_kept = 0;
    hasher_begin(&c->hash, c->f->file);
    return ask_partial_clear(c->partial, err);
}

/* Of a file that has another size than the hub says. */
static bool fail_size(const coming *c, int64_t n_bytes, ask_error *err)
{
    return ask_fail(err, ASK_ERR_MODEL,
                    "%s: the hub says that it has %" PRId64 " bytes, and sends %" PRId64
                    "; try again later",
                    c->f->file->path, c->f->file->n_bytes, n_bytes);
}

/* A server may send all where the rest was asked for; a part must be the one asked for. */
static bool on_begun(void *user, const hub_head *head, ask_error *err)
{
    coming *c = user;
    int64_t total = c->f->file->n_bytes;
    if (head->status == 206) {
        bool is_it = c->asked_from > 0 && head->begin == c->asked_from &&
                     (head->total < 0 || head->total == total);
        c->no_parts = !is_it;
        return is_it || ask_fail(err, ASK_ERR_IO,
                                 "%s: the server sends another part than was asked for",
                                 c->f->file->path);
    }
    if (head->n_bytes >= 0 && head->n_bytes != total)
        return fail_size(c, head->n_bytes, err);
    return c->asked_from == 0 || begin_anew(c, err);
}

static bool on_piece(void *user, const void *bytes, size_t n_bytes, ask_error *err)
{
    coming *c = user;
    const int64_t n = ask_partial_bytes(c->partial) + (int64_t)n_bytes,
                  total = c->f->file->n_bytes;
    if (n > total) return begin_anew(c, err) && fail_size(c, n, err);
    if (!ask_partial_append(c->partial, bytes, n_bytes, err)) {
        if (!err || err->code != ASK_ERR_LIMIT) return false;
        char more[ASK_BYTES_TEXT_BYTES];
        ask_format_bytes(more, total - ask_partial_bytes(c->partial));
        return ask_fail_in(err,
                           "%s: %s more are needed: make room, or give another folder with "
                           "--output",
                           c->f->file->path, more);
    }
    hasher_add(&c->hash, bytes, n_bytes);
    hub_pace_add(c->f->pace, (int64_t)n_bytes, true, c->f->file->path);
    return true;
}

static bool attempt(void *user, hub_try *t, ask_error *err)
{
    coming *c = user;
    if (c->no_parts && ask_partial_bytes(c->partial) > 0 && !begin_anew(c, err))
        return false;
    const int64_t before = ask_partial_bytes(c->partial), total = c->f->file->n_bytes;
    if (before == total) return true;
    const http_request r = {
        .url = c->f->url, .begin = before, .begun = on_begun, .piece = on_piece, .user = c};
    hub_head head;
    c->asked_from = before;
    bool ok = hub_ask(&head, c->f->client, &r, c->f->file->path, t, err);
    if (!ok && t->status == 416) c->no_parts = true;
    if (!ok && c->no_parts && before > 0) t->transient = true;
    int64_t after = ask_partial_bytes(c->partial);
    if (ok && after < total) {
        t->transient = true;
        ok = ask_fail(err, ASK_ERR_IO,
                      "%s: the connection ended after %" PRId64 " of %" PRId64 " bytes",
                      c->f->file->path, after, total);
    }
    t->got_on = after - c->furthest >= SOME_BYTES;
    if (after > c->furthest) c->furthest = after;
    return ok;
}

/* All of the file is in partial; *right: it is what the hub says. What is not goes. */
static bool get_all(bool *right, coming *c, ask_error *err)
{
    c->furthest = ask_partial_bytes(c->partial);
    if (!hub_persist(c->f->client, attempt, c, err)) return false;
    *right = hasher_agrees(&c->hash, c->f->file);
    return *right || begin_anew(c, err);
}

/* What is in partial from before. More than there should be is of no use. */
static bool take_up(coming *c, ask_error *err)
{
    hasher_begin(&c->hash, c->f->file);
    if (ask_partial_bytes(c->partial) > c->f->file->n_bytes)
        return ask_partial_clear(c->partial, err);
    c->n_kept = ask_partial_bytes(c->partial);
    return c->n_kept == 0 ||
           hash_partial(&c->hash, c->partial, c->f->file->path, c->f->pace, err);
}

static bool get_right(coming *c, ask_error *err)
{
    bool right, resumed = c->n_kept > 0;
    if (!get_all(&right, c, err)) return false;
    // The fault may be in what was there: once more, all of it.
    if (!right && resumed && !get_all(&right, c, err)) return false;
    return right || ask_fail(err, ASK_ERR_MODEL,
                             "%s: what came is not what the hub says it is (another "
                             "hash); it was removed, try again later",
                             c->f->file->path);
}

bool hub_fetch_file(int64_t *n_kept, const hub_fetch *f, ask_error *err)
{
    coming c = {.f = f, .partial = ask_partial_open(f->partial, err)};
    if (!c.partial) return false;
    bool ok = take_up(&c, err) && get_right(&c, err);
    if (!ok) {
        bool any = ask_partial_bytes(c.partial) > 0;
        any ? ask_partial_close(c.partial) : ask_partial_remove(c.partial);
        return false;
    }
    *n_kept = c.n_kept;
    return ask_partial_commit(c.partial, f->place, err);
}
