/* Files that torch.save wrote, of both formats, and plain pickles. */
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/str.h"
#include "base/zip.h"
#include "weights/torch_priv.h"

/* 0x1950a86a20f9469cfc6c, with which the older format begins. */
static const char stream_magic[] = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

enum { STREAM_VERSION = 1001 };

#define ADVICE "; save the state_dict alone, or convert it to safetensors"

/* Reads a pickle at the beginning of some bytes. What it asks for and does not
 * get is mostly the program's own classes, so it is told how to do without. */
static ask_pickle *parse(const uint8_t *bytes, size_t n_bytes, size_t *used,
                         const char *name, ask_error *err)
{
    ask_pickle_options options = torch_pickle_options();
    ask_error why = {0};
    ask_pickle *p = ask_pickle_parse(bytes, n_bytes, used, name, &options, &why);
    if (p || !err) return p;
    *err = why;
    if (why.code == ASK_ERR_UNSUPPORTED)
        ask_fail(err, ASK_ERR_MODEL, "%s%s", why.message, ADVICE);
    return NULL;
}

/* ---- the zip ---- */

/* Torch itself never compresses. Whoever did it later made weights a little smaller; a bomb
 * is a thousandth. */
static bool take_from_budget(torch_tree *t, size_t n_bytes)
{
    enum { MOST_TIMES = 16, MORE_BYTES = 1 << 26 };
    size_t limit;
    if (!ask_mul_size(&limit, t->weights->files[t->file].n_bytes, MOST_TIMES) ||
        !ask_add_size(&limit, limit, MORE_BYTES))
        limit = SIZE_MAX;
    if (n_bytes > limit || t->unpacked_bytes > limit - n_bytes)
        return torch_fail(t, "it unpacks to over %d times its size: pack it uncompressed",
                          MOST_TIMES);
    t->unpacked_bytes += n_bytes;
    return true;
}

bool torch_unpack(torch_tree *t, const uint8_t **bytes, size_t zip_entry)
{
    size_t n_bytes = ask_zip_at(t->zip, zip_entry)->n_bytes;
    char *unpacked;
    if (!take_from_budget(t, n_bytes) ||
        !ask_zip_read(&unpacked, &n_bytes, t->zip, zip_entry, n_bytes, t->err))
        return false;
    void *copy = ask_arena_alloc64(t->weights->arena, n_bytes);
    if (copy) memcpy(copy, unpacked, n_bytes);
    free(unpacked);
    *bytes = copy;
    return copy || ask_fail_memory(t->err);
}

/* Finds the tree, which says what all other names begin with:
 * "<folder>/data.pkl". */
static bool find_tree(const torch_tree *t, size_t *out, int *prefix_bytes)
{
    static const char tree[] = "data.pkl";
    for (size_t i = 0; i < ask_zip_count(t->zip); i++) {
        const char *name = ask_zip_at(t->zip, i)->name, *slash = strchr(name, '/');
        const char *rest = slash ? slash + 1 : name;
        if (strcmp(rest, tree) != 0) continue;
        *out = i;
        *prefix_bytes = (int)(rest - name);
        return true;
    }
    return torch_fail(t, "not a torch archive: there is no data.pkl in the zip");
}

/* The entry of a name behind the prefix. */
static bool find_entry(size_t *out, const ask_zip *zip, const char *prefix,
                       int prefix_bytes, const char *name)
{
    ask_str path = {0};
    ask_str_printf(&path, "%.*s%s", prefix_bytes, prefix, name);
    bool found = !path.failed && ask_zip_find(out, zip, ask_str_text(&path));
    ask_str_free(&path);
    return found;
}

static bool check_byte_order(torch_tree *t, const char *prefix, int prefix_bytes)
{
    size_t i;
    const uint8_t *order;
    if (!find_entry(&i, t->zip, prefix, prefix_bytes, "byteorder")) return true;
    if (!torch_unpack(t, &order, i)) return false;
    return (ask_zip_at(t->zip, i)->n_bytes == 6 && memcmp(order, "little", 6) == 0) ||
           torch_fail(t, "written on a big-endian machine, which is not read");
}

/* Storages are "<folder>/data/<key>". */
static bool list_storages(torch_tree *t, const char *prefix, int prefix_bytes)
{
    static const char folder[] = "data/";
    size_t n = ask_zip_count(t->zip);
    t->storages = calloc(n + 1, sizeof *t->storages);
    if (!t->storages) return ask_fail_memory(t->err);
    for (size_t i = 0; i < n; i++) {
        const ask_zip_entry *e = ask_zip_at(t->zip, i);
        const char *name = e->name;
        if (strncmp(name, prefix, (size_t)prefix_bytes) != 0 ||
            !ask_starts_with(name + prefix_bytes, folder))
            continue;
        t->storages[t->n_storages++] =
            (torch_storage){.key = name + prefix_bytes + sizeof folder - 1,
                            .bytes = ask_zip_stored(t->zip, i),
                            .n_bytes = e->n_bytes,
                            .zip_entry = i};
    }
    return true;
}

/* Tree and byte order are read with their checksums compared; storages are mapped. */
static bool read_zip(torch_tree *t)
{
    weights_file *f = &t->weights->files[t->file];
    size_t tree = 0;
    int prefix_bytes = 0;
    const uint8_t *bytes;
    if (!find_tree(t, &tree, &prefix_bytes)) return false;
    const char *prefix = ask_zip_at(t->zip, tree)->name;
    if (!check_byte_order(t, prefix, prefix_bytes) || !torch_unpack(t, &bytes, tree))
        return false;
    f->pickle = parse(bytes, ask_zip_at(t->zip, tree)->n_bytes, NULL, f->path, t->err);
    t->pickle = f->pickle;
    return f->pickle && list_storages(t, prefix, prefix_bytes) && torch_add_tensors(t);
}

bool weights_read_torch_zip(ask_weights *w, int file, ask_error *err)
{
    const weights_file *f = &w->files[file];
    torch_tree t = {.weights = w, .file = file, .err = err};
    t.zip = ask_zip_open_memory(f->bytes, f->n_bytes, f->path, err);
    if (!t.zip) return false;
    bool ok = read_zip(&t);
    free(t.storages);
    ask_zip_close(t.zip);
    return ok;
}

/* ---- the stream: magic, version, machine, tree, keys, storages ---- */

typedef struct {
    const uint8_t *at, *end;
} stream;

static ask_pickle *next_pickle(const torch_tree *t, stream *s)
{
    size_t used = 0;
    ask_pickle *p = parse(s->at, (size_t)(s->end - s->at), &used,
                          ask_weights_file(t->weights, t->file), t->err);
    s->at += used;
    return p;
}

static bool is_magic(const ask_pickle_value *v)
{
    return ask_pickle_is(v, ASK_PICKLE_BIG_INT) &&
           v->text.n_bytes == sizeof stream_magic - 1 &&
           memcmp(v->text.data, stream_magic, v->text.n_bytes) == 0;
}

static bool read_version(const torch_tree *t, stream *s)
{
    ask_pickle *p = next_pickle(t, s);
    if (!p) return false;
    const ask_pickle_value *v = ask_pickle_root(p);
    bool ok = (ask_pickle_is(v, ASK_PICKLE_INT) && v->integer == STREAM_VERSION) ||
              torch_fail(t, "a version of torch's older format that is not read");
    ask_pickle_free(p);
    return ok;
}

static bool read_machine(const torch_tree *t, stream *s)
{
    ask_pickle *p = next_pickle(t, s);
    if (!p) return false;
    const ask_pickle_value *little = ask_pickle_find(ask_pickle_root(p), "little_endian");
    bool ok = (ask_pickle_is(little, ASK_PICKLE_BOOL) && little->truth) ||
              torch_fail(t, "written on a big-endian machine, which is not read");
    ask_pickle_free(p);
    return ok;
}

static int compare_references(const void *a, const void *b)
{
    const torch_reference *x = a, *y = b;
    return strcmp(x->key, y->key);
}

/* All that the tree says of storages, sorted by key. */
static torch_reference *list_references(const torch_tree *t)
{
    size_t n = ask_pickle_n_persistent(t->pickle);
    torch_reference *list = calloc(n + 1, sizeof *list);
    if (!list) {
        ask_fail_memory(t->err);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        if (torch_read_reference(t, &list[i], ask_pickle_persistent_at(t->pickle, i)))
            continue;
        free(list);
        return NULL;
    }
    if (n > 0) qsort(list, n, sizeof *list, compare_references);
    return list;
}

/* A storage: its number of elements in 8 bytes, and the elements. */
static bool take_storage(torch_tree *t, stream *s, const char *key,
                         const torch_reference *references)
{
    enum { COUNT_BYTES = 8 };
    size_t n = ask_pickle_n_persistent(t->pickle), left = (size_t)(s->end - s->at);
    torch_reference wanted = {.key = key};
    const torch_reference *r =
        n > 0 ? bsearch(&wanted, references, n, sizeof *references, compare_references)
              : NULL;
    if (!r) return torch_fail(t, "storage \"%s\" belongs to no tensor", key);
    if (left < COUNT_BYTES) return torch_fail(t, "truncated before storage \"%s\"", key);
    uint64_t count = 0;
    for (int i = COUNT_BYTES; i-- > 0;) count = count << 8 | s->at[i];
    size_t bytes;
    if (count > INT64_MAX ||
        !ask_bytes_of(&bytes, (int64_t)count, ask_dtype_bytes(r->type)) ||
        bytes > left - COUNT_BYTES) {
        return torch_fail(t, "truncated in storage \"%s\" of %llu elements", key,
                          (unsigned long long)count);
    }
    s->at += COUNT_BYTES;
    t->storages[t->n_storages++] =
        (torch_storage){.key = key, .bytes = s->at, .n_bytes = bytes};
    s->at += bytes;
    return true;
}

static bool take_storages(torch_tree *t, stream *s, const ask_pickle_value *keys)
{
    if (!ask_pickle_is(keys, ASK_PICKLE_LIST))
        return torch_fail(t, "the list of its storages is none");
    t->storages = calloc(keys->items.n + 1, sizeof *t->storages);
    torch_reference *references = t->storages ? list_references(t) : NULL;
    if (!references) return t->storages ? false : ask_fail_memory(t->err);
    bool ok = true;
    for (size_t i = 0; i < keys->items.n && ok; i++) {
        const ask_pickle_value *key = keys->items.at[i];
        ok = ask_pickle_is(key, ASK_PICKLE_STRING)
                 ? take_storage(t, s, key->text.data, references)
                 : torch_fail(t, "the key of a storage is no string");
    }
    free(references);
    return ok;
}

static bool read_stream(torch_tree *t, stream *s)
{
    weights_file *f = &t->weights->files[t->file];
    if (!read_version(t, s) || !read_machine(t, s)) return false;
    t->pickle = f->pickle = next_pickle(t, s);
    ask_pickle *keys = t->pickle ? next_pickle(t, s) : NULL;
    if (!keys) return false;
    bool ok = take_storages(t, s, ask_pickle_root(keys)) && torch_add_tensors(t);
    ask_pickle_free(keys);
    return ok;
}

bool weights_read_pickle(ask_weights *w, int file, ask_error *err)
{
    weights_file *f = &w->files[file];
    torch_tree t = {.weights = w, .file = file, .err = err};
    stream s = {f->bytes, f->bytes + f->n_bytes};
    ask_pickle *first = next_pickle(&t, &s);
    if (!first) return false;
    if (is_magic(ask_pickle_root(first))) {
        ask_pickle_free(first);
        bool ok = read_stream(&t, &s);
        free(t.storages);
        return ok;
    }
    t.pickle = f->pickle = first;
    if (s.at < s.end)
        return torch_fail(&t, "%zu bytes behind the pickle", (size_t)(s.end - s.at));
    return torch_add_tensors(&t);
}
