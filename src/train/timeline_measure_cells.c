/* How well single cells see. */
#include <math.h>

#include "train/timeline_measure_priv.h"

enum { NOTHING = 0 }; // the deed of who does nothing

/* A row that the cells have said of a frame's cells, or of one. */
typedef struct {
    const ask_timeline_kinds *kinds;
    const float *row;
    size_t place; // in the labels
} cell_row;

static const float *at(const cell_row *c, ask_sight_field f)
{
    return c->row + ask_sight_field_of(c->kinds, f).begin;
}

static void count_kind(timeline_mean *m, const cell_row *c, ask_sight_field f,
                       const int64_t *labels)
{
    int64_t label = labels[c->place];
    int n = ask_sight_field_of(c->kinds, f).n;
    if (label >= 0) timeline_mean_add(m, timeline_best_of(at(c, f), n) == label);
}

static void count_distance(timeline_mean *m, const cell_row *c, ask_sight_field f,
                           const float *truth)
{
    int n = ask_sight_field_of(c->kinds, f).n;
    for (int i = 0; i < n; i++)
        timeline_mean_add(
            m, fabs((double)at(c, f)[i] - (double)truth[c->place * (size_t)n + (size_t)i]));
}

static void count_toy(timeline_cells_tally *t, const cell_row *c, const ask_cell_labels *l)
{
    count_kind(&t->color, c, ASK_SIGHT_COLOR, l->color);
    count_kind(&t->shape, c, ASK_SIGHT_SHAPE, l->shape);
    count_kind(&t->size, c, ASK_SIGHT_SIZE, l->size);
    count_kind(&t->texture, c, ASK_SIGHT_TEXTURE, l->texture);
    count_kind(&t->deed, c, ASK_SIGHT_DEED, l->deed);
    if (l->deed[c->place] > NOTHING)
        count_kind(&t->deed_moving, c, ASK_SIGHT_DEED, l->deed);
    if (l->thing[c->place] <= 0) return;
    count_distance(&t->box, c, ASK_SIGHT_BOX, l->box);
    count_distance(&t->velocity, c, ASK_SIGHT_VELOCITY, l->velocity);
}

/* Whether fewer than K cells of the frame are seen more surely. */
static bool is_picked(const timeline_said *said, const float *frame, int cell)
{
    const ask_timeline_kinds *k = &said->config->kinds;
    int width = ask_sight_width(k), n_cells = timeline_n_cells(&said->batch->size);
    int field = ask_sight_field_of(k, ASK_SIGHT_SEEN).begin, n_better = 0;
    float own = frame[cell * width + field];
    for (int i = 0; i < n_cells; i++) {
        float other = frame[i * width + field];
        n_better += other > own || (other == own && i < cell);
    }
    return n_better < said->config->n_sights;
}

void timeline_cells_count(timeline_cells_tally *t, const timeline_said *said)
{
    const timeline_size *s = &said->batch->size;
    const ask_timeline_kinds *k = &said->config->kinds;
    int width = ask_sight_width(k), n_cells = timeline_n_cells(s);
    for (int f = 0; f < said->n_clips * s->n_frames; f++) {
        size_t first = (size_t)f * (size_t)n_cells;
        const float *frame = said->cells + first * (size_t)width;
        for (int i = 0; i < n_cells; i++) {
            const cell_row c = {k, frame + i * width, first + (size_t)i};
            if (said->batch->cells.seen[c.place] <= 0) continue;
            timeline_mean_add(&t->recall, is_picked(said, frame, i));
            count_toy(t, &c, &said->batch->cells);
        }
    }
}

bool timeline_cells_tell(ask_train_metrics *out, const timeline_cells_tally *t,
                         ask_error *err)
{
    const struct {
        const char *name;
        timeline_mean mean;
    } all[] = {
        {"recall", t->recall},
        {"color", t->color},
        {"shape", t->shape},
        {"size", t->size},
        {"texture", t->texture},
        {"deed", t->deed},
        {"deed_moving", t->deed_moving},
        {"box_error", t->box},
        {"velocity_error", t->velocity},
    };
    enum { N = sizeof all / sizeof *all, N_SHARES = 7 };
    double score = 0;
    bool ok = true;
    for (int i = 0; ok && i < N; i++) {
        double value = timeline_mean_value(all[i].mean);
        if (i < N_SHARES) score += value / N_SHARES;
        ok = ask_train_metrics_add(out, all[i].name, value, err);
    }
    return ok && ask_train_metrics_add(out, "score", score, err);
}
