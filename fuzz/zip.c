/* .zip archives: what is listed lies inside, and reads as it was listed. */
#include <stdlib.h>
#include <string.h>

#include "base/zip.h"

enum { ENOUGH = 1 << 20 };

static void read_entry(ask_zip *zip, size_t i, size_t archive_bytes)
{
    const ask_zip_entry *e = ask_zip_at(zip, i);
    if (e->offset > archive_bytes || e->packed_bytes > archive_bytes - e->offset) abort();
    size_t found;
    if (!ask_zip_find(&found, zip, e->name) || found != i) abort();
    char *bytes;
    size_t n_bytes;
    ask_error err;
    if (!ask_zip_read(&bytes, &n_bytes, zip, i, ENOUGH, &err)) return;
    if (n_bytes != e->n_bytes || n_bytes > ENOUGH) abort();
    const uint8_t *stored = ask_zip_stored(zip, i);
    if (stored && memcmp(stored, bytes, n_bytes) != 0) abort();
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask_error err;
    ask_zip *zip = ask_zip_open_memory(data, size, "fuzz", &err);
    if (!zip) return 0;
    for (size_t i = 0; i < ask_zip_count(zip); i++) read_entry(zip, i, size);
    ask_zip_close(zip);
    return 0;
}
