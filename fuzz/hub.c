/* What a hub says: its listing of files, what is chosen of it, the heads of its answers,
 * and ids. A listing that is accepted has no path that leads out of a folder. */
#include <stdlib.h>
#include <string.h>

#include "hub/choose_priv.h"
#include "hub/client_priv.h"
#include "hub/id.h"

static void insist(bool condition)
{
    if (!condition) abort();
}

static void use_file(const hub_file *f)
{
    insist(f->path[0] && f->path[0] != '/' && !strstr(f->path, "//"));
    for (const char *part = f->path; part; part = strchr(part, '/')) {
        part += *part == '/';
        size_t n = strcspn(part, "/");
        insist(n > 0 && !(n <= 2 && strspn(part, ".") >= n));
    }
    insist(f->n_bytes >= -1 && f->n_bytes <= HUB_FILE_BYTES);
    insist(!f->hash[0] || hub_is_hash(f->hash));
}

static void use_listing(const char *text, size_t size)
{
    ask_error err = {0};
    hub_listing l;
    ask_arena *room = ask_arena_new(0);
    insist(room);
    if (hub_listing_parse(&l, text, size, "fuzz", room, &err)) {
        insist(ask_hub_is_commit(l.commit));
        for (size_t i = 0; i < l.n; i++) use_file(&l.files[i]);
        const hub_wish all = {.globs = (const char *const[]){"*"}, .n_globs = 1};
        const hub_wish usual = {0};
        size_t n = l.n;
        insist(!hub_choose(&l, &usual, "fuzz", &err) || l.n <= n);
        l.n = n;
        insist(hub_choose(&l, &all, "fuzz", &err) == (n > 0));
    } else
        insist((err.code == ASK_ERR_FORMAT || err.code == ASK_ERR_LIMIT) && err.message[0]);
    ask_arena_free(room);
}

static void use_heads(const char *text, size_t size)
{
    hub_head h = {0};
    while (size > 0) {
        const char *end = memchr(text, '\n', size);
        size_t n = end ? (size_t)(end - text) + 1 : size;
        hub_head_line(&h, text, n);
        text += n;
        size -= n;
    }
    insist(h.status >= 0 && h.status <= 999);
    insist(h.n_bytes >= -1 && h.begin >= -1 && h.total >= -1 && h.linked_bytes >= -1);
    insist(h.retry_after_s >= 0);
    insist(!h.etag[0] || hub_is_hash(h.etag));
    insist(!h.linked_etag[0] || hub_is_hash(h.linked_etag));
}

static void use_id(const char *text)
{
    ask_hub_id id;
    if (!ask_hub_id_parse(&id, text, NULL)) return;
    insist(!strstr(id.name, "..") && !strstr(id.revision, "..") && id.name[0] != '/');
    insist(!hub_check_endpoint(text, NULL)); // no id is an address
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    insist(text);
    memcpy(text, data, size);
    text[size] = '\0';
    use_listing(text, size);
    use_heads(text, size);
    use_id(text);
    hub_same_origin(text, "https://huggingface.co");
    free(text);
    return 0;
}
