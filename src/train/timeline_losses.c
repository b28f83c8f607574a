/* What each stage of Timeline makes smaller, and how much each part of it counts. */
#include "train/timeline_stage_priv.h"

/* ---- the cells ---- */

static void cells_losses_of(ask_cells_losses *out, ask_graph *g,
                            const ask_timeline_config *c, const timeline_inputs *in,
                            const timeline_made *made)
{
    int64_t shape[] = {-1, ask_sight_width(&c->kinds)};
    ask_tensor *rows = ask_reshape(g, made->cells.outputs, 2, shape); // [P, sight]
    ask_cells_loss_build(out, g, &c->kinds, rows, &in->cells);
}

/* A sum of some losses. */
typedef struct {
    double weight;
    ask_tensor *value;
} weighed;

static ask_tensor *sum_of(ask_graph *g, const weighed *all, size_t n)
{
    ask_tensor *sum = ask_scale(g, all[0].value, all[0].weight);
    for (size_t i = 1; i < n; i++)
        sum = ask_add(g, sum, ask_scale(g, all[i].value, all[i].weight));
    return sum;
}

#define SUM_OF(G, ALL) sum_of(G, ALL, sizeof(ALL) / sizeof *(ALL))

void timeline_losses_cells(ask_train_loss *out, ask_graph *g, const ask_timeline_config *c,
                           const timeline_inputs *in, const timeline_made *made)
{
    ask_cells_losses l;
    cells_losses_of(&l, g, c, in, made);
    ask_train_loss_add(out, "seen", 1, l.seen);
    ask_train_loss_add(out, "box", 0.5, l.box);
    ask_train_loss_add(out, "velocity", 0.5, l.velocity);
    ask_train_loss_add(out, "color", 1, l.color);
    ask_train_loss_add(out, "shape", 1, l.shape);
    ask_train_loss_add(out, "look", 0.5, l.look);
    ask_train_loss_add(out, "deed", 1, l.deed);
}

/* ---- the glance ---- */

void timeline_losses_glance(ask_train_loss *out, ask_graph *g, const ask_timeline_config *c,
                            const timeline_inputs *in, const timeline_made *made)
{
    ask_glance_losses l;
    (void)in;
    ask_timeline_glance_loss(&l, g, c, &made->memory, &made->glimpses);
    ask_train_loss_add(out, "event", 2, l.event);
    ask_train_loss_add(out, "span", 0.5, l.span);
    ask_train_loss_add(out, "identity", 0.5, l.identity);
    ask_train_loss_add(out, "parts", 0.5, l.parts);
    ask_train_loss_add(out, "end", 2, l.end);
    ask_train_loss_add(out, "deed", 0.25, l.deed);
    ask_train_loss_add(out, "pairs", 0.5, l.pairs);
}

/* ---- the focus ---- */

/* Of all its losses, those of the answers. */
static void add_answers(ask_train_loss *out, ask_focus_losses *l, ask_graph *g,
                        const timeline_inputs *in, const timeline_made *made)
{
    ask_timeline_focus_loss(l, g, &made->answered, &in->questions, &made->slots);
    ask_train_loss_add(out, "options", 1, l->options);
    ask_train_loss_add(out, "open", 1, l->open);
}

void timeline_losses_focus(ask_train_loss *out, ask_graph *g, const ask_timeline_config *c,
                           const timeline_inputs *in, const timeline_made *made)
{
    ask_focus_losses l;
    (void)c;
    add_answers(out, &l, g, in, made);
    ask_train_loss_add(out, "pointer", 0.25, l.pointer);
    ask_train_loss_add(out, "counted", 0.25, l.counted);
}

/* ---- all of it ---- */

static void add_all_of_cells(ask_train_loss *out, ask_graph *g,
                             const ask_timeline_config *c, const timeline_inputs *in,
                             const timeline_made *made)
{
    ask_cells_losses l;
    cells_losses_of(&l, g, c, in, made);
    const weighed parts[] = {{1, l.seen},  {0.5, l.box},  {0.5, l.velocity}, {1, l.color},
                             {1, l.shape}, {0.5, l.look}, {1, l.deed}};
    ask_train_loss_add(out, "cells", 1, SUM_OF(g, parts));
}

static void add_all_of_glance(ask_train_loss *out, ask_graph *g,
                              const ask_timeline_config *c, const timeline_made *made)
{
    ask_glance_losses l;
    if (!c->has_memory) return;
    ask_timeline_glance_loss(&l, g, c, &made->memory, &made->glimpses);
    const weighed rest[] = {{0.5, l.parts}, {2, l.end}, {0.25, l.deed}, {0.5, l.pairs}};
    ask_train_loss_add(out, "event", 2, l.event);
    ask_train_loss_add(out, "span", 0.5, l.span);
    ask_train_loss_add(out, "identity", 0.5, l.identity);
    ask_train_loss_add(out, "rest", 1, SUM_OF(g, rest));
}

void timeline_losses_answers(ask_train_loss *out, ask_graph *g,
                             const ask_timeline_config *c, const timeline_inputs *in,
                             const timeline_made *made)
{
    ask_focus_losses l;
    (void)c;
    add_answers(out, &l, g, in, made);
}

void timeline_losses_glance_focus(ask_train_loss *out, ask_graph *g,
                                  const ask_timeline_config *c, const timeline_inputs *in,
                                  const timeline_made *made)
{
    add_all_of_glance(out, g, c, made);
    timeline_losses_focus(out, g, c, in, made);
}

void timeline_losses_joint(ask_train_loss *out, ask_graph *g, const ask_timeline_config *c,
                           const timeline_inputs *in, const timeline_made *made)
{
    add_all_of_cells(out, g, c, in, made);
    add_all_of_glance(out, g, c, made);
    timeline_losses_focus(out, g, c, in, made);
}
