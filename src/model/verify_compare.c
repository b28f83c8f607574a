#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/verify_priv.h"
#include "tensor/shape.h"

/* ---- tolerances ---- */

/* f32 against f64 differs by about 3e-6 in encoders and 2e-5 in logits, which are larger
 * and come last; the first name that fits counts. */
static const struct {
    const char *names;
    double tol_abs, tol_rel;
} kinds[] = {
    {"*logits*", 2e-4, 1e-4},
    {"*step_scores*", 2e-4, 1e-4},
    {"*", 2e-5, 1e-4},
};

void verify_set_tolerance(ask_verify_row *row, const char *name, double tol)
{
    row->tol_abs = row->tol_rel = tol;
    for (size_t i = 0; tol == 0 && i < sizeof kinds / sizeof *kinds; i++) {
        if (!ask_glob_match(kinds[i].names, name)) continue;
        row->tol_abs = kinds[i].tol_abs;
        row->tol_rel = kinds[i].tol_rel;
        return;
    }
}

/* ---- values ---- */

bool verify_is_integer(ask_dtype type)
{
    switch (type) {
    case ASK_I32:
    case ASK_I64:
    case ASK_BOOL:
    case ASK_I8:
    case ASK_U8:
    case ASK_I16:
    case ASK_U16:
    case ASK_U32:
    case ASK_U64:
        return true;
    default:
        return false;
    }
}

int64_t verify_integer_at(ask_dtype type, const void *data, int64_t i)
{
    size_t bytes = ask_dtype_bytes(type);
    uint64_t value = 0;
    memcpy(&value, (const char *)data + (size_t)i * bytes,
           bytes); // little-endian, as files are
    unsigned unused = 64 - 8 * (unsigned)bytes;
    bool has_sign = type == ASK_I8 || type == ASK_I16 || type == ASK_I32;
    return has_sign ? (int64_t)(value << unused) >> unused : (int64_t)value;
}

/* Every element as a double. Integers beyond 2^53 do not occur: they are ids and counts. */
static bool widen(double *out, ask_dtype type, const void *from, int64_t n, ask_error *err)
{
    if (verify_is_integer(type)) {
        for (int64_t i = 0; i < n; i++) out[i] = (double)verify_integer_at(type, from, i);
        return true;
    }
    float *narrow = malloc((size_t)n * sizeof *narrow + 1);
    if (!narrow) return ask_fail_memory(err);
    ask_dtype_to_f32(type, narrow, from, (size_t)n);
    for (int64_t i = 0; i < n; i++) out[i] = narrow[i];
    free(narrow);
    return true;
}

bool verify_set_gradient_tolerance(ask_verify_row *row, const ask_weights_entry *reference,
                                   double tol, ask_error *err)
{
    // Where the loss does not depend on a parameter, rounding leaves about 1e-8.
    static const double SHARE = 1e-5, RELATIVE = 1e-4, REST = 1e-6;
    int64_t n = reference->n_elements;
    double largest = 0, *values = malloc(((size_t)n + 1) * sizeof *values);
    if (!values) return ask_fail_memory(err);
    bool ok = widen(values, reference->type, reference->data, n, err);
    for (int64_t i = 0; i < n && ok; i++) largest = fmax(largest, fabs(values[i]));
    free(values);
    row->tol_abs = tol != 0 ? tol : SHARE * largest + REST;
    row->tol_rel = tol != 0 ? tol : RELATIVE;
    return ok;
}

bool verify_numbers_read(verify_numbers *out, const ask_tensor *t, ask_error *err)
{
    int64_t n = ask_tensor_count(t);
    verify_numbers v = {.type = ask_tensor_type(t), .n_dims = ask_tensor_n_dims(t)};
    for (int i = 0; i < v.n_dims; i++) v.shape[i] = ask_tensor_dim(t, i);
    void *bytes = malloc(ask_tensor_bytes(t) + 1);
    v.values = malloc(((size_t)n + 1) * sizeof *v.values);
    bool ok = (bytes && v.values) || ask_fail_memory(err);
    ok = ok && ask_tensor_read(t, bytes, ask_tensor_bytes(t), err) &&
         widen(v.values, v.type, bytes, n, err);
    free(bytes);
    if (ok)
        *out = v;
    else
        free(v.values);
    return ok;
}

void verify_numbers_free(verify_numbers *n)
{
    free(n->values);
    *n = (verify_numbers){0};
}

/* ---- comparing ---- */

static const char *place_text(char text[ASK_SHAPE_TEXT], const ask_weights_entry *e,
                              int64_t at)
{
    int64_t index[ASK_MAX_DIMS];
    for (int i = e->n_dims - 1; i >= 0; i--) {
        index[i] = at % e->shape[i];
        at /= e->shape[i];
    }
    return ask_dims_text(text, e->n_dims, index);
}

static bool counts(const verify_mask *m, const ask_weights_entry *e, int64_t at)
{
    if (!m->flags) return true;
    int64_t inner = 1, outer = 1;
    for (int i = m->axis + 1; i < e->n_dims; i++) inner *= e->shape[i];
    for (int i = 1; i < e->n_dims; i++) outer *= e->shape[i];
    int64_t place = at / inner % (m->before + m->n) - m->before;
    return place < 0 || m->flags[at / outer * m->n + place];
}

/* What was found while going through the elements. */
typedef struct {
    int64_t n, n_beyond, first; // elements that count, those beyond tolerance
    double squares;
} findings;

static findings go_through(ask_verify_row *row, const double *a, const double *b,
                           const ask_weights_entry *e, const verify_mask *mask)
{
    findings f = {.first = -1};
    for (int64_t i = 0; i < e->n_elements; i++) {
        if (!counts(mask, e, i)) continue;
        double difference = fabs(a[i] - b[i]);
        bool near = difference <= row->tol_abs + row->tol_rel * fabs(b[i]);
        f.n++;
        f.squares += difference * difference;
        if (isnan(difference) || difference > row->max_abs) row->max_abs = difference;
        if (fabs(b[i]) > row->max_ref) row->max_ref = fabs(b[i]);
        if (near && isfinite(b[i])) continue;
        if (f.n_beyond++ == 0) f.first = i;
    }
    return f;
}

static void compare_values(ask_verify_row *row, ask_str *reason, const double *a,
                           const double *b, const ask_weights_entry *e,
                           const verify_mask *mask)
{
    findings f = go_through(row, a, b, e, mask);
    row->rms = f.n ? sqrt(f.squares / (double)f.n) : 0;
    row->compared = f.n > 0;
    row->passed = f.n > 0 && f.n_beyond == 0;
    if (f.n == 0) {
        ask_str_append(reason, e->n_elements ? "the mask leaves nothing to compare"
                                             : "it has no elements");
        return;
    }
    if (row->passed) return;
    char place[ASK_SHAPE_TEXT];
    ask_str_printf(reason,
                   "%" PRId64 " of %" PRId64 " values beyond tolerance, first at %s: %.9g, "
                   "expected %.9g",
                   f.n_beyond, f.n, place_text(place, e, f.first), a[f.first], b[f.first]);
}

static bool same_shape(const verify_numbers *v, const ask_weights_entry *e)
{
    bool same = v->n_dims == e->n_dims;
    for (int i = 0; i < e->n_dims && same; i++) same = v->shape[i] == e->shape[i];
    return same;
}

bool verify_compare(ask_verify_row *row, ask_str *reason, const verify_numbers *ours,
                    const ask_weights_entry *reference, const verify_mask *mask,
                    ask_error *err)
{
    if (!same_shape(ours, reference)) {
        char shape[ASK_SHAPE_TEXT];
        ask_str_printf(reason, "the network gives %s",
                       ask_dims_text(shape, ours->n_dims, ours->shape));
        return true;
    }
    bool integers = verify_is_integer(reference->type);
    if (integers != verify_is_integer(ours->type)) {
        ask_str_printf(reason, "the network gives %s, not %s", ask_dtype_name(ours->type),
                       ask_dtype_name(reference->type));
        return true;
    }
    if (integers) row->tol_abs = row->tol_rel = 0;
    double *expected = malloc(((size_t)reference->n_elements + 1) * sizeof *expected);
    bool ok = expected || ask_fail_memory(err);
    ok =
        ok && widen(expected, reference->type, reference->data, reference->n_elements, err);
    if (ok) compare_values(row, reason, ours->values, expected, reference, mask);
    free(expected);
    return ok;
}
