/* metric/span.h - parts of a video in seconds, held against each other.
 *
 * With o the length of the overlap:
 *
 *     IoU = o / length of the union         0 where nothing overlaps
 *     IoP = o / length of the prediction    of a prediction without length: 1 when it lies
 *                                           in the truth, its ends included, else 0
 *
 * After: Xiao et al. 2024 (NExT-GQA); where truth has several spans, a prediction has the
 * best of each measure, each for itself. */
#ifndef ASK_METRIC_SPAN_H
#define ASK_METRIC_SPAN_H

#include "base/api.h"

typedef struct {
    double start_s, end_s; // start_s <= end_s
} ask_span;

ASK_API double ask_span_iou(ask_span a, ask_span b);
ASK_API double ask_span_iop(ask_span predicted, ask_span truth);

/* The best over n spans; 0 of none. */
ASK_API double ask_span_best_iou(ask_span predicted, const ask_span *truths, int n);
ASK_API double ask_span_best_iop(ask_span predicted, const ask_span *truths, int n);

/* A right answer is grounded from these on: Acc@GQA, and the stricter one of this project.
 */
#define ASK_SPAN_GROUNDED_IOP 0.5
#define ASK_SPAN_GROUNDED_IOU 0.3

#endif
