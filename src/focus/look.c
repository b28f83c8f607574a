#include <math.h>
#include <stdlib.h>

#include "base/checked.h"
#include "base/clock.h"
#include "focus/look_priv.h"

/* A batch is embedded when it has this many pictures, or their pixels this many bytes. */
enum { BATCH_IMAGES = 16, BATCH_BYTES = 64 << 20 };

typedef struct {
    ask_session *session;
    const ask_sampling *sampling;
    const ask_cancel *cancel;
    const ask_progress *progress;
    int n_embed;
    ask_look look;
    struct {
        int first, last;
    } * request;                   // of each frame: the times that fell on it
    ask_image batch[BATCH_IMAGES]; // of the last n_batch frames, not embedded yet
    int n_batch;
    size_t batch_bytes;
} job;

static void drop_batch(job *j)
{
    for (int i = 0; i < j->n_batch; i++) ask_image_free(&j->batch[i]);
    j->n_batch = 0;
    j->batch_bytes = 0;
}

static bool embed_batch(job *j, ask_error *err)
{
    if (j->n_batch == 0) return true;
    double start_s = ask_clock_s();
    size_t first = (size_t)(j->look.n - j->n_batch);
    float *out = j->look.embeddings + first * (size_t)j->n_embed;
    bool ok = ask_embed_images(j->session, out, j->batch, j->n_batch, j->cancel, err);
    drop_batch(j);
    j->look.encode_s += ask_clock_s() - start_s;
    return ok;
}

static bool add_to_batch(job *j, const ask_image *image, ask_error *err)
{
    if (!ask_image_copy(&j->batch[j->n_batch], image, err)) return false;
    j->n_batch++;
    j->batch_bytes +=
        (size_t)image->width * (size_t)image->height * (size_t)image->channels;
    return true;
}

/* An ask_frame_fn. */
static bool take_frame(void *user, const ask_video_frame *frame, ask_error *err)
{
    job *j = user;
    int n = j->look.n;
    if (!ask_cancel_check(j->cancel, err)) return false;
    ask_progress_send(j->progress, frame->request + 1, j->sampling->n, "frames", "looking");
    if (n > 0 && j->look.frames[n - 1].pts == frame->pts) {
        j->request[n - 1].last = frame->request;
        return true;
    }
    if ((j->n_batch == BATCH_IMAGES || j->batch_bytes >= BATCH_BYTES) &&
        !embed_batch(j, err))
        return false;
    if (!add_to_batch(j, frame->image, err)) return false;
    j->request[n].first = j->request[n].last = frame->request;
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
    j->look.frames = calloc(n, sizeof *j->look.frames);
    j->request = calloc(n, sizeof *j->request);
    if (ask_mul_size(&n_bytes, n * sizeof(float), (size_t)j->n_embed))
        j->look.embeddings = malloc(n_bytes);
    return (j->look.frames && j->request && j->look.embeddings) || ask_fail_memory(err);
}

bool ask_look_at(ask_look *out, ask_video *v, ask_session *s, const ask_sampling *sampling,
                 const ask_cancel *cancel, const ask_progress *progress, ask_error *err)
{
    job j = {
        .session = s,
        .sampling = sampling,
        .cancel = cancel,
        .progress = progress,
        .n_embed = ask_model_info_of(ask_session_model(s)).n_embed,
    };
    double start_s = ask_clock_s();
    bool ok =
        make_room(&j, err) &&
        ask_video_frames_at(v, sampling->t_s, sampling->n, NULL, take_frame, &j, err) &&
        embed_batch(&j, err);
    if (ok) {
        set_edges(&j);
        j.look.decode_s = ask_clock_s() - start_s - j.look.encode_s;
        *out = j.look;
    } else {
        drop_batch(&j);
        ask_look_free(&j.look);
    }
    free(j.request);
    return ok;
}

void ask_look_free(ask_look *l)
{
    free(l->frames);
    free(l->embeddings);
    *l = (ask_look){0};
}
