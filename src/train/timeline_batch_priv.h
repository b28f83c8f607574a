/* train/timeline_batch_priv.h - clips of the playroom as arrays, and the same in a graph;
 * of each as much as a stage of Timeline needs.
 *
 * B clips of T frames that are looked at; G G cells and K sights of a frame; P places of a
 * frame that have labels of a clip: its cells where there are pictures, else its sights. */
#ifndef ASK_TRAIN_TIMELINE_BATCH_PRIV_H
#define ASK_TRAIN_TIMELINE_BATCH_PRIV_H

#include "base/arena.h"
#include "train/timeline_questions.h"
#include "train/timeline_truth.h"

/* What of a clip is there. */
typedef struct {
    bool pictures; // painted
    bool cells;    // what stands in their cells is told
    bool sights;   // imagined
    bool glimpses; // what happens in places is told
    bool memory;   // imagined
    bool questions;
} timeline_parts;

typedef struct {
    const ask_timeline_config *config;
    timeline_parts parts;
    int n_clips, n_frames; // B, T
    int n_questions;       // of a clip, Q; where there are questions
    int n_near;            // answers that are nearly right, of an open question
} timeline_size;

int timeline_n_cells(const timeline_size *s);  // G G
int timeline_n_places(const timeline_size *s); // P

int64_t timeline_n_answers(const timeline_size *s); // most different ones of a batch

/* Most tokens of a batch's questions, each with one more, and of its answers
 * (ask_timeline_texts). */
typedef struct {
    int64_t questions, answers;
} timeline_room;
timeline_room timeline_room_of(const timeline_size *s);

/* timeline_room.c: leaves out the last questions of a batch that would need more. */
void timeline_fit(ask_timeline_questions *q, timeline_room room);

/* Arrays of parts that are not there are NULL. */
typedef struct {
    timeline_size size;
    ask_arena *room;
    float *pixels;               // [B T, C, S, S]
    ask_cell_labels cells;       // [B T G G]
    float *sights;               // [B, T K, sight]
    ask_glimpse_labels glimpses; // [B, T P]
    float *records;              // [B, S, record]
    int64_t *slot_events, *slot_pairs;
    ask_timeline_questions *questions;
} timeline_batch;

timeline_batch *timeline_batch_new(const timeline_size *size, ask_error *err);
void timeline_batch_free(timeline_batch *b); // NULL is fine

/* Labels of some cells. */
bool timeline_cells_allocate(ask_cell_labels *out, size_t n_cells, ask_arena *room,
                             ask_error *err);

/* Those from a place on. */
ask_cell_labels timeline_cells_from(const ask_cell_labels *all, size_t place);
ask_glimpse_labels timeline_glimpses_of(const timeline_batch *b, int clip);

/* The same in a graph; what is not there is NULL. */
typedef struct {
    ask_tensor *pixels, *sights, *records;
    ask_sight_truth cells;
    ask_glimpse_truth glimpses;
    ask_slot_truth slots;
    ask_timeline_texts asked, answers;
    ask_focus_truth questions;
} timeline_inputs;

void timeline_inputs_add(timeline_inputs *out, ask_graph *g, const timeline_size *size);
bool timeline_inputs_write(const timeline_inputs *in, const timeline_batch *b,
                           ask_error *err);

#endif
