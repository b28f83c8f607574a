#include "model/views.h"

#include <string.h>

int ask_views_frame(const ask_views *v)
{
    int frame = 0;
    while (frame + 1 < v->n && v->offset_s[frame] != 0) frame++;
    return frame;
}

/* out = after - before; apart from both. */
static void fill_change(float *restrict out, const float *before, const float *after,
                        size_t size)
{
    for (size_t i = 0; i < size; i++) out[i] = after[i] - before[i];
}

void ask_views_join(float *out, const ask_views *v, const float *const *pictures,
                    size_t size)
{
    const float *frame = pictures[ask_views_frame(v)];
    if (frame != out) memcpy(out, frame, size * sizeof *out);
    for (int k = 0; k + 1 < v->n; k++)
        fill_change(out + (size_t)(k + 1) * size, pictures[k], pictures[k + 1], size);
}
