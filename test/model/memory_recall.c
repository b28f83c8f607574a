/* Questions put to a memory: what is answered, and what is refused.
 *
 * The model here is random: what is tested is that its network is asked rightly, which a
 * graph that is built by hand can tell. */
#include "model/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/model_priv.h"
#include "support/checkpoint.h"
#include "support/tensors.h"
#include "support/tiny_memory.h"

/* ---- questions ---- */

static double sum_of(const double *x, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += x[i];
    return sum;
}

static const char question[] = "what does the red ball do first?";

/* Tokens of n texts as rows of as many as the longest has. */
typedef struct {
    int n_tokens;
    int64_t ids[TINY_ANSWERS * TINY_TOKENS];
    uint8_t mask[TINY_ANSWERS * TINY_TOKENS];
} rows;

static rows encode(const memory_model *o, const char *const *texts, int n)
{
    ask_error err = {0};
    static ask_tokens tokens[TINY_ANSWERS];
    const ask_tokenizer *t = model_tokenizer(o->model, &err);
    CHECK_OK(t, &err);
    rows r = {0};
    for (int i = 0; i < n; i++) {
        CHECK_OK(ask_tokenizer_encode(t, texts[i], NULL, false, &tokens[i], &err), &err);
        if (tokens[i].n > r.n_tokens) r.n_tokens = tokens[i].n;
    }
    for (int i = 0; i < n * r.n_tokens; i++) {
        const ask_tokens *of = &tokens[i / r.n_tokens];
        r.mask[i] = i % r.n_tokens < of->n;
        r.ids[i] = r.mask[i] ? of->tokens[i % r.n_tokens].id : 0;
    }
    for (int i = 0; i < n; i++) ask_tokens_free(&tokens[i]);
    return r;
}

/* Logits of all own answers and of the pointer, [TINY_ANSWERS] and [TINY_SLOTS + 1], and
 * what answers add to these, [TINY_SLOTS + 1, TINY_ANSWERS]. */
static void answer_by_hand(float *logits, float *pointer, float *fits,
                           const memory_model *o, const ask_memory *m)
{
    rows asked = encode(o, (const char *const[]){question}, 1);
    rows said = encode(o, tiny_memory_answers, TINY_ANSWERS);
    ask_graph *g = test_graph();
    const ask_timeline_texts texts = {
        .ids = INPUT_I64(g, TINY_ANSWERS, said.n_tokens),
        .mask = ask_input(g, ASK_BOOL, DIMS(TINY_ANSWERS, said.n_tokens))};
    const ask_timeline_asking asking = {
        .records = INPUT(g, 1, TINY_SLOTS, (int64_t)tiny_memory_record_width(o)),
        .mask = ask_input(g, ASK_BOOL, DIMS(1, TINY_SLOTS)),
        .questions = {.ids = INPUT_I64(g, 1, 1, asked.n_tokens),
                      .mask = ask_input(g, ASK_BOOL, DIMS(1, 1, asked.n_tokens))},
        .answers = ask_timeline_texts_build(g, &tiny_memory_net(o)->focus, &texts, NULL),
    };
    ask_timeline_answered out;
    ask_timeline_focus_build(&out, g, &tiny_memory_net(o)->focus, &asking, NULL);
    ask_keep(g, out.logits);
    ask_keep(g, out.pointer);
    ask_keep(g, out.fits);
    test_plan(g, o->model->backend);
    test_put(texts.ids, said.ids);
    test_put(texts.mask, said.mask);
    test_put(asking.records, m->records);
    test_put(asking.mask, m->is_there);
    test_put(asking.questions.ids, asked.ids);
    test_put(asking.questions.mask, asked.mask);
    test_run(g);
    ask_error err = {0};
    CHECK_OK(ask_tensor_read(out.logits, logits, TINY_ANSWERS * sizeof *logits, &err),
             &err);
    CHECK_OK(
        ask_tensor_read(out.pointer, pointer, (TINY_SLOTS + 1) * sizeof *pointer, &err),
        &err);
    CHECK_OK(ask_tensor_read(out.fits, fits,
                             (size_t)((TINY_SLOTS + 1) * TINY_ANSWERS) * sizeof *fits,
                             &err),
             &err);
    ask_graph_free(g);
}

static void answers_are_those_of_the_network(void **state)
{
    (void)state;
    memory_model o = memory_model_open(tiny_memory_path);
    ask_sights sights = tiny_memory_sights(&o, TINY_FRAMES, 10);
    for (size_t k = 0; k < TEST_COUNT(tiny_memory_shown); k++) {
        ask_memory m = memory_model_remember(o.session, &sights, tiny_memory_shown[k]);
        ask_recalled r = memory_model_recall(o.session, &m, question, NULL, 0);
        float logits[TINY_ANSWERS], pointer[TINY_SLOTS + 1],
            fits[(TINY_SLOTS + 1) * TINY_ANSWERS];
        answer_by_hand(logits, pointer, fits, &o, &m);
        for (int i = 0; i <= TINY_SLOTS; i++) pointer[i] += fits[i * TINY_ANSWERS + r.best];
        assert_int_equal(r.n_scores, TINY_ANSWERS);
        double sum = 0, sum_pointer = 0;
        for (int i = 0; i < TINY_ANSWERS; i++) sum += exp(logits[i]);
        for (int i = 0; i <= TINY_SLOTS; i++) sum_pointer += exp(pointer[i]);
        for (int i = 0; i < TINY_ANSWERS; i++) {
            assert_true(fabs(r.scores[i] - (logits[i] - log(sum))) < 1e-4);
            assert_true(r.scores[i] <= r.scores[r.best]);
        }
        for (int i = 0; i <= TINY_SLOTS; i++)
            assert_true(fabs(r.pointer[i] - exp(pointer[i]) / sum_pointer) < 1e-5);
        assert_true(fabs(sum_of(r.pointer, TINY_SLOTS + 1) - 1) < 1e-12);
        ask_recalled_free(&r);
        assert_null(r.scores);
        ask_memory_free(&m);
    }
    ask_sights_free(&sights);
    memory_model_close(&o);
}

/* Vectors of options are made in other batches than those of the model's answers. */
static void options_and_own_answers_agree(void **state)
{
    (void)state;
    int chosen[][9] = {
        {0, 1, 2, 3}, {89, 64, 2}, {5, 4}, {80, 81, 82, 83, 84, 85, 86, 87, 88}};
    static const int n_chosen[] = {4, 3, 2, 9};
    memory_model o = memory_model_open(tiny_memory_path);
    ask_memory m = tiny_memory_of_seed(&o, 11);
    ask_recalled own = memory_model_recall(o.session, &m, question, NULL, 0);
    chosen[0][3] = own.best;
    int n_same = 0;
    for (size_t k = 0; k < TEST_COUNT(chosen); k++) {
        const char *options[9];
        int n = n_chosen[k], best = 0;
        for (int i = 0; i < n; i++) options[i] = tiny_memory_answers[chosen[k][i]];
        ask_recalled r = memory_model_recall(o.session, &m, question, options, n);
        assert_int_equal(r.n_scores, n);
        double sum = 0, off = own.scores[chosen[k][0]] - r.scores[0];
        for (int i = 0; i < n; i++) {
            assert_true(fabs(own.scores[chosen[k][i]] - r.scores[i] - off) < 1e-5);
            sum += exp(r.scores[i]);
            if (own.scores[chosen[k][i]] > own.scores[chosen[k][best]]) best = i;
        }
        assert_true(fabs(sum - 1) < 1e-12);
        assert_int_equal(r.best, best);
        bool is_same = chosen[k][best] == own.best;
        n_same += is_same;
        for (int i = 0; is_same && i <= TINY_SLOTS; i++)
            assert_true(fabs(r.pointer[i] - own.pointer[i]) < 1e-6);
        ask_recalled_free(&r);
    }
    assert_true(n_same > 0);
    ask_recalled_free(&own);
    ask_memory_free(&m);
    memory_model_close(&o);
}

static void an_option_scores_the_same_wherever_it_stands(void **state)
{
    (void)state;
    memory_model o = memory_model_open(tiny_memory_path);
    ask_memory m = tiny_memory_of_seed(&o, 12);
    static const char *const first[] = {"red", "it jumps then", "a dog"};
    static const char *const second[] = {"a dog", "it jumps then", "red"};
    ask_recalled a = memory_model_recall(o.session, &m, question, first, 3);
    ask_recalled b = memory_model_recall(o.session, &m, question, second, 3);
    for (int i = 0; i < 3; i++)
        assert_true(fabs(a.scores[i] - b.scores[2 - i]) < 1e-12); // the sum of all
    assert_int_equal(b.best, 2 - a.best);
    ask_recalled_free(&a);
    ask_recalled_free(&b);

    static const char *const same[] = {"red", "red", "red"};
    a = memory_model_recall(o.session, &m, question, same, 3);
    assert_true(a.scores[0] == a.scores[1] && a.scores[1] == a.scores[2] && a.best == 0);
    ask_recalled_free(&a);
    ask_memory_free(&m);
    memory_model_close(&o);
}

static void the_same_question_gives_the_same_bits(void **state)
{
    (void)state;
    static const char *const options[] = {"yes", "no", "maybe so"};
    memory_model o = memory_model_open(tiny_memory_path);
    ask_memory m = tiny_memory_of_seed(&o, 13);
    ask_recalled first = memory_model_recall(o.session, &m, question, NULL, 0);
    for (int i = 0; i < 3; i++) {
        ask_recalled other =
            memory_model_recall(o.session, &m, i ? "is it there?" : question,
                                i < 2 ? options : NULL, i < 2 ? 3 : 0);
        ask_recalled_free(&other);
    }
    for (int k = 0; k < 2; k++) { // asked again, and in a new session
        ask_recalled again = memory_model_recall(o.session, &m, question, NULL, 0);
        assert_memory_equal(again.scores, first.scores, TINY_ANSWERS * sizeof(double));
        assert_memory_equal(again.pointer, first.pointer,
                            (TINY_SLOTS + 1) * sizeof(double));
        ask_recalled_free(&again);
        memory_model_close(&o);
        o = memory_model_open(tiny_memory_path);
    }
    ask_recalled other = memory_model_recall(o.session, &m, "is it there?", NULL, 0);
    assert_true(other.scores[0] != first.scores[0]);
    ask_recalled_free(&other);
    ask_recalled_free(&first);
    ask_memory_free(&m);
    memory_model_close(&o);
}

/* ---- what is refused ---- */

static char long_text[600];

static void questions_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const char *const two[] = {"yes", "no"};
    static const char *const blank[] = {"yes", ""};
    static const char *const endless[] = {"yes", long_text};
    static const struct {
        const char *question;
        const char *const *options;
        int n_options, n_slots;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"", two, 2, TINY_SLOTS, ASK_ERR_USAGE, "the question has no words"},
        {NULL, two, 2, TINY_SLOTS, ASK_ERR_USAGE, "the question has no words"},
        {question, two, 1, TINY_SLOTS, ASK_ERR_USAGE, "1 option; there must be two"},
        {question, two, -1, TINY_SLOTS, ASK_ERR_USAGE, "-1 options"},
        {question, blank, 2, TINY_SLOTS, ASK_ERR_USAGE, "option 2 has no words"},
        {question, endless, 2, TINY_SLOTS, ASK_ERR_LIMIT, "the model takes 20"},
        {long_text, two, 2, TINY_SLOTS, ASK_ERR_LIMIT, "the model takes 20"},
        {"\xff what?", two, 2, TINY_SLOTS, ASK_ERR_FORMAT, "UTF-8"},
        {question, two, 2, TINY_SLOTS + 1, ASK_ERR_USAGE, "a memory of 8 slots"},
    };
    for (size_t i = 0; i + 1 < sizeof long_text; i++) long_text[i] = i % 4 ? 'x' : ' ';
    memory_model o = memory_model_open(tiny_memory_path);
    ask_memory m = tiny_memory_of_seed(&o, 14);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_recalled r = {.n_scores = 77};
        m.n_slots = cases[i].n_slots;
        assert_false(ask_memory_recall(&r, o.session, &m, cases[i].question,
                                       cases[i].options, cases[i].n_options, NULL, &err));
        if (err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("expected \"%s\", got %d: \"%s\"", cases[i].message, err.code,
                     err.message);
        assert_int_equal(r.n_scores, 77); // untouched
    }
    m.n_slots = TINY_SLOTS;
    ask_memory_free(&m);
    memory_model_close(&o);
}

static void without_answers_of_its_own_a_model_needs_options(void **state)
{
    (void)state;
    char bare[512];
    snprintf(bare, sizeof bare, "%s", test_path(tiny_memory_dir, "bare"));
    tiny_timeline_make(bare);
    memory_model o = memory_model_open(bare);
    ask_error err = {0};
    ask_memory_info info;
    CHECK_OK(ask_memory_info_of(&info, o.model, &err), &err);
    assert_int_equal(info.n_answers, 0);
    ask_memory m = tiny_memory_of_seed(&o, 16);
    ask_recalled r = {.n_scores = 77};
    assert_false(ask_memory_recall(&r, o.session, &m, question, NULL, 0, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "answers.json"));
    static const char *const two[] = {"yes", "no"};
    r = memory_model_recall(o.session, &m, question, two, 2);
    ask_recalled_free(&r);
    ask_memory_free(&m);
    memory_model_close(&o);
}

static void own_answers_that_do_not_fit_are_the_models_fault(void **state)
{
    (void)state;
    char folder[512], text[700];
    snprintf(folder, sizeof folder, "%s", test_path(tiny_memory_dir, "unfit"));
    tiny_timeline_make(folder);
    for (size_t i = 0; i + 1 < sizeof long_text; i++) long_text[i] = i % 4 ? 'x' : ' ';
    snprintf(text, sizeof text, "[\"yes\", \"%s\"]", long_text);
    test_write_text(test_path(folder, "answers.json"), text);
    test_write_text(test_path(folder, "denials.json"), "[]");
    memory_model o = memory_model_open(folder);
    ask_memory m = tiny_memory_of_seed(&o, 17);
    for (int i = 0; i < 2; i++) { // nothing is kept of it
        ask_error err = {0};
        ask_recalled r;
        assert_false(ask_memory_recall(&r, o.session, &m, question, NULL, 0, NULL, &err));
        assert_int_equal(err.code, ASK_ERR_MODEL);
        assert_non_null(strstr(err.message, "answers.json: "));
        assert_non_null(strstr(err.message, "the model takes 20"));
    }
    ask_memory_free(&m);
    memory_model_close(&o);
}

/* Of which part the weights are damaged: each tells it, at the latest when it is used. */
static void weights_that_give_no_numbers_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *tensor;
        int fails_at; // 0 frames, 1 memory, 2 question
    } cases[] = {{"cells.out.bias", 0}, {"glance.out.bias", 1}, {"focus.head.bias", 2}};
    char folder[512], weights[600];
    snprintf(folder, sizeof folder, "%s", test_path(tiny_memory_dir, "damaged"));
    snprintf(weights, sizeof weights, "%s/model.safetensors", folder);
    tiny_timeline_make(folder);
    float *pixels = tiny_timeline_pixels(TINY_FRAMES, 18);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        tensor_list list = tensors_read(weights);
        float *x = tensors_floats(&list, cases[i].tensor), before = x[0];
        x[0] = NAN;
        tensors_write(&list, weights);
        memory_model o = memory_model_open(folder);
        ask_error err = {0};
        ask_sights sights = {0};
        ask_memory m = {0};
        ask_recalled r = {0};
        static const char *const two[] = {"yes", "no"};
        bool ok = ask_sights_add(&sights, o.session, pixels, TINY_FRAMES, NULL, &err);
        assert_int_equal(ok, cases[i].fails_at > 0);
        if (ok) ok = ask_memory_make(&m, o.session, &sights, NULL, NULL, &err);
        assert_int_equal(ok, cases[i].fails_at > 1);
        if (ok) ok = ask_memory_recall(&r, o.session, &m, question, two, 2, NULL, &err);
        assert_false(ok);
        assert_int_equal(err.code, ASK_ERR_MODEL);
        assert_non_null(strstr(err.message, "its weights are damaged"));
        ask_memory_free(&m);
        ask_sights_free(&sights);
        memory_model_close(&o);
        x[0] = before;
        tensors_write(&list, weights);
        tensors_free(&list);
    }
    free(pixels);
}

static void a_raised_flag_stops_it(void **state)
{
    (void)state;
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    memory_model o = memory_model_open(tiny_memory_path);
    float *pixels = tiny_timeline_pixels(TINY_FRAMES, 19);
    ask_sights sights = tiny_memory_sights(&o, TINY_FRAMES, 19);
    ask_memory m = memory_model_remember(o.session, &sights, NULL), other = {.n_slots = 77};
    ask_recalled r = {.n_scores = 77};
    ask_error err = {0};
    assert_false(ask_sights_add(&sights, o.session, pixels, 1, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_int_equal(sights.n, TINY_FRAMES); // as it was
    err = (ask_error){0};
    assert_false(ask_memory_make(&other, o.session, &sights, NULL, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    err = (ask_error){0};
    assert_false(ask_memory_recall(&r, o.session, &m, question, NULL, 0, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_true(other.n_slots == 77 && r.n_scores == 77);
    r = memory_model_recall(o.session, &m, question, NULL, 0); // as if nothing had been
    ask_recalled_free(&r);
    free(pixels);
    ask_memory_free(&m);
    ask_sights_free(&sights);
    memory_model_close(&o);
}

/* ---- memory that runs out ---- */

static bool answer_once(void *user, ask_error *err)
{
    static const ask_model_options one_thread = {.n_threads = 1}; // nobody waits for others
    static const char *const two[] = {"yes", "no"};
    ask_sights sights = {0};
    ask_memory memory = {0};
    ask_recalled own = {0}, options = {0};
    ask_model *m = ask_model_open(tiny_memory_path, &one_thread, err);
    ask_session *s = m ? ask_session_open(m, err) : NULL;
    bool ok = s && ask_sights_add(&sights, s, user, TINY_FRAMES, NULL, err) &&
              ask_memory_make(&memory, s, &sights, NULL, NULL, err) &&
              ask_memory_recall(&own, s, &memory, question, NULL, 0, NULL, err) &&
              ask_memory_recall(&options, s, &memory, question, two, 2, NULL, err);
    ask_recalled_free(&own);
    ask_recalled_free(&options);
    ask_memory_free(&memory);
    ask_sights_free(&sights);
    ask_session_close(s);
    ask_model_close(m);
    return ok;
}

static void answering_survives_failing_allocations(void **state)
{
    (void)state;
    float *pixels = tiny_timeline_pixels(TINY_FRAMES, 20);
    assert_true(test_some_allocs_fail("answer", answer_once, pixels) > 40);
    free(pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_those_of_the_network),
        cmocka_unit_test(options_and_own_answers_agree),
        cmocka_unit_test(an_option_scores_the_same_wherever_it_stands),
        cmocka_unit_test(the_same_question_gives_the_same_bits),
        cmocka_unit_test(questions_that_make_no_sense_are_refused),
        cmocka_unit_test(without_answers_of_its_own_a_model_needs_options),
        cmocka_unit_test(own_answers_that_do_not_fit_are_the_models_fault),
        cmocka_unit_test(weights_that_give_no_numbers_are_told),
        cmocka_unit_test(a_raised_flag_stops_it),
        cmocka_unit_test(answering_survives_failing_allocations),
    };
    return cmocka_run_group_tests_name("memory recall", tests, make_tiny_memory,
                                       remove_tiny_memory);
}
