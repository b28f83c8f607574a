/* focus/sampled.h - the frames that the times of a sampling fall on. */
#ifndef ASK_FOCUS_SAMPLED_H
#define ASK_FOCUS_SAMPLED_H

#include "focus/find.h"
#include "model/inputs.h"

/* Each frame once. */
typedef struct {
    ask_find_frame *frames; // owned; [n] in time order; how they fit a text is not known
    int *first, *last;      // owned; [n]: the times that fell on each
    int n;
} ask_sampled;

/* Room for as many as there are times. Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_sampled_new(ask_sampled *out, int n_times, ask_error *err);
/* Takes what model/inputs.h gives, in order. Whether the frame is a new one. */
ASK_API bool ask_sampled_add(ask_sampled *s, const ask_input_frame *frame);
/* After the last: which part of the video each frame stands for. */
ASK_API void ask_sampled_end(ask_sampled *s, const ask_sampling *sampling);
ASK_API void ask_sampled_free(ask_sampled *s); // leaves {0}

/* Most frames that the times fall on; exact where frames were counted. Fails as the video
 * does when its frames are counted. */
ASK_API bool ask_sampled_most(int *out, ask_video *v, const ask_sampling *sampling,
                              ask_error *err);

/* Looks at the times; what a failed look has is its own to throw away. */
typedef bool (*ask_sampling_fn)(void *user, const ask_sampling *sampling, ask_error *err);

/* Resolves a sampling and looks. A container may promise more than there is; when that
 * shows, the frames are counted, the times are resolved anew and looked at. Fails as
 * ask_sampling_resolve and `look` do; *out is then untouched. */
ASK_API bool ask_sampling_look(ask_sampling *out, ask_video *v,
                               const ask_sampling_options *opt, ask_sampling_fn look,
                               void *user, ask_error *err);

#endif
