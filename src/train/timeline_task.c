#include "train/timeline_task_priv.h"

#include <stdlib.h>

#include "train/loader.h"

struct timeline_task {
    const ask_timeline *net;
    const timeline_stage *stage;
    timeline_player_options opt;
    timeline_player *player; // the loader's
    timeline_batch *batches[ASK_LOADER_ITEMS];
    ask_loader *loader;     // NULL until the first batch is known
    timeline_inputs inputs; // of the graph that was built last
};

static bool allocate(timeline_task *t, ask_error *err)
{
    for (int i = 0; i < ASK_LOADER_ITEMS; i++) {
        t->batches[i] = timeline_batch_new(&t->opt.size, err);
        if (!t->batches[i]) return false;
    }
    return true;
}

timeline_task *timeline_task_open(const ask_timeline *net, const timeline_stage *stage,
                                  const timeline_player_options *player, ask_error *err)
{
    timeline_task *t = calloc(1, sizeof *t);
    if (!t) {
        ask_fail_memory(err);
        return NULL;
    }
    t->net = net;
    t->stage = stage;
    t->opt = *player;
    t->player = timeline_player_open(player, err);
    if (t->player && allocate(t, err)) return t;
    timeline_task_close(t);
    return NULL;
}

void timeline_task_close(timeline_task *t)
{
    if (!t) return;
    ask_loader_close(t->loader);
    for (int i = 0; i < ASK_LOADER_ITEMS; i++) timeline_batch_free(t->batches[i]);
    timeline_player_close(t->player);
    free(t);
}

/* ---- for the trainer ---- */

static bool load(void *user, void *item, int64_t batch, ask_error *err)
{
    timeline_task *t = user;
    return timeline_player_fill(t->player, item, (batch - 1) * t->opt.size.n_clips, err);
}

static bool feed(void *user, int64_t batch, ask_error *err)
{
    timeline_task *t = user;
    const ask_loader_source source = {load, t};
    if (!t->loader) {
        void *items[ASK_LOADER_ITEMS];
        for (int i = 0; i < ASK_LOADER_ITEMS; i++) items[i] = t->batches[i];
        t->loader = ask_loader_open(&source, items, batch, err);
    }
    const timeline_batch *b = t->loader ? ask_loader_take(t->loader, batch, err) : NULL;
    return b && timeline_inputs_write(&t->inputs, b, err);
}

static void build(void *user, ask_graph *g, ask_train_loss *out)
{
    timeline_task *t = user;
    ask_dropping dropping = {.seed = t->opt.seed, .step = out->batch};
    timeline_made made;
    timeline_inputs_add(&t->inputs, g, &t->opt.size);
    timeline_build(&made, g, t->net, t->stage, &t->inputs, &dropping);
    t->stage->losses(out, g, &t->net->config, &t->inputs, &made);
}

ask_train_task timeline_task_of(timeline_task *t)
{
    return (ask_train_task){.user = t, .build = build, .feed = feed};
}
