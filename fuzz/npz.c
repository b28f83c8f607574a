/* .npz files: every array that is listed is found by its name and reads, or says why not.
 */
#include <stdlib.h>

#include "base/npz.h"

enum { ENOUGH = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask_error err;
    ask_npz *npz = ask_npz_open_memory(data, size, "fuzz", &err);
    if (!npz) return 0;
    for (size_t i = 0; i < ask_npz_count(npz); i++) {
        size_t found;
        ask_npy array;
        if (!ask_npz_find(&found, npz, ask_npz_name(npz, i)) || found != i) abort();
        if (!ask_npz_read(&array, npz, i, ENOUGH, &err)) continue;
        if (array.bytes > ENOUGH) abort();
        ask_npy_free(&array);
    }
    ask_npz_close(npz);
    return 0;
}
