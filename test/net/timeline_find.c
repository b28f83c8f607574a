/* What Timeline finds by: beside a network written anew (tools/golden/timeline_find.py),
 * with gradients; and that words match what cells say before anything is learnt. */
#include "net/joint/timeline_find.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/golden.h"

static const char NAME[] = "timeline_find";

enum { MOST_GRADIENTS = 64, MOST_CELLS = 16, MOST_EMBED = 128, MOST_TOKENS = 8 };

static ask_timeline_config golden_config(void)
{
    ask_error err = {0};
    ask_timeline_config c;
    ask_json *doc =
        ask_json_read(test_fixture("golden/timeline_find/config.json"), NULL, &err);
    CHECK_OK(doc, &err);
    CHECK_OK(ask_timeline_config_read(&c, ask_json_root(doc), &err), &err);
    ask_json_free(doc);
    return c;
}

/* ---- beside the reference ---- */

typedef struct {
    golden inputs, outputs, grads;
    ask_weights *weights;
    ask_arena *room;
    ask_store *store;
    ask_timeline_find net;
    ask_graph *g;
    ask_tensor *cells, *features, *ids, *of_fits, *of_texts; // what goes in
    int n_grads;
    ask_tensor *grad[MOST_GRADIENTS];
} opened;

static void open_network(opened *o)
{
    ask_error err = {0};
    ask_params *p;
    const ask_timeline_config config = golden_config();
    CHECK_OK(o->weights = ask_weights_open(
                 test_fixture("golden/timeline_find/model.safetensors"), &err),
             &err);
    CHECK_OK(o->store = ask_store_new(the_cpu, &err), &err);
    CHECK_OK(p = ask_params_trainable(o->store, o->weights, o->room, &err), &err);
    ask_timeline_find_bind(&o->net, p, &config);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
}

/* vectors: [B, V, P], texts: [T, P] -> [B, T], as model/pictures.h has it */
static ask_tensor *fits_of(ask_graph *g, ask_tensor *vectors, ask_tensor *texts)
{
    const int64_t shape[] = {ask_tensor_dim(vectors, 0), ask_tensor_dim(texts, 0)};
    ask_tensor *cosines = ask_matmul_t(g, vectors, ask_timeline_find_unit(g, texts));
    ask_tensor *whole = ask_reshape(g, ask_slice(g, cosines, 1, 0, 1), 2, shape);
    ask_tensor *cells = ask_slice(g, cosines, 1, 1, ask_tensor_dim(vectors, 1));
    return ask_scale(g, ask_add(g, whole, ask_max(g, cells, 1, false)), 0.5);
}

static ask_tensor *sum_of(ask_graph *g, ask_tensor *x, ask_tensor *times)
{
    return ask_sum(g, ask_mul(g, x, times), 0, false);
}

/* -> the loss; outputs by the names in the file */
static ask_tensor *build(opened *o)
{
    ask_graph *g = o->g;
    ask_timeline_looks looks;
    ask_graph_want(g, "*");
    o->cells = golden_input(g, golden_get(&o->inputs, "cells"));
    o->features = golden_input(g, golden_get(&o->inputs, "features"));
    o->ids = golden_input(g, golden_get(&o->inputs, "ids"));
    o->of_fits = golden_input(g, golden_get(&o->inputs, "of_fits"));
    o->of_texts = golden_input(g, golden_get(&o->inputs, "of_texts"));
    const ask_cells_seen seen = {.features = o->features, .outputs = o->cells};
    ask_timeline_find_frames(&looks, g, &o->net, &seen);
    ask_tensor *vectors = ask_timeline_find_vectors(g, &o->net, &seen);
    ask_tensor *texts = ask_timeline_find_texts(g, &o->net, o->ids, NULL);
    ask_tensor *fits =
        ask_mul(g, fits_of(g, vectors, texts), ask_exp(g, o->net.logit_scale));
    ask_name(g, looks.whole, "whole");
    ask_name(g, vectors, "vectors");
    ask_name(g, texts, "texts");
    ask_name(g, fits, "fits");
    ask_tensor *loss =
        ask_add(g, sum_of(g, fits, o->of_fits), sum_of(g, texts, o->of_texts));
    return ask_name(g, loss, "loss_total");
}

static void add_gradients(opened *o, ask_tensor *loss)
{
    ask_tensor *x[MOST_GRADIENTS];
    o->n_grads = (int)ask_weights_count(o->grads.file);
    assert_int_equal(o->n_grads, ask_store_count(o->store) + 1); // and the cells
    for (int i = 0; i < o->n_grads; i++) {
        const char *name = ask_weights_at(o->grads.file, (size_t)i)->name;
        x[i] = strcmp(name, "cells") == 0 ? o->cells : ask_store_find(o->store, name);
        if (!x[i]) fail_msg("there is no parameter %s", name);
    }
    ask_graph_gradients(o->g, loss, x, o->n_grads, o->grad);
    for (int i = 0; i < o->n_grads; i++) ask_keep(o->g, o->grad[i]);
}

static void put_inputs(opened *o)
{
    golden_put(o->cells, golden_get(&o->inputs, "cells"));
    golden_put(o->features, golden_get(&o->inputs, "features"));
    golden_put(o->ids, golden_get(&o->inputs, "ids"));
    golden_put(o->of_fits, golden_get(&o->inputs, "of_fits"));
    golden_put(o->of_texts, golden_get(&o->inputs, "of_texts"));
    assert_null(golden_unused(&o->inputs));
}

static void check(const opened *o)
{
    const double tol = 5e-5; // f32, 2 layers
    for (size_t i = 0; i < ask_weights_count(o->outputs.file); i++) {
        const ask_weights_entry *e = ask_weights_at(o->outputs.file, i);
        golden_check_within("outputs", ask_graph_find(o->g, e->name), e, tol);
    }
    for (int i = 0; i < o->n_grads; i++)
        golden_check_within("gradients", o->grad[i],
                            ask_weights_at(o->grads.file, (size_t)i), tol);
}

static void values_and_gradients_are_those_of_the_reference(void **state)
{
    (void)state;
    opened o = {.inputs = golden_open_part(NAME, "inputs"),
                .outputs = golden_open_part(NAME, "outputs"),
                .grads = golden_open_part(NAME, "grads"),
                .room = ask_arena_new(0),
                .g = test_graph()};
    open_network(&o);
    add_gradients(&o, build(&o));
    test_plan(o.g, the_cpu);
    put_inputs(&o);
    test_run(o.g);
    check(&o);
    golden_close(&o.inputs);
    golden_close(&o.outputs);
    golden_close(&o.grads);
    ask_graph_free(o.g);
    ask_store_free(o.store);
    ask_weights_close(o.weights);
    ask_arena_free(o.room);
}

/* ---- before anything is learnt ---- */

enum { N_TEXTS = 4 };

/* What a cell shows: values of colour, shape, size, texture; event or -1. */
typedef struct {
    bool seen;
    int color, shape, event;
} shown;

typedef struct {
    ask_timeline_config config;
    int n_cells;
    float vectors[(1 + MOST_CELLS) * MOST_EMBED], texts[N_TEXTS * MOST_EMBED];
} embedded;

static void put_kind(float *row, const ask_timeline_kinds *k, ask_sight_field f, int value)
{
    row[ask_sight_field_of(k, f).begin + value] = 12; // as a logit: sure
}

static void put_cell(float *row, const ask_timeline_kinds *k, shown s)
{
    const float sure = s.seen ? 12 : -12;
    row[ask_sight_field_of(k, ASK_SIGHT_SEEN).begin] = sure;
    put_kind(row, k, ASK_SIGHT_COLOR, s.color);
    put_kind(row, k, ASK_SIGHT_SHAPE, s.shape);
    put_kind(row, k, ASK_SIGHT_SIZE, 0);
    put_kind(row, k, ASK_SIGHT_TEXTURE, 0);
    put_kind(row, k, ASK_SIGHT_DEED, s.event + 1);
}

/* A frame of these cells, and texts of at most two tokens, with weights as they begin; L is
 * how many tokens rows have room for. */
static void embed(embedded *e, const shown *cells, const int64_t (*texts)[2],
                  int64_t n_tokens)
{
    ask_error err = {0};
    ask_params *p;
    ask_timeline_find net;
    ask_arena *room = ask_arena_new(0);
    ask_store *store = ask_store_new(the_cpu, &err);
    CHECK_OK(store, &err);
    CHECK_OK(p = ask_params_random(store, 3, room, &err), &err);
    e->config = golden_config();
    e->config.width = 160; // so much that vectors of different words differ
    e->config.find.n_embed = MOST_EMBED;
    ask_timeline_find_bind(&net, p, &e->config);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);

    const int n_sight = ask_sight_width(&e->config.kinds);
    e->n_cells =
        e->config.cells.side_px * e->config.cells.side_px / ASK_CELLS_PX / ASK_CELLS_PX;
    float *rows = calloc((size_t)(e->n_cells * n_sight), sizeof *rows);
    int64_t ids[N_TEXTS * MOST_TOKENS];
    assert_non_null(rows);
    for (int i = 0; i < e->n_cells; i++)
        put_cell(rows + i * n_sight, &e->config.kinds, cells[i]);
    for (int64_t i = 0; i < N_TEXTS * n_tokens; i++) {
        int64_t at = i % n_tokens, id = at < 2 ? texts[i / n_tokens][at] : -1;
        ids[i] = id < 0 ? e->config.pad_id : id;
    }

    ask_graph *g = test_graph();
    ask_tensor *in = ask_input(g, ASK_F32, 3, (int64_t[]){1, e->n_cells, n_sight});
    const int64_t n_features = e->config.cells.widths[ASK_CELLS_N_LEVELS - 1];
    const ask_cells_seen seen = {
        .features = ask_full(g, 3, (int64_t[]){1, e->n_cells, n_features}, 1),
        .outputs = in};
    ask_tensor *words = ask_input(g, ASK_I64, 2, (int64_t[]){N_TEXTS, n_tokens});
    ask_tensor *vectors = ask_keep(g, ask_timeline_find_vectors(g, &net, &seen));
    ask_tensor *said = ask_timeline_find_texts(g, &net, words, NULL);
    said = ask_keep(g, ask_timeline_find_unit(g, said));
    test_plan(g, the_cpu);
    CHECK_OK(ask_tensor_write(in, rows, ask_tensor_bytes(in), &err), &err);
    CHECK_OK(ask_tensor_write(words, ids, ask_tensor_bytes(words), &err), &err);
    test_run(g);
    CHECK_OK(ask_tensor_read(vectors, e->vectors, ask_tensor_bytes(vectors), &err), &err);
    CHECK_OK(ask_tensor_read(said, e->texts, ask_tensor_bytes(said), &err), &err);
    ask_graph_free(g);
    ask_store_free(store);
    ask_arena_free(room);
    free(rows);
}

/* vector: 0 the whole, then cells */
static double fit_of(const embedded *e, int vector, int text)
{
    const int n = e->config.find.n_embed;
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (double)e->vectors[vector * n + i] * (double)e->texts[text * n + i];
    return sum;
}

static int64_t token_of(ask_timeline_kind kind, int value)
{
    return golden_config().names[kind][value].token;
}

enum { RED, BLUE, GREEN, BALL = 0, STAR, JUMP = 0, SPIN, WITHOUT = -1 };
enum { EMPTY_CELL, RED_BALL, BLUE_STAR, GREEN_BALL_JUMPS, N_SHOWN };

static void show(shown cells[MOST_CELLS])
{
    for (int i = 0; i < MOST_CELLS; i++) cells[i] = (shown){false, RED, BALL, WITHOUT};
    cells[RED_BALL] = (shown){true, RED, BALL, WITHOUT};
    cells[BLUE_STAR] = (shown){true, BLUE, STAR, WITHOUT};
    cells[GREEN_BALL_JUMPS] = (shown){true, GREEN, BALL, JUMP};
}

static void words_match_what_cells_say_from_the_start(void **state)
{
    (void)state;
    const struct {
        const char *name;
        int64_t words[2];
        int cell; // that fits best
    } cases[N_TEXTS] = {
        {"red ball",
         {token_of(ASK_KIND_OF_COLOR, RED), token_of(ASK_KIND_OF_SHAPE, BALL)},
         RED_BALL},
        {"blue", {token_of(ASK_KIND_OF_COLOR, BLUE), -1}, BLUE_STAR},
        {"star", {token_of(ASK_KIND_OF_SHAPE, STAR), -1}, BLUE_STAR},
        {"jump", {token_of(ASK_KIND_OF_EVENT, JUMP), -1}, GREEN_BALL_JUMPS},
    };
    int64_t words[N_TEXTS][2];
    shown cells[MOST_CELLS];
    embedded e;
    for (int i = 0; i < N_TEXTS; i++) memcpy(words[i], cases[i].words, sizeof words[i]);
    show(cells);
    embed(&e, cells, words, 2);
    for (int text = 0; text < N_TEXTS; text++) {
        int best = 1;
        for (int v = 1; v <= e.n_cells; v++)
            if (fit_of(&e, v, text) > fit_of(&e, best, text)) best = v;
        CHECK_CASE(cases[text].name, best == 1 + cases[text].cell);
    }
}

static void padding_changes_nothing(void **state)
{
    (void)state;
    const int64_t words[N_TEXTS][2] = {{5, 9}, {11, -1}, {3, 3}, {7, 4}};
    shown cells[MOST_CELLS];
    embedded narrow, wide;
    show(cells);
    embed(&narrow, cells, words, 2);
    embed(&wide, cells, words, 6);
    for (int i = 0; i < N_TEXTS * narrow.config.find.n_embed; i++)
        assert_true(fabsf(narrow.texts[i] - wide.texts[i]) <= 1e-6f);
}

/* Of cells in which nothing is seen, what else they say does not matter: all are alike but
 * for what all attributes together add, and the whole is about those in which something is.
 */
static void what_is_not_seen_does_not_count(void **state)
{
    (void)state;
    const int64_t words[N_TEXTS][2] = {{token_of(ASK_KIND_OF_COLOR, RED), -1},
                                       {token_of(ASK_KIND_OF_COLOR, BLUE), -1},
                                       {token_of(ASK_KIND_OF_SHAPE, BALL), -1},
                                       {token_of(ASK_KIND_OF_SHAPE, STAR), -1}};
    shown cells[MOST_CELLS];
    embedded e;
    show(cells);
    cells[RED_BALL].seen = cells[GREEN_BALL_JUMPS].seen = false;
    embed(&e, cells, words, 2);
    for (int text = 0; text < N_TEXTS; text++)
        CHECK_CASE("not seen", fit_of(&e, 1 + RED_BALL, text) < 0.5);
    CHECK_CASE("the whole", fit_of(&e, 0, 1) > fit_of(&e, 0, 0) + 0.1);
    CHECK_CASE("the whole", fit_of(&e, 0, 3) > fit_of(&e, 0, 2) + 0.1);
}

static void vectors_have_unit_length(void **state)
{
    (void)state;
    const int64_t words[N_TEXTS][2] = {{5, 9}, {11, -1}, {3, 3}, {7, 4}};
    shown cells[MOST_CELLS];
    embedded e;
    show(cells);
    embed(&e, cells, words, 2);
    const int n = e.config.find.n_embed;
    for (int v = 0; v <= e.n_cells; v++) {
        double sum = 0;
        for (int i = 0; i < n; i++)
            sum += (double)e.vectors[v * n + i] * (double)e.vectors[v * n + i];
        assert_true(fabs(sum - 1) < 1e-5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_gradients_are_those_of_the_reference),
        cmocka_unit_test(words_match_what_cells_say_from_the_start),
        cmocka_unit_test(padding_changes_nothing),
        cmocka_unit_test(what_is_not_seen_does_not_count),
        cmocka_unit_test(vectors_have_unit_length),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
