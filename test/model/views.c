/* Networks that see a frame with its neighbours: what the file says, what becomes of the
 * pictures. */
#include "model/views.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/init.h"
#include "model/model.h"
#include "support/color_model.h"
#include "support/testing.h"

static char *dir;

static const char CONFIG[] =
    "{\"model_type\": \"clip\", \"projection_dim\": 8,\n"
    " \"text_config\": {\"hidden_size\": 16, \"intermediate_size\": 16,\n"
    "  \"num_hidden_layers\": 1, \"num_attention_heads\": 2, \"vocab_size\": 512, "
    "\"bos_token_id\": 510, \"eos_token_id\": 511},\n"
    " \"vision_config\": {\"hidden_size\": 16, \"intermediate_size\": 16,\n"
    "  \"num_hidden_layers\": 2, \"num_attention_heads\": 2, \"image_size\": 16,\n"
    "  \"patch_size\": 8, \"num_channels\": 9}}\n";

#define PREPROCESS(views)                                                                  \
    "{\"image_processor_type\": \"CLIPImageProcessor\", \"size\": {\"shortest_edge\": "    \
    "16},"                                                                                 \
    " \"crop_size\": 16" views "}"
#define OFFSETS ", \"frame_offsets_s\": [-0.25, 0, 0.5]"

static int make_all(void **state)
{
    (void)state;
    ask_error err = {0};
    dir = test_temp_dir_make();
    test_write_text(test_path(dir, "config.json"), CONFIG);
    ask_model_init_options init = {.struct_size = sizeof init, .seed = 3};
    return ask_model_init(test_path(dir, "model"), test_path(dir, "config.json"), &init,
                          &err)
               ? 0
               : -1;
}

static int remove_all(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

static ask_model *open_with(const char *preprocess, ask_error *err)
{
    test_write_text(test_path(dir, "model/preprocessor_config.json"), preprocess);
    return ask_model_open(test_path(dir, "model"), NULL, err);
}

static void channels_are_the_frame_and_its_changes(void **state)
{
    (void)state;
    const ask_views v = {.n = 3, .offset_s = {-0.25, 0, 0.5}};
    const float before[] = {1, 2}, frame[] = {10, 20}, after[] = {100, 300};
    const float *const pictures[] = {before, frame, after};
    const float expected[] = {10, 20, 9, 18, 90, 280};
    float out[6];
    assert_int_equal(ask_views_frame(&v), 1);
    ask_views_join(out, &v, pictures, 2);
    assert_memory_equal(out, expected, sizeof out);

    const ask_views none = ask_views_none();
    ask_views_join(out, &none, pictures + 1, 2);
    assert_true(none.n == 1 && out[0] == 10 && out[1] == 20);

    const ask_views behind = {.n = 2, .offset_s = {-1, 0}};
    ask_views_join(out, &behind, pictures, 2);
    assert_true(out[0] == 10 && out[2] == 9 && out[3] == 18);
}

static void the_file_says_when_pictures_are_taken(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_model *m = open_with(PREPROCESS(OFFSETS), &err);
    if (!m) fail_msg("%s", err.message);
    ask_model_info info = ask_model_info_of(m);
    assert_true(info.n_channels == 9 && info.n_views == 3 && info.heat_side == 2);
    assert_true(info.view_offset_s[0] == -0.25 && info.view_offset_s[1] == 0 &&
                info.view_offset_s[2] == 0.5);
    ask_model_close(m);

    m = open_with(PREPROCESS(""), &err); // pixels can be given still
    if (!m) fail_msg("%s", err.message);
    assert_int_equal(ask_model_info_of(m).n_views, 0);
    ask_model_close(m);
}

static void a_malformed_list_is_the_models_fault(void **state)
{
    (void)state;
    static const struct {
        const char *preprocess, *message;
    } cases[] = {
        {PREPROCESS(", \"frame_offsets_s\": 3"), "frame_offsets_s"},
        {PREPROCESS(", \"frame_offsets_s\": []"), "has 0 times"},
        {PREPROCESS(", \"frame_offsets_s\": [0, -1, 1]"), "not later"},
        {PREPROCESS(", \"frame_offsets_s\": [-2, -1, 1]"), "has no 0"},
        {PREPROCESS(", \"frame_offsets_s\": [-1, 0, 0]"), "not later"},
        {PREPROCESS(", \"frame_offsets_s\": [-1, 0, 1e9]"), "out of range"},
        {PREPROCESS(", \"frame_offsets_s\": [-1, 0]"), "make 6 channels"},
        {PREPROCESS(OFFSETS ", \"frame_channels\": \"sums\""), "there is \"differences\""},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_model *m = open_with(cases[i].preprocess, &err);
        CHECK_CASE(cases[i].preprocess, !m && err.code == ASK_ERR_MODEL);
        if (!strstr(err.message, cases[i].message))
            fail_msg("%s: %s", cases[i].preprocess, err.message);
    }
}

static void fill(ask_image *image, int seed)
{
    for (int i = 0; i < image->width * image->height * 3; i++)
        image->pixels[i] = (uint8_t)((i * 7 + seed * 31) % 256);
}

/* Pictures go in three by three; the same by hand gives the same bits. */
static void pictures_are_embedded_with_their_neighbours(void **state)
{
    (void)state;
    enum { N = 2, PICTURE = 3 * 16 * 16, INPUT = 3 * PICTURE };
    ask_error err = {0};
    ask_model *m = open_with(PREPROCESS(OFFSETS), &err);
    ask_session *s = m ? ask_session_open(m, &err) : NULL;
    if (!s) fail_msg("%s", err.message);
    ask_image images[N * 3] = {{0}};
    static float pictures[N * 3][PICTURE], inputs[N][INPUT];
    float out[N * 8], by_hand[N * 8];
    for (int i = 0; i < N * 3; i++) {
        CHECK_OK(ask_image_new(&images[i], 24, 20, 3, &err), &err);
        fill(&images[i], i);
        CHECK_OK(ask_prepare_image(m, pictures[i], &images[i], &err), &err);
    }
    for (int i = 0; i < N; i++)
        ask_join_images(m, inputs[i],
                        (const float *const[]){pictures[3 * i], pictures[3 * i + 1],
                                               pictures[3 * i + 2]});
    CHECK_OK(ask_embed_images(s, out, images, N, NULL, &err), &err);
    CHECK_OK(ask_embed_pixels(s, by_hand, inputs[0], N, NULL, &err), &err);
    assert_memory_equal(out, by_hand, sizeof out);
    assert_true(memcmp(out, out + 8, 8 * sizeof *out) != 0);
    for (int i = 0; i < N * 3; i++) ask_image_free(&images[i]);
    ask_session_close(s);
    ask_model_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channels_are_the_frame_and_its_changes),
        cmocka_unit_test(the_file_says_when_pictures_are_taken),
        cmocka_unit_test(a_malformed_list_is_the_models_fault),
        cmocka_unit_test(pictures_are_embedded_with_their_neighbours),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
