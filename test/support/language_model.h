/* support/language_model.h - a language model of random weights that is shown videos, a
 * LLaVA-NeXT-Video, a LLaVA-1.5, a Video-ChatGPT or an ST-LLM of some thousand numbers:
 * what it says means nothing, but all that stands around it can be asked of it.
 *
 * Whatever goes wrong in here ends the test with a message. */
#ifndef SUPPORT_LANGUAGE_MODEL_H
#define SUPPORT_LANGUAGE_MODEL_H

#include <stdint.h>

enum {
    LANGUAGE_MODEL_CONTEXT = 2048,   // tokens that it reads
    LANGUAGE_MODEL_FRAME_TOKENS = 9, // of each frame
    LANGUAGE_MODEL_VOCABULARY = 702, // "<image>" and "<video>" are the last two
    LANGUAGE_MODEL_FEATURES = 40, // numbers of a row of features, as those of golden/clip
};

typedef enum {
    LANGUAGE_MODEL_NEXT_VIDEO,
    LANGUAGE_MODEL_LLAVA,         // "<image>" for each frame
    LANGUAGE_MODEL_VIDEO_CHATGPT, // is given features; its tokenizer has no "<video>", and
                                  // one token more: marks are the last three
    LANGUAGE_MODEL_ST_LLM, // 12 rows of 3 to 64 frames, 4 of which have their own, and of
                           // an instruction; its tokenizers have no placeholders
} language_model_kind;

typedef struct {
    language_model_kind kind;
    int n_context; // 0: LANGUAGE_MODEL_CONTEXT
    uint64_t seed; // of the weights
    const char
        *chat_template; // Jinja, of its tokenizer; NULL: none, so that of its network
} language_model_options;

/* Makes the folder, with the tokenizer of test/fixtures/golden/tokenizer_llama. opt may be
 * NULL. */
void language_model_write(const char *dir, const language_model_options *opt);

#endif
