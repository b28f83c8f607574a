/* support/qformer_model.h - a language model of random weights that a Q-Former shows
 * videos, of a few thousand numbers: what it says means nothing, but all that stands around
 * it can be asked of it.
 *
 * Whatever goes wrong in here ends the test with a message. */
#ifndef SUPPORT_QFORMER_MODEL_H
#define SUPPORT_QFORMER_MODEL_H

typedef enum {
    QFORMER_MODEL_BLIP2,    // with OPT: each frame has its own rows
    QFORMER_MODEL_INSTRUCT, // InstructBLIP with LLaMA: rows depend on the question
    QFORMER_MODEL_FLAN,     // the same with T5, an encoder-decoder
    QFORMER_MODEL_GIF_QA,   // with GPT-2: rows are of all frames, given as vectors
} qformer_model_kind;

enum {
    QFORMER_MODEL_ROWS = 4,      // of each frame, or of all of them
    QFORMER_MODEL_FEATURES = 24, // numbers of a vector of GIF_QA, as those of golden/clip
};

/* Makes the folder, with tokenizers of test/fixtures/golden. */
void qformer_model_write(const char *dir, qformer_model_kind kind);

#endif
