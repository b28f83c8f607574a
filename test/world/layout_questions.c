/* Layouts of questions, read back by the readers of the published sets: the same questions,
 * options, answers and times as in the truth. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "support/layouts.h"
#include "support/testing.h"

static layouts_world train, val, test;

static const char layouts[] = "star,nextqa,tgifqa,qvhighlights,socialiq2,video-chatgpt";

static int set_up(void **state)
{
    (void)state;
    layouts_make(&train, ASK_SPLIT_TRAIN, 2, layouts);
    layouts_make(&val, ASK_SPLIT_VAL, 12, layouts);
    layouts_make(&test, ASK_SPLIT_TEST, 6, layouts);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    layouts_free(&train);
    layouts_free(&val);
    layouts_free(&test);
    return 0;
}

/* ---- the questions of a world that a layout is to have, one after the other ---- */

typedef bool wanted(const ask_world_clip *c, const ask_world_question *q);

typedef struct {
    const layouts_world *world;
    wanted *wants;
    int clip, k; // of the next
    const ask_world_clip *c;
    const ask_world_question *q;
} walk;

static bool next(walk *w)
{
    for (; w->clip < w->world->n_clips; w->clip++, w->k = 0) {
        w->c = &w->world->clips[w->clip];
        while (w->k < w->c->n_questions) {
            w->q = &w->c->questions[w->k++];
            if (w->wants(w->c, w->q)) return true;
        }
    }
    return false;
}

static const char *right(const ask_world_question *q)
{
    return q->options[q->answer].text;
}

static bool is_whole(const ask_world_clip *c, const ask_world_question *q)
{
    return q->until == c->scene.n_frames;
}

static bool same(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

static const char *tag(const ask_data_record *r, const char *group)
{
    for (int i = 0; i < r->n_tags; i++)
        if (strcmp(r->tags[i].group, group) == 0) return r->tags[i].name;
    return "";
}

/* Question, video and the part that it is about. */
static void check_question(const ask_data_record *r, const walk *w)
{
    assert_string_equal(r->question, w->q->text);
    assert_string_equal(r->video, layouts_video(w->world, w->clip));
}

static void check_part(const ask_data_record *r, const walk *w)
{
    assert_true(r->has_clip && r->clip.start_s == 0);
    if (fabs(r->clip.end_s - w->q->until / 12.0) > 1e-6)
        fail_msg("%s ends at %g s", r->id, r->clip.end_s);
}

static void check_four(const ask_data_record *r, const walk *w)
{
    assert_int_equal(r->n_options, 4);
    for (int i = 0; i < 4; i++) assert_string_equal(r->options[i], w->q->options[i].text);
}

/* The four in their order, and the spare one in between. */
static void check_five(const ask_data_record *r, const walk *w)
{
    int k = 0;
    assert_int_equal(r->n_options, 5);
    assert_string_equal(r->answer, right(w->q));
    for (int i = 0; i < 5; i++) {
        if (k < 4 && strcmp(r->options[i], w->q->options[k].text) == 0)
            k++;
        else
            assert_string_equal(r->options[i], w->q->spare);
        for (int j = 0; j < i; j++) assert_string_not_equal(r->options[i], r->options[j]);
    }
    assert_int_equal(k, 4);
}

/* Walks over a set and the truth together. */
typedef void checker(const ask_data_record *r, const walk *w);

static void check_set(const layouts_world *world, const char *set, const char *folder,
                      const char *split, wanted *wants, checker *check)
{
    ask_dataset *d = layouts_read(world, set, folder, split);
    size_t n, i = 0;
    const ask_data_record *records = ask_dataset_records(d, &n);
    for (walk w = {.world = world, .wants = wants}; next(&w); i++) {
        if (i >= n) fail_msg("%s has %zu questions, and more are to be there", set, n);
        check(&records[i], &w);
    }
    if (i != n) fail_msg("%s has %zu questions, not %zu", set, n, i);
    if (n < 5) fail_msg("%s: %zu questions are too few to tell", set, n);
    ask_dataset_close(d);
}

/* ---- STAR ---- */

static bool is_of_star(const ask_world_clip *c, const ask_world_question *q)
{
    (void)c;
    return ask_family_of(q->family).star;
}

static void check_star_head(const ask_data_record *r, const walk *w)
{
    char template[16];
    snprintf(template, sizeof template, "T%d", (int)w->q->family);
    check_question(r, w);
    check_four(r, w);
    assert_string_equal(tag(r, "type"), ask_family_of(w->q->family).star);
    assert_string_equal(tag(r, "template"), template);
}

static void check_star_objects(const ask_data_situation *s, const ask_world_clip *c)
{
    int frame = (int)s->frame - 1, n = 0;
    for (int i = 0; i < c->scene.n_toys; i++) {
        const ask_toy_view *t = &c->views[frame].toys[i];
        if (t->n_px == 0) continue;
        char name[64];
        snprintf(name, sizeof name, "%s %s",
                 ask_color_name(ask_scene_color_of(&c->scene, i, frame)),
                 ask_shape_name(c->scene.toys[i].shape));
        assert_true(n < s->n_objects);
        const ask_data_object *o = &s->objects[n++];
        assert_string_equal(o->name, name);
        assert_true(o->has_box && o->box[0] == t->x0 && o->box[1] == t->y0 &&
                    o->box[2] == t->x1 && o->box[3] == t->y1);
    }
    assert_int_equal(n, s->n_objects);
}

/* Whether the event's toys are told to be in the relation that it is called by. */
static bool tells_relation(const ask_data_situation *s, const ask_scene *scene,
                           const ask_event *e)
{
    for (int k = 0; k < s->n_relations; k++)
        if (strcmp(s->relations[k].name, ask_event_name(e->kind)) == 0)
            return strstr(s->relations[k].subject,
                          ask_shape_name(scene->toys[e->toy].shape)) &&
                   strstr(s->relations[k].object,
                          ask_shape_name(scene->toys[e->other].shape));
    return false;
}

static bool tells_hiding(const ask_data_situation *s)
{
    for (int k = 0; k < s->n_relations; k++)
        if (strcmp(s->relations[k].name, "behind") == 0)
            return strcmp(s->relations[k].object, "screen") == 0;
    return false;
}

/* Actions are the events that go on; who touches whom, or is hidden, is a relation, too. */
static void check_star_deeds(const ask_data_situation *s, const ask_world_clip *c)
{
    int frame = (int)s->frame - 1, n = 0;
    for (int i = 0; i < c->scene.n_events; i++) {
        const ask_event *e = &c->scene.events[i];
        char name[64];
        if (frame < e->begin || frame >= e->end) continue;
        snprintf(name, sizeof name, "A toy %s", ask_event_name(e->kind));
        assert_true(n < s->n_actions);
        assert_string_equal(s->actions[n++], name);
        if (e->kind == ASK_HIT || e->kind == ASK_PUSH)
            assert_int_equal(tells_relation(s, &c->scene, e),
                             frame >= ask_scene_contact(&c->scene, i));
        if (tells_hiding(s) && e->kind == ASK_HIDE)
            assert_int_equal(c->views[frame].toys[e->toy].n_px, 0);
    }
    assert_int_equal(n, s->n_actions);
}

static void check_star(const ask_data_record *r, const walk *w)
{
    check_star_head(r, w);
    check_part(r, w);
    if (w->world->split == ASK_SPLIT_TEST) {
        assert_true(r->answer_index == -1 && !r->answer);
    } else {
        assert_int_equal(r->answer_index, w->q->answer);
        assert_string_equal(r->answer, right(w->q));
    }
    assert_int_equal(r->n_situations, (w->q->until + 5) / 6);
    for (int i = 0; i < r->n_situations; i++) {
        assert_int_equal(r->situations[i].frame, 6 * i + 1);
        assert_true(same(r->situations[i].t_s, i / 2.0));
        check_star_objects(&r->situations[i], w->c);
        check_star_deeds(&r->situations[i], w->c);
    }
}

static void check_star_lines(const ask_data_record *r, const walk *w)
{
    const ask_scene *s = &w->c->scene;
    int n = 0;
    check_star_head(r, w);
    assert_int_equal(r->answer_index, w->q->answer); // also of test files
    assert_true(same(r->events_s, w->q->until / 12.0));
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (e->begin >= w->q->until) continue;
        int end = e->end < w->q->until ? e->end : w->q->until;
        assert_true(n < r->n_events);
        assert_int_equal(r->events[n].class_index, e->kind);
        assert_true(same(r->events[n].at.start_s, e->begin / 12.0) &&
                    same(r->events[n].at.end_s, end / 12.0));
        n++;
    }
    assert_int_equal(n, r->n_events);
}

static void star_is_read_back(void **state)
{
    (void)state;
    check_set(&val, "star", "star", "val", is_of_star, check_star);
    check_set(&test, "star", "star", "test", is_of_star, check_star);
    check_set(&val, "star-lines", "star/txt_db", "val", is_of_star, check_star_lines);
    check_set(&test, "star-lines", "star/txt_db", "test", is_of_star, check_star_lines);
}

static void classes_of_star_are_named_and_end_without_a_line_feed(void **state)
{
    (void)state;
    static const struct {
        const char *file, *begins;
        int n_lines;
    } cases[] = {
        {"star/txt_db/action_mapping.txt", "a000 v000 o000\na001 v001 o000\n",
         ASK_N_EVENTS},
        {"star/STAR_classes/action_classes.txt", "a000 A toy enters\n", ASK_N_EVENTS},
        {"star/STAR_classes/verb_classes.txt", "v000 enters\n", ASK_N_EVENTS},
        {"star/STAR_classes/object_classes.txt", "o000 toy\no001 red ball\n",
         ASK_N_COLORS * ASK_N_SHAPES + 2},
        {"star/STAR_classes/relationship_classes.txt", "r000 hits\n", 3},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        size_t n;
        char *text = test_read(layouts_path(&val, "%s", cases[i].file), &n);
        int n_lines = 1;
        for (size_t k = 0; k < n; k++) n_lines += text[k] == '\n';
        CHECK_CASE(cases[i].file, n > 0 && text[n - 1] != '\n');
        CHECK_CASE(cases[i].file, n_lines == cases[i].n_lines);
        CHECK_CASE(cases[i].file,
                   strncmp(text, cases[i].begins, strlen(cases[i].begins)) == 0);
        free(text);
    }
    ask_dataset *d = layouts_read(&val, "star-lines", "star/txt_db", "val");
    int n_classes;
    ask_dataset_classes(d, &n_classes);
    assert_int_equal(n_classes, ASK_N_EVENTS);
    ask_dataset_close(d);
}

/* ---- events of ours ---- */

static const ask_scene *scene_of(const layouts_world *w, const char *video)
{
    for (int i = 0; i < w->n_clips; i++)
        if (strcmp(layouts_video(w, i), video) == 0) return &w->clips[i].scene;
    fail_msg("there is no clip %s", video);
    return NULL;
}

/* Those of the video, of the part that a record is about. */
static void check_our_events(const ask_data_record *r, const layouts_world *w)
{
    const ask_scene *s = scene_of(w, r->video);
    int n = 0;
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (e->begin / 12.0 >= r->events_s - 1e-9) continue;
        assert_true(n < r->n_events);
        assert_int_equal(r->events[n].class_index, e->kind);
        assert_true(same(r->events[n].at.start_s, e->begin / 12.0));
        n++;
    }
    assert_int_equal(n, r->n_events);
}

static void events_lie_beside_the_questions_of_every_set(void **state)
{
    (void)state;
    static const char *const sets[][2] = {
        {"nextqa", "nextqa"},
        {"tgifqa-count", "tgifqa"},
        {"qvhighlights", "qvhighlights"},
        {"socialiq2", "socialiq2"},
        {"video-chatgpt", "video-chatgpt"},
    };
    for (size_t i = 0; i < TEST_COUNT(sets); i++) {
        ask_error err = {0};
        char path[256], events[256];
        snprintf(path, sizeof path, "%s", layouts_path(&train, "%s", sets[i][1]));
        snprintf(events, sizeof events, "%s",
                 layouts_path(&train, "%s/events.json", sets[i][1]));
        ask_data_options o = ask_data_defaults();
        o.strict = true;
        o.events = events;
        ask_dataset *d = ask_dataset_open(sets[i][0], path, "train", &o, &err);
        CHECK_OK(d, &err);
        size_t n;
        int n_classes;
        const ask_data_record *records = ask_dataset_records(d, &n);
        for (size_t k = 0; k < n; k++) check_our_events(&records[k], &train);
        const char *const *names = ask_dataset_classes(d, &n_classes);
        assert_int_equal(n_classes, ASK_N_EVENTS);
        assert_string_equal(names[ASK_JUMP], "jumps");
        ask_dataset_close(d);
    }
}

/* ---- NExT-QA ---- */

static bool is_of_nextqa(const ask_world_clip *c, const ask_world_question *q)
{
    return ask_family_of(q->family).nextqa && is_whole(c, q);
}

/* Nobody sees the options of an open question. */
static bool is_open(const ask_world_clip *c, const ask_world_question *q)
{
    return is_whole(c, q) && !q->ambiguous && !strstr(q->text, "these");
}

static bool is_open_of_nextqa(const ask_world_clip *c, const ask_world_question *q)
{
    bool of_two = q->type == ASK_QUESTION_ORDER && q->options[q->answer].deed.other >= 0;
    return is_of_nextqa(c, q) && is_open(c, q) && !of_two;
}

static bool has_five_of_nextqa(const ask_world_clip *c, const ask_world_question *q)
{
    return is_of_nextqa(c, q) && q->spare;
}

static void check_nextqa(const ask_data_record *r, const walk *w)
{
    check_question(r, w);
    check_five(r, w);
    assert_string_equal(tag(r, "type"), ask_family_of(w->q->family).nextqa);
}

static void check_nextqa_open(const ask_data_record *r, const walk *w)
{
    check_question(r, w);
    assert_int_equal(r->kind, ASK_DATA_OPEN);
    assert_string_equal(r->answer, ask_question_open_answer(w->q));
    assert_string_equal(tag(r, "type"), ask_family_of(w->q->family).nextqa);
}

static void nextqa_is_read_back(void **state)
{
    (void)state;
    check_set(&val, "nextqa", "nextqa", "val", has_five_of_nextqa, check_nextqa);
    check_set(&test, "nextqa", "nextqa", "test", has_five_of_nextqa, check_nextqa);
    check_set(&val, "nextqa-open", "nextqa", "val", is_open_of_nextqa, check_nextqa_open);
    check_set(&test, "nextqa-open", "nextqa", "test", is_open_of_nextqa, check_nextqa_open);
}

/* All that can be answered, whatever the world. */
static void the_vocabulary_is_the_same_for_all_worlds(void **state)
{
    (void)state;
    size_t n_val, n_test;
    char *of_val = test_read(layouts_path(&val, "nextqa/vocab.json"), &n_val),
         *of_test = test_read(layouts_path(&test, "nextqa/vocab.json"), &n_test);
    assert_true(n_val == n_test && memcmp(of_val, of_test, n_val) == 0);
    free(of_val);
    free(of_test);
    ask_dataset *d = layouts_read(&val, "nextqa-open", "nextqa", "val"); // all are listed
    int n;
    const char *const *answers = ask_dataset_answers(d, &n);
    assert_in_range(n, 2000, 4000);
    for (int i = 1; i < n; i++)
        CHECK_CASE(answers[i], strcmp(answers[i - 1], answers[i]) < 0);
    ask_dataset_close(d);
}

/* ---- TGIF-QA ---- */

static bool is_of_task(const ask_world_clip *c, const ask_world_question *q,
                       const char *task)
{
    const char *is = ask_family_of(q->family).tgif;
    return is && strcmp(is, task) == 0 && is_whole(c, q);
}

static bool is_action(const ask_world_clip *c, const ask_world_question *q)
{
    return is_of_task(c, q, "action") && q->spare;
}

static bool is_transition(const ask_world_clip *c, const ask_world_question *q)
{
    return is_of_task(c, q, "transition") && q->spare;
}

/* How often something is done; not how many do it. */
static bool is_count(const ask_world_clip *c, const ask_world_question *q)
{
    return q->family == ASK_FAMILY_TIMES && is_whole(c, q);
}

static bool is_frame(const ask_world_clip *c, const ask_world_question *q)
{
    return is_of_task(c, q, "frameqa") && is_open(c, q);
}

/* vid_id is the task's word and a number of the question, key a number of the clip; other
 * splits have neither. */
static void check_tgif_ids(const ask_data_record *r, const walk *w, const char *word)
{
    int64_t key = w->clip * ASK_N_SPLITS + (int)w->world->split;
    char id[48], clip[24];
    snprintf(id, sizeof id, "%s%lld", word,
             (long long)(w->c->scene.index * ASK_QUESTIONS_MOST + w->k - 1) * ASK_N_SPLITS +
                 (int)w->world->split);
    snprintf(clip, sizeof clip, "%lld", (long long)key);
    assert_string_equal(r->id, id);
    assert_string_equal(r->features, clip);
}

static void check_tgif_choice(const ask_data_record *r, const walk *w)
{
    check_question(r, w);
    check_tgif_ids(r, w, w->q->family == ASK_FAMILY_REPEATED ? "ACTION" : "TRANS");
    check_five(r, w);
}

static void check_tgif_count(const ask_data_record *r, const walk *w)
{
    check_question(r, w);
    check_tgif_ids(r, w, "COUNT");
    assert_true(r->has_count);
    assert_int_equal(r->count, w->q->options[w->q->answer].number);
}

static void check_tgif_frame(const ask_data_record *r, const walk *w)
{
    static const char *const types[ASK_N_QUESTION_TYPES] = {
        [ASK_QUESTION_COLOR] = "color",
        [ASK_QUESTION_SHAPE] = "object",
        [ASK_QUESTION_LOCATION] = "location",
        [ASK_QUESTION_COUNT] = "number",
    };
    check_question(r, w);
    check_tgif_ids(r, w, "FRAMEQA");
    assert_string_equal(r->answer, ask_question_open_answer(w->q));
    assert_string_equal(tag(r, "type"), types[w->q->type]);
}

static void descriptions_of_tgifqa_are_the_captions_of_the_clips(void **state)
{
    (void)state;
    ask_error err = {0};
    size_t row = 0;
    int column;
    ask_csv *t =
        ask_csv_read(layouts_path(&val, "tgifqa/Test_frameqa_question.csv"), '\t', &err);
    CHECK_OK(t && ask_csv_find_column(&column, t, "description", &err), &err);
    for (walk w = {.world = &val, .wants = is_frame}; next(&w); row++)
        assert_string_equal(ask_csv_cell(t, row, column), w.c->captions.clip);
    assert_int_equal(ask_csv_n_rows(t), row);
    ask_csv_free(t);
}

static void tgifqa_is_read_back(void **state)
{
    (void)state;
    check_set(&val, "tgifqa-action", "tgifqa", "test", is_action, check_tgif_choice);
    check_set(&val, "tgifqa-transition", "tgifqa", "test", is_transition,
              check_tgif_choice);
    check_set(&val, "tgifqa-count", "tgifqa", "test", is_count, check_tgif_count);
    check_set(&val, "tgifqa-frame", "tgifqa", "test", is_frame, check_tgif_frame);
}

/* ---- QVHighlights ---- */

/* Clips of two seconds, as the set has them, that show something of the moment. */
static void check_saliency(const ask_data_record *r, ask_world_moment m)
{
    bool told[8] = {false};
    assert_true(r->n_saliency > 0);
    for (int i = 0; i < r->n_saliency; i++) {
        const ask_data_saliency *s = &r->saliency[i];
        assert_true(s->clip >= 0 && s->clip < (int)(r->video_s / 2) && !told[s->clip]);
        told[s->clip] = true;
        // What is left over at the end is the last clip's.
        int end = 24 * s->clip + 24 + (i == r->n_saliency - 1 ? 23 : 0);
        assert_true(m.begin < end && m.end > 24 * s->clip);
        assert_true(s->scores[0] <= s->scores[1] && s->scores[1] <= s->scores[2]);
        assert_true(s->scores[2] >= 1);
        bool shows_all = m.begin >= 24 * s->clip && m.end <= 24 * s->clip + 24;
        if (shows_all) assert_true(s->scores[0] == 4 && r->n_saliency == 1);
    }
}

static void check_queries(const layouts_world *world, const char *split)
{
    ask_dataset *d = layouts_read(world, "qvhighlights", "qvhighlights", split);
    size_t n, k = 0;
    const ask_data_record *r = ask_dataset_records(d, &n);
    for (int c = 0; c < world->n_clips; c++) {
        for (int i = 0; i < world->clips[c].n_queries; i++) {
            const ask_world_query *q = &world->clips[c].queries[i];
            if (q->moment.begin == q->moment.end) continue;
            assert_true(k < n);
            assert_string_equal(r[k].question, q->text);
            assert_int_equal(r[k].video_s, (world->clips[c].scene.n_frames + 11) / 12);
            assert_true(same(r[k].video_s, (int)r[k].video_s)); // a whole number
            assert_int_equal(r[k].n_windows, world->split != ASK_SPLIT_TEST);
            if (r[k].n_windows == 1) {
                assert_true(same(r[k].windows[0].start_s, q->moment.begin / 12.0) &&
                            same(r[k].windows[0].end_s, q->moment.end / 12.0));
                check_saliency(&r[k], q->moment);
            }
            k++;
        }
    }
    assert_int_equal(k, n);
    ask_dataset_close(d);
}

static void qvhighlights_is_read_back(void **state)
{
    (void)state;
    check_queries(&val, "val");
    check_queries(&test, "test");
}

/* ---- Social-IQ 2.0 ---- */

static bool is_any(const ask_world_clip *c, const ask_world_question *q)
{
    (void)c, (void)q;
    return true;
}

static void check_socialiq2(const ask_data_record *r, const walk *w)
{
    int n_rewritten = 0;
    check_question(r, w);
    check_part(r, w);
    check_four(r, w);
    assert_string_equal(tag(r, "subset"), "youtubeclips");
    if (w->world->split == ASK_SPLIT_TEST) {
        assert_true(r->answer_index == -1 && !r->option_tags);
        return;
    }
    assert_int_equal(r->answer_index, w->q->answer);
    for (int i = 0; i < 4; i++) {
        bool is_corr = strcmp(r->option_tags[i], "corr") == 0;
        assert_int_equal(is_corr, i == w->q->answer);
        n_rewritten += strcmp(r->option_tags[i], "rewrite") == 0;
    }
    assert_int_equal(n_rewritten, 1);
}

static void socialiq2_is_read_back(void **state)
{
    (void)state;
    check_set(&val, "socialiq2", "socialiq2", "val", is_any, check_socialiq2);
    check_set(&test, "socialiq2", "socialiq2", "test", is_any, check_socialiq2);
}

/* ---- Video-ChatGPT ---- */

static const char *text_of(ask_json_value v, const char *path)
{
    const char *text;
    ask_error err = {0};
    CHECK_OK(ask_json_get_string(&text, v, path, &err), &err);
    return text;
}

/* Goes through the truth's open questions and descriptions, and a file's entries. */
typedef void entry_checker(ask_json_value entry, size_t i, const char *video,
                           const char *question, const char *answer);

static void check_entries(const layouts_world *world, const char *file,
                          entry_checker *check)
{
    ask_json *doc = layouts_json(world, file);
    ask_json_value entries = ask_json_root(doc);
    size_t n = 0;
    for (int c = 0; c < world->n_clips; c++) {
        const ask_world_clip *clip = &world->clips[c];
        const char *video = layouts_video(world, c);
        for (int k = 0; k < clip->n_questions; k++) {
            const ask_world_question *q = &clip->questions[k];
            if (!is_open(clip, q)) continue;
            check(ask_json_item(entries, n), n, video, q->text,
                  ask_question_open_answer(q));
            n++;
        }
        check(ask_json_item(entries, n), n, video, "describe the video",
              clip->captions.clip);
        n++;
    }
    assert_int_equal(ask_json_count(entries), n);
    ask_json_free(doc);
}

static void check_source(ask_json_value entry, size_t i, const char *video,
                         const char *question, const char *answer)
{
    (void)i;
    assert_string_equal(text_of(entry, "video_id"), video);
    assert_string_equal(text_of(entry, "q"), question);
    assert_string_equal(text_of(entry, "a"), answer);
}

static void check_training(ask_json_value entry, size_t i, const char *video,
                           const char *question, const char *answer)
{
    char turn[512], features[32];
    snprintf(features, sizeof features, "%s.pkl", video);
    snprintf(turn, sizeof turn, i % 2 ? "<video>\n%s" : "%s\n<video>", question);
    assert_string_equal(text_of(entry, "id"), video);
    assert_string_equal(text_of(entry, "video"), features);
    assert_string_equal(text_of(entry, "conversations.0.from"), "human");
    assert_string_equal(text_of(entry, "conversations.0.value"), turn);
    assert_string_equal(text_of(entry, "conversations.1.from"), "gpt");
    assert_string_equal(text_of(entry, "conversations.1.value"), answer);
}

static void check_benchmark(ask_json_value entry, size_t i, const char *video,
                            const char *question, const char *answer)
{
    (void)i;
    assert_string_equal(text_of(entry, "video_name"), video);
    assert_string_equal(text_of(entry, "Q"), question);
    assert_string_equal(text_of(entry, "A"), answer);
}

static void instructions_are_of_train_and_the_benchmark_of_the_others(void **state)
{
    (void)state;
    check_entries(&train, "video-chatgpt/VideoInstruct.json", check_source);
    check_entries(&train, "video-chatgpt/video_chatgpt_training.json", check_training);
    check_entries(&val, "video-chatgpt/generic_qa.json", check_benchmark);
    check_entries(&test, "video-chatgpt/generic_qa.json", check_benchmark);
    ask_json *doc = layouts_json(&train, "video-chatgpt/generic_qa.json");
    assert_int_equal(ask_json_count(ask_json_root(doc)), 0);
    ask_json_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(star_is_read_back),
        cmocka_unit_test(events_lie_beside_the_questions_of_every_set),
        cmocka_unit_test(classes_of_star_are_named_and_end_without_a_line_feed),
        cmocka_unit_test(nextqa_is_read_back),
        cmocka_unit_test(the_vocabulary_is_the_same_for_all_worlds),
        cmocka_unit_test(tgifqa_is_read_back),
        cmocka_unit_test(descriptions_of_tgifqa_are_the_captions_of_the_clips),
        cmocka_unit_test(qvhighlights_is_read_back),
        cmocka_unit_test(socialiq2_is_read_back),
        cmocka_unit_test(instructions_are_of_train_and_the_benchmark_of_the_others),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
