/* What a context has read: whole or in pieces, once or again, on one way or on several. */
#include "model/context.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/context_priv.h"
#include "net/config.h"
#include "support/checkpoint.h"
#include "support/reader.h"
#include "support/tensors.h"

static const char *const fixtures[] = {
    "golden/llama_mha", "golden/llama3_rope",   "golden/mistral", "golden/qwen2",
    "golden/opt",       "golden/opt_350m_like", "golden/gpt2"};

/* ---- pieces ---- */

/* Around the lengths of pieces, and so that padding does not fit behind. */
static const int lengths[] = {1,  2,  3,  4,   5,   15,  16,  17,  63,
                              64, 65, 79, 255, 256, 257, 320, 321, READER_MOST};

static void a_text_is_the_same_whole_and_in_pieces(void **state)
{
    (void)state;
    for (size_t f = 0; f < TEST_COUNT(fixtures); f++) {
        reader r = reader_open(fixtures[f]);
        ask_place text[READER_MOST];
        reader_text(text, READER_MOST, r.n_vocab, 1);
        ask_context *slow = reader_context(&r, READER_MOST);
        ask_context *whole = reader_context(&r, READER_MOST);
        size_t next = 0;
        for (int n = 1; n <= READER_MOST; n++) {
            float *one = reader_add(slow, text[n - 1].id);
            if (lengths[next] == n) {
                char name[64];
                snprintf(name, sizeof name, "%s, %d places", fixtures[f], n);
                ask_context_rewind(whole, 0);
                float *all = reader_read(whole, text, n);
                reader_near(name, all, one, r.n_vocab);
                free(all);
                next++;
            }
            free(one);
        }
        assert_int_equal(next, TEST_COUNT(lengths));
        ask_context_close(slow);
        ask_context_close(whole);
        reader_close(&r);
    }
}

/* Where the room ends is no matter of the text: the last pieces are shorter. */
static void a_context_can_be_filled(void **state)
{
    (void)state;
    reader r = reader_open("golden/llama_mha");
    ask_place text[READER_MOST];
    reader_text(text, READER_MOST, r.n_vocab, 2);
    ask_context *wide = reader_context(&r, READER_MOST);
    static const int rows[] = {1, 63, 64, 65, 200};
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        ask_context *c = reader_context(&r, rows[i]);
        int n = ask_context_n_rows(c);
        assert_true(n >= rows[i] && n < rows[i] + 64);
        assert_true(ask_context_bytes(r.model, rows[i]) == ask_context_bytes(r.model, n));
        float *a = reader_read(c, text, n), *b = reader_read(wide, text, n);
        reader_near("filled", a, b, r.n_vocab);
        free(a);
        free(b);
        ask_context_close(c);
    }
    ask_context_close(wide);
    reader_close(&r);
}

/* ---- what was read before ---- */

typedef struct {
    int64_t first_total, last_done;
    int n_calls, raise_at; // the call in which *cancel is raised; 0: none
    ask_cancel *cancel;
} watching;

static void watch(void *user, int64_t done, int64_t total, const char *unit,
                  const char *label)
{
    (void)label;
    watching *w = user;
    if (w->n_calls++ == 0) w->first_total = total;
    assert_int_equal(total, w->first_total);
    assert_string_equal(unit, "tokens");
    w->last_done = done;
    if (w->n_calls == w->raise_at) ask_cancel_raise(w->cancel, 2);
}

/* Reads a prompt and returns how many places were new; checks that it is as if it was read
 * afresh. */
static int read_watched(const reader *r, ask_context *c, const ask_place *text, int n)
{
    ask_error err = {0};
    watching w = {0};
    const ask_progress progress = {watch, &w};
    const ask_reading_options opt = {.struct_size = sizeof opt, .progress = &progress};
    int common = ask_context_common(c, text, n);
    float *logits = malloc((size_t)r->n_vocab * sizeof *logits);
    assert_non_null(logits);
    CHECK_OK(ask_context_read(c, text, n, logits, &opt, &err), &err);
    assert_int_equal(w.last_done, w.first_total);
    assert_int_equal(w.first_total, n - common);
    ask_context *fresh = reader_context(r, n);
    float *expected = reader_read(fresh, text, n);
    reader_near("read again", logits, expected, r->n_vocab);
    free(logits);
    free(expected);
    ask_context_close(fresh);
    return n - common;
}

static void only_what_is_new_is_read(void **state)
{
    (void)state;
    for (size_t f = 0; f < TEST_COUNT(fixtures); f++) {
        reader r = reader_open(fixtures[f]);
        ask_place text[100], other[100];
        reader_text(text, 100, r.n_vocab, 3);
        ask_context *c = reader_context(&r, 128);
        assert_int_equal(read_watched(&r, c, text, 100), 100);
        assert_int_equal(read_watched(&r, c, text, 100), 1); // its last is read again
        memcpy(other, text, sizeof other);
        other[60].id = (other[60].id + 1) % r.n_vocab;
        assert_int_equal(read_watched(&r, c, other, 100), 40);
        assert_int_equal(read_watched(&r, c, text, 30), 1); // a beginning
        assert_int_equal(read_watched(&r, c, text, 70), 40);
        other[0].id = (other[0].id + 1) % r.n_vocab;
        assert_int_equal(read_watched(&r, c, other, 100), 100);
        ask_context_close(c);
        reader_close(&r);
    }
}

static void what_was_added_is_common_too(void **state)
{
    (void)state;
    reader r = reader_open("golden/llama_mha");
    ask_place text[20];
    reader_text(text, 20, r.n_vocab, 4);
    ask_context *c = reader_context(&r, 20);
    free(reader_read(c, text, 10));
    for (int i = 10; i < 15; i++) free(reader_add(c, text[i].id));
    assert_int_equal(read_watched(&r, c, text, 20), 5);
    ask_context_close(c);
    reader_close(&r);
}

static void rewinding_forgets(void **state)
{
    (void)state;
    reader r = reader_open("golden/mistral");
    ask_place text[60];
    reader_text(text, 60, r.n_vocab, 5);
    ask_context *c = reader_context(&r, 64);
    free(reader_read(c, text, 50));
    ask_context_rewind(c, 51); // nothing to forget
    assert_int_equal(ask_context_n_read(c), 50);
    ask_context_rewind(c, 20);
    assert_int_equal(ask_context_n_read(c), 20);
    for (int i = 30; i < 40; i++) text[i - 10] = text[i]; // another text from there on
    float *last = NULL;
    for (int i = 20; i < 30; i++) {
        free(last);
        last = reader_add(c, text[i].id);
    }
    ask_context *fresh = reader_context(&r, 64);
    float *expected = reader_read(fresh, text, 30);
    reader_near("rewound", last, expected, r.n_vocab);
    ask_context_rewind(c, -1);
    assert_int_equal(ask_context_n_read(c), 0);
    assert_int_equal(ask_context_common(c, text, 30), 0);
    free(last);
    free(expected);
    ask_context_close(c);
    ask_context_close(fresh);
    reader_close(&r);
}

/* ---- several ways on ---- */

/* The logits of each token of a branch are those of its text, read by itself. */
static void check_branches(const reader *r, ask_context *c, const ask_place *text,
                           int n_text, const int64_t *ids, const int *parents, int n,
                           const float *logits)
{
    ask_context *alone = reader_context(r, n_text + n);
    for (int i = 0; i < n; i++) {
        ask_place path[READER_MOST];
        int length = 0, way[READER_MOST];
        for (int row = n_text + i; row >= n_text; row = parents[row - n_text])
            way[length++] = row;
        int end = parents[way[length - 1] - n_text] + 1; // where it leaves the text
        memcpy(path, text, (size_t)end * sizeof *path);
        for (int k = 0; k < length; k++)
            path[end + k] = (ask_place){.id = ids[way[length - 1 - k] - n_text]};
        float *expected = reader_read(alone, path, end + length);
        reader_near("branch", logits + (size_t)i * (size_t)r->n_vocab, expected,
                    r->n_vocab);
        free(expected);
    }
    assert_int_equal(ask_context_n_read(c), n_text + n);
    ask_context_close(alone);
}

static void branches_are_as_if_read_alone(void **state)
{
    (void)state;
    static const char *const without_window[] = {"golden/llama_mha", "golden/llama3_rope",
                                                 "golden/qwen2", "golden/opt",
                                                 "golden/gpt2"};
    enum { N_TEXT = 30, FIRST = 3, SECOND = 5, THIRD = 17, N = FIRST + SECOND + THIRD };
    int64_t ids[N];
    int parents[N];
    for (int i = 0; i < N; i++) {
        ids[i] = (i * 7 + 3) % 90;
        parents[i] = i < FIRST            ? N_TEXT - 1 - i / 2 // one of them forks earlier
                     : i < FIRST + SECOND ? N_TEXT + i % FIRST
                                          : N_TEXT + FIRST + i % SECOND;
    }
    for (size_t f = 0; f < TEST_COUNT(without_window); f++) {
        ask_error err = {0};
        reader r = reader_open(without_window[f]);
        ask_place text[N_TEXT + 1];
        reader_text(text, N_TEXT + 1, r.n_vocab, 6);
        ask_context *c = reader_context(&r, N_TEXT + N);
        free(reader_read(c, text, N_TEXT));
        float *logits = malloc(N * (size_t)r.n_vocab * sizeof *logits);
        assert_non_null(logits);
        static const int steps[] = {0, FIRST, FIRST + SECOND, N};
        for (int i = 0; i < 3; i++)
            CHECK_OK(ask_context_branch(c, ids + steps[i], parents + steps[i],
                                        steps[i + 1] - steps[i],
                                        logits + steps[i] * r.n_vocab, NULL, &err),
                     &err);
        check_branches(&r, c, text, N_TEXT, ids, parents, N, logits);
        // The text up to there is what it was.
        ask_context_rewind(c, N_TEXT);
        assert_int_equal(read_watched(&r, c, text, N_TEXT + 1), 1);
        free(logits);
        ask_context_close(c);
        reader_close(&r);
    }
}

/* What follows another place than the one before it is no text that goes on. */
static void only_the_first_branch_goes_on_with_the_text(void **state)
{
    (void)state;
    ask_error err = {0};
    reader r = reader_open("golden/llama_mha");
    ask_place text[13];
    reader_text(text, 13, r.n_vocab, 7);
    ask_context *c = reader_context(&r, 64);
    free(reader_read(c, text, 10));
    float *logits = malloc(2 * (size_t)r.n_vocab * sizeof *logits);
    assert_non_null(logits);
    const int64_t ids[] = {text[10].id, text[11].id};
    CHECK_OK(ask_context_branch(c, ids, (int[]){9, 9}, 2, logits, NULL, &err), &err);
    assert_int_equal(ask_context_common(c, text, 13), 11);
    assert_int_equal(read_watched(&r, c, text, 13), 2);
    free(logits);
    ask_context_close(c);
    reader_close(&r);
}

/* ---- what it thinks of a text ---- */

static double logprob(const float *logits, int n_vocab, int64_t id)
{
    double sum = 0, largest = -INFINITY;
    for (int i = 0; i < n_vocab; i++) largest = fmax(largest, (double)logits[i]);
    for (int i = 0; i < n_vocab; i++) sum += exp((double)logits[i] - largest);
    return (double)logits[id] - largest - log(sum);
}

static void a_score_is_the_softmax_of_the_logits(void **state)
{
    (void)state;
    enum { N_TEXT = 20, MOST = 130 };
    static const int counts[] = {1, 2, 4, 5, 17, 64, 66, MOST};
    for (size_t f = 0; f < TEST_COUNT(fixtures); f++) {
        ask_error err = {0};
        reader r = reader_open(fixtures[f]);
        ask_place text[N_TEXT + MOST];
        int64_t ids[MOST];
        float expected[MOST], actual[MOST];
        double logprobs[MOST];
        reader_text(text, N_TEXT + MOST, r.n_vocab, 8);
        ask_context *slow = reader_context(&r, N_TEXT + MOST);
        float *logits = reader_read(slow, text, N_TEXT);
        for (int i = 0; i < MOST; i++) {
            ids[i] = text[N_TEXT + i].id;
            expected[i] = (float)logprob(logits, r.n_vocab, ids[i]);
            free(logits);
            logits = reader_add(slow, ids[i]);
        }
        free(logits);
        ask_context *c = reader_context(&r, N_TEXT + MOST);
        free(reader_read(c, text, N_TEXT));
        for (size_t k = 0; k < TEST_COUNT(counts); k++) {
            int n = counts[k];
            CHECK_OK(ask_context_score(c, ids, n, logprobs, NULL, NULL, NULL, &err), &err);
            for (int i = 0; i < n; i++) actual[i] = (float)logprobs[i];
            reader_near(fixtures[f], actual, expected, n);
            assert_int_equal(ask_context_n_read(c), N_TEXT); // they are not read
        }
        assert_int_equal(read_watched(&r, c, text, N_TEXT + 2), 2);
        ask_context_close(slow);
        ask_context_close(c);
        reader_close(&r);
    }
}

/* The mean over heads and layers of what a graph of the whole text says: [n, n]. */
static float *mean_attention(const reader *r, const ask_place *text, int n)
{
    const ask_language *language = r->model->network->language->of(r->model->net);
    const ask_language_sizes z = ask_language_sizes_of(language);
    int64_t ids[READER_MOST], positions[READER_MOST];
    for (int i = 0; i < n; i++) ids[i] = text[i].id, positions[i] = i;
    ask_graph *g = test_graph();
    ask_graph_want(g, "attentions.*");
    ask_tensor *in = INPUT_I64(g, 1, n), *at = INPUT_I64(g, 1, n);
    const ask_decoder_view view = {.positions = at, .trace = ""};
    ask_tensor *x = ask_language_embed(g, language, in);
    ask_keep(g, ask_language_build(g, language, x, &view));
    test_plan(g, r->model->backend);
    test_put(in, ids);
    test_put(at, positions);
    test_run(g);
    size_t size = (size_t)n * (size_t)n;
    float *mean = calloc(size, sizeof *mean);
    assert_non_null(mean);
    for (int i = 0; i < z.decoder.n_layers; i++) {
        char name[32];
        snprintf(name, sizeof name, "attentions.%d", i);
        const ask_tensor *t = ask_graph_find(g, name); // [1, H, n, n]
        int n_heads = (int)ask_tensor_dim(t, 1);
        float *seen = test_get(t);
        for (size_t k = 0; k < size * (size_t)n_heads; k++)
            mean[k % size] += seen[k] / (float)(n_heads * z.decoder.n_layers);
        free(seen);
    }
    ask_graph_free(g);
    return mean;
}

static void looks_are_the_mean_of_the_attentions(void **state)
{
    (void)state;
    enum { N_TEXT = 21, N = 37, ROW = N_TEXT + N - 1 };
    for (size_t f = 0; f < TEST_COUNT(fixtures); f++) {
        ask_error err = {0};
        reader r = reader_open(fixtures[f]);
        ask_place text[N_TEXT + N];
        int64_t ids[N];
        double logprobs[N], plain[N];
        static float looks[N * ROW];
        reader_text(text, N_TEXT + N, r.n_vocab, 9);
        for (int i = 0; i < N; i++) ids[i] = text[N_TEXT + i].id;
        ask_context *c = reader_context(&r, N_TEXT + N);
        free(reader_read(c, text, N_TEXT));
        CHECK_OK(ask_context_score(c, ids, N, plain, NULL, NULL, NULL, &err), &err);
        CHECK_OK(ask_context_score(c, ids, N, logprobs, NULL, looks, NULL, &err), &err);
        float *expected = mean_attention(&r, text, ROW);
        for (int i = 0; i < N; i++) {
            double sum = 0;
            for (int k = 0; k < ROW; k++) sum += (double)looks[i * ROW + k];
            assert_true(fabs(sum - 1) < 1e-5);
            assert_true(fabs(logprobs[i] - plain[i]) < 2e-4);
            test_near(fixtures[f], looks + (size_t)i * ROW,
                      expected + (size_t)(N_TEXT - 1 + i) * ROW, ROW, 1e-5);
        }
        free(expected);
        ask_context_close(c);
        reader_close(&r);
    }
}

/* ---- rows ---- */

/* A row that is the vector of a token is read as the token is. */
static void rows_stand_in_the_places_of_tokens(void **state)
{
    (void)state;
    enum { N = 40, BEGIN = 5, END = 30 };
    ask_error err = {0};
    reader r = reader_open("golden/llama_mha");
    tensor_list weights = tensors_read(test_path(r.dir, "model.safetensors"));
    const float *table = tensors_floats(&weights, "model.embed_tokens.weight");
    ask_place text[N], rows[N];
    reader_text(text, N, r.n_vocab, 10);
    memcpy(rows, text, sizeof rows);
    for (int i = BEGIN; i < END; i++)
        rows[i] = (ask_place){.id = 1000, // a placeholder is never looked up
                              .identity = 77 + (uint64_t)i,
                              .row = table + text[i].id * r.info.width};
    ask_context *c = reader_context(&r, N), *tokens = reader_context(&r, N);
    float *a = reader_read(c, rows, N), *b = reader_read(tokens, text, N);
    reader_near("rows", a, b, r.n_vocab);
    free(a);
    free(b);
    // Rows that were read need not be there again; a row is none of a token, or of another.
    const float *missing = rows[BEGIN].row;
    rows[BEGIN].row = NULL;
    assert_int_equal(ask_context_common(c, rows, N), N - 1);
    free(reader_read(c, rows, N));
    assert_int_equal(ask_context_common(c, text, N), BEGIN);
    rows[BEGIN].identity++;
    assert_int_equal(ask_context_common(c, rows, N), BEGIN);
    assert_false(ask_context_read(c, rows, N, NULL, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_string_equal(err.message, "place 5 of the prompt has no features");
    rows[BEGIN].row = missing;
    free(reader_read(c, rows, N));
    tensors_free(&weights);
    ask_context_close(c);
    ask_context_close(tokens);
    reader_close(&r);
}

/* ---- what cannot be read ---- */

static void what_cannot_be_read_is_told(void **state)
{
    (void)state;
    reader r = reader_open("golden/llama_mha");
    ask_place text[128];
    reader_text(text, 128, r.n_vocab, 11);
    ask_context *c = reader_context(&r, 100); // 128 with what it is rounded up to
    static float logits[300 * 100];
    static double logprobs[200];
    static int64_t ids[300];
    static int parents[300];
    enum { READ, ADD, BRANCH, SCORE };
    static const struct {
        const char *name;
        int what, n, at; // places read before: 10; at: which is spoilt
        int64_t id;
        int parent;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"no tokens", READ, 0, 0, 1, 0, ASK_ERR_USAGE, "a prompt without tokens"},
        {"too long", READ, 129, 0, 1, 0, ASK_ERR_LIMIT,
         "129 tokens do not fit: there is room for 128, and the model reads 512"},
        {"an id below 0", READ, 12, 11, -1, 0, ASK_ERR_USAGE,
         "place 11 of the prompt: id -1 is not in a vocabulary of 100"},
        {"an id that is too large", READ, 12, 10, 100, 0, ASK_ERR_USAGE,
         "place 10 of the prompt: id 100 is not in a vocabulary of 100"},
        {"an added id", ADD, 1, 0, 100, 0, ASK_ERR_USAGE,
         "place 10 of the prompt: id 100 is not in a vocabulary of 100"},
        {"no branch", BRANCH, 0, 0, 1, 0, ASK_ERR_USAGE,
         "0 texts at once: 1 to 256 can be read"},
        {"too many branches", BRANCH, 257, 0, 1, 0, ASK_ERR_USAGE,
         "257 texts at once: 1 to 256 can be read"},
        {"branches without room", BRANCH, 119, 0, 1, 0, ASK_ERR_LIMIT,
         "129 tokens do not fit: there is room for 128, and the model reads 512"},
        {"a branch behind itself", BRANCH, 2, 1, 1, 11, ASK_ERR_USAGE,
         "place 11 cannot follow place 11"},
        {"a branch behind nothing", BRANCH, 1, 0, 1, -1, ASK_ERR_USAGE,
         "place 10 cannot follow place -1"},
        {"the id of a branch", BRANCH, 2, 1, 100, 0, ASK_ERR_USAGE,
         "place 11 of the prompt: id 100 is not in a vocabulary of 100"},
        {"no score", SCORE, 0, 0, 1, 0, ASK_ERR_USAGE,
         "a text is scored behind a token, and has tokens itself"},
        {"a scored id", SCORE, 3, 2, 100, 0, ASK_ERR_USAGE,
         "place 12 of the prompt: id 100 is not in a vocabulary of 100"},
        {"a score without room", SCORE, 120, 0, 1, 0, ASK_ERR_LIMIT,
         "129 tokens do not fit: there is room for 128, and the model reads 512"},
    };
    free(reader_read(c, text, 10));
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_place spoilt[129];
        memcpy(spoilt, text, sizeof text);
        memset(ids, 0, sizeof ids);
        memset(parents, 0, sizeof parents);
        spoilt[cases[i].at].id = ids[cases[i].at] = cases[i].id;
        parents[cases[i].at] = cases[i].parent;
        int n = cases[i].n;
        bool ok = cases[i].what == READ ? ask_context_read(c, spoilt, n, logits, NULL, &err)
                  : cases[i].what == ADD ? ask_context_add(c, ids[0], logits, NULL, &err)
                  : cases[i].what == BRANCH
                      ? ask_context_branch(c, ids, parents, n, logits, NULL, &err)
                      : ask_context_score(c, ids, n, logprobs, NULL, NULL, NULL, &err);
        CHECK_CASE(cases[i].name, !ok);
        if (err.code != cases[i].code || strcmp(err.message, cases[i].message) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        CHECK_CASE(cases[i].name, ask_context_n_read(c) == 10);
    }
    assert_int_equal(read_watched(&r, c, text, 128), 118); // and it reads on
    ask_context_close(c);
    reader_close(&r);
}

static void a_score_needs_a_token_before_it(void **state)
{
    (void)state;
    ask_error err = {0};
    double p;
    reader r = reader_open("golden/llama_mha");
    ask_context *c = reader_context(&r, 10);
    assert_false(ask_context_score(c, (int64_t[]){1}, 1, &p, NULL, NULL, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    float row[64] = {0};
    const ask_place seen = {.identity = 1, .row = row};
    free(reader_read(c, &seen, 1));
    assert_false(ask_context_score(c, (int64_t[]){1}, 1, &p, NULL, NULL, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    ask_context_close(c);
    reader_close(&r);
}

/* What stands behind the last piece has no position of a learned table. */
static void learned_positions_end_where_the_model_s_do(void **state)
{
    (void)state;
    static const char *const learned[] = {"golden/opt", "golden/opt_350m_like",
                                          "golden/gpt2"};
    for (size_t f = 0; f < TEST_COUNT(learned); f++) {
        ask_error err = {0};
        ask_model *m = ask_model_open(test_fixture(learned[f]), NULL, &err);
        CHECK_OK(m, &err);
        ask_session *s = ask_session_open(m, &err);
        CHECK_OK(s, &err);
        reader r = {.session = s, .model = m};
        ask_context *c = reader_context(&r, 64); // all that it reads
        ask_place text[64];
        reader_text(text, 64, 80, 5);
        for (int n = 61; n <= 64; n++) free(reader_read(c, text, n));
        ask_context_rewind(c, 62);
        free(reader_add(c, 3));
        double logprob;
        CHECK_OK(ask_context_score(c, (int64_t[]){4}, 1, &logprob, NULL, NULL, NULL, &err),
                 &err);
        ask_context_close(c);
        ask_session_close(s);
        ask_model_close(m);
    }
}

static void contexts_of_no_size_are_refused(void **state)
{
    (void)state;
    reader r = reader_open("golden/llama_mha");
    static const int sizes[] = {-1, 0, READER_MOST + 1, INT32_MAX};
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        ask_error err = {0};
        assert_null(ask_context_open(r.session, sizes[i], &err));
        assert_int_equal(err.code, ASK_ERR_LIMIT);
        assert_non_null(strstr(err.message, "the model reads 1 to 512"));
    }
    reader_close(&r);
}

static void other_models_write_no_texts(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_model *m = ask_model_open(test_fixture("golden/clip"), NULL, &err);
    CHECK_OK(m, &err);
    ask_session *s = ask_session_open(m, &err);
    CHECK_OK(s, &err);
    assert_null(ask_context_open(s, 10, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "clip writes no texts; networks that do are "));
    assert_int_equal(ask_context_bytes(m, 10), 0);
    ask_session_close(s);
    ask_model_close(m);
}

/* ---- stopping ---- */

static void a_cancelled_reading_can_go_on(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_cancel cancel = {0};
    watching w = {.raise_at = 2, .cancel = &cancel}; // before the second piece
    const ask_progress progress = {watch, &w};
    const ask_reading_options opt = {.cancel = &cancel, .progress = &progress};
    reader r = reader_open("golden/llama_mha");
    ask_place text[300];
    static float logits[300];
    double logprobs[1];
    reader_text(text, 300, r.n_vocab, 12);
    ask_context *c = reader_context(&r, 310);
    assert_false(ask_context_read(c, text, 300, logits, &opt, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_int_equal(ask_context_n_read(c), 256);
    assert_false(ask_context_add(c, 1, logits, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_false(
        ask_context_branch(c, (int64_t[]){1}, (int[]){9}, 1, logits, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_false(
        ask_context_score(c, (int64_t[]){1}, 1, logprobs, NULL, NULL, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_int_equal(ask_context_n_read(c), 256);
    assert_int_equal(read_watched(&r, c, text, 300), 44);
    ask_context_close(c);
    reader_close(&r);
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
        ask_context_branch(c, (int64_t[]){1, 2}, (int[]){9, 9}, 2, logits, NULL, err);
    ask_context_close(c);
    return ok;
}

static void every_failing_allocation_is_told(void **state)
{
    (void)state;
    reader r = reader_open("golden/llama_mha");
    assert_true(test_some_allocs_fail("read", read_all_ways, &r) > 20);
    reader_close(&r);
}

/* A context of which an allocation failed reads on as if nothing had been. */
static bool read_on(void *user, ask_error *err)
{
    ask_place text[20];
    static float logits[100];
    ask_context *c = user;
    reader_text(text, 20, 100, 14);
    ask_context_rewind(c, 0);
    return ask_context_read(c, text, 20, logits, NULL, err);
}

static void a_failed_reading_can_be_done_again(void **state)
{
    (void)state;
    reader r = reader_open("golden/llama_mha");
    ask_place text[20];
    reader_text(text, 20, r.n_vocab, 14);
    ask_context *c = reader_context(&r, 64);
    test_some_allocs_fail("read again", read_on, c);
    assert_int_equal(read_watched(&r, c, text, 20), 1);
    ask_context_close(c);
    reader_close(&r);
}

/* ---- branches of several pieces ---- */

enum { N_STEM = 43, N_FULL = 16, N_TWIGS = 20 }; // of 64 places: 16 and 4 at once

static bool branch_from_stem(ask_context *c, int n, ask_error *err)
{
    static float logits[N_TWIGS * 100];
    int64_t ids[N_TWIGS];
    int parents[N_TWIGS];
    for (int i = 0; i < n; i++) ids[i] = 3 + i, parents[i] = N_STEM - 1;
    return ask_context_branch(c, ids, parents, n, logits, NULL, err);
}

static bool branch_or_stay(void *user, ask_error *err)
{
    ask_context *c = user;
    ask_context_rewind(c, N_STEM);
    bool ok = branch_from_stem(c, N_TWIGS, err);
    assert_int_equal(ask_context_n_read(c), ok ? N_STEM + N_TWIGS : N_STEM);
    return ok;
}

/* The graph of the first piece is there before; that of the second is what fails. */
static void of_branches_that_fail_none_is_read(void **state)
{
    (void)state;
    ask_error err = {0};
    reader r = reader_open("golden/llama_mha");
    ask_place text[N_STEM];
    reader_text(text, N_STEM, r.n_vocab, 15);
    ask_context *c = reader_context(&r, 64);
    free(reader_read(c, text, N_STEM));
    CHECK_OK(branch_from_stem(c, N_FULL, &err), &err);
    assert_true(test_some_allocs_fail("branch", branch_or_stay, c) > 10);
    ask_context_close(c);
    reader_close(&r);
}

static void bytes_that_cannot_be_told_are_the_most(void **state)
{
    (void)state;
    const ask_decoder_sizes small = {3, 2, 10},
                            huge = {ASK_MAX_LAYERS, ASK_MAX_WIDTH, ASK_MAX_WIDTH};
    assert_true(ask_decoder_cache_bytes(&small, 5) == sizeof(float) * 2 * 3 * 2 * 10 * 5);
    assert_true(ask_decoder_cache_bytes(&huge, ASK_MAX_CONTEXT) == SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_the_same_whole_and_in_pieces),
        cmocka_unit_test(a_context_can_be_filled),
        cmocka_unit_test(only_what_is_new_is_read),
        cmocka_unit_test(what_was_added_is_common_too),
        cmocka_unit_test(rewinding_forgets),
        cmocka_unit_test(branches_are_as_if_read_alone),
        cmocka_unit_test(only_the_first_branch_goes_on_with_the_text),
        cmocka_unit_test(a_score_is_the_softmax_of_the_logits),
        cmocka_unit_test(looks_are_the_mean_of_the_attentions),
        cmocka_unit_test(rows_stand_in_the_places_of_tokens),
        cmocka_unit_test(what_cannot_be_read_is_told),
        cmocka_unit_test(a_score_needs_a_token_before_it),
        cmocka_unit_test(learned_positions_end_where_the_model_s_do),
        cmocka_unit_test(contexts_of_no_size_are_refused),
        cmocka_unit_test(other_models_write_no_texts),
        cmocka_unit_test(a_cancelled_reading_can_go_on),
        cmocka_unit_test(every_failing_allocation_is_told),
        cmocka_unit_test(a_failed_reading_can_be_done_again),
        cmocka_unit_test(of_branches_that_fail_none_is_read),
        cmocka_unit_test(bytes_that_cannot_be_told_are_the_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
