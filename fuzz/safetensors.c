/* Safetensors files. An input that begins with '{' is a header up to its first NUL and data
 * behind that, for which the length is made here; so a change of the header's length is not
 * the end of it. Any other input is a file as it is. */
#include <stdlib.h>
#include <string.h>

#include "tensor/quant.h"
#include "weights/weights.h"

static void check(bool condition)
{
    if (!condition) abort();
}

/* Reads a row of each panel, however long rows are that a small file can have. */
static void use_panels(const ask_weights_entry *e)
{
    check(e->n_dims == 2);
    int64_t n = e->shape[0], k = e->shape[1];
    if (n == 0 || k == 0) return;
    float *row = malloc((size_t)k * sizeof *row);
    for (int64_t r = 0; r < n; r += ASK_QUANT_ROWS)
        ask_quant_decode(e->type, row, e->data, r, k);
    free(row);
}

/* Reads every element, and checks that the tensors lie one after the other. */
static void use(const ask_weights *s, const uint8_t *file, size_t size)
{
    const uint8_t *at = NULL;
    for (size_t i = 0; i < ask_weights_count(s); i++) {
        const ask_weights_entry *e = ask_weights_at(s, i);
        check(ask_weights_find(s, e->name) == e);
        const uint8_t *data = e->data;
        check(data >= file + 8 && data + e->bytes <= file + size && (!at || at == data));
        at = data + e->bytes;
        float some[64];
        if (ask_dtype_is_coded(e->type)) {
            use_panels(e);
            continue;
        }
        for (int64_t k = 0; k < e->n_elements; k += 64) {
            size_t n = e->n_elements - k < 64 ? (size_t)(e->n_elements - k) : 64;
            ask_dtype_to_f32(e->type, some, data + (size_t)k * ask_dtype_bytes(e->type), n);
        }
        ask_weights_release(s, e);
    }
    check(!at || at == file + size);
    for (size_t i = 0; i < ask_weights_n_notes(s); i++)
        check(ask_weights_note_at(s, i).key && ask_weights_note_at(s, i).value);
}

static void read_file(const uint8_t *file, size_t size)
{
    ask_error err = {0};
    ask_weights *s = ask_weights_parse(file, size, "fuzz", &err);
    check(s || (err.code == ASK_ERR_MODEL && err.message[0]));
    if (s) use(s, file, size);
    ask_weights_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || data[0] != '{') {
        read_file(data, size);
        return 0;
    }
    const uint8_t *nul = memchr(data, '\0', size);
    size_t header = nul ? (size_t)(nul - data) : size;
    size_t behind = nul ? size - header - 1 : 0;
    uint8_t *file = malloc(8 + header + behind);
    for (int i = 0; i < 8; i++) file[i] = (uint8_t)(header >> 8 * i);
    memcpy(file + 8, data, header);
    if (behind > 0) memcpy(file + 8 + header, nul + 1, behind);
    read_file(file, 8 + header + behind);
    free(file);
    return 0;
}
