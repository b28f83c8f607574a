#include "hub/pull.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/checked.h"
#include "base/dir.h"
#include "base/number.h"
#include "base/options.h"
#include "base/str.h"
#include "hub/choose_priv.h"
#include "hub/fetch_priv.h"
#include "hub/store_priv.h"

struct ask_hub_pull {
    ask_hub_pull_options options;
    ask_hub_id id;
    ask_arena *room;
    hub_client client;
    hub_listing listing;
    hub_store store;
    hub_place *places; // of each file
    int64_t *there;    // bytes of each file that are there
    int64_t n_bytes, n_missing_bytes;
};

ask_hub_pull_options ask_hub_pull_defaults(void)
{
    return (ask_hub_pull_options){.struct_size = sizeof(ask_hub_pull_options),
                                  .endpoint = "https://huggingface.co",
                                  .stall_s = 30,
                                  .n_tries = 5,
                                  .backoff_s = 1};
}

/* ---- URLs ---- */

/* Everything but what means nothing in an URL as %XX. */
static void append_escaped(ask_str *out, const char *text, const char *kept)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._~";
    for (const char *c = text; *c; c++)
        if (strchr(plain, *c) || strchr(kept, *c))
            ask_str_append_char(out, *c);
        else
            ask_str_printf(out, "%%%02X", (unsigned)(unsigned char)*c);
}

static const char *revision_of(const ask_hub_pull *p)
{
    return p->id.revision[0] ? p->id.revision : "main";
}

/* Of a revision; bare: of what the hub shows where none is named. */
static char *listing_url(const ask_hub_pull *p, bool bare, ask_error *err)
{
    ask_str url = {0};
    ask_str_printf(&url, "%s/api/models/%s", p->client.endpoint, p->id.name);
    if (!bare) {
        ask_str_append(&url, "/revision/");
        append_escaped(&url, revision_of(p), "");
    }
    ask_str_append(&url, "?blobs=true");
    return ask_str_take(&url, err);
}

static char *file_url(const ask_hub_pull *p, const hub_file *file, ask_error *err)
{
    ask_str url = {0};
    ask_str_printf(&url, "%s/%s/resolve/%s/", p->client.endpoint, p->id.name,
                   p->listing.commit);
    append_escaped(&url, file->path, "/");
    return ask_str_take(&url, err);
}

/* ---- what the hub has ---- */

typedef struct {
    ask_hub_pull *p;
    const char *url;
    ask_str answer;
} asking;

static bool on_begun(void *user, const hub_head *head, ask_error *err)
{
    (void)head, (void)err;
    ask_str_clear(&((asking *)user)->answer);
    return true;
}

static bool on_piece(void *user, const void *bytes, size_t n_bytes, ask_error *err)
{
    asking *a = user;
    if (a->answer.length + n_bytes > HUB_LISTING_BYTES)
        return ask_fail(err, ASK_ERR_FORMAT, "%s: the hub's answer is longer than %d bytes",
                        a->p->id.name, HUB_LISTING_BYTES);
    ask_str_append_bytes(&a->answer, bytes, n_bytes);
    return !a->answer.failed || ask_fail_memory(err);
}

static bool ask_listing(void *user, hub_try *t, ask_error *err)
{
    asking *a = user;
    const http_request r = {.url = a->url, .begun = on_begun, .piece = on_piece, .user = a};
    hub_head head;
    return hub_ask(&head, &a->p->client, &r, a->p->id.name, t, err);
}

static bool get_listing_at(ask_hub_pull *p, bool bare, ask_error *err)
{
    char *url = listing_url(p, bare, err);
    if (!url) return false;
    asking a = {.p = p, .url = url};
    bool ok = hub_persist(&p->client, ask_listing, &a, err);
    if (ok) {
        char what[300];
        ask_format(what, sizeof what, "what the hub says of %s", p->id.name);
        ok = hub_listing_parse(&p->listing, ask_str_text(&a.answer), a.answer.length, what,
                               p->room, err);
    }
    ask_str_free(&a.answer);
    free(url);
    return ok;
}

/* Some mirrors know no revisions: they are asked without, where none was asked for. */
static bool get_listing(ask_hub_pull *p, ask_error *err)
{
    ask_error why = {0};
    if (get_listing_at(p, false, &why)) return true;
    bool again = why.code == ASK_ERR_MODEL && !p->id.revision[0];
    if (again && get_listing_at(p, true, NULL)) return true;
    if (err) *err = why;
    return false;
}

/* ---- what a listing leaves out ---- */

typedef struct {
    ask_hub_pull *p;
    hub_file *file;
    const char *url;
} looking;

static bool look_once(void *user, hub_try *t, ask_error *err)
{
    looking *k = user;
    const http_request r = {.url = k->url, .head_only = true};
    hub_head h;
    if (!hub_ask(&h, &k->p->client, &r, k->file->path, t, err)) return false;
    int64_t n_bytes = k->file->n_bytes;
    if (n_bytes < 0) n_bytes = h.linked_bytes >= 0 ? h.linked_bytes : h.n_bytes;
    if (n_bytes < 0 || n_bytes > HUB_FILE_BYTES)
        return ask_fail(err, ASK_ERR_FORMAT, "%s: the hub does not tell its size",
                        k->file->path);
    k->file->n_bytes = n_bytes;
    const char *hash = h.linked_etag[0] ? h.linked_etag : h.etag;
    if (!k->file->hash[0]) memcpy(k->file->hash, hash, strlen(hash) + 1);
    return true;
}

/* Hubs that are others' need not tell sizes and hashes in their listing; they do so when
 * they are asked for the file. */
static bool look_at_files(ask_hub_pull *p, ask_error *err)
{
    for (size_t i = 0; i < p->listing.n; i++) {
        hub_file *file = &p->listing.files[i];
        if (file->n_bytes >= 0 && file->hash[0]) continue;
        char *url = file_url(p, file, err);
        if (!url) return false;
        looking k = {.p = p, .file = file, .url = url};
        bool ok = hub_persist(&p->client, look_once, &k, err);
        free(url);
        if (!ok) return false;
    }
    return true;
}

/* ---- what is there ---- */

static int64_t bytes_at(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) ? info.st_size : -1;
}

static int64_t bytes_there(const hub_place *place, const hub_file *file)
{
    if (bytes_at(place->place) == file->n_bytes) return file->n_bytes;
    int64_t n = bytes_at(place->partial);
    return n > 0 && n <= file->n_bytes ? n : 0;
}

static bool look_what_is_there(ask_hub_pull *p, ask_error *err)
{
    size_t n = p->listing.n;
    p->places = ask_arena_array(p->room, n, sizeof *p->places);
    p->there = ask_arena_array(p->room, n, sizeof *p->there);
    if (!p->places || !p->there) return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        const hub_file *file = &p->listing.files[i];
        if (!hub_store_place(&p->places[i], &p->store, file, p->room, err)) return false;
        p->there[i] = bytes_there(&p->places[i], file);
        if (!ask_add_i64(&p->n_bytes, p->n_bytes, file->n_bytes))
            return ask_fail(err, ASK_ERR_FORMAT, "%s: the sizes of its files are absurd",
                            p->id.name);
        p->n_missing_bytes += file->n_bytes - p->there[i];
    }
    return true;
}

/* ---- opening ---- */

static bool take_options(ask_hub_pull *p, const char *id,
                         const ask_hub_pull_options *options, ask_error *err)
{
    p->options = ask_hub_pull_defaults();
    ask_options_take(&p->options, sizeof p->options, options);
    const ask_hub_pull_options *o = &p->options;
    if (!o->cache_dir && !o->dir)
        return ask_fail(err, ASK_ERR_USAGE,
                        "nowhere to download to, as there is no home folder: give --output "
                        "DIR, or set HF_HUB_CACHE");
    if (!ask_hub_id_parse(&p->id, id, err) ||
        (o->revision && !ask_hub_id_at(&p->id, o->revision, err)) ||
        !hub_check_endpoint(o->endpoint, err) ||
        (o->token && !hub_check_token(o->token, err)))
        return false;
    char *endpoint = ask_arena_strdup(p->room, o->endpoint);
    if (!endpoint) return ask_fail_memory(err);
    for (size_t n = strlen(endpoint); endpoint[n - 1] == '/';) endpoint[--n] = '\0';
    p->client = (hub_client){.endpoint = endpoint,
                             .token = o->token,
                             .n_tries = o->n_tries,
                             .backoff_s = o->backoff_s,
                             .cancel = o->cancel,
                             .log = o->log};
    p->client.http = http_open(o->stall_s, o->cancel, err);
    return p->client.http;
}

static bool open_all(ask_hub_pull *p, const char *id, const ask_hub_pull_options *options,
                     ask_error *err)
{
    p->room = ask_arena_new(0);
    if (!p->room) return ask_fail_memory(err);
    if (!take_options(p, id, options, err) || !get_listing(p, err)) return false;
    const ask_hub_pull_options *o = &p->options;
    const hub_wish wish = {o->files, o->n_files, o->globs, o->n_globs};
    return hub_choose(&p->listing, &wish, p->id.name, err) && look_at_files(p, err) &&
           hub_store_make(&p->store, o->cache_dir, o->dir, &p->id, p->listing.commit,
                          p->room, err) &&
           look_what_is_there(p, err);
}

ask_hub_pull *ask_hub_pull_open(const char *id, const ask_hub_pull_options *options,
                                ask_error *err)
{
    ask_hub_pull *p = calloc(1, sizeof *p);
    if (!p) {
        ask_fail_memory(err);
        return NULL;
    }
    if (open_all(p, id, options, err)) return p;
    ask_hub_pull_close(p);
    return NULL;
}

void ask_hub_pull_close(ask_hub_pull *p)
{
    if (!p) return;
    http_close(p->client.http);
    ask_arena_free(p->room);
    free(p);
}

ask_hub_pull_info ask_hub_pull_info_of(const ask_hub_pull *p)
{
    return (ask_hub_pull_info){.name = p->id.name,
                               .revision = revision_of(p),
                               .commit = p->listing.commit,
                               .dir = p->store.dir,
                               .n_files = p->listing.n,
                               .n_bytes = p->n_bytes,
                               .n_missing_bytes = p->n_missing_bytes};
}

ask_hub_pull_file ask_hub_pull_file_at(const ask_hub_pull *p, size_t i)
{
    const hub_file *file = &p->listing.files[i];
    return (ask_hub_pull_file){.path = file->path,
                               .hash = file->hash,
                               .n_bytes = file->n_bytes,
                               .n_there = p->there[i]};
}

/* ---- getting it ---- */

static bool check_room(const ask_hub_pull *p, ask_error *err)
{
    int64_t n_free;
    if (!ask_dir_free_bytes(&n_free, p->store.dir, err)) return false;
    if (n_free >= p->n_missing_bytes) return true;
    char needed[ASK_BYTES_TEXT_BYTES], room[ASK_BYTES_TEXT_BYTES];
    return ask_fail(err, ASK_ERR_LIMIT,
                    "%s needs %s more, and %s are free in %s: make room, or give another "
                    "folder with --output",
                    p->id.name, ask_format_bytes(needed, p->n_missing_bytes),
                    ask_format_bytes(room, n_free), p->store.dir);
}

/* In the cache a file's name is its hash; in a folder it may be anything. */
static bool is_there(bool *out, const ask_hub_pull *p, size_t i, hub_pace *pace,
                     ask_error *err)
{
    const hub_file *file = &p->listing.files[i];
    if (!p->store.is_cache) return hub_file_is(out, p->places[i].place, file, pace, err);
    *out = bytes_at(p->places[i].place) == file->n_bytes;
    if (*out) hub_pace_add(pace, file->n_bytes, false, file->path);
    return true;
}

static bool fetch(int64_t *n_kept, ask_hub_pull *p, size_t i, hub_pace *pace,
                  ask_error *err)
{
    const hub_file *file = &p->listing.files[i];
    char *url = file_url(p, file, err);
    if (!url) return false;
    const hub_fetch f = {.client = &p->client,
                         .file = file,
                         .url = url,
                         .partial = p->places[i].partial,
                         .place = p->places[i].place,
                         .pace = pace};
    bool ok = ask_dir_make_above(f.place, err) && hub_fetch_file(n_kept, &f, err);
    free(url);
    return ok;
}

static bool get_file(ask_hub_pull *p, size_t i, hub_pace *pace, ask_error *err)
{
    bool there;
    int64_t n_kept = p->listing.files[i].n_bytes;
    ask_lock *lock = ask_lock_take(p->places[i].lock, err);
    bool ok = lock && is_there(&there, p, i, pace, err) &&
              (there || fetch(&n_kept, p, i, pace, err));
    hub_store_unlock(&p->store, lock);
    if (!ok) return false;
    p->n_missing_bytes += p->there[i] - n_kept;
    p->there[i] = n_kept;
    return true;
}

bool ask_hub_pull_run(ask_hub_pull *p, ask_error *err)
{
    hub_pace pace = {.progress = p->options.progress,
                     .cancel = p->options.cancel,
                     .total_bytes = p->n_bytes};
    if (!check_room(p, err)) return false;
    for (size_t i = 0; i < p->listing.n; i++)
        if (!get_file(p, i, &pace, err)) return false;
    return hub_store_publish(&p->store, &p->listing, err);
}
