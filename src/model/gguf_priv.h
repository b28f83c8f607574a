/* model/gguf_priv.h - a GGUF file in place of a folder: what a folder has in files beside
 * the weights, its metadata has. */
#ifndef ASK_MODEL_GGUF_PRIV_H
#define ASK_MODEL_GGUF_PRIV_H

#include "text/chat.h"
#include "text/tokenizer.h"
#include "weights/gguf.h"

/* Whether it has a tokenizer. */
bool model_gguf_has_tokenizer(const ask_gguf *g);

/* Fails: ASK_ERR_MODEL, naming the key, also for a tokenizer that is not read;
 * ASK_ERR_NOMEM. */
ask_tokenizer *model_gguf_tokenizer(const ask_gguf *g, ask_error *err);

/* As ask_chat_open. */
ask_chat *model_gguf_chat(const ask_gguf *g, const char *builtin, ask_error *err);

#endif
