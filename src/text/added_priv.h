/* text/added_priv.h - tokens that were added to a vocabulary: start and end marks, tools of
 * chats, whole words. They are found in a text before anything else is done with it. */
#ifndef ASK_TEXT_ADDED_PRIV_H
#define ASK_TEXT_ADDED_PRIV_H

#include "base/json.h"
#include "text/normalizer_priv.h"
#include "text/piece_priv.h"
#include "text/tree_priv.h"
#include "text/vocab_priv.h"

typedef struct {
    const char *content;
    const char *normalized_content; // as the normalizers make it; looked for if normalized
    int32_t id;
    bool single_word; // not within a word
    bool lstrip;      // takes the white space before it
    bool rstrip;      // takes the white space behind it
    bool normalized;  // is looked for in the normalized text
    bool special;     // left out when decoding without special tokens
} ask_added_token;

typedef struct {
    ask_vocab vocab; // ids of those tokens that are found by content
    ask_added_token *tokens;
    size_t n_tokens;
    uint32_t *by_id; // places in tokens plus one, where vocab has the id
    ask_tree plain, normalized;
} ask_added;

/* Reads tokenizer.json's "added_tokens" (which may be absent). A token that is in the
 * model's vocabulary keeps its id; the others get the next ids, in their order, whatever
 * the file says: as the reference does. */
bool ask_added_read(ask_added *out, ask_arena *arena, ask_json_value list,
                    const ask_vocab *model, const ask_normalizers *normalizers,
                    ask_error *err);

const ask_added_token *ask_added_at(const ask_added *a, int64_t id); // NULL: none

/* The text that decoding begins with, and whether it is the content of a special token. */
const char *ask_added_text(const ask_added_token *t);
bool ask_added_is_special(const ask_added *a, const char *text, size_t n_bytes);

/* Cuts a text at the added tokens, and normalizes what is between. */
bool ask_added_extract(const ask_added *a, const ask_normalizers *normalizers,
                       ask_pieces *pieces, ask_error *err);

#endif
