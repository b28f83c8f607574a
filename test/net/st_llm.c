/* ST-LLM: what config.json says, which frames have rows of their own, and of which frames
 * joined rows are. */
#include "net/joint/st_llm.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/checkpoint.h"
#include "support/golden.h"

/* ---- the configuration ---- */

static bool read_config(ask_st_llm_config *out, const char *text, ask_error *err)
{
    ask_json *doc;
    CHECK_OK(doc = ask_json_parse(text, strlen(text), "config.json", NULL, err), err);
    bool ok = ask_st_llm_config_read(out, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}

static ask_st_llm_config config_of(const char *text)
{
    ask_error err = {0};
    ask_st_llm_config c;
    CHECK_OK(read_config(&c, text, &err), &err);
    return c;
}

/* As the published folders have it: the rest are constants of the code, or the tensors tell
 * it. */
static void a_published_configuration_is_llama_s(void **state)
{
    (void)state;
    ask_st_llm_config c = config_of(
        "{\"model_type\": \"st_llm_hf\", \"architectures\": [\"STLLMForCausalLM\"],"
        " \"hidden_size\": 4096, \"vocab_size\": 32001, \"max_position_embeddings\": "
        "2048}");
    assert_int_equal(c.text.kind, ASK_LANGUAGE_LLAMA);
    assert_int_equal(c.text.llama.n_kv_heads, 32);
    assert_int_equal(c.vision.width, 1408);
    assert_int_equal(c.vision.inner, 6144);
    assert_int_equal(c.vision.n_layers, 39);
    assert_int_equal(c.vision.n_heads, 16);
    assert_int_equal(c.vision.image_px, 224);
    assert_int_equal(c.vision.patch_px, 14);
    assert_true(c.vision.eps == 1e-6 && c.vision.last_eps == 1e-5 && c.vision.qkv_bias);
    assert_int_equal(c.qformer.width, 768);
    assert_int_equal(c.qformer.n_layers, 12);
    assert_int_equal(c.qformer.seen_width, 1408);
    assert_int_equal(c.qformer.cross_every, 2);
    assert_int_equal(c.n_queries, 32);
    assert_int_equal(c.n_instruction, 256);
    assert_int_equal(c.adapter_depth, 3);
    assert_int_equal(c.joining, ASK_ST_LLM_UNTOLD);
    assert_true(c.n_local == -1 && c.n_down == -1 && c.n_vocab == -1);
    assert_true(c.has_text == -1 && c.has_adapter == -1);
}

static void every_choice_is_read(void **state)
{
    (void)state;
    ask_st_llm_config c = config_of(
        "{\"vit_model\": \"eva_btadapter_g\", \"image_size\": 56, \"num_query_token\": 7,"
        " \"max_txt_len\": 40, \"video_input\": \"residual\", \"residual_size\": 16,"
        " \"residual_hidden_size\": 9, \"qformer_text_input\": true, \"use_mask\": true,"
        " \"lora_r\": 0, \"has_qformer\": true, \"pre_encoding\": false,"
        " \"vision_config\": {\"hidden_size\": 32, \"num_hidden_layers\": 5,"
        "   \"num_attention_heads\": 2, \"btadapter_depth\": 5},"
        " \"qformer_config\": {\"vocab_size\": 50, \"encoder_hidden_size\": 3}}");
    assert_int_equal(c.has_adapter, 1);
    assert_int_equal(c.adapter_depth, 5);
    assert_int_equal(c.vision.image_px, 56);
    assert_int_equal(c.n_queries, 7);
    assert_int_equal(c.n_instruction, 40);
    assert_int_equal(c.joining, ASK_ST_LLM_RESIDUAL);
    assert_int_equal(c.n_local, 16);
    assert_int_equal(c.n_down, 9);
    assert_int_equal(c.has_text, 1);
    assert_int_equal(c.n_vocab, 50);
    assert_int_equal(c.qformer.seen_width, 32); // the tower's, whatever is said
    assert_int_equal(ask_st_llm_most_frames(&c), 64);
    assert_int_equal(ask_st_llm_n_kept(&c), 5 * 17);
    assert_int_equal(ask_st_llm_n_rows(&c, 20), 16 * 7);

    c = config_of("{\"vit_model\": \"eva_clip_g\", \"video_input\": \"mean\","
                  " \"image_size\": 56, \"vision_config\": {\"image_size\": 28},"
                  " \"qformer_config\": {\"use_qformer_text_input\": false,"
                  "   \"max_position_embeddings\": 16}}");
    assert_int_equal(c.has_adapter, 0);
    assert_int_equal(c.joining, ASK_ST_LLM_MEAN);
    assert_int_equal(c.vision.image_px, 28); // the nearer key counts
    assert_int_equal(c.has_text, 0);
    assert_int_equal(c.n_instruction, 16); // as many as there are positions
    assert_int_equal(ask_st_llm_most_frames(&c), 0);
    assert_int_equal(ask_st_llm_n_kept(&c), 5);
    assert_int_equal(ask_st_llm_n_rows(&c, 20), 32);
    c.joining = ASK_ST_LLM_ALL;
    assert_int_equal(ask_st_llm_n_rows(&c, 20), 20 * 32);
    assert_int_equal(ask_st_llm_n_rows(&c, INT_MAX / 2), INT_MAX);
    c = config_of("{\"video_input\": null, \"vit_model\": null}");
    assert_int_equal(c.joining, ASK_ST_LLM_UNTOLD);
    assert_int_equal(c.has_adapter, -1);
}

static void bad_configurations_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *message;
    } cases[] = {
        {"no Q-Former", "{\"has_qformer\": false}",
         "key \"has_qformer\": false is not supported: rows are what a Q-Former makes"},
        {"rows made before", "{\"pre_encoding\": true}",
         "key \"pre_encoding\": true is not supported: frames are seen by the model "
         "itself"},
        {"LoRA", "{\"lora_r\": 32}",
         "key \"lora_r\": LoRA of rank 32 is not supported: merge it into the weights"},
        {"another tower", "{\"vit_model\": \"clip_L\"}",
         "key \"vit_model\": expected one of \"eva_clip_g\", \"eva_btadapter_g\", got "
         "\"clip_L\""},
        {"another joining", "{\"video_input\": \"max\"}",
         "key \"video_input\": expected one of \"all\", \"mean\", \"residual\", got "
         "\"max\""},
        {"a joining that is no text", "{\"video_input\": 3}",
         "key \"video_input\": expected a string"},
        {"no frames of its own", "{\"residual_size\": 0}",
         "key \"residual_size\": expected an integer from 1 to 1024, got 0"},
        {"too many of them", "{\"residual_size\": 1025}",
         "key \"residual_size\": expected an integer from 1 to 1024, got 1025"},
        {"an adapter beside more layers than there are",
         "{\"vit_model\": \"eva_btadapter_g\","
         " \"vision_config\": {\"num_hidden_layers\": 2}}",
         "key \"btadapter_depth\", which is absent: 3 of 2 layers"},
        {"more states than can be counted",
         "{\"vision_config\": {\"image_size\": 16384, \"patch_size\": 1,"
         " \"btadapter_depth\": 8}}",
         "key \"vision_config.btadapter_depth\": 8 times 268435456 patches cannot be "
         "counted"},
        {"frames smaller than a patch", "{\"image_size\": 13}",
         "key \"image_size\": frames of 13 pixels have no patches of 14"},
        {"no queries", "{\"num_query_token\": 0}",
         "key \"num_query_token\": expected an integer from 1"},
        {"a text's sizes", "{\"hidden_size\": 0}",
         "key \"hidden_size\": expected an integer from 1"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_st_llm_config c, before;
        memset(&c, 7, sizeof c);
        before = c;
        CHECK_CASE(cases[i].name, !read_config(&c, cases[i].text, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        CHECK_CASE(cases[i].name, memcmp(&c, &before, sizeof c) == 0);
        if (!strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

/* ---- which frames ---- */

/* What NumPy gives; 1.5 becomes 2, and 4.5 becomes 4. */
static void half_numbers_are_rounded_to_even_ones(void **state)
{
    (void)state;
    static const struct {
        int64_t n_frames, index[16];
        int n_local;
    } cases[] = {
        {8, {1, 3, 5, 7}, 4},
        {6, {0, 2, 3, 4}, 4},
        {3, {0, 1, 2, 2}, 4},
        {7, {0, 2, 4, 5}, 4},
        {10, {1, 4, 8}, 3},
        {1, {0, 0}, 2},
        {9, {0, 2, 3, 4, 6, 8}, 6},
        {5, {2}, 1},
        {64, {2, 6, 10, 14, 18, 22, 26, 30, 34, 38, 42, 46, 50, 54, 58, 62}, 16},
    };
    for (size_t k = 0; k < TEST_COUNT(cases); k++)
        for (int i = 0; i < cases[k].n_local; i++)
            assert_int_equal(ask_st_llm_local_frame(cases[k].n_frames, cases[k].n_local, i),
                             cases[k].index[i]);
}

/* With fewer frames than told some would be behind the last, with no more none is. */
static void the_fewest_frames_are_those_that_can_be_taken(void **state)
{
    (void)state;
    ask_st_llm_config c = {.joining = ASK_ST_LLM_RESIDUAL};
    for (c.n_local = 1; c.n_local <= 70; c.n_local++) {
        int least = ask_st_llm_least_frames(&c);
        for (int n = 1; n <= 2 * c.n_local + 1; n++) {
            bool fits = true;
            for (int i = 0; i < c.n_local; i++)
                fits &= ask_st_llm_local_frame(n, c.n_local, i) < n;
            if (fits != (n >= least))
                fail_msg("%d frames, %d of their own, at least %d", n, c.n_local, least);
        }
    }
    c.joining = ASK_ST_LLM_MEAN;
    assert_int_equal(ask_st_llm_least_frames(&c), 1);
}

/* ---- joined rows ---- */

typedef struct {
    ask_weights *weights;
    ask_arena *room;
    ask_store *store;
    ask_st_llm net;
} bound;

static bound bind_case(const char *name)
{
    char path[128];
    ask_error err = {0};
    ask_json *doc;
    ask_params *p;
    ask_st_llm_config config;
    bound b = {.room = ask_arena_new(0)};
    snprintf(path, sizeof path, "golden/%s/config.json", name);
    CHECK_OK(doc = ask_json_read(test_fixture(path), NULL, &err), &err);
    CHECK_OK(ask_st_llm_config_read(&config, ask_json_root(doc), &err), &err);
    ask_json_free(doc);
    snprintf(path, sizeof path, "golden/%s/model.safetensors", name);
    CHECK_OK(b.weights = ask_weights_open(test_fixture(path), &err), &err);
    CHECK_OK(b.store = ask_store_new(the_cpu, &err), &err);
    CHECK_OK(p = ask_params_open(b.store, b.weights, b.room, &err), &err);
    ask_st_llm_bind(&b.net, p, &config);
    CHECK_OK(ask_params_finish(p, ask_st_llm_ignored, &err), &err);
    return b;
}

static void unbind(bound *b)
{
    ask_store_free(b->store);
    ask_weights_close(b->weights);
    ask_arena_free(b->room);
}

/* The whole of what the reference joins, two videos at once where it has them. */
static void rows_are_joined_as_by_the_reference(void **state)
{
    (void)state;
    static const char *const cases[] = {"st_llm_all", "st_llm_mean", "st_llm_residual"};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        bound b = bind_case(cases[i]);
        golden outputs = golden_open_part(cases[i], "outputs");
        const ask_weights_entry *e = golden_get(&outputs, "frame_rows");
        int64_t n_frames = e->shape[1];
        ask_graph *g = test_graph();
        ask_tensor *in = INPUT(g, e->shape[0] * n_frames, e->shape[2], e->shape[3]);
        ask_tensor *out = ask_keep(g, ask_st_llm_join(g, &b.net, in, n_frames));
        test_plan(g, the_cpu);
        test_put(in, e->data);
        test_run(g);
        golden_check_within(cases[i], out, golden_get(&outputs, "visual"), 1e-5);
        ask_graph_free(g);
        golden_close(&outputs);
        unbind(&b);
    }
}

static void rows_say_of_which_frames_they_are(void **state)
{
    (void)state;
    enum { F = 6 };
    static const struct {
        const char *name;
        int n_rows;
        int frames[24]; // of each row; -1: all alike
    } cases[] = {
        {"st_llm_all", 24, {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2,
                            3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5}},
        {"st_llm_mean", 5, {-1, -1, -1, -1, -1}},
        {"st_llm_residual", 12, {0, 0, 0, 2, 2, 2, 3, 3, 3, 4, 4, 4}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        bound b = bind_case(cases[i].name);
        ask_graph *g = test_graph();
        ask_tensor *of = ask_keep(g, ask_st_llm_origins(g, &b.net, F));
        test_plan(g, the_cpu);
        test_run(g);
        CHECK_CASE(cases[i].name,
                   ask_tensor_dim(of, 0) == cases[i].n_rows && ask_tensor_dim(of, 1) == F);
        CHECK_CASE(cases[i].name, ask_st_llm_n_rows(&b.net.config, F) == cases[i].n_rows);
        float *shares = test_get(of);
        for (int row = 0; row < cases[i].n_rows; row++)
            for (int f = 0; f < F; f++) {
                int frame = cases[i].frames[row];
                float expected = frame < 0 ? 1.0f / F : frame == f;
                CHECK_CASE(cases[i].name, shares[row * F + f] == expected);
            }
        free(shares);
        ask_graph_free(g);
        unbind(&b);
    }
}

/* ---- work ---- */

/* Nearly all is a multiply-add of each weight for each row. */
static void work_grows_with_what_is_done(void **state)
{
    (void)state;
    ask_st_llm_config c = config_of("{\"vit_model\": \"eva_btadapter_g\"}"), plain = c;
    plain.has_adapter = 0;
    double tower = ask_eva_flops(&c.vision), all = ask_st_llm_frame_flops(&c, 16, 0);
    double without = ask_st_llm_frame_flops(&plain, 16, 0);
    assert_true(without > tower && without < 1.2 * tower);
    double adapter = (all - without) / 2 / 257; // a row: 3 layers, and attention over time
    assert_true(adapter > 3 * (9.0 * 1408 * 1408 + 2.0 * 1408 * 6144));
    assert_true(adapter < 1.05 * 3 * (9.0 * 1408 * 1408 + 2.0 * 1408 * 6144));
    assert_true(ask_st_llm_frame_flops(&c, 16, 8) > all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_published_configuration_is_llama_s),
        cmocka_unit_test(every_choice_is_read),
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(half_numbers_are_rounded_to_even_ones),
        cmocka_unit_test(the_fewest_frames_are_those_that_can_be_taken),
        cmocka_unit_test(rows_are_joined_as_by_the_reference),
        cmocka_unit_test(rows_say_of_which_frames_they_are),
        cmocka_unit_test(work_grows_with_what_is_done),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
