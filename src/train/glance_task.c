#include "train/glance_task.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "train/glance_loss.h"
#include "train/glance_measure.h"
#include "train/loader.h"

/* Where a batch is put together, on the loader's thread. */
typedef struct {
    ask_glance_order order;
    size_t *questions; // [B]
    ask_rng *streams;  // [B]
} filling;

struct ask_glance_task {
    ask_glance_task_options opt;
    ask_glance_batch_size size;
    ask_glance_batch *batches[ASK_LOADER_ITEMS];
    filling filling;
    ask_glance_order order; // of counting
    ask_loader *loader;     // NULL until the first batch is known
    ask_glance_measure *measure;
    ask_glance_inputs inputs; // of the graph that was built last
};

ask_glance_task_options ask_glance_task_defaults(void)
{
    return (ask_glance_task_options){
        .struct_size = sizeof(ask_glance_task_options),
        .weights = {.qa = 1, .cls = 0.5, .l1 = 0.5, .giou = 0.5, .cert = 1},
        .matching = {.cost_l1 = 1, .cost_class = 1, .background = 0.1},
        .counts = ask_count_any(),
        .seed = 42,
    };
}

/* ---- open and close ---- */

static ask_glance_batch_size size_of(const ask_glance_task_options *o)
{
    const ask_glance_focus_config *c = &o->net->config;
    const ask_glance_data_info info = ask_glance_data_info_of(o->train);
    int n_windows = info.n_windows;
    if (o->val && ask_glance_data_info_of(o->val).n_windows > n_windows)
        n_windows = ask_glance_data_info_of(o->val).n_windows;
    return (ask_glance_batch_size){
        .n_questions = o->n_questions,
        .n_texts = info.n_options ? info.n_options : 1,
        .n_tokens = o->n_tokens,
        .n_frames = o->n_frames,
        .width = c->n_features,
        .n_events = o->supervised || c->head == ASK_ANSWER_MOMENT ? c->n_queries : 0,
        .n_windows = c->head == ASK_ANSWER_MOMENT ? (n_windows ? n_windows : 1) : 0,
        .counts = c->head == ASK_ANSWER_COUNT,
        .ends = o->ends,
        .pad_id = c->text.pad_id,
    };
}

static bool allocate(ask_glance_task *t, ask_error *err)
{
    size_t n = (size_t)t->size.n_questions;
    for (int i = 0; i < ASK_LOADER_ITEMS; i++) {
        t->batches[i] = ask_glance_batch_new(&t->size, err);
        if (!t->batches[i]) return false;
    }
    t->filling.questions = calloc(n, sizeof *t->filling.questions);
    t->filling.streams = calloc(n, sizeof *t->filling.streams);
    return (t->filling.questions && t->filling.streams) || ask_fail_memory(err);
}

static bool open_order(ask_glance_order *o, const ask_glance_task *t, ask_error *err)
{
    return ask_glance_order_open(o, t->opt.seed, ask_glance_data_info_of(t->opt.train).n,
                                 err);
}

static bool open_measure(ask_glance_task *t, ask_backend *backend, ask_error *err)
{
    if (!t->opt.val) return true;
    const ask_glance_measure_options opt = {.net = t->opt.net,
                                            .data = t->opt.val,
                                            .size = t->size,
                                            .answers = t->opt.answers,
                                            .counts = t->opt.counts,
                                            .backend = backend,
                                            .cancel = t->opt.cancel};
    t->measure = ask_glance_measure_open(&opt, err);
    return t->measure;
}

ask_glance_task *ask_glance_task_open(const ask_glance_task_options *opt,
                                      ask_backend *backend, ask_error *err)
{
    ask_glance_task *t = calloc(1, sizeof *t);
    if (!t) {
        ask_fail_memory(err);
        return NULL;
    }
    t->opt = ask_glance_task_defaults();
    ask_options_take(&t->opt, sizeof t->opt, opt);
    t->size = size_of(&t->opt);
    if (allocate(t, err) && open_order(&t->order, t, err) &&
        open_order(&t->filling.order, t, err) && open_measure(t, backend, err))
        return t;
    ask_glance_task_close(t);
    return NULL;
}

void ask_glance_task_close(ask_glance_task *t)
{
    if (!t) return;
    ask_loader_close(t->loader);
    ask_glance_measure_close(t->measure);
    for (int i = 0; i < ASK_LOADER_ITEMS; i++) ask_glance_batch_free(t->batches[i]);
    ask_glance_order_close(&t->order);
    ask_glance_order_close(&t->filling.order);
    free(t->filling.questions);
    free(t->filling.streams);
    free(t);
}

/* ---- batches ---- */

/* The place of the first question of a batch. */
static int64_t place_of(const ask_glance_task *t, int64_t batch)
{
    return (batch - 1) * t->size.n_questions;
}

static bool load(void *user, void *item, int64_t batch, ask_error *err)
{
    ask_glance_task *t = user;
    filling *f = &t->filling;
    ask_rng root = ask_rng_new(t->opt.seed), events = ask_rng_split(&root, "events");
    int64_t place = place_of(t, batch);
    for (int i = 0; i < t->size.n_questions; i++) {
        f->questions[i] = ask_glance_order_at(&f->order, place + i);
        f->streams[i] = ask_rng_split_at(&events, (uint64_t)(place + i));
    }
    return ask_glance_batch_fill(item, t->opt.train, f->questions, f->streams,
                                 t->size.n_questions, err);
}

static bool feed(void *user, int64_t batch, ask_error *err)
{
    ask_glance_task *t = user;
    const ask_loader_source source = {load, t};
    if (!t->loader) {
        void *items[ASK_LOADER_ITEMS];
        for (int i = 0; i < ASK_LOADER_ITEMS; i++) items[i] = t->batches[i];
        t->loader = ask_loader_open(&source, items, batch, err);
    }
    const ask_glance_batch *b = t->loader ? ask_loader_take(t->loader, batch, err) : NULL;
    return b && ask_glance_inputs_write(&t->inputs, b, err);
}

/* ---- losses ---- */

static void build(void *user, ask_graph *g, ask_train_loss *out)
{
    ask_glance_task *t = user;
    ask_dropping dropping = {.seed = t->opt.seed, .step = out->batch};
    ask_glance_output made;
    ask_glance_inputs_add(&t->inputs, g, &t->size);
    ask_glance_build_all(&made, g, t->opt.net, &t->inputs, &dropping);
    ask_glance_loss_build(out, g, &made, &t->inputs, &t->opt);
}

static bool has_label(const ask_glance_task *t, const ask_glance_sample *s)
{
    switch (t->opt.net->config.head) {
    case ASK_ANSWER_COUNT:
        return !isnan(s->count);
    case ASK_ANSWER_MOMENT:
        return s->n_windows > 0;
    default:
        return s->label >= 0;
    }
}

/* In the order in which glance_loss.c adds the parts. */
static bool count(void *user, int64_t first, int64_t n, double counts[ASK_TRAIN_MOST_PARTS],
                  ask_error *err)
{
    ask_glance_task *t = user;
    double n_labels = 0, n_events = 0, n_videos = (double)(n * t->size.n_questions);
    (void)err;
    for (int64_t i = place_of(t, first), end = place_of(t, first + n); i < end; i++) {
        ask_glance_sample s;
        ask_glance_data_get(&s, t->opt.train, ask_glance_order_at(&t->order, i));
        n_labels += has_label(t, &s);
        n_events += s.n_events < t->size.n_events ? s.n_events : t->size.n_events;
    }
    const double supervised[] = {n_labels, n_events, 2 * n_events},
                 moments[] = {n_labels, n_videos, 2 * n_events, n_videos, n_videos},
                 others[] = {n_labels, n_videos, n_videos, n_videos};
    if (t->opt.supervised)
        memcpy(counts, supervised, sizeof supervised);
    else if (t->size.n_events)
        memcpy(counts, moments, sizeof moments);
    else
        memcpy(counts, others, sizeof others);
    return true;
}

ask_train_task ask_glance_task_of(ask_glance_task *t)
{
    static const char *const undecayed[] = {"*position*", "query_embed*", "qa_embed*",
                                            NULL};
    static const char *const frozen[] = {"transformer.text_encoder.*", NULL};
    return (ask_train_task){.user = t,
                            .build = build,
                            .feed = feed,
                            .undecayed = undecayed,
                            .frozen = t->opt.freeze_text ? frozen : NULL,
                            .count = count};
}

/* ---- how good it is ---- */

bool ask_glance_task_evaluate(void *task, int64_t step, ask_train_metrics *out,
                              ask_error *err)
{
    ask_glance_task *t = task;
    (void)step;
    return ask_glance_measure_run(t->measure, out, err);
}

ask_train_evaluation ask_glance_task_evaluation(ask_glance_task *t, int64_t every)
{
    ask_answer_head head = t->opt.net->config.head;
    return (ask_train_evaluation){.user = t,
                                  .evaluate = ask_glance_task_evaluate,
                                  .every = every,
                                  .best_by = head == ASK_ANSWER_COUNT    ? "mae"
                                             : head == ASK_ANSWER_MOMENT ? "iou"
                                                                         : "accuracy",
                                  .less_is_better = head == ASK_ANSWER_COUNT};
}
