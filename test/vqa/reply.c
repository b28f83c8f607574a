/* Replies of language models of random weights: their words mean nothing, but what they
 * looked at, and what they would have said of other frames, can be worked out by other
 * ways. */
#include "vqa/reply.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/model_priv.h"
#include "support/checkpoint.h"
#include "support/color_model.h"
#include "support/language_model.h"
#include "support/tensors.h"
#include "vqa/talk_priv.h"

enum { ROWS = LANGUAGE_MODEL_FRAME_TOKENS, SIDE = 3, MOST_TOKENS = 10, N_FRAMES = 6 };

/* Sums of f32 products, in pieces of another length. */
static const double logprob_tol = 1e-3, share_tol = 1e-5;

static char *dir; // with all models and videos

static const color_span story[] = {{0.5, 0xff0000}, {0.5, 0x00ff00}, {0.5, 0x0000ff},
                                   {0.5, 0x000000}, {0.5, 0xffff00}, {0.5, 0x00ffff},
                                   {0.5, 0xffffff}, {0.5, 0x804020}};

/* Weights as they are drawn hardly tell one thing from another: these are larger. */
static void write_model(const char *name, const language_model_options *opt)
{
    char path[512];
    language_model_write(test_path(dir, name), opt);
    snprintf(path, sizeof path, "%s/model.safetensors", test_path(dir, name));
    tensor_list list = tensors_read(path);
    for (size_t i = 0; i < list.n; i++) {
        ask_weights_entry *e = &list.entries[i];
        if (e->n_dims != 2) continue;
        float *values = tensors_floats(&list, e->name);
        for (size_t k = 0; k < e->bytes / sizeof *values; k++) values[k] *= 10;
    }
    tensors_write(&list, path);
    tensors_free(&list);
}

static int make_all(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    write_model("next", &(language_model_options){.seed = 3});
    write_model("llava",
                &(language_model_options){.kind = LANGUAGE_MODEL_LLAVA, .seed = 4});
    write_model("chatgpt",
                &(language_model_options){.kind = LANGUAGE_MODEL_VIDEO_CHATGPT, .seed = 3});
    color_video_write(test_path(dir, "story.mp4"), 64, 48, 12, story, TEST_COUNT(story));
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

/* ---- a model, a video, and a talk ---- */

typedef struct {
    ask_model *model, *eye_model;
    ask_session *session, *eye;
    ask_video *video;
    ask_talk *talk;
    ask_cancel cancel;
    bool stops; // at the first progress
    ask_progress progress;
} scene;

static void stop(void *user, int64_t done, int64_t total, const char *unit,
                 const char *label)
{
    scene *s = user;
    (void)done;
    (void)total;
    (void)unit;
    (void)label;
    if (s->stops) ask_cancel_raise(&s->cancel, SIGINT);
}

static void open_model(ask_model **m, ask_session **s, const char *folder)
{
    ask_error err = {0};
    const ask_model_options opt = {.n_threads = 1};
    CHECK_OK(*m = ask_model_open(folder, &opt, &err), &err);
    CHECK_OK(*s = ask_session_open(*m, &err), &err);
}

static ask_talk *new_talk(scene *s, int n_frames)
{
    ask_error err = {0};
    ask_talk *t;
    ask_talk_options o = ask_talk_defaults();
    o.sampling.n_frames = n_frames;
    o.max_tokens = MOST_TOKENS;
    o.eye = s->eye;
    o.cancel = &s->cancel;
    o.progress = &s->progress;
    CHECK_OK(t = ask_talk_open(s->video, s->session, &o, &err), &err);
    return t;
}

static void open_scene(scene *s, const char *model, int n_frames)
{
    ask_error err = {0};
    *s = (scene){.progress = {stop, s}};
    open_model(&s->model, &s->session, test_path(dir, model));
    if (strcmp(model, "chatgpt") == 0)
        open_model(&s->eye_model, &s->eye, test_fixture("golden/clip"));
    CHECK_OK(s->video = ask_video_open(test_path(dir, "story.mp4"), NULL, &err), &err);
    s->talk = new_talk(s, n_frames);
}

static void close_scene(scene *s)
{
    ask_talk_close(s->talk);
    ask_video_close(s->video);
    ask_session_close(s->eye);
    ask_model_close(s->eye_model);
    ask_session_close(s->session);
    ask_model_close(s->model);
}

static const char question[] = "what is the fox?";
static const char *const choices[] = {"the quick brown fox is on the wall", "no",
                                      "a reader", "it swims and jumps"};
enum { N_CHOICES = TEST_COUNT(choices) };

static ask_reply reply_of(ask_talk *t, int n_choices, const ask_reply_options *opt)
{
    ask_error err = {0};
    ask_reply r;
    CHECK_OK(
        ask_reply_to(&r, t, question, n_choices ? choices : NULL, n_choices, opt, &err),
        &err);
    return r;
}

/* What is said without all that stands around it. */
static ask_generated said_of(scene *s, int n_frames, const ask_generate_options *gen)
{
    ask_error err = {0};
    ask_generated said;
    ask_talk *t = new_talk(s, n_frames);
    CHECK_OK(ask_talk_say(&said, t, question, gen, &err), &err);
    ask_talk_close(t);
    return said;
}

/* ---- scoring by hand ---- */

typedef struct {
    double sum, mean;
    bool same; // it would say so itself
} score;

/* Tokens behind a prompt, in a context of their own. */
static score score_ids(const scene *s, const ask_place *prompt, int n_prompt,
                       const int64_t *ids, int n)
{
    ask_error err = {0};
    double logprobs[64];
    int64_t likeliest[64];
    score out = {.same = true};
    float *logits = malloc((size_t)s->talk->language.n_vocab * sizeof *logits);
    ask_context *c = ask_context_open(s->session, n_prompt + n, &err);
    CHECK_OK(c, &err);
    CHECK_OK(ask_context_read(c, prompt, n_prompt, logits, NULL, &err), &err);
    CHECK_OK(ask_context_score(c, ids, n, logprobs, likeliest, NULL, NULL, &err), &err);
    for (int i = 0; i < n; i++) {
        out.sum += logprobs[i];
        out.same = out.same && likeliest[i] == ids[i];
    }
    out.mean = out.sum / n;
    ask_context_close(c);
    free(logits);
    return out;
}

static score score_words(const scene *s, const talk_sight *sight, const ask_generated *said)
{
    ask_error err = {0};
    talk_prompt p;
    CHECK_OK(talk_prompt_make(&p, s->talk, question, sight, &err), &err);
    score out = score_ids(s, p.prompt.places, p.prompt.n, said->ids, said->n);
    talk_prompt_free(&p);
    return out;
}

static score score_choice(const scene *s, const talk_sight *sight, const char *choice)
{
    ask_error err = {0};
    talk_prompt p;
    ask_prompt whole;
    char text[512];
    int64_t ids[64];
    CHECK_OK(talk_prompt_make(&p, s->talk, question, sight, &err), &err);
    snprintf(text, sizeof text, "%s %s", p.text, choice);
    CHECK_OK(
        ask_prompt_make(&whole, s->session, text, p.has_begin, p.groups, p.n_groups, &err),
        &err);
    int n = whole.n - p.prompt.n;
    for (int i = 0; i < n; i++) ids[i] = whole.places[p.prompt.n + i].id;
    score out = score_ids(s, p.prompt.places, p.prompt.n, ids, n);
    ask_prompt_free(&whole);
    talk_prompt_free(&p);
    return out;
}

static void check_near(const char *what, double a, double b, double tol)
{
    if (!(fabs(a - b) <= tol)) fail_msg("%s: %.9g, not %.9g", what, a, b);
}

static talk_sight frames_of(const int *frames, int n)
{
    return (talk_sight){.frames = frames, .n_frames = n};
}

/* ---- words ---- */

/* The letters of all tokens, without blanks at both ends, are the text. */
static void check_letters(const ask_reply *r)
{
    char all[1024] = "";
    for (int i = 0; i < r->n_tokens; i++) {
        assert_true(strlen(all) + strlen(r->tokens[i].text) < sizeof all);
        strcat(all, r->tokens[i].text);
    }
    const char *begin = all + strspn(all, " \t\r\n");
    size_t n = strlen(begin);
    while (n > 0 && strchr(" \t\r\n", begin[n - 1])) n--;
    assert_true(strlen(r->text) == n && memcmp(begin, r->text, n) == 0);
}

static void check_shares(const ask_reply *r)
{
    for (int i = 0; i < r->n_tokens; i++) {
        const ask_reply_token *t = &r->tokens[i];
        double sum = t->text_share;
        for (int k = 0; k < r->n_frames; k++) {
            assert_true(t->shares[k] > 0);
            sum += t->shares[k];
        }
        assert_true(t->text_share > 0 && t->logprob < 0);
        check_near("shares", sum, 1, share_tol);
    }
    for (int k = 0; k < r->n_frames; k++) {
        double mean = 0;
        for (int i = 0; i < r->n_tokens; i++) mean += r->tokens[i].shares[k] / r->n_tokens;
        check_near("the score of a frame", (double)r->frames[k].score, mean, share_tol);
    }
}

/* Of n frames, those with the largest scores, ascending. */
static void check_evidence(const ask_reply *r, int n)
{
    assert_int_equal(r->n_evidence, n);
    float least = 1;
    int k = 0;
    for (int i = 0; i < n; i++) {
        assert_true(i == 0 || r->evidence[i] > r->evidence[i - 1]);
        least = fminf(least, r->frames[r->evidence[i]].score);
    }
    for (int i = 0; i < r->n_frames; i++) {
        if (k < n && r->evidence[k] == i)
            k++;
        else
            assert_true(r->frames[i].score <= least);
    }
}

static void words_are_those_of_a_talk(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, "next", N_FRAMES);
    ask_generated said = said_of(&s, N_FRAMES, NULL);
    ask_reply r = reply_of(s.talk, 0, NULL);
    assert_true(r.choice == -1 && r.n_options == 0);
    assert_string_equal(r.text, said.text);
    assert_string_equal(r.prompt, "USER: <video>\nwhat is the fox? ASSISTANT:");
    assert_true(r.end == said.end && r.n_prompt == said.n_prompt && r.n_reused == 0);
    assert_true(r.n_tokens == said.n && said.n > 3);
    for (int i = 0; i < said.n; i++)
        check_near("a token", r.tokens[i].logprob, said.logprobs[i], logprob_tol);
    assert_int_equal(r.n_frames, N_FRAMES);
    assert_true(r.plan.n_frames == N_FRAMES && r.plan.n_prompt == r.n_prompt);
    assert_true(r.decode_s > 0 && r.encode_s > 0 && r.answer_s > 0 && r.first_s > 0);
    check_letters(&r);
    check_shares(&r);
    check_evidence(&r, N_FRAMES / 2);
    ask_generated_free(&said);
    ask_reply_free(&r);
    close_scene(&s);
}

static void evidence_is_no_more_than_wanted(void **state)
{
    (void)state;
    static const struct {
        int n_frames, n_keep, n_evidence;
    } cases[] = {{6, 8, 3}, {6, 2, 2}, {7, 8, 3}, {2, 8, 1}, {1, 8, 1}};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        scene s;
        open_scene(&s, "next", cases[i].n_frames);
        ask_reply_options o = ask_reply_defaults(s.model);
        o.n_keep = cases[i].n_keep;
        o.no_checks = true;
        ask_reply r = reply_of(s.talk, 0, &o);
        check_evidence(&r, cases[i].n_evidence);
        ask_reply_free(&r);
        close_scene(&s);
    }
}

/* ---- where it looked, from a graph of the whole text ---- */

/* Rows and the vectors of tokens: [n, width]. */
static float *vectors_of(const scene *s, const ask_place *places, int n)
{
    char path[512];
    size_t width = (size_t)s->talk->language.width;
    snprintf(path, sizeof path, "%s/model.safetensors", test_path(dir, "next"));
    tensor_list list = tensors_read(path);
    const float *table = tensors_floats(&list, "language_model.model.embed_tokens.weight");
    float *out = malloc((size_t)n * width * sizeof *out);
    assert_non_null(out);
    for (int i = 0; i < n; i++)
        memcpy(out + (size_t)i * width,
               places[i].row ? places[i].row : table + (size_t)places[i].id * width,
               width * sizeof *out);
    tensors_free(&list);
    return out;
}

/* The mean over heads and layers: [n, n]. */
static float *mean_attention(const scene *s, const ask_place *places, int n)
{
    const ask_language *language = s->model->network->language->of(s->model->net);
    const ask_language_sizes z = ask_language_sizes_of(language);
    int64_t positions[256];
    for (int i = 0; i < n; i++) positions[i] = i;
    float *vectors = vectors_of(s, places, n);
    ask_graph *g = test_graph();
    ask_graph_want(g, "attentions.*");
    ask_tensor *x = INPUT(g, 1, n, z.width), *at = INPUT_I64(g, 1, n);
    const ask_decoder_view view = {.positions = at, .trace = ""};
    ask_keep(g, ask_language_build(g, language, x, &view));
    test_plan(g, s->model->backend);
    test_put(x, vectors);
    test_put(at, positions);
    test_run(g);
    size_t size = (size_t)n * (size_t)n;
    float *mean = calloc(size, sizeof *mean);
    assert_non_null(mean);
    for (int i = 0; i < z.decoder.n_layers; i++) {
        char name[32];
        snprintf(name, sizeof name, "attentions.%d", i);
        const ask_tensor *t = ask_graph_find(g, name); // [1, H, n, n]
        int n_heads = (int)ask_tensor_dim(t, 1);
        float *seen = test_get(t);
        for (size_t k = 0; k < size * (size_t)n_heads; k++)
            mean[k % size] += seen[k] / (float)(n_heads * z.decoder.n_layers);
        free(seen);
    }
    ask_graph_free(g);
    free(vectors);
    return mean;
}

static void check_map(const ask_answer_map *m, const double *cells)
{
    double most = 0;
    for (int c = 0; c < SIDE * SIDE; c++) most = fmax(most, cells[c]);
    assert_int_equal(m->side, SIDE);
    for (int c = 0; c < SIDE * SIDE; c++)
        check_near("a cell", (double)m->heat[c], cells[c] / most, 1e-3);
    assert_true(m->x >= 0 && m->y >= 0 && m->width > 0 && m->x + m->width <= 1 + 1e-9);
    assert_true(m->height > 0 && m->y + m->height <= 1 + 1e-9);
}

static void shares_and_maps_are_sums_of_the_attention(void **state)
{
    (void)state;
    enum { BEFORE = 5 };
    ask_error err = {0};
    talk_prompt p;
    scene s;
    open_scene(&s, "next", N_FRAMES);
    ask_reply r = reply_of(s.talk, 0, NULL);
    ask_generated said = said_of(&s, N_FRAMES, NULL);
    CHECK_OK(talk_prompt_make(&p, s.talk, question, &(talk_sight){0}, &err), &err);
    int n = p.prompt.n + said.n, first = 0;
    ask_place *places = calloc((size_t)n, sizeof *places);
    assert_non_null(places);
    memcpy(places, p.prompt.places, (size_t)p.prompt.n * sizeof *places);
    for (int i = 0; i < said.n; i++) places[p.prompt.n + i].id = said.ids[i];
    while (!places[first].row) first++;
    float *seen = mean_attention(&s, places, n);
    static double cells[N_FRAMES * ROWS];
    memset(cells, 0, sizeof cells);
    double spread = 0;
    for (int i = 0; i < said.n; i++) {
        // What says token i is the place before it.
        const float *row = seen + (size_t)(p.prompt.n + i - 1) * (size_t)n;
        for (int k = 0; k < N_FRAMES; k++) {
            double share = 0;
            for (int c = 0; c < ROWS; c++) {
                double got = (double)row[first + k * ROWS + c];
                share += got;
                cells[k * ROWS + c] += got;
            }
            check_near("a share", r.tokens[i].shares[k], share, share_tol);
            spread = fmax(spread, fabs(share - r.tokens[i].shares[0]));
        }
    }
    assert_true(spread > 10 * share_tol); // the case can tell frames from one another
    assert_int_equal(r.n_maps, 3);
    for (int i = 0; i < r.n_maps; i++) {
        assert_int_equal(r.maps[i].frame, r.evidence[i]); // all three of them
        check_map(&r.maps[i], cells + r.maps[i].frame * ROWS);
    }
    free(seen);
    free(places);
    talk_prompt_free(&p);
    ask_generated_free(&said);
    ask_reply_free(&r);
    close_scene(&s);
}

/* ---- checks ---- */

static void check_same(const char *what, const ask_check *c, const score *by_hand)
{
    CHECK_CASE(what, !c->why_not && c->n == 1);
    check_near(what, c->s, by_hand->mean, logprob_tol);
    CHECK_CASE(what, c->answer == (by_hand->same ? 0 : -1));
}

static void check_drawn(const char *what, const ask_check *c)
{
    CHECK_CASE(what, !c->why_not && c->n == ASK_CHECK_SEEDS && c->s < 0);
    CHECK_CASE(what, c->answer == 0 || c->answer == -1);
}

static void checks_of_words_score_them_again(void **state)
{
    (void)state;
    static const double temperatures[] = {0, 3};
    for (size_t i = 0; i < TEST_COUNT(temperatures); i++) {
        scene s;
        open_scene(&s, "next", N_FRAMES);
        ask_reply_options o = ask_reply_defaults(s.model);
        o.generate.sampler.temperature = temperatures[i];
        o.generate.seed = 5;
        ask_reply r = reply_of(s.talk, 0, &o);
        ask_generated said = said_of(&s, N_FRAMES, &o.generate);
        const ask_checks *c = &r.checks;
        double mean = 0;
        for (int k = 0; k < said.n; k++) mean += said.logprobs[k] / said.n;
        assert_true(r.is_checked && said.n > 0 && said.n == r.n_tokens);
        check_near("full", c->full.s, mean, logprob_tol);
        assert_true(c->full.answer == 0 && c->full.n == 1); // however it was drawn
        check_near("confidence", r.confidence, exp(mean), logprob_tol);
        score blind = score_words(&s, &(talk_sight){.blind = true}, &said);
        check_same("blind", &c->blind, &blind);
        talk_sight sight = frames_of(r.evidence, r.n_evidence);
        score only = score_words(&s, &sight, &said);
        check_same("evidence only", &c->evidence_only, &only);
        int others[N_FRAMES], n = 0;
        for (int k = 0, e = 0; k < N_FRAMES; k++)
            if (e < r.n_evidence && r.evidence[e] == k)
                e++;
            else
                others[n++] = k;
        sight = frames_of(others, n);
        score removed = score_words(&s, &sight, &said);
        check_same("evidence removed", &c->evidence_removed, &removed);
        check_drawn("shuffled", &c->shuffled);
        check_drawn("random removed", &c->random_removed);
        assert_true(fabs(c->shuffled.s - c->full.s) > 1e-5);
        ask_generated_free(&said);
        ask_reply_free(&r);
        close_scene(&s);
    }
}

/* Of two frames there is one other order, so all draws are the same. */
static void frames_are_shuffled_into_another_order(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, "next", 2);
    ask_reply r = reply_of(s.talk, 0, NULL);
    ask_generated said = said_of(&s, 2, NULL);
    static const int turned[] = {1, 0};
    talk_sight sight = frames_of(turned, 2);
    score by_hand = score_words(&s, &sight, &said);
    check_near("turned", r.checks.shuffled.s, by_hand.mean, logprob_tol);
    assert_int_equal(r.checks.shuffled.answer, by_hand.same ? 0 : -1);
    ask_generated_free(&said);
    ask_reply_free(&r);
    close_scene(&s);
}

static void what_cannot_be_checked_says_why(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, "next", 1);
    ask_reply r = reply_of(s.talk, 0, NULL);
    const ask_checks *c = &r.checks;
    static const char no_others[] = "no other frames were looked at";
    assert_true(!c->full.why_not && !c->blind.why_not && !c->evidence_only.why_not);
    assert_string_equal(c->shuffled.why_not, no_others);
    assert_string_equal(c->evidence_removed.why_not, no_others);
    assert_string_equal(c->random_removed.why_not, no_others);
    check_near("one frame is all", c->evidence_only.s, c->full.s, logprob_tol);
    ask_reply_free(&r);
    close_scene(&s);
}

static void looks_and_checks_can_be_left_out(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, "next", N_FRAMES);
    ask_reply whole = reply_of(s.talk, 0, NULL);
    ask_reply_options o = ask_reply_defaults(s.model);
    o.no_looks = true;
    ask_reply r = reply_of(s.talk, 0, &o);
    static const char not_read[] = "where the model looked was not read";
    assert_string_equal(r.text, whole.text);
    assert_true(r.n_evidence == 0 && r.n_maps == 0 && r.n_frames == N_FRAMES);
    assert_true(r.n_tokens == whole.n_tokens && !r.tokens[0].shares);
    assert_true(r.tokens[0].text_share == 1 && r.is_checked);
    assert_true(!r.checks.blind.why_not && !r.checks.shuffled.why_not);
    check_near("blind", r.checks.blind.s, whole.checks.blind.s, logprob_tol);
    assert_string_equal(r.checks.evidence_only.why_not, not_read);
    assert_string_equal(r.checks.evidence_removed.why_not, not_read);
    assert_string_equal(r.checks.random_removed.why_not, not_read);
    ask_reply_free(&r);
    o.no_checks = true;
    r = reply_of(s.talk, 0, &o);
    assert_true(!r.is_checked && !r.verdict.known);
    assert_string_equal(r.verdict.why_not, "checks were not asked for");
    ask_reply_free(&r);
    ask_reply_free(&whole);
    close_scene(&s);
}

/* A stop string that is met at once leaves no words. */
static void nothing_said_is_nothing_to_check(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, "next", N_FRAMES);
    ask_reply_options o = ask_reply_defaults(s.model);
    o.generate.sampler.temperature = 1;
    ask_reply whole = reply_of(s.talk, 0, &o);
    while (whole.n_tokens == 0 || !*whole.tokens[0].text) { // parts of letters are no words
        ask_reply_free(&whole);
        o.generate.seed++;
        assert_true(o.generate.seed < 20);
        whole = reply_of(s.talk, 0, &o);
    }
    const char *stop_text = whole.tokens[0].text;
    o.generate.stops = &stop_text;
    o.generate.n_stops = 1;
    ask_reply r = reply_of(s.talk, 0, &o);
    assert_true(r.n_tokens == 0 && r.end == ASK_END_STOP && r.confidence == 0);
    assert_string_equal(r.text, "");
    assert_true(r.n_frames == N_FRAMES && r.n_evidence == 0 && !r.is_checked);
    assert_string_equal(r.verdict.why_not, "the model said nothing that could be checked");
    ask_reply_free(&r);
    ask_reply_free(&whole);
    close_scene(&s);
}

/* ---- choices ---- */

/* As shares, from what is compared. */
static int shares_of(double *s, int n)
{
    int best = 0;
    double sum = 0;
    for (int i = 0; i < n; i++) {
        sum += exp(s[i]);
        if (s[i] > s[best]) best = i;
    }
    for (int i = 0; i < n; i++) s[i] -= log(sum);
    return best;
}

static void choices_are_scored_as_answers(void **state)
{
    (void)state;
    double p_short[2];
    for (int in_sum = 0; in_sum < 2; in_sum++) {
        scene s;
        open_scene(&s, "next", N_FRAMES);
        ask_reply_options o = ask_reply_defaults(s.model);
        o.in_sum = in_sum;
        ask_reply r = reply_of(s.talk, N_CHOICES, &o);
        double expected[N_CHOICES], blind[N_CHOICES], sum = 0;
        for (int i = 0; i < N_CHOICES; i++) {
            score a = score_choice(&s, &(talk_sight){0}, choices[i]);
            score b = score_choice(&s, &(talk_sight){.blind = true}, choices[i]);
            expected[i] = in_sum ? a.sum : a.mean;
            blind[i] = in_sum ? b.sum : b.mean;
        }
        assert_int_equal(r.n_options, N_CHOICES);
        assert_int_equal(r.choice, shares_of(expected, N_CHOICES));
        for (int i = 0; i < N_CHOICES; i++) {
            assert_ptr_equal(r.options[i].text, choices[i]);
            check_near(choices[i], r.options[i].s, expected[i], 10 * logprob_tol);
            check_near("p", r.options[i].p, exp(r.options[i].s), 1e-12);
            sum += r.options[i].p;
        }
        check_near("probabilities", sum, 1, 1e-9);
        assert_string_equal(r.text, choices[r.choice]);
        assert_true(r.confidence == r.options[r.choice].p);
        assert_true(r.checks.full.s == r.options[r.choice].s);
        assert_int_equal(r.checks.full.answer, r.choice);
        assert_int_equal(r.checks.blind.answer, shares_of(blind, N_CHOICES));
        check_near("blind", r.checks.blind.s, blind[r.choice], 10 * logprob_tol);
        assert_true(r.checks.shuffled.n == ASK_CHECK_SEEDS &&
                    r.checks.random_removed.n == ASK_CHECK_SEEDS);
        assert_in_range(r.checks.random_removed.answer, 0, N_CHOICES - 1);
        check_letters(&r);
        check_shares(&r);
        check_evidence(&r, N_FRAMES / 2);
        p_short[in_sum] = r.options[1].p;
        ask_reply_free(&r);
        close_scene(&s);
    }
    assert_true(p_short[1] > p_short[0]); // a sum is better the fewer it is of
}

/* ---- verdicts ---- */

static void a_standard_gives_a_verdict(void **state)
{
    (void)state;
    static const double mean[] = {0};
    ask_standard standard = {.has_limits = true, .limits = {0.5, 0.5, 0.1}};
    scene s;
    bool redundant;
    open_scene(&s, "next", N_FRAMES);
    ask_reply_options o = ask_reply_defaults(s.model);
    ask_reply r = reply_of(s.talk, N_CHOICES, &o);
    assert_true(!r.verdict.known && r.verdict.why_not);
    ask_reply_free(&r);
    o.standard = &standard;
    r = reply_of(s.talk, N_CHOICES, &o);
    assert_true(r.verdict.known && !r.verdict.why_not);
    const ask_verdict_input in = {.present = true, .answer = r.choice, .checks = &r.checks};
    assert_int_equal(r.verdict.verdict, ask_verdict_of(&redundant, &in, &standard.limits));
    assert_int_equal(r.verdict.redundant, redundant);
    ask_reply_free(&r);
    standard.mean = standard.deviation = mean;
    r = reply_of(s.talk, N_CHOICES, &o);
    assert_true(!r.verdict.known);
    assert_non_null(strstr(r.verdict.why_not, "no footage to compare with"));
    assert_true(r.verdict.most_distance < 0); // it was not judged
    ask_reply_free(&r);
    close_scene(&s);
}

/* ---- again ---- */

static void check_same_bits(const ask_reply *a, const ask_reply *b)
{
    assert_string_equal(a->text, b->text);
    assert_true(a->n_tokens == b->n_tokens && a->n_frames == b->n_frames);
    assert_memory_equal(a->all_shares, b->all_shares,
                        (size_t)(a->n_tokens * a->n_frames) * sizeof *a->all_shares);
    for (int i = 0; i < a->n_tokens; i++)
        assert_true(a->tokens[i].logprob == b->tokens[i].logprob);
    for (int i = 0; i < a->n_options; i++) assert_true(a->options[i].s == b->options[i].s);
    assert_true(a->confidence == b->confidence);
    assert_memory_equal(&a->checks, &b->checks, sizeof a->checks);
    assert_memory_equal(a->evidence, b->evidence, sizeof a->evidence);
    for (int i = 0; i < a->n_maps; i++)
        assert_memory_equal(a->maps[i].heat, b->maps[i].heat,
                            SIDE * SIDE * sizeof *a->maps[i].heat);
}

static void the_same_inputs_give_the_same_bits(void **state)
{
    (void)state;
    static const int n_choices[] = {0, N_CHOICES};
    for (size_t i = 0; i < TEST_COUNT(n_choices); i++) {
        scene s, again;
        open_scene(&s, "next", N_FRAMES);
        open_scene(&again, "next", N_FRAMES);
        ask_reply a = reply_of(s.talk, n_choices[i], NULL);
        ask_reply b = reply_of(again.talk, n_choices[i], NULL);
        check_same_bits(&a, &b);
        ask_reply_free(&a);
        ask_reply_free(&b);
        close_scene(&s);
        close_scene(&again);
    }
}

/* Checks leave the prompt of all frames read, for what comes next. */
static void a_second_question_reads_only_what_is_new(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, "next", N_FRAMES);
    ask_reply a = reply_of(s.talk, 0, NULL);
    const float *rows = ask_talk_footage(s.talk)->rows;
    ask_reply b = reply_of(s.talk, N_CHOICES, NULL);
    assert_ptr_equal(ask_talk_footage(s.talk)->rows, rows);
    assert_true(b.decode_s == 0 && b.encode_s == 0);
    assert_int_equal(b.n_reused, b.n_prompt - 1);
    ask_reply c = reply_of(s.talk, 0, NULL);
    assert_string_equal(c.text, a.text);
    assert_int_equal(c.n_reused, c.n_prompt - 1);
    ask_reply_free(&a);
    ask_reply_free(&b);
    ask_reply_free(&c);
    close_scene(&s);
}

/* ---- other shapes ---- */

static void means_over_all_frames_cannot_be_taken_apart(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, "chatgpt", 0);
    ask_reply r = reply_of(s.talk, 0, NULL);
    static const char in_the_mean[] =
        "the model is given means over all frames: none can be left out or moved";
    assert_true(r.n_tokens > 0 && r.n_frames == ask_talk_footage(s.talk)->sampled.n);
    check_letters(&r);
    check_shares(&r);
    check_evidence(&r, 8);
    assert_int_equal(r.n_maps, 0);
    assert_true(!r.checks.full.why_not && !r.checks.blind.why_not);
    assert_string_equal(r.checks.shuffled.why_not, in_the_mean);
    assert_string_equal(r.checks.evidence_only.why_not, in_the_mean);
    assert_string_equal(r.checks.evidence_removed.why_not, in_the_mean);
    assert_string_equal(r.checks.random_removed.why_not, in_the_mean);
    ask_reply_free(&r);
    close_scene(&s);
}

static void frames_of_llava_are_shown_one_by_one(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, "llava", 4);
    ask_reply r = reply_of(s.talk, 0, NULL);
    ask_generated said = said_of(&s, 4, NULL);
    assert_string_equal(r.text, said.text);
    check_shares(&r);
    check_evidence(&r, 2);
    talk_sight sight = frames_of(r.evidence, r.n_evidence);
    score only = score_words(&s, &sight, &said);
    check_same("evidence only", &r.checks.evidence_only, &only);
    assert_true(r.n_maps == 2 && r.maps[0].side == 6);
    ask_generated_free(&said);
    ask_reply_free(&r);
    close_scene(&s);
}

/* ---- what is refused ---- */

static void what_cannot_be_asked_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *question;
        const char *choices[2];
        int n_choices, n_keep, n_maps;
        const char *message; // a part of it
    } cases[] = {
        {"no frame", question, {0}, 0, 0, 3, "0 frames to keep: give 1 to "},
        {"too many frames", question, {0}, 0, 100000, 3, "100000 frames to keep"},
        {"fewer maps than none", question, {0}, 0, 8, -1, "-1 frames to explain: give 0"},
        {"one choice", question, {"a"}, 1, 8, 3, "1 choice: give 2 to"},
        {"the same twice", question, {"a", " A"}, 2, 8, 3, "choices 1 and 2 are the same"},
        {"an empty question", "", {0}, 0, 8, 3, "the question"},
        {"a placeholder", "is it <video>?", {0}, 0, 8, 3, "leave it out of the question"},
        {"a placeholder as a choice",
         question,
         {"a", "<video>"},
         2,
         8,
         3,
         "leave \"<video>\" out of the words"},
    };
    scene s;
    open_scene(&s, "next", 2);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_reply r;
        ask_reply_options o = ask_reply_defaults(s.model);
        o.n_keep = cases[i].n_keep;
        o.n_maps = cases[i].n_maps;
        CHECK_CASE(cases[i].name,
                   !ask_reply_to(&r, s.talk, cases[i].question, cases[i].choices,
                                 cases[i].n_choices, &o, &err));
        if (err.code != ASK_ERR_USAGE || !strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
    close_scene(&s);
}

static void a_talk_that_has_begun_is_refused(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_generated said;
    ask_reply r;
    scene s;
    open_scene(&s, "next", 2);
    CHECK_OK(ask_talk_say(&said, s.talk, question, NULL, &err), &err);
    assert_false(ask_reply_to(&r, s.talk, question, NULL, 0, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_string_equal(err.message,
                        "something was said in the talk before: forget that first");
    ask_talk_forget(s.talk);
    r = reply_of(s.talk, 0, NULL);
    assert_string_equal(r.text, said.text);
    ask_generated_free(&said);
    ask_reply_free(&r);
    close_scene(&s);
}

static void a_cancelled_reply_can_be_asked_for_again(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_reply r;
    scene s;
    open_scene(&s, "next", N_FRAMES);
    s.stops = true;
    assert_false(ask_reply_to(&r, s.talk, question, NULL, 0, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    s.stops = false;
    s.cancel = (ask_cancel){0};
    r = reply_of(s.talk, 0, NULL);
    ask_reply_free(&r);
    close_scene(&s);
}

typedef struct {
    scene *scene;
    int n_choices;
} attempt;

static bool reply_once(void *user, ask_error *err)
{
    attempt *a = user;
    ask_reply r;
    if (!ask_reply_to(&r, a->scene->talk, question, a->n_choices ? choices : NULL,
                      a->n_choices, NULL, err))
        return false;
    ask_reply_free(&r);
    return true;
}

static void every_failing_allocation_is_told(void **state)
{
    (void)state;
    static const int n_choices[] = {0, 2};
    for (size_t i = 0; i < TEST_COUNT(n_choices); i++) {
        scene s;
        open_scene(&s, "next", 2);
        attempt a = {&s, n_choices[i]};
        assert_true(test_some_allocs_fail("reply", reply_once, &a) > 20);
        close_scene(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_those_of_a_talk),
        cmocka_unit_test(evidence_is_no_more_than_wanted),
        cmocka_unit_test(shares_and_maps_are_sums_of_the_attention),
        cmocka_unit_test(checks_of_words_score_them_again),
        cmocka_unit_test(frames_are_shuffled_into_another_order),
        cmocka_unit_test(what_cannot_be_checked_says_why),
        cmocka_unit_test(looks_and_checks_can_be_left_out),
        cmocka_unit_test(nothing_said_is_nothing_to_check),
        cmocka_unit_test(choices_are_scored_as_answers),
        cmocka_unit_test(a_standard_gives_a_verdict),
        cmocka_unit_test(the_same_inputs_give_the_same_bits),
        cmocka_unit_test(a_second_question_reads_only_what_is_new),
        cmocka_unit_test(means_over_all_frames_cannot_be_taken_apart),
        cmocka_unit_test(frames_of_llava_are_shown_one_by_one),
        cmocka_unit_test(what_cannot_be_asked_is_refused),
        cmocka_unit_test(a_talk_that_has_begun_is_refused),
        cmocka_unit_test(a_cancelled_reply_can_be_asked_for_again),
        cmocka_unit_test(every_failing_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
