#include "focus/look.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/clock.h"
#include "focus/sampled.h"

enum { BATCH = 8 }; // inputs that are embedded together

typedef struct {
    ask_session *session;
    const ask_cancel *cancel;
    ask_model_info model;
    ask_look look;       // its frames are taken in the end
    ask_sampled sampled; // owned
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
    size_t first = (size_t)(j->sampled.n - j->n_batch);
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
    if (frame->pixels && j->n_batch == BATCH && !embed_batch(j, err)) return false;
    if (!ask_sampled_add(&j->sampled, frame)) return true;
    memcpy(j->pixels + (size_t)j->n_batch++ * input_floats(j), frame->pixels,
           input_floats(j) * sizeof *j->pixels);
    return true;
}

static bool make_room(job *j, const ask_sampling *sampling, ask_error *err)
{
    size_t n = (size_t)sampling->n, n_bytes;
    size_t n_batch = n < BATCH ? n : BATCH, one = embedding_floats(j) * sizeof(float);
    if (n > ASK_LOOK_MOST_BYTES / one)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "%zu frames of %d vectors each take more than %zu MiB: look at %zu "
                        "at most",
                        n, j->look.n_vectors, ASK_LOOK_MOST_BYTES >> 20,
                        ASK_LOOK_MOST_BYTES / one);
    if (!ask_sampled_new(&j->sampled, sampling->n, err)) return false;
    j->look.embeddings = malloc(n * one);
    if (ask_mul_size(&n_bytes, n_batch * sizeof(float), input_floats(j)))
        j->pixels = malloc(n_bytes);
    return (j->look.embeddings && j->pixels) || ask_fail_memory(err);
}

/* The frames go over to what was seen. */
static void end(job *j, const ask_sampling *sampling)
{
    ask_sampled_end(&j->sampled, sampling);
    j->look.frames = j->sampled.frames;
    j->look.n = j->sampled.n;
    j->sampled.frames = NULL;
}

bool ask_look_at(ask_look *out, ask_video *v, ask_session *s, const ask_sampling *sampling,
                 const ask_cancel *cancel, const ask_progress *progress, ask_error *err)
{
    job j = {
        .session = s,
        .cancel = cancel,
        .model = ask_model_info_of(ask_session_model(s)),
    };
    j.look.n_vectors = j.model.n_vectors;
    j.look.n_embed = j.model.n_embed;
    ask_inputs_run run = {.cancel = cancel, .progress = progress};
    double start_s = ask_clock_s();
    bool ok = make_room(&j, sampling, err) &&
              ask_inputs_at(v, ask_session_model(s), sampling->t_s, sampling->n, &run,
                            take_input, &j, err) &&
              embed_batch(&j, err);
    if (ok) {
        end(&j, sampling);
        j.look.encode_s += run.prepare_s;
        j.look.decode_s = ask_clock_s() - start_s - j.look.encode_s;
        *out = j.look;
    } else {
        ask_look_free(&j.look);
    }
    free(j.pixels);
    ask_sampled_free(&j.sampled);
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
