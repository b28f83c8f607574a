#include "base/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/locale_priv.h"
#include "base/str.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The digits from text to its end, taken into *out with this sign; false when there is
 * anything else. Going down for negative numbers reaches the most negative one. */
static bool parse_digits(int64_t *out, const char *text, int sign)
{
    if (!*text) return false;
    int64_t value = 0;
    for (; *text; text++) {
        if (!is_digit(*text)) return false;
        int digit = *text - '0';
        if (!ask_mul_i64(&value, value, 10) || !ask_add_i64(&value, value, sign * digit))
            return false;
    }
    *out = value;
    return true;
}

bool ask_parse_i64(int64_t *out, const char *text)
{
    if (*text == '-') return parse_digits(out, text + 1, -1);
    return parse_digits(out, *text == '+' ? text + 1 : text, 1);
}

bool ask_parse_u64(uint64_t *out, const char *text)
{
    if (!*text) return false;
    uint64_t value = 0;
    for (; *text; text++) {
        if (!is_digit(*text)) return false;
        uint64_t digit = (uint64_t)(*text - '0');
        if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *out = value;
    return true;
}

static const char *skip_digits(const char *text)
{
    while (is_digit(*text)) text++;
    return text;
}

static const char *skip_sign(const char *text)
{
    return *text == '-' || *text == '+' ? text + 1 : text;
}

/* Whether the whole text is [sign] digits [. digits] [e [sign] digits], with at least one
 * digit before the exponent. */
static bool is_decimal(const char *text)
{
    const char *start = skip_sign(text);
    const char *end = skip_digits(start);
    bool has_digits = end > start;
    if (*end == '.') {
        const char *fraction = end + 1;
        end = skip_digits(fraction);
        has_digits = has_digits || end > fraction;
    }
    if (!has_digits) return false;
    if (*end == 'e' || *end == 'E') {
        const char *exponent = skip_sign(end + 1);
        end = skip_digits(exponent);
        if (end == exponent) return false;
    }
    return *end == '\0';
}

bool ask_parse_double(double *out, const char *text)
{
    if (!is_decimal(text)) return false;
    locale_t c = ask_locale_c();
    double value = strtod_l(text, NULL, c);
    freelocale(c);
    if (isinf(value)) return false;
    *out = value;
    return true;
}

char *ask_format_double(char out[ASK_DOUBLE_TEXT_BYTES], double value)
{
    if (isnan(value)) return strcpy(out, "nan");
    if (isinf(value)) return strcpy(out, value < 0 ? "-inf" : "inf");
    for (int digits = 15; digits <= 17; digits++) {
        double back;
        ask_format(out, ASK_DOUBLE_TEXT_BYTES, "%.*g", digits, value);
        if (ask_parse_double(&back, out) && back == value) break;
    }
    return out;
}

char *ask_format_bytes(char out[ASK_BYTES_TEXT_BYTES], int64_t n_bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    if (n_bytes < 1000) {
        ask_format(out, ASK_BYTES_TEXT_BYTES, "%" PRId64 " B", n_bytes);
        return out;
    }
    double value = (double)n_bytes / 1000;
    size_t unit = 0;
    // What would be shown as 1000.0 is 1.0 of the next.
    for (; value >= 999.95; value /= 1000) unit++;
    ask_format(out, ASK_BYTES_TEXT_BYTES, "%.1f %s", value, units[unit]);
    return out;
}
