/* eval/record_features.h - which features of a store a question is about, and which rows of
 * them.
 *
 * They lie under the first of these that the store has: what published stores call them
 * (ask_data_record.features), the video, its file's name without the ending. Those under a
 * name of the question's own, as STAR has them, are of its part already; of a whole video
 * the rows whose times are within the part are taken, where the store tells times. A
 * training and an evaluation look at the same so. */
#ifndef ASK_EVAL_RECORD_FEATURES_H
#define ASK_EVAL_RECORD_FEATURES_H

#include "base/arena.h"
#include "data/dataset.h"
#include "model/feature_store.h"

typedef struct {
    const char *key; // in the arena
    bool has_part;
    ask_data_span part; // of a whole video
} ask_record_features;

/* Fails: ASK_ERR_IO where the store has none, naming key, store and question;
 * ASK_ERR_NOMEM. */
ASK_API bool ask_record_features_find(ask_record_features *out,
                                      const ask_feature_store *store,
                                      const ask_data_record *r, ask_arena *room,
                                      ask_error *err);

/* By key, then by part: less than 0, 0 or more, as strcmp. */
ASK_API int ask_record_features_compare(const ask_record_features *a,
                                        const ask_record_features *b);

/* Leaves the rows of the part; where it is too short for one, the one before. false: there
 * is a part, but no times to cut by, and all are left. */
ASK_API bool ask_record_features_cut(ask_feature_rows *rows, const ask_record_features *of);

#endif
