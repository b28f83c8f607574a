/* What a run asks of a playroom, against the truth of its clips; baselines that learn. */
#include "eval/item.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/learnt.h"
#include "eval/set_priv.h"
#include "support/layouts.h"
#include "support/playroom_model.h"
#include "support/testing.h"

enum { N_CLIPS = 6 };

static layouts_world world;

static int set_up(void **state)
{
    (void)state;
    layouts_make(&world, ASK_SPLIT_VAL, N_CLIPS, "star,nextqa");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    layouts_free(&world);
    return 0;
}

static ask_eval_set *open_world(const char *dir, int64_t n_most)
{
    ask_error err = {0};
    const ask_eval_set_options o = {.struct_size = sizeof o, .n_most = n_most};
    ask_eval_set *s = ask_eval_set_open("playroom", dir, NULL, &o, &err);
    CHECK_OK(s, &err);
    return s;
}

/* The question of a clip that an item asks. */
static const ask_world_question *question_of(const ask_world_clip **clip,
                                             const ask_eval_item *item)
{
    *clip = &world.clips[atoi(item->record.video)];
    for (int k = 0; k < (*clip)->n_questions; k++)
        if (strcmp(item->record.question, (*clip)->questions[k].text) == 0)
            return &(*clip)->questions[k];
    fail_msg("%s: no such question", item->record.id);
    return NULL;
}

static void check_moment(const ask_eval_item *item, const ask_world_question *q)
{
    const ask_data_record *r = &item->record;
    bool there = q->moment.begin < q->moment.end;
    assert_int_equal(r->n_windows, there);
    assert_int_equal(item->judged, q->judged);
    if (!there) return;
    assert_true(fabs(r->windows[0].start_s * 12 - q->moment.begin) < 1e-9);
    assert_true(fabs(r->windows[0].end_s * 12 - q->moment.end) < 1e-9);
}

static void check_targets(const ask_eval_item *item, const ask_world_clip *c,
                          const ask_world_question *q)
{
    assert_int_equal(item->has_targets, q->n_objects > 0);
    for (int t = 0; t < c->scene.n_frames && q->n_objects > 0; t++) {
        ask_box boxes[ASK_QUESTION_MOST_OBJECTS];
        int n = ask_eval_boxes_at(boxes, item->targets, t / 12.0), n_seen = 0;
        for (int k = 0; k < q->n_objects; k++) {
            const ask_toy_view *v = &c->views[t].toys[q->objects[k]];
            if (v->x1 <= v->x0) continue;
            assert_true(boxes[n_seen].left * 128 == v->x0);
            assert_true(boxes[n_seen++].bottom * 128 == v->y1);
        }
        assert_int_equal(n, n_seen);
    }
}

/* What happens in the part that is asked about, and as far as it shows it. */
static void check_events(const ask_eval_item *item, const ask_world_clip *c,
                         const ask_world_question *q)
{
    int n = 0;
    for (int i = 0; i < c->scene.n_events; i++) {
        const ask_event *e = &c->scene.events[i];
        if (e->begin >= q->until) continue;
        const int end = e->end < q->until ? e->end : q->until;
        assert_string_equal(item->events[n].label, ask_event_name(e->kind));
        assert_true(fabs(item->events[n].at.start_s * 12 - e->begin) < 1e-9);
        assert_true(fabs(item->events[n++].at.end_s * 12 - end) < 1e-9);
    }
    assert_int_equal(item->n_events, n);
}

static bool has_tag(const ask_eval_item *item, const char *group, const char *name)
{
    for (int i = 0; i < item->record.n_tags; i++)
        if (strcmp(item->record.tags[i].group, group) == 0 &&
            strcmp(item->record.tags[i].name, name) == 0)
            return true;
    return false;
}

static void check_choice(const ask_eval_item *item, const ask_world_question *q)
{
    const ask_data_record *r = &item->record;
    assert_int_equal(r->answer_index, q->answer);
    assert_true(item->knows_denials);
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        assert_string_equal(r->options[i], q->options[i].text);
        assert_int_equal(item->denies >> i & 1, q->options[i].denies);
    }
    assert_int_equal(item->absent, q->options[q->answer].denies);
}

static void check_open(const ask_eval_item *item, const ask_world_question *q)
{
    const ask_data_record *r = &item->record;
    const char *truth = ask_question_open_answer(q);
    assert_false(q->ambiguous);
    assert_int_equal(r->n_options, 0);
    if (r->kind == ASK_DATA_COUNT)
        assert_int_equal(r->count, atoi(truth));
    else
        assert_string_equal(r->answer, truth);
    assert_int_equal(item->absent, q->options[q->answer].denies);
    assert_true(!item->absent || item->denial);
}

static void a_full_world_asks_with_options_and_without(void **state)
{
    (void)state;
    ask_eval_set *s = open_world(world.dir, 0);
    size_t n, n_kinds[ASK_DATA_N_KINDS] = {0}, n_questions = 0, n_parts = 0;
    const ask_eval_item *items = ask_eval_set_items(s, &n);
    for (size_t i = 0; i < n; i++) {
        const ask_world_clip *c;
        const ask_world_question *q = question_of(&c, &items[i]);
        check_moment(&items[i], q);
        check_targets(&items[i], c, q);
        check_events(&items[i], c, q);
        assert_true(has_tag(&items[i], "family", ask_family_of(q->family).name));
        assert_true(has_tag(&items[i], "held_out", "no")); // only the test split has it
        char clutter[8];
        snprintf(clutter, sizeof clutter, "%d", c->scene.clutter);
        assert_true(has_tag(&items[i], "clutter", clutter));
        assert_true(has_tag(&items[i], "clutter", "0-1") == (c->scene.clutter <= 1));
        n_parts += items[i].record.has_clip;
        assert_string_equal(ask_eval_type(&items[i]), ask_question_type_name(q->type));
        if (items[i].record.kind == ASK_DATA_CHOICE)
            check_choice(&items[i], q);
        else
            check_open(&items[i], q);
        n_kinds[items[i].record.kind]++;
    }
    assert_true(n_parts > 0);
    size_t n_open = 0, n_ambiguous = 0;
    for (int i = 0; i < N_CLIPS; i++) {
        const ask_world_clip *c = &world.clips[i];
        n_questions += (size_t)c->n_questions;
        for (int k = 0; k < c->n_questions; k++) {
            n_open += ask_question_is_open(&c->questions[k], c->scene.n_frames);
            n_ambiguous += c->questions[k].ambiguous;
        }
    }
    assert_int_equal(n_kinds[ASK_DATA_CHOICE], n_questions);
    assert_int_equal(n_kinds[ASK_DATA_OPEN] + n_kinds[ASK_DATA_COUNT], n_open);
    assert_true(n_ambiguous > 0); // so that leaving them out is seen
    assert_true(n_kinds[ASK_DATA_OPEN] > 0 && n_kinds[ASK_DATA_COUNT] > 0);
    assert_string_equal(ask_eval_set_split(s), "val");
    ask_eval_set_close(s);
    s = open_world(world.dir, 5);
    ask_eval_set_items(s, &n);
    assert_int_equal(n, 5);
    ask_eval_set_close(s);
}

/* A scene with a toy of a pair that only the test split has. */
static ask_scene odd_scene(int *odd, int *other)
{
    ask_scene s = {.full = true, .clutter = 2, .n_toys = 2, .n_frames = 60};
    *odd = 0;
    *other = 1;
    for (int color = 0; color < ASK_N_COLORS; color++)
        for (int shape = 0; shape < ASK_N_SHAPES; shape++) {
            bool held_out = ask_pair_is_held_out((ask_toy_color)color, (ask_shape)shape);
            s.toys[held_out ? *odd : *other].color = (ask_toy_color)color;
            s.toys[held_out ? *odd : *other].shape = (ask_shape)shape;
        }
    return s;
}

static ask_world_question about(ask_family family)
{
    ask_world_question q = {.type = ask_family_of(family).type,
                            .family = family,
                            .subject = ask_phrase_any(),
                            .asked = ask_deed_none(),
                            .until = 60};
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        q.options[i].phrase = ask_phrase_any();
        q.options[i].deed = ask_deed_none();
    }
    return q;
}

static bool is_held_out(const ask_scene *s, const ask_world_question *q)
{
    ask_arena *room = ask_arena_new(0);
    ask_eval_item item = {0};
    assert_non_null(room);
    assert_true(set_tags_of(&item.record, s, q, room));
    bool yes = has_tag(&item, "held_out", "yes");
    assert_true(yes != has_tag(&item, "held_out", "no"));
    ask_arena_free(room);
    return yes;
}

static void a_question_about_what_only_the_test_split_has_is_marked(void **state)
{
    (void)state;
    int odd, other;
    ask_scene s = odd_scene(&odd, &other);
    ask_world_question q = about(ASK_FAMILY_NEXT);
    assert_false(is_held_out(&s, &q));
    q.asked = (ask_deed){(int8_t)other, ASK_JUMP, ASK_ANY};
    assert_false(is_held_out(&s, &q));
    q.asked.toy = (int8_t)odd;
    assert_true(is_held_out(&s, &q));
    q.asked = ask_deed_none();
    q.options[1].deed = (ask_deed){(int8_t)odd, ASK_JUMP, ASK_ANY};
    assert_false(is_held_out(&s, &q)); // a wrong option
    q.answer = 1;
    assert_true(is_held_out(&s, &q));
    q.options[1].deed = (ask_deed){(int8_t)other, ASK_HIT, (int8_t)odd};
    assert_true(is_held_out(&s, &q)); // that it hits

    q = about(ASK_FAMILY_SIZE);
    q.n_objects = 1;
    q.objects[0] = other;
    assert_false(is_held_out(&s, &q));
    q.objects[0] = odd;
    assert_true(is_held_out(&s, &q));
    q.n_objects = 0;
    q.subject.color = (int8_t)s.toys[odd].color;
    assert_false(is_held_out(&s, &q)); // of any shape
    q.subject.shape = (int8_t)s.toys[odd].shape;
    assert_true(is_held_out(&s, &q));

    q = about(ASK_FAMILY_ACTION); // jumping hearts, and no others
    s.toys[other].shape = ASK_HEART;
    for (int c = 0; ask_pair_is_held_out(s.toys[other].color, ASK_HEART); c++)
        s.toys[other].color = (ask_toy_color)c;
    q.options[0].deed = (ask_deed){(int8_t)other, ASK_SHAKE, ASK_ANY};
    assert_false(is_held_out(&s, &q));
    q.options[0].deed.kind = ASK_JUMP;
    assert_true(is_held_out(&s, &q));
    q.options[0].deed.kind = ASK_SHAKE;
    s.events[s.n_events++] = (ask_event){.kind = ASK_TURN, .toy = other};
    for (int c = 0; !ask_pair_is_held_out(s.events[0].to_color, ASK_HEART); c++)
        s.events[0].to_color = (ask_toy_color)c;
    assert_true(is_held_out(&s, &q)); // what it becomes
}

/* The classes of a layout, as a model has them that learnt from it. */
static void check_classes(const char *set, const char *folder, const char *events,
                          const ask_eval_item *item)
{
    ask_error err = {0};
    ask_data_options o = ask_data_defaults();
    char path[256];
    snprintf(path, sizeof path, "%s", layouts_path(&world, "%s", folder));
    o.events = events ? layouts_path(&world, "%s", events) : NULL;
    ask_dataset *d = ask_dataset_open(set, path, "val", &o, &err);
    CHECK_OK(d, &err);
    int n;
    const char *const *names = ask_dataset_classes(d, &n);
    assert_int_equal(n, ASK_N_EVENTS);
    for (int i = 0; i < n; i++)
        assert_string_equal(item->event_name(names[i]), ask_event_name((ask_event_kind)i));
    ask_dataset_close(d);
}

static void classes_of_all_layouts_are_the_events_of_a_playroom(void **state)
{
    (void)state;
    ask_eval_set *s = open_world(world.dir, 1);
    size_t n;
    const ask_eval_item *item = ask_eval_set_items(s, &n);
    check_classes("star-lines", "star/txt_db", NULL, item);
    check_classes("nextqa", "nextqa", "nextqa/events.json", item);
    assert_string_equal(item->event_name("A toy jumps"), "jumps");
    assert_string_equal(item->event_name("v003 o007"), "v003 o007"); // none of ours
    ask_eval_set_close(s);
}

static void a_simple_world_denies_by_no_phrase(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    playroom_world_write(test_path(dir, "w"), 3, 4);
    ask_eval_set *s = open_world(test_path(dir, "w"), 0);
    size_t n, n_absent = 0;
    const ask_eval_item *items = ask_eval_set_items(s, &n);
    for (size_t i = 0; i < n; i++) {
        bool absent = strcmp(ask_eval_type(&items[i]), "absent") == 0;
        CHECK_CASE(items[i].record.id, items[i].absent == absent);
        n_absent += absent;
        if (absent) assert_non_null(items[i].denial);
    }
    assert_true(n_absent > 0);
    ask_eval_set_close(s);
    test_temp_dir_remove(dir);
}

static void published_sets_are_asked_as_they_are_read(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_eval_set *s = ask_eval_set_open("star-lines", layouts_path(&world, "star/txt_db"),
                                        "val", NULL, &err);
    CHECK_OK(s, &err);
    size_t n;
    const ask_eval_item *items = ask_eval_set_items(s, &n);
    assert_true(n > 0 && items[0].n_events > 0);
    for (int i = 0; i < items[0].n_events; i++)
        assert_true(items[0].events[i].at.end_s <= items[0].record.events_s + 1e-9);
    ask_eval_set_close(s);
    assert_null(ask_eval_set_open("playroom", world.dir, "test", NULL, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(strstr(err.message, "is a world of the split val, not of test"));
}

static void tasks_are_the_playroom_and_all_sets(void **state)
{
    (void)state;
    assert_string_equal(ask_eval_task_at(0), "playroom");
    size_t n = 0;
    ask_data_set_info info;
    while (ask_eval_task_at(n)) n++;
    assert_false(ask_data_set_at(&info, n - 1));
    assert_true(ask_data_set_at(&info, n - 2));
}

/* ---- baselines that learn ---- */

/* How many of the choices of a set are answered right. */
static size_t count_right(const ask_eval_item *items, size_t n, const ask_eval_item *train,
                          size_t n_train, ask_eval_baseline b)
{
    ask_error err = {0};
    ask_eval_learnt *l = ask_eval_learnt_new(items, n, train, n_train, NULL, &err);
    CHECK_OK(l, &err);
    size_t n_right = 0;
    for (size_t i = 0; i < n; i++) {
        ask_eval_decision d;
        if (!ask_eval_learnt_answer(&d, l, &items[i], b))
            fail_msg("%s: no answer", items[i].record.id);
        n_right += items[i].record.kind == ASK_DATA_CHOICE &&
                   d.choice == items[i].record.answer_index;
    }
    ask_eval_learnt_free(l);
    return n_right;
}

static void who_has_learnt_the_answers_knows_them_and_who_has_not_does_not(void **state)
{
    (void)state;
    ask_eval_set *s = open_world(world.dir, 0);
    size_t n, n_choices = 0;
    const ask_eval_item *items = ask_eval_set_items(s, &n);
    for (size_t i = 0; i < n; i++) n_choices += items[i].record.kind == ASK_DATA_CHOICE;
    const ask_eval_baseline words = ASK_BASELINE_QUESTION_ONLY;
    size_t known = count_right(items, n, items, n, words);
    size_t unknown = count_right(items, n, NULL, 0, words);
    assert_true(known > n_choices * 9 / 10);
    assert_true(unknown < n_choices / 2); // chance is a quarter
    assert_true(count_right(items, n, NULL, 0, ASK_BASELINE_MAJORITY) < n_choices / 2);
    ask_eval_set_close(s);
}

static bool attempt(void *user, ask_error *err)
{
    ask_eval_set *s = ask_eval_set_open("playroom", user, NULL, NULL, err);
    size_t n;
    const ask_eval_item *items = s ? ask_eval_set_items(s, &n) : NULL;
    ask_eval_learnt *l = s ? ask_eval_learnt_new(items, n, NULL, 0, NULL, err) : NULL;
    ask_eval_learnt_free(l);
    ask_eval_set_close(s);
    return l;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    assert_true(test_some_allocs_fail("set", attempt, world.dir) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_world_asks_with_options_and_without),
        cmocka_unit_test(a_question_about_what_only_the_test_split_has_is_marked),
        cmocka_unit_test(classes_of_all_layouts_are_the_events_of_a_playroom),
        cmocka_unit_test(a_simple_world_denies_by_no_phrase),
        cmocka_unit_test(published_sets_are_asked_as_they_are_read),
        cmocka_unit_test(tasks_are_the_playroom_and_all_sets),
        cmocka_unit_test(who_has_learnt_the_answers_knows_them_and_who_has_not_does_not),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
