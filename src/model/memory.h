/* model/memory.h - videos as a model with a memory keeps them, and questions answered from
 * that: for networks like Timeline (net/joint/timeline.h).
 *
 *     ask_sights sights = {0};                    what single frames show
 *     ask_memory memory;                          who does what when
 *     ask_recalled answer;
 *     if (!ask_sights_add(&sights, s, pixels, n, NULL, err) ||     pixels: model/inputs.h
 *         !ask_memory_make(&memory, s, &sights, NULL, NULL, err) ||
 *         !ask_memory_recall(&answer, s, &memory, "what does the red ball do?", NULL, 0,
 *                            NULL, err)) ...
 *
 * What a frame shows is computed once; memories of some of the frames, and questions, then
 * cost little. Sights and memories belong to the model that made them. */
#ifndef ASK_MODEL_MEMORY_H
#define ASK_MODEL_MEMORY_H

#include "model/model.h"

typedef struct {
    int n_frames;               // that are looked at: always so many
    int n_sights;               // of a frame
    int n_features;             // numbers that a sight comes with: how it looks
    int n_slots;                // of a memory: events first, then things
    int n_events;               // of these
    int n_tokens;               // most of a question, and of an option
    int n_answers;              // of the model's own; 0: it answers with options alone
    const char *const *answers; // [n_answers]; borrowed from the model
    const bool *denies;         // [n_answers]: an answer that says there is no such thing
    double frame_gflop, memory_gflop; // work of a frame, of a memory; multiply and add are
                                      // counted as two
    double answer_gflop; // of a question of usual length; answers have their vectors
} ask_memory_info;

/* Fails with ASK_ERR_UNSUPPORTED for a model that has no memory of videos. */
ASK_API bool ask_memory_info_of(ask_memory_info *out, const ask_model *m, ask_error *err);

/* ---- what frames show ---- */

/* A thing in a frame. Its box, as far as it is in the picture: upper left corner and size,
 * as shares of what the network sees (ask_preprocess_seen tells where in the frame that
 * is). */
typedef struct {
    double seen; // how surely it is there
    double x, y, width, height;
} ask_sight;

/* Start with {0}; freed with ask_sights_free. */
typedef struct {
    int n;           // frames so far
    float *rows;     // [n, n_sights, width of a sight]
    float *features; // [n, n_sights, n_features]
} ask_sights;

/* Adds n frames: pixels [n, n_channels, image_px, image_px]. A frame's bits do not depend
 * on the batch that it is in. On failure *out has the frames that it had. Fails:
 * ASK_ERR_UNSUPPORTED; ASK_ERR_MODEL for weights that give no numbers; ASK_ERR_CANCELLED,
 * ASK_ERR_NOMEM. */
ASK_API bool ask_sights_add(ask_sights *out, ask_session *s, const float *pixels, int n,
                            const ask_cancel *cancel, ask_error *err);

/* Adds n frames of others as they are: which of them. On failure *out has the frames that
 * it had. Fails: ASK_ERR_UNSUPPORTED, ASK_ERR_NOMEM. */
ASK_API bool ask_sights_copy(ask_sights *out, const ask_model *m, const ask_sights *from,
                             const int *which, int n, ask_error *err);
ASK_API void ask_sights_free(ask_sights *s); // leaves {0}; NULL is fine

/* Thing k of frame i; the surest is the first. */
ASK_API ask_sight ask_sights_at(const ask_sights *s, const ask_model *m, int i, int k);

/* ---- the memory ---- */

/* What a slot says: of everything the likeliest. Texts are borrowed from the model. */
typedef struct {
    double confidence; // that there is what it says; 0 where there is nothing at all
    const char *what;  // the event ("jumps"); NULL: that a thing is there
    double what_p;     // its probability
    const char *color, *shape, *size, *texture; // whose
    const char *other_color, *other_shape;      // of the thing that it moves; NULL: none
    const char *later_color;                    // that it gets; NULL: it keeps its own
    double start, end;                          // shares of the video
    double from_x, from_y, to_x, to_y;          // its middle at these, as ask_sight has it;
                                                // beyond 0 and 1 where it is out of sight
} ask_memory_slot;

typedef struct {
    float *records;         // owned; [n_slots, width of a record]
    bool *is_there;         // owned; [n_slots]; false: nothing, which no answer looks at
    ask_memory_slot *slots; // owned; [n_slots]
    float *shares; // owned; [n_slots, n_frames * n_sights]: which sights a slot is of (of
                   // an event: the one where it begins); sum 1, or all 0 of nothing
    int n_slots;
} ask_memory;

/* Of all frames: exactly n_frames of them, in order of their times. shown: [n_frames], what
 * is looked at; NULL: all. With no frame shown: a memory of nothing. *out is untouched
 * on failure. Fails: ASK_ERR_USAGE for another number of frames; ASK_ERR_UNSUPPORTED;
 * ASK_ERR_MODEL for weights that give no numbers; ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
ASK_API bool ask_memory_make(ask_memory *out, ask_session *s, const ask_sights *sights,
                             const bool *shown, const ask_cancel *cancel, ask_error *err);
ASK_API void ask_memory_free(ask_memory *m); // leaves {0}; NULL is fine

/* ---- questions ---- */

typedef struct {
    double *scores; // owned; [n_scores], log-probabilities of the options, or of the
                    // model's answers
    int n_scores;
    int best;        // the highest, the first of several
    double *pointer; // owned; [n_slots + 1]: how much the best answer is seen in each slot;
                     // the last: in none. Sum 1
} ask_recalled;

/* options: [n_options]; 0 of them: the model's own answers, whose vectors a session works
 * out with the first such question and keeps. The same question gives the same bits,
 * whatever was asked before. *out is untouched on failure. Fails: ASK_ERR_USAGE for a
 * question or an option without words, for one option, and for a memory of another shape
 * than the model's; ASK_ERR_LIMIT for a text of more tokens than the model takes;
 * ASK_ERR_UNSUPPORTED without options for a model without answers of its own, and for one
 * without memory; ASK_ERR_MODEL without a tokenizer, for answers of its own that the model
 * cannot read, and for weights that give no numbers; as ask_tokenizer_encode does;
 * ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
ASK_API bool ask_memory_recall(ask_recalled *out, ask_session *s, const ask_memory *m,
                               const char *question, const char *const *options,
                               int n_options, const ask_cancel *cancel, ask_error *err);
ASK_API void ask_recalled_free(ask_recalled *r); // leaves {0}; NULL is fine

#endif
