/* What a network sees at given times: the frame, its neighbours, each decoded once. */
#include "model/inputs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "focus/sampling.h"
#include "model/init.h"
#include "support/color_model.h"
#include "support/testing.h"

static char *dir;
static ask_model *model; // sees frames a sixth of a second before and after

/* A grey level a frame, at 12 frames a second: frame i is 10 i. */
enum { N_FRAMES = 24, SIDE_PX = 16, PICTURE = 3 * SIDE_PX * SIDE_PX };

static const char CONFIG[] =
    "{\"model_type\": \"clip\", \"projection_dim\": 8,\n"
    " \"text_config\": {\"hidden_size\": 16, \"intermediate_size\": 16,\n"
    "  \"num_hidden_layers\": 1, \"num_attention_heads\": 2, \"vocab_size\": 512, "
    "\"bos_token_id\": 510, \"eos_token_id\": 511},\n"
    " \"vision_config\": {\"hidden_size\": 16, \"intermediate_size\": 16,\n"
    "  \"num_hidden_layers\": 1, \"num_attention_heads\": 2, \"image_size\": 16,\n"
    "  \"patch_size\": 16, \"num_channels\": 9}}\n";
static const char PREPROCESS[] =
    "{\"image_processor_type\": \"CLIPImageProcessor\", \"size\": {\"shortest_edge\": 16},"
    " \"crop_size\": 16, \"do_normalize\": false, \"do_rescale\": false,"
    " \"frame_offsets_s\": [-0.1667, 0, 0.1667]}";

static const char *video_path(void)
{
    return test_path(dir, "ramp.mp4");
}

static int make_all(void **state)
{
    (void)state;
    ask_error err = {0};
    dir = test_temp_dir_make();
    color_span ramp[N_FRAMES];
    for (int i = 0; i < N_FRAMES; i++)
        ramp[i] = (color_span){1.0 / 12, (unsigned)(10 * i) * 0x010101u};
    color_video_write(video_path(), 32, 32, 12, ramp, N_FRAMES);
    test_write_text(test_path(dir, "config.json"), CONFIG);
    ask_model_init_options init = {.struct_size = sizeof init, .seed = 3};
    if (!ask_model_init(test_path(dir, "model"), test_path(dir, "config.json"), &init,
                        &err))
        return -1;
    test_write_text(test_path(dir, "model/preprocessor_config.json"), PREPROCESS);
    model = ask_model_open(test_path(dir, "model"), NULL, &err);
    if (!model) print_error("%s\n", err.message);
    return model ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    ask_model_close(model);
    test_temp_dir_remove(dir);
    return 0;
}

enum { MOST = 64 };
typedef struct {
    int n;
    struct {
        int time, frame, before,
            after; // from the levels; frame -1: that of the time before
        double t_s;
    } at[MOST];
} seen;

static int frames_of(float level)
{
    return (int)lround((double)level / 10);
}

static bool take(void *user, const ask_input_frame *f, ask_error *err)
{
    seen *s = user;
    if (s->n == MOST) return ask_fail(err, ASK_ERR_BUG, "too many");
    int k = s->n++;
    s->at[k].time = f->time;
    s->at[k].t_s = f->t_s;
    s->at[k].frame = -1;
    if (!f->pixels) return true;
    int frame = frames_of(f->pixels[0]);
    s->at[k].frame = frame;
    s->at[k].before = frame - frames_of(f->pixels[PICTURE]);
    s->at[k].after = frame + frames_of(f->pixels[2 * PICTURE]);
    return true;
}

static seen look(const double *t_s, int n)
{
    ask_error err = {0};
    ask_inputs_run run = {0};
    seen s = {0};
    ask_video *v = ask_video_open(video_path(), NULL, &err);
    if (!v) fail_msg("%s", err.message);
    CHECK_OK(ask_inputs_at(v, model, t_s, n, &run, take, &s, &err), &err);
    assert_int_equal(s.n, n);
    ask_video_close(v);
    return s;
}

static int clamp(int frame)
{
    return frame < 0 ? 0 : frame < N_FRAMES ? frame : N_FRAMES - 1;
}

/* However dense the times are, each frame comes with the second before and after it. */
static void neighbours_are_two_frames_away(void **state)
{
    (void)state;
    static const int counts[] = {1, 4, 12, 24, 48};
    for (size_t c = 0; c < TEST_COUNT(counts); c++) {
        double t_s[48];
        int n = counts[c], last = -1;
        for (int i = 0; i < n; i++) t_s[i] = 2.0 * (2 * i + 1) / (2 * n);
        seen s = look(t_s, n);
        for (int i = 0; i < n; i++) {
            int frame = (int)(t_s[i] * 12 + 1e-9);
            assert_int_equal(s.at[i].time, i);
            assert_true(fabs(s.at[i].t_s - frame / 12.0) < 1e-6);
            if (frame == last) {
                assert_int_equal(s.at[i].frame, -1);
                continue;
            }
            last = frame;
            if (s.at[i].frame != frame || s.at[i].before != clamp(frame - 2) ||
                s.at[i].after != clamp(frame + 2))
                fail_msg("%d times: %g s shows %d, %d, %d", n, t_s[i], s.at[i].before,
                         s.at[i].frame, s.at[i].after);
        }
    }
}

static bool look_briefly(void *user, ask_error *err)
{
    static const double t_s[] = {0.1, 0.2, 1.5};
    ask_inputs_run run = {0};
    seen s = {0};
    return ask_inputs_at(user, model, t_s, 3, &run, take, &s, err);
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_video *v = ask_video_open(video_path(), NULL, &err);
    assert_non_null(v);
    assert_true(test_each_alloc_fails("inputs", look_briefly, v) > 5);
    ask_video_close(v);
}

static void a_network_that_takes_no_pictures_is_told(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_inputs_run run = {0};
    seen s = {0};
    ask_model *m = ask_model_open(test_fixture("golden/clip_odd"), NULL, &err);
    ask_video *v = ask_video_open(video_path(), NULL, &err);
    assert_true(m && v);
    assert_false(ask_inputs_at(v, m, (const double[]){0}, 1, &run, take, &s, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "frame_offsets_s"));
    ask_video_close(v);
    ask_model_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_are_two_frames_away),
        cmocka_unit_test(running_out_of_memory_is_an_error),
        cmocka_unit_test(a_network_that_takes_no_pictures_is_told),
    };
    return cmocka_run_group_tests(tests, make_all, close_all);
}
