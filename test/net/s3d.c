/* S3D without a checkpoint: as it was published, and as it is drawn. */
#include "net/tower/s3d.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/tensors.h"

typedef struct {
    int n_tensors;
    int64_t n_numbers;
    bool stop; // at the first
} tally;

static bool count(void *user, const ask_param_row *row, ask_error *err)
{
    tally *t = user;
    if (t->stop) return ask_fail(err, ASK_ERR_IO, "enough");
    int64_t n = 1;
    for (int i = 0; i < row->n_dims; i++) n *= row->shape[i];
    t->n_tensors++;
    t->n_numbers += n;
    return true;
}

static bool list(tally *t, ask_s3d *s, ask_error *err)
{
    ask_arena *room = ask_arena_new(0);
    assert_non_null(room);
    ask_params *p = ask_params_list(count, t, room, err);
    CHECK_OK(p, err);
    ask_s3d_bind(s, p);
    bool ok = ask_params_finish(p, NULL, err);
    ask_arena_free(room);
    return ok;
}

/* 76 convolutions with a norm each, 37 gates, and the head; the numbers are summed over the
 * published table of widths. */
static void without_a_checkpoint_it_is_as_published(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_s3d s;
    tally t = {0};
    CHECK_OK(list(&t, &s, &err), &err);
    assert_int_equal(s.n_features, 1024);
    assert_int_equal(s.n_logits, 512);
    assert_int_equal(t.n_tensors, 76 * 5 + 38 * 2);
    assert_int_equal(t.n_numbers, 9691888);
}

static void who_is_told_can_end_it(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_s3d s;
    assert_false(list(&(tally){.stop = true}, &s, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_string_equal(err.message, "enough");
}

/* Drawn norms change nothing: their weight and variance are 1, their bias and mean 0, and
 * so what is left of them is 1 / sqrt(1 + eps). */
static void norms_are_folded_into_what_was_drawn(void **state)
{
    (void)state;
    enum { SEED = 7, N = 2 * 3 * 1 * 3 * 3 };
    ask_error err = {0};
    ask_backend *cpu = test_cpu(ASK_ISA_AUTO, 1);
    ask_store *store = ask_store_new(cpu, &err);
    CHECK_OK(store, &err);
    ask_arena *room = ask_arena_new(0);
    assert_non_null(room);
    ask_params *p = ask_params_random(store, SEED, room, &err);
    CHECK_OK(p, &err);
    const ask_conv_norm_config config = {
        .n_in = 3, .n_out = 2, .n_axes = 3, .kernel = {1, 3, 3}, .eps = 0.5};
    ask_conv_norm conv;
    ask_conv_norm_bind(&conv, p, "a", "b", &config);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);

    float drawn[N];
    ask_rng stream = ask_param_stream(SEED, "a.weight");
    ask_param_draw(drawn, N, &stream, ask_init_normal(sqrt(2.0 / 27)));
    float *w = test_get(conv.w), *b = test_get(conv.b);
    for (int i = 0; i < N; i++) drawn[i] = (float)(drawn[i] / sqrt(1.5));
    test_near("weights", w, drawn, N, 1e-7);
    test_near("bias", b, (const float[]){0, 0}, 2, 0);
    free(w);
    free(b);
    ask_store_free(store);
    ask_arena_free(room);
    ask_backend_close(cpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_checkpoint_it_is_as_published),
        cmocka_unit_test(who_is_told_can_end_it),
        cmocka_unit_test(norms_are_folded_into_what_was_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
