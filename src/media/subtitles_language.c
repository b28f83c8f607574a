/* Names of languages: containers have three letters, files two. */
#include <string.h>
#include <strings.h>

#include "media/subtitles_priv.h"

/* ISO 639-1, 639-2/T and, where it is another, 639-2/B, of languages that subtitles are
 * often in. Others are the same when they are spelt the same. */
static const char *const languages[][3] = {
    {"ar", "ara", NULL},  {"bg", "bul", NULL},  {"bn", "ben", NULL},  {"ca", "cat", NULL},
    {"cs", "ces", "cze"}, {"cy", "cym", "wel"}, {"da", "dan", NULL},  {"de", "deu", "ger"},
    {"el", "ell", "gre"}, {"en", "eng", NULL},  {"es", "spa", NULL},  {"et", "est", NULL},
    {"eu", "eus", "baq"}, {"fa", "fas", "per"}, {"fi", "fin", NULL},  {"fr", "fra", "fre"},
    {"ga", "gle", NULL},  {"gl", "glg", NULL},  {"he", "heb", NULL},  {"hi", "hin", NULL},
    {"hr", "hrv", NULL},  {"hu", "hun", NULL},  {"hy", "hye", "arm"}, {"id", "ind", NULL},
    {"is", "isl", "ice"}, {"it", "ita", NULL},  {"ja", "jpn", NULL},  {"ka", "kat", "geo"},
    {"ko", "kor", NULL},  {"la", "lat", NULL},  {"lt", "lit", NULL},  {"lv", "lav", NULL},
    {"mk", "mkd", "mac"}, {"ms", "msa", "may"}, {"nb", "nob", NULL},  {"nl", "nld", "dut"},
    {"no", "nor", NULL},  {"pl", "pol", NULL},  {"pt", "por", NULL},  {"ro", "ron", "rum"},
    {"ru", "rus", NULL},  {"sk", "slk", "slo"}, {"sl", "slv", NULL},  {"sq", "sqi", "alb"},
    {"sr", "srp", NULL},  {"sv", "swe", NULL},  {"ta", "tam", NULL},  {"te", "tel", NULL},
    {"th", "tha", NULL},  {"tr", "tur", NULL},  {"uk", "ukr", NULL},  {"ur", "urd", NULL},
    {"vi", "vie", NULL},  {"zh", "zho", "chi"},
};

static bool is_same_text(const char *a, size_t n_a, const char *b, size_t n_b)
{
    return n_a == n_b && strncasecmp(a, b, n_a) == 0;
}

/* The row of a code, or -1. */
static int row_of(const char *code, size_t n)
{
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        for (int k = 0; k < 3 && languages[i][k]; k++)
            if (is_same_text(code, n, languages[i][k], strlen(languages[i][k])))
                return (int)i;
    return -1;
}

bool ask_language_fits(const char *has, size_t n_has, const char *wanted)
{
    size_t n_code = 0, n_wanted = strcspn(wanted, "-_");
    while (n_code < n_has && !strchr("-_", has[n_code])) n_code++;
    int row = row_of(wanted, n_wanted);
    bool is_same =
        row >= 0 ? row_of(has, n_code) == row : is_same_text(has, n_code, wanted, n_wanted);
    if (!is_same || !wanted[n_wanted]) return is_same;
    const char *region = wanted + n_wanted + 1;
    return n_code < n_has &&
           is_same_text(has + n_code + 1, n_has - n_code - 1, region, strlen(region));
}
