/* eval/watched_priv.h - the video that an answerer looks at: many questions are about one,
 * and it is opened and looked at once. */
#ifndef ASK_EVAL_WATCHED_PRIV_H
#define ASK_EVAL_WATCHED_PRIV_H

#include "data/dataset.h"
#include "focus/sampling.h"

/* Looks at a video that was opened, or throws away what was seen. */
typedef struct {
    void *user;
    bool (*look)(void *user, ask_video *v, const ask_sampling_options *sampling,
                 ask_error *err);
    void (*forget)(void *user);
    ask_sampling_options sampling; // its window is that of the question
    const ask_cancel *cancel;      // borrowed; may be NULL
} watcher;

/* What was looked at last. Start with {0}. */
typedef struct {
    char *path; // owned; NULL: nothing
    bool has_clip;
    ask_data_span clip;
    ask_sampling_options sampling; // with its window
    ask_video *video;              // owned
    ask_error failure;             // why it could not be; ASK_OK
} watched;

/* Looks at the video of a question, or the part of it that the question is about, unless it
 * was looked at just now. That it cannot be looked at is kept too, but for
 * ASK_ERR_CANCELLED and ASK_ERR_NOMEM. */
bool watched_see(watched *w, const watcher *who, const ask_data_record *r, ask_error *err);

void watched_forget(watched *w, const watcher *who); // leaves {0}

#endif
