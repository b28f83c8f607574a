#include "train/clip_task.h"

#include <stdlib.h>

#include "train/clip_scores.h"
#include "train/loader.h"

struct ask_clip_task {
    ask_clip_towers towers;
    ask_clip_loss_params params;
    ask_clip_loss_weights weights;
    ask_clip_source source;
    ask_clip_batch *batches[ASK_LOADER_ITEMS];
    ask_loader *loader; // NULL until the first step is known

    /* Of the graph that was built last. */
    ask_clip_inputs inputs;
    ask_tensor *logits; // of frames, [F, T]

    const ask_clip_batch *batch; // of the last step
    float *logit_values;
    ask_clip_scores scores;
};

static bool load(void *user, void *item, int64_t step, ask_error *err)
{
    ask_clip_task *t = user;
    return t->source.fill(t->source.user, item, step, err);
}

static bool allocate(ask_clip_task *t, const ask_clip_batch_size *size, ask_error *err)
{
    for (int i = 0; i < ASK_LOADER_ITEMS; i++) {
        t->batches[i] = ask_clip_batch_new(size, err);
        if (!t->batches[i]) return false;
    }
    size_t n = (size_t)size->n_clips * (size_t)size->n_frames * (size_t)size->n_texts;
    t->logit_values = calloc(n, sizeof *t->logit_values);
    return t->logit_values || ask_fail_memory(err);
}

ask_clip_task *ask_clip_task_open(const ask_clip_towers *towers, ask_store *store,
                                  const ask_clip_batch_size *size,
                                  const ask_clip_loss_weights *weights,
                                  const ask_clip_source *source, ask_error *err)
{
    ask_clip_task *t = calloc(1, sizeof *t);
    if (!t) {
        ask_fail_memory(err);
        return NULL;
    }
    t->towers = *towers;
    t->weights = *weights;
    t->source = *source;
    if (ask_clip_loss_bind(&t->params, store, size->n_coded, towers->n_embed, err) &&
        allocate(t, size, err))
        return t;
    ask_clip_task_close(t);
    return NULL;
}

void ask_clip_task_close(ask_clip_task *t)
{
    if (!t) return;
    ask_loader_close(t->loader);
    for (int i = 0; i < ASK_LOADER_ITEMS; i++) ask_clip_batch_free(t->batches[i]);
    free(t->logit_values);
    free(t);
}

/* ---- for the trainer ---- */

static void build(void *user, ask_graph *g, ask_train_loss *out)
{
    ask_clip_task *t = user;
    ask_clip_inputs_add(&t->inputs, g, &t->batches[0]->size);
    ask_clip_loss_build(g, &t->towers, &t->params, &t->inputs, &t->weights, out,
                        &t->logits);
    ask_keep(g, t->logits);
}

static bool feed(void *user, int64_t step, ask_error *err)
{
    ask_clip_task *t = user;
    const ask_loader_source source = {load, t};
    if (!t->loader) {
        void *items[ASK_LOADER_ITEMS];
        for (int i = 0; i < ASK_LOADER_ITEMS; i++) items[i] = t->batches[i];
        t->loader = ask_loader_open(&source, items, step, err);
    }
    t->batch = t->loader ? ask_loader_take(t->loader, step, err) : NULL;
    return t->batch && ask_clip_inputs_write(&t->inputs, t->batch, err);
}

ask_train_task ask_clip_task_of(ask_clip_task *t)
{
    static const char *const undecayed[] = {"*position_embedding*", NULL};
    return (ask_train_task){
        .user = t, .build = build, .feed = feed, .undecayed = undecayed};
}

/* ---- for the loop ---- */

static bool look(void *user, int64_t step, ask_error *err)
{
    ask_clip_task *t = user;
    (void)step;
    if (!ask_tensor_read(t->logits, t->logit_values, ask_tensor_bytes(t->logits), err))
        return false;
    ask_clip_scores_add(&t->scores, t->batch, t->logit_values);
    return true;
}

static void tell(void *user, ask_json_writer *w)
{
    ask_clip_task *t = user;
    ask_clip_scores_put(w, &t->scores);
    t->scores = (ask_clip_scores){0};
}

ask_train_watch ask_clip_task_watch(ask_clip_task *t)
{
    return (ask_train_watch){.user = t, .look = look, .tell = tell};
}
