#include "net/tower/cells.h"

#include <math.h>

#include "base/str.h"

/* How each level begins: with patches of that many pixels a side, side by side. */
static const int64_t patch_of_level[ASK_CELLS_N_LEVELS] = {4, 2, 2};
/* At which level each block stands. */
static const int level_of_block[ASK_CELLS_N_BLOCKS] = {0, 1, 2, 2};

static const double NORM_EPS = 1e-5;

/* ---- configuration ---- */

static bool read_widths(int widths[ASK_CELLS_N_LEVELS], ask_json_value v, ask_error *err)
{
    static const int usual[ASK_CELLS_N_LEVELS] = {24, 48, 96};
    ask_json_value list = ask_json_find(v, "widths");
    ask_json_type type = ask_json_type_of(list);
    bool absent = type == ASK_JSON_ABSENT || type == ASK_JSON_NULL;
    if (!absent && (type != ASK_JSON_ARRAY || ask_json_count(list) != ASK_CELLS_N_LEVELS))
        return ask_config_fail(v, "widths", err, "expected a list of %d numbers",
                               ASK_CELLS_N_LEVELS);
    for (int i = 0; i < ASK_CELLS_N_LEVELS; i++) {
        char key[16];
        ask_format(key, sizeof key, "widths.%d", i);
        if (!ask_config_size(&widths[i], v, key, ASK_MAX_CHANNELS, usual[i], err))
            return false;
    }
    return true;
}

bool ask_cells_config_read(ask_cells_config *out, ask_json_value v, ask_error *err)
{
    ask_cells_config c = {0};
    if (!ask_config_size(&c.n_channels, v, "num_channels", ASK_MAX_CHANNELS, 9, err) ||
        !ask_config_size(&c.side_px, v, "image_size", ASK_MAX_SIDE_PX, 128, err) ||
        !read_widths(c.widths, v, err))
        return false;
    if (c.side_px % ASK_CELLS_PX != 0)
        return ask_config_fail(v, "image_size", err, "%d is no multiple of %d", c.side_px,
                               ASK_CELLS_PX);
    c.n_outputs = out->n_outputs;
    *out = c;
    return true;
}

/* ---- binding ---- */

static ask_conv_norm_config level_config(const ask_cells_config *c, int level)
{
    int64_t patch = patch_of_level[level];
    return (ask_conv_norm_config){.n_in = level ? c->widths[level - 1] : c->n_channels,
                                  .n_out = c->widths[level],
                                  .n_axes = 2,
                                  .kernel = {patch, patch},
                                  .opt.stride = {patch, patch},
                                  .relu = true,
                                  .eps = NORM_EPS};
}

static ask_conv_norm_config block_config(const ask_cells_config *c, int block)
{
    int width = c->widths[level_of_block[block]];
    return (ask_conv_norm_config){.n_in = width,
                                  .n_out = width,
                                  .n_axes = 2,
                                  .kernel = {3, 3},
                                  .opt.pad = {1, 1},
                                  .eps = NORM_EPS};
}

static void bind_level(ask_conv_norm *out, ask_params *p, const char *name,
                       const ask_cells_config *config, int level, bool live)
{
    char conv[128], norm[128];
    ask_format(conv, sizeof conv, "%s.level%d.conv", name, level);
    ask_format(norm, sizeof norm, "%s.level%d.norm", name, level);
    ask_conv_norm_config c = level_config(config, level);
    c.live = live;
    ask_conv_norm_bind(out, p, conv, norm, &c);
}

static void bind_block(ask_cells_block *out, ask_params *p, const char *name,
                       const ask_cells_config *config, int block, bool live)
{
    ask_conv_norm_config c = block_config(config, block);
    c.live = live;
    ask_conv_norm *const convs[] = {&out->first, &out->second};
    for (int i = 0; i < 2; i++) {
        char conv[128], norm[128];
        ask_format(conv, sizeof conv, "%s.block%d.conv%d", name, block, i + 1);
        ask_format(norm, sizeof norm, "%s.block%d.norm%d", name, block, i + 1);
        c.relu = i == 0; // that of the second stands behind the sum
        ask_conv_norm_bind(convs[i], p, conv, norm, &c);
    }
}

void ask_cells_bind(ask_cells *out, ask_params *p, const char *name,
                    const ask_cells_config *config, bool live_norms)
{
    const int64_t n = config->n_outputs,
                  n_features = config->widths[ASK_CELLS_N_LEVELS - 1];
    *out = (ask_cells){.config = *config};
    for (int i = 0; i < ASK_CELLS_N_LEVELS; i++)
        bind_level(&out->levels[i], p, name, config, i, live_norms);
    for (int i = 0; i < ASK_CELLS_N_BLOCKS; i++)
        bind_block(&out->blocks[i], p, name, config, i, live_norms);
    out->w = ask_param(p, ask_init_normal(1 / sqrt((double)n_features)), 4,
                       (int64_t[]){n, n_features, 1, 1}, "%s.out.weight", name);
    out->b = ask_param(p, ask_init_value(0), 1, &n, "%s.out.bias", name);
}

/* ---- building ---- */

static ask_tensor *build_block(ask_graph *g, const ask_cells_block *b, ask_tensor *x,
                               ask_norm_use norms)
{
    ask_tensor *y = ask_conv_norm_build(g, &b->first, x, norms);
    y = ask_conv_norm_build(g, &b->second, y, norms);
    return ask_relu(g, ask_add(g, x, y));
}

/* x: [N, F, G, G] -> [N, G G, F] */
static ask_tensor *in_rows(ask_graph *g, ask_tensor *x)
{
    if (!x) return NULL;
    int64_t n = ask_tensor_dim(x, 0), f = ask_tensor_dim(x, 1);
    x = ask_reshape(g, x, 3, (int64_t[]){n, f, -1});
    return ask_contiguous(g, ask_transpose(g, x, 1, 2));
}

void ask_cells_build(ask_cells_seen *out, ask_graph *g, const ask_cells *c,
                     ask_tensor *pixels, ask_norm_use norms)
{
    ask_tensor *x = pixels;
    for (int level = 0, block = 0; level < ASK_CELLS_N_LEVELS; level++) {
        x = ask_conv_norm_build(g, &c->levels[level], x, norms);
        for (; block < ASK_CELLS_N_BLOCKS && level_of_block[block] == level; block++)
            x = build_block(g, &c->blocks[block], x, norms);
    }
    const int64_t shape[] = {c->config.n_outputs, c->config.widths[ASK_CELLS_N_LEVELS - 1]};
    out->features = in_rows(g, x);
    out->outputs = ask_linear(g, out->features, ask_reshape(g, c->w, 2, shape), c->b);
}

/* ---- work ---- */

static double weights_of(const ask_conv_norm_config *c)
{
    return (double)(c->n_in * c->n_out * c->kernel[0] * c->kernel[1]);
}

double ask_cells_flops(const ask_cells_config *c)
{
    double products = 0, cells = (double)c->side_px * c->side_px;
    for (int level = 0, block = 0; level < ASK_CELLS_N_LEVELS; level++) {
        ask_conv_norm_config conv = level_config(c, level);
        cells /= (double)(patch_of_level[level] * patch_of_level[level]);
        products += weights_of(&conv) * cells;
        for (; block < ASK_CELLS_N_BLOCKS && level_of_block[block] == level; block++) {
            conv = block_config(c, block);
            products += 2 * weights_of(&conv) * cells;
        }
    }
    products += (double)c->n_outputs * c->widths[ASK_CELLS_N_LEVELS - 1] * cells;
    return 2 * products;
}
