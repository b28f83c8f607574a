#include <stdlib.h>

#include "base/checked.h"
#include "model/features_priv.h"

enum { BATCH = 8 }; // inputs that are embedded together

bool feature_batch_open(feature_batch *b, ask_session *s, ask_image_output what,
                        feature_take_fn take, void *user, const ask_cancel *cancel,
                        ask_error *err)
{
    const ask_model *m = ask_session_model(s);
    const ask_model_info info = ask_model_info_of(m);
    int64_t shape[2];
    ask_image_output_shape(shape, m, what);
    *b = (feature_batch){
        .session = s, .what = what, .cancel = cancel, .take = take, .user = user};
    size_t side = (size_t)info.image_px, pixels_bytes, values_bytes;
    if (!ask_mul_size(&b->input_size, side, side) ||
        !ask_mul_size(&b->input_size, b->input_size, (size_t)info.n_channels) ||
        !ask_mul_size(&b->output_size, (size_t)shape[0], (size_t)shape[1]) ||
        !ask_mul_size(&pixels_bytes, b->input_size, BATCH * sizeof(float)) ||
        !ask_mul_size(&values_bytes, b->output_size, BATCH * sizeof(float)))
        return ask_fail_memory(err);
    b->pixels = malloc(pixels_bytes);
    b->values = malloc(values_bytes);
    return (b->pixels && b->values) || ask_fail_memory(err);
}

void feature_batch_close(feature_batch *b)
{
    free(b->pixels);
    free(b->values);
    *b = (feature_batch){0};
}

bool feature_batch_flush(feature_batch *b, ask_error *err)
{
    int n = b->n;
    b->n = 0;
    if (n == 0) return true;
    if (!ask_image_outputs(b->session, b->what, b->values, b->pixels, n, b->cancel, err))
        return false;
    for (int i = 0; i < n; i++) b->take(b->user, b->values + (size_t)i * b->output_size);
    return true;
}

float *feature_batch_next(feature_batch *b, ask_error *err)
{
    if (b->n == BATCH && !feature_batch_flush(b, err)) return NULL;
    return b->pixels + (size_t)b->n++ * b->input_size;
}
