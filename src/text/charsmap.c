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

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Whether there is a replacement at a place; one that begins within a character is none. */
static bool find_text(const ask_charsmap *m, const char **with, size_t *n_with,
                      uint32_t place)
{
    if (place >= m->n_texts || is_continuation(m->texts[place])) return false;
    *with = m->texts + place;
    *n_with = strlen(*with);
    return true;
}

/* A place in the trie. */
typedef struct {
    uint32_t at;
    bool has_leaf;
} position;

static position root_of(const ask_charsmap *m)
{
    return (position){.at = offset_of(read_u32(m->units))};
}

/* Goes on by a byte; false: nothing goes on so. */
static bool step(const ask_charsmap *m, position *p, char byte)
{
    p->at ^= (unsigned char)byte;
    if (p->at >= m->n_units) return false;
    uint32_t unit = read_u32(m->units + (size_t)p->at * UNIT_BYTES);
    if (label_of(unit) != (unsigned char)byte) return false;
    p->at ^= offset_of(unit);
    p->has_leaf = has_leaf(unit) && p->at < m->n_units;
    return true;
}

/* The replacement that stands at a place. */
static bool find_leaf(const ask_charsmap *m, const char **with, size_t *n_with, position p)
{
    uint32_t leaf = read_u32(m->units + (size_t)p.at * UNIT_BYTES);
    return find_text(m, with, n_with, value_of(leaf));
}

size_t ask_charsmap_find(const ask_charsmap *m, const char **with, size_t *n_with,
                         const char *text, size_t n_bytes)
{
    if (!m->units) return 0;
    size_t longest = 0;
    position p = root_of(m);
    for (size_t i = 0; i < n_bytes && step(m, &p, text[i]); i++) {
        bool cuts_character = i + 1 < n_bytes && is_continuation(text[i + 1]);
        if (p.has_leaf && !cuts_character && find_leaf(m, with, n_with, p)) longest = i + 1;
    }
    return longest;
}

bool ask_charsmap_find_shortest(const ask_charsmap *m, const char **with, size_t *n_with,
                                const char *text, size_t n_bytes)
{
    if (!m->units) return false;
    position p = root_of(m);
    for (size_t i = 0; i < n_bytes && step(m, &p, text[i]); i++)
        if (p.has_leaf) return find_leaf(m, with, n_with, p);
    return false;
}
