/* Where an answer from a memory is seen. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vqa/by_memory_priv.h"
#include "vqa/maps_priv.h"

enum { MAP_SIDE = 32 }; // cells

static bool take_frames(ask_answer *a, const memory_work *w, ask_error *err)
{
    const ask_sampled *s = &w->seen->sampled;
    a->frames = malloc((size_t)s->n * sizeof *a->frames);
    if (!a->frames) return ask_fail_memory(err);
    memcpy(a->frames, s->frames, (size_t)s->n * sizeof *a->frames);
    a->n_frames = s->n;
    for (int i = 0; i < s->n; i++) {
        a->frames[i].cosine = NAN;
        a->frames[i].score = (float)pointed_frame(&w->pointed, i);
    }
    return true;
}

/* Shares of the window, which it never leaves. */
static double time_of(const ask_sampling *s, double share)
{
    return fmin(s->end_s, s->start_s + share * (s->end_s - s->start_s));
}

static bool take_moment(ask_answer *a, const memory_work *w, int slot, ask_error *err)
{
    const ask_memory_slot *s = &w->memory.slots[slot];
    const ask_sampling *sampling = &w->seen->sampling;
    ask_str text = {0};
    memory_tell(&text, s);
    a->moments[a->n_moments] = (ask_find_moment){
        .start_s = time_of(sampling, s->start),
        .end_s = time_of(sampling, s->end),
        .best = pointed_best_frame(&w->pointed, slot),
        .score = pointed_score(&w->pointed, slot),
        .repeats = -1,
    };
    a->events[a->n_moments] = (ask_answer_event){
        .event = s->what,
        .text = ask_str_take(&text, err),
        .confidence = s->confidence,
        .slot = slot,
    };
    return a->events[a->n_moments++].text;
}

static bool take_moments(ask_answer *a, const memory_work *w, ask_error *err)
{
    const size_t n_slots = (size_t)w->memory.n_slots;
    int *slots = malloc(n_slots * sizeof *slots);
    int n = slots ? pointed_moments(slots, &w->pointed) : 0;
    a->moments = calloc((size_t)n + 1, sizeof *a->moments);
    a->events = calloc((size_t)n + 1, sizeof *a->events);
    bool ok = (slots && a->moments && a->events) || ask_fail_memory(err);
    for (int i = 0; ok && i < n; i++) ok = take_moment(a, w, slots[i], err);
    free(slots);
    return ok;
}

bool memory_show(ask_answer *a, const memory_work *w, ask_error *err)
{
    if (!take_frames(a, w, err) || !take_moments(a, w, err)) return false;
    a->n_evidence = pointed_evidence(a->evidence, &w->pointed, w->job->options->n_keep,
                                     ASK_MOST_RETRIEVED);
    return true;
}

/* ---- maps ---- */

static bool make_map(ask_answer_map *map, const memory_work *w, int frame, ask_error *err)
{
    const ask_model *m = ask_session_model(w->job->call->session);
    const int n = w->job->memory.n_sights;
    ask_sight *sights = malloc((size_t)n * sizeof *sights);
    double *weight = malloc((size_t)n * sizeof *weight);
    *map = (ask_answer_map){
        .frame = frame,
        .heat = malloc(MAP_SIDE * MAP_SIDE * sizeof *map->heat),
        .side = MAP_SIDE,
    };
    bool ok = (sights && weight && map->heat) || ask_fail_memory(err);
    if (ok) {
        for (int k = 0; k < n; k++)
            sights[k] =
                ask_sights_at(&w->seen->sights, m, w->seen->sampled.first[frame], k);
        pointed_sights(weight, &w->pointed, frame, sights);
        pointed_heat(map->heat, MAP_SIDE, sights, weight, n);
        ask_preprocess_seen(&map->x, &map->y, &map->width, &map->height,
                            ask_model_preprocess(m), w->seen->width_px, w->seen->height_px);
    }
    free(sights);
    free(weight);
    return ok;
}

bool memory_show_maps(ask_answer *a, const memory_work *w, ask_error *err)
{
    int which[ASK_MOST_RETRIEVED];
    int n = maps_choose(which, a, w->job->options->n_maps);
    if (n == 0) return true;
    a->maps = calloc((size_t)n, sizeof *a->maps);
    if (!a->maps) return ask_fail_memory(err);
    a->method = "pointed sights";
    ask_format(a->layer, sizeof a->layer, "memory");
    for (int i = 0; i < n; i++) {
        a->n_maps++;
        if (!make_map(&a->maps[i], w, which[i], err)) return false;
    }
    return true;
}
