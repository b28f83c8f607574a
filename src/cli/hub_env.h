/* cli/hub_env.h - what the environment says of the hub, with the names that programs of
 * Hugging Face's read:
 *
 *     HF_ENDPOINT                       the hub (https://huggingface.co)
 *     HF_TOKEN                          who asks (HUGGING_FACE_HUB_TOKEN of old); else the
 *                                       file HF_TOKEN_PATH, else HF_HOME/token
 *     HF_HUB_DISABLE_IMPLICIT_TOKEN     yes: no such file is read
 *     HF_HUB_CACHE                      the cache; else HF_HOME/hub
 *     HF_HOME                           else XDG_CACHE_HOME/huggingface, else
 *                                       ~/.cache/huggingface
 *     HF_HUB_OFFLINE                    yes: nobody is asked
 *     HF_HUB_DOWNLOAD_TIMEOUT           a connection that was silent for so many seconds is
 *                                       given up
 *
 * Yes is 1, ON, YES or TRUE. */
#ifndef ASK_CLI_HUB_ENV_H
#define ASK_CLI_HUB_ENV_H

#include <stdbool.h>

#include "base/error.h"

/* Where the cache is. *out is freed by the caller with free(); NULL: the user has no such
 * folder. Fails: ASK_ERR_NOMEM. */
bool cli_hub_cache(char **out, ask_error *err);

/* Who asks; freed as well; NULL: nobody. Fails: ASK_ERR_IO for a file that cannot be read,
 * ASK_ERR_LIMIT for one that is too long, ASK_ERR_NOMEM. */
bool cli_hub_token(char **out, ask_error *err);

/* NULL: not told. */
const char *cli_hub_endpoint(void);
bool cli_hub_is_offline(void);

/* *out stays when it is not told. Fails: ASK_ERR_USAGE unless it is 1 to 3600. */
bool cli_hub_stall(int *out, ask_error *err);

#endif
