#include "media/viewers.h"

#include <limits.h>
#include <stdlib.h>

/* A time that is wanted: time `request` of viewer `viewer`. */
typedef struct {
    double t_s;
    int viewer, request;
} wish;

typedef struct {
    const ask_viewer *viewers;
    const ask_cancel *cancel;
    wish *wishes;  // owned; n of them, in the order of their times
    double *times; // owned; [n]
    int n;
} showing;

static int compare(const void *a, const void *b)
{
    const wish *x = a, *y = b;
    if (x->t_s != y->t_s) return x->t_s < y->t_s ? -1 : 1;
    if (x->viewer != y->viewer) return x->viewer < y->viewer ? -1 : 1;
    return x->request < y->request ? -1 : x->request > y->request;
}

static bool count_wishes(int *n, const ask_viewer *viewers, int n_viewers, ask_error *err)
{
    int64_t sum = 0;
    for (int i = 0; i < n_viewers; i++) sum += viewers[i].n;
    if (sum > INT_MAX)
        return ask_fail(err, ASK_ERR_LIMIT, "%lld times of one video are too many",
                        (long long)sum);
    *n = (int)sum;
    return true;
}

static bool make_wishes(showing *s, int n_viewers, ask_error *err)
{
    s->wishes = malloc((size_t)s->n * sizeof *s->wishes);
    s->times = malloc((size_t)s->n * sizeof *s->times);
    if (!s->wishes || !s->times) return ask_fail_memory(err);
    int n = 0;
    for (int i = 0; i < n_viewers; i++) {
        for (int k = 0; k < s->viewers[i].n; k++)
            s->wishes[n++] = (wish){s->viewers[i].t_s[k], i, k};
    }
    qsort(s->wishes, (size_t)n, sizeof *s->wishes, compare);
    for (int i = 0; i < n; i++) s->times[i] = s->wishes[i].t_s;
    return true;
}

/* An ask_frame_fn. */
static bool hand_over(void *user, const ask_video_frame *frame, ask_error *err)
{
    showing *s = user;
    if (!ask_cancel_check(s->cancel, err)) return false;
    const wish *w = &s->wishes[frame->request];
    const ask_viewer *viewer = &s->viewers[w->viewer];
    ask_video_frame own = *frame;
    own.request = w->request;
    return viewer->fn(viewer->user, &own, err);
}

bool ask_video_show(ask_video *v, const ask_viewer *viewers, int n_viewers,
                    const ask_cancel *cancel, ask_error *err)
{
    showing s = {.viewers = viewers, .cancel = cancel};
    if (!count_wishes(&s.n, viewers, n_viewers, err)) return false;
    if (s.n == 0) return true;
    bool ok = make_wishes(&s, n_viewers, err) &&
              ask_video_frames_at(v, s.times, s.n, NULL, hand_over, &s, err);
    free(s.wishes);
    free(s.times);
    return ok;
}
