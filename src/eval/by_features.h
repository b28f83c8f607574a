/* eval/by_features.h - a model with a memory of events (model/feature_qa.h) answers from
 * features that are stored for each video or question.
 *
 * Which features a question has says eval/record_features.h. Options are
 * scored by a model that chooses; an answer or a number comes from its vocabulary or its
 * head. Its memory slots are the moments: the one that the answer looks at most comes
 * first, what is no event of a class last and without a label. They are shares of what the
 * features are of: of the record's events, clip or video, as far as it tells how long that
 * is; else of the times in the store. Where nobody tells, there are no moments. */
#ifndef ASK_EVAL_BY_FEATURES_H
#define ASK_EVAL_BY_FEATURES_H

#include "eval/answerer.h"
#include "model/feature_qa.h"
#include "model/feature_store.h"

typedef struct ask_by_features ask_by_features;

/* s, store and cancel (may be NULL) are borrowed until close. Fails: ASK_ERR_UNSUPPORTED
 * for a model that cannot do this, ASK_ERR_MODEL for a vocabulary without words,
 * ASK_ERR_NOMEM. */
ASK_API ask_by_features *ask_by_features_open(ask_session *s,
                                              const ask_feature_store *store,
                                              const ask_cancel *cancel, ask_error *err);
ASK_API void ask_by_features_close(ask_by_features *b); // NULL is fine

/* Valid until close. Its check reads the features, those of questions behind each other
 * once; it fails with ASK_ERR_IO for features that the store does not have, with
 * ASK_ERR_USAGE where the part of a video that a question is about cannot be cut out of
 * them, with ASK_ERR_MODEL for another number of options, and as ask_feature_store_read
 * does: with ASK_ERR_SHAPE for another width, ASK_ERR_FORMAT for NaN, ASK_ERR_UNSUPPORTED
 * for those of another model. */
ASK_API ask_answerer ask_by_features_answerer(ask_by_features *b);

#endif
