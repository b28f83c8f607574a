#include <string.h>

#include "base/str.h"
#include "net/tower/language_priv.h"

static const language_row *const rows[ASK_LANGUAGE_N_KINDS] = {
    [ASK_LANGUAGE_LLAMA] = &language_llama,
    [ASK_LANGUAGE_OPT] = &language_opt,
    [ASK_LANGUAGE_GPT2] = &language_gpt2,
    [ASK_LANGUAGE_T5] = &language_t5,
};

/* ---- the configuration ---- */

static int64_t id_of(const ask_language_sizes *s, int64_t id)
{
    return id < s->n_vocab ? id : -1;
}

void language_add_ids(ask_language_sizes *out, int64_t begin, int64_t end, int64_t pad)
{
    out->begin_id = id_of(out, begin);
    out->end_id = id_of(out, end);
    out->pad_id = id_of(out, pad);
}

static bool has_type(const language_row *row, const char *type)
{
    for (const char *const *t = row->types; *t; t++)
        if (strcmp(*t, type) == 0) return true;
    return false;
}

static void list_types(char *out, size_t size)
{
    size_t length = 0;
    out[0] = 0;
    for (int i = 0; i < ASK_LANGUAGE_N_KINDS; i++)
        for (const char *const *t = rows[i]->types; *t && length < size; t++)
            length += (size_t)ask_format(out + length, size - length, "%s%s",
                                         length ? ", " : "", *t);
}

bool ask_language_config_read_as(ask_language_config *out, ask_json_value v,
                                 const char *type, ask_error *err)
{
    for (int i = 0; i < ASK_LANGUAGE_N_KINDS; i++) {
        ask_language_config c = {.kind = (ask_language_kind)i};
        if (!has_type(rows[i], type)) continue;
        if (!rows[i]->read(&c, type, v, err)) return false;
        *out = c;
        return true;
    }
    char types[128];
    list_types(types, sizeof types);
    return ask_config_fail(v, "model_type", err,
                           "no language model is called \"%.40s\"; there are: %s", type,
                           types);
}

bool ask_language_config_read(ask_language_config *out, ask_json_value v,
                              const char *absent_type, ask_error *err)
{
    const char *type;
    if (!ask_json_opt_string(&type, v, "model_type", absent_type, err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    return ask_language_config_read_as(out, v, type, err);
}

/* Most rows leave out what is of a few. */
static ask_language_sizes completed(ask_language_sizes s)
{
    if (s.n_most == 0) s.n_most = s.n_context;
    return s;
}

ask_language_sizes ask_language_config_sizes(const ask_language_config *c)
{
    return completed(rows[c->kind]->config_sizes(c));
}

ask_language_sizes ask_language_sizes_of(const ask_language *m)
{
    return completed(rows[m->kind]->sizes(m));
}

/* ---- binding ---- */

void ask_language_bind(ask_language *out, ask_params *p, const char *prefix,
                       const ask_language_config *config)
{
    out->kind = config->kind;
    rows[config->kind]->bind(out, p, prefix, config);
}

void ask_language_narrow(ask_language *m, ask_dtype type)
{
    if (rows[m->kind]->narrow) rows[m->kind]->narrow(m, type);
}

/* ---- building ---- */

ask_tensor *ask_language_positions(ask_graph *g, const ask_language *m,
                                   const int64_t shape[2], ask_tensor *mask)
{
    const language_row *row = rows[m->kind];
    if (mask && row->positions) return row->positions(g, m, mask);
    return ask_expand(g, ask_range(g, shape[1]), 2, shape);
}

ask_tensor *ask_language_embed(ask_graph *g, const ask_language *m, ask_tensor *ids)
{
    return rows[m->kind]->embed(g, m, ids);
}

ask_tensor *ask_language_encode(ask_graph *g, const ask_language *m, ask_tensor *x,
                                ask_tensor *mask, const char *trace)
{
    return rows[m->kind]->encode(g, m, x, mask, trace);
}

void ask_language_remember(ask_graph *g, const ask_language *m, ask_tensor *states,
                           const ask_decoder_cache *cache, ask_tensor *at)
{
    rows[m->kind]->remember(g, m, states, cache, at);
}

ask_tensor *ask_language_build(ask_graph *g, const ask_language *m, ask_tensor *x,
                               const ask_decoder_view *view)
{
    return rows[m->kind]->build(g, m, x, view);
}

ask_tensor *ask_language_logits(ask_graph *g, const ask_language *m, ask_tensor *states)
{
    return rows[m->kind]->logits(g, m, states);
}
