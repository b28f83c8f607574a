/* metric/events.h - mean average precision of events that are found in time.
 *
 * An event has a class and a span. Per class all predictions of all videos stand in one
 * ranking by their score (of equals, the earlier added first); within a video, each takes
 * the truth of its class as metric/precision.h says, so an event of another class finds
 * nothing. The mean is over the classes that the truth has: what is predicted of others
 * counts nowhere. After: Heilbron et al. 2015 (ActivityNet).
 *
 *     ask_event_ap *e = ask_event_ap_new(0.5, err);
 *     for each video: ask_event_ap_add(e, predicted, n, truths, n_truths, err);
 *     ask_event_ap_finish(e, err);
 *     double map = ask_event_ap_mean(e, NULL); */
#ifndef ASK_METRIC_EVENTS_H
#define ASK_METRIC_EVENTS_H

#include "metric/precision.h"

typedef struct {
    const char *label; // its class
    ask_span at;
    double score; // of a prediction
} ask_named_span;

typedef struct ask_event_ap ask_event_ap;

/* threshold: of the IoU. NULL: ASK_ERR_NOMEM. */
ASK_API ask_event_ap *ask_event_ap_new(double threshold, ask_error *err);
ASK_API void ask_event_ap_free(ask_event_ap *e); // NULL is fine

/* Adds a video. Nothing is borrowed. Fails: ASK_ERR_NOMEM; then e can only be freed. */
ASK_API bool ask_event_ap_add(ask_event_ap *e, const ask_named_span *predicted, size_t n,
                              const ask_named_span *truths, size_t n_truths,
                              ask_error *err);

/* Puts what was added into order: before the mean is asked for. Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_event_ap_finish(ask_event_ap *e, ask_error *err);

/* The mean over classes; NaN where there is no truth. weights (may be NULL: all 1): how
 * often each video counts, in the order in which they were added. */
ASK_API double ask_event_ap_mean(ask_event_ap *e, const double *weights);

ASK_API size_t ask_event_ap_n_truths(const ask_event_ap *e);

#endif
