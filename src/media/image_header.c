#include "media/image_header_priv.h"

#include <string.h>

static uint32_t big(const uint8_t *p, int n_bytes)
{
    uint32_t value = 0;
    for (int i = 0; i < n_bytes; i++) value = value << 8 | p[i];
    return value;
}

static uint32_t little(const uint8_t *p, int n_bytes)
{
    uint32_t value = 0;
    for (int i = n_bytes - 1; i >= 0; i--) value = value << 8 | p[i];
    return value;
}

static bool fail_short(ask_error *err, const char *format)
{
    return ask_fail(err, ASK_ERR_FORMAT, "the %s ends within its header", format);
}

/* After: ISO/IEC 15948, 5.2 and 11.2.2. */
static bool read_png(ask_picture_header *out, const uint8_t *p, size_t n, ask_error *err)
{
    if (n < 24) return fail_short(err, "PNG");
    if (memcmp(p + 12, "IHDR", 4) != 0)
        return ask_fail(err, ASK_ERR_FORMAT, "the PNG does not begin with its header");
    out->width = big(p + 16, 4);
    out->height = big(p + 20, 4);
    return true;
}

/* Of the markers 0xc0..0xcf, all but these three begin a frame. */
static bool begins_frame(uint8_t marker)
{
    return (marker & 0xf0) == 0xc0 && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/* A marker without a segment behind it: TEM, RST0..7, SOI. */
static bool stands_alone(uint8_t marker)
{
    return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

/* Where the marker behind a scan's compressed pixels begins; n when there is none. Within
 * them 0xff stands only before 0 or a restart. */
static size_t skip_scan(const uint8_t *p, size_t n, size_t at)
{
    while (at + 1 < n) {
        const uint8_t *mark = memchr(p + at, 0xff, n - at - 1);
        if (!mark) return n;
        at = (size_t)(mark - p);
        if (mark[1] != 0 && !stands_alone(mark[1])) return at;
        at += 2;
    }
    return n;
}

/* A walk from segment to segment; after: ITU-T T.81, annex B. Start with the bytes and
 * at = 2. */
typedef struct {
    const uint8_t *bytes;
    size_t n_bytes, at; // at: behind the segment
    uint8_t marker;
    const uint8_t *body; // of the segment, its length first
    size_t length;
} jpeg_walk;

enum { JPEG_END = 0xd9, JPEG_SCAN = 0xda };

/* False where the file ends or is no JPEG any more. */
static bool next_segment(jpeg_walk *w)
{
    const uint8_t *p = w->bytes;
    if (w->marker == JPEG_SCAN) w->at = skip_scan(p, w->n_bytes, w->at);
    do {
        if (w->n_bytes - w->at < 2 || p[w->at] != 0xff) return false;
        w->marker = p[w->at + 1];
        w->at += w->marker == 0xff ? 1 : 2; // a repeated 0xff is fill
    } while (w->marker == 0xff || stands_alone(w->marker));
    w->body = p + w->at;
    w->length = 0;
    if (w->marker == JPEG_END) return true;
    if (w->n_bytes - w->at < 2) return false;
    w->length = big(w->body, 2);
    if (w->length < 2 || w->length > w->n_bytes - w->at) return false;
    w->at += w->length;
    return true;
}

static bool read_jpeg(ask_picture_header *out, const uint8_t *p, size_t n, ask_error *err)
{
    jpeg_walk w = {.bytes = p, .n_bytes = n, .at = 2};
    while (next_segment(&w) && w.marker != JPEG_END && w.marker != JPEG_SCAN) {
        if (!begins_frame(w.marker) || w.length < 8) continue;
        out->height = big(w.body + 3, 2);
        out->width = big(w.body + 5, 2);
        return true;
    }
    return ask_fail(err, ASK_ERR_FORMAT, "the JPEG has no frame header");
}

bool ask_picture_is_whole(ask_picture_format format, const uint8_t *bytes, size_t n_bytes)
{
    if (format != ASK_PICTURE_JPEG) return true;
    jpeg_walk w = {.bytes = bytes, .n_bytes = n_bytes, .at = 2};
    while (next_segment(&w))
        if (w.marker == JPEG_END) return true;
    return false;
}

/* After: RFC 9649, sections 2.5 to 2.7. */
static bool read_webp(ask_picture_header *out, const uint8_t *p, size_t n, ask_error *err)
{
    if (n < 30) return fail_short(err, "WebP");
    const uint8_t *body = p + 20;
    if (memcmp(p + 12, "VP8 ", 4) == 0) {
        if (memcmp(body + 3, "\x9d\x01\x2a", 3) != 0)
            return ask_fail(err, ASK_ERR_FORMAT,
                            "the WebP does not begin with a key frame");
        out->width = little(body + 6, 2) & 0x3fff;
        out->height = little(body + 8, 2) & 0x3fff;
    } else if (memcmp(p + 12, "VP8L", 4) == 0) {
        uint32_t sizes = little(body + 1, 4);
        out->width = (sizes & 0x3fff) + 1;
        out->height = (sizes >> 14 & 0x3fff) + 1;
    } else if (memcmp(p + 12, "VP8X", 4) == 0) {
        if (body[0] & 2)
            return ask_fail(err, ASK_ERR_UNSUPPORTED,
                            "an animated WebP is not read; convert it to GIF or MP4");
        out->width = (int64_t)little(body + 4, 3) + 1;
        out->height = (int64_t)little(body + 7, 3) + 1;
    } else {
        return ask_fail(err, ASK_ERR_FORMAT, "the WebP begins with an unknown chunk");
    }
    return true;
}

static bool begins(const uint8_t *p, size_t n, const char *with, size_t n_with)
{
    return n >= n_with && memcmp(p, with, n_with) == 0;
}

bool ask_picture_format_of(ask_picture_format *out, const uint8_t *bytes, size_t n_bytes)
{
    if (begins(bytes, n_bytes, "\x89PNG\r\n\x1a\n", 8))
        *out = ASK_PICTURE_PNG;
    else if (begins(bytes, n_bytes, "\xff\xd8\xff", 3))
        *out = ASK_PICTURE_JPEG;
    else if (begins(bytes, n_bytes, "RIFF", 4) && n_bytes >= 12 &&
             memcmp(bytes + 8, "WEBP", 4) == 0)
        *out = ASK_PICTURE_WEBP;
    else
        return false;
    return true;
}

static bool read_header(ask_picture_header *out, const uint8_t *bytes, size_t n_bytes,
                        ask_error *err)
{
    switch (out->format) {
    case ASK_PICTURE_PNG:
        return read_png(out, bytes, n_bytes, err);
    case ASK_PICTURE_JPEG:
        return read_jpeg(out, bytes, n_bytes, err);
    case ASK_PICTURE_WEBP:
        return read_webp(out, bytes, n_bytes, err);
    }
    return false;
}

bool ask_picture_header_read(ask_picture_header *out, const uint8_t *bytes, size_t n_bytes,
                             ask_error *err)
{
    ask_picture_header header = {0};
    if (n_bytes == 0) return ask_fail(err, ASK_ERR_FORMAT, "the file is empty");
    if (begins(bytes, n_bytes, "GIF8", 4))
        return ask_fail(err, ASK_ERR_UNSUPPORTED, "a GIF opens as a video, not a picture");
    if (!ask_picture_format_of(&header.format, bytes, n_bytes))
        return ask_fail(err, ASK_ERR_FORMAT, "not a picture (PNG, JPEG and WebP are read)");
    if (!read_header(&header, bytes, n_bytes, err)) return false;
    if (header.width < 1 || header.height < 1)
        return ask_fail(err, ASK_ERR_FORMAT, "the header says %lld x %lld pixels",
                        (long long)header.width, (long long)header.height);
    *out = header;
    return true;
}
