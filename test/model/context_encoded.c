/* What an encoder-decoder has read: a prompt at once, and an answer in any pieces, on one
 * way or on several, kept and gone on with. All is compared with one graph of the whole. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/context_priv.h"
#include "support/checkpoint.h"
#include "support/reader.h"
#include "support/tensors.h"
#include "weights/safetensors.h"

static const char *const fixtures[] = {"golden/t5", "golden/t5_v1_1",
                                       "golden/t5_gated_small"};

/* Answers are longer than what has a bucket of its own, and prompts than a step of theirs.
 */
enum { MOST_PROMPT = 140, MOST_SAID = 80, START = 0 };

static reader answerer_of(const char *dir)
{
    ask_error err = {0};
    const ask_model_options opt = {.n_threads = 1};
    reader r = {0};
    CHECK_OK(r.model = ask_model_open(dir, &opt, &err), &err);
    CHECK_OK(r.session = ask_session_open(r.model, &err), &err);
    CHECK_OK(ask_language_info_of(&r.info, r.model, &err), &err);
    assert_int_equal(r.info.n_start, 1);
    r.n_vocab = (int)r.info.n_vocab;
    return r;
}

static reader answerer_open(const char *fixture)
{
    return answerer_of(test_fixture(fixture));
}

static void answerer_close(reader *r)
{
    ask_session_close(r->session);
    ask_model_close(r->model);
}

/* ---- the whole in one graph ---- */

typedef struct {
    float *logits; // [n_said, V]
    float *looks;  // [n_said, n_prompt], the mean over heads and layers
} whole;

static void whole_free(whole *w)
{
    free(w->logits);
    free(w->looks);
}

static float *mean_look(ask_graph *g, int n_layers, int64_t size)
{
    float *mean = calloc((size_t)size, sizeof *mean);
    assert_non_null(mean);
    for (int i = 0; i < n_layers; i++) {
        char name[32];
        snprintf(name, sizeof name, "cross_attentions.%d", i);
        const ask_tensor *t = ask_graph_find(g, name); // [1, H, T, S]
        int64_t n_heads = ask_tensor_dim(t, 1);
        float *seen = test_get(t);
        for (int64_t k = 0; k < size * n_heads; k++)
            mean[k % size] += seen[k] / (float)(n_heads * n_layers);
        free(seen);
    }
    return mean;
}

/* said: [n_said], the first of them is that from which it decodes. */
static whole read_whole(const reader *r, const ask_place *prompt, int n_prompt,
                        const int64_t *said, int n_said)
{
    const ask_language *m = r->model->network->language->of(r->model->net);
    int n_layers = ask_language_sizes_of(m).decoder.n_layers;
    int64_t ids[MOST_PROMPT];
    for (int i = 0; i < n_prompt; i++) ids[i] = prompt[i].id;
    ask_graph *g = test_graph();
    ask_graph_want(g, "cross_attentions.*");
    ask_tensor *in = INPUT_I64(g, 1, n_prompt), *answer = INPUT_I64(g, 1, n_said);
    const ask_decoder_source source = {
        .states = ask_language_encode(g, m, ask_language_embed(g, m, in), NULL, "")};
    const ask_decoder_view view = {.source = &source, .trace = ""};
    ask_tensor *x = ask_language_build(g, m, ask_language_embed(g, m, answer), &view);
    ask_tensor *logits = ask_language_logits(g, m, x);
    ask_keep(g, logits);
    test_plan(g, r->model->backend);
    test_put(in, ids);
    test_put(answer, said);
    test_run(g);
    whole w = {test_get(logits), mean_look(g, n_layers, (int64_t)n_said * n_prompt)};
    ask_graph_free(g);
    return w;
}

/* ---- a prompt and an answer ---- */

typedef struct {
    ask_place prompt[MOST_PROMPT];
    int64_t said[MOST_SAID]; // from START on
} tale;

static tale tale_of(const reader *r, int seed)
{
    tale t;
    ask_place said[MOST_SAID];
    reader_text(t.prompt, MOST_PROMPT, r->n_vocab, seed);
    reader_text(said, MOST_SAID, r->n_vocab, seed + 100);
    for (int i = 0; i < MOST_SAID; i++) t.said[i] = said[i].id;
    t.said[0] = START;
    return t;
}

/* The logits behind the prompt; freed by the caller. */
static float *read_prompt(const reader *r, ask_context *c, const ask_place *prompt, int n)
{
    ask_error err = {0};
    float *logits = malloc((size_t)r->n_vocab * sizeof *logits);
    assert_non_null(logits);
    CHECK_OK(ask_context_read(c, prompt, n, logits, NULL, &err), &err);
    assert_int_equal(ask_context_n_read(c), n + 1);
    return logits;
}

/* Reads on from said[from] to said[n - 1], and compares each. */
static void check_reading_on(const reader *r, ask_context *c, const tale *t, const whole *w,
                             int from, int n)
{
    for (int i = from; i < n; i++) {
        float *logits = reader_add(c, t->said[i]);
        reader_near("an added token", logits, w->logits + (size_t)i * (size_t)r->n_vocab,
                    r->n_vocab);
        free(logits);
    }
}

static void an_answer_is_the_same_whole_and_token_by_token(void **state)
{
    (void)state;
    static const int prompts[] = {1, 2, 15, 16, 17, 32, 33, 63, 64, 65, MOST_PROMPT};
    for (size_t f = 0; f < TEST_COUNT(fixtures); f++) {
        reader r = answerer_open(fixtures[f]);
        tale t = tale_of(&r, 1);
        ask_context *c = reader_context(&r, MOST_PROMPT + MOST_SAID);
        for (size_t i = 0; i < TEST_COUNT(prompts); i++) {
            int n = prompts[i], n_said = i % 3 == 0 ? MOST_SAID : 5;
            whole w = read_whole(&r, t.prompt, n, t.said, n_said);
            float *first = read_prompt(&r, c, t.prompt, n);
            reader_near(fixtures[f], first, w.logits, r.n_vocab);
            check_reading_on(&r, c, &t, &w, 1, n_said);
            assert_int_equal(ask_context_n_read(c), n + n_said);
            free(first);
            whole_free(&w);
        }
        ask_context_close(c);
        answerer_close(&r);
    }
}

/* ---- what was read before ---- */

typedef struct {
    int64_t total;
    int n_calls, raise_at; // the call in which *cancel is raised; 0: none
    ask_cancel *cancel;
} watching;

static void watch(void *user, int64_t done, int64_t total, const char *unit,
                  const char *label)
{
    (void)label;
    watching *w = user;
    assert_in_range(done, 0, total);
    assert_string_equal(unit, "tokens");
    w->total = total;
    if (++w->n_calls == w->raise_at) ask_cancel_raise(w->cancel, 2);
}

/* Returns how many places were read. */
static int64_t read_watched(const reader *r, ask_context *c, const tale *t, int n)
{
    ask_error err = {0};
    watching w = {0};
    const ask_progress progress = {watch, &w};
    const ask_reading_options opt = {.struct_size = sizeof opt, .progress = &progress};
    float *logits = malloc((size_t)r->n_vocab * sizeof *logits);
    assert_non_null(logits);
    CHECK_OK(ask_context_read(c, t->prompt, n, logits, &opt, &err), &err);
    whole all = read_whole(r, t->prompt, n, t->said, 1);
    reader_near("read again", logits, all.logits, r->n_vocab);
    whole_free(&all);
    free(logits);
    return w.total;
}

static void a_prompt_that_is_the_same_is_not_encoded_again(void **state)
{
    (void)state;
    reader r = answerer_open("golden/t5");
    tale t = tale_of(&r, 2), other = t;
    other.prompt[39].id ^= 1;
    ask_context *c = reader_context(&r, 100);
    assert_int_equal(ask_context_common(c, t.prompt, 40), 0);
    assert_int_equal(read_watched(&r, c, &t, 40), 41);
    free(reader_add(c, 7));
    assert_int_equal(ask_context_common(c, t.prompt, 40), 40);
    assert_int_equal(read_watched(&r, c, &t, 40), 1);
    // Places see those behind them: what is as long as the half of it is another prompt.
    assert_int_equal(ask_context_common(c, t.prompt, 39), 0);
    assert_int_equal(ask_context_common(c, t.prompt, 41), 0);
    assert_int_equal(ask_context_common(c, other.prompt, 40), 0);
    assert_int_equal(read_watched(&r, c, &other, 40), 41);
    assert_int_equal(read_watched(&r, c, &other, 20), 21);
    assert_int_equal(read_watched(&r, c, &t, 40), 41);
    ask_context_close(c);
    answerer_close(&r);
}

static void rewinding_forgets_what_was_said_or_all(void **state)
{
    (void)state;
    ask_error err = {0};
    float logits[100];
    enum { N = 20, N_SAID = 30 };
    reader r = answerer_open("golden/t5_v1_1");
    tale t = tale_of(&r, 3);
    whole w = read_whole(&r, t.prompt, N, t.said, N_SAID);
    ask_context *c = reader_context(&r, 100);
    free(read_prompt(&r, c, t.prompt, N));
    for (int i = 0; i < 9; i++) free(reader_add(c, i < 4 ? t.said[i + 1] : 9));
    ask_context_rewind(c, N + 5); // the token behind the prompt and four more
    check_reading_on(&r, c, &t, &w, 5, N_SAID);
    ask_context_rewind(c, N + 1);
    check_reading_on(&r, c, &t, &w, 1, 3);
    ask_context_rewind(c, N); // no prompt is without the token behind it
    assert_int_equal(ask_context_n_read(c), 0);
    assert_int_equal(ask_context_common(c, t.prompt, N), 0);
    assert_false(ask_context_add(c, 3, logits, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_string_equal(err.message, "an encoder-decoder answers a prompt: read one first");
    assert_false(ask_context_branch(c, (int64_t[]){3}, (int[]){0}, 1, logits, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    whole_free(&w);
    ask_context_close(c);
    answerer_close(&r);
}

static void what_was_read_stays_where_room_is_made(void **state)
{
    (void)state;
    ask_error err = {0};
    enum { N = 50 };
    reader r = answerer_open("golden/t5_gated_small");
    tale t = tale_of(&r, 4);
    for (int i = 0; i < MOST_PROMPT; i++) t.prompt[i].id %= r.n_vocab;
    whole w = read_whole(&r, t.prompt, N, t.said, MOST_SAID);
    ask_context *c = reader_context(&r, 60);
    free(read_prompt(&r, c, t.prompt, N));
    check_reading_on(&r, c, &t, &w, 1, 14);
    CHECK_OK(ask_context_reserve(c, 200, &err), &err);
    assert_int_equal(ask_context_n_read(c), N + 14);
    check_reading_on(&r, c, &t, &w, 14, MOST_SAID);
    assert_int_equal(ask_context_common(c, t.prompt, N), N);
    whole_free(&w);
    ask_context_close(c);
    answerer_close(&r);
}

/* ---- several ways on ---- */

static void branches_are_as_if_read_alone(void **state)
{
    (void)state;
    enum { N = 30, FIRST = 3, SECOND = 5, THIRD = 17, ALL = FIRST + SECOND + THIRD };
    static const int steps[] = {0, FIRST, FIRST + SECOND, ALL};
    for (size_t f = 0; f < TEST_COUNT(fixtures); f++) {
        ask_error err = {0};
        reader r = answerer_open(fixtures[f]);
        tale t = tale_of(&r, 5);
        int64_t ids[ALL];
        int parents[ALL];
        for (int i = 0; i < ALL; i++) {
            ids[i] = (i * 7 + 3) % r.n_vocab;
            parents[i] = i < FIRST            ? N + 2 - i / 2 // one of them forks earlier
                         : i < FIRST + SECOND ? N + 3 + i % FIRST
                                              : N + 3 + FIRST + i % SECOND;
        }
        ask_context *c = reader_context(&r, N + 3 + ALL);
        float *logits = malloc(ALL * (size_t)r.n_vocab * sizeof *logits);
        assert_non_null(logits);
        free(read_prompt(&r, c, t.prompt, N));
        free(reader_add(c, t.said[1]));
        free(reader_add(c, t.said[2]));
        for (int i = 0; i < 3; i++)
            CHECK_OK(ask_context_branch(c, ids + steps[i], parents + steps[i],
                                        steps[i + 1] - steps[i],
                                        logits + steps[i] * r.n_vocab, NULL, &err),
                     &err);
        for (int i = 0; i < ALL; i++) {
            int64_t way[ALL + 3], path[ALL + 3];
            int n = 0;
            for (int row = N + 3 + i; row > N + 2; row = parents[row - N - 3])
                way[n++] = row - N - 3;
            int end = parents[way[n - 1]] - N + 1; // said before the first of them
            memcpy(path, t.said, (size_t)end * sizeof *path);
            for (int k = 0; k < n; k++) path[end + k] = ids[way[n - 1 - k]];
            whole w = read_whole(&r, t.prompt, N, path, end + n);
            reader_near(fixtures[f], logits + (size_t)i * (size_t)r.n_vocab,
                        w.logits + (size_t)(end + n - 1) * (size_t)r.n_vocab, r.n_vocab);
            whole_free(&w);
        }
        // No answer follows a place within the prompt.
        assert_false(ask_context_branch(c, ids, (int[]){N - 1}, 1, logits, NULL, &err));
        assert_int_equal(err.code, ASK_ERR_USAGE);
        free(logits);
        ask_context_close(c);
        answerer_close(&r);
    }
}

/* ---- what it thinks of an answer ---- */

static double logprob(const float *logits, int n_vocab, int64_t id)
{
    double sum = 0, largest = -INFINITY;
    for (int i = 0; i < n_vocab; i++) largest = fmax(largest, (double)logits[i]);
    for (int i = 0; i < n_vocab; i++) sum += exp((double)logits[i] - largest);
    return (double)logits[id] - largest - log(sum);
}

/* A row of looks: shares of the prompt, and nothing behind it. */
static void check_look(const char *name, const float *look, const float *expected,
                       int n_prompt, int n_row)
{
    double sum = 0;
    for (int k = 0; k < n_row; k++) sum += (double)look[k];
    assert_true(fabs(sum - 1) < 1e-5);
    test_near(name, look, expected, n_prompt, 1e-5);
    for (int k = n_prompt; k < n_row; k++) assert_true(look[k] == 0);
}

static void scores_are_those_of_the_whole(void **state)
{
    (void)state;
    enum { N = 21 };
    static const int counts[] = {1, 2, 4, 5, 17, MOST_SAID - 1};
    static float looks[MOST_SAID * (N + MOST_SAID)];
    for (size_t f = 0; f < TEST_COUNT(fixtures); f++) {
        ask_error err = {0};
        reader r = answerer_open(fixtures[f]);
        tale t = tale_of(&r, 6);
        whole w = read_whole(&r, t.prompt, N, t.said, MOST_SAID);
        ask_context *c = reader_context(&r, N + MOST_SAID);
        free(read_prompt(&r, c, t.prompt, N));
        for (size_t k = 0; k < TEST_COUNT(counts); k++) {
            double plain[MOST_SAID], looked[MOST_SAID];
            int n = counts[k], n_row = N + 1 + n - 1;
            CHECK_OK(ask_context_score(c, t.said + 1, n, plain, NULL, NULL, NULL, &err),
                     &err);
            CHECK_OK(ask_context_score(c, t.said + 1, n, looked, NULL, looks, NULL, &err),
                     &err);
            assert_int_equal(ask_context_n_read(c), N + 1); // they are not read
            for (int i = 0; i < n; i++) {
                double expected = logprob(w.logits + (size_t)i * (size_t)r.n_vocab,
                                          r.n_vocab, t.said[i + 1]);
                assert_true(fabs(plain[i] - expected) < 3e-4);
                assert_true(fabs(looked[i] - expected) < 3e-4);
                check_look(fixtures[f], looks + (size_t)i * (size_t)n_row,
                           w.looks + (size_t)i * N, N, n_row);
            }
        }
        whole_free(&w);
        ask_context_close(c);
        answerer_close(&r);
    }
}

/* ---- rows ---- */

/* A row that is the vector of a token is read as the token is. */
static void rows_stand_in_the_places_of_tokens(void **state)
{
    (void)state;
    enum { N = 40, BEGIN = 5, END = 30 };
    ask_error err = {0};
    reader r = answerer_open("golden/t5");
    tensor_list weights = tensors_read(test_fixture("golden/t5/model.safetensors"));
    const float *table = tensors_floats(&weights, "shared.weight");
    tale t = tale_of(&r, 7);
    ask_place rows[N];
    memcpy(rows, t.prompt, sizeof rows);
    for (int i = BEGIN; i < END; i++)
        rows[i] = (ask_place){.id = 1000,
                              .identity = 77 + (uint64_t)i,
                              .row = table + t.prompt[i].id * r.info.width};
    ask_context *c = reader_context(&r, 64);
    whole w = read_whole(&r, t.prompt, N, t.said, 5);
    float *logits = read_prompt(&r, c, rows, N);
    reader_near("rows", logits, w.logits, r.n_vocab);
    check_reading_on(&r, c, &t, &w, 1, 5);
    free(logits);
    // Rows that were read need not be there again.
    const float *missing = rows[BEGIN].row;
    rows[BEGIN].row = NULL;
    assert_int_equal(ask_context_common(c, rows, N), N);
    free(read_prompt(&r, c, rows, N));
    rows[BEGIN].identity++;
    assert_int_equal(ask_context_common(c, rows, N), 0);
    assert_false(ask_context_read(c, rows, N, NULL, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_string_equal(err.message, "place 5 of the prompt has no features");
    rows[BEGIN].row = missing;
    free(read_prompt(&r, c, rows, N));
    whole_free(&w);
    tensors_free(&weights);
    ask_context_close(c);
    answerer_close(&r);
}

/* ---- files ---- */

enum { N_KEPT = 30, N_SAID = 6 };

static ask_context *kept_context(const reader *r, const tale *t)
{
    ask_context *c = reader_context(r, 100);
    free(read_prompt(r, c, t->prompt, N_KEPT));
    for (int i = 1; i < N_SAID; i++) free(reader_add(c, t->said[i]));
    return c;
}

static void what_was_saved_goes_on_as_it_would_have(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    const char *path = test_path(dir, "context.safetensors");
    for (size_t f = 0; f < TEST_COUNT(fixtures); f++) {
        ask_error err = {0};
        reader r = answerer_open(fixtures[f]);
        tale t = tale_of(&r, 8);
        whole w = read_whole(&r, t.prompt, N_KEPT, t.said, 40);
        ask_context *c = kept_context(&r, &t), *again;
        CHECK_OK(ask_context_save(c, path, "a note", &err), &err);
        CHECK_OK(again = ask_context_load(r.session, path, 100, NULL, &err), &err);
        assert_int_equal(ask_context_n_read(again), N_KEPT + N_SAID);
        assert_int_equal(ask_context_common(again, t.prompt, N_KEPT), N_KEPT);
        float *a = reader_add(c, t.said[N_SAID]), *b = reader_add(again, t.said[N_SAID]);
        assert_memory_equal(a, b, (size_t)r.n_vocab * sizeof *a);
        check_reading_on(&r, again, &t, &w, N_SAID + 1, 40);
        free(a);
        free(b);
        // One that has read nothing is one too.
        ask_context_rewind(c, 0);
        ask_context_close(again);
        CHECK_OK(ask_context_save(c, path, NULL, &err), &err);
        CHECK_OK(again = ask_context_load(r.session, path, 100, NULL, &err), &err);
        assert_int_equal(ask_context_n_read(again), 0);
        whole_free(&w);
        ask_context_close(again);
        ask_context_close(c);
        answerer_close(&r);
    }
    test_temp_dir_remove(dir);
}

static void damaged_files_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *n_prompt; // NULL: there is no such note
        const char *column;   // NULL: none is changed
        int place;
        int64_t value;
        const char *message;
    } cases[] = {
        {"no prompt said", NULL, NULL, 0, 0,
         "the note \"n_prompt\" is \"\", with 36 places in all"},
        {"no number", "30x", NULL, 0, 0, "the note \"n_prompt\" is \"30x\""},
        {"below 0", "-1", NULL, 0, 0, "the note \"n_prompt\" is \"-1\""},
        {"no place", "0", NULL, 0, 0, "the note \"n_prompt\" is \"0\""},
        {"nothing behind it", "36", NULL, 0, 0, "the note \"n_prompt\" is \"36\""},
        {"far behind the end", "9223372036854775807", NULL, 0, 0, "the note \"n_prompt\""},
        {"another prompt", "29", NULL, 0, 0, "stands behind the prompt, not"},
        {"another order of the prompt", "30", "parents", 5, 1,
         "place 5 cannot follow place 1"},
        {"another token to decode from", "30", "ids", 30, 7,
         "token 7 stands behind the prompt, not"},
        {"an answer behind another place", "30", "parents", 30, 12,
         "place 30 cannot follow place 12"},
        {"an answer within the prompt", "30", "parents", 33, 29,
         "place 33 cannot follow place 29"},
        {"a row in the answer", "30", "identities", 31, 5,
         "place 31 is of what is seen, and stands in an answer"},
    };
    ask_error err = {0};
    char *dir = test_temp_dir_make();
    char *path = strdup(test_path(dir, "context.safetensors"));
    reader r = answerer_open("golden/t5");
    tale t = tale_of(&r, 9);
    ask_context *c = kept_context(&r, &t);
    CHECK_OK(ask_context_save(c, path, NULL, &err), &err);
    ask_weights *w;
    CHECK_OK(w = ask_weights_open(path, &err), &err);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        tensor_list list = tensors_read(path);
        ask_weights_note notes[16];
        size_t n = 0;
        for (size_t k = 0; k < ask_weights_n_notes(w); k++) {
            notes[n] = ask_weights_note_at(w, k);
            if (strcmp(notes[n].key, "n_prompt") == 0) {
                if (!cases[i].n_prompt) continue;
                notes[n].value = cases[i].n_prompt;
            }
            n++;
        }
        if (cases[i].column)
            ((int64_t *)(uintptr_t)tensors_get(&list, cases[i].column)
                 ->data)[cases[i].place] = cases[i].value;
        const char *damaged = test_path(dir, "damaged.safetensors");
        CHECK_OK(ask_safetensors_write(damaged, list.entries, list.n, notes, n, &err),
                 &err);
        ask_context *taken = ask_context_load(r.session, damaged, 100, NULL, &err);
        CHECK_CASE(cases[i].name, !taken == (cases[i].message[0] != 0));
        if (!taken && (err.code != ASK_ERR_MODEL || !strstr(err.message, cases[i].message)))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        ask_context_close(taken);
        tensors_free(&list);
    }
    ask_weights_close(w);
    ask_context_close(c);
    answerer_close(&r);
    free(path);
    test_temp_dir_remove(dir);
}

/* ---- what cannot be read, and stopping ---- */

static void prompts_without_room_are_refused(void **state)
{
    (void)state;
    ask_error err = {0};
    reader r = answerer_open("golden/t5");
    tale t = tale_of(&r, 10);
    assert_int_equal(r.info.n_context, ASK_T5_MOST_PLACES); // though trained for 512
    assert_null(ask_context_open(r.session, ASK_T5_MOST_PLACES + 1, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    ask_context *c = reader_context(&r, 64);
    assert_false(ask_context_read(c, t.prompt, 64, NULL, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_string_equal(err.message, "65 tokens do not fit: there is room for 64, and the "
                                     "model reads 2048");
    whole w = read_whole(&r, t.prompt, 63, t.said, 1);
    float *logits = read_prompt(&r, c, t.prompt, 63);
    reader_near("filled", logits, w.logits, r.n_vocab);
    assert_false(ask_context_add(c, 1, logits, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    free(logits);
    whole_free(&w);
    ask_context_close(c);
    answerer_close(&r);
}

/* The reference would ask for one, too. */
static void a_model_says_from_which_token_it_decodes(void **state)
{
    (void)state;
    ask_error err = {0};
    char *dir = test_temp_dir_make();
    checkpoint c = checkpoint_of("golden/t5");
    checkpoint_edit(&c, "\"decoder_start_token_id\": 0", "\"decoder_start_token_id\": -1");
    checkpoint_write(&c, dir);
    reader r = answerer_of(dir);
    assert_null(ask_context_open(r.session, 10, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "decoder_start_token_id is -1, no token of 100"));
    answerer_close(&r);
    checkpoint_free(&c);
    test_temp_dir_remove(dir);
}

static void a_cancelled_reading_leaves_nothing_read(void **state)
{
    (void)state;
    reader r = answerer_open("golden/t5");
    tale t = tale_of(&r, 11);
    float logits[100];
    for (int at = 1; at <= 2; at++) { // before the prompt, and before the token behind it
        ask_error err = {0};
        ask_cancel cancel = {0};
        watching w = {.raise_at = at, .cancel = &cancel};
        const ask_progress progress = {watch, &w};
        const ask_reading_options opt = {.cancel = &cancel, .progress = &progress};
        ask_context *c = reader_context(&r, 64);
        assert_false(ask_context_read(c, t.prompt, 20, logits, &opt, &err));
        assert_int_equal(err.code, ASK_ERR_CANCELLED);
        assert_int_equal(ask_context_n_read(c), 0);
        assert_int_equal(read_watched(&r, c, &t, 20), 21);
        ask_context_close(c);
    }
    answerer_close(&r);
}

static bool read_all_ways(void *user, ask_error *err)
{
    const reader *r = user;
    static float logits[1000], looks[1000];
    static double logprobs[10];
    ask_place text[10];
    reader_text(text, 10, r->n_vocab, 13);
    ask_context *c = ask_context_open(r->session, 64, err);
    bool ok =
        c && ask_context_read(c, text, 10, logits, NULL, err) &&
        ask_context_score(c, (int64_t[]){1, 2}, 2, logprobs, NULL, looks, NULL, err) &&
        ask_context_branch(c, (int64_t[]){1, 2}, (int[]){10, 10}, 2, logits, NULL, err);
    ask_context_close(c);
    return ok;
}

static void every_failing_allocation_is_told(void **state)
{
    (void)state;
    reader r = answerer_open("golden/t5");
    assert_true(test_some_allocs_fail("read", read_all_ways, &r) > 20);
    answerer_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_the_same_whole_and_token_by_token),
        cmocka_unit_test(a_prompt_that_is_the_same_is_not_encoded_again),
        cmocka_unit_test(rewinding_forgets_what_was_said_or_all),
        cmocka_unit_test(what_was_read_stays_where_room_is_made),
        cmocka_unit_test(branches_are_as_if_read_alone),
        cmocka_unit_test(scores_are_those_of_the_whole),
        cmocka_unit_test(rows_stand_in_the_places_of_tokens),
        cmocka_unit_test(what_was_saved_goes_on_as_it_would_have),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(prompts_without_room_are_refused),
        cmocka_unit_test(a_model_says_from_which_token_it_decodes),
        cmocka_unit_test(a_cancelled_reading_leaves_nothing_read),
        cmocka_unit_test(every_failing_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
