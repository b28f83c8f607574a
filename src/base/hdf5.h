/* base/hdf5.h - read HDF5 files, as feature stores and data sets use them: groups, arrays
 * of numbers, texts, attributes.
 *
 *     ask_hdf5 *file = ask_hdf5_open("features.h5", err);
 *     ask_hdf5_read_rows(&batch, file, "resnet_features", 128, 256, 1 << 30, err)
 *     ...
 *     ask_hdf5_close(file);
 *
 * HDF5 is an optional part: a library that was built without it fails every call here with
 * ASK_ERR_USAGE (a command then ends with status 2) and says what to install.
 *
 * Paths are names joined by '/', from the root group on ("video7/features", "/ids"); "/" is
 * that group. Data may be laid out and filtered in any way that libhdf5 knows itself; it is
 * not read from other files (external links, external and virtual data sets) and no filter
 * is loaded from elsewhere. What is cut off is told, but libhdf5 1.10 does not withstand
 * every file that was damaged inside or made to harm: it may crash or hang. Read files that
 * you trust.
 *
 * The only code that knows libhdf5. An open file is used by one thread at a time; two
 * threads with two files need a libhdf5 that was built for threads (Debian's is). */
#ifndef ASK_BASE_HDF5_H
#define ASK_BASE_HDF5_H

#include "base/arena.h"
#include "base/npy.h"
#include "base/version.h"

/* What reads HDF5; false, *out untouched, when the library was built without it. */
ASK_API bool ask_hdf5_library(ask_library *out);

typedef struct ask_hdf5 ask_hdf5;

/* NULL on failure: ASK_ERR_IO, ASK_ERR_FORMAT (not an HDF5 file, or damaged),
 * ASK_ERR_UNSUPPORTED, ASK_ERR_NOMEM. All messages begin with the path. */
ASK_API ask_hdf5 *ask_hdf5_open(const char *path, ask_error *err);
ASK_API void ask_hdf5_close(ask_hdf5 *file); // NULL is fine

/* ---- what is in it ---- */

typedef enum {
    ASK_HDF5_GROUP,
    ASK_HDF5_DATASET,
    ASK_HDF5_OTHER, // a link that leads nowhere or out of the file, a named type
} ask_hdf5_kind;

typedef struct {
    const char *name;
    ask_hdf5_kind kind;
} ask_hdf5_entry;

/* Lists the members of a group in the order of their names, in memory of room. Fails:
 * ASK_ERR_NOT_FOUND, ASK_ERR_FORMAT, ASK_ERR_NOMEM. */
ASK_API bool ask_hdf5_list(const ask_hdf5_entry **out, size_t *n, ask_hdf5 *file,
                           const char *group, ask_arena *room, ask_error *err);

/* What is at a path. Fails: ASK_ERR_NOT_FOUND, ASK_ERR_FORMAT. */
ASK_API bool ask_hdf5_find(ask_hdf5_kind *out, ask_hdf5 *file, const char *path,
                           ask_error *err);

typedef struct {
    bool is_text;
    ask_npy_type type; // what numbers are read as; for texts of no meaning
    int n_dims;        // 0 for a single value
    int64_t shape[ASK_NPY_MAX_DIMS];
} ask_hdf5_info;

/* Says what a data set holds, without reading it. Fails: ASK_ERR_NOT_FOUND,
 * ASK_ERR_UNSUPPORTED (records, references, lists of different lengths, no value, more than
 * 8 dimensions, data in other files), ASK_ERR_FORMAT, ASK_ERR_NOMEM. */
ASK_API bool ask_hdf5_describe(ask_hdf5_info *out, ask_hdf5 *file, const char *path,
                               ask_error *err);

/* ---- reading it ----
 * Outputs are written only on success. All of these fail as ask_hdf5_describe does, with
 * ASK_ERR_LIMIT for more than max_bytes in memory, and with ASK_ERR_FORMAT for texts where
 * numbers were asked for or the other way round. */

/* Reads a data set of numbers, in native byte order; *out is freed with ask_npy_free.
 * Integers of unusual sizes and enumerations are read as the next larger integer, h5py's
 * bool as ASK_NPY_BOOL, real numbers beyond f8 as f8. */
ASK_API bool ask_hdf5_read(ask_npy *out, ask_hdf5 *file, const char *path, size_t max_bytes,
                           ask_error *err);

/* The rows [begin, end) of the first dimension alone. Fails also with ASK_ERR_SHAPE when
 * there is no such dimension, or fewer rows. */
ASK_API bool ask_hdf5_read_rows(ask_npy *out, ask_hdf5 *file, const char *path,
                                int64_t begin, int64_t end, size_t max_bytes,
                                ask_error *err);

/* Reads a data set of texts of fixed or own lengths, in C order, into memory of room: *n is
 * the product of its shape. Padding (NULs, or spaces where the file says so) is left out.
 * The bytes are as in the file, which says ASCII or UTF-8 and need not be right. */
ASK_API bool ask_hdf5_read_texts(const char *const **out, size_t *n, ask_hdf5 *file,
                                 const char *path, size_t max_bytes, ask_arena *room,
                                 ask_error *err);

/* The same for an attribute of the group or data set at a path. */
ASK_API bool ask_hdf5_read_attribute(ask_npy *out, ask_hdf5 *file, const char *path,
                                     const char *attribute, size_t max_bytes,
                                     ask_error *err);
ASK_API bool ask_hdf5_read_attribute_texts(const char *const **out, size_t *n,
                                           ask_hdf5 *file, const char *path,
                                           const char *attribute, size_t max_bytes,
                                           ask_arena *room, ask_error *err);

#endif
