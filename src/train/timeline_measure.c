#include "train/timeline_measure_priv.h"

#include <stdlib.h>

/* A kept tensor and room for its numbers. */
typedef struct {
    ask_tensor *tensor; // NULL: there is none
    void *values;       // owned
} reading;

enum { CELLS, RECORDS, TOYS, SLOT_EVENTS, SLOT_PAIRS, OPTIONS, LOGITS, POINTER, N_READ };

struct timeline_measure {
    timeline_measure_options opt;
    timeline_player *player;
    timeline_batch *batch;
    ask_graph *graph; // NULL before the first time
    timeline_inputs inputs;
    reading readings[N_READ];
};

int timeline_best_of(const float *scores, int n)
{
    int best = 0;
    for (int i = 1; i < n; i++)
        if (scores[i] > scores[best]) best = i;
    return best;
}

/* ---- opening ---- */

/* Of all questions each is asked. */
static void choose_size(timeline_measure *m)
{
    timeline_player_options *p = &m->opt.player;
    p->split = m->opt.split;
    p->size.n_questions = ASK_QUESTIONS_MOST;
    p->size.n_near = 0;
    if (p->size.n_clips > m->opt.n_clips) p->size.n_clips = m->opt.n_clips;
}

timeline_measure *timeline_measure_open(const timeline_measure_options *opt, ask_error *err)
{
    timeline_measure *m = calloc(1, sizeof *m);
    if (!m) {
        ask_fail_memory(err);
        return NULL;
    }
    m->opt = *opt;
    choose_size(m);
    m->player = timeline_player_open(&m->opt.player, err);
    m->batch = m->player ? timeline_batch_new(&m->opt.player.size, err) : NULL;
    if (m->batch) return m;
    timeline_measure_close(m);
    return NULL;
}

void timeline_measure_close(timeline_measure *m)
{
    if (!m) return;
    ask_graph_free(m->graph);
    for (int i = 0; i < N_READ; i++) free(m->readings[i].values);
    timeline_batch_free(m->batch);
    timeline_player_close(m->player);
    free(m);
}

/* ---- the graph ---- */

static void keep_all(timeline_measure *m, ask_graph *g, const timeline_made *made)
{
    const timeline_parts *parts = &m->opt.player.size.parts;
    ask_focus_losses losses = {0};
    if (parts->questions)
        ask_timeline_focus_loss(&losses, g, &made->answered, &m->inputs.questions,
                                &made->slots);
    ask_tensor *const all[N_READ] = {
        [CELLS] = parts->cells ? made->cells.outputs : NULL,
        [RECORDS] = made->memory.records,
        [TOYS] = made->memory.toys,
        [SLOT_EVENTS] = made->slots.events,
        [SLOT_PAIRS] = made->slots.pairs,
        [OPTIONS] = losses.option_logits,
        [LOGITS] = made->answered.logits,
        [POINTER] = made->answered.pointer,
    };
    for (int i = 0; i < N_READ; i++)
        m->readings[i].tensor = all[i] ? ask_keep(g, ask_contiguous(g, all[i])) : NULL;
}

static bool plan(timeline_measure *m, ask_error *err)
{
    timeline_made made;
    if (m->graph) return true;
    ask_graph *g = ask_graph_new(err);
    if (!g) return false;
    timeline_inputs_add(&m->inputs, g, &m->opt.player.size);
    timeline_build(&made, g, m->opt.net, m->opt.stage, &m->inputs, NULL);
    keep_all(m, g, &made);
    const ask_plan_options opt = {
        .struct_size = sizeof opt, .backends = &m->opt.backend, .n_backends = 1};
    bool ok = ask_graph_plan(g, &opt, err);
    for (int i = 0; ok && i < N_READ; i++) {
        reading *r = &m->readings[i];
        if (!r->tensor) continue;
        free(r->values);
        r->values = malloc(ask_tensor_bytes(r->tensor));
        ok = r->values || ask_fail_memory(err);
    }
    if (ok)
        m->graph = g;
    else
        ask_graph_free(g);
    return ok;
}

static bool run(timeline_measure *m, ask_error *err)
{
    const ask_run_options opt = {.struct_size = sizeof opt, .cancel = m->opt.cancel};
    if (!timeline_inputs_write(&m->inputs, m->batch, err) ||
        !ask_graph_run(m->graph, &opt, err))
        return false;
    for (int i = 0; i < N_READ; i++) {
        const reading *r = &m->readings[i];
        if (r->tensor &&
            !ask_tensor_read(r->tensor, r->values, ask_tensor_bytes(r->tensor), err))
            return false;
    }
    return true;
}

/* ---- all of it ---- */

typedef struct {
    timeline_cells_tally cells;
    timeline_glance_tally glance;
    timeline_focus_tally focus;
} tallies;

static bool remembers(const timeline_measure *m)
{
    return m->opt.player.size.parts.glimpses && m->opt.net->config.has_memory;
}

static bool count_batch(tallies *t, const timeline_measure *m, int n_clips, ask_error *err)
{
    const timeline_parts *parts = &m->opt.player.size.parts;
    const timeline_said said = {
        .config = &m->opt.net->config,
        .player = m->player,
        .batch = m->batch,
        .n_clips = n_clips,
        .cells = m->readings[CELLS].values,
        .records = m->readings[RECORDS].values,
        .toys = m->readings[TOYS].values,
        .slot_events = m->readings[SLOT_EVENTS].values,
        .slot_pairs = m->readings[SLOT_PAIRS].values,
        .option_logits = m->readings[OPTIONS].values,
        .logits = m->readings[LOGITS].values,
        .pointer = m->readings[POINTER].values,
    };
    if (parts->cells) timeline_cells_count(&t->cells, &said);
    if (parts->questions) timeline_focus_count(&t->focus, &said);
    return !remembers(m) || timeline_glance_count(&t->glance, &said, err);
}

static bool tell(ask_train_metrics *out, const timeline_measure *m, tallies *t,
                 ask_error *err)
{
    const timeline_parts *parts = &m->opt.player.size.parts;
    return (!parts->cells || timeline_cells_tell(out, &t->cells, err)) &&
           (!remembers(m) || timeline_glance_tell(out, &t->glance, err)) &&
           (!parts->questions || timeline_focus_tell(out, &t->focus, err));
}

bool timeline_measure_run(void *measure, int64_t step, ask_train_metrics *out,
                          ask_error *err)
{
    timeline_measure *m = measure;
    tallies t = {0};
    int n_all = m->opt.n_clips, n = m->opt.player.size.n_clips;
    (void)step;
    bool ok = plan(m, err) && timeline_glance_open(&t.glance, err);
    for (int first = 0; ok && first < n_all; first += n)
        ok = ask_cancel_check(m->opt.cancel, err) &&
             timeline_player_fill(m->player, m->batch, first, err) && run(m, err) &&
             count_batch(&t, m, n_all - first < n ? n_all - first : n, err);
    ok = ok && tell(out, m, &t, err);
    timeline_glance_close(&t.glance);
    return ok;
}
