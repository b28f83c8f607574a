/* Sessions: embeddings of pictures and texts, whatever they are computed with. */
#include "model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/thread.h"
#include "support/checkpoint.h"
#include "support/color_model.h"
#include "support/testing.h"

/* ---- golden/clip and its reference, opened once ---- */

enum { N_IMAGES = 3, N_TEXTS = 4, LENGTH = 16, N_EMBED = 24, IMAGE_FLOATS = 3 * 32 * 32 };

static checkpoint golden;
static ask_model *model;
static const float *pixels; // [N_IMAGES, 3, 32, 32]
static int64_t ids[N_TEXTS * LENGTH];

static ask_model *open_threads(const char *dir, int n_threads)
{
    ask_error err = {0};
    ask_model_options opt = {.n_threads = n_threads};
    ask_model *m;
    CHECK_OK(m = ask_model_open(dir, &opt, &err), &err);
    return m;
}

static ask_session *session_of(ask_model *m)
{
    ask_error err = {0};
    ask_session *s;
    CHECK_OK(s = ask_session_open(m, &err), &err);
    return s;
}

static int open_golden(void **state)
{
    (void)state;
    golden = checkpoint_of("golden/clip");
    model = open_threads(test_fixture("golden/clip"), 0);
    pixels = tensors_floats(&golden.inputs, "pixel_values");
    memcpy(ids, tensors_get(&golden.inputs, "input_ids")->data, sizeof ids);
    return 0;
}

static int close_golden(void **state)
{
    (void)state;
    ask_model_close(model);
    checkpoint_free(&golden);
    return 0;
}

static void embed_pixels(ask_session *s, float *out, const float *from, int n)
{
    ask_error err = {0};
    CHECK_OK(ask_embed_pixels(s, out, from, n, NULL, &err), &err);
}

static void embed_ids(ask_session *s, float *out, const int64_t *from, int n, int length)
{
    ask_error err = {0};
    CHECK_OK(ask_embed_ids(s, out, from, n, length, NULL, &err), &err);
}

static void check_near(const char *what, const float *a, const float *b, int n, double tol)
{
    for (int i = 0; i < n; i++)
        if (!(fabs((double)a[i] - b[i]) <= tol))
            fail_msg("%s: element %d is %g, expected %g", what, i, (double)a[i],
                     (double)b[i]);
}

/* ---- the values ---- */

static void embeddings_are_those_of_the_reference(void **state)
{
    (void)state;
    float image[N_IMAGES * N_EMBED], text[N_TEXTS * N_EMBED];
    ask_session *s = session_of(model);
    assert_ptr_equal(ask_session_model(s), model);
    embed_pixels(s, image, pixels, N_IMAGES);
    embed_ids(s, text, ids, N_TEXTS, LENGTH);
    check_near("images", image, tensors_floats(&golden.outputs, "image_embeds"),
               N_IMAGES * N_EMBED, 2e-5);
    check_near("texts", text, tensors_floats(&golden.outputs, "text_embeds"),
               N_TEXTS * N_EMBED, 2e-5);
    ask_session_close(s);
}

static void rounded_and_divided_weights_give_nearly_the_same(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_dtype type; // ASK_F32: as they are
        bool sharded;
        double tol; // of unit vectors of 24 numbers; a step of f16 is 2^-11, of bf16 2^-8
    } cases[] = {
        {"two files", ASK_F32, true, 0},
        {"f16", ASK_F16, false, 4e-3},
        {"f16 in two files", ASK_F16, true, 4e-3},
        {"bf16", ASK_BF16, false, 3e-2},
    };
    ask_session *s = session_of(model);
    float exact[N_IMAGES * N_EMBED], exact_text[N_TEXTS * N_EMBED];
    embed_pixels(s, exact, pixels, N_IMAGES);
    embed_ids(s, exact_text, ids, N_TEXTS, LENGTH);
    ask_session_close(s);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = test_temp_dir_make();
        checkpoint c = checkpoint_of("golden/clip");
        if (cases[i].type != ASK_F32) tensors_narrow(&c.weights, cases[i].type);
        if (cases[i].sharded)
            checkpoint_write_sharded(&c, dir);
        else
            checkpoint_write(&c, dir);
        ask_model *m = open_threads(dir, 0);
        s = session_of(m);
        float image[N_IMAGES * N_EMBED], text[N_TEXTS * N_EMBED];
        embed_pixels(s, image, pixels, N_IMAGES);
        embed_ids(s, text, ids, N_TEXTS, LENGTH);
        check_near(cases[i].name, image, exact, N_IMAGES * N_EMBED, cases[i].tol);
        check_near(cases[i].name, text, exact_text, N_TEXTS * N_EMBED, cases[i].tol);
        bool same = memcmp(image, exact, sizeof exact) == 0;
        CHECK_CASE(cases[i].name, same == (cases[i].type == ASK_F32));
        ask_session_close(s);
        ask_model_close(m);
        checkpoint_free(&c);
        test_temp_dir_remove(dir);
    }
}

static void more_channels_than_three_are_taken_as_pixels(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_model *m = open_threads(test_fixture("golden/clip_odd"), 0);
    ask_model_info info = ask_model_info_of(m);
    assert_int_equal(info.n_channels, 9);
    checkpoint c = checkpoint_of("golden/clip_odd");
    float out[2 * 20];
    ask_session *s = session_of(m);
    embed_pixels(s, out, tensors_floats(&c.inputs, "pixel_values"), 2);
    check_near("images", out, tensors_floats(&c.outputs, "image_embeds"), 40, 2e-5);
    ask_image picture;
    CHECK_OK(ask_image_new(&picture, 20, 20, 3, &err), &err);
    assert_false(ask_embed_images(s, out, &picture, 1, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "the network takes 9 channels, a picture has 3"));
    ask_image_free(&picture);
    ask_session_close(s);
    ask_model_close(m);
    checkpoint_free(&c);
}

/* ---- the same bits ---- */

enum { MANY = 19 }; // two batches of eight, and three

static float *many_pictures(void)
{
    float *many = malloc(MANY * IMAGE_FLOATS * sizeof *many);
    assert_non_null(many);
    ask_rng rng = ask_rng_new(4);
    for (int i = 0; i < MANY * IMAGE_FLOATS; i++) many[i] = (float)ask_rng_normal(&rng);
    return many;
}

static void an_image_does_not_depend_on_its_batch(void **state)
{
    (void)state;
    float *many = many_pictures(), together[MANY * N_EMBED], alone[N_EMBED];
    ask_session *s = session_of(model);
    embed_pixels(s, together, many, MANY);
    for (int i = 0; i < MANY; i++) {
        embed_pixels(s, alone, many + i * IMAGE_FLOATS, 1);
        if (memcmp(alone, together + i * N_EMBED, sizeof alone) != 0)
            fail_msg("image %d has other bits alone", i);
    }
    for (int n = 2; n <= 8; n++) {
        float some[8 * N_EMBED];
        embed_pixels(s, some, many, n);
        if (memcmp(some, together, (size_t)n * sizeof alone) != 0)
            fail_msg("a batch of %d has other bits", n);
    }
    free(many);
    ask_session_close(s);
}

/* n texts of that many tokens each. */
static void make_texts(int64_t *out, int n, int n_tokens, uint64_t seed)
{
    ask_rng rng = ask_rng_new(seed);
    for (int i = 0; i < n * LENGTH; i++) {
        int at = i % LENGTH;
        out[i] = at == 0              ? 118
                 : at == n_tokens - 1 ? 119
                                      : (int64_t)ask_rng_below(&rng, 118);
    }
}

static void a_text_does_not_depend_on_longer_ones_beside_it(void **state)
{
    (void)state;
    enum { N = 40 }; // more than a batch
    int64_t many[N * LENGTH];
    make_texts(many, N, 6, 1);
    make_texts(many + 7 * LENGTH, 1, LENGTH, 2);
    make_texts(many + 9 * LENGTH, 1, 2, 3);
    float together[N * N_EMBED], alone[N_EMBED], exact[N_EMBED];
    ask_session *s = session_of(model);
    embed_ids(s, together, many, N, LENGTH);
    for (int i = 0; i < N; i++) {
        embed_ids(s, alone, many + i * LENGTH, 1, LENGTH);
        if (memcmp(alone, together + i * N_EMBED, sizeof alone) != 0)
            fail_msg("text %d has other bits alone", i);
    }
    embed_ids(s, exact, many, 1, 6); // rows no longer than the text
    assert_memory_equal(exact, together, sizeof exact);
    ask_session_close(s);
}

static void the_same_model_gives_the_same_bits_again(void **state)
{
    (void)state;
    float *many = many_pictures(), first[MANY * N_EMBED], again[MANY * N_EMBED];
    for (int threads = 1; threads <= 2; threads++) {
        for (int k = 0; k < 2; k++) {
            ask_model *m = open_threads(test_fixture("golden/clip"), threads);
            ask_session *s = session_of(m);
            embed_pixels(s, k ? again : first, many, MANY);
            ask_session_close(s);
            ask_model_close(m);
        }
        assert_memory_equal(first, again, sizeof first);
    }
    free(many);
}

static void plans_that_were_given_up_are_made_again(void **state)
{
    (void)state;
    float first[N_IMAGES * N_EMBED], again[N_IMAGES * N_EMBED], other[8 * N_EMBED];
    ask_session *s = session_of(model);
    float *many = many_pictures();
    embed_pixels(s, first, pixels, N_IMAGES);
    for (int n = 1; n <= 8; n++) embed_pixels(s, other, many, n);
    for (int n = 2; n <= 12; n++) {
        make_texts(ids, 1, n, (uint64_t)n);
        embed_ids(s, other, ids, 1, LENGTH);
    }
    embed_pixels(s, again, pixels, N_IMAGES);
    assert_memory_equal(first, again, sizeof first);
    free(many);
    ask_session_close(s);
    memcpy(ids, tensors_get(&golden.inputs, "input_ids")->data, sizeof ids);
}

/* ---- several sessions ---- */

typedef struct {
    ask_session *session;
    const float *many;
    float out[MANY * N_EMBED];
    bool ok;
} worker;

static void work(void *user)
{
    worker *w = user;
    w->ok = true;
    for (int i = 0; i < 4 && w->ok; i++)
        w->ok = ask_embed_pixels(w->session, w->out, w->many, MANY, NULL, NULL);
}

static void sessions_of_one_model_take_turns(void **state)
{
    (void)state;
    ask_error err = {0};
    worker workers[2] = {0};
    ask_thread *threads[2];
    float *many = many_pictures(), expected[MANY * N_EMBED];
    ask_session *s = session_of(model);
    embed_pixels(s, expected, many, MANY);
    ask_session_close(s);
    for (int i = 0; i < 2; i++) {
        workers[i].session = session_of(model);
        workers[i].many = many;
    }
    for (int i = 0; i < 2; i++)
        CHECK_OK(threads[i] = ask_thread_start(work, &workers[i], &err), &err);
    for (int i = 0; i < 2; i++) ask_thread_join(threads[i]);
    for (int i = 0; i < 2; i++) {
        assert_true(workers[i].ok);
        assert_memory_equal(workers[i].out, expected, sizeof expected);
        ask_session_close(workers[i].session);
    }
    free(many);
}

/* ---- pictures ---- */

static ask_image picture_of(int width, int height, uint64_t seed)
{
    ask_error err = {0};
    ask_image image;
    CHECK_OK(ask_image_new(&image, width, height, 3, &err), &err);
    ask_rng rng = ask_rng_new(seed);
    for (int i = 0; i < width * height * 3; i++)
        image.pixels[i] = (uint8_t)ask_rng_below(&rng, 256);
    return image;
}

static void pictures_are_prepared_as_the_folder_says(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_image images[10];
    float prepared[10 * IMAGE_FLOATS], expected[10 * N_EMBED], out[10 * N_EMBED];
    for (int i = 0; i < 10; i++) {
        images[i] = picture_of(40 + 7 * i, 90 - 5 * i, (uint64_t)i);
        CHECK_OK(ask_preprocess_apply(prepared + i * IMAGE_FLOATS,
                                      ask_model_preprocess(model), &images[i], &err),
                 &err);
    }
    ask_session *s = session_of(model);
    embed_pixels(s, expected, prepared, 10);
    CHECK_OK(ask_embed_images(s, out, images, 10, NULL, &err), &err);
    assert_memory_equal(out, expected, sizeof out);
    for (int i = 0; i < 10; i++) {
        double squares = 0;
        for (int k = 0; k < N_EMBED; k++)
            squares += (double)out[i * N_EMBED + k] * out[i * N_EMBED + k];
        assert_true(fabs(squares - 1) < 1e-5);
        ask_image_free(&images[i]);
    }
    ask_session_close(s);
}

static void pictures_that_become_another_size_are_refused(void **state)
{
    (void)state;
    ask_error err = {0};
    char *dir = test_temp_dir_make();
    checkpoint_write(&golden, dir);
    test_write_text(test_path(dir, "preprocessor_config.json"),
                    "{\"size\": 32, \"do_center_crop\": false}");
    ask_model *m = open_threads(dir, 0);
    ask_session *s = session_of(m);
    ask_image good = picture_of(50, 50, 1), bad = picture_of(100, 50, 1);
    float out[N_EMBED];
    CHECK_OK(ask_embed_images(s, out, &good, 1, NULL, &err), &err);
    assert_false(ask_embed_images(s, out, &bad, 1, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "preprocessor_config.json: a picture of 100 x 50 "
                                        "becomes 64 x 32, the network takes 32 x 32"));
    ask_image_free(&good);
    ask_image_free(&bad);
    ask_session_close(s);
    ask_model_close(m);
    test_temp_dir_remove(dir);
}

/* ---- ids ---- */

static void ids_that_make_no_text_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t ids[20];
        int length;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"no end", {118, 3, 4}, 3, ASK_ERR_USAGE, "text 0 has no end token"},
        {"an id too high",
         {118, 120, 119},
         3,
         ASK_ERR_USAGE,
         "text 0: id 120 is not in a vocabulary of 120"},
        {"a negative id",
         {118, -1, 119},
         3,
         ASK_ERR_USAGE,
         "text 0: id -1 is not in a vocabulary of 120"},
        {"a text too long",
         {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 119},
         17,
         ASK_ERR_LIMIT,
         "text 0 has 17 tokens, the network takes 16"},
        {"no tokens", {0}, 0, ASK_ERR_USAGE, "text 0 has no end token"},
    };
    ask_session *s = session_of(model);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        float out[N_EMBED];
        CHECK_CASE(cases[i].name,
                   !ask_embed_ids(s, out, cases[i].ids, 1, cases[i].length, NULL, &err));
        CHECK_CASE(cases[i].name, err.code == cases[i].code);
        if (strcmp(err.message, cases[i].message) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
    // What stands behind the end may be anything.
    float out[2 * N_EMBED];
    embed_ids(s, out, (int64_t[]){118, 5, 119, 7, 118, 5, 119, 9999}, 2, 4);
    assert_memory_equal(out, out + N_EMBED, N_EMBED * sizeof *out);
    ask_session_close(s);
}

static void the_legacy_rule_ends_at_the_largest_id(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip_legacy_eos");
    ask_model *m = open_threads(test_fixture("golden/clip_legacy_eos"), 0);
    assert_int_equal(ask_model_info_of(m).end_id, 95);
    ask_session *s = session_of(m);
    float out[N_TEXTS * N_EMBED];
    embed_ids(s, out, tensors_get(&c.inputs, "input_ids")->data, N_TEXTS, LENGTH);
    check_near("texts", out, tensors_floats(&c.outputs, "text_embeds"), N_TEXTS * N_EMBED,
               2e-5);
    ask_session_close(s);
    ask_model_close(m);
    checkpoint_free(&c);
}

static void nothing_to_embed_is_done_at_once(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_session *s = session_of(model);
    assert_true(ask_embed_pixels(s, NULL, NULL, 0, NULL, &err));
    assert_true(ask_embed_images(s, NULL, NULL, 0, NULL, &err));
    assert_true(ask_embed_ids(s, NULL, NULL, 0, 5, NULL, &err));
    ask_session_close(s);
}

/* ---- texts ---- */

static char *color_dir;
static ask_model *color_model;

static int open_color(void **state)
{
    (void)state;
    color_dir = test_temp_dir_make();
    color_model_write(color_dir, NULL);
    color_model = open_threads(color_dir, 0);
    return 0;
}

static int close_color(void **state)
{
    (void)state;
    ask_model_close(color_model);
    test_temp_dir_remove(color_dir);
    return 0;
}

static float dot(const float *a, const float *b, int n)
{
    float sum = 0;
    for (int i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static void texts_are_read_by_the_tokenizer(void **state)
{
    (void)state;
    static const char *const texts[] = {"red", "a photo of green", "red green", "RED"};
    ask_error err = {0};
    int n = ask_model_info_of(color_model).n_embed;
    float *out = calloc(4 * (size_t)n, sizeof *out);
    assert_non_null(out);
    ask_session *s = session_of(color_model);
    CHECK_OK(ask_embed_texts(s, out, texts, 4, NULL, &err), &err);
    assert_true(dot(out, out + 2 * n, n) > dot(out, out + n, n) + 0.1f);
    assert_memory_equal(out, out + 3 * n, (size_t)n * sizeof *out);
    free(out);
    ask_session_close(s);
}

static void tokens_are_counted(void **state)
{
    (void)state;
    ask_error err = {0};
    int n = 0;
    bool unknown = true;
    ask_session *s = session_of(color_model);
    CHECK_OK(ask_count_tokens(s, "a red photo", &n, &unknown, &err), &err);
    assert_int_equal(n, 5);
    assert_false(unknown);
    CHECK_OK(ask_count_tokens(s, "", &n, NULL, &err), &err);
    assert_int_equal(n, 2);
    CHECK_OK(ask_count_tokens(s, "\xc3\xa9", &n, &unknown, &err), &err);
    assert_true(unknown);
    ask_session_close(s);
}

static void a_text_too_long_is_never_cut(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "red red red red red red red red red red red red red red red red red"};
    ask_error err = {0};
    float out[64];
    ask_session *s = session_of(color_model);
    assert_false(ask_embed_texts(s, out, texts, 1, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_string_equal(err.message,
                        "the text \"red red red red red red red red red red ...\" has 19 "
                        "tokens, the model takes 16; say it shorter");
    ask_session_close(s);
}

static void a_folder_without_tokenizer_reads_no_texts(void **state)
{
    (void)state;
    ask_error err = {0};
    float out[N_EMBED];
    ask_session *s = session_of(model);
    assert_false(ask_embed_texts(s, out, (const char *[]){"red"}, 1, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(
        strstr(err.message,
               "clip: there is no tokenizer.json, no tokenizer.model or spiece.model, nor "
               "vocab.txt, nor vocab.json and merges.txt: texts cannot be read"));
    int n = -1;
    assert_false(ask_count_tokens(s, "red", &n, NULL, &err));
    assert_int_equal(n, -1);
    ask_session_close(s);
}

static void copy_tokenizer(const char *to_dir)
{
    static const char *const names[] = {"vocab.json", "merges.txt",
                                        "tokenizer_config.json"};
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        size_t n_bytes;
        char *bytes = test_read(test_path(color_dir, names[i]), &n_bytes);
        test_write(test_path(to_dir, names[i]), bytes, n_bytes);
        free(bytes);
    }
}

static void a_tokenizer_of_another_vocabulary_is_refused(void **state)
{
    (void)state;
    ask_error err = {0};
    char *dir = test_temp_dir_make();
    checkpoint c = checkpoint_of("golden/clip");
    checkpoint_edit(&c, "\"vocab_size\": 120", "\"vocab_size\": 10");
    checkpoint_edit(&c, "\"eos_token_id\": 119", "\"eos_token_id\": 9");
    tensors_reshape(&c.weights, "text_model.embeddings.token_embedding.weight", ASK_F32, 2,
                    (int64_t[]){10, 40});
    checkpoint_write(&c, dir);
    copy_tokenizer(dir);
    ask_model *m = open_threads(dir, 0);
    ask_session *s = session_of(m);
    float out[N_EMBED];
    assert_false(ask_embed_texts(s, out, (const char *[]){"red"}, 1, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, ": the tokenizer has ids up to "));
    assert_non_null(
        strstr(err.message, ", but config.json: key \"text_config.vocab_size\" is 10"));
    ask_session_close(s);
    ask_model_close(m);
    checkpoint_free(&c);
    test_temp_dir_remove(dir);
}

static void a_tokenizer_with_another_end_is_refused(void **state)
{
    (void)state;
    ask_error err = {0};
    char *dir = test_temp_dir_make();
    checkpoint_write(&golden, dir); // its end token is 119
    copy_tokenizer(dir);
    ask_model *m = open_threads(dir, 0);
    ask_session *s = session_of(m);
    float out[N_EMBED];
    assert_false(ask_embed_texts(s, out, (const char *[]){"red"}, 1, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "the tokenizer does not end a text with the token "
                                        "that config.json calls its end"));
    ask_session_close(s);
    ask_model_close(m);
    test_temp_dir_remove(dir);
}

/* ---- stopping, and memory ---- */

static void a_raised_flag_stops_it(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    float out[N_IMAGES * N_EMBED];
    ask_image picture = picture_of(40, 40, 1);
    ask_session *s = session_of(model);
    assert_false(ask_embed_pixels(s, out, pixels, N_IMAGES, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_false(ask_embed_images(s, out, &picture, 1, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_false(ask_embed_ids(s, out, ids, 1, LENGTH, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    embed_pixels(s, out, pixels, N_IMAGES); // and it goes on when nobody says stop
    ask_image_free(&picture);
    ask_session_close(s);
}

static const ask_model_options one_thread = {.n_threads = 1}; // nobody waits for others

static bool embed_all(void *user, ask_error *err)
{
    (void)user;
    float out[8 * N_EMBED];
    ask_image picture = {0};
    ask_model *m = ask_model_open(test_fixture("golden/clip"), &one_thread, err);
    ask_session *s = m ? ask_session_open(m, err) : NULL;
    bool ok = s && ask_image_new(&picture, 40, 40, 3, err);
    for (int use = 0; use < 2 && ok; use++) // the second packs the weights
        ok = ask_embed_images(s, out, &picture, 1, NULL, err) &&
             ask_embed_ids(s, out, ids, N_TEXTS, LENGTH, NULL, err);
    ask_image_free(&picture);
    ask_session_close(s);
    ask_model_close(m);
    return ok;
}

static void embedding_survives_every_failing_allocation(void **state)
{
    (void)state;
    assert_true(test_each_alloc_fails("embed", embed_all, NULL) > 300);
}

static bool embed_text(void *user, ask_error *err)
{
    (void)user;
    float out[64];
    ask_model *m = ask_model_open(color_dir, &one_thread, err);
    ask_session *s = m ? ask_session_open(m, err) : NULL;
    bool ok = s && ask_embed_texts(s, out, (const char *[]){"a red photo"}, 1, NULL, err);
    ask_session_close(s);
    ask_model_close(m);
    return ok;
}

static void reading_texts_survives_every_failing_allocation(void **state)
{
    (void)state;
    assert_true(test_each_alloc_fails("texts", embed_text, NULL) > 100);
}

/* A failed attempt must not spoil a session. */
static void a_session_is_good_after_memory_ran_out(void **state)
{
    (void)state;
    float expected[N_IMAGES * N_EMBED], out[N_IMAGES * N_EMBED];
    ask_session *s = session_of(model);
    embed_pixels(s, expected, pixels, N_IMAGES);
    ask_session_close(s);
    s = session_of(model);
    for (long n = 1;; n += 7) {
        ask_error err = {0};
        test_fail_alloc_at(n);
        bool ok = ask_embed_pixels(s, out, pixels, N_IMAGES, NULL, &err);
        bool failed = test_alloc_has_failed();
        test_fail_alloc_at(0);
        assert_true(ok || err.code == ASK_ERR_NOMEM);
        if (!failed) break;
        embed_pixels(s, out, pixels, N_IMAGES);
        assert_memory_equal(out, expected, sizeof out);
        ask_session_close(s);
        s = session_of(model);
    }
    ask_session_close(s);
}

static int open_everything(void **state)
{
    return open_golden(state) || open_color(state);
}

static int close_everything(void **state)
{
    return close_golden(state) || close_color(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(embeddings_are_those_of_the_reference),
        cmocka_unit_test(rounded_and_divided_weights_give_nearly_the_same),
        cmocka_unit_test(more_channels_than_three_are_taken_as_pixels),
        cmocka_unit_test(an_image_does_not_depend_on_its_batch),
        cmocka_unit_test(a_text_does_not_depend_on_longer_ones_beside_it),
        cmocka_unit_test(the_same_model_gives_the_same_bits_again),
        cmocka_unit_test(plans_that_were_given_up_are_made_again),
        cmocka_unit_test(sessions_of_one_model_take_turns),
        cmocka_unit_test(pictures_are_prepared_as_the_folder_says),
        cmocka_unit_test(pictures_that_become_another_size_are_refused),
        cmocka_unit_test(ids_that_make_no_text_are_refused),
        cmocka_unit_test(the_legacy_rule_ends_at_the_largest_id),
        cmocka_unit_test(nothing_to_embed_is_done_at_once),
        cmocka_unit_test(texts_are_read_by_the_tokenizer),
        cmocka_unit_test(tokens_are_counted),
        cmocka_unit_test(a_text_too_long_is_never_cut),
        cmocka_unit_test(a_folder_without_tokenizer_reads_no_texts),
        cmocka_unit_test(a_tokenizer_of_another_vocabulary_is_refused),
        cmocka_unit_test(a_tokenizer_with_another_end_is_refused),
        cmocka_unit_test(a_raised_flag_stops_it),
        cmocka_unit_test(embedding_survives_every_failing_allocation),
        cmocka_unit_test(reading_texts_survives_every_failing_allocation),
        cmocka_unit_test(a_session_is_good_after_memory_ran_out),
    };
    return cmocka_run_group_tests(tests, open_everything, close_everything);
}
