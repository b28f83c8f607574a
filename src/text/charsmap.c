#include "text/charsmap_priv.h"

#include <string.h>

#include "base/utf8.h"

enum { UNIT_BYTES = 4 };

static uint32_t read_u32(const char *bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
           (uint32_t)b[3] << 24;
}

bool ask_charsmap_read(ask_charsmap *out, const char *bytes, size_t n_bytes, ask_error *err)
{
    *out = (ask_charsmap){0};
    if (n_bytes == 0) return true;
    size_t n_trie = n_bytes >= UNIT_BYTES ? read_u32(bytes) : SIZE_MAX;
    if (n_trie > n_bytes - UNIT_BYTES || n_trie % UNIT_BYTES != 0 || n_trie == 0)
        return ask_fail(err, ASK_ERR_FORMAT,
                        "the precompiled charsmap of %zu bytes has no trie", n_bytes);
    *out = (ask_charsmap){
        .units = bytes + UNIT_BYTES,
        .n_units = n_trie / UNIT_BYTES,
        .texts = bytes + UNIT_BYTES + n_trie,
        .n_texts = n_bytes - UNIT_BYTES - n_trie,
    };
    if (out->n_texts > 0 && out->texts[out->n_texts - 1] == '\0' &&
        ask_utf8_valid(out->texts, out->n_texts))
        return true;
    return ask_fail(err, ASK_ERR_FORMAT,
                    "the replacements of the precompiled charsmap are not UTF-8");
}

/* What the bits of a unit say. */

static bool has_leaf(uint32_t unit)
{
    return unit >> 8 & 1;
}

static uint32_t label_of(uint32_t unit)
{
    return unit & (UINT32_C(1) << 31 | 0xFF);
}

static uint32_t offset_of(uint32_t unit)
{
    return unit >> 10 << ((unit & UINT32_C(1) << 9) >> 6);
}

static uint32_t value_of(uint32_t unit)
{
    return unit & ~(UINT32_C(1) << 31);
}

/* Whether there is a replacement at a place; one that begins within a character is none. */
static bool find_text(const ask_charsmap *m, const char **with, size_t *n_with,
                      uint32_t place)
{
    if (place >= m->n_texts || ((unsigned char)m->texts[place] & 0xC0) == 0x80)
        return false;
    *with = m->texts + place;
    *n_with = strlen(*with);
    return true;
}

size_t ask_charsmap_find(const ask_charsmap *m, const char **with, size_t *n_with,
                         const char *text, size_t n_bytes)
{
    if (!m->units) return 0;
    size_t longest = 0;
    uint32_t at = offset_of(read_u32(m->units));
    for (size_t i = 0; i < n_bytes; i++) {
        at ^= (unsigned char)text[i];
        if (at >= m->n_units) break;
        uint32_t unit = read_u32(m->units + (size_t)at * UNIT_BYTES);
        if (label_of(unit) != (unsigned char)text[i]) break;
        at ^= offset_of(unit);
        if (!has_leaf(unit)) continue;
        if (at >= m->n_units) break;
        uint32_t leaf = read_u32(m->units + (size_t)at * UNIT_BYTES);
        if (find_text(m, with, n_with, value_of(leaf))) longest = i + 1;
    }
    return longest;
}
