/* data/socialiq_priv.h - what the two forms of Social-IQ 1.0, texts and vectors, share. */
#ifndef ASK_DATA_SOCIALIQ_PRIV_H
#define ASK_DATA_SOCIALIQ_PRIV_H

#include "data/names_priv.h"
#include "data/reader_priv.h"

/* The videos of one split. The release has all questions in one place; which videos are for
 * what is said by the lists of its toolkit, a file socialiq_std_folds.py beside. */
typedef struct {
    bool all;         // of "all" and when no split is named: every video is in
    const char *name; // of the list, for messages
    data_names videos;
    bool *seen; // by index in videos: data_fold_has was asked for it
} data_fold;

/* Reads the list of b->split. Fails: ASK_ERR_IO when a split was named and there is no file
 * of lists; ASK_ERR_FORMAT, ASK_ERR_NOMEM. Freed with data_fold_free, also after failure.
 */
bool data_fold_read(data_fold *out, data_build *b, ask_error *err);
void data_fold_free(data_fold *fold);

/* Whether a video is of the split. */
bool data_fold_has(data_fold *fold, const char *video);

/* Notices the videos of the list that nobody asked for. */
bool data_fold_end(const data_fold *fold, data_build *b, ask_error *err);

/* Reads the lists in a text: of standard_NAME_fold. */
bool data_fold_parse(data_fold *fold, data_build *b, data_text text, ask_error *err);

#endif
