/* Steps of a training, and what happens when numbers run out of range. */
#include "train/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/tensors.h"
#include "support/tiny_clip.h"

static double steps(tiny_clip *t, int64_t n, double *first)
{
    ask_error err = {0};
    ask_train_step s = {0};
    for (int64_t i = 1; i <= n; i++) {
        CHECK_OK(ask_trainer_step(t->trainer, i, &s, &err), &err);
        if (i == 1) *first = s.loss;
    }
    return s.loss;
}

static void one_batch_is_learnt_by_heart(void **state)
{
    (void)state;
    const tiny_clip_options opt = {.n_steps = 400, .rate = 5e-3, .one_batch = true};
    ask_error err = {0};
    tiny_clip t;
    CHECK_OK(tiny_clip_open(&t, &opt, &err), &err);
    double first = 0, last = steps(&t, opt.n_steps, &first);
    print_message("loss %.3f, after %d steps %.4f\n", first, (int)opt.n_steps, last);
    // Patches share things at random, so that part cannot vanish.
    if (!(first > 0.7 && last < 0.5 * first)) fail_msg("loss %g became %g", first, last);
    tiny_clip_close(&t);
}

static void a_step_does_not_depend_on_the_ones_that_another_trainer_made(void **state)
{
    (void)state;
    const tiny_clip_options opt = {.n_steps = 5, .rate = 1e-3};
    char *made[2];
    size_t n_bytes[2];
    for (int i = 0; i < 2; i++) {
        ask_error err = {0};
        tiny_clip t;
        double first;
        CHECK_OK(tiny_clip_open(&t, &opt, &err), &err);
        steps(&t, 5, &first);
        made[i] = tiny_clip_state(&t, &n_bytes[i]);
        tiny_clip_close(&t);
    }
    assert_int_equal(n_bytes[0], n_bytes[1]);
    assert_memory_equal(made[0], made[1], n_bytes[0]);
    free(made[0]);
    free(made[1]);
}

/* What the message names, and that the step changed nothing. */
static void check_stop(tiny_clip *t, int64_t step, ask_error_code code, const char *name)
{
    ask_error err = {0};
    size_t n, n_after;
    ask_train_step s;
    char *before = tiny_clip_state(t, &n);
    if (ask_trainer_step(t->trainer, step, &s, &err)) fail_msg("%s: was not seen", name);
    char *after = tiny_clip_state(t, &n_after);
    assert_int_equal(err.code, code);
    if (!strstr(err.message, name)) fail_msg("\"%s\" does not name %s", err.message, name);
    assert_memory_equal(before, after, n);
    free(before);
    free(after);
}

static void a_step_that_is_cancelled_changes_nothing(void **state)
{
    (void)state;
    ask_cancel cancel = {0};
    const tiny_clip_options opt = {.n_steps = 5, .rate = 1e-3, .cancel = &cancel};
    ask_error err = {0};
    tiny_clip t;
    double first;
    CHECK_OK(tiny_clip_open(&t, &opt, &err), &err);
    steps(&t, 1, &first);
    ask_cancel_raise(&cancel, 2);
    check_stop(&t, 2, ASK_ERR_CANCELLED, "interrupted");
    tiny_clip_close(&t);
}

static void a_picture_that_is_not_finite_stops_the_training(void **state)
{
    (void)state;
    const tiny_clip_options opt = {.n_steps = 5, .rate = 1e-3, .bad_step = 3};
    ask_error err = {0};
    tiny_clip t;
    double first;
    CHECK_OK(tiny_clip_open(&t, &opt, &err), &err);
    steps(&t, 2, &first);
    check_stop(&t, 3, ASK_ERR_LIMIT, "step 3: pixels is not finite");
    tiny_clip_close(&t);
}

static void a_weight_that_is_not_finite_stops_the_training(void **state)
{
    (void)state;
    static const char name[] = "text_model.final_layer_norm.bias";
    const tiny_clip_options opt = {.n_steps = 5, .rate = 1e-3};
    ask_error err = {0};
    tiny_clip t;
    double first;
    CHECK_OK(tiny_clip_open(&t, &opt, &err), &err);
    steps(&t, 1, &first);
    ask_tensor *bias = ask_store_find(t.store, name);
    float values[16] = {0};
    values[7] = INFINITY;
    CHECK_OK(ask_tensor_write(bias, values, sizeof values, &err), &err);
    check_stop(&t, 2, ASK_ERR_LIMIT,
               "step 2: text_model.final_layer_norm.bias is not finite");
    tiny_clip_close(&t);
}

static void a_state_that_overflows_stops_the_training(void **state)
{
    (void)state;
    const tiny_clip_options opt = {.n_steps = 5, .rate = 1e-3};
    ask_error err = {0};
    tiny_clip t;
    CHECK_OK(tiny_clip_open(&t, &opt, &err), &err);
    ask_tensor *w = ask_store_find(t.store, "vision_model.encoder.layers.1.mlp.fc1.weight");
    float values[32 * 16];
    for (size_t i = 0; i < TEST_COUNT(values); i++) values[i] = 3e38F;
    CHECK_OK(ask_tensor_write(w, values, sizeof values, &err), &err);
    check_stop(&t, 1, ASK_ERR_LIMIT, "step 1: vision.hidden_states.2 is not finite");
    tiny_clip_close(&t);
}

static void a_batch_that_cannot_be_loaded_fails_the_step(void **state)
{
    (void)state;
    const tiny_clip_options opt = {.n_steps = 5, .rate = 1e-3, .fails_step = 2};
    ask_error err = {0};
    tiny_clip t;
    ask_train_step s;
    double first;
    CHECK_OK(tiny_clip_open(&t, &opt, &err), &err);
    steps(&t, 1, &first);
    assert_false(ask_trainer_step(t.trainer, 2, &s, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_string_equal(err.message, "step 2: no batch for step 2");
    tiny_clip_close(&t);
}

/* A loss that is always 0: gradients are zeros, and what moves is decay. */
typedef struct {
    ask_tensor *w, *position, *b;
} sums;

static void build_sums(void *user, ask_graph *g, ask_train_loss *out)
{
    const sums *s = user;
    ask_tensor *zero = ask_scale(g, ask_sum(g, s->w, 0, false), 0);
    zero = ask_add(g, zero, ask_scale(g, ask_sum(g, s->position, 0, false), 0));
    zero = ask_add(g, zero, ask_scale(g, ask_sum(g, s->b, 0, false), 0));
    ask_train_loss_add(out, "zero", 1, zero);
}

static bool feed_nothing(void *user, int64_t step, ask_error *err)
{
    (void)user;
    (void)step;
    (void)err;
    return true;
}

static float first_of(const ask_tensor *t)
{
    float *values = test_get(t), value = values[0];
    free(values);
    return value;
}

static void only_weights_decay(void **state)
{
    (void)state;
    static const char *const undecayed[] = {"*position*", NULL};
    ask_error err = {0};
    ask_backend *cpu = test_cpu(ASK_ISA_AUTO, 1);
    ask_store *store = ask_store_new(cpu, &err);
    sums s = {.w = test_stored(store, "w", 2, (int64_t[]){2, 3}),
              .position = test_stored(store, "position.weight", 2, (int64_t[]){2, 3}),
              .b = test_stored(store, "b", 1, (int64_t[]){3})};
    test_put_all(s.w, 1);
    test_put_all(s.position, 1);
    test_put_all(s.b, 1);
    const ask_train_task task = {
        .user = &s, .build = build_sums, .feed = feed_nothing, .undecayed = undecayed};
    ask_trainer_options opt = ask_trainer_defaults();
    opt.schedule = (ask_schedule){.n_steps = 1, .rate = 0.5, .last_rate = 0.5};
    opt.weight_decay = 0.1;
    ask_trainer *t = ask_trainer_open(cpu, store, &task, &opt, &err);
    CHECK_OK(t, &err);
    assert_int_equal(ask_trainer_n_params(t), 15);
    ask_train_step step;
    CHECK_OK(ask_trainer_step(t, 1, &step, &err), &err);
    assert_true(fabsf(first_of(s.w) - 0.95F) < 1e-6F); // f32 rounding
    assert_true(first_of(s.position) == 1);
    assert_true(first_of(s.b) == 1);
    ask_trainer_close(t);
    ask_store_free(store);
    ask_backend_close(cpu);
}

static bool open_and_step(void *user, ask_error *err)
{
    tiny_clip t;
    ask_train_step s;
    bool ok = tiny_clip_open(&t, user, err) && ask_trainer_step(t.trainer, 1, &s, err);
    tiny_clip_close(&t);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    tiny_clip_options opt = {.n_steps = 2, .rate = 1e-3};
    assert_true(test_each_alloc_fails("open and step", open_and_step, &opt) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_batch_is_learnt_by_heart),
        cmocka_unit_test(a_step_does_not_depend_on_the_ones_that_another_trainer_made),
        cmocka_unit_test(a_step_that_is_cancelled_changes_nothing),
        cmocka_unit_test(a_picture_that_is_not_finite_stops_the_training),
        cmocka_unit_test(a_weight_that_is_not_finite_stops_the_training),
        cmocka_unit_test(a_state_that_overflows_stops_the_training),
        cmocka_unit_test(a_batch_that_cannot_be_loaded_fails_the_step),
        cmocka_unit_test(only_weights_decay),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
