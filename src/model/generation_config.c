#include "model/generation_config.h"

#include <string.h>

#include "base/json.h"
#include "net/config.h"

bool ask_generation_ends(const ask_generation_config *c, int64_t id)
{
    for (int i = 0; i < c->n_end_ids; i++)
        if (c->end_ids[i] == id) return true;
    return false;
}

/* Where a key is looked for, in this order. */
enum { N_HOMES = 3 };
typedef struct {
    ask_json_value at[N_HOMES]; // some may be absent
} homes;

/* The first that says the key; an absent value if none does. */
static ask_json_value home_of(const homes *h, const char *key)
{
    for (int i = 0; i < N_HOMES; i++)
        if (ask_config_says(h->at[i], key)) return h->at[i];
    return (ask_json_value){0};
}

static bool read_id(int64_t *out, const homes *h, const char *key, int64_t otherwise,
                    ask_error *err)
{
    return ask_config_int(out, home_of(h, key), key, -1, ASK_MAX_VOCAB, otherwise, err);
}

/* One id or a list of them. */
static bool read_ends(ask_generation_config *c, const homes *h, int64_t otherwise,
                      ask_error *err)
{
    static const char key[] = "eos_token_id";
    ask_json_value home = home_of(h, key), found = ask_json_find(home, key);
    if (ask_json_type_of(found) != ASK_JSON_ARRAY) {
        int64_t id;
        if (!read_id(&id, h, key, otherwise, err)) return false;
        c->n_end_ids = id >= 0;
        c->end_ids[0] = id;
        return true;
    }
    size_t n = ask_json_count(found);
    if (n > ASK_MOST_END_IDS)
        return ask_config_fail(home, key, err, "%zu ids; at most %d are read", n,
                               ASK_MOST_END_IDS);
    for (size_t i = 0; i < n; i++)
        if (!ask_json_get_int(&c->end_ids[i], ask_json_item(found, i), "", 0, ASK_MAX_VOCAB,
                              err))
            return ask_fail_as(err, ASK_ERR_MODEL);
    c->n_end_ids = (int)n;
    return true;
}

static bool read_values(ask_generation_config *c, ask_json_value root, ask_error *err)
{
    int64_t top_k;
    if (!ask_config_bool(&c->samples, root, "do_sample", false, err) ||
        !ask_config_double(&c->temperature, root, "temperature", 0, 1000, 1, err) ||
        !ask_config_double(&c->top_p, root, "top_p", 0, 1, 1, err) ||
        !ask_config_double(&c->min_p, root, "min_p", 0, 1, 0, err) ||
        !ask_config_positive(&c->repetition_penalty, root, "repetition_penalty", 1, err) ||
        !ask_config_double(&c->length_penalty, root, "length_penalty", -100, 100, 1, err) ||
        !ask_config_int(&top_k, root, "top_k", 0, ASK_MAX_VOCAB, 0, err) ||
        !ask_config_size(&c->n_beams, root, "num_beams", 64, 1, err))
        return false;
    c->top_k = (int)top_k;
    return true;
}

/* generation: an absent value where that file is not there. */
static bool read_all(ask_generation_config *out, const ask_generation_sources *from,
                     ask_json_value generation, ask_json_value config, ask_error *err)
{
    ask_generation_config c = {0};
    const homes h = {{generation, config, ask_json_find(config, "text_config")}};
    if (!read_ends(&c, &h, from->end_id, err) ||
        !read_id(&c.begin_id, &h, "bos_token_id", from->begin_id, err) ||
        !read_id(&c.pad_id, &h, "pad_token_id", from->pad_id, err) ||
        !read_id(&c.start_id, &h, "decoder_start_token_id", from->start_id, err) ||
        !read_values(&c, from->generation ? generation : config, err))
        return false;
    if (c.pad_id < 0) c.pad_id = c.n_end_ids ? c.end_ids[0] : 0;
    *out = c;
    return true;
}

bool ask_generation_config_read(ask_generation_config *out,
                                const ask_generation_sources *from, ask_error *err)
{
    const ask_json_limits limits = {.max_bytes = 1 << 24, .max_depth = 32};
    ask_json *generation = NULL;
    ask_json *config = from->config_text
                           ? ask_json_parse(from->config_text, strlen(from->config_text),
                                            from->config, &limits, err)
                           : ask_json_read(from->config, &limits, err);
    bool ok = config && (!from->generation ||
                         (generation = ask_json_read(from->generation, &limits, err)));
    ok = ok ? read_all(out, from,
                       generation ? ask_json_root(generation) : (ask_json_value){0},
                       ask_json_root(config), err)
            : ask_fail_as(err, ASK_ERR_MODEL);
    ask_json_free(generation);
    ask_json_free(config);
    return ok;
}
