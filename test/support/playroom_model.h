/* support/playroom_model.h - a model that reads the language of the playroom and knows
 * nothing: random weights, of a size that is soon computed. */
#ifndef SUPPORT_PLAYROOM_MODEL_H
#define SUPPORT_PLAYROOM_MODEL_H

#include <stdint.h>

/* Makes the folder, with the vocabulary of models/dual and its nine channels. Whatever goes
 * wrong ends the test. */
void playroom_model_write(const char *dir);

/* Makes a world of the validation split with so many clips. */
void playroom_world_write(const char *dir, uint64_t seed, int64_t n_clips);

#endif
