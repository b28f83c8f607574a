/* train/pace_priv.h - how a training gets on, in a few words. */
#ifndef ASK_TRAIN_PACE_PRIV_H
#define ASK_TRAIN_PACE_PRIV_H

#include "train/loop.h"

enum { TRAIN_PACE_BYTES = 96 };

/* "loss 0.1234, epoch 2.5, 31.4/s, 12 min left", without what is not known. Returns out. */
const char *train_pace_text(char out[TRAIN_PACE_BYTES], const ask_train_pace *p);

#endif
