/* model/views.h - several pictures of one moment as the channels of one input.
 *
 * A network that is to feel motion sees a frame together with its neighbours in time. Of n
 * pictures, in the order of their times, one is the frame itself (offset 0); the network
 * gets 3 n channels: the frame, then what changes from each picture to the next. Of three,
 * before, frame and after:
 *
 *     [frame, frame - before, after - frame]
 *
 * Every picture is prepared (model/preprocess.h) before differences are taken, so means
 * cancel and deviations divide. */
#ifndef ASK_MODEL_VIEWS_H
#define ASK_MODEL_VIEWS_H

#include <stddef.h>

#include "base/api.h"

enum { ASK_MOST_VIEWS = 8 };

/* When the pictures of an input are taken. A plain value. */
typedef struct {
    int n;                           // 1: the frame alone
    double offset_s[ASK_MOST_VIEWS]; // [n] from the frame's time, ascending; one is 0
} ask_views;

static inline ask_views ask_views_none(void)
{
    return (ask_views){.n = 1};
}

/* Which of them is the frame itself. */
ASK_API int ask_views_frame(const ask_views *v);

/* out: [n, size] from pictures: n pointers to `size` numbers each (3 channels of a picture,
 * or whatever is compared place by place). out overlaps none of them, but the frame itself
 * may stand at its beginning already. */
ASK_API void ask_views_join(float *out, const ask_views *v, const float *const *pictures,
                            size_t size);

#endif
