/* Where fields lie in their rows, what the parts have in common, and the whole. */
#include <math.h>

#include "net/joint/timeline_priv.h"

const char *const ask_timeline_ignored[] = {"*.num_batches_tracked", NULL};

/* How many numbers a field has: n, and those of a kind beside them. */
typedef struct {
    int n;
    int kind; // an ask_timeline_kind, or NO_KIND
} field_width;

enum { NO_KIND = -1 };

static const field_width sight_fields[ASK_N_SIGHT_FIELDS] = {
    [ASK_SIGHT_SEEN] = {1, NO_KIND},
    [ASK_SIGHT_BOX] = {4, NO_KIND},
    [ASK_SIGHT_VELOCITY] = {2, NO_KIND},
    [ASK_SIGHT_COLOR] = {0, ASK_KIND_OF_COLOR},
    [ASK_SIGHT_SHAPE] = {0, ASK_KIND_OF_SHAPE},
    [ASK_SIGHT_SIZE] = {0, ASK_KIND_OF_SIZE},
    [ASK_SIGHT_TEXTURE] = {0, ASK_KIND_OF_TEXTURE},
    [ASK_SIGHT_DEED] = {2, ASK_KIND_OF_EVENT},
};

static const field_width record_fields[ASK_N_RECORD_FIELDS] = {
    [ASK_RECORD_CONFIDENCE] = {1, NO_KIND},
    [ASK_RECORD_CLASS] = {1, ASK_KIND_OF_EVENT},
    [ASK_RECORD_COLOR] = {0, ASK_KIND_OF_COLOR},
    [ASK_RECORD_SHAPE] = {0, ASK_KIND_OF_SHAPE},
    [ASK_RECORD_SIZE] = {0, ASK_KIND_OF_SIZE},
    [ASK_RECORD_TEXTURE] = {0, ASK_KIND_OF_TEXTURE},
    [ASK_RECORD_OTHER_COLOR] = {0, ASK_KIND_OF_COLOR},
    [ASK_RECORD_OTHER_SHAPE] = {0, ASK_KIND_OF_SHAPE},
    [ASK_RECORD_LATER_COLOR] = {0, ASK_KIND_OF_COLOR},
    [ASK_RECORD_WAY] = {0, ASK_KIND_OF_WAY},
    [ASK_RECORD_SPAN] = {2, NO_KIND},
    [ASK_RECORD_PLACES] = {4, NO_KIND},
};

static const field_width glimpse_fields[ASK_N_GLIMPSE_FIELDS] = {
    [ASK_GLIMPSE_CLASS] = {1, ASK_KIND_OF_EVENT},
    [ASK_GLIMPSE_SPAN] = {2, NO_KIND},
    [ASK_GLIMPSE_COLOR] = {0, ASK_KIND_OF_COLOR},
    [ASK_GLIMPSE_SHAPE] = {0, ASK_KIND_OF_SHAPE},
    [ASK_GLIMPSE_SIZE] = {0, ASK_KIND_OF_SIZE},
    [ASK_GLIMPSE_TEXTURE] = {0, ASK_KIND_OF_TEXTURE},
    [ASK_GLIMPSE_OTHER_COLOR] = {0, ASK_KIND_OF_COLOR},
    [ASK_GLIMPSE_OTHER_SHAPE] = {0, ASK_KIND_OF_SHAPE},
    [ASK_GLIMPSE_LATER_COLOR] = {0, ASK_KIND_OF_COLOR},
    [ASK_GLIMPSE_WAY] = {0, ASK_KIND_OF_WAY},
    [ASK_GLIMPSE_END] = {2, NO_KIND},
    [ASK_GLIMPSE_DEED] = {2, ASK_KIND_OF_EVENT},
};

static int width_of(const ask_timeline_kinds *k, field_width w)
{
    return w.n + (w.kind == NO_KIND ? 0 : k->n_values[w.kind]);
}

/* Fields lie one after another. */
static ask_timeline_field field_of(const ask_timeline_kinds *k, const field_width *fields,
                                   int i)
{
    ask_timeline_field f = {0, width_of(k, fields[i])};
    for (int before = 0; before < i; before++) f.begin += width_of(k, fields[before]);
    return f;
}

static int row_width(const ask_timeline_kinds *k, const field_width *fields, int n)
{
    ask_timeline_field last = field_of(k, fields, n - 1);
    return last.begin + last.n;
}

ask_timeline_field ask_sight_field_of(const ask_timeline_kinds *k, ask_sight_field f)
{
    return field_of(k, sight_fields, (int)f);
}

ask_timeline_field ask_record_field_of(const ask_timeline_kinds *k, ask_record_field f)
{
    return field_of(k, record_fields, (int)f);
}

ask_timeline_field ask_glimpse_field_of(const ask_timeline_kinds *k, ask_glimpse_field f)
{
    return field_of(k, glimpse_fields, (int)f);
}

int ask_sight_width(const ask_timeline_kinds *k)
{
    return row_width(k, sight_fields, ASK_N_SIGHT_FIELDS);
}

int ask_record_width(const ask_timeline_kinds *k)
{
    return row_width(k, record_fields, ASK_N_RECORD_FIELDS);
}

int ask_glimpse_width(const ask_timeline_kinds *k)
{
    return row_width(k, glimpse_fields, ASK_N_GLIMPSE_FIELDS);
}

/* ---- what the parts have in common ---- */

static const ask_layer_names layer_names = {
    .attention = {"attention.query", "attention.key", "attention.value", "attention.out"},
    .norm1 = "norm1",
    .mlp = {"mlp.in", "mlp.out"},
    .norm2 = "norm2",
};

/* What is added to the sum begins the smaller the more layers there are. */
ask_stack_config timeline_stack_config(const ask_timeline_config *c, int n_layers)
{
    double parts = 2.0 * n_layers;
    return (ask_stack_config){
        .width = c->width,
        .inner = c->inner,
        .n_layers = n_layers,
        .n_heads = c->n_heads,
        .activation = ASK_ACT_GELU,
        .eps = TIMELINE_NORM_EPS,
        .names = &layer_names,
        .dropout = c->dropout,
        .init = {.attention_in = 1 / sqrt(c->width),
                 .attention_out = 1 / sqrt(c->width * parts),
                 .mlp_in = 1 / sqrt(c->width),
                 .mlp_out = 1 / sqrt(c->inner * parts)},
    };
}

ask_tensor *timeline_vectors_bind(ask_params *p, const char *name, int64_t n, int64_t width,
                                  double deviation)
{
    return ask_param(p, ask_init_normal(deviation), 2, (int64_t[]){n, width}, "%s.weight",
                     name);
}

ask_tensor *timeline_field(ask_graph *g, ask_tensor *x, ask_timeline_field f)
{
    return ask_slice(g, x, -1, f.begin, f.begin + f.n);
}

ask_tensor *timeline_rows(ask_graph *g, ask_tensor *x, ask_tensor *index)
{
    if (!x || !index) return NULL;
    int64_t shape[] = {ask_tensor_dim(index, 0), ask_tensor_dim(index, 1),
                       ask_tensor_dim(x, 2)};
    index = ask_reshape(g, index, 3, (int64_t[]){shape[0], shape[1], 1});
    return ask_gather(g, x, ask_expand(g, index, 3, shape), 1);
}

/* ---- the whole ---- */

void ask_timeline_bind(ask_timeline *out, ask_params *p, const ask_timeline_config *config,
                       bool live_norms)
{
    out->config = *config;
    ask_cells_bind(&out->cells, p, "cells", &config->cells, live_norms);
    ask_timeline_glance_bind(&out->glance, p, config);
    ask_timeline_focus_bind(&out->focus, p, config);
}
