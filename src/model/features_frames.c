/* One unit vector for each time: that of the frame on display, as a search has it. */
#include <stdlib.h>
#include <string.h>

#include "model/features_priv.h"
#include "model/inputs.h"

typedef struct {
    feature_batch batch;
    ask_inputs_run run;
    ask_inputs *inputs;
    int *shown; // [plan.n]: which of the different frames each time shows
    int n_shown, n_taken;
    float *rows;    // borrowed: where the vectors go
    size_t n_embed; // of a row
} frames;

static bool check(const ask_model *m, ask_error *err)
{
    return ask_inputs_check(m, err);
}

static bool plan(ask_feature_plan *p, const ask_time_table *table, const ask_model *m,
                 const ask_feature_request *r, ask_error *err)
{
    (void)table;
    (void)m;
    if (r->n < 1) return ask_fail(err, ASK_ERR_USAGE, "no times are asked for");
    if (!feature_plan_reserve(p, r->n, err)) return false;
    memcpy(p->t_s, r->t_s, (size_t)r->n * sizeof *p->t_s);
    return true;
}

static int shape(int64_t out[ASK_FEATURES_MAX_DIMS], const ask_model *m,
                 const ask_feature_plan *p)
{
    out[0] = p->n;
    out[1] = ask_model_info_of(m).n_embed;
    return 2;
}

/* The first vector of a picture is that of the whole. */
static void take_vectors(void *user, const float *values)
{
    frames *f = user;
    memcpy(f->rows + (size_t)f->n_taken++ * f->n_embed, values,
           f->n_embed * sizeof *values);
}

/* An ask_input_fn. */
static bool take_input(void *user, const ask_input_frame *frame, ask_error *err)
{
    feature_maker *k = user;
    frames *f = k->own;
    if (frame->pixels) {
        float *pixels = feature_batch_next(&f->batch, err);
        if (!pixels) return false;
        memcpy(pixels, frame->pixels, f->batch.input_size * sizeof *pixels);
        f->n_shown++;
    }
    f->shown[frame->time] = f->n_shown - 1;
    k->out->t_s[frame->time] = frame->t_s;
    return true;
}

static bool begin(feature_maker *k, ask_video *v, ask_error *err)
{
    frames *f = k->own = calloc(1, sizeof *f);
    if (!f) return ask_fail_memory(err);
    f->run.cancel = k->cancel;
    f->rows = k->out->data;
    f->n_embed = (size_t)k->out->shape[1];
    f->shown = malloc((size_t)k->plan->n * sizeof *f->shown);
    if (!f->shown) return ask_fail_memory(err);
    f->inputs = ask_inputs_open(v, ask_session_model(k->session), k->plan->t_s, k->plan->n,
                                &f->run, take_input, k, err);
    if (!f->inputs) return false;
    k->viewer = ask_inputs_viewer(f->inputs);
    return feature_batch_open(&f->batch, k->session, ASK_IMAGE_VECTORS, take_vectors, f,
                              k->cancel, err);
}

/* Times that show one frame share its row: from the last on, rows move to their times,
 * which are never before them. */
static bool end(feature_maker *k, ask_error *err)
{
    frames *f = k->own;
    if (!feature_batch_flush(&f->batch, err)) return false;
    for (int i = k->plan->n - 1; i >= 0; i--)
        memmove(f->rows + (size_t)i * f->n_embed,
                f->rows + (size_t)f->shown[i] * f->n_embed, f->n_embed * sizeof *f->rows);
    return true;
}

static void close_frames(feature_maker *k)
{
    frames *f = k->own;
    if (!f) return;
    feature_batch_close(&f->batch);
    ask_inputs_close(f->inputs);
    free(f->shown);
    free(f);
}

const feature_layout feature_layout_frames = {
    .name = "frames",
    .unit = true,
    .check = check,
    .plan = plan,
    .shape = shape,
    .begin = begin,
    .end = end,
    .close = close_frames,
};
