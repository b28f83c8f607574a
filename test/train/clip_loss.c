/* The losses of a dual encoder against the same in plain C, from the embeddings that the
 * network gives. */
#include "train/clip_loss.h"

#include <math.h>
#include <stdlib.h>

#include "support/tensors.h"
#include "support/tiny_clip.h"

enum { F = 6, T = 5, K = 3, C = 2, P = 8, N_PATCHES = 4, N_LOSSES = 4 };

static double dot(const float *a, const float *b)
{
    double sum = 0;
    for (int i = 0; i < P; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

static double logit(const float *a, const float *b)
{
    return exp(2.6592) * dot(a, b) / sqrt(dot(a, a) * dot(b, b));
}

static double bce(double x, double y)
{
    return (x > 0 ? x : 0) - x * y + log1p(exp(-fabs(x)));
}

static double moment(const ask_clip_batch *b, const double *x, int c, int t)
{
    double sum = 0, loss = 0;
    for (int k = 0; k < K; k++)
        if (b->moment_mask[(c * T + t) * K + k]) sum += exp(x[(c * K + k) * T + t]);
    for (int k = 0; k < K; k++) {
        int at = (c * T + t) * K + k;
        if (b->moment_mask[at])
            loss -= (double)b->moment_targets[at] * (x[(c * K + k) * T + t] - log(sum));
    }
    return loss;
}

/* The network alone has words for every text. */
static void check_fits(const ask_tensor *t, const double *expected, int n_coded)
{
    float *is = test_get(t);
    for (int i = 0; i < F * T; i++)
        if (i % T >= n_coded) assert_true(fabs((double)is[i] - expected[i]) < 1e-4);
    free(is);
}

/* With the first n_coded texts told by their codes. */
static void check_losses(int n_coded)
{
    const tiny_clip_options opt = {.n_steps = 1, .rate = 0, .n_coded = n_coded};
    ask_error err = {0};
    tiny_clip t;
    CHECK_OK(tiny_clip_open(&t, &opt, &err), &err);
    ask_clip_batch *b = ask_clip_batch_new(&t.size, &err);
    CHECK_OK(b, &err);
    CHECK_OK(tiny_clip_fill((void *)&opt, b, 1, &err), &err);
    b->moment_mask[1] = b->moment_mask[7] = false;
    b->moment_targets[1] = b->moment_targets[7] = 0;

    ask_graph *g = test_graph();
    ask_clip_inputs in;
    ask_train_loss loss = {0};
    const ask_clip_loss_params params = {ask_store_find(t.store, "train.frame_bias"),
                                         ask_store_find(t.store, "train.patch_bias"),
                                         ask_store_find(t.store, "train.codes")};
    const ask_clip_towers towers = ask_clip_towers_of(&t.clip);
    assert_true(!params.codes == !n_coded);
    ask_clip_inputs_add(&in, g, &t.size);
    ask_clip_loss_build(g, &towers, &params, &in,
                        &(ask_clip_loss_weights){1, 0.5, 0.25, 0.125}, &loss, NULL);
    ask_tensor *patches;
    ask_tensor *frames =
        ask_keep(g, ask_clip_image_and_patches(g, &t.clip, in.pixels, &patches));
    ask_keep(g, patches);
    ask_tensor *texts = ask_keep(g, ask_clip_text_features(g, &t.clip, in.ids, NULL));
    ask_tensor *all_fits = ask_keep(g, ask_clip_fits_build(g, &towers, &in));
    for (int i = 0; i < loss.n_parts; i++) ask_keep(g, loss.parts[i].value);
    test_plan(g, t.backend);
    CHECK_OK(ask_clip_inputs_write(&in, b, &err), &err);
    const float biases[2] = {0.5F, -0.25F};
    CHECK_OK(ask_tensor_write(params.frame_bias, &biases[0], 4, &err), &err);
    CHECK_OK(ask_tensor_write(params.patch_bias, &biases[1], 4, &err), &err);
    test_run(g);

    float *frame = test_get(frames), *patch = test_get(patches), *text = test_get(texts);
    if (n_coded)
        CHECK_OK(
            ask_tensor_read(params.codes, text, (size_t)n_coded * P * sizeof *text, &err),
            &err);
    double x[F * T], fits[F * T], expected[N_LOSSES] = {0};
    for (int i = 0; i < F * T; i++) {
        x[i] = logit(frame + i / T * P, text + i % T * P);
        expected[0] += (double)b->frame_weights[i] * bce(x[i] + 0.5, b->frame_labels[i]);
    }
    for (int i = 0; i < F * N_PATCHES * T; i++) {
        int64_t row = b->patch_things[i / T] * T + i % T;
        double y = logit(patch + i / T * P, text + i % T * P) - 0.25;
        expected[1] += (double)b->thing_weights[row] * bce(y, b->thing_labels[row]);
    }
    for (int i = 0; i < F * T; i++) {
        double best = -INFINITY;
        for (int k = 0; k < N_PATCHES; k++)
            best = fmax(best, logit(patch + (i / T * N_PATCHES + k) * P, text + i % T * P));
        fits[i] = (x[i] + best) / 2;
    }
    check_fits(all_fits, fits, n_coded);
    for (int i = 0; i < C * T; i++) {
        expected[2] += moment(b, x, i / T, i % T);
        expected[3] += moment(b, fits, i / T, i % T);
    }

    static const char *const names[] = {"frames", "patches", "moments", "fits"};
    static const double weights[] = {1, 0.5, 0.25, 0.125};
    assert_int_equal(loss.n_parts, N_LOSSES);
    for (int i = 0; i < N_LOSSES; i++) {
        float want = (float)expected[i], *is = test_get(loss.parts[i].value);
        assert_string_equal(loss.parts[i].name, names[i]);
        CHECK_CASE(names[i], loss.parts[i].weight == weights[i]);
        test_near(names[i], is, &want, 1, 1e-4); // sums in f32
        free(is);
    }
    free(frame);
    free(patch);
    free(text);
    ask_graph_free(g);
    ask_clip_batch_free(b);
    tiny_clip_close(&t);
}

static void losses_are_what_they_are_called(void **state)
{
    (void)state;
    check_losses(0);
    check_losses(2);
}

static void what_has_no_weight_is_not_built(void **state)
{
    (void)state;
    const tiny_clip_options opt = {.n_steps = 1, .rate = 0};
    ask_error err = {0};
    tiny_clip t;
    CHECK_OK(tiny_clip_open(&t, &opt, &err), &err);
    int n_ops[2];
    for (int i = 0; i < 2; i++) {
        ask_graph *g = test_graph();
        ask_clip_inputs in;
        ask_train_loss loss = {0};
        const ask_clip_loss_params params = {ask_store_find(t.store, "train.frame_bias"),
                                             ask_store_find(t.store, "train.patch_bias"),
                                             NULL};
        const ask_clip_towers towers = ask_clip_towers_of(&t.clip);
        ask_clip_inputs_add(&in, g, &t.size);
        ask_clip_loss_build(g, &towers, &params, &in,
                            &(ask_clip_loss_weights){.frames = 1, .patches = i}, &loss,
                            NULL);
        assert_int_equal(loss.n_parts, 1 + i);
        n_ops[i] = ask_graph_n_ops(g);
        ask_graph_free(g);
    }
    assert_true(n_ops[0] < n_ops[1]);
    tiny_clip_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_are_what_they_are_called),
        cmocka_unit_test(what_has_no_weight_is_not_built),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
