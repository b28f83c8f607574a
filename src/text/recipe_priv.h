/* text/recipe_priv.h - the pipelines that published tokenizers without a tokenizer.json
 * stand for, as the sections that a tokenizer.json has.
 *
 * They are what transformers makes of vocab.json and merges.txt, of vocab.txt, and of a
 * sentencepiece model. Reading such a folder parses a recipe; training writes one into its
 * tokenizer.json. */
#ifndef ASK_TEXT_RECIPE_PRIV_H
#define ASK_TEXT_RECIPE_PRIV_H

#include "base/json_write.h"
#include "text/added_priv.h"
#include "text/roles_priv.h"

typedef enum {
    ASK_RECIPE_GPT2,
    ASK_RECIPE_CLIP,
    ASK_RECIPE_ROBERTA,
    ASK_RECIPE_QWEN2,
    ASK_RECIPE_LLAMA, // of a sentencepiece model
    ASK_RECIPE_T5,    // of a sentencepiece model
    ASK_RECIPE_BERT,  // of vocab.txt
    ASK_N_RECIPES,
} ask_recipe_kind;

typedef struct {
    const char *text; // NULL: the role is not taken
    int32_t id;
} ask_recipe_role;

typedef struct {
    ask_recipe_kind kind;
    ask_recipe_role roles[ASK_N_ROLES];
    const ask_added_token *tokens; // with ids; borrowed
    size_t n_tokens;
    const char *const *words; // patterns of words, one after the other, instead of those of
                              // a kind of bytes; ends with NULL; NULL: the kind's
    bool ignore_merges;       // a word that is a token needs no merging
    bool add_prefix_space;    // a space goes in front of a text that begins without one
    bool add_bos;             // GPT-2, LLaMA: the start token goes in front
    bool add_eos;             // GPT-2, LLaMA, T5: the end token goes behind
    bool legacy; // LLaMA, T5: a space goes in front of what follows an added token too
    bool byte_fallback;    // LLaMA, T5: unknown characters become bytes
    bool strip_begin;      // LLaMA, T5: decoding leaves out the space in front
    bool strip_end;        // LLaMA, T5: decoding leaves out the space behind
    bool lower_case;       // BERT
    bool strip_accents;    // BERT
    bool space_ideographs; // BERT: each Chinese character is a word
} ask_recipe;

/* The name of its class in transformers: "CLIPTokenizer". */
const char *ask_recipe_class(ask_recipe_kind kind);

/* Where the vocabulary of a kind stands. */
typedef enum {
    ASK_RECIPE_OF_MERGES,        // vocab.json and merges.txt
    ASK_RECIPE_OF_WORDS,         // vocab.txt
    ASK_RECIPE_OF_SENTENCEPIECE, // tokenizer.model, spiece.model
} ask_recipe_source;
ask_recipe_source ask_recipe_source_of(ask_recipe_kind kind);

/* The kind that a class (with or without "Fast") or a "model_type" of config.json names. */
bool ask_recipe_of_class(ask_recipe_kind *out, const char *name);
bool ask_recipe_of_model_type(ask_recipe_kind *out, const char *model_type);

/* The kind that tokenizer_config.json or else config.json of a folder (NULL: there is none)
 * names for such a vocabulary; *found tells whether one does. Fails: ASK_ERR_FORMAT for a
 * kind that is not supported with it; file is what messages call the vocabulary. */
bool ask_recipe_find(bool *found, ask_recipe_kind *out, ask_recipe_source source,
                     const char *file, const char *dir, const ask_roles *roles,
                     ask_error *err);

/* The token that takes a role where the files do not say; NULL for none. */
const char *ask_recipe_default(ask_recipe_kind kind, ask_role role);

/* The flags of a token that is only named, by its role; ASK_N_ROLES: none of them. */
ask_added_token ask_recipe_token(ask_recipe_kind kind, ask_role role, const char *content);

/* Fills in what stands beside a vocabulary: roles, flags and the tokens to be added.
 * r->kind is set; dir (where added_tokens.json may be) may be NULL. known are tokens of the
 * model that are added where the files do not list them; texts go to the arena, but those
 * of roles stay in the files. */
bool ask_recipe_read(ask_recipe *r, ask_arena *arena, const char *dir,
                     const ask_roles *roles, const ask_vocab *model,
                     const ask_added_token *known, size_t n_known, ask_error *err);

/* Puts all members of a tokenizer.json but "model" into an open object; and the members of
 * "model" but its vocabulary and merges. */
void ask_recipe_write_sections(ask_json_writer *w, const ask_recipe *r);
void ask_recipe_write_model(ask_json_writer *w, const ask_recipe *r);

#endif
