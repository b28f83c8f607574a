#include "base/zip_write.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

enum {
    LOCAL = 0x04034b50,
    LISTED = 0x02014b50,
    END = 0x06054b50,
    VERSION = 20,         // 2.0: folders, deflate; every reader has it
    UTF8_NAMES = 1 << 11, // of the flags
    FIRST_DAY = 0x21,     // 1 January 1980
};

static void put16(ask_str *out, unsigned value)
{
    const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8)};
    ask_str_append_bytes(out, bytes, sizeof bytes);
}

static void put32(ask_str *out, size_t value)
{
    put16(out, value & 0xffff);
    put16(out, (value >> 16) & 0xffff);
}

/* What an entry's header and its place in the list have in common. */
static void put_common(ask_str *out, uint32_t crc, size_t name_bytes, size_t n_bytes)
{
    put16(out, VERSION);
    put16(out, UTF8_NAMES);
    put16(out, 0); // stored
    put16(out, 0); // midnight
    put16(out, FIRST_DAY);
    put32(out, crc);
    put32(out, n_bytes);
    put32(out, n_bytes);
    put16(out, (unsigned)name_bytes);
    put16(out, 0); // no extra field
}

void ask_zip_put(ask_zip_writer *w, const char *name, const void *bytes, size_t n_bytes)
{
    size_t name_bytes = strlen(name), offset = w->out->length;
    w->too_much |= name_bytes > UINT16_MAX || w->n + 1 >= UINT16_MAX ||
                   n_bytes >= UINT32_MAX || offset >= UINT32_MAX - n_bytes;
    if (w->too_much) return;
    uint32_t crc = (uint32_t)crc32_z(0, bytes, n_bytes);
    put32(w->out, LOCAL);
    put_common(w->out, crc, name_bytes, n_bytes);
    ask_str_append(w->out, name);
    ask_str_append_bytes(w->out, bytes, n_bytes);

    put32(&w->list, LISTED);
    put16(&w->list, VERSION);
    put_common(&w->list, crc, name_bytes, n_bytes);
    put16(&w->list, 0); // no comment
    put16(&w->list, 0); // first disk
    put16(&w->list, 0); // kind of content: not told
    put32(&w->list, 0); // permissions: not told
    put32(&w->list, offset);
    ask_str_append(&w->list, name);
    w->n++;
}

static void put_end(ask_str *out, const ask_zip_writer *w, size_t list_at)
{
    put32(out, END);
    put16(out, 0); // this disk
    put16(out, 0); // the list's disk
    put16(out, (unsigned)w->n);
    put16(out, (unsigned)w->n);
    put32(out, w->list.length);
    put32(out, list_at);
    put16(out, 0); // no comment
}

bool ask_zip_end(ask_zip_writer *w, ask_error *err)
{
    size_t list_at = w->out->length;
    w->too_much |= list_at >= UINT32_MAX || w->list.length >= UINT32_MAX - list_at;
    bool has_memory = !w->list.failed;
    ask_str_append_bytes(w->out, ask_str_text(&w->list), w->list.length);
    put_end(w->out, w, list_at);
    ask_str_free(&w->list);
    if (w->too_much)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "more than an archive holds: 4 GiB, 65534 entries");
    return (has_memory && !w->out->failed) || ask_fail_memory(err);
}
