/* support/tiny_timeline.h - a small Timeline with random weights.
 *
 * Whatever goes wrong in here ends the test with a message. */
#ifndef TEST_TINY_TIMELINE_H
#define TEST_TINY_TIMELINE_H

#include "model/timeline_priv.h"

enum {
    TINY_FRAMES = 6,
    TINY_SIGHTS = 3,
    TINY_EVENTS = 4, // slots
    TINY_TOYS = 3,
    TINY_SLOTS = TINY_EVENTS + TINY_TOYS,
    TINY_CHANNELS = 3,
    TINY_PX = 48,
    TINY_PIXELS = TINY_CHANNELS * TINY_PX * TINY_PX, // of a frame
    TINY_TOKENS = 20,
};

/* The text of its config.json. */
extern const char tiny_timeline_config[];

/* Makes the folder, with a tokenizer. Of what begins with 0 or 1 nothing is left: every
 * weight counts. */
void tiny_timeline_make(const char *dir);

/* The same with another configuration and the files of another tokenizer. */
void tiny_timeline_make_of(const char *dir, const char *text, const char *tokenizer);

/* Pixels of n frames [n, TINY_PIXELS]; freed by the caller. */
float *tiny_timeline_pixels(int n, uint64_t seed);

#endif
