/* Where a language model looked when it said an answer. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "vqa/maps_priv.h"
#include "vqa/reply_priv.h"

/* A look on its way. */
typedef struct {
    const ask_footage *footage;
    const talk_prompt *prompt;
    const reply_answer *answer;
    float *looks;     // owned; [answer->n, n_places]
    int n_places;     // in a row of it
    double *logprobs; // owned; [answer->n]
} looking;

/* ---- reading ---- */

static bool read_looks(looking *l, reply_job *j, ask_error *err)
{
    ask_context *c = j->talk->context;
    const ask_cancel *cancel = j->talk->options.cancel;
    const ask_reading_options reading = {.struct_size = sizeof reading, .cancel = cancel};
    int n = l->answer->n;
    l->n_places = l->answer->n_common + j->talk->language.n_start + n - 1;
    l->logprobs = malloc((size_t)n * sizeof *l->logprobs + 1);
    if (!j->options->no_looks)
        l->looks = malloc((size_t)n * (size_t)l->n_places * sizeof *l->looks + 1);
    if (!l->logprobs || (!l->looks && !j->options->no_looks)) return ask_fail_memory(err);
    return ask_context_reserve(c, l->n_places, err) &&
           ask_context_read(c, l->prompt->prompt.places, l->answer->n_common, j->logits,
                            &reading, err) &&
           ask_context_score(c, l->answer->ids, n, l->logprobs, NULL, l->looks, cancel,
                             err);
}

/* ---- shares ---- */

/* Adds what a row got to the frames that it is of. */
static void add_share(double *shares, const looking *l, int row, double share)
{
    const ask_footage *f = l->footage;
    const float *origins = l->prompt->view.origins;
    if (origins) {
        for (int i = 0; i < f->n_frames; i++)
            shares[i] += share * origins[(size_t)row * (size_t)f->n_frames + (size_t)i];
        return;
    }
    if (f->n_rows > 0) {
        shares[row / f->n_rows] += share;
        return;
    }
    if (row < f->info.n_frames) { // of a time, or of none
        for (int i = 0; i < f->sampled.n; i++)
            if (row >= f->sampled.first[i] && row <= f->sampled.last[i]) shares[i] += share;
        return;
    }
    for (int i = 0; i < f->sampled.n; i++) shares[i] += share / f->sampled.n; // of all
}

static void share_out(double *shares, const looking *l, int token)
{
    const ask_prompt *p = &l->prompt->prompt;
    const float *look = l->looks + (size_t)token * (size_t)l->n_places;
    int row = 0;
    for (int i = 0; i < l->answer->n_common; i++)
        if (p->places[i].identity) add_share(shares, l, row++, look[i]);
}

static bool take_tokens(ask_reply *r, const looking *l, ask_session *s, ask_error *err)
{
    size_t n = (size_t)l->answer->n, n_frames = (size_t)r->n_frames;
    r->tokens = calloc(n + 1, sizeof *r->tokens);
    char **letters = calloc(n + 1, sizeof *letters);
    if (l->looks) r->all_shares = calloc(n * n_frames + 1, sizeof *r->all_shares);
    bool ok =
        (r->tokens && letters && (!l->looks || r->all_shares)) || ask_fail_memory(err);
    ok = ok && ask_prompt_letters(letters, s, l->answer->ids, (int)n, err);
    for (size_t i = 0; i < n && ok; i++) {
        ask_reply_token *t = &r->tokens[r->n_tokens++];
        *t = (ask_reply_token){
            .text = letters[i], .logprob = l->logprobs[i], .text_share = 1};
        if (!l->looks) continue;
        t->shares = r->all_shares + i * n_frames;
        share_out(t->shares, l, (int)i);
        for (size_t k = 0; k < n_frames; k++) t->text_share -= t->shares[k];
        t->text_share = fmax(0, t->text_share);
    }
    free(letters);
    return ok;
}

/* ---- the evidence ---- */

static void score_frames(ask_reply *r)
{
    for (int k = 0; k < r->n_frames; k++) {
        double sum = 0;
        for (int i = 0; i < r->n_tokens && r->all_shares; i++)
            sum += r->tokens[i].shares[k];
        r->frames[k].cosine = NAN;
        r->frames[k].score = r->n_tokens ? (float)(sum / r->n_tokens) : 0;
    }
}

/* The frames with the largest shares: no more than half of all. */
static void choose_evidence(ask_reply *r, int n_keep)
{
    int half = r->n_frames > 1 ? r->n_frames / 2 : 1, most = half < n_keep ? half : n_keep;
    for (int k = 0; k < r->n_frames; k++) {
        int n_better = 0;
        for (int i = 0; i < r->n_frames; i++) {
            float a = r->frames[i].score, b = r->frames[k].score;
            n_better += a > b || (a == b && i < k);
        }
        if (n_better < most) r->evidence[r->n_evidence++] = k;
    }
}

/* ---- maps ---- */

/* How the rows look at the cells of their frames; NULL: they are cells, or nobody knows. */
static const float *looks_of_rows(const looking *l)
{
    return l->footage->info.together ? l->prompt->view.cells : l->footage->cells;
}

/* What share of a row is of a frame. */
static float share_of_frame(const looking *l, int row, int frame)
{
    const ask_footage *f = l->footage;
    return f->info.together
               ? l->prompt->view.origins[(size_t)row * (size_t)f->n_frames + (size_t)frame]
               : (float)(row / f->n_rows == frame);
}

/* Adds what a row got to the cells of a frame. */
static void add_to_cells(float *heat, const looking *l, int frame, int row, float look)
{
    const ask_footage *f = l->footage;
    const float *cells = looks_of_rows(l);
    int n = f->info.side * f->info.side;
    if (cells) {
        float share = look * share_of_frame(l, row, frame);
        for (int i = 0; i < n; i++)
            heat[i] += share * cells[(size_t)row * (size_t)n + (size_t)i];
        return;
    }
    int cell = row - (frame * f->n_rows + (f->info.has_class ? 1 : 0));
    if (cell >= 0 && cell < n) heat[cell] += look;
}

/* The mean over tokens of what the cells of a frame got. */
static bool make_map(ask_answer_map *map, const looking *l, int frame, ask_error *err)
{
    const ask_footage *f = l->footage;
    const ask_prompt *p = &l->prompt->prompt;
    int side = f->info.side;
    *map = (ask_answer_map){.frame = frame, .side = side};
    map->heat = calloc((size_t)side * (size_t)side, sizeof *map->heat);
    if (!map->heat) return ask_fail_memory(err);
    int row = 0;
    for (int i = 0; i < l->answer->n_common; i++) {
        if (!p->places[i].identity) continue;
        float look = 0;
        for (int k = 0; k < l->answer->n; k++)
            look += l->looks[(size_t)k * (size_t)l->n_places + (size_t)i];
        add_to_cells(map->heat, l, frame, row++, look);
    }
    maps_scale(map->heat, (size_t)side * (size_t)side);
    ask_preprocess_seen(&map->x, &map->y, &map->width, &map->height,
                        ask_model_preprocess(ask_session_model(f->session)), f->width_px,
                        f->height_px);
    return true;
}

static bool make_maps(ask_reply *r, const looking *l, int most, ask_error *err)
{
    int which[ASK_MOST_RETRIEVED];
    ask_answer seen = {.frames = r->frames, .n_evidence = r->n_evidence};
    memcpy(seen.evidence, r->evidence, sizeof seen.evidence);
    const ask_footage *f = l->footage;
    bool has_cells =
        f->info.looks ? looks_of_rows(l) != NULL : f->n_rows > 0 && f->info.side > 0;
    int n = has_cells ? maps_choose(which, &seen, most) : 0;
    r->maps = calloc((size_t)n + 1, sizeof *r->maps);
    if (!r->maps) return ask_fail_memory(err);
    for (int i = 0; i < n; i++) {
        r->n_maps++;
        if (!make_map(&r->maps[i], l, which[i], err)) return false;
    }
    return true;
}

/* ---- all of it ---- */

static bool take_frames(ask_reply *r, const ask_footage *f, ask_error *err)
{
    size_t bytes = (size_t)f->sampled.n * sizeof *r->frames;
    r->frames = malloc(bytes + 1);
    if (!r->frames) return ask_fail_memory(err);
    memcpy(r->frames, f->sampled.frames, bytes);
    r->n_frames = f->sampled.n;
    return true;
}

static bool take_look(ask_reply *r, looking *l, reply_job *j, ask_error *err)
{
    const ask_reply_options *o = j->options;
    if (l->answer->n > 0 && !read_looks(l, j, err)) return false;
    if (!take_tokens(r, l, j->talk->session, err)) return false;
    score_frames(r);
    if (!l->looks || l->answer->n == 0) return true;
    choose_evidence(r, o->n_keep < ASK_MOST_RETRIEVED ? o->n_keep : ASK_MOST_RETRIEVED);
    return make_maps(r, l, o->n_maps, err);
}

/* Which frames the rows are of has to be known, also where they were read before. */
static bool show(talk_prompt *p, reply_job *j, ask_error *err)
{
    ask_talk *t = j->talk;
    if (!t->footage.info.together) return true;
    return ask_footage_look(&t->footage, t->video, t->options.cancel, t->options.progress,
                            err) &&
           talk_prompt_show(p, t, j->question, &talk_shows_all, err);
}

bool reply_look(ask_reply *r, reply_job *j, int i, ask_error *err)
{
    talk_prompt p;
    reply_answer answer = {0};
    if (!talk_read_ready(&p, j->talk, j->question, &talk_shows_all, j->n_longest, err))
        return false;
    looking l = {.footage = &j->talk->footage, .prompt = &p, .answer = &answer};
    bool ok = show(&p, j, err) && reply_answer_make(&answer, j, &p, i, err) &&
              take_frames(r, &j->talk->footage, err) && take_look(r, &l, j, err);
    free(l.looks);
    free(l.logprobs);
    reply_answer_free(&answer);
    talk_prompt_free(&p);
    return ok;
}
