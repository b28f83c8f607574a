/* What single frames show. */
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "model/memory_priv.h"

enum { MOST_FRAMES = 8 }; // in a batch

enum { PIXELS };           // inputs of the plan
enum { SIGHTS, FEATURES }; // outputs

static void plan_frames(session_plan *p, const ask_model *m)
{
    const network_memory_sizes z = memory_sizes(m);
    network_frames_output out = {0};
    p->in[PIXELS] = ask_input(p->graph, ASK_F32, 4,
                              (int64_t[]){p->batch, z.n_channels, z.image_px, z.image_px});
    m->network->memory->frames(&out, p->graph, m->net, p->in[PIXELS]);
    p->out[SIGHTS] = out.sights;
    p->out[FEATURES] = out.features;
}

/* How many numbers of a frame. */
typedef struct {
    size_t pixels, sights, features;
} frame_sizes;

static frame_sizes sizes_of(const ask_model *m)
{
    const network_memory_sizes z = memory_sizes(m);
    const size_t side = (size_t)z.image_px, n_sights = (size_t)z.info.n_sights;
    return (frame_sizes){.pixels = (size_t)z.n_channels * side * side,
                         .sights = n_sights * (size_t)z.sight,
                         .features = n_sights * (size_t)z.feature};
}

/* Room for n frames of so many numbers each; what is there stays. */
static bool grow(float **rows, int n, size_t size, ask_error *err)
{
    size_t bytes;
    if (!ask_bytes_of(&bytes, n, size * sizeof **rows)) return ask_fail_memory(err);
    float *more = realloc(*rows, bytes);
    if (!more) return ask_fail_memory(err);
    *rows = more;
    return true;
}

/* For n more frames. */
static bool make_room(ask_sights *s, int n, const frame_sizes *size, ask_error *err)
{
    int64_t all;
    if (!ask_add_i64(&all, s->n, n) || all > INT32_MAX) return ask_fail_memory(err);
    return grow(&s->rows, (int)all, size->sights, err) &&
           grow(&s->features, (int)all, size->features, err);
}

/* At frame `at` of what there is room for. */
static bool look(ask_sights *out, int at, ask_session *s, const float *pixels, int n,
                 const ask_cancel *cancel, ask_error *err)
{
    const frame_sizes size = sizes_of(s->model);
    void *in[SESSION_MAX_TENSORS] = {[PIXELS] = (void *)(uintptr_t)pixels}; // only read
    void *seen[SESSION_MAX_TENSORS] = {0};
    bool ok = session_compute(seen, s, plan_frames, n, 0, in, cancel, err);
    if (ok) {
        memcpy(out->rows + (size_t)at * size.sights, seen[SIGHTS],
               (size_t)n * size.sights * sizeof(float));
        memcpy(out->features + (size_t)at * size.features, seen[FEATURES],
               (size_t)n * size.features * sizeof(float));
    }
    session_outputs_free(seen);
    return ok;
}

bool ask_sights_add(ask_sights *out, ask_session *s, const float *pixels, int n,
                    const ask_cancel *cancel, ask_error *err)
{
    if (!memory_of(s->model, err)) return false;
    if (n <= 0) return true;
    const frame_sizes size = sizes_of(s->model);
    if (!make_room(out, n, &size, err)) return false;
    for (int i = 0; i < n; i += MOST_FRAMES) {
        int batch = n - i < MOST_FRAMES ? n - i : MOST_FRAMES;
        if (!look(out, out->n + i, s, pixels + (size_t)i * size.pixels, batch, cancel, err))
            return false;
    }
    out->n += n;
    return true;
}

bool ask_sights_copy(ask_sights *out, const ask_model *m, const ask_sights *from,
                     const int *which, int n, ask_error *err)
{
    if (!memory_of(m, err)) return false;
    if (n <= 0) return true;
    const frame_sizes size = sizes_of(m);
    if (!make_room(out, n, &size, err)) return false;
    for (int i = 0; i < n; i++) {
        const size_t to = (size_t)(out->n + i), at = (size_t)which[i];
        memcpy(out->rows + to * size.sights, from->rows + at * size.sights,
               size.sights * sizeof *out->rows);
        memcpy(out->features + to * size.features, from->features + at * size.features,
               size.features * sizeof *out->features);
    }
    out->n += n;
    return true;
}

void ask_sights_free(ask_sights *s)
{
    if (!s) return;
    free(s->rows);
    free(s->features);
    *s = (ask_sights){0};
}

ask_sight ask_sights_at(const ask_sights *s, const ask_model *m, int i, int k)
{
    const network_memory_sizes z = memory_sizes(m);
    const size_t row = (size_t)i * (size_t)z.info.n_sights + (size_t)k;
    return m->network->memory->sight(m->net, s->rows + row * (size_t)z.sight);
}
