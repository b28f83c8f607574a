/* focus/prompts.h - the texts that a text is compared with, where a model brings none of
 * its own.
 *
 * Background prompts fit any picture a little: they tell how much of a cosine says nothing.
 * Random sentences say something that has nothing to do with a video: they tell how far
 * chance reaches. Both are in English, as most published models are. */
#ifndef ASK_FOCUS_PROMPTS_H
#define ASK_FOCUS_PROMPTS_H

#include "base/api.h"

enum { ASK_BACKGROUND_PROMPTS = 8 };
extern ASK_API const char *const ask_background_prompts[ASK_BACKGROUND_PROMPTS];

enum { ASK_RANDOM_SENTENCES = 64 }; // that a calibration uses by default
enum { ASK_RANDOM_SENTENCE_BYTES = 128 };

/* Sentence i (from 0 on) of an endless list that never changes: from "a green kettle" to "a
 * diver painting a piano in the snow". Returns out. */
ASK_API char *ask_random_sentence(char out[ASK_RANDOM_SENTENCE_BYTES], int i);

#endif
