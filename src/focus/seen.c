#include "focus/seen.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "focus/sampled.h"

/* ---- looking ---- */

/* What one call of ask_seen_make is about; all of it borrowed. */
typedef struct {
    ask_seen *seen;
    ask_video *video;
    ask_session *session;
    const ask_cancel *cancel;
    const ask_progress *progress;
} job;

/* An ask_sampling_fn. */
static bool look(void *user, const ask_sampling *sampling, ask_error *err)
{
    const job *j = user;
    return ask_look_at(&j->seen->look, j->video, j->session, sampling, j->cancel,
                       j->progress, err);
}

/* ---- chance ---- */

static ask_curve_input curve_input(const ask_seen *s)
{
    const ask_yardstick *y = s->yardstick;
    const ask_calibration *c = y->calibration;
    return (ask_curve_input){
        .frames = ask_look_pictures(&s->look),
        .background = y->prompts,
        .random = y->prompts + (size_t)c->n_background * (size_t)s->look.n_embed,
        .n_background = c->n_background,
        .n_random = c->n_sentences,
    };
}

static bool measure_chance(ask_seen *s, const ask_cancel *cancel, ask_error *err)
{
    const ask_curve_input in = curve_input(s);
    return ask_curve_measure_chance(&s->chance, &in, cancel, err);
}

/* ---- both ---- */

bool ask_seen_make(ask_seen *out, ask_video *v, ask_session *s,
                   const ask_yardstick *yardstick, const ask_sampling_options *opt,
                   const ask_cancel *cancel, const ask_progress *progress, ask_error *err)
{
    const ask_sampling_options options =
        ask_calibration_sampling(yardstick->calibration, opt);
    ask_seen seen = {.yardstick = yardstick, .session = s};
    job j = {&seen, v, s, cancel, progress};
    if (ask_sampling_look(&seen.sampling, v, &options, look, &j, err) &&
        measure_chance(&seen, cancel, err)) {
        *out = seen;
        return true;
    }
    ask_seen_free(&seen);
    return false;
}

/* ---- nothing to see ---- */

static bool copy_look(ask_look *out, const ask_look *l, ask_error *err)
{
    size_t n_bytes = (size_t)l->n * sizeof *l->frames;
    out->frames = malloc(n_bytes);
    if (!out->frames) return ask_fail_memory(err);
    memcpy(out->frames, l->frames, n_bytes);
    out->n = l->n;
    out->n_vectors = l->n_vectors;
    out->n_embed = l->n_embed;
    return true;
}

static bool show_grey(ask_seen *s, ask_error *err)
{
    size_t row = (size_t)s->look.n_vectors * (size_t)s->look.n_embed, n_bytes;
    if (ask_mul_size(&n_bytes, (size_t)s->look.n * sizeof(float), row))
        s->look.embeddings = malloc(n_bytes);
    if (!s->look.embeddings) return ask_fail_memory(err);
    for (int i = 0; i < s->look.n; i++)
        memcpy(s->look.embeddings + (size_t)i * row, s->yardstick->grey,
               row * sizeof(float));
    return true;
}

bool ask_seen_make_grey(ask_seen *out, const ask_seen *of, const ask_cancel *cancel,
                        ask_error *err)
{
    ask_seen seen = {.yardstick = of->yardstick, .session = of->session};
    if (ask_sampling_copy(&seen.sampling, &of->sampling, err) &&
        copy_look(&seen.look, &of->look, err) && show_grey(&seen, err) &&
        measure_chance(&seen, cancel, err)) {
        *out = seen;
        return true;
    }
    ask_seen_free(&seen);
    return false;
}

bool ask_seen_measure(ask_seen *s, const ask_yardstick *yardstick, const ask_cancel *cancel,
                      ask_error *err)
{
    ask_seen measured = *s;
    measured.yardstick = yardstick;
    if (!measure_chance(&measured, cancel, err)) return false;
    ask_curve_chance_free(&s->chance);
    *s = measured;
    return true;
}

void ask_seen_free(ask_seen *s)
{
    if (!s) return;
    ask_sampling_free(&s->sampling);
    ask_look_free(&s->look);
    ask_curve_chance_free(&s->chance);
    *s = (ask_seen){0};
}
