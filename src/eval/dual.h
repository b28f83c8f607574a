/* eval/dual.h - a dual encoder answers from the video files, as `askance ask` and `askance
 * find` do: every video is looked at once, and all its questions share what was seen.
 *
 * Of a choice the answer is that of vqa/ask.h: with its log-probabilities, the moments and
 * frames of the evidence, and the verdict; not_in_video rejects it (without a verdict, a
 * presence under the threshold does). Of a query the moments are those of focus/find.h, and
 * a clip is worth what its best frame scores. Where something is to be pointed at, the
 * point is the hottest patch of the best frame of the evidence.
 *
 * A frame is seen with its neighbours, but in no order with the others: there is no
 * ASK_VIEW_SHUFFLED. */
#ifndef ASK_EVAL_DUAL_H
#define ASK_EVAL_DUAL_H

#include "eval/answerer.h"
#include "focus/seen.h"

typedef struct {
    size_t struct_size;
    ask_sampling_options sampling; // of every video; its window is that of the question
    bool no_points;                // do not point, which takes longer than all else
    bool no_checks;                // no checks, so no verdicts
    bool finds_only;               // queries alone: no choices
    uint64_t seed;                 // of the checks: 1
    const ask_cancel *cancel;      // borrowed until close; may be NULL
} ask_dual_options;
ASK_API ask_dual_options ask_dual_defaults(void);

typedef struct ask_dual ask_dual;

/* s is borrowed until close. opt may be NULL. Fails: ASK_ERR_MODEL, ASK_ERR_UNSUPPORTED for
 * a model without pictures; as the model does; ASK_ERR_NOMEM. */
ASK_API ask_dual *ask_dual_open(ask_session *s, const ask_dual_options *opt,
                                ask_error *err);
ASK_API void ask_dual_close(ask_dual *d); // NULL is fine

/* Valid until close. */
ASK_API ask_answerer ask_dual_answerer(ask_dual *d);

#endif
