/* train/timeline_imagine_memory.c - the memory that a glance would make of a clip: which
 * events and toys are told, and which are told that are none. */
#include "train/timeline_tale_priv.h"

/* ---- how sure, and whose ---- */

static ask_guise_shares mistaken_shares(const ask_memory_noise *z)
{
    return (ask_guise_shares){z->color, z->shape, z->size, z->texture};
}

static double draw_doubt(const timeline_memory *m)
{
    return m->sure ? 0 : ask_imagine_doubt(m->r);
}

/* 0.5 to 1, most often nearly 1. */
static double draw_confidence(const timeline_memory *m)
{
    return m->sure ? 1 : 1 - ask_imagine_doubt(m->r);
}

/* Of what is none: 0 to 0.49, most often nearly 0. */
static double draw_low_confidence(const timeline_memory *m)
{
    double u = ask_rng_double(m->r);
    return m->sure ? 0 : 0.49 * u * u * u;
}

static ask_guise look_at(const timeline_memory *m, int toy)
{
    return ask_guise_looked_at(m->r, ask_guise_of(&m->s->toys[toy]), m->taken[toy],
                               mistaken_shares(m->noise));
}

static int draw_toy(const timeline_memory *m)
{
    return (int)ask_rng_below(m->r, (uint64_t)m->s->n_toys);
}

/* ---- events ---- */

/* What does not happen: most often of a toy that is there, at any time. */
static timeline_tale invent_event(const timeline_memory *m)
{
    enum { LEAST_FRAMES = 6, MOST_FRAMES = 16 };
    const ask_scene *s = m->s;
    int toy = draw_toy(m), other = draw_toy(m);
    int begin = (int)ask_rng_below(m->r, (uint64_t)m->until);
    int end = begin + (int)ask_rng_between(m->r, LEAST_FRAMES, MOST_FRAMES);
    bool of_a_toy = ask_imagine_chance(m->r, 0.8);
    timeline_tale t = {
        .class_ = (int)ask_rng_below(m->r, ASK_N_EVENTS),
        .who = of_a_toy ? m->taken[toy] : ask_guise_any(m->r),
        .other_color = m->taken[other].color,
        .other_shape = m->taken[other].shape,
        .later_color = (int)ask_rng_below(m->r, ASK_N_COLORS),
        .way = (int)ask_rng_below(m->r, (uint64_t)m->c->kinds.n_values[ASK_KIND_OF_WAY]),
        .span = {begin, end < m->until ? end : m->until}};
    timeline_tell_places(&t, ask_toy_spot(s, toy, begin), ask_toy_spot(s, toy, end));
    return t;
}

/* An event once more, not quite at its time: what the neighbours of its first sight say. */
static timeline_tale echo_event(const timeline_memory *m, int event)
{
    timeline_tale t = timeline_tell_event(m->s, event, m->until, m->sure);
    double off = ask_imagine_between(m->r, -2, 2) * m->until / m->c->n_frames;
    for (int i = 0; i < 2; i++) t.span[i] = ask_imagine_held(t.span[i] + off, 0, m->until);
    return t;
}

static void add_event(const timeline_memory *m, ask_imagine_rows *rows,
                      const timeline_tale *t, ask_guise who, double confidence,
                      double doubt, int64_t number)
{
    float row[TALE_MOST_RECORD];
    timeline_tell_event_row(m, row, t, who, confidence, doubt);
    ask_imagine_rows_add(rows, row, &number);
}

static void add_real_events(const timeline_memory *m, ask_imagine_rows *rows, int n_events)
{
    for (int i = 0; i < n_events; i++) {
        const timeline_tale t = timeline_tell_event(m->s, i, m->until, m->sure);
        int n_times = ask_imagine_chance(m->r, m->noise->drop)    ? 0
                      : ask_imagine_chance(m->r, m->noise->again) ? 2
                                                                  : 1;
        for (int k = 0; k < n_times && rows->n < rows->most; k++)
            add_event(m, rows, &t, look_at(m, m->s->events[i].toy), draw_confidence(m),
                      draw_doubt(m), i);
    }
}

static void add_other_events(const timeline_memory *m, ask_imagine_rows *rows, int n_events)
{
    int n_invented = ask_imagine_number(m->r, m->noise->invent);
    while (rows->n < rows->most) {
        bool invented = n_invented-- > 0;
        bool echoes =
            !invented && !m->sure && n_events > 0 && ask_imagine_chance(m->r, 0.4);
        int event = (int)ask_rng_below(m->r, (uint64_t)(n_events > 0 ? n_events : 1));
        const timeline_tale t = echoes ? echo_event(m, event) : invent_event(m);
        double confidence =
            invented ? ask_imagine_between(m->r, 0.1, 0.9) : draw_low_confidence(m);
        add_event(m, rows, &t, t.who, confidence, ask_imagine_between(m->r, 0.1, 0.49),
                  TALE_NONE);
    }
}

static void imagine_events(const timeline_memory *m, float *records, int64_t *numbers)
{
    const ask_timeline_kinds *k = &m->c->kinds;
    ask_imagine_rows rows = {.rows = records,
                             .marks = numbers,
                             .mark_bytes = sizeof *numbers,
                             .most = m->c->n_event_slots,
                             .width = ask_record_width(k),
                             .key = ask_record_field_of(k, ASK_RECORD_SPAN).begin,
                             .least_first = true};
    int n_events = 0;
    while (n_events < m->s->n_events && m->s->events[n_events].begin < m->until) n_events++;
    add_real_events(m, &rows, n_events);
    add_other_events(m, &rows, n_events);
}

/* ---- toys ---- */

/* As truth numbers pairs. */
static int64_t pair_of(ask_guise g)
{
    return (int64_t)g.color * ASK_N_SHAPES + g.shape;
}

static bool has_pair(const ask_imagine_rows *rows, int64_t pair)
{
    const int64_t *pairs = rows->marks;
    for (int i = 0; i < rows->n; i++)
        if (pairs[i] == pair) return true;
    return false;
}

/* What no toy is: most often one of them taken for another. */
static timeline_tale invent_toy(const timeline_memory *m)
{
    static const ask_guise_shares wrong = {.color = 0.25, .shape = 0.9};
    int toy = draw_toy(m);
    timeline_tale t;
    bool seen = timeline_tell_toy(&t, m->s, m->views, toy, m->until);
    if (seen && ask_imagine_chance(m->r, 0.8)) {
        t.who = ask_guise_mistaken(m->r, t.who, wrong);
        return t;
    }
    int begin = (int)ask_rng_below(m->r, (uint64_t)m->until);
    t = (timeline_tale){.class_ = ASK_N_EVENTS,
                        .who = ask_guise_any(m->r),
                        .other_color = TALE_NONE,
                        .other_shape = TALE_NONE,
                        .later_color = TALE_NONE,
                        .way = TALE_NONE,
                        .span = {begin, ask_rng_between(m->r, begin + 1, m->until)}};
    timeline_tell_places(&t, ask_toy_spot(m->s, toy, begin),
                         ask_toy_spot(m->s, toy, m->until));
    return t;
}

/* Unless there is a slot of that pair. */
static void add_toy(const timeline_memory *m, ask_imagine_rows *rows,
                    const timeline_tale *t, ask_guise who, double confidence, double doubt)
{
    float row[TALE_MOST_RECORD];
    int64_t pair = pair_of(who);
    if (has_pair(rows, pair)) return;
    timeline_tell_toy_row(m, row, t, who, confidence, doubt);
    ask_imagine_rows_add(rows, row, &pair);
}

static void imagine_toys(const timeline_memory *m, float *records, int64_t *pairs)
{
    const ask_timeline_kinds *k = &m->c->kinds;
    ask_imagine_rows rows = {.rows = records,
                             .marks = pairs,
                             .mark_bytes = sizeof *pairs,
                             .most = m->c->n_toy_slots,
                             .width = ask_record_width(k),
                             .key = ask_record_field_of(k, ASK_RECORD_CONFIDENCE).begin};
    for (int toy = 0; toy < m->s->n_toys; toy++) {
        timeline_tale t;
        if (timeline_tell_toy(&t, m->s, m->views, toy, m->until) &&
            !ask_imagine_chance(m->r, m->noise->toy_drop))
            add_toy(m, &rows, &t, look_at(m, toy), draw_confidence(m), draw_doubt(m));
    }
    int n_invented = ask_imagine_number(m->r, m->noise->toy_invent);
    while (rows.n < rows.most) {
        const timeline_tale t = invent_toy(m);
        double confidence =
            n_invented-- > 0 ? ask_imagine_between(m->r, 0.1, 0.9) : draw_low_confidence(m);
        add_toy(m, &rows, &t, t.who, confidence, ask_imagine_between(m->r, 0.1, 0.49));
    }
}

/* ---- all ---- */

ask_memory_noise ask_memory_noise_usual(double share)
{
    return (ask_memory_noise){.drop = 0.08 * share,
                              .invent = 0.5 * share,
                              .again = 0.05 * share,
                              .class_ = 0.06 * share,
                              .color = 0.02 * share,
                              .shape = 0.05 * share,
                              .size = 0.04 * share,
                              .texture = 0.06 * share,
                              .other = 0.06 * share,
                              .later = 0.05 * share,
                              .way = 0.04 * share,
                              .span = 0.4 * share,
                              .place = 0.015 * share,
                              .toy_drop = 0.03 * share,
                              .toy_invent = 0.5 * share};
}

void ask_timeline_imagine_memory(float *records, int64_t *slot_events, int64_t *slot_pairs,
                                 const ask_scene *s, const ask_scene_view *views, int until,
                                 const ask_timeline_config *c,
                                 const ask_memory_noise *noise, ask_rng *r)
{
    static const ask_memory_noise none = {0};
    timeline_memory m = {.s = s,
                         .views = views,
                         .until = until,
                         .c = c,
                         .noise = noise ? noise : &none,
                         .sure = !noise,
                         .r = r};
    for (int i = 0; i < s->n_toys; i++)
        m.taken[i] = ask_guise_mistaken(r, ask_guise_of(&s->toys[i]),
                                        ask_guise_half(mistaken_shares(m.noise)));
    imagine_events(&m, records, slot_events);
    imagine_toys(&m,
                 records + (size_t)c->n_event_slots * (size_t)ask_record_width(&c->kinds),
                 slot_pairs);
}
