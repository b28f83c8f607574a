#include "eval/item.h"

#include <math.h>
#include <string.h>

const char *ask_eval_type(const ask_eval_item *item)
{
    // What sets call it.
    static const char *const groups[] = {"type", "semantic", "reasoning"};
    const ask_data_record *r = &item->record;
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
        for (int i = 0; i < r->n_tags; i++)
            if (strcmp(r->tags[i].group, groups[g]) == 0) return r->tags[i].name;
    return r->n_tags > 0 ? r->tags[0].name : "";
}

int ask_eval_boxes_at(ask_box *out, const ask_eval_targets *t, double t_s)
{
    // Frames begin at whole numbers; half a hair of rounding is none of theirs.
    double frame = floor(t_s * t->fps + 1e-6);
    if (!(frame >= 0) || frame >= t->n_frames) return 0;
    const int16_t(*boxes)[4] = t->boxes + (size_t)frame * (size_t)t->n;
    int n = 0;
    for (int i = 0; i < t->n; i++) {
        const int16_t *b = boxes[i];
        if (b[2] <= b[0] || b[3] <= b[1]) continue;
        out[n++] = (ask_box){(double)b[0] / t->width, (double)b[1] / t->height,
                             (double)b[2] / t->width, (double)b[3] / t->height};
    }
    return n;
}
