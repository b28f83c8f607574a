/* train/timeline_tale_priv.h - what there is to tell of a clip's events and toys, and the
 * records that tell it. */
#ifndef ASK_TRAIN_TIMELINE_TALE_PRIV_H
#define ASK_TRAIN_TIMELINE_TALE_PRIV_H

#include "train/timeline_imagine_priv.h"

/* ---- by truth ---- */

enum { TALE_NONE = -1, TALE_MOST_RECORD = 1024 }; // no value; numbers of a record

/* Values are TALE_NONE where there is none. */
typedef struct {
    int class_;
    ask_guise who;
    int other_color, other_shape, later_color, way;
    double span[2];   // in frames
    double places[4]; // in px
} timeline_tale;

/* Of an event; sure: also what is not shown before `until`. */
timeline_tale timeline_tell_event(const ask_scene *s, int event, int until, bool sure);

/* Of a toy. False: it is never seen. */
bool timeline_tell_toy(timeline_tale *out, const ask_scene *s, const ask_scene_view *views,
                       int toy, int until);

void timeline_tell_places(timeline_tale *t, ask_spot from, ask_spot to);

/* ---- as it is remembered ---- */

/* What all records of a memory share. */
typedef struct {
    const ask_scene *s;
    const ask_scene_view *views;
    int until;
    const ask_timeline_config *c;
    const ask_memory_noise *noise; // none: all shares 0
    bool sure;                     // there is no noise
    ask_rng *r;
    ask_guise taken[ASK_SCENE_MAX_TOYS]; // what every toy is taken for
} timeline_memory;

/* The records [record] of an event and of a toy. who: as it is taken for. doubt: as in
 * ask_imagine_kind. */
void timeline_tell_event_row(const timeline_memory *m, float *row, const timeline_tale *t,
                             ask_guise who, double confidence, double doubt);
void timeline_tell_toy_row(const timeline_memory *m, float *row, const timeline_tale *t,
                           ask_guise who, double confidence, double doubt);

#endif
