/* Memories of videos: sights put through one planned graph, and what comes of it kept. */
#include "model/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "model/memory_priv.h"

const network_memory *memory_of(const ask_model *m, ask_error *err)
{
    const network *n = m->network;
    if (!n->memory)
        ask_fail(err, ASK_ERR_UNSUPPORTED,
                 "%s: %s has no memory of videos; a network that has is timeline", m->dir,
                 n->name);
    return n->memory;
}

bool ask_memory_info_of(ask_memory_info *out, const ask_model *m, ask_error *err)
{
    if (!memory_of(m, err)) return false;
    *out = memory_sizes(m).info;
    return true;
}

/* ---- the graph ---- */

enum { SIGHTS, FEATURES, SIGHT_MASK };                   // inputs of the plan
enum { RECORDS, SLOT_MASK, EVENT_SIGHTS, THING_SIGHTS }; // outputs

static void plan_memory(session_plan *p, const ask_model *m)
{
    const network_memory_sizes z = memory_sizes(m);
    const int64_t n = (int64_t)z.info.n_frames * z.info.n_sights;
    p->in[SIGHTS] = ask_input(p->graph, ASK_F32, 3, (int64_t[]){1, n, z.sight});
    p->in[FEATURES] = ask_input(p->graph, ASK_F32, 3, (int64_t[]){1, n, z.feature});
    p->in[SIGHT_MASK] = ask_input(p->graph, ASK_BOOL, 2, (int64_t[]){1, n});
    const network_remember_input in = {
        .sights = p->in[SIGHTS], .features = p->in[FEATURES], .mask = p->in[SIGHT_MASK]};
    network_remember_output out = {0};
    m->network->memory->remember(&out, p->graph, m->net, &in);
    p->out[RECORDS] = out.records;
    p->out[SLOT_MASK] = out.mask;
    p->out[EVENT_SIGHTS] = out.event_sights;
    p->out[THING_SIGHTS] = out.thing_sights;
}

/* ---- a memory ---- */

static bool allocate(ask_memory *out, const ask_model *m, ask_error *err)
{
    const network_memory_sizes z = memory_sizes(m);
    const size_t n = (size_t)z.info.n_slots;
    const size_t n_sights = (size_t)z.info.n_frames * (size_t)z.info.n_sights;
    *out = (ask_memory){
        .n_slots = z.info.n_slots,
        .records = calloc(n, (size_t)z.record * sizeof *out->records),
        .is_there = calloc(n, sizeof *out->is_there),
        .slots = calloc(n, sizeof *out->slots),
        .shares = calloc(n, n_sights * sizeof *out->shares),
    };
    return (out->records && out->is_there && out->slots && out->shares) ||
           ask_fail_memory(err);
}

static void take(ask_memory *out, const ask_model *m, void *const *seen)
{
    const network_memory_sizes z = memory_sizes(m);
    const uint8_t *is_there = seen[SLOT_MASK];
    memcpy(out->records, seen[RECORDS],
           (size_t)out->n_slots * (size_t)z.record * sizeof *out->records);
    for (int i = 0; i < out->n_slots; i++) out->is_there[i] = is_there[i];
    memory_tell_slots(out, m, seen[EVENT_SIGHTS], seen[THING_SIGHTS]);
}

/* Of the sights of frames that are shown. Freed with free(). */
static uint8_t *mask_of(const bool *shown, const ask_memory_info *info, ask_error *err)
{
    const size_t n = (size_t)info->n_frames * (size_t)info->n_sights;
    uint8_t *mask = malloc(n);
    if (!mask) ask_fail_memory(err);
    for (size_t i = 0; mask && i < n; i++)
        mask[i] = !shown || shown[i / (size_t)info->n_sights];
    return mask;
}

static bool remember(ask_memory *out, ask_session *s, const ask_sights *sights,
                     uint8_t *mask, const ask_cancel *cancel, ask_error *err)
{
    void *in[SESSION_MAX_TENSORS] = {
        [SIGHTS] = sights->rows, [FEATURES] = sights->features, [SIGHT_MASK] = mask};
    void *seen[SESSION_MAX_TENSORS] = {0};
    ask_memory memory = {0};
    bool ok = allocate(&memory, s->model, err) &&
              session_compute(seen, s, plan_memory, 1, 0, in, cancel, err);
    if (ok) {
        take(&memory, s->model, seen);
        *out = memory;
    } else {
        ask_memory_free(&memory);
    }
    session_outputs_free(seen);
    return ok;
}

bool ask_memory_make(ask_memory *out, ask_session *s, const ask_sights *sights,
                     const bool *shown, const ask_cancel *cancel, ask_error *err)
{
    ask_memory_info info;
    if (!ask_memory_info_of(&info, s->model, err)) return false;
    if (sights->n != info.n_frames)
        return ask_fail(err, ASK_ERR_USAGE, "%d frames, but a memory is made of %d",
                        sights->n, info.n_frames);
    uint8_t *mask = mask_of(shown, &info, err);
    bool ok = mask && remember(out, s, sights, mask, cancel, err);
    free(mask);
    return ok;
}

void ask_memory_free(ask_memory *m)
{
    if (!m) return;
    free(m->records);
    free(m->is_there);
    free(m->slots);
    free(m->shares);
    *m = (ask_memory){0};
}
