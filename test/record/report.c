/* The report of a record: a whole page that shows what the record says, and lets nothing of
 * it out of its place. */
#include "record/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/html_priv.h"
#include "support/records.h"
#include "support/testing.h"

static ask_record *make(ask_record *(*how)(ask_error *err))
{
    ask_error err = {0};
    ask_record *r = how(&err);
    if (!r) fail_msg("%s", err.message);
    return r;
}

static char *page_of(const ask_record *r, const ask_report_picture *pictures, size_t n)
{
    ask_error err = {0};
    ask_str page = {0};
    CHECK_OK(ask_report_html(&page, r, pictures, n, &err), &err);
    return ask_str_take(&page, &err);
}

static void check_holds(const char *page, const char *part)
{
    if (!strstr(page, part)) fail_msg("\"%s\" is not in the page", part);
}

static void check_lacks(const char *page, const char *part)
{
    if (strstr(page, part)) fail_msg("\"%s\" is in the page", part);
}

static int count(const char *page, const char *part)
{
    int n = 0;
    for (const char *at = page; (at = strstr(at, part)); at += strlen(part)) n++;
    return n;
}

/* ---- every tag that is opened is closed, and attributes are in quotes ---- */

enum { MOST_DEPTH = 64, TAG_BYTES = 16 };

typedef struct {
    char names[MOST_DEPTH][TAG_BYTES];
    int depth;
} tags;

static bool is_void(const char *name)
{
    return strcmp(name, "meta") == 0 || strcmp(name, "img") == 0 || strcmp(name, "br") == 0;
}

/* Reads one tag behind its '<'; gives what stands behind its '>'. */
static const char *read_tag(tags *t, const char *at)
{
    if (*at == '!') return strchr(at, '>') + 1;
    bool closes = *at == '/';
    if (closes) at++;
    char name[TAG_BYTES] = "";
    size_t n = strcspn(at, " />");
    assert_in_range(n, 1, TAG_BYTES - 1);
    memcpy(name, at, n);
    bool in_quotes = false;
    const char *end = at + n;
    for (; *end && (in_quotes || *end != '>'); end++) {
        if (*end == '"') in_quotes = !in_quotes;
        if (*end == '<') fail_msg("a < in <%s", name);
        if (*end == '=' && !in_quotes) assert_int_equal(end[1], '"');
    }
    assert_int_equal(*end, '>');
    if (closes) {
        assert_in_range(t->depth, 1, MOST_DEPTH);
        t->depth--;
        if (strcmp(t->names[t->depth], name) != 0)
            fail_msg("</%s> closes <%s>", name, t->names[t->depth]);
    } else if (end[-1] != '/' && !is_void(name)) {
        assert_in_range(t->depth, 0, MOST_DEPTH - 1);
        strcpy(t->names[t->depth++], name);
    }
    return end + 1;
}

static void check_markup(const char *page)
{
    tags t = {0};
    for (const char *at = page; (at = strchr(at, '<'));) at = read_tag(&t, at + 1);
    assert_int_equal(t.depth, 0);
}

/* ---- what it shows ---- */

static void the_page_shows_what_the_record_says(void **state)
{
    (void)state;
    ask_record *r = make(record_sample);
    char *page = page_of(r, NULL, 0);
    check_markup(page);
    static const char *const parts[] = {
        "<!DOCTYPE html>",
        "<title>a red ball</title>",
        "clip.mp4</bdi>, 6.00 s, 128 \xC3\x97 96 px",
        "<strong>Found</strong>, best at 2.25 s",
        "Presence 2.75 reaches the threshold, 1.25.",
        "A part of the text is unknown to the model",
        "1 of the frames is damaged",
        "Threshold: calibration.json, fitted on seeds 1 to 200 (n = 800).",
        "<title>moment 1: 1.50\xE2\x80\x93"
        "2.50 s, score 3.25</title>",
        "<title>2.25 s, score 3.25 (cosine 0.233)</title>",
        "<title>2.75 s, score 2.90 (cosine 0.229), shows what is seen at 2.25 s</title>",
        ">time, seconds</text>",
        ">threshold</text>",
        "shows the same as 1</td>",
        "All 12 frames that were looked at",
        "the video ends at 6.000 s, before 8 s",
        "12 images, 105.6 GFLOP",
        "472 MiB",
        "askance find clip.mp4 &#39;a red ball&#39;</pre>",
        "gcc 12.2.0 for x86_64, with OpenMP",
        "<dt>libavcodec</dt><dd>59.37.100</dd>",
        "prefers-color-scheme:dark",
    };
    for (size_t i = 0; i < TEST_COUNT(parts); i++) check_holds(page, parts[i]);
    assert_int_equal(count(page, "<circle "), 12);
    assert_int_equal(count(page, "<circle class=\"picked\""), 2);
    assert_int_equal(count(page, "<g class=\"moment"), 3);
    check_lacks(page, "<h2 id=\"notes\""); // there are none
    check_holds(page, "A score of 0 is the mean of random sentences");
    free(page);
    ask_record_free(r);
}

static void a_text_that_is_not_in_the_video_is_told_in_plain_words(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_record *r = make(record_sparse);
    ask_record_presence p = *r->presence;
    p.score = -0.5;
    p.present = false;
    p.level.known = false;
    CHECK_OK(ask_record_set_presence(r, &p, &err), &err);
    char *page = page_of(r, NULL, 0);
    check_markup(page);
    check_holds(page, "<strong>Not in this video</strong>");
    check_holds(page, "Presence \xE2\x88\x92"
                      "0.50 stays under the threshold, 1.25; it came "
                      "nearest at 2.25 s.");
    check_holds(page, "Moments that came nearest");
    check_holds(page, "<dt>frames.index</dt><dd>not asked for</dd>");
    check_lacks(page, "<strong>Found</strong>");
    check_lacks(page, "<line class=\"threshold\"");
    free(page);
    ask_record_free(r);
}

static void pictures_stand_in_the_page_itself(void **state)
{
    (void)state;
    const ask_report_picture pictures[] = {
        {.frame = 4, .png = "\x01\x02\x03\x04", .n_bytes = 4, .width = 320, .height = 240},
        {.frame = 7, .png = "\xFF\xFE\xFD", .n_bytes = 3, .width = 10, .height = 20},
    };
    ask_record *r = make(record_sample);
    char *page = page_of(r, pictures, TEST_COUNT(pictures));
    check_markup(page);
    check_holds(page, "<figure id=\"frame-4\"><img width=\"320\" height=\"240\" alt=\"The "
                      "frame at 2.25 s\" src=\"data:image/png;base64,AQIDBA==\">");
    check_holds(page, "src=\"data:image/png;base64,//79\">");
    check_holds(page, "<a href=\"#frame-4\">2.25 s</a>");
    check_holds(page, "moment 1</span>");
    check_lacks(page, "href=\"#frame-10\""); // it has no picture
    assert_int_equal(count(page, "<figure "), 2);
    free(page);

    ask_error err = {0};
    ask_str none = {0};
    const ask_report_picture stray = {.frame = 12};
    assert_false(ask_report_html(&none, r, &stray, 1, &err));
    assert_int_equal(err.code, ASK_ERR_BUG);
    assert_int_equal(none.length, 0);
    ask_record_free(r);
}

/* ---- an answer from a memory ---- */

static void what_is_remembered_is_a_timeline(void **state)
{
    (void)state;
    ask_record *r = make(record_memory);
    char *page = page_of(r, NULL, 0);
    check_markup(page);
    static const char *const parts[] = {
        "<h2 id=\"timeline\">Timeline</h2>",
        "<strong><bdi>red</bdi></strong>, probability 0.75, seen at 2.50\xE2\x80\x93"
        "2.60 s",
        "<tr class=\"chosen\"><td>1</td><th scope=\"row\"><bdi>the red ball hits the blue "
        "star</bdi></th><td>2.50\xE2\x80\x93"
        "2.60 s</td>",
        "aria-label=\"2.50\xE2\x80\x93"
        "2.60 s\"",
        "x=\"41.67%\" width=\"1.67%\"", // of 6 s
        "<tr><td>3</td><th scope=\"row\"><bdi>the red ball jumps</bdi></th>",
        "<td class=\"n\">0.50</td><td class=\"n\">0.06</td>",
        "A frame's score is how much of the answer is seen there.",
    };
    for (size_t i = 0; i < TEST_COUNT(parts); i++) check_holds(page, parts[i]);
    /* In the order of time, whichever is best. */
    const char *star = strstr(page, "<bdi>the blue star"),
               *jumps = strstr(page, "<bdi>the red ball jumps"),
               *hits = strstr(page, "<bdi>the red ball hits");
    assert_true(star < jumps && jumps < hits);
    assert_int_equal(count(page, "<g class=\"moment"), 2); // those that are pointed at
    check_lacks(page, "<h2 id=\"moments\"");
    check_lacks(page, "random sentences");
    free(page);
    ask_record_free(r);
}

static void an_answer_that_denies_is_seen_nowhere(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_record *r = make(record_memory);
    ask_record_answer denial = *r->answer;
    denial.denies.value = true;
    ask_record_verdict verdict = *r->verdict;
    verdict.value = ASK_WORTH_NOT_IN_VIDEO;
    verdict.note = NULL;
    CHECK_OK(ask_record_set_answer(r, &denial, &err) &&
                 ask_record_set_verdict(r, &verdict, &err),
             &err);
    char *page = page_of(r, NULL, 0);
    check_holds(page, "<div class=\"outcome no\"><p><strong><bdi>red</bdi></strong>, "
                      "probability 0.75</p>");
    check_holds(page, "the model rather says that there is no such thing");
    free(page);
    CHECK_OK(ask_record_set_moments(r, NULL, 0, &err), &err);
    page = page_of(r, NULL, 0); // nothing was remembered
    check_markup(page);
    check_lacks(page, "Timeline");
    free(page);
    ask_record_free(r);
}

static void names_of_others_stay_texts_on_a_timeline(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_record *r = make(record_memory);
    ask_record_moment m = r->moments[0];
    m.text = m.event = "<script>\"&";
    CHECK_OK(ask_record_set_moments(r, &m, 1, &err), &err);
    char *page = page_of(r, NULL, 0);
    check_markup(page);
    check_lacks(page, "<script");
    check_holds(page, "<bdi>&lt;script&gt;&quot;&amp;</bdi>");
    free(page);
    ask_record_free(r);
}

/* ---- an answer in words ---- */

static void words_are_shown_with_what_was_looked_at(void **state)
{
    (void)state;
    const ask_report_picture picture = {.frame = 4, .png = "123", .n_bytes = 3};
    ask_record *r = make(record_words);
    char *page = page_of(r, &picture, 1);
    check_markup(page);
    static const char *const parts[] = {
        "<div class=\"outcome open\"><p class=\"words\"><bdi>The ball is red.</bdi></p>",
        "mean probability of a token 0.75, 6 tokens, ended by itself.</p>",
        "No verdict: there are no thresholds for words",
        /* The frames, the first of which has 1/9 of the longest bar. */
        "<tr><th scope=\"row\">0.25 s</th><td class=\"wide\"><svg class=\"bar\" "
        "role=\"img\" "
        "aria-label=\"1.6 %\"><rect width=\"100%\" height=\"100%\"/><rect class=\"part\" "
        "width=\"11.11%\" height=\"100%\"/></svg></td><td class=\"n\">1.6 %</td></tr>",
        "<tr class=\"chosen\"><th scope=\"row\"><a href=\"#frame-4\">2.25 s</a></th>",
        "<td class=\"n\">67.7 %</td></tr>", // the text
        /* The tokens. */
        "<th scope=\"col\" class=\"t\"><a href=\"#frame-4\">2.25 s</a></th>",
        "<th scope=\"row\"><bdi> ball</bdi></th><td class=\"p\">0.61</td>"
        "<td class=\"else\" style=\"--a:0.25\">56</td><td style=\"--a:0.01\">2</td>",
        "<td style=\"--a:0.45\">52</td>", // the greatest share
        "<figcaption><b>2.25 s</b> 14.1 % of attention",
        "Of <bdi>clip.srt</bdi>; the model read 2 with the question, and for 3 there was "
        "no",
        "<details open><summary>What is said when</summary>",
        "<td>1.00\xE2\x80\x93"
        "8.00 s</td><td class=\"wide\"><bdi>It is &lt;red&gt; &amp; round.</bdi></td>",
        "<td class=\"other\">other words</td>",
        "<td class=\"same\">the same words</td>",
        "not done: not done for words",
        "What is &lt;red&gt;?&lt;assistant&gt;</pre>",
        "<dt>room for tokens</dt><dd>4096</dd>",
        "<dt>tokens read</dt><dd>801</dd>",
        "<dt>speed</dt><dd>8.25 tokens a second</dd>",
        "<dt>temperature</dt><dd>0.7</dd>",
    };
    for (size_t i = 0; i < TEST_COUNT(parts); i++) check_holds(page, parts[i]);
    assert_int_equal(count(page, "<th scope=\"col\" class=\"t\">"), 12);
    assert_int_equal(count(page, " style=\"--a:"), 6 * 13);
    check_lacks(page, "<h2 id=\"options\"");
    check_lacks(page, "<h2 id=\"curve\"");
    check_lacks(page, "score ");
    free(page);
    ask_record_free(r);
}

static void words_without_attention_say_so(void **state)
{
    (void)state;
    ask_record *r = make(record_bare_words);
    char *page = page_of(r, NULL, 0);
    check_markup(page);
    check_holds(page, "Where the model looked was not read: the model keeps none of it");
    check_holds(page, "<span><bdi> ball</bdi> <i>0.61</i></span>");
    check_lacks(page, "Token by token");
    check_lacks(page, "<h2 id=\"checks\"");
    check_lacks(page, "<h2 id=\"subtitles\"");
    free(page);
    ask_record_free(r);
}

static void words_say_why_they_end(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"end", "ended by itself."},
        {"stop", "ended at a text that was asked to end it."},
        {"length", "cut off: as long as was allowed."},
        {"context", "cut off: there was no more room."},
        {"caller", "cut off by the caller."},
        {"<power>", "&lt;power&gt;."},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_record *r = make(record_words);
        ask_record_answer words = *r->answer;
        words.ended_by = cases[i][0];
        words.text = i ? words.text : "";
        CHECK_OK(ask_record_set_answer(r, &words, &err), &err);
        char *page = page_of(r, NULL, 0);
        CHECK_CASE(cases[i][0], strstr(page, cases[i][1]));
        CHECK_CASE(cases[i][0], (strstr(page, "(no words)") != NULL) == (i == 0));
        free(page);
        ask_record_free(r);
    }
}

static void a_verdict_on_words_is_told(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_record *r = make(record_words);
    ask_record_verdict verdict = {.value = ASK_WORTH_PRIOR_ONLY, .tau_prior = 0.25};
    CHECK_OK(ask_record_set_verdict(r, &verdict, &err), &err);
    char *page = page_of(r, NULL, 0);
    check_markup(page);
    check_holds(page, "<div class=\"outcome no\">");
    check_holds(page, "<b>Answered without looking</b>");
    check_holds(page, "above a grey picture 0.25");
    free(page);
    ask_record_free(r);
}

static void words_of_others_stay_texts(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_record *r = make(record_words);
    static const char HOSTILE_WORDS[] = "<script>\n\"&";
    ask_record_token token = r->answer->tokens[0];
    token.text = HOSTILE_WORDS;
    ask_record_answer words = *r->answer;
    words.text = words.ended_by = HOSTILE_WORDS;
    words.tokens = &token;
    words.n_tokens = 1;
    const ask_record_cue cue = {.end_s = 1, .text = HOSTILE_WORDS};
    const ask_record_subtitles said = {.source = HOSTILE_WORDS, .cues = &cue, .n_cues = 1};
    ask_record_query query = *r->query;
    query.prompt = HOSTILE_WORDS;
    const ask_record_pair pair = {HOSTILE_WORDS, HOSTILE_WORDS};
    ask_record_reproduce how = *r->reproduce;
    how.generation = (ask_record_pairs){&pair, 1};
    CHECK_OK(ask_record_set_answer(r, &words, &err) &&
                 ask_record_set_subtitles(r, &said, &err) &&
                 ask_record_set_query(r, &query, &err) &&
                 ask_record_set_reproduce(r, &how, &err),
             &err);
    char *page = page_of(r, NULL, 0);
    check_markup(page);
    check_lacks(page, "<script");
    check_holds(page, "<bdi>&lt;script&gt;\xE2\x86\xB5&quot;&amp;</bdi></th>");
    free(page);
    ask_record_free(r);
}

/* ---- nothing gets out ---- */

static const char HOSTILE[] = "<script>alert(1)</script> \"x\" & 'y' --> \x01 \xFF ]]>";

static void texts_of_others_stay_texts(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_record *r = make(record_sample);
    ask_record_query query = *r->query;
    query.text = HOSTILE;
    ask_record_video video = *r->video;
    video.path = HOSTILE;
    ask_record_presence presence = *r->presence;
    presence.threshold_source = presence.threshold_data = HOSTILE;
    ask_record_plan plan = *r->plan;
    plan.mode = plan.strategy = plan.why_changed = HOSTILE;
    const char *const argv[] = {HOSTILE, "it's", "", "plain"};
    const ask_record_pair pair = {HOSTILE, HOSTILE};
    ask_record_reproduce how = *r->reproduce;
    how.argv = (ask_record_texts){argv, 4};
    how.libraries = (ask_record_pairs){&pair, 1};
    how.version = how.build = how.isa = how.backend = how.dtype = HOSTILE;
    how.model.dir = how.model.network = HOSTILE;
    CHECK_OK(ask_record_set_query(r, &query, &err) &&
                 ask_record_set_video(r, &video, &err) &&
                 ask_record_set_presence(r, &presence, &err) &&
                 ask_record_set_plan(r, &plan, &err) &&
                 ask_record_set_reproduce(r, &how, &err) &&
                 ask_record_note(r, HOSTILE, HOSTILE, &err),
             &err);
    char *page = page_of(r, NULL, 0);
    check_markup(page);
    check_lacks(page, "<script");
    check_lacks(page, "\x01");
    check_holds(page, "<title>&lt;script&gt;alert(1)&lt;/script&gt; &quot;x&quot; &amp; "
                      "&#39;y&#39; --&gt; \xEF\xBF\xBD \xEF\xBF\xBD ]]&gt;</title>");
    check_holds(page, " &#39;it&#39;\\&#39;&#39;s&#39; &#39;&#39; plain</pre>");
    free(page);
    ask_record_free(r);
}

static void the_page_asks_nobody_for_anything(void **state)
{
    (void)state;
    ask_record *r = make(record_sample);
    char *page = page_of(r, NULL, 0);
    static const char *const parts[] = {"http:",   "https:", "//",      "url(",
                                        "@import", "<link",  "<iframe", "javascript"};
    for (size_t i = 0; i < TEST_COUNT(parts); i++) check_lacks(page, parts[i]);
    check_holds(page, "default-src 'none'; img-src data:; style-src 'unsafe-inline'");
    free(page);
    ask_record_free(r);
}

/* ---- odd records ---- */

static void set_curve(ask_record *r, size_t n, double step_s, double score)
{
    ask_error err = {0};
    ask_record_frame *frames = calloc(n, sizeof *frames);
    assert_non_null(frames);
    for (size_t i = 0; i < n; i++) {
        frames[i] = r->frames[0];
        frames[i].index = ask_known_int((int64_t)i);
        frames[i].t_s = step_s * (double)i;
        frames[i].score = score;
    }
    ask_record_video video = *r->video;
    video.duration_s = ask_known_real(step_s * (double)n);
    video.n_frames = ask_known_int((int64_t)n);
    ask_record_plan plan = *r->plan;
    plan.resolved.start_s = 0;
    plan.resolved.end_s = step_s * (double)n;
    CHECK_OK(ask_record_set_frames(r, frames, n, &err) &&
                 ask_record_set_video(r, &video, &err) &&
                 ask_record_set_plan(r, &plan, &err) &&
                 ask_record_set_moments(r, NULL, 0, &err),
             &err);
    free(frames);
}

static void charts_of_any_length_have_readable_axes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t n;
        double step_s, score;
        const char *first, *last; // labels of the time axis
    } cases[] = {
        {"one frame of no length", 1, 0, 0, ">0</text>", ">1</text>"},
        {"one frame", 1, 0.04, 2, ">0</text>", ">0.04</text>"},
        {"a level curve", 3, 1, -1.5, ">0</text>", ">3</text>"},
        {"a minute", 60, 1, 1e-3, ">10</text>", ">60</text>"},
        {"three minutes", 180, 1, 1, ">0:00</text>", ">3:00</text>"},
        {"three hours", 512, 21.09375, 40, ">0:00:00</text>", ">3:00:00</text>"},
        {"ten days", 10, 86400, 1e6, ">50:00:00</text>", ">200:00:00</text>"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_record *r = make(record_sample);
        set_curve(r, cases[i].n, cases[i].step_s, cases[i].score);
        char *page = page_of(r, NULL, 0);
        check_markup(page);
        CHECK_CASE(cases[i].name, strstr(page, cases[i].first));
        CHECK_CASE(cases[i].name, strstr(page, cases[i].last));
        CHECK_CASE(cases[i].name, !strstr(page, "nan%") && !strstr(page, "inf%"));
        int n_labels = count(page, "<text class=\"x");
        CHECK_CASE(cases[i].name, n_labels >= 3 && n_labels <= 12);
        CHECK_CASE(cases[i].name, count(page, "<circle ") == (int)cases[i].n);
        free(page);
        ask_record_free(r);
    }
}

static void a_broken_record_has_no_report(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_record *r = make(record_sample);
    CHECK_OK(ask_record_set_frames(r, NULL, 0, &err), &err);
    ask_str page = {0};
    assert_false(ask_report_html(&page, r, NULL, 0, &err));
    assert_int_equal(err.code, ASK_ERR_BUG);
    assert_int_equal(page.length, 0);
    ask_record_free(r);
}

static bool make_page(void *record, ask_error *err)
{
    ask_str page = {0};
    const ask_report_picture picture = {.frame = 0, .png = "123", .n_bytes = 3};
    bool ok = ask_report_html(&page, record, &picture, 1, err);
    ask_str_free(&page);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    ask_record *(*const how[])(ask_error *) = {record_sparse, record_words};
    for (size_t i = 0; i < TEST_COUNT(how); i++) {
        ask_record *r = make(how[i]);
        assert_true(test_each_alloc_fails("report", make_page, r) > 3);
        ask_record_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_shows_what_the_record_says),
        cmocka_unit_test(a_text_that_is_not_in_the_video_is_told_in_plain_words),
        cmocka_unit_test(pictures_stand_in_the_page_itself),
        cmocka_unit_test(what_is_remembered_is_a_timeline),
        cmocka_unit_test(an_answer_that_denies_is_seen_nowhere),
        cmocka_unit_test(names_of_others_stay_texts_on_a_timeline),
        cmocka_unit_test(words_are_shown_with_what_was_looked_at),
        cmocka_unit_test(words_without_attention_say_so),
        cmocka_unit_test(words_say_why_they_end),
        cmocka_unit_test(a_verdict_on_words_is_told),
        cmocka_unit_test(words_of_others_stay_texts),
        cmocka_unit_test(texts_of_others_stay_texts),
        cmocka_unit_test(the_page_asks_nobody_for_anything),
        cmocka_unit_test(charts_of_any_length_have_readable_axes),
        cmocka_unit_test(a_broken_record_has_no_report),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
