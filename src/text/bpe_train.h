/* text/bpe_train.h - vocabularies made from texts: byte pair encoding, learned.
 *
 * After: Sennrich et al. 2016, over bytes (Radford et al. 2019) and, for CLIP's kind, with
 * an end-of-word mark (Radford et al. 2021). The pair of neighbours that occurs most often
 * becomes a token, again and again; of pairs that occur equally often, the one whose texts
 * come first in the order of their bytes. So the same texts give the same vocabulary, in
 * any order. */
#ifndef ASK_TEXT_BPE_TRAIN_H
#define ASK_TEXT_BPE_TRAIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"

typedef enum {
    ASK_BPE_GPT2, // spaces belong to words; <|endoftext|>
    ASK_BPE_CLIP, // lower case; words end with </w>; <|startoftext|>, <|endoftext|>
} ask_bpe_kind;

/* Where texts come from. next gives one, valid UTF-8, borrowed until the next call; *text
 * is NULL after the last. It may fail. ask_lines_next (text/lines.h) is one. */
typedef struct {
    bool (*next)(void *user, const char **text, size_t *n_bytes, ask_error *err);
    void *user;
} ask_text_source;

typedef struct {
    size_t struct_size; // set by ask_bpe_train_defaults; lets fields be added later
    ask_bpe_kind kind;
    int n_tokens;          // of the vocabulary in all; fewer where the texts give no more
    int64_t min_frequency; // pairs that occur less often do not become tokens
    const char *const *special; // more special tokens, behind those of the kind; borrowed
    int n_special;
    const ask_progress *progress;
    const ask_cancel *cancel;
} ask_bpe_train_options;

ASK_API ask_bpe_train_options ask_bpe_train_defaults(void); // CLIP, 8192 tokens, 2

typedef struct {
    int n_tokens, n_merges;
    int64_t n_texts, n_bytes; // that were read
} ask_bpe_train_result;

/* Learns a vocabulary and writes it into a folder, which is made when it is missing:
 * vocab.json, merges.txt, tokenizer.json and tokenizer_config.json, each file all or
 * nothing. Fails: ASK_ERR_USAGE for fewer tokens than bytes and marks need, or a special
 * token that is empty or given twice; ASK_ERR_FORMAT without any text; ASK_ERR_LIMIT,
 * ASK_ERR_CANCELLED, ASK_ERR_IO, ASK_ERR_NOMEM; and as the source fails. Nothing is written
 * unless all was learned. */
ASK_API bool ask_bpe_train(const char *dir, ask_text_source texts,
                           const ask_bpe_train_options *options,
                           ask_bpe_train_result *result, ask_error *err);

#endif
