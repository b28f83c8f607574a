/* net/joint/timeline_loss.h - what Timeline is taught, as scalars in a graph. Each is a
 * mean over what it is told of; where it is told nothing, 0.
 *
 * A place is a cell of a frame, or a sight; P places of a batch. Labels of -1 are not told.
 */
#ifndef ASK_NET_JOINT_TIMELINE_LOSS_H
#define ASK_NET_JOINT_TIMELINE_LOSS_H

#include "net/joint/timeline.h"

enum { ASK_TIMELINE_SCENE_EVENTS = 8 }; // most events of a clip that truth numbers: 0 to 7

/* ---- cells ---- */

/* What stands in places. All inputs. */
typedef struct {
    ask_tensor *seen, *seen_weight; // f32 [P]: 1 or 0; how much it counts
    ask_tensor *box, *velocity;     // f32 [P, 4], [P, 2], as the cells give them
    ask_tensor *thing;              // f32 [P]: 1 where these two are told
    ask_tensor *color, *shape, *size, *texture, *deed; // i64 [P]
} ask_sight_truth;
ASK_API void ask_sight_truth_inputs(ask_sight_truth *out, ask_graph *g, int64_t n_places);

/* seen: binary cross-entropy; box, velocity: mean absolute difference; kinds:
 * cross-entropy; look: size and texture together. */
typedef struct {
    ask_tensor *seen, *box, *velocity, *color, *shape, *look, *deed;
} ask_cells_losses;
ASK_API void ask_cells_loss_build(ask_cells_losses *out, ask_graph *g,
                                  const ask_timeline_kinds *k,
                                  ask_tensor *outputs, // [P, sight]
                                  const ask_sight_truth *truth);

/* ---- the glance ---- */

typedef struct {
    ask_tensor *event;      // i64 [B, P]: 0 nothing begins here, 1 + its kind, -1
    ask_tensor *number;     // i64 [B, P]: which event of the clip begins here or nearby, -1
    ask_tensor *span, *end; // f32 [B, P, 2], where an event begins
    ask_tensor *color, *shape, *size, *texture;                // i64 [B, P]
    ask_tensor *other_color, *other_shape, *later_color, *way; // i64 [B, P]
    ask_tensor *deed;                                          // i64 [B, P]
    ask_tensor *pairs, *pairs_weight; // f32 [B, colours * shapes]: whether such a toy is in
                                      // the clip (its colour the first); how much it counts
} ask_glimpse_truth;
ASK_API void ask_glimpse_truth_inputs(ask_glimpse_truth *out, ask_graph *g,
                                      const ask_timeline_kinds *k, int64_t batch,
                                      int64_t n_places);

/* The truth of the places that were picked: places [B, T G G] -> sights [B, N]. cells: i64
 * [B, T, K], as ask_timeline_pick gives them; n_cells: G G. */
ASK_API void ask_glimpse_truth_pick(ask_glimpse_truth *out, ask_graph *g,
                                    const ask_glimpse_truth *of_cells, ask_tensor *cells,
                                    int64_t n_cells);

/* event: cross-entropy in which background counts 0.15; span, end: mean absolute difference
 * where an event begins, in frames and in shares of the picture; identity: cross-entropies
 * of colour, shape, size and texture, added up; parts: of other colour, other shape, later
 * colour and way, added up; deed: cross-entropy; pairs: binary cross-entropy, weighted. */
typedef struct {
    ask_tensor *event, *span, *identity, *parts, *end, *deed, *pairs;
} ask_glance_losses;
ASK_API void ask_timeline_glance_loss(ask_glance_losses *out, ask_graph *g,
                                      const ask_timeline_config *c,
                                      const ask_timeline_memory *memory,
                                      const ask_glimpse_truth *truth);

/* ---- the focus ---- */

/* O options a question, U answers in all. */
typedef struct {
    ask_tensor *options; // i64 [B Q, O]: which of the answers they are
    ask_tensor *right;   // i64 [B Q]: which of the options is right
    ask_tensor *open;    // i64 [B Q]: which of all answers is right without options, -1
    ask_tensor *rivals;  // f32 [B Q, U]: 1: an answer that open questions are held against
    ask_tensor *weight;  // f32 [B Q]: of the question; 0: there is none here
    ask_tensor *events;  // f32 [B Q, ASK_TIMELINE_SCENE_EVENTS]: 1: the event is evidence
    ask_tensor *pairs;   // f32 [B Q, colours * shapes]: 1: a toy of these is evidence
    ask_tensor *told;    // f32 [B Q]: 1: where the answer is seen is told
} ask_focus_truth;
ASK_API void ask_focus_truth_inputs(ask_focus_truth *out, ask_graph *g, int64_t n_questions,
                                    int64_t n_options, int64_t n_answers, int64_t n_pairs);

/* Which event and which toy a slot truly is: i64 [B, E] (-1: none) and [B, S - E] pairs. */
typedef struct {
    ask_tensor *events, *pairs;
} ask_slot_truth;

/* Of a memory that was made of sights: truth as ask_timeline_glance_loss takes it. A toy
 * that is not in the clip is none: -1. Of slots of one event, the surest is that event, the
 * others are none. */
ASK_API void ask_slot_truth_pick(ask_slot_truth *out, ask_graph *g,
                                 const ask_timeline_kinds *kinds,
                                 const ask_timeline_memory *memory,
                                 const ask_glimpse_truth *truth);

/* The same of the sights themselves, where there is no memory: events and pairs are both of
 * all of them, i64 [B, N]. */
ASK_API void ask_slot_truth_of_sights(ask_slot_truth *out, ask_graph *g,
                                      const ask_timeline_kinds *kinds,
                                      const ask_glimpse_truth *truth);

/* options, open: cross-entropy times (1 - p)^1.5, p the probability of what is right (Lin
 * et al. 2017, "Focal Loss"), weighted; pointer: cross-entropy with even shares of the
 * slots that are evidence, or of none where no slot is, weighted; counted: binary
 * cross-entropies of the first counters, weighted: a slot that is evidence counts. So what
 * is asked for is one set of slots, to be looked at or counted. */
typedef struct {
    ask_tensor *options, *open, *pointer, *counted;
    ask_tensor *option_logits; // [B Q, O]
} ask_focus_losses;
ASK_API void ask_timeline_focus_loss(ask_focus_losses *out, ask_graph *g,
                                     const ask_timeline_answered *answered,
                                     const ask_focus_truth *truth,
                                     const ask_slot_truth *slots);

#endif
