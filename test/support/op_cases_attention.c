/* Cases of ops: attention. */
#include "support/op_cases_priv.h"

static ask_tensor *build_attention_explicit(ask_graph *g, ask_tensor *const *in,
                                            const void *arg)
{
    ask_graph_want(g, "case.attn");
    return build_attention(g, in, arg);
}

/* in: q, k, v, added, step. */
static ask_tensor *build_attention_dropping(ask_graph *g, ask_tensor *const *in,
                                            const void *arg)
{
    ask_attention_options opt = *(const ask_attention_options *)arg;
    opt.added = in[3];
    opt.dropout.step = in[4];
    return ask_attention(g, in[0], in[1], in[2], &opt);
}

static const op_case cases[] = {
    {.name = "attention, ordinary",
     build_attention,
     {VAR(2, 3, 5, 8), VAR(2, 3, 7, 8), VAR(2, 3, 7, 8)},
     ARG(ask_attention_options, 0)},
    {.name = "attention, given scale",
     build_attention,
     {VAR(1, 2, 3, 5), VAR(1, 2, 4, 5), VAR(1, 2, 4, 3)},
     ARG(ask_attention_options, .scale = 0.7)},
    {.name = "attention, causal",
     build_attention,
     {VAR(2, 3, 6, 8), VAR(2, 3, 6, 8), VAR(2, 3, 6, 8)},
     ARG(ask_attention_options, .causal = true)},
    {.name = "attention, causal, more keys",
     build_attention,
     {VAR(1, 2, 3, 8), VAR(1, 2, 9, 8), VAR(1, 2, 9, 8)},
     ARG(ask_attention_options, .causal = true)},
    {.name = "attention, causal, fewer keys",
     build_attention,
     {VAR(1, 1, 5, 4), VAR(1, 1, 3, 4), VAR(1, 1, 3, 4)},
     ARG(ask_attention_options, .causal = true)},
    {.name = "attention, grouped",
     build_attention,
     {VAR(2, 6, 5, 8), VAR(2, 2, 5, 8), VAR(2, 2, 5, 8)},
     ARG(ask_attention_options, .causal = true)},
    {.name = "attention, keys masked",
     build_attention,
     {VAR(2, 3, 5, 8), VAR(2, 3, 7, 8), VAR(2, 3, 7, 8), BITS(2, 1, 1, 7)},
     ARG(ask_attention_options, 0)},
    {.name = "attention, everything masked apart",
     build_attention,
     {VAR(2, 2, 5, 4), VAR(2, 2, 7, 4), VAR(2, 2, 7, 4), BITS(2, 2, 5, 7)},
     ARG(ask_attention_options, .causal = true)},
    {.name = "attention, nothing to look at",
     build_attention,
     {VAR(1, 2, 3, 4), VAR(1, 2, 5, 4), VAR(1, 2, 5, 4), NEVER(3, 5)},
     ARG(ask_attention_options, 0)},
    {.name = "attention, some keys exist",
     build_attention,
     {VAR(1, 2, 3, 4), VAR(1, 2, 9, 4), VAR(1, 2, 9, 4), NONE, INT(6, 6, 1)},
     ARG(ask_attention_options, .causal = true)},
    {.name = "attention, no key exists",
     build_attention,
     {VAR(1, 2, 3, 4), VAR(1, 2, 9, 4), VAR(1, 2, 9, 4), NONE, INT(0, 0, 1)},
     ARG(ask_attention_options, 0)},
    {.name = "attention, no keys",
     build_attention,
     {VAR(1, 2, 3, 4), VAR(1, 2, 0, 4), VAR(1, 2, 0, 4)},
     ARG(ask_attention_options, 0)},
    {.name = "attention, no queries",
     build_attention,
     {VAR(1, 2, 0, 4), VAR(1, 2, 3, 4), VAR(1, 2, 3, 4)},
     ARG(ask_attention_options, 0)},
    {.name = "attention, many",
     build_attention,
     {VAR(1, 2, 75, 64), VAR(1, 2, 131, 64), VAR(1, 2, 131, 64)},
     ARG(ask_attention_options, .causal = true),
     .tol = 1e-4,
     .why = "sums of 64 products up to 4, then of 131"},
    {.name = "attention, explicit",
     build_attention_explicit,
     {VAR(2, 4, 5, 8), VAR(2, 2, 7, 8), VAR(2, 2, 7, 8), OFTEN(2, 1, 1, 7), INT(6, 6, 1)},
     ARG(ask_attention_options, .causal = true, .name = "case")},
    {.name = "attention, with numbers added",
     build_attention_dropping,
     {VAR(2, 4, 5, 8), VAR(2, 2, 7, 8), VAR(2, 2, 7, 8), VAR(2, 1, 1, 7)},
     ARG(ask_attention_options, .causal = true)},
    {.name = "attention, some dropped",
     build_attention_dropping,
     {VAR(2, 3, 5, 8), VAR(2, 3, 7, 8), VAR(2, 3, 7, 8), NONE, INT(4, 4, 1)},
     ARG(ask_attention_options, .dropout = {.p = 0.3, .seed = 7})},
};
const op_case_list op_cases_attention = {cases, sizeof cases / sizeof cases[0]};
