/* The evidence record in memory and as text: it owns what it is given, keeps its rules, and
 * comes back from JSON as it went. */
#include "record/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/records.h"
#include "support/testing.h"

static ask_record *make(ask_record *(*how)(ask_error *err))
{
    ask_error err = {0};
    ask_record *r = how(&err);
    if (!r) fail_msg("%s", err.message);
    return r;
}

static char *json_of(const ask_record *r)
{
    ask_error err = {0};
    ask_str text = {0};
    CHECK_OK(ask_record_write(&text, r, &err), &err);
    char *json = ask_str_take(&text, &err);
    assert_non_null(json);
    return json;
}

static ask_record *parse(const char *json)
{
    ask_error err = {0};
    ask_record *r = ask_record_parse(json, strlen(json), "a.json", &err);
    if (!r) fail_msg("%s\n%s", err.message, json);
    return r;
}

/* ---- round trips ---- */

static void a_record_comes_back_as_it_was_written(void **state)
{
    (void)state;
    ask_record *(*const how[])(ask_error *) = {record_sample, record_sparse,
                                               record_answer, record_memory,
                                               record_words,  record_bare_words};
    for (size_t i = 0; i < TEST_COUNT(how); i++) {
        ask_record *r = make(how[i]);
        char *json = json_of(r);
        ask_record *back = parse(json);
        char *again = json_of(back);
        assert_string_equal(json, again);
        free(again);
        free(json);
        ask_record_free(back);
        ask_record_free(r);
    }
}

static void every_field_of_the_sample_is_read(void **state)
{
    (void)state;
    ask_record *r = make(record_sample);
    char *json = json_of(r);
    ask_record *b = parse(json);

    assert_string_equal(b->query->text, "a red ball");
    assert_true(b->query->n_tokens == 5 && b->query->unknown_words);
    assert_true(b->presence->present && b->presence->score == 2.75);
    assert_true(b->presence->threshold == 1.25);
    assert_string_equal(b->presence->threshold_source, "calibration.json");
    assert_string_equal(b->presence->threshold_data, "seeds 1 to 200");
    assert_true(b->presence->threshold_n.value == 800 && b->presence->level.value == 1.5);
    assert_string_equal(b->video->path, "clip.mp4");
    assert_true(b->video->id.size == 204800);
    assert_string_equal(b->video->id.quick, "9f86d081884c7d65");
    assert_string_equal(b->video->id.sha256, r->video->id.sha256);
    assert_true(b->video->duration_s.known && b->video->duration_s.value == 6);
    assert_true(b->video->time_base[0] == 1 && b->video->time_base[1] == 12288);
    assert_true(b->video->n_frames.known && b->video->n_frames.value == 72);
    assert_true(b->video->vfr.known && !b->video->vfr.value);
    assert_true(b->video->width == 128 && b->video->height == 96);
    assert_true(b->video->rotation == 90);
    assert_string_equal(b->plan->mode, "original");
    assert_string_equal(b->plan->strategy, "uniform");
    assert_true(b->plan->requested.frames.value == 12 && b->plan->requested.top.value == 5);
    assert_true(b->plan->resolved.n_frames == 12 && b->plan->resolved.end_s == 6);
    assert_true(b->plan->tokens == 310 && b->plan->work.images == 12);
    assert_true(b->plan->work.gflop == 105.6 && b->plan->expected_s.value == 1.75);
    assert_string_equal(b->plan->why_changed, "the video ends at 6.000 s, before 8 s");
    assert_int_equal(b->n_frames, 12);
    assert_true(b->frames[5].duplicate_of.known && b->frames[5].duplicate_of.value == 4);
    assert_true(!b->frames[4].duplicate_of.known && b->frames[7].damaged);
    assert_true(b->frames[4].role == ASK_ROLE_RETRIEVED && b->frames[4].t_s == 2.25);
    assert_true(b->frames[4].pts == 27648 && b->frames[4].index.value == 27);
    assert_true(b->frames[4].cosine.value == r->frames[4].cosine.value);
    assert_string_equal(b->frames[4].thumb, "frames/thumb.png");
    assert_int_equal(b->n_moments, 3);
    assert_true(b->moments[0].start_s == 1.5 && b->moments[0].best_s == 2.25);
    assert_true(b->moments[2].repeats.known && b->moments[2].repeats.value == 0);
    assert_true(b->cost->encode_s == 1.5 && b->cost->peak_mib.value == 471.5);
    assert_int_equal(b->reproduce->argv.n, 4);
    assert_string_equal(b->reproduce->argv.items[3], "a red ball");
    assert_string_equal(b->reproduce->model.network, "clip");
    assert_true(b->reproduce->seed.value == 7 && b->reproduce->threads == 2);
    assert_string_equal(b->reproduce->libraries.items[1].text, "2.14");

    ask_record_free(b);
    free(json);
    ask_record_free(r);
}

static void every_field_of_an_answer_is_read(void **state)
{
    (void)state;
    ask_record *r = make(record_answer);
    char *json = json_of(r);
    ask_record_free(r); // copies stay
    ask_record *b = parse(json);
    assert_int_equal(b->kind, ASK_RECORD_ANSWER);
    assert_string_equal(b->answer->text, "red");
    assert_true(b->answer->choice.value == 0 && b->answer->n_options == 2);
    assert_string_equal(b->answer->options[1].text, "blue");
    assert_true(b->answer->options[1].logprob == -1.5 && b->answer->confidence == 0.75);
    assert_null(b->checks->shuffled);
    assert_true(b->checks->blind->s == -0.75 && b->checks->blind->answer.value == 1);
    assert_true(b->checks->random_removed->n == 4 && b->checks->full->s == -0.25);
    assert_true(b->checks->evidence_only->s == -0.125);
    assert_true(b->checks->evidence_removed->s == -2);
    assert_int_equal(b->verdict->value, ASK_WORTH_GROUNDED);
    assert_non_null(strstr(json, "\"value\": \"grounded\""));
    assert_string_equal(b->verdict->note, "of a kind");
    assert_string_equal(b->verdict->new_word, "owl");
    assert_true(b->verdict->tau_nec == 0.75 && b->verdict->distance.value == 1.5);
    assert_int_equal(b->n_saliency, 2);
    assert_true(b->saliency[1].frame == 10 && b->saliency[1].values.n == 6);
    assert_true(b->saliency[1].values.items[3] == 0.75 && b->saliency[1].width == 0.75);
    ask_record_free(b);
    free(json);
}

static void every_field_of_a_memory_is_read(void **state)
{
    (void)state;
    ask_record *r = make(record_memory);
    char *json = json_of(r);
    ask_record_free(r);
    ask_record *b = parse(json);
    assert_true(b->answer->denies.known && !b->answer->denies.value);
    assert_int_equal(b->n_moments, 3);
    const ask_record_moment *m = &b->moments[0];
    assert_string_equal(m->event, "hits");
    assert_string_equal(m->text, "the red ball hits the blue star");
    assert_true(m->confidence.known && m->confidence.value == 0.75);
    assert_true(m->slot.known && m->slot.value == 3);
    assert_true(m->best_s == 2.75); // beside it
    assert_null(b->moments[1].event);
    assert_string_equal(b->moments[1].text, "the blue star");
    ask_record_free(b);
    free(json);

    r = make(record_answer); // what a memory tells is absent where there is none
    json = json_of(r);
    static const char *const keys[] = {"\"denies\":", "\"event\":", "\"slot\":"};
    for (size_t i = 0; i < TEST_COUNT(keys); i++)
        CHECK_CASE(keys[i], !strstr(json, keys[i]));
    free(json);
    ask_record_free(r);
}

static void every_field_of_words_is_read(void **state)
{
    (void)state;
    ask_record *r = make(record_words);
    char *json = json_of(r);
    ask_record_free(r); // copies stay
    ask_record *b = parse(json);
    assert_true(ask_record_in_words(b));
    assert_string_equal(b->answer->text, "The ball is red.");
    assert_true(!b->answer->choice.known && !b->answer->options);
    assert_int_equal(b->answer->n_tokens, 6);
    const ask_record_token *t = &b->answer->tokens[1];
    assert_string_equal(t->text, " ball");
    assert_string_equal(b->answer->tokens[5].text, "");
    assert_true(t->logprob == -0.5 && t->text_share.value == 0.5625);
    assert_true(t->frames.n == 12 && t->frames.items[4] == 0.265625);
    assert_string_equal(b->answer->ended_by, "end");
    assert_true(b->checks->blind->same.known && !b->checks->blind->same.value);
    assert_true(b->checks->full->same.value && !b->checks->full->answer.known);
    assert_null(b->presence);
    assert_true(b->moments && b->n_moments == 0);
    assert_string_equal(b->subtitles->source, "clip.srt");
    assert_int_equal(b->subtitles->n_cues, 2);
    assert_true(b->subtitles->cues[1].start_s == 1 && b->subtitles->cues[1].end_s == 8);
    assert_string_equal(b->subtitles->cues[0].text, "Look at the ball!");
    assert_true(b->subtitles->left_out.value == 3);
    assert_string_equal(b->query->prompt, "<user>[12 frames]\nWhat is <red>?<assistant>");
    assert_true(b->plan->visual_tokens.value == 768 && b->plan->context.value == 4096);
    assert_true(b->plan->answer_tokens.value == 256);
    assert_true(b->cost->prompt_tokens.value == 801 && b->cost->reused_tokens.value == 12);
    assert_true(b->cost->first_token_s.value == 1.5 && b->cost->tokens_per_s.value == 8.25);
    assert_int_equal(b->reproduce->generation.n, 2);
    assert_string_equal(b->reproduce->generation.items[0].name, "temperature");
    assert_string_equal(b->reproduce->generation.items[1].text, "256");
    ask_record_free(b);
    free(json);
}

static void what_only_words_have_is_absent_elsewhere(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "\"tokens\": [",   "\"ended_by\":",      "\"same\":",          "\"subtitles\":",
        "\"prompt\":",     "\"visual_tokens\":", "\"answer_tokens\":", "\"context\":",
        "\"generation\":", "\"prompt_tokens\":", "\"first_token_s\":", "\"tokens_per_s\":",
    };
    ask_record *r = make(record_answer);
    char *json = json_of(r);
    for (size_t i = 0; i < TEST_COUNT(keys); i++)
        CHECK_CASE(keys[i], !strstr(json, keys[i]));
    free(json);
    ask_record_free(r);

    static const char *const choices[] = {"\"choice\":", "\"options\":", "\"text_share\":",
                                          "\"frames\": []", "\"subtitles\":"};
    r = make(record_bare_words);
    json = json_of(r);
    for (size_t i = 0; i < TEST_COUNT(choices); i++)
        CHECK_CASE(choices[i], !strstr(json, choices[i]));
    free(json);
    ask_record_free(r);
}

static void attention_is_summed_up_over_tokens(void **state)
{
    (void)state;
    ask_record *r = make(record_words);
    const double least = 1.0 / 64;
    assert_true(ask_record_frame_share(r, 0).value == least);
    assert_true(fabs(ask_record_frame_share(r, 4).value - (least + 0.75 / 6)) < 1e-12);
    assert_true(fabs(ask_record_text_share(r).value - (0.8125 - 0.8125 / 6)) < 1e-12);
    assert_false(ask_record_frame_share(r, 12).known);
    ask_record_free(r);
    r = make(record_bare_words);
    assert_false(ask_record_frame_share(r, 0).known || ask_record_text_share(r).known);
    ask_record_free(r);
    r = make(record_answer);
    assert_false(ask_record_in_words(r) || ask_record_frame_share(r, 0).known);
    ask_record_free(r);
}

/* Each case sets one part that breaks a rule. */
typedef struct {
    const char *from, *to, *message;
} broken_case;

static void check_broken(const char *json, const broken_case *c)
{
    char *at = strstr(json, c->from);
    CHECK_CASE(c->from, at);
    ask_error err = {0};
    ask_str changed = {0};
    ask_str_append_bytes(&changed, json, (size_t)(at - json));
    ask_str_append(&changed, c->to);
    ask_str_append(&changed, at + strlen(c->from));
    ask_record *b =
        ask_record_parse(ask_str_text(&changed), changed.length, "a.json", &err);
    CHECK_CASE(c->to, !b && err.code == ASK_ERR_FORMAT);
    if (!strstr(err.message, c->message)) fail_msg("%s: %s", c->to, err.message);
    ask_str_free(&changed);
}

static void an_answer_that_breaks_a_rule_is_told(void **state)
{
    (void)state;
    static const broken_case cases[] = {
        {"\"choice\": 0", "\"choice\": 2", "\"answer.choice\": is none of the options"},
        {"\"choice\": 0", "\"choice\": 1", "\"answer.text\": is not that of the option"},
        {"\"confidence\": 0.75", "\"confidence\": 0.5", "\"answer.confidence\""},
        {"\"prob\": 0.75", "\"prob\": 1.5", "\"answer.options[0].prob\": is above 1"},
        {"\"logprob\": -1.5", "\"logprob\": 1.5", "\"answer.options[1].logprob\""},
        {"\"s\": -0.75,\n      \"answer\": 1", "\"s\": -0.75,\n      \"answer\": 7",
         "\"checks.blind.answer\": is none of the options"},
        {"\"checks.shuffled\"", "\"else\"", "\"checks.shuffled\": is absent"},
        {"\"value\": \"grounded\"", "\"value\": \"sure\"", "no word that is known here"},
        {"\"frame\": 10", "\"frame\": 12", "\"saliency[1].frame\": is none of"},
        {"\"rows\": 2", "\"rows\": 3", "\"saliency[0].values\": 6 are not rows times"},
        {"\"cols\": 3", "\"cols\": 0", "\"saliency[0].cols\""},
    };
    ask_record *r = make(record_answer);
    char *json = json_of(r);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) check_broken(json, &cases[i]);
    free(json);
    ask_record_free(r);
}

static void words_that_break_a_rule_are_told(void **state)
{
    (void)state;
    static const broken_case cases[] = {
        {"\"ended_by\"", "\"choice\": 0, \"ended_by\"",
         "\"answer.options\": is missing: a choice is one of the options"},
        {"\"ended_by\"", "\"options\": [], \"ended_by\"",
         "\"answer.choice\": is missing: a choice is one of the options"},
        {"\"confidence\": 0.75", "\"confidence\": 1.5",
         "\"answer.confidence\": is above 1"},
        {"\"logprob\": -0.5", "\"logprob\": 0.5",
         "\"answer.tokens[1].logprob\": is above 0"},
        {"\"text_share\": 0.5625", "\"text_share\": 0.564",
         "\"answer.tokens[1].frames\": with text_share they are 1.0015 together, not 1"},
        {"\"text_share\": 0.5625", "\"text_share\": -0.5625",
         "\"answer.tokens[1].text_share\": -0.5625 is below 0"},
        {"0.265625", "-0.265625", "\"answer.tokens[1].frames[4]\": -0.265625 is below 0"},
        {"0.265625", "0.265625, 0.0",
         "\"answer.tokens[1].frames\": has 13: there are 12 frames"},
        {"\"text_share\": 0.5625,\n        \"frames\"", "\"text_share\": 0.5625, \"else\"",
         "\"answer.tokens[1].frames\": is absent, and the notes do not say why"},
        {"\"same\": false", "\"same\": false, \"answer\": 0",
         "\"checks.blind\": has both answer and same"},
        {"\"same\": false", "\"else\": false",
         "\"checks.blind\": has neither answer nor same"},
        {"\"same\": false", "\"answer\": 0",
         "\"checks.blind.answer\": is none of the options"},
        {"\"start_s\": 1.0,\n        \"end_s\": 8.0", "\"start_s\": 0.5, \"end_s\": 8.0",
         "\"subtitles.cues[1].start_s\": is before the cue in front of it"},
        {"\"start_s\": 1.0,\n        \"end_s\": 8.0", "\"start_s\": 1.0, \"end_s\": 0.5",
         "\"subtitles.cues[1].end_s\": 0.5 is outside what follows its start"},
        {"\"left_out\": 3", "\"left_out\": -1", "\"subtitles.left_out\": -1 is below 0"},
        {"\"source\": \"clip.srt\"", "\"source\": \"\"", "\"subtitles.source\": is empty"},
        {"\"context\": 4096", "\"context\": 0", "\"plan.context\": 0 is not above 0"},
        {"\"reused_tokens\": 12", "\"reused_tokens\": -1",
         "\"cost.reused_tokens\": -1 is below 0"},
        {"\"temperature\": \"0.7\"", "\"temperature\": \"\"",
         "\"reproduce.generation.temperature\": is empty"},
    };
    ask_record *r = make(record_words);
    char *json = json_of(r);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) check_broken(json, &cases[i]);
    /* As is right: within what single precision leaves of one whole. */
    char *share = strstr(json, "\"text_share\": 0.5625");
    memcpy(share, "\"text_share\": 0.5630", strlen("\"text_share\": 0.5630"));
    ask_record_free(parse(json));
    free(json);
    ask_record_free(r);
}

static void what_words_lack_is_absent_only_with_its_note(void **state)
{
    (void)state;
    static const broken_case cases[] = {
        {"\"answer.choice\"", "\"else\"", "\"answer.choice\": is absent, and the notes"},
        {"\"answer.options\"", "\"else\"", "\"answer.options\": is absent, and the notes"},
        {"\"presence\"", "\"else\"", "\"presence\": is absent, and the notes"},
        {"\"answer.tokens.frames\"", "\"else\"",
         "\"answer.tokens[0].frames\": is absent, and the notes"},
        {"\"answer.tokens.text_share\"", "\"else\"",
         "\"answer.tokens[0].text_share\": is absent, and the notes"},
        {"\"logprob\": -0.25", "\"logprob\": -0.25, \"text_share\": 1.0",
         "\"answer.tokens[0].frames\": is missing: frames and text_share are shares"},
        {"\"logprob\": -0.25", "\"logprob\": -0.25, \"frames\": [1.0]",
         "\"answer.tokens[0].text_share\": is missing: frames and text_share are shares"},
    };
    ask_record *r = make(record_bare_words);
    char *json = json_of(r);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) check_broken(json, &cases[i]);
    free(json);
    ask_record_free(r);
}

/* As it was written before answers in words. */
static void an_older_answer_is_still_read(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_record *r = ask_record_read(test_fixture("record/answer-of-choices.json"), &err);
    if (!r) fail_msg("%s", err.message);
    assert_true(r->answer->choice.known && r->answer->choice.value == 0);
    assert_true(r->checks->blind->answer.known && !r->checks->blind->same.known);
    assert_true(r->presence && !r->subtitles && !r->query->prompt);
    assert_true(r->reproduce->generation.n == 0 && r->answer->n_tokens == 0);
    ask_record_free(r);
}

static void a_memory_that_breaks_a_rule_is_told(void **state)
{
    (void)state;
    static const broken_case cases[] = {
        {"\"best_s\": 2.75", "\"best_s\": 2.5", "is the time of no frame"},
        {"\"confidence\": 0.875", "\"confidence\": 1.5", "is above 1"},
        {"\"slot\": 3", "\"slot\": -1", "is below 0"},
        {"\"text\": \"the blue star\"", "\"text\": \"\"", "\"moments[1].text\": is empty"},
        {"\"text\": \"the red ball hits the blue star\"", "\"else\": 1",
         "\"moments[0].best_s\": 2.75 is outside its moment"},
    };
    ask_record *r = make(record_memory);
    char *json = json_of(r);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) check_broken(json, &cases[i]);
    free(json);
    ask_record_free(r);
}

static void absent_fields_are_absent_and_not_null_or_zero(void **state)
{
    (void)state;
    ask_record *r = make(record_sparse);
    char *json = json_of(r);
    assert_null(strstr(json, "null"));
    static const char *const keys[] = {
        "\"duration_s\":", "\"vfr\":",         "\"index\":",    "\"cosine\":", "\"thumb\":",
        "\"expected_s\":", "\"why_changed\":", "\"peak_mib\":", "\"seed\":",
    };
    for (size_t i = 0; i < TEST_COUNT(keys); i++)
        CHECK_CASE(keys[i], !strstr(json, keys[i]));
    assert_non_null(strstr(json, "\"frames.index\": \"not asked for\""));
    free(json);
    ask_record_free(r);
}

static void a_plan_needs_no_parts_of_a_run(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_record *whole = make(record_sample);
    ask_record *r = ask_record_new(ASK_RECORD_PLAN, &err);
    assert_non_null(r);
    CHECK_OK(ask_record_set_query(r, whole->query, &err), &err);
    CHECK_OK(ask_record_set_video(r, whole->video, &err), &err);
    CHECK_OK(ask_record_set_plan(r, whole->plan, &err), &err);
    CHECK_OK(ask_record_set_reproduce(r, whole->reproduce, &err), &err);
    ask_record_free(whole); // copies stay
    char *json = json_of(r);
    ask_record *back = parse(json);
    assert_int_equal(back->kind, ASK_RECORD_PLAN);
    assert_null(back->frames);
    assert_null(back->moments);
    assert_null(back->cost);
    ask_record_free(back);
    free(json);
    ask_record_free(r);
}

/* ---- what it is given ---- */

static void a_record_keeps_copies_in_utf8(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_record *r = ask_record_new(ASK_RECORD_FIND, &err);
    assert_non_null(r);
    char text[] = "caf\xC3\xA9 \xFF\xC3";
    CHECK_OK(ask_record_set_query(r, &(ask_record_query){.text = text}, &err), &err);
    memset(text, 'x', sizeof text - 1);
    assert_string_equal(r->query->text, "caf\xC3\xA9 \xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK_OK(ask_record_note(r, "video.\xFF", "b", &err), &err);
    assert_string_equal(ask_record_note_of(r, "video.\xEF\xBF\xBD"), "b");
    ask_record_free(r);
}

static void what_is_set_again_is_replaced(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_record *r = make(record_sample);
    CHECK_OK(ask_record_set_frames(r, NULL, 0, &err), &err);
    assert_true(r->frames && r->n_frames == 0);
    CHECK_OK(ask_record_note(r, "a", "first", &err), &err);
    CHECK_OK(ask_record_note(r, "b", "other", &err), &err);
    CHECK_OK(ask_record_note(r, "a", "second", &err), &err);
    assert_int_equal(r->notes.n, 2);
    assert_string_equal(ask_record_note_of(r, "a"), "second");
    assert_null(ask_record_note_of(r, "c"));
    CHECK_OK(ask_record_note(r, "c", NULL, &err), &err);
    CHECK_OK(ask_record_note(r, "a", NULL, &err), &err);
    assert_null(ask_record_note_of(r, "a"));
    assert_string_equal(ask_record_note_of(r, "b"), "other");
    assert_int_equal(r->notes.n, 1);
    ask_record_free(r);
}

/* ---- rules that a document cannot break, but a program can ---- */

static void break_score(ask_record *r)
{
    ask_record_moment m[3];
    memcpy(m, r->moments, sizeof m);
    m[1].score = NAN;
    ask_record_set_moments(r, m, 3, NULL);
}

static void break_frames(ask_record *r)
{
    ask_record_set_frames(r, NULL, 0, NULL);
}

static void break_role(ask_record *r)
{
    ask_record_frame f = r->frames[0];
    f.role = (ask_frame_role)3;
    ask_record_set_frames(r, &f, 1, NULL);
}

static void break_query(ask_record *r)
{
    ask_record_set_query(r, &(ask_record_query){.n_tokens = 1}, NULL);
}

static void break_cost(ask_record *r)
{
    r->cost = NULL;
}

static void break_argv(ask_record *r)
{
    static const char *const argv[] = {"askance", NULL};
    ask_record_reproduce how = *r->reproduce;
    how.argv = (ask_record_texts){argv, 2};
    ask_record_set_reproduce(r, &how, NULL);
}

static void break_note(ask_record *r)
{
    ask_record_note(r, "video.vfr", "", NULL);
}

static void a_broken_record_is_not_written(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*break_it)(ask_record *r);
        const char *message;
    } cases[] = {
        {"a score that is no number", break_score,
         "record: key \"moments[1].score\": nan is not a finite number"},
        {"no frames", break_frames,
         "record: key \"frames\": is empty: nothing was looked at"},
        {"a role out of range", break_role,
         "record: key \"frames[0].role\": 3 is no word of it"},
        {"a text that is missing", break_query, "record: key \"query.text\": is missing"},
        {"a part that is missing", break_cost,
         "record: key \"cost\": is missing; askance.find/1 needs it"},
        {"an argument that is missing", break_argv,
         "record: key \"reproduce.argv[1]\": is missing"},
        {"an empty note", break_note, "record: key \"notes.video.vfr\": is empty"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_record *r = make(record_sample);
        cases[i].break_it(r);
        ask_error err = {0};
        ask_str text = {0};
        ask_str_append(&text, "before");
        CHECK_CASE(cases[i].name, !ask_record_write(&text, r, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_BUG);
        assert_string_equal(err.message, cases[i].message);
        assert_string_equal(ask_str_text(&text), "before");
        ask_str_free(&text);
        ask_record_free(r);
    }
}

/* ---- memory ---- */

static bool make_and_write(void *how, ask_error *err)
{
    ask_record *r = (*(ask_record * (**)(ask_error *)) how)(err);
    ask_str text = {0};
    bool ok = r && ask_record_write(&text, r, err);
    ask_str_free(&text);
    ask_record_free(r);
    return ok;
}

static bool read_back(void *json, ask_error *err)
{
    ask_record *r = ask_record_parse(json, strlen(json), "a.json", err);
    ask_record_free(r);
    return r != NULL;
}

static void running_out_of_memory_is_an_error_and_leaks_nothing(void **state)
{
    (void)state;
    ask_record *(*how[])(ask_error *) = {record_sample, record_sparse, record_words};
    for (size_t i = 0; i < TEST_COUNT(how); i++) {
        assert_true(test_each_alloc_fails("make and write", make_and_write, &how[i]) > 3);
        ask_record *r = make(how[i]);
        char *json = json_of(r);
        assert_true(test_each_alloc_fails("read", read_back, json) > 3);
        free(json);
        ask_record_free(r);
    }
    ask_record_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_comes_back_as_it_was_written),
        cmocka_unit_test(every_field_of_the_sample_is_read),
        cmocka_unit_test(every_field_of_an_answer_is_read),
        cmocka_unit_test(every_field_of_a_memory_is_read),
        cmocka_unit_test(every_field_of_words_is_read),
        cmocka_unit_test(what_only_words_have_is_absent_elsewhere),
        cmocka_unit_test(attention_is_summed_up_over_tokens),
        cmocka_unit_test(an_answer_that_breaks_a_rule_is_told),
        cmocka_unit_test(words_that_break_a_rule_are_told),
        cmocka_unit_test(what_words_lack_is_absent_only_with_its_note),
        cmocka_unit_test(an_older_answer_is_still_read),
        cmocka_unit_test(a_memory_that_breaks_a_rule_is_told),
        cmocka_unit_test(absent_fields_are_absent_and_not_null_or_zero),
        cmocka_unit_test(a_plan_needs_no_parts_of_a_run),
        cmocka_unit_test(a_record_keeps_copies_in_utf8),
        cmocka_unit_test(what_is_set_again_is_replaced),
        cmocka_unit_test(a_broken_record_is_not_written),
        cmocka_unit_test(running_out_of_memory_is_an_error_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
