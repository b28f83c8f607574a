/* train/glance_features.h - features of the videos that questions are about: found in a
 * store, cut to the part that a question is about, made as many frames as a network takes,
 * and kept in memory as far as there is room.
 *
 * Which features and rows are a record's says eval/record_features.h.
 *
 * Threads may share it. */
#ifndef ASK_TRAIN_GLANCE_FEATURES_H
#define ASK_TRAIN_GLANCE_FEATURES_H

#include "base/log.h"
#include "data/dataset.h"
#include "model/feature_store.h"

typedef struct ask_glance_features ask_glance_features;

typedef struct {
    size_t struct_size;
    const char *path; // of the store
    ask_feature_store_options store;
    int n_frames;       // that a network takes
    size_t cache_bytes; // that may be kept; what has no room is read again each time
} ask_glance_features_options;

/* Fails as ask_feature_store_open does; ASK_ERR_USAGE for fewer frames than one. */
ASK_API ask_glance_features *
ask_glance_features_open(const ask_glance_features_options *opt, ask_error *err);
ASK_API void ask_glance_features_close(ask_glance_features *f); // NULL is fine

/* Adds what n records are about; places[i] becomes the number by which the features of
 * record i are read. Records of one video and part share them. Fails: ASK_ERR_IO where the
 * store has none, naming key, store and question; ASK_ERR_NOMEM. */
ASK_API bool ask_glance_features_add(ask_glance_features *f, size_t *places,
                                     const ask_data_record *records, size_t n,
                                     ask_error *err);

/* Reads what was added, in order, until no room is left: so mistakes are found before the
 * first step, and no video is read twice. At least one is read, which tells the width.
 * Fails as ask_feature_store_read does; ASK_ERR_SHAPE for another width and
 * ASK_ERR_UNSUPPORTED for another model than others have; ASK_ERR_CANCELLED. */
ASK_API bool ask_glance_features_load(ask_glance_features *f, const ask_progress *progress,
                                      const ask_cancel *cancel, ask_error *err);

typedef struct {
    int64_t width;        // of a row; 0 before the first was read
    const char *model_id; // whose features these are; NULL: the store does not say
    size_t n;             // different ones that were added
    size_t n_kept;        // that are in memory
    size_t n_empty;       // of those that were read, without any row
    size_t n_uncut;       // of those that were read, of a part and whole all the same: the
                          // store tells no times
} ask_glance_features_info;

ASK_API ask_glance_features_info ask_glance_features_info_of(const ask_glance_features *f);

/* out: [n_frames, width]; *n_real is how many rows at the front are no filling. Fails as
 * loading does. */
ASK_API bool ask_glance_features_read(ask_glance_features *f, size_t place, float *out,
                                      int64_t *n_real, ask_error *err);

#endif
