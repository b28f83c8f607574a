#include "world/audit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/options.h"
#include "media/video.h"
#include "metric/words.h"
#include "world/audit_priv.h"

enum { N_BINS = 64, N_GLANCES = 16 };

/* What is kept of a question; texts as hashes. */
typedef struct {
    ask_question_type type;
    ask_family family;
    uint64_t options[ASK_N_OPTIONS];
    int answer;
    uint64_t *cues; // of all options, in the clip's arena
    int n_cues[ASK_N_OPTIONS];
    uint32_t sights[N_GLANCES][ASK_N_OPTIONS]; // in frames all over the clip
    double random_frame; // how often it is right by a random frame of its clip
    double best_frame;   // how likely it is by the frame that makes it most likely
    double best_right;   // how often it is then chosen
    double moment_share; // of the clip; 0: none
    bool judged;
} asked;

typedef struct {
    int32_t colors[N_BINS]; // pixels of the middle frame
    int n_questions;
    asked questions[ASK_QUESTIONS_MOST];
} clip_facts;

typedef struct {
    clip_facts *clips; // owned; [n]
    int64_t n;
    ask_arena *cues; // owned
    const ask_audit_options *options;
} world_facts;

/* ---- a question ---- */

double ask_audit_share(const double score[ASK_N_OPTIONS], int answer)
{
    double best = score[0];
    for (int i = 1; i < ASK_N_OPTIONS; i++) best = fmax(best, score[i]);
    int n_best = 0;
    for (int i = 0; i < ASK_N_OPTIONS; i++) n_best += score[i] == best;
    return score[answer] == best ? 1.0 / n_best : 0;
}

/* Of frames that are equally favourable, the one in which the right option is chosen more
 * often. */
static void take_best(asked *a, double likely, double share)
{
    if (likely < a->best_frame) return;
    a->best_right = likely > a->best_frame ? share : fmax(a->best_right, share);
    a->best_frame = likely;
}

static void look_at_frames(asked *a, const ask_world_clip *c, const ask_world_question *q)
{
    for (int t = 0; t < q->until; t++) {
        double likely[ASK_N_OPTIONS];
        ask_audit_look(likely, c, q, t);
        double share = ask_audit_share(likely, q->answer);
        a->random_frame += share / q->until;
        take_best(a, likely[q->answer], share);
    }
    for (int k = 0; k < N_GLANCES; k++)
        for (int i = 0; i < ASK_N_OPTIONS; i++)
            a->sights[k][i] =
                ask_audit_sight(c, q, i, (2 * k + 1) * q->until / (2 * N_GLANCES));
}

/* Words of the options and the question. */
static bool keep_cues(asked *a, const ask_world_question *q, ask_arena *arena)
{
    ask_words_cues cues[ASK_N_OPTIONS];
    const char *options[ASK_N_OPTIONS];
    for (int i = 0; i < ASK_N_OPTIONS; i++) options[i] = q->options[i].text;
    // Of a simple world's types nobody is told.
    const ask_words_question asked_for = {(uint64_t)q->family, q->text, options,
                                          ASK_N_OPTIONS};
    int n = 0;
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        ask_words_cues_of(&cues[i], &asked_for, i);
        a->n_cues[i] = cues[i].n;
        n += cues[i].n;
    }
    a->cues = ask_arena_alloc(arena, (size_t)n * sizeof *a->cues);
    if (!a->cues) return false;
    for (int i = 0, at = 0; i < ASK_N_OPTIONS; at += cues[i].n, i++)
        memcpy(a->cues + at, cues[i].keys, (size_t)cues[i].n * sizeof *a->cues);
    return true;
}

static bool keep_question(asked *a, const ask_world_clip *c, const ask_world_question *q,
                          ask_arena *arena)
{
    *a = (asked){
        .type = q->type, .family = q->family, .answer = q->answer, .judged = q->judged};
    for (int i = 0; i < ASK_N_OPTIONS; i++)
        a->options[i] = ask_hash64(q->options[i].text, strlen(q->options[i].text), 0);
    a->moment_share = (double)(q->moment.end - q->moment.begin) / c->scene.n_frames;
    look_at_frames(a, c, q);
    return keep_cues(a, q, arena);
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

static bool keep_clip(clip_facts *out, const ask_world_clip *clip, ask_arena *cues,
                      ask_error *err)
{
    out->n_questions = clip->n_questions;
    for (int i = 0; i < clip->n_questions; i++)
        if (!keep_question(&out->questions[i], clip, &clip->questions[i], cues))
            return ask_fail_memory(err);
    return true;
}

static bool read_clip(clip_facts *out, const char *dir, const ask_world_info *info,
                      int64_t index, ask_arena *cues, ask_error *err)
{
    char *video = ask_world_video_path(dir, index, err);
    ask_world_clip clip = {0};
    bool ok = video && ask_world_read_clip(&clip, dir, info, index, err) &&
              read_colors(out, video, clip.scene.n_frames / 2, err) &&
              keep_clip(out, &clip, cues, err);
    ask_world_clip_free(&clip);
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
    w->cues = ask_arena_new(0);
    if (!w->clips || !w->cues) return ask_fail_memory(err);
    w->n = info.n_ready;
    for (int64_t i = 0; i < w->n; i++) {
        if (!ask_cancel_check(w->options->cancel, err) ||
            !read_clip(&w->clips[i], dir, &info, i, w->cues, err))
            return false;
        ask_progress_send(w->options->progress, i + 1, w->n, "clips", "reading clips");
    }
    return true;
}

/* ---- answering from the other half ---- */

/* What was counted on one half. */
typedef struct {
    ask_tally by_cue;    // a cue of an option
    ask_tally by_sight;  // (family, what a frame shows of an option)
    ask_tally by_family; // (type, family, option)
} experience;

static uint64_t family_key(const asked *a, uint64_t of)
{
    return ask_words_key(ask_words_key((uint64_t)a->type, (uint64_t)a->family), of);
}

static bool learn_option(experience *e, const asked *a, int i, const uint64_t *cues)
{
    bool right = i == a->answer;
    bool ok = ask_tally_add(&e->by_family, family_key(a, a->options[i]), right);
    for (int k = 0; k < a->n_cues[i] && ok; k++)
        ok = ask_tally_add(&e->by_cue, cues[k], right);
    for (int k = 0; k < N_GLANCES && ok; k++)
        ok = ask_tally_add(&e->by_sight, family_key(a, a->sights[k][i]), right);
    return ok;
}

static bool learn(experience *e, const world_facts *w, int64_t half, ask_error *err)
{
    for (int64_t c = half; c < w->n; c += 2) {
        for (int k = 0; k < w->clips[c].n_questions; k++) {
            const asked *a = &w->clips[c].questions[k];
            const uint64_t *cues = a->cues;
            for (int i = 0; i < ASK_N_OPTIONS; cues += a->n_cues[i], i++)
                if (!learn_option(e, a, i, cues)) return ask_fail_memory(err);
        }
    }
    return true;
}

/* By all cues, each for itself (naive Bayes). */
static double answer_blind(const experience *e, const asked *a)
{
    enum { DOUBT = 16 };
    double score[ASK_N_OPTIONS] = {0};
    const uint64_t *cue = a->cues;
    for (int i = 0; i < ASK_N_OPTIONS; i++)
        for (int k = 0; k < a->n_cues[i]; k++)
            score[i] += ask_words_weight(&e->by_cue, *cue++, ASK_N_OPTIONS, DOUBT);
    return ask_audit_share(score, a->answer);
}

/* By what one frame shows, and was learned to mean; the mean over frames. */
static double answer_by_sight(const experience *e, const asked *a)
{
    enum { DOUBT = 8 * N_GLANCES };
    double sum = 0;
    for (int k = 0; k < N_GLANCES; k++) {
        double score[ASK_N_OPTIONS];
        for (int i = 0; i < ASK_N_OPTIONS; i++)
            score[i] = ask_words_weight(&e->by_sight, family_key(a, a->sights[k][i]),
                                        ASK_N_OPTIONS, DOUBT);
        sum += ask_audit_share(score, a->answer);
    }
    return sum / N_GLANCES;
}

static double answer_majority(const experience *e, const asked *a)
{
    double score[ASK_N_OPTIONS];
    for (int i = 0; i < ASK_N_OPTIONS; i++)
        score[i] = ask_tally_get(&e->by_family, family_key(a, a->options[i])).n_right;
    return ask_audit_share(score, a->answer);
}

/* ---- answering as in the most alike clip ---- */

static int32_t distance(const clip_facts *a, const clip_facts *b)
{
    int32_t sum = 0;
    for (int i = 0; i < N_BINS; i++) sum += abs(a->colors[i] - b->colors[i]);
    return sum;
}

/* The place among the options of what was right for such a question in a clip, or -1. */
static int place_of_its_answer(const asked *a, const clip_facts *c)
{
    for (int k = 0; k < c->n_questions; k++) {
        const asked *other = &c->questions[k];
        bool alike = other->type == a->type && other->family == a->family;
        for (int i = 0; i < ASK_N_OPTIONS && alike; i++)
            if (a->options[i] == other->options[other->answer]) return i;
    }
    return -1;
}

/* For each question of a clip; 0.25 where no clip of the other half has an answer. */
static void answer_by_colors(double out[ASK_QUESTIONS_MOST], const world_facts *w,
                             int64_t clip)
{
    const clip_facts *c = &w->clips[clip];
    int32_t nearest[ASK_QUESTIONS_MOST];
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

/* All that one question adds to a row. */
static void add_row(ask_audit_row *row, const ask_audit_row *one)
{
    row->n++;
    for (int i = 0; i < ASK_N_OPTIONS; i++) row->at_place[i] += one->at_place[i];
    row->n_judged += one->n_judged;
    row->blind += one->blind;
    row->majority += one->majority;
    row->histogram += one->histogram;
    row->random_frame += one->random_frame;
    row->learned_frame += one->learned_frame;
    row->best_frame += one->best_frame;
    row->best_right += one->best_right;
}

static void add_clip(ask_audit *out, const world_facts *w, int64_t clip,
                     const experience *e)
{
    double by_colors[ASK_QUESTIONS_MOST];
    answer_by_colors(by_colors, w, clip);
    for (int k = 0; k < w->clips[clip].n_questions; k++) {
        const asked *a = &w->clips[clip].questions[k];
        ask_audit_row one = {.n_judged = a->judged,
                             .blind = answer_blind(e, a),
                             .majority = answer_majority(e, a),
                             .histogram = by_colors[k],
                             .random_frame = a->random_frame,
                             .learned_frame = answer_by_sight(e, a),
                             .best_frame = a->best_frame,
                             .best_right = a->best_right};
        one.at_place[a->answer] = 1;
        add_row(&out->types[a->type], &one);
        add_row(&out->families[a->family], &one);
    }
}

static void forget(experience *e)
{
    ask_tally_free(&e->by_cue);
    ask_tally_free(&e->by_sight);
    ask_tally_free(&e->by_family);
}

static bool add_half(ask_audit *out, const world_facts *w, int64_t half, ask_error *err)
{
    experience e = {0};
    bool ok = learn(&e, w, 1 - half, err);
    for (int64_t i = half; i < w->n && ok; i += 2) {
        ok = ask_cancel_check(w->options->cancel, err);
        if (ok) add_clip(out, w, i, &e);
    }
    forget(&e);
    return ok;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of all moments of a type, or else of a family; the lower middle of an even number. shares
 * has room for every question. */
static double median_moment(const world_facts *w, int type, int family, double *shares)
{
    size_t n = 0;
    for (int64_t i = 0; i < w->n; i++) {
        for (int k = 0; k < w->clips[i].n_questions; k++) {
            const asked *a = &w->clips[i].questions[k];
            bool meant = type >= 0 ? (int)a->type == type : (int)a->family == family;
            if (meant && a->moment_share > 0) shares[n++] = a->moment_share;
        }
    }
    if (n == 0) return NAN;
    qsort(shares, n, sizeof *shares, compare_doubles);
    return shares[(n - 1) / 2];
}

/* Sums to means; 0 / 0 is NaN: there is nothing to tell. */
static void finish_row(ask_audit_row *row)
{
    double n = (double)row->n;
    row->blind /= n;
    row->majority /= n;
    row->histogram /= n;
    row->random_frame /= n;
    row->learned_frame /= n;
    row->best_frame /= n;
    row->best_right /= n;
}

static bool finish_rows(ask_audit *out, const world_facts *w, ask_error *err)
{
    double *shares = calloc((size_t)w->n * ASK_QUESTIONS_MOST, sizeof *shares);
    if (!shares) return ask_fail_memory(err);
    for (int type = 0; type < ASK_N_QUESTION_TYPES; type++) {
        finish_row(&out->types[type]);
        out->types[type].moment_median = median_moment(w, type, -1, shares);
    }
    for (int f = 0; f < ASK_N_FAMILIES; f++) {
        finish_row(&out->families[f]);
        out->families[f].moment_median = median_moment(w, -1, f, shares);
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
    ask_arena_free(w.cues);
    return ok;
}
