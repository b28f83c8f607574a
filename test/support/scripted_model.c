#include "support/scripted_model.h"

#include <math.h>
#include <string.h>

#include "model/init.h"
#include "support/checkpoint.h"
#include "support/testing.h"
#include "text/tokenizer.h"

enum { WIDTH = 64, MOST_IDS = 64 };

/* How much likelier the next token is than others: e to the power of about 20. */
static const float steep = 20;

static const char config[] =
    "{\"model_type\": \"llama\", \"architectures\": [\"LlamaForCausalLM\"],"
    " \"hidden_size\": 64, \"intermediate_size\": 16, \"num_hidden_layers\": 1,"
    " \"num_attention_heads\": 4, \"num_key_value_heads\": 2, \"vocab_size\": 700,"
    " \"max_position_embeddings\": 64, \"bos_token_id\": 1, \"eos_token_id\": 2}";

static const char *tokenizer_folder(void)
{
    return test_fixture("golden/tokenizer_llama");
}

int scripted_model_ids(int64_t *out, int most, const char *text)
{
    ask_error err = {0};
    ask_tokens tokens = {0};
    ask_tokenizer *t = ask_tokenizer_open(tokenizer_folder(), &err);
    CHECK_OK(t, &err);
    CHECK_OK(ask_tokenizer_encode(t, text, NULL, false, &tokens, &err), &err);
    int n = tokens.n;
    assert_in_range(n, 0, most);
    for (int i = 0; i < n; i++) out[i] = tokens.tokens[i].id;
    ask_tokens_free(&tokens);
    ask_tokenizer_close(t);
    return n;
}

static void clear(tensor_list *list, const char *name)
{
    const ask_weights_entry *e = tensors_get(list, name);
    memset(tensors_floats(list, name), 0, e->bytes);
}

/* The layer adds nothing, so a token's row of the table, its norm 1, is what the head sees;
 * the head's row of the next token looks for it. */
static void write_script(tensor_list *list, const int64_t *ids, int n)
{
    clear(list, "model.layers.0.self_attn.o_proj.weight");
    clear(list, "model.layers.0.mlp.down_proj.weight");
    clear(list, "lm_head.weight");
    const float *table = tensors_floats(list, "model.embed_tokens.weight");
    float *head = tensors_floats(list, "lm_head.weight");
    for (int i = 0; i + 1 < n; i++) {
        const float *row = table + ids[i] * WIDTH;
        float norm = 0;
        for (int k = 0; k < WIDTH; k++) norm += row[k] * row[k];
        for (int k = 0; k < WIDTH; k++)
            head[ids[i + 1] * WIDTH + k] += steep * row[k] / sqrtf(norm * WIDTH);
    }
}

void scripted_model_write(const char *dir, const char *text)
{
    ask_error err = {0};
    int64_t ids[MOST_IDS] = {SCRIPT_BEGIN};
    int n = 1 + scripted_model_ids(ids + 1, MOST_IDS - 2, text);
    ids[n++] = SCRIPT_END;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < i; k++)
            if (ids[i] == ids[k])
                fail_msg("\"%s\" has the token %d twice", text, (int)ids[i]);
    const char *config_path = test_path(dir, "../script.json");
    test_write_text(config_path, config);
    const ask_model_init_options opt = {.seed = 1, .tokenizer = tokenizer_folder()};
    CHECK_OK(ask_model_init(dir, config_path, &opt, &err), &err);
    const char *weights = test_path(dir, "model.safetensors");
    tensor_list list = tensors_read(weights);
    write_script(&list, ids, n);
    tensors_write(&list, weights);
    tensors_free(&list);
}
