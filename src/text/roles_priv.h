/* text/roles_priv.h - tokens with a role (start, end, padding ...) as the small files of a
 * checkpoint name them: tokenizer_config.json and special_tokens_map.json. */
#ifndef ASK_TEXT_ROLES_PRIV_H
#define ASK_TEXT_ROLES_PRIV_H

#include "base/json.h"

typedef enum {
    ASK_ROLE_BOS,
    ASK_ROLE_EOS,
    ASK_ROLE_UNK,
    ASK_ROLE_SEP,
    ASK_ROLE_PAD,
    ASK_ROLE_CLS,
    ASK_ROLE_MASK,
    ASK_N_ROLES,
} ask_role;

/* "bos", "eos", ... */
const char *ask_role_name(ask_role r);

/* The two files; absent ones read as {}. Values are found by ask_roles_find. */
typedef struct {
    ask_json *config; // tokenizer_config.json, or NULL
    ask_json *map;    // special_tokens_map.json, or NULL
} ask_roles;

bool ask_roles_open(ask_roles *out, const char *dir, ask_error *err);
void ask_roles_close(ask_roles *r); // a {0} is fine

/* "bos_token" of the files: a string, an object with "content" and flags, null, or absent.
 */
ask_json_value ask_roles_find(const ask_roles *r, ask_role role);

/* The text of such a value; NULL for null and absent. */
bool ask_roles_text(const char **out, ask_json_value v, ask_error *err);

/* A member of tokenizer_config.json; absent without the file. */
ask_json_value ask_roles_config(const ask_roles *r, const char *key);

#endif
