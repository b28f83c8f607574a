/* The tensors of a GGUF file as those of a checkpoint: by the names that Hugging Face's
 * classes give them. */
#include <string.h>

#include "base/str.h"
#include "weights/gguf_priv.h"
#include "weights/weights_priv.h"

/* ---- names ---- */

typedef struct {
    const char *here, *there;
} name_pair;

static const name_pair wholes[] = {
    {"token_embd.weight", "model.embed_tokens.weight"},
    {"output_norm.weight", "model.norm.weight"},
    {"output.weight", "lm_head.weight"},
};

/* Of a layer, before ".weight" and ".bias". */
static const name_pair parts[] = {
    {"attn_norm", "input_layernorm"},
    {"attn_q", "self_attn.q_proj"},
    {"attn_k", "self_attn.k_proj"},
    {"attn_v", "self_attn.v_proj"},
    {"attn_output", "self_attn.o_proj"},
    {"ffn_gate", "mlp.gate_proj"},
    {"ffn_up", "mlp.up_proj"},
    {"ffn_down", "mlp.down_proj"},
    {"ffn_norm", "post_attention_layernorm"},
};

static const char *find_there(const name_pair *pairs, size_t n, const char *here,
                              size_t n_bytes)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(pairs[i].here) == n_bytes && memcmp(pairs[i].here, here, n_bytes) == 0)
            return pairs[i].there;
    return NULL;
}

/* "blk.<n>.<part>.weight" */
static char *name_in_layer(ask_arena *arena, const char *name)
{
    const char *number = name + strlen("blk.");
    size_t n_digits = strspn(number, "0123456789");
    const char *part = number + n_digits + 1, *kind = strrchr(name, '.');
    if (n_digits == 0 || number[n_digits] != '.' || kind < part) return NULL;
    const char *there =
        find_there(parts, sizeof parts / sizeof *parts, part, (size_t)(kind - part));
    if (!there || (strcmp(kind, ".weight") != 0 && strcmp(kind, ".bias") != 0)) return NULL;
    return ask_arena_sprintf(arena, "model.layers.%.*s.%s%s", (int)n_digits, number, there,
                             kind);
}

/* A name that is not known stays as it is: whoever binds the tensors refuses it. */
static const char *name_of(ask_arena *arena, const char *name)
{
    const char *there =
        find_there(wholes, sizeof wholes / sizeof *wholes, name, strlen(name));
    if (!there && ask_starts_with(name, "blk.")) there = name_in_layer(arena, name);
    return ask_arena_strdup(arena, there ? there : name);
}

/* ---- and back ---- */

static const char *find_here(const name_pair *pairs, size_t n, const char *there,
                             size_t n_bytes)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(pairs[i].there) == n_bytes &&
            memcmp(pairs[i].there, there, n_bytes) == 0)
            return pairs[i].here;
    return NULL;
}

/* Of "model.layers.<n>.<part>.weight". */
static bool own_name_in_layer(char *out, size_t out_bytes, const char *name)
{
    const char *number = name + strlen("model.layers.");
    size_t n_digits = strspn(number, "0123456789");
    const char *part = number + n_digits + 1, *kind = strrchr(name, '.');
    if (n_digits == 0 || number[n_digits] != '.' || kind < part) return false;
    const char *here =
        find_here(parts, sizeof parts / sizeof *parts, part, (size_t)(kind - part));
    if (!here || (strcmp(kind, ".weight") != 0 && strcmp(kind, ".bias") != 0)) return false;
    ask_format(out, out_bytes, "blk.%.*s.%s%s", (int)n_digits, number, here, kind);
    return true;
}

bool gguf_own_name(char *out, size_t out_bytes, const char *name)
{
    if (ask_starts_with(name, "model.layers."))
        return own_name_in_layer(out, out_bytes, name);
    const char *here =
        find_here(wholes, sizeof wholes / sizeof *wholes, name, strlen(name));
    if (here) ask_format(out, out_bytes, "%s", here);
    return here != NULL;
}

/* ---- what is read ---- */

static bool check_architecture(const ask_gguf *g, ask_error *err)
{
    ask_gguf_text name;
    const ask_gguf_value *v = ask_gguf_need(g, "general.architecture", err);
    if (!v || !ask_gguf_to_text(&name, v, err)) return false;
    if (ask_gguf_text_is(name, "llama") || ask_gguf_text_is(name, "qwen2")) return true;
    return ask_fail(err, ASK_ERR_MODEL,
                    "%s: key \"general.architecture\": \"%.*s\" is not read; there are: "
                    "llama (Mistral too), qwen2",
                    g->path, name.n_bytes < 60 ? (int)name.n_bytes : 60, name.data);
}

/* Large models are cut into files that each have a part of the tensors. */
static bool check_whole(const ask_gguf *g, ask_error *err)
{
    int64_t n = 1;
    const ask_gguf_value *v = ask_gguf_find(g, "split.count");
    if (v && !ask_gguf_to_int(&n, v, 0, UINT16_MAX, err)) return false;
    return n <= 1 || ask_fail(err, ASK_ERR_MODEL,
                              "%s: key \"split.count\": one of %d files of a model; join "
                              "them (llama-gguf-split --merge)",
                              g->path, (int)n);
}

static bool add_tensor(ask_weights *w, int file, const ask_gguf_tensor *t, ask_error *err)
{
    ask_weights_entry e = {.name = name_of(w->arena, t->name),
                           .type = t->type,
                           .n_dims = t->n_dims,
                           .data = t->data,
                           .n_elements = t->n_elements,
                           .bytes = t->bytes,
                           .file = file};
    if (!e.name) return ask_fail_memory(err);
    for (int i = 0; i < t->n_dims; i++) e.shape[i] = t->shape[i];
    return weights_add(w, &e, err);
}

bool weights_read_gguf(ask_weights *w, int file, ask_error *err)
{
    weights_file *f = &w->files[file];
    if (w->under && *w->under)
        return ask_fail(err, ASK_ERR_MODEL, "%s: a GGUF file has no \"%s\"", f->path,
                        w->under);
    ask_gguf *g = f->gguf = ask_gguf_parse(f->bytes, f->n_bytes, f->path, err);
    if (!g || !check_architecture(g, err) || !check_whole(g, err)) return false;
    for (size_t i = 0; i < ask_gguf_n_tensors(g); i++)
        if (!add_tensor(w, file, ask_gguf_tensor_at(g, i), err)) return false;
    return true;
}
