#include "media/table_cache_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/path.h"
#include "base/str.h"

/* The file: magic, layout and version, quick id, counts and the end; a row for each frame
 * (key, pts, tag), a row for each start (pts, tag); the hash of all that. Numbers of the
 * header have eight bytes, the lowest first. In rows, pts is the difference to that of the
 * row before and tag the difference to pts, with the sign in the lowest bit, in groups of
 * seven bits from the lowest. */
static const char MAGIC[8] = "asktimes";

enum {
    LAYOUT = 1, // to be counted up with every change of the above
    MAX_BYTES = 1 << 30,
    HASH_BYTES = 8,
    MIN_ROW_BYTES = 2,
};

static char *path_of(const char *dir, const char *quick_id)
{
    char name[64];
    ask_format(name, sizeof name, "%s.times", quick_id);
    return ask_path_join(dir, name, NULL);
}

/* ---- writing ---- */

static void put_u64(ask_str *s, uint64_t value)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(value >> (8 * i));
    ask_str_append_bytes(s, bytes, sizeof bytes);
}

static void put_varint(ask_str *s, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) ask_str_append_char(s, (char)(value | 0x80));
    ask_str_append_char(s, (char)value);
}

static uint64_t difference(int64_t now, int64_t before)
{
    uint64_t d = (uint64_t)now - (uint64_t)before;
    return d << 1 ^ (d >> 63 ? UINT64_MAX : 0);
}

static void put_rows(ask_str *s, const ask_source_table *t)
{
    ask_source_frame before = {0};
    for (int64_t i = 0; i < t->n_frames; i++) {
        const ask_source_frame *f = &t->frames[i];
        ask_str_append_char(s, (char)f->key);
        put_varint(s, difference(f->pts, before.pts));
        put_varint(s, difference(f->tag, f->pts));
        before = *f;
    }
    ask_source_start start = {0};
    for (int64_t i = 0; i < t->n_starts; i++) {
        put_varint(s, difference(t->starts[i].pts, start.pts));
        put_varint(s, difference(t->starts[i].tag, t->starts[i].pts));
        start = t->starts[i];
    }
}

static void put_header(ask_str *s, const char *quick_id, uint32_t version)
{
    ask_str_append_bytes(s, MAGIC, sizeof MAGIC);
    put_u64(s, (uint64_t)LAYOUT << 32 | version);
    ask_str_append(s, quick_id);
}

void ask_table_cache_write(const ask_source_table *table, const char *dir,
                           const char *quick_id, uint32_t version)
{
    ask_str s = {0};
    char *path = path_of(dir, quick_id);
    put_header(&s, quick_id, version);
    put_u64(&s, (uint64_t)table->n_frames);
    put_u64(&s, (uint64_t)table->n_starts);
    put_u64(&s, (uint64_t)table->end_pts);
    put_rows(&s, table);
    if (!s.failed) put_u64(&s, ask_hash64(s.data, s.length, 0));
    if (path && !s.failed && s.length <= MAX_BYTES && ask_dir_make(dir, NULL))
        ask_file_write(path, s.data, s.length, NULL);
    ask_str_free(&s);
    free(path);
}

/* ---- reading ---- */

typedef struct {
    const uint8_t *at, *end;
    bool failed;
} reader;

static uint64_t get_u64(reader *r)
{
    uint64_t value = 0;
    if (r->end - r->at < 8) {
        r->failed = true;
        return 0;
    }
    for (int i = 7; i >= 0; i--) value = value << 8 | r->at[i];
    r->at += 8;
    return value;
}

static uint64_t get_varint(reader *r)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && r->at < r->end; shift += 7) {
        uint8_t byte = *r->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
    r->failed = true;
    return 0;
}

static int64_t get_next(reader *r, int64_t before)
{
    uint64_t d = get_varint(r);
    return (int64_t)((uint64_t)before + (d >> 1 ^ (d & 1 ? UINT64_MAX : 0)));
}

/* Rows hold at least MIN_ROW_BYTES, so counts beyond the bytes that are there are wrong. */
static bool get_counts(reader *r, ask_source_table *t)
{
    uint64_t most = (uint64_t)(r->end - r->at) / MIN_ROW_BYTES;
    uint64_t n_frames = get_u64(r), n_starts = get_u64(r);
    t->end_pts = (int64_t)get_u64(r);
    if (r->failed || n_frames == 0 || n_frames > most || n_starts > most) return false;
    t->n_frames = (int64_t)n_frames;
    t->n_starts = (int64_t)n_starts;
    return true;
}

static bool get_rows(reader *r, ask_source_table *t)
{
    int64_t before = 0;
    for (int64_t i = 0; i < t->n_frames && r->at < r->end; i++) {
        ask_source_frame *f = &t->frames[i];
        f->key = *r->at++;
        f->pts = before = get_next(r, before);
        f->tag = get_next(r, f->pts);
    }
    before = 0;
    for (int64_t i = 0; i < t->n_starts; i++) {
        t->starts[i].pts = before = get_next(r, before);
        t->starts[i].tag = get_next(r, before);
    }
    return !r->failed && r->at == r->end;
}

static bool get_table(reader *r, ask_source_table *t)
{
    if (!get_counts(r, t)) return false;
    t->frames = calloc((size_t)t->n_frames, sizeof *t->frames);
    t->starts = calloc((size_t)t->n_starts + 1, sizeof *t->starts);
    return t->frames && t->starts && get_rows(r, t) && ask_source_table_order(t, NULL);
}

static bool has_header(reader *r, const char *quick_id, uint32_t version)
{
    ask_str s = {0};
    put_header(&s, quick_id, version);
    bool ok = !s.failed && (size_t)(r->end - r->at) >= s.length &&
              memcmp(r->at, s.data, s.length) == 0;
    if (ok) r->at += s.length;
    ask_str_free(&s);
    return ok;
}

static bool parse(ask_source_table *out, const char *bytes, size_t n_bytes,
                  const char *quick_id, uint32_t version)
{
    if (n_bytes < HASH_BYTES) return false;
    const uint8_t *all = (const uint8_t *)bytes;
    reader hash = {.at = all + n_bytes - HASH_BYTES, .end = all + n_bytes};
    reader body = {.at = all, .end = hash.at};
    ask_source_table t = {0};
    bool ok = get_u64(&hash) == ask_hash64(all, n_bytes - HASH_BYTES, 0) &&
              has_header(&body, quick_id, version) && get_table(&body, &t);
    if (ok)
        *out = t;
    else
        ask_source_table_free(&t);
    return ok;
}

bool ask_table_cache_read(ask_source_table *out, const char *dir, const char *quick_id,
                          uint32_t version)
{
    char *path = path_of(dir, quick_id), *bytes;
    size_t n_bytes;
    bool ok = false;
    if (path && ask_file_read(&bytes, &n_bytes, path, MAX_BYTES, NULL)) {
        ok = parse(out, bytes, n_bytes, quick_id, version);
        free(bytes);
    }
    free(path);
    return ok;
}
