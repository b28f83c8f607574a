/* world/truth_priv.h - the parts of the truth of a clip: words that stand for values, small
 * values, questions. */
#ifndef ASK_WORLD_TRUTH_PRIV_H
#define ASK_WORLD_TRUTH_PRIV_H

#include "base/json.h"
#include "base/json_write.h"
#include "world/clip.h"

typedef enum {
    ASK_WORDS_COLOR, // the first six: what a phrase can demand
    ASK_WORDS_SHAPE,
    ASK_WORDS_SIZE,
    ASK_WORDS_TEXTURE,
    ASK_WORDS_PLACE,
    ASK_WORDS_EVENT,
    ASK_WORDS_SPLIT,
    ASK_WORDS_QUESTION,
    ASK_WORDS_FAMILY,
    ASK_WORDS_SAYING,
    ASK_WORDS_QUERY,
} ask_truth_words;

enum { ASK_N_PHRASE_FIELDS = ASK_WORDS_EVENT + 1 };

/* How many values there are, and the word for each. */
int ask_truth_n_words(ask_truth_words of);
const char *ask_truth_word(ask_truth_words of, int value);

/* What a phrase demands of colour, shape, ...; its key in the file. */
int8_t *ask_truth_phrase_field(ask_phrase *p, ask_truth_words of);
const char *ask_truth_phrase_key(ask_truth_words of);

/* ---- small values: integers, and quotients of two integers, which are the same
 * everywhere; get: false is told as a fault of the file ---- */

void ask_truth_put_seconds(ask_json_writer *w, const char *key, int frame);
void ask_truth_put_pair(ask_json_writer *w, const char *key, int a, int b);

bool ask_truth_has(ask_json_value v, const char *key);
bool ask_truth_get_int(int *out, ask_json_value v, const char *key, int64_t min,
                       int64_t max, ask_error *err);
bool ask_truth_get_word(int *out, ask_json_value v, const char *key, ask_truth_words of,
                        ask_error *err);
/* The text goes to the clip. */
bool ask_truth_get_text(const char **out, ask_world_clip *c, ask_json_value v,
                        const char *key, ask_error *err);
/* An array of so many integers. */
bool ask_truth_get_ints(int *out, int n, ask_json_value v, const char *key, int64_t min,
                        int64_t max, ask_error *err);
/* Frames [begin, end) of the clip, at least one. */
bool ask_truth_get_span(int *begin, int *end, ask_json_value v, const ask_scene *s,
                        ask_error *err);
/* An array of at most so many items. */
bool ask_truth_get_list(ask_json_value *out, int *n, ask_json_value v, const char *key,
                        int most, ask_error *err);

/* ---- "questions" and "queries"; the scene has been read ---- */

void ask_truth_put_questions(ask_json_writer *w, const ask_world_clip *c);
bool ask_truth_get_questions(ask_world_clip *c, ask_json_value root, ask_error *err);

#endif
