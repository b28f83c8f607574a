/* net/tower/cells.h - a picture as cells that say what stands in them: a small residual
 * network of convolutions, and for each cell of its last grid one row of numbers.
 *
 *     [N, C, S, S] -> 4x4 by 4 -> block -> 2x2 by 2 -> block -> 2x2 by 2 -> block -> block
 *                  -> [N, F, S / 16, S / 16] -> 1x1 -> [N, O, S / 16, S / 16]
 *
 * A block adds two 3x3 convolutions to what goes into it. Behind every convolution stands a
 * batch norm, behind that (in a block: behind the sum) a ReLU.
 * After: He et al. 2016, "Deep Residual Learning for Image Recognition"; Ioffe & Szegedy
 * 2015, "Batch Normalization". */
#ifndef ASK_NET_TOWER_CELLS_H
#define ASK_NET_TOWER_CELLS_H

#include "net/block/conv_norm.h"
#include "net/config.h"

enum { ASK_CELLS_PX = 16, ASK_CELLS_N_LEVELS = 3, ASK_CELLS_N_BLOCKS = 4 };

typedef struct {
    int n_channels;                 // C: 9 for a picture and its differences to neighbours
    int side_px;                    // S, a multiple of ASK_CELLS_PX
    int widths[ASK_CELLS_N_LEVELS]; // channels of the levels; the last is F
    int n_outputs;                  // O
} ask_cells_config;

typedef struct {
    ask_conv_norm first, second;
} ask_cells_block;

typedef struct {
    ask_cells_config config;
    ask_conv_norm levels[ASK_CELLS_N_LEVELS];
    ask_cells_block blocks[ASK_CELLS_N_BLOCKS];
    ask_tensor *w, *b; // of the outputs: [O, F, 1, 1], [O]
} ask_cells;

/* Keys of the object v: "num_channels", "image_size", "widths"; n_outputs is the caller's.
 * Fails: ASK_ERR_MODEL. */
ASK_API bool ask_cells_config_read(ask_cells_config *out, ask_json_value v, ask_error *err);

/* "<name>.level<i>.conv.weight", "<name>.level<i>.norm.*", "<name>.block<i>.conv1.weight",
 * ".norm1.*", ".conv2.weight", ".norm2.*", "<name>.out.weight" and ".bias". With live norms
 * they stay apart from their convolutions and can be trained; else they are worked into
 * them (net/block/conv_norm.h). */
ASK_API void ask_cells_bind(ask_cells *out, ask_params *p, const char *name,
                            const ask_cells_config *config, bool live_norms);

typedef struct {
    ask_tensor *features; // [N, G G, F], G = S / 16 cells a side, in rows
    ask_tensor *outputs;  // [N, G G, O]
} ask_cells_seen;

/* pixels: [N, C, S, S]. norms: of live ones, which statistics count. */
ASK_API void ask_cells_build(ask_cells_seen *out, ask_graph *g, const ask_cells *c,
                             ask_tensor *pixels, ask_norm_use norms);

/* Work for one picture; multiply and add are counted as two. */
ASK_API double ask_cells_flops(const ask_cells_config *c);

#endif
