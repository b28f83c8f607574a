#include "train/timeline_finding_priv.h"

#include <stdlib.h>

enum { DENIALS_AMONG = 16 }; // so many texts one that denies

static const ask_clip_loss_weights loss_weights = {.frames = 1, .patches = 1, .fits = 0.5};

struct timeline_finding {
    timeline_seeker seeker;
    ask_clip_playroom *playroom;
    ask_clip_task *task;
};

/* ---- the network ---- */

static ask_tensor *images(ask_graph *g, const void *net, ask_tensor *pixels,
                          ask_tensor **patches)
{
    const timeline_seeker *s = net;
    ask_cells_seen seen;
    ask_timeline_looks looks;
    ask_cells_build(&seen, g, &s->net->cells, pixels, ASK_NORM_RUNNING);
    ask_timeline_find_frames(&looks, g, s->find, &seen);
    if (patches)
        *patches =
            ask_reshape(g, looks.cells, 2, (int64_t[]){-1, s->find->config.find.n_embed});
    return looks.whole;
}

static ask_tensor *texts(ask_graph *g, const void *net, ask_tensor *ids)
{
    return ask_timeline_find_texts(g, ((const timeline_seeker *)net)->find, ids, NULL);
}

ask_clip_towers timeline_towers_of(const timeline_seeker *s)
{
    return (ask_clip_towers){.net = s,
                             .n_embed = s->find->config.find.n_embed,
                             .logit_scale = s->find->logit_scale,
                             .images = images,
                             .texts = texts};
}

/* ---- opening ---- */

static ask_clip_batch_size size_of(const timeline_finding_options *o)
{
    const ask_timeline_config *c = &o->seeker.find->config;
    return (ask_clip_batch_size){
        .n_clips = o->n_clips,
        .n_frames = o->n_frames,
        .n_texts = o->n_texts,
        .n_tokens = c->n_tokens,
        .n_denied = o->n_texts / DENIALS_AMONG,
        .n_channels = c->cells.n_channels,
        .side_px = c->cells.side_px,
        .patch_px = ASK_CELLS_PX,
        .by_middle = true,
    };
}

static bool fill(void *user, ask_clip_batch *b, int64_t step, ask_error *err)
{
    return ask_clip_playroom_fill(user, b, step, err);
}

static bool open_parts(timeline_finding *f, const timeline_finding_options *o,
                       ask_error *err)
{
    ask_clip_playroom_options playroom = o->playroom;
    playroom.size = size_of(o);
    f->playroom = ask_clip_playroom_open(&playroom, err);
    if (!f->playroom) return false;
    const ask_clip_towers towers = timeline_towers_of(&f->seeker);
    const ask_clip_source source = {fill, f->playroom};
    f->task =
        ask_clip_task_open(&towers, o->store, &playroom.size, &loss_weights, &source, err);
    return f->task;
}

timeline_finding *timeline_finding_open(const timeline_finding_options *opt, ask_error *err)
{
    timeline_finding *f = calloc(1, sizeof *f);
    if (!f) {
        ask_fail_memory(err);
        return NULL;
    }
    f->seeker = opt->seeker;
    if (open_parts(f, opt, err)) return f;
    timeline_finding_close(f);
    return NULL;
}

void timeline_finding_close(timeline_finding *f)
{
    if (!f) return;
    ask_clip_task_close(f->task);
    ask_clip_playroom_close(f->playroom);
    free(f);
}

ask_train_task timeline_finding_task(timeline_finding *f)
{
    return ask_clip_task_of(f->task);
}

ask_train_watch timeline_finding_watch(timeline_finding *f)
{
    return ask_clip_task_watch(f->task);
}
