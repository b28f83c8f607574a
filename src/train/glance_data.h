/* train/glance_data.h - a split of a set of questions as Glance-Focus is trained on it:
 * which features, token ids, label and events each question has.
 *
 *     data = ask_glance_data_open(&opt, err)                   records, kinds, events
 *     ask_glance_data_use_features(data, features, err)
 *     ask_glance_data_encode(data, tokenizer, " ", 512, err)   texts become ids, once
 *     ask_glance_data_label(data, words, n, &n_outside, err)   answers become numbers
 *     ask_glance_data_get(&sample, data, i)
 *
 * What comes in which order is a function of a seed and the epoch. */
#ifndef ASK_TRAIN_GLANCE_DATA_H
#define ASK_TRAIN_GLANCE_DATA_H

#include "text/bpe_train.h"
#include "text/tokenizer.h"
#include "train/glance_features.h"

typedef struct ask_glance_data ask_glance_data;

typedef struct {
    size_t struct_size;
    const char *set;             // a name of data/dataset.h: "star-lines", "nextqa", ...
    const char *path;            // folder or file
    const char *split;           // NULL: as ask_dataset_open finds one
    const char *videos, *events; // as in ask_data_options
    bool supervised;             // events are needed. Without, questions that ask for
                                 // moments have these as events, of class 0, all the same
    const ask_logger *log;       // what was noticed, and what was made of it; may be NULL
    const ask_cancel *cancel;
} ask_glance_data_options;

/* Fails: as ask_dataset_open does; ASK_ERR_UNSUPPORTED for
 * questions of several kinds, or with different numbers of options, or told as vectors
 * only; ASK_ERR_FORMAT for supervised without any events, for an event of an unknown class
 * or outside of what its question is about, naming the question. */
ASK_API ask_glance_data *ask_glance_data_open(const ask_glance_data_options *opt,
                                              ask_error *err);
ASK_API void ask_glance_data_close(ask_glance_data *d); // NULL is fine

typedef struct {
    ask_data_kind kind;
    size_t n; // questions
    int n_options;
    int n_tokens;               // of the longest text; 0 before they are encoded
    int n_windows;              // the most that a question has (ASK_DATA_RETRIEVE)
    int n_events;               // the most
    int n_classes;              // of events, without the background; 0: there are no events
    const char *const *classes; // their names; NULL: the set does not have them
    const ask_data_record *records;
    const ask_dataset *set;
} ask_glance_data_info;

ASK_API ask_glance_data_info ask_glance_data_info_of(const ask_glance_data *d); // borrowed

/* Finds the features of all questions. Fails as ask_glance_features_add does. */
ASK_API bool ask_glance_data_use_features(ask_glance_data *d, ask_glance_features *features,
                                          ask_error *err);

/* ---- texts ---- */

/* All texts: questions and options; an ask_text_source for a vocabulary of one's own. user
 * of the source is *state, which starts as {0} with its data. */
typedef struct {
    const ask_glance_data *data;
    size_t record;
    int option;
} ask_glance_texts;
ASK_API bool ask_glance_texts_next(void *texts, const char **text, size_t *n_bytes,
                                   ask_error *err);

/* Each question alone or, with options, "<question><joint><option>". Fails: ASK_ERR_LIMIT
 * for a text of more than most tokens, naming the question; as encoding does. */
ASK_API bool ask_glance_data_encode(ask_glance_data *d, const ask_tokenizer *t,
                                    const char *joint, int most, ask_error *err);

/* ---- answers ---- */

/* The answers to choose from: those of the set, or the most frequent ones, at most `most`
 * (of equally frequent ones those that come first). *out is owned; its texts are the
 * data's. */
ASK_API bool ask_glance_data_vocabulary(const char ***out, int *n, const ask_glance_data *d,
                                        int most, ask_error *err);

/* Makes labels of answers; *n_outside is how many answers are none of the vocabulary (NULL
 * and 0 where the kind needs none). Such questions have no label. */
ASK_API bool ask_glance_data_label(ask_glance_data *d, const char *const *vocabulary, int n,
                                   size_t *n_outside, ask_error *err);

/* ---- one question ---- */

typedef struct {
    const ask_data_record *record;
    size_t features;              // place in the features
    const int32_t *const *ids;    // [n_options or 1] texts
    const int32_t *lengths;       // of these
    int label;                    // of options and vocabulary; -1: none
    double count;                 // NAN: none
    int n_windows;                // of retrieval
    const ask_data_span *windows; // shares of the video
    int n_events;
    const ask_data_event *events; // their times as shares of what the question is about
} ask_glance_sample;

/* i < n. Borrowed. */
ASK_API void ask_glance_data_get(ask_glance_sample *out, const ask_glance_data *d,
                                 size_t i);

/* Which question stands at a place of the endless row of all epochs, each in an order of
 * its own: a function of seed and place. */
typedef struct {
    uint64_t seed;
    size_t n;      // questions
    int64_t epoch; // of order; private
    size_t *order; // private
} ask_glance_order;
ASK_API bool ask_glance_order_open(ask_glance_order *o, uint64_t seed, size_t n,
                                   ask_error *err);
ASK_API size_t ask_glance_order_at(ask_glance_order *o, int64_t place);
ASK_API void ask_glance_order_close(ask_glance_order *o); // {0} is fine

/* The features of all questions. */
ASK_API ask_glance_features *ask_glance_data_features(const ask_glance_data *d);

#endif
