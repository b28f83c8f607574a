/* train/timeline_tale_record.c - how it is told: with mistakes, and more or less surely. */
#include <string.h>

#include "train/timeline_tale_priv.h"

static float *field(const timeline_memory *m, float *row, ask_record_field f)
{
    return row + ask_record_field_of(&m->c->kinds, f).begin;
}

static int n_values(const timeline_memory *m, ask_timeline_kind kind)
{
    return m->c->kinds.n_values[kind];
}

/* Probabilities times `there`: how likely it is that there is a value at all. */
static void tell_kind(const timeline_memory *m, float *p, ask_timeline_kind kind, int shown,
                      int right, double doubt, double there)
{
    int n = n_values(m, kind);
    if (shown == TALE_NONE)
        ask_imagine_any(p, n, m->r);
    else
        ask_imagine_kind(p, n, shown, right == TALE_NONE ? shown : right, doubt, m->r);
    for (int i = 0; i < n; i++) p[i] = (float)(p[i] * there);
}

static void tell_surely(const timeline_memory *m, float *p, ask_timeline_kind kind,
                        int value)
{
    for (int i = 0; i < n_values(m, kind); i++) p[i] = i == value ? 1 : 0;
}

static int mistake(const timeline_memory *m, int right, ask_timeline_kind kind,
                   double wrong)
{
    return right == TALE_NONE ? TALE_NONE
                              : ask_imagine_value(m->r, right, n_values(m, kind), wrong);
}

/* Whether the clip is cut off before it shows what the event is. */
static bool is_cut(const timeline_memory *m, const timeline_tale *t)
{
    return !m->sure && t->class_ < ASK_N_EVENTS && t->span[1] >= m->until &&
           m->until < m->s->n_frames;
}

/* A toy that has just set out slides, hits, pushes, leaves or hides, for all one knows. */
static void tell_cut_class(const timeline_memory *m, float *p, int right)
{
    double sum = 0;
    bool goes = ask_event_goes((ask_event_kind)right);
    for (int k = 0; k < ASK_N_EVENTS; k++) {
        bool could_be = ask_event_goes((ask_event_kind)k) == goes;
        p[k] = (float)(ask_rng_double(m->r) * (k == right ? 2 : could_be ? 1 : 0.05));
        sum += p[k];
    }
    for (int k = 0; k < ASK_N_EVENTS; k++) p[k] = (float)(p[k] / sum);
}

/* The likelihood that a record's event has what only some kinds have. */
static double likelihood(const float *classes, bool (*has)(ask_event_kind))
{
    double sum = 0;
    for (int k = 0; k < ASK_N_EVENTS; k++)
        if (has((ask_event_kind)k)) sum += classes[k];
    return sum;
}

static bool turns(ask_event_kind kind)
{
    return kind == ASK_TURN;
}

static void tell_who(const timeline_memory *m, float *row, ask_guise shown, ask_guise right,
                     double doubt)
{
    tell_kind(m, field(m, row, ASK_RECORD_COLOR), ASK_KIND_OF_COLOR, shown.color,
              right.color, doubt, 1);
    tell_kind(m, field(m, row, ASK_RECORD_SHAPE), ASK_KIND_OF_SHAPE, shown.shape,
              right.shape, doubt, 1);
    tell_kind(m, field(m, row, ASK_RECORD_SIZE), ASK_KIND_OF_SIZE, shown.size, right.size,
              doubt, 1);
    tell_kind(m, field(m, row, ASK_RECORD_TEXTURE), ASK_KIND_OF_TEXTURE, shown.texture,
              right.texture, doubt, 1);
}

static void tell_when_and_where(const timeline_memory *m, float *row,
                                const timeline_tale *t)
{
    float *span = field(m, row, ASK_RECORD_SPAN),
          *places = field(m, row, ASK_RECORD_PLACES);
    double off = m->noise->span / m->c->n_frames;
    double begin = t->span[0] / m->until + off * ask_rng_normal(m->r);
    double end = t->span[1] / m->until + off * ask_rng_normal(m->r);
    span[0] = (float)ask_imagine_held(begin, 0, 1);
    span[1] = (float)ask_imagine_held(end, span[0], 1);
    for (int i = 0; i < 4; i++)
        places[i] = (float)ask_imagine_held(t->places[i] / ASK_WORLD_SIDE_PX +
                                                m->noise->place * ask_rng_normal(m->r),
                                            0, 1);
}

void timeline_tell_event_row(const timeline_memory *m, float *row, const timeline_tale *t,
                             ask_guise who, double confidence, double doubt)
{
    const ask_memory_noise *z = m->noise;
    float *classes = field(m, row, ASK_RECORD_CLASS);
    memset(row, 0, (size_t)ask_record_width(&m->c->kinds) * sizeof *row);
    row[ask_record_field_of(&m->c->kinds, ASK_RECORD_CONFIDENCE).begin] = (float)confidence;
    if (is_cut(m, t))
        tell_cut_class(m, classes, t->class_);
    else
        tell_kind(m, classes, ASK_KIND_OF_EVENT,
                  ask_imagine_event(m->r, t->class_, z->class_), t->class_, doubt, 1);
    tell_who(m, row, who, t->who, doubt);
    double has_other = likelihood(classes, ask_event_kind_moves_other);
    tell_kind(m, field(m, row, ASK_RECORD_OTHER_COLOR), ASK_KIND_OF_COLOR,
              mistake(m, t->other_color, ASK_KIND_OF_COLOR, z->other), t->other_color,
              doubt, has_other);
    tell_kind(m, field(m, row, ASK_RECORD_OTHER_SHAPE), ASK_KIND_OF_SHAPE,
              mistake(m, t->other_shape, ASK_KIND_OF_SHAPE, z->other), t->other_shape,
              doubt, has_other);
    tell_kind(m, field(m, row, ASK_RECORD_LATER_COLOR), ASK_KIND_OF_COLOR,
              mistake(m, t->later_color, ASK_KIND_OF_COLOR, z->later), t->later_color,
              doubt, likelihood(classes, turns));
    tell_kind(m, field(m, row, ASK_RECORD_WAY), ASK_KIND_OF_WAY,
              mistake(m, t->way, ASK_KIND_OF_WAY, z->way), t->way, doubt,
              likelihood(classes, ask_event_goes));
    tell_when_and_where(m, row, t);
}

/* A toy slot is a pair of colour and shape, so these two are always sure. */
void timeline_tell_toy_row(const timeline_memory *m, float *row, const timeline_tale *t,
                           ask_guise who, double confidence, double doubt)
{
    memset(row, 0, (size_t)ask_record_width(&m->c->kinds) * sizeof *row);
    *field(m, row, ASK_RECORD_CONFIDENCE) = (float)confidence;
    field(m, row, ASK_RECORD_CLASS)[ASK_N_EVENTS] = 1;
    tell_who(m, row, who, t->who, doubt);
    tell_surely(m, field(m, row, ASK_RECORD_COLOR), ASK_KIND_OF_COLOR, who.color);
    tell_surely(m, field(m, row, ASK_RECORD_SHAPE), ASK_KIND_OF_SHAPE, who.shape);
    int later = mistake(m, t->later_color, ASK_KIND_OF_COLOR, m->noise->later);
    double changes = later == TALE_NONE ? 0.3 * doubt : 1 - 0.5 * doubt;
    if (later == TALE_NONE && ask_imagine_chance(m->r, m->noise->later))
        changes = ask_imagine_between(m->r, 0.3, 0.8);
    tell_kind(m, field(m, row, ASK_RECORD_LATER_COLOR), ASK_KIND_OF_COLOR, later,
              t->later_color, doubt, changes);
    tell_when_and_where(m, row, t);
}
