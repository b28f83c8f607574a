/* hub/cache.h - the folder in which programs of Hugging Face's keep what they downloaded:
 *
 *     models--OWNER--NAME/
 *         refs/main                  the commit that main was
 *         snapshots/COMMIT/PATH      links to
 *         blobs/HASH                 files by what is in them
 *
 * https://huggingface.co/docs/hub/local-cache */
#ifndef ASK_HUB_CACHE_H
#define ASK_HUB_CACHE_H

#include "hub/id.h"

/* The folder of a model in the cache: of the id's revision, a ref or a commit; without one,
 * what main was last, else the newest snapshot. *out is freed by the caller with free();
 * NULL: it is not there, which is no failure. Fails: ASK_ERR_IO, ASK_ERR_NOMEM. */
ASK_API bool ask_hub_cache_find(char **out, const char *cache_dir, const ask_hub_id *id,
                                ask_error *err);

/* The name of a model's folder: "models--OWNER--NAME". Freed by the caller with free();
 * NULL: ASK_ERR_NOMEM. */
ASK_API char *ask_hub_cache_name(const ask_hub_id *id, ask_error *err);

#endif
