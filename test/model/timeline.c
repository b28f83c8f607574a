/* Timeline as a checkpoint: what it begins with, what is told of it, what references gave
 * for its parts, and what is refused. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/init.h"
#include "model/inputs.h"
#include "model/verify.h"
#include "support/checkpoint.h"
#include "support/testing.h"
#include "support/tiny_timeline.h"

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

static const char *in_dir(const char *name)
{
    return test_path(dir, name);
}

/* The configuration with its first `from` replaced, as a file; NULL: as it is. */
static const char *config_with(const char *from, const char *to)
{
    const char *at = from ? strstr(tiny_timeline_config, from) : tiny_timeline_config;
    assert_non_null(at);
    ask_str s = {0};
    ask_str_append_bytes(&s, tiny_timeline_config, (size_t)(at - tiny_timeline_config));
    ask_str_append(&s, from ? to : "");
    ask_str_append(&s, at + (from ? strlen(from) : 0));
    test_write_text(in_dir("config.json"), ask_str_text(&s));
    ask_str_free(&s);
    return in_dir("config.json");
}

static void init(const char *name, const char *config)
{
    ask_error err = {0};
    const ask_model_init_options opt = {
        .seed = 2, .tokenizer = test_fixture("golden/tokenizer_roberta")};
    CHECK_OK(ask_model_init(in_dir(name), config, &opt, &err), &err);
}

static ask_model *open_model(const char *name)
{
    ask_error err = {0};
    ask_model *m = ask_model_open(in_dir(name), NULL, &err);
    CHECK_OK(m, &err);
    return m;
}

/* ---- what it begins with ---- */

static bool ends_with(const char *text, const char *end)
{
    return ask_ends_with(text, end);
}

static void weights_begin_as_the_network_says(void **state)
{
    (void)state;
    init("a", config_with(NULL, NULL));
    tensor_list list = tensors_read(in_dir("a/model.safetensors"));
    int n_norms = 0, n_drawn = 0;
    for (size_t i = 0; i < list.n; i++) {
        const char *name = list.entries[i].name;
        const float *x = tensors_floats(&list, name);
        bool is_mean = ends_with(name, ".running_mean"),
             is_var = ends_with(name, ".running_var");
        bool is_zero = is_mean || ends_with(name, ".difference.weight") ||
                       strcmp(name, "glance.features.weight") == 0;
        for (int64_t k = 0; k < list.entries[i].n_elements; k++) {
            if (is_zero || is_var) CHECK_CASE(name, x[k] == (is_var ? 1.0f : 0.0f));
            CHECK_CASE(name, isfinite(x[k]));
        }
        n_norms += is_mean || is_var;
        n_drawn += list.entries[i].n_elements > 1 && x[0] != x[1];
    }
    assert_int_equal(n_norms, 2 * (3 + 2 * 4)); // levels, and two in each block
    assert_true(n_drawn > 40);
    tensors_free(&list);
    ask_model_close(open_model("a"));
}

static void the_same_seed_gives_the_same_model(void **state)
{
    (void)state;
    const char *config = config_with(NULL, NULL);
    init("a", config);
    init("b", config);
    size_t n_a, n_b;
    char *a = test_read(in_dir("a/model.safetensors"), &n_a);
    char *b = test_read(in_dir("b/model.safetensors"), &n_b);
    assert_int_equal(n_a, n_b);
    assert_memory_equal(a, b, n_a);
    free(a);
    free(b);
}

/* ---- what is told of it ---- */

static int64_t size_of(const ask_model *m, const char *name)
{
    ask_model_size size;
    for (size_t i = 0; ask_model_size_at(m, i, &size); i++)
        if (strcmp(size.name, name) == 0) return size.value;
    fail_msg("there is no size %s", name);
    return 0;
}

static void a_model_tells_its_sizes(void **state)
{
    (void)state;
    init("a", config_with(NULL, NULL));
    ask_model *m = open_model("a");
    const ask_model_info i = ask_model_info_of(m);
    assert_string_equal(i.network, "timeline");
    assert_false(i.has_pictures); // it has no vectors of them
    assert_int_equal(i.n_channels, TINY_CHANNELS);
    assert_int_equal(i.image_px, TINY_PX);
    assert_int_equal(i.n_views, 1);
    assert_int_equal(i.n_context, TINY_TOKENS);
    assert_int_equal(i.n_vocab, 423);
    assert_int_equal(i.pad_id, 1);
    assert_int_equal(i.n_embed, 0);
    assert_true(i.has_tokenizer);
    assert_true(i.text_token_gflop > 0);
    assert_int_equal(size_of(m, "frames"), TINY_FRAMES);
    assert_int_equal(size_of(m, "sights"), TINY_SIGHTS);
    assert_int_equal(size_of(m, "event_slots"), TINY_EVENTS);
    assert_int_equal(size_of(m, "toy_slots"), TINY_TOYS);
    assert_int_equal(size_of(m, "cells.side_px"), TINY_PX);
    assert_int_equal(size_of(m, "colors"), 3);
    ask_error err = {0};
    CHECK_OK(ask_inputs_check(m, &err), &err);
    assert_false(ask_model_check_pictures(m, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    ask_model_close(m);
}

/* Pictures with their neighbours need the times of these. */
static void a_network_that_sees_neighbours_is_told_which(void **state)
{
    (void)state;
    init("a", config_with("\"num_channels\": 3", "\"num_channels\": 9"));
    ask_model *m = open_model("a");
    ask_error err = {0};
    assert_int_equal(ask_model_info_of(m).n_channels, 9);
    assert_int_equal(ask_model_info_of(m).n_views, 0);
    assert_false(ask_inputs_check(m, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "frame_offsets_s"));
    ask_model_close(m);

    test_write_text(in_dir("a/preprocessor_config.json"),
                    "{\"image_processor_type\": \"CLIPImageProcessor\", "
                    "\"size\": {\"height\": 48, \"width\": 48}, \"do_center_crop\": false, "
                    "\"frame_offsets_s\": [-0.25, 0, 0.25], "
                    "\"frame_channels\": \"differences\"}");
    m = open_model("a");
    const ask_model_info i = ask_model_info_of(m);
    assert_int_equal(i.n_views, 3);
    assert_true(i.view_offset_s[0] == -0.25 && i.view_offset_s[2] == 0.25);
    CHECK_OK(ask_inputs_check(m, &err), &err);
    ask_model_close(m);
}

/* ---- lists beside the weights ---- */

static void lists_of_answers_change_which_model_it_is(void **state)
{
    (void)state;
    static const char *const denials[] = {"[]", "[\"no\"]"};
    init("a", config_with(NULL, NULL));
    char ids[3][65];
    for (int i = 0; i < 3; i++) {
        if (i > 0) test_write_text(in_dir("a/answers.json"), "[\"yes\", \"no\"]");
        if (i > 0) test_write_text(in_dir("a/denials.json"), denials[i - 1]);
        ask_model *m = open_model("a");
        snprintf(ids[i], sizeof ids[i], "%s", ask_model_info_of(m).id);
        ask_model_close(m);
    }
    assert_string_not_equal(ids[0], ids[1]);
    assert_string_not_equal(ids[1], ids[2]);
}

static void lists_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *answers, *denials, *message;
    } cases[] = {
        {"[\"yes\"]", NULL, "denials.json: there is none, but there is "},
        {NULL, "[]", "answers.json: there is none, but there is "},
        {"{\"yes\": 1}", "[]", "answers.json: expected a list of answers"},
        {"[\"yes\", 1]", "[]", "answers.json: "},
        {"[\"yes\"", "[]", "answers.json:1:"},
        {"[]", "[]", "answers.json: expected answers, got none"},
        {"[\"yes\", \"\"]", "[]", "answers.json: answer 2 is empty"},
        {"[\"yes\", \"no\", \"yes\"]", "[]", "answers.json: \"yes\" comes twice"},
        {"[\"yes\"]", "[\"no\"]", "denials.json: \"no\" is none of the answers"},
        {"[\"yes\"]", "7", "denials.json: expected a list of answers"},
        {"[\"yes\"]", "[[]]", "denials.json: "},
    };
    init("a", config_with(NULL, NULL));
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        remove(in_dir("a/answers.json"));
        remove(in_dir("a/denials.json"));
        if (cases[i].answers) test_write_text(in_dir("a/answers.json"), cases[i].answers);
        if (cases[i].denials) test_write_text(in_dir("a/denials.json"), cases[i].denials);
        ask_error err = {0};
        assert_null(ask_model_open(in_dir("a"), NULL, &err));
        if (err.code != ASK_ERR_MODEL || !strstr(err.message, cases[i].message))
            fail_msg("expected \"%s\", got %d: \"%s\"", cases[i].message, err.code,
                     err.message);
    }
}

static void a_list_without_end_is_refused(void **state)
{
    (void)state;
    enum { N = (1 << 16) + 1 };
    ask_str text = {0};
    for (int i = 0; i < N; i++) ask_str_printf(&text, "%c\"%d\"", i ? ',' : '[', i);
    ask_str_printf(&text, "]");
    init("a", config_with(NULL, NULL));
    test_write_text(in_dir("a/answers.json"), ask_str_text(&text));
    test_write_text(in_dir("a/denials.json"), "[]");
    ask_error err = {0};
    assert_null(ask_model_open(in_dir("a"), NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "65537 answers; at most 65536 are read"));
    ask_str_free(&text);
}

/* ---- configurations ---- */

static void a_configuration_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"\"num_channels\": 3", "\"num_channels\": 0", "key \"cells.num_channels\": "},
        {"\"image_size\": 48", "\"image_size\": 50", "key \"cells.image_size\": "},
        {"[4, 6, 8]", "[4, 6]", "key \"cells.widths\": "},
        {"\"num_frames\": 6", "\"num_frames\": 0", "key \"num_frames\": "},
        {"\"num_sights\": 3", "\"num_sights\": 10", "key \"num_sights\": "},
        {"\"num_event_slots\": 4", "\"num_event_slots\": 19", "key \"num_event_slots\": "},
        {"\"num_toy_slots\": 3", "\"num_toy_slots\": 7", "key \"num_toy_slots\": "},
        {"\"num_attention_heads\": 2", "\"num_attention_heads\": 3",
         "key \"hidden_size\": 16 is no multiple of 3 heads"},
        {"\"vocab_size\": 423", "\"vocab_size\": 10", "key \"kinds.color"},
        {"\"name\": \"green\"", "\"name\": \"red\"", "comes twice"},
        {"\"token\": 8", "\"token\": 7", "has that of \"red\""},
        {", \"token\": 8", "", "has no token"},
        {"\"dropout\": 0.1", "\"dropout\": 2", "key \"dropout\": "},
        {"\"kinds\"", "\"things\"", "kinds"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        const char *config = config_with(cases[i].from, cases[i].to);
        assert_false(ask_model_init(in_dir("a"), config, NULL, &err));
        if (err.code != ASK_ERR_MODEL || !strstr(err.message, cases[i].message) ||
            !strstr(err.message, "config.json"))
            fail_msg("expected \"%s\", got %d: \"%s\"", cases[i].message, err.code,
                     err.message);
    }
}

/* As it is written by hand, before a training has looked the tokens up. */
static void names_without_tokens_are_refused(void **state)
{
    (void)state;
    char *text = strdup(tiny_timeline_config);
    assert_non_null(text);
    for (char *at; (at = strstr(text, "\"token\""));) memcpy(at, "\"later\"", 7);
    test_write_text(in_dir("config.json"), text);
    free(text);
    ask_error err = {0};
    assert_false(ask_model_init(in_dir("a"), in_dir("config.json"), NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "key \"kinds\": the names have no tokens"));
}

/* ---- what references gave ---- */

/* A tensor of a fixture under the name that a run has for it. */
typedef struct {
    const char *theirs, *ours;
} renamed;

static tensor_list take(const char *fixture, const char *file, const renamed *names)
{
    char path[256];
    snprintf(path, sizeof path, "golden/%s/%s.safetensors", fixture, file);
    tensor_list all = tensors_read(test_fixture(path)), some = {0};
    for (; names->theirs; names++) {
        const ask_weights_entry *e = tensors_get(&all, names->theirs);
        const ask_weights_entry *copy =
            tensors_add(&some, names->ours, e->type, e->n_dims, e->shape);
        memcpy((void *)(uintptr_t)copy->data, e->data, e->bytes);
    }
    tensors_free(&all);
    return some;
}

/* A model whose other parts are random. */
static void put_weights(const char *fixture)
{
    char path[256];
    snprintf(path, sizeof path, "golden/%s/model.safetensors", fixture);
    tensor_list all = tensors_read(in_dir("a/model.safetensors"));
    tensor_list given = tensors_read(test_fixture(path));
    for (size_t i = 0; i < given.n; i++) {
        const ask_weights_entry *from = &given.entries[i];
        const ask_weights_entry *to = tensors_get(&all, from->name);
        assert_int_equal(to->bytes, from->bytes);
        memcpy((void *)(uintptr_t)to->data, from->data, from->bytes);
    }
    tensors_write(&all, in_dir("a/model.safetensors"));
    tensors_free(&given);
    tensors_free(&all);
}

typedef struct {
    const char *fixture;
    const char *file;               // that the inputs are in
    renamed inputs[8], outputs[12]; // end with {0}
} part;

static void verify_part(const part *p)
{
    ask_error err = {0};
    CHECK_OK(ask_model_init(in_dir("a"), in_dir("config.json"), NULL, &err), &err);
    put_weights(p->fixture);
    tensor_list inputs = take(p->fixture, p->file, p->inputs);
    tensor_list outputs = take(p->fixture, "outputs", p->outputs);
    tensors_write(&inputs, in_dir("a/inputs.safetensors"));
    tensors_write(&outputs, in_dir("a/outputs.safetensors"));
    ask_verify_report r;
    CHECK_OK(ask_model_verify(&r, in_dir("a"), NULL, &err), &err);
    assert_int_equal(r.n_rows, outputs.n);
    for (int i = 0; i < r.n_rows; i++)
        if (!r.rows[i].passed)
            fail_msg("%s: %s: %s", p->fixture, r.rows[i].name, r.rows[i].reason);
    ask_verify_report_free(&r);
    tensors_free(&inputs);
    tensors_free(&outputs);
}

static void copy_config(const char *fixture)
{
    char path[256];
    size_t n;
    snprintf(path, sizeof path, "golden/%s/config.json", fixture);
    char *text = test_read(test_fixture(path), &n);
    test_write(in_dir("config.json"), text, n);
    free(text);
}

/* tools/golden/cells.py. The norms are folded into the convolutions here. */
static void cells_see_what_the_reference_sees(void **state)
{
    (void)state;
    static const part cells = {
        "cells",
        "inputs",
        {{"pixels", "pixels"}},
        {{"eval.features", "cells.features"}, {"eval.outputs", "cells.outputs"}}};
    config_with("\"image_size\": 48", "\"image_size\": 32");
    verify_part(&cells);
}

/* tools/golden/timeline.py; of sights that are picked, and of ones that are told. */
#define GLANCE_OUTPUTS                                                                     \
    {"states", "glance.states"}, {"glimpses", "glance.glimpses"},                          \
        {"events", "glance.events"}, {"pairs", "glance.pairs"}, {"toys", "glance.toys"},   \
        {"toy_sights", "glance.toy_sights"},                                               \
    {                                                                                      \
        "records", "glance.records"                                                        \
    }

static void a_glance_remembers_what_the_reference_does(void **state)
{
    (void)state;
    static const part told = {"timeline_glance_told",
                              "inputs",
                              {{"sights", "sights"}, {"mask", "sight_mask"}},
                              {GLANCE_OUTPUTS, {"mask", "glance.record_mask"}}};
    copy_config(told.fixture);
    verify_part(&told);
}

/* What the reference picked first is among its outputs. */
static void a_glance_takes_features_beside_sights(void **state)
{
    (void)state;
    static const part seen = {
        "timeline_glance",
        "outputs",
        {{"picked.sights", "sights"}, {"picked.features", "sight_features"}},
        {GLANCE_OUTPUTS}};
    copy_config(seen.fixture);
    verify_part(&seen);
}

/* tools/golden/timeline_focus.py */
static const part focus = {"timeline_focus",
                           "inputs",
                           {{"records", "records"},
                            {"mask", "record_mask"},
                            {"ids", "input_ids"},
                            {"text_mask", "attention_mask"},
                            {"answer_ids", "answer_ids"},
                            {"answer_mask", "answer_mask"}},
                           {{"answers", "text.vectors"},
                            {"slots", "focus.slots"},
                            {"answer", "focus.answer"},
                            {"logits", "focus.logits"},
                            {"pointer", "focus.pointer"},
                            {"focus.attentions.2", "focus.attentions.2"}}};

static void a_focus_answers_what_the_reference_does(void **state)
{
    (void)state;
    copy_config(focus.fixture);
    verify_part(&focus);
}

/* tools/golden/timeline_find.py */
static void texts_fit_cells_as_the_reference_says(void **state)
{
    (void)state;
    static const part find = {
        "timeline_find",
        "inputs",
        {{"cells", "cell_outputs"}, {"features", "cell_features"}, {"ids", "text_ids"}},
        {{"whole", "find.whole"},
         {"vectors", "find.vectors"},
         {"texts", "find.texts"},
         {"fits", "find.fits"}}};
    copy_config(find.fixture);
    verify_part(&find);
}

/* ---- inputs that do not fit ---- */

static void inputs_that_the_network_cannot_take_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_dtype type;
        int n_dims;
        int64_t shape[4];
        const char *message;
    } cases[] = {
        {"pixels", ASK_F32, 4, {1, 3, 48, 32}, "pixels: the network takes [N, 3, 48, 48]"},
        {"pixels", ASK_F32, 3, {3, 48, 48}, "pixels: the network takes"},
        {"sights", ASK_F32, 3, {1, 17, 21}, "sights: the network takes [B, 18, 21]"},
        {"sight_features",
         ASK_F32,
         3,
         {1, 18, 7},
         "sight_features: the network takes [B, 18, 8]"},
        {"sight_mask", ASK_BOOL, 2, {2, 18}, "sight_mask: the network takes [B, 18]"},
        {"records", ASK_F32, 3, {1, 7, 31}, "records: the network takes [B, 7, 32]"},
        {"record_mask", ASK_BOOL, 2, {1, 6}, "record_mask: the network takes [B, 7]"},
        {"input_ids", ASK_I64, 3, {2, 1, 4}, "input_ids: the network takes [B, Q, L]"},
        {"input_ids", ASK_I64, 3, {1, 2, 21}, "input_ids: the network takes [B, L] with L"},
        {"attention_mask",
         ASK_BOOL,
         3,
         {1, 2, 5},
         "attention_mask: must have the shape of"},
        {"answer_ids", ASK_I64, 1, {4}, "answer_ids: the network takes"},
        {"answer_mask", ASK_BOOL, 2, {3, 5}, "answer_mask: must have the shape of"},
        {"cell_outputs",
         ASK_F32,
         3,
         {2, 8, 21},
         "cell_outputs: the network takes [N, 9, 21]"},
        {"cell_features",
         ASK_F32,
         3,
         {1, 9, 8},
         "cell_features: the network takes [N, 9, 8]"},
        {"text_ids", ASK_I64, 2, {3, 21}, "text_ids: the network takes [B, L] with L"},
    };
    static const struct {
        const char *name;
        ask_dtype type;
        int n_dims;
        int64_t shape[4];
    } good[] = {
        {"pixels", ASK_F32, 4, {1, 3, 48, 48}},
        {"sights", ASK_F32, 3, {1, 18, 21}},
        {"sight_features", ASK_F32, 3, {1, 18, 8}},
        {"sight_mask", ASK_BOOL, 2, {1, 18}},
        {"records", ASK_F32, 3, {1, 7, 32}},
        {"record_mask", ASK_BOOL, 2, {1, 7}},
        {"input_ids", ASK_I64, 3, {1, 2, 4}},
        {"attention_mask", ASK_BOOL, 3, {1, 2, 4}},
        {"answer_ids", ASK_I64, 2, {3, 4}},
        {"answer_mask", ASK_BOOL, 2, {3, 4}},
        {"cell_outputs", ASK_F32, 3, {2, 9, 21}},
        {"cell_features", ASK_F32, 3, {2, 9, 8}},
        {"text_ids", ASK_I64, 2, {3, 5}},
    };
    init("a", config_with("\"dropout\": 0.1", "\"dropout\": 0.1, \"find\": {}"));
    tensor_list outputs = {0};
    tensors_add(&outputs, "cells.features", ASK_F32, 3, (int64_t[]){1, 9, 8});
    tensors_write(&outputs, in_dir("a/outputs.safetensors"));
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        tensor_list inputs = {0};
        for (size_t k = 0; k < TEST_COUNT(good); k++)
            tensors_add(&inputs, good[k].name, good[k].type, good[k].n_dims, good[k].shape);
        tensors_reshape(&inputs, cases[i].name, cases[i].type, cases[i].n_dims,
                        cases[i].shape);
        tensors_write(&inputs, in_dir("a/inputs.safetensors"));
        ask_error err = {0};
        ask_verify_report r;
        assert_false(ask_model_verify(&r, in_dir("a"), NULL, &err));
        if (err.code != ASK_ERR_MODEL || !strstr(err.message, cases[i].message))
            fail_msg("expected \"%s\", got %d: \"%s\"", cases[i].message, err.code,
                     err.message);
        tensors_free(&inputs);
    }
    tensors_free(&outputs);
}

static void a_network_that_cannot_find_takes_no_texts(void **state)
{
    (void)state;
    static const int64_t outputs[] = {2, 9, 21}, features[] = {2, 9, 8}, ids[] = {3, 5};
    tensor_list list = {0};
    ask_error err = {0};
    ask_verify_report r;
    init("a", config_with(NULL, NULL));
    tensors_add(&list, "cell_outputs", ASK_F32, 3, outputs);
    tensors_add(&list, "cell_features", ASK_F32, 3, features);
    tensors_add(&list, "text_ids", ASK_I64, 2, ids);
    tensors_write(&list, in_dir("a/inputs.safetensors"));
    tensors_write(&list, in_dir("a/outputs.safetensors"));
    assert_false(ask_model_verify(&r, in_dir("a"), NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "the network was not made to find"));
    tensors_free(&list);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)
    const struct CMUnitTest tests[] = {
        TEST(weights_begin_as_the_network_says),
        TEST(the_same_seed_gives_the_same_model),
        TEST(a_model_tells_its_sizes),
        TEST(a_network_that_sees_neighbours_is_told_which),
        TEST(lists_of_answers_change_which_model_it_is),
        TEST(lists_that_make_no_sense_are_refused),
        TEST(a_list_without_end_is_refused),
        TEST(a_configuration_that_makes_no_sense_is_refused),
        TEST(names_without_tokens_are_refused),
        TEST(cells_see_what_the_reference_sees),
        TEST(a_glance_remembers_what_the_reference_does),
        TEST(a_glance_takes_features_beside_sights),
        TEST(a_focus_answers_what_the_reference_does),
        TEST(texts_fit_cells_as_the_reference_says),
        TEST(inputs_that_the_network_cannot_take_are_refused),
        TEST(a_network_that_cannot_find_takes_no_texts),
    };
    return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
