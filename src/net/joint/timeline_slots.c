/* Records as vectors: the names of what they say, in words, and when and where it is. */
#include <math.h>

#include "net/joint/timeline_focus_priv.h"

/* Fields from CLASS to WAY are made of names and lie behind one another. */
static const ask_record_field FIRST_NAMED = ASK_RECORD_CLASS, LAST_NAMED = ASK_RECORD_WAY;
enum { MOST_PARTS = ASK_RECORD_WAY - ASK_RECORD_CLASS + 2 };
/* Slots begin as what they say: what is made of the others is little beside it. */
static const double RELATED_SHARE = 0.1;

enum { N_PLAIN = 1 + 2 + 4, N_BUMPED = 2 + 4 }; // numbers; those that have bumps too

static ask_timeline_kind kind_of(ask_record_field f)
{
    switch (f) {
    case ASK_RECORD_CLASS:
        return ASK_KIND_OF_EVENT;
    case ASK_RECORD_SHAPE:
    case ASK_RECORD_OTHER_SHAPE:
        return ASK_KIND_OF_SHAPE;
    case ASK_RECORD_SIZE:
        return ASK_KIND_OF_SIZE;
    case ASK_RECORD_TEXTURE:
        return ASK_KIND_OF_TEXTURE;
    case ASK_RECORD_WAY:
        return ASK_KIND_OF_WAY;
    default:
        return ASK_KIND_OF_COLOR;
    }
}

/* What turns a name into the same in another part; NULL: nothing, it is the slot's own. */
static const ask_dense *part_of(const ask_timeline_focus *net, ask_record_field f)
{
    switch (f) {
    case ASK_RECORD_OTHER_COLOR:
        return &net->other_color;
    case ASK_RECORD_OTHER_SHAPE:
        return &net->other_shape;
    case ASK_RECORD_LATER_COLOR:
        return &net->later_color;
    case ASK_RECORD_WAY:
        return &net->way;
    default:
        return NULL;
    }
}

/* ---- binding ---- */

void timeline_slots_bind(ask_timeline_focus *out, ask_params *p)
{
    const ask_timeline_config *c = &out->config;
    const int64_t width = c->width;
    const int64_t n_rest = N_PLAIN + N_BUMPED * ASK_TIMELINE_N_BUMPS;
    const double square = ask_glorot(width, width);
    if (c->has_memory)
        out->ranks = timeline_vectors_bind(p, "focus.ranks", ask_timeline_n_slots(c), width,
                                           TIMELINE_WORD_DEVIATION);
    out->toy = timeline_vectors_bind(p, "focus.toy", 1, width, TIMELINE_WORD_DEVIATION);
    ask_dense_bind_plain(&out->other_color, p, "focus.other_color", width, width, square);
    ask_dense_bind_plain(&out->other_shape, p, "focus.other_shape", width, width, square);
    ask_dense_bind_plain(&out->later_color, p, "focus.later_color", width, width, square);
    ask_dense_bind_plain(&out->way, p, "focus.way", width, width, square);
    // Of all bumps of a number, about two are on.
    ask_dense_bind(&out->rest[0], p, "focus.rest.0", n_rest, width,
                   1 / sqrt(N_PLAIN + 2 * N_BUMPED));
    ask_dense_bind(&out->rest[1], p, "focus.rest.1", width, width, square);
    ask_stack_config stack = timeline_stack_config(c, c->memory_layers);
    stack.init.attention_out *= RELATED_SHARE;
    stack.init.mlp_out *= RELATED_SHARE;
    ask_stack_bind(&out->memory, p, "focus.memory", &stack);
    ask_norm_bind(&out->memory_norm, p, "focus.memory_norm", width, TIMELINE_NORM_EPS);
}

/* ---- names ---- */

ask_tensor *timeline_names(ask_graph *g, const ask_timeline_config *c, ask_tensor *words,
                           int64_t begin[ASK_N_TIMELINE_KINDS])
{
    int64_t ids[ASK_N_TIMELINE_KINDS * ASK_TIMELINE_MOST_VALUES], n = 0;
    for (int kind = 0; kind < ASK_N_TIMELINE_KINDS; kind++) {
        begin[kind] = n;
        for (int i = 0; i < c->kinds.n_values[kind]; i++)
            ids[n++] = c->names[kind][i].token;
    }
    return ask_embedding(g, words, ask_constant(g, ASK_I64, 1, &n, ids));
}

/* The vector of every number of the named fields, in their order.  -> [n, C] */
static ask_tensor *name_table(ask_graph *g, const ask_timeline_focus *net)
{
    int64_t begin[ASK_N_TIMELINE_KINDS];
    ask_tensor *names = timeline_names(g, &net->config, net->words, begin);
    ask_tensor *parts[MOST_PARTS];
    int n = 0;
    for (int f = (int)FIRST_NAMED; f <= (int)LAST_NAMED; f++) {
        ask_timeline_kind kind = kind_of((ask_record_field)f);
        const ask_dense *part = part_of(net, (ask_record_field)f);
        int64_t end = begin[kind] + net->config.kinds.n_values[kind];
        ask_tensor *x = ask_slice(g, names, 0, begin[kind], end);
        parts[n++] = part ? ask_dense_build(g, part, x) : x;
        if (f == ASK_RECORD_CLASS) parts[n++] = net->toy;
    }
    return ask_concat(g, parts, n, 0);
}

/* ---- slots ---- */

/* Fields first .. last of rows [R, record] -> [R, n] */
static ask_tensor *fields(ask_graph *g, const ask_timeline_focus *net, ask_tensor *rows,
                          ask_record_field first, ask_record_field last)
{
    ask_timeline_field all = ask_record_field_of(&net->config.kinds, first),
                       end = ask_record_field_of(&net->config.kinds, last);
    all.n = end.begin + end.n - all.begin;
    return timeline_field(g, rows, all);
}

/* How sure it is, when and where.  [R, record] -> [R, C] */
static ask_tensor *rest_of(ask_graph *g, const ask_timeline_focus *net, ask_tensor *rows,
                           ask_tensor *confidence)
{
    int64_t n_rows = ask_tensor_dim(rows, 0);
    ask_tensor *when_where =
        fields(g, net, rows, ASK_RECORD_SPAN, ASK_RECORD_PLACES); // [R, 6]
    ask_tensor *bumps = ask_timeline_bumps(
        g, ask_reshape(g, ask_contiguous(g, when_where), 3,
                       (int64_t[]){n_rows, N_BUMPED, 1})); // [R, 6, bumps]
    bumps = ask_reshape(g, bumps, 2, (int64_t[]){n_rows, N_BUMPED * ASK_TIMELINE_N_BUMPS});
    ask_tensor *all = ask_concat(g, (ask_tensor *[]){confidence, when_where, bumps}, 3, 1);
    ask_tensor *inner = ask_gelu(g, ask_dense_build(g, &net->rest[0], all), ASK_GELU_EXACT);
    return ask_dense_build(g, &net->rest[1], inner);
}

ask_tensor *timeline_slots_build(ask_graph *g, const ask_timeline_focus *net,
                                 ask_tensor *records)
{
    if (!records) return NULL;
    int64_t batch = ask_tensor_dim(records, 0), n_slots = ask_tensor_dim(records, 1);
    ask_tensor *rows =
        ask_reshape(g, records, 2, (int64_t[]){-1, ask_record_width(&net->config.kinds)});
    if (!rows) return NULL;
    ask_tensor *confidence =
        fields(g, net, rows, ASK_RECORD_CONFIDENCE, ASK_RECORD_CONFIDENCE); // [R, 1]
    ask_tensor *said = fields(g, net, rows, FIRST_NAMED, LAST_NAMED);       // [R, n]
    ask_tensor *x = ask_matmul(g, said, name_table(g, net));                // [R, C]
    x = ask_mul(g, x, confidence);
    x = ask_add(g, x, rest_of(g, net, rows, confidence));
    x = ask_reshape(g, x, 3, (int64_t[]){batch, n_slots, net->config.width});
    return net->ranks ? ask_add(g, x, net->ranks) : x;
}
