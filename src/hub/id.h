/* hub/id.h - what a hub calls a model: "owner/name", "name", "owner/name@revision". */
#ifndef ASK_HUB_ID_H
#define ASK_HUB_ID_H

#include <stdbool.h>

#include "base/api.h"
#include "base/error.h"

enum { ASK_HUB_NAME_BYTES = 200, ASK_HUB_REVISION_BYTES = 200 };

typedef struct {
    char name[ASK_HUB_NAME_BYTES];         // "owner/name" or "name"
    char revision[ASK_HUB_REVISION_BYTES]; // a branch, a tag or a commit; "": none told
} ask_hub_id;

/* Reads an id. Owner and name are letters, digits, '-', '_' and '.', 96 at most, with none
 * of "--" and ".." and neither '-' nor '.' at an end; a revision may have '/' too. Fails:
 * ASK_ERR_USAGE with what is wrong. */
ASK_API bool ask_hub_id_parse(ask_hub_id *out, const char *text, ask_error *err);

/* Gives the id a revision. Fails: ASK_ERR_USAGE for one that cannot be, or another than the
 * id has already. */
ASK_API bool ask_hub_id_at(ask_hub_id *id, const char *revision, ask_error *err);

/* Whether it is the full name of a commit: 40 or 64 hexadecimal digits. */
ASK_API bool ask_hub_is_commit(const char *text);

#endif
