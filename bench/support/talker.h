/* support/talker.h - LLaVA-NeXT-Video models with random weights, and with tokens enough to
 * ask them something. */
#ifndef BENCH_TALKER_H
#define BENCH_TALKER_H

#include "model/model.h"
#include "tensor/dtype.h"
#include "vqa/talk.h"

typedef struct {
    int width, inner, n_layers, n_heads; // of the language model
    int n_vocab;                         // 0: as many as there are tokens
    int vision_width, vision_inner, vision_layers, vision_heads;
    ask_dtype matrices; // ASK_F32, ASK_Q8, ASK_Q4
} bench_talker_sizes;

/* Makes the folder, which must not be there. Ends the program when that fails. */
void bench_talker_make(const char *dir, const bench_talker_sizes *sizes);

/* What saying something took. */
typedef struct {
    double first_s; // from asking to the first token
    double rest_s;  // of the others
    int n_prompt, n_reused, n_tokens;
} bench_heard;

/* Says something; ends the program when that fails. */
bench_heard bench_say(ask_talk *t, const char *text);

#endif
