/* GGUF files in place of folders: what they compute, how they read and write texts, and
 * what is refused. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/context.h"
#include "model/model_priv.h"
#include "model/quantize.h"
#include "model/verify.h"
#include "support/gguf_file.h"
#include "support/golden.h"
#include "support/testing.h"

#define MODEL "golden/gguf_llama/model.gguf"

static char *dir; // of the test that runs

static int make_dir(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

/* ---- what is computed ---- */

static void check_verified(const char *name, const char *path, const char *kind, int n_rows)
{
    ask_error err = {0};
    ask_verify_report r;
    CHECK_OK(ask_model_verify(&r, path, NULL, &err), &err);
    for (int i = 0; i < r.n_rows; i++)
        if (!r.rows[i].passed)
            fail_msg("%s: %s: %s", name, r.rows[i].name, r.rows[i].reason);
    CHECK_CASE(name, strcmp(r.network, kind) == 0);
    CHECK_CASE(name, r.n_rows == n_rows && r.n_passed == n_rows);
    ask_verify_report_free(&r);
}

/* Every block type of the file, with the strict tolerances of f32 weights. */
static void the_reference_values_are_computed(void **state)
{
    (void)state;
    check_verified("a file", test_fixture(MODEL), "llama", 8);
}

static void copy_fixture(const char *from, const char *name)
{
    char path[256];
    size_t n;
    snprintf(path, sizeof path, "%s/%s", from, name);
    char *bytes = test_read(test_fixture(path), &n);
    test_write(test_path(dir, name), bytes, n);
    free(bytes);
}

/* Folders whose weights are a GGUF file that was made of those of another one: biases, tied
 * tables, shared keys, both scalings of positions. */
static void a_folder_may_hold_a_gguf_file(void **state)
{
    (void)state;
    static const struct {
        const char *fixture, *network;
        int n_rows;
    } cases[] = {
        {"golden/llama_mha", "llama", 8},
        {"golden/llama_linear_rope", "llama", 8},
        {"golden/llama3_rope", "llama", 8},
        {"golden/qwen2", "qwen2", 8},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        gguf_file f = {0};
        gguf_file_convert(&f, test_fixture(cases[i].fixture));
        gguf_file_write(&f, test_path(dir, "any-name.gguf"));
        copy_fixture(cases[i].fixture, "inputs.safetensors");
        copy_fixture(cases[i].fixture, "outputs.safetensors");
        check_verified(cases[i].fixture, dir, cases[i].network, cases[i].n_rows);
    }
}

/* ---- with rounded products ---- */

static ask_model *open_model(const char *path)
{
    ask_error err = {0};
    ask_model *m = ask_model_open(path, NULL, &err);
    CHECK_OK(m, &err);
    return m;
}

static void matrices_stay_as_they_are(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_dtype type;
    } cases[] = {
        {"model.layers.0.self_attn.q_proj.weight", ASK_Q4_0},
        {"model.layers.0.self_attn.k_proj.weight", ASK_Q4_1},
        {"model.layers.0.self_attn.v_proj.weight", ASK_Q5_0},
        {"model.layers.1.self_attn.k_proj.weight", ASK_Q5_1},
        {"model.layers.0.self_attn.o_proj.weight", ASK_Q4_K},
        {"model.layers.1.self_attn.o_proj.weight", ASK_Q5_K},
        {"model.layers.0.mlp.down_proj.weight", ASK_Q6_K},
        {"lm_head.weight", ASK_Q8_0},
        {"model.layers.0.mlp.up_proj.weight", ASK_F32}, // bf16
        {"model.layers.0.input_layernorm.weight", ASK_F32},
    };
    ask_error err = {0};
    ask_model *m = open_model(test_fixture(MODEL));
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        CHECK_CASE(cases[i].name, ask_tensor_type(ask_store_find(
                                      m->store, cases[i].name)) == cases[i].type);
    ask_model_close(m);
    m = ask_model_open(test_fixture(MODEL), &(ask_model_options){.exact = true}, &err);
    CHECK_OK(m, &err);
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        CHECK_CASE(cases[i].name,
                   ask_tensor_type(ask_store_find(m->store, cases[i].name)) == ASK_F32);
    ask_model_close(m);
}

enum { N_TEXTS = 2, N_PROMPT = 14, N_SAID = 8, N_VOCAB = 360 };

/* What the reference fed in and said, by the names of the tensors. */
typedef struct {
    golden inputs, outputs;
    const int64_t *ids, *mask; // [texts, prompt]
    const int64_t *said;       // [texts, prompt + said]
    const float *scores;       // [texts, said, vocabulary]
} reference;

static reference open_reference(void)
{
    reference r = {.inputs = golden_open_part("gguf_llama", "inputs"),
                   .outputs = golden_open_part("gguf_llama", "outputs")};
    r.ids = golden_get(&r.inputs, "input_ids")->data;
    r.mask = golden_get(&r.inputs, "attention_mask")->data;
    r.said = golden_get(&r.outputs, "generated_ids")->data;
    r.scores = golden_get(&r.outputs, "step_scores")->data;
    return r;
}

static int likeliest(const float *logits)
{
    int best = 0;
    for (int i = 1; i < N_VOCAB; i++)
        if (logits[i] > logits[best]) best = i;
    return best;
}

/* The largest difference of a text's logits; the tokens must be the same. */
static double follow(ask_context *c, const reference *r, int text)
{
    ask_error err = {0};
    ask_place places[N_PROMPT];
    float logits[N_VOCAB];
    double most = 0;
    int n = 0;
    for (int i = text * N_PROMPT; i < (text + 1) * N_PROMPT; i++)
        if (r->mask[i]) places[n++] = (ask_place){.id = r->ids[i]};
    CHECK_OK(ask_context_read(c, places, n, logits, NULL, &err), &err);
    for (int k = 0; k < N_SAID; k++) {
        const float *scores = r->scores + (text * N_SAID + k) * N_VOCAB;
        int64_t id = r->said[text * (N_PROMPT + N_SAID) + N_PROMPT + k];
        for (int i = 0; i < N_VOCAB; i++) most = fmax(most, fabs(logits[i] - scores[i]));
        assert_int_equal(likeliest(logits), id);
        CHECK_OK(ask_context_add(c, id, logits, NULL, &err), &err);
    }
    return most;
}

/* Products that round what they multiply with to 8 bits, as llama.cpp's do: by so much its
 * own logits differ too. */
static void the_same_tokens_are_said_with_rounded_products(void **state)
{
    (void)state;
    ask_error err = {0};
    reference r = open_reference();
    ask_model *m = open_model(test_fixture(MODEL));
    ask_session *s = ask_session_open(m, &err);
    CHECK_OK(s, &err);
    ask_context *c = ask_context_open(s, 32, &err);
    CHECK_OK(c, &err);
    for (int text = 0; text < N_TEXTS; text++) {
        double most = follow(c, &r, text);
        if (!(most > 1e-4 && most < 0.6)) fail_msg("text %d: off by %g", text, most);
    }
    ask_context_close(c);
    ask_session_close(s);
    ask_model_close(m);
    golden_close(&r.inputs);
    golden_close(&r.outputs);
}

/* ---- texts ---- */

static void check_ids(const ask_tokenizer *t, ask_json_value v, const char *key)
{
    ask_error err = {0};
    const char *text;
    ask_tokens tokens = {0};
    ask_json_value ids;
    CHECK_OK(ask_json_get_string(&text, v, "text", &err), &err);
    CHECK_OK(ask_json_get_array(&ids, v, key, &err), &err);
    CHECK_OK(ask_tokenizer_encode(t, text, NULL, true, &tokens, &err), &err);
    bool same = (size_t)tokens.n == ask_json_count(ids) + 1 && tokens.tokens[0].id == 1;
    for (size_t i = 0; same && i < ask_json_count(ids); i++) {
        int64_t id = -1;
        CHECK_OK(ask_json_get_int(&id, ask_json_item(ids, i), NULL, 0, 1 << 20, &err),
                 &err);
        same = tokens.tokens[i + 1].id == id;
    }
    CHECK_CASE(text, same);
    ask_tokens_free(&tokens);
}

static void texts_become_the_tokens_of_the_reference(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_model *m = open_model(test_fixture(MODEL));
    const ask_tokenizer *t = model_tokenizer(m, &err);
    CHECK_OK(t, &err);
    ask_json *doc =
        ask_json_read(test_fixture("golden/gguf_llama/tokenizer_cases.json"), NULL, &err);
    CHECK_OK(doc, &err);
    size_t n = ask_json_count(ask_json_root(doc));
    assert_int_equal(n, 40);
    for (size_t i = 0; i < n; i++) {
        check_ids(t, ask_json_item(ask_json_root(doc), i), "ids_sentencepiece");
        check_ids(t, ask_json_item(ask_json_root(doc), i), "ids_llama_cpp");
    }
    assert_int_equal(ask_tokenizer_special(t, "bos"), 1);
    assert_int_equal(ask_tokenizer_special(t, "eos"), 2);
    assert_int_equal(ask_tokenizer_special(t, "unk"), 0);
    assert_int_equal(ask_tokenizer_special(t, "pad"), -1);
    ask_json_free(doc);
    ask_model_close(m);
}

static void what_ends_a_text_is_in_the_file(void **state)
{
    (void)state;
    gguf_file f = {0};
    gguf_file_copy(&f, test_fixture(MODEL));
    gguf_file_put_int(&f, "tokenizer.ggml.eot_token_id", 7);
    gguf_file_write(&f, test_path(dir, "m.gguf"));
    ask_model *m = open_model(test_path(dir, "m.gguf"));
    assert_int_equal(m->generation.n_end_ids, 2);
    assert_true(ask_generation_ends(&m->generation, 2) &&
                ask_generation_ends(&m->generation, 7));
    assert_int_equal(m->generation.begin_id, 1);
    assert_int_equal(m->generation.pad_id, 2);
    ask_model_close(m);
}

static void the_chat_template_is_in_the_file(void **state)
{
    (void)state;
    ask_error err = {0};
    gguf_file f = {0};
    gguf_file_copy(&f, test_fixture(MODEL));
    gguf_file_put_text(
        &f, "tokenizer.chat_template",
        "{{ bos_token }}{% for m in messages %}[{{ m.content }}]{{ eos_token "
        "}}{% endfor %}");
    gguf_file_write(&f, test_path(dir, "m.gguf"));
    ask_model *m = open_model(test_path(dir, "m.gguf"));
    ask_chat *c = ask_model_chat_open(m, NULL, &err);
    CHECK_OK(c, &err);
    const ask_chat_part part = {.text = "hi"};
    const ask_chat_message said = {"user", &part, 1};
    ask_chat_prompt prompt = {0};
    CHECK_OK(ask_chat_render(&prompt, c, &said, 1, NULL, &err), &err);
    assert_string_equal(prompt.text, "<s>[hi]</s>");
    assert_true(prompt.has_bos);
    ask_chat_prompt_free(&prompt);
    ask_chat_close(c);
    ask_model_close(m);

    m = open_model(test_fixture(MODEL)); // has none
    assert_null(ask_model_chat_open(m, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "model.gguf: publishes no chat template"));
    c = ask_model_chat_open(m, "llama2", &err);
    CHECK_OK(c, &err);
    ask_chat_close(c);
    ask_model_close(m);
}

/* ---- what is told ---- */

static void it_is_described_as_others_are(void **state)
{
    (void)state;
    ask_model *m = open_model(test_fixture(MODEL));
    ask_model_info info = ask_model_info_of(m);
    assert_string_equal(info.network, "llama");
    assert_string_equal(info.dtype, "q8_0");
    assert_true(info.has_tokenizer);
    assert_int_equal(info.n_context, 64);
    assert_int_equal(info.n_vocab, 360);
    assert_int_equal(info.n_files, 1);
    char id[65];
    memcpy(id, info.id, sizeof id);
    ask_model_close(m);

    gguf_file f = {0}; // another tokenizer makes another model
    gguf_file_copy(&f, test_fixture(MODEL));
    gguf_file_put_bool(&f, "tokenizer.ggml.add_bos_token", false);
    gguf_file_write(&f, test_path(dir, "m.gguf"));
    m = open_model(test_path(dir, "m.gguf"));
    assert_true(strcmp(ask_model_info_of(m).id, id) != 0);
    ask_model_close(m);
}

/* ---- what is refused ---- */

static void drop_context(gguf_file *f)
{
    gguf_file_drop(f, "llama.context_length");
}

static void put_experts(gguf_file *f)
{
    gguf_file_put_int(f, "llama.expert_count", 8);
}

static void put_yarn(gguf_file *f)
{
    gguf_file_put_text(f, "llama.rope.scaling.type", "yarn");
}

static void put_part_turned(gguf_file *f)
{
    gguf_file_put_int(f, "llama.rope.dimension_count", 16);
}

static void put_other_values(gguf_file *f)
{
    gguf_file_put_int(f, "llama.attention.value_length", 16);
}

static void put_window(gguf_file *f)
{
    gguf_file_put_int(f, "llama.attention.sliding_window", 16);
}

static void put_layers(gguf_file *f)
{
    gguf_file_put_int(f, "llama.block_count", 3);
}

static void put_one_layer(gguf_file *f)
{
    gguf_file_put_int(f, "llama.block_count", 1);
}

static void put_inner(gguf_file *f)
{
    gguf_file_put_int(f, "llama.feed_forward_length", 255);
}

static void put_no_layers(gguf_file *f)
{
    gguf_file_put_int(f, "llama.block_count", 0);
}

static void put_heads(gguf_file *f)
{
    gguf_file_put_int(f, "llama.attention.head_count", 7);
}

static void drop_eps(gguf_file *f)
{
    gguf_file_drop(f, "llama.attention.layer_norm_rms_epsilon");
}

static void put_no_eps(gguf_file *f)
{
    gguf_file_put_float(f, "llama.attention.layer_norm_rms_epsilon", 0);
}

static void put_many_layers(gguf_file *f)
{
    gguf_file_put_int(f, "llama.block_count", 1001);
}

static void put_long_context(gguf_file *f)
{
    gguf_file_put_int(f, "llama.context_length", 1048577);
}

static void put_wide(gguf_file *f)
{
    gguf_file_put_int(f, "llama.embedding_length", 1048577);
}

static void put_small_base(gguf_file *f)
{
    gguf_file_put_float(f, "llama.rope.freq_base", 0.5f);
}

static void put_odd_head(gguf_file *f)
{
    gguf_file_put_int(f, "llama.attention.key_length", 31);
}

static void put_no_factor(gguf_file *f)
{
    gguf_file_put_text(f, "llama.rope.scaling.type", "linear");
    gguf_file_put_float(f, "llama.rope.scaling.factor", -2);
}

static void put_unshared_width(gguf_file *f)
{
    gguf_file_drop(f, "llama.attention.key_length");
    gguf_file_put_int(f, "llama.attention.head_count", 10);
}

static void put_text_for_number(gguf_file *f)
{
    gguf_file_put_text(f, "llama.block_count", "2");
}

static void put_architecture(gguf_file *f)
{
    gguf_file_put_text(f, "general.architecture", "gemma2");
}

static void drop_architecture(gguf_file *f)
{
    gguf_file_drop(f, "general.architecture");
}

static void put_split(gguf_file *f)
{
    gguf_file_put_int(f, "split.count", 3);
}

static void add_tensor(gguf_file *f)
{
    gguf_file_add(f, "blk.0.attn_sinks.weight", 1, (int64_t[]){1}, ASK_F32, "\0\0\0\0");
}

static void add_factors(gguf_file *f)
{
    float factors[16] = {1};
    gguf_file_add(f, "rope_freqs.weight", 1, (int64_t[]){16}, ASK_F32, factors);
}

static void add_few_factors(gguf_file *f)
{
    float factors[15] = {1};
    gguf_file_add(f, "rope_freqs.weight", 1, (int64_t[]){15}, ASK_F32, factors);
}

static void models_that_cannot_be_read_are_refused(void **state)
{
    (void)state;
    static const struct {
        void (*change)(gguf_file *f);
        const char *message; // behind the path
    } cases[] = {
        {drop_architecture, "key \"general.architecture\" is missing"},
        {put_architecture,
         "key \"general.architecture\": \"gemma2\" is not read; there are: "
         "llama (Mistral too), qwen2"},
        {put_split, "key \"split.count\": one of 3 files of a model; join them "
                    "(llama-gguf-split --merge)"},
        {drop_context, "key \"llama.context_length\" is missing"},
        {put_experts,
         "key \"llama.expert_count\": 8 experts; only networks without are read"},
        {put_yarn, "key \"llama.rope.scaling.type\": positions are not scaled as \"yarn\"; "
                   "there are: none, linear"},
        {put_part_turned, "key \"llama.rope.dimension_count\": 16 of the 32 numbers of a "
                          "head; only heads that are turned as a whole are read"},
        {put_other_values,
         "key \"llama.attention.value_length\": 16 numbers, where keys have 32"},
        {put_window,
         "key \"llama.attention.sliding_window\": a window of 16 tokens of 64 is "
         "not read"},
        {put_no_layers,
         "key \"llama.block_count\": expected an integer from 1 to 1000, got 0"},
        {drop_eps, "key \"llama.attention.layer_norm_rms_epsilon\" is missing"},
        {put_no_eps, "key \"llama.attention.layer_norm_rms_epsilon\": expected a number "
                     "above 0, at most 1000000, got 0"},
        {put_many_layers,
         "key \"llama.block_count\": expected an integer from 1 to 1000, got 1001"},
        {put_long_context, "key \"llama.context_length\": expected an integer from 1 to "
                           "1048576, got 1048577"},
        {put_wide, "key \"llama.embedding_length\": expected an integer from 1 to 1048576, "
                   "got 1048577"},
        {put_small_base,
         "key \"llama.rope.freq_base\": expected a number from 1 to 1e+12, got 0.5"},
        {put_odd_head, "key \"llama.attention.key_length\": a head of 31 numbers; expected "
                       "an even number, to 2048"},
        {put_no_factor, "key \"llama.rope.scaling.factor\": expected a number above 0, at "
                        "most 1000000, got -2"},
        {put_unshared_width,
         "key \"llama.attention.head_count\": 10 heads cannot share 32 numbers"},
        {put_text_for_number, "key \"llama.block_count\": expected an integer, got a value "
                              "of type string"},
        {put_heads,
         "key \"llama.attention.head_count_kv\": 7 heads cannot share 2 of keys"},
        {put_layers,
         "missing tensors: "
         "model.layers.2.self_attn.q_proj.weight (blk.2.attn_q.weight) [256, 32], "
         "model.layers.2.self_attn.k_proj.weight (blk.2.attn_k.weight) [64, 32], "
         "model.layers.2.self_attn.v_proj.weight (blk.2.attn_v.weight) [64, 32] "
         "and 6 more"},
        {put_one_layer, "tensors that the network does not have: "
                        "model.layers.1.input_layernorm.weight (blk.1.attn_norm.weight), "},
        {put_inner, "misshapen tensors: model.layers.0.mlp.gate_proj.weight "
                    "(blk.0.ffn_gate.weight) is "},
        {add_tensor, "blk.0.attn_sinks.weight"},
        {add_factors, "tensor \"rope_freqs.weight\": 0 is no factor of angles"},
        {add_few_factors, "rope_freqs.weight is f32 [15], not [16]"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        gguf_file f = {0};
        gguf_file_copy(&f, test_fixture(MODEL));
        cases[i].change(&f);
        gguf_file_write(&f, test_path(dir, "m.gguf"));
        CHECK_CASE(cases[i].message, !ask_model_open(test_path(dir, "m.gguf"), NULL, &err));
        CHECK_CASE(cases[i].message, err.code == ASK_ERR_MODEL);
        const char *behind = strstr(err.message, "m.gguf: ");
        if (!behind || !strstr(behind, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].message, err.message);
    }
}

/* ---- tokenizers that are refused ---- */

static void put_unigram(gguf_file *f)
{
    gguf_file_put_text(f, "tokenizer.ggml.model", "t5");
}

static void drop_tokens(gguf_file *f)
{
    gguf_file_drop(f, "tokenizer.ggml.tokens");
}

static void put_few_scores(gguf_file *f)
{
    gguf_file_put_floats(f, "tokenizer.ggml.scores", (const float[]){1, 2}, 2);
}

static void put_one_type(gguf_file *f)
{
    gguf_file_put_int(f, "tokenizer.ggml.token_type", 1);
}

static void put_far_id(gguf_file *f)
{
    gguf_file_put_int(f, "tokenizer.ggml.bos_token_id", 360);
}

static void put_cut(gguf_file *f)
{
    gguf_file_put_text(f, "tokenizer.ggml.model", "gpt2");
    gguf_file_put_text(f, "tokenizer.ggml.pre", "tekken");
    gguf_file_put_texts(f, "tokenizer.ggml.merges", NULL, 0);
}

static void put_cut_with_nul(gguf_file *f)
{
    gguf_file_put_text(f, "tokenizer.ggml.model", "gpt2");
    gguf_file_put_chars(f, "tokenizer.ggml.pre", "qwen2\0x", 7);
}

static void put_template_with_nul(gguf_file *f)
{
    gguf_file_put_chars(f, "tokenizer.chat_template", "a\0b", 3);
}

static void put_no_merges(gguf_file *f)
{
    gguf_file_put_text(f, "tokenizer.ggml.model", "gpt2");
}

static void put_word_for_flag(gguf_file *f)
{
    gguf_file_put_text(f, "tokenizer.ggml.add_bos_token", "yes");
}

static void drop_tokenizer(gguf_file *f)
{
    gguf_file_drop(f, "tokenizer.ggml.model");
}

static void tokenizers_that_cannot_be_read_are_refused(void **state)
{
    (void)state;
    static const struct {
        void (*change)(gguf_file *f);
        const char *message; // behind the path
    } cases[] = {
        {put_unigram,
         "key \"tokenizer.ggml.model\": the tokenizer \"t5\" is not read; there "
         "are: llama (sentencepiece's BPE), gpt2 (BPE of bytes)"},
        {drop_tokens, "key \"tokenizer.ggml.bos_token_id\": there is no token 1"},
        {put_few_scores, "key \"tokenizer.ggml.scores\": 2 items for 360 tokens"},
        {put_one_type,
         "key \"tokenizer.ggml.token_type\": expected an array, got a value of "
         "type i64"},
        {put_far_id, "key \"tokenizer.ggml.bos_token_id\": there is no token 360"},
        {put_cut, "texts are not cut as \"tekken\"; there are: gpt-2, llama-bpe, qwen2, "
                  "smollm, default"},
        {put_cut_with_nul, "key \"tokenizer.ggml.pre\": the text has a NUL in it"},
        {put_template_with_nul,
         "key \"tokenizer.chat_template\": the text has a NUL in it"},
        {put_no_merges, "key \"tokenizer.ggml.merges\" is missing"},
        {put_word_for_flag, "key \"tokenizer.ggml.add_bos_token\": expected a truth value, "
                            "got a value of type string"},
        {drop_tokenizer, "there is no tokenizer"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        gguf_file f = {0};
        gguf_file_copy(&f, test_fixture(MODEL));
        cases[i].change(&f);
        gguf_file_write(&f, test_path(dir, "m.gguf"));
        ask_model *m = open_model(test_path(dir, "m.gguf"));
        CHECK_CASE(cases[i].message, !model_tokenizer(m, &err));
        CHECK_CASE(cases[i].message, err.code == ASK_ERR_MODEL);
        const char *behind = strstr(err.message, "m.gguf: ");
        if (!behind || strncmp(behind + 8, cases[i].message, strlen(cases[i].message)) != 0)
            fail_msg("case \"%s\": %s", cases[i].message, err.message);
        ask_model_close(m);
    }
}

static void another_file_is_no_model(void **state)
{
    (void)state;
    ask_error err = {0};
    test_write_text(test_path(dir, "notes.gguf"), "GG");
    assert_null(ask_model_open(test_path(dir, "notes.gguf"), NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message,
                           "notes.gguf: a file; expected a folder with "
                           "config.json and model.safetensors, or a GGUF file"));
}

static void it_is_not_quantised_anew(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_weights_quantized sizes;
    gguf_file f = {0};
    gguf_file_convert(&f, test_fixture("golden/llama_mha"));
    gguf_file_write(&f, test_path(dir, "m.gguf"));
    assert_false(ask_model_quantize(&sizes, test_path(dir, "small"),
                                    test_path(dir, "m.gguf"), NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "m.gguf: a GGUF file; give a folder with "
                                        "config.json and model.safetensors"));
}

/* ---- memory ---- */

static bool open_and_read(void *user, ask_error *err)
{
    ask_model *m = ask_model_open(user, &(ask_model_options){.n_threads = 1}, err);
    bool ok = m && model_tokenizer(m, err);
    ask_model_close(m);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", test_fixture(MODEL));
    test_some_allocs_fail("a GGUF model", open_and_read, path);
}

int main(void)
{
#define TEST_IN_DIR(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_values_are_computed),
        TEST_IN_DIR(a_folder_may_hold_a_gguf_file),
        cmocka_unit_test(matrices_stay_as_they_are),
        cmocka_unit_test(the_same_tokens_are_said_with_rounded_products),
        cmocka_unit_test(texts_become_the_tokens_of_the_reference),
        TEST_IN_DIR(what_ends_a_text_is_in_the_file),
        TEST_IN_DIR(the_chat_template_is_in_the_file),
        TEST_IN_DIR(it_is_described_as_others_are),
        TEST_IN_DIR(models_that_cannot_be_read_are_refused),
        TEST_IN_DIR(tokenizers_that_cannot_be_read_are_refused),
        TEST_IN_DIR(another_file_is_no_model),
        TEST_IN_DIR(it_is_not_quantised_anew),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
