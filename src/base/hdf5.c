#include "base/hdf5.h"

#ifdef ASK_HAVE_HDF5

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/fd_priv.h"
#include "base/str.h"

struct ask_hdf5 {
    char *path;
    hid_t file;
    hid_t links; // how links are followed: not out of the file
};

/* ---- what libhdf5 says ---- */

/* How libhdf5 prints errors in this thread. We take them from its stack instead. */
typedef struct {
    H5E_auto2_t print;
    void *with;
} printing;

static printing hush(void)
{
    printing p = {0};
    H5Eget_auto2(H5E_DEFAULT, &p.print, &p.with);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5Eclear2(H5E_DEFAULT);
    return p;
}

static void restore(printing p)
{
    H5Eclear2(H5E_DEFAULT);
    H5Eset_auto2(H5E_DEFAULT, p.print, p.with);
}

/* What the innermost call that failed said, which is the most exact. */
typedef struct {
    char text[128];
    bool no_memory;
} reason;

static herr_t take_reason(unsigned n, const H5E_error2_t *e, void *user)
{
    reason *r = user;
    if (n == 0 && e->desc) ask_format(r->text, sizeof r->text, "%s", e->desc);
    if (e->maj_num == H5E_RESOURCE && e->min_num == H5E_NOSPACE) r->no_memory = true;
    return 0;
}

/* Fails with "<file>: <where>: <what> (<what libhdf5 says>)". */
static bool fail_hdf5(const ask_hdf5 *f, const char *where, const char *what,
                      ask_error *err)
{
    reason r = {.text = "no reason is told"};
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_reason, &r);
    if (r.no_memory) return ask_fail_memory(err);
    return ask_fail(err, ASK_ERR_FORMAT, "%s: %s: %s (HDF5: %s)", f->path, where, what,
                    r.text);
}

static void release(hid_t id)
{
    if (id >= 0) H5Idec_ref(id);
}

/* ---- files ---- */

bool ask_hdf5_library(ask_library *out)
{
    unsigned major, minor, patch;
    if (H5get_libversion(&major, &minor, &patch) < 0) return false;
    *out = (ask_library){.name = "HDF5"};
    ask_format(out->version, sizeof out->version, "%u.%u.%u", major, minor, patch);
    return true;
}

static herr_t refuse_link(const char *from_file, const char *from_group,
                          const char *to_file, const char *to_object, unsigned *flags,
                          hid_t access, void *user)
{
    (void)from_file, (void)from_group, (void)to_file, (void)to_object;
    (void)flags, (void)access, (void)user;
    return -1;
}

/* That the system lets us read the file: it gives better reasons than libhdf5. */
static bool is_readable(const char *path, ask_error *err)
{
    int fd = ask_fd_open_readable(path, err);
    if (fd < 0) return false;
    ask_fd_close(fd);
    return true;
}

static bool open_file(ask_hdf5 *f, ask_error *err)
{
    if (H5Fis_hdf5(f->path) <= 0)
        return ask_fail(err, ASK_ERR_FORMAT, "%s: not an HDF5 file", f->path);
    H5PLset_loading_state(0);
    f->links = H5Pcreate(H5P_LINK_ACCESS);
    if (f->links < 0 || H5Pset_elink_cb(f->links, refuse_link, NULL) < 0)
        return fail_hdf5(f, "opening", "cannot be prepared", err);
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    f->file = H5Fopen(f->path, H5F_ACC_RDONLY, access);
    release(access);
    return f->file >= 0 || fail_hdf5(f, "opening", "damaged or cut off", err);
}

ask_hdf5 *ask_hdf5_open(const char *path, ask_error *err)
{
    if (!is_readable(path, err)) return NULL;
    ask_hdf5 *f = malloc(sizeof *f);
    if (!f) {
        ask_fail_memory(err);
        return NULL;
    }
    *f = (ask_hdf5){.path = ask_strdup(path, err), .file = -1, .links = -1};
    printing p = hush();
    bool ok = f->path && open_file(f, err);
    restore(p);
    if (ok) return f;
    ask_hdf5_close(f);
    return NULL;
}

void ask_hdf5_close(ask_hdf5 *f)
{
    if (!f) return;
    printing p = hush();
    release(f->links);
    if (f->file >= 0) H5Fclose(f->file);
    restore(p);
    free(f->path);
    free(f);
}

/* ---- paths ---- */

/* Whether every name of a path is there. Reports what is not. */
static bool check_path(const ask_hdf5 *f, const char *path, ask_error *err)
{
    char *part = ask_strdup(path, err);
    if (!part) return false;
    bool ok = true;
    for (size_t n = strspn(path, "/"); ok && path[n];) {
        n += strcspn(path + n, "/");
        part[n] = '\0';
        htri_t there = H5Lexists(f->file, part, f->links);
        if (there == 0)
            ok = ask_fail(err, ASK_ERR_NOT_FOUND, "%s: there is no \"%s\"", f->path, part);
        else if (there < 0)
            ok = fail_hdf5(f, part, "cannot be looked up", err);
        part[n] = path[n];
        n += strspn(path + n, "/");
    }
    free(part);
    return ok;
}

/* The object at a path; -1 on failure. */
static hid_t open_object(const ask_hdf5 *f, const char *path, ask_error *err)
{
    if (!check_path(f, path, err)) return -1;
    hid_t object = H5Oopen(f->file, *path ? path : "/", f->links);
    if (object < 0) fail_hdf5(f, path, "cannot be opened", err);
    return object;
}

static ask_hdf5_kind kind_of(hid_t object)
{
    switch (H5Iget_type(object)) {
    case H5I_GROUP:
        return ASK_HDF5_GROUP;
    case H5I_DATASET:
        return ASK_HDF5_DATASET;
    default:
        return ASK_HDF5_OTHER;
    }
}

static bool find(ask_hdf5_kind *out, const ask_hdf5 *f, const char *path, ask_error *err)
{
    hid_t object = open_object(f, path, err);
    if (object < 0) return false;
    *out = kind_of(object);
    release(object);
    return true;
}

bool ask_hdf5_find(ask_hdf5_kind *out, ask_hdf5 *file, const char *path, ask_error *err)
{
    printing p = hush();
    bool ok = find(out, file, path, err);
    restore(p);
    return ok;
}

/* ---- listing ---- */

typedef struct {
    const ask_hdf5 *file;
    ask_arena *room;
    ask_hdf5_entry *entries;
    size_t n, most;
    bool no_memory;
} listing;

static herr_t list_entry(hid_t group, const char *name, const H5L_info_t *info, void *user)
{
    (void)info;
    listing *l = user;
    if (l->n == l->most) return -1; // the group has more than it says
    char *copy = ask_arena_strdup(l->room, name);
    if (!copy) {
        l->no_memory = true;
        return -1;
    }
    hid_t object = H5Oopen(group, name, l->file->links);
    l->entries[l->n++] = (ask_hdf5_entry){copy, kind_of(object)};
    release(object);
    return 0;
}

static bool list_group(listing *l, hid_t group, const char *path, ask_error *err)
{
    H5G_info_t info;
    if (H5Gget_info(group, &info) < 0)
        return fail_hdf5(l->file, path, "cannot be listed", err);
    l->most = (size_t)info.nlinks;
    l->entries = ask_arena_array(l->room, l->most, sizeof *l->entries);
    if (!l->entries) return ask_fail_memory(err);
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, list_entry, l) >= 0)
        return true;
    return l->no_memory ? ask_fail_memory(err)
                        : fail_hdf5(l->file, path, "cannot be listed", err);
}

static bool list(listing *l, const char *path, ask_error *err)
{
    hid_t group = open_object(l->file, path, err);
    if (group < 0) return false;
    bool ok =
        kind_of(group) == ASK_HDF5_GROUP
            ? list_group(l, group, path, err)
            : ask_fail(err, ASK_ERR_FORMAT, "%s: %s: is no group", l->file->path, path);
    release(group);
    return ok;
}

bool ask_hdf5_list(const ask_hdf5_entry **out, size_t *n, ask_hdf5 *file, const char *group,
                   ask_arena *room, ask_error *err)
{
    listing l = {.file = file, .room = room};
    printing p = hush();
    bool ok = list(&l, group, err);
    restore(p);
    if (!ok) return false;
    *out = l.entries;
    *n = l.n;
    return true;
}

/* ---- what data is ---- */

/* A data set or an attribute, opened. Closed with close_source, also when half open. */
typedef struct {
    const ask_hdf5 *file;
    const char *path, *attribute; // attribute: NULL for a data set
    char where[256];              // both, for messages
    hid_t id, type, space;
    hid_t memory; // the type that it is read as
    ask_hdf5_info info;
} source;

static void close_source(source *s)
{
    release(s->memory);
    release(s->space);
    release(s->type);
    release(s->id);
}

static bool unsupported(const source *s, const char *what, ask_error *err)
{
    return ask_fail(err, ASK_ERR_UNSUPPORTED,
                    "%s: %s: holds %s; numbers and texts are read", s->file->path, s->where,
                    what);
}

static hid_t native_number(ask_npy_type type)
{
    switch (type) {
    case ASK_NPY_I1:
        return H5T_NATIVE_INT8;
    case ASK_NPY_I2:
        return H5T_NATIVE_INT16;
    case ASK_NPY_I4:
        return H5T_NATIVE_INT32;
    case ASK_NPY_I8:
        return H5T_NATIVE_INT64;
    case ASK_NPY_U1:
        return H5T_NATIVE_UINT8;
    case ASK_NPY_U2:
        return H5T_NATIVE_UINT16;
    case ASK_NPY_U4:
        return H5T_NATIVE_UINT32;
    case ASK_NPY_U8:
        return H5T_NATIVE_UINT64;
    case ASK_NPY_F4:
        return H5T_NATIVE_FLOAT;
    case ASK_NPY_F8:
        return H5T_NATIVE_DOUBLE;
    default:
        return -1;
    }
}

enum { MOST_NUMBER_BYTES = 16 }; // a long double has them

/* Whether the bits of a number lie inside its bytes. libhdf5 1.10 does not look. */
static bool is_sound(hid_t type)
{
    size_t bits = 8 * H5Tget_size(type), precision = H5Tget_precision(type);
    int offset = H5Tget_offset(type);
    if (bits > 8 * MOST_NUMBER_BYTES || precision == 0 || precision > bits || offset < 0 ||
        (size_t)offset > bits - precision)
        return false;
    if (H5Tget_class(type) != H5T_FLOAT) return true;
    size_t sign, exponent, exponent_bits, fraction, fraction_bits;
    return H5Tget_fields(type, &sign, &exponent, &exponent_bits, &fraction,
                         &fraction_bits) >= 0 &&
           sign < bits && exponent < bits && exponent_bits <= bits - exponent &&
           fraction < bits && fraction_bits <= bits - fraction;
}

/* The least integer of ours that holds those of a type; false when none does. */
static bool integer_like(ask_npy_type *out, hid_t type)
{
    static const ask_npy_type integers[2][4] = {
        {ASK_NPY_U1, ASK_NPY_U2, ASK_NPY_U4, ASK_NPY_U8},
        {ASK_NPY_I1, ASK_NPY_I2, ASK_NPY_I4, ASK_NPY_I8},
    };
    size_t bytes = H5Tget_size(type);
    bool is_signed = H5Tget_sign(type) == H5T_SGN_2;
    for (int i = 0; i < 4; i++) {
        if (bytes > (size_t)1 << i) continue;
        *out = integers[is_signed][i];
        return true;
    }
    return false;
}

/* Whether a real type is IEEE's half: 1, 5 and 10 bits. */
static bool is_half(hid_t type)
{
    size_t sign, exponent, exponent_bits, fraction, fraction_bits;
    return H5Tget_size(type) == 2 &&
           H5Tget_fields(type, &sign, &exponent, &exponent_bits, &fraction,
                         &fraction_bits) >= 0 &&
           sign == 15 && exponent == 10 && exponent_bits == 5 && fraction_bits == 10 &&
           H5Tget_ebias(type) == 15;
}

/* Whether an enumeration is what h5py makes of bool: FALSE is 0 and TRUE is 1, of a byte.
 */
static bool is_bool(hid_t type)
{
    int8_t no = -1, yes = -1;
    return H5Tget_size(type) == 1 && H5Tget_nmembers(type) == 2 &&
           H5Tenum_valueof(type, "FALSE", &no) >= 0 &&
           H5Tenum_valueof(type, "TRUE", &yes) >= 0 && no == 0 && yes == 1;
}

static bool understand_real(source *s)
{
    if (is_half(s->type)) {
        s->info.type = ASK_NPY_F2;
        s->memory = H5Tcopy(s->type);
        return s->memory >= 0 && H5Tset_order(s->memory, H5T_ORDER_LE) >= 0;
    }
    s->info.type = H5Tget_size(s->type) <= 4 ? ASK_NPY_F4 : ASK_NPY_F8;
    s->memory = H5Tcopy(native_number(s->info.type));
    return s->memory >= 0;
}

/* libhdf5 turns an enumeration only into one: that of the native integers. */
static bool understand_enumeration(source *s)
{
    hid_t integer = H5Tget_super(s->type);
    bool ok = integer >= 0 && is_sound(integer) && integer_like(&s->info.type, integer);
    release(integer);
    if (is_bool(s->type)) s->info.type = ASK_NPY_BOOL;
    s->memory = H5Tget_native_type(s->type, H5T_DIR_ASCEND);
    return ok && s->memory >= 0 &&
           H5Tget_size(s->memory) == ask_npy_type_bytes(s->info.type);
}

static bool understand_text(source *s)
{
    s->info.is_text = true;
    s->memory = H5Tcopy(H5T_C_S1);
    bool is_variable = H5Tis_variable_str(s->type) > 0;
    return s->memory >= 0 && H5Tset_cset(s->memory, H5Tget_cset(s->type)) >= 0 &&
           H5Tset_size(s->memory, is_variable ? H5T_VARIABLE : H5Tget_size(s->type)) >= 0 &&
           H5Tset_strpad(s->memory, H5Tget_strpad(s->type)) >= 0;
}

static bool understand_type(source *s, ask_error *err)
{
    H5T_class_t class = H5Tget_class(s->type);
    bool ok = (class != H5T_INTEGER && class != H5T_FLOAT) || is_sound(s->type);
    if (!ok)
        return ask_fail(err, ASK_ERR_FORMAT, "%s: %s: its type of numbers is malformed",
                        s->file->path, s->where);
    switch (class) {
    case H5T_INTEGER:
        if (!integer_like(&s->info.type, s->type))
            return unsupported(s, "integers of more than 8 bytes", err);
        s->memory = H5Tcopy(native_number(s->info.type));
        ok = s->memory >= 0;
        break;
    case H5T_FLOAT:
        ok = understand_real(s);
        break;
    case H5T_ENUM:
        ok = understand_enumeration(s);
        break;
    case H5T_STRING:
        ok = understand_text(s);
        break;
    case H5T_COMPOUND:
        return unsupported(s, "records", err);
    case H5T_VLEN:
        return unsupported(s, "lists of different lengths", err);
    case H5T_REFERENCE:
        return unsupported(s, "references", err);
    case H5T_ARRAY:
        return unsupported(s, "elements that are arrays", err);
    default:
        return unsupported(s, "another type", err);
    }
    return ok || fail_hdf5(s->file, s->where, "its type cannot be understood", err);
}

static bool understand_shape(source *s, ask_error *err)
{
    if (H5Sget_simple_extent_type(s->space) == H5S_NULL)
        return unsupported(s, "no value", err);
    hsize_t shape[H5S_MAX_RANK];
    int n_dims = H5Sget_simple_extent_dims(s->space, shape, NULL);
    if (n_dims < 0)
        return fail_hdf5(s->file, s->where, "its shape cannot be understood", err);
    if (n_dims > ASK_NPY_MAX_DIMS) return unsupported(s, "more than 8 dimensions", err);
    s->info.n_dims = n_dims;
    for (int i = 0; i < n_dims; i++) {
        if (shape[i] > INT64_MAX)
            return ask_fail(err, ASK_ERR_FORMAT, "%s: %s: a size beyond 63 bits",
                            s->file->path, s->where);
        s->info.shape[i] = (int64_t)shape[i];
    }
    return true;
}

/* Data sets whose data is in other files are refused. */
static bool check_layout(const source *s, ask_error *err)
{
    hid_t how = H5Dget_create_plist(s->id);
    if (how < 0) return fail_hdf5(s->file, s->where, "cannot be opened", err);
    bool is_elsewhere =
        H5Pget_layout(how) == H5D_VIRTUAL || H5Pget_external_count(how) != 0;
    release(how);
    return !is_elsewhere || unsupported(s, "data that lies in other files", err);
}

static bool open_dataset(source *s, ask_error *err)
{
    s->id = open_object(s->file, s->path, err);
    if (s->id < 0) return false;
    if (kind_of(s->id) != ASK_HDF5_DATASET)
        return ask_fail(err, ASK_ERR_FORMAT, "%s: %s: is no data set", s->file->path,
                        s->where);
    if (!check_layout(s, err)) return false;
    s->type = H5Dget_type(s->id);
    s->space = H5Dget_space(s->id);
    return true;
}

static bool open_attribute(source *s, ask_error *err)
{
    hid_t object = open_object(s->file, s->path, err);
    if (object < 0) return false;
    htri_t there = H5Aexists(object, s->attribute);
    s->id = there > 0 ? H5Aopen(object, s->attribute, H5P_DEFAULT) : -1;
    release(object);
    if (there == 0)
        return ask_fail(err, ASK_ERR_NOT_FOUND, "%s: %s has no attribute \"%s\"",
                        s->file->path, s->path, s->attribute);
    if (s->id < 0) return fail_hdf5(s->file, s->where, "cannot be opened", err);
    s->type = H5Aget_type(s->id);
    s->space = H5Aget_space(s->id);
    return true;
}

static bool open_source(source *s, const ask_hdf5 *f, const char *path,
                        const char *attribute, ask_error *err)
{
    *s = (source){
        .file = f,
        .path = path,
        .attribute = attribute,
        .id = -1,
        .type = -1,
        .space = -1,
        .memory = -1,
    };
    ask_format(s->where, sizeof s->where, attribute ? "%s, attribute %s" : "%s", path,
               attribute);
    if (!(attribute ? open_attribute(s, err) : open_dataset(s, err))) return false;
    if (s->type < 0 || s->space < 0)
        return fail_hdf5(f, s->where, "cannot be understood", err);
    return understand_shape(s, err) && understand_type(s, err);
}

bool ask_hdf5_describe(ask_hdf5_info *out, ask_hdf5 *file, const char *path, ask_error *err)
{
    source s;
    printing p = hush();
    bool ok = open_source(&s, file, path, NULL, err);
    close_source(&s);
    restore(p);
    if (ok) *out = s.info;
    return ok;
}

/* ---- reading ---- */

/* Elements of a source; false, with an error, when they need more memory than allowed. */
static bool count_elements(size_t *out, const source *s, size_t element_bytes,
                           size_t max_bytes, ask_error *err)
{
    size_t n = 1, bytes = 0;
    bool is_empty = false, fits = true;
    for (int i = 0; i < s->info.n_dims; i++) {
        if (s->info.shape[i] == 0)
            is_empty = true;
        else
            fits = fits && ask_mul_size(&n, n, (size_t)s->info.shape[i]);
    }
    if (is_empty) n = 0;
    fits = is_empty || (fits && ask_mul_size(&bytes, n, element_bytes));
    if (!fits || bytes > max_bytes)
        return ask_fail(err, ASK_ERR_LIMIT, "%s: %s: needs more than the %zu bytes allowed",
                        s->file->path, s->where, max_bytes);
    *out = n;
    return true;
}

/* A chunk is unpacked whole, however few of its elements are wanted. */
static bool check_chunks(const source *s, hid_t how, size_t max_bytes, ask_error *err)
{
    hsize_t shape[H5S_MAX_RANK];
    int n_dims = H5Pget_chunk(how, H5S_MAX_RANK, shape);
    size_t bytes = H5Tget_size(s->type);
    for (int i = 0; i < n_dims; i++) {
        if (ask_mul_size(&bytes, bytes, (size_t)shape[i]) && bytes <= max_bytes) continue;
        return ask_fail(err, ASK_ERR_LIMIT,
                        "%s: %s: one of its chunks needs more than the %zu bytes allowed",
                        s->file->path, s->where, max_bytes);
    }
    return true;
}

/* Data beside the header has the size that the shape needs. libhdf5 1.10 does not look. */
static bool check_compact(const source *s, ask_error *err)
{
    hssize_t n = H5Sget_simple_extent_npoints(s->space);
    size_t bytes;
    return (n >= 0 && ask_bytes_of(&bytes, n, H5Tget_size(s->type)) &&
            bytes <= H5Dget_storage_size(s->id)) ||
           ask_fail(err, ASK_ERR_FORMAT, "%s: %s: less data than its shape needs",
                    s->file->path, s->where);
}

static bool check_storage(const source *s, size_t max_bytes, ask_error *err)
{
    if (s->attribute) return true;
    hid_t how = H5Dget_create_plist(s->id);
    H5D_layout_t layout = H5Pget_layout(how);
    bool ok = layout == H5D_CHUNKED   ? check_chunks(s, how, max_bytes, err)
              : layout == H5D_COMPACT ? check_compact(s, err)
                                      : true;
    release(how);
    return ok;
}

/* Chooses rows [begin, end) of a source, of which it then consists. */
static bool choose_rows(source *s, int64_t begin, int64_t end, ask_error *err)
{
    int64_t n_rows = s->info.n_dims > 0 ? s->info.shape[0] : 0;
    if (s->info.n_dims == 0 || begin < 0 || begin > end || end > n_rows) {
        return ask_fail(err, ASK_ERR_SHAPE, "%s: %s: rows %lld to %lld of %lld",
                        s->file->path, s->where, (long long)begin, (long long)end,
                        (long long)n_rows);
    }
    hsize_t from[ASK_NPY_MAX_DIMS] = {(hsize_t)begin}, count[ASK_NPY_MAX_DIMS];
    s->info.shape[0] = end - begin;
    for (int i = 0; i < s->info.n_dims; i++) count[i] = (hsize_t)s->info.shape[i];
    return H5Sselect_hyperslab(s->space, H5S_SELECT_SET, from, NULL, count, NULL) >= 0 ||
           fail_hdf5(s->file, s->where, "its rows cannot be chosen", err);
}

/* Reads what was chosen of a source. transfer says how libhdf5 takes memory for texts. */
static bool transfer(const source *s, void *to, hid_t how, ask_error *err)
{
    if (s->attribute) {
        return H5Aread(s->id, s->memory, to) >= 0 ||
               fail_hdf5(s->file, s->where, "cannot be read", err);
    }
    hsize_t shape[ASK_NPY_MAX_DIMS];
    for (int i = 0; i < s->info.n_dims; i++) shape[i] = (hsize_t)s->info.shape[i];
    hid_t there = s->info.n_dims > 0 ? H5Screate_simple(s->info.n_dims, shape, NULL)
                                     : H5Screate(H5S_SCALAR);
    bool ok = there >= 0 && H5Dread(s->id, s->memory, there, s->space, how, to) >= 0;
    if (!ok) fail_hdf5(s->file, s->where, "cannot be read", err);
    release(there);
    return ok;
}

static bool load_numbers(ask_npy *out, const source *s, size_t max_bytes, ask_error *err)
{
    if (s->info.is_text)
        return ask_fail(err, ASK_ERR_FORMAT, "%s: %s: holds texts, not numbers",
                        s->file->path, s->where);
    size_t n, element = ask_npy_type_bytes(s->info.type);
    if (!count_elements(&n, s, element, max_bytes, err) ||
        !check_storage(s, max_bytes, err))
        return false;
    ask_npy a = {.type = s->info.type, .n_dims = s->info.n_dims, .bytes = n * element};
    memcpy(a.shape, s->info.shape, sizeof a.shape);
    a.data = malloc(a.bytes + 1); // never of size 0
    if (!a.data) return ask_fail_memory(err);
    if (n > 0 && !transfer(s, a.data, H5P_DEFAULT, err)) {
        free(a.data);
        return false;
    }
    if (a.type == ASK_NPY_BOOL) {
        for (uint8_t *b = a.data, *end = b + a.bytes; b < end; b++) *b = *b != 0;
    }
    *out = a;
    return true;
}

/* All of it where rows is NULL, else rows[0] to rows[1]. */
static bool read_numbers(ask_npy *out, const ask_hdf5 *f, const char *path,
                         const char *attribute, const int64_t *rows, size_t max_bytes,
                         ask_error *err)
{
    source s;
    printing p = hush();
    bool ok = open_source(&s, f, path, attribute, err) &&
              (!rows || choose_rows(&s, rows[0], rows[1], err)) &&
              load_numbers(out, &s, max_bytes, err);
    close_source(&s);
    restore(p);
    return ok;
}

bool ask_hdf5_read(ask_npy *out, ask_hdf5 *file, const char *path, size_t max_bytes,
                   ask_error *err)
{
    return read_numbers(out, file, path, NULL, NULL, max_bytes, err);
}

bool ask_hdf5_read_rows(ask_npy *out, ask_hdf5 *file, const char *path, int64_t begin,
                        int64_t end, size_t max_bytes, ask_error *err)
{
    return read_numbers(out, file, path, NULL, (int64_t[]){begin, end}, max_bytes, err);
}

bool ask_hdf5_read_attribute(ask_npy *out, ask_hdf5 *file, const char *path,
                             const char *attribute, size_t max_bytes, ask_error *err)
{
    return read_numbers(out, file, path, attribute, NULL, max_bytes, err);
}

/* ---- texts ---- */

/* Where texts go, and how much may. */
typedef struct {
    ask_arena *room;
    size_t left; // bytes
    bool is_over, no_memory;
} budget;

/* What libhdf5 takes memory for texts of their own lengths with. */
static void *take_memory(size_t n_bytes, void *user)
{
    budget *b = user;
    if (n_bytes > b->left) {
        b->is_over = true;
        return NULL;
    }
    b->left -= n_bytes;
    void *memory = ask_arena_alloc(b->room, n_bytes);
    b->no_memory = !memory;
    return memory;
}

static void keep_memory(void *memory, void *user)
{
    (void)memory, (void)user;
}

static bool fail_budget(const source *s, const budget *b, size_t max_bytes, ask_error *err)
{
    if (b->no_memory) return ask_fail_memory(err);
    return ask_fail(err, ASK_ERR_LIMIT, "%s: %s: needs more than the %zu bytes allowed",
                    s->file->path, s->where, max_bytes);
}

/* Data sets: the texts are made in the room. */
static bool load_variable(char **texts, const source *s, budget *b, size_t max_bytes,
                          ask_error *err)
{
    hid_t how = H5Pcreate(H5P_DATASET_XFER);
    bool ok = how >= 0 && H5Pset_vlen_mem_manager(how, take_memory, b, keep_memory, b) >= 0;
    if (!ok) fail_hdf5(s->file, s->where, "cannot be read", err);
    ok = ok && transfer(s, texts, how, err);
    release(how);
    return ok || (b->is_over || b->no_memory ? fail_budget(s, b, max_bytes, err) : false);
}

/* Attributes: libhdf5 takes memory of its own, from which the texts are copied. */
static bool copy_variable(char **texts, size_t n, const source *s, budget *b,
                          size_t max_bytes, ask_error *err)
{
    char **theirs = calloc(n, sizeof *theirs);
    if (!theirs) return ask_fail_memory(err);
    bool ok = transfer(s, theirs, H5P_DEFAULT, err);
    for (size_t i = 0; ok && i < n; i++) {
        if (!theirs[i]) continue;
        size_t bytes = strlen(theirs[i]) + 1;
        texts[i] = take_memory(bytes, b);
        if (texts[i])
            memcpy(texts[i], theirs[i], bytes);
        else
            ok = fail_budget(s, b, max_bytes, err);
    }
    H5Dvlen_reclaim(s->memory, s->space, H5P_DEFAULT, theirs);
    free(theirs);
    return ok;
}

/* How long a text of fixed size is without its padding. */
static size_t text_length(const char *text, size_t size, H5T_str_t padding)
{
    size_t n = strnlen(text, size);
    while (padding == H5T_STR_SPACEPAD && n > 0 && text[n - 1] == ' ') n--;
    return n;
}

static bool load_fixed(char **texts, size_t n, const source *s, budget *b, size_t max_bytes,
                       ask_error *err)
{
    size_t size = H5Tget_size(s->memory);
    H5T_str_t padding = H5Tget_strpad(s->memory);
    size_t n_bytes;
    if (!count_elements(&n, s, size, max_bytes, err) || !ask_mul_size(&n_bytes, n, size))
        return false;
    char *bytes = malloc(n_bytes + 1);
    if (!bytes) return ask_fail_memory(err);
    bool ok = transfer(s, bytes, H5P_DEFAULT, err);
    for (size_t i = 0; ok && i < n; i++) {
        const char *text = bytes + i * size;
        size_t length = text_length(text, size, padding);
        texts[i] = take_memory(length + 1, b);
        if (!texts[i])
            ok = fail_budget(s, b, max_bytes, err);
        else
            memcpy(texts[i], text, length);
    }
    free(bytes);
    return ok;
}

static bool load_texts(const char *const **out, size_t *n, const source *s,
                       size_t max_bytes, ask_arena *room, ask_error *err)
{
    if (!s->info.is_text)
        return ask_fail(err, ASK_ERR_FORMAT, "%s: %s: holds numbers, not texts",
                        s->file->path, s->where);
    size_t count;
    if (!count_elements(&count, s, sizeof(char *), max_bytes, err) ||
        !check_storage(s, max_bytes, err))
        return false;
    char **texts = ask_arena_array(room, count, sizeof *texts);
    if (!texts) return ask_fail_memory(err);
    budget b = {.room = room, .left = max_bytes - count * sizeof *texts};
    bool ok = true;
    if (count > 0 && H5Tis_variable_str(s->memory) <= 0)
        ok = load_fixed(texts, count, s, &b, max_bytes, err);
    else if (count > 0)
        ok = s->attribute ? copy_variable(texts, count, s, &b, max_bytes, err)
                          : load_variable(texts, s, &b, max_bytes, err);
    if (!ok) return false;
    for (size_t i = 0; i < count; i++)
        if (!texts[i]) texts[i] = ""; // a text that was never written
    *out = (const char *const *)texts;
    *n = count;
    return true;
}

static bool read_texts(const char *const **out, size_t *n, const ask_hdf5 *f,
                       const char *path, const char *attribute, size_t max_bytes,
                       ask_arena *room, ask_error *err)
{
    source s;
    printing p = hush();
    bool ok = open_source(&s, f, path, attribute, err) &&
              load_texts(out, n, &s, max_bytes, room, err);
    close_source(&s);
    restore(p);
    return ok;
}

bool ask_hdf5_read_texts(const char *const **out, size_t *n, ask_hdf5 *file,
                         const char *path, size_t max_bytes, ask_arena *room,
                         ask_error *err)
{
    return read_texts(out, n, file, path, NULL, max_bytes, room, err);
}

bool ask_hdf5_read_attribute_texts(const char *const **out, size_t *n, ask_hdf5 *file,
                                   const char *path, const char *attribute,
                                   size_t max_bytes, ask_arena *room, ask_error *err)
{
    return read_texts(out, n, file, path, attribute, max_bytes, room, err);
}

#endif
