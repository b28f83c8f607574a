#include "metric/span.h"

#include <math.h>

static double overlap(ask_span a, ask_span b)
{
    return fmin(a.end_s, b.end_s) - fmax(a.start_s, b.start_s);
}

double ask_span_iou(ask_span a, ask_span b)
{
    double o = overlap(a, b);
    if (!(o > 0)) return 0;
    return o / (a.end_s - a.start_s + b.end_s - b.start_s - o);
}

double ask_span_iop(ask_span predicted, ask_span truth)
{
    double o = overlap(predicted, truth), length = predicted.end_s - predicted.start_s;
    if (length > 0) return o > 0 ? o / length : 0;
    return o >= 0 ? 1 : 0;
}

typedef double measure(ask_span predicted, ask_span truth);

static double best(measure *of, ask_span predicted, const ask_span *truths, int n)
{
    double most = 0;
    for (int i = 0; i < n; i++) most = fmax(most, of(predicted, truths[i]));
    return most;
}

double ask_span_best_iou(ask_span predicted, const ask_span *truths, int n)
{
    return best(ask_span_iou, predicted, truths, n);
}

double ask_span_best_iop(ask_span predicted, const ask_span *truths, int n)
{
    return best(ask_span_iop, predicted, truths, n);
}
