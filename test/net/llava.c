/* LLaVA-1.5 and LLaVA-NeXT-Video: what config.json says, both layouts of names, and what of
 * a picture becomes rows. */
#include "net/joint/llava.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/verify.h"
#include "support/checkpoint.h"
#include "support/tensors.h"

/* ---- the configuration ---- */

static bool read_config(ask_llava_config *out, ask_llava_kind kind, const char *text,
                        ask_error *err)
{
    ask_json *doc;
    CHECK_OK(doc = ask_json_parse(text, strlen(text), "config.json", NULL, err), err);
    bool ok = ask_llava_config_read(out, kind, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}

static ask_llava_config config_of(ask_llava_kind kind, const char *text)
{
    ask_error err = {0};
    ask_llava_config c;
    CHECK_OK(read_config(&c, kind, text, &err), &err);
    return c;
}

/* The published towers: 336 px in patches of 14 px, 24 layers. */
#define VISION                                                                             \
    "\"vision_config\": {\"image_size\": 336, \"patch_size\": 14, \"hidden_size\": 1024,"  \
    " \"num_hidden_layers\": 24, \"num_attention_heads\": 16, \"intermediate_size\": "     \
    "4096}"
#define TEXT "\"text_config\": {\"model_type\": \"llama\", \"vocab_size\": 32064}"
#define PARTS VISION ", " TEXT

static void what_is_not_said_is_that_of_the_library(void **state)
{
    (void)state;
    static const char text[] = "{" PARTS "}";
    ask_llava_config c = config_of(ASK_LLAVA, text);
    assert_int_equal(c.kind, ASK_LLAVA);
    assert_int_equal(c.feature_layer, 23);
    assert_false(c.keep_class);
    assert_int_equal(c.activation, ASK_ACT_GELU);
    assert_true(c.bias);
    assert_int_equal(c.pool, 1);
    assert_int_equal(c.image_id, 32000);
    assert_int_equal(c.video_id, -1);
    assert_int_equal(c.text.kind, ASK_LLAMA);
    assert_int_equal(ask_llava_side(&c, false), 24);
    assert_int_equal(ask_llava_n_rows(&c, false), 576);

    c = config_of(ASK_LLAVA_NEXT_VIDEO, text);
    assert_int_equal(c.kind, ASK_LLAVA_NEXT_VIDEO);
    assert_int_equal(c.pool, 2);
    assert_int_equal(c.pooling, ASK_LLAVA_AVERAGE);
    assert_int_equal(c.image_id, 32001);
    assert_int_equal(c.video_id, 32000);
    assert_int_equal(ask_llava_n_rows(&c, false), 576);
    assert_int_equal(ask_llava_side(&c, true), 12);
    assert_int_equal(ask_llava_n_rows(&c, true), 144);
}

static void every_choice_is_read(void **state)
{
    (void)state;
    ask_llava_config c = config_of(
        ASK_LLAVA, "{" VISION ", \"text_config\": {\"model_type\": \"qwen2\"},"
                   " \"vision_feature_layer\": -1,"
                   " \"vision_feature_select_strategy\": \"full\","
                   " \"projector_hidden_act\": \"relu\","
                   " \"multimodal_projector_bias\": false, \"image_token_index\": 7}");
    assert_int_equal(c.feature_layer, 24);
    assert_true(c.keep_class);
    assert_int_equal(ask_llava_n_rows(&c, false), 577);
    assert_int_equal(c.activation, ASK_ACT_RELU);
    assert_false(c.bias);
    assert_int_equal(c.image_id, 7);
    assert_int_equal(c.text.kind, ASK_QWEN2);

    c = config_of(ASK_LLAVA_NEXT_VIDEO,
                  "{" PARTS ", \"spatial_pool_mode\": \"max\", \"spatial_pool_stride\": 5,"
                  " \"vision_feature_layer\": 3, \"image_token_id\": 8,"
                  " \"image_token_index\": 9, \"video_token_id\": null,"
                  " \"video_token_index\": 10}");
    assert_int_equal(c.feature_layer, 3);
    assert_int_equal(c.pooling, ASK_LLAVA_MAX);
    assert_int_equal(ask_llava_side(&c, true), 4); // of 24, with a rest
    assert_int_equal(c.image_id, 8);               // the newer name counts
    assert_int_equal(c.video_id, 10);
}

static void bad_configurations_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *message;
    } cases[] = {
        {"another tower", "{\"vision_config\": {\"model_type\": \"siglip_vision_model\"}}",
         "key \"vision_config.model_type\": no vision tower \"siglip_vision_model\" for "
         "LLaVA; there is clip_vision_model"},
        {"several layers", "{" PARTS ", \"vision_feature_layer\": [-2, -5]}",
         "key \"vision_feature_layer\": states of several layers are not joined"},
        {"a layer beyond the last", "{" PARTS ", \"vision_feature_layer\": 25}",
         "key \"vision_feature_layer\": expected an integer from -25 to 24, got 25"},
        {"another strategy", "{" PARTS ", \"vision_feature_select_strategy\": \"cls\"}",
         "key \"vision_feature_select_strategy\": expected \"default\" or \"full\", got "
         "\"cls\""},
        {"a class token that is pooled",
         "{" PARTS ", \"vision_feature_select_strategy\": \"full\"}",
         "key \"vision_feature_select_strategy\": a class token has no place in what is "
         "pooled"},
        {"another pooling", "{" PARTS ", \"spatial_pool_mode\": \"conv\"}",
         "key \"spatial_pool_mode\": expected \"average\" or \"max\", got \"conv\""},
        {"cells larger than a frame", "{" PARTS ", \"spatial_pool_stride\": 25}",
         "key \"spatial_pool_stride\": 24 patches along a side are fewer than 25"},
        {"cells of nothing", "{" PARTS ", \"spatial_pool_stride\": 0}",
         "key \"spatial_pool_stride\": expected an integer from 1"},
        {"a placeholder out of the vocabulary", "{" PARTS ", \"image_token_index\": 32064}",
         "key \"image_token_index\": 32064 is not in a vocabulary of 32064"},
        {"a newer placeholder", "{" PARTS ", \"video_token_id\": 32064}",
         "key \"video_token_id\": 32064 is not in a vocabulary of 32064"},
        {"a placeholder that is not said",
         "{" VISION ", \"text_config\": {\"vocab_size\": 100}}",
         "key \"image_token_index\", which is absent: 32001 is not in a vocabulary of 100"},
        {"another language model",
         "{" VISION ", \"text_config\": {\"model_type\": \"opt\"}}",
         "key \"text_config.model_type\": no language model is called \"opt\"; there are: "
         "llama, mistral, qwen2"},
        {"a text that is no object", "{" VISION ", \"text_config\": 3}",
         "key \"text_config\": expected an object"},
        {"a text's sizes", "{" VISION ", \"text_config\": {\"hidden_size\": 0}}",
         "key \"text_config.hidden_size\": expected an integer from 1"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_llava_config c, before;
        memset(&c, 7, sizeof c);
        before = c;
        CHECK_CASE(cases[i].name,
                   !read_config(&c, ASK_LLAVA_NEXT_VIDEO, cases[i].text, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        CHECK_CASE(cases[i].name, memcmp(&c, &before, sizeof c) == 0);
        if (!strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

/* ---- names ---- */

static void to_newer(tensor_list *weights)
{
    tensors_rename(weights, "language_model.model.", "model.language_model.");
    tensors_rename(weights, "language_model.lm_head.", "lm_head.");
    tensors_rename(weights, "vision_tower.", "model.vision_tower.");
    tensors_rename(weights, "multi_modal_projector.", "model.multi_modal_projector.");
}

static void both_layouts_of_names_are_read(void **state)
{
    (void)state;
    static const char *const fixtures[] = {"golden/llava_full_vision",
                                           "golden/llava_next_video"};
    for (size_t i = 0; i < TEST_COUNT(fixtures); i++) {
        ask_error err = {0};
        ask_verify_report r;
        char *dir = test_temp_dir_make();
        checkpoint c = checkpoint_of(fixtures[i]);
        to_newer(&c.weights);
        checkpoint_write(&c, dir);
        CHECK_OK(ask_model_verify(&r, dir, NULL, &err), &err);
        CHECK_CASE(fixtures[i], r.n_rows >= 7 && r.n_passed == r.n_rows);
        ask_verify_report_free(&r);
        // What is named half in one way and half in the other is no checkpoint.
        tensors_rename(&c.weights, "model.language_model.", "language_model.model.");
        checkpoint_write(&c, dir);
        CHECK_CASE(fixtures[i], !ask_model_open(dir, NULL, &err));
        CHECK_CASE(fixtures[i], err.code == ASK_ERR_MODEL);
        CHECK_CASE(fixtures[i], strstr(err.message, "model.language_model."));
        checkpoint_free(&c);
        test_temp_dir_remove(dir);
    }
}

/* A tied head may be stored all the same, in both layouts; nothing else may. */
static void a_tied_head_may_be_there(void **state)
{
    (void)state;
    for (int newer = 0; newer < 2; newer++) {
        ask_error err = {0};
        ask_model *m;
        char *dir = test_temp_dir_make();
        checkpoint c = checkpoint_of("golden/llava_full_vision");
        checkpoint_edit(&c, "\"tie_word_embeddings\": false",
                        "\"tie_word_embeddings\": true"); // the text's
        if (newer) to_newer(&c.weights);
        checkpoint_write(&c, dir);
        CHECK_OK(m = ask_model_open(dir, NULL, &err), &err);
        ask_model_close(m);
        tensors_add(&c.weights, newer ? "language_model.lm_head.weight" : "lm_head.weight",
                    ASK_F32, 1, (int64_t[]){3});
        checkpoint_write(&c, dir);
        assert_null(ask_model_open(dir, NULL, &err));
        assert_int_equal(err.code, ASK_ERR_MODEL);
        assert_non_null(strstr(err.message, newer
                                                ? "not have: language_model.lm_head.weight"
                                                : "not have: lm_head.weight"));
        checkpoint_free(&c);
        test_temp_dir_remove(dir);
    }
}

/* ---- rows ---- */

#define TINY                                                                               \
    "\"vision_config\": {\"image_size\": 12, \"patch_size\": 4, \"hidden_size\": 8,"       \
    " \"num_hidden_layers\": 2, \"num_attention_heads\": 2, \"intermediate_size\": 8},"    \
    "\"text_config\": {\"hidden_size\": 6, \"intermediate_size\": 8, \"vocab_size\": 10,"  \
    " \"num_hidden_layers\": 1, \"num_attention_heads\": 1, \"initializer_range\": 0.5},"  \
    "\"image_token_index\": 9, \"video_token_index\": 8"

enum { FRAMES = 2, SIDE = 3, SEEN = 8, WIDTH = 6 };

typedef struct {
    ask_arena *room;
    ask_store *store;
    ask_llava llava;
} bound;

static bound bind_random(ask_llava_kind kind, const char *text)
{
    ask_error err = {0};
    bound n = {.room = ask_arena_new(0)};
    ask_llava_config c = config_of(kind, text);
    ask_params *p;
    assert_non_null(n.room);
    CHECK_OK(n.store = ask_store_new(the_cpu, &err), &err);
    CHECK_OK(p = ask_params_random(n.store, 5, n.room, &err), &err);
    ask_llava_bind(&n.llava, p, &c);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
    return n;
}

static void unbind(bound *n)
{
    ask_store_free(n->store);
    ask_arena_free(n->room);
}

/* A trace of pictures that look like chance: in the order of its elements; freed by the
 * caller. trace: NULL for the rows. */
static float *see(const bound *n, bool video, const char *trace, int64_t shape[3])
{
    ask_graph *g = test_graph();
    if (trace) ask_graph_want(g, trace);
    ask_tensor *in = INPUT(g, FRAMES, 3, 12, 12);
    ask_tensor *rows = ask_keep(g, ask_llava_rows(g, &n->llava, in, video));
    test_plan(g, the_cpu);
    test_put_random(in, 3, 1);
    test_run(g);
    const ask_tensor *t = trace ? ask_graph_find(g, trace) : rows;
    assert_non_null(t);
    assert_int_equal(ask_tensor_n_dims(t), 3);
    for (int i = 0; i < 3; i++) shape[i] = ask_tensor_dim(t, i);
    float *out = test_get(t);
    ask_graph_free(g);
    return out;
}

static void check_shape(const int64_t shape[3], int64_t n, int64_t width)
{
    assert_int_equal(shape[0], FRAMES);
    assert_int_equal(shape[1], n);
    assert_int_equal(shape[2], width);
}

static void a_class_token_is_a_row_where_it_is_kept(void **state)
{
    (void)state;
    int64_t shape[3];
    bound full =
        bind_random(ASK_LLAVA, "{" TINY ", \"vision_feature_select_strategy\": \"full\"}");
    bound without = bind_random(ASK_LLAVA, "{" TINY "}");
    float *all = see(&full, false, NULL, shape);
    check_shape(shape, 1 + SIDE * SIDE, WIDTH);
    float *patches = see(&without, false, NULL, shape);
    check_shape(shape, SIDE * SIDE, WIDTH);
    for (int f = 0; f < FRAMES; f++) // of the same drawn weights
        test_near("patches", patches + (size_t)f * SIDE * SIDE * WIDTH,
                  all + ((size_t)f * (1 + SIDE * SIDE) + 1) * WIDTH, SIDE * SIDE * WIDTH,
                  1e-5);
    free(all);
    free(patches);
    unbind(&full);
    unbind(&without);
}

static float pooled(const float *cells, bool largest)
{
    float sum = 0, most = cells[0];
    static const int places[] = {0, 1, SIDE, SIDE + 1}; // the upper left cell of 2 x 2
    for (int i = 0; i < 4; i++) {
        float x = cells[places[i] * SEEN];
        sum += x / 4;
        if (x > most) most = x;
    }
    return largest ? most : sum;
}

/* 3 x 3 patches in cells of 2 x 2: the last row and column are left out. */
static void frames_of_a_video_are_pooled(void **state)
{
    (void)state;
    static const char *const modes[] = {"average", "max"};
    for (int mode = 0; mode < 2; mode++) {
        char text[1024];
        int64_t shape[3];
        snprintf(text, sizeof text, "{" TINY ", \"spatial_pool_mode\": \"%s\"}",
                 modes[mode]);
        bound n = bind_random(ASK_LLAVA_NEXT_VIDEO, text);
        float *cells = see(&n, true, "vision.penultimate_no_class", shape);
        check_shape(shape, SIDE * SIDE, SEEN);
        float *got = see(&n, true, "pooled", shape), expected[FRAMES * SEEN];
        check_shape(shape, 1, SEEN);
        for (int f = 0; f < FRAMES; f++)
            for (int i = 0; i < SEEN; i++)
                expected[f * SEEN + i] =
                    pooled(cells + (size_t)f * SIDE * SIDE * SEEN + i, mode == 1);
        test_near(modes[mode], got, expected, FRAMES * SEEN, 1e-6);
        free(see(&n, false, NULL, shape)); // a picture is not
        check_shape(shape, SIDE * SIDE, WIDTH);
        free(cells);
        free(got);
        unbind(&n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_said_is_that_of_the_library),
        cmocka_unit_test(every_choice_is_read),
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(both_layouts_of_names_are_read),
        cmocka_unit_test(a_tied_head_may_be_there),
        cmocka_unit_test(a_class_token_is_a_row_where_it_is_kept),
        cmocka_unit_test(frames_of_a_video_are_pooled),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
