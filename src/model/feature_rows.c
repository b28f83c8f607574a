/* Rows of features: made of what is stored, and made as many as a network takes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "model/feature_store_priv.h"
#include "weights/npy_entry.h"

void feature_array_free(feature_array *a)
{
    free(a->t_s);
    free(a->model_id);
    ask_npy_free(&a->array);
    ask_weights_close(a->weights);
    *a = (feature_array){0};
}

bool feature_array_take_npy(feature_array *a, ask_error *err)
{
    return ask_weights_entry_of_npy(&a->numbers, &a->array) ||
           ask_fail(err, ASK_ERR_UNSUPPORTED, "%d dimensions (at most %d)", a->array.n_dims,
                    ASK_MAX_DIMS);
}

bool feature_rows_of(int64_t *n, int64_t *width, const ask_weights_entry *numbers,
                     ask_error *err)
{
    if (!ask_dtype_is_real(numbers->type))
        return ask_fail(err, ASK_ERR_UNSUPPORTED,
                        "holds %s, but features are f32, f16, bf16 or f64",
                        ask_dtype_name(numbers->type));
    int last = numbers->n_dims - 1;
    if (last < 0 || numbers->shape[last] <= 0)
        return ask_fail(err, ASK_ERR_FORMAT, "%s is no row of features",
                        last < 0 ? "a single number" : "an array of width 0");
    *width = numbers->shape[last];
    *n = numbers->n_elements / *width;
    return true;
}

/* Rows are what a message counts in: it tells the first number that is none. */
static bool check_finite(const ask_feature_rows *r, ask_error *err)
{
    for (int64_t i = 0; i < r->n * r->width; i++) {
        if (isfinite(r->data[i])) continue;
        return ask_fail(err, ASK_ERR_FORMAT,
                        "row %lld, column %lld is %s; make these features again",
                        (long long)(i / r->width), (long long)(i % r->width),
                        isnan(r->data[i]) ? "NaN" : "infinite");
    }
    for (int64_t i = 0; i < r->n_times; i++) {
        if (!isfinite(r->t_s[i]))
            return ask_fail(err, ASK_ERR_FORMAT, "time %lld is no number of seconds",
                            (long long)i);
    }
    return true;
}

bool feature_rows_make(ask_feature_rows *out, feature_array *from, ask_error *err)
{
    const ask_weights_entry *e = &from->numbers;
    ask_feature_rows r = {.n_dims = e->n_dims, .n_times = from->n_times};
    if (!feature_rows_of(&r.n, &r.width, e, err)) return false;
    memcpy(r.shape, e->shape, (size_t)e->n_dims * sizeof *e->shape);
    size_t bytes;
    if (!ask_bytes_of(&bytes, e->n_elements, sizeof *r.data))
        return ask_fail(err, ASK_ERR_LIMIT, "too large for this machine");
    r.data = malloc(bytes ? bytes : 1);
    if (!r.data) return ask_fail_memory(err);
    ask_dtype_to_f32(e->type, r.data, e->data, (size_t)e->n_elements);
    r.t_s = from->t_s;
    r.model_id = from->model_id;
    if (!check_finite(&r, err)) {
        free(r.data);
        return false;
    }
    from->t_s = NULL;
    from->model_id = NULL;
    *out = r;
    return true;
}

void ask_feature_rows_free(ask_feature_rows *rows)
{
    free(rows->data);
    free(rows->t_s);
    free(rows->model_id);
    *rows = (ask_feature_rows){0};
}

int64_t ask_feature_row_at(int64_t j, int64_t n_rows, int64_t n)
{
    if (n <= n_rows) return j < n ? j : -1;
    return n / n_rows * j + n % n_rows * j / n_rows; // j * n may not fit
}

int64_t ask_feature_rows_fit(float *out, int64_t n_rows, const ask_feature_rows *rows)
{
    int64_t width = rows->width;
    size_t row_bytes = (size_t)width * sizeof *out;
    for (int64_t j = 0; j < n_rows; j++, out += width) {
        int64_t i = ask_feature_row_at(j, n_rows, rows->n);
        if (i < 0)
            memset(out, 0, row_bytes);
        else
            memcpy(out, rows->data + i * width, row_bytes);
    }
    return rows->n < n_rows ? rows->n : n_rows;
}
