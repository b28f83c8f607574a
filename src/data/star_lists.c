/* star_lists.c - names of STAR's classes, and how fast its videos run. */
#include <math.h>
#include <stdlib.h>

#include "base/pickle.h"
#include "data/star_priv.h"

static const char folder[] = "STAR_classes";

/* A file beside the questions or in the folder of classes; NULL: there is none. */
static const char *find_list(data_build *b, const char *name, ask_error *err)
{
    const char *path = NULL, *inside = data_printf(b, "%s/%s", folder, name);
    if (!data_find_beside(b, &path, inside, err)) return NULL;
    return path ? inside : name;
}

static bool read_classes(data_classes *out, data_build *b, const char *name, ask_error *err)
{
    const char *path = find_list(b, name, err);
    return path && data_read_class_file(b, out, path, err);
}

/* Some pickles have NumPy's numbers. */
static bool get_real(double *out, const ask_pickle_value *v)
{
    if (ask_pickle_is(v, ASK_PICKLE_FLOAT))
        *out = v->real;
    else if (ask_pickle_is(v, ASK_PICKLE_INT))
        *out = (double)v->integer;
    else if (ask_pickle_is(v, ASK_PICKLE_ARRAY) && v->array->n_dims == 0 &&
             v->array->type == ASK_NPY_F8)
        *out = *(const double *)v->array->data;
    else
        return false;
    return isfinite(*out) && *out > 0;
}

static bool add_rates(star_lists *lists, data_build *b, const ask_pickle_value *root,
                      const char *path, ask_error *err)
{
    if (!ask_pickle_is(root, ASK_PICKLE_DICT))
        return ask_fail(err, ASK_ERR_FORMAT, "%s: expected a dictionary, got %s", path,
                        ask_pickle_kind_name(root->kind));
    size_t n = root->items.n / 2;
    lists->fps = calloc(n + 1, sizeof *lists->fps);
    if (!lists->fps) return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        const ask_pickle_value *key = root->items.at[2 * i];
        size_t index;
        double fps;
        if (!ask_pickle_is(key, ASK_PICKLE_STRING) ||
            !get_real(&fps, root->items.at[2 * i + 1]))
            return ask_fail(err, ASK_ERR_FORMAT,
                            "%s: entry %zu is not a video's name and frames per second",
                            path, i);
        if (!data_names_add(&lists->videos, &index, data_copy(b, key->text.data), err))
            return false;
        lists->fps[index] = fps;
    }
    return !b->no_memory || ask_fail_memory(err);
}

bool star_rates_parse(star_lists *lists, data_build *b, data_text text, ask_error *err)
{
    ask_pickle *p = ask_pickle_parse(text.text, text.bytes, NULL, text.name, NULL, err);
    bool ok = p && add_rates(lists, b, ask_pickle_root(p), text.name, err);
    ask_pickle_free(p);
    return ok;
}

static bool read_rates(star_lists *lists, data_build *b, ask_error *err)
{
    const char *name = find_list(b, "video_fps", err);
    data_file f = {0};
    bool ok = name && data_open_beside(b, &f, name, err) &&
              (!f.text.name || star_rates_parse(lists, b, f.text, err));
    data_file_close(&f);
    return ok;
}

bool star_lists_read(star_lists *out, data_build *b, ask_error *err)
{
    *out = (star_lists){0};
    return read_classes(&out->objects, b, "object_classes.txt", err) &&
           read_classes(&out->relations, b, "relationship_classes.txt", err) &&
           read_classes(&out->actions, b, "action_classes.txt", err) &&
           read_rates(out, b, err);
}

void star_lists_free(star_lists *lists)
{
    data_names_free(&lists->videos);
    free(lists->fps);
    *lists = (star_lists){0};
}
