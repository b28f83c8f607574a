#include "base/zip.h"

#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST // it does not write what it reads
#include <zlib.h>

#include "base/arena.h"
#include "base/checked.h"
#include "base/map.h"

enum {
    MOST_COMMENT = 0xffff, // bytes behind the end record
    MOST_DEFLATED = 1032,  // bytes that one byte of deflate can stand for
    AT_ONCE = 1 << 30,     // zlib counts in 32 bits
    STORED = 0,            // methods of compression
    DEFLATED = 8,
    IS_ENCRYPTED = 1,     // flags of an entry
    SIZES_ARE_BEHIND = 8, // of its bytes, because they were not known in front
};

/* Records: what they begin with and how long they are, what is variable left out. */
enum { LOCAL_BYTES = 30, LISTED_BYTES = 46, END_BYTES = 22 };
enum { END64_BYTES = 56, LOCATOR64_BYTES = 20 };
static const char local_mark[4] = {'P', 'K', 3, 4};
static const char listed_mark[4] = {'P', 'K', 1, 2};
static const char end_mark[4] = {'P', 'K', 5, 6};
static const char end64_mark[4] = {'P', 'K', 6, 6};
static const char locator64_mark[4] = {'P', 'K', 6, 7};

typedef struct {
    ask_zip_entry shown;
    size_t begin; // of its local record
} entry;

struct ask_zip {
    const char *name;
    ask_map map; // of a file that we opened; else {0}
    const uint8_t *bytes;
    size_t n_bytes;
    ask_arena *room; // the name and what follows
    entry *entries;
    size_t n_entries;
    const entry **by_name; // the entries in the order of their names
};

static uint32_t get16(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8;
}

static uint32_t get32(const uint8_t *p)
{
    return get16(p) | get16(p + 2) << 16;
}

static uint64_t get64(const uint8_t *p)
{
    return get32(p) | (uint64_t)get32(p + 4) << 32;
}

/* ---- where the list is ---- */

typedef struct {
    size_t begin, end;
    uint64_t n_entries;
    size_t before; // bytes in front of the archive, from whose end places count
} directory;

/* Finds the record that ends the archive; false when there is none. */
static bool find_end(size_t *out, const ask_zip *zip)
{
    if (zip->n_bytes < END_BYTES) return false;
    size_t last = zip->n_bytes - END_BYTES;
    size_t first = last > MOST_COMMENT ? last - MOST_COMMENT : 0;
    for (size_t at = last + 1; at-- > first;) {
        const uint8_t *p = zip->bytes + at;
        if (memcmp(p, end_mark, 4) != 0 || get16(p + 20) != last - at) continue;
        *out = at;
        return true;
    }
    return false;
}

static bool find_directory(directory *out, const ask_zip *zip, ask_error *err)
{
    size_t end;
    if (!find_end(&end, zip))
        return ask_fail(err, ASK_ERR_FORMAT, "%s: not a .zip archive, or cut off",
                        zip->name);
    const uint8_t *p = zip->bytes + end;
    uint64_t disk = get16(p + 4), n_here = get16(p + 8), n = get16(p + 10);
    uint64_t size = get32(p + 12), offset = get32(p + 16);
    const uint8_t *locator = NULL;
    if (end >= END64_BYTES + LOCATOR64_BYTES &&
        memcmp(p - LOCATOR64_BYTES, locator64_mark, 4) == 0) {
        locator = p - LOCATOR64_BYTES;
        p = locator - END64_BYTES;
        end -= END64_BYTES + LOCATOR64_BYTES;
        disk = get32(p + 16), n_here = get64(p + 24), n = get64(p + 32);
        size = get64(p + 40), offset = get64(p + 48);
    }
    if (locator && (memcmp(p, end64_mark, 4) != 0 || get64(locator + 8) != offset + size))
        return ask_fail(err, ASK_ERR_FORMAT,
                        "%s: its zip64 end record is not where it should be", zip->name);
    if (disk != 0 || n_here != n)
        return ask_fail(err, ASK_ERR_UNSUPPORTED, "%s: one of several parts; join them",
                        zip->name);
    if (size > end || offset > end - size)
        return ask_fail(err, ASK_ERR_FORMAT, "%s: the list of entries is not in it",
                        zip->name);
    if (n > size / LISTED_BYTES)
        return ask_fail(err, ASK_ERR_FORMAT,
                        "%s: claims %llu entries, for which its list is too short",
                        zip->name, (unsigned long long)n);
    size_t begin = end - (size_t)size;
    *out = (directory){begin, end, n, begin - (size_t)offset};
    return true;
}

/* ---- the list of entries ---- */

/* A fault of one entry. Names come from outside and may be long: the fault stands first. */
static bool bad_entry(const ask_zip *zip, const char *name, ask_error_code code,
                      const char *fault, ask_error *err)
{
    return ask_fail(err, code, "%s: an entry %s: \"%s\"", zip->name, fault, name);
}

/* Whether one of the parts of a path is "..". */
static bool goes_up(const char *name)
{
    for (;;) {
        size_t n = strcspn(name, "/\\");
        if (n == 2 && memcmp(name, "..", 2) == 0) return true;
        if (!name[n]) return false;
        name += n + 1;
    }
}

static bool check_name(const ask_zip *zip, const char *name, size_t length, ask_error *err)
{
    const char *fault = NULL;
    if (length == 0)
        fault = "has no name";
    else if (strlen(name) != length)
        fault = "has a NUL in its name";
    else if (name[0] == '/' || name[0] == '\\')
        fault = "has an absolute name";
    else if (goes_up(name))
        fault = "has \"..\" in its name";
    return !fault || bad_entry(zip, name, ASK_ERR_FORMAT, fault, err);
}

/* What a list says of an entry. */
typedef struct {
    uint32_t flags, method, crc;
    uint64_t packed, unpacked, offset;
    size_t name_length;
} listed;

static bool check_compression(const ask_zip *zip, const char *name, const listed *l,
                              ask_error *err)
{
    if (l->flags & IS_ENCRYPTED)
        return bad_entry(zip, name, ASK_ERR_UNSUPPORTED, "is encrypted", err);
    if (l->method == STORED) {
        return l->packed == l->unpacked ||
               bad_entry(zip, name, ASK_ERR_FORMAT, "is stored, yet has two sizes", err);
    }
    if (l->method != DEFLATED) {
        return bad_entry(zip, name, ASK_ERR_UNSUPPORTED,
                         "is compressed by other means than deflate", err);
    }
    return l->unpacked / MOST_DEFLATED <= l->packed ||
           bad_entry(zip, name, ASK_ERR_FORMAT, "claims a size that deflate cannot reach",
                     err);
}

/* Takes the numbers that did not fit into 32 bits from the field that has them, if it is
 * there; false when it is too short. */
static bool take_wide(listed *l, const uint8_t *extra, size_t n_bytes)
{
    uint64_t *const wide[] = {&l->unpacked, &l->packed, &l->offset};
    while (n_bytes >= 4) {
        size_t id = get16(extra), length = get16(extra + 2);
        extra += 4, n_bytes -= 4;
        if (length > n_bytes) return id != 1;
        for (int i = 0; id == 1 && i < 3; i++) {
            if (*wide[i] != UINT32_MAX) continue;
            if (length < 8) return false;
            *wide[i] = get64(extra);
            extra += 8, n_bytes -= 8, length -= 8;
        }
        if (id == 1) return true;
        extra += length, n_bytes -= length;
    }
    return true;
}

/* Whether the record in front of an entry's bytes says the same as the list. */
static bool same_local(const uint8_t *p, const listed *l, const char *name)
{
    if (get16(p + 8) != l->method || get16(p + 26) != l->name_length ||
        memcmp(p + LOCAL_BYTES, name, l->name_length) != 0)
        return false;
    if (get16(p + 6) & SIZES_ARE_BEHIND) return true;
    uint32_t packed = get32(p + 18), unpacked = get32(p + 22);
    return get32(p + 14) == l->crc && (packed == UINT32_MAX || packed == l->packed) &&
           (unpacked == UINT32_MAX || unpacked == l->unpacked);
}

/* Finds the entry's bytes behind its local record. */
static bool locate(entry *e, const ask_zip *zip, const directory *d, const listed *l,
                   ask_error *err)
{
    const char *name = e->shown.name;
    size_t room = d->begin - d->before; // for local records and bytes
    if (l->offset > room || room - l->offset < LOCAL_BYTES)
        return bad_entry(zip, name, ASK_ERR_FORMAT, "is not in the archive", err);
    e->begin = d->before + (size_t)l->offset;
    const uint8_t *p = zip->bytes + e->begin;
    size_t left = d->begin - e->begin - LOCAL_BYTES;
    if (memcmp(p, local_mark, 4) != 0 || left < get16(p + 26) + get16(p + 28) ||
        !same_local(p, l, name))
        return bad_entry(zip, name, ASK_ERR_FORMAT, "differs from its header", err);
    if (get16(p + 6) & IS_ENCRYPTED)
        return bad_entry(zip, name, ASK_ERR_UNSUPPORTED, "is encrypted", err);
    size_t skipped = get16(p + 26) + get16(p + 28);
    if (l->packed > left - skipped)
        return bad_entry(zip, name, ASK_ERR_FORMAT, "is cut off", err);
    e->shown.offset = e->begin + LOCAL_BYTES + skipped;
    return true;
}

/* Takes the record at *at, and moves *at behind it. */
static bool take_entry(entry *e, size_t *at, const ask_zip *zip, const directory *d,
                       ask_error *err)
{
    const uint8_t *p = zip->bytes + *at;
    size_t left = d->end - *at;
    if (left < LISTED_BYTES || memcmp(p, listed_mark, 4) != 0 ||
        left - LISTED_BYTES < get16(p + 28) + get16(p + 30) + get16(p + 32))
        return ask_fail(err, ASK_ERR_FORMAT, "%s: the list of entries is damaged",
                        zip->name);
    listed l = {
        .flags = get16(p + 8),
        .method = get16(p + 10),
        .crc = get32(p + 16),
        .packed = get32(p + 20),
        .unpacked = get32(p + 24),
        .offset = get32(p + 42),
        .name_length = get16(p + 28),
    };
    size_t extra = get16(p + 30), comment = get16(p + 32);
    char *name =
        ask_arena_strndup(zip->room, (const char *)p + LISTED_BYTES, l.name_length);
    if (!name) return ask_fail_memory(err);
    if (!check_name(zip, name, l.name_length, err)) return false;
    if (!take_wide(&l, p + LISTED_BYTES + l.name_length, extra))
        return bad_entry(zip, name, ASK_ERR_FORMAT, "has no room for its sizes", err);
    e->shown = (ask_zip_entry){
        .name = name,
        .is_stored = l.method == STORED,
        .crc = l.crc,
        .packed_bytes = (size_t)l.packed,
        .n_bytes = (size_t)l.unpacked,
    };
    *at += LISTED_BYTES + l.name_length + extra + comment;
    return check_compression(zip, name, &l, err) && locate(e, zip, d, &l, err);
}

static bool take_entries(ask_zip *zip, ask_error *err)
{
    directory d = {0};
    if (!find_directory(&d, zip, err)) return false;
    size_t n = (size_t)d.n_entries, at = d.begin;
    zip->entries = ask_arena_array(zip->room, n, sizeof *zip->entries);
    zip->by_name = ask_arena_array(zip->room, n, sizeof *zip->by_name);
    if (!zip->entries || !zip->by_name) return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        if (!take_entry(&zip->entries[i], &at, zip, &d, err)) return false;
        zip->by_name[i] = &zip->entries[i];
    }
    zip->n_entries = n;
    return at == d.end ||
           ask_fail(err, ASK_ERR_FORMAT,
                    "%s: the list has more than the %zu entries it claims", zip->name, n);
}

static int compare_begins(const void *a, const void *b)
{
    const entry *const *x = a, *const *y = b;
    return ((*x)->begin > (*y)->begin) - ((*x)->begin < (*y)->begin);
}

static int compare_names(const void *a, const void *b)
{
    const entry *const *x = a, *const *y = b;
    return strcmp((*x)->shown.name, (*y)->shown.name);
}

/* Sorts by_name by place to see that no two entries overlap, then by name for good. */
static bool sort_entries(ask_zip *zip, ask_error *err)
{
    const entry **list = zip->by_name;
    if (zip->n_entries == 0) return true;
    qsort(list, zip->n_entries, sizeof *list, compare_begins);
    for (size_t i = 1; i < zip->n_entries; i++) {
        const ask_zip_entry *before = &list[i - 1]->shown;
        if (before->offset + before->packed_bytes > list[i]->begin)
            return bad_entry(zip, list[i]->shown.name, ASK_ERR_FORMAT, "overlaps another",
                             err);
    }
    qsort(list, zip->n_entries, sizeof *list, compare_names);
    for (size_t i = 1; i < zip->n_entries; i++) {
        if (compare_names(&list[i - 1], &list[i]) == 0)
            return bad_entry(zip, list[i]->shown.name, ASK_ERR_FORMAT, "is there twice",
                             err);
    }
    return true;
}

/* ---- opening and closing ---- */

/* Fills an archive that has its bytes. */
static bool open_archive(ask_zip *zip, const char *name, ask_error *err)
{
    zip->room = ask_arena_new(0);
    if (!zip->room || !(zip->name = ask_arena_strdup(zip->room, name)))
        return ask_fail_memory(err);
    return take_entries(zip, err) && sort_entries(zip, err);
}

ask_zip *ask_zip_open(const char *path, ask_error *err)
{
    ask_zip *zip = calloc(1, sizeof *zip);
    if (!zip) {
        ask_fail_memory(err);
        return NULL;
    }
    if (!ask_map_open(&zip->map, path, err)) goto fail;
    zip->bytes = zip->map.data;
    zip->n_bytes = zip->map.n_bytes;
    if (open_archive(zip, path, err)) return zip;

fail:
    ask_zip_close(zip);
    return NULL;
}

ask_zip *ask_zip_open_memory(const void *bytes, size_t n_bytes, const char *name,
                             ask_error *err)
{
    ask_zip *zip = calloc(1, sizeof *zip);
    if (!zip) {
        ask_fail_memory(err);
        return NULL;
    }
    zip->bytes = bytes;
    zip->n_bytes = n_bytes;
    if (open_archive(zip, name, err)) return zip;
    ask_zip_close(zip);
    return NULL;
}

void ask_zip_close(ask_zip *zip)
{
    if (!zip) return;
    ask_arena_free(zip->room);
    ask_map_close(&zip->map);
    free(zip);
}

/* ---- what is in it ---- */

const char *ask_zip_name(const ask_zip *zip)
{
    return zip->name;
}

size_t ask_zip_count(const ask_zip *zip)
{
    return zip->n_entries;
}

const ask_zip_entry *ask_zip_at(const ask_zip *zip, size_t i)
{
    return &zip->entries[i].shown;
}

bool ask_zip_find(size_t *out, const ask_zip *zip, const char *name)
{
    size_t low = 0, high = zip->n_entries;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(zip->by_name[middle]->shown.name, name);
        if (order == 0) {
            *out = (size_t)(zip->by_name[middle] - zip->entries);
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

const uint8_t *ask_zip_stored(const ask_zip *zip, size_t i)
{
    const ask_zip_entry *e = &zip->entries[i].shown;
    return e->is_stored ? zip->bytes + e->offset : NULL;
}

/* Unpacks what is deflated: all of the packed bytes, to just as many as the entry has. */
static bool inflate_entry(char *to, const ask_zip *zip, const ask_zip_entry *e,
                          ask_error *err)
{
    z_stream z = {.next_in = zip->bytes + e->offset, .next_out = (Bytef *)to};
    if (inflateInit2(&z, -MAX_WBITS) != Z_OK) return ask_fail_memory(err);
    size_t in_left = e->packed_bytes, out_left = e->n_bytes;
    int result = Z_OK;
    while (result == Z_OK) {
        uInt in = in_left < AT_ONCE ? (uInt)in_left : AT_ONCE;
        uInt out = out_left < AT_ONCE ? (uInt)out_left : AT_ONCE;
        z.avail_in = in, z.avail_out = out;
        result = inflate(&z, Z_NO_FLUSH);
        in_left -= in - z.avail_in, out_left -= out - z.avail_out;
    }
    inflateEnd(&z);
    if (result == Z_MEM_ERROR) return ask_fail_memory(err);
    return (result == Z_STREAM_END && in_left == 0 && out_left == 0) ||
           bad_entry(zip, e->name, ASK_ERR_FORMAT, "is damaged", err);
}

/* Unpacks all bytes of an entry and compares their checksum. */
static bool unpack(char *to, const ask_zip *zip, const ask_zip_entry *e, ask_error *err)
{
    if (e->is_stored)
        memcpy(to, zip->bytes + e->offset, e->n_bytes);
    else if (!inflate_entry(to, zip, e, err))
        return false;
    return crc32_z(0, (const Bytef *)to, e->n_bytes) == e->crc ||
           bad_entry(zip, e->name, ASK_ERR_FORMAT, "is damaged: its checksum differs", err);
}

bool ask_zip_read(char **out, size_t *n_bytes, const ask_zip *zip, size_t i,
                  size_t max_bytes, ask_error *err)
{
    const ask_zip_entry *e = &zip->entries[i].shown;
    size_t size = e->n_bytes;
    if (size > max_bytes) {
        return ask_fail(err, ASK_ERR_LIMIT,
                        "%s: an entry unpacks to %zu bytes, more than the %zu allowed: "
                        "\"%s\"",
                        zip->name, size, max_bytes, e->name);
    }
    char *bytes = ask_add_size(&size, size, 1) ? malloc(size) : NULL;
    if (!bytes) return ask_fail_memory(err);
    if (!unpack(bytes, zip, e, err)) {
        free(bytes);
        return false;
    }
    bytes[e->n_bytes] = '\0';
    *out = bytes;
    *n_bytes = e->n_bytes;
    return true;
}
