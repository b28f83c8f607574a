/* focus/seen.h - a video as a session has seen it: its frames as embeddings, and what they
 * have in common with any text. Searches and questions about one video can share it:
 *
 *     ask_yardstick y = {0};
 *     ask_seen seen = {0};
 *     ask_find_options o = ask_find_defaults(); // with the sampling that is wanted
 *     if (!ask_yardstick_make(&y, s, &calibration, NULL, err) ||
 *         !ask_seen_make(&seen, v, s, &y, &o.sampling, NULL, NULL, err)) ...
 *     o.seen = &seen;
 *     ask_find(&r, v, s, "a red ball", &o, err); // gives the same as without, sooner
 */
#ifndef ASK_FOCUS_SEEN_H
#define ASK_FOCUS_SEEN_H

#include "focus/curve.h"
#include "focus/look.h"
#include "focus/yardstick.h"

struct ask_seen {
    const ask_yardstick *yardstick; // borrowed
    const ask_session *session;     // borrowed
    ask_sampling sampling;          // owned: the times that were looked at
    ask_look look;                  // owned
    ask_curve_chance chance;        // owned
};

/* Looks at the times of the sampling (opt may be NULL). A container may promise more than
 * there is; when that shows, the frames are counted and the times are resolved anew.
 * yardstick, and the session that it was made with, stay borrowed until ask_seen_free.
 * cancel and progress (frames) may be NULL. Fails as ask_find does. */
ASK_API bool ask_seen_make(ask_seen *out, ask_video *v, ask_session *s,
                           const ask_yardstick *yardstick, const ask_sampling_options *opt,
                           const ask_cancel *cancel, const ask_progress *progress,
                           ask_error *err);

/* The same times with nothing to see: each frame shows the grey picture, which the
 * yardstick has. For controls. Fails: ASK_ERR_NOMEM, ASK_ERR_MODEL, ASK_ERR_CANCELLED. */
ASK_API bool ask_seen_make_grey(ask_seen *out, const ask_seen *of, const ask_cancel *cancel,
                                ask_error *err);

/* Measures against another yardstick from now on, of the same session. On failure *s is as
 * it was. Fails as ask_curve_measure_chance does. */
ASK_API bool ask_seen_measure(ask_seen *s, const ask_yardstick *yardstick,
                              const ask_cancel *cancel, ask_error *err);

ASK_API void ask_seen_free(ask_seen *s); // leaves {0}; NULL is fine

#endif
