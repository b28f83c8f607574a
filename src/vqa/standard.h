/* vqa/standard.h - what answers of a model are held against: "ask" in its calibration.json.
 *
 *     "ask": {
 *       "tau_prior": 0.4, "tau_suff": 0.5, "tau_nec": 0.2,     all three, or no verdict
 *       "threshold": 2.1,                 presence from which a choice is in the video;
 *                                         absent: that of find, with a memory 0
 *       "scale": 30,                      what cosines are multiplied with; absent: the
 *                                         model's own
 *       "outside": {                      absent: nothing is outside
 *         "mean": [...], "deviation": [...],    n_embed numbers each, of frames: of
 *                                               their embeddings, with a memory of
 *                                               ask_sightings_features
 *         "threshold": 3.5,                     largest distance that is covered
 *         "words": ["a", "ball", ...],          all that the model has seen
 *         "download": "askance-base"            what to use instead; may be absent
 *       }
 *     }
 */
#ifndef ASK_VQA_STANDARD_H
#define ASK_VQA_STANDARD_H

#include "base/arena.h"
#include "model/pictures.h"
#include "vqa/verdict.h"

typedef struct {
    bool has_limits; // false: there is no verdict
    ask_verdict_limits limits;
    bool has_threshold;
    double threshold;
    double scale; // 0: the model's own

    const double *mean, *deviation; // [n_embed]; NULL: footage is not judged
    double most_distance;
    const char *const *words; // sorted; NULL: words are not judged
    int n_words;
    const char *download; // NULL: not told
    ask_arena *arena;     // private
} ask_standard;

/* dir: the model's folder. n_embed: numbers that tell how a frame looks, as above. Fails:
 * ASK_ERR_MODEL for a file that cannot be read or breaks a rule, with the key;
 * ASK_ERR_NOMEM. */
ASK_API bool ask_standard_read(ask_standard *out, const char *dir, int n_embed,
                               ask_error *err);
ASK_API void ask_standard_free(ask_standard *s); // leaves {0}

/* How far frames as a whole lie from those of the calibration: the mean over frames of the
 * root of the mean squared difference, in deviations. */
ASK_API double ask_standard_distance(const ask_standard *s, const ask_pictures *frames);

/* The first word of a text that is not among the words, copied into out; false: all are.
 * Words are runs of letters and digits, in any case; whatever is not ASCII is a letter. */
enum { ASK_WORD_BYTES = 64 };
ASK_API bool ask_standard_new_word(char out[ASK_WORD_BYTES], const ask_standard *s,
                                   const char *text);

#endif
