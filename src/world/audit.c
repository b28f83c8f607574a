#include "world/audit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/options.h"
#include "media/video.h"
#include "world/tally_priv.h"
#include "world/truth_read.h"

enum { N_BINS = 64, MOST_WORDS = 24 };

/* What is kept of a question; texts as hashes. */
typedef struct {
    ask_question_type type;
    uint64_t options[ASK_N_OPTIONS];
    int answer;
    uint64_t words[MOST_WORDS];
    int n_words;
    double random_frame; // how often it is right by a random frame of its clip
    double moment_share; // of the clip; 0: none
    bool judged;
} asked;

typedef struct {
    int32_t colors[N_BINS]; // pixels of the middle frame
    int n_questions;
    asked questions[ASK_N_QUESTION_TYPES];
} clip_facts;

typedef struct {
    clip_facts *clips; // owned; [n]
    int64_t n;
    const ask_audit_options *options;
} world_facts;

/* ---- a question ---- */

static uint64_t hash(const char *text, size_t length)
{
    return ask_hash64(text, length, 0);
}

/* Words are what stands between spaces and marks. */
static int hash_words(uint64_t out[MOST_WORDS], const char *text)
{
    static const char between[] = " .,?";
    int n = 0;
    while (*(text += strspn(text, between)) && n < MOST_WORDS) {
        size_t length = strcspn(text, between);
        out[n++] = hash(text, length);
        text += length;
    }
    return n;
}

/* The share of times that the answer is right for one who takes the best score, and any of
 * those that are equal. */
static double share_of_best(const double score[ASK_N_OPTIONS], int answer)
{
    double best = score[0];
    for (int i = 1; i < ASK_N_OPTIONS; i++) best = fmax(best, score[i]);
    int n_best = 0;
    for (int i = 0; i < ASK_N_OPTIONS; i++) n_best += score[i] == best;
    return score[answer] == best ? 1.0 / n_best : 0;
}

/* What one frame says for an option: 1 it is so, 0 it cannot be told. */
static double score_in_frame(const ask_world_clip *c, const ask_world_question *q, int i,
                             const ask_scene_view *v)
{
    ask_phrase p = q->options[i].phrase;
    p.event = ASK_ANY;
    return q->options[i].has_phrase && ask_phrase_counts(&c->scene, v, p);
}

static double score_number(const ask_world_clip *c, const ask_world_question *q, int i,
                           const ask_scene_view *v)
{
    int n = 0;
    for (int toy = 0; toy < c->scene.n_toys; toy++)
        n += ask_phrase_counts_of(&c->scene, v, q->subject, toy);
    const char *word = ask_count_word(n);
    return word && strcmp(word, q->options[i].text) == 0;
}

static double by_random_frame(const ask_world_clip *c, const ask_world_question *q)
{
    double sum = 0;
    for (int t = 0; t < c->scene.n_frames; t++) {
        double score[ASK_N_OPTIONS];
        for (int i = 0; i < ASK_N_OPTIONS; i++)
            score[i] = q->type == ASK_QUESTION_COUNT
                           ? score_number(c, q, i, &c->views[t])
                           : score_in_frame(c, q, i, &c->views[t]);
        sum += share_of_best(score, q->answer);
    }
    return sum / c->scene.n_frames;
}

static asked facts_of(const ask_world_clip *c, const ask_world_question *q)
{
    asked a = {.type = q->type, .answer = q->answer, .judged = q->judged};
    for (int i = 0; i < ASK_N_OPTIONS; i++)
        a.options[i] = hash(q->options[i].text, strlen(q->options[i].text));
    a.n_words = hash_words(a.words, q->text);
    a.random_frame = by_random_frame(c, q);
    a.moment_share = (double)(q->moment.end - q->moment.begin) / c->scene.n_frames;
    return a;
}

/* ---- a clip ---- */

static bool count_colors(void *user, const ask_video_frame *frame, ask_error *err)
{
    (void)err;
    int32_t *colors = user;
    const ask_image *image = frame->image;
    size_t n_px = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; i < n_px; i++) {
        const uint8_t *rgb = image->pixels + 3 * i;
        colors[(rgb[0] >> 6) * 16 + (rgb[1] >> 6) * 4 + (rgb[2] >> 6)]++;
    }
    return true;
}

static bool read_colors(clip_facts *out, const char *path, int middle, ask_error *err)
{
    ask_video *video = ask_video_open(path, NULL, err);
    double t_s = (middle + 0.5) / ASK_WORLD_FPS;
    bool ok =
        video && ask_video_frames_at(video, &t_s, 1, NULL, count_colors, out->colors, err);
    ask_video_close(video);
    return ok;
}

static bool read_clip(clip_facts *out, const char *dir, int64_t index, ask_error *err)
{
    char *truth = ask_world_truth_path(dir, index, err);
    char *video = truth ? ask_world_video_path(dir, index, err) : NULL;
    ask_world_clip clip = {0};
    bool ok = video && ask_world_clip_read(&clip, truth, err) &&
              read_colors(out, video, clip.scene.n_frames / 2, err);
    if (ok) {
        out->n_questions = clip.n_questions;
        for (int i = 0; i < clip.n_questions; i++)
            out->questions[i] = facts_of(&clip, &clip.questions[i]);
    }
    ask_world_clip_free(&clip);
    free(truth);
    free(video);
    return ok;
}

static bool read_world(world_facts *w, const char *dir, ask_error *err)
{
    ask_world_info info;
    if (!ask_world_open(&info, dir, err)) return false;
    if (info.n_ready < 2)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s holds %lld clips: an audit compares one half with the other",
                        dir, (long long)info.n_ready);
    w->clips = calloc((size_t)info.n_ready, sizeof *w->clips);
    if (!w->clips) return ask_fail_memory(err);
    w->n = info.n_ready;
    for (int64_t i = 0; i < w->n; i++) {
        if (!ask_cancel_check(w->options->cancel, err) ||
            !read_clip(&w->clips[i], dir, i, err))
            return false;
        ask_progress_send(w->options->progress, i + 1, w->n, "clips", "reading clips");
    }
    return true;
}

/* ---- answering from the other half ---- */

/* What was counted on one half. */
typedef struct {
    ask_tally by_word; // (word, option)
    ask_tally by_type; // (type, option)
} experience;

static uint64_t pair_key(uint64_t a, uint64_t b)
{
    const uint64_t both[2] = {a, b};
    return ask_hash64(both, sizeof both, 1);
}

static bool learn_question(experience *e, const asked *a)
{
    bool ok = true;
    for (int i = 0; i < ASK_N_OPTIONS && ok; i++) {
        bool right = i == a->answer;
        ok = ask_tally_add(&e->by_type, pair_key(a->type, a->options[i]), right);
        for (int k = 0; k < a->n_words && ok; k++)
            ok = ask_tally_add(&e->by_word, pair_key(a->words[k], a->options[i]), right);
    }
    return ok;
}

static bool learn(experience *e, const world_facts *w, int64_t half, ask_error *err)
{
    for (int64_t i = half; i < w->n; i += 2)
        for (int k = 0; k < w->clips[i].n_questions; k++)
            if (!learn_question(e, &w->clips[i].questions[k])) return ask_fail_memory(err);
    return true;
}

/* How often an option was right after each word of the question, in the mean; as if each
 * had been offered four times more, and right once. */
static double answer_blind(const experience *e, const asked *a)
{
    double score[ASK_N_OPTIONS] = {0};
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        for (int k = 0; k < a->n_words; k++) {
            ask_tally_count c =
                ask_tally_get(&e->by_word, pair_key(a->words[k], a->options[i]));
            score[i] += (c.n_right + 1.0) / (c.n_offered + (double)ASK_N_OPTIONS);
        }
    }
    return share_of_best(score, a->answer);
}

static double answer_majority(const experience *e, const asked *a)
{
    double score[ASK_N_OPTIONS];
    for (int i = 0; i < ASK_N_OPTIONS; i++)
        score[i] = ask_tally_get(&e->by_type, pair_key(a->type, a->options[i])).n_right;
    return share_of_best(score, a->answer);
}

/* ---- answering as in the most alike clip ---- */

static int32_t distance(const clip_facts *a, const clip_facts *b)
{
    int32_t sum = 0;
    for (int i = 0; i < N_BINS; i++) sum += abs(a->colors[i] - b->colors[i]);
    return sum;
}

/* The place among the options of what was right for this type in a clip, or -1. */
static int place_of_its_answer(const asked *a, const clip_facts *c)
{
    for (int k = 0; k < c->n_questions; k++) {
        const asked *other = &c->questions[k];
        for (int i = 0; i < ASK_N_OPTIONS && other->type == a->type; i++)
            if (a->options[i] == other->options[other->answer]) return i;
    }
    return -1;
}

/* For each question of a clip; 0.25 where no clip of the other half has an answer. */
static void answer_by_colors(double out[ASK_N_QUESTION_TYPES], const world_facts *w,
                             int64_t clip)
{
    const clip_facts *c = &w->clips[clip];
    int32_t nearest[ASK_N_QUESTION_TYPES];
    for (int k = 0; k < c->n_questions; k++) {
        nearest[k] = INT32_MAX;
        out[k] = 1.0 / ASK_N_OPTIONS;
    }
    for (int64_t i = 1 - clip % 2; i < w->n; i += 2) {
        int32_t d = distance(c, &w->clips[i]);
        for (int k = 0; k < c->n_questions; k++) {
            if (d >= nearest[k]) continue;
            int place = place_of_its_answer(&c->questions[k], &w->clips[i]);
            if (place < 0) continue;
            nearest[k] = d;
            out[k] = place == c->questions[k].answer;
        }
    }
}

/* ---- the rows ---- */

static void add_clip(ask_audit *out, const world_facts *w, int64_t clip,
                     const experience *e)
{
    double by_colors[ASK_N_QUESTION_TYPES];
    answer_by_colors(by_colors, w, clip);
    for (int k = 0; k < w->clips[clip].n_questions; k++) {
        const asked *a = &w->clips[clip].questions[k];
        ask_audit_row *row = &out->rows[a->type];
        row->n++;
        row->at_place[a->answer]++;
        row->n_judged += a->judged;
        row->blind += answer_blind(e, a);
        row->majority += answer_majority(e, a);
        row->random_frame += a->random_frame;
        row->histogram += by_colors[k];
    }
}

static bool add_half(ask_audit *out, const world_facts *w, int64_t half, ask_error *err)
{
    experience e = {0};
    bool ok = learn(&e, w, 1 - half, err);
    for (int64_t i = half; i < w->n && ok; i += 2) {
        ok = ask_cancel_check(w->options->cancel, err);
        if (ok) add_clip(out, w, i, &e);
    }
    ask_tally_free(&e.by_word);
    ask_tally_free(&e.by_type);
    return ok;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of all moments of a type; the lower middle of an even number. shares has room for every
 * question. */
static double median_moment(const world_facts *w, ask_question_type type, double *shares)
{
    size_t n = 0;
    for (int64_t i = 0; i < w->n; i++) {
        for (int k = 0; k < w->clips[i].n_questions; k++) {
            const asked *a = &w->clips[i].questions[k];
            if (a->type == type && a->moment_share > 0) shares[n++] = a->moment_share;
        }
    }
    if (n == 0) return NAN;
    qsort(shares, n, sizeof *shares, compare_doubles);
    return shares[(n - 1) / 2];
}

static bool finish_rows(ask_audit *out, const world_facts *w, ask_error *err)
{
    double *shares = calloc((size_t)w->n * ASK_N_QUESTION_TYPES, sizeof *shares);
    if (!shares) return ask_fail_memory(err);
    for (int type = 0; type < ASK_N_QUESTION_TYPES; type++) {
        ask_audit_row *row = &out->rows[type];
        double n = (double)row->n; // 0 / 0 is NaN: there is nothing to tell
        row->blind /= n;
        row->majority /= n;
        row->random_frame /= n;
        row->histogram /= n;
        row->moment_median = median_moment(w, (ask_question_type)type, shares);
    }
    free(shares);
    return true;
}

bool ask_world_audit(ask_audit *out, const char *dir, const ask_audit_options *opt,
                     ask_error *err)
{
    ask_audit_options o = {.struct_size = sizeof o};
    ask_options_take(&o, sizeof o, opt);
    world_facts w = {.options = &o};
    bool ok = read_world(&w, dir, err);
    ask_audit a = {.n_clips = w.n};
    ok = ok && add_half(&a, &w, 0, err) && add_half(&a, &w, 1, err) &&
         finish_rows(&a, &w, err);
    if (ok) *out = a;
    free(w.clips);
    return ok;
}
