/* How well Timeline finds, on clips of the playroom. */
#include <math.h>
#include <stdlib.h>

#include "train/timeline_finding_priv.h"

enum { CLIPS = 4, FRAMES = 16, TEXTS = 64 }; // of a batch

struct timeline_search {
    timeline_seeker seeker;
    int n_clips;
    ask_backend *backend;
    const ask_cancel *cancel;
    ask_clip_playroom *playroom;
    ask_clip_batch *batch;
    ask_graph *graph; // NULL before the first time
    ask_clip_inputs inputs;
    ask_tensor *fits;
    float values[CLIPS * FRAMES * TEXTS];
};

/* ---- opening ---- */

static ask_clip_batch_size size_of(const timeline_seeker *s)
{
    const ask_timeline_config *c = &s->find->config;
    return (ask_clip_batch_size){
        .n_clips = CLIPS,
        .n_frames = FRAMES,
        .n_texts = TEXTS,
        .n_tokens = c->n_tokens,
        .n_channels = c->cells.n_channels,
        .side_px = c->cells.side_px,
        .patch_px = ASK_CELLS_PX,
        .by_middle = true,
    };
}

timeline_search *timeline_search_open(const timeline_seeker *seeker,
                                      const ask_clip_playroom_options *playroom,
                                      int n_clips, ask_backend *backend,
                                      const ask_cancel *cancel, ask_error *err)
{
    timeline_search *s = calloc(1, sizeof *s);
    if (!s) {
        ask_fail_memory(err);
        return NULL;
    }
    ask_clip_playroom_options opt = *playroom;
    opt.size = size_of(seeker);
    s->seeker = *seeker;
    s->n_clips = n_clips;
    s->backend = backend;
    s->cancel = cancel;
    s->playroom = ask_clip_playroom_open(&opt, err);
    s->batch = s->playroom ? ask_clip_batch_new(&opt.size, err) : NULL;
    if (s->batch) return s;
    timeline_search_close(s);
    return NULL;
}

void timeline_search_close(timeline_search *s)
{
    if (!s) return;
    ask_graph_free(s->graph);
    ask_clip_batch_free(s->batch);
    ask_clip_playroom_close(s->playroom);
    free(s);
}

/* ---- a batch ---- */

static bool plan(timeline_search *s, ask_error *err)
{
    if (s->graph) return true;
    const ask_plan_options opt = {
        .struct_size = sizeof opt, .backends = &s->backend, .n_backends = 1};
    const ask_clip_towers towers = timeline_towers_of(&s->seeker);
    ask_graph *g = ask_graph_new(err);
    if (!g) return false;
    ask_clip_inputs_add(&s->inputs, g, &s->batch->size);
    s->fits = ask_keep(g, ask_clip_fits_build(g, &towers, &s->inputs));
    if (ask_graph_plan(g, &opt, err)) {
        s->graph = g;
        return true;
    }
    ask_graph_free(g);
    return false;
}

static bool run(timeline_search *s, int64_t number, ask_error *err)
{
    const ask_run_options opt = {.struct_size = sizeof opt, .cancel = s->cancel};
    return ask_cancel_check(s->cancel, err) &&
           ask_clip_playroom_fill(s->playroom, s->batch, number, err) &&
           ask_clip_inputs_write(&s->inputs, s->batch, err) &&
           ask_graph_run(s->graph, &opt, err) &&
           ask_tensor_read(s->fits, s->values, sizeof s->values, err);
}

/* ---- counting ---- */

typedef struct {
    double right, n;
} share;

enum { HIT_THING, HIT_EVENT, N_HITS };

typedef struct {
    share hits[N_HITS], pairs;
} tally;

static double share_of(share s)
{
    return s.n > 0 ? s.right / s.n : NAN;
}

static bool is_true(const ask_clip_batch *b, int frame, int text)
{
    return b->frame_labels[frame * TEXTS + text] > 0;
}

static bool is_clear(const ask_clip_batch *b, int frame, int text)
{
    return b->frame_weights[frame * TEXTS + text] > 0;
}

/* The clear frame of the clip that fits best; -1 where it is not told what is right. */
static int best_frame(const timeline_search *s, int clip, int text)
{
    int best = -1, count[2] = {0};
    for (int f = clip * FRAMES; f < (clip + 1) * FRAMES; f++) {
        if (!is_clear(s->batch, f, text)) continue;
        count[is_true(s->batch, f, text)]++;
        if (best < 0 || s->values[f * TEXTS + text] > s->values[best * TEXTS + text])
            best = f;
    }
    return count[false] && count[true] ? best : -1;
}

static void count_hits(tally *t, const timeline_search *s, int text)
{
    bool tells_event = s->batch->kinds[text] >> ASK_KIND_EVENT != 0;
    share *hits = &t->hits[tells_event ? HIT_EVENT : HIT_THING];
    for (int clip = 0; clip < CLIPS; clip++) {
        int best = best_frame(s, clip, text);
        if (best < 0) continue;
        hits->n++;
        hits->right += is_true(s->batch, best, text);
    }
}

/* Of equals half is right. */
static void count_pairs(tally *t, const timeline_search *s, int text)
{
    for (int a = 0; a < CLIPS * FRAMES; a++) {
        if (!is_clear(s->batch, a, text) || !is_true(s->batch, a, text)) continue;
        for (int b = 0; b < CLIPS * FRAMES; b++) {
            if (!is_clear(s->batch, b, text) || is_true(s->batch, b, text)) continue;
            float more = s->values[a * TEXTS + text], less = s->values[b * TEXTS + text];
            t->pairs.n++;
            t->pairs.right += more > less ? 1 : more == less ? 0.5 : 0;
        }
    }
}

/* ---- all of it ---- */

static bool tell(ask_train_metrics *out, const tally *t, ask_error *err)
{
    const share *h = t->hits;
    const share all = {h[HIT_THING].right + h[HIT_EVENT].right,
                       h[HIT_THING].n + h[HIT_EVENT].n};
    return ask_train_metrics_add(out, "hit", share_of(all), err) &&
           ask_train_metrics_add(out, "hit_event", share_of(h[HIT_EVENT]), err) &&
           ask_train_metrics_add(out, "hit_thing", share_of(h[HIT_THING]), err) &&
           ask_train_metrics_add(out, "auc", share_of(t->pairs), err);
}

bool timeline_search_run(void *search, int64_t step, ask_train_metrics *out, ask_error *err)
{
    timeline_search *s = search;
    tally t = {0};
    (void)step;
    if (!plan(s, err)) return false;
    for (int64_t i = 0; i * CLIPS < s->n_clips; i++) {
        if (!run(s, 1 + i, err)) return false;
        for (int text = 0; text < TEXTS; text++) {
            count_hits(&t, s, text);
            count_pairs(&t, s, text);
        }
    }
    return tell(out, &t, err);
}
