/* model/prompt.h - a text with placeholders as the places that a language model reads.
 *
 * Where a placeholder ("<video>") stands in the text, rows of what is seen stand in the
 * prompt, between the marks that the model has for that. */
#ifndef ASK_MODEL_PROMPT_H
#define ASK_MODEL_PROMPT_H

#include "model/rows.h"

typedef struct {
    ask_place *places; // owned
    int n;
    int n_rows; // of them rows
} ask_prompt;

/* What stands for one placeholder. */
typedef struct {
    const ask_place *rows; // borrowed while the prompt is read; their ids are of no account
    int n;
} ask_prompt_group;

/* text: UTF-8. has_begin: it begins with the token that begins texts, so the tokenizer puts
 * no other there. Of an encoder-decoder the token that ends texts stands behind it, and
 * nothing before it. groups: of each placeholder, in their order; may be NULL with n_groups
 * 0. Fails: ASK_ERR_USAGE when the text has another number of placeholders than there are
 * groups; ASK_ERR_MODEL for groups of a model that sees nothing, and without a
 * tokenizer; ASK_ERR_FORMAT for what is not UTF-8; ASK_ERR_NOMEM. */
ASK_API bool ask_prompt_make(ask_prompt *out, ask_session *s, const char *text,
                             bool has_begin, const ask_prompt_group *groups, int n_groups,
                             ask_error *err);
ASK_API void ask_prompt_free(ask_prompt *p); // leaves {0}

/* What each token adds to the text of all: texts: [n], owned by the caller; "" of those
 * that are a part of a letter only. Fails: ASK_ERR_MODEL without a tokenizer,
 * ASK_ERR_NOMEM: none is then owned. */
ASK_API bool ask_prompt_letters(char **texts, ask_session *s, const int64_t *ids, int n,
                                ask_error *err);

/* The tokens with which `text` goes on behind a prompt's text: those of both together,
 * behind what they have in common with the prompt's places; of an encoder-decoder those of
 * `text` alone, behind all of them. *n_common: how many of these.
 * ids: *out, owned, of *n. Fails as above. */
ASK_API bool ask_prompt_continue(int64_t **out, int *n, int *n_common, ask_session *s,
                                 const ask_prompt *prompt, const char *prompt_text,
                                 bool has_begin, const ask_prompt_group *groups,
                                 int n_groups, const char *text, ask_error *err);

#endif
