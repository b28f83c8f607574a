/* data/notices.h - what was noticed in a set of questions, said in a log and counted. */
#ifndef ASK_DATA_NOTICES_H
#define ASK_DATA_NOTICES_H

#include "data/dataset.h"

/* Warns of the first ten, with their kinds, and says how many more there are. log may be
 * NULL. */
ASK_API void ask_data_tell_notices(const ask_dataset *d, const ask_logger *log);

/* How many of each kind there are. */
ASK_API void ask_data_count_notices(size_t out[ASK_DATA_N_NOTICES], const ask_dataset *d);

#endif
