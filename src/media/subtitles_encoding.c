/* Bytes to UTF-8. */
#include <string.h>

#include "base/utf8.h"
#include "media/subtitles_priv.h"

ask_bom ask_bom_of(const uint8_t *bytes, size_t n_bytes, size_t *bom_bytes)
{
    static const struct {
        ask_bom bom;
        size_t n;
        const char *bytes;
    } boms[] = {
        {ASK_BOM_UTF8, 3, "\xef\xbb\xbf"},
        {ASK_BOM_UTF16_LE, 2, "\xff\xfe"},
        {ASK_BOM_UTF16_BE, 2, "\xfe\xff"},
    };
    *bom_bytes = 0;
    for (size_t i = 0; i < sizeof boms / sizeof *boms; i++) {
        if (n_bytes < boms[i].n || memcmp(bytes, boms[i].bytes, boms[i].n) != 0) continue;
        *bom_bytes = boms[i].n;
        return boms[i].bom;
    }
    return ASK_BOM_NONE;
}

static uint32_t unit_at(const uint8_t *at, bool big_endian)
{
    return big_endian ? (uint32_t)at[0] << 8 | at[1] : (uint32_t)at[1] << 8 | at[0];
}

bool ask_utf16_to_utf8(ask_str *out, const uint8_t *bytes, size_t n_bytes, bool big_endian)
{
    if (n_bytes % 2) return false;
    for (size_t i = 0; i < n_bytes; i += 2) {
        uint32_t c = unit_at(bytes + i, big_endian);
        if (c >= 0xd800 && c < 0xdc00 && n_bytes - i >= 4) { // two units are one character
            uint32_t low = unit_at(bytes + i + 2, big_endian);
            if (low < 0xdc00 || low >= 0xe000) return false;
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        }
        char utf8[4];
        int n = ask_utf8_encode(utf8, c);
        if (n == 0) return false;
        ask_str_append_bytes(out, utf8, (size_t)n);
    }
    return true;
}
