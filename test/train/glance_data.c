/* What Glance-Focus is given to learn from: features, ids, labels, events and moments of
 * every layout of questions; the order; and what is wrong with data. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/str.h"
#include "model/feature_file.h"
#include "support/glance_world.h"
#include "support/testing.h"
#include "train/glance_batch.h"

static glance_world world;
static char *dir;

static int set_up(void **state)
{
    (void)state;
    glance_world_make(&world);
    dir = test_temp_dir_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    glance_world_free(&world);
    test_temp_dir_remove(dir);
    return 0;
}

/* ---- opening ---- */

static ask_glance_data_options options_of(const glance_world_set *s, bool supervised)
{
    static char path[512];
    snprintf(path, sizeof path, "%s", glance_world_data(&world, s));
    return (ask_glance_data_options){
        .struct_size = sizeof(ask_glance_data_options),
        .set = s->set,
        .path = path,
        .split = "train",
        .events = supervised ? glance_world_events(&world, s) : NULL,
        .supervised = supervised,
    };
}

static ask_glance_data *opened(const ask_glance_data_options *opt)
{
    ask_error err = {0};
    ask_glance_data *d = ask_glance_data_open(opt, &err);
    if (!d) fail_msg("%s: %s", opt->set, err.message);
    return d;
}

static ask_glance_features_options features_of(const char *path)
{
    return (ask_glance_features_options){.struct_size = sizeof(ask_glance_features_options),
                                         .path = path,
                                         .n_frames = 10,
                                         .cache_bytes = 1 << 20};
}

/* ---- questions ---- */

static const ask_world_clip *clip_of(const ask_data_record *r)
{
    for (int i = 0; i < GLANCE_WORLD_CLIPS; i++)
        if (strcmp(layouts_video(&world.world, i), r->video) == 0)
            return &world.world.clips[i];
    fail_msg("no clip %s", r->video);
    return NULL;
}

/* Those of the clip that begin in the part that the question is about, as shares of it. */
static void check_events(const char *name, const ask_glance_sample *s)
{
    const ask_scene *scene = &clip_of(s->record)->scene;
    double part_s = s->record->events_s;
    int n = 0;
    for (int i = 0; i < scene->n_events; i++) {
        double begin_s = scene->events[i].begin / 12.0, end_s = scene->events[i].end / 12.0;
        if (begin_s >= part_s - 1e-9) continue;
        CHECK_CASE(name, n < s->n_events);
        const ask_data_event *e = &s->events[n++];
        CHECK_CASE(name, e->class_index == (int)scene->events[i].kind);
        CHECK_CASE(name, fabs(e->at.start_s - begin_s / part_s) < 1e-6);
        CHECK_CASE(name, fabs(e->at.end_s - fmin(end_s / part_s, 1)) < 1e-6);
    }
    CHECK_CASE(name, n == s->n_events);
}

static void check_moments(const char *name, const ask_glance_sample *s)
{
    const ask_data_record *r = s->record;
    CHECK_CASE(name, s->n_windows == r->n_windows && s->n_events == r->n_windows);
    for (int i = 0; i < s->n_windows; i++) {
        CHECK_CASE(name, s->windows[i].start_s == r->windows[i].start_s / r->video_s);
        CHECK_CASE(name, s->events[i].at.end_s == s->windows[i].end_s);
        CHECK_CASE(name, s->events[i].class_index == 0);
    }
}

static void events_are_those_of_the_truth(void **state)
{
    (void)state;
    for (int i = 0; i < n_glance_world_sets; i++) {
        const glance_world_set *set = &glance_world_sets[i];
        ask_glance_data_options opt = options_of(set, true);
        ask_glance_data *d = opened(&opt);
        size_t n = ask_glance_data_info_of(d).n;
        CHECK_CASE(set->set, n > 0 && ask_glance_data_info_of(d).n_classes > 0);
        for (size_t k = 0; k < n; k++) {
            ask_glance_sample s;
            ask_glance_data_get(&s, d, k);
            (set->head == ASK_ANSWER_MOMENT ? check_moments : check_events)(set->set, &s);
        }
        ask_glance_data_close(d);
    }
}

static void check_labels(const glance_world_set *set, const ask_glance_data *d,
                         const char *const *words)
{
    for (size_t k = 0; k < ask_glance_data_info_of(d).n; k++) {
        ask_glance_sample s;
        ask_glance_data_get(&s, d, k);
        const ask_data_record *r = s.record;
        switch (set->head) {
        case ASK_ANSWER_OPTIONS:
            CHECK_CASE(set->set, strcmp(r->options[s.label], r->answer) == 0);
            break;
        case ASK_ANSWER_VOCABULARY:
            CHECK_CASE(set->set, strcmp(words[s.label], r->answer) == 0);
            break;
        case ASK_ANSWER_COUNT:
            CHECK_CASE(set->set, s.label == -1 && s.count == (double)r->count);
            break;
        case ASK_ANSWER_MOMENT:
            CHECK_CASE(set->set, s.label == -1 && isnan(s.count));
            break;
        }
    }
}

static void answers_become_labels(void **state)
{
    (void)state;
    for (int i = 0; i < n_glance_world_sets; i++) {
        const glance_world_set *set = &glance_world_sets[i];
        ask_error err = {0};
        ask_glance_data_options opt = options_of(set, false);
        ask_glance_data *d = opened(&opt);
        const char **words = NULL;
        int n_words = 0;
        size_t n_outside;
        if (set->head == ASK_ANSWER_VOCABULARY)
            CHECK_OK(ask_glance_data_vocabulary(&words, &n_words, d, 100000, &err), &err);
        CHECK_OK(ask_glance_data_label(d, words, n_words, &n_outside, &err), &err);
        CHECK_CASE(set->set, n_outside == 0);
        check_labels(set, d, words);
        free(words);
        ask_glance_data_close(d);
    }
}

/* ---- our own lines: small sets ---- */

static const char *write_lines(const char *text)
{
    static char folder[512];
    snprintf(folder, sizeof folder, "%s/lines", dir);
    test_write_text(test_path(folder, "train.jsonl"), text);
    return folder;
}

static ask_glance_data_options lines_of(const char *text)
{
    return (ask_glance_data_options){.struct_size = sizeof(ask_glance_data_options),
                                     .set = "lines",
                                     .path = write_lines(text),
                                     .split = "train"};
}

static void the_most_frequent_answers_are_the_vocabulary(void **state)
{
    static const char text[] =
        "{\"id\":1,\"video\":\"a\",\"question\":\"q\",\"answer\":\"x\"}\n"
        "{\"id\":2,\"video\":\"a\",\"question\":\"q\",\"answer\":\"y\"}\n"
        "{\"id\":3,\"video\":\"a\",\"question\":\"q\",\"answer\":\"z\"}\n"
        "{\"id\":4,\"video\":\"a\",\"question\":\"q\",\"answer\":\"y\"}\n"
        "{\"id\":5,\"video\":\"a\",\"question\":\"q\",\"answer\":\"z\"}\n";
    static const int labels[] = {-1, 0, 1, 0, 1};
    (void)state;
    ask_error err = {0};
    ask_glance_data_options opt = lines_of(text);
    ask_glance_data *d = opened(&opt);
    const char **words;
    int n;
    size_t n_outside;
    CHECK_OK(ask_glance_data_vocabulary(&words, &n, d, 2, &err), &err);
    assert_int_equal(n, 2);
    assert_string_equal(words[0], "y");
    assert_string_equal(words[1], "z");
    CHECK_OK(ask_glance_data_label(d, words, n, &n_outside, &err), &err);
    assert_int_equal(n_outside, 1);
    for (size_t i = 0; i < TEST_COUNT(labels); i++) {
        ask_glance_sample s;
        ask_glance_data_get(&s, d, i);
        assert_int_equal(s.label, labels[i]);
    }
    free(words);
    ask_glance_data_close(d);
}

#define CHOICE(ID, OPTIONS)                                                                \
    "{\"id\":\"" ID                                                                        \
    "\",\"video\":\"a\",\"question\":\"q\",\"answer\":0,\"options\":[" OPTIONS "]}\n"
#define OPEN(ID) "{\"id\":\"" ID "\",\"video\":\"a\",\"question\":\"q\",\"answer\":\"x\"}\n"

typedef struct {
    const char *name, *lines, *events; // events: the file; NULL: none
    bool supervised, unlisted; // unlisted: there is no list of classes, else one of two
    ask_error_code code;
    const char *says;
} wrong_case;

static const wrong_case wrong_cases[] = {
    {.name = "two kinds",
     .lines = OPEN("1") CHOICE("2", "\"x\",\"y\""),
     .code = ASK_ERR_UNSUPPORTED,
     .says = "question \"2\" is of kind choice, but \"1\" of kind open"},
    {.name = "another number of options",
     .lines = CHOICE("1", "\"x\",\"y\"") CHOICE("2", "\"x\",\"y\",\"z\""),
     .code = ASK_ERR_UNSUPPORTED,
     .says = "question \"2\" has 3 options, but \"1\" has 2"},
    {.name = "an empty split",
     .lines = "",
     .code = ASK_ERR_FORMAT,
     .says = "no questions in it"},
    {.name = "no events",
     .lines = OPEN("1"),
     .supervised = true,
     .code = ASK_ERR_FORMAT,
     .says = "no events are told, which supervised training needs"},
    {.name = "an event outside",
     .lines = OPEN("1"),
     .events = "{\"a\":{\"duration\":5,\"actions\":[[0,1,2],[0,6,7]]}}",
     .supervised = true,
     .code = ASK_ERR_FORMAT,
     .says = "question \"1\": an event from 6 s to 7 s is outside of the 5 s"},
    {.name = "an unknown class",
     .lines = OPEN("1"),
     .events = "{\"1\":{\"duration\":5,\"actions\":[[3,1,2]]}}",
     .supervised = true,
     .code = ASK_ERR_FORMAT,
     .says = "question \"1\": an event of class 3, but there are 2 classes"},
    {.name = "a class that nobody has",
     .lines = OPEN("1"),
     .events = "{\"1\":{\"duration\":5,\"actions\":[[2147483647,1,2]]}}",
     .supervised = true,
     .unlisted = true,
     .code = ASK_ERR_FORMAT,
     .says = "an event of class 2147483647, but there are 65536 classes"},
    {.name = "a moment of a video of no length",
     .lines = "{\"id\":\"1\",\"video\":\"a\",\"question\":\"q\",\"windows\":[[1,2]]}\n",
     .code = ASK_ERR_FORMAT,
     .says = "how long its video is is not told"},
};

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(wrong_cases); i++) {
        const wrong_case *c = &wrong_cases[i];
        ask_error err = {0};
        ask_glance_data_options opt = lines_of(c->lines);
        opt.supervised = c->supervised;
        char events[512];
        snprintf(
            events, sizeof events, "%s",
            test_path(dir, c->unlisted ? "unlisted/events.json" : "listed/events.json"));
        test_write_text(test_path(dir, "listed/action_mapping.txt"), "a000 x\na001 y\n");
        if (c->events) {
            opt.events = events;
            test_write_text(events, c->events);
        }
        ask_glance_data *d = ask_glance_data_open(&opt, &err);
        CHECK_CASE(c->name, !d);
        if (err.code != c->code || !strstr(err.message, c->says))
            fail_msg("case \"%s\": %s", c->name, err.message);
    }
}

/* ---- texts ---- */

/* A tokenizer of the data's texts. */
static ask_tokenizer *learned(const ask_glance_data *d, const char *name, int64_t *n_texts)
{
    ask_error err = {0};
    char *folder = ask_strdup(test_path(dir, name), &err);
    ask_bpe_train_options bpe = ask_bpe_train_defaults();
    ask_bpe_train_result made;
    ask_glance_texts texts = {.data = d};
    bpe.n_tokens = 600;
    CHECK_OK(ask_bpe_train(folder, (ask_text_source){ask_glance_texts_next, &texts}, &bpe,
                           &made, &err),
             &err);
    ask_tokenizer *t = ask_tokenizer_open(folder, &err);
    CHECK_OK(t, &err);
    *n_texts = made.n_texts;
    free(folder);
    return t;
}

static void texts_that_are_too_long_are_named(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_glance_data_options opt =
        lines_of(CHOICE("short", "\"x\",\"y\"") CHOICE("long", "\"x\",\"one two three\""));
    ask_glance_data *d = opened(&opt);
    int64_t n_texts;
    ask_tokenizer *t = learned(d, "words", &n_texts);
    assert_int_equal(n_texts, 6); // two questions, four options
    CHECK_OK(ask_glance_data_encode(d, t, " ", 100, &err), &err);
    int longest = ask_glance_data_info_of(d).n_tokens;
    ask_glance_sample s;
    ask_glance_data_get(&s, d, 0);
    assert_true(s.lengths[0] == 4 && s.lengths[0] < longest); // begin, q, x, end
    assert_false(ask_glance_data_encode(d, t, " ", longest - 1, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_non_null(strstr(err.message, "question \"long\""));
    ask_tokenizer_close(t);
    ask_glance_data_close(d);
}

/* ---- the order ---- */

static void every_epoch_has_every_question_in_an_order_of_its_own(void **state)
{
    enum { N = 37 };
    (void)state;
    ask_error err = {0};
    ask_glance_order a, b;
    size_t first[N];
    int n_same = 0;
    CHECK_OK(ask_glance_order_open(&a, 5, N, &err) && ask_glance_order_open(&b, 5, N, &err),
             &err);
    for (int epoch = 0; epoch < 3; epoch++) {
        bool seen[N] = {false};
        for (int i = 0; i < N; i++) {
            size_t question = ask_glance_order_at(&a, epoch * N + i);
            assert_true(question < N && !seen[question]);
            seen[question] = true;
            if (epoch == 0) first[i] = question;
            if (epoch == 1) n_same += first[i] == question;
        }
    }
    assert_true(n_same < N / 2);
    for (int64_t i = 3 * N - 1; i >= 0; i--) // wherever one begins
        assert_int_equal(ask_glance_order_at(&a, i), ask_glance_order_at(&b, i));
    ask_glance_order_close(&a);
    ask_glance_order_close(&b);
}

/* ---- features ---- */

static void videos_are_read_once_and_kept(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_glance_data_options opt = options_of(&glance_world_sets[0], false);
    ask_glance_data *d = opened(&opt);
    for (int kept = 0; kept < 2; kept++) {
        ask_glance_features_options o = features_of(world.features);
        o.cache_bytes = kept ? 1 << 20 : 0;
        ask_glance_features *f = ask_glance_features_open(&o, &err);
        CHECK_OK(f && ask_glance_data_use_features(d, f, &err), &err);
        CHECK_OK(ask_glance_features_load(f, NULL, NULL, &err), &err);
        const ask_glance_features_info info = ask_glance_features_info_of(f);
        assert_int_equal(info.width, GLANCE_WORLD_WIDTH);
        assert_true(info.n > 0 && info.n <= GLANCE_WORLD_CLIPS);
        assert_int_equal(info.n_kept, kept ? info.n : 0);
        float rows[10 * GLANCE_WORLD_WIDTH], again[10 * GLANCE_WORLD_WIDTH];
        int64_t n, n_again;
        CHECK_OK(ask_glance_features_read(f, 0, rows, &n, &err), &err);
        CHECK_OK(ask_glance_features_read(f, 0, again, &n_again, &err), &err);
        assert_true(n == n_again && n > 0);
        assert_memory_equal(rows, again, sizeof rows);
        ask_glance_features_close(f);
    }
    ask_glance_data_close(d);
}

enum { WIDTH = 3 };

/* A file of `askance features`: n rows, whose first number is their time. */
static void write_video(const char *folder, const char *name, const char *model_id,
                        int64_t width, int n, float first)
{
    ask_error err = {0};
    char path[600];
    float data[64] = {0};
    double t_s[16];
    for (int i = 0; i < n; i++) {
        t_s[i] = i;
        data[i * width] = i ? (float)i : first;
    }
    ask_feature_file file = {
        .origin = {.model_id = model_id,
                   .network = "clip",
                   .layout = "frames",
                   .video = name,
                   .video_id = "0",
                   .video_s = n,
                   .asked = "{}",
                   .plan = "{}"},
        .data = data,
        .n_dims = 2,
        .shape = {n, width},
        .t_s = t_s,
        .n_times = n,
    };
    snprintf(path, sizeof path, "%s/%s.safetensors", folder, name);
    CHECK_OK(ask_feature_file_write(path, &file, &err), &err);
}

static const char *new_store(void)
{
    static char path[512];
    static int n;
    snprintf(path, sizeof path, "%s/store%d", dir, n++);
    test_write_text(test_path(path, "a.txt"), "");
    remove(test_path(path, "a.txt"));
    return path;
}

static void rows_of_the_part_are_taken_by_their_times(void **state)
{
    static const char lines[] =
        "{\"id\":1,\"video\":\"a\",\"question\":\"q\",\"answer\":\"x\"}\n"
        "{\"id\":2,\"video\":\"a\",\"question\":\"q\",\"answer\":\"x\",\"clip\":[2,5]}\n"
        "{\"id\":3,\"video\":\"a\",\"question\":\"q\",\"answer\":\"x\",\"clip\":[3.2,3.4]}"
        "\n";
    static const struct {
        int64_t n;
        float first;
    } rows_are[] = {{8, 0}, {3, 2}, {1, 3}};
    (void)state;
    ask_error err = {0};
    ask_glance_data_options opt = lines_of(lines);
    ask_glance_data *d = opened(&opt);
    const char *store = new_store();
    write_video(store, "a", "m", WIDTH, 8, 0);
    ask_glance_features_options o = features_of(store);
    ask_glance_features *f = ask_glance_features_open(&o, &err);
    CHECK_OK(f && ask_glance_data_use_features(d, f, &err), &err);
    for (size_t i = 0; i < 3; i++) {
        ask_glance_sample s;
        float rows[10 * WIDTH];
        int64_t n;
        ask_glance_data_get(&s, d, i);
        CHECK_OK(ask_glance_features_load(f, NULL, NULL, &err), &err);
        CHECK_OK(ask_glance_features_read(f, s.features, rows, &n, &err), &err);
        assert_int_equal(n, rows_are[i].n);
        assert_true(rows[0] == rows_are[i].first);
    }
    assert_int_equal(ask_glance_features_info_of(f).n, 3);
    ask_glance_features_close(f);
    ask_glance_data_close(d);
}

typedef struct {
    const char *name, *model_id; // of the second video
    int64_t width;
    bool absent;
    ask_error_code code;
    const char *says;
} odd_case;

static const odd_case odd_cases[] = {
    {.name = "no features",
     .absent = true,
     .code = ASK_ERR_IO,
     .says = "has no features of \"b\", which question \"2\" is about"},
    {.name = "another width",
     .model_id = "m",
     .width = 2,
     .code = ASK_ERR_SHAPE,
     .says = "key \"b\": rows of 2 numbers, but others are of 3"},
    {.name = "another model",
     .model_id = "n",
     .width = 3,
     .code = ASK_ERR_UNSUPPORTED,
     .says = "key \"b\": features of model n, but others are of m"},
};

static void features_that_do_not_fit_are_named(void **state)
{
    (void)state;
    ask_glance_data_options opt = lines_of(
        OPEN("1") "{\"id\":\"2\",\"video\":\"b\",\"question\":\"q\",\"answer\":\"x\"}\n");
    ask_glance_data *d = opened(&opt);
    for (size_t i = 0; i < TEST_COUNT(odd_cases); i++) {
        const odd_case *c = &odd_cases[i];
        ask_error err = {0};
        const char *store = new_store();
        write_video(store, "a", "m", WIDTH, 4, 0);
        if (!c->absent) write_video(store, "b", c->model_id, c->width, 4, 0);
        ask_glance_features_options o = features_of(store);
        ask_glance_features *f = ask_glance_features_open(&o, &err);
        CHECK_OK(f, &err);
        CHECK_CASE(c->name, !ask_glance_data_use_features(d, f, &err) ||
                                !ask_glance_features_load(f, NULL, NULL, &err));
        if (err.code != c->code || !strstr(err.message, c->says))
            fail_msg("case \"%s\": %s", c->name, err.message);
        ask_glance_features_close(f);
    }
    ask_glance_data_close(d);
}

/* ---- batches ---- */

/* Seven events, of which class and span tell each other. */
static void of_too_many_events_some_are_drawn_as_they_are(void **state)
{
    enum { SLOTS = 3, EVENTS = 7 };
    (void)state;
    ask_error err = {0};
    ask_glance_data_options opt = lines_of(OPEN("1"));
    opt.supervised = true;
    opt.events = test_path(dir, "many.json");
    test_write_text(opt.events,
                    "{\"a\":{\"duration\":7,\"actions\":[[0,0,1],[1,1,2],[2,2,3],"
                    "[3,3,4],[4,4,5],[5,5,6],[6,6,7]]}}");
    ask_glance_data *d = opened(&opt);
    const char *store = new_store();
    write_video(store, "a", "m", WIDTH, 4, 0);
    ask_glance_features_options o = features_of(store);
    ask_glance_features *f = ask_glance_features_open(&o, &err);
    CHECK_OK(f && ask_glance_data_use_features(d, f, &err), &err);
    CHECK_OK(ask_glance_features_load(f, NULL, NULL, &err), &err);
    int64_t n_texts;
    ask_tokenizer *t = learned(d, "few", &n_texts);
    CHECK_OK(ask_glance_data_encode(d, t, " ", 10, &err), &err);
    const ask_glance_batch_size size = {.n_questions = 2,
                                        .n_texts = 1,
                                        .n_tokens = 10,
                                        .n_frames = 10,
                                        .width = WIDTH,
                                        .n_events = SLOTS};
    ask_glance_batch *b = ask_glance_batch_new(&size, &err);
    CHECK_OK(b, &err);
    bool seen[EVENTS] = {false};
    ask_rng root = ask_rng_new(1);
    for (uint64_t k = 0; k < 40; k++) {
        const ask_rng stream = ask_rng_split_at(&root, k);
        CHECK_OK(ask_glance_batch_fill(b, d, (size_t[]){0}, &stream, 1, &err), &err);
        assert_true(b->n_events[0] == SLOTS && b->n_events[1] == 0 && b->labels[1] == -1);
        for (int i = 0; i < SLOTS; i++) {
            int64_t class = b->classes[i];
            seen[class] = true;
            assert_float_equal(b->spans[2 * i], ((double)class + 0.5) / EVENTS, 1e-6);
            assert_float_equal(b->spans[2 * i + 1], 1.0 / EVENTS, 1e-6);
            for (int j = 0; j < i; j++) assert_true(b->classes[j] != class);
        }
    }
    for (int i = 0; i < EVENTS; i++) assert_true(seen[i]);
    for (int j = 0; j < 10; j++) assert_true(b->frame_mask[j] == (j < 4));
    ask_glance_batch_free(b);
    ask_tokenizer_close(t);
    ask_glance_features_close(f);
    ask_glance_data_close(d);
}

/* ---- memory ---- */

static bool open_all(void *user, ask_error *err)
{
    const ask_glance_data_options *opt = user;
    ask_glance_features_options o = features_of(world.features);
    ask_glance_data *d = ask_glance_data_open(opt, err);
    ask_glance_features *f = d ? ask_glance_features_open(&o, err) : NULL;
    const char **words = NULL;
    int n = 0;
    size_t n_outside;
    bool ok = f && ask_glance_data_use_features(d, f, err) &&
              ask_glance_features_load(f, NULL, NULL, err) &&
              ask_glance_data_vocabulary(&words, &n, d, 100, err) &&
              ask_glance_data_label(d, words, n, &n_outside, err);
    free(words);
    ask_glance_features_close(f);
    ask_glance_data_close(d);
    return ok;
}

static void memory_that_runs_out_is_told(void **state)
{
    (void)state;
    ask_glance_data_options opt = options_of(&glance_world_sets[3], true);
    char *events = ask_strdup(opt.events, NULL);
    opt.events = events;
    assert_true(test_some_allocs_fail("data", open_all, &opt) > 20);
    free(events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_those_of_the_truth),
        cmocka_unit_test(answers_become_labels),
        cmocka_unit_test(the_most_frequent_answers_are_the_vocabulary),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(texts_that_are_too_long_are_named),
        cmocka_unit_test(every_epoch_has_every_question_in_an_order_of_its_own),
        cmocka_unit_test(videos_are_read_once_and_kept),
        cmocka_unit_test(rows_of_the_part_are_taken_by_their_times),
        cmocka_unit_test(features_that_do_not_fit_are_named),
        cmocka_unit_test(of_too_many_events_some_are_drawn_as_they_are),
        cmocka_unit_test(memory_that_runs_out_is_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
