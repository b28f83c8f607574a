/* text/tokenizer_priv.h - what an open tokenizer consists of, and how it is put together.
 */
#ifndef ASK_TEXT_TOKENIZER_PRIV_H
#define ASK_TEXT_TOKENIZER_PRIV_H

#include "text/added_priv.h"
#include "text/decoder_priv.h"
#include "text/normalizer_priv.h"
#include "text/parts_priv.h"
#include "text/post_processor_priv.h"
#include "text/pre_tokenizer_priv.h"
#include "text/recipe_priv.h"
#include "text/roles_priv.h"
#include "text/sentencepiece_priv.h"
#include "text/tokenizer.h"
#include "text/word_model_priv.h"

struct ask_tokenizer {
    ask_parts parts; // owns everything below
    ask_normalizers normalizers;
    ask_pre_tokenizers pre_tokenizers;
    ask_word_model model;
    ask_added added;
    ask_post_processors post_processors;
    ask_decoders decoders;
    int64_t roles[ASK_N_ROLES]; // ids; -1: none
};

/* A tokenizer of nothing, closed like any other. */
ask_tokenizer *ask_tokenizer_new(ask_error *err);

/* Reads what comes before the model: normalizers and pre-tokenizers. */
bool ask_tokenizer_read_front(ask_tokenizer *t, ask_json_value root, ask_error *err);

/* Reads what needs the model's vocabulary to be there: added tokens, post-processors,
 * decoders; then finds the ids of the roles. */
bool ask_tokenizer_read_rest(ask_tokenizer *t, ask_json_value root, const ask_roles *roles,
                             ask_error *err);

/* The same from what a recipe stands for, and the model's options; its vocabulary is there
 * (recipe_files.c). */
bool ask_tokenizer_read_recipe(ask_tokenizer *t, const ask_recipe *r,
                               const ask_roles *roles, ask_error *err);

/* The bytes of a tokenizer.model (sentencepiece_files.c). name stands in messages; dir,
 * where added_tokens.json may be, may be NULL. */
bool ask_tokenizer_read_sentencepiece(ask_tokenizer *t, const char *bytes, size_t n_bytes,
                                      const char *name, const char *dir,
                                      const ask_roles *roles, ask_error *err);

/* The same of a model that was read. */
bool ask_tokenizer_take_sentencepiece(ask_tokenizer *t, const ask_sentencepiece *m,
                                      const char *name, const char *dir,
                                      const ask_roles *roles, ask_error *err);

/* vocab.json and merges.txt of a folder (tokenizer_files.c). */
bool ask_tokenizer_read_files(ask_tokenizer *t, const char *dir, const ask_roles *roles,
                              ask_error *err);

/* Cuts a text as encoding does, up to the words that the model gets. */
bool ask_tokenizer_cut(const ask_tokenizer *t, ask_pieces *out, const char *text,
                       size_t n_bytes, ask_error *err);

/* Decodes one id: an id that there is not, and a special one that is not wanted, adds
 * nothing. */
bool ask_tokenizer_decode_id(const ask_tokenizer *t, ask_decoding *d, int64_t id,
                             bool skip_special, ask_error *err);

#endif
