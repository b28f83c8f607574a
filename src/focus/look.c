#include "focus/look.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/clock.h"
#include "model/inputs.h"

enum { BATCH = 8 }; // inputs that are embedded together

typedef struct {
    ask_session *session;
    const ask_sampling *sampling;
    const ask_cancel *cancel;
    ask_model_info model;
    ask_look look;
    struct {
        int first, last;
    } * request; // of each frame: the times that fell on it
    float
        *pixels; // owned; [BATCH, n_channels, image_px, image_px], the last n_batch frames
    int n_batch;
} job;

static size_t input_floats(const job *j)
{
    size_t side = (size_t)j->model.image_px;
    return (size_t)j->model.n_channels * side * side;
}

static size_t embedding_floats(const job *j)
{
    return (size_t)j->look.n_vectors * (size_t)j->look.n_embed;
}

static bool embed_batch(job *j, ask_error *err)
{
    if (j->n_batch == 0) return true;
    double start_s = ask_clock_s();
    size_t first = (size_t)(j->look.n - j->n_batch);
    float *out = j->look.embeddings + first * embedding_floats(j);
    bool ok = ask_embed_pixels(j->session, out, j->pixels, j->n_batch, j->cancel, err);
    j->n_batch = 0;
    j->look.encode_s += ask_clock_s() - start_s;
    return ok;
}

/* An ask_input_fn. */
static bool take_input(void *user, const ask_input_frame *frame, ask_error *err)
{
    job *j = user;
    int n = j->look.n;
    if (!frame->pixels) {
        j->request[n - 1].last = frame->time;
        return true;
    }
    if (j->n_batch == BATCH && !embed_batch(j, err)) return false;
    memcpy(j->pixels + (size_t)j->n_batch++ * input_floats(j), frame->pixels,
           input_floats(j) * sizeof *j->pixels);
    j->request[n].first = j->request[n].last = frame->time;
    j->look.frames[n] = (ask_find_frame){
        .index = frame->index,
        .pts = frame->pts,
        .t_s = frame->t_s,
        .duplicate_of = -1,
        .damaged = frame->damaged,
    };
    j->look.n++;
    return true;
}

/* Where one frame's part of the video ends and the next one's begins. Where a frame was met
 * twice, times are denser than frames, so one frame gives way to the other. */
static double edge_between(const job *j, int i)
{
    double next_s = j->look.frames[i + 1].t_s;
    bool is_dense = j->request[i].first < j->request[i].last ||
                    j->request[i + 1].first < j->request[i + 1].last;
    if (is_dense) return next_s;
    const double *t_s = j->sampling->t_s;
    return fmin((t_s[j->request[i].last] + t_s[j->request[i + 1].first]) / 2, next_s);
}

static void set_edges(job *j)
{
    ask_find_frame *frames = j->look.frames;
    int n = j->look.n;
    frames[0].start_s = fmin(j->sampling->start_s, frames[0].t_s);
    for (int i = 0; i + 1 < n; i++)
        frames[i].end_s = frames[i + 1].start_s = edge_between(j, i);
    frames[n - 1].end_s = j->sampling->end_s;
}

static bool make_room(job *j, ask_error *err)
{
    size_t n = (size_t)j->sampling->n, n_bytes;
    size_t n_batch = n < BATCH ? n : BATCH, one = embedding_floats(j) * sizeof(float);
    if (n > ASK_LOOK_MOST_BYTES / one)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "%zu frames of %d vectors each take more than %zu MiB: look at %zu "
                        "at most",
                        n, j->look.n_vectors, ASK_LOOK_MOST_BYTES >> 20,
                        ASK_LOOK_MOST_BYTES / one);
    j->look.frames = calloc(n, sizeof *j->look.frames);
    j->request = calloc(n, sizeof *j->request);
    j->look.embeddings = malloc(n * one);
    if (ask_mul_size(&n_bytes, n_batch * sizeof(float), input_floats(j)))
        j->pixels = malloc(n_bytes);
    return (j->look.frames && j->request && j->look.embeddings && j->pixels) ||
           ask_fail_memory(err);
}

bool ask_look_at(ask_look *out, ask_video *v, ask_session *s, const ask_sampling *sampling,
                 const ask_cancel *cancel, const ask_progress *progress, ask_error *err)
{
    job j = {
        .session = s,
        .sampling = sampling,
        .cancel = cancel,
        .model = ask_model_info_of(ask_session_model(s)),
    };
    j.look.n_vectors = j.model.n_vectors;
    j.look.n_embed = j.model.n_embed;
    ask_inputs_run run = {.cancel = cancel, .progress = progress};
    double start_s = ask_clock_s();
    bool ok = make_room(&j, err) &&
              ask_inputs_at(v, ask_session_model(s), sampling->t_s, sampling->n, &run,
                            take_input, &j, err) &&
              embed_batch(&j, err);
    if (ok) {
        set_edges(&j);
        j.look.encode_s += run.prepare_s;
        j.look.decode_s = ask_clock_s() - start_s - j.look.encode_s;
        *out = j.look;
    } else {
        ask_look_free(&j.look);
    }
    free(j.pixels);
    free(j.request);
    return ok;
}

ask_pictures ask_look_pictures(const ask_look *l)
{
    return (ask_pictures){l->embeddings, l->n, l->n_vectors, l->n_embed};
}

void ask_look_free(ask_look *l)
{
    free(l->frames);
    free(l->embeddings);
    *l = (ask_look){0};
}
