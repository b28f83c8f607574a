/* focus/calibration.h - what was measured of a model beforehand: calibration.json in its
 * folder.
 *
 *     {
 *       "data": "seeds 5000-5999",         what the values were fitted on
 *       "n": 1000,                         and on how many
 *       "fps": 4,                          looking so often a second
 *       "find": {
 *         "threshold": 1.9,                presence from which a text is there
 *         "background": ["a photo", ...],  0 to 256 texts
 *         "sentences": ["a ball", ...]     8 to 1024 texts
 *       }
 *     }
 *
 * Every key may be absent or null and then has its default, as has a "data" of blanks;
 * other keys belong to others. A model that was trained on a small language should bring
 * texts of that language. */
#ifndef ASK_FOCUS_CALIBRATION_H
#define ASK_FOCUS_CALIBRATION_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "focus/sampling.h"

/* The default threshold, in deviations of the best that random sentences reach on the same
 * video (focus/curve.h). If those are normally distributed, one text in twenty that has
 * nothing to do with the video passes. It was not fitted to any model: published cosines of
 * CLIP models (0.15 to 0.22 for texts that do not fit, 0.2 to 0.35 for those that do) leave
 * about twice that much. */
#define ASK_FIND_DEFAULT_THRESHOLD 1.64

typedef struct {
    double threshold;
    const char *threshold_source; // static: "calibration.json" or "default"
    const char *const *background;
    int n_background;
    const char *const *sentences;
    int n_sentences;
    const char *data; // NULL: not told
    int64_t n;        // 0: not told
    double fps;       // 0: not told
    ask_arena *arena; // private: owns the texts
} ask_calibration;

/* dir: the folder of a model. Without calibration.json everything is a default.
 * Fails: ASK_ERR_MODEL for a file that cannot be read or is malformed, with the key;
 * ASK_ERR_NOMEM. */
ASK_API bool ask_calibration_read(ask_calibration *out, const char *dir, ask_error *err);
/* The sampling with the rate of the calibration as its default rate. opt may be NULL. */
ASK_API ask_sampling_options ask_calibration_sampling(const ask_calibration *c,
                                                      const ask_sampling_options *opt);

ASK_API void ask_calibration_free(ask_calibration *c); // leaves {0}; NULL is fine

#endif
