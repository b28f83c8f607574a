/* media/table_cache_priv.h - full tables kept on disk, by the quick id of their video.
 *
 * A kept table is believed only when it is whole and made by this version for this video;
 * anything else is as if it were not there. Nothing here is an error for anybody: without
 * the cache a table is made again. */
#ifndef ASK_MEDIA_TABLE_CACHE_PRIV_H
#define ASK_MEDIA_TABLE_CACHE_PRIV_H

#include "media/source_priv.h"

/* False when there is none to believe; *out is then untouched. */
bool ask_table_cache_read(ask_source_table *out, const char *dir, const char *quick_id,
                          uint32_t version);

/* Writes it, or leaves things as they were. Makes the folder when it is missing. */
void ask_table_cache_write(const ask_source_table *table, const char *dir,
                           const char *quick_id, uint32_t version);

#endif
