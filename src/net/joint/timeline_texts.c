/* Texts as vectors. */
#include "base/str.h"
#include "net/joint/timeline_priv.h"

/* Texts differ by words before anything is learnt: of a vector, what the layers make of
 * the text is the smaller part at first. */
static const double HEAD_SHARE = 0.1;

void timeline_reader_bind(ask_timeline_reader *out, ask_params *p, const char *name,
                          const ask_timeline_config *c, int n_layers)
{
    char part[64];
    const int64_t width = c->width;
    const ask_stack_config stack = timeline_stack_config(c, n_layers);
    out->places = ask_param(p, ask_init_normal(TIMELINE_PLACE_DEVIATION), 2,
                            (int64_t[]){c->n_tokens, width}, "%s.places.weight", name);
    ask_format(part, sizeof part, "%s.layers", name);
    ask_stack_bind(&out->layers, p, part, &stack);
    ask_format(part, sizeof part, "%s.norm", name);
    ask_norm_bind(&out->norm, p, part, width, TIMELINE_NORM_EPS);
    ask_format(part, sizeof part, "%s.head", name);
    ask_dense_bind(&out->head, p, part, width, width,
                   HEAD_SHARE * ask_glorot(width, width));
}

/* Equal shares of what is there, zeros of nothing.  bool [U, L] -> [U, 1, L] */
static ask_tensor *shares_of(ask_graph *g, ask_tensor *mask)
{
    ask_tensor *there = ask_cast(g, mask, ASK_F32);
    ask_tensor *count = ask_sum(g, there, 1u << 1, true);
    ask_tensor *shares = ask_div(g, there, ask_maximum(g, count, ask_full(g, 0, NULL, 1)));
    return ask_reshape(g, shares, 3,
                       (int64_t[]){ask_tensor_dim(mask, 0), 1, ask_tensor_dim(mask, 1)});
}

/* What the layers make of the texts.  x: [U, L, C] -> [U, L, C] */
static ask_tensor *read(ask_graph *g, const ask_timeline_reader *r, ask_tensor *x,
                        const ask_timeline_texts *texts, const char *trace,
                        ask_dropping *dropping)
{
    int64_t n_texts = ask_tensor_dim(x, 0), n_tokens = ask_tensor_dim(x, 1);
    ask_packing packing;
    ask_stack_view view = {
        .mask = ask_reshape(g, texts->mask, 4, (int64_t[]){n_texts, 1, 1, n_tokens}),
        .trace = trace,
        .dropping = dropping,
        .packing = texts->room ? &packing : NULL,
    };
    if (view.packing) ask_packing_of(&packing, g, texts->mask, texts->room);
    x = ask_add(g, x, ask_slice(g, r->places, 0, 0, n_tokens));
    x = ask_stack_build(g, &r->layers, ask_pack(g, x, view.packing), &view);
    return ask_unpack(g, ask_norm_build(g, &r->norm, x), view.packing);
}

ask_tensor *timeline_reader_build(ask_graph *g, const ask_timeline_reader *r,
                                  ask_tensor *words, const ask_timeline_texts *texts,
                                  const char *trace, ask_dropping *dropping)
{
    ask_tensor *x = ask_embedding(g, words, texts->ids); // [U, L, C]
    if (!x || !texts->mask) return NULL;
    const int64_t shape[] = {-1, ask_tensor_dim(x, 2)};
    ask_tensor *shares = shares_of(g, texts->mask);             // [U, 1, L]
    ask_tensor *plain = ask_matmul(g, shares, x);               // [U, 1, C]
    ask_tensor *states = read(g, r, x, texts, trace, dropping); // [U, L, C]
    x = ask_dense_build(g, &r->head, ask_matmul(g, shares, states));
    return ask_reshape(g, ask_add(g, x, plain), 2, shape);
}

ask_tensor *ask_timeline_texts_build(ask_graph *g, const ask_timeline_focus *net,
                                     const ask_timeline_texts *texts,
                                     ask_dropping *dropping)
{
    return timeline_reader_build(g, &net->text, net->words, texts, "text.", dropping);
}
