/* support/scripted_model.h - a language model that says what it is told: behind a token
 * comes the next one of a script, whatever stood before.
 *
 * Whatever goes wrong in here ends the test with a message. */
#ifndef SUPPORT_SCRIPTED_MODEL_H
#define SUPPORT_SCRIPTED_MODEL_H

#include <stdint.h>

enum { SCRIPT_BEGIN = 1, SCRIPT_END = 2, SCRIPT_CONTEXT = 64 }; // ids, places

/* Writes a checkpoint with the tokenizer of test/fixtures/golden/tokenizer_llama into the
 * folder dir, which is made: what it says behind SCRIPT_BEGIN is the text, then SCRIPT_END.
 * No token may be twice in the text. */
void scripted_model_write(const char *dir, const char *text);

/* The ids of a text; returns how many. */
int scripted_model_ids(int64_t *out, int most, const char *text);

#endif
