#include "vqa/standard.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/path.h"

enum { MOST_WORDS = 65536, MOST_FILE_BYTES = 4 << 20 };

static const double MOST_NUMBER = 1e6; // beyond all that means something

/* ---- what the file says ---- */

static bool is_absent(ask_json_value v)
{
    return ask_json_type_of(v) == ASK_JSON_ABSENT || ask_json_type_of(v) == ASK_JSON_NULL;
}

static bool take_number(double *out, ask_json_value v, double least, ask_error *err)
{
    double value;
    if (!ask_json_get_double(&value, v, NULL, err)) return false;
    if (!(value >= least && value <= MOST_NUMBER))
        return ask_json_fail(v, err, "%g is out of range: expected %g to %g", value, least,
                             MOST_NUMBER);
    *out = value;
    return true;
}

/* *has: whether it is there. */
static bool take_if(bool *has, double *out, ask_json_value v, double least, ask_error *err)
{
    *has = !is_absent(v);
    return !*has || take_number(out, v, least, err);
}

/* The three belong together. */
static bool take_limits(ask_standard *s, ask_json_value ask, ask_error *err)
{
    static const char *const keys[] = {"tau_prior", "tau_suff", "tau_nec"};
    double *const values[] = {&s->limits.tau_prior, &s->limits.tau_suff,
                              &s->limits.tau_nec};
    int n = 0;
    for (int i = 0; i < 3; i++) {
        bool has;
        if (!take_if(&has, values[i], ask_json_member(ask, keys[i]), -MOST_NUMBER, err))
            return false;
        n += has;
    }
    if (n != 0 && n != 3)
        return ask_json_fail(ask, err,
                             "tau_prior, tau_suff and tau_nec belong together: give all "
                             "three or none");
    s->has_limits = n == 3;
    return true;
}

static bool take_numbers(const double **out, ask_standard *s, ask_json_value list, int n,
                         double least, ask_error *err)
{
    if (!ask_json_get_array(&list, list, NULL, err)) return false;
    if (ask_json_count(list) != (size_t)n)
        return ask_json_fail(list, err, "has %zu numbers: expected %d",
                             ask_json_count(list), n);
    double *values = ask_arena_array(s->arena, (size_t)n, sizeof *values);
    if (!values) return ask_fail_memory(err);
    for (int i = 0; i < n; i++)
        if (!take_number(&values[i], ask_json_item(list, (size_t)i), least, err))
            return false;
    *out = values;
    return true;
}

static bool take_footage(ask_standard *s, ask_json_value outside, int n_embed,
                         ask_error *err)
{
    static const double LEAST_DEVIATION = 1e-9;
    if (is_absent(ask_json_member(outside, "mean"))) return true;
    return take_numbers(&s->mean, s, ask_json_member(outside, "mean"), n_embed,
                        -MOST_NUMBER, err) &&
           take_numbers(&s->deviation, s, ask_json_member(outside, "deviation"), n_embed,
                        LEAST_DEVIATION, err) &&
           take_number(&s->most_distance, ask_json_member(outside, "threshold"), 0, err);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool take_words(ask_standard *s, ask_json_value list, ask_error *err)
{
    if (is_absent(list)) return true;
    if (!ask_json_get_array(&list, list, NULL, err)) return false;
    size_t n = ask_json_count(list);
    if (n == 0 || n > MOST_WORDS)
        return ask_json_fail(list, err, "has %zu words: expected 1 to %d", n, MOST_WORDS);
    const char **words = ask_arena_array(s->arena, n, sizeof *words);
    if (!words) return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        const char *word;
        if (!ask_json_get_string(&word, ask_json_item(list, i), NULL, err)) return false;
        words[i] = ask_arena_strdup(s->arena, word);
        if (!words[i]) return ask_fail_memory(err);
    }
    qsort(words, n, sizeof *words, compare);
    s->words = words;
    s->n_words = (int)n;
    return true;
}

static bool take_outside(ask_standard *s, ask_json_value outside, int n_embed,
                         ask_error *err)
{
    const char *download;
    if (is_absent(outside)) return true;
    if (!ask_json_get_object(&outside, outside, NULL, err) ||
        !take_footage(s, outside, n_embed, err) ||
        !take_words(s, ask_json_member(outside, "words"), err) ||
        !ask_json_opt_string(&download, outside, "download", NULL, err))
        return false;
    if (!download || !*download) return true;
    s->download = ask_arena_strdup(s->arena, download);
    return s->download || ask_fail_memory(err);
}

static bool take_ask(ask_standard *s, ask_json_value root, int n_embed, ask_error *err)
{
    static const double LEAST_SCALE = 1e-6;
    ask_json_value ask = ask_json_member(root, "ask");
    bool has_scale;
    if (is_absent(ask)) return true;
    return ask_json_get_object(&ask, ask, NULL, err) && take_limits(s, ask, err) &&
           take_if(&s->has_threshold, &s->threshold, ask_json_member(ask, "threshold"),
                   -MOST_NUMBER, err) &&
           take_if(&has_scale, &s->scale, ask_json_member(ask, "scale"), LEAST_SCALE,
                   err) &&
           take_outside(s, ask_json_member(ask, "outside"), n_embed, err);
}

static bool take_file(ask_standard *s, const char *path, int n_embed, ask_error *err)
{
    ask_json_limits limits = ask_json_default_limits();
    limits.max_bytes = MOST_FILE_BYTES;
    ask_json *file = ask_json_read(path, &limits, err);
    if (!file) return false;
    ask_json_value root = ask_json_root(file);
    bool ok =
        ask_json_get_object(&root, root, NULL, err) && take_ask(s, root, n_embed, err);
    ask_json_free(file);
    return ok;
}

bool ask_standard_read(ask_standard *out, const char *dir, int n_embed, ask_error *err)
{
    ask_standard s = {.arena = ask_arena_new(0)};
    char *path = ask_path_join(dir, "calibration.json", err);
    bool ok = path && (s.arena || ask_fail_memory(err)) &&
              (!ask_file_exists(path) || take_file(&s, path, n_embed, err) ||
               ask_fail_as(err, ASK_ERR_MODEL));
    free(path);
    if (!ok) {
        ask_standard_free(&s);
        return false;
    }
    *out = s;
    return true;
}

void ask_standard_free(ask_standard *s)
{
    ask_arena_free(s->arena);
    *s = (ask_standard){0};
}

/* ---- what lies outside ---- */

double ask_standard_distance(const ask_standard *s, const ask_pictures *frames)
{
    double sum = 0;
    for (int i = 0; i < frames->n; i++) {
        const float *x = ask_picture_whole(frames, i);
        double squares = 0;
        for (int k = 0; k < frames->n_embed; k++) {
            double u = (x[k] - s->mean[k]) / s->deviation[k];
            squares += u * u;
        }
        sum += sqrt(squares / frames->n_embed);
    }
    return sum / frames->n;
}

static bool is_letter(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 0x80 || (u >= '0' && u <= '9') || (u >= 'A' && u <= 'Z') ||
           (u >= 'a' && u <= 'z');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Takes the next word of a text, cut to what fits; NULL: there is none. */
static const char *next_word(char out[ASK_WORD_BYTES], const char *text)
{
    while (*text && !is_letter(*text)) text++;
    if (!*text) return NULL;
    size_t n = 0;
    for (; is_letter(*text); text++)
        if (n + 1 < ASK_WORD_BYTES) out[n++] = lower(*text);
    out[n] = '\0';
    return text;
}

bool ask_standard_new_word(char out[ASK_WORD_BYTES], const ask_standard *s,
                           const char *text)
{
    while ((text = next_word(out, text))) {
        const char *word = out;
        if (!bsearch(&word, s->words, (size_t)s->n_words, sizeof *s->words, compare))
            return true;
    }
    return false;
}
