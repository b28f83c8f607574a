/* text/tokenizer.h - text to token ids and back, as published tokenizers do it.
 *
 * Byte-level BPE (Radford et al. 2019), CLIP's variant of it (Radford et al. 2021: lower
 * case, an end-of-word mark, ids between start and end), BPE as sentencepiece has it
 * (Kudo and Richardson 2018: over characters, spaces as marks, bytes for what is unknown),
 * Unigram (Kudo 2018: T5's, with its extra ids), and WordPiece (Devlin et al. 2019:
 * BERT's). Read from tokenizer.json, from tokenizer.model or spiece.model, from vocab.json
 * and merges.txt, or from vocab.txt; all but the first with tokenizer_config.json,
 * special_tokens_map.json and added_tokens.json.
 *
 * tokenizer.json is a pipeline: added tokens are cut out, the rest is normalized, cut into
 * words, and each word is encoded; then marks are put around it all. Ids and offsets are
 * those of the Hugging Face tokenizers library; its "truncation" and "padding" are left to
 * the caller, as transformers does, which sets both anew at each call. What it does with
 * characters newer than the Unicode of PCRE2 and utf8proc may differ; for BERT, with those
 * newer than Unicode 8. Of a tokenizer.model
 * the ids are those of transformers' LlamaTokenizer, of a spiece.model those of its
 * T5TokenizerFast: between added tokens and control pieces, those of the sentencepiece
 * library. Of a vocab.txt they are those of BertTokenizerFast.
 *
 * A tokenizer is read-only: threads share it. */
#ifndef ASK_TEXT_TOKENIZER_H
#define ASK_TEXT_TOKENIZER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct ask_tokenizer ask_tokenizer;

/* path: a checkpoint folder, whose tokenizer.json goes before its tokenizer.model or
 * spiece.model, and those before the older files; or a file: one that ends in .model, or
 * else a tokenizer.json (the older files are read from their folder alone). A second
 * tokenizer, as InstructBLIP has in qformer_tokenizer, is a folder of its own.
 * Fails: ASK_ERR_MODEL, naming the file, the place and, for what is not supported (other
 * models than BPE, Unigram and WordPiece, unknown components), the thing; ASK_ERR_NOMEM. */
ASK_API ask_tokenizer *ask_tokenizer_open(const char *path, ask_error *err);

/* The same from the bytes of a tokenizer.json; name stands in messages. */
ASK_API ask_tokenizer *ask_tokenizer_parse(const char *json, size_t n_bytes,
                                           const char *name, ask_error *err);

ASK_API void ask_tokenizer_close(ask_tokenizer *t); // NULL is fine

/* The files of a folder that it is read from, where they are there; ends with NULL. Who
 * copies a tokenizer copies these. */
ASK_API extern const char *const ask_tokenizer_files[];

/* The highest id + 1. Between may be holes. */
ASK_API int ask_tokenizer_n_tokens(const ask_tokenizer *t);

/* A token as it stands in the vocabulary, borrowed; NULL: there is none of that id. */
ASK_API const char *ask_tokenizer_token(const ask_tokenizer *t, int64_t id);
ASK_API int64_t ask_tokenizer_id(const ask_tokenizer *t, const char *token); // -1: none

/* The id of a token with a role: "bos", "eos", "pad", "unk", "sep", "cls" or "mask"; -1:
 * there is none. Roles come from tokenizer_config.json or special_tokens_map.json; without
 * them, "bos" and "eos" are what is put around a text, and "unk" is the model's. */
ASK_API int64_t ask_tokenizer_special(const ask_tokenizer *t, const char *role);

typedef struct {
    int64_t id;
    int32_t begin, end; // in characters of its text; both 0 for ids that were added
    int32_t type;       // 0 or 1: the text it is counted to (BERT's token type)
} ask_token;

typedef struct {
    ask_token *tokens; // owned
    int n, capacity;
    bool has_unknown; // some character was not in the vocabulary: it became the unknown
                      // token, or was left out where there is none
} ask_tokens;
ASK_API void ask_tokens_free(ask_tokens *t); // leaves {0}; a {0} is fine

/* Replaces what is in *out (begin with {0}). text and pair are UTF-8; pair may be NULL.
 * special: put start, end and separator ids where the tokenizer has them.
 * Fails: ASK_ERR_FORMAT for what is not UTF-8, ASK_ERR_LIMIT for texts beyond 16 MiB or
 * that take a regular expression too long, ASK_ERR_NOMEM; *out is untouched. */
ASK_API bool ask_tokenizer_encode(const ask_tokenizer *t, const char *text,
                                  const char *pair, bool special, ask_tokens *out,
                                  ask_error *err);

/* UTF-8, freed with free(). Ids that there are not are left out, and special tokens with
 * skip_special. Bytes that make no character become U+FFFD, zero bytes too. stream.h does
 * the same id by id. */
ASK_API char *ask_tokenizer_decode(const ask_tokenizer *t, const int64_t *ids, int n,
                                   bool skip_special, ask_error *err);

#endif
