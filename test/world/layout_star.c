/* Programs of STAR's questions, run on what happens in the clips: they choose the option
 * that is right. */
#include <stdio.h>
#include <string.h>

#include "support/layouts.h"
#include "support/testing.h"

static layouts_world world;

static int set_up(void **state)
{
    (void)state;
    layouts_make(&world, ASK_SPLIT_TRAIN, 16, "star");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    layouts_free(&world);
    return 0;
}

/* ---- a machine with a stack of sets of events ---- */

enum { MOST = 8 };

typedef struct {
    const ask_scene *s;
    unsigned stack[MOST]; // events as bits
    int n;
} machine;

static const char *toy_name(const ask_scene *s, int toy)
{
    static char name[64];
    snprintf(name, sizeof name, "%s %s", ask_color_name(s->toys[toy].color),
             ask_shape_name(s->toys[toy].shape));
    return name;
}

static unsigned those_with(const machine *m, unsigned of, const char *text, bool verb)
{
    unsigned out = 0;
    for (int i = 0; i < m->s->n_events; i++) {
        const ask_event *e = &m->s->events[i];
        const char *is = verb ? ask_event_name(e->kind) : toy_name(m->s, e->toy);
        if ((of >> i & 1) && strcmp(is, text) == 0) out |= 1u << i;
    }
    return out;
}

static unsigned lowest(unsigned events)
{
    return events & -events;
}

static unsigned highest(unsigned events)
{
    while (events & (events - 1)) events &= events - 1;
    return events;
}

static const char *text_at(ask_json_value v, const char *path)
{
    const char *text;
    ask_error err = {0};
    CHECK_OK(ask_json_get_string(&text, v, path, &err), &err);
    return text;
}

static void step(machine *m, ask_json_value v)
{
    const char *f = text_at(v, "function");
    unsigned *top = m->n > 0 ? &m->stack[m->n - 1] : NULL;
    if (strcmp(f, "Situations") == 0) {
        assert_true(m->n < MOST);
        m->stack[m->n++] = (1u << m->s->n_events) - 1;
    } else if (strcmp(f, "Filter_Actions_with_Obj") == 0) {
        *top = those_with(m, *top, text_at(v, "value_input.0"), false);
    } else if (strcmp(f, "Filter_Actions_with_Verb") == 0) {
        *top = those_with(m, *top, text_at(v, "value_input.0"), true);
    } else if (strcmp(f, "Unique") == 0 || strcmp(f, "Query_Earliest_Action") == 0) {
        *top = lowest(*top);
    } else if (strcmp(f, "Query_Latest_Action") == 0) {
        *top = highest(*top);
    } else if (strcmp(f, "Filter_After_Actions") == 0) {
        m->n--;
        m->stack[m->n - 1] = *top ? m->stack[m->n - 1] & ~(*top | (*top - 1)) : 0;
    } else if (strcmp(f, "Filter_Before_Actions") == 0) {
        m->n--;
        m->stack[m->n - 1] = *top ? m->stack[m->n - 1] & (*top - 1) : 0;
    } else if (strcmp(f, "Actions") != 0 && strcmp(f, "Query_Objs") != 0 &&
               strcmp(f, "Query_Actions") != 0) {
        fail_msg("there is no function %s", f);
    }
}

/* The event that a program gives; -1: none. */
static int run(const ask_scene *s, ask_json_value program)
{
    machine m = {.s = s};
    for (size_t i = 0; i < ask_json_count(program); i++)
        step(&m, ask_json_item(program, i));
    assert_int_equal(m.n, 1);
    return m.stack[0] ? __builtin_ctz(m.stack[0]) : -1;
}

/* Whether it is what a choice is equal to: a verb and a toy, or a toy. */
static bool is_equal(const ask_scene *s, int event, ask_json_value choice)
{
    ask_json_value values = ask_json_find(choice, "choice_program.0.value_input");
    size_t n = ask_json_count(values);
    if (event < 0 || n == 0) return false;
    const ask_event *e = &s->events[event];
    assert_string_equal(text_at(choice, "choice_program.0.function"), "Equal");
    bool same_verb = n == 1 || strcmp(text_at(values, "0"), ask_event_name(e->kind)) == 0;
    return same_verb &&
           strcmp(text_at(values, n == 1 ? "0" : "1"), toy_name(s, e->toy)) == 0;
}

/* ---- the questions ---- */

static const ask_scene *scene_of(ask_json_value q)
{
    for (int i = 0; i < world.n_clips; i++)
        if (strcmp(layouts_video(&world, i), text_at(q, "video_id")) == 0)
            return &world.clips[i].scene;
    fail_msg("%s is no clip", text_at(q, "video_id"));
    return NULL;
}

static void check_answer(ask_json_value q, int event)
{
    ask_json_value choices = ask_json_find(q, "choices");
    int n_equal = 0;
    for (size_t i = 0; i < ask_json_count(choices); i++) {
        ask_json_value choice = ask_json_item(choices, i);
        bool right = strcmp(text_at(choice, "choice"), text_at(q, "answer")) == 0;
        bool equal = is_equal(scene_of(q), event, choice);
        bool denies = ask_json_count(ask_json_find(choice, "choice_program")) == 0;
        CHECK_CASE(text_at(q, "question_id"), equal == (right && !denies));
        CHECK_CASE(text_at(q, "question_id"), !(right && denies) || event < 0);
        n_equal += equal;
    }
    CHECK_CASE(text_at(q, "question_id"), n_equal == (event >= 0));
}

static void programs_choose_the_right_option(void **state)
{
    (void)state;
    ask_json *doc = layouts_json(&world, "star/STAR_train.json");
    ask_json_value all = ask_json_root(doc);
    int n_run = 0, n_sequences = 0;
    for (size_t i = 0; i < ask_json_count(all); i++) {
        ask_json_value q = ask_json_item(all, i),
                       program = ask_json_find(q, "question_program");
        bool is_sequence = strncmp(text_at(q, "question_id"), "Sequence", 8) == 0;
        n_sequences += is_sequence;
        CHECK_CASE(text_at(q, "question_id"), is_sequence || ask_json_count(program) == 0);
        if (ask_json_count(program) == 0) continue;
        check_answer(q, run(scene_of(q), program));
        n_run++;
    }
    if (n_run * 10 < n_sequences * 8 || n_run < 15)
        fail_msg("%d programs of %d questions", n_run, n_sequences);
    ask_json_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_choose_the_right_option),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
