/* eval/by_memory.h - a model with a memory of videos (model/memory.h) answers from the
 * video files, as `askance ask` does: every video, or part of one, is looked at once, and
 * all its questions share what was seen.
 *
 * A choice has the log-probabilities of its options; an open question is answered with the
 * best of the model's own answers, a count with the number that this one is ("2", "two").
 * The moments are what it remembers, named as the question names events: first those that
 * the answer is seen in, then all other events. Where something is to be pointed at, the
 * point is the hottest place of the frame that shows most of the answer. An answer is
 * rejected when its presence is under the threshold, and when the model's own answer
 * denies. Queries are for a model that can also find (eval/dual.h). */
#ifndef ASK_EVAL_BY_MEMORY_H
#define ASK_EVAL_BY_MEMORY_H

#include "eval/answerer.h"
#include "focus/sampling.h"
#include "model/memory.h"

typedef struct {
    size_t struct_size;
    ask_sampling_options sampling; // of queries; questions look at as many frames as the
                                   // model does
    bool no_points;                // do not point
    bool no_checks;                // no checks, so no verdicts, which takes a fraction of
                                   // the time
    uint64_t seed;                 // of the checks: 1
    const ask_cancel *cancel;      // borrowed until close; may be NULL
} ask_by_memory_options;
ASK_API ask_by_memory_options ask_by_memory_defaults(void);

typedef struct ask_by_memory ask_by_memory;

/* s is borrowed until close. opt may be NULL. Fails: ASK_ERR_UNSUPPORTED for a model
 * without memory; ASK_ERR_MODEL (calibration.json), ASK_ERR_NOMEM. */
ASK_API ask_by_memory *ask_by_memory_open(ask_session *s, const ask_by_memory_options *opt,
                                          ask_error *err);
ASK_API void ask_by_memory_close(ask_by_memory *b); // NULL is fine

/* Valid until close. */
ASK_API ask_answerer ask_by_memory_answerer(ask_by_memory *b);

#endif
