/* What the slots of a memory say, and which sights they are of. */
#include <string.h>

#include "model/memory_priv.h"

/* Their sum is 1, or none is left. */
static void take_shares(float *out, const float *shares, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += shares[i] > 0 ? shares[i] : 0;
    for (int i = 0; i < n && sum > 0; i++)
        out[i] = shares[i] > 0 ? (float)(shares[i] / sum) : 0;
}

void memory_tell_slots(ask_memory *out, const ask_model *m, const int64_t *event_sights,
                       const float *thing_sights)
{
    const network_memory_sizes z = memory_sizes(m);
    const int n_sights = z.info.n_frames * z.info.n_sights;
    memset(out->shares, 0, (size_t)z.info.n_slots * (size_t)n_sights * sizeof(float));
    for (int i = 0; i < z.info.n_slots; i++) {
        const int thing = i - z.info.n_events;
        float *shares = out->shares + (size_t)i * (size_t)n_sights;
        out->slots[i] =
            m->network->memory->slot(m->net, out->records + (size_t)i * (size_t)z.record);
        if (!out->is_there[i])
            out->slots[i].confidence = 0;
        else if (thing < 0)
            shares[event_sights[i]] = 1;
        else
            take_shares(shares, thing_sights + (size_t)thing * (size_t)n_sights, n_sights);
    }
}
