/* Parameters as copies of a checkpoint: those that are trained. */
#include "net/params.h"

#include <stdlib.h>
#include <string.h>

#include "net/joint/clip.h"
#include "support/checkpoint.h"
#include "support/tensors.h"

static ask_clip_config config_of(const char *path)
{
    ask_error err = {0};
    ask_clip_config config;
    ask_json *doc = ask_json_read(path, NULL, &err);
    CHECK_OK(doc, &err);
    CHECK_OK(ask_clip_config_read(&config, ask_json_root(doc), &err), &err);
    ask_json_free(doc);
    return config;
}

typedef struct {
    ask_clip_config config;
    const char *dir;
    ask_backend *cpu;
    ask_store *store;
} binding;

static bool bind(void *user, ask_error *err)
{
    binding *b = user;
    ask_clip clip;
    ask_arena *room = ask_arena_new(0);
    if (!room) return ask_fail_memory(err);
    b->store = ask_store_new(b->cpu, err);
    ask_weights *weights = b->store ? ask_weights_open(b->dir, err) : NULL;
    ask_params *p = weights ? ask_params_trainable(b->store, weights, room, err) : NULL;
    if (p) ask_clip_bind(&clip, p, &b->config);
    bool ok = p && ask_params_finish(p, ask_clip_ignored, err);
    ask_weights_close(weights);
    ask_arena_free(room);
    if (!ok) ask_store_free(b->store);
    return ok;
}

/* The store after the files are closed, against what was in them. */
static void check_store(const binding *b, const tensor_list *expected)
{
    ask_error err = {0};
    for (int i = 0; i < ask_store_count(b->store); i++) {
        ask_tensor *t = ask_store_at(b->store, i);
        const ask_weights_entry *e =
            tensors_get((tensor_list *)expected, ask_tensor_name(t));
        float *is = test_get(t), *want = malloc(ask_tensor_bytes(t) + 1);
        assert_non_null(want);
        ask_dtype_to_f32(e->type, want, e->data, (size_t)e->n_elements);
        assert_memory_equal(is, want, ask_tensor_bytes(t));
        is[0] += 1; // it can be written
        CHECK_OK(ask_tensor_write(t, is, ask_tensor_bytes(t), &err), &err);
        free(is);
        free(want);
    }
}

static void copies_have_the_values_of_the_files_and_can_be_written(void **state)
{
    static const ask_dtype types[] = {ASK_F32, ASK_F16, ASK_BF16};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(types); i++) {
        ask_error err = {0};
        char *dir = test_temp_dir_make();
        checkpoint c = checkpoint_of("golden/clip");
        tensors_narrow(&c.weights, types[i]);
        checkpoint_write(&c, dir);
        binding b = {.config = config_of(test_path(dir, "config.json")),
                     .dir = dir,
                     .cpu = test_cpu(ASK_ISA_AUTO, 1)};
        CHECK_OK(bind(&b, &err), &err);
        check_store(&b, &c.weights);
        ask_store_free(b.store);
        ask_backend_close(b.cpu);
        checkpoint_free(&c);
        test_temp_dir_remove(dir);
    }
}

static void what_is_missing_is_told_as_for_other_sources(void **state)
{
    (void)state;
    ask_error err = {0};
    char *dir = test_temp_dir_make();
    checkpoint c = checkpoint_of("golden/clip");
    tensors_drop(&c.weights, "logit_scale");
    checkpoint_write(&c, dir);
    binding b = {.config = config_of(test_path(dir, "config.json")),
                 .dir = dir,
                 .cpu = test_cpu(ASK_ISA_AUTO, 1)};
    assert_false(bind(&b, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "missing tensors: logit_scale"));
    ask_backend_close(b.cpu);
    checkpoint_free(&c);
    test_temp_dir_remove(dir);
}

static bool bind_and_free(void *user, ask_error *err)
{
    binding *b = user;
    bool ok = bind(b, err);
    if (ok) ask_store_free(b->store);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    const char *dir = test_fixture("golden/clip");
    binding b = {.config = config_of(test_fixture("golden/clip/config.json")),
                 .dir = dir,
                 .cpu = test_cpu(ASK_ISA_AUTO, 1)};
    assert_true(test_each_alloc_fails("bind", bind_and_free, &b) > 50);
    ask_backend_close(b.cpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_have_the_values_of_the_files_and_can_be_written),
        cmocka_unit_test(what_is_missing_is_told_as_for_other_sources),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
