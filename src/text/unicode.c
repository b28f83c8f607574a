#include "text/unicode_priv.h"

#include <stddef.h>

#include <utf8proc.h>

#include "base/str.h"

bool ask_unicode_is_space(uint32_t c)
{
    if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/* Letters that are symbols to the general category: circled and squared ones. */
static bool is_enclosed_letter(uint32_t c)
{
    return (c >= 0x24B6 && c <= 0x24E9) || (c >= 0x1F130 && c <= 0x1F149) ||
           (c >= 0x1F150 && c <= 0x1F169) || (c >= 0x1F170 && c <= 0x1F189);
}

bool ask_unicode_is_word(uint32_t c)
{
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_PC:
        return true;
    default:
        return is_enclosed_letter(c) || c == 0x200C || c == 0x200D;
    }
}

bool ask_unicode_is_number(uint32_t c)
{
    utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
    return k == UTF8PROC_CATEGORY_ND || k == UTF8PROC_CATEGORY_NL ||
           k == UTF8PROC_CATEGORY_NO;
}

bool ask_unicode_is_punctuation(uint32_t c)
{
    if (c < 0x80) {
        return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
               (c >= '{' && c <= '~');
    }
    utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
    return k >= UTF8PROC_CATEGORY_PC && k <= UTF8PROC_CATEGORY_PO;
}

bool ask_unicode_is_mark(uint32_t c)
{
    utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
    return k >= UTF8PROC_CATEGORY_MN && k <= UTF8PROC_CATEGORY_ME;
}

bool ask_unicode_is_nonspacing(uint32_t c)
{
    return utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_MN;
}

bool ask_unicode_is_control(uint32_t c)
{
    utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
    return k == UTF8PROC_CATEGORY_CC || k == UTF8PROC_CATEGORY_CF ||
           k == UTF8PROC_CATEGORY_CO;
}

int ask_unicode_lower(uint32_t out[2], uint32_t c)
{
    if (c == 0x130) { // the only lower case of two characters
        out[0] = 'i';
        out[1] = 0x307;
        return 2;
    }
    out[0] = (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
    return 1;
}

/* Letters whose upper case is several (SpecialCasing of Unicode, without conditions). */
static const uint16_t upper_of_several[][4] = {
    {0xDF, 0x53, 0x53},
    {0x149, 0x2BC, 0x4E},
    {0x1F0, 0x4A, 0x30C},
    {0x390, 0x399, 0x308, 0x301},
    {0x3B0, 0x3A5, 0x308, 0x301},
    {0x587, 0x535, 0x552},
    {0x1E96, 0x48, 0x331},
    {0x1E97, 0x54, 0x308},
    {0x1E98, 0x57, 0x30A},
    {0x1E99, 0x59, 0x30A},
    {0x1E9A, 0x41, 0x2BE},
    {0x1F50, 0x3A5, 0x313},
    {0x1F52, 0x3A5, 0x313, 0x300},
    {0x1F54, 0x3A5, 0x313, 0x301},
    {0x1F56, 0x3A5, 0x313, 0x342},
    {0x1F80, 0x1F08, 0x399},
    {0x1F81, 0x1F09, 0x399},
    {0x1F82, 0x1F0A, 0x399},
    {0x1F83, 0x1F0B, 0x399},
    {0x1F84, 0x1F0C, 0x399},
    {0x1F85, 0x1F0D, 0x399},
    {0x1F86, 0x1F0E, 0x399},
    {0x1F87, 0x1F0F, 0x399},
    {0x1F88, 0x1F08, 0x399},
    {0x1F89, 0x1F09, 0x399},
    {0x1F8A, 0x1F0A, 0x399},
    {0x1F8B, 0x1F0B, 0x399},
    {0x1F8C, 0x1F0C, 0x399},
    {0x1F8D, 0x1F0D, 0x399},
    {0x1F8E, 0x1F0E, 0x399},
    {0x1F8F, 0x1F0F, 0x399},
    {0x1F90, 0x1F28, 0x399},
    {0x1F91, 0x1F29, 0x399},
    {0x1F92, 0x1F2A, 0x399},
    {0x1F93, 0x1F2B, 0x399},
    {0x1F94, 0x1F2C, 0x399},
    {0x1F95, 0x1F2D, 0x399},
    {0x1F96, 0x1F2E, 0x399},
    {0x1F97, 0x1F2F, 0x399},
    {0x1F98, 0x1F28, 0x399},
    {0x1F99, 0x1F29, 0x399},
    {0x1F9A, 0x1F2A, 0x399},
    {0x1F9B, 0x1F2B, 0x399},
    {0x1F9C, 0x1F2C, 0x399},
    {0x1F9D, 0x1F2D, 0x399},
    {0x1F9E, 0x1F2E, 0x399},
    {0x1F9F, 0x1F2F, 0x399},
    {0x1FA0, 0x1F68, 0x399},
    {0x1FA1, 0x1F69, 0x399},
    {0x1FA2, 0x1F6A, 0x399},
    {0x1FA3, 0x1F6B, 0x399},
    {0x1FA4, 0x1F6C, 0x399},
    {0x1FA5, 0x1F6D, 0x399},
    {0x1FA6, 0x1F6E, 0x399},
    {0x1FA7, 0x1F6F, 0x399},
    {0x1FA8, 0x1F68, 0x399},
    {0x1FA9, 0x1F69, 0x399},
    {0x1FAA, 0x1F6A, 0x399},
    {0x1FAB, 0x1F6B, 0x399},
    {0x1FAC, 0x1F6C, 0x399},
    {0x1FAD, 0x1F6D, 0x399},
    {0x1FAE, 0x1F6E, 0x399},
    {0x1FAF, 0x1F6F, 0x399},
    {0x1FB2, 0x1FBA, 0x399},
    {0x1FB3, 0x391, 0x399},
    {0x1FB4, 0x386, 0x399},
    {0x1FB6, 0x391, 0x342},
    {0x1FB7, 0x391, 0x342, 0x399},
    {0x1FBC, 0x391, 0x399},
    {0x1FC2, 0x1FCA, 0x399},
    {0x1FC3, 0x397, 0x399},
    {0x1FC4, 0x389, 0x399},
    {0x1FC6, 0x397, 0x342},
    {0x1FC7, 0x397, 0x342, 0x399},
    {0x1FCC, 0x397, 0x399},
    {0x1FD2, 0x399, 0x308, 0x300},
    {0x1FD3, 0x399, 0x308, 0x301},
    {0x1FD6, 0x399, 0x342},
    {0x1FD7, 0x399, 0x308, 0x342},
    {0x1FE2, 0x3A5, 0x308, 0x300},
    {0x1FE3, 0x3A5, 0x308, 0x301},
    {0x1FE4, 0x3A1, 0x313},
    {0x1FE6, 0x3A5, 0x342},
    {0x1FE7, 0x3A5, 0x308, 0x342},
    {0x1FF2, 0x1FFA, 0x399},
    {0x1FF3, 0x3A9, 0x399},
    {0x1FF4, 0x38F, 0x399},
    {0x1FF6, 0x3A9, 0x342},
    {0x1FF7, 0x3A9, 0x342, 0x399},
    {0x1FFC, 0x3A9, 0x399},
    {0xFB00, 0x46, 0x46},
    {0xFB01, 0x46, 0x49},
    {0xFB02, 0x46, 0x4C},
    {0xFB03, 0x46, 0x46, 0x49},
    {0xFB04, 0x46, 0x46, 0x4C},
    {0xFB05, 0x53, 0x54},
    {0xFB06, 0x53, 0x54},
    {0xFB13, 0x544, 0x546},
    {0xFB14, 0x544, 0x535},
    {0xFB15, 0x544, 0x53B},
    {0xFB16, 0x54E, 0x546},
    {0xFB17, 0x544, 0x53D},
};

static const uint16_t *find_upper(uint32_t c)
{
    size_t low = 0, high = sizeof upper_of_several / sizeof *upper_of_several;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (upper_of_several[middle][0] == c) return upper_of_several[middle] + 1;
        if (upper_of_several[middle][0] < c)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

int ask_unicode_upper(uint32_t out[3], uint32_t c)
{
    const uint16_t *several = find_upper(c);
    if (!several) {
        out[0] = (uint32_t)utf8proc_toupper((utf8proc_int32_t)c);
        return 1;
    }
    for (int i = 0; i < 3; i++) out[i] = several[i];
    return out[2] ? 3 : 2;
}

int ask_unicode_title(uint32_t out[3], uint32_t c)
{
    bool is_greek = c >= 0x1F80 && c <= 0x1FFC;
    out[0] = (uint32_t)utf8proc_totitle((utf8proc_int32_t)c);
    const uint16_t *several = is_greek ? NULL : find_upper(c);
    if (!several) return 1;
    out[0] = several[0];
    for (int i = 1; i < 3 && several[i]; i++)
        out[i] = (uint32_t)utf8proc_tolower((utf8proc_int32_t)several[i]);
    return several[2] ? 3 : 2;
}

bool ask_unicode_is_letter(uint32_t c)
{
    utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
    return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO;
}

bool ask_unicode_is_digit(uint32_t c)
{
    return utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_ND;
}

ask_unicode_case ask_unicode_case_of(uint32_t c)
{
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_LU:
        return ASK_UNICODE_UPPER;
    case UTF8PROC_CATEGORY_LL:
        return ASK_UNICODE_LOWER;
    case UTF8PROC_CATEGORY_LT:
        return ASK_UNICODE_TITLE;
    default:
        return ASK_UNICODE_NO_CASE;
    }
}

bool ask_unicode_is_printable(uint32_t c)
{
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_ZS:
        return c == ' ';
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return false;
    default:
        return true;
    }
}

int ask_unicode_decompose(uint32_t out[ASK_UNICODE_MAX_DECOMPOSED], uint32_t c,
                          bool compatible)
{
    utf8proc_int32_t parts[ASK_UNICODE_MAX_DECOMPOSED];
    int boundary = 0;
    utf8proc_option_t options = UTF8PROC_DECOMPOSE | (compatible ? UTF8PROC_COMPAT : 0);
    utf8proc_ssize_t n =
        c < 0x80 ? 0
                 : utf8proc_decompose_char((utf8proc_int32_t)c, parts,
                                           ASK_UNICODE_MAX_DECOMPOSED, options, &boundary);
    if (n < 1 || n > ASK_UNICODE_MAX_DECOMPOSED) {
        out[0] = c;
        return 1;
    }
    for (utf8proc_ssize_t i = 0; i < n; i++) out[i] = (uint32_t)parts[i];
    return (int)n;
}

uint32_t ask_unicode_compose(uint32_t first, uint32_t second)
{
    utf8proc_int32_t pair[2] = {(utf8proc_int32_t)first, (utf8proc_int32_t)second};
    return utf8proc_normalize_utf32(pair, 2, UTF8PROC_STABLE | UTF8PROC_COMPOSE) == 1
               ? (uint32_t)pair[0]
               : 0;
}

uint8_t ask_unicode_combining_class(uint32_t c)
{
    return (uint8_t)utf8proc_get_property((utf8proc_int32_t)c)->combining_class;
}

bool ask_unicode_is_boundary(uint32_t before, uint32_t c, int32_t *state)
{
    utf8proc_int32_t s = *state;
    bool is_boundary =
        utf8proc_grapheme_break_stateful((utf8proc_int32_t)before, (utf8proc_int32_t)c, &s);
    *state = s;
    return is_boundary;
}

ask_library ask_unicode_library(void)
{
    ask_library library = {.name = "utf8proc"};
    ask_format(library.version, sizeof library.version, "%s", utf8proc_version());
    return library;
}
