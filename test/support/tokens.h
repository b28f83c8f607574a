/* support/tokens.h - tokenizers compared with what a reference made of the same texts. */
#ifndef SUPPORT_TOKENS_H
#define SUPPORT_TOKENS_H

#include "base/json.h"
#include "text/tokenizer.h"

/* Encodes and decodes each of a list of texts ("text", perhaps "text_pair") and compares
 * with what stands beside it: "ids", "ids_no_special", "tokens", "offsets", "type_ids",
 * "decoded", "decoded_skip_special", as far as it is there. Fails the test, naming case and
 * text. */
void tokens_check_all(const char *name, const ask_tokenizer *t, ask_json_value texts);

#endif
