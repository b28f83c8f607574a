/* Torch archives of both formats, and pickled arrays. */
#include <stdlib.h>
#include <string.h>

#include "weights/weights.h"

static void check(bool condition)
{
    if (!condition) abort();
}

static void use(const ask_weights *w)
{
    for (size_t i = 0; i < ask_weights_count(w); i++) {
        const ask_weights_entry *e = ask_weights_at(w, i);
        check(ask_weights_find(w, e->name) == e);
        check(e->bytes == (size_t)e->n_elements * ask_dtype_bytes(e->type));
        float value;
        for (int64_t k = 0; k < e->n_elements; k += 1 + e->n_elements / 64) {
            const uint8_t *at =
                (const uint8_t *)e->data + (size_t)k * ask_dtype_bytes(e->type);
            ask_dtype_to_f32(e->type, &value, at, 1);
        }
        ask_weights_release(w, e);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask_error err = {0};
    ask_weights *w = ask_weights_parse(data, size, "fuzz.pth", &err);
    check(w ||
          ((err.code == ASK_ERR_MODEL || err.code == ASK_ERR_NOMEM) && err.message[0]));
    if (w) use(w);
    ask_weights_close(w);
    return 0;
}
