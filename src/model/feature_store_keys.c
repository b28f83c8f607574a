/* The keys of a store: by number, by name, and by other names. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "model/feature_store_priv.h"

bool feature_store_add(ask_feature_store *s, const char *name, ask_error *err)
{
    if (!*name)
        return ask_fail(err, ASK_ERR_FORMAT, "%s: row %zu has an empty key", s->path,
                        s->n_keys);
    if (s->n_keys == s->capacity) {
        size_t capacity = s->capacity ? 2 * s->capacity : 64;
        feature_key *grown = realloc(s->keys, capacity * sizeof *grown);
        if (!grown) return ask_fail_memory(err);
        s->keys = grown;
        s->capacity = capacity;
    }
    const char *copy = ask_arena_strdup(s->room, name);
    if (!copy) return ask_fail_memory(err);
    s->keys[s->n_keys] = (feature_key){copy, s->n_keys};
    s->n_keys++;
    return true;
}

/* Cuts the text at the end of its line; returns the next one, NULL without one. */
static char *cut_line(char *line)
{
    char *end = strchr(line, '\n'), *next = end ? end + 1 : NULL;
    if (!end) end = line + strlen(line);
    if (end > line && end[-1] == '\r') end--;
    *end = '\0';
    return next && *next ? next : NULL;
}

bool feature_store_add_lines(ask_feature_store *s, const char *path, ask_error *err)
{
    enum { MAX_BYTES = 1 << 28 };
    char *text;
    size_t n_bytes;
    if (!ask_file_read(&text, &n_bytes, path, MAX_BYTES, err)) return false;
    bool ok = strlen(text) == n_bytes ||
              ask_fail(err, ASK_ERR_FORMAT, "%s: is no text: holds a NUL", path);
    for (char *line = *text ? text : NULL, *next; ok && line; line = next) {
        next = cut_line(line);
        ok = *line ? feature_store_add(s, line, err)
                   : ask_fail(err, ASK_ERR_FORMAT, "%s:%zu: an empty line", path,
                              s->n_keys + 1);
    }
    free(text);
    return ok;
}

static int compare_keys(const void *a, const void *b)
{
    const feature_key *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

bool feature_store_sort(ask_feature_store *s, ask_error *err)
{
    if (s->n_keys == 0)
        return ask_fail(err, ASK_ERR_FORMAT, "%s: there are no features in it", s->path);
    free(s->by_name);
    s->by_name = calloc(s->n_keys, sizeof *s->by_name);
    if (!s->by_name) return ask_fail_memory(err);
    for (size_t i = 0; i < s->n_keys; i++) s->by_name[i] = &s->keys[i];
    qsort(s->by_name, s->n_keys, sizeof *s->by_name, compare_keys);
    for (size_t i = 1; i < s->n_keys; i++) {
        const feature_key *a = s->by_name[i - 1], *b = s->by_name[i];
        if (strcmp(a->name, b->name) != 0) continue;
        size_t first = a->row < b->row ? a->row : b->row;
        return ask_fail(err, ASK_ERR_FORMAT,
                        "%s: key \"%s\" comes twice, at %zu and %zu (counted from 0)",
                        s->path, a->name, first, a->row + b->row - first);
    }
    return true;
}

const feature_key *feature_store_find(const ask_feature_store *s, const char *key)
{
    feature_key wanted = {.name = key};
    const feature_key *at = &wanted;
    const feature_key **found =
        bsearch(&at, s->by_name, s->n_keys, sizeof *s->by_name, compare_keys);
    return found ? *found : NULL;
}

/* Fills keys, with room for all of the map; numbers that the store does not have are those
 * of other splits. */
static bool list_mapped(feature_key *keys, size_t *n, const ask_feature_store *s,
                        ask_json_value map, ask_error *err)
{
    for (ask_json_walk m = {0}; ask_json_next(map, &m);) {
        int64_t number;
        char text[32];
        if (!ask_json_get_int(&number, m.value, NULL, INT64_MIN, INT64_MAX, err))
            return false;
        ask_format(text, sizeof text, "%lld", (long long)number);
        const feature_key *k = feature_store_find(s, text);
        if (!k) continue;
        const char *name = ask_arena_strdup(s->room, m.key);
        if (!name) return ask_fail_memory(err);
        keys[(*n)++] = (feature_key){name, k->row};
    }
    return *n > 0 ||
           ask_json_fail(map, err, "none of its numbers is a key of %s, which has \"%s\"",
                         s->path, s->keys[0].name);
}

bool feature_store_map(ask_feature_store *s, const char *path, ask_error *err)
{
    ask_json *doc = ask_json_read(path, NULL, err);
    if (!doc) return false;
    ask_json_value map;
    feature_key *keys = NULL;
    size_t n = 0;
    bool ok = ask_json_get_object(&map, ask_json_root(doc), NULL, err);
    if (ok) {
        keys = calloc(ask_json_count(map) + 1, sizeof *keys);
        ok = keys ? list_mapped(keys, &n, s, map, err) : ask_fail_memory(err);
    }
    ask_json_free(doc);
    if (!ok) {
        free(keys);
        return false;
    }
    free(s->keys);
    s->keys = keys;
    s->n_keys = s->capacity = n;
    return feature_store_sort(s, err);
}
