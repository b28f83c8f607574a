/* net/tower/bt_adapter.h - BT-Adapter: a branch beside the last layers of an image tower
 * that lets the frames of a video see each other.
 *
 *     behind the first of these layers: its states, + positions of patches and frames
 *     behind each of the others:        the branch + its states
 *     then, of the branch:              + attention of a patch over the frames
 *                                       + attention over class and patches of a frame
 *                                       + MLP
 *     at the end:                       the mean of the last layer's states and the branch
 *
 * The branch has one class row for all frames. The tower's own layers see nothing of it.
 *
 * Parameters have the names of the authors' checkpoints.
 * After: Liu et al. 2023, "BT-Adapter: Video Conversation is Feasible Without Video
 * Instruction Tuning"; as it is in Liu et al. 2024, "ST-LLM". */
#ifndef ASK_NET_TOWER_BT_ADAPTER_H
#define ASK_NET_TOWER_BT_ADAPTER_H

#include "net/tower/eva.h"

enum { ASK_BT_ADAPTER_FRAMES = 64 }; // most frames: it knows no more positions

typedef struct {
    int depth;            // D: layers that have a branch beside them
    ask_eva_config tower; // of the tower; depth <= n_layers
} ask_bt_adapter_config;

typedef struct {
    ask_norm norm; // over frames
    ask_fused_attention attention;
    ask_dense out;
    ask_eva_layer space; // within a frame
} ask_bt_adapter_layer;

typedef struct {
    ask_bt_adapter_config config;
    ask_tensor *class_token; // [1, 1, C]
    ask_tensor *frame_table; // [ASK_BT_ADAPTER_FRAMES, C]
    ask_bt_adapter_layer *layers;
} ask_bt_adapter;

/* "<name>.BTAdapter_cls", ...; names: of the tower. */
ASK_API void ask_bt_adapter_bind(ask_bt_adapter *out, ask_params *p, const char *name,
                                 const ask_eva_names *names,
                                 const ask_bt_adapter_config *config);

/* states: [D], what comes out of the last layers (ask_eva_last_states), each of the frames
 * of B videos: [B, T, 1 + N, C], T <= ASK_BT_ADAPTER_FRAMES; positions: the tower's [1, 1 +
 * N, C] -> [B, T, 1 + N, C] */
ASK_API ask_tensor *ask_bt_adapter_build(ask_graph *g, const ask_bt_adapter *a,
                                         ask_tensor *const *states, ask_tensor *positions);

/* Work of one of n frames, multiply and add counted as two. */
ASK_API double ask_bt_adapter_flops(const ask_bt_adapter_config *c, int n_frames);

#endif
