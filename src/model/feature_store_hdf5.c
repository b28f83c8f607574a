/* Stores that are HDF5 files: rows of one data set, whose order another one tells. */
#include <stdlib.h>
#include <string.h>

#include "base/hdf5.h"
#include "base/str.h"
#include "model/feature_store_priv.h"

static const char ids[] = "ids";

/* What the published files call their features. */
static const char *const known[] = {"resnet_features", "resnext_features", "features",
                                    "feat"};

static bool read_row(feature_array *out, const ask_feature_store *s, size_t row,
                     ask_error *err)
{
    enum { MAX_BYTES = 1 << 30 };
    int64_t i = (int64_t)row;
    if (!ask_hdf5_read_rows(&out->array, s->state, s->dataset, i, i + 1, MAX_BYTES, err))
        return false;
    // The first dimension, of one row, is the store's and not the key's.
    out->array.n_dims--;
    memmove(out->array.shape, out->array.shape + 1,
            (size_t)out->array.n_dims * sizeof *out->array.shape);
    return feature_array_take_npy(out, err) ||
           ask_fail_in(err, "%s: %s", s->path, s->dataset);
}

static void close_file(void *state)
{
    ask_hdf5_close(state);
}

static const feature_form form = {"hdf5", read_row, close_file};

/* ---- which data set ---- */

static bool is_real(const ask_hdf5_info *info)
{
    return !info->is_text && (info->type == ASK_NPY_F2 || info->type == ASK_NPY_F4 ||
                              info->type == ASK_NPY_F8);
}

static bool is_known(const char *name)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i]) == 0) return true;
    return false;
}

/* Whether a member of the file can be the features. What is not read here is none. */
static bool is_candidate(bool *out, ask_hdf5 *file, const ask_hdf5_entry *e, ask_error *err)
{
    ask_hdf5_info info;
    ask_error why = {0};
    *out = false;
    if (e->kind != ASK_HDF5_DATASET) return true;
    if (ask_hdf5_describe(&info, file, e->name, &why))
        *out = is_real(&info) && info.n_dims >= 2;
    else if (why.code == ASK_ERR_NOMEM)
        return ask_fail_memory(err);
    return true;
}

/* Finds the one data set that can be meant, those of known names before others. */
static bool choose_dataset(ask_feature_store *s, ask_hdf5 *file, ask_error *err)
{
    const ask_hdf5_entry *entries;
    size_t n;
    if (!ask_hdf5_list(&entries, &n, file, "/", s->room, err)) return false;
    const char *found[2][2] = {{0}}; // [known][which]
    size_t n_found[2] = {0};
    for (size_t i = 0; i < n; i++) {
        bool candidate;
        if (!is_candidate(&candidate, file, &entries[i], err)) return false;
        if (!candidate) continue;
        int k = is_known(entries[i].name);
        if (n_found[k] < 2) found[k][n_found[k]] = entries[i].name;
        n_found[k]++;
    }
    int k = n_found[1] > 0;
    if (n_found[k] == 0)
        return ask_fail(err, ASK_ERR_FORMAT,
                        "%s: no data set holds rows of features (real numbers, two or more "
                        "dimensions)",
                        s->path);
    if (n_found[k] > 1)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s: %s or %s? Say which data set holds the features", s->path,
                        found[k][0], found[k][1]);
    s->dataset = found[k][0];
    return true;
}

/* What a data set holds, if it is there. */
static bool look(ask_hdf5_info *out, bool *is_there, ask_hdf5 *file, const char *name,
                 ask_error *err)
{
    ask_error why = {0};
    *is_there = ask_hdf5_describe(out, file, name, &why);
    return *is_there || why.code == ASK_ERR_NOT_FOUND ||
           ask_fail(err, why.code, "%s", why.message);
}

/* Checks the chosen data set; *n_rows is how many keys there must be. */
static bool check_dataset(ask_feature_store *s, int64_t *n_rows, ask_hdf5 *file,
                          ask_error *err)
{
    ask_hdf5_info info;
    bool is_there;
    if (!look(&info, &is_there, file, s->dataset, err)) return false;
    if (!is_there)
        return ask_fail(err, ASK_ERR_USAGE, "%s: there is no data set \"%s\"", s->path,
                        s->dataset);
    if (!is_real(&info) || info.n_dims < 2 || info.shape[info.n_dims - 1] <= 0)
        return ask_fail(err, ASK_ERR_FORMAT,
                        "%s: %s: holds no rows of features (real numbers, two or more "
                        "dimensions)",
                        s->path, s->dataset);
    s->width = info.shape[info.n_dims - 1];
    *n_rows = info.shape[0];
    return feature_store_check_width(s, s->width, err) ||
           ask_fail_in(err, "%s: %s", s->path, s->dataset);
}

/* ---- whose row is which ---- */

enum { MAX_IDS_BYTES = 1 << 30 };

static bool add_texts(ask_feature_store *s, ask_hdf5 *file, ask_error *err)
{
    const char *const *texts;
    size_t n;
    if (!ask_hdf5_read_texts(&texts, &n, file, ids, MAX_IDS_BYTES, s->room, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!feature_store_add(s, texts[i], err)) return false;
    return true;
}

/* Element i as text; false for a type that is no integer. */
static bool integer_text(char out[32], const ask_npy *a, size_t i)
{
    const void *data = a->data;
    switch (a->type) {
    case ASK_NPY_I1:
        return ask_format(out, 32, "%d", ((const int8_t *)data)[i]) > 0;
    case ASK_NPY_I2:
        return ask_format(out, 32, "%d", ((const int16_t *)data)[i]) > 0;
    case ASK_NPY_I4:
        return ask_format(out, 32, "%d", (int)((const int32_t *)data)[i]) > 0;
    case ASK_NPY_I8:
        return ask_format(out, 32, "%lld", (long long)((const int64_t *)data)[i]) > 0;
    case ASK_NPY_U1:
        return ask_format(out, 32, "%u", ((const uint8_t *)data)[i]) > 0;
    case ASK_NPY_U2:
        return ask_format(out, 32, "%u", ((const uint16_t *)data)[i]) > 0;
    case ASK_NPY_U4:
        return ask_format(out, 32, "%u", (unsigned)((const uint32_t *)data)[i]) > 0;
    case ASK_NPY_U8:
        return ask_format(out, 32, "%llu",
                          (unsigned long long)((const uint64_t *)data)[i]) > 0;
    default:
        return false;
    }
}

static bool add_integers(ask_feature_store *s, ask_hdf5 *file, ask_error *err)
{
    ask_npy a;
    if (!ask_hdf5_read(&a, file, ids, MAX_IDS_BYTES, err)) return false;
    size_t n = a.bytes / ask_npy_type_bytes(a.type);
    bool ok = true;
    for (size_t i = 0; i < n && ok; i++) {
        char text[32];
        ok = integer_text(text, &a, i)
                 ? feature_store_add(s, text, err)
                 : ask_fail(err, ASK_ERR_UNSUPPORTED,
                            "%s: %s: holds %s, but keys are texts or integers", s->path,
                            ids, ask_npy_type_name(a.type));
    }
    ask_npy_free(&a);
    return ok;
}

static bool add_ids(ask_feature_store *s, ask_hdf5 *file, ask_error *err)
{
    ask_hdf5_info info;
    bool is_there;
    if (!look(&info, &is_there, file, ids, err)) return false;
    if (!is_there)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s: no data set \"%s\" tells whose rows these are; give a file "
                        "that lists their keys",
                        s->path, ids);
    return info.is_text ? add_texts(s, file, err) : add_integers(s, file, err);
}

static bool add_keys(ask_feature_store *s, ask_hdf5 *file, ask_error *err)
{
    return s->opt.list ? feature_store_add_lines(s, s->opt.list, err)
                       : add_ids(s, file, err);
}

bool feature_store_open_hdf5(ask_feature_store *s, ask_error *err)
{
    ask_hdf5 *file = ask_hdf5_open(s->path, err);
    if (!file) return false;
    s->form = &form;
    s->state = file;
    s->dataset = s->opt.dataset;
    int64_t n_rows = 0;
    if ((!s->dataset && !choose_dataset(s, file, err)) ||
        !check_dataset(s, &n_rows, file, err) || !add_keys(s, file, err))
        return false;
    return (int64_t)s->n_keys == n_rows ||
           ask_fail(err, ASK_ERR_FORMAT, "%s: %zu keys in %s, but %lld rows in %s", s->path,
                    s->n_keys, s->opt.list ? s->opt.list : ids, (long long)n_rows,
                    s->dataset);
}
