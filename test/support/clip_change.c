/* Changes to files that a muxer has finished. */
#include <stdlib.h>
#include <string.h>

#include "support/clips_priv.h"
#include "support/testing.h"

typedef struct {
    const char *path;
    uint8_t *bytes;
    size_t n_bytes;
} file;

static file load(const char *path)
{
    file f = {.path = path};
    f.bytes = (uint8_t *)test_read(path, &f.n_bytes);
    return f;
}

static void store(file *f, size_t n_bytes)
{
    test_write(f->path, f->bytes, n_bytes);
    free(f->bytes);
}

/* The first place of these bytes that is not before `from`. */
static uint8_t *find(const file *f, const uint8_t *from, const void *bytes, size_t n)
{
    size_t left = f->n_bytes - (size_t)(from - f->bytes);
    uint8_t *at = memmem(from, left, bytes, n);
    if (!at) fail_msg("%s: the place to change is not there", f->path);
    return at;
}

static uint8_t *find_tag(const file *f, const uint8_t *from, const char *tag)
{
    return find(f, from, tag, 4);
}

static void put_big(uint8_t *to, uint32_t value, int n_bytes)
{
    for (int i = n_bytes - 1; i >= 0; i--, value >>= 8) to[i] = (uint8_t)value;
}

static void put_little(uint8_t *to, uint32_t value, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++, value >>= 8) to[i] = (uint8_t)value;
}

static uint32_t get_big(const uint8_t *from)
{
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 |
           from[3];
}

void clip_overwrite(const char *path, const void *packet, size_t n_bytes, size_t from)
{
    file f = load(path);
    memset(find(&f, f.bytes, packet, n_bytes) + from, 0xff, n_bytes - from);
    store(&f, f.n_bytes);
}

void clip_cut_within(const char *path, const void *packet, size_t n_bytes)
{
    file f = load(path);
    const uint8_t *at = find(&f, f.bytes, packet, n_bytes);
    store(&f, (size_t)(at - f.bytes) + n_bytes / 2);
}

/* The edit list box, ISO/IEC 14496-12, 8.6.6: version 0 with one entry. */
void clip_edit_mp4(const char *path, int64_t begin_media, int64_t duration_ms)
{
    file f = load(path);
    uint8_t *list = find_tag(&f, find_tag(&f, f.bytes, "moov"), "elst") + 4;
    if (get_big(list) != 0 || get_big(list + 4) != 1)
        fail_msg("%s: not an edit list of version 0 with one entry", path);
    put_big(list + 8, (uint32_t)duration_ms, 4);
    put_big(list + 12, get_big(list + 12) + (uint32_t)begin_media, 4);
    store(&f, f.n_bytes);
}

/* In MP4 the size is in the sample entry, and in the decoder's configuration, which is made
 * unreadable. In AVI it is in the stream's format. */
void clip_resize_header(const char *path, int side_px)
{
    file f = load(path);
    if (memmem(f.bytes, f.n_bytes, "moov", 4)) {
        uint8_t *entry = find_tag(&f, find_tag(&f, f.bytes, "moov"), "avc1");
        put_big(entry + 28, (uint32_t)side_px, 2);
        put_big(entry + 30, (uint32_t)side_px, 2);
        memcpy(find_tag(&f, entry, "avcC"), "free", 4);
    } else {
        uint8_t *format = find_tag(&f, f.bytes, "strf");
        put_little(format + 12, (uint32_t)side_px, 4);
        put_little(format + 16, (uint32_t)side_px, 4);
    }
    store(&f, f.n_bytes);
}

/* Turns the Cues element into a Void one of the same extent (RFC 8794, 5 and 6): the
 * four-byte id becomes one byte, and the size takes the three bytes that are left over. */
void clip_remove_cues(const char *path)
{
    static const uint8_t id[4] = {0x1c, 0x53, 0xbb, 0x6b};
    static const uint8_t id_of_id[2] = {0x53,
                                        0xab}; // it stands in the list of elements too
    file f = load(path);
    uint8_t *at = find(&f, f.bytes, id, sizeof id);
    while (memcmp(at - 3, id_of_id, sizeof id_of_id) == 0)
        at = find(&f, at + 1, id, sizeof id);
    int n_size = 1;
    while (n_size <= 4 && !(at[4] & 0x100 >> n_size)) n_size++;
    uint64_t size = at[4] & (0xff >> n_size);
    for (int i = 1; i < n_size; i++) size = size << 8 | at[4 + i];
    int n_wide = n_size + 3;
    at[0] = 0xec;
    for (int i = n_wide; i > 0; i--, size >>= 8) at[i] = (uint8_t)size;
    at[1] |= (uint8_t)(0x100 >> n_wide);
    store(&f, f.n_bytes);
}
