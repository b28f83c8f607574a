/* BLIP-2 and InstructBLIP: what config.json says, and how much work they are. */
#include "net/joint/blip2.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/tensors.h"

static bool read_config(ask_blip2_config *out, ask_blip2_kind kind, const char *text,
                        ask_error *err)
{
    ask_json *doc;
    CHECK_OK(doc = ask_json_parse(text, strlen(text), "config.json", NULL, err), err);
    bool ok = ask_blip2_config_read(out, kind, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}

static ask_blip2_config config_of(ask_blip2_kind kind, const char *text)
{
    ask_error err = {0};
    ask_blip2_config c;
    CHECK_OK(read_config(&c, kind, text, &err), &err);
    return c;
}

static void what_is_not_said_is_that_of_the_library(void **state)
{
    (void)state;
    ask_blip2_config c = config_of(ASK_BLIP2, "{}");
    assert_int_equal(c.sight.n_queries, 32);
    assert_int_equal(c.sight.vision.width, 1408);
    assert_int_equal(c.sight.qformer.width, 768);
    assert_int_equal(c.sight.qformer.seen_width, 1408);
    assert_true(!c.sight.qformer.has_text && c.sight.init == 0.02);
    assert_int_equal(c.text.kind, ASK_LANGUAGE_OPT);
    assert_int_equal(ask_language_config_sizes(&c.text).width, 768);
    assert_int_equal(c.image_id, -1);
    assert_int_equal(c.lead_id, 2);
    assert_int_equal(ask_blip2_n_instruction(&c), 0);
    c = config_of(ASK_INSTRUCTBLIP, "{}");
    assert_true(c.sight.qformer.has_text);
    assert_int_equal(ask_blip2_n_instruction(&c), 512);
}

/* The Q-Former looks at the tower's states, whatever its own configuration says. */
static void every_choice_is_read(void **state)
{
    (void)state;
    static const char text[] =
        "{\"vision_config\": {\"hidden_size\": 32}, \"num_query_tokens\": 5,"
        " \"qformer_config\": {\"encoder_hidden_size\": 9, \"max_position_embeddings\": "
        "20},"
        " \"text_config\": {\"model_type\": \"llama\", \"vocab_size\": 50,"
        " \"bos_token_id\": 7}, \"image_token_index\": 49, \"initializer_range\": 0.5}";
    ask_blip2_config c = config_of(ASK_INSTRUCTBLIP, text);
    assert_int_equal(c.sight.qformer.seen_width, 32);
    assert_int_equal(c.sight.n_queries, 5);
    assert_int_equal(c.text.kind, ASK_LANGUAGE_LLAMA);
    assert_int_equal(c.image_id, 49);
    assert_int_equal(c.lead_id, 7);
    assert_true(c.sight.init == 0.5);
    assert_int_equal(ask_blip2_n_instruction(&c), 20);
}

static void the_placeholder_has_the_kind_s_name(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        ask_blip2_kind kind;
        int64_t id;
    } cases[] = {
        {"a null", "{\"image_token_index\": null}", ASK_BLIP2, -1},
        {"an index", "{\"image_token_index\": 5}", ASK_BLIP2, 5},
        {"its newer name", "{\"image_token_id\": 6}", ASK_INSTRUCTBLIP, 6},
        {"a null beside an index", "{\"image_token_id\": null, \"image_token_index\": 5}",
         ASK_BLIP2, 5},
        {"a video's", "{\"video_token_index\": 7}", ASK_INSTRUCTBLIP_VIDEO, 7},
        {"a video's newer name", "{\"video_token_id\": 8}", ASK_INSTRUCTBLIP_VIDEO, 8},
        {"a picture's for a video", "{\"image_token_index\": 5}", ASK_INSTRUCTBLIP_VIDEO,
         -1},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        CHECK_CASE(cases[i].name,
                   config_of(cases[i].kind, cases[i].text).image_id == cases[i].id);
}

/* As the reference has it for the published Vicunas, and for them alone. */
static void an_old_spelling_begins_with_another_token(void **state)
{
    (void)state;
    static const char old[] = "{\"text_config\": {\"model_type\": \"llama\","
                              " \"architectures\": [\"LLaMAForCausalLM\"]}}";
    static const char new[] = "{\"text_config\": {\"model_type\": \"llama\","
                              " \"architectures\": [\"LlamaForCausalLM\"]}}";
    assert_int_equal(config_of(ASK_INSTRUCTBLIP, old).lead_id, 2);
    assert_int_equal(config_of(ASK_INSTRUCTBLIP, new).lead_id, 1);
    assert_int_equal(config_of(ASK_BLIP2, old).lead_id, 1);
}

static void an_answer_begins_as_its_decoder_does(void **state)
{
    (void)state;
    static const char text[] = "{\"text_config\": {\"model_type\": \"t5\","
                               " \"bos_token_id\": 7, \"decoder_start_token_id\": 3}}";
    assert_int_equal(config_of(ASK_BLIP2, text).lead_id, 3);
}

static void bad_configurations_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *message;
    } cases[] = {
        {"no queries", "{\"num_query_tokens\": 0}",
         "key \"num_query_tokens\": expected an integer from 1"},
        {"a tower's sizes", "{\"vision_config\": {\"hidden_size\": 0}}",
         "key \"vision_config.hidden_size\": expected an integer from 1"},
        {"the queries' sizes", "{\"qformer_config\": {\"num_attention_heads\": 7}}",
         "key \"qformer_config\": key \"hidden_size\", which is absent: 768 is no multiple "
         "of "
         "7 heads"},
        {"another language model", "{\"text_config\": {\"model_type\": \"mamba\"}}",
         "key \"text_config.model_type\": no language model is called \"mamba\""},
        {"a placeholder out of the vocabulary", "{\"image_token_index\": 50272}",
         "key \"image_token_index\": 50272 is not in a vocabulary of 50272"},
        {"a tower that is no object", "{\"vision_config\": 3}",
         "key \"vision_config\": expected an object"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_blip2_config c, before;
        memset(&c, 7, sizeof c);
        before = c;
        CHECK_CASE(cases[i].name, !read_config(&c, ASK_BLIP2, cases[i].text, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        CHECK_CASE(cases[i].name, memcmp(&c, &before, sizeof c) == 0);
        if (!strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

static bool read_retrieval(ask_blip2_retrieval_config *out, const char *text,
                           ask_error *err)
{
    ask_json *doc;
    CHECK_OK(doc = ask_json_parse(text, strlen(text), "config.json", NULL, err), err);
    bool ok = ask_blip2_retrieval_config_read(out, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}

static void retrieval_needs_texts(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_blip2_retrieval_config c;
    static const char texts[] = "{\"qformer_config\": {\"use_qformer_text_input\": true}}";
    CHECK_OK(read_retrieval(&c, texts, &err), &err);
    assert_int_equal(c.n_embed, 256);
    assert_true(c.sight.qformer.has_text);
    assert_false(read_retrieval(&c, "{}", &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "key \"use_qformer_text_input\", which is absent: "
                                        "without texts there is nothing to compare"));
}

static void work_is_that_of_both_towers(void **state)
{
    (void)state;
    ask_blip2_config c = config_of(ASK_INSTRUCTBLIP, "{}");
    double alone = ask_blip2_flops(&c.sight, 0), told = ask_blip2_flops(&c.sight, 20);
    assert_true(fabs(alone / ask_eva_flops(&c.sight.vision) - 1) < 0.05);
    assert_true(alone > ask_eva_flops(&c.sight.vision) && told > alone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_said_is_that_of_the_library),
        cmocka_unit_test(every_choice_is_read),
        cmocka_unit_test(the_placeholder_has_the_kind_s_name),
        cmocka_unit_test(an_old_spelling_begins_with_another_token),
        cmocka_unit_test(an_answer_begins_as_its_decoder_does),
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(retrieval_needs_texts),
        cmocka_unit_test(work_is_that_of_both_towers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
