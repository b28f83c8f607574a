#include "model/views.h"

#include <string.h>

int ask_views_frame(const ask_views *v)
{
    int frame = 0;
    while (frame + 1 < v->n && v->offset_s[frame] != 0) frame++;
    return frame;
}

void ask_views_join(float *out, const ask_views *v, const float *const *pictures,
                    size_t size)
{
    memcpy(out, pictures[ask_views_frame(v)], size * sizeof *out);
    for (int k = 0; k + 1 < v->n; k++) {
        const float *before = pictures[k], *after = pictures[k + 1];
        float *change = out + (size_t)(k + 1) * size;
        for (size_t i = 0; i < size; i++) change[i] = after[i] - before[i];
    }
}
