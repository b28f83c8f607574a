/* text/tokenizer_tables.h - a tokenizer from tables in memory, as GGUF files hold them: all
 * tokens with a score and a type, merges, and what is around a text as the text of a
 * tokenizer_config.json. */
#ifndef ASK_TEXT_TOKENIZER_TABLES_H
#define ASK_TEXT_TOKENIZER_TABLES_H

#include "text/tokenizer.h"

/* The values are those of the files. */
typedef enum {
    ASK_TOKEN_NORMAL = 1,
    ASK_TOKEN_UNKNOWN,
    ASK_TOKEN_CONTROL,      // special: found in a text, left out of what is shown
    ASK_TOKEN_USER_DEFINED, // found in a text
    ASK_TOKEN_UNUSED,
    ASK_TOKEN_BYTE,
} ask_token_type;

typedef struct {
    const char *text; // no NUL needs to stand behind it
    size_t n_bytes;
    float score; // of sentencepiece only
    ask_token_type type;
} ask_table_token;

typedef struct {
    const char *text; // "left right"
    size_t n_bytes;
} ask_table_merge;

/* All borrowed for the call. */
typedef struct {
    const char *name;   // stands in messages
    const char *config; // JSON of a tokenizer_config.json: roles, "add_bos_token", ...
    const char *cut;    // how texts are cut before bytes are merged: "gpt-2", "llama-bpe",
                        // "qwen2", "smollm", "default"; NULL: BPE as sentencepiece has it
    const ask_table_token *tokens; // by id
    size_t n_tokens;
    const ask_table_merge *merges; // the first is the best; of sentencepiece none
    size_t n_merges;
} ask_tokenizer_tables;

/* Of sentencepiece, spaces are kept and one goes in front of every text between added
 * tokens, unless "add_prefix_space" is false. "llama-bpe" puts the start token in front
 * where "add_bos_token" says nothing. Fails: ASK_ERR_MODEL, with name and token, also for
 * another cut, naming it; ASK_ERR_NOMEM. */
ASK_API ask_tokenizer *ask_tokenizer_of_tables(const ask_tokenizer_tables *tables,
                                               ask_error *err);

#endif
