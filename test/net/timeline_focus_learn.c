/* The focus of Timeline learns: what toys do, which colour they have and how many there
 * are, of memories made by hand, by heart. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "support/toy_talk.h"

enum { MEMORIES = 32, KINDS = 3, SLOTS = 4, OPTIONS = 3, ANSWERS = 10 };
enum { TOYS = TALK_COLORS * TALK_SHAPES, N = MEMORIES * KINDS, STEPS = 120 };

static const int answers[ANSWERS][TALK_TOKENS] = {{W_JUMPS}, {W_SPINS}, {W_HITS}, {W_RED},
                                                  {W_BLUE},  {W_GREEN}, {W_PINK}, {W_ONE},
                                                  {W_TWO},   {W_THREE}};
enum { FIRST_DEED = 0, FIRST_COLOR = 3, FIRST_NUMBER = 7 };

/* The memories, and a question of each kind about each. */
typedef struct {
    talk_slot slots[MEMORIES][SLOTS];
    int questions[N][TALK_TOKENS];
    int64_t options[N][OPTIONS], right[N], open[N];
    float rivals[N][ANSWERS], events[N][ASK_TIMELINE_SCENE_EVENTS];
    int64_t slot_events[MEMORIES][SLOTS];
} lessons;

/* Different toys, each of which does something. */
static void draw_memory(talk_slot slots[SLOTS], ask_rng *r)
{
    bool is_taken[TOYS] = {false};
    for (int i = 0; i < SLOTS; i++) {
        int toy;
        do toy = (int)ask_rng_below(r, TOYS);
        while (is_taken[toy]);
        is_taken[toy] = true;
        double start = (i + ask_rng_double(r)) / SLOTS;
        slots[i] = (talk_slot){.confidence = 0.9,
                               .color = W_RED + toy % TALK_COLORS,
                               .shape = W_BALL + toy / TALK_COLORS,
                               .size = W_LARGE + (int)ask_rng_below(r, 2),
                               .texture = W_PLAIN,
                               .does = W_JUMPS + (int)ask_rng_below(r, TALK_EVENTS),
                               .span = {start, start + 0.1},
                               .places = {0.5, 0.5, 0.5, 0.5}};
    }
}

/* The first of n answers from `first` on is 0; the right one stands among OPTIONS of them.
 */
static void set_options(lessons *l, int q, int first, int n, int right, ask_rng *r)
{
    int place = (int)ask_rng_below(r, OPTIONS);
    for (int i = 0; i < OPTIONS; i++)
        l->options[q][i] = first + (right + (i + OPTIONS - place) % OPTIONS) % n;
    l->right[q] = place;
    l->open[q] = first + right;
    for (int i = 0; i < n; i++) l->rivals[q][first + i] = 1;
}

static int count_shape(const talk_slot *slots, int shape)
{
    int n = 0;
    for (int i = 0; i < SLOTS; i++) n += slots[i].shape == shape;
    return n;
}

static void ask_about(lessons *l, int memory, ask_rng *r)
{
    const talk_slot *slots = l->slots[memory], *toy = &slots[ask_rng_below(r, SLOTS)];
    const int asked[KINDS][TALK_TOKENS] = {
        {W_WHAT, W_DOES, W_THE, toy->color, toy->shape, W_DO},
        {W_WHAT, W_COLOR, W_IS, W_THE, toy->shape},
        {W_HOW, W_MANY, toy->shape, W_DO}};
    int n_alike = count_shape(slots, toy->shape), q = memory * KINDS;
    for (int kind = 0; kind < KINDS; kind++)
        for (int i = 0; i < TALK_TOKENS; i++) l->questions[q + kind][i] = asked[kind][i];
    set_options(l, q, FIRST_DEED, TALK_EVENTS, toy->does - W_JUMPS, r);
    // Of several of a shape any is meant: by heart, that can be learnt too.
    set_options(l, q + 1, FIRST_COLOR, TALK_COLORS, toy->color - W_RED, r);
    set_options(l, q + 2, FIRST_NUMBER, 3, (n_alike < 3 ? n_alike : 3) - 1, r);
    for (int i = 0; i < SLOTS; i++) {
        l->slot_events[memory][i] = i;
        l->events[q][i] = l->events[q + 1][i] = &slots[i] == toy;
        l->events[q + 2][i] = slots[i].shape == toy->shape;
    }
}

static lessons *draw_lessons(uint64_t seed)
{
    ask_rng r = ask_rng_new(seed);
    lessons *l = calloc(1, sizeof *l);
    assert_non_null(l);
    for (int i = 0; i < MEMORIES; i++) {
        draw_memory(l->slots[i], &r);
        ask_about(l, i, &r);
    }
    return l;
}

/* ---- a training ---- */

typedef struct {
    talk_network n;
    talk_graph t;
    ask_focus_truth truth;
    ask_slot_truth slots;
    ask_focus_losses losses;
    ask_tensor *rate, *step;
} training;

/* Adds moments and a step for every parameter. */
static void train_all(training *t, ask_tensor *loss)
{
    enum { MOST = 200 };
    const ask_adam_options adam = {.beta1 = 0.9, .beta2 = 0.98, .eps = 1e-8};
    ask_tensor *x[MOST], *grad[MOST];
    int n = ask_store_count(t->n.store);
    assert_true(n <= MOST);
    for (int i = 0; i < n; i++) x[i] = ask_store_at(t->n.store, i);
    ask_graph_gradients(t->t.g, loss, x, n, grad);
    for (int i = 0; i < n; i++) {
        int64_t shape[2];
        int n_dims = ask_tensor_n_dims(x[i]);
        for (int k = 0; k < n_dims; k++) shape[k] = ask_tensor_dim(x[i], k);
        char m[256], v[256];
        snprintf(m, sizeof m, "m.%s", ask_tensor_name(x[i]));
        snprintf(v, sizeof v, "v.%s", ask_tensor_name(x[i]));
        ask_adam_step(t->t.g, x[i], test_stored(t->n.store, m, n_dims, shape),
                      test_stored(t->n.store, v, n_dims, shape), grad[i], t->rate, t->step,
                      &adam);
    }
}

static void put_records(const training *t, const lessons *l)
{
    int64_t width = ask_tensor_dim(t->t.asking.records, 2);
    float *rows = calloc((size_t)(MEMORIES * SLOTS * width), sizeof *rows);
    assert_non_null(rows);
    for (int i = 0; i < MEMORIES * SLOTS; i++)
        talk_record(rows + i * width, &t->n.net.config, &l->slots[i / SLOTS][i % SLOTS]);
    test_put(t->t.asking.records, rows);
    free(rows);
}

static void put_lessons(const training *t, const lessons *l)
{
    put_records(t, l);
    bool all[MEMORIES * SLOTS];
    for (int i = 0; i < MEMORIES * SLOTS; i++) all[i] = true;
    test_put(t->t.asking.mask, all);
    talk_put_texts(&t->t.asking.questions, l->questions[0]);
    talk_put_texts(&t->t.answers, answers[0]);
    test_put(t->truth.options, l->options);
    test_put(t->truth.right, l->right);
    test_put(t->truth.open, l->open);
    test_put(t->truth.rivals, l->rivals);
    test_put(t->truth.events, l->events);
    test_put_all(t->truth.pairs, 0);
    test_put_all(t->truth.weight, 1);
    test_put_all(t->truth.told, 1);
    test_put(t->slots.events, l->slot_events);
}

static void open_training(training *t, uint64_t seed)
{
    ask_timeline_config c = talk_config();
    c.n_event_slots = SLOTS;
    c.n_toy_slots = 0;
    talk_open(&t->n, &c, seed);
    t->t.g = test_graph();
    const talk_sizes sizes = {.videos = MEMORIES,
                              .questions = KINDS,
                              .tokens = TALK_TOKENS,
                              .slots = SLOTS,
                              .answers = ANSWERS,
                              .room = N * 7,
                              .answers_room = ANSWERS};
    talk_build(&t->t, &t->n, &sizes, NULL);
    ask_focus_truth_inputs(&t->truth, t->t.g, N, OPTIONS, ANSWERS, TOYS);
    t->slots = (ask_slot_truth){INPUT_I64(t->t.g, MEMORIES, SLOTS),
                                INPUT_I64(t->t.g, MEMORIES, 0)};
    ask_timeline_focus_loss(&t->losses, t->t.g, &t->t.out, &t->truth, &t->slots);
    t->rate = INPUT(t->t.g, 1);
    t->step = INPUT_I64(t->t.g, 1);
    ask_tensor *loss = ask_add(t->t.g, ask_add(t->t.g, t->losses.options, t->losses.open),
                               t->losses.pointer);
    ask_keep(t->t.g, loss);
    ask_keep(t->t.g, t->losses.option_logits);
    ask_keep(t->t.g, t->t.out.logits);
    ask_keep(t->t.g, t->t.out.pointer);
    train_all(t, loss);
    test_plan(t->t.g, the_cpu);
}

static void close_training(training *t)
{
    ask_graph_free(t->t.g);
    talk_close(&t->n);
}

/* ---- how well ---- */

static int largest(const float *x, int n)
{
    int best = 0;
    for (int i = 1; i < n; i++)
        if (x[i] > x[best]) best = i;
    return best;
}

/* Right ones of N, as the last run answered. */
typedef struct {
    int options, open, pointer;
} score;

static score score_of(const training *t, const lessons *l)
{
    score s = {0};
    float *chosen = test_get(t->losses.option_logits), *said = test_get(t->t.out.logits),
          *pointed = test_get(t->t.out.pointer);
    for (int q = 0; q < N; q++) {
        int best = 0; // of all that belong to the kind of question
        for (int i = 0; i < ANSWERS; i++) {
            const float *x = said + q * ANSWERS;
            if (l->rivals[q][i] == 1 && (l->rivals[q][best] == 0 || x[i] > x[best]))
                best = i;
        }
        int slot = largest(pointed + q * (SLOTS + 1), SLOTS + 1);
        s.options += largest(chosen + q * OPTIONS, OPTIONS) == l->right[q];
        s.open += best == l->open[q];
        s.pointer += slot < SLOTS && l->events[q][slot] == 1;
    }
    free(chosen);
    free(said);
    free(pointed);
    return s;
}

static void run_step(const training *t, int64_t step)
{
    test_put_all(t->rate, step < 10 ? 3e-4 * (double)step : 3e-3);
    test_put_all(t->step, (double)step);
    test_run(t->t.g);
}

static void questions_about_a_few_memories_are_learnt_by_heart(void **state)
{
    (void)state;
    lessons *l = draw_lessons(1);
    training t;
    open_training(&t, 1);
    put_lessons(&t, l);
    run_step(&t, 1);
    score first = score_of(&t, l);
    for (int64_t step = 2; step <= STEPS; step++) run_step(&t, step);
    score last = score_of(&t, l);
    assert_true(first.options < N / 2);
    // A question about a colour can have several toys that fit, and one that is meant.
    if (last.options < N || last.open < N || last.pointer < 0.95 * N)
        fail_msg("of %d: %d by options, %d open, %d moments", N, last.options, last.open,
                 last.pointer);
    close_training(&t);
    free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_about_a_few_memories_are_learnt_by_heart),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
