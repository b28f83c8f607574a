/* text/chat_find_priv.h - the chat template that a checkpoint folder publishes. */
#ifndef ASK_TEXT_CHAT_FIND_PRIV_H
#define ASK_TEXT_CHAT_FIND_PRIV_H

#include "base/error.h"
#include "text/roles_priv.h"

typedef struct {
    char *source; // the file; owned; NULL: the folder publishes no template
    char *text;   // owned, with a NUL behind it
    size_t n_bytes;
} ask_chat_found;
void ask_chat_found_free(ask_chat_found *f);

/* Looks in the order of transformers' processors. roles are the folder's.
 * Fails as reading the files does; *out is untouched. */
bool ask_chat_find(ask_chat_found *out, const char *dir, const ask_roles *roles,
                   ask_error *err);

/* "chat_template" of a tokenizer_config.json that is called name; it need not be a file. */
bool ask_chat_find_in_config(ask_chat_found *out, const char *name, const ask_roles *roles,
                             ask_error *err);

#endif
