/* layout_merge.c - files that a set has for all splits together: what they tell of other
 * splits is kept. */
#include <stdlib.h>
#include <string.h>

#include "world/layout_priv.h"

// --- Whose it is -------------------------------------------------------------------------

/* The split by whose word and '_' it begins; -1: none. */
static int split_by_word(const char *name)
{
    for (int split = 0; split < ASK_N_SPLITS; split++) {
        const char *word = ask_split_name((ask_split)split);
        if (ask_starts_with(name, word) && name[strlen(word)] == '_') return split;
    }
    return -1;
}

/* By the number at its end, of which layout_number makes the split the remainder. */
static int split_by_number(const char *name)
{
    const char *digits = strrchr(name, '_');
    if (!digits || !digits[1] || digits[1 + strspn(digits + 1, "0123456789")]) return -1;
    return (int)(strtoull(digits + 1, NULL, 10) % ASK_N_SPLITS);
}

int layout_split_of(const char *name)
{
    int split = split_by_word(name);
    return split >= 0 ? split : split_by_number(name);
}

bool layout_is_beside(const layout_run *r, const char *name, bool before)
{
    int split = layout_split_of(name);
    return split >= 0 && (before ? split < (int)r->split : split > (int)r->split);
}

// --- Values ------------------------------------------------------------------------------

static void put_value(ask_json_writer *w, const char *key, ask_json_value v);

static void put_items(ask_json_writer *w, const char *key, ask_json_value v)
{
    ask_json_open_array(w, key);
    for (size_t i = 0; i < ask_json_count(v); i++) put_value(w, NULL, ask_json_item(v, i));
    ask_json_close(w);
}

static void put_members(ask_json_writer *w, const char *key, ask_json_value v)
{
    ask_json_open_object(w, key);
    for (ask_json_walk m = {0}; ask_json_next(v, &m);) put_value(w, m.key, m.value);
    ask_json_close(w);
}

/* A copy of what was read. */
static void put_value(ask_json_writer *w, const char *key, ask_json_value v)
{
    int64_t number = 0;
    double real = 0;
    bool truth = false;
    const char *text = NULL;
    switch (ask_json_type_of(v)) {
    case ASK_JSON_ABSENT:
    case ASK_JSON_NULL:
        ask_json_put_null(w, key);
        break;
    case ASK_JSON_BOOL:
        ask_json_get_bool(&truth, v, NULL, NULL);
        ask_json_put_bool(w, key, truth);
        break;
    case ASK_JSON_INT:
        ask_json_get_int(&number, v, NULL, INT64_MIN, INT64_MAX, NULL);
        ask_json_put_int(w, key, number);
        break;
    case ASK_JSON_REAL:
        ask_json_get_double(&real, v, NULL, NULL);
        ask_json_put_double(w, key, real);
        break;
    case ASK_JSON_STRING:
        ask_json_get_string(&text, v, NULL, NULL);
        ask_json_put_string(w, key, text);
        break;
    case ASK_JSON_ARRAY:
        put_items(w, key, v);
        break;
    case ASK_JSON_OBJECT:
        put_members(w, key, v);
        break;
    }
}

// --- Entries -----------------------------------------------------------------------------

static bool keep_list(layout_run *r, int file, ask_json_value entries, bool before,
                      ask_error *err)
{
    if (!ask_json_get_array(&entries, entries, NULL, err)) return false;
    for (size_t i = 0; i < ask_json_count(entries); i++) {
        ask_json_value entry = ask_json_item(entries, i);
        const char *name;
        if (!ask_json_get_string(&name, entry, r->kind->files[file].by, err)) return false;
        if (layout_is_beside(r, name, before)) put_value(&r->files[file].json, NULL, entry);
    }
    return true;
}

static bool keep_map(layout_run *r, int file, ask_json_value entries, bool before,
                     ask_error *err)
{
    if (!ask_json_get_object(&entries, entries, NULL, err)) return false;
    for (ask_json_walk m = {0}; ask_json_next(entries, &m);)
        if (layout_is_beside(r, m.key, before))
            put_value(&r->files[file].json, m.key, m.value);
    return true;
}

bool layout_read_old(layout_run *r, int file, ask_error *err)
{
    const ask_json_limits limits = {.max_bytes = (size_t)1 << 32, .max_depth = 32};
    const layout_file_kind *kind = &r->kind->files[file];
    if (kind->form == LAYOUT_TEXT || strchr(kind->name, '*')) return true;
    char *path = layout_file_path(r, file, err);
    bool there = path && ask_file_exists(path);
    if (there) r->files[file].old = ask_json_read(path, &limits, err);
    free(path);
    return path && (!there || r->files[file].old);
}

bool layout_keep(layout_run *r, int file, bool before, ask_error *err)
{
    layout_form form = r->kind->files[file].form;
    if (!r->files[file].old) return true;
    ask_json_value entries = ask_json_root(r->files[file].old);
    return form == LAYOUT_LIST  ? keep_list(r, file, entries, before, err)
           : form == LAYOUT_MAP ? keep_map(r, file, entries, before, err)
                                : true;
}
