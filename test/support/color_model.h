/* support/color_model.h - a model folder that is right by construction.
 *
 * A CLIP of one layer a tower whose weights are written down, not trained: a picture's
 * embedding points along its mean colour, and that of a text along the colours it names. So
 * what a search must find in a clip of plain colours is known. */
#ifndef SUPPORT_COLOR_MODEL_H
#define SUPPORT_COLOR_MODEL_H

#include <stdbool.h>

enum { COLOR_MODEL_CONTEXT = 16 }; // tokens of a text, start and end included

typedef struct {
    bool no_tokenizer;
    const char
        *calibration; // the text of calibration.json; NULL: sentences of its own language
} color_model_options;

/* Makes the folder. Words it knows: red, green, blue, yellow; a and photo, which fit
 * everything a little; and twelve animals, which fit nothing. Other words of small letters
 * are spelt, and other characters are unknown. opt may be NULL. Whatever goes wrong ends
 * the test. */
void color_model_write(const char *dir, const color_model_options *opt);

/* Seconds of one colour, 0xrrggbb. */
typedef struct {
    double length_s;
    unsigned rgb;
} color_span;

/* Writes a video (.mp4 or .gif) of spans, at fps frames a second; a span of a GIF is one
 * frame. */
void color_video_write(const char *path, int width, int height, int fps,
                       const color_span *spans, int n_spans);

#endif
