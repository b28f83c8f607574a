#include "vqa/maps_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "model/explain.h"
#include "model/inputs.h"

int maps_choose(int *which, const ask_answer *a, int most)
{
    int n = 0;
    for (int i = 0; i < a->n_evidence; i++) {
        int better = 0;
        float score = a->frames[a->evidence[i]].score;
        for (int k = 0; k < a->n_evidence; k++) {
            float other = a->frames[a->evidence[k]].score;
            better += other > score || (other == score && k < i);
        }
        if (better < most) which[n++] = a->evidence[i];
    }
    return n;
}

/* ---- from the network ---- */

typedef struct {
    float *pixels; // [n, size]
    size_t size;
    int n;
} inputs;

/* An ask_input_fn. Frames differ, so each has pixels. */
static bool take_input(void *user, const ask_input_frame *frame, ask_error *err)
{
    inputs *in = user;
    if (!frame->pixels)
        return ask_fail(err, ASK_ERR_BUG, "two frames of the evidence are the same");
    memcpy(in->pixels + (size_t)in->n++ * in->size, frame->pixels,
           in->size * sizeof *in->pixels);
    return true;
}

void maps_scale(float *heat, size_t n)
{
    float most = 0;
    for (size_t i = 0; i < n; i++) most = fmaxf(most, heat[i]);
    for (size_t i = 0; i < n && most > 0; i++) heat[i] /= most;
}

/* Splits the heat of all frames into maps. */
static bool share_out(ask_answer_map *maps, ask_video *v, const ask_model *m,
                      const int *which, int n, const float *heat, ask_error *err)
{
    int side = ask_model_info_of(m).heat_side;
    size_t n_heat = (size_t)side * (size_t)side;
    const ask_video_info *info = ask_video_info_of(v);
    for (int i = 0; i < n; i++) {
        ask_answer_map *map = &maps[i];
        map->frame = which[i];
        map->side = side;
        ask_preprocess_seen(&map->x, &map->y, &map->width, &map->height,
                            ask_model_preprocess(m), info->width, info->height);
        map->heat = malloc(n_heat * sizeof *map->heat);
        if (!map->heat) return ask_fail_memory(err);
        memcpy(map->heat, heat + (size_t)i * n_heat, n_heat * sizeof *heat);
        maps_scale(map->heat, n_heat);
    }
    return true;
}

/* heat: [n, heat_side, heat_side] */
static bool explain(float *heat, ask_video *v, ask_session *s, const double *t_s, int n,
                    const float *text, inputs *in, const ask_cancel *cancel, ask_error *err)
{
    ask_inputs_run run = {.cancel = cancel};
    return ask_inputs_at(v, ask_session_model(s), t_s, n, &run, take_input, in, err) &&
           ask_explain_pixels(s, heat, in->pixels, n, text, cancel, err);
}

bool maps_make(ask_answer_map **out, ask_video *v, ask_session *s,
               const ask_find_frame *frames, const int *which, int n, const float *text,
               const ask_cancel *cancel, ask_error *err)
{
    const ask_model_info info = ask_model_info_of(ask_session_model(s));
    size_t n_maps = (size_t)n, side = (size_t)info.image_px, bytes;
    size_t n_heat = (size_t)info.heat_side * (size_t)info.heat_side;
    inputs in = {.size = (size_t)info.n_channels * side * side};
    ask_answer_map *maps = calloc(n_maps + 1, sizeof *maps);
    double *t_s = malloc((n_maps + 1) * sizeof *t_s);
    float *heat = malloc((n_maps + 1) * n_heat * sizeof *heat);
    if (ask_mul_size(&bytes, in.size * sizeof(float), n_maps + 1))
        in.pixels = malloc(bytes);
    bool ok = (maps && t_s && heat && in.pixels) || ask_fail_memory(err);
    for (int i = 0; ok && i < n; i++) t_s[i] = frames[which[i]].t_s;
    ok = ok && (n == 0 || explain(heat, v, s, t_s, n, text, &in, cancel, err)) &&
         share_out(maps, v, ask_session_model(s), which, n, heat, err);
    free(in.pixels);
    free(heat);
    free(t_s);
    if (ok)
        *out = maps;
    else
        maps_free(maps, n);
    return ok;
}

void maps_free(ask_answer_map *maps, int n)
{
    for (int i = 0; maps && i < n; i++) free(maps[i].heat);
    free(maps);
}
