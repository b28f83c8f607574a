/* data/summary.h - what a set of questions has, in numbers. */
#ifndef ASK_DATA_SUMMARY_H
#define ASK_DATA_SUMMARY_H

#include "data/dataset.h"

typedef struct {
    const char *group, *name; // borrowed from the set
    size_t n;                 // questions that have it
} ask_data_tag_count;

typedef struct {
    size_t n_questions;
    size_t n_kinds[ASK_DATA_N_KINDS];
    size_t n_answered; // whose answer is told; for ASK_DATA_RETRIEVE, windows
    size_t n_clips, n_windows, n_saliency, n_events, n_situations, n_vectors,
        n_subtitles;                 // questions that have some
    size_t n_videos, n_videos_found; // different ones
    size_t n_notices[ASK_DATA_N_NOTICES];
    size_t n_tags;
    ask_data_tag_count *tags; // owned; by group, then the most frequent first, then by name
} ask_data_summary;

/* Fails: ASK_ERR_NOMEM. Freed with ask_data_summary_free. */
ASK_API bool ask_data_summary_of(ask_data_summary *out, const ask_dataset *d,
                                 ask_error *err);
ASK_API void ask_data_summary_free(ask_data_summary *s); // leaves {0}

#endif
