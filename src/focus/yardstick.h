/* focus/yardstick.h - what texts are measured with: a calibration, and its prompts as
 * embeddings. Made once for a session, it serves any number of videos. */
#ifndef ASK_FOCUS_YARDSTICK_H
#define ASK_FOCUS_YARDSTICK_H

#include "focus/calibration.h"
#include "model/model.h"

typedef struct {
    const ask_calibration *calibration; // borrowed
    int64_t n_tokens;                   // of all prompts, starts and ends included
    float *prompts; // owned; [n_background + n_sentences, n_embed], unit length
    float *grey;    // owned; a grey picture, see ask_embed_grey; NULL until an
                    // ask_yardstick_see_grey
} ask_yardstick;

/* Tokens of all prompts. Fails: ASK_ERR_MODEL for one that is longer than the model takes,
 * or as ask_count_tokens does. */
ASK_API bool ask_yardstick_count(int64_t *n_tokens, ask_session *s,
                                 const ask_calibration *c, ask_error *err);

/* c stays borrowed until ask_yardstick_free. cancel may be NULL. Fails as the model does,
 * and as ask_yardstick_count. */
ASK_API bool ask_yardstick_make(ask_yardstick *out, ask_session *s,
                                const ask_calibration *c, const ask_cancel *cancel,
                                ask_error *err);
ASK_API void ask_yardstick_free(ask_yardstick *y); // leaves {0}; NULL is fine

/* Adds the grey picture, which the checks of answers need, so that it is embedded once. */
ASK_API bool ask_yardstick_see_grey(ask_yardstick *y, ask_session *s,
                                    const ask_cancel *cancel, ask_error *err);

/* out: [n_vectors, n_embed]: what the model sees in a grey picture without motion, that is,
 * where preprocessing gives zeros. Fails as the model does. */
ASK_API bool ask_embed_grey(float *out, ask_session *s, const ask_cancel *cancel,
                            ask_error *err);

#endif
