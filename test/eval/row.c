/* Rows: what is right and by which rule, and that a line says all of it. */
#include "eval/row.h"

#include <math.h>
#include <string.h>

#include "support/testing.h"

/* ---- marks ---- */

static ask_eval_item item_of(ask_data_kind kind)
{
    static const char *const options[] = {"red", "blue", "there is none"};
    ask_eval_item item = {.record = {.id = "q",
                                     .video = "v",
                                     .question = "what?",
                                     .kind = kind,
                                     .answer_index = -1},
                          .counts = ask_count_any()};
    if (kind == ASK_DATA_CHOICE) {
        item.record.options = options;
        item.record.n_options = 3;
    }
    return item;
}

static void a_mark_says_the_rule(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_data_kind kind;
        int answer_index;
        const char *answer, *other;
        int64_t count; // -1: hidden
        ask_eval_decision given;
        const char *rule;
        bool right;
    } cases[] = {
        {"the option", ASK_DATA_CHOICE, 1, "blue", NULL, -1, {.choice = 1}, "index", true},
        {"another", ASK_DATA_CHOICE, 1, "blue", NULL, -1, {.choice = 0}, "index", false},
        {"none is given",
         ASK_DATA_CHOICE,
         1,
         "blue",
         NULL,
         -1,
         {.choice = -1},
         "invalid",
         false},
        {"a hidden choice",
         ASK_DATA_CHOICE,
         -1,
         NULL,
         NULL,
         -1,
         {.choice = 1},
         "none",
         false},
        {"the words",
         ASK_DATA_OPEN,
         -1,
         "red ball",
         NULL,
         -1,
         {.choice = -1, .text = "red ball"},
         "exact",
         true},
        {"nearly",
         ASK_DATA_OPEN,
         -1,
         "red ball",
         NULL,
         -1,
         {.choice = -1, .text = "A red ball."},
         "normalised",
         true},
        {"the other answer",
         ASK_DATA_OPEN,
         -1,
         "ball",
         "sphere",
         -1,
         {.choice = -1, .text = "Sphere"},
         "normalised",
         true},
        {"other words",
         ASK_DATA_OPEN,
         -1,
         "ball",
         "sphere",
         -1,
         {.choice = -1, .text = "cube"},
         "other",
         false},
        {"no words", ASK_DATA_OPEN, -1, "ball", NULL, -1, {.choice = -1}, "invalid", false},
        {"hidden words",
         ASK_DATA_OPEN,
         -1,
         NULL,
         NULL,
         -1,
         {.choice = -1, .text = "x"},
         "none",
         false},
        {"a number",
         ASK_DATA_COUNT,
         -1,
         NULL,
         NULL,
         3,
         {.choice = -1, .has_count = true, .count = 2.6},
         "count",
         true},
        {"a number in words",
         ASK_DATA_COUNT,
         -1,
         NULL,
         NULL,
         3,
         {.choice = -1, .text = "3"},
         "count",
         true},
        {"a word that is none",
         ASK_DATA_COUNT,
         -1,
         NULL,
         NULL,
         3,
         {.choice = -1, .text = "three"},
         "invalid",
         false},
        {"a hidden number",
         ASK_DATA_COUNT,
         -1,
         NULL,
         NULL,
         -1,
         {.choice = -1, .has_count = true},
         "none",
         false},
        {"a moment", ASK_DATA_RETRIEVE, -1, NULL, NULL, -1, {.choice = -1}, "none", false},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_eval_item item = item_of(cases[i].kind);
        ask_eval_mark mark;
        item.record.answer_index = cases[i].answer_index;
        item.record.answer = cases[i].answer;
        item.record.other_answer = cases[i].other;
        item.record.has_count = cases[i].count >= 0;
        item.record.count = cases[i].count;
        CHECK_OK(ask_eval_mark_of(&mark, &item, &cases[i].given, &err), &err);
        CHECK_CASE(cases[i].name,
                   strcmp(ask_eval_rule_name(mark.rule), cases[i].rule) == 0);
        CHECK_CASE(cases[i].name, mark.right == cases[i].right);
    }
}

static void denials_are_known_by_option_word_or_verdict(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_data_kind kind;
        ask_eval_decision given;
        bool denies;
    } cases[] = {
        {"the option", ASK_DATA_CHOICE, {.choice = 2, .text = "there is none"}, true},
        {"another", ASK_DATA_CHOICE, {.choice = 0, .text = "red"}, false},
        {"another, rejected", ASK_DATA_CHOICE, {.choice = 0, .rejects = true}, true},
        {"the words", ASK_DATA_OPEN, {.choice = -1, .text = "There is none!"}, true},
        {"other words", ASK_DATA_OPEN, {.choice = -1, .text = "red"}, false},
        {"nothing", ASK_DATA_OPEN, {.choice = -1}, false},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_eval_item item = item_of(cases[i].kind);
        bool denies;
        item.knows_denials = true;
        item.denial = "there is none";
        item.denies = cases[i].kind == ASK_DATA_CHOICE ? 4 : 0;
        CHECK_OK(ask_eval_denies(&denies, &item, &cases[i].given, &err), &err);
        CHECK_CASE(cases[i].name, denies == cases[i].denies);
    }
}

static void boxes_are_those_of_the_frame_on_display(void **state)
{
    (void)state;
    static const int16_t boxes[][4] = {{0, 0, 10, 20},
                                       {0, 0, 0, 0}, // frame 0
                                       {10, 10, 20, 20},
                                       {30, 0, 40, 10}}; // frame 1
    const ask_eval_targets t = {
        .n = 2, .n_frames = 2, .fps = 4, .width = 100, .height = 50, .boxes = boxes};
    ask_box out[2];
    assert_int_equal(ask_eval_boxes_at(out, &t, 0.2), 1);
    assert_true(out[0].right == 0.1 && out[0].bottom == 0.4);
    assert_int_equal(ask_eval_boxes_at(out, &t, 0.25), 2);
    assert_true(out[1].left == 0.3);
    assert_int_equal(ask_eval_boxes_at(out, &t, 0.5), 0); // after the end
    assert_int_equal(ask_eval_boxes_at(out, &t, -1), 0);
    assert_int_equal(ask_eval_boxes_at(out, &t, NAN), 0);
}

/* ---- making ---- */

typedef struct {
    ask_error_code fails;
} scripted;

static bool answer(void *user, ask_eval_given *out, const ask_eval_item *item,
                   ask_eval_view view, uint64_t seed, ask_arena *room, ask_error *err)
{
    (void)item, (void)seed;
    const scripted *s = user;
    if (s->fails) return ask_fail(err, s->fails, "not now");
    ask_eval_point *point = ask_arena_alloc(room, sizeof *point);
    if (!point) return ask_fail_memory(err);
    *point = (ask_eval_point){0.3, 0.15, 0.3};
    *out = (ask_eval_given){.decision = {.choice = view == ASK_VIEW_BLIND ? 0 : 1},
                            .points = point,
                            .n_points = 1};
    return true;
}

static void what_an_answerer_gives_is_marked(void **state)
{
    (void)state;
    ask_error err = {0};
    scripted s = {0};
    const ask_answerer a = {.user = &s, .answer = answer};
    static const int16_t boxes[][4] = {{0, 0, 10, 20}, {10, 10, 20, 20}};
    const ask_eval_targets t = {
        .n = 1, .n_frames = 2, .fps = 4, .width = 100, .height = 50, .boxes = boxes};
    ask_eval_item item = item_of(ASK_DATA_CHOICE);
    item.record.answer_index = 1;
    item.has_targets = true;
    item.targets = &t;
    ask_arena *room = ask_arena_new(0);
    ask_eval_row row;
    CHECK_OK(ask_eval_record(&row, &a, &item, ASK_VIEW_VIDEO, 1, room, &err), &err);
    assert_true(row.mark.right);
    assert_int_equal(row.n_pointed, 1);
    assert_int_equal(row.pointed[0].n_boxes, 1);
    assert_true(row.pointed[0].boxes[0].left == 0.1);
    CHECK_OK(ask_eval_record(&row, &a, &item, ASK_VIEW_BLIND, 1, room, &err), &err);
    assert_false(row.mark.right);

    s.fails = ASK_ERR_UNSUPPORTED; // of this one question
    CHECK_OK(ask_eval_record(&row, &a, &item, ASK_VIEW_VIDEO, 1, room, &err), &err);
    assert_string_equal(row.error, "not now");
    assert_string_equal(ask_eval_rule_name(row.mark.rule), "invalid");
    static const ask_error_code grave[] = {ASK_ERR_CANCELLED, ASK_ERR_NOMEM, ASK_ERR_MODEL,
                                           ASK_ERR_DEVICE, ASK_ERR_BUG};
    for (size_t i = 0; i < TEST_COUNT(grave); i++) {
        s.fails = grave[i];
        assert_false(ask_eval_record(&row, &a, &item, ASK_VIEW_VIDEO, 1, room, &err));
        assert_int_equal(err.code, grave[i]);
    }
    ask_arena_free(room);
}

/* ---- lines ---- */

static const char LINE[] =
    "{\"id\":\"q1\",\"video\":\"v\",\"kind\":\"choice\",\"tags\":[[\"type\",\"order\"],"
    "[\"family\",\"first\"]],\"clip\":[1.5,4.0],\"video_s\":8.25,\"question\":\"What?\","
    "\"options\":[\"a\",\"b\",\"c\"],\"truth\":{\"choice\":2,\"text\":\"c\","
    "\"other_text\":\"sea\",\"counts\":[1,10],\"windows\":[[1.5,2.0],[3.0,3.5]],"
    "\"judged\":true,\"absent\":true,\"denies\":[0,2],\"denial\":\"c\","
    "\"events\":[[\"jump\",0.5,1.0]],\"clip_s\":2.0,\"saliency\":[[0,1,2,3]],"
    "\"targets\":true},\"given\":{\"choice\":2,\"text\":\"c\",\"count\":2.5,"
    "\"rejects\":true,\"scores\":[-1.5,null,-0.25],\"guesses\":[[\"x\",-0.5]],"
    "\"verdict\":\"weak\",\"presence\":-1.25,\"moments\":[{\"start_s\":1.0,\"end_s\":2.0,"
    "\"score\":0.5,"
    "\"label\":\"jump\",\"confidence\":0.75,\"slot\":3},{\"start_s\":0.0,\"end_s\":0.0,"
    "\"score\":-1.0}],\"frames\":[[1.25,0.5]],\"points\":[{\"t_s\":1.25,\"x\":0.5,"
    "\"y\":0.25,\"boxes\":[[0.0,0.25,0.5,1.0]]}],\"clip_scores\":[0.5,1.5]},"
    "\"right\":true,\"match_rule\":\"index\",\"error\":\"slow\",\"baselines\":{"
    "\"blind\":{\"choice\":1,\"text\":\"b\"},\"majority\":{}},\"look_s\":0.5,"
    "\"answer_s\":0.25}\n";

static const char LEAST[] =
    "{\"id\":\"q\",\"video\":\"v\",\"kind\":\"open\",\"question\":\"\",\"truth\":{},"
    "\"given\":{},\"right\":null,\"match_rule\":\"none\",\"baselines\":{},\"look_s\":0.0,"
    "\"answer_s\":0.0}\n";

static void a_line_is_read_as_it_was_written(void **state)
{
    (void)state;
    static const char *const lines[] = {LINE, LEAST};
    for (size_t i = 0; i < TEST_COUNT(lines); i++) {
        ask_error err = {0};
        ask_arena *room = ask_arena_new(0);
        ask_eval_row row;
        ask_str text = {0};
        CHECK_OK(ask_eval_row_read(&row, lines[i], strlen(lines[i]), "f:1", room, &err),
                 &err);
        ask_eval_row_write(&text, &row);
        assert_string_equal(ask_str_text(&text), lines[i]);
        ask_str_free(&text);
        ask_arena_free(room);
    }
}

/* The line with a piece of it replaced. */
static void edit(char *out, size_t size, const char *from, const char *to)
{
    const char *at = strstr(LINE, from);
    if (!at) fail_msg("\"%s\" is not in the line", from);
    ask_format(out, size, "%.*s%s%s", (int)(at - LINE), LINE, to, at + strlen(from));
}

static void a_line_that_is_wrong_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *says;
    } cases[] = {
        {"\"id\":\"q1\",", "", "key \"id\""},
        {"\"kind\":\"choice\"", "\"kind\":\"guess\"", "there is no kind \"guess\""},
        {"[\"a\",\"b\",\"c\"]", "[]", "a choice needs options"},
        {"[1.5,4.0]", "[4.0,1.5]", "ends before it begins"},
        {"[1.5,4.0]", "[1.5]", "expected 2 values, got 1"},
        {"[[1.5,2.0],", "[[1.5,2e12],", "no video is so long"},
        {"\"choice\":2,\"text\":\"c\",\"other", "\"choice\":3,\"text\":\"c\",\"other",
         "truth.choice"},
        {"\"denies\":[0,2]", "\"denies\":[0,32]", "truth.denies[1]"},
        {"\"counts\":[1,10]", "\"counts\":[10,1]", "truth.counts[1]"},
        {"\"clip_s\":2.0,", "", "saliency without clip_s"},
        {"[[0,1,2,3]]", "[[0,1,2,5]]", "truth.saliency[0][3]"},
        {"\"scores\":[-1.5,null", "\"scores\":[-1.5,true", "given.scores[1]"},
        {"\"end_s\":2.0", "\"end_s\":0.5", "the moment ends before it begins"},
        {"\"slot\":3", "\"slot\":-3", "slot"},
        {"\"boxes\":[[0.0,0.25,0.5,1.0]]", "\"boxes\":[[0.0]]", "expected 4 values"},
        {"\"blind\":{\"choice\":1", "\"blind\":{\"choice\":9", "baselines.blind.choice"},
        {"\"majority\":{}", "\"majority\":[]", "baselines.majority"},
        {"\"given\":{", "\"given\":{{", "f:1"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char text[sizeof LINE + 200];
        ask_error err = {0};
        ask_arena *room = ask_arena_new(0);
        ask_eval_row row;
        edit(text, sizeof text, cases[i].from, cases[i].to);
        CHECK_CASE(cases[i].says,
                   !ask_eval_row_read(&row, text, strlen(text), "f:1", room, &err));
        assert_int_equal(err.code, ASK_ERR_FORMAT);
        if (!strstr(err.message, cases[i].says) || !strstr(err.message, "f:1"))
            fail_msg("%s: %s", cases[i].says, err.message);
        ask_arena_free(room);
    }
}

static bool attempt(void *user, ask_error *err)
{
    (void)user;
    ask_arena *room = ask_arena_new(0);
    ask_eval_row row;
    bool ok = room ? ask_eval_row_read(&row, LINE, sizeof LINE - 1, "f", room, err)
                   : ask_fail_memory(err);
    ask_arena_free(room);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    assert_true(test_each_alloc_fails("read", attempt, NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mark_says_the_rule),
        cmocka_unit_test(denials_are_known_by_option_word_or_verdict),
        cmocka_unit_test(boxes_are_those_of_the_frame_on_display),
        cmocka_unit_test(what_an_answerer_gives_is_marked),
        cmocka_unit_test(a_line_is_read_as_it_was_written),
        cmocka_unit_test(a_line_that_is_wrong_is_refused_with_its_place),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
