/* The truth of a clip: to a file and back, and files that are broken. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/rle.h"
#include "support/testing.h"
#include "world/truth_json.h"
#include "world/truth_read.h"

static ask_painter *painter;

static int set_up(void **state)
{
    (void)state;
    ask_error err = {0};
    painter = ask_painter_new(&err);
    return painter ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ask_painter_free(painter);
    return 0;
}

static ask_world_clip clip_of_style(int64_t index, ask_split split, ask_scene_style style)
{
    ask_world_clip c;
    ask_error err = {0};
    CHECK_OK(ask_world_clip_make(&c, painter, 7, index, split, style, &err), &err);
    return c;
}

static ask_world_clip clip_of(int64_t index, ask_split split)
{
    return clip_of_style(index, split, ask_scene_simple());
}

static ask_world_clip full_clip_of(int64_t index)
{
    return clip_of_style(index, ASK_SPLIT_TEST, ask_scene_full());
}

static ask_str text_of(const ask_world_clip *c)
{
    ask_str text = {0};
    ask_error err = {0};
    CHECK_OK(ask_world_clip_write(&text, c, &err), &err);
    return text;
}

static ask_world_clip parsed(const ask_str *text)
{
    ask_world_clip c;
    ask_error err = {0};
    CHECK_OK(ask_world_clip_parse(&c, text->data, text->length, "clip", &err), &err);
    return c;
}

/* ---- there and back ---- */

static void check_phrase(ask_phrase a, ask_phrase b)
{
    assert_true(ask_phrase_equal(a, b));
}

static void check_toys(const ask_scene *a, const ask_scene *b)
{
    assert_int_equal(a->n_toys, b->n_toys);
    for (int i = 0; i < a->n_toys; i++) {
        const ask_toy *x = &a->toys[i], *y = &b->toys[i];
        assert_true(x->shape == y->shape && x->color == y->color && x->size == y->size &&
                    x->texture == y->texture && x->begin == y->begin && x->end == y->end &&
                    x->home_x == y->home_x && x->home_y == y->home_y);
    }
}

static void check_events(const ask_world_clip *a, const ask_world_clip *b)
{
    assert_int_equal(a->scene.n_events, b->scene.n_events);
    for (int i = 0; i < a->scene.n_events; i++) {
        const ask_event *x = &a->scene.events[i], *y = &b->scene.events[i];
        assert_true(x->kind == y->kind && x->toy == y->toy && x->begin == y->begin &&
                    x->end == y->end && x->to_x == y->to_x && x->to_y == y->to_y &&
                    x->amount == y->amount && x->other == y->other &&
                    x->other_x == y->other_x && x->other_y == y->other_y &&
                    x->screen == y->screen && x->to_color == y->to_color);
        assert_string_equal(a->captions.events[i], b->captions.events[i]);
    }
}

static void check_views(const ask_world_clip *a, const ask_world_clip *b)
{
    for (int t = 0; t < a->scene.n_frames; t++) {
        assert_int_equal(a->views[t].frame, b->views[t].frame);
        for (int i = 0; i < a->scene.n_toys; i++)
            assert_memory_equal(&a->views[t].toys[i], &b->views[t].toys[i],
                                sizeof a->views[t].toys[i]);
        assert_memory_equal(a->views[t].ids, b->views[t].ids, sizeof a->views[t].ids);
    }
}

static void check_stage(const ask_scene *a, const ask_scene *b)
{
    assert_true(a->full == b->full && a->clutter == b->clutter &&
                a->n_screens == b->n_screens);
    for (int i = 0; i < a->n_screens; i++)
        assert_true(a->screens[i].x == b->screens[i].x &&
                    a->screens[i].y == b->screens[i].y);
    for (int t = 0; t < a->n_frames; t++)
        assert_true(a->camera[t].x == b->camera[t].x && a->camera[t].y == b->camera[t].y);
}

static void check_deed(ask_deed a, ask_deed b)
{
    assert_true(a.toy == b.toy && a.kind == b.kind && a.other == b.other);
}

static void check_question(const ask_world_question *a, const ask_world_question *b)
{
    assert_true(a->type == b->type && a->family == b->family && a->until == b->until &&
                a->saying == b->saying && a->wording == b->wording &&
                a->answer == b->answer && a->judged == b->judged);
    assert_true(a->moment.begin == b->moment.begin && a->moment.end == b->moment.end);
    assert_string_equal(a->text, b->text);
    check_phrase(a->subject, b->subject);
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        assert_string_equal(a->options[i].text, b->options[i].text);
        assert_int_equal(a->options[i].has_phrase, b->options[i].has_phrase);
        check_phrase(a->options[i].phrase, b->options[i].phrase);
        check_deed(a->options[i].deed, b->options[i].deed);
        assert_int_equal(a->options[i].number, b->options[i].number);
        assert_int_equal(a->options[i].denies, b->options[i].denies);
    }
    check_deed(a->asked, b->asked);
    assert_int_equal(a->n_objects, b->n_objects);
    for (int i = 0; i < a->n_objects; i++) assert_int_equal(a->objects[i], b->objects[i]);
    assert_true(!a->spare == !b->spare);
    if (a->spare) assert_string_equal(a->spare, b->spare);
}

static void check_query(const ask_world_query *a, const ask_world_query *b)
{
    assert_true(a->kind == b->kind && a->judged == b->judged);
    assert_true(a->moment.begin == b->moment.begin && a->moment.end == b->moment.end);
    assert_string_equal(a->text, b->text);
    check_phrase(a->phrase, b->phrase);
}

static void check_same(const ask_world_clip *a, const ask_world_clip *b)
{
    const ask_scene *s = &a->scene, *r = &b->scene;
    assert_true(s->seed == r->seed && s->index == r->index && s->split == r->split &&
                s->n_frames == r->n_frames && s->background == r->background &&
                s->background_seed == r->background_seed);
    check_stage(s, r);
    check_toys(s, r);
    check_events(a, b);
    check_views(a, b);
    assert_string_equal(a->captions.clip, b->captions.clip);
    assert_int_equal(a->n_questions, b->n_questions);
    for (int i = 0; i < a->n_questions; i++)
        check_question(&a->questions[i], &b->questions[i]);
    assert_int_equal(a->n_queries, b->n_queries);
    for (int i = 0; i < a->n_queries; i++) check_query(&a->queries[i], &b->queries[i]);
}

static void what_is_read_is_what_was_made(void **state)
{
    (void)state;
    for (int i = 0; i < 36; i++) {
        ask_world_clip made =
            i < 12 ? clip_of(i, (ask_split)(i % ASK_N_SPLITS)) : full_clip_of(i);
        ask_str text = text_of(&made);
        ask_world_clip read = parsed(&text);
        check_same(&made, &read);
        ask_str again = text_of(&read);
        assert_string_equal(text.data, again.data);
        ask_str_free(&again);
        ask_str_free(&text);
        ask_world_clip_free(&read);
        ask_world_clip_free(&made);
    }
}

/* The hash was computed once; another machine, compiler or instruction set must come to the
 * same. It changes when the world does. */
static void the_truth_is_the_same_bytes_everywhere(void **state)
{
    (void)state;
    uint64_t hash = 0;
    for (int i = 0; i < 6; i++) {
        ask_world_clip c = clip_of(i, (ask_split)(i % ASK_N_SPLITS));
        ask_str text = text_of(&c);
        hash = ask_hash64(text.data, text.length, hash);
        ask_str_free(&text);
        ask_world_clip_free(&c);
    }
    char shown[17];
    snprintf(shown, sizeof shown, "%016llx", (unsigned long long)hash);
    assert_string_equal(shown, "b8c90db93a70dbc3");
}

static void clips_of_a_seed_do_not_depend_on_what_was_made_before(void **state)
{
    (void)state;
    ask_world_clip first = clip_of(5, ASK_SPLIT_TRAIN), other = clip_of(2, ASK_SPLIT_TEST);
    ask_world_clip again = clip_of(5, ASK_SPLIT_TRAIN);
    check_same(&first, &again);
    assert_string_not_equal(first.captions.clip, other.captions.clip);
    ask_world_clip_free(&first);
    ask_world_clip_free(&other);
    ask_world_clip_free(&again);
}

/* ---- the document, as another program reads it ---- */

static int64_t int_at(ask_json_value v, const char *key)
{
    int64_t value;
    ask_error err = {0};
    CHECK_OK(ask_json_get_int(&value, v, key, INT32_MIN, INT32_MAX, &err), &err);
    return value;
}

static double real_at(ask_json_value v, const char *key)
{
    double value;
    ask_error err = {0};
    CHECK_OK(ask_json_get_double(&value, v, key, &err), &err);
    return value;
}

/* The pixels of a mask, added to a picture. */
static void add_mask(uint8_t *picture, ask_json_value frame)
{
    enum { SIDE = ASK_WORLD_SIDE_PX };
    const char *counts;
    ask_error err = {0};
    CHECK_OK(ask_json_get_string(&counts, frame, "mask.counts", &err), &err);
    assert_int_equal(int_at(frame, "mask.size.0"), SIDE);
    assert_int_equal(int_at(frame, "mask.size.1"), SIDE);
    ask_rle rle;
    CHECK_OK(ask_rle_from_string(&rle, counts, SIDE, SIDE, &err), &err);
    uint8_t pixels[SIDE * SIDE];
    ask_rle_decode(pixels, &rle);
    for (int i = 0; i < SIDE * SIDE; i++) picture[i] = (uint8_t)(picture[i] + pixels[i]);
    assert_int_equal(ask_rle_area(&rle), int_at(frame, "visible_px"));
    ask_rle_box box = ask_rle_bounds(&rle);
    assert_true(box.x == int_at(frame, "box.0") && box.y == int_at(frame, "box.1") &&
                box.width == int_at(frame, "box.2") &&
                box.height == int_at(frame, "box.3"));
    ask_rle_free(&rle);
}

static void masks_and_boxes_are_those_of_the_picture(void **state)
{
    (void)state;
    enum { N_PX = ASK_WORLD_SIDE_PX * ASK_WORLD_SIDE_PX };
    ask_world_clip c = clip_of(3, ASK_SPLIT_TEST);
    ask_str text = text_of(&c);
    ask_error err = {0};
    ask_json *doc = ask_json_parse(text.data, text.length, "clip", NULL, &err);
    CHECK_OK(doc, &err);
    uint8_t *pictures = calloc((size_t)c.scene.n_frames, N_PX);
    ask_json_value objects = ask_json_find(ask_json_root(doc), "objects");
    assert_int_equal(ask_json_count(objects), c.scene.n_toys);
    for (size_t i = 0; i < ask_json_count(objects); i++) {
        ask_json_value frames = ask_json_find(ask_json_item(objects, i), "frames");
        assert_true(ask_json_count(frames) > 0);
        for (size_t k = 0; k < ask_json_count(frames); k++) {
            ask_json_value frame = ask_json_item(frames, k);
            add_mask(pictures + N_PX * int_at(frame, "frame"), frame);
        }
    }
    for (int t = 0; t < c.scene.n_frames; t++)
        for (int p = 0; p < N_PX; p++)
            assert_int_equal(pictures[N_PX * t + p], c.views[t].ids[p] != 0);
    free(pictures);
    ask_json_free(doc);
    ask_str_free(&text);
    ask_world_clip_free(&c);
}

static void times_are_frames_of_a_twelfth_of_a_second(void **state)
{
    (void)state;
    ask_world_clip c = clip_of(4, ASK_SPLIT_VAL);
    ask_str text = text_of(&c);
    ask_error err = {0};
    ask_json *doc = ask_json_parse(text.data, text.length, "clip", NULL, &err);
    CHECK_OK(doc, &err);
    ask_json_value root = ask_json_root(doc), events = ask_json_find(root, "events");
    assert_true(real_at(root, "duration_s") == c.scene.n_frames / 12.0);
    assert_in_range(ask_json_count(events), 3, 6);
    for (size_t i = 0; i < ask_json_count(events); i++) {
        ask_json_value e = ask_json_item(events, i);
        assert_true(real_at(e, "start_s") == (double)int_at(e, "begin") / 12.0);
        assert_true(real_at(e, "end_s") == (double)int_at(e, "end") / 12.0);
        assert_true(real_at(e, "end_s") - real_at(e, "start_s") >= 0.8);
    }
    ask_json_free(doc);
    ask_str_free(&text);
    ask_world_clip_free(&c);
}

/* ---- broken files ---- */

/* The text with the first `from` at or after `behind` replaced by `to`. */
static char *changed(const char *text, const char *behind, const char *from, const char *to)
{
    const char *at = behind ? strstr(text, behind) : text;
    at = at ? strstr(at, from) : NULL;
    if (!at) fail_msg("\"%s\" is not in the document", from);
    size_t n = strlen(text) + strlen(to) + 1;
    char *out = malloc(n);
    snprintf(out, n, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return out;
}

typedef struct {
    const char *name, *behind, *from, *to, *message;
    ask_error_code code;
} broken_case;

static void check_broken(const ask_world_clip *c, const broken_case *cases, size_t n)
{
    ask_str text = text_of(c);
    for (size_t i = 0; i < n; i++) {
        char *broken = changed(text.data, cases[i].behind, cases[i].from, cases[i].to);
        ask_world_clip got;
        ask_error err = {0};
        CHECK_CASE(cases[i].name,
                   !ask_world_clip_parse(&got, broken, strlen(broken), "clip", &err));
        if (err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("%s: %s, \"%s\"", cases[i].name, ask_error_name(err.code),
                     err.message);
        free(broken);
    }
    ask_str_free(&text);
}

static void broken_files_are_refused_with_the_place(void **state)
{
    (void)state;
    static const broken_case cases[] = {
        {"not JSON", NULL, "{", "[", "clip:", ASK_ERR_FORMAT},
        {"another schema", NULL, "clip/1", "clip/9", "is not read here",
         ASK_ERR_UNSUPPORTED},
        {"no schema", NULL, "schema", "scheme", "\"schema\"", ASK_ERR_FORMAT},
        {"negative seed", NULL, "\"seed\":7", "\"seed\":-7", "\"seed\"", ASK_ERR_FORMAT},
        {"unknown split", NULL, "\"train\"", "\"trial\"", "\"trial\" is not known here",
         ASK_ERR_FORMAT},
        {"a clip beyond the last", NULL, "\"index\":0", "\"index\":1000000", "\"index\"",
         ASK_ERR_FORMAT},
        {"a clip far beyond it", NULL, "\"index\":0", "\"index\":9223372036854775807",
         "\"index\"", ASK_ERR_FORMAT},
        {"another size", NULL, "\"width\":128", "\"width\":256", "\"width\"",
         ASK_ERR_FORMAT},
        {"no frames", NULL, "\"n_frames\":", "\"n_frames\":0,\"x\":", "\"n_frames\"",
         ASK_ERR_FORMAT},
        {"too many frames", NULL, "\"n_frames\":", "\"n_frames\":97,\"x\":", "\"n_frames\"",
         ASK_ERR_FORMAT},
        {"unknown background", NULL,
         "\"kind\":", "\"kind\":10,\"x\":", "\"background.kind\"", ASK_ERR_FORMAT},
        {"an object out of order", "objects", "\"id\":0", "\"id\":1", "\"objects[0].id\"",
         ASK_ERR_FORMAT},
        {"unknown shape", "objects", "\"shape\":\"", "\"shape\":\"un", "is not known here",
         ASK_ERR_FORMAT},
        {"a visit that never ends", "objects",
         "\"end\":", "\"end\":97,\"x\":", "\"objects[0].end\"", ASK_ERR_FORMAT},
        {"a home of one number", "objects", "\"home\":[", "\"home\":[7],\"x\":[",
         "expected 2 numbers, got 1", ASK_ERR_FORMAT},
        {"a frame beyond the end", "objects", "\"frame\":", "\"frame\":96,\"x\":",
         "\"objects[0].frames[0].frame\"", ASK_ERR_FORMAT},
        {"a frame twice", "\"frame\":1,", "\"frame\":2", "\"frame\":1",
         "\"objects[0].frames[2].frame\"", ASK_ERR_FORMAT},
        {"a box that is not the mask's", "objects", "\"box\":[",
         "\"box\":[0,0,1,1],\"x\":[", "mask, box and visible_px do not agree",
         ASK_ERR_FORMAT},
        {"an area that is not the mask's", "objects", "\"visible_px\":",
         "\"visible_px\":1,\"x\":", "mask, box and visible_px do not agree",
         ASK_ERR_FORMAT},
        {"a mask of another size", "objects", "\"size\":[128,128]", "\"size\":[128,64]",
         "\"objects[0].frames[0].mask.size[1]\"", ASK_ERR_FORMAT},
        {"a mask that is no mask", "objects", "\"counts\":\"", "\"counts\":\"~",
         "\"objects[0].frames[0].mask.counts\"", ASK_ERR_FORMAT},
        {"an event of nobody", "\"events\"",
         "\"object\":", "\"object\":10,\"x\":", "\"events[0].object\"", ASK_ERR_FORMAT},
        {"an event that ends before it begins", "\"events\"",
         "\"end\":", "\"end\":0,\"x\":", "\"events[0].end\"", ASK_ERR_FORMAT},
        {"an event without a caption", "\"events\"", "\"caption\"", "\"x\"",
         "\"events[0].caption\"", ASK_ERR_FORMAT},
        {"unknown type", "\"questions\"", "\"type\":\"", "\"type\":\"un",
         "is not known here", ASK_ERR_FORMAT},
        {"an answer that is no option", "\"questions\"",
         "\"answer\":", "\"answer\":4,\"x\":", "\"questions[0].answer\"", ASK_ERR_FORMAT},
        {"five options", "\"questions\"", "\"options\":[", "\"options\":[{\"text\":\"a\"},",
         "has 5 items, and at most 4", ASK_ERR_FORMAT},
        {"a phrase of an unknown colour", "\"questions\"", "\"phrase\":{",
         "\"phrase\":{\"place\":\"here\",", "\"here\" is not known here", ASK_ERR_FORMAT},
        {"not judged, though short", "\"questions\"", "\"judged\":true", "\"judged\":false",
         "does not fit the moment", ASK_ERR_FORMAT},
        {"unknown kind", "\"queries\"", "\"kind\":\"", "\"kind\":\"un", "is not known here",
         ASK_ERR_FORMAT},
        {"no queries", "\"queries\"", "\"queries\":[", "\"queries\":7,\"x\":[",
         "\"queries\"", ASK_ERR_FORMAT},
    };
    ask_world_clip c = clip_of(0, ASK_SPLIT_TRAIN);
    check_broken(&c, cases, TEST_COUNT(cases));
    ask_world_clip_free(&c);
}

/* The first full clip of the test split in which a toy does so. */
static ask_world_clip full_clip_with(ask_event_kind kind)
{
    for (int index = 0;; index++) {
        ask_world_clip c = full_clip_of(index);
        for (int i = 0; i < c.scene.n_events; i++)
            if (c.scene.events[i].kind == kind) return c;
        ask_world_clip_free(&c);
    }
}

static void broken_files_of_full_worlds_are_refused_too(void **state)
{
    (void)state;
    static const struct {
        ask_event_kind kind; // what happens in the clip
        broken_case broken;
    } cases[] = {
        {ASK_JUMP,
         {"unknown kind of world", NULL, "\"full\"", "\"void\"",
          "\"void\" is not known here", ASK_ERR_FORMAT}},
        {ASK_JUMP,
         {"too much clutter", NULL, "\"clutter\":", "\"clutter\":4,\"x\":", "\"clutter\"",
          ASK_ERR_FORMAT}},
        {ASK_JUMP,
         {"no camera", NULL, "\"camera\"", "\"x\"", "\"camera\"", ASK_ERR_FORMAT}},
        {ASK_JUMP,
         {"a camera of one frame", NULL, "\"camera\":[", "\"camera\":[[0,0]],\"x\":[",
          "expected a place for each of", ASK_ERR_FORMAT}},
        {ASK_JUMP,
         {"a camera far away", NULL, "\"camera\":[[", "\"camera\":[[1", "\"camera[0]",
          ASK_ERR_FORMAT}},
        {ASK_HIDE,
         {"a screen out of order", "screens", "\"id\":0", "\"id\":1", "\"screens[0].id\"",
          ASK_ERR_FORMAT}},
        {ASK_HIDE,
         {"a screen of another size", "screens", "\"size\":[42", "\"size\":[41",
          "\"screens[0].size", ASK_ERR_FORMAT}},
        {ASK_HIDE,
         {"a screen that is not there", "\"hides\"",
          "\"screen\":", "\"screen\":2,\"x\":", ".screen\"", ASK_ERR_FORMAT}},
        {ASK_HIT,
         {"a toy that hits nobody", "\"hits\"", "\"other\":", "\"x\":", ".other\"",
          ASK_ERR_FORMAT}},
        {ASK_HIT,
         {"a knock of one number", "\"hits\"", "\"other_to\":[", "\"other_to\":[7],\"x\":[",
          "expected 2 numbers", ASK_ERR_FORMAT}},
        {ASK_TURN,
         {"an unknown colour", "\"changes colour\"", "\"to_color\":\"", "\"to_color\":\"un",
          "is not known here", ASK_ERR_FORMAT}},
        {ASK_JUMP,
         {"an unknown family", "\"questions\"", "\"family\":\"", "\"family\":\"un",
          "is not known here", ASK_ERR_FORMAT}},
        {ASK_JUMP,
         {"a family of another type", "\"questions\"", "\"type\":\"presence\"",
          "\"type\":\"causal\"", "is of another family", ASK_ERR_FORMAT}},
        {ASK_JUMP,
         {"a question about what is to come", "\"questions\"",
          "\"until\":", "\"until\":97,\"x\":", ".until\"", ASK_ERR_FORMAT}},
        {ASK_JUMP,
         {"an open answer that is wrong", "\"questions\"", "\"open_answer\":\"",
          "\"open_answer\":\"un", "is not the right option", ASK_ERR_FORMAT}},
        {ASK_JUMP,
         {"a toy that is not there", "\"questions\"", "\"objects\":[",
          "\"objects\":[10],\"x\":[", ".objects[0]\"", ASK_ERR_FORMAT}},
        {ASK_HIT,
         {"a deed in a simple world", NULL, "\"kind\":\"full\",", "",
          "no toy of a simple world does so", ASK_ERR_FORMAT}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_world_clip c = full_clip_with(cases[i].kind);
        check_broken(&c, &cases[i].broken, 1);
        ask_world_clip_free(&c);
    }
}

/* Writes a clip, and expects that it is not read. */
static void check_refused(const char *name, const ask_world_clip *c, const char *message)
{
    ask_world_clip got;
    ask_error err = {0};
    ask_str text = text_of(c);
    CHECK_CASE(name, !ask_world_clip_parse(&got, text.data, text.length, "clip", &err));
    if (err.code != ASK_ERR_FORMAT || !strstr(err.message, message))
        fail_msg("%s: %s", name, err.message);
    ask_str_free(&text);
}

/* A question of a full clip that is denied, or is not. */
static int find_question(const ask_world_clip *c, bool denied)
{
    for (int k = 0; k < c->n_questions; k++)
        if (c->questions[k].options[c->questions[k].answer].denies == denied &&
            (denied || c->questions[k].moment.end > 1))
            return k;
    fail_msg("the clip has no such question");
    return -1;
}

static void questions_that_contradict_themselves_are_refused(void **state)
{
    (void)state;
    ask_world_clip c = full_clip_of(0);
    ask_world_question *q = &c.questions[find_question(&c, false)], was = *q;
    q->until = q->moment.end - 1;
    check_refused("beyond its part", &c, "ends behind what the question is about");
    *q = was;
    q = &c.questions[find_question(&c, true)], was = *q;
    q->moment = (ask_world_moment){0, c.scene.n_frames};
    check_refused("a denial that is shown", &c, "shows what the right option denies");
    *q = was;
    was = c.questions[1];
    c.questions[1] = c.questions[0];
    check_refused("twice", &c, "is asked twice");
    c.questions[1] = was;
    ask_str text = text_of(&c);
    ask_world_clip good = parsed(&text); // nothing else is wrong with it
    for (int k = 0; k < c.n_questions; k++)
        assert_int_equal(good.questions[k].ambiguous, c.questions[k].ambiguous);
    ask_world_clip_free(&good);
    ask_str_free(&text);
    ask_world_clip_free(&c);
}

static void events_that_amount_to_too_much_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_event_kind kind;
        int least, most;
    } cases[] = {
        {"jump", ASK_JUMP, 0, 32 * 16}, {"spin", ASK_SPIN, -256, 256},
        {"grow", ASK_GROW, 256, 410},   {"shake", ASK_SHAKE, 0, 5 * 16},
        {"slide", ASK_SLIDE, 0, 0},     {"enter", ASK_ENTER, 0, 0},
        {"turn", ASK_TURN, 0, 0},       {"blink", ASK_BLINK, 0, 0},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_world_clip c = full_clip_with(cases[i].kind);
        ask_event *e = c.scene.events;
        while (e->kind != cases[i].kind) e++;
        CHECK_CASE(cases[i].name,
                   e->amount >= cases[i].least && e->amount <= cases[i].most);
        e->amount = cases[i].most + 1;
        check_refused(cases[i].name, &c, ".amount\"");
        e->amount = cases[i].least - 1;
        check_refused(cases[i].name, &c, ".amount\"");
        ask_world_clip_free(&c);
    }
}

/* Only what happens while a toy is hidden may begin before something else ends. */
static void events_out_of_order_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int begin, end; // of the event after one that hides in [10, 30)
        int toy;
        bool refused;
    } cases[] = {
        {"afterwards", 30, 40, 1, false},     {"meanwhile", 12, 28, 1, false},
        {"beyond it", 12, 31, 1, true},       {"before it", 9, 20, 1, true},
        {"of the same toy", 12, 28, 0, true},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_world_clip c = full_clip_with(ASK_HIDE);
        c.scene.n_events = 2;
        c.n_questions = c.n_queries = 0;
        c.scene.events[0] =
            (ask_event){.kind = ASK_HIDE, .begin = 10, .end = 30, .other = -1};
        c.scene.events[1] = (ask_event){.kind = ASK_JUMP,
                                        .toy = cases[i].toy,
                                        .begin = cases[i].begin,
                                        .end = cases[i].end,
                                        .other = -1,
                                        .screen = -1};
        c.captions.events[0] = c.captions.events[1] = "so";
        ask_str text = text_of(&c);
        ask_world_clip got;
        ask_error err = {0};
        bool ok = ask_world_clip_parse(&got, text.data, text.length, "clip", &err);
        CHECK_CASE(cases[i].name, ok != cases[i].refused);
        if (ok) ask_world_clip_free(&got);
        ask_str_free(&text);
        ask_world_clip_free(&c);
    }
}

static void masks_that_overlap_are_refused(void **state)
{
    (void)state;
    ask_world_clip c = clip_of(0, ASK_SPLIT_TRAIN);
    c.scene.n_toys = 2;
    c.scene.n_events = 0;
    c.n_questions = c.n_queries = 0;
    c.scene.n_frames = 1;
    c.scene.toys[0].end = c.scene.toys[1].end = 1;
    c.scene.toys[0].begin = c.scene.toys[1].begin = 0;
    ask_scene_view *v = &c.views[0];
    memset(v->ids, 0, sizeof v->ids);
    v->ids[0] = 1;
    v->toys[0] = (ask_toy_view){1, 1, 0, 0, 1, 1};
    v->toys[1] = (ask_toy_view){0, 1, 0, 0, 0, 0};
    ask_str text = text_of(&c);
    ask_world_clip good = parsed(&text);
    assert_int_equal(good.views[0].ids[0], 1);
    ask_world_clip_free(&good);

    const char *second = strstr(text.data, "\"id\":1");
    const char *first_frame = strstr(text.data, "\"frames\":");
    const char *first_end = strstr(first_frame, "}]}") + 2;
    const char *second_frame = strstr(second, "\"frames\":");
    ask_str bad = {0};
    ask_str_append_bytes(&bad, text.data, (size_t)(second_frame - text.data));
    ask_str_append_bytes(&bad, first_frame, (size_t)(first_end - first_frame));
    ask_str_append(&bad, strstr(second_frame, "}]}") + 2);
    ask_world_clip got;
    ask_error err = {0};
    assert_false(ask_world_clip_parse(&got, bad.data, bad.length, "clip", &err));
    assert_non_null(strstr(err.message, "the mask overlaps that of object 0"));
    ask_str_free(&bad);
    ask_str_free(&text);
    ask_world_clip_free(&c);
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    ask_world_clip c;
    ask_error err = {0};
    assert_false(ask_world_clip_read(&c, "/nowhere/clip.json", &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_non_null(strstr(err.message, "/nowhere/clip.json"));
    ask_world_clip_free(&(ask_world_clip){0});
    ask_world_clip_free(NULL);
}

/* ---- memory ---- */

/* A clip of few frames, so that there are few allocations. */
static bool go_around(void *user, ask_error *err)
{
    const ask_world_clip *c = user;
    ask_str text = {0};
    ask_world_clip read;
    bool ok = ask_world_clip_write(&text, c, err) &&
              ask_world_clip_parse(&read, text.data, text.length, "clip", err);
    if (ok) ask_world_clip_free(&read);
    ask_str_free(&text);
    return ok;
}

static bool make(void *user, ask_error *err)
{
    const ask_scene_style *style = user;
    ask_world_clip c;
    if (!ask_world_clip_make(&c, painter, 7, 0, ASK_SPLIT_TRAIN, *style, err)) return false;
    ask_world_clip_free(&c);
    return true;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    ask_scene_style simple = ask_scene_simple(), full = ask_scene_full();
    ask_world_clip c = clip_of(0, ASK_SPLIT_TRAIN);
    c.scene.n_frames = 2;
    c.scene.n_events = 0;
    c.n_queries = 1;
    c.n_questions = 1;
    for (int i = 0; i < c.scene.n_toys; i++) {
        c.scene.toys[i].begin = 0;
        c.scene.toys[i].end = 2;
    }
    c.questions[0].moment = c.queries[0].moment = (ask_world_moment){0};
    c.questions[0].judged = c.queries[0].judged = false;
    assert_true(test_each_alloc_fails("writing and reading", go_around, &c) > 20);
    assert_true(test_each_alloc_fails("making", make, &simple) > 5);
    assert_true(test_each_alloc_fails("making a full one", make, &full) > 5);
    ask_world_clip_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_is_what_was_made),
        cmocka_unit_test(the_truth_is_the_same_bytes_everywhere),
        cmocka_unit_test(clips_of_a_seed_do_not_depend_on_what_was_made_before),
        cmocka_unit_test(masks_and_boxes_are_those_of_the_picture),
        cmocka_unit_test(times_are_frames_of_a_twelfth_of_a_second),
        cmocka_unit_test(broken_files_are_refused_with_the_place),
        cmocka_unit_test(broken_files_of_full_worlds_are_refused_too),
        cmocka_unit_test(questions_that_contradict_themselves_are_refused),
        cmocka_unit_test(events_that_amount_to_too_much_are_refused),
        cmocka_unit_test(events_out_of_order_are_refused),
        cmocka_unit_test(masks_that_overlap_are_refused),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
