/* The tensors of a GGUF file as those of a checkpoint: by the names that Hugging Face's
 * classes give them. */
#include <string.h>

#include "base/str.h"
#include "weights/gguf_priv.h"
#include "weights/weights_priv.h"

/* ---- names ---- */

enum { IN_FILE, HERE }; // whose names
enum { MAX_KNOWN_NAME = 128, MAX_LAYER_DIGITS = 9 };

typedef struct {
    const char *name[2];
} name_pair;

static const name_pair wholes[] = {
    {{"token_embd.weight", "model.embed_tokens.weight"}},
    {{"output_norm.weight", "model.norm.weight"}},
    {{"output.weight", "lm_head.weight"}},
};

static const name_pair layers = {{"blk.", "model.layers."}};

/* Of a layer, before ".weight" and ".bias". */
static const name_pair parts[] = {
    {{"attn_norm", "input_layernorm"}},
    {{"attn_q", "self_attn.q_proj"}},
    {{"attn_k", "self_attn.k_proj"}},
    {{"attn_v", "self_attn.v_proj"}},
    {{"attn_output", "self_attn.o_proj"}},
    {{"ffn_gate", "mlp.gate_proj"}},
    {{"ffn_up", "mlp.up_proj"}},
    {{"ffn_down", "mlp.down_proj"}},
    {{"ffn_norm", "post_attention_layernorm"}},
};

static const char *find_other(const name_pair *pairs, size_t n, int from, const char *name,
                              size_t n_bytes)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(pairs[i].name[from]) == n_bytes &&
            memcmp(pairs[i].name[from], name, n_bytes) == 0)
            return pairs[i].name[!from];
    return NULL;
}

/* "blk.<n>.<part>.weight" or "model.layers.<n>.<part>.weight" */
static bool rename_in_layer(char *out, size_t out_bytes, int from, const char *name)
{
    const char *number = name + strlen(layers.name[from]);
    size_t n_digits = strspn(number, "0123456789");
    const char *part = number + n_digits + 1, *kind = strrchr(name, '.');
    if (n_digits == 0 || n_digits > MAX_LAYER_DIGITS || number[n_digits] != '.' ||
        kind < part)
        return false;
    const char *other =
        find_other(parts, sizeof parts / sizeof *parts, from, part, (size_t)(kind - part));
    if (!other || (strcmp(kind, ".weight") != 0 && strcmp(kind, ".bias") != 0))
        return false;
    ask_format(out, out_bytes, "%s%.*s.%s%s", layers.name[!from], (int)n_digits, number,
               other, kind);
    return true;
}

/* The other name of a known tensor. */
static bool rename_tensor(char *out, size_t out_bytes, int from, const char *name)
{
    if (ask_starts_with(name, layers.name[from]))
        return rename_in_layer(out, out_bytes, from, name);
    const char *other =
        find_other(wholes, sizeof wholes / sizeof *wholes, from, name, strlen(name));
    if (other) ask_format(out, out_bytes, "%s", other);
    return other != NULL;
}

bool gguf_own_name(char *out, size_t out_bytes, const char *name)
{
    return rename_tensor(out, out_bytes, HERE, name);
}

/* A name that is not known stays as it is: whoever binds the tensors refuses it. */
static const char *name_of(ask_arena *arena, const char *name)
{
    char other[MAX_KNOWN_NAME];
    bool is_known = rename_tensor(other, sizeof other, IN_FILE, name);
    return ask_arena_strdup(arena, is_known ? other : name);
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
