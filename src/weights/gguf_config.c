/* config.json of a GGUF file. */
#include "weights/gguf_config.h"

#include <float.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/str.h"
#include "weights/gguf_priv.h"

/* What is written, and where it comes from. */
typedef struct {
    const ask_gguf *g;
    const char *prefix; // "llama": what the keys of the network begin with
    ask_json_writer w;
    ask_error *err;
} config;

/* ---- values ---- */

enum { MAX_KEY_BYTES = 128 };

/* What the networks take (net/config.h, net/block/rotary.h): they would refuse more under
 * names that are not in the file. */
enum {
    MAX_WIDTH = 1 << 20,
    MAX_LAYERS = 1000,
    MAX_CONTEXT = 1 << 20,
    MAX_HEAD = 2048,
    MAX_VOCAB = 1 << 24,
    MAX_SCALE = 1000000,
};
static const double MAX_BASE = 1e12;

/* The value of "<prefix>.<key>", or NULL. */
static const ask_gguf_value *find_own(const config *c, const char *key)
{
    char name[MAX_KEY_BYTES];
    ask_format(name, sizeof name, "%s.%s", c->prefix, key);
    return ask_gguf_find(c->g, name);
}

ASK_PRINTF(3, 4)
static bool refuse(const config *c, const char *key, const char *format, ...)
{
    char fault[256];
    va_list args;
    va_start(args, format);
    ask_vformat(fault, sizeof fault, format, args);
    va_end(args);
    return ask_fail(c->err, ASK_ERR_MODEL, "%s: key \"%s.%s\": %s", c->g->path, c->prefix,
                    key, fault);
}

static bool fail_missing(const config *c, const char *key)
{
    return ask_fail(c->err, ASK_ERR_MODEL, "%s: key \"%s.%s\" is missing", c->g->path,
                    c->prefix, key);
}

/* A size, 1 and more; with a fallback of 0 it has to be there. */
static bool read_size(int64_t *out, const config *c, const char *key, int64_t most,
                      int64_t fallback)
{
    const ask_gguf_value *v = find_own(c, key);
    if (v) return ask_gguf_to_int(out, v, 1, most, c->err);
    if (fallback == 0) return fail_missing(c, key);
    *out = fallback;
    return true;
}

static bool put_size(config *c, const char *key, const char *as, int64_t most)
{
    int64_t n;
    if (!read_size(&n, c, key, most, 0)) return false;
    ask_json_put_int(&c->w, as, n);
    return true;
}

/* With a fallback of 0 it has to be there. */
static bool read_number(double *out, const config *c, const char *key, double fallback)
{
    const ask_gguf_value *v = find_own(c, key);
    if (v) return ask_gguf_to_double(out, v, c->err);
    if (fallback == 0) return fail_missing(c, key);
    *out = fallback;
    return true;
}

static bool read_positive(float *out, const config *c, const char *key, double fallback)
{
    double number;
    if (!read_number(&number, c, key, fallback)) return false;
    if (!(number >= FLT_MIN && number <= MAX_SCALE))
        return refuse(c, key, "expected a number above 0, at most %d, got %g", MAX_SCALE,
                      number);
    *out = (float)number;
    return true;
}

static bool has_tensor(const config *c, const char *name)
{
    return ask_gguf_find_tensor(c->g, name) != NULL;
}

/* ---- what is not read ---- */

static bool check_experts(const config *c)
{
    int64_t n = 0;
    const ask_gguf_value *v = find_own(c, "expert_count");
    if (v && !ask_gguf_to_int(&n, v, 0, INT32_MAX, c->err)) return false;
    return n == 0 || refuse(c, "expert_count",
                            "%" PRId64 " experts; only networks without are read", n);
}

/* A window that is as long as the texts hides nothing. */
static bool check_window(const config *c)
{
    int64_t window = 0, n_context;
    const ask_gguf_value *v = find_own(c, "attention.sliding_window");
    if (v && !ask_gguf_to_int(&window, v, 0, INT32_MAX, c->err)) return false;
    if (!read_size(&n_context, c, "context_length", MAX_CONTEXT, 0)) return false;
    return window == 0 || window >= n_context ||
           refuse(c, "attention.sliding_window",
                  "a window of %" PRId64 " tokens of %" PRId64 " is not read", window,
                  n_context);
}

/* ---- sections ---- */

/* "attention.key_length", or else the width, shared by the heads. */
static bool read_head(int64_t *out, const config *c, int64_t width, int64_t n_heads)
{
    bool is_told = find_own(c, "attention.key_length");
    const char *key = is_told ? "attention.key_length" : "attention.head_count";
    *out = width / n_heads;
    if (is_told && !read_size(out, c, key, MAX_HEAD, 0)) return false;
    if (!is_told && width % n_heads != 0)
        return refuse(c, key, "%" PRId64 " heads cannot share %" PRId64 " numbers", n_heads,
                      width);
    return (*out <= MAX_HEAD && *out % 2 == 0) ||
           refuse(c, key, "a head of %" PRId64 " numbers; expected an even number, to %d",
                  *out, MAX_HEAD);
}

static bool put_head_size(config *c, int64_t width, int64_t n_heads)
{
    int64_t head, value, turned, shared = width / n_heads > 0 ? width / n_heads : 1;
    if (!read_head(&head, c, width, n_heads) ||
        !read_size(&value, c, "attention.value_length", MAX_HEAD, shared) ||
        !read_size(&turned, c, "rope.dimension_count", MAX_HEAD, head))
        return false;
    if (value != head)
        return refuse(c, "attention.value_length",
                      "%" PRId64 " numbers, where keys have %" PRId64, value, head);
    if (turned != head)
        return refuse(c, "rope.dimension_count",
                      "%" PRId64 " of the %" PRId64 " numbers of a head; only heads that "
                      "are turned as a whole are read",
                      turned, head);
    ask_json_put_int(&c->w, "head_dim", head);
    return true;
}

static bool put_heads(config *c)
{
    int64_t width, n_heads, n_kv_heads;
    if (!read_size(&width, c, "embedding_length", MAX_WIDTH, 0) ||
        !read_size(&n_heads, c, "attention.head_count", MAX_WIDTH, 0) ||
        !read_size(&n_kv_heads, c, "attention.head_count_kv", MAX_WIDTH, n_heads))
        return false;
    if (n_heads % n_kv_heads != 0)
        return refuse(c, "attention.head_count_kv",
                      "%" PRId64 " heads cannot share %" PRId64 " of keys", n_heads,
                      n_kv_heads);
    ask_json_put_int(&c->w, "num_attention_heads", n_heads);
    ask_json_put_int(&c->w, "num_key_value_heads", n_kv_heads);
    return put_head_size(c, width, n_heads);
}

/* The factor of "linear"; of the older key, which says no type. 1: none. */
static bool read_factor(float *out, const config *c)
{
    const ask_gguf_value *v = find_own(c, "rope.scaling.type");
    ask_gguf_text type = {"none", 4};
    if (v && !ask_gguf_to_text(&type, v, c->err)) return false;
    *out = 1;
    if (!v) return read_positive(out, c, "rope.scale_linear", 1);
    if (ask_gguf_text_is(type, "none")) return true;
    if (ask_gguf_text_is(type, "linear"))
        return read_positive(out, c, "rope.scaling.factor", 1);
    return refuse(c, "rope.scaling.type",
                  "positions are not scaled as \"%.*s\"; there are: none, linear",
                  type.n_bytes < 40 ? (int)type.n_bytes : 40, type.data);
}

static bool read_base(float *out, const config *c)
{
    double base;
    if (!read_number(&base, c, "rope.freq_base", 10000)) return false;
    if (!(base >= 1 && base <= MAX_BASE))
        return refuse(c, "rope.freq_base", "expected a number from 1 to %g, got %g",
                      MAX_BASE, base);
    *out = (float)base;
    return true;
}

static bool put_rotary(config *c)
{
    float base = 0, factor;
    bool has_factors = has_tensor(c, "rope_freqs.weight");
    if (!read_base(&base, c) || !read_factor(&factor, c)) return false;
    if (factor != 1 && has_factors)
        return refuse(
            c, "rope.scaling.factor",
            "positions are scaled, and the tensor \"rope_freqs.weight\" is there");
    ask_json_put_bool(&c->w, "rope_interleave", strcmp(c->prefix, "llama") == 0);
    ask_json_put_float(&c->w, "rope_theta", base);
    if (factor == 1 && !has_factors) return true;
    ask_json_open_object(&c->w, "rope_scaling");
    ask_json_put_string(&c->w, "type", has_factors ? "factors" : "linear");
    if (!has_factors) ask_json_put_float(&c->w, "factor", factor);
    ask_json_close(&c->w);
    return true;
}

/* The vocabulary is as long as its table. */
static bool put_tables(config *c)
{
    const ask_gguf_tensor *t = ask_gguf_find_tensor(c->g, "token_embd.weight");
    if (!t || t->n_dims != 2 || t->shape[0] < 1 || t->shape[0] > MAX_VOCAB)
        return ask_fail(c->err, ASK_ERR_MODEL,
                        "%s: tensor \"token_embd.weight\" is %s; expected a matrix of 1 to "
                        "%d rows, one for each token",
                        c->g->path, t ? "none" : "missing", MAX_VOCAB);
    ask_json_put_int(&c->w, "vocab_size", t->shape[0]);
    ask_json_put_bool(&c->w, "tie_word_embeddings", !has_tensor(c, "output.weight"));
    ask_json_put_bool(&c->w, "attention_bias", has_tensor(c, "blk.0.attn_q.bias"));
    ask_json_put_bool(&c->w, "mlp_bias", has_tensor(c, "blk.0.ffn_gate.bias"));
    return true;
}

/* An id that a text begins or ends with; -1: the file names none. */
static bool read_id(int64_t *out, const config *c, const char *key)
{
    const ask_gguf_value *v = ask_gguf_find(c->g, key);
    *out = -1;
    return !v || ask_gguf_to_int(out, v, 0, INT32_MAX, c->err);
}

/* What ends a text, and what ends what one speaker says. */
static bool put_ends(config *c)
{
    int64_t begin, end, turn, pad;
    if (!read_id(&begin, c, "tokenizer.ggml.bos_token_id") ||
        !read_id(&end, c, "tokenizer.ggml.eos_token_id") ||
        !read_id(&turn, c, "tokenizer.ggml.eot_token_id") ||
        !read_id(&pad, c, "tokenizer.ggml.padding_token_id"))
        return false;
    ask_json_put_int(&c->w, "bos_token_id", begin);
    ask_json_open_array(&c->w, "eos_token_id");
    if (end >= 0) ask_json_put_int(&c->w, NULL, end);
    if (turn >= 0 && turn != end) ask_json_put_int(&c->w, NULL, turn);
    ask_json_close(&c->w);
    ask_json_put_int(&c->w, "pad_token_id", pad);
    return true;
}

static bool put_eps(config *c)
{
    float eps;
    if (!read_positive(&eps, c, "attention.layer_norm_rms_epsilon", 0)) return false;
    ask_json_put_float(&c->w, "rms_norm_eps", eps);
    return true;
}

static bool put_sizes(config *c)
{
    return put_size(c, "embedding_length", "hidden_size", MAX_WIDTH) &&
           put_size(c, "feed_forward_length", "intermediate_size", MAX_WIDTH) &&
           put_size(c, "block_count", "num_hidden_layers", MAX_LAYERS) &&
           put_size(c, "context_length", "max_position_embeddings", MAX_CONTEXT) &&
           put_eps(c);
}

static bool find_prefix(config *c)
{
    ask_gguf_text name;
    const ask_gguf_value *v = ask_gguf_need(c->g, "general.architecture", c->err);
    if (!v || !ask_gguf_to_text(&name, v, c->err)) return false;
    c->prefix = ask_gguf_text_is(name, "qwen2") ? "qwen2" : "llama";
    return true;
}

char *ask_gguf_config(const ask_gguf *g, ask_error *err)
{
    ask_str text = {0};
    config c = {.g = g, .w = {.out = &text, .pretty = true}, .err = err};
    if (!find_prefix(&c)) return NULL;
    ask_json_open_object(&c.w, NULL);
    ask_json_put_string(&c.w, "model_type", c.prefix);
    bool ok = check_experts(&c) && check_window(&c) && put_sizes(&c) && put_heads(&c) &&
              put_rotary(&c) && put_tables(&c) && put_ends(&c);
    if (ok) {
        ask_json_close(&c.w);
        return ask_str_take(&text, err);
    }
    ask_str_free(&text);
    return NULL;
}
