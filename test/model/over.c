/* Weights over those of a folder: Video-ChatGPT's projector, with the tokens that it adds,
 * over a LLaVA that has neither. */
#include <stdlib.h>
#include <string.h>

#include "model/context.h"
#include "support/checkpoint.h"
#include "support/testing.h"

enum { N_BEFORE = 87, N_VOCAB = 90, WIDTH = 40, N_TEXT = 9 };

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

/* Keeps the first rows of a matrix. */
static void cut_rows(tensor_list *list, const char *name, int64_t n)
{
    ask_weights_entry *e = tensors_get(list, name);
    size_t bytes = (size_t)n * (size_t)e->shape[1] * sizeof(float);
    float *rows = malloc(bytes);
    memcpy(rows, e->data, bytes);
    tensors_reshape(list, name, ASK_F32, 2, (int64_t[]){n, e->shape[1]});
    memcpy(tensors_floats(list, name), rows, bytes);
    free(rows);
}

/* The fixture as a LLaVA without the marks of videos, and what comes with the projector. */
static void split_checkpoint(void)
{
    static const char *const over[] = {"model.mm_projector.weight",
                                       "model.mm_projector.bias",
                                       "model.embed_tokens.weight"};
    checkpoint c = checkpoint_of("golden/video_chatgpt");
    tensor_list projector = {0};
    for (size_t i = 0; i < TEST_COUNT(over); i++) {
        const ask_weights_entry *e = tensors_get(&c.weights, over[i]);
        ask_weights_entry *copy =
            tensors_add(&projector, e->name, e->type, e->n_dims, e->shape);
        memcpy((void *)copy->data, e->data, e->bytes);
    }
    tensors_write(&projector, test_path(dir, "projector.safetensors"));
    tensors_free(&projector);
    tensors_drop(&c.weights, over[0]);
    tensors_drop(&c.weights, over[1]);
    cut_rows(&c.weights, over[2], N_BEFORE);
    cut_rows(&c.weights, "lm_head.weight", N_BEFORE);
    checkpoint_edit(&c, "\"vocab_size\": 90", "\"vocab_size\": 87");
    checkpoint_edit(&c, "VideoChatGPTLlamaForCausalLM", "LlavaLlamaForCausalLM");
    checkpoint_edit(&c, "\"model_type\": \"VideoChatGPT\"", "\"model_type\": \"llava\"");
    checkpoint_write(&c, test_path(dir, "llava"));
    checkpoint_free(&c);
}

/* What comes behind a few tokens; freed by the caller. */
static float *logits_of(const char *model_dir, const char *over)
{
    const ask_model_options opt = {.struct_size = sizeof opt, .over = over};
    ask_error err = {0};
    ask_model *m;
    ask_session *s;
    ask_context *c;
    ask_place text[N_TEXT];
    CHECK_OK(m = ask_model_open(model_dir, &opt, &err), &err);
    assert_string_equal(ask_model_info_of(m).network, "video_chatgpt");
    assert_int_equal(ask_model_info_of(m).n_vocab, N_VOCAB);
    CHECK_OK(s = ask_session_open(m, &err), &err);
    CHECK_OK(c = ask_context_open(s, 64, &err), &err);
    for (int i = 0; i < N_TEXT; i++)
        text[i] = (ask_place){.id = i == 3 ? N_VOCAB - 1 : 7 * i + 1}; // one is new
    float *logits = malloc(N_VOCAB * sizeof *logits);
    CHECK_OK(ask_context_read(c, text, N_TEXT, logits, NULL, &err), &err);
    ask_context_close(c);
    ask_session_close(s);
    ask_model_close(m);
    return logits;
}

static void a_projector_brings_the_tokens_that_it_needs(void **state)
{
    (void)state;
    split_checkpoint();
    float *whole = logits_of(test_fixture("golden/video_chatgpt"), NULL);
    float *split =
        logits_of(test_path(dir, "llava"), test_path(dir, "projector.safetensors"));
    double mean = 0;
    for (int i = 0; i < N_BEFORE; i++) {
        assert_true(split[i] == whole[i]);
        mean += split[i] / N_BEFORE;
    }
    for (int i = N_BEFORE; i < N_VOCAB; i++) // the last layer was not told of them
        assert_float_equal(split[i], mean, 1e-4);
    free(whole);
    free(split);
}

static void what_is_put_over_must_fit(void **state)
{
    (void)state;
    split_checkpoint();
    char *odd = strdup(test_path(dir, "odd.safetensors"));
    tensor_list list = {0};
    tensors_add(&list, "model.mm_projector.weight", ASK_F32, 2, (int64_t[]){WIDTH, 7});
    tensors_add(&list, "model.mm_projector.bias", ASK_F32, 1, (int64_t[]){WIDTH});
    tensors_write(&list, odd);
    tensors_free(&list);
    const struct {
        const char *over, *message;
    } cases[] = {
        {NULL, "model.mm_projector.weight"},
        {odd, "model.mm_projector.weight is f32 [40, 7]"},
        {"/nowhere.bin", "/nowhere.bin"},
        {test_fixture("golden/video_chatgpt/config.json"), "config.json"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const ask_model_options opt = {.struct_size = sizeof opt, .over = cases[i].over};
        ask_error err = {0};
        CHECK_CASE(cases[i].message, !ask_model_open(test_path(dir, "llava"), &opt, &err));
        if (err.code != ASK_ERR_MODEL || !strstr(err.message, cases[i].message))
            fail_msg("%s: %s", ask_error_name(err.code), err.message);
    }
    free(odd);
}

/* Its type and architecture are those of the folder above. */
static void a_llava_of_its_authors_is_not_taken_for_a_video_chatgpt(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/video_chatgpt");
    tensors_rename(&c.weights, "model.mm_projector.", "model.mm_projector.0.");
    tensors_add(&c.weights, "model.mm_projector.2.weight", ASK_F32, 2,
                (int64_t[]){WIDTH, WIDTH});
    tensors_add(&c.weights, "model.vision_tower.x", ASK_F32, 1, (int64_t[]){WIDTH});
    checkpoint_edit(&c, "VideoChatGPTLlamaForCausalLM", "LlavaLlamaForCausalLM");
    checkpoint_edit(&c, "\"model_type\": \"VideoChatGPT\"", "\"model_type\": \"llava\"");
    checkpoint_write(&c, dir);
    checkpoint_free(&c);
    ask_error err = {0};
    assert_null(ask_model_open(dir, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    if (!strstr(err.message,
                "/model.safetensors: model.mm_projector.0.weight: this is LLaVA's own "
                "format, with a projector of two layers; what is read is its Hugging Face "
                "conversion (llava-hf/...)"))
        fail_msg("%s", err.message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_projector_brings_the_tokens_that_it_needs,
                                        make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(
            a_llava_of_its_authors_is_not_taken_for_a_video_chatgpt, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(what_is_put_over_must_fit, make_dir, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
