#include "eval/footage_priv.h"

#include <math.h>
#include <stdlib.h>

#include "eval/calibrate.h"

/* A dimension that hardly changes says nothing about what is new. */
static const double LEAST_DEVIATION = 1e-4;

/* Both begin with zeros. */
static bool measure_frames(double *mean, double *deviation, const footage *f,
                           ask_error *err)
{
    double n = 0;
    for (int64_t i = 0; i < f->n_clips; i++) {
        ask_pictures frames;
        if (!f->frames(f->user, &frames, i, err)) return false;
        for (int frame = 0; frame < frames.n; frame++) {
            const float *x = ask_picture_whole(&frames, frame);
            n++;
            for (int k = 0; k < f->n_embed; k++) { // Welford
                double from = x[k] - mean[k];
                mean[k] += from / n;
                deviation[k] += from * (x[k] - mean[k]);
            }
        }
    }
    for (int k = 0; k < f->n_embed; k++)
        deviation[k] = fmax(sqrt(deviation[k] / n), LEAST_DEVIATION);
    return true;
}

static bool measure_distances(double *distance, const ask_standard *s, const footage *f,
                              ask_error *err)
{
    for (int64_t i = 0; i < f->n_clips; i++) {
        ask_pictures frames;
        if (!f->frames(f->user, &frames, i, err)) return false;
        distance[i] = ask_standard_distance(s, &frames);
    }
    return true;
}

bool footage_cover(ask_standard *out, double *median, const footage *f, ask_arena *arena,
                   ask_error *err)
{
    const size_t n_embed = (size_t)f->n_embed;
    double *mean = ask_arena_array(arena, n_embed, sizeof *mean);
    double *deviation = ask_arena_array(arena, n_embed, sizeof *deviation);
    double *distance = malloc(((size_t)f->n_clips + 1) * sizeof *distance);
    bool ok = (mean && deviation && distance) || ask_fail_memory(err);
    ok = ok && measure_frames(mean, deviation, f, err);
    if (ok) {
        out->mean = mean;
        out->deviation = deviation;
    }
    ok = ok && measure_distances(distance, out, f, err);
    if (ok) {
        *median = ask_quantile(distance, f->n_clips, 0.5);
        out->most_distance = ASK_CALIBRATE_MARGIN *
                             ask_quantile(distance, f->n_clips, ASK_CALIBRATE_COVERED);
    }
    free(distance);
    return ok;
}
