/* model/init_priv.h - a preprocessor_config.json from what it would be read as. */
#ifndef ASK_MODEL_INIT_PRIV_H
#define ASK_MODEL_INIT_PRIV_H

#include "base/str.h"
#include "model/preprocess.h"

/* Appends the text of the file. */
void init_preprocess_text(ask_str *out, ask_processor processor, const ask_preprocess *p);

#endif
