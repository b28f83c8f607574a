/* net/joint/timeline_find.h - Timeline as a dual encoder: what its cells say of a frame,
 * and texts, as vectors of one space.
 *
 *     cells -> names of what each says, in words -> a vector each, and one of the whole
 *     text  -> the mean of its words, and a transformer over them -> a vector
 *
 * A cell is put into the words that texts are made of. So "red" in a text matches red in a
 * cell before anything is learnt, as records do in the memory (net/joint/timeline.h); what
 * is learnt is what else can be said (places, "is jumping"), and how much each counts.
 *
 * B frames of G G cells; T texts of L tokens; C the width, P the length of a vector.
 * After: Radford et al. 2021 (CLIP); Yao et al. 2022, "FILIP". */
#ifndef ASK_NET_JOINT_TIMELINE_FIND_H
#define ASK_NET_JOINT_TIMELINE_FIND_H

#include "net/joint/timeline.h"

typedef struct {
    ask_timeline_config config;
    ask_tensor *words;   // [V, C]
    ask_tensor *nothing; // [1, C]: of a cell in which nothing is seen
    ask_tensor *deeds;   // [2, C]: of a thing that does nothing, of one that is moved
    ask_dense place;     // [C, 2 ASK_TIMELINE_N_BUMPS] without bias: x and y as bumps
    ask_dense sight;     // [C, sight]: of all attributes
    ask_dense features;  // [C, F] without bias, begins with 0
    ask_timeline_reader text;
    ask_dense head;        // [P, C]
    ask_dense cell, whole; // [P, C] without bias, begin with 0: what more is done to those
    ask_tensor *logit_scale; // []: a logarithm
} ask_timeline_find;

/* "find.*". The configuration has the part, and its names have their tokens. */
ASK_API void ask_timeline_find_bind(ask_timeline_find *out, ask_params *p,
                                    const ask_timeline_config *config);

/* x: [.., P] -> the same with unit length */
ASK_API ask_tensor *ask_timeline_find_unit(ask_graph *g, ask_tensor *x);

/* Vectors of any length. */
typedef struct {
    ask_tensor *whole; // [B, P]
    ask_tensor *cells; // [B, G G, P]
} ask_timeline_looks;

/* Of cells as ask_cells_build gives them: features [B, G G, F], outputs [B, G G, sight].
 *
 * A cell is the sum of the words of what it says (colour, shape, size, texture, event, each
 * by its probability) and its place, as surely as something is seen, and otherwise
 * "nothing"; and of what is learnt of all attributes and features. The whole is the mean of
 * its cells, each weighted by how surely something is seen there; as if one thing more were
 * seen, a little in every cell. */
ASK_API void ask_timeline_find_frames(ask_timeline_looks *out, ask_graph *g,
                                      const ask_timeline_find *net,
                                      const ask_cells_seen *seen);

/* The same as unit vectors, the whole first.  -> [B, 1 + G G, P] */
ASK_API ask_tensor *ask_timeline_find_vectors(ask_graph *g, const ask_timeline_find *net,
                                              const ask_cells_seen *seen);

/* ids: i64 [T, L], whose rows are filled up with pad_id -> [T, P], of any length.
 * dropping: NULL without. */
ASK_API ask_tensor *ask_timeline_find_texts(ask_graph *g, const ask_timeline_find *net,
                                            ask_tensor *ids, ask_dropping *dropping);

/* Work for one frame whose cells are known, and for a text of n tokens; multiply and add
 * are counted as two. */
ASK_API double ask_timeline_find_frame_flops(const ask_timeline_config *c);
ASK_API double ask_timeline_find_text_flops(const ask_timeline_config *c, int n_tokens);

#endif
