/* Glance-Focus as a checkpoint: what references gave for it, the forms it comes in, and
 * what is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/init.h"
#include "model/verify.h"
#include "support/checkpoint.h"
#include "support/testing.h"
#include "support/verified.h"

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

static ask_verify_report verify(const char *path, const char *compat)
{
    ask_error err = {0};
    ask_verify_report r;
    const ask_verify_options opt = {.compat = compat};
    CHECK_OK(ask_model_verify(&r, path, &opt, &err), &err);
    assert_string_equal(r.network, "glance_focus");
    return r;
}

static bool is_gradient(const ask_verify_row *row)
{
    return strcmp(row->file, "grads.safetensors") == 0;
}

/* ---- what references gave ---- */

/* The paper's network, its losses and all their gradients, from an implementation of its
 * own (tools/golden/glance_focus.py). */
static void the_papers_network_is_computed(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "golden/glance_focus_paper", "golden/glance_focus_paper_open",
        "golden/glance_focus_paper_count", "golden/glance_focus_paper_moment"};
    for (size_t k = 0; k < TEST_COUNT(cases); k++) {
        ask_verify_report r = verify(test_fixture(cases[k]), NULL);
        int n_gradients = 0;
        for (int i = 0; i < r.n_rows; i++) {
            if (!r.rows[i].passed)
                fail_msg("%s: %s: %s", cases[k], r.rows[i].name, r.rows[i].reason);
            n_gradients += is_gradient(&r.rows[i]) && r.rows[i].max_ref > 1e-3;
        }
        assert_true(verified_row(&r, "loss_total")->passed);
        assert_true(verified_row(&r, "pred_answer")->passed);
        assert_true(n_gradients > 50);
        ask_verify_report_free(&r);
    }
}

/* The authors' network, as their code computes it. */
static void the_authors_network_is_computed(void **state)
{
    (void)state;
    static const struct {
        const char *fixture;
        int n_outputs;
    } cases[] = {
        {"golden/glance_focus_sup", 15},
        {"golden/glance_focus_uns", 14},
        {"golden/glance_focus_bool_mask", 14},
    };
    for (size_t k = 0; k < TEST_COUNT(cases); k++) {
        ask_verify_report r = verify(test_fixture(cases[k].fixture), NULL);
        int n_outputs = 0, n_gradients = 0;
        for (int i = 0; i < r.n_rows; i++) {
            if (!r.rows[i].passed)
                fail_msg("%s: %s: %s", cases[k].fixture, r.rows[i].name, r.rows[i].reason);
            n_outputs += !is_gradient(&r.rows[i]);
            n_gradients += is_gradient(&r.rows[i]) && r.rows[i].max_ref > 1e-3;
        }
        assert_int_equal(n_outputs, cases[k].n_outputs);
        assert_true(n_gradients > 50);
        ask_verify_report_free(&r);
    }
}

/* ---- what differs ---- */

static void index_off(checkpoint *c, tensor_list *grads)
{
    (void)grads;
    ((int64_t *)(uintptr_t)tensors_get(&c->outputs, "sort_index")->data)[3] += 1;
}

static void loss_off(checkpoint *c, tensor_list *grads)
{
    (void)grads;
    tensors_floats(&c->outputs, "loss_l1")[0] += 2e-4f;
}

static void gradient_off(checkpoint *c, tensor_list *grads)
{
    (void)c;
    float *bias = tensors_floats(grads, "event_class_embed.bias"); // about 0.1
    bias[2] += 1e-4f;
}

static void gradient_of_nothing(checkpoint *c, tensor_list *grads)
{
    (void)c;
    tensors_add(grads, "answer_head.7.bias", ASK_F32, 1, (int64_t[]){1});
}

static void blank_gradients(checkpoint *c, tensor_list *grads)
{
    (void)c;
    for (size_t i = 0; i < grads->n; i++) {
        ask_weights_entry *e = &grads->entries[i];
        memset((void *)(uintptr_t)e->data, 0, e->bytes);
    }
}

static void no_labels(checkpoint *c, tensor_list *grads)
{
    (void)grads;
    tensors_drop(&c->inputs, "qa_labels");
}

static void no_events(checkpoint *c, tensor_list *grads)
{
    (void)grads;
    tensors_drop(&c->inputs, "target_spans");
    tensors_drop(&c->inputs, "target_classes");
    tensors_drop(&c->inputs, "target_counts");
}

static void differences_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*change)(checkpoint *c, tensor_list *grads);
        const char *tensor, *reason; // its beginning
    } cases[] = {
        {"an index", index_off, "sort_index", "1 of 12 values beyond tolerance"},
        {"a loss", loss_off, "loss_l1", "1 of 1 values beyond tolerance"},
        {"a gradient", gradient_off, "event_class_embed.bias",
         "1 of 7 values beyond tolerance, first at [2]"},
        {"no such parameter", gradient_of_nothing, "answer_head.7.bias",
         "no run gives the gradient of a parameter of that name"},
        {"nothing but zeros", blank_gradients, "event_class_embed.bias",
         "all of the file is zeros, which is no reference"},
        {"no labels: the sum", no_labels, "loss_total",
         "no run of the network gives a tensor of that name"},
        {"no labels: gradients", no_labels, "query_embed.weight",
         "no run gives the gradient of a parameter of that name"},
        {"no events", no_events, "match.query_index",
         "no run of the network gives a tensor of that name"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        make_dir(NULL);
        checkpoint c = checkpoint_of("golden/glance_focus_paper");
        tensor_list grads =
            tensors_read(test_fixture("golden/glance_focus_paper/grads.safetensors"));
        cases[i].change(&c, &grads);
        checkpoint_write(&c, dir);
        tensors_write(&grads, test_path(dir, "grads.safetensors"));
        ask_verify_report r = verify(dir, NULL);
        const ask_verify_row *row = verified_row(&r, cases[i].tensor);
        if (row->passed || strncmp(row->reason, cases[i].reason, strlen(cases[i].reason)))
            fail_msg("case \"%s\": %s", cases[i].name, row->reason ? row->reason : "ok");
        ask_verify_report_free(&r);
        tensors_free(&grads);
        checkpoint_free(&c);
        remove_dir(NULL);
    }
}

/* The authors' departures are all that is between the two. */
static void either_behaviour_can_be_chosen(void **state)
{
    (void)state;
    ask_verify_report r = verify(test_fixture("golden/glance_focus_sup"), "released");
    assert_true(verified_row(&r, "pred_answer")->passed);
    ask_verify_report_free(&r);
    r = verify(test_fixture("golden/glance_focus_sup"), "paper");
    assert_true(verified_row(&r, "pred_spans")->passed); // the glance is the same
    assert_true(verified_row(&r, "match.query_index")->passed);
    assert_false(verified_row(&r, "focus.encoder_memory")->passed);
    assert_false(verified_row(&r, "pred_answer")->passed);
    ask_verify_report_free(&r);
    r = verify(test_fixture("golden/glance_focus_bool_mask"), "released");
    assert_false(verified_row(&r, "focus.encoder_memory")->passed);
    ask_verify_report_free(&r);
    r = verify(test_fixture("golden/glance_focus_paper"), "paper");
    assert_int_equal(r.n_passed, r.n_rows);
    ask_verify_report_free(&r);
    r = verify(test_fixture("golden/glance_focus_paper"), "released");
    assert_false(verified_row(&r, "pred_answer")->passed);
    ask_verify_report_free(&r);
}

static void a_behaviour_that_there_is_not_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *fixture, *compat, *message;
    } cases[] = {
        {"golden/glance_focus_sup", "old", "compat is released or paper, not \"old\""},
        {"golden/clip", "paper", "clip: clip has one behaviour; there is no \"paper\""},
        {"golden/s3d", "released", "there is no \"released\" to choose"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        const ask_model_options opt = {.compat = cases[i].compat};
        assert_null(ask_model_open(test_fixture(cases[i].fixture), &opt, &err));
        assert_int_equal(err.code, ASK_ERR_USAGE);
        if (!strstr(err.message, cases[i].message)) fail_msg("%s", err.message);
    }
}

/* Videos of which no event is known are supervised, too, and teach nothing of events. */
static void there_may_be_no_events(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int n_dims;
        int64_t classes[2], spans[3];
    } cases[] = {
        {"one after another", 1, {0}, {0, 2}},
        {"in rows", 2, {3, 1}, {3, 1, 2}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        make_dir(NULL);
        checkpoint c = checkpoint_of("golden/glance_focus_sup");
        const int64_t three = 3;
        int n = cases[i].n_dims;
        tensors_reshape(&c.inputs, "target_counts", ASK_I64, 1, &three);
        tensors_reshape(&c.inputs, "target_classes", ASK_I64, n, cases[i].classes);
        tensors_reshape(&c.inputs, "target_spans", ASK_F32, n + 1, cases[i].spans);
        tensors_floats(&c.outputs, "loss_cls")[0] = 0;
        tensors_floats(&c.outputs, "loss_l1")[0] = 0;
        tensors_floats(&c.outputs, "loss_total")[0] =
            tensors_floats(&c.outputs, "loss_qa")[0];
        checkpoint_write(&c, dir);
        ask_verify_report r = verify(dir, NULL);
        for (int k = 0; k < r.n_rows; k++)
            if (!r.rows[k].passed && strncmp(r.rows[k].name, "match.", 6) != 0)
                fail_msg("case \"%s\": %s: %s", cases[i].name, r.rows[k].name,
                         r.rows[k].reason);
        ask_verify_report_free(&r);
        checkpoint_free(&c);
        remove_dir(NULL);
    }
}

/* ---- what cannot be fed in ---- */

static int64_t *integers(checkpoint *c, const char *name)
{
    return (int64_t *)(uintptr_t)tensors_get(&c->inputs, name)->data;
}

static void wide_features(checkpoint *c)
{
    tensors_reshape(&c->inputs, "visual_inputs", ASK_F32, 3, (int64_t[]){2, 7, 13});
}

static void other_mask(checkpoint *c)
{
    tensors_reshape(&c->inputs, "visual_mask", ASK_I64, 2, (int64_t[]){2, 6});
}

static void unknown_word(checkpoint *c)
{
    integers(c, "text_ids")[9] = 60;
}

static void odd_texts(checkpoint *c)
{
    tensors_reshape(&c->inputs, "text_ids", ASK_I64, 2, (int64_t[]){7, 9});
    tensors_reshape(&c->inputs, "text_attention_mask", ASK_I64, 2, (int64_t[]){7, 9});
}

static void far_label(checkpoint *c)
{
    integers(c, "qa_labels")[1] = 4;
}

static void many_labels(checkpoint *c)
{
    tensors_reshape(&c->inputs, "qa_labels", ASK_I64, 1, (int64_t[]){3});
}

static void many_events(checkpoint *c)
{
    integers(c, "target_counts")[0] = 7;
}

static void unknown_class(checkpoint *c)
{
    integers(c, "target_classes")[1] = -1;
}

static void lonely_spans(checkpoint *c)
{
    tensors_drop(&c->inputs, "target_counts");
}

static void lone_span(checkpoint *c)
{
    tensors_reshape(&c->inputs, "target_spans", ASK_F32, 0, NULL);
}

static void few_spans(checkpoint *c)
{
    tensors_reshape(&c->inputs, "target_spans", ASK_F32, 3, (int64_t[]){2, 2, 2});
}

static void what_cannot_be_fed_in_is_refused(void **state)
{
    (void)state;
    static const struct {
        void (*change)(checkpoint *c);
        const char *message;
    } cases[] = {
        {wide_features, "visual_inputs: the network takes [B, T, 12]"},
        {other_mask, "visual_mask: the network takes [B, T] as visual_inputs has them"},
        {unknown_word, "text_ids: 60 at [1, 0] is not in a vocabulary of 60"},
        {odd_texts, "text_ids: the network takes as many texts for each video"},
        {far_label, "qa_labels: 4 at [1], of 4 answers"},
        {many_labels, "qa_labels: the network takes one for each question"},
        {many_events, "target_counts: 7 at [0]; the network has 6 slots"},
        {unknown_class, "target_classes: there is no class -1 of 7"},
        {lonely_spans, "target_counts: one is there without the others"},
        {lone_span, "target_classes: the network takes as many, with their target_spans"},
        {few_spans, "target_classes: the network takes as many, with their target_spans"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        make_dir(NULL);
        checkpoint c = checkpoint_of("golden/glance_focus_paper");
        cases[i].change(&c);
        checkpoint_write(&c, dir);
        ask_error err = {0};
        ask_verify_report r;
        assert_false(ask_model_verify(&r, dir, NULL, &err));
        assert_int_equal(err.code, ASK_ERR_MODEL);
        if (!strstr(err.message, cases[i].message))
            fail_msg("expected \"%s\", got \"%s\"", cases[i].message, err.message);
        checkpoint_free(&c);
        remove_dir(NULL);
    }
}

/* ---- the forms of checkpoints ---- */

static void copy_file(const char *fixture, const char *to)
{
    size_t n_bytes;
    char *bytes = test_read(test_fixture(fixture), &n_bytes);
    test_write(to, bytes, n_bytes);
    free(bytes);
}

#define UNS "golden/glance_focus_uns/"

static void copy_reference(const char *to)
{
    copy_file(UNS "inputs.safetensors", test_path(to, "inputs.safetensors"));
    copy_file(UNS "outputs.safetensors", test_path(to, "outputs.safetensors"));
}

static void the_authors_archive_is_read(void **state)
{
    (void)state;
    copy_reference(dir);
    copy_file(UNS "config.json", test_path(dir, "config.json"));
    copy_file(UNS "model.tar", test_path(dir, "model_3000.tar"));
    ask_verify_report r = verify(dir, NULL);
    assert_int_equal(r.n_passed, 14);
    assert_int_equal(r.n_rows, 14);
    ask_verify_report_free(&r);
}

/* Alone it tells every size but the number of heads, which is taken to be the published
 * one: the same numbers come out as with a configuration that says so. */
static void the_archive_alone_tells_the_sizes(void **state)
{
    (void)state;
    const char *alone = test_path(dir, "alone"), *told = test_path(dir, "told");
    copy_file(UNS "model.tar", test_path(alone, "model_3000.tar"));
    copy_reference(alone);
    checkpoint c = checkpoint_of("golden/glance_focus_uns");
    checkpoint_edit(&c, "\"nhead\": 4", "\"nhead\": 8");
    checkpoint_edit(&c, "\"num_attention_heads\": 4", "\"num_attention_heads\": 1");
    // The published text encoder's, which no tensor tells.
    checkpoint_edit(&c, "\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": 1e-05");
    checkpoint_write(&c, told);
    checkpoint_free(&c);

    ask_verify_report a = verify(alone, NULL), b = verify(told, NULL);
    assert_int_equal(a.n_rows, b.n_rows);
    for (int i = 0; i < a.n_rows; i++) {
        assert_string_equal(a.rows[i].name, b.rows[i].name);
        assert_true(a.rows[i].compared);
        // As far from the reference, which has other heads, to the last bit.
        if (a.rows[i].max_abs != b.rows[i].max_abs || a.rows[i].rms != b.rows[i].rms)
            fail_msg("%s: off by %g and %g", a.rows[i].name, a.rows[i].max_abs,
                     b.rows[i].max_abs);
    }
    assert_false(verified_row(&a, "pred_answer")->passed);
    ask_verify_report_free(&a);
    ask_verify_report_free(&b);
}

static void one_of_two_archives_is_not_guessed(void **state)
{
    (void)state;
    copy_file(UNS "model.tar", test_path(dir, "model_3000.tar"));
    copy_file(UNS "model.tar", test_path(dir, "model_6000.tar"));
    ask_error err = {0};
    assert_null(ask_model_open(dir, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(
        strstr(err.message, "holds both model_3000.tar and model_6000.tar; keep one"));
}

static void a_model_is_made_from_its_configuration(void **state)
{
    (void)state;
    ask_error err = {0};
    const ask_model_init_options opt = {.seed = 3};
    const char *made = test_path(dir, "made");
    CHECK_OK(ask_model_init(made, test_fixture("golden/glance_focus_paper/config.json"),
                            &opt, &err),
             &err);
    ask_model *m = ask_model_open(made, NULL, &err), *given;
    CHECK_OK(m, &err);
    given = ask_model_open(test_fixture("golden/glance_focus_paper"), NULL, &err);
    CHECK_OK(given, &err);
    ask_model_size size, expected;
    size_t n = 0;
    for (; ask_model_size_at(given, n, &expected); n++) {
        assert_true(ask_model_size_at(m, n, &size));
        assert_string_equal(size.name, expected.name);
        assert_int_equal(size.value, expected.value);
    }
    assert_int_equal(n, 13);
    assert_false(ask_model_size_at(m, n, &size));
    // The made one has the text encoder's pooler, if the given one has.
    assert_true(ask_model_info_of(m).n_params >= ask_model_info_of(given).n_params);
    ask_model_close(m);
    ask_model_close(given);
}

/* ---- memory ---- */

static bool verify_once(void *user, ask_error *err)
{
    static const ask_verify_options one_thread = {.n_threads =
                                                      1}; // nobody waits for others
    ask_verify_report r;
    if (!ask_model_verify(&r, user, &one_thread, err)) return false;
    ask_verify_report_free(&r);
    return true;
}

static void verifying_survives_failing_allocations(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", test_fixture("golden/glance_focus_sup"));
    assert_true(test_some_allocs_fail("verify", verify_once, path) > 25);
    copy_file(UNS "model.tar", test_path(dir, "model.tar"));
    copy_reference(dir);
    assert_true(test_some_allocs_fail("archive", verify_once, dir) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_papers_network_is_computed),
        cmocka_unit_test(the_authors_network_is_computed),
        cmocka_unit_test(differences_are_found),
        cmocka_unit_test(either_behaviour_can_be_chosen),
        cmocka_unit_test(a_behaviour_that_there_is_not_is_refused),
        cmocka_unit_test(there_may_be_no_events),
        cmocka_unit_test(what_cannot_be_fed_in_is_refused),
        cmocka_unit_test_setup_teardown(the_authors_archive_is_read, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(the_archive_alone_tells_the_sizes, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(one_of_two_archives_is_not_guessed, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(a_model_is_made_from_its_configuration, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(verifying_survives_failing_allocations, make_dir,
                                        remove_dir),
    };
    return cmocka_run_group_tests_name("glance_focus", tests, NULL, NULL);
}
