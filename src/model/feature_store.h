/* model/feature_store.h - features of many videos, in the files that people publish.
 *
 *     ask_feature_store *s = ask_feature_store_open("s3d.pth", NULL, err);
 *     if (!s) goto fail;
 *     ask_feature_rows rows;
 *     if (!ask_feature_store_read(&rows, s, "Interaction_T1_13", err)) goto fail;
 *     ... rows.data [rows.n, rows.width] ...
 *     ask_feature_rows_free(&rows);
 *
 * A store has a key for each video, clip or question, and rows of numbers under it. What
 * lies there with more than two dimensions is read as rows of its last one: 8 x 16 x 2048
 * is 128 rows of 2048. f16 and f64 become f32.
 *
 * Stores are told apart by what is in them:
 *   tensors  one file of many: a torch archive or pickle of a dictionary, or safetensors.
 *            A tensor's name is its key
 *   hdf5     a data set with a row of features for each line of the data set "ids" (texts
 *            or integers), or of a list file. HDF5 is an optional part
 *   npz      an array's name is its key
 *   folder   a file for each video: .npy, .pkl, .pickle, .pt, .pth, or .safetensors as
 *            `askance features` writes it. A file's name without its ending is its key
 *   file     one such file, alone
 * Opening reads names and shapes; numbers are read for the one key that is asked for. So a
 * folder's files are not looked into before. Nothing that is pickled is imported or
 * executed (base/pickle.h).
 *
 * A store does not change: threads may share it, but for hdf5 (base/hdf5.h). */
#ifndef ASK_MODEL_FEATURE_STORE_H
#define ASK_MODEL_FEATURE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/error.h"
#include "tensor/dtype.h"

typedef struct {
    size_t struct_size;   // set by ask_feature_store_defaults; lets fields be added later
    int64_t width;        // of every row; 0: any
    const char *model_id; // of the model (ask_model_info.id) whose features these must be,
                          // where the store says it: `askance features` does. NULL: any
    const char *dataset;  // of hdf5, the data set with the features; NULL: the one of a
                          // known name (resnet_features, resnext_features, features, feat),
                          // else the only one that can be it
    const char *list;     // of hdf5, a text file with the key of each row on a line; NULL:
                          // the data set "ids"
    const char *id_map;   // a JSON object {key: number} where the store's own keys are such
                          // numbers (strID2numID.json); its keys are then the keys. NULL:
                          // none
} ask_feature_store_options;

ASK_API ask_feature_store_options ask_feature_store_defaults(void);

typedef struct ask_feature_store ask_feature_store;

/* Opens a file or a folder. options may be NULL for the defaults and is borrowed for the
 * call. NULL on failure: ASK_ERR_IO, ASK_ERR_FORMAT (malformed, no features in it, keys
 * that come twice, another number of keys than of rows), ASK_ERR_SHAPE (another width),
 * ASK_ERR_UNSUPPORTED, ASK_ERR_USAGE (a list for a store with names, no such data set; HDF5
 * in a library that was built without it), ASK_ERR_NOMEM. */
ASK_API ask_feature_store *ask_feature_store_open(const char *path,
                                                  const ask_feature_store_options *options,
                                                  ask_error *err);

ASK_API void ask_feature_store_close(ask_feature_store *s); // NULL is fine

typedef struct {
    const char *path;    // borrowed from the store, as all texts here
    const char *form;    // "tensors", "hdf5", "npz", "folder", "file"
    const char *dataset; // of hdf5, the one with the features; else NULL
    size_t n_keys;       // at least 1
    int64_t width;       // of all rows; 0 where keys differ, or only reading tells
} ask_feature_store_info;

ASK_API ask_feature_store_info ask_feature_store_info_of(const ask_feature_store *s);

/* Keys in the order of the store (of an id map: of the map); i < n_keys. Borrowed. */
ASK_API const char *ask_feature_store_key_at(const ask_feature_store *s, size_t i);
ASK_API bool ask_feature_store_has(const ask_feature_store *s, const char *key);

/* What lies under a key; all owned. */
typedef struct {
    float *data;      // [n, width], finite
    int64_t n, width; // n may be 0: a video that is too short for its first row
    int n_dims;       // the shape in the store, of n * width numbers
    int64_t shape[ASK_MAX_DIMS];
    double *t_s;     // [n_times] seconds, finite, as model/feature_file.h says; NULL where
    int64_t n_times; // the store has none
    char *model_id;  // whose features these are; NULL where the store does not say it
} ask_feature_rows;

/* Reads what lies under a key; *out is freed with ask_feature_rows_free. Fails:
 * ASK_ERR_NOT_FOUND for a key that is not there, ASK_ERR_SHAPE (another width),
 * ASK_ERR_UNSUPPORTED (of another model, no real numbers), ASK_ERR_FORMAT (malformed, NaN
 * or infinite: with key and row), ASK_ERR_LIMIT, ASK_ERR_IO, ASK_ERR_NOMEM. */
ASK_API bool ask_feature_store_read(ask_feature_rows *out, const ask_feature_store *s,
                                    const char *key, ask_error *err);

/* Leaves *rows {0}; {0} is allowed. */
ASK_API void ask_feature_rows_free(ask_feature_rows *rows);

/* Which of n rows is the j-th when n_rows > 0 are made of them: of more, row floor(j * n /
 * n_rows); of fewer, row j while there is one, then -1. */
ASK_API int64_t ask_feature_row_at(int64_t j, int64_t n_rows, int64_t n);

/* Makes n_rows > 0 rows of however many there are, as ask_feature_row_at has it; what has
 * no row are zeros. Returns how many are no such filling, for a mask. out is [n_rows,
 * rows->width].
 *
 * After: the released code of Bai et al. 2023 (Glance-Focus), which masks nothing. */
ASK_API int64_t ask_feature_rows_fit(float *out, int64_t n_rows,
                                     const ask_feature_rows *rows);

#endif
