#include <math.h>
#include <string.h>

#include "vqa/pointed_priv.h"

/* An event that is less sure is not told; a slot that has a smaller share of the answer is
 * not pointed at. */
static const double LEAST_CONFIDENCE = 0.2, LEAST_SHARE = 0.2;

/* ---- slots ---- */

static int best_slot(const pointed *p)
{
    int best = 0;
    for (int i = 1; i < p->n_slots; i++)
        if (p->pointer[i] > p->pointer[best]) best = i;
    return best;
}

bool pointed_at_none(const pointed *p)
{
    return p->pointer[p->n_slots] > p->pointer[best_slot(p)];
}

static bool is_pointed_at(const pointed *p, int slot)
{
    return p->is_there[slot] && p->pointer[slot] >= LEAST_SHARE && !pointed_at_none(p);
}

double pointed_score(const pointed *p, int slot)
{
    return pointed_at_none(p) ? 0 : p->pointer[slot];
}

static bool is_event(const pointed *p, int slot)
{
    return slot < p->n_events;
}

static bool is_told(const pointed *p, int slot)
{
    bool sure = is_event(p, slot) && p->slots[slot].confidence >= LEAST_CONFIDENCE;
    return p->is_there[slot] && (sure || is_pointed_at(p, slot));
}

static bool is_before(const pointed *p, int a, int b)
{
    double score_a = pointed_score(p, a), score_b = pointed_score(p, b);
    if (score_a != score_b) return score_a > score_b;
    return p->slots[a].confidence > p->slots[b].confidence;
}

int pointed_moments(int *out, const pointed *p)
{
    int n = 0;
    for (int slot = 0; slot < p->n_slots; slot++) {
        if (!is_told(p, slot)) continue;
        int at = n++;
        for (; at > 0 && is_before(p, slot, out[at - 1]); at--) out[at] = out[at - 1];
        out[at] = slot;
    }
    return n;
}

/* ---- times and frames ---- */

/* The times within an event, the nearest one where there is none. */
static void find_times(int *begin, int *end, const pointed *p, int slot)
{
    const ask_memory_slot *s = &p->slots[slot];
    *begin = (int)ceil(s->start * p->n_times - 0.5);
    *end = (int)floor(s->end * p->n_times - 0.5) + 1;
    if (*begin < *end) return;
    int middle = (int)floor((s->start + s->end) / 2 * p->n_times);
    *begin = middle < p->n_times ? middle : p->n_times - 1;
    *end = *begin + 1;
}

static const float *shares_of(const pointed *p, int slot, int time)
{
    return p->shares +
           ((size_t)slot * (size_t)p->n_times + (size_t)time) * (size_t)p->n_sights;
}

/* How much of a slot is in one of the times: all of them are 1 together. */
static double share_at(const pointed *p, int slot, int time)
{
    int begin, end;
    double sum = 0;
    if (is_event(p, slot)) {
        find_times(&begin, &end, p, slot);
        return time >= begin && time < end ? 1.0 / (end - begin) : 0;
    }
    for (int k = 0; k < p->n_sights; k++) sum += shares_of(p, slot, time)[k];
    return sum;
}

static int frame_at(const pointed *p, int time)
{
    int frame = 0;
    while (p->last[frame] < time) frame++;
    return frame;
}

int pointed_best_frame(const pointed *p, int slot)
{
    int begin, end, best = 0;
    if (is_event(p, slot)) {
        find_times(&begin, &end, p, slot);
        return frame_at(p, (begin + end - 1) / 2);
    }
    for (int t = 1; t < p->n_times; t++)
        if (share_at(p, slot, t) > share_at(p, slot, best)) best = t;
    return frame_at(p, best);
}

double pointed_frame(const pointed *p, int frame)
{
    double sum = 0;
    for (int t = p->first[frame]; t <= p->last[frame]; t++)
        for (int slot = 0; slot < p->n_slots; slot++)
            if (p->is_there[slot]) sum += p->pointer[slot] * share_at(p, slot, t);
    return sum;
}

/* ---- the evidence ---- */

/* How much a frame shows of a slot: its best time. */
static double shown_by(const pointed *p, int slot, int frame)
{
    double most = 0;
    for (int t = p->first[frame]; t <= p->last[frame]; t++)
        most = fmax(most, share_at(p, slot, t));
    return most;
}

/* Frames that are taken, as a set that also knows its size. */
typedef struct {
    int *items; // ascending
    int n, most;
} frame_set;

static void take(frame_set *s, int frame)
{
    int at = 0;
    while (at < s->n && s->items[at] < frame) at++;
    if (s->n == s->most || (at < s->n && s->items[at] == frame)) return;
    memmove(s->items + at + 1, s->items + at, (size_t)(s->n - at) * sizeof *s->items);
    s->items[at] = frame;
    s->n++;
}

/* Of the frames that show at least so much of a slot (any frame: slot < 0), how many there
 * are, and the i-th. */
static int nth_shown(const pointed *p, int slot, double least, int i, int *frame)
{
    int n = 0;
    for (int k = 0; k < p->n_frames; k++) {
        if (slot >= 0 && shown_by(p, slot, k) < least) continue;
        if (n++ == i) *frame = k;
    }
    return n;
}

/* Frames of a slot, evenly spread where there are more than n. */
static void take_spread(frame_set *s, const pointed *p, int slot, int n)
{
    double most = 0;
    for (int k = 0; slot >= 0 && k < p->n_frames; k++)
        most = fmax(most, shown_by(p, slot, k));
    int frame = 0, n_shown = nth_shown(p, slot, most / 2, -1, &frame);
    if (n > n_shown) n = n_shown;
    for (int k = 0; k < n; k++) {
        nth_shown(p, slot, most / 2, (2 * k + 1) * n_shown / (2 * n), &frame);
        take(s, frame);
    }
}

/* The slot with the most of the answer among those with less than `below`, or as much but
 * standing behind `after`; -1: none is pointed at. */
static int next_pointed(const pointed *p, double below, int after)
{
    int best = -1;
    for (int i = 0; i < p->n_slots; i++) {
        double share = p->pointer[i];
        bool is_left = share < below || (share == below && i > after);
        if (is_pointed_at(p, i) && is_left && (best < 0 || share > p->pointer[best]))
            best = i;
    }
    return best;
}

int pointed_evidence(int *out, const pointed *p, int n_keep, int most)
{
    int half = p->n_frames > 1 ? p->n_frames / 2 : 1;
    frame_set s = {.items = out, .most = half < most ? half : most};
    if (pointed_at_none(p)) {
        take_spread(&s, p, -1, n_keep < s.most ? n_keep : s.most);
        return s.n;
    }
    int slot = best_slot(p);
    take_spread(&s, p, slot, s.most);
    while ((slot = next_pointed(p, p->pointer[slot], slot)) >= 0)
        take_spread(&s, p, slot, s.most - s.n);
    return s.n;
}
