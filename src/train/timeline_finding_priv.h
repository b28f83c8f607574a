/* train/timeline_finding_priv.h - teaching Timeline to find (net/joint/timeline_find.h): as
 * a dual encoder (train/clip_task.h) on top of cells that stay as they are. */
#ifndef ASK_TRAIN_TIMELINE_FINDING_PRIV_H
#define ASK_TRAIN_TIMELINE_FINDING_PRIV_H

#include "net/joint/timeline_find.h"
#include "train/clip_playroom.h"
#include "train/clip_task.h"

/* Bound networks; they outlive what is made of them. */
typedef struct {
    const ask_timeline *net;
    const ask_timeline_find *find;
} timeline_seeker;

ask_clip_towers timeline_towers_of(const timeline_seeker *s);

/* ---- the task ---- */

typedef struct timeline_finding timeline_finding;

typedef struct {
    timeline_seeker seeker;
    ask_store *store;
    int n_clips, n_frames, n_texts;     // of a step
    ask_clip_playroom_options playroom; // without sizes
} timeline_finding_options;

/* What is given outlives it. Adds the loss's own parameters to the store. Fails with
 * ASK_ERR_USAGE for sizes that do not fit. */
timeline_finding *timeline_finding_open(const timeline_finding_options *opt,
                                        ask_error *err);
void timeline_finding_close(timeline_finding *f); // after its trainer; NULL is fine

ask_train_task timeline_finding_task(timeline_finding *f);
ask_train_watch timeline_finding_watch(timeline_finding *f);

/* ---- how well it finds ---- */

typedef struct timeline_search timeline_search;

/* n_clips; playroom: without sizes, and of which split they are. Nothing is planned before
 * the first measuring. */
timeline_search *timeline_search_open(const timeline_seeker *seeker,
                                      const ask_clip_playroom_options *playroom,
                                      int n_clips, ask_backend *backend,
                                      const ask_cancel *cancel, ask_error *err);
void timeline_search_close(timeline_search *s); // NULL is fine

/* An ask_train_evaluation.evaluate of which user is the search. Of texts that are true of
 * some of a clip's frames, "hit" tells for how many the frame that fits best is one of
 * them; "hit_event" and "hit_thing" the same of texts about an event, and of others; "auc"
 * how often a frame of which a text is true fits it better than one of which it is not, of
 * whatever clips. */
bool timeline_search_run(void *search, int64_t step, ask_train_metrics *out,
                         ask_error *err);

#endif
