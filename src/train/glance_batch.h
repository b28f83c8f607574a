/* train/glance_batch.h - questions as arrays, and the same in a graph.
 *
 * B questions, each about a video of its own; N texts of each (its options, or 1), R = B N;
 * T frames of F numbers, L tokens, M events, W moments. */
#ifndef ASK_TRAIN_GLANCE_BATCH_H
#define ASK_TRAIN_GLANCE_BATCH_H

#include "net/joint/glance_focus_loss.h"
#include "train/glance_data.h"

typedef struct {
    int n_questions, n_texts;
    int n_tokens, n_frames, width;
    int n_events;  // the network's slots; 0: without events
    int n_windows; // 0: where the answer is no moment
    bool counts;   // labels are numbers
    bool ends;     // spans of events are (start, end), as the released weights of STAR have
                   // them; else (centre, width)
    int64_t pad_id;
} ask_glance_batch_size;

/* Fails with ASK_ERR_USAGE for sizes below 1 or together absurd ones. */
ASK_API bool ask_glance_batch_size_check(const ask_glance_batch_size *s, ask_error *err);

typedef struct {
    ask_glance_batch_size size;
    int n; // questions in it, at the front; those behind have no label and no events
    float *features;   // [B, T, F]
    bool *frame_mask;  // [B, T]: no filling
    int64_t *ids;      // [R, L]
    bool *token_mask;  // [R, L]: no padding
    int64_t *labels;   // [B]; -1: none
    float *counts;     // [B]; NaN: none
    float *windows;    // [B, W, 2]: starts and ends; of none -1 and -1
    float *spans;      // [B, M, 2]
    int64_t *classes;  // [B, M]
    int64_t *n_events; // [B]
} ask_glance_batch;

ASK_API ask_glance_batch *ask_glance_batch_new(const ask_glance_batch_size *size,
                                               ask_error *err);
ASK_API void ask_glance_batch_free(ask_glance_batch *b); // NULL is fine

/* Puts n <= B questions of the data into it. Of more events than M, M are drawn: by a
 * stream of events for each question. Fails as reading features does. */
ASK_API bool ask_glance_batch_fill(ask_glance_batch *b, const ask_glance_data *data,
                                   const size_t *questions, const ask_rng *streams, int n,
                                   ask_error *err);

/* The same in a graph; what the size has none of is NULL. */
typedef struct {
    ask_tensor *features, *frame_mask, *ids, *token_mask, *labels, *windows;
    ask_event_targets events;
    bool ends; // as the size has it
} ask_glance_inputs;

ASK_API void ask_glance_inputs_add(ask_glance_inputs *out, ask_graph *g,
                                   const ask_glance_batch_size *size);
ASK_API bool ask_glance_inputs_write(const ask_glance_inputs *in, const ask_glance_batch *b,
                                     ask_error *err);

#endif
