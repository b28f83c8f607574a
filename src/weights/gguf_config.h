/* weights/gguf_config.h - what the metadata of a GGUF file says, as the files of a Hugging
 * Face folder would say it.
 *
 *     config.json            ask_gguf_config
 *     tokenizer_config.json  ask_gguf_tokenizer_config
 *
 * Of the architectures llama (which Mistral's models are said to be of, too) and qwen2. The
 * rows of llama's queries and keys lie in another order than Hugging Face's: what is turned
 * together are neighbours. "rope_interleave" says so, and nothing is moved. Factors of the
 * angles, which a file holds as the tensor "rope_freqs.weight", are "rope_scaling" of the
 * type "factors".
 * After: the GGUF format, https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. */
#ifndef ASK_WEIGHTS_GGUF_CONFIG_H
#define ASK_WEIGHTS_GGUF_CONFIG_H

#include "weights/gguf.h"

/* JSON, freed with free(). Fails: ASK_ERR_MODEL, naming the key, for what is missing,
 * damaged, or of a network that is not read: experts, scalings of positions other than
 * linear, heads that are turned in part; ASK_ERR_NOMEM. */
ASK_API char *ask_gguf_config(const ask_gguf *g, ask_error *err);

/* The same for the tokenizer: "bos_token" and the like, null where there is none;
 * "add_bos_token", "add_eos_token" and "add_prefix_space" where the file says them;
 * "chat_template" where it has one. */
ASK_API char *ask_gguf_tokenizer_config(const ask_gguf *g, ask_error *err);

#endif
