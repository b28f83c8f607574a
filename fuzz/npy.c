/* .npy files. */
#include <stdlib.h>
#include <string.h>

#include "base/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask_npy array, again;
    ask_error err;
    if (!ask_npy_parse(&array, data, size, "fuzz", &err)) return 0;
    ask_str file = {0};
    ask_npy_append_header(&file, array.type, array.n_dims, array.shape);
    if (file.length % 64 != 0) abort();
    ask_str_append_bytes(&file, array.data, array.bytes);
    if (!ask_npy_parse(&again, file.data, file.length, "again", &err)) abort();
    if (again.type != array.type || again.bytes != array.bytes) abort();
    if (memcmp(again.shape, array.shape, sizeof array.shape) != 0) abort();
    if (memcmp(again.data, array.data, array.bytes) != 0) abort();
    ask_npy_free(&array);
    ask_npy_free(&again);
    ask_str_free(&file);
    return 0;
}
