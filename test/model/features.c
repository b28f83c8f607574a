/* Features of a video: as the layouts' authors have them, in one pass, or a clear no. */
#include "model/features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "model/features_priv.h"
#include "model/init.h"
#include "support/testing.h"
#include "weights/weights.h"

enum { N_FRAMES = 7 };

static char *dir;
static ask_model *clip, *s3d, *three; // three: sees a frame with its neighbours
static ask_session *clip_session, *s3d_session, *three_session;

static const char CONFIG[] =
    "{\"model_type\": \"clip\", \"projection_dim\": 8,\n"
    " \"text_config\": {\"hidden_size\": 16, \"intermediate_size\": 16,\n"
    "  \"num_hidden_layers\": 1, \"num_attention_heads\": 2, \"vocab_size\": 512, "
    "\"bos_token_id\": 510, \"eos_token_id\": 511},\n"
    " \"vision_config\": {\"hidden_size\": 16, \"intermediate_size\": 16,\n"
    "  \"num_hidden_layers\": 1, \"num_attention_heads\": 2, \"image_size\": 16,\n"
    "  \"patch_size\": 8, \"num_channels\": 9}}\n";
static const char PREPROCESS[] =
    "{\"image_processor_type\": \"CLIPImageProcessor\", \"size\": {\"shortest_edge\": 16},"
    " \"crop_size\": 16, \"frame_offsets_s\": [-0.05, 0, 0.05]}";

static void make_three(void)
{
    ask_error err = {0};
    const ask_model_init_options init = {.struct_size = sizeof init, .seed = 3};
    test_write_text(test_path(dir, "config.json"), CONFIG);
    CHECK_OK(
        ask_model_init(test_path(dir, "three"), test_path(dir, "config.json"), &init, &err),
        &err);
    test_write_text(test_path(dir, "three/preprocessor_config.json"), PREPROCESS);
}

static void open_one(ask_model **m, ask_session **s, const char *path)
{
    ask_error err = {0};
    CHECK_OK(*m = ask_model_open(path, NULL, &err), &err);
    CHECK_OK(*s = ask_session_open(*m, &err), &err);
}

static int open_all(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    make_three();
    open_one(&clip, &clip_session, test_fixture("features/clip"));
    open_one(&s3d, &s3d_session, test_fixture("golden/s3d"));
    open_one(&three, &three_session, test_path(dir, "three"));
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    ask_session_close(clip_session);
    ask_session_close(s3d_session);
    ask_session_close(three_session);
    ask_model_close(clip);
    ask_model_close(s3d);
    ask_model_close(three);
    test_temp_dir_remove(dir);
    return 0;
}

/* The seven pictures, shown at a rate. */
static ask_video *open_frames(double fps)
{
    ask_error err = {0};
    ask_video_options opt = ask_video_defaults();
    opt.image_fps = fps;
    ask_video *v = ask_video_open(test_fixture("features/frames"), &opt, &err);
    CHECK_OK(v, &err);
    return v;
}

/* The time in the middle of each picture. */
static ask_feature_request each_frame(double t_s[N_FRAMES], double fps)
{
    for (int i = 0; i < N_FRAMES; i++) t_s[i] = (i + 0.5) / fps;
    return (ask_feature_request){.t_s = t_s, .n = N_FRAMES};
}

static ask_feature_plan plan_of(ask_video *v, const ask_model *m, ask_feature_layout layout,
                                const ask_feature_request *r)
{
    ask_error err = {0};
    ask_feature_plan p;
    CHECK_OK(ask_feature_plan_make(&p, v, m, layout, r, &err), &err);
    return p;
}

static ask_features make_one(ask_video *v, ask_session *s, const ask_feature_plan *p)
{
    ask_error err = {0};
    const ask_feature_job job = {s, p};
    ask_features f;
    CHECK_OK(ask_features_make(&f, v, &job, 1, NULL, &err), &err);
    return f;
}

/* ---- what is right, by others ---- */

/* Sums of a tower in another order; and Pillow's cubic, of whose pixels a few differ by a
 * level from one version to the next. */
static const double TOLERANCE = 1e-4;

static void check_like(const char *name, const ask_features *f, const ask_weights_entry *e)
{
    CHECK_CASE(name, f->n_dims == e->n_dims);
    for (int i = 0; i < e->n_dims; i++) CHECK_CASE(name, f->shape[i] == e->shape[i]);
    const float *right = e->data;
    for (int64_t i = 0; i < e->n_elements; i++) {
        if (!(fabs((double)f->data[i] - (double)right[i]) <= TOLERANCE))
            fail_msg("case \"%s\": number %lld is %g, not %g", name, (long long)i,
                     (double)f->data[i], (double)right[i]);
    }
}

static void layouts_are_those_of_their_authors(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_weights *w = ask_weights_open(test_fixture("features/features.safetensors"), &err);
    CHECK_OK(w, &err);
    ask_video *v = open_frames(25);
    double t_s[N_FRAMES];
    const ask_feature_request r = each_frame(t_s, 25);
    static const struct {
        ask_feature_layout layout;
        bool unit;
    } cases[] = {
        {ASK_FEATURES_FRAMES, true},
        {ASK_FEATURES_MIST, false},
        {ASK_FEATURES_VIDEO_CHATGPT, false},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = ask_feature_layout_name(cases[i].layout);
        ask_feature_plan p = plan_of(v, clip, cases[i].layout, i == 0 ? &r : NULL);
        ask_features f = make_one(v, clip_session, &p);
        const ask_weights_entry *e = ask_weights_find(w, name);
        assert_non_null(e);
        check_like(name, &f, e);
        CHECK_CASE(name, f.unit == cases[i].unit && f.n_damaged == 0);
        CHECK_CASE(name, f.n_times == N_FRAMES && p.n_frames_each == 1);
        CHECK_CASE(name, fabs(p.fps - 25) < 1e-9);
        for (int k = 0; k < N_FRAMES; k++)
            CHECK_CASE(name, fabs(f.t_s[k] - (i == 0 ? k / 25.0 : p.t_s[k])) < 1e-9);
        ask_features_free(&f);
        ask_feature_plan_free(&p);
    }
    ask_video_close(v);
    ask_weights_close(w);
}

/* ---- which frames ---- */

/* A table of n frames of which frame i is displayed at i seconds, so that times are
 * indices; the rate and duration are those that the plan is to believe. */
static ask_frame_time *count_frames(ask_time_table *table, int64_t n, double fps)
{
    ask_frame_time *frames = calloc((size_t)n, sizeof *frames);
    assert_non_null(frames);
    for (int64_t i = 0; i < n; i++) frames[i].t_s = (double)i;
    *table = (ask_time_table){.full = true,
                              .duration_s = (double)n / fps,
                              .fps = fps,
                              .n_frames = n,
                              .frames = frames};
    return frames;
}

static void check_plan(ask_json_value c)
{
    ask_error err = {0};
    const char *name;
    int64_t n, want;
    double fps, start_s, end_s;
    ask_json_value list;
    assert_true(ask_json_get_string(&name, c, "layout", &err));
    assert_true(ask_json_get_int(&n, c, "n_frames", 1, 1 << 20, &err));
    assert_true(ask_json_get_double(&fps, c, "fps", &err));
    assert_true(ask_json_opt_double(&start_s, c, "start_s", 0, &err));
    assert_true(ask_json_opt_double(&end_s, c, "end_s", (double)n / fps, &err));
    assert_true(ask_json_get_array(&list, c, "frames", &err));
    const feature_layout *layout =
        strcmp(name, "mist") == 0 ? &feature_layout_mist : &feature_layout_video_chatgpt;
    ask_time_table table;
    ask_frame_time *frames = count_frames(&table, n, fps);
    ask_feature_plan p = {.start_s = start_s, .end_s = fmin(end_s, table.duration_s)};
    CHECK_OK(layout->plan(&p, &table, NULL, NULL, &err), &err);
    if ((size_t)p.n != ask_json_count(list))
        fail_msg("%s of %lld frames looks at %d", name, (long long)n, p.n);
    for (int i = 0; i < p.n; i++) {
        assert_true(
            ask_json_get_int(&want, ask_json_item(list, (size_t)i), NULL, 0, n, &err));
        if (p.t_s[i] != (double)want)
            fail_msg("%s of %lld frames: its frame %d is %g, not %lld", name, (long long)n,
                     i, p.t_s[i], (long long)want);
    }
    ask_feature_plan_free(&p);
    free(frames);
}

static void the_frames_are_those_of_the_published_rules(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_json *doc = ask_json_read(test_fixture("features/plans.json"), NULL, &err);
    CHECK_OK(doc, &err);
    ask_json_value root = ask_json_root(doc);
    assert_true(ask_json_count(root) > 30);
    for (size_t i = 0; i < ask_json_count(root); i++) check_plan(ask_json_item(root, i));
    ask_json_free(doc);
}

static void a_window_of_few_frames_gives_each_once(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double start_s, end_s;
        int first, n;
    } cases[] = {
        {"whole frames", 1, 2, 10, 10},
        {"parts of frames", 1.25, 1.91, 12, 7},
        {"less than a frame", 1.11, 1.19, 11, 1},
        {"the last frame", 9.95, 10, 99, 1},
    };
    ask_time_table table;
    ask_frame_time *frames = count_frames(&table, 100, 10);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_feature_plan p = {.start_s = cases[i].start_s, .end_s = cases[i].end_s};
        CHECK_OK(feature_layout_mist.plan(&p, &table, NULL, NULL, &err), &err);
        CHECK_CASE(cases[i].name, p.n == cases[i].n);
        for (int k = 0; k < p.n; k++)
            CHECK_CASE(cases[i].name, p.t_s[k] == cases[i].first + k);
        ask_feature_plan_free(&p);
    }
    free(frames);
}

/* ---- one pass ---- */

static void check_same_bits(const char *name, const ask_features *a, const ask_features *b)
{
    size_t n = 1;
    CHECK_CASE(name, a->n_dims == b->n_dims && a->n_times == b->n_times);
    for (int i = 0; i < a->n_dims; i++) {
        CHECK_CASE(name, a->shape[i] == b->shape[i]);
        n *= (size_t)a->shape[i];
    }
    CHECK_CASE(name, memcmp(a->data, b->data, n * sizeof *a->data) == 0);
    CHECK_CASE(name, memcmp(a->t_s, b->t_s, (size_t)a->n_times * sizeof *a->t_s) == 0);
}

static void many_jobs_in_one_pass_give_what_each_gives_alone(void **state)
{
    (void)state;
    enum { N_JOBS = 5, FPS = 5 };
    ask_error err = {0};
    ask_video *v = open_frames(FPS);
    static const double dense[] = {0, 0.01, 0.3, 0.35, 0.39, 0.41, 1.3, 1.39};
    const ask_feature_request r = {.t_s = dense, .n = TEST_COUNT(dense)};
    const struct {
        const char *name;
        ask_session *session;
        ask_feature_layout layout;
    } jobs[N_JOBS] = {
        {"clips", s3d_session, ASK_FEATURES_CLIPS},
        {"frames", clip_session, ASK_FEATURES_FRAMES},
        {"mist", clip_session, ASK_FEATURES_MIST},
        {"frames and their neighbours", three_session, ASK_FEATURES_FRAMES},
        {"video-chatgpt", clip_session, ASK_FEATURES_VIDEO_CHATGPT},
    };
    ask_feature_plan plans[N_JOBS];
    ask_feature_job all[N_JOBS];
    ask_features together[N_JOBS];
    for (int i = 0; i < N_JOBS; i++) {
        bool frames = jobs[i].layout == ASK_FEATURES_FRAMES;
        plans[i] = plan_of(v, ask_session_model(jobs[i].session), jobs[i].layout,
                           frames ? &r : NULL);
        all[i] = (ask_feature_job){jobs[i].session, &plans[i]};
    }
    CHECK_OK(ask_features_make(together, v, all, N_JOBS, NULL, &err), &err);
    for (int i = 0; i < N_JOBS; i++) {
        ask_features alone = make_one(v, jobs[i].session, &plans[i]);
        check_same_bits(jobs[i].name, &together[i], &alone);
        ask_features_free(&alone);
        ask_features_free(&together[i]);
        ask_feature_plan_free(&plans[i]);
    }
    ask_video_close(v);
}

static void times_on_one_frame_have_one_row_each(void **state)
{
    (void)state;
    ask_video *v = open_frames(25);
    static const double t_s[] = {0.041, 0.05, 0.079, 0.2};
    static const int frame[] = {1, 1, 1, 5};
    const ask_feature_request r = {.t_s = t_s, .n = 4};
    double every_s[N_FRAMES];
    const ask_feature_request every = each_frame(every_s, 25);
    ask_feature_plan p = plan_of(v, clip, ASK_FEATURES_FRAMES, &r);
    ask_feature_plan q = plan_of(v, clip, ASK_FEATURES_FRAMES, &every);
    ask_features f = make_one(v, clip_session, &p), g = make_one(v, clip_session, &q);
    size_t width = (size_t)f.shape[1];
    assert_int_equal(f.shape[0], 4);
    for (size_t i = 0; i < 4; i++) {
        const float *right = g.data + (size_t)frame[i] * width;
        assert_memory_equal(f.data + i * width, right, width * sizeof *right);
        assert_true(f.t_s[i] == g.t_s[frame[i]]);
    }
    ask_features_free(&f);
    ask_features_free(&g);
    ask_feature_plan_free(&p);
    ask_feature_plan_free(&q);
    ask_video_close(v);
}

/* ---- endings ---- */

static void what_cannot_be_made_is_told(void **state)
{
    (void)state;
    ask_model *bert;
    ask_session *bert_session;
    open_one(&bert, &bert_session, test_fixture("golden/bert"));
    const struct {
        const char *name;
        const ask_model *model;
        ask_feature_layout layout;
        double start_s, end_s;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"clips of CLIP", clip, ASK_FEATURES_CLIPS, 0, 0, ASK_ERR_UNSUPPORTED,
         "clip takes no clips"},
        {"frames of S3D", s3d, ASK_FEATURES_FRAMES, 0, 0, ASK_ERR_UNSUPPORTED, "s3d"},
        {"frames of BERT", bert, ASK_FEATURES_FRAMES, 0, 0, ASK_ERR_UNSUPPORTED, "bert"},
        {"tiles of three views", three, ASK_FEATURES_MIST, 0, 0, ASK_ERR_UNSUPPORTED,
         "sees 3 pictures at once"},
        {"means of three views", three, ASK_FEATURES_VIDEO_CHATGPT, 0, 0,
         ASK_ERR_UNSUPPORTED, "video-chatgpt features are of single ones"},
        {"a short video", s3d, ASK_FEATURES_CLIPS, 0, 0, ASK_ERR_UNSUPPORTED,
         "the video lasts 0.280 s, and a clip 1 s"},
        {"clips of a part", s3d, ASK_FEATURES_CLIPS, 0, 0.1, ASK_ERR_USAGE,
         "clips features are of the whole video"},
        {"a window past the end", clip, ASK_FEATURES_MIST, 3, 4, ASK_ERR_USAGE,
         "the window starts at 3 s, past the end of the video (0.280 s)"},
        {"a window of nothing", clip, ASK_FEATURES_MIST, 0.2, 0.1, ASK_ERR_USAGE,
         "the window from 0.2 s to 0.1 s is empty"},
        {"a window before all", clip, ASK_FEATURES_MIST, -1, 0.1, ASK_ERR_USAGE,
         "the window from -1 s to 0.1 s is none"},
        {"no times", clip, ASK_FEATURES_FRAMES, 0, 0, ASK_ERR_USAGE, "no times"},
    };
    ask_video *v = open_frames(25);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_feature_plan p;
        const ask_feature_request r = {.start_s = cases[i].start_s,
                                       .end_s = cases[i].end_s};
        CHECK_CASE(cases[i].name, !ask_feature_plan_make(&p, v, cases[i].model,
                                                         cases[i].layout, &r, &err));
        CHECK_CASE(cases[i].name, err.code == cases[i].code);
        if (!strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
    ask_error err = {0};
    ask_feature_layout layout;
    assert_false(ask_feature_layout_of(&layout, bert, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    assert_false(ask_feature_layout_find(&layout, "mits", &err));
    assert_string_equal(err.message,
                        "there is no layout mits; there are frames, mist, video-chatgpt, "
                        "clips");
    assert_true(ask_feature_layout_of(&layout, s3d, &err) && layout == ASK_FEATURES_CLIPS);
    assert_true(ask_feature_layout_of(&layout, clip, &err) &&
                layout == ASK_FEATURES_FRAMES);
    ask_video_close(v);
    ask_session_close(bert_session);
    ask_model_close(bert);
}

static void it_can_be_cancelled(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_video *v = open_frames(25);
    ask_feature_plan p = plan_of(v, clip, ASK_FEATURES_MIST, NULL);
    const ask_feature_job job = {clip_session, &p};
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    ask_features f;
    assert_false(ask_features_make(&f, v, &job, 1, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    ask_feature_plan_free(&p);
    ask_video_close(v);
}

typedef struct {
    ask_video *video;
    ask_session *session;
    ask_feature_layout layout;
} attempt;

static bool make_briefly(void *user, ask_error *err)
{
    const attempt *a = user;
    static const double t_s[] = {0.1, 0.3};
    const ask_feature_request r = {.t_s = t_s, .n = 2};
    bool frames = a->layout == ASK_FEATURES_FRAMES;
    ask_feature_plan p;
    if (!ask_feature_plan_make(&p, a->video, ask_session_model(a->session), a->layout,
                               frames ? &r : NULL, err))
        return false;
    const ask_feature_job job = {a->session, &p};
    ask_features f;
    bool ok = ask_features_make(&f, a->video, &job, 1, NULL, err);
    if (ok) ask_features_free(&f);
    ask_feature_plan_free(&p);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    ask_video *v = open_frames(5);
    attempt attempts[] = {
        {v, three_session, ASK_FEATURES_FRAMES},
        {v, clip_session, ASK_FEATURES_MIST},
        {v, clip_session, ASK_FEATURES_VIDEO_CHATGPT},
        {v, s3d_session, ASK_FEATURES_CLIPS},
    };
    for (size_t i = 0; i < TEST_COUNT(attempts); i++)
        assert_true(test_some_allocs_fail(ask_feature_layout_name(attempts[i].layout),
                                          make_briefly, &attempts[i]) > 5);
    ask_video_close(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_are_those_of_their_authors),
        cmocka_unit_test(the_frames_are_those_of_the_published_rules),
        cmocka_unit_test(a_window_of_few_frames_gives_each_once),
        cmocka_unit_test(many_jobs_in_one_pass_give_what_each_gives_alone),
        cmocka_unit_test(times_on_one_frame_have_one_row_each),
        cmocka_unit_test(what_cannot_be_made_is_told),
        cmocka_unit_test(it_can_be_cancelled),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
