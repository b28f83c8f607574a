#include "base/time_text.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/number.h"
#include "base/str.h"

/* Takes whole hours or minutes off the front of a text, up to its colon. */
static bool take_whole(double *out, const char **text, const char *colon, bool is_first)
{
    char digits[16];
    size_t n = (size_t)(colon - *text);
    if (n == 0 || n >= sizeof digits) return false;
    memcpy(digits, *text, n);
    digits[n] = '\0';
    uint64_t whole;
    if (!ask_parse_u64(&whole, digits) || (!is_first && whole >= 60)) return false;
    *out = *out * 60 + (double)whole;
    *text = colon + 1;
    return true;
}

bool ask_parse_time(double *out, const char *text)
{
    double minutes = 0;
    int n_colons = 0;
    for (const char *colon; (colon = strchr(text, ':')); n_colons++) {
        if (n_colons == 2 || !take_whole(&minutes, &text, colon, n_colons == 0))
            return false;
    }
    double seconds;
    if (!ask_parse_double(&seconds, text) || seconds < 0) return false;
    bool is_plain = strspn(text, "0123456789.") == strlen(text);
    if (n_colons > 0 && (!is_plain || seconds >= 60)) return false;
    *out = minutes * 60 + seconds;
    return true;
}

enum { HUNDREDTHS_A_MINUTE = 6000 };

const char *ask_time_unit(double t_s)
{
    return llround(t_s * 100) < HUNDREDTHS_A_MINUTE ? " s" : "";
}

char *ask_format_time(char out[ASK_TIME_TEXT_BYTES], double t_s)
{
    int64_t hundredths = llround(t_s * 100);
    int64_t minutes = hundredths / HUNDREDTHS_A_MINUTE;
    double seconds = (double)(hundredths % HUNDREDTHS_A_MINUTE) / 100;
    if (minutes >= 60)
        ask_format(out, ASK_TIME_TEXT_BYTES, "%lld:%02d:%05.2f", (long long)(minutes / 60),
                   (int)(minutes % 60), seconds);
    else if (minutes > 0)
        ask_format(out, ASK_TIME_TEXT_BYTES, "%d:%05.2f", (int)minutes, seconds);
    else
        ask_format(out, ASK_TIME_TEXT_BYTES, "%.2f", seconds);
    return out;
}
