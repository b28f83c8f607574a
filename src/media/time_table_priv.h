/* media/time_table_priv.h - the time table that everybody sees, from what a source tells.
 */
#ifndef ASK_MEDIA_TIME_TABLE_PRIV_H
#define ASK_MEDIA_TIME_TABLE_PRIV_H

#include "media/source_priv.h"

/* Owns nothing. */
void ask_time_table_outline(ask_time_table *out, const ask_source_head *head);

/* out->frames is then the caller's, to free(). ASK_ERR_NOMEM. */
bool ask_time_table_full(ask_time_table *out, const ask_source_table *table,
                         const ask_source_head *head, ask_error *err);

#endif
