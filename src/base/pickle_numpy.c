/* NumPy's arrays, scalars and types, as NumPy 1 and 2 take themselves apart. */
#include <string.h>

#include "base/npy_priv.h"
#include "base/pickle_priv.h"
#include "base/str.h"

enum { MAX_CODE = 16 }; // bytes of a type code

static const ask_pickle_value *arg(const ask_pickle_value *args, size_t i)
{
    return ask_pickle_item(args, i);
}

static ask_pickle_value *unexpected(pickle_machine *m, const char *what)
{
    pickle_fail(m, ASK_ERR_FORMAT, "unexpected arguments of %s", what);
    return NULL;
}

/* ---- types: dtype("f4", False, True), then a state with the byte order ---- */

ask_pickle_value *pickle_numpy_dtype(pickle_machine *m, const ask_pickle_value *args)
{
    const ask_pickle_value *code = arg(args, 0);
    if (!ask_pickle_is(code, ASK_PICKLE_STRING) || code->text.n_bytes + 1 >= MAX_CODE)
        return unexpected(m, "numpy.dtype");
    return pickle_new_text(m, ASK_PICKLE_DTYPE, code->text.data, code->text.n_bytes);
}

static bool is_none(const ask_pickle_value *v)
{
    return ask_pickle_is(v, ASK_PICKLE_NONE);
}

/* state: (version, byte order, type of a subarray, names, fields, ...) */
bool pickle_numpy_build_dtype(pickle_machine *m, ask_pickle_value *dtype,
                              const ask_pickle_value *state)
{
    const ask_pickle_value *order = arg(state, 1);
    if (!ask_pickle_is(state, ASK_PICKLE_TUPLE) || state->items.n < 5 ||
        !ask_pickle_is(order, ASK_PICKLE_STRING) || order->text.n_bytes != 1)
        return pickle_fail(m, ASK_ERR_FORMAT, "unexpected state of a NumPy type");
    if (!is_none(arg(state, 2)) || !is_none(arg(state, 3)) || !is_none(arg(state, 4))) {
        return pickle_fail(m, ASK_ERR_UNSUPPORTED,
                           "an array of records; save one field at a time");
    }
    char text[MAX_CODE];
    const char *code = dtype->text.data; // a second state replaces the order of the first
    if (code[0] && strchr("<>=|", code[0])) code++;
    int n = ask_format(text, sizeof text, "%c%s", order->text.data[0], code);
    ask_pickle_value *with_order = pickle_new_text(m, ASK_PICKLE_DTYPE, text, (size_t)n);
    if (!with_order) return false;
    dtype->text = with_order->text;
    return true;
}

/* ---- arrays ---- */

/* Takes the sizes of a shape: a tuple of integers. */
static bool take_shape(pickle_machine *m, ask_npy *array, const ask_pickle_value *shape)
{
    if (!ask_pickle_is(shape, ASK_PICKLE_TUPLE))
        return pickle_fail(m, ASK_ERR_FORMAT, "an array's shape is no tuple");
    if (shape->items.n > ASK_NPY_MAX_DIMS) {
        return pickle_fail(m, ASK_ERR_UNSUPPORTED, "an array of more than %d dimensions",
                           ASK_NPY_MAX_DIMS);
    }
    array->n_dims = (int)shape->items.n;
    for (int i = 0; i < array->n_dims; i++) {
        const ask_pickle_value *size = arg(shape, (size_t)i);
        if (!ask_pickle_is(size, ASK_PICKLE_INT))
            return pickle_fail(m, ASK_ERR_FORMAT, "an array's size is no integer");
        array->shape[i] = size->integer;
    }
    return true;
}

static bool has_bytes(const ask_pickle_value *v)
{
    return ask_pickle_is(v, ASK_PICKLE_BYTES) || ask_pickle_is(v, ASK_PICKLE_STRING);
}

/* Whether elements can be used where they lie. */
static bool is_ready(const ask_npy *array, const void *data, bool fortran_order,
                     bool is_big_endian)
{
    size_t element = ask_npy_type_bytes(array->type);
    return !(fortran_order && array->n_dims > 1) && !(is_big_endian && element > 1) &&
           array->type != ASK_NPY_BOOL && (uintptr_t)data % element == 0;
}

/* Makes *out of type, shape and data; shape NULL for a scalar. */
static bool make_array(pickle_machine *m, ask_pickle_value *out,
                       const ask_pickle_value *dtype, const ask_pickle_value *shape,
                       const ask_pickle_value *data, bool fortran_order)
{
    ask_npy *array = pickle_alloc(m, 1, sizeof *array);
    if (!array) return false;
    bool is_big_endian = false;
    if (!npy_parse_descr(&array->type, &is_big_endian, dtype->text.data, m->name, m->err) ||
        (shape && !take_shape(m, array, shape)))
        return false;
    if (!has_bytes(data))
        return pickle_fail(m, ASK_ERR_UNSUPPORTED, "an array whose data are %s",
                           data ? ask_pickle_kind_name(data->kind) : "missing");
    if (!npy_array_bytes(&array->bytes, array->type, array->n_dims, array->shape) ||
        array->bytes != data->text.n_bytes) {
        return pickle_fail(m, ASK_ERR_FORMAT,
                           "an array whose shape does not fit its %zu bytes of data",
                           data->text.n_bytes);
    }
    array->data = (void *)data->text.data; // read-only, as the header says
    if (!is_ready(array, array->data, fortran_order, is_big_endian)) {
        array->data = pickle_alloc(m, array->bytes + 1, 1);
        if (!array->data) return false;
        npy_copy_elements(array, data->text.data, fortran_order, is_big_endian);
    }
    out->array = array;
    return true;
}

/* _reconstruct(ndarray, (0,), b"b"): an array that its state fills later. */
ask_pickle_value *pickle_numpy_reconstruct(pickle_machine *m, const ask_pickle_value *args)
{
    if (!ask_pickle_is_text(arg(args, 0), "numpy.ndarray"))
        return unexpected(m, "numpy's _reconstruct");
    return pickle_new(m, ASK_PICKLE_ARRAY);
}

/* state: (version, shape, type, whether the first index runs fastest, data) */
bool pickle_numpy_build_array(pickle_machine *m, ask_pickle_value *array,
                              const ask_pickle_value *state)
{
    const ask_pickle_value *order = arg(state, 3);
    if (array->array || !ask_pickle_is(state, ASK_PICKLE_TUPLE) || state->items.n != 5 ||
        !ask_pickle_is(arg(state, 2), ASK_PICKLE_DTYPE) ||
        !(ask_pickle_is(order, ASK_PICKLE_BOOL) || ask_pickle_is(order, ASK_PICKLE_INT)))
        return pickle_fail(m, ASK_ERR_FORMAT, "unexpected state of an array");
    bool fortran = order->kind == ASK_PICKLE_BOOL ? order->truth : order->integer != 0;
    return make_array(m, array, arg(state, 2), arg(state, 1), arg(state, 4), fortran);
}

ask_pickle_value *pickle_numpy_scalar(pickle_machine *m, const ask_pickle_value *args)
{
    if (args->items.n != 2 || !ask_pickle_is(arg(args, 0), ASK_PICKLE_DTYPE))
        return unexpected(m, "a NumPy scalar");
    ask_pickle_value *scalar = pickle_new(m, ASK_PICKLE_ARRAY);
    if (!scalar) return NULL;
    return make_array(m, scalar, arg(args, 0), NULL, arg(args, 1), false) ? scalar : NULL;
}

/* _frombuffer(data, type, shape, order), of protocol 5 */
ask_pickle_value *pickle_numpy_from_buffer(pickle_machine *m, const ask_pickle_value *args)
{
    const ask_pickle_value *order = arg(args, 3);
    bool fortran = ask_pickle_is_text(order, "F");
    if (args->items.n != 4 || !ask_pickle_is(arg(args, 1), ASK_PICKLE_DTYPE) ||
        !(fortran || ask_pickle_is_text(order, "C")))
        return unexpected(m, "numpy's _frombuffer");
    ask_pickle_value *v = pickle_new(m, ASK_PICKLE_ARRAY);
    if (!v) return NULL;
    return make_array(m, v, arg(args, 1), arg(args, 2), arg(args, 0), fortran) ? v : NULL;
}
