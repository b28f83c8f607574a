/* Saved contexts, for a tiny LLaMA and a tiny T5 that are made once: what is taken must be
 * a tree, and read on. An input that begins with '{' is a header up to its first NUL and
 * data behind that, as in fuzz/safetensors.c. For 64 times '@' the model's id is put in, so
 * that seeds hold for any. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/context_priv.h"
#include "model/init.h"
#include "weights/safetensors.h"

enum { N_ROWS = 64, WIDTH = 8, N_VOCAB = 10, ID_BYTES = 64 };

static const char config[] =
    "{\"model_type\": \"llama\", \"hidden_size\": 8, \"intermediate_size\": 8,"
    " \"num_hidden_layers\": 1, \"num_attention_heads\": 2, \"num_key_value_heads\": 1,"
    " \"vocab_size\": 10, \"max_position_embeddings\": 64, \"tie_word_embeddings\": true}";

static const char encoding_config[] =
    "{\"model_type\": \"t5\", \"d_model\": 8, \"d_ff\": 8, \"d_kv\": 4, \"num_heads\": 1,"
    " \"num_layers\": 1, \"vocab_size\": 10}";

static void check(bool condition)
{
    if (!condition) abort();
}

/* ---- the model ---- */

static void write_config(const char *dir, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/config.json", dir);
    FILE *file = fopen(path, "wb");
    check(file && fwrite(text, 1, strlen(text), file) == strlen(text));
    check(fclose(file) == 0);
}

static void write_weights(const char *path)
{
#define LAYER "model.layers.0."
    static float numbers[WIDTH * N_VOCAB];
    for (int i = 0; i < WIDTH * N_VOCAB; i++) numbers[i] = (float)(i * 37 % 41 - 20) / 40;
    const ask_weights_entry tensors[] = {
        {"model.embed_tokens.weight", ASK_F32, 2, {N_VOCAB, 8}, numbers, 0, 0, 0},
        {LAYER "input_layernorm.weight", ASK_F32, 1, {8}, numbers, 0, 0, 0},
        {LAYER "post_attention_layernorm.weight", ASK_F32, 1, {8}, numbers, 0, 0, 0},
        {LAYER "self_attn.q_proj.weight", ASK_F32, 2, {8, 8}, numbers, 0, 0, 0},
        {LAYER "self_attn.k_proj.weight", ASK_F32, 2, {4, 8}, numbers, 0, 0, 0},
        {LAYER "self_attn.v_proj.weight", ASK_F32, 2, {4, 8}, numbers, 0, 0, 0},
        {LAYER "self_attn.o_proj.weight", ASK_F32, 2, {8, 8}, numbers, 0, 0, 0},
        {LAYER "mlp.gate_proj.weight", ASK_F32, 2, {8, 8}, numbers, 0, 0, 0},
        {LAYER "mlp.up_proj.weight", ASK_F32, 2, {8, 8}, numbers, 0, 0, 0},
        {LAYER "mlp.down_proj.weight", ASK_F32, 2, {8, 8}, numbers, 0, 0, 0},
        {"model.norm.weight", ASK_F32, 1, {8}, numbers, 0, 0, 0},
    };
    ask_error err = {0};
    check(ask_safetensors_write(path, tensors, sizeof tensors / sizeof *tensors, NULL, 0,
                                &err));
#undef LAYER
}

static void remove_file(const char *dir, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    check(unlink(path) == 0);
}

/* Of a folder, which is gone when it is open. */
static ask_session *open_session(const char *dir)
{
    ask_error err = {0};
    const ask_model_options opt = {.n_threads = 1};
    ask_model *m = ask_model_open(dir, &opt, &err);
    check(m);
    remove_file(dir, "model.safetensors");
    remove_file(dir, "config.json");
    check(rmdir(dir) == 0);
    ask_session *s = ask_session_open(m, &err);
    check(s);
    return s;
}

static void make_dir(char dir[200])
{
    const char *temp = getenv("TMPDIR");
    snprintf(dir, 200, "%s/askance-fuzz-XXXXXX", temp && *temp ? temp : "/tmp");
    check(mkdtemp(dir));
}

static ask_session *open_llama(void)
{
    char dir[200], path[256];
    make_dir(dir);
    write_config(dir, config);
    snprintf(path, sizeof path, "%s/model.safetensors", dir);
    write_weights(path);
    return open_session(dir);
}

static ask_session *open_t5(void)
{
    char parts[200], dir[200], path[256];
    ask_error err = {0};
    make_dir(parts);
    make_dir(dir);
    write_config(parts, encoding_config);
    snprintf(path, sizeof path, "%s/config.json", parts);
    check(ask_model_init(dir, path, NULL, &err));
    remove_file(parts, "config.json");
    check(rmdir(parts) == 0);
    return open_session(dir);
}

/* ---- one input ---- */

static void check_tree(const ask_context *c)
{
    check(c->n_read >= 0 && c->n_read <= c->cache.n_rows);
    check((c->n_prompt > 0) == (context_encodes(c) && c->n_read > 0));
    check(c->n_prompt < c->n_read || c->n_read == 0);
    for (int i = 0; i < c->n_read; i++) {
        const context_row *row = &c->rows[i];
        check(row->parent < i && (row->parent >= 0) == (i > 0));
        check(i <= c->n_prompt || row->parent >= c->n_prompt);
        check(row->depth == (i == 0 ? 0 : c->rows[row->parent].depth + 1));
        check(row->identity || (row->id >= 0 && row->id < N_VOCAB));
    }
}

static void read_on(ask_context *c)
{
    ask_error err = {0};
    float logits[N_VOCAB];
    bool ok = c->n_read < N_ROWS && c->n_read > 0
                  ? ask_context_branch(c, (int64_t[]){3}, (int[]){c->n_read - 1}, 1, logits,
                                       NULL, &err)
                  : ask_context_read(c, &(ask_place){.id = 3}, 1, logits, NULL, &err);
    // Numbers that are finite, but too large, are no model's.
    check(ok || err.code == ASK_ERR_MODEL);
}

/* The bytes with the id in its place. */
static void put_id(uint8_t *bytes, size_t size, const char *id)
{
    size_t run = 0;
    for (size_t i = 0; i < size; i++) {
        run = bytes[i] == '@' ? run + 1 : 0;
        if (run < ID_BYTES) continue;
        memcpy(bytes + i + 1 - ID_BYTES, id, ID_BYTES);
        run = 0;
    }
}

static void take(ask_session *s, uint8_t *file, size_t size)
{
    ask_error err = {0};
    put_id(file, size, s->model->info.id);
    ask_weights *w = ask_weights_parse(file, size, "fuzz", &err);
    if (!w) return;
    ask_context *c = ask_context_open(s, N_ROWS, &err);
    check(c);
    if (context_take(c, w, &err)) {
        check_tree(c);
        read_on(c);
    } else {
        check((err.code == ASK_ERR_MODEL || err.code == ASK_ERR_LIMIT) && err.message[0]);
        check(ask_context_n_read(c) == 0);
    }
    ask_context_close(c);
    ask_weights_close(w);
}

static uint8_t *make_file(size_t *n, const uint8_t *data, size_t size)
{
    bool whole = size == 0 || data[0] != '{';
    const uint8_t *nul = whole ? NULL : memchr(data, '\0', size);
    size_t header = nul ? (size_t)(nul - data) : size;
    size_t behind = nul ? size - header - 1 : 0;
    *n = whole ? size : 8 + header + behind;
    uint8_t *file = malloc(*n + 1);
    check(file);
    if (whole) {
        memcpy(file, data, size);
        return file;
    }
    for (int i = 0; i < 8; i++) file[i] = (uint8_t)(header >> 8 * i);
    memcpy(file + 8, data, header);
    if (behind > 0) memcpy(file + 8 + header, nul + 1, behind);
    return file;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ask_session *sessions[2]; // for the life of the process
    if (!sessions[0]) {
        sessions[0] = open_llama();
        sessions[1] = open_t5();
    }
    if (size > 1 << 16) return 0;
    for (int i = 0; i < 2; i++) {
        size_t n;
        uint8_t *file = make_file(&n, data, size);
        take(sessions[i], file, n);
        free(file);
    }
    return 0;
}
