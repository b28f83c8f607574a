/* base/map.h - a file seen as memory, read-only. */
#ifndef ASK_BASE_MAP_H
#define ASK_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/error.h"

typedef struct {
    const uint8_t *data; // never NULL while open, also for an empty file
    size_t n_bytes;
} ask_map;

/* Maps a regular file. ASK_ERR_IO for what cannot be opened and for folders and devices.
 * The file must not be made shorter while it is mapped (replacing it by rename is fine):
 * reading beyond its end is a SIGBUS. */
ASK_API bool ask_map_open(ask_map *out, const char *path, ask_error *err);

/* Lets the system take back the memory behind the whole pages of this range, after it was
 * copied elsewhere. The bytes stay readable; they are read from the file again. */
ASK_API void ask_map_release(const ask_map *map, size_t offset, size_t n_bytes);

/* Leaves *map {0}; a {0} map is allowed. */
ASK_API void ask_map_close(ask_map *map);

#endif
