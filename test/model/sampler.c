/* Tokens drawn from logits: with the probabilities that transformers gives them. */
#include "model/sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "support/testing.h"

enum { MOST_TOKENS = 16 };

/* Relative and absolute: the reference computes in f32 and is written with seven digits. */
static const double tol = 2e-6;
static const double smallest = 1e-30; // below, f32 has no number

typedef struct {
    const char *name;
    float logits[MOST_TOKENS];
    int64_t said[MOST_TOKENS];
    double probs[MOST_TOKENS];
    int n, n_said;
    ask_sampler_options opt;
} drawn_case;

static double number_at(ask_json_value v, const char *key, double fallback)
{
    double out;
    ask_error err = {0};
    CHECK_OK(ask_json_opt_double(&out, v, key, fallback, &err), &err);
    return out;
}

static int numbers_at(double out[MOST_TOKENS], ask_json_value v, const char *key)
{
    ask_json_value list = ask_json_find(v, key);
    int n = (int)ask_json_count(list);
    assert_in_range(n, 0, MOST_TOKENS);
    for (int i = 0; i < n; i++) out[i] = number_at(ask_json_item(list, (size_t)i), "", NAN);
    return n;
}

static drawn_case read_case(ask_json_value v)
{
    drawn_case c = {.opt = ask_sampler_defaults()};
    ask_error err = {0};
    double numbers[MOST_TOKENS];
    CHECK_OK(ask_json_get_string(&c.name, v, "name", &err), &err);
    c.n = numbers_at(numbers, v, "logits");
    for (int i = 0; i < c.n; i++) c.logits[i] = (float)numbers[i];
    c.n_said = numbers_at(numbers, v, "said");
    for (int i = 0; i < c.n_said; i++) c.said[i] = (int64_t)numbers[i];
    CHECK_CASE(c.name, numbers_at(c.probs, v, "probs") == c.n && c.n > 0);
    c.opt.temperature = number_at(v, "temperature", 1);
    c.opt.top_k = (int)number_at(v, "top_k", 0);
    c.opt.top_p = number_at(v, "top_p", 1);
    c.opt.min_p = number_at(v, "min_p", 0);
    c.opt.repetition_penalty = number_at(v, "repetition_penalty", 1);
    return c;
}

static void check_case(const drawn_case *c)
{
    ask_error err = {0};
    double probs[MOST_TOKENS];
    CHECK_OK(ask_sampler_probs(probs, c->logits, c->n, c->said, c->n_said, &c->opt, &err),
             &err);
    for (int i = 0; i < c->n; i++)
        if (!(fabs(probs[i] - c->probs[i]) <= tol) ||
            (probs[i] > smallest) != (c->probs[i] > smallest))
            fail_msg("case \"%s\": token %d has %.9g, expected %.9g", c->name, i, probs[i],
                     c->probs[i]);
}

static void probabilities_are_those_of_the_reference(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_json *doc = ask_json_read(test_fixture("sampler/cases.json"), NULL, &err);
    CHECK_OK(doc, &err);
    ask_json_value cases = ask_json_find(ask_json_root(doc), "cases");
    assert_true(ask_json_count(cases) > 400);
    for (size_t i = 0; i < ask_json_count(cases); i++) {
        drawn_case c = read_case(ask_json_item(cases, i));
        check_case(&c);
    }
    ask_json_free(doc);
}

/* ---- what no reference says ---- */

static void without_temperature_the_first_of_the_likeliest_is_taken(void **state)
{
    (void)state;
    ask_error err = {0};
    const float logits[] = {1, 5, 2, 5, 4.5f};
    double probs[5];
    int64_t id;
    CHECK_OK(ask_sampler_probs(probs, logits, 5, NULL, 0, NULL, &err), &err);
    for (int i = 0; i < 5; i++) assert_true(probs[i] == (i == 1));
    CHECK_OK(ask_sampler_choose(&id, logits, 5, NULL, 0, NULL, NULL, &err), &err);
    assert_int_equal(id, 1);
    ask_sampler_options opt = ask_sampler_defaults();
    opt.repetition_penalty = 1.2;
    CHECK_OK(ask_sampler_choose(&id, logits, 5, (int64_t[]){3, 1}, 2, &opt, NULL, &err),
             &err);
    assert_int_equal(id, 4);
}

static void ids_out_of_the_vocabulary_pay_no_penalty(void **state)
{
    (void)state;
    ask_error err = {0};
    const float logits[] = {1, 2, 3};
    ask_sampler_options opt = ask_sampler_defaults();
    double plain[3], probs[3];
    opt.temperature = 1;
    CHECK_OK(ask_sampler_probs(plain, logits, 3, NULL, 0, &opt, &err), &err);
    opt.repetition_penalty = 2;
    CHECK_OK(
        ask_sampler_probs(probs, logits, 3, (int64_t[]){-1, 3, INT64_MAX}, 3, &opt, &err),
        &err);
    assert_memory_equal(plain, probs, sizeof plain);
}

static void temperatures_near_zero_are_numbers_too(void **state)
{
    (void)state;
    ask_error err = {0};
    const float logits[] = {1e30f, -1e30f, 9e29f, -INFINITY};
    ask_sampler_options opt = ask_sampler_defaults();
    opt.temperature = 1e-300;
    opt.top_p = 0.9;
    opt.min_p = 0.1;
    double probs[4];
    CHECK_OK(ask_sampler_probs(probs, logits, 4, NULL, 0, &opt, &err), &err);
    for (int i = 0; i < 4; i++) assert_true(probs[i] == (i == 0));
}

/* ---- drawing ---- */

enum { N_DRAWS = 20000, N_DRAWN = 8 };

/* Of 7 degrees of freedom: passed by chance once in a million. */
static const double most_chi_square = 40;

static void draws_follow_the_probabilities(void **state)
{
    (void)state;
    ask_error err = {0};
    const float logits[N_DRAWN] = {0, 1, -1, 2, 0.5f, -0.5f, 1.5f, -2};
    ask_sampler_options opt = ask_sampler_defaults();
    opt.temperature = 0.8;
    ask_rng rng = ask_rng_new(21);
    double probs[N_DRAWN], chi_square = 0;
    int counts[N_DRAWN] = {0};
    CHECK_OK(ask_sampler_probs(probs, logits, N_DRAWN, NULL, 0, &opt, &err), &err);
    for (int i = 0; i < N_DRAWS; i++) {
        int64_t id;
        CHECK_OK(ask_sampler_choose(&id, logits, N_DRAWN, NULL, 0, &opt, &rng, &err), &err);
        assert_in_range(id, 0, N_DRAWN - 1);
        counts[id]++;
    }
    for (int i = 0; i < N_DRAWN; i++) {
        double expected = probs[i] * N_DRAWS;
        chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    if (chi_square > most_chi_square) fail_msg("chi-square is %g", chi_square);
}

static void what_is_ruled_out_is_never_drawn(void **state)
{
    (void)state;
    ask_error err = {0};
    const float logits[] = {0, 3, 0, 2.9f, 0};
    ask_sampler_options opt = ask_sampler_defaults();
    opt.temperature = 5;
    opt.top_k = 2;
    ask_rng rng = ask_rng_new(3);
    int n_first = 0;
    for (int i = 0; i < 1000; i++) {
        int64_t id;
        CHECK_OK(ask_sampler_choose(&id, logits, 5, NULL, 0, &opt, &rng, &err), &err);
        assert_true(id == 1 || id == 3);
        n_first += id == 1;
    }
    assert_in_range(n_first, 400, 600);
}

static void a_token_takes_one_number(void **state)
{
    (void)state;
    ask_error err = {0};
    const float logits[] = {0, 0.1f, 0.2f};
    ask_sampler_options opt = ask_sampler_defaults();
    opt.temperature = 1;
    ask_rng rng = ask_rng_new(8), same = ask_rng_new(8);
    int64_t id;
    CHECK_OK(ask_sampler_choose(&id, logits, 3, NULL, 0, &opt, &rng, &err), &err);
    (void)ask_rng_double(&same);
    assert_true(ask_rng_u64(&rng) == ask_rng_u64(&same));
}

/* ---- mistakes ---- */

static void options_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *says;
        double temperature;
        int top_k;
        double top_p, min_p, penalty;
    } cases[] = {
        {"cold", "temperature -1: it is 0 or more", -1, 0, 1, 0, 1},
        {"no temperature", "temperature nan: it is 0 or more", NAN, 0, 1, 0, 1},
        {"no end of it", "temperature inf: it is 0 or more", INFINITY, 0, 1, 0, 1},
        {"top-k", "top-k -2: it is 1 or more, or 0 for all tokens", 0, -2, 1, 0, 1},
        {"top-p low", "top-p -0.5: it is 0 to 1", 0, 0, -0.5, 0, 1},
        {"top-p high", "top-p 1.5: it is 0 to 1", 0, 0, 1.5, 0, 1},
        {"min-p", "min-p 2: it is 0 to 1", 0, 0, 1, 2, 1},
        {"penalty", "repetition penalty 0: it is more than 0, and 1 for none", 0, 0, 1, 0,
         0},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        const ask_sampler_options opt = {sizeof opt,     cases[i].temperature,
                                         cases[i].top_k, cases[i].top_p,
                                         cases[i].min_p, cases[i].penalty};
        double probs[2] = {-1, -1};
        int64_t id = -1;
        CHECK_CASE(cases[i].name, !ask_sampler_check(&opt, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_USAGE);
        assert_string_equal(err.message, cases[i].says);
        CHECK_CASE(cases[i].name,
                   !ask_sampler_probs(probs, (float[]){0, 1}, 2, NULL, 0, &opt, &err) &&
                       probs[0] == -1);
        CHECK_CASE(cases[i].name, !ask_sampler_choose(&id, (float[]){0, 1}, 2, NULL, 0,
                                                      &opt, NULL, &err) &&
                                      id == -1);
    }
    assert_true(ask_sampler_check(NULL, NULL));
}

static void logits_that_are_no_numbers_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        float logits[3];
    } cases[] = {
        {"no number", {0, NAN, 1}},
        {"no number in front", {NAN, 0, 1}},
        {"infinite", {0, INFINITY, 1}},
        {"all ruled out", {-INFINITY, -INFINITY, -INFINITY}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases) * 2; i++) {
        ask_error err = {0};
        ask_sampler_options opt = ask_sampler_defaults();
        ask_rng rng = ask_rng_new(1);
        int64_t id = -1;
        opt.temperature = i % 2 ? 1 : 0;
        CHECK_CASE(cases[i / 2].name, !ask_sampler_choose(&id, cases[i / 2].logits, 3, NULL,
                                                          0, &opt, &rng, &err));
        CHECK_CASE(cases[i / 2].name, err.code == ASK_ERR_USAGE && id == -1);
        assert_string_equal(err.message,
                            "logits that are no numbers, or rule all tokens out");
    }
}

/* Only a part of it is sorted: what stays is likelier than what does not all the same. */
static void the_likeliest_of_a_long_vocabulary_stay(void **state)
{
    (void)state;
    enum { N = 5000 };
    static float logits[N];
    static double probs[N];
    ask_error err = {0};
    ask_rng rng = ask_rng_new(4);
    for (int i = 0; i < N; i++) logits[i] = (float)ask_rng_between(&rng, -40, 40) / 8;
    static const struct {
        int top_k;
        double top_p;
    } cases[] = {{100, 1}, {700, 1}, {0, 0.3}, {0, 0.9}, {0, 0.999}, {300, 0.5}};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_sampler_options opt = ask_sampler_defaults();
        opt.temperature = 1.5;
        opt.top_k = cases[i].top_k;
        opt.top_p = cases[i].top_p;
        CHECK_OK(ask_sampler_probs(probs, logits, N, NULL, 0, &opt, &err), &err);
        double least = INFINITY, most_out = -INFINITY, sum = 0;
        int n = 0;
        for (int k = 0; k < N; k++) {
            sum += probs[k];
            n += probs[k] > 0;
            if (probs[k] > 0)
                least = fmin(least, logits[k]);
            else
                most_out = fmax(most_out, logits[k]);
        }
        assert_true(fabs(sum - 1) < 1e-9);
        assert_true(most_out <= least && n >= 1 && n < N);
        if (cases[i].top_p == 1) assert_true(n >= cases[i].top_k && most_out < least);
    }
}

static bool choose_one(void *user, ask_error *err)
{
    (void)user;
    ask_sampler_options opt = ask_sampler_defaults();
    ask_rng rng = ask_rng_new(1);
    int64_t id;
    opt.temperature = 1;
    return ask_sampler_choose(&id, (float[]){0, 1, 2}, 3, (int64_t[]){1}, 1, &opt, &rng,
                              err);
}

static void allocations_may_fail(void **state)
{
    (void)state;
    assert_int_equal(test_each_alloc_fails("choosing", choose_one, NULL), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probabilities_are_those_of_the_reference),
        cmocka_unit_test(without_temperature_the_first_of_the_likeliest_is_taken),
        cmocka_unit_test(ids_out_of_the_vocabulary_pay_no_penalty),
        cmocka_unit_test(temperatures_near_zero_are_numbers_too),
        cmocka_unit_test(draws_follow_the_probabilities),
        cmocka_unit_test(what_is_ruled_out_is_never_drawn),
        cmocka_unit_test(a_token_takes_one_number),
        cmocka_unit_test(options_that_make_no_sense_are_refused),
        cmocka_unit_test(logits_that_are_no_numbers_are_refused),
        cmocka_unit_test(the_likeliest_of_a_long_vocabulary_stay),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
