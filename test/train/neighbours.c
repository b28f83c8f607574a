/* A tower that begins by looking at neighbours does so: each head at its own. */
#include "train/neighbours.h"

#include <stdlib.h>
#include <string.h>

#include "support/tensors.h"
#include "tensor/cpu/cpu.h"

enum { SIDE = 5, N = 1 + SIDE * SIDE, HEADS = 8 };

static const char wide[] = "{\"hidden_size\": 128, \"intermediate_size\": 16, "
                           "\"num_hidden_layers\": 2, \"num_attention_heads\": 8, "
                           "\"image_size\": 20, \"patch_size\": 4, \"num_channels\": 3}";
static const char few_heads[] = "{\"hidden_size\": 128, \"intermediate_size\": 16, "
                                "\"num_hidden_layers\": 1, \"num_attention_heads\": 2, "
                                "\"image_size\": 20, \"patch_size\": 4}";
static const char narrow[] = "{\"hidden_size\": 24, \"intermediate_size\": 16, "
                             "\"num_hidden_layers\": 1, \"num_attention_heads\": 8, "
                             "\"image_size\": 20, \"patch_size\": 4}";

typedef struct {
    ask_backend *backend;
    ask_store *store;
    ask_arena *room;
    ask_clip_vision vision;
} tower;

static void tower_open(tower *t, const char *config)
{
    ask_error err = {0};
    ask_clip_vision_config c;
    ask_json *doc = ask_json_parse(config, strlen(config), "tower", NULL, &err);
    CHECK_OK(doc && ask_clip_vision_config_read(&c, ask_json_root(doc), &err), &err);
    ask_json_free(doc);
    t->backend = ask_cpu_open(NULL, &err);
    CHECK_OK(t->backend, &err);
    t->store = ask_store_new(t->backend, &err);
    t->room = ask_arena_new(0);
    ask_params *p = ask_params_random(t->store, 1, t->room, &err);
    CHECK_OK(p, &err);
    ask_clip_vision_bind(&t->vision, p, "vision_model", &c);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
}

static void tower_close(tower *t)
{
    ask_store_free(t->store);
    ask_backend_close(t->backend);
    ask_arena_free(t->room);
}

/* The attention of the first layer [HEADS, N, N] to a grey picture; freed by the caller. */
static float *attention(const tower *t)
{
    ask_error err = {0};
    ask_graph *g = test_graph();
    ask_graph_want(g, "vision.attentions.0");
    const int64_t shape[] = {1, 3, 4 * SIDE, 4 * SIDE};
    ask_tensor *pixels = ask_input(g, ASK_F32, 4, shape);
    ask_clip_vision_states(g, &t->vision, pixels);
    ask_tensor *p = ask_graph_find(g, "vision.attentions.0");
    assert_non_null(p);
    test_plan(g, t->backend);
    static const float grey[3 * 16 * SIDE * SIDE];
    CHECK_OK(ask_tensor_write(pixels, grey, sizeof grey, &err), &err);
    test_run(g);
    float *out = test_get(p);
    ask_graph_free(g);
    return out;
}

static int most_of(const float *row)
{
    int best = 0;
    for (int i = 1; i < N; i++)
        if (row[i] > row[best]) best = i;
    return best;
}

/* So many heads of a tower. */
static void check_heads(const char *config, int n_heads)
{
    static const int steps[HEADS][2] = {{-1, -1}, {-1, 0}, {-1, 1}, {0, -1},
                                        {0, 1},   {1, -1}, {1, 0},  {1, 1}};
    tower t;
    tower_open(&t, config);
    ask_error err = {0};
    CHECK_OK(ask_neighbours_begin(&t.vision, &err), &err);
    float *p = attention(&t);
    for (int h = 0; h < n_heads; h++) {
        for (int y = 1; y + 1 < SIDE; y++) {
            for (int x = 1; x + 1 < SIDE; x++) {
                const float *row = p + (h * N + 1 + y * SIDE + x) * N;
                int at = 1 + (y + steps[h][0]) * SIDE + x + steps[h][1];
                assert_int_equal(most_of(row), at);
                assert_true(row[at] > 0.5F);
            }
        }
    }
    free(p);
    tower_close(&t);
}

static void each_head_looks_at_its_neighbour(void **state)
{
    (void)state;
    check_heads(wide, HEADS);
    check_heads(few_heads, 2); // of 64 numbers
}

static void heads_too_narrow_are_refused(void **state)
{
    (void)state;
    tower t;
    tower_open(&t, narrow);
    ask_error err = {0};
    assert_false(ask_neighbours_begin(&t.vision, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(strstr(err.message, "heads of 3 numbers"));
    tower_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_head_looks_at_its_neighbour),
        cmocka_unit_test(heads_too_narrow_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
