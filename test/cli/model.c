/* `askance model ...`: what it says, in words and in JSON, and its exit statuses. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "support/checkpoint.h"
#include "support/command.h"
#include "support/gguf_file.h"
#include "support/memory_model.h"
#include "support/testing.h"
#include "support/tiny_timeline.h"

static char *dir; // for everything that is written

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

/* ---- running it ---- */

static said run_words(const char *const *words)
{
    const cli_command commands[] = {
        cli_model_verify_command,
        cli_model_info_command,
        cli_model_bench_command,
        cli_model_init_command,
        {0},
    };
    return command_run(commands, "model", words);
}

#define RUN(...) run_words((const char *[COMMAND_MAX_WORDS]){__VA_ARGS__})

static int64_t int_at(const ask_json *doc, const char *path)
{
    ask_error err = {0};
    int64_t value = 0;
    CHECK_OK(ask_json_get_int(&value, ask_json_root(doc), path, INT64_MIN, INT64_MAX, &err),
             &err);
    return value;
}

static double real_at(const ask_json *doc, const char *path)
{
    ask_error err = {0};
    double value = 0;
    CHECK_OK(ask_json_get_double(&value, ask_json_root(doc), path, &err), &err);
    return value;
}

static bool bool_at(const ask_json *doc, const char *path)
{
    ask_error err = {0};
    bool value = false;
    CHECK_OK(ask_json_get_bool(&value, ask_json_root(doc), path, &err), &err);
    return value;
}

static void check_text_at(const ask_json *doc, const char *path, const char *expected)
{
    ask_error err = {0};
    const char *value = NULL;
    CHECK_OK(ask_json_get_string(&value, ask_json_root(doc), path, &err), &err);
    assert_string_equal(value, expected);
}

static bool has(const ask_json *doc, const char *path)
{
    return ask_json_type_of(ask_json_find(ask_json_root(doc), path)) != ASK_JSON_ABSENT;
}

/* ---- verify ---- */

static void a_good_model_is_verified(void **state)
{
    (void)state;
    said s = RUN("verify", test_fixture("golden/clip"));
    assert_int_equal(s.status, 0);
    assert_string_equal(s.err, "");
    check_holds(s.out, "tensor                       max error        rms  max value\n");
    check_holds(s.out, "image_embeds                 ");
    check_holds(s.out, " ok\n");
    check_holds(s.out, "clip: 15 tensors: 15 agree, 0 differ, 0 not compared\n");
    said_free(&s);
}

/* A copy that differs in one value, and has a tensor that nobody computes. */
static const char *spoilt_copy(void)
{
    checkpoint c = checkpoint_of("golden/clip");
    tensors_floats(&c.outputs, "image_embeds")[25] += 1;
    tensors_add(&c.outputs, "image.depth", ASK_F32, 1, (int64_t[]){2});
    checkpoint_write(&c, test_path(dir, "spoilt"));
    checkpoint_free(&c);
    return test_path(dir, "spoilt");
}

static void a_difference_is_an_exit_status_of_1(void **state)
{
    (void)state;
    said s = RUN("verify", spoilt_copy());
    assert_int_equal(s.status, 1);
    check_holds(s.out, "DIFFERS: 1 of 72 values beyond tolerance, first at [1, 1]: ");
    check_holds(s.out, "image.depth                  not compared: no run of the network "
                       "gives a tensor of that name\n");
    check_holds(s.out, "clip: 16 tensors: 14 agree, 1 differ, 1 not compared\n");
    said_free(&s);
}

static void the_tolerance_may_be_given(void **state)
{
    (void)state;
    said s = RUN("verify", test_fixture("golden/clip"), "--tol", "1e-12");
    assert_int_equal(s.status, 1);
    said_free(&s);
    s = RUN("verify", test_fixture("golden/clip"), "--tol=1e-3", "--arch", "clip",
            "--threads=1");
    assert_int_equal(s.status, 0);
    said_free(&s);
}

static void a_verification_is_told_in_json(void **state)
{
    (void)state;
    said s = RUN("verify", spoilt_copy(), "--json");
    assert_int_equal(s.status, 1);
    ask_json *doc = said_json(&s);
    check_text_at(doc, "schema", "askance.model.verify/1");
    check_text_at(doc, "network", "clip");
    check_text_at(doc, "dir", test_path(dir, "spoilt"));
    assert_false(bool_at(doc, "passed"));
    assert_int_equal(int_at(doc, "n_passed"), 14);
    assert_int_equal(int_at(doc, "n_failed"), 1);
    assert_int_equal(int_at(doc, "n_not_compared"), 1);
    check_text_at(doc, "tensors.0.name", "image.depth");
    check_text_at(doc, "tensors.0.file", "outputs.safetensors");
    assert_false(bool_at(doc, "tensors.0.compared"));
    assert_false(has(doc, "tensors.0.max_abs"));
    assert_true(has(doc, "tensors.0.reason"));
    check_text_at(doc, "tensors.1.name", "image_embeds");
    assert_true(fabs(real_at(doc, "tensors.1.max_abs") - 1) < 1e-3);
    assert_true(real_at(doc, "tensors.1.tol_abs") == 2e-5);
    assert_true(bool_at(doc, "tensors.2.passed"));
    assert_false(has(doc, "tensors.2.reason"));
    ask_json_free(doc);
    said_free(&s);
}

static void gradients_are_verified(void **state)
{
    (void)state;
    said s = RUN("verify", test_fixture("golden/glance_focus_paper"));
    assert_int_equal(s.status, 0);
    check_holds(s.out, "loss_total      ");
    check_holds(s.out, "span_embed.layers.2.weight      ");
    check_holds(s.out, " agree, 0 differ, 0 not compared\n");
    said_free(&s);
}

static void a_behaviour_may_be_chosen(void **state)
{
    (void)state;
    const char *released = test_fixture("golden/glance_focus_sup");
    said s = RUN("verify", released, "--compat", "released");
    assert_int_equal(s.status, 0);
    said_free(&s);
    s = RUN("verify", released, "--compat=paper");
    assert_int_equal(s.status, 1);
    check_holds(s.out, " differ, 0 not compared\n");
    said_free(&s);
}

/* ---- info ---- */

static void a_model_is_told_in_words(void **state)
{
    (void)state;
    said s = RUN("info", test_fixture("golden/clip"));
    assert_int_equal(s.status, 0);
    static const char *const lines[] = {
        "network        clip\n",
        "parameters     79657\n",
        "weights        318628 bytes, most of them f32, in 1 file\n",
        "sizes          vision.layers        3\n",
        "               text.vocabulary      120\n",
        "tokenizer      none: texts cannot be read\n",
        "pictures       shorter side to 32 px (bicubic), the middle 32 x 32, times "
        "0.00392157, minus 0.481455 0.457828 0.408211, over 0.26863 0.261303 0.275777\n",
        "computes on    cpu, ",
    };
    for (size_t i = 0; i < TEST_COUNT(lines); i++) check_holds(s.out, lines[i]);
    assert_null(strstr(s.out, "views "));
    said_free(&s);
}

static void a_model_is_told_in_json(void **state)
{
    (void)state;
    said s = RUN("info", test_fixture("golden/clip"), "--json");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    check_text_at(doc, "schema", "askance.model.info/1");
    check_text_at(doc, "network", "clip");
    check_text_at(doc, "dtype", "f32");
    assert_int_equal(int_at(doc, "n_params"), 79657);
    assert_int_equal(int_at(doc, "n_files"), 1);
    ask_json_value sizes = ask_json_find(ask_json_root(doc), "sizes");
    ask_error err = {0};
    int64_t context = 0;
    CHECK_OK(ask_json_get_int(&context, ask_json_member(sizes, "text.context"), NULL, 0, 99,
                              &err),
             &err);
    assert_int_equal(context, 16);
    assert_false(bool_at(doc, "tokenizer"));
    check_text_at(doc, "preprocess.filter", "bicubic");
    assert_true(real_at(doc, "preprocess.scale") == 1.0 / 255);
    assert_false(has(doc, "view_offset_s"));
    ask_json_free(doc);
    said_free(&s);
}

static void questions_that_a_model_answers_are_told(void **state)
{
    (void)state;
    const char *glance = test_fixture("golden/glance_focus_paper");
    said s = RUN("info", glance);
    assert_int_equal(s.status, 0);
    check_holds(s.out, "sizes          width                24\n");
    check_holds(s.out, "answers        options, 4 a question\n");
    check_holds(s.out, "features       12 a frame, 8 frames\n");
    check_holds(s.out, "events         6, of 6 classes without names\n");
    said_free(&s);
    s = RUN("info", glance, "--json");
    ask_json *doc = said_json(&s);
    check_text_at(doc, "questions.kind", "options");
    assert_int_equal(int_at(doc, "questions.n_events"), 6);
    assert_int_equal(int_at(doc, "questions.n_options"), 4);
    assert_false(bool_at(doc, "questions.classes"));
    assert_false(has(doc, "questions.features"));
    assert_true(real_at(doc, "questions.video_gflop") > 0);
    ask_json_free(doc);
    said_free(&s);
}

/* A model with a memory, and with answers of its own. */
static void make_answering(const char *made)
{
    static const char *const answers[] = {"yes", "no", "nothing"};
    tiny_timeline_make(made);
    memory_model_write_answers(made, answers, 3, answers + 2, 1);
}

static void what_a_model_remembers_is_told(void **state)
{
    (void)state;
    const char *made = test_path(dir, "timeline");
    make_answering(made);
    said s = RUN("info", made);
    assert_int_equal(s.status, 0);
    check_holds(s.out, "answers        options, or 3 of its own\n");
    check_holds(s.out, "memory         6 frames, 3 things a frame; 4 events, 3 things\n");
    check_holds(s.out, "GFLOP a frame, ");
    check_holds(s.out, "pictures       ");
    said_free(&s);
    s = RUN("info", made, "--json");
    ask_json *doc = said_json(&s);
    assert_int_equal(int_at(doc, "memory.n_slots"), 7);
    assert_int_equal(int_at(doc, "memory.n_answers"), 3);
    assert_true(real_at(doc, "memory.answer_gflop") > 0);
    assert_false(has(doc, "logit_scale"));
    assert_false(has(doc, "questions.kind"));
    assert_true(has(doc, "preprocess.scale"));
    ask_json_free(doc);
    said_free(&s);
}

/* A network of nine channels: a frame with the one before it and the one after. */
static const char *model_of_three_views(void)
{
    static const char config[] =
        "{\"model_type\": \"clip\", \"projection_dim\": 8, \"match_patches\": true,\n"
        " \"text_config\": {\"hidden_size\": 16, \"intermediate_size\": 16,\n"
        "  \"num_hidden_layers\": 1, \"num_attention_heads\": 2, \"vocab_size\": 512,\n"
        "  \"bos_token_id\": 510, \"eos_token_id\": 511},\n"
        " \"vision_config\": {\"hidden_size\": 16, \"intermediate_size\": 16,\n"
        "  \"num_hidden_layers\": 1, \"num_attention_heads\": 2, \"image_size\": 16,\n"
        "  \"patch_size\": 8, \"num_channels\": 9}}\n";
    const char *made = test_path(dir, "views"), *file = test_path(dir, "views.json");
    test_write_text(file, config);
    said s = RUN("init", file, made);
    assert_int_equal(s.status, 0);
    said_free(&s);
    test_write_text(test_path(made, "preprocessor_config.json"),
                    "{\"image_processor_type\": \"CLIPImageProcessor\",\n"
                    " \"size\": {\"shortest_edge\": 16}, \"crop_size\": 16,\n"
                    " \"frame_offsets_s\": [-0.1667, 0, 0.5]}\n");
    return made;
}

static void views_of_a_frame_are_told(void **state)
{
    (void)state;
    const char *made = model_of_three_views();
    said s = RUN("info", made);
    assert_int_equal(s.status, 0);
    check_holds(s.out, "               embedding.vectors    5\n");
    check_holds(s.out, "views          3 pictures, at -0.1667, 0, 0.5 s from the frame\n");
    said_free(&s);

    s = RUN("info", made, "--json");
    ask_json *doc = said_json(&s);
    ask_json_value offsets = ask_json_find(ask_json_root(doc), "view_offset_s");
    assert_int_equal(ask_json_count(offsets), 3);
    assert_true(real_at(doc, "view_offset_s.0") == -0.1667);
    assert_true(real_at(doc, "view_offset_s.1") == 0);
    assert_true(real_at(doc, "view_offset_s.2") == 0.5);
    ask_json_free(doc);
    said_free(&s);
}

/* ---- bench ---- */

static void speeds_are_told(void **state)
{
    (void)state;
    said s = RUN("bench", test_fixture("golden/clip"), "--rounds=1");
    assert_int_equal(s.status, 0);
    static const char *const lines[] = {"opening ",      "one image ",   "8 images ",
                                        "one text ",     "first image ", "peak ",
                                        " GFLOP/s f32, "};
    for (size_t i = 0; i < TEST_COUNT(lines); i++) check_holds(s.out, lines[i]);
    said_free(&s);

    s = RUN("bench", test_fixture("golden/clip_odd"), "--rounds=2", "--threads=1",
            "--json");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    check_text_at(doc, "schema", "askance.model.bench/1");
    assert_int_equal(int_at(doc, "n_threads"), 1);
    assert_int_equal(int_at(doc, "text_tokens"), 13); // the whole context
    assert_true(real_at(doc, "peak_gflops") > 0);
    assert_true(real_at(doc, "image.each_s") > 0);
    assert_true(real_at(doc, "images_8.gflops") > 0);
    assert_true(real_at(doc, "text.first_s") > 0);
    ask_json_free(doc);
    said_free(&s);
}

/* ---- a model without pictures ---- */

static void of_a_text_encoder_only_texts_are_told(void **state)
{
    (void)state;
    const char *roberta = test_fixture("golden/roberta");
    said s = RUN("info", roberta);
    assert_int_equal(s.status, 0);
    check_holds(s.out, "network        roberta\n");
    check_holds(s.out, "               text.context         20\n");
    check_holds(s.out, " GFLOP a token of a short text\n");
    static const char *const others[] = {"pictures", "logit scale", "an image", "views"};
    for (size_t i = 0; i < TEST_COUNT(others); i++) assert_null(strstr(s.out, others[i]));
    said_free(&s);

    s = RUN("info", roberta, "--json");
    ask_json *doc = said_json(&s);
    assert_true(real_at(doc, "text_token_gflop") > 0);
    assert_int_equal(ask_json_type_of(ask_json_find(ask_json_root(doc), "preprocess")),
                     ASK_JSON_ABSENT);
    assert_int_equal(ask_json_type_of(ask_json_find(ask_json_root(doc), "logit_scale")),
                     ASK_JSON_ABSENT);
    ask_json_free(doc);
    said_free(&s);

    s = RUN("bench", roberta, "--rounds=1");
    assert_int_equal(s.status, 0);
    check_holds(s.out, "one text ");
    check_holds(s.out, "first text ");
    assert_null(strstr(s.out, "image"));
    said_free(&s);

    s = RUN("bench", roberta, "--rounds=1", "--json");
    doc = said_json(&s);
    assert_int_equal(int_at(doc, "text_tokens"), 16);
    assert_true(real_at(doc, "text.gflops") > 0);
    assert_int_equal(ask_json_type_of(ask_json_find(ask_json_root(doc), "image")),
                     ASK_JSON_ABSENT);
    ask_json_free(doc);
    said_free(&s);
}

static void of_clips_the_speed_is_told(void **state)
{
    (void)state;
    const char *s3d = test_fixture("golden/s3d");
    said s = RUN("bench", s3d, "--rounds=1");
    assert_int_equal(s.status, 0);
    check_holds(s.out, "one clip ");
    check_holds(s.out, "first clip ");
    assert_null(strstr(s.out, "image"));
    said_free(&s);

    s = RUN("bench", s3d, "--rounds=1", "--json");
    ask_json *doc = said_json(&s);
    assert_true(real_at(doc, "clip.gflops") > 0);
    assert_true(real_at(doc, "clip.first_s") > 0);
    ask_json_free(doc);
    said_free(&s);
}

/* Of a model that has no vectors of pictures or texts. */
static void of_a_memory_the_speeds_of_its_parts_are_told(void **state)
{
    (void)state;
    const char *made = test_path(dir, "remembers");
    make_answering(made);
    said s = RUN("bench", made, "--rounds=1");
    assert_int_equal(s.status, 0);
    static const char *const lines[] = {"one frame ", "one memory ", "one question ",
                                        "first frame "};
    for (size_t i = 0; i < TEST_COUNT(lines); i++) check_holds(s.out, lines[i]);
    assert_null(strstr(s.out, "image"));
    assert_null(strstr(s.out, "text"));
    said_free(&s);

    static const char *const keys[] = {"frame", "memory", "question"};
    static const char *const fields[] = {"each_s", "first_s", "gflops"};
    s = RUN("bench", made, "--rounds=2", "--json");
    ask_json *doc = said_json(&s);
    for (size_t i = 0; i < TEST_COUNT(keys); i++)
        for (size_t k = 0; k < TEST_COUNT(fields); k++) {
            char at[32];
            snprintf(at, sizeof at, "%s.%s", keys[i], fields[k]);
            CHECK_CASE(at, real_at(doc, at) > 0);
        }
    assert_false(has(doc, "image") || has(doc, "text"));
    assert_int_equal(int_at(doc, "text_tokens"), 0);
    ask_json_free(doc);
    said_free(&s);
}

static void without_answers_of_its_own_no_question_is_timed(void **state)
{
    (void)state;
    const char *made = test_path(dir, "mute");
    tiny_timeline_make(made);
    said s = RUN("bench", made, "--rounds=1", "--json");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    assert_true(has(doc, "frame") && has(doc, "memory"));
    assert_false(has(doc, "question"));
    ask_json_free(doc);
    said_free(&s);
}

/* ---- init ---- */

static void a_model_is_made(void **state)
{
    (void)state;
    const char *config = test_fixture("golden/clip/config.json");
    char *made = strdup(test_path(dir, "made"));
    said s = RUN("init", config, made, "--seed", "7");
    assert_int_equal(s.status, 0);
    check_holds(s.out, "made: clip, 79657 parameters from seed 7\n");
    said_free(&s);

    s = RUN("init", config, made);
    assert_int_equal(s.status, 2);
    check_holds(s.err, "askance: model init: ");
    check_holds(s.err, "already; give a new folder\n");
    said_free(&s);

    s = RUN("init", config, test_path(dir, "again"), "--seed=7", "--json");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    check_text_at(doc, "schema", "askance.model.init/1");
    assert_int_equal(int_at(doc, "seed"), 7);
    assert_int_equal(int_at(doc, "n_params"), 79657);
    ask_json_free(doc);
    said_free(&s);
    free(made);
}

/* ---- GGUF ---- */

static void a_gguf_file_is_a_model(void **state)
{
    (void)state;
    const char *model = test_fixture("golden/gguf_llama/model.gguf");
    said s = RUN("verify", model);
    assert_int_equal(s.status, 0);
    check_holds(s.out, "llama: 8 tensors: 8 agree, 0 differ, 0 not compared\n");
    said_free(&s);
    s = RUN("info", model);
    assert_int_equal(s.status, 0);
    check_holds(s.out, "most of them q8_0, in 1 file\n");
    check_holds(s.out, "tokenizer      yes\n");
    said_free(&s);
}

static void check_gguf_refused(const char *name, const void *bytes, size_t n_bytes,
                               const char *message)
{
    char path[512];
    snprintf(path, sizeof path, "%s", test_path(dir, name));
    test_write(path, bytes, n_bytes);
    said s = RUN("verify", path);
    if (s.status != 4 || !strstr(s.err, message) ||
        strchr(s.err, '\n') != s.err + strlen(s.err) - 1)
        fail_msg("%s: status %d: %s", name, s.status, s.err);
    said_free(&s);
}

/* What is held against a folder is no GGUF file. */
static void check_refused_as_folder(void)
{
    const char *model = test_fixture("golden/gguf_llama/model.gguf"),
               *folder = test_fixture("golden/gguf_llama");
    const said all[] = {RUN("verify", model, "--against", folder),
                        RUN("verify", folder, "--against", model)};
    for (size_t i = 0; i < TEST_COUNT(all); i++) {
        said s = all[i];
        if (s.status != 4 || !strstr(s.err, "model.gguf: a GGUF file; give a folder with "
                                            "config.json and model.safetensors\n"))
            fail_msg("%zu: status %d: %s", i, s.status, s.err);
        said_free(&s);
    }
}

static void bad_gguf_files_have_the_exit_status_of_models(void **state)
{
    (void)state;
    size_t n;
    char *bytes = test_read(test_fixture("golden/gguf_llama/model.gguf"), &n);
    check_gguf_refused("cut.gguf", bytes, n - 1,
                       "cut.gguf: tensor \"blk.1.ffn_down.weight\": truncated: 4608 bytes");
    check_gguf_refused("header.gguf", bytes, 1000, "header.gguf: key ");
    check_gguf_refused("short.gguf", bytes, 6, "short.gguf: truncated: the version");
    check_refused_as_folder();
    bytes[4] = 9;
    check_gguf_refused("newer.gguf", bytes, n,
                       "newer.gguf: GGUF version 9 is not read (2 and 3 are)");
    free(bytes);

    gguf_file f = {0};
    gguf_file_put_text(&f, "general.architecture", "gemma2");
    bytes = gguf_file_take(&f, &n);
    check_gguf_refused("other.gguf", bytes, n,
                       "other.gguf: key \"general.architecture\": \"gemma2\" is not read; "
                       "there are: llama (Mistral too), qwen2\n");
    free(bytes);

    gguf_file_put_text(&f, "general.architecture", "llama");
    gguf_file_add(&f, "t", 1, (int64_t[]){256}, ASK_Q4_K, (char[144]){0});
    bytes = gguf_file_take(&f, &n);
    for (size_t i = 0; i + 20 < n; i++) // the type behind name, dimensions and size
        if (memcmp(bytes + i, "\1\0\0\0\0\1\0\0\0\0\0\0\14", 13) == 0) bytes[i + 12] = 17;
    check_gguf_refused(
        "rare.gguf", bytes, n,
        "rare.gguf: tensor \"t\": blocks of type IQ2_XS are not read; take a "
        "file with Q8_0, Q4_0, Q4_1, Q5_0, Q5_1 or one of Q2_K to Q6_K\n");
    free(bytes);
}

/* ---- what cannot be done ---- */

static void errors_have_their_exit_status(void **state)
{
    (void)state;
    const char *clip = test_fixture("golden/clip"),
               *glance = test_fixture("golden/glance_focus_paper"),
               *config = test_fixture("golden/clip/config.json");
    checkpoint_write(&(checkpoint){.config = "{\"model_type\": \"clip\"}"},
                     test_path(dir, "empty"));
    const char *empty = test_path(dir, "empty"), *zero = test_path(dir, "zero.json"),
               *absurd = test_path(dir, "absurd.json"), *absent = test_path(dir, "absent"),
               *fresh = test_path(dir, "fresh");
    test_write_text(zero, "");
    test_write_text(absurd, "{\"model_type\": \"clip\", \"vision_config\": "
                            "{\"hidden_size\": 1000000000000}}");
    test_write_text(test_path(absent, "README"), "");
    const struct {
        const char *words[COMMAND_MAX_WORDS];
        int status;
        const char *message;
    } cases[] = {
        {{"verify"},
         2,
         "askance: model verify: expected DIR, got 0 arguments; see --help\n"},
        {{"verify", "/nonexistent"},
         4,
         "askance: model verify: /nonexistent: no such folder\n"},
        {{"verify", config},
         4,
         "config.json: a file; expected a folder with config.json and "
         "model.safetensors, or a GGUF file\n"},
        {{"verify", empty}, 4, "missing tensors: logit_scale []"},
        {{"verify", clip, "--tol", "0"}, 2, "--tol"},
        {{"verify", clip, "--tol", "-1"}, 2, "--tol"},
        {{"verify", clip, "--arch", "vit"},
         2,
         "there is no network \"vit\"; there are: clip, bert, "},
        {{"verify", clip, "--threads", "0"}, 2, "--threads"},
        {{"verify", clip, "--compat", "paper"},
         2,
         "clip has one behaviour; there is no \"paper\" to choose"},
        {{"verify", glance, "--compat=old"}, 2, "compat is released or paper, not \"old\""},
        {{"bench", glance}, 3, "glance_focus embeds neither pictures nor clips nor texts"},
        {{"info", "/nonexistent"},
         4,
         "askance: model info: /nonexistent: no such folder\n"},
        {{"bench", "/nonexistent"},
         4,
         "askance: model bench: /nonexistent: no such folder\n"},
        {{"bench", clip, "--rounds", "0"}, 2, "--rounds"},
        {{"verify", ""}, 2, "argument 1 of DIR is empty"},
        {{"info", absent}, 4, "absent: there is no config.json"},
        {{"info", config}, 4, "config.json: a file; expected a folder"},
        {{"bench", empty}, 4, "missing tensors: logit_scale []"},
        {{"init", "/nonexistent", dir}, 4, "/nonexistent"},
        {{"init", dir, fresh}, 4, "is a folder, not a file"},
        {{"init", zero, fresh}, 4, "zero.json:1:0: "},
        {{"init", absurd, fresh},
         4,
         "absurd.json: key \"vision_config.hidden_size\": expected an integer from 1 to"},
        {{"init", config, zero}, 2, "zero.json: a file; give a new folder"},
        {{"init", config, fresh, "--tokenizer=/nonexistent"}, 4, "/nonexistent"},
        {{"init", config, fresh, "--arch=vit"}, 2, "there are: clip, bert, "},
        {{"init", config}, 2, "expected CONFIG.json DIR, got 1 argument"},
        {{"init", config, "/dev/null/clip"}, 3, "/dev/null"},
        {{"init", config, "x", "--seed", "-1"}, 2, "--seed"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        said s = run_words(cases[i].words);
        if (s.status != cases[i].status || !strstr(s.err, cases[i].message) ||
            strchr(s.err, '\n') != s.err + strlen(s.err) - 1 || s.out[0])
            fail_msg("case %zu (%s %s): status %d: %s%s", i, cases[i].words[0],
                     cases[i].words[1], s.status, s.err, s.out);
        said_free(&s);
    }
    assert_false(ask_file_exists(fresh));
}

static void errors_are_documents_under_json(void **state)
{
    (void)state;
    said s = RUN("info", "/nonexistent", "--json");
    assert_int_equal(s.status, 4);
    ask_json *doc = said_json(&s);
    check_text_at(doc, "error.code", "model");
    check_text_at(doc, "error.message", "/nonexistent: no such folder");
    ask_json_free(doc);
    said_free(&s);
}

/* Ctrl-C while a model of many weights is drawn. */
static void an_interrupt_leaves_nothing_behind(void **state)
{
    (void)state;
    char *made = strdup(test_path(dir, "interrupted"));
    test_write_text(test_path(dir, "big.json"), "{\"model_type\": \"clip\"}");
    const char *config = test_path(dir, "big.json");
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        said s = RUN("init", config, made);
        _exit(s.status);
    }
    while (!ask_file_exists(made)) usleep(1000);
    kill(child, SIGINT);
    int status = 0;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 130);
    assert_false(ask_file_exists(made));
    free(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interrupt_leaves_nothing_behind), // before any OpenMP team
        cmocka_unit_test(a_good_model_is_verified),
        cmocka_unit_test(a_difference_is_an_exit_status_of_1),
        cmocka_unit_test(the_tolerance_may_be_given),
        cmocka_unit_test(a_verification_is_told_in_json),
        cmocka_unit_test(gradients_are_verified),
        cmocka_unit_test(a_behaviour_may_be_chosen),
        cmocka_unit_test(questions_that_a_model_answers_are_told),
        cmocka_unit_test(what_a_model_remembers_is_told),
        cmocka_unit_test(a_model_is_told_in_words),
        cmocka_unit_test(a_model_is_told_in_json),
        cmocka_unit_test(views_of_a_frame_are_told),
        cmocka_unit_test(speeds_are_told),
        cmocka_unit_test(of_a_text_encoder_only_texts_are_told),
        cmocka_unit_test(of_clips_the_speed_is_told),
        cmocka_unit_test(of_a_memory_the_speeds_of_its_parts_are_told),
        cmocka_unit_test(without_answers_of_its_own_no_question_is_timed),
        cmocka_unit_test(a_model_is_made),
        cmocka_unit_test(errors_have_their_exit_status),
        cmocka_unit_test(a_gguf_file_is_a_model),
        cmocka_unit_test(bad_gguf_files_have_the_exit_status_of_models),
        cmocka_unit_test(errors_are_documents_under_json),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
