#include "support/gguf_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "support/testing.h"
#include "weights/gguf_priv.h"
#include "weights/weights.h"

enum { ALIGNMENT = 32 };

/* ---- pieces ---- */

static void put(ask_str *s, uint64_t n, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++) ask_str_append_char(s, (char)(n >> 8 * i & 0xff));
}

static void put_text(ask_str *s, const char *text)
{
    put(s, strlen(text), 8);
    ask_str_append(s, text);
}

static void put_float(ask_str *s, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put(s, bits, 4);
}

/* ---- values ---- */

void gguf_file_drop(gguf_file *f, const char *key)
{
    for (int i = 0; i < f->n_values; i++) {
        if (strcmp(f->values[i].key, key) != 0) continue;
        ask_str_free(&f->values[i].bytes);
        f->values[i] = f->values[--f->n_values];
        return;
    }
}

/* An empty value of that key and type. */
static ask_str *open_value(gguf_file *f, const char *key, ask_gguf_type type)
{
    gguf_file_drop(f, key);
    assert_true(f->n_values < GGUF_FILE_VALUES);
    assert_true(strlen(key) < sizeof f->values->key);
    int i = f->n_values++;
    strcpy(f->values[i].key, key);
    f->values[i].bytes = (ask_str){0};
    put(&f->values[i].bytes, type, 4);
    return &f->values[i].bytes;
}

static ask_str *open_array(gguf_file *f, const char *key, ask_gguf_type type, int n)
{
    ask_str *s = open_value(f, key, ASK_GGUF_ARRAY);
    put(s, type, 4);
    put(s, (uint64_t)n, 8);
    return s;
}

void gguf_file_put_int(gguf_file *f, const char *key, int64_t value)
{
    put(open_value(f, key, ASK_GGUF_I64), (uint64_t)value, 8);
}

void gguf_file_put_float(gguf_file *f, const char *key, float value)
{
    put_float(open_value(f, key, ASK_GGUF_F32), value);
}

void gguf_file_put_bool(gguf_file *f, const char *key, bool value)
{
    put(open_value(f, key, ASK_GGUF_BOOL), value, 1);
}

void gguf_file_put_text(gguf_file *f, const char *key, const char *text)
{
    put_text(open_value(f, key, ASK_GGUF_STRING), text);
}

void gguf_file_put_chars(gguf_file *f, const char *key, const char *text, size_t n_bytes)
{
    ask_str *s = open_value(f, key, ASK_GGUF_STRING);
    put(s, n_bytes, 8);
    ask_str_append_bytes(s, text, n_bytes);
}

void gguf_file_put_texts(gguf_file *f, const char *key, const char *const *texts, int n)
{
    ask_str *s = open_array(f, key, ASK_GGUF_STRING, n);
    for (int i = 0; i < n; i++) put_text(s, texts[i]);
}

void gguf_file_put_ints(gguf_file *f, const char *key, const int32_t *items, int n)
{
    ask_str *s = open_array(f, key, ASK_GGUF_I32, n);
    for (int i = 0; i < n; i++) put(s, (uint32_t)items[i], 4);
}

void gguf_file_put_floats(gguf_file *f, const char *key, const float *items, int n)
{
    ask_str *s = open_array(f, key, ASK_GGUF_F32, n);
    for (int i = 0; i < n; i++) put_float(s, items[i]);
}

/* ---- tensors ---- */

static void add_raw(gguf_file *f, const char *name, int n_dims, const int64_t *shape,
                    uint32_t type, const void *data, size_t n_bytes)
{
    while (f->data.length % ALIGNMENT != 0) ask_str_append_char(&f->data, 0);
    put_text(&f->tensors, name);
    put(&f->tensors, (uint64_t)n_dims, 4);
    for (int i = n_dims - 1; i >= 0; i--) put(&f->tensors, (uint64_t)shape[i], 8);
    put(&f->tensors, type, 4);
    put(&f->tensors, f->data.length, 8);
    ask_str_append_bytes(&f->data, data, n_bytes);
    f->n_tensors++;
}

/* The number that files have for a type. */
static uint32_t number_of(ask_dtype type)
{
    for (uint32_t i = 0; i < 40; i++) {
        ask_dtype found;
        if (gguf_element_type(&found, i) && found == type) return i;
    }
    fail_msg("GGUF files have no %s", ask_dtype_name(type));
    return 0;
}

void gguf_file_add(gguf_file *f, const char *name, int n_dims, const int64_t *shape,
                   ask_dtype type, const void *data)
{
    size_t n_bytes = 0;
    assert_true(ask_dtype_bytes_of(&n_bytes, type, n_dims, shape));
    add_raw(f, name, n_dims, shape, number_of(type), data, n_bytes);
}

/* ---- a copy ---- */

static size_t value_bytes(const ask_gguf_value *v)
{
    size_t fixed = gguf_type_bytes(v->type);
    if (fixed > 0) return fixed;
    if (v->type == ASK_GGUF_STRING) return 8 + (size_t)gguf_number(v->at, 8);
    size_t n = 0; // of arrays: what follows type and number
    for (ask_gguf_walk w = {0}; ask_gguf_next(v, &w);) {
        assert_true(w.item.type != ASK_GGUF_ARRAY);
        n += value_bytes(&w.item);
    }
    return n;
}

void gguf_file_copy(gguf_file *f, const char *path)
{
    ask_error err = {0};
    ask_gguf *g = ask_gguf_open(path, &err);
    CHECK_OK(g, &err);
    for (size_t i = 0; i < ask_gguf_n_values(g); i++) {
        const ask_gguf_value *v = ask_gguf_value_at(g, i);
        if (strcmp(v->key, "general.alignment") == 0) continue;
        ask_str *s = v->type == ASK_GGUF_ARRAY
                         ? open_array(f, v->key, v->item_type, (int)v->n_items)
                         : open_value(f, v->key, v->type);
        ask_str_append_bytes(s, v->at, value_bytes(v));
    }
    for (size_t i = 0; i < ask_gguf_n_tensors(g); i++) {
        const ask_gguf_tensor *t = ask_gguf_tensor_at(g, i);
        add_raw(f, t->name, t->n_dims, t->shape, number_of(t->type), t->data, t->bytes);
    }
    ask_gguf_close(g);
}

/* ---- of a folder ---- */

static const struct {
    const char *there, *here;
    bool turned; // rows are those of heads that are turned
} names[] = {
    {"model.embed_tokens.", "token_embd.", false},
    {"model.norm.", "output_norm.", false},
    {"lm_head.", "output.", false},
    {"input_layernorm.", "attn_norm.", false},
    {"post_attention_layernorm.", "ffn_norm.", false},
    {"self_attn.q_proj.", "attn_q.", true},
    {"self_attn.k_proj.", "attn_k.", true},
    {"self_attn.v_proj.", "attn_v.", false},
    {"self_attn.o_proj.", "attn_output.", false},
    {"mlp.gate_proj.", "ffn_gate.", false},
    {"mlp.up_proj.", "ffn_up.", false},
    {"mlp.down_proj.", "ffn_down.", false},
};

/* GGUF's name; whether its rows are turned. */
static bool rename_tensor(char *out, size_t size, const char *name)
{
    int layer = -1, behind = 0;
    sscanf(name, "model.layers.%d.%n", &layer, &behind);
    const char *rest = layer >= 0 ? name + behind : name;
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        size_t n = strlen(names[i].there);
        if (strncmp(rest, names[i].there, n) != 0) continue;
        char in_layer[32] = "";
        if (layer >= 0) snprintf(in_layer, sizeof in_layer, "blk.%d.", layer);
        snprintf(out, size, "%s%s%s", in_layer, names[i].here, rest + n);
        return names[i].turned;
    }
    fail_msg("GGUF has no name for %s", name);
    return false;
}

/* The rows of heads from halves to pairs: row 2 i + j of GGUF is row j D / 2 + i. */
static void order_rows(float *out, const float *in, int64_t n_rows, int64_t k, int64_t head)
{
    for (int64_t r = 0; r < n_rows; r++) {
        int64_t at = r % head, from = r - at + at % 2 * (head / 2) + at / 2;
        memcpy(out + r * k, in + from * k, (size_t)k * sizeof *out);
    }
}

static void convert_tensor(gguf_file *f, const ask_weights_entry *e, int64_t head)
{
    char name[80];
    bool turned = rename_tensor(name, sizeof name, e->name);
    assert_int_equal(e->type, ASK_F32);
    if (!turned || head == 0) {
        gguf_file_add(f, name, e->n_dims, e->shape, e->type, e->data);
        return;
    }
    float *rows = malloc(e->bytes);
    assert_int_equal(e->n_dims, 2);
    order_rows(rows, e->data, e->shape[0], e->shape[1], head);
    gguf_file_add(f, name, e->n_dims, e->shape, e->type, rows);
    free(rows);
}

static int64_t int_of(ask_json_value config, const char *key, int64_t otherwise)
{
    ask_error err = {0};
    int64_t n;
    CHECK_OK(ask_json_opt_int(&n, config, key, 0, 1 << 30, otherwise, &err), &err);
    return n;
}

static double double_of(ask_json_value config, const char *key, double otherwise)
{
    ask_error err = {0};
    double x;
    CHECK_OK(ask_json_opt_double(&x, config, key, otherwise, &err), &err);
    return x;
}

static void put_own_int(gguf_file *f, const char *arch, const char *key, int64_t n)
{
    char name[80];
    snprintf(name, sizeof name, "%s.%s", arch, key);
    gguf_file_put_int(f, name, n);
}

static void put_own_float(gguf_file *f, const char *arch, const char *key, double x)
{
    char name[80];
    snprintf(name, sizeof name, "%s.%s", arch, key);
    gguf_file_put_float(f, name, (float)x);
}

/* By how much the steps of Llama 3 are divided. */
static void add_factors(gguf_file *f, ask_json_value config, int64_t head)
{
    float factors[128];
    ask_json_value s = ask_json_member(config, "rope_scaling");
    double theta = double_of(config, "rope_theta", 10000),
           factor = double_of(s, "factor", 1);
    double low = double_of(s, "low_freq_factor", 1),
           high = double_of(s, "high_freq_factor", 4);
    double n_original = double_of(s, "original_max_position_embeddings", 8192);
    for (int64_t i = 0; i < head / 2; i++) {
        double length =
            2 * 3.14159265358979324 * pow(theta, (double)(2 * i) / (double)head);
        double smooth = (n_original / length - low) / (high - low);
        factors[i] =
            (float)(length < n_original / high  ? 1
                    : length > n_original / low ? factor
                                                : 1 / ((1 - smooth) / factor + smooth));
    }
    gguf_file_add(f, "rope_freqs.weight", 1, (int64_t[]){head / 2}, ASK_F32, factors);
}

static void put_scaling(gguf_file *f, const char *arch, ask_json_value config, int64_t head)
{
    ask_error err = {0};
    const char *type = NULL;
    ask_json_value s = ask_json_member(config, "rope_scaling");
    if (ask_json_type_of(s) != ASK_JSON_OBJECT) return;
    CHECK_OK(ask_json_get_string(&type, s, "rope_type", &err), &err);
    char key[80];
    snprintf(key, sizeof key, "%s.rope.scaling.type", arch);
    if (strcmp(type, "llama3") == 0) {
        add_factors(f, config, head);
        return;
    }
    gguf_file_put_text(f, key, type);
    put_own_float(f, arch, "rope.scaling.factor", double_of(s, "factor", 1));
}

static void put_config(gguf_file *f, const char *arch, ask_json_value config, int64_t head)
{
    static const struct {
        const char *there, *here;
    } sizes[] = {
        {"hidden_size", "embedding_length"},
        {"intermediate_size", "feed_forward_length"},
        {"num_hidden_layers", "block_count"},
        {"max_position_embeddings", "context_length"},
        {"num_attention_heads", "attention.head_count"},
        {"num_key_value_heads", "attention.head_count_kv"},
    };
    gguf_file_put_text(f, "general.architecture", arch);
    for (size_t i = 0; i < TEST_COUNT(sizes); i++)
        put_own_int(f, arch, sizes[i].here, int_of(config, sizes[i].there, 0));
    put_own_int(f, arch, "attention.key_length", head);
    put_own_int(f, arch, "attention.value_length", head);
    put_own_float(f, arch, "attention.layer_norm_rms_epsilon",
                  double_of(config, "rms_norm_eps", 1e-6));
    put_own_float(f, arch, "rope.freq_base", double_of(config, "rope_theta", 10000));
    gguf_file_put_int(f, "tokenizer.ggml.bos_token_id", int_of(config, "bos_token_id", 1));
    gguf_file_put_int(f, "tokenizer.ggml.eos_token_id", int_of(config, "eos_token_id", 2));
    gguf_file_put_int(f, "tokenizer.ggml.padding_token_id",
                      int_of(config, "pad_token_id", 0));
    put_scaling(f, arch, config, head);
}

void gguf_file_convert(gguf_file *f, const char *dir)
{
    ask_error err = {0};
    ask_json *doc = ask_json_read(test_path(dir, "config.json"), NULL, &err);
    CHECK_OK(doc, &err);
    ask_json_value config = ask_json_root(doc);
    const char *arch;
    CHECK_OK(ask_json_get_string(&arch, config, "model_type", &err), &err);
    int64_t heads = int_of(config, "num_attention_heads", 0);
    int64_t head = int_of(config, "head_dim", int_of(config, "hidden_size", 0) / heads);
    put_config(f, arch, config, head);
    ask_weights *w = ask_weights_open(dir, &err);
    CHECK_OK(w, &err);
    for (size_t i = 0; i < ask_weights_count(w); i++)
        convert_tensor(f, ask_weights_at(w, i), strcmp(arch, "llama") == 0 ? head : 0);
    ask_weights_close(w);
    ask_json_free(doc);
}

/* ---- the file ---- */

char *gguf_file_take(gguf_file *f, size_t *n_bytes)
{
    ask_str s = {0};
    ask_error err = {0};
    ask_str_append(&s, "GGUF");
    put(&s, 3, 4);
    put(&s, (uint64_t)f->n_tensors, 8);
    put(&s, (uint64_t)f->n_values, 8);
    for (int i = 0; i < f->n_values; i++) {
        put_text(&s, f->values[i].key);
        ask_str_append_bytes(&s, f->values[i].bytes.data, f->values[i].bytes.length);
        ask_str_free(&f->values[i].bytes);
    }
    ask_str_append_bytes(&s, f->tensors.data, f->tensors.length);
    while (s.length % ALIGNMENT != 0) ask_str_append_char(&s, 0);
    ask_str_append_bytes(&s, f->data.data, f->data.length);
    ask_str_free(&f->tensors);
    ask_str_free(&f->data);
    *f = (gguf_file){0};
    *n_bytes = s.length;
    char *bytes = ask_str_take(&s, &err);
    CHECK_OK(bytes, &err);
    return bytes;
}

void gguf_file_write(gguf_file *f, const char *path)
{
    size_t n;
    char *bytes = gguf_file_take(f, &n);
    test_write(path, bytes, n);
    free(bytes);
}
