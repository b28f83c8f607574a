/* A language model goes on: as the reference does, and up to what ends a text. */
#include "model/generate.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "model/context_priv.h"
#include "support/checkpoint.h"
#include "support/scripted_model.h"
#include "support/testing.h"

enum { MOST_PLACES = 64 };

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

/* ---- a model and its context ---- */

typedef struct {
    ask_model *model;
    ask_session *session;
    ask_context *context;
} talk;

static talk talk_open(const char *folder, int n_rows)
{
    talk t = {0};
    ask_error err = {0};
    CHECK_OK(t.model = ask_model_open(folder, NULL, &err), &err);
    CHECK_OK(t.session = ask_session_open(t.model, &err), &err);
    CHECK_OK(t.context = ask_context_open(t.session, n_rows, &err), &err);
    return t;
}

static void talk_close(talk *t)
{
    ask_context_close(t->context);
    ask_session_close(t->session);
    ask_model_close(t->model);
}

static talk talk_of_golden(const char *name)
{
    return talk_open(test_fixture(name), MOST_PLACES);
}

/* A model that says the text. */
static talk talk_of_script(const char *text)
{
    const char *folder = test_path(dir, "scripted");
    scripted_model_write(folder, text);
    return talk_open(folder, SCRIPT_CONTEXT);
}

static const ask_place begin = {.id = SCRIPT_BEGIN};

/* Some prompt for the golden models; n up to 20. */
static void fill_prompt(ask_place *places, int n)
{
    for (int i = 0; i < n; i++) places[i] = (ask_place){.id = 3 + i * 17 % 97};
}

static ask_generated say(talk *t, const ask_place *places, int n,
                         const ask_generate_options *opt)
{
    ask_generated said;
    ask_error err = {0};
    CHECK_OK(ask_generate(&said, t->context, places, n, opt, &err), &err);
    return said;
}

static bool same_ids(const ask_generated *a, const ask_generated *b)
{
    return a->n == b->n && memcmp(a->ids, b->ids, (size_t)a->n * sizeof *a->ids) == 0;
}

/* ---- as the reference ---- */

/* Sums of up to 12 log-probabilities, each of them of f32 logits. */
static const double score_tol = 1e-3, logprob_tol = 1e-4;

typedef struct {
    const char *name;
    ask_place prompt[MOST_PLACES];
    int64_t ids[MOST_PLACES], ends[MOST_PLACES];
    int n_prompt, n, n_ends;
    bool ended;
    double score;
    ask_generate_options opt;
} golden_case;

static int ids_at(int64_t out[MOST_PLACES], ask_json_value v, const char *key)
{
    ask_error err = {0};
    ask_json_value list = ask_json_find(v, key);
    int n = (int)ask_json_count(list);
    assert_in_range(n, 0, MOST_PLACES);
    for (int i = 0; i < n; i++)
        CHECK_OK(
            ask_json_get_int(&out[i], ask_json_item(list, (size_t)i), "", 0, 1000, &err),
            &err);
    return n;
}

static golden_case read_case(const ask_model *m, ask_json_value v)
{
    ask_error err = {0};
    golden_case c = {.opt = ask_generate_defaults(m)};
    int64_t n, ids[MOST_PLACES];
    CHECK_OK(ask_json_get_string(&c.name, v, "name", &err), &err);
    c.n_prompt = ids_at(ids, v, "prompt");
    for (int i = 0; i < c.n_prompt; i++) c.prompt[i].id = ids[i];
    c.n = ids_at(c.ids, v, "ids");
    c.n_ends = ids_at(c.ends, v, "end_ids");
    CHECK_OK(ask_json_get_bool(&c.ended, v, "ended", &err), &err);
    CHECK_OK(ask_json_opt_double(&c.score, v, "score", 0, &err), &err);
    CHECK_OK(ask_json_get_int(&n, v, "max_tokens", 1, 100, &err), &err);
    c.opt.max_tokens = (int)n;
    CHECK_OK(ask_json_opt_int(&n, v, "n_beams", 1, 10, 1, &err), &err);
    c.opt.n_beams = (int)n;
    CHECK_OK(ask_json_opt_double(&c.opt.length_penalty, v, "length_penalty", 1, &err),
             &err);
    CHECK_OK(ask_json_opt_double(&c.opt.sampler.repetition_penalty, v, "repetition_penalty",
                                 1, &err),
             &err);
    return c;
}

static void check_logprobs(talk *t, const golden_case *c, const ask_generated *said)
{
    ask_error err = {0};
    double logprobs[MOST_PLACES];
    float logits[100];
    if (said->n == 0) return;
    CHECK_OK(ask_context_read(t->context, c->prompt, c->n_prompt, logits, NULL, &err),
             &err);
    CHECK_OK(
        ask_context_score(t->context, said->ids, said->n, logprobs, NULL, NULL, NULL, &err),
        &err);
    for (int i = 0; i < said->n; i++)
        CHECK_CASE(c->name, fabs(logprobs[i] - said->logprobs[i]) <= logprob_tol);
}

static void check_golden(talk *t, const golden_case *c)
{
    ask_generation_config *g = &t->model->generation;
    g->n_end_ids = c->n_ends;
    memcpy(g->end_ids, c->ends, (size_t)c->n_ends * sizeof *c->ends);
    ask_generated said = say(t, c->prompt, c->n_prompt, &c->opt);
    CHECK_CASE(c->name, said.n == c->n);
    CHECK_CASE(c->name, memcmp(said.ids, c->ids, (size_t)c->n * sizeof *c->ids) == 0);
    CHECK_CASE(c->name, said.end == (c->ended ? ASK_END_TOKEN : ASK_END_LENGTH));
    CHECK_CASE(c->name, fabs(said.score - c->score) <= score_tol);
    CHECK_CASE(c->name, said.n_prompt == c->n_prompt && said.text[0] == '\0');
    int n_read = ask_context_n_read(t->context) - c->n_prompt - t->context->info.n_start;
    CHECK_CASE(c->name, n_read == said.n || n_read == said.n - 1);
    check_logprobs(t, c, &said);
    ask_generated_free(&said);
}

static void check_model(const char *name, size_t least_cases)
{
    ask_error err = {0};
    char path[64];
    ask_format(path, sizeof path, "generation/%s.json", name);
    ask_json *doc = ask_json_read(test_fixture(path), NULL, &err);
    CHECK_OK(doc, &err);
    ask_json_value cases = ask_json_find(ask_json_root(doc), "cases");
    CHECK_CASE(name, ask_json_count(cases) >= least_cases);
    ask_format(path, sizeof path, "golden/%s", name);
    talk t = talk_of_golden(path);
    for (size_t i = 0; i < ask_json_count(cases); i++) {
        golden_case c = read_case(t.model, ask_json_item(cases, i));
        check_golden(&t, &c);
    }
    talk_close(&t);
    ask_json_free(doc);
}

static void texts_are_those_of_the_reference(void **state)
{
    (void)state;
    check_model("llama_gqa", 20);
    check_model("llama3_rope", 20);
    check_model("qwen2", 20);
    check_model("mistral", 20);
    check_model("t5", 100);
    check_model("t5_v1_1", 100);
}

/* ---- what is read again ---- */

static void the_next_prompt_reads_only_what_is_new(void **state)
{
    (void)state;
    static const int beams[] = {1, 3};
    for (size_t b = 0; b < TEST_COUNT(beams); b++) {
        talk t = talk_of_golden("golden/llama_gqa");
        ask_generate_options opt = ask_generate_defaults(t.model);
        ask_place places[MOST_PLACES] = {0};
        opt.max_tokens = 5;
        opt.n_beams = beams[b];
        fill_prompt(places, 10);
        ask_generated said = say(&t, places, 10, &opt);
        assert_int_equal(said.n, 5);
        assert_int_equal(said.n_reused, 0);
        assert_true(said.first_s >= 0 && said.rest_s >= 0);
        for (int i = 0; i < 5; i++) places[10 + i].id = said.ids[i];
        for (int i = 15; i < 20; i++) places[i].id = 60 + i;
        ask_generated next = say(&t, places, 20, &opt);
        assert_int_equal(next.n_reused, 14);
        assert_int_equal(next.n_prompt, 20);
        talk fresh = talk_of_golden("golden/llama_gqa");
        ask_generated same = say(&fresh, places, 20, &opt);
        assert_true(same_ids(&next, &same));
        ask_generated again = say(&t, places, 10, &opt);
        assert_int_equal(again.n_reused, 9);
        assert_true(same_ids(&again, &said));
        ask_generated_free(&said);
        ask_generated_free(&next);
        ask_generated_free(&same);
        ask_generated_free(&again);
        talk_close(&t);
        talk_close(&fresh);
    }
}

/* ---- seeds ---- */

static void a_seed_decides_the_text(void **state)
{
    (void)state;
    talk t = talk_of_golden("golden/qwen2");
    ask_generate_options opt = ask_generate_defaults(t.model);
    ask_place places[6];
    opt.max_tokens = 12;
    opt.sampler.temperature = 2;
    opt.sampler.top_p = 0.95;
    fill_prompt(places, 6);
    opt.seed = 1;
    ask_generated a = say(&t, places, 6, &opt), same = say(&t, places, 6, &opt);
    opt.seed = 2;
    ask_generated other = say(&t, places, 6, &opt);
    assert_true(same_ids(&a, &same));
    assert_false(same_ids(&a, &other));
    ask_generated_free(&a);
    ask_generated_free(&same);
    ask_generated_free(&other);
    talk_close(&t);
}

/* ---- what ends a text ---- */

typedef struct {
    ask_str all;
    int n_pieces, n_wanted;
    ask_cancel *cancel; // raised at the first piece
} listener;

static bool listen(void *user, const char *text, size_t n_bytes)
{
    listener *l = user;
    assert_true(n_bytes > 0 && ask_utf8_valid(text, n_bytes));
    ask_str_append_bytes(&l->all, text, n_bytes);
    if (l->cancel) ask_cancel_raise(l->cancel, SIGINT);
    return ++l->n_pieces != l->n_wanted;
}

typedef struct {
    const char *name, *says, *stop, *text;
    ask_end end;
    int max_tokens, n_wanted, n_beams;
} end_case;

/* What the model says begins with a blank: its tokenizer puts one before a text. */
static const end_case end_cases[] = {
    {.name = "a token", .says = "The quick brown", .text = "The quick brown"},
    {.name = "a stop string",
     .says = "The quick brown",
     .stop = "k b",
     .text = "The quic",
     .end = ASK_END_STOP},
    {.name = "the length", .says = "The quick", .max_tokens = 1, .end = ASK_END_LENGTH},
    {.name = "the caller", .says = "The quick brown", .n_wanted = 1, .end = ASK_END_CALLER},
    {.name = "characters of bytes", .says = "a\U0001f600b", .text = "a\U0001f600b"},
    {.name = "half a character",
     .says = "\U0001f600",
     .max_tokens = 3,
     .end = ASK_END_LENGTH},
    {.name = "beams, a token", .says = "The quick", .n_beams = 3, .text = "The quick"},
    {.name = "beams, a stop string",
     .says = "The quick brown",
     .stop = "k b",
     .n_beams = 2,
     .text = "The quic",
     .end = ASK_END_STOP},
};

static void check_end(const end_case *c)
{
    scripted_model_write(test_path(dir, c->name), c->says);
    talk t = talk_open(test_path(dir, c->name), SCRIPT_CONTEXT);
    ask_generate_options opt = ask_generate_defaults(t.model);
    listener l = {.n_wanted = c->n_wanted};
    opt.on_text = listen;
    opt.user = &l;
    opt.stops = &c->stop;
    opt.n_stops = c->stop != NULL;
    if (c->max_tokens) opt.max_tokens = c->max_tokens;
    if (c->n_beams) opt.n_beams = c->n_beams;
    ask_generated said = say(&t, &begin, 1, &opt);
    if (c->text && strcmp(said.text, c->text) != 0)
        fail_msg("case \"%s\": \"%s\", expected \"%s\"", c->name, said.text, c->text);
    CHECK_CASE(c->name, strcmp(said.text, ask_str_text(&l.all)) == 0);
    CHECK_CASE(c->name, said.end == c->end);
    CHECK_CASE(c->name, !c->n_beams || l.n_pieces == 1);
    int64_t ids[MOST_PLACES];
    int n = scripted_model_ids(ids, MOST_PLACES, c->says);
    CHECK_CASE(c->name, said.n <= n && memcmp(said.ids, ids, (size_t)said.n * 8) == 0);
    CHECK_CASE(c->name, (c->end == ASK_END_TOKEN) == (said.n == n));
    int n_behind = ask_context_n_read(t.context) - 1;
    CHECK_CASE(c->name, n_behind == said.n || n_behind == said.n - 1);
    for (int i = 0; i < said.n; i++)
        CHECK_CASE(c->name, said.logprobs[i] <= 0 && said.logprobs[i] > -0.1);
    ask_generated_free(&said);
    ask_str_free(&l.all);
    talk_close(&t);
}

static void a_text_ends_at(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(end_cases); i++) check_end(&end_cases[i]);
}

/* ---- what the files say ---- */

static void the_files_say_which_tokens_end_a_text(void **state)
{
    (void)state;
    static const struct {
        const char *name, *generation, *config; // generation NULL: no such file
        int64_t kind_pad, begin, end, pad;      // end -1: none
    } cases[] = {
        {"each says its own", "{\"eos_token_id\": 5}",
         "{\"eos_token_id\": 6, \"bos_token_id\": 7}", -1, 7, 5, 5},
        {"the second", "{}", "{\"eos_token_id\": 6, \"pad_token_id\": 0}", 9, 11, 6, 0},
        {"a null says nothing", "{\"eos_token_id\": null}", "{\"eos_token_id\": [6]}", -1,
         11, 6, 6},
        {"the text", "{\"bos_token_id\": 3}",
         "{\"eos_token_id\": null, \"text_config\": {\"eos_token_id\": 8}}", -1, 3, 8, 8},
        {"before the text", NULL,
         "{\"eos_token_id\": 6, \"text_config\": {\"eos_token_id\": 8}}", -1, 11, 6, 6},
        {"none of them", "{}", "{\"text_config\": 3}", -1, 11, 12, 12},
        {"no file", NULL, "{}", -1, 11, 12, 12},
        {"none is meant", "{\"eos_token_id\": -1}", "{\"eos_token_id\": 6}", -1, 11, -1, 0},
        {"none is meant, as a list", "{\"eos_token_id\": []}", "{\"eos_token_id\": 6}", -1,
         11, -1, 0},
        {"that of the kind", NULL, "{\"eos_token_id\": 6}", 9, 11, 6, 9},
        {"none, where the kind has one", NULL, "{\"pad_token_id\": -1}", 9, 11, 12, 12},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_generation_config c;
        char *generation = strdup(test_path(dir, "generation_config.json"));
        char *config = strdup(test_path(dir, "config.json"));
        const ask_generation_sources from = {.generation =
                                                 cases[i].generation ? generation : NULL,
                                             .config = config,
                                             .begin_id = 11,
                                             .end_id = 12,
                                             .pad_id = cases[i].kind_pad};
        if (cases[i].generation) test_write_text(generation, cases[i].generation);
        test_write_text(config, cases[i].config);
        CHECK_OK(ask_generation_config_read(&c, &from, &err), &err);
        CHECK_CASE(cases[i].name, c.n_end_ids == (cases[i].end >= 0));
        if (c.n_end_ids) CHECK_CASE(cases[i].name, c.end_ids[0] == cases[i].end);
        CHECK_CASE(cases[i].name, c.begin_id == cases[i].begin);
        CHECK_CASE(cases[i].name, c.pad_id == cases[i].pad);
        free(generation);
        free(config);
    }
}

/* Sampling is said by one file: values of two do not belong together. */
static void the_files_do_not_share_how_it_is_drawn(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_generation_config c;
    char *generation = strdup(test_path(dir, "generation_config.json"));
    char *config = strdup(test_path(dir, "config.json"));
    test_write_text(generation, "{\"temperature\": 0.5, \"do_sample\": true}");
    test_write_text(config, "{\"top_k\": 50, \"temperature\": 0.75}");
    ask_generation_sources from = {.generation = generation,
                                   .config = config,
                                   .begin_id = -1,
                                   .end_id = -1,
                                   .pad_id = -1};
    CHECK_OK(ask_generation_config_read(&c, &from, &err), &err);
    assert_true(c.samples && c.temperature == 0.5 && c.top_k == 0);
    from.generation = NULL;
    CHECK_OK(ask_generation_config_read(&c, &from, &err), &err);
    assert_true(!c.samples && c.temperature == 0.75 && c.top_k == 50);
    from.generation = test_path(dir, "none.json");
    assert_false(ask_generation_config_read(&c, &from, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    free(generation);
    free(config);
}

/* Of a kind, where the vocabulary has them. */
static void a_kind_has_its_own_ids(void **state)
{
    (void)state;
    static const struct {
        const char *fixture, *said, *padded;
        int64_t begin, end, pad;
    } cases[] = {
        {"golden/llama_mha", "\"eos_token_id\": 2,", "\"pad_token_id\": 0,", 1, 2, 2},
        {"golden/mistral", "\"eos_token_id\": 2,", "\"pad_token_id\": 0,", 1, 2, 2},
        {"golden/qwen2", "\"eos_token_id\": 2,", "\"pad_token_id\": 0,", 1, -1,
         0}, // of a hundred tokens
        {"golden/opt", "\"eos_token_id\": 2,", "\"pad_token_id\": 1,", 2, 2, 1},
        {"golden/gpt2", "\"eos_token_id\": 2,", "\"pad_token_id\": 2,", 2, -1,
         0}, // of a hundred tokens
        {"golden/t5", "\"eos_token_id\": 1,", "\"pad_token_id\": 0,", -1, 1, 0},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_model *m;
        checkpoint c = checkpoint_of(cases[i].fixture);
        checkpoint_edit(&c, cases[i].said, "");
        checkpoint_edit(&c, cases[i].padded, "");
        checkpoint_write(&c, dir);
        CHECK_OK(m = ask_model_open(dir, NULL, &err), &err);
        CHECK_CASE(cases[i].fixture, m->generation.begin_id == cases[i].begin);
        CHECK_CASE(cases[i].fixture, m->generation.n_end_ids == (cases[i].end >= 0));
        CHECK_CASE(cases[i].fixture,
                   !m->generation.n_end_ids || m->generation.end_ids[0] == cases[i].end);
        CHECK_CASE(cases[i].fixture, m->generation.pad_id == cases[i].pad);
        ask_model_close(m);
        checkpoint_free(&c);
    }
}

static void a_full_context_ends_a_text(void **state)
{
    (void)state;
    static const int beams[] = {1, 4};
    for (size_t b = 0; b < TEST_COUNT(beams); b++) {
        talk t = talk_of_golden("golden/llama_gqa");
        t.model->generation.n_end_ids = 0;
        ask_generate_options opt = ask_generate_defaults(t.model);
        ask_place places[MOST_PLACES] = {0};
        opt.n_beams = beams[b];
        fill_prompt(places, 50);
        ask_generated said = say(&t, places, 50, &opt);
        assert_int_equal(said.end, ASK_END_CONTEXT);
        // 14 places, and one that need not be read; of beams 3 steps at least, and one.
        if (beams[b] == 1) assert_int_equal(said.n, 15);
        assert_in_range(said.n, 4, 15);
        ask_generated_free(&said);
        fill_prompt(places, 64);
        said = say(&t, places, 64, &opt);
        assert_int_equal(said.n, 1);
        assert_int_equal(said.end, ASK_END_CONTEXT);
        ask_generated_free(&said);
        talk_close(&t);
    }
}

static void beams_that_died_make_room(void **state)
{
    (void)state;
    talk t = talk_of_golden("golden/mistral");
    t.model->generation.n_end_ids = 0;
    ask_generate_options opt = ask_generate_defaults(t.model);
    ask_place places[4];
    fill_prompt(places, 4);
    opt.n_beams = 4;
    opt.max_tokens = 15;
    ask_generated roomy = say(&t, places, 4, &opt);
    assert_int_equal(roomy.end, ASK_END_LENGTH);
    for (int room = 36; room < 64; room += 3) { // 60 are taken when nothing is cleared
        t.context->info.n_context = room;
        ask_generated said = say(&t, places, 4, &opt);
        assert_int_equal(said.end, ASK_END_LENGTH);
        assert_true(same_ids(&said, &roomy));
        assert_true(fabs(said.score - roomy.score) <= score_tol);
        ask_generated_free(&said);
    }
    ask_generated_free(&roomy);
    talk_close(&t);
}

static void a_prompt_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    ask_error err = {0};
    talk t = talk_of_golden("golden/llama_gqa");
    ask_place places[65] = {0};
    ask_generated said = {.n = -1};
    assert_false(ask_generate(&said, t.context, places, 65, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_string_equal(err.message, "65 tokens do not fit: there is room for 64, and the "
                                     "model reads 64");
    assert_int_equal(said.n, -1);
    assert_false(ask_generate(&said, t.context, places, 0, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_string_equal(err.message, "a prompt without tokens");
    talk_close(&t);
}

/* ---- options ---- */

static void the_checkpoint_says_how_it_is_done(void **state)
{
    (void)state;
    talk t = talk_of_golden("golden/llama_gqa");
    ask_generate_options opt = ask_generate_defaults(t.model);
    assert_int_equal(opt.max_tokens, 256);
    assert_true(opt.sampler.temperature == 0 && opt.sampler.top_p == 1);
    assert_int_equal(opt.n_beams, 1);
    ask_generation_config *g = &t.model->generation;
    g->n_beams = 5;
    g->length_penalty = 2;
    g->temperature = 0.6;
    g->top_k = 20;
    g->top_p = 0.9;
    g->min_p = 0.01;
    g->repetition_penalty = 1.1;
    opt = ask_generate_defaults(t.model);
    assert_int_equal(opt.n_beams, 5);
    assert_true(opt.length_penalty == 2 && opt.sampler.temperature == 0);
    assert_true(opt.sampler.repetition_penalty == 1.1);
    g->samples = true;
    opt = ask_generate_defaults(t.model);
    assert_int_equal(opt.n_beams, 1);
    assert_true(opt.sampler.temperature == 0.6 && opt.sampler.top_k == 20);
    assert_true(opt.sampler.top_p == 0.9 && opt.sampler.min_p == 0.01);
    talk_close(&t);
}

static void spoil_tokens(ask_generate_options *o)
{
    o->max_tokens = 0;
}

static void spoil_beams(ask_generate_options *o)
{
    o->n_beams = 65;
}

static void spoil_penalty(ask_generate_options *o)
{
    o->length_penalty = NAN;
}

static void draw_beams(ask_generate_options *o)
{
    o->n_beams = 2;
    o->sampler.temperature = 0.5;
}

static void spoil_sampler(ask_generate_options *o)
{
    o->sampler.top_p = 3;
}

static void forget_stops(ask_generate_options *o)
{
    o->n_stops = 1;
}

static void empty_stop(ask_generate_options *o)
{
    static const char *const stops[] = {"a", ""};
    o->stops = stops;
    o->n_stops = 2;
}

static void broken_stop(ask_generate_options *o)
{
    static const char *const stops[] = {"\xc3"};
    o->stops = stops;
    o->n_stops = 1;
}

static void options_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const struct {
        void (*spoil)(ask_generate_options *o);
        const char *says;
    } cases[] = {
        {spoil_tokens, "0 tokens at most: a text has 1 or more"},
        {spoil_beams, "65 beams: it is 1 for none, up to 64"},
        {spoil_penalty, "length penalty nan: it is a number"},
        {draw_beams, "2 beams with temperature 0.5: beams take the likeliest, with "
                     "temperature 0"},
        {spoil_sampler, "top-p 3: it is 0 to 1"},
        {forget_stops, "1 stop strings without any"},
        {empty_stop, "stop string 2 is empty: it would end any text at once"},
        {broken_stop, "stop string 1 is not UTF-8"},
    };
    talk t = talk_of_golden("golden/llama_gqa");
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_generated said = {.n = -1};
        ask_generate_options opt = ask_generate_defaults(t.model);
        cases[i].spoil(&opt);
        CHECK_CASE(cases[i].says, !ask_generate(&said, t.context, &begin, 1, &opt, &err));
        assert_string_equal(err.message, cases[i].says);
        CHECK_CASE(cases[i].says, err.code == ASK_ERR_USAGE && said.n == -1);
        CHECK_CASE(cases[i].says, ask_context_n_read(t.context) == 0);
    }
    talk_close(&t);
}

static void stop_strings_need_a_tokenizer(void **state)
{
    (void)state;
    ask_error err = {0};
    talk t = talk_of_golden("golden/llama_gqa");
    ask_generate_options opt = ask_generate_defaults(t.model);
    ask_generated said;
    opt.stops = (const char *const[]){"###"};
    opt.n_stops = 1;
    assert_false(ask_generate(&said, t.context, &begin, 1, &opt, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "tokenizer"));
    assert_int_equal(ask_context_n_read(t.context), 0);
    talk_close(&t);
}

/* ---- stopping it ---- */

static void raise_behind_the_prompt(void *user, int64_t done, int64_t total,
                                    const char *unit, const char *label)
{
    (void)unit;
    (void)label;
    if (done == total) ask_cancel_raise(user, SIGINT);
}

static void check_usable(talk *t, const char *name, const ask_generate_options *opt,
                         const ask_generated *want)
{
    ask_generated said = say(t, &begin, 1, opt);
    CHECK_CASE(name, same_ids(&said, want) && strcmp(said.text, want->text) == 0);
    ask_generated_free(&said);
}

static void a_cancelled_call_has_no_result(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool at_once, at_first;
        int n_beams;
    } cases[] = {
        {.name = "before", .at_once = true, .n_beams = 1},
        {.name = "behind the prompt", .n_beams = 1},
        {.name = "at the first piece", .at_first = true, .n_beams = 1},
        {.name = "beams behind the prompt", .n_beams = 3},
    };
    talk t = talk_of_script("The quick brown");
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_cancel cancel = {0};
        listener l = {.cancel = cases[i].at_first ? &cancel : NULL};
        const ask_progress progress = {raise_behind_the_prompt, &cancel};
        ask_generate_options opt = ask_generate_defaults(t.model);
        ask_generated said = {.n = -1}, want;
        opt.n_beams = cases[i].n_beams;
        want = say(&t, &begin, 1, &opt);
        ask_generate_options stopped = opt;
        stopped.cancel = &cancel;
        stopped.on_text = listen;
        stopped.user = &l;
        if (cases[i].at_once)
            ask_cancel_raise(&cancel, SIGINT);
        else if (!cases[i].at_first)
            stopped.progress = &progress;
        CHECK_CASE(cases[i].name,
                   !ask_generate(&said, t.context, &begin, 1, &stopped, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_CANCELLED && said.n == -1);
        check_usable(&t, cases[i].name, &opt, &want);
        ask_generated_free(&want);
        ask_str_free(&l.all);
    }
    talk_close(&t);
}

/* ---- without memory ---- */

typedef struct {
    talk t;
    ask_generate_options opt;
} attempt;

static bool generate_once(void *user, ask_error *err)
{
    attempt *a = user;
    ask_generated said;
    bool ok = ask_generate(&said, a->t.context, &begin, 1, &a->opt, err);
    if (ok) {
        CHECK_CASE("the text", strcmp(said.text, "The quick") == 0);
        ask_generated_free(&said);
    }
    return ok;
}

static void allocations_may_fail(void **state)
{
    (void)state;
    attempt a = {.t = talk_of_script("The quick")};
    a.opt = ask_generate_defaults(a.t.model);
    a.opt.stops = (const char *const[]){"###"};
    a.opt.n_stops = 1;
    assert_true(test_some_allocs_fail("one text", generate_once, &a) > 10);
    a.opt.sampler.temperature = 0.1;
    assert_true(test_some_allocs_fail("drawn", generate_once, &a) > 10);
    a.opt.sampler.temperature = 0;
    a.opt.n_beams = 3;
    assert_true(test_some_allocs_fail("beams", generate_once, &a) > 10);
    talk_close(&a.t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_those_of_the_reference),
        cmocka_unit_test(the_next_prompt_reads_only_what_is_new),
        cmocka_unit_test(a_seed_decides_the_text),
        cmocka_unit_test_setup_teardown(a_text_ends_at, make_dir, remove_dir),
        cmocka_unit_test(a_full_context_ends_a_text),
        cmocka_unit_test_setup_teardown(the_files_say_which_tokens_end_a_text, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(the_files_do_not_share_how_it_is_drawn, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(a_kind_has_its_own_ids, make_dir, remove_dir),
        cmocka_unit_test(beams_that_died_make_room),
        cmocka_unit_test(a_prompt_that_does_not_fit_is_refused),
        cmocka_unit_test(the_checkpoint_says_how_it_is_done),
        cmocka_unit_test(options_that_make_no_sense_are_refused),
        cmocka_unit_test(stop_strings_need_a_tokenizer),
        cmocka_unit_test_setup_teardown(a_cancelled_call_has_no_result, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(allocations_may_fail, make_dir, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
