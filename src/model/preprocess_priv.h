/* model/preprocess_priv.h - what reading and writing preprocessor_config.json share. */
#ifndef ASK_MODEL_PREPROCESS_PRIV_H
#define ASK_MODEL_PREPROCESS_PRIV_H

#include "model/preprocess.h"

/* The filters, each at the number that Pillow gives it. */
enum { PREPROCESS_N_FILTERS = 6 };
extern const ask_resize_filter preprocess_filters[PREPROCESS_N_FILTERS];

/* "CLIP" of "CLIPImageProcessor". */
const char *preprocess_name(ask_processor processor);

#endif
