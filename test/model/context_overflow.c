/* Readings that give no numbers: what they left behind spoils nothing that is read later.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/context_priv.h"
#include "support/reader.h"
#include "support/testing.h"

enum { N_BAD = 40, N_GOOD = 12, N_ROWS = 64, N_BRANCHES = 3 };

static const char *const fixtures[] = {"golden/llama_mha", "golden/opt", "golden/gpt2",
                                       "golden/t5"};

static reader open_reader(const char *fixture)
{
    ask_error err = {0};
    const ask_model_options opt = {.n_threads = 1};
    reader r = {0};
    CHECK_OK(r.model = ask_model_open(test_fixture(fixture), &opt, &err), &err);
    CHECK_OK(r.session = ask_session_open(r.model, &err), &err);
    CHECK_OK(ask_language_info_of(&r.info, r.model, &err), &err);
    r.n_vocab = (int)r.info.n_vocab;
    return r;
}

static void close_reader(reader *r)
{
    ask_session_close(r->session);
    ask_model_close(r->model);
}

/* A text with rows of x among its tokens; row: [width]. */
static void text_with_rows(ask_place *places, int n, const reader *r, float *row, float x)
{
    reader_text(places, n, r->n_vocab, 1);
    for (int i = 0; i < r->info.width; i++) row[i] = x;
    for (int i = 2; i < n; i += 3) {
        places[i].identity = (uint64_t)i + 1;
        places[i].row = row;
    }
}

/* Logits behind a prompt, of branches of it, and what is thought of a token behind it. */
typedef struct {
    float *logits; // [1 + N_BRANCHES, n_vocab], owned
    double thought;
    float looks[N_ROWS];
} opinion;

static opinion opinion_of(const reader *r, ask_context *c, const ask_place *prompt)
{
    static const int64_t ids[N_BRANCHES] = {3, 4, 5};
    ask_error err = {0};
    opinion o = {.logits = calloc((size_t)((1 + N_BRANCHES) * r->n_vocab), sizeof(float))};
    assert_non_null(o.logits);
    CHECK_OK(ask_context_read(c, prompt, N_GOOD, o.logits, NULL, &err), &err);
    int n = ask_context_n_read(c), parents[N_BRANCHES];
    for (int i = 0; i < N_BRANCHES; i++) parents[i] = n - 1;
    CHECK_OK(ask_context_score(c, ids, 1, &o.thought, NULL, o.looks, NULL, &err), &err);
    CHECK_OK(
        ask_context_branch(c, ids, parents, N_BRANCHES, o.logits + r->n_vocab, NULL, &err),
        &err);
    return o;
}

static void check_same(const reader *r, const char *name, const opinion *a,
                       const opinion *b)
{
    for (int i = 0; i < (1 + N_BRANCHES) * r->n_vocab; i++)
        if (!(fabsf(a->logits[i] - b->logits[i]) <= 2e-4f + 1e-4f * fabsf(b->logits[i])))
            fail_msg("%s: logit %d: %g, not %g", name, i, a->logits[i], b->logits[i]);
    CHECK_CASE(name, fabs(a->thought - b->thought) < 1e-4);
    for (int i = 0; i < N_ROWS; i++)
        CHECK_CASE(name, fabsf(a->looks[i] - b->looks[i]) < 1e-5f);
}

static void a_reading_that_failed_spoils_no_later_one(void **state)
{
    (void)state;
    int n_failed = 0; // a norm that takes no mean off gives numbers all the same
    for (size_t i = 0; i < TEST_COUNT(fixtures); i++) {
        ask_error err = {0};
        ask_place bad[N_BAD], good[N_GOOD];
        reader r = open_reader(fixtures[i]);
        float *row = calloc((size_t)r.info.width, sizeof *row);
        assert_non_null(row);
        ask_context *c = reader_context(&r, N_ROWS), *fresh = reader_context(&r, N_ROWS);
        text_with_rows(bad, N_BAD, &r, row, 3e38f); // their sum is infinite
        reader_text(good, N_GOOD, r.n_vocab, 2);
        float *logits = calloc((size_t)r.n_vocab, sizeof *logits);
        bool ok = ask_context_read(c, bad, N_BAD, logits, NULL, &err);
        n_failed += !ok;
        CHECK_CASE(fixtures[i], ok || err.code == ASK_ERR_MODEL);
        opinion after = opinion_of(&r, c, good), alone = opinion_of(&r, fresh, good);
        check_same(&r, fixtures[i], &after, &alone);
        free(after.logits);
        free(alone.logits);
        free(logits);
        free(row);
        ask_context_close(c);
        ask_context_close(fresh);
        close_reader(&r);
    }
    assert_true(n_failed > 0);
}

static void rows_that_are_no_numbers_are_refused(void **state)
{
    (void)state;
    static const float wrong[] = {NAN, INFINITY};
    for (size_t i = 0; i < TEST_COUNT(wrong); i++) {
        ask_error err = {0};
        ask_place places[N_GOOD];
        reader r = open_reader("golden/llama_mha");
        float *row = calloc((size_t)r.info.width, sizeof *row);
        assert_non_null(row);
        ask_context *c = reader_context(&r, N_ROWS);
        text_with_rows(places, N_GOOD, &r, row, wrong[i]);
        assert_false(ask_context_read(c, places, N_GOOD, NULL, NULL, &err));
        assert_int_equal(err.code, ASK_ERR_USAGE);
        assert_string_equal(err.message,
                            "place 2 of the prompt has features that are no numbers");
        free(row);
        ask_context_close(c);
        close_reader(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reading_that_failed_spoils_no_later_one),
        cmocka_unit_test(rows_that_are_no_numbers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
