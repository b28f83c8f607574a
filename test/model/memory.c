/* Memories of videos: what frames show, what is kept of them, and what slots say.
 *
 * The model here is random: what is tested is that its network is asked rightly, which a
 * graph that is built by hand can tell. */
#include "model/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/model_priv.h"
#include "support/tensors.h"
#include "support/tiny_memory.h"

/* ---- what a model tells ---- */

static void a_model_tells_what_it_remembers(void **state)
{
    (void)state;
    ask_error err = {0};
    memory_model o = memory_model_open(tiny_memory_path);
    ask_memory_info info;
    CHECK_OK(ask_memory_info_of(&info, o.model, &err), &err);
    assert_int_equal(info.n_frames, TINY_FRAMES);
    assert_int_equal(info.n_sights, TINY_SIGHTS);
    assert_int_equal(info.n_slots, TINY_SLOTS);
    assert_int_equal(info.n_events, TINY_EVENTS);
    assert_int_equal(info.n_tokens, TINY_TOKENS);
    assert_int_equal(info.n_answers, TINY_ANSWERS);
    for (int i = 0; i < TINY_ANSWERS; i++) {
        assert_string_equal(info.answers[i], tiny_memory_answers[i]);
        assert_int_equal(info.denies[i], tiny_memory_denies(i));
    }
    assert_true(info.frame_gflop > 0 && info.memory_gflop > 0 && info.answer_gflop > 0);
    memory_model_close(&o);
}

static void other_networks_remember_nothing(void **state)
{
    (void)state;
    memory_model o = memory_model_open(test_fixture("golden/bert"));
    const ask_sights no_sights = {0};
    const ask_memory no_memory = {0};
    ask_memory_info info;
    ask_sights sights = {0};
    ask_memory memory;
    ask_recalled recalled;
    for (int i = 0; i < 4; i++) {
        ask_error err = {0};
        assert_false(i == 0   ? ask_memory_info_of(&info, o.model, &err)
                     : i == 1 ? ask_sights_add(&sights, o.session, NULL, 1, NULL, &err)
                     : i == 2
                         ? ask_memory_make(&memory, o.session, &no_sights, NULL, NULL, &err)
                         : ask_memory_recall(&recalled, o.session, &no_memory, "what?",
                                             NULL, 0, NULL, &err));
        assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
        assert_non_null(strstr(err.message, "bert has no memory of videos"));
    }
    memory_model_close(&o);
}

/* ---- frames ---- */

static void a_frame_has_the_same_bits_in_every_batch(void **state)
{
    (void)state;
    enum { N = 19 };
    memory_model o = memory_model_open(tiny_memory_path);
    float *pixels = tiny_timeline_pixels(N, 3);
    ask_sights whole = tiny_memory_sights(&o, N, 3);
    assert_int_equal(whole.n, N);
    static const int pieces[] = {1, 2, 5, 8, 13};
    for (size_t k = 0; k < TEST_COUNT(pieces); k++) {
        ask_sights s = {0};
        for (int i = 0; i < N; i += pieces[k]) {
            ask_error err = {0};
            int n = N - i < pieces[k] ? N - i : pieces[k];
            CHECK_OK(ask_sights_add(&s, o.session, pixels + (size_t)i * TINY_PIXELS, n,
                                    NULL, &err),
                     &err);
        }
        assert_int_equal(s.n, N);
        assert_memory_equal(s.rows, whole.rows,
                            N * TINY_SIGHTS * tiny_memory_sight_width(&o) * sizeof(float));
        assert_memory_equal(s.features, whole.features,
                            N * TINY_SIGHTS * 8 * sizeof(float));
        ask_sights_free(&s);
    }
    assert_true(ask_sights_add(&whole, o.session, pixels, 0, NULL, NULL));
    assert_int_equal(whole.n, N);
    free(pixels);
    ask_sights_free(&whole);
    assert_null(whole.rows);
    memory_model_close(&o);
}

static void sights_are_told_with_boxes_in_the_picture(void **state)
{
    (void)state;
    memory_model o = memory_model_open(tiny_memory_path);
    ask_sights s = tiny_memory_sights(&o, 2, 4);
    // Of frame 1, thing 2; the fields stand as net/joint/timeline.h has them.
    float *row = s.rows + (1 * TINY_SIGHTS + 2) * tiny_memory_sight_width(&o);
    static const struct {
        float x, y, width, height;
        ask_sight is;
    } cases[] = {
        {0.5f, 0.25f, 0.5f, 0.25f, {0.75, 0.25, 0.125, 0.5, 0.25}},
        {0.125f, 1, 0.5f, 0.25f, {0.75, 0, 0.875, 0.375, 0.125}}, // partly outside
        {2, 0.5f, 0.25f, 0.5f, {0.75, 1, 0.25, 0, 0.5}},          // outside
        {0.5f, 0.5f, -1, 0, {0.75, 0.5, 0.5, 0, 0}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        row[0] = 0.75f;
        memcpy(row + 1, &cases[i].x, 4 * sizeof *row);
        ask_sight sight = ask_sights_at(&s, o.model, 1, 2);
        assert_memory_equal(&sight, &cases[i].is, sizeof sight);
    }
    for (int k = 1; k < TINY_SIGHTS; k++) // the surest first
        assert_true(ask_sights_at(&s, o.model, 0, k).seen <=
                    ask_sights_at(&s, o.model, 0, k - 1).seen);
    ask_sights_free(&s);
    memory_model_close(&o);
}

/* ---- memories ---- */

/* The same memory as a graph that is built by hand. */
typedef struct {
    float *records, *toy_sights;
    int64_t *events;
    uint8_t *mask;
} by_hand;

static by_hand remember(const memory_model *o, const ask_sights *s, const bool *shown)
{
    uint8_t mask[TINY_ALL_SIGHTS];
    for (int i = 0; i < TINY_ALL_SIGHTS; i++) mask[i] = shown[i / TINY_SIGHTS];
    ask_graph *g = test_graph();
    const ask_timeline_sights in = {
        .sights = INPUT(g, 1, TINY_ALL_SIGHTS, (int64_t)tiny_memory_sight_width(o)),
        .features = INPUT(g, 1, TINY_ALL_SIGHTS, 8),
        .mask = ask_input(g, ASK_BOOL, DIMS(1, TINY_ALL_SIGHTS)),
    };
    ask_timeline_memory m;
    ask_timeline_glance_build(&m, g, &tiny_memory_net(o)->glance, &in, NULL);
    ask_tensor *out[] = {m.records, m.toy_sights, m.events, m.mask};
    for (size_t i = 0; i < TEST_COUNT(out); i++) ask_keep(g, out[i]);
    test_plan(g, o->model->backend);
    test_put(in.sights, s->rows);
    test_put(in.features, s->features);
    test_put(in.mask, mask);
    test_run(g);
    by_hand h = {test_get(out[0]), test_get(out[1]), test_get(out[2]), test_get(out[3])};
    ask_graph_free(g);
    return h;
}

static void free_by_hand(by_hand *h)
{
    free(h->records);
    free(h->toy_sights);
    free(h->events);
    free(h->mask);
}

static void check_shares(const ask_memory *m, const by_hand *h)
{
    for (int i = 0; i < m->n_slots; i++) {
        const float *shares = m->shares + i * TINY_ALL_SIGHTS;
        for (int k = 0; k < TINY_ALL_SIGHTS; k++) {
            float expected = !h->mask[i] ? 0
                             : i < TINY_EVENTS
                                 ? k == h->events[i]
                                 : h->toy_sights[(i - TINY_EVENTS) * TINY_ALL_SIGHTS + k];
            assert_true(fabsf(shares[k] - expected) < 1e-6f);
        }
    }
}

static void a_memory_of_shown_frames_is_that_of_masked_sights(void **state)
{
    (void)state;
    memory_model o = memory_model_open(tiny_memory_path);
    ask_sights sights = tiny_memory_sights(&o, TINY_FRAMES, 5);
    for (size_t k = 0; k < TEST_COUNT(tiny_memory_shown); k++) {
        const bool *shown = tiny_memory_shown[k];
        ask_memory m = memory_model_remember(o.session, &sights, shown);
        by_hand h = remember(&o, &sights, shown);
        assert_int_equal(m.n_slots, TINY_SLOTS);
        assert_memory_equal(m.records, h.records,
                            TINY_SLOTS * tiny_memory_record_width(&o) * sizeof(float));
        int n_there = 0;
        for (int i = 0; i < TINY_SLOTS; i++) {
            assert_int_equal(m.is_there[i], h.mask[i]);
            n_there += m.is_there[i];
        }
        assert_int_equal(n_there, k == 3 ? TINY_SIGHTS + TINY_TOYS : TINY_SLOTS);
        check_shares(&m, &h);
        free_by_hand(&h);
        ask_memory_free(&m);
        assert_null(m.records);
    }
    ask_sights_free(&sights);
    memory_model_close(&o);
}

static void all_frames_are_shown_where_nothing_is_said(void **state)
{
    (void)state;
    memory_model o = memory_model_open(tiny_memory_path);
    ask_sights sights = tiny_memory_sights(&o, TINY_FRAMES, 6);
    ask_memory a = memory_model_remember(o.session, &sights, NULL);
    ask_memory b = memory_model_remember(o.session, &sights, tiny_memory_shown[0]);
    assert_memory_equal(a.records, b.records,
                        TINY_SLOTS * tiny_memory_record_width(&o) * sizeof(float));
    ask_memory_free(&a);
    ask_memory_free(&b);
    ask_sights_free(&sights);
    memory_model_close(&o);
}

static bool is_name(const ask_timeline_config *c, ask_timeline_kind kind, const char *text)
{
    for (int i = 0; i < c->kinds.n_values[kind]; i++)
        if (strcmp(c->names[kind][i].name, text) == 0) return true;
    return false;
}

static void check_slot(const ask_timeline_config *c, const ask_memory_slot *slot,
                       bool event)
{
    assert_true(slot->confidence > 0 && slot->confidence <= 1);
    assert_true(slot->what_p > 0 && slot->what_p <= 1 + 1e-6);
    assert_true(0 <= slot->start && slot->start <= slot->end && slot->end <= 1);
    assert_true(is_name(c, ASK_KIND_OF_COLOR, slot->color));
    assert_true(is_name(c, ASK_KIND_OF_SHAPE, slot->shape));
    assert_true(is_name(c, ASK_KIND_OF_SIZE, slot->size));
    assert_true(is_name(c, ASK_KIND_OF_TEXTURE, slot->texture));
    assert_true(event ? is_name(c, ASK_KIND_OF_EVENT, slot->what) : !slot->what);
    bool pushes = slot->what && strcmp(slot->what, "pushes") == 0;
    bool turns = slot->what && strcmp(slot->what, "turns") == 0;
    assert_true(!slot->other_color == !pushes && !slot->other_shape == !pushes);
    if (pushes) assert_true(is_name(c, ASK_KIND_OF_COLOR, slot->other_color));
    if (pushes) assert_true(is_name(c, ASK_KIND_OF_SHAPE, slot->other_shape));
    if (turns) assert_non_null(slot->later_color);
    if (event && !turns) assert_null(slot->later_color);
    if (slot->later_color) assert_true(is_name(c, ASK_KIND_OF_COLOR, slot->later_color));
}

static void slots_are_told_in_the_names_of_the_configuration(void **state)
{
    (void)state;
    memory_model o = memory_model_open(tiny_memory_path);
    for (uint64_t seed = 0; seed < 20; seed++) {
        ask_memory m = tiny_memory_of_seed(&o, seed);
        for (int i = 0; i < TINY_SLOTS; i++) {
            check_slot(&tiny_memory_net(&o)->config, &m.slots[i], i < TINY_EVENTS);
            double sum = 0;
            for (int k = 0; k < TINY_ALL_SIGHTS; k++)
                sum += m.shares[i * TINY_ALL_SIGHTS + k];
            assert_true(fabs(sum - 1) < 1e-6);
        }
        for (int i = 1; i < TINY_EVENTS; i++)
            assert_true(m.slots[i - 1].start <= m.slots[i].start);
        ask_memory_free(&m);
    }
    memory_model_close(&o);
}

/* A record that is written by hand. */
static void a_slot_says_what_is_likeliest_in_its_record(void **state)
{
    (void)state;
    memory_model o = memory_model_open(tiny_memory_path);
    const ask_timeline_kinds *k = &tiny_memory_net(&o)->config.kinds;
    float record[64] = {0};
    const struct {
        ask_record_field field;
        int at;
        float value;
    } numbers[] = {
        {ASK_RECORD_CONFIDENCE, 0, 0.75f},  {ASK_RECORD_CLASS, 1, 0.625f},
        {ASK_RECORD_CLASS, 0, 0.375f},      {ASK_RECORD_COLOR, 2, 0.5f},
        {ASK_RECORD_SHAPE, 1, 0.5f},        {ASK_RECORD_SIZE, 1, 0.5f},
        {ASK_RECORD_TEXTURE, 0, 0.5f},      {ASK_RECORD_OTHER_COLOR, 1, 0.125f},
        {ASK_RECORD_OTHER_SHAPE, 1, 0.25f}, {ASK_RECORD_LATER_COLOR, 1, 0.875f},
        {ASK_RECORD_SPAN, 0, -0.25f},       {ASK_RECORD_SPAN, 1, 0.5f},
        {ASK_RECORD_PLACES, 0, 0.125f},     {ASK_RECORD_PLACES, 1, 0.25f},
        {ASK_RECORD_PLACES, 2, 1.5f},       {ASK_RECORD_PLACES, 3, 0.5f},
    };
    for (size_t i = 0; i < TEST_COUNT(numbers); i++)
        record[ask_record_field_of(k, numbers[i].field).begin + numbers[i].at] =
            numbers[i].value;
    ask_memory_slot s = timeline_read_slot(o.model->net, record);
    assert_true(s.confidence == 0.75 && s.what_p == 0.625);
    assert_string_equal(s.what, "pushes");
    assert_string_equal(s.color, "blue");
    assert_string_equal(s.shape, "star");
    assert_string_equal(s.size, "large");
    assert_string_equal(s.texture, "plain");
    assert_string_equal(s.other_color, "green");
    assert_string_equal(s.other_shape, "star");
    assert_null(s.later_color); // pushing changes none
    assert_true(s.start == 0 && s.end == 0.5);
    assert_true(s.from_x == 0.125 && s.from_y == 0.25 && s.to_x == 1.5 && s.to_y == 0.5);

    record[ask_record_field_of(k, ASK_RECORD_CLASS).begin + 3] = 1; // a thing
    s = timeline_read_slot(o.model->net, record);
    assert_null(s.what);
    assert_null(s.other_color);
    assert_string_equal(s.later_color, "green");
    record[ask_record_field_of(k, ASK_RECORD_LATER_COLOR).begin + 1] = 0.25f;
    assert_null(timeline_read_slot(o.model->net, record).later_color);
    memory_model_close(&o);
}

static void without_a_shown_frame_nothing_is_remembered(void **state)
{
    (void)state;
    static const bool none[TINY_FRAMES] = {false};
    memory_model o = memory_model_open(tiny_memory_path);
    ask_recalled r[2];
    for (int k = 0; k < 2; k++) {
        ask_sights sights = tiny_memory_sights(&o, TINY_FRAMES, 7 + (uint64_t)k);
        ask_memory m = memory_model_remember(o.session, &sights, none);
        for (int i = 0; i < TINY_SLOTS; i++) {
            assert_false(m.is_there[i]);
            assert_true(m.slots[i].confidence == 0);
        }
        for (int i = 0; i < TINY_SLOTS * TINY_ALL_SIGHTS; i++)
            assert_true(m.shares[i] == 0);
        r[k] = memory_model_recall(o.session, &m, "what jumps?", NULL, 0);
        assert_true(r[k].pointer[TINY_SLOTS] == 1);
        ask_memory_free(&m);
        ask_sights_free(&sights);
    }
    assert_memory_equal(r[0].scores, r[1].scores, TINY_ANSWERS * sizeof(double));
    ask_recalled_free(&r[0]);
    ask_recalled_free(&r[1]);
    memory_model_close(&o);
}

/* What is not shown changes no event that is. */
static void hidden_frames_do_not_matter_to_events(void **state)
{
    (void)state;
    const bool *shown = tiny_memory_shown[1];
    memory_model o = memory_model_open(tiny_memory_path);
    ask_sights sights = tiny_memory_sights(&o, TINY_FRAMES, 8),
               others = tiny_memory_sights(&o, TINY_FRAMES, 9);
    const size_t half = TINY_FRAMES / 2 * TINY_SIGHTS;
    ask_memory a = memory_model_remember(o.session, &sights, shown);
    memcpy(sights.rows + half * tiny_memory_sight_width(&o), others.rows,
           half * tiny_memory_sight_width(&o) * sizeof(float));
    memcpy(sights.features + half * 8, others.features, half * 8 * sizeof(float));
    ask_memory b = memory_model_remember(o.session, &sights, shown);
    assert_memory_equal(a.records, b.records,
                        TINY_EVENTS * tiny_memory_record_width(&o) * sizeof(float));
    for (int i = 0; i < TINY_SLOTS; i++)
        for (int k = (int)half; k < TINY_ALL_SIGHTS; k++)
            assert_true(a.shares[i * TINY_ALL_SIGHTS + k] == 0);
    ask_memory_free(&a);
    ask_memory_free(&b);
    ask_sights_free(&sights);
    ask_sights_free(&others);
    memory_model_close(&o);
}

static void another_number_of_frames_is_refused(void **state)
{
    (void)state;
    memory_model o = memory_model_open(tiny_memory_path);
    for (int n = TINY_FRAMES - 1; n <= TINY_FRAMES + 1; n += 2) {
        ask_sights sights = tiny_memory_sights(&o, n, 15);
        ask_error err = {0};
        ask_memory m = {.n_slots = 77};
        assert_false(ask_memory_make(&m, o.session, &sights, NULL, NULL, &err));
        assert_int_equal(err.code, ASK_ERR_USAGE);
        assert_non_null(strstr(err.message, "frames, but a memory is made of 6"));
        assert_int_equal(m.n_slots, 77);
        ask_sights_free(&sights);
    }
    memory_model_close(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_tells_what_it_remembers),
        cmocka_unit_test(other_networks_remember_nothing),
        cmocka_unit_test(a_frame_has_the_same_bits_in_every_batch),
        cmocka_unit_test(sights_are_told_with_boxes_in_the_picture),
        cmocka_unit_test(a_memory_of_shown_frames_is_that_of_masked_sights),
        cmocka_unit_test(all_frames_are_shown_where_nothing_is_said),
        cmocka_unit_test(slots_are_told_in_the_names_of_the_configuration),
        cmocka_unit_test(a_slot_says_what_is_likeliest_in_its_record),
        cmocka_unit_test(without_a_shown_frame_nothing_is_remembered),
        cmocka_unit_test(hidden_frames_do_not_matter_to_events),
        cmocka_unit_test(another_number_of_frames_is_refused),
    };
    return cmocka_run_group_tests_name("memory", tests, make_tiny_memory,
                                       remove_tiny_memory);
}
